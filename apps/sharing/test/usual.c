// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/test/usual.h"

#include "tests/support/unit.h"

void usual_open(void) {
    renting_open();
    renting.mock->time_ms = BEFORE * MINUTE;
    renting.mock->height = 10;
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_list(&usual_terms), 0);
    ck_assert_uint_eq(renting_bind(1, &renting.lock, 1), 0);
    renting_act_as(BEN);
}

void usual_close(void) { renting_close(); }

void usual_at(uint64_t minute) {
    renting.mock->time_ms = minute * MINUTE;
    renting.mock->height++;
}

struct rental_range usual_range(uint64_t from, uint64_t until) {
    return (struct rental_range){1, from * MINUTE, until * MINUTE};
}

uint32_t usual_try(uint64_t from, uint64_t until) {
    struct rental_range range = usual_range(from, until);
    return renting_book(&range, (until - from) * PRICE + DEPOSIT + TIMER_UNITS);
}

void usual_book(void) {
    ck_assert_uint_eq(usual_try(BEGIN, END), 0);
    ck_assert_uint_eq(renting_result(), 1);
}

void usual_start(uint64_t booking) {
    struct challenge challenge = renting_challenge(CHALLENGE_START, booking, renting.mock->time_ms);
    ck_assert_uint_eq(renting_start(&challenge), 0);
}

void usual_book_and_start(void) {
    usual_book();
    usual_at(BEGIN);
    usual_start(1);
}

uint32_t usual_give_back_at(uint64_t minute) {
    usual_at(minute);
    struct challenge challenge = renting_challenge(CHALLENGE_RETURN, 1, minute * MINUTE);
    return renting_give_back(&challenge);
}

void usual_expect_settled(enum sharing_outcome outcome, uint64_t bill) {
    struct settled settled = renting_settled();
    ck_assert_uint_eq(settled.outcome, outcome);
    ck_assert_uint_eq(settled.bill, bill);
    ck_assert_uint_eq(settled.bill + settled.refund, (END - BEGIN) * PRICE + DEPOSIT);
    ck_assert_uint_eq(renting_paid(ANNA), bill);
    ck_assert_uint_eq(renting.mock->balance, 0);
    ck_assert_uint_eq(renting_number("settle", 1), SHARING_BOOKING_SETTLED);
}

void usual_run_timers_until(uint64_t minute) {
    size_t failed;
    mock_run_timers(renting.mock, minute * MINUTE, &failed);
    ck_assert_uint_eq(failed, 0);
}

const uint8_t *usual_stored(uint8_t kind, uint64_t number, size_t len) {
    uint8_t key[9] = {kind};
    struct bytes value;
    store_u64_be(key + 1, number);
    if (!mock_stored(renting.mock, BYTES_OF(key), &value)) return NULL;
    ck_assert_uint_eq(value.len, len);
    return value.data;
}
