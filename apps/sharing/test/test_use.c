// SPDX-License-Identifier: Apache-2.0
// The contract natively, each rule by itself: use, from its start to the bill.
#include "apps/sharing/test/usual.h"
#include "tests/support/unit.h"

// ---- use

START_TEST(use_starts_by_the_renters_signature_within_the_booking) {
    usual_book();
    struct challenge challenge = renting_challenge(CHALLENGE_START, 1, BEFORE * MINUTE);
    ck_assert_uint_eq(renting_start(&challenge), SHARING_TOO_EARLY);
    usual_at(END);
    challenge = renting_challenge(CHALLENGE_START, 1, END * MINUTE);
    ck_assert_uint_eq(renting_start(&challenge), SHARING_BOOKING_OVER);
    challenge = renting_challenge(CHALLENGE_START, 1, (END - 1) * MINUTE); // it came late
    ck_assert_uint_eq(renting_start(&challenge), 0);
    challenge = renting_challenge(CHALLENGE_START, 1, (END - 1) * MINUTE);
    challenge.counter++;
    ck_assert_uint_eq(renting_start(&challenge), SHARING_ALREADY_STARTED);
}
END_TEST

START_TEST(a_challenge_is_for_one_command_booking_lock_and_moment) {
    usual_book();
    usual_at(BEGIN);
    struct challenge good = renting_challenge(CHALLENGE_START, 1, BEGIN * MINUTE), bad = good;
    struct buf arguments = {0};
    bad.command = CHALLENGE_OPEN;
    ck_assert_uint_eq(renting_start(&bad), SHARING_WRONG_COMMAND);
    bad = good, bad.lock[0] ^= 1;
    ck_assert_uint_eq(renting_start(&bad), SHARING_OTHER_LOCK);
    bad = good, bad.height = renting.mock->height + 1;
    ck_assert_uint_eq(renting_start(&bad), SHARING_FROM_THE_FUTURE);
    bad = good, bad.counter = 0;
    ck_assert_uint_eq(renting_start(&bad), SHARING_OLD_CHALLENGE);
    bad = good, bad.booking = 2;
    encode_challenge(&arguments, &bad, &renting.phone, &renting.lock, &renting.mock->chain_id);
    arguments.data[0] = 1; // the booking that is called for
    ck_assert_uint_eq(renting_call("start", &arguments, 0), SHARING_OTHER_BOOKING);
    buf_reset(&arguments);
    encode_challenge(&arguments, &good, &renting.lock, &renting.lock, &renting.mock->chain_id);
    ck_assert_uint_eq(renting_call("start", &arguments, 0), SHARING_BAD_SIGNATURE);
    buf_reset(&arguments);
    encode_challenge(&arguments, &good, &renting.phone, &renting.lock, &(struct hash){{8}});
    ck_assert_uint_eq(renting_call("start", &arguments, 0), SHARING_BAD_SIGNATURE);
    buf_clear(&arguments);
    ck_assert_uint_eq(renting_start(&good), 0);
    ck_assert_uint_eq(renting_start(&good), SHARING_OLD_CHALLENGE); // replayed
    ck_assert_uint_eq(renting_give_back(&good), SHARING_OLD_CHALLENGE);
}
END_TEST

START_TEST(a_return_takes_both_signatures) {
    struct buf arguments = {0};
    usual_book();
    usual_at(BEGIN);
    struct challenge start = renting_challenge(CHALLENGE_START, 1, BEGIN * MINUTE);
    ck_assert_uint_eq(renting_start(&start), 0);
    usual_at(BEGIN + 10);
    struct challenge challenge = renting_challenge(CHALLENGE_RETURN, 1, (BEGIN + 10) * MINUTE);
    encode_challenge(&arguments, &challenge, &renting.phone, &renting.phone,
                     &renting.mock->chain_id);
    ck_assert_uint_eq(renting_call("give_back", &arguments, 0), SHARING_BAD_LOCK_SIGNATURE);
    buf_reset(&arguments);
    encode_challenge(&arguments, &challenge, &renting.lock, &renting.lock, &renting.mock->chain_id);
    ck_assert_uint_eq(renting_call("give_back", &arguments, 0), SHARING_BAD_SIGNATURE);
    buf_clear(&arguments);
    challenge.command = CHALLENGE_START;
    ck_assert_uint_eq(renting_give_back(&challenge), SHARING_WRONG_COMMAND);
    challenge.command = CHALLENGE_RETURN;
    renting_act_as(CLARA); // anyone may bring it
    ck_assert_uint_eq(renting_give_back(&challenge), 0);
    usual_expect_settled(SHARING_RETURNED, 10 * PRICE);
    ck_assert_uint_eq(renting_paid(BEN), (END - BEGIN - 10) * PRICE + DEPOSIT + TIMER_UNITS);
}
END_TEST

// By its word alone it would have begun a moment before the booking's end.
START_TEST(a_start_takes_the_locks_signature_too) {
    struct buf arguments = {0};
    usual_book();
    usual_at(END);
    struct challenge late = renting_challenge(CHALLENGE_START, 1, END * MINUTE - 1);
    encode_challenge(&arguments, &late, &renting.phone, NULL, &renting.mock->chain_id);
    ck_assert_uint_eq(renting_call("start", &arguments, 0), SHARING_BAD_LOCK_SIGNATURE);
    buf_reset(&arguments);
    encode_challenge(&arguments, &late, &renting.phone, &renting.phone, &renting.mock->chain_id);
    ck_assert_uint_eq(renting_call("start", &arguments, 0), SHARING_BAD_LOCK_SIGNATURE);
    arguments.data[8 + CHALLENGE_BYTES + 4 + 64] = 63; // a signature that is short
    ck_assert_uint_eq(renting_call("start", &arguments, 0), SHARING_BAD_ARGUMENTS);
    buf_clear(&arguments);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting_paid(ANNA), (END - BEGIN) * PRICE);
}
END_TEST

START_TEST(a_return_whose_start_was_kept_back_is_billed_from_the_booking_on) {
    usual_book();
    struct challenge early = renting_challenge(CHALLENGE_RETURN, 1, BEFORE * MINUTE);
    ck_assert_uint_eq(renting_give_back(&early), SHARING_TOO_EARLY);
    ck_assert_uint_eq(usual_give_back_at(END + 50), 0);
    usual_expect_settled(SHARING_RETURNED, (END - BEGIN + 50) * PRICE);
}
END_TEST

START_TEST(started_minutes_are_billed_and_one_at_least) {
    usual_book_and_start();
    renting.mock->time_ms += 1;
    struct challenge challenge = renting_challenge(CHALLENGE_RETURN, 1, BEGIN * MINUTE + 1);
    challenge.counter++;
    ck_assert_uint_eq(renting_give_back(&challenge), 0);
    usual_expect_settled(SHARING_RETURNED, PRICE);
}
END_TEST

// The lock's clock is wrong, both times.
START_TEST(a_challenge_counts_no_later_than_its_block) {
    usual_book();
    usual_at(BEGIN);
    struct challenge challenge = renting_challenge(CHALLENGE_START, 1, (END + 9) * MINUTE);
    ck_assert_uint_eq(renting_start(&challenge), 0);
    usual_at(BEGIN + 15);
    challenge = renting_challenge(CHALLENGE_RETURN, 1, UINT64_MAX);
    ck_assert_uint_eq(renting_give_back(&challenge), 0);
    usual_expect_settled(SHARING_RETURNED, 15 * PRICE);
}
END_TEST

START_TEST(a_slow_clock_does_not_turn_time_back_behind_the_start) {
    usual_book_and_start();
    usual_at(BEGIN + 60);
    struct challenge challenge = renting_challenge(CHALLENGE_RETURN, 1, BEFORE * MINUTE);
    ck_assert_uint_eq(renting_give_back(&challenge), 0);
    usual_expect_settled(SHARING_RETURNED, PRICE);
}
END_TEST

START_TEST(late_minutes_are_billed_up_to_their_cap) {
    usual_book_and_start();
    ck_assert_uint_eq(usual_give_back_at(END + 20), 0);
    usual_expect_settled(SHARING_RETURNED, (END - BEGIN + 20) * PRICE);
}
END_TEST

START_TEST(a_bill_is_never_more_than_the_escrow) {
    struct terms terms = usual_terms;
    terms.deposit = 5;
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("unbind", 1), 0);
    ck_assert_uint_eq(renting_list(&terms), 0);
    ck_assert_uint_eq(renting_bind(2, &renting.lock, 2), 0);
    renting_act_as(BEN);
    struct rental_range range = {2, BEGIN * MINUTE, END * MINUTE};
    ck_assert_uint_eq(renting_book(&range, (END - BEGIN) * PRICE + 5 + TIMER_UNITS), 0);
    usual_at(BEGIN);
    usual_start(1);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting_paid(ANNA), (END - BEGIN) * PRICE + 5);
    ck_assert_uint_eq(renting_paid(BEN), 0);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

START_TEST(what_is_never_returned_settles_by_its_timer) {
    usual_book_and_start();
    usual_run_timers_until(END + LATE_CAP - 1);
    ck_assert_uint_eq(renting_number("settle", 1), SHARING_NOT_DUE);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting_number("settle", 1), SHARING_BOOKING_SETTLED);
    ck_assert_uint_eq(renting_paid(ANNA), (END - BEGIN + LATE_CAP) * PRICE);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

START_TEST(what_never_started_owes_what_was_booked) {
    usual_book();
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting_paid(ANNA), (END - BEGIN) * PRICE);
    ck_assert_uint_eq(renting_paid(BEN), DEPOSIT);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

START_TEST(anyone_settles_what_its_timer_did_not) {
    usual_book_and_start();
    usual_at(END + LATE_CAP);
    renting_act_as(CLARA);
    ck_assert_uint_eq(renting_number("settle", 1), 0);
    usual_expect_settled(SHARING_LATE, (END - BEGIN + LATE_CAP) * PRICE);
    ck_assert_uint_eq(renting.mock->timer_count, 0);
}
END_TEST

// ---- the renter's own end

static void start_without_a_lock(uint64_t until) {
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("unbind", 1), 0);
    renting_act_as(BEN);
    ck_assert_uint_eq(usual_try(BEGIN, until), 0);
    usual_at(BEGIN);
    struct challenge challenge = renting_challenge(CHALLENGE_START, 1, BEGIN * MINUTE);
    memset(challenge.lock, 0, sizeof challenge.lock);
    ck_assert_uint_eq(renting_start(&challenge), 0);
}

START_TEST(an_end_counts_unless_it_is_contested) {
    usual_book();
    ck_assert_uint_eq(renting_number("end", 1), SHARING_NOT_STARTED);
    usual_at(BEGIN);
    usual_start(1);
    ck_assert_uint_eq(renting_number("contest", 1), SHARING_NOT_THE_OWNER);
    usual_at(BEGIN + 30);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("contest", 1), SHARING_NOT_ENDING);
    ck_assert_uint_eq(renting_number("end", 1), SHARING_NOT_THE_RENTER);
    renting_act_as(BEN);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    ck_assert_uint_eq(renting_number("end", 1), SHARING_ALREADY_ENDED);
    ck_assert_uint_eq(renting_number("settle", 1), SHARING_NOT_DUE);
    usual_run_timers_until(END + LATE_CAP); // sooner than the claim window's end
    ck_assert_uint_eq(renting_paid(ANNA), 30 * PRICE);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

START_TEST(the_claim_window_ends_by_its_own_timer) {
    uint64_t window = SHARING_CLAIM_WINDOW_MS / MINUTE, until = BEGIN + 2 * window;
    start_without_a_lock(until);
    usual_at(BEGIN + 30);
    renting.mock->timer_price = 1;
    ck_assert_uint_eq(renting_number("end", 1), 0);
    ck_assert_uint_eq(renting.mock->timer_count, 1);
    usual_run_timers_until(BEGIN + 30 + window - 1);
    ck_assert_uint_eq(renting.mock->timer_count, 1);
    usual_run_timers_until(BEGIN + 30 + window);
    ck_assert_uint_eq(renting_paid(ANNA), 30 * PRICE);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

START_TEST(where_gas_became_dearer_an_end_waits_for_the_timer_that_is_there) {
    uint64_t window = SHARING_CLAIM_WINDOW_MS / MINUTE, until = BEGIN + 2 * window;
    start_without_a_lock(until);
    usual_at(BEGIN + 30);
    renting.mock->timer_price = 3;
    ck_assert_uint_eq(renting_number("end", 1), 0);
    usual_run_timers_until(BEGIN + 30 + window);
    ck_assert_uint_eq(renting.mock->timer_count, 1);
    usual_run_timers_until(until + LATE_CAP);
    ck_assert_uint_eq(renting_paid(ANNA), 30 * PRICE);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

START_TEST(a_contested_end_is_the_bookings_end) {
    start_without_a_lock(END);
    usual_at(BEGIN + 30);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("contest", 1), 0);
    usual_expect_settled(SHARING_CONTESTED, (END - BEGIN) * PRICE);
}
END_TEST

START_TEST(a_contested_late_end_is_when_it_was_contested) {
    start_without_a_lock(END);
    usual_at(END + 7);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    usual_at(END + 20);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("contest", 1), 0);
    usual_expect_settled(SHARING_CONTESTED, (END - BEGIN + 20) * PRICE);
}
END_TEST

static void end_and_contest(uint64_t minute) {
    usual_book_and_start();
    usual_at(minute);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("contest", 1), 0);
    ck_assert_uint_eq(renting_number("contest", 1), SHARING_NOT_ENDING);
    renting_act_as(BEN);
    ck_assert_uint_eq(renting_number("end", 1), SHARING_ALREADY_CONTESTED);
}

START_TEST(what_has_a_lock_is_billed_on_when_its_end_is_contested) {
    end_and_contest(END);
    ck_assert_uint_eq(usual_give_back_at(END + 40), 0);
    usual_expect_settled(SHARING_RETURNED, (END - BEGIN + 40) * PRICE);
}
END_TEST

START_TEST(what_is_contested_and_never_returned_is_billed_to_its_last_minute) {
    end_and_contest(BEGIN + 30);
    const uint8_t *grant = usual_stored('g', 1, GRANT_BYTES);
    ck_assert_ptr_nonnull(grant); // opens for as long as it is billed
    ck_assert_uint_eq(load_u64_le(grant + GRANT_BYTES - 16), END * MINUTE);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting_paid(ANNA), (END - BEGIN + LATE_CAP) * PRICE);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

START_TEST(a_return_counts_although_an_end_was_said_before) {
    usual_book_and_start();
    usual_at(END);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    ck_assert_uint_eq(usual_give_back_at(END + 40), 0);
    usual_expect_settled(SHARING_RETURNED, (END - BEGIN + 40) * PRICE);
}
END_TEST

START_TEST(nobody_contests_when_the_window_is_over) {
    usual_book_and_start();
    usual_at(BEGIN + 30);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    usual_at(END + LATE_CAP);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("contest", 1), SHARING_CLAIM_WINDOW_OVER);
}
END_TEST

START_TEST(a_return_that_both_signed_counts_before_a_later_end) {
    usual_book_and_start();
    usual_at(BEGIN + 30);
    struct challenge challenge = renting_challenge(CHALLENGE_RETURN, 1, (BEGIN + 20) * MINUTE);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    ck_assert_uint_eq(renting_give_back(&challenge), 0);
    usual_expect_settled(SHARING_RETURNED, 20 * PRICE);
}
END_TEST

START_TEST(a_late_end_can_be_contested_until_the_last_minute) {
    usual_book_and_start();
    usual_at(END + 7);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    ck_assert_uint_eq(renting_number("settle", 1), SHARING_NOT_DUE);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting_paid(ANNA), (END - BEGIN + 7) * PRICE);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

// ---- extension

START_TEST(an_extension_is_paid_for_and_moves_all_that_hangs_on_the_end) {
    usual_book_and_start();
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 30) * MINUTE, 30 * PRICE - 1),
                      SHARING_WRONG_PAYMENT);
    ck_assert_uint_eq(renting_pair("extend", 1, END * MINUTE, 0), SHARING_BAD_RANGE);
    ck_assert_uint_eq(renting_pair("extend", 1, (BEGIN + 31 * 24 * 60 + 1) * MINUTE, 1),
                      SHARING_TOO_LONG);
    renting_act_as(CLARA);
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 30) * MINUTE, 30 * PRICE),
                      SHARING_NOT_THE_RENTER);
    ck_assert_uint_eq(usual_try(END + 30, END + 60), 0);
    renting_act_as(BEN);
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 31) * MINUTE, 31 * PRICE), SHARING_TAKEN);
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 30) * MINUTE, 30 * PRICE), 0);
    const uint8_t *grant = usual_stored('g', 1, GRANT_BYTES);
    ck_assert_ptr_nonnull(grant);
    ck_assert_uint_eq(load_u64_le(grant + GRANT_BYTES - 16), (END + 30) * MINUTE);
    renting_act_as(CLARA);
    ck_assert_uint_eq(usual_try(END, END + 10), SHARING_TAKEN);
    ck_assert_uint_eq(renting_number("cancel", 2), 0);
    ck_assert_uint_eq(renting.mock->timer_count, 1);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting.mock->timer_count, 1);
    usual_at(END + 30);
    renting_act_as(BEN);
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 90) * MINUTE, 60 * PRICE),
                      SHARING_BOOKING_OVER);
    usual_run_timers_until(END + 30 + LATE_CAP);
    ck_assert_uint_eq(renting_paid(ANNA), (END + 30 + LATE_CAP - BEGIN) * PRICE);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

START_TEST(an_extension_pays_what_a_timer_costs_more) {
    usual_book_and_start();
    renting.mock->timer_price = 2;
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 30) * MINUTE, 30 * PRICE),
                      SHARING_WRONG_PAYMENT);
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 30) * MINUTE, 30 * PRICE + TIMER_UNITS), 0);
    renting.mock->timer_price = 1; // and gets back what it costs less
    uint64_t before = renting_paid(BEN);
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 40) * MINUTE, 10 * PRICE), 0);
    ck_assert_uint_eq(renting_paid(BEN) - before, TIMER_UNITS);
    usual_at(END);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 50) * MINUTE, 10 * PRICE),
                      SHARING_ALREADY_ENDED);
    usual_run_timers_until(END + 40 + LATE_CAP);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("sharing use");
    TCase *cases = tcase_create("rules");
    tcase_add_checked_fixture(cases, usual_open, usual_close);
    tcase_add_test(cases, use_starts_by_the_renters_signature_within_the_booking);
    tcase_add_test(cases, a_challenge_is_for_one_command_booking_lock_and_moment);
    tcase_add_test(cases, a_return_takes_both_signatures);
    tcase_add_test(cases, a_start_takes_the_locks_signature_too);
    tcase_add_test(cases, a_return_whose_start_was_kept_back_is_billed_from_the_booking_on);
    tcase_add_test(cases, started_minutes_are_billed_and_one_at_least);
    tcase_add_test(cases, a_challenge_counts_no_later_than_its_block);
    tcase_add_test(cases, a_slow_clock_does_not_turn_time_back_behind_the_start);
    tcase_add_test(cases, late_minutes_are_billed_up_to_their_cap);
    tcase_add_test(cases, a_bill_is_never_more_than_the_escrow);
    tcase_add_test(cases, what_is_never_returned_settles_by_its_timer);
    tcase_add_test(cases, what_never_started_owes_what_was_booked);
    tcase_add_test(cases, anyone_settles_what_its_timer_did_not);
    tcase_add_test(cases, an_end_counts_unless_it_is_contested);
    tcase_add_test(cases, the_claim_window_ends_by_its_own_timer);
    tcase_add_test(cases, where_gas_became_dearer_an_end_waits_for_the_timer_that_is_there);
    tcase_add_test(cases, a_contested_end_is_the_bookings_end);
    tcase_add_test(cases, nobody_contests_when_the_window_is_over);
    tcase_add_test(cases, a_return_that_both_signed_counts_before_a_later_end);
    tcase_add_test(cases, a_contested_late_end_is_when_it_was_contested);
    tcase_add_test(cases, what_has_a_lock_is_billed_on_when_its_end_is_contested);
    tcase_add_test(cases, what_is_contested_and_never_returned_is_billed_to_its_last_minute);
    tcase_add_test(cases, a_return_counts_although_an_end_was_said_before);
    tcase_add_test(cases, a_late_end_can_be_contested_until_the_last_minute);
    tcase_add_test(cases, an_extension_is_paid_for_and_moves_all_that_hangs_on_the_end);
    tcase_add_test(cases, an_extension_pays_what_a_timer_costs_more);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
