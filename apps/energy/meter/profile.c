// SPDX-License-Identifier: Apache-2.0
#include "apps/energy/meter/profile.h"

const struct household households[HOUSEHOLDS] = {
    {"home-1", 1, 6000, 300, 0}, {"home-2", 1, 4000, 250, 0},    {"home-3", 1, 0, 400, 7000},
    {"home-4", 2, 8000, 350, 0}, {"home-5", 2, 3000, 200, 3600}, {"home-6", 1, 0, 300, 11000},
};

enum {
    DAY_SLOTS = 96,
    SUNRISE = 26,
    SUNSET = 78,
    NIGHT_END = 20,
    HOUR_SLOTS = 4,
    MORNING = 28,
    NOON = 46,
    EVENING = 72
};

// Base units a Wh.
enum { ASK = 3600, WAITING_BID = 2800, BID = 5200, EVENING_MORE = 1200, MUCH_WH = 300 };

// Between 70 and 100 hundredths: what clouds and habits leave, another one for each slot.
static uint64_t weather(uint32_t slot, uint32_t salt) {
    uint32_t mixed = (slot + salt * 7919) * UINT32_C(2654435761);
    return 70 + (mixed >> 16) % 31;
}

// A parabola over the day: watts.
static uint64_t sun_w(uint32_t roof_w, uint32_t of_day) {
    enum { HALF = (SUNSET - SUNRISE) / 2 };
    if (of_day < SUNRISE || of_day >= SUNSET) return 0;
    uint64_t from_start = of_day - SUNRISE, to_end = SUNSET - of_day;
    return (uint64_t)roof_w * from_start * to_end / ((uint64_t)HALF * HALF);
}

static bool is_evening(uint32_t of_day) {
    return of_day >= EVENING && of_day < EVENING + 4 * HOUR_SLOTS;
}

static uint64_t house_w(const struct household *household, uint32_t of_day) {
    uint64_t watts = household->base_w;
    bool is_busy = (of_day >= MORNING && of_day < MORNING + 2 * HOUR_SLOTS) ||
                   (of_day >= NOON && of_day < NOON + 2 * HOUR_SLOTS) || is_evening(of_day);
    if (is_busy) watts += 3 * (uint64_t)household->base_w;
    if (of_day < NIGHT_END) watts += household->car_w;
    return watts;
}

uint64_t profile_wh(const struct household *household, enum direction direction, uint32_t slot) {
    uint32_t of_day = slot % DAY_SLOTS;
    uint64_t watts =
        direction == EXPORT ? sun_w(household->roof_w, of_day) : house_w(household, of_day);
    return watts * weather(slot, household->base_w) / 100 / HOUR_SLOTS;
}

static size_t add_wish(struct wish_of_slot *out, size_t count, struct wish_of_slot wish) {
    if (wish.wh > 0) out[count++] = wish;
    return count;
}

size_t profile_wishes(struct wish_of_slot out[WISHES], const struct household *household,
                      uint32_t slot, uint64_t lot_wh) {
    uint64_t fed = profile_wh(household, EXPORT, slot), taken = profile_wh(household, IMPORT, slot);
    uint64_t number = (uint64_t)(household - households);
    uint64_t more = is_evening(slot % DAY_SLOTS) ? EVENING_MORE : 0;
    if (fed > taken) {
        uint64_t surplus = (fed - taken) / lot_wh * lot_wh;
        return add_wish(out, 0, (struct wish_of_slot){SELL, ASK + 200 * number + more, surplus});
    }
    uint64_t need = (taken - fed) / lot_wh * lot_wh;
    uint64_t waits = need > MUCH_WH ? need / 2 / lot_wh * lot_wh : 0;
    size_t count =
        add_wish(out, 0, (struct wish_of_slot){BUY, BID + 100 * number + more, need - waits});
    return add_wish(out, count,
                    (struct wish_of_slot){BUY, WAITING_BID + 100 * number + more, waits});
}

void meter_key_of(struct meter_key *out, const struct household *household,
                  enum direction direction) {
    struct buf text = {0};
    struct hash seed;
    buf_append_format(&text, "meter of %s, %d", household->role, (int)direction);
    hash_bytes(&seed, HASH_USER, buf_bytes(&text));
    key_from_seed(&out->secret, &out->key, seed.bytes);
    buf_clear(&text);
}

static void sign_text(struct signature *out, const struct meter_key *meter,
                      const struct hash *chain_id, struct buf *text) {
    struct hash payload;
    hash_bytes(&payload, HASH_USER, buf_bytes(text));
    sign_payload(out, &meter->secret, SIGN_JOURNAL, chain_id, &payload);
    buf_clear(text);
}

void meter_sign_in(struct signature *out, const struct meter_key *meter,
                   const struct meter_place *place, const struct meter_owner *owner) {
    struct buf text = {0};
    buf_append_string(&text, METER_TEXT);
    encode_fixed(&text, place->contract, sizeof *place->contract);
    encode_u32(&text, owner->zone);
    encode_u8(&text, owner->direction);
    encode_fixed(&text, &owner->owner, sizeof owner->owner);
    sign_text(out, meter, place->chain_id, &text);
}

void meter_sign_reading(struct signature *out, const struct meter_key *meter,
                        const struct meter_place *place, const struct meter_reading *reading) {
    struct buf text = {0};
    buf_append_string(&text, READING_TEXT);
    encode_fixed(&text, place->contract, sizeof *place->contract);
    encode_u32(&text, reading->slot);
    encode_u64(&text, reading->wh);
    encode_u64(&text, reading->sequence);
    sign_text(out, meter, place->chain_id, &text);
}
