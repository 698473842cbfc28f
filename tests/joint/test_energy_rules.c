// SPDX-License-Identifier: Apache-2.0
// The energy contract, natively: each rule by itself, with its code, and settlement by example.
#include <string.h>

#include "tests/joint/energy_fixture.h"

static const struct energy_order some = {
    .zone = 1, .slot = ENERGY_SLOT, .side = BUY, .kind = LIMIT, .price = 50, .wh = 10};
enum { SLOT_END_MS = (ENERGY_SLOT + 1) * SLOT_MS, GATE_MS = ENERGY_SLOT * SLOT_MS - 300000 };
enum { READINGS_END_MS = SLOT_END_MS + 3600000 };

static uint64_t balance_of(uint8_t person) { return energy.got[person] - energy.paid[person]; }
static uint64_t locked(void) { return energy.mock->balance; }

#define REFUSED(with, change, value)                             \
    do {                                                         \
        struct energy_order order = some;                        \
        change;                                                  \
        uint64_t before = locked();                              \
        ck_assert_uint_eq(energy_order(1, &order, value), with); \
        ck_assert_uint_eq(locked(), before);                     \
    } while (0)

START_TEST(an_order_against_a_rule_has_its_code_and_changes_nothing) {
    uint64_t entries = mock_storage_count(energy.mock);
    REFUSED(UNKNOWN_ZONE, order.zone = 2, 500);
    REFUSED(BAD_KIND, order.side = SIDES, 500);
    REFUSED(BAD_KIND, order.kind = KINDS, 500);
    REFUSED(BAD_PRICE, order.price = 0, 0);
    REFUSED(BAD_PRICE, order.price = PRICE_MAX + 1, 500);
    REFUSED(BAD_PRICE, order.price = UINT64_MAX, 500);
    REFUSED(ABOVE_CAP, order.price = 101, 1010);
    REFUSED(BAD_QUANTITY, order.wh = 0, 0);
    REFUSED(BAD_QUANTITY, order.wh = WH_MAX + 1, 500);
    REFUSED(BAD_QUANTITY, order.wh = UINT64_MAX / 50 + 1, 500); // whose product would wrap
    REFUSED(SLOT_CLOSED, order.slot = 900, 500);
    REFUSED(SLOT_CLOSED, order.slot = 0, 500);
    REFUSED(TOO_FAR_AHEAD, order.slot = 900 + SLOTS_AHEAD + 1, 500);
    REFUSED(TOO_FAR_AHEAD, order.slot = UINT32_MAX, 500);
    REFUSED(WRONG_COLLATERAL, order.price = 50, 499);
    REFUSED(WRONG_COLLATERAL, order.side = SELL, 500);
    REFUSED(FOK_NOT_FILLED, order.kind = FOK, 500);
    REFUSED(NOBODY_THERE, order.kind = IOC, 500);
    energy.mock->timer_price = 1;
    REFUSED(WRONG_COLLATERAL, order.price = 50, 500 + TIMER_GAS - 1);
    energy.mock->timer_price = 0;
    ck_assert_uint_eq(mock_storage_count(energy.mock), entries);
    ck_assert_uint_eq(energy.mock->timer_count, 0);
    struct energy_order last = some;
    last.slot = 900 + SLOTS_AHEAD;
    ck_assert_uint_eq(energy_order(1, &last, 500), 0);
}
END_TEST

START_TEST(arguments_of_another_length_are_refused) {
    struct buf arguments = {0};
    for (size_t len = 0; len < 40; len++) {
        buf_reset(&arguments);
        for (size_t i = 0; i < len; i++) encode_u8(&arguments, 1);
        if (len != 26) ck_assert_uint_eq(energy_call(1, "pay.order", &arguments, 0), BAD_ARGUMENTS);
        if (len != 25)
            ck_assert_uint_eq(energy_call(1, "call.cancel", &arguments, 0), BAD_ARGUMENTS);
        if (len != 8)
            ck_assert_uint_eq(energy_call(1, "call.settle", &arguments, 0), BAD_ARGUMENTS);
    }
    buf_clear(&arguments);
}
END_TEST

START_TEST(a_zone_has_terms_and_one_operator) {
    struct energy_zone zone = energy_north;
    struct buf arguments = {0};
    zone.name = "";
    ck_assert_uint_eq(energy_make_zone(&zone, 0), BAD_ZONE);
    zone.name = "12345678901234567890123456789012345678901";
    ck_assert_uint_eq(energy_make_zone(&zone, 0), BAD_ZONE);
    zone = energy_north;
    zone.cap = 0;
    ck_assert_uint_eq(energy_make_zone(&zone, 0), BAD_ZONE);
    zone.cap = (uint64_t)PRICE_MAX + 1;
    ck_assert_uint_eq(energy_make_zone(&zone, 0), BAD_ZONE);
    zone = energy_north;
    zone.lot = 0;
    ck_assert_uint_eq(energy_make_zone(&zone, 0), BAD_ZONE);
    zone.lot = LOT_MAX + 1;
    ck_assert_uint_eq(energy_make_zone(&zone, 0), BAD_ZONE);
    zone = energy_north;
    zone.gate_ms = GATE_MS_MAX + 1;
    ck_assert_uint_eq(energy_make_zone(&zone, 0), BAD_ZONE);
    zone = energy_north;
    zone.wait_ms = WAIT_MS_MIN - 1;
    ck_assert_uint_eq(energy_make_zone(&zone, 0), BAD_ZONE);

    encode_u32(&arguments, 1);
    ck_assert_uint_eq(energy_call(2, "pay.fund", &arguments, 0), NOTHING_GIVEN);
    ck_assert_uint_eq(energy_call(2, "pay.fund", &arguments, 70), 0);
    encode_u64(&arguments, 71);
    ck_assert_uint_eq(energy_call(2, "call.withdraw", &arguments, 0), NOT_OPERATOR);
    ck_assert_uint_eq(energy_call(ENERGY_OPERATOR, "call.withdraw", &arguments, 0), ACCOUNT_SHORT);
    buf_reset(&arguments);
    encode_u32(&arguments, 1);
    encode_u64(&arguments, 70);
    ck_assert_uint_eq(energy_call(ENERGY_OPERATOR, "call.withdraw", &arguments, 0), 0);
    ck_assert_uint_eq(locked(), 0);
    buf_clear(&arguments);
}
END_TEST

enum { // of events
    ORDER_LEFT = 4 + 4 + 8 + 32 + 2 + 16,
    ORDER_RETURNED = ORDER_LEFT + 8,
    ORDER_OUTCOME = ORDER_RETURNED + 8,
    TRADE_PRICE = 4 + 4 + 8,
    TRADE_WH = TRADE_PRICE + 8,
    TRADE_RESTING = TRADE_WH + 16
};

static uint8_t outcome(void) { return energy_event("order", 0).data[ORDER_OUTCOME]; }

START_TEST(orders_meet_by_price_then_time_at_the_price_that_was_there) {
    ck_assert_uint_eq(energy_limit(1, SELL, 60, 10), 0);
    ck_assert_uint_eq(energy_limit(2, SELL, 55, 10), 0);
    ck_assert_uint_eq(energy_limit(3, SELL, 55, 10), 0);
    ck_assert_uint_eq(outcome(), RESTING);
    ck_assert_uint_eq(energy_limit(4, BUY, 54, 5), 0); // meets nobody
    ck_assert_uint_eq(energy.mock->event_count, 1);
    ck_assert_uint_eq(energy_limit(4, BUY, 60, 25), 0);
    ck_assert_uint_eq(energy_u64_at(energy_event("trade", 0), TRADE_RESTING), 2);
    ck_assert_uint_eq(energy_u64_at(energy_event("trade", 0), TRADE_PRICE), 55);
    ck_assert_uint_eq(energy_u64_at(energy_event("trade", 1), TRADE_RESTING), 3);
    ck_assert_uint_eq(energy_u64_at(energy_event("trade", 2), TRADE_RESTING), 1);
    ck_assert_uint_eq(energy_u64_at(energy_event("trade", 2), TRADE_WH), 5);
    ck_assert_uint_eq(outcome(), FILLED);
    ck_assert_uint_eq(energy.got[4], 5 * 20); // what 20 Wh were cheaper
    ck_assert_uint_eq(locked(), 3 * 10 * 100 + 5 * 54 + 20 * 55 + 5 * 60);
}
END_TEST

START_TEST(what_does_not_fill_at_once_is_cancelled_when_asked_so) {
    struct energy_order order = some;
    ck_assert_uint_eq(energy_limit(1, SELL, 40, 6), 0);
    order.kind = FOK;
    ck_assert_uint_eq(energy_order(2, &order, 500), FOK_NOT_FILLED);
    order.kind = IOC;
    ck_assert_uint_eq(energy_order(2, &order, 500), 0);
    ck_assert_uint_eq(outcome(), CANCELLED_IOC);
    ck_assert_uint_eq(energy.got[2], 500 - 6 * 40);
    ck_assert_uint_eq(energy_limit(1, SELL, 40, 10), 0);
    order.kind = FOK;
    ck_assert_uint_eq(energy_order(2, &order, 500), 0);
    ck_assert_uint_eq(outcome(), FILLED);
}
END_TEST

START_TEST(nobody_trades_with_themselves) {
    struct energy_order order = some;
    ck_assert_uint_eq(energy_limit(1, SELL, 40, 3), 0);
    ck_assert_uint_eq(energy_limit(2, SELL, 41, 3), 0);
    ck_assert_uint_eq(energy_limit(2, BUY, 50, 10), 0);
    ck_assert_uint_eq(outcome(), CANCELLED_SELF);
    ck_assert_uint_eq(energy_u64_at(energy_event("trade", 0), TRADE_WH), 3);
    ck_assert_uint_eq(energy.got[2], 500 - 3 * 40);
    order.kind = FOK;
    ck_assert_uint_eq(energy_order(2, &order, 500), FOK_NOT_FILLED);
    order.side = SELL; // its own ask still rests
    ck_assert_uint_eq(energy_cancel(2, &(struct energy_order){1, ENERGY_SLOT, SELL, 0, 41, 0}, 2),
                      0);
}
END_TEST

START_TEST(an_order_fills_so_many_and_the_rest_is_cancelled) {
    struct energy_order order = some;
    for (int i = 0; i <= ORDER_FILLS; i++) ck_assert_uint_eq(energy_limit(1, SELL, 40, 1), 0);
    order.wh = ORDER_FILLS + 1;
    order.kind = FOK;
    ck_assert_uint_eq(energy_order(2, &order, order.wh * 50), FOK_NOT_FILLED);
    order.kind = LIMIT;
    ck_assert_uint_eq(energy_order(2, &order, order.wh * 50), 0);
    ck_assert_uint_eq(outcome(), CANCELLED_FILLS);
    ck_assert_uint_eq(energy.got[2], 50 + ORDER_FILLS * 10);
    order.kind = FOK;
    order.wh = 1;
    ck_assert_uint_eq(energy_order(2, &order, 50), 0);
}
END_TEST

// As many fills as an order may have are then worth so many lots at least.
START_TEST(dust_does_not_stand_before_an_order) {
    struct energy_zone zone = energy_north;
    zone.lot = 100;
    ck_assert_uint_eq(energy_make_zone(&zone, 0), 0);
    struct energy_order order = {2, ENERGY_SLOT, SELL, LIMIT, 40, 1};
    ck_assert_uint_eq(energy_order(1, &order, 100), OFF_LOT);
    order.wh = 150;
    ck_assert_uint_eq(energy_order(1, &order, 15000), OFF_LOT);
    order.wh = 100;
    for (int i = 0; i < ORDER_FILLS; i++) ck_assert_uint_eq(energy_order(1, &order, 10000), 0);
    order.side = BUY;
    order.wh = 100 * ORDER_FILLS;
    ck_assert_uint_eq(energy_order(2, &order, 40 * order.wh), 0);
    ck_assert_uint_eq(outcome(), FILLED);
}
END_TEST

START_TEST(an_order_is_cancelled_by_its_owner_alone) {
    struct energy_order order = some;
    ck_assert_uint_eq(energy_limit(1, BUY, 50, 10), 0);
    ck_assert_uint_eq(energy_cancel(2, &order, 1), NOT_YOURS);
    ck_assert_uint_eq(energy_cancel(1, &order, 2), UNKNOWN_ORDER);
    order.side = 7;
    ck_assert_uint_eq(energy_cancel(1, &order, 1), UNKNOWN_ORDER);
    order.side = BUY;
    order.zone = 9;
    ck_assert_uint_eq(energy_cancel(1, &order, 1), UNKNOWN_ZONE);
    ck_assert_uint_eq(energy_cancel(1, &some, 1), 0);
    ck_assert_uint_eq(energy_cancel(1, &some, 1), UNKNOWN_ORDER);
    ck_assert_uint_eq(balance_of(1), 0);
    ck_assert_uint_eq(locked(), 0);
}
END_TEST

START_TEST(the_gate_closes_and_what_rests_goes_back_in_pieces) {
    enum { ORDERS = 2 * SETTLE_STEPS + 5 };
    for (int i = 0; i < ORDERS; i++) ck_assert_uint_eq(energy_limit(1, BUY, 10, 1), 0);
    ck_assert_uint_eq(energy_settle(1, ENERGY_SLOT), TOO_EARLY);
    ck_assert_uint_eq(energy_run_timers(GATE_MS - 1), 0);
    energy.mock->time_ms = GATE_MS;
    ck_assert_uint_eq(energy_limit(1, BUY, 10, 1), SLOT_CLOSED);
    ck_assert_uint_eq(energy_run_timers(GATE_MS), 3);
    ck_assert_uint_eq(balance_of(1), 0);
    ck_assert_uint_eq(energy.mock->timer_count, 0);
    ck_assert_uint_eq(energy_settle(1, ENERGY_SLOT), NOTHING_TO_SETTLE);
    ck_assert_uint_eq(mock_storage_count(energy.mock), 2); // the zone, and how many there are
}
END_TEST

START_TEST(without_money_for_timers_anybody_settles) {
    enum { ORDERS = 2 * SETTLE_STEPS + 1 };
    energy.mock->timer_price = 1;
    for (int i = 0; i < ORDERS; i++) ck_assert_uint_eq(energy_limit(1, BUY, 10, 1), 0);
    ck_assert_uint_eq(energy_run_timers(GATE_MS), 1); // which the order that opened the slot paid
    ck_assert_uint_eq(energy.mock->timer_count, 0);
    ck_assert_uint_eq(energy_settle(1, ENERGY_SLOT), 0);
    ck_assert_uint_eq(energy_settle(1, ENERGY_SLOT), 0);
    ck_assert_uint_eq(energy_settle(1, ENERGY_SLOT), NOTHING_TO_SETTLE);
    ck_assert_uint_eq(balance_of(1), -(uint64_t)TIMER_GAS);
    ck_assert_uint_eq(mock_storage_count(energy.mock), 2); // the zone, and how many there are
}
END_TEST

static uint64_t zone_account(void) {
    struct buf arguments = {0};
    encode_u32(&arguments, 1);
    struct bytes zone = energy_view("zone", &arguments);
    buf_clear(&arguments);
    return energy_u64_at(zone, 1 + 32 + 8 + 8 + 8);
}

static void fund(uint64_t money) {
    struct buf arguments = {0};
    encode_u32(&arguments, 1);
    ck_assert_uint_eq(energy_call(9, "pay.fund", &arguments, money), 0);
    buf_clear(&arguments);
}

START_TEST(who_opens_a_slot_pays_its_timer_and_gets_what_that_leaves) {
    struct buf arguments = {0};
    uint64_t money = 10 * (uint64_t)TIMER_GAS;
    energy.mock->timer_price = 2;
    energy.mock->timer_left = 75;
    fund(money);
    ck_assert_uint_eq(energy_limit(1, BUY, 10, 1), 0);
    ck_assert_uint_eq(energy.paid[1], 10 + 2 * (uint64_t)TIMER_GAS);
    ck_assert_uint_eq(energy.got[1], 0);
    ck_assert_uint_eq(energy_limit(2, BUY, 10, 1), 0); // would have opened it too
    ck_assert_uint_eq(energy.got[2], 2 * (uint64_t)TIMER_GAS);
    ck_assert_uint_eq(zone_account(), money);
    ck_assert_uint_eq(energy.mock->timer_count, 1);
    ck_assert_uint_eq(energy.mock->timers[0].due_ms, GATE_MS);
    energy.mock->timer_price = 5; // the price of its day counts
    ck_assert_uint_eq(energy_run_timers(GATE_MS), 1);
    ck_assert_uint_eq(energy.left[1], 2 * (uint64_t)TIMER_GAS / 100 * 75);
    ck_assert_uint_eq(zone_account(), money);
    ck_assert_uint_eq(energy.mock->balance, money);
    encode_u32(&arguments, 1);
    encode_u32(&arguments, ENERGY_SLOT);
    ck_assert_uint_eq(energy_call(2, "call.tick", &arguments, 0), ONLY_TIMERS);
    buf_clear(&arguments);
}
END_TEST

START_TEST(what_a_timer_leaves_that_the_zone_paid_is_its_operators) {
    uint64_t money = 2 * (uint64_t)TIMER_GAS;
    energy.mock->timer_price = 1;
    energy.mock->timer_left = 50;
    fund(money);
    ck_assert_uint_eq(energy_limit(1, SELL, 40, 2), 0);
    ck_assert_uint_eq(energy_limit(2, BUY, 40, 1), 0);
    ck_assert_uint_eq(energy_run_timers(GATE_MS), 1);
    ck_assert_uint_eq(energy.mock->timer_count, 1); // for the end of the readings
    ck_assert_uint_eq(zone_account(), money - TIMER_GAS);
    ck_assert_uint_eq(energy_run_timers(READINGS_END_MS), 1);
    ck_assert_uint_eq(energy.left[1], TIMER_GAS / 2);
    ck_assert_uint_eq(energy.left[ENERGY_OPERATOR], TIMER_GAS / 2);
    ck_assert_uint_eq(zone_account(), money - TIMER_GAS + 40);
    ck_assert_uint_eq(energy.mock->balance, zone_account());
}
END_TEST

START_TEST(strangers_who_open_slots_take_nothing_from_the_zone) {
    uint64_t money = 3 * (uint64_t)TIMER_GAS;
    energy.mock->timer_price = 1;
    fund(money);
    for (uint32_t ahead = 1; ahead <= SLOTS_AHEAD; ahead++) {
        struct energy_order order = {1, 900 + ahead, BUY, IOC, 1, 1};
        ck_assert_uint_eq(energy_order(5, &order, 1 + TIMER_GAS), NOBODY_THERE);
        order.kind = LIMIT;
        ck_assert_uint_eq(energy_order(5, &order, 1 + TIMER_GAS), 0);
    }
    ck_assert_uint_eq(zone_account(), money);
    ck_assert_uint_eq(energy.mock->timer_count, SLOTS_AHEAD);
    energy_run_timers((900 + SLOTS_AHEAD) * (uint64_t)SLOT_MS + 1000);
    ck_assert_uint_eq(energy.got[5], SLOTS_AHEAD);
    ck_assert_uint_eq(zone_account(), money);
    ck_assert_uint_eq(energy.mock->balance, money);
}
END_TEST

static void order_elsewhere(void) {
    struct energy_order other = some;
    other.slot = ENERGY_SLOT + 9;
    ck_assert_uint_eq(energy_order(6, &other, 500 + energy_timer_money()), 0);
}
static void settle_here(void) { ck_assert_uint_eq(energy_settle(1, ENERGY_SLOT), 0); }
static void fund_it(void) { fund(2 * (uint64_t)TIMER_GAS); }

// While timers cost nothing an account is filled; then they cost more than it holds.
START_TEST(a_timer_that_could_not_be_paid_is_set_by_whoever_comes_next) {
    static void (*const next[])(void) = {order_elsewhere, settle_here, fund_it};
    enum { ORDERS = 4 * SETTLE_STEPS };
    fund(TIMER_GAS - 1);
    for (int i = 0; i < ORDERS; i++) ck_assert_uint_eq(energy_limit(1, BUY, 10, 1), 0);
    energy.mock->timer_price = 1;
    ck_assert_uint_eq(energy_run_timers(GATE_MS), 1);
    ck_assert_uint_eq(energy.mock->timer_count, 0);
    ck_assert_uint_eq(energy.got[1], SETTLE_STEPS * 10);
    if (next[_i] != fund_it) energy.mock->timer_price = 0;
    next[_i]();
    energy.mock->timer_price = 0;
    energy_run_timers(GATE_MS + 1000);
    ck_assert_uint_eq(balance_of(1), 0);
}
END_TEST

// ---- meters

static uint32_t report(uint8_t person, uint8_t direction, uint64_t wh, uint64_t sequence) {
    struct energy_reading reading = {person, direction, ENERGY_SLOT, wh, sequence};
    return energy_read(&reading);
}

START_TEST(a_meter_is_signed_in_by_its_own_key) {
    ck_assert_uint_eq(energy_sign_in(1, 1, 2, EXPORT), UNKNOWN_ZONE);
    ck_assert_uint_eq(energy_sign_in(1, 1, 1, DIRECTIONS), BAD_KIND);
    ck_assert_uint_eq(energy_sign_in(1, 2, 1, EXPORT), BAD_SIGNATURE);
    ck_assert_uint_eq(energy_sign_in(1, 1, 1, EXPORT), 0);
    ck_assert_uint_eq(energy_sign_in(1, 1, 1, EXPORT), METER_KNOWN);
}
END_TEST

START_TEST(a_meter_is_approved_by_the_zones_operator_alone) {
    ck_assert_uint_eq(energy_approve(ENERGY_OPERATOR, 1, EXPORT, 5), STRANGER);
    ck_assert_uint_eq(energy_sign_in(1, 1, 1, EXPORT), 0);
    ck_assert_uint_eq(energy_approve(1, 1, EXPORT, 5), NOT_OPERATOR);
    ck_assert_uint_eq(energy_approve(ENERGY_OPERATOR, 1, EXPORT, (uint64_t)WH_MAX + 1),
                      BAD_CEILING);
    ck_assert_uint_eq(energy_approve(ENERGY_OPERATOR, 1, EXPORT, WH_MAX), 0);
}
END_TEST

START_TEST(a_reading_against_a_rule_has_its_code) {
    struct energy_reading reading = {1, EXPORT, ENERGY_SLOT, 5, 3};
    energy.mock->time_ms = SLOT_END_MS;
    ck_assert_uint_eq(energy_read(&reading), STRANGER);
    ck_assert_uint_eq(energy_sign_in(1, 1, 1, EXPORT), 0);
    ck_assert_uint_eq(energy_read_forged(&reading), BAD_SIGNATURE);
    reading.wh = (uint64_t)WH_MAX + 1;
    ck_assert_uint_eq(energy_read(&reading), BAD_READING);
    reading.wh = 0;
    ck_assert_uint_eq(energy_read(&reading), NOT_APPROVED);
    ck_assert_uint_eq(energy_approve(ENERGY_OPERATOR, 1, EXPORT, 5), 0);
    reading.wh = 6;
    ck_assert_uint_eq(energy_read(&reading), ABOVE_CEILING);
    reading.wh = 5;
    ck_assert_uint_eq(energy_approve(ENERGY_OPERATOR, 1, EXPORT, 0), 0);
    ck_assert_uint_eq(energy_read(&reading), NOT_APPROVED);
    ck_assert_uint_eq(energy_approve(ENERGY_OPERATOR, 1, EXPORT, 5), 0);
    energy.mock->time_ms = SLOT_END_MS - 1;
    ck_assert_uint_eq(energy_read(&reading), READING_EARLY);
    energy.mock->time_ms = READINGS_END_MS;
    ck_assert_uint_eq(energy_read(&reading), READING_LATE);
    energy.mock->time_ms = SLOT_END_MS;
    ck_assert_uint_eq(energy_read(&reading), 0);
    ck_assert_uint_eq(energy_read(&reading), READING_TWICE);
    reading.sequence = 4;
    ck_assert_uint_eq(energy_read(&reading), READING_TWICE); // of this slot
    reading.slot++;
    reading.sequence = 3;
    ck_assert_uint_eq(energy_read(&reading), READING_TWICE); // of this number
    reading.sequence = 2;
    ck_assert_uint_eq(energy_read(&reading), READING_BACKWARDS);
    reading = (struct energy_reading){1, EXPORT, ENERGY_SLOT - 1, 5, 4};
    ck_assert_uint_eq(energy_read(&reading), READING_BACKWARDS);
    memset(&energy.mock->chain_id, 8, 32); // signed for this chain, but where it is another one
    reading = (struct energy_reading){2, EXPORT, ENERGY_SLOT, 5, 4};
    ck_assert_uint_eq(energy_read(&reading), STRANGER);
}
END_TEST

static void trade(uint8_t buyer, uint8_t seller, uint64_t price, uint64_t wh) {
    ck_assert_uint_eq(energy_limit(seller, SELL, price, wh), 0);
    ck_assert_uint_eq(energy_limit(buyer, BUY, price, wh), 0);
    ck_assert_uint_eq(outcome(), FILLED);
}

static void sign_in_all(void) {
    for (uint8_t person = 1; person <= 4; person++)
        for (uint8_t direction = 0; direction < DIRECTIONS; direction++) {
            ck_assert_uint_eq(energy_sign_in(person, person, 1, direction), 0);
            ck_assert_uint_eq(energy_approve(ENERGY_OPERATOR, person, direction, 1000), 0);
        }
}

START_TEST(what_was_delivered_is_paid_when_the_meter_reports) {
    sign_in_all();
    trade(1, 2, 40, 10);
    energy_run_timers(SLOT_END_MS);
    ck_assert_uint_eq(locked(), 10 * 40 + 10 * 100);
    ck_assert_uint_eq(report(2, EXPORT, 12, 1), 0);
    ck_assert_uint_eq(balance_of(2), 400);
    ck_assert_uint_eq(locked(), 0);
    energy_run_timers(READINGS_END_MS);
    ck_assert_uint_eq(energy.got[1], 0);
    ck_assert_uint_eq(energy_settle(1, ENERGY_SLOT), NOTHING_TO_SETTLE);
}
END_TEST

// Sold 10 and 6, delivered 12: the first trade whole, of the second 2. Its buyer has the price of
// 4 Wh and the loss of them back, and their price is the pot: a buyer who took 1 Wh less and a
// seller who fed in 2 more share it by the Wh, each at most a fourth for each.
START_TEST(a_shortfall_pays_the_buyer_and_who_had_more) {
    sign_in_all();
    trade(1, 2, 40, 10);
    trade(3, 2, 60, 6);
    trade(3, 4, 50, 5);
    energy_run_timers(SLOT_END_MS);
    ck_assert_uint_eq(report(2, EXPORT, 12, 1), 0);
    ck_assert_uint_eq(report(4, EXPORT, 7, 1), 0);
    ck_assert_uint_eq(report(1, IMPORT, 9, 1), 0);
    ck_assert_uint_eq(report(3, IMPORT, 20, 1), 0);
    ck_assert_uint_eq(balance_of(2), (uint64_t)(10 * 40 + 2 * 60 - 4 * 100));
    ck_assert_uint_eq(energy.got[3], 4 * 100);
    ck_assert_uint_eq(locked(), 4 * 60);
    energy_run_timers(READINGS_END_MS);
    ck_assert_uint_eq(energy.got[1], 60);
    ck_assert_uint_eq(balance_of(4), 5 * 50 + 2 * 60);
    ck_assert_uint_eq(zone_account(), 60); // one of the 4 Wh came from nobody
    ck_assert_uint_eq(locked(), 60);
}
END_TEST

// Trades with itself by a second account, and has two meters of its own making.
START_TEST(who_makes_meters_takes_nothing_from_the_pot) {
    sign_in_all();
    ck_assert_uint_eq(energy_sign_in(5, 5, 1, EXPORT), 0);
    trade(1, 2, 40, 10);
    trade(1, 4, 40, 1);
    trade(6, 5, 1, 1);
    energy_run_timers(SLOT_END_MS);
    ck_assert_uint_eq(report(2, EXPORT, 0, 1), 0);
    ck_assert_uint_eq(report(4, EXPORT, 11, 1), 0);
    ck_assert_uint_eq(report(5, EXPORT, WH_MAX, 1), NOT_APPROVED);
    uint64_t honest = energy.got[4];
    energy_run_timers(READINGS_END_MS);
    ck_assert_uint_eq(energy.got[4] - honest, 10 * 401 / 11); // 10 of 11 Wh that failed
    ck_assert_uint_eq(energy.got[5], 0);
}
END_TEST

START_TEST(a_reading_that_never_comes_counts_as_nothing) {
    trade(1, 2, 40, 10);
    energy_run_timers(READINGS_END_MS - 10);
    ck_assert_uint_eq(energy_settle(1, ENERGY_SLOT), TOO_EARLY);
    ck_assert_uint_eq(locked(), 10 * 140);
    energy_run_timers(READINGS_END_MS);
    ck_assert_uint_eq(energy.got[1], 10 * 100);
    ck_assert_uint_eq(energy.got[2], 0);
    ck_assert_uint_eq(zone_account(), 10 * 40);
}
END_TEST

START_TEST(many_trades_of_a_seller_are_settled_in_pieces) {
    enum { TRADES = READING_STEPS + SETTLE_STEPS + 3 };
    sign_in_all();
    for (int i = 0; i < TRADES; i++) trade(1, 2, 40, 1);
    energy_run_timers(SLOT_END_MS);
    ck_assert_uint_eq(report(2, EXPORT, TRADES - 1, 1), 0);
    ck_assert_uint_eq(energy.got[2], READING_STEPS * 140);
    ck_assert_uint_eq(energy_run_timers(SLOT_END_MS + 10), 2);
    ck_assert_uint_eq(energy.got[2], (TRADES - 1) * 140);
    ck_assert_uint_eq(energy.got[1], 100);
    energy_run_timers(READINGS_END_MS);
    ck_assert_uint_eq(locked(), 40);
    ck_assert_uint_eq(energy.mock->timer_count, 0);
}
END_TEST

START_TEST(another_meter_replaces_the_first_and_says_nothing_twice) {
    struct energy_reading other = {5, EXPORT, ENERGY_SLOT, 3, 1};
    trade(1, 2, 40, 10);
    ck_assert_uint_eq(energy_sign_in(2, 2, 1, EXPORT), 0);
    ck_assert_uint_eq(energy_approve(ENERGY_OPERATOR, 2, EXPORT, 1000), 0);
    energy_run_timers(SLOT_END_MS);
    ck_assert_uint_eq(report(2, EXPORT, 10, 1), 0);
    ck_assert_uint_eq(energy_read(&other), STRANGER);
    ck_assert_uint_eq(locked(), 0);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("energy rules");
    TCase *cases = tcase_create("native");
    tcase_add_checked_fixture(cases, energy_start_north, energy_stop);
    tcase_add_test(cases, an_order_against_a_rule_has_its_code_and_changes_nothing);
    tcase_add_test(cases, arguments_of_another_length_are_refused);
    tcase_add_test(cases, a_zone_has_terms_and_one_operator);
    tcase_add_test(cases, orders_meet_by_price_then_time_at_the_price_that_was_there);
    tcase_add_test(cases, what_does_not_fill_at_once_is_cancelled_when_asked_so);
    tcase_add_test(cases, nobody_trades_with_themselves);
    tcase_add_test(cases, an_order_fills_so_many_and_the_rest_is_cancelled);
    tcase_add_test(cases, dust_does_not_stand_before_an_order);
    tcase_add_test(cases, an_order_is_cancelled_by_its_owner_alone);
    tcase_add_test(cases, the_gate_closes_and_what_rests_goes_back_in_pieces);
    tcase_add_test(cases, without_money_for_timers_anybody_settles);
    tcase_add_test(cases, who_opens_a_slot_pays_its_timer_and_gets_what_that_leaves);
    tcase_add_test(cases, strangers_who_open_slots_take_nothing_from_the_zone);
    tcase_add_loop_test(cases, a_timer_that_could_not_be_paid_is_set_by_whoever_comes_next, 0, 3);
    tcase_add_test(cases, what_a_timer_leaves_that_the_zone_paid_is_its_operators);
    tcase_add_test(cases, a_meter_is_signed_in_by_its_own_key);
    tcase_add_test(cases, a_meter_is_approved_by_the_zones_operator_alone);
    tcase_add_test(cases, a_reading_against_a_rule_has_its_code);
    tcase_add_test(cases, who_makes_meters_takes_nothing_from_the_pot);
    tcase_add_test(cases, what_was_delivered_is_paid_when_the_meter_reports);
    tcase_add_test(cases, a_shortfall_pays_the_buyer_and_who_had_more);
    tcase_add_test(cases, a_reading_that_never_comes_counts_as_nothing);
    tcase_add_test(cases, many_trades_of_a_seller_are_settled_in_pieces);
    tcase_add_test(cases, another_meter_replaces_the_first_and_says_nothing_twice);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
