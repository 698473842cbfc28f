// SPDX-License-Identifier: Apache-2.0
// What the contract keeps, and the ways to it. Included by sharing.c alone.
//   'n'                       -> how many assets there have been, u64
//   'm'                       -> how many bookings, u64
//   'a' ‖ asset               -> struct asset, up to the end of its texts
//   'b' ‖ booking             -> struct booking, while it is open
//   'c' ‖ asset ‖ until       -> struct slot: the asset's time that is taken, by a booking or its
//                                owner. Slots of one asset never overlap, so the first that ends
//                                behind a time is also the first that begins there.
//   'g' ‖ booking             -> a grant (challenge.h), while the booking is open and has a lock
//   'p' ‖ lock                -> a policy (challenge.h), while the lock is bound
//   'k' ‖ lock                -> struct lock, for ever: bindings are not to be bound again
// Numbers in keys are big-endian.
#ifndef LMM_SHARING_CONTRACT_RECORDS_H
#define LMM_SHARING_CONTRACT_RECORDS_H

#include "apps/sharing/contract/challenge.h"
#include "apps/sharing/contract/rules.h"
#include "chaincore/sdk/lmm.h"

enum { KEY_MAX = 17 + 16 };
enum {
    TEXTS_MAX =
        4 * 4 + SHARING_TITLE_MAX + SHARING_TEXT_MAX + SHARING_PLACE_MAX + SHARING_CATEGORY_MAX
};

struct asset {
    uint64_t number;
    uint8_t owner[32];
    uint8_t is_withdrawn;
    uint8_t lock[32]; // zeros: none
    uint32_t blocked; // how many ranges its owner has taken
    int64_t latitude; // 1e-7 degrees
    int64_t longitude;
    uint8_t photo[32]; // hash
    uint64_t price;    // a minute
    uint8_t unit;
    uint64_t deposit;
    uint32_t late_cap;        // minutes
    uint32_t cancel_free;     // minutes before the beginning
    uint8_t cancel_part;      // per cent of the rent
    uint8_t texts[TEXTS_MAX]; // title, text, place, category: each a u32 length and bytes
} __attribute__((packed));
enum { ASSET_HEAD = sizeof(struct asset) - TEXTS_MAX };

struct booking {
    uint64_t number;
    uint64_t asset;
    uint8_t owner[32]; // what the owner asked when it was booked is what counts
    uint8_t renter[32];
    uint8_t renter_key[32];
    uint8_t lock[32]; // zeros: none
    uint64_t policy_epoch;
    uint64_t from_ms;
    uint64_t until_ms;
    uint64_t price;    // a minute
    uint32_t late_cap; // minutes
    uint32_t cancel_free;
    uint8_t cancel_part;
    uint64_t rent;    // in escrow
    uint64_t deposit; // in escrow
    uint8_t state;
    uint8_t outcome;
    uint64_t counter; // of the last challenge
    uint64_t started_ms;
    uint64_t ended_ms;
    uint64_t minutes; // that are billed
    uint64_t bill;    // to the owner
    uint64_t refund;  // to the renter, beside what the timer had left
    uint64_t timer_ms;
    uint64_t timer_id;
    uint64_t timer_units; // that it was paid with
} __attribute__((packed));

struct slot {
    uint64_t booking; // 0: taken by the owner
    uint64_t from_ms;
} __attribute__((packed));

struct lock {
    uint64_t counter;
    uint64_t epoch; // the next policy's
} __attribute__((packed));

static struct asset asset; // those at hand
static uint32_t asset_len;
static struct booking booking;
static uint64_t now;

// ---- keys

static inline void put_be(uint8_t *out, uint64_t value) {
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(value >> (56 - 8 * i));
}

struct number_key {
    uint8_t bytes[9];
};

static struct number_key number_key(uint8_t kind, uint64_t number) {
    struct number_key key;
    key.bytes[0] = kind;
    put_be(key.bytes + 1, number);
    return key;
}

struct slot_key {
    uint8_t bytes[17];
};
enum { SLOT_PREFIX = 9 };

static struct slot_key slot_key(uint64_t of_asset, uint64_t until_ms) {
    struct slot_key key;
    key.bytes[0] = 'c';
    put_be(key.bytes + 1, of_asset);
    put_be(key.bytes + SLOT_PREFIX, until_ms);
    return key;
}

// ---- assets and bookings

static uint64_t next_number(const char *counter) {
    uint64_t count = 0;
    lmm_storage_get(counter, 1, &count, sizeof count);
    count++;
    lmm_storage_set(counter, 1, &count, sizeof count);
    return count;
}

static bool find_asset(uint64_t number) {
    struct number_key key = number_key('a', number);
    int32_t len = lmm_storage_get(&key, sizeof key, &asset, sizeof asset);
    asset_len = len < 0 ? 0 : (uint32_t)len;
    return len >= 0;
}

static void load_asset(uint64_t number) {
    if (!find_asset(number)) lmm_refuse(SHARING_UNKNOWN_ASSET);
}

static bool is_caller(const uint8_t account[32]) {
    uint8_t caller[32];
    lmm_caller(caller);
    return memcmp(caller, account, sizeof caller) == 0;
}

// The caller's own, and on offer.
static void load_own_asset(uint64_t number) {
    load_asset(number);
    if (!is_caller(asset.owner)) lmm_refuse(SHARING_NOT_THE_OWNER);
    if (asset.is_withdrawn) lmm_refuse(SHARING_ASSET_WITHDRAWN);
}

static void store_asset(void) {
    struct number_key key = number_key('a', asset.number);
    lmm_storage_set(&key, sizeof key, &asset, asset_len);
}

static bool find_booking(uint64_t number) {
    struct number_key key = number_key('b', number);
    return lmm_storage_get(&key, sizeof key, &booking, sizeof booking) >= 0;
}

static void load_booking(uint64_t number) {
    uint64_t count = 0;
    if (find_booking(number)) return;
    lmm_storage_get("m", 1, &count, sizeof count);
    lmm_refuse(number == 0 || number > count ? SHARING_UNKNOWN_BOOKING : SHARING_BOOKING_SETTLED);
}

static void store_booking(void) {
    struct number_key key = number_key('b', booking.number);
    lmm_storage_set(&key, sizeof key, &booking, sizeof booking);
}

// ---- the calendar

// Does nothing of the asset's time between these two lie in a slot, but for that which ends at
// `but_for_ms` (0: no exception)?
static bool is_free(uint64_t of_asset, uint64_t from_ms, uint64_t until_ms, uint64_t but_for_ms) {
    uint8_t found[256];
    struct slot slot;
    struct slot_key after = slot_key(of_asset, from_ms < but_for_ms ? but_for_ms : from_ms);
    int32_t len = lmm_storage_next(&after, SLOT_PREFIX, &after, sizeof after, found);
    if (len < 0) return true;
    lmm_storage_get(found, (uint32_t)len, &slot, sizeof slot);
    return slot.from_ms >= until_ms;
}

static void take_slot(uint64_t of_asset, uint64_t until_ms, struct slot slot) {
    struct slot_key key = slot_key(of_asset, until_ms);
    lmm_storage_set(&key, sizeof key, &slot, sizeof slot);
}

static void free_slot(uint64_t of_asset, uint64_t until_ms) {
    struct slot_key key = slot_key(of_asset, until_ms);
    lmm_storage_delete(&key, sizeof key);
}

static uint64_t minutes_between(uint64_t from_ms, uint64_t until_ms) {
    return (until_ms - from_ms + SHARING_MINUTE_MS - 1) / SHARING_MINUTE_MS;
}

static void check_range(uint64_t from_ms, uint64_t until_ms) {
    if (until_ms <= from_ms) lmm_refuse(SHARING_BAD_RANGE);
    if (until_ms <= now) lmm_refuse(SHARING_IN_THE_PAST);
    if (until_ms - now > SHARING_AHEAD_MAX_MS) lmm_refuse(SHARING_TOO_FAR_AHEAD);
}

static void check_bookable(uint64_t from_ms, uint64_t until_ms) {
    check_range(from_ms, until_ms);
    if (from_ms + SHARING_PAST_GRACE_MS < now) lmm_refuse(SHARING_IN_THE_PAST);
    if (until_ms - from_ms > SHARING_BOOKING_MAX_MS) lmm_refuse(SHARING_TOO_LONG);
}

// ---- locks

static const uint8_t none[32];

static bool has_lock(const uint8_t lock[32]) { return memcmp(lock, none, sizeof none) != 0; }

static bool find_policy(struct policy *out, const uint8_t lock[32]) {
    uint8_t key[POLICY_KEY_BYTES], bytes[POLICY_BYTES];
    policy_key(key, lock);
    if (lmm_storage_get(key, sizeof key, bytes, sizeof bytes) < 0) return false;
    policy_decode(out, bytes);
    return true;
}

static void store_policy(const uint8_t lock[32], uint64_t epoch) {
    uint8_t key[POLICY_KEY_BYTES], bytes[POLICY_BYTES];
    struct policy policy = {.version = POLICY_VERSION, .asset = asset.number, .epoch = epoch};
    memcpy(policy.owner, asset.owner, sizeof policy.owner);
    policy_key(key, lock);
    policy_encode(bytes, &policy);
    lmm_storage_set(key, sizeof key, bytes, sizeof bytes);
}

struct lock_key {
    uint8_t kind; // 'k'
    uint8_t lock[32];
};

static struct lock_key lock_key(const uint8_t lock[32]) {
    struct lock_key key = {.kind = 'k'};
    memcpy(key.lock, lock, sizeof key.lock);
    return key;
}

// Grants of the lock are void from now on: the epoch for those to come.
static uint64_t raise_epoch(const uint8_t of_lock[32]) {
    struct lock_key key = lock_key(of_lock);
    struct lock lock = {0};
    lmm_storage_get(&key, sizeof key, &lock, sizeof lock);
    lock.epoch++;
    lmm_storage_set(&key, sizeof key, &lock, sizeof lock);
    return lock.epoch;
}

static bool is_revoked(void) {
    struct policy policy;
    if (!has_lock(booking.lock)) return false;
    return !find_policy(&policy, booking.lock) || policy.epoch != booking.policy_epoch;
}

static void store_grant(uint64_t until_ms) {
    uint8_t key[GRANT_KEY_BYTES], bytes[GRANT_BYTES];
    struct grant grant = {.version = GRANT_VERSION,
                          .booking = booking.number,
                          .asset = booking.asset,
                          .from_ms = booking.from_ms,
                          .until_ms = until_ms,
                          .policy_epoch = booking.policy_epoch};
    if (!has_lock(booking.lock)) return;
    memcpy(grant.lock, booking.lock, sizeof grant.lock);
    memcpy(grant.renter_key, booking.renter_key, sizeof grant.renter_key);
    grant_key(key, booking.number);
    grant_encode(bytes, &grant);
    lmm_storage_set(key, sizeof key, bytes, sizeof bytes);
}

#endif
