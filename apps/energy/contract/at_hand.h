// SPDX-License-Identifier: Apache-2.0
// The zone and the slot that a call is about, and their timers: whoever opens a slot pays the
// first, the zone's account those that follow. A call's memory is fresh, so these are variables of
// the contract.
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

// ---- timers

static uint64_t timer_money(void) { return lmm_timer_price() * TIMER_GAS; }

// Paid out of what the contract holds, with money of this account's, which gets what its run
// leaves.
static void start_timer(const uint8_t account[32], uint64_t due_ms) {
    struct {
        uint32_t zone, slot;
    } __attribute__((packed)) arguments = {zone_id, slot_id};
    lmm_timer_set_for(account, due_ms, "tick", 4, &arguments, sizeof arguments, TIMER_GAS);
}

// By the zone's account, which has then changed. What is left goes to the operator, whose account
// it is: the contract never learns how much that was. False: it holds too little.
static bool pay_timer(uint64_t due_ms) {
    uint64_t money = timer_money();
    if (money > zone.account) return false;
    zone.account -= money;
    start_timer(zone.operator_id, due_ms);
    return true;
}

// The one that moves the slot on. Without money for it the slot is noted: the next call that finds
// some sets it, and meanwhile anybody may call `settle`.
static void set_timer(uint64_t due_ms) {
    struct place late = place_make('w', zone_id, slot_id);
    bool was_late = slot.timer_ms == 0;
    slot.timer_ms = pay_timer(due_ms) ? due_ms : 0;
    if (slot.timer_ms == 0)
        lmm_storage_set(&late, sizeof late, "", 0);
    else if (was_late)
        lmm_storage_delete(&late, sizeof late);
}

// When something of the slot is due next.
static uint64_t next_due_ms(void) {
    uint64_t now = lmm_block_time_ms();
    uint64_t due = slot.phase == OPEN ? gate_closes_ms() : slot.trades > 0 ? readings_end_ms() : 0;
    return due > now ? due : now + 1;
}

// Up to LATE_TIMERS of the zone's slots that have none. The slot at hand is another one afterwards.
static void set_late_timers(void) {
    struct place key, prefix = {.letter = 'w'};
    uint8_t found[sizeof key];
    uint64_t account = zone.account;
    put_u32(prefix.zone, zone_id);
    for (int i = 0; i < LATE_TIMERS && zone.account >= timer_money(); i++) {
        if (lmm_storage_next(&prefix, sizeof prefix.letter + sizeof prefix.zone, "", 0, found) < 0)
            break;
        memcpy(&key, found, sizeof key);
        slot_id = take_u32(key.slot);
        load_slot();
        set_timer(next_due_ms());
        store_slot();
    }
    if (zone.account != account) store_zone();
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
