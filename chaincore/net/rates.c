// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/rates.h"

enum { WAYS = 4, ONE = 1000 };

_Static_assert(LIMIT_RATED_OWNERS % WAYS == 0, "each set is whole");

void rates_init(struct rates *out, uint32_t at_once, uint32_t per_s) {
    ENSURE(at_once > 0 && per_s > 0);
    memset(out, 0, sizeof *out);
    table_key_draw(&out->key);
    out->at_once = at_once;
    out->per_s = per_s;
}

static uint64_t spent_now(const struct rates *rates, const struct rate *rate, uint64_t now_ms) {
    uint64_t passed_ms = now_ms > rate->counted_ms ? now_ms - rate->counted_ms : 0;
    if (passed_ms > rate->spent / rates->per_s) return 0;
    return rate->spent - passed_ms * rates->per_s;
}

// Its own, or the one of its set that has spent least.
static struct rate *place_of(struct rates *rates, struct bytes owner, uint64_t now_ms) {
    size_t sets = LIMIT_RATED_OWNERS / WAYS;
    struct rate *set = &rates->slots[table_hash(&rates->key, owner) % sets * WAYS], *least = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (bytes_equal(bytes_of(set[i].owner, set[i].owner_len), owner)) return &set[i];
        if (spent_now(rates, &set[i], now_ms) < spent_now(rates, least, now_ms)) least = &set[i];
    }
    *least = (struct rate){.owner_len = (uint8_t)owner.len};
    memcpy(least->owner, owner.data, owner.len);
    return least;
}

bool rates_take(struct rates *rates, struct bytes owner, uint64_t now_ms) {
    ENSURE(owner.len > 0 && owner.len <= sizeof rates->slots->owner);
    struct rate *rate = place_of(rates, owner, now_ms);
    rate->spent = spent_now(rates, rate, now_ms);
    rate->counted_ms = now_ms;
    if (rate->spent + ONE > (uint64_t)rates->at_once * ONE) return false;
    rate->spent += ONE;
    return true;
}
