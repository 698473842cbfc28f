// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/drops.h"

#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"
#include "chaincore/crypto/table_hash.h"

enum { BUCKETS = 2 * LIMIT_RECENT_DROPS };

struct drop {
    struct hash id;
    enum tx_code code;
    bool is_listed; // in its bucket; not when it was dropped again since
    struct drop *next_in_bucket;
};

struct drops {
    struct table_key key;
    struct drop ring[LIMIT_RECENT_DROPS];
    struct drop *buckets[BUCKETS];
    uint64_t total;
};

struct drops *drops_create(void) {
    struct drops *drops = mem_alloc(sizeof *drops);
    table_key_draw(&drops->key);
    return drops;
}

void drops_free(struct drops *drops) { mem_free(drops); }

static size_t bucket_of(const struct drops *drops, const struct hash *id) {
    return table_hash(&drops->key, BYTES_OF(id->bytes)) % BUCKETS;
}

static void remove_listed(struct drops *drops, const struct hash *id) {
    struct drop **link = &drops->buckets[bucket_of(drops, id)];
    while (*link && !hash_equal(&(*link)->id, id)) link = &(*link)->next_in_bucket;
    if (!*link) return;
    (*link)->is_listed = false;
    *link = (*link)->next_in_bucket;
}

void drops_add(struct drops *drops, const struct hash *id, enum tx_code code) {
    struct drop *drop = &drops->ring[drops->total % LIMIT_RECENT_DROPS];
    if (drop->is_listed) remove_listed(drops, &drop->id);
    remove_listed(drops, id);
    struct drop **bucket = &drops->buckets[bucket_of(drops, id)];
    *drop = (struct drop){.id = *id, .code = code, .is_listed = true, .next_in_bucket = *bucket};
    *bucket = drop;
    drops->total++;
}

bool drops_find(const struct drops *drops, const struct hash *id, enum tx_code *code) {
    const struct drop *drop = drops->buckets[bucket_of(drops, id)];
    while (drop && !hash_equal(&drop->id, id)) drop = drop->next_in_bucket;
    if (!drop) return false;
    *code = drop->code;
    return true;
}

uint64_t drops_total(const struct drops *drops) { return drops->total; }

const struct hash *drops_id(const struct drops *drops, uint64_t number) {
    ENSURE(number < drops->total && number + LIMIT_RECENT_DROPS >= drops->total);
    return &drops->ring[number % LIMIT_RECENT_DROPS].id;
}
