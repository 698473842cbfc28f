// SPDX-License-Identifier: Apache-2.0
// The zone and the slot that a call is about, and the timers that the zone's account pays. A call's
// memory is fresh, so these are variables of the contract.
#ifndef LMM_ENERGY_CONTRACT_AT_HAND_H
#define LMM_ENERGY_CONTRACT_AT_HAND_H

#include "apps/energy/contract/records.h"

static uint32_t zone_id, slot_id;
static struct zone zone;
static struct slot slot;

#define TELL(topic, data, len) lmm_event(topic, sizeof topic - 1, data, len)

static bool find_zone(void) {
    uint8_t key[5] = {'z'};
    put_u32(key + 1, zone_id);
    return lmm_storage_get(key, sizeof key, &zone, sizeof zone) >= 0;
}

static void load_zone(void) {
    if (!find_zone()) lmm_refuse(UNKNOWN_ZONE);
}

static void store_zone(void) {
    uint8_t key[5] = {'z'};
    struct {
        uint32_t zone;
        uint64_t units;
    } __attribute__((packed)) told = {zone_id, zone.account};
    put_u32(key + 1, zone_id);
    lmm_storage_set(key, sizeof key, &zone, ZONE_HEAD + zone.name_len);
    TELL("account", &told, sizeof told);
}

static bool load_slot(void) {
    struct place key = place_make('s', zone_id, slot_id);
    return lmm_storage_get(&key, sizeof key, &slot, sizeof slot) >= 0;
}

static void store_slot(void) {
    struct place key = place_make('s', zone_id, slot_id);
    lmm_storage_set(&key, sizeof key, &slot, sizeof slot);
}

static uint64_t slot_end_ms(void) { return ((uint64_t)slot_id + 1) * SLOT_MS; }
static uint64_t gate_closes_ms(void) {
    uint64_t start = (uint64_t)slot_id * SLOT_MS;
    return start > zone.gate_ms ? start - zone.gate_ms : 0;
}
static uint64_t readings_end_ms(void) { return slot_end_ms() + zone.wait_ms; }

// Paid by the zone's account. Without enough there it is not set, and then somebody has to call
// `settle`. True: the zone has changed.
static bool set_timer(uint64_t due_ms) {
    struct {
        uint32_t zone, slot;
        uint64_t price;
    } __attribute__((packed)) arguments = {zone_id, slot_id, lmm_timer_price()};
    if (arguments.price > zone.account / TIMER_GAS) return false;
    zone.account -= arguments.price * TIMER_GAS;
    lmm_timer_set(due_ms, "tick", 4, &arguments, sizeof arguments, TIMER_GAS);
    return true;
}

// ---- positions

static struct account_key position_key(const uint8_t account[32]) {
    struct account_key key = {.place = place_make('p', zone_id, slot_id)};
    memcpy(key.account, account, sizeof key.account);
    return key;
}

static bool load_position(struct position *out, const uint8_t account[32]) {
    struct account_key key = position_key(account);
    *out = (struct position){0};
    return lmm_storage_get(&key, sizeof key, out, sizeof *out) >= 0;
}

static void store_position(const uint8_t account[32], const struct position *position) {
    struct account_key key = position_key(account);
    lmm_storage_set(&key, sizeof key, position, sizeof *position);
}

#endif
