// SPDX-License-Identifier: Apache-2.0
// How a booking ends: its timer, its bill, and who gets what. Included by sharing.c alone.
#ifndef LMM_SHARING_CONTRACT_SETTLING_H
#define LMM_SHARING_CONTRACT_SETTLING_H

#include "apps/sharing/contract/records.h"

// ---- what is told: the record as it now is

#define TELL_ASSET(topic) lmm_event(topic, sizeof topic - 1, &asset, asset_len)
#define TELL_BOOKING(topic) lmm_event(topic, sizeof topic - 1, &booking, sizeof booking)

// ---- timers: paid by the renter, who gets what a run leaves

static uint64_t timer_units(void) { return SHARING_SETTLE_GAS * lmm_timer_price(); }

static void set_timer(uint64_t due_ms) {
    booking.timer_units = timer_units();
    booking.timer_ms = due_ms;
    booking.timer_id = lmm_timer_set_for(booking.renter, due_ms, "settle", 6, &booking.number,
                                         sizeof booking.number, SHARING_SETTLE_GAS);
}

// What the timer had left, when it has not run.
static uint64_t cancel_timer(void) {
    return lmm_timer_cancel(booking.timer_ms, booking.timer_id) ? booking.timer_units : 0;
}

// The one that is there does as well, only later: where gas has become dearer it stays.
static void hasten_timer(uint64_t due_ms) {
    if (due_ms >= booking.timer_ms || timer_units() > booking.timer_units) return;
    uint64_t back = cancel_timer();
    if (back == 0) return;
    set_timer(due_ms);
    if (back > booking.timer_units) lmm_transfer(booking.renter, back - booking.timer_units);
}

// ---- money

static uint64_t last_ms(void) { return booking.until_ms + booking.late_cap * SHARING_MINUTE_MS; }

static uint64_t claim_end_ms(void) {
    uint64_t end = booking.ended_ms + SHARING_CLAIM_WINDOW_MS;
    return end < last_ms() ? end : last_ms();
}

static void pay(const uint8_t to[32], uint64_t units) {
    if (units > 0) lmm_transfer(to, units);
}

// What a renter owes who cancels now.
static uint64_t cancel_units(void) {
    if (now + booking.cancel_free * SHARING_MINUTE_MS <= booking.from_ms) return 0;
    return booking.rent / 100 * booking.cancel_part +
           booking.rent % 100 * booking.cancel_part / 100;
}

static void bill_use(void) {
    uint64_t escrow = booking.rent + booking.deposit;
    booking.minutes = minutes_between(booking.started_ms, booking.ended_ms);
    if (booking.minutes == 0) booking.minutes = 1;
    booking.bill = booking.minutes * booking.price;
    if (booking.bill > escrow) booking.bill = escrow;
}

// All that the booking has, to whom it belongs; nothing of it remains in the state.
static void settle_as(enum sharing_outcome outcome) {
    struct number_key key = number_key('b', booking.number);
    uint8_t grant[GRANT_KEY_BYTES];
    grant_key(grant, booking.number);
    lmm_storage_delete(&key, sizeof key);
    lmm_storage_delete(grant, sizeof grant);
    free_slot(booking.asset, booking.until_ms);
    booking.state = SHARING_SETTLED;
    booking.outcome = (uint8_t)outcome;
    booking.refund = booking.rent + booking.deposit - booking.bill;
    uint64_t back = cancel_timer();
    pay(booking.owner, booking.bill);
    pay(booking.renter, booking.refund + back);
    TELL_BOOKING("settled");
}

static void settle_use(enum sharing_outcome outcome, uint64_t ended_ms) {
    booking.ended_ms = ended_ms;
    bill_use();
    settle_as(outcome);
}

static void settle_unused(void) {
    if (is_revoked()) {
        settle_as(SHARING_REVOKED);
        return;
    }
    booking.minutes = minutes_between(booking.from_ms, booking.until_ms);
    booking.bill = booking.rent;
    settle_as(SHARING_UNUSED);
}

#endif
