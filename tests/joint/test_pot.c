// SPDX-License-Identifier: Apache-2.0
// The tutorial's contract, natively: each rule by itself, then random histories.
#include "tests/joint/test_pot.h"

#include "tests/support/mock_host.h"
#include "tests/support/unit.h"

static struct mock *mock;
enum { GOAL = 1000, DEADLINE = 5000 };
static const struct account_id beneficiary = {{0xbe}};
static const struct bytes NONE = {0};

static void start(void) {
    uint8_t arguments[48];
    mock = mock_open("docs/examples/pot/pot.so");
    ck_assert_ptr_nonnull(mock);
    memcpy(arguments, &beneficiary, 32);
    store_u64_le(arguments + 32, GOAL);
    store_u64_le(arguments + 40, DEADLINE);
    ck_assert_int_eq(mock_call(mock, "init", BYTES_OF(arguments), 0), TX_CODE_OK);
}
static void stop(void) { mock_close(mock); }

static void become(uint8_t person) { mock->caller = (struct account_id){{person}}; }

static void check_refused(enum tx_code code, uint32_t with) {
    ck_assert_int_eq(code, TX_CODE_CONTRACT_REFUSED);
    ck_assert_uint_eq(mock->refused_with, with);
}

static uint64_t share_of(uint8_t person) {
    struct account_id id = {{person}};
    ck_assert_int_eq(mock_call(mock, "view.share", BYTES_OF(id), 0), TX_CODE_OK);
    return load_u64_le(mock->result.data);
}

static enum tx_code give(uint8_t person, uint64_t units) {
    become(person);
    return mock_call(mock, "pay.give", NONE, units);
}

START_TEST(a_pot_that_reaches_its_goal_pays_out_once) {
    ck_assert_int_eq(give(1, 400), TX_CODE_OK);
    ck_assert_int_eq(give(2, 600), TX_CODE_OK);
    ck_assert_uint_eq(mock->event_count, 1);
    ck_assert_uint_eq(load_u64_le(mock->events[0].data.data + 40), 1000);
    check_refused(mock_call(mock, "call.settle", NONE, 0), TOO_EARLY);
    mock->time_ms = DEADLINE;
    check_refused(give(3, 5), TOO_LATE);
    ck_assert_int_eq(mock_call(mock, "call.settle", NONE, 0), TX_CODE_OK);
    ck_assert_uint_eq(mock->transfer_count, 1);
    ck_assert(account_id_equal(&mock->transfers[0].to, &beneficiary));
    ck_assert_uint_eq(mock->transfers[0].sent, 1000);
    ck_assert_uint_eq(mock->balance, 0);
    check_refused(mock_call(mock, "call.settle", NONE, 0), SETTLED);
    become(1);
    check_refused(mock_call(mock, "call.take_back", NONE, 0), NOTHING_HERE);
}
END_TEST

START_TEST(a_pot_that_fails_gives_everybody_theirs) {
    ck_assert_int_eq(give(1, 400), TX_CODE_OK);
    ck_assert_int_eq(give(1, 50), TX_CODE_OK);
    ck_assert_int_eq(give(2, 549), TX_CODE_OK);
    check_refused(mock_call(mock, "call.take_back", NONE, 0), NOTHING_HERE); // not before the end
    mock->time_ms = DEADLINE + 1;
    ck_assert_int_eq(mock_call(mock, "call.settle", NONE, 0), TX_CODE_OK);
    ck_assert_uint_eq(mock->transfer_count, 0);
    become(1);
    ck_assert_int_eq(mock_call(mock, "call.take_back", NONE, 0), TX_CODE_OK);
    ck_assert_uint_eq(mock->transfers[0].sent, 450);
    check_refused(mock_call(mock, "call.take_back", NONE, 0), NOTHING_HERE);
    become(3);
    check_refused(mock_call(mock, "call.take_back", NONE, 0), NOTHING_HERE);
    ck_assert_uint_eq(mock->balance, 549);
    ck_assert_uint_eq(share_of(2), 549);
}
END_TEST

START_TEST(an_armed_pot_settles_itself) {
    size_t failed;
    mock->timer_price = 3;
    check_refused(mock_call(mock, "pay.arm", NONE, POT_SETTLE_GAS), WRONG_PRICE);
    check_refused(mock_call(mock, "pay.arm", NONE, 3 * POT_SETTLE_GAS + 1), WRONG_PRICE);
    ck_assert_int_eq(mock_call(mock, "pay.arm", NONE, 3 * POT_SETTLE_GAS), TX_CODE_OK);
    struct account_id payer = mock->caller;
    mock->timer_left = 40;
    check_refused(mock_call(mock, "pay.arm", NONE, 3 * POT_SETTLE_GAS), ARMED);
    ck_assert_int_eq(give(1, GOAL), TX_CODE_OK);
    ck_assert_uint_eq(mock_run_timers(mock, DEADLINE - 1, &failed), 0);
    ck_assert_uint_eq(mock_run_timers(mock, DEADLINE, &failed), 1);
    ck_assert_uint_eq(failed, 0);
    ck_assert_uint_eq(mock->transfers[0].sent, GOAL);
    ck_assert_uint_eq(mock_left_by_timers(mock, &payer), 3 * POT_SETTLE_GAS / 100 * 40);
    ck_assert_uint_eq(mock->balance, 0);
    ck_assert_uint_eq(mock_run_timers(mock, DEADLINE, &failed), 0);
}
END_TEST

START_TEST(misuse_has_its_own_code_and_changes_nothing) {
    uint8_t arguments[49] = {0};
    ck_assert_int_eq(mock_call(mock, "call.settle", NONE, 5), TX_CODE_NOT_PAYABLE);
    ck_assert_int_eq(mock_call(mock, "call.give", NONE, 0), TX_CODE_UNKNOWN_METHOD);
    check_refused(give(1, 0), NOTHING_GIVEN);
    for (size_t len = 0; len <= sizeof arguments; len++) {
        store_u64_le(arguments + 32, len == 48 ? 0 : GOAL); // of the right length, but no goal
        check_refused(mock_call(mock, "init", bytes_of(arguments, len), 0), 1);
    }
    check_refused(mock_call(mock, "view.share", bytes_of(arguments, 31), 0), 1);
    ck_assert_uint_eq(mock_storage_count(mock), 1);
    ck_assert_uint_eq(mock->balance, 0);
}
END_TEST

// splitmix64
static uint32_t pick(uint64_t *seed, uint32_t below) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

enum { PEOPLE = 6 };

struct history {
    uint64_t given[PEOPLE], taken[PEOPLE];
    uint64_t paid; // to the beneficiary
};

static void note_transfers(struct history *history) {
    for (size_t i = 0; i < mock->transfer_count; i++) {
        const struct mock_transfer *transfer = &mock->transfers[i];
        if (account_id_equal(&transfer->to, &beneficiary))
            history->paid += transfer->sent;
        else
            history->taken[transfer->to.bytes[0]] += transfer->sent;
    }
}

// Nobody gets more than theirs, nothing is paid twice, and what is left is what is still owed.
static void check_history(const struct history *history) {
    uint64_t total = 0, owed = 0;
    for (uint8_t person = 0; person < PEOPLE; person++) {
        ck_assert_uint_le(history->taken[person], history->given[person]);
        total += history->given[person];
        owed += history->given[person] - history->taken[person];
    }
    ck_assert(history->paid == 0 || (history->paid == total && total >= GOAL));
    ck_assert_uint_eq(mock->balance, history->paid > 0 ? 0 : owed);
}

static void take_a_step(struct history *history, uint64_t *seed) {
    uint8_t person = (uint8_t)pick(seed, PEOPLE);
    uint64_t units = pick(seed, 200);
    size_t failed;
    switch (pick(seed, 8)) {
    case 0:
    case 1:
    case 2:
        if (give(person, units) == TX_CODE_OK) history->given[person] += units;
        break;
    case 3:
        become(person);
        if (mock_call(mock, "call.take_back", NONE, 0) == TX_CODE_OK) note_transfers(history);
        break;
    case 4:
        become(person);
        if (mock_call(mock, "call.settle", NONE, 0) == TX_CODE_OK) note_transfers(history);
        break;
    case 5:
        mock_call(mock, "pay.arm", NONE, POT_SETTLE_GAS); // paid for, and gone with the timer
        break;
    case 6:
        if (mock_run_timers(mock, mock->time_ms + pick(seed, 500), &failed) > failed)
            note_transfers(history);
        break;
    case 7:
        ck_assert_uint_le(share_of(person), history->given[person]);
        break;
    }
}

START_TEST(money_is_never_lost_nor_made_over_random_histories) {
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct history history = {.paid = 0};
        uint64_t random = seed;
        stop();
        start();
        for (int step = 0; step < 80; step++) {
            take_a_step(&history, &random);
            check_history(&history);
        }
    }
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("pot");
    TCase *cases = tcase_create("native");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, a_pot_that_reaches_its_goal_pays_out_once);
    tcase_add_test(cases, a_pot_that_fails_gives_everybody_theirs);
    tcase_add_test(cases, an_armed_pot_settles_itself);
    tcase_add_test(cases, misuse_has_its_own_code_and_changes_nothing);
    tcase_add_test(cases, money_is_never_lost_nor_made_over_random_histories);
    suite_add_tcase(suite, cases);
    pot_chain_cases(suite);
    srunner_add_suite(runner, suite);
}
