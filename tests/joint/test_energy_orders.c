// SPDX-License-Identifier: Apache-2.0
// Random orders, cancellations and readings against a model (energy_model.h): the same fills in the
// same order, the same refusals and the same money for everybody, to the last unit. Timers cost
// something and leave something, for whoever paid them. At every step the contract holds what
// orders, trades and the zone's account add up to; when the slots are over and the zone's operator
// has taken out its account, it holds nothing.
//   ENERGY_ORDERS   how many orders; 20,000 unless given
//   ENERGY_SEED     where chance begins
#include <stdio.h>
#include <stdlib.h>

#include "tests/joint/energy_model.h"

enum { TRADERS = 12, BOOKS = 2, ROUND_ORDERS = 400, CAP = 100, CEILING = 2000 };
static const uint64_t FUNDS = 1000 * (uint64_t)TIMER_GAS; // for a round's timers

static struct model models[BOOKS]; // of this slot and the next one
static uint64_t chance, zone_account, orders_done, fills_seen, refused;
static uint64_t got_before[ENERGY_PEOPLE]; // of slots that are over
static uint64_t opened[ENERGY_PEOPLE];     // slots, by each

// splitmix64
static uint32_t pick(uint32_t below) {
    uint64_t z = (chance += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

static uint64_t number_of(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void check_money(void) {
    for (size_t i = 0; i < ENERGY_PEOPLE; i++) {
        uint64_t expected = got_before[i];
        for (size_t book = 0; book < BOOKS; book++) expected += models[book].got[i];
        ck_assert_uint_eq(energy.got[i], expected);
    }
}

// What the zone's account holds: of `zone_account` it has paid its timers, those to come too.
static uint64_t account_left(void) {
    uint64_t timers = energy.runs[ENERGY_OPERATOR];
    for (size_t i = 0; i < energy.mock->timer_count; i++)
        timers += energy.mock->timers[i].rest_to.bytes[0] == ENERGY_OPERATOR;
    return zone_account - timers * TIMER_GAS;
}

static void check_locked(void) {
    uint64_t locked = account_left();
    for (size_t book = 0; book < BOOKS; book++) locked += model_locked(&models[book]);
    ck_assert_uint_eq(energy.mock->balance, locked);
}

static void check_fills(const struct model *model, size_t first, enum outcome outcome) {
    enum { NUMBER = 8, PRICE = 16, WH = 24, RESTING_NUMBER = 40, BUYER = 49, SELLER = 81 };
    size_t count = 0;
    for (size_t i = first; i < model->fill_count; i++, count++) {
        const struct model_fill *fill = &model->fills[i];
        struct bytes told = energy_event("trade", count);
        ck_assert_uint_eq(told.len, SELLER + 32 + 8);
        ck_assert_uint_eq(load_u64_le(told.data + NUMBER), i + 1);
        ck_assert_uint_eq(load_u64_le(told.data + PRICE), fill->price);
        ck_assert_uint_eq(load_u64_le(told.data + WH), fill->wh);
        ck_assert_uint_eq(load_u64_le(told.data + RESTING_NUMBER), fill->number);
        ck_assert_uint_eq(told.data[BUYER], fill->buyer);
        ck_assert_uint_eq(told.data[SELLER], fill->seller);
    }
    ck_assert_uint_eq(energy_event("trade", count).len, 0);
    struct bytes order = energy_event("order", 0);
    ck_assert_uint_eq(load_u64_le(order.data + 8), model->order_count);
    ck_assert_uint_eq(order.data[order.len - 1], outcome);
    fills_seen += count;
}

static void do_order(struct model *model) {
    uint8_t person = (uint8_t)pick(TRADERS);
    struct energy_order order = {.zone = 1,
                                 .slot = model->slot,
                                 .side = (uint8_t)pick(SIDES),
                                 .kind = (uint8_t)(pick(5) < 3 ? LIMIT : 1 + pick(2)),
                                 .price = pick(30) == 0 ? pick(CAP + 2) : 40 + pick(20),
                                 .wh = pick(40) == 0 ? pick(2000) : 1 + pick(50)};
    size_t first = 0;
    enum outcome outcome = RESTING;
    uint32_t expected = model_order(model, person, &order, &first, &outcome);
    uint64_t value = order.wh * (order.side == BUY ? order.price : CAP);
    uint64_t beyond = pick(4) == 0 ? pick(1000) : 0; // comes back
    bool opens = model->order_count == (expected == 0);
    if (opens) value += energy_timer_money();
    ck_assert_uint_eq(energy_order(person, &order, value + beyond), expected);
    if (opens && expected == 0) opened[person]++;
    if (expected == 0) check_fills(model, first, outcome);
    if (expected == 0) model->got[person] += beyond;
    refused += expected != 0;
    orders_done++;
}

static void do_cancel(struct model *model) {
    if (model->count == 0) return;
    struct model_order *order = &model->orders[pick((uint32_t)model->count)];
    uint8_t person = pick(4) == 0 ? (uint8_t)pick(TRADERS) : order->person;
    struct energy_order place = {
        .zone = 1, .slot = model->slot, .side = order->side, .price = order->price};
    uint32_t expected = order->is_gone ? UNKNOWN_ORDER : person != order->person ? NOT_YOURS : 0;
    ck_assert_uint_eq(energy_cancel(person, &place, order->number), expected);
    if (expected == 0) model_remove(model, order);
}

static void do_orders(void) {
    for (int i = 0; i < ROUND_ORDERS; i++) {
        struct model *model = &models[pick(BOOKS)];
        if (pick(8) == 0)
            do_cancel(model);
        else
            do_order(model);
        check_money();
        if (i % 16 == 0) check_locked();
    }
    check_locked();
}

// Of some, more or less than they traded, in any order.
static void do_readings(struct model *model, uint64_t sequence) {
    for (uint32_t i = 0; i < 3 * TRADERS; i++) {
        struct energy_reading reading = {(uint8_t)pick(TRADERS), (uint8_t)pick(DIRECTIONS),
                                         model->slot, pick(2500), sequence};
        bool is_known = model->has_reading[reading.meter][reading.direction];
        if (reading.meter == 0) continue; // never reports
        uint32_t expected = is_known ? READING_TWICE : reading.wh > CEILING ? ABOVE_CEILING : 0;
        ck_assert_uint_eq(energy_read(&reading), expected);
        if (expected != 0) continue;
        model->has_reading[reading.meter][reading.direction] = true;
        model->readings[reading.meter][reading.direction] = reading.wh;
        if (pick(3) == 0) energy_run_timers(energy.mock->time_ms + pick(1000));
    }
}

static void end_slot(uint64_t sequence) {
    struct model *model = &models[0], next = models[1];
    uint64_t end_ms = ((uint64_t)model->slot + 1) * SLOT_MS;
    energy_run_timers((uint64_t)model->slot * SLOT_MS);
    model_close(model);
    check_money();
    check_locked();
    energy.mock->time_ms = end_ms;
    do_readings(model, sequence);
    if (pick(2) == 0) energy_run_timers(end_ms + WAIT_MS_MIN - 1);
    energy.mock->time_ms = end_ms + WAIT_MS_MIN;
    while (pick(3) == 0 && energy_settle(1, model->slot) == 0) continue;
    energy_run_timers(end_ms + WAIT_MS_MIN);
    ck_assert_uint_eq(energy_settle(1, model->slot), NOTHING_TO_SETTLE);
    model_settle(model);
    zone_account += model->to_zone;
    for (size_t i = 0; i < ENERGY_PEOPLE; i++) got_before[i] += model->got[i];
    model_clear(model);
    models[0] = next;
    models[1] = (struct model){0};
}

// By everybody who opened one, which are over. Then the operator takes out the zone's account.
static void check_ended(void) {
    struct buf arguments = {0};
    uint64_t account = account_left();
    ck_assert_uint_eq(energy.mock->timer_count, 0);
    for (size_t i = 0; i < TRADERS; i++) ck_assert_uint_eq(energy.runs[i], opened[i]);
    encode_u32(&arguments, 1);
    encode_u64(&arguments, account);
    ck_assert_uint_eq(energy_call(ENERGY_OPERATOR, "call.withdraw", &arguments, 0), 0);
    buf_clear(&arguments);
    got_before[ENERGY_OPERATOR] += account;
    ck_assert_uint_eq(energy.mock->balance, 0);
    zone_account -= account;
}

static void begin(uint64_t now_ms) {
    struct buf arguments = {0};
    encode_u32(&arguments, 1);
    ck_assert_uint_eq(energy_call(ENERGY_OPERATOR, "pay.fund", &arguments, FUNDS), 0);
    buf_clear(&arguments);
    zone_account += FUNDS;
    energy.mock->timer_left = pick(101);
    energy.mock->time_ms = now_ms;
    for (uint32_t book = 0; book < BOOKS; book++)
        model_start(&models[book], (uint32_t)(now_ms / SLOT_MS) + 2 + 6 * book, CAP);
}

static void sign_in_all(void) {
    for (uint8_t person = 1; person < TRADERS; person++)
        for (uint8_t direction = 0; direction < DIRECTIONS; direction++) {
            ck_assert_uint_eq(energy_sign_in(person, person, 1, direction), 0);
            ck_assert_uint_eq(energy_approve(ENERGY_OPERATOR, person, direction, CEILING), 0);
        }
}

START_TEST(random_orders_do_what_the_model_does) {
    const struct energy_zone zone = {CAP, 1, 0, WAIT_MS_MIN, "North"};
    uint64_t orders = number_of("ENERGY_ORDERS", 20000), seed = number_of("ENERGY_SEED", 1);
    ck_assert_uint_eq(energy_make_zone(&zone, 0), 0);
    sign_in_all();
    energy.mock->timer_price = 1;
    chance = seed;
    for (uint64_t round = 1; orders_done < orders; round += BOOKS) {
        begin(ENERGY_NOW_MS + round * 20 * SLOT_MS);
        do_orders();
        for (uint64_t book = 0; book < BOOKS; book++) {
            end_slot(round + book);
            check_money();
            check_locked();
        }
        check_ended();
    }
    ck_assert_uint_gt(fills_seen, orders / 4);
    printf("{\"orders\": %llu, \"fills\": %llu, \"refused\": %llu, \"seed\": %llu}\n",
           (unsigned long long)orders_done, (unsigned long long)fills_seen,
           (unsigned long long)refused, (unsigned long long)seed);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("energy orders");
    TCase *cases = tcase_create("against a model");
    tcase_set_timeout(cases, getenv("ENERGY_ORDERS") ? 0 : 120); // 0: none
    tcase_add_checked_fixture(cases, energy_start, energy_stop);
    tcase_add_test(cases, random_orders_do_what_the_model_does);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
