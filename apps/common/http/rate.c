// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/rate.h"

#include <pthread.h>

#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"
#include "chaincore/crypto/table_hash.h"

enum { WAYS = 8, SETS = LIMIT_HTTP_RATE_BUCKETS / WAYS, LOCKS = 16, US_PER_S = 1000000 };

struct bucket {
    uint64_t who;     // hashed
    uint64_t full_us; // when it is full
};

struct rate_table {
    struct rate_limit limit;
    uint64_t token_us; // in which one more comes
    struct table_key key;
    pthread_mutex_t locks[LOCKS];
    struct bucket buckets[SETS][WAYS];
};

struct rate_table *rate_table_open(const struct rate_limit *limit) {
    ENSURE(limit->burst > 0 && limit->per_minute > 0);
    struct rate_table *table = mem_alloc(sizeof *table);
    table->limit = *limit;
    table->token_us = (uint64_t)60 * US_PER_S / limit->per_minute;
    if (table->token_us == 0) table->token_us = 1;
    table_key_draw(&table->key);
    for (int i = 0; i < LOCKS; i++) pthread_mutex_init(&table->locks[i], NULL);
    return table;
}

void rate_table_close(struct rate_table *table) {
    if (!table) return;
    for (int i = 0; i < LOCKS; i++) pthread_mutex_destroy(&table->locks[i]);
    mem_free(table);
}

// Its own, or that of whoever used the least.
static struct bucket *find(struct bucket set[WAYS], uint64_t who) {
    struct bucket *fullest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].who == who) return &set[i];
        if (set[i].full_us < fullest->full_us) fullest = &set[i];
    }
    *fullest = (struct bucket){.who = who};
    return fullest;
}

static uint32_t seconds_up(uint64_t us) { return (uint32_t)((us + US_PER_S - 1) / US_PER_S); }

struct rate rate_take(struct rate_table *table, struct bytes who, uint64_t now_us) {
    uint64_t hash = table_hash(&table->key, who), whole_us = table->token_us * table->limit.burst;
    size_t set = hash % SETS;
    struct rate out = {0};
    pthread_mutex_lock(&table->locks[set % LOCKS]);
    struct bucket *bucket = find(table->buckets[set], hash);
    uint64_t full_us = bucket->full_us > now_us ? bucket->full_us : now_us;
    out.is_allowed = full_us - now_us + table->token_us <= whole_us;
    if (out.is_allowed) bucket->full_us = full_us += table->token_us;
    pthread_mutex_unlock(&table->locks[set % LOCKS]);
    uint64_t used_us = full_us - now_us, left_us = whole_us - used_us;
    out.remaining = (uint32_t)(left_us / table->token_us);
    out.wait_s = seconds_up(table->token_us - left_us % table->token_us);
    return out;
}
