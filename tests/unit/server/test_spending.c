// SPDX-License-Identifier: Apache-2.0
// What callers may spend: limits that hold under requests at once, over restarts, and whatever the
// clock does.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/server/spending.h"
#include "chaincore/chaincore.h"
#include "tests/support/false_clock.h"
#include "tests/support/unit.h"
#include "tests/unit/server/suites.h"

enum { PRICE = 2, GAS = 100, MOST = 2 * PRICE * GAS, DAY_MS = 24 * 3600 * 1000 };

static char folder[32], path[64];
static struct spending *spending;
static struct spending_refusal broken;

// What a job came to, by the first byte of its id.
static struct {
    enum status status;
    struct spending_outcome outcomes[2];
    int asked;
} ends[256];

static void set_up(void) {
    static const char template[] = "/tmp/lmm-spend-XXXXXX";
    memset(ends, 0, sizeof ends);
    assert_ok(crypto_init());
    log_set_level(LOG_ERROR);
    memcpy(folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/spending.db", folder);
    assert_ok(spending_open(&spending, path));
    false_clock_set_wall(0);
}

static void tear_down(void) {
    spending_close(spending);
    assert_ok(file_remove_tree(folder));
}

static void reopen(void) {
    spending_close(spending);
    assert_ok(spending_open(&spending, path));
}

static void limit(const char *who, enum spending_limit which, uint64_t units) {
    struct spending_terms terms = {0};
    terms.is_set[which] = true;
    terms.most[which] = amount_of_units(units);
    assert_ok(spending_set(spending, who, &terms));
}

static enum status reserve_txs(const char *who, uint8_t name, const struct spending_tx *txs,
                               size_t count, uint64_t cleanup_gas) {
    const uint8_t id[OUTBOX_JOB_BYTES] = {name};
    struct spending_job job = {
        .id = id, .gas_price = PRICE, .txs = txs, .count = count, .cleanup_gas = cleanup_gas};
    return spending_reserve(spending, who, &job, &broken);
}

static enum status reserve(const char *who, uint8_t name) {
    const struct spending_tx tx = {.gas_limit = GAS};
    return reserve_txs(who, name, &tx, 1, 0);
}

static void accept_job(uint8_t name) {
    const uint8_t id[OUTBOX_JOB_BYTES] = {name};
    spending_accept(spending, id);
}

static void give_back(uint8_t name) {
    const uint8_t id[OUTBOX_JOB_BYTES] = {name};
    assert_ok(spending_give_back(spending, id));
}

static void check_spent(const char *who, uint64_t today, uint64_t total) {
    struct spending_report report;
    assert_ok(spending_read(spending, who, &report));
    ck_assert_uint_eq(amount_units(report.today), today);
    ck_assert_uint_eq(amount_units(report.total), total);
}

static enum status look(void *context, const uint8_t id[OUTBOX_JOB_BYTES],
                        struct spending_outcome *outcomes, size_t count) {
    (void)context;
    ends[id[0]].asked++;
    for (size_t i = 0; i < count; i++) outcomes[i] = ends[id[0]].outcomes[i];
    return ends[id[0]].status;
}

static void settle(void) { assert_ok(spending_settle(spending, look, NULL)); }

START_TEST(who_has_no_limit_is_not_counted) {
    assert_ok(reserve("a", 1));
    accept_job(1);
    check_spent("a", 0, 0);
    struct spending_terms none = {0};
    limit("a", SPENDING_DAY, 0);
    ck_assert_int_eq(reserve("a", 2), STATUS_FULL);
    assert_ok(spending_set(spending, "a", &none));
    assert_ok(reserve("a", 2));
}
END_TEST

START_TEST(each_limit_is_met_exactly_and_not_passed) {
    const struct spending_tx two[] = {{.gas_limit = GAS},
                                      {.gas_limit = GAS, .value = amount_of_units(7)}};
    limit("a", SPENDING_TRANSACTION, MOST + 6);
    ck_assert_int_eq(reserve_txs("a", 1, two, 2, 0), STATUS_FULL);
    ck_assert_int_eq(broken.limit, SPENDING_TRANSACTION);
    limit("a", SPENDING_TRANSACTION, MOST + 7);
    assert_ok(reserve_txs("a", 1, two, 2, 0));
    check_spent("a", 2 * MOST + 7, 2 * MOST + 7);
    static const enum spending_limit sums[] = {SPENDING_DAY, SPENDING_TOTAL};
    for (int i = 0; i < 2; i++) {
        const char *who = i ? "c" : "b";
        limit(who, sums[i], 3 * MOST - 1);
        for (uint8_t k = 0; k < 2; k++) assert_ok(reserve(who, (uint8_t)(10 + 10 * i + k)));
        ck_assert_int_eq(reserve(who, 30), STATUS_FULL);
        ck_assert_int_eq(broken.limit, sums[i]);
        check_spent(who, 2 * MOST, 2 * MOST);
        limit(who, sums[i], 3 * MOST);
        assert_ok(reserve(who, (uint8_t)(10 + 10 * i + 2)));
    }
    for (int i = 0; i < SPENDING_LIMITS; i++)
        ck_assert_uint_eq(spending_refused(spending, (enum spending_limit)i), 1);
}
END_TEST

START_TEST(what_no_day_has_room_for_is_told_from_what_today_has_none_for) {
    const struct spending_tx two[] = {{.gas_limit = GAS}, {.gas_limit = GAS}};
    limit("a", SPENDING_DAY, 2 * MOST - 1);
    ck_assert_int_eq(reserve_txs("a", 1, two, 2, 0), STATUS_FULL);
    ck_assert_int_eq(broken.limit, SPENDING_DAY);
    ck_assert(broken.is_alone);
    assert_ok(reserve("a", 2));
    ck_assert_int_eq(reserve("a", 3), STATUS_FULL);
    ck_assert_int_eq(broken.limit, SPENDING_DAY);
    ck_assert(!broken.is_alone);
}
END_TEST

START_TEST(a_sum_that_does_not_fit_is_no_way_around_a_limit) {
    const struct spending_tx tx = {.gas_limit = UINT64_MAX};
    const struct spending_tx value = {.value = amount_of_units(UINT64_MAX)};
    limit("a", SPENDING_DAY, 10 * MOST);
    ck_assert_int_eq(reserve_txs("a", 1, &tx, 1, 0), STATUS_OVERFLOW);
    assert_ok(reserve("a", 2));
    ck_assert_int_eq(reserve_txs("a", 3, &value, 1, 0), STATUS_OVERFLOW);
    check_spent("a", MOST, MOST);
}
END_TEST

START_TEST(what_the_signer_did_not_accept_costs_nothing) {
    limit("a", SPENDING_DAY, MOST);
    assert_ok(reserve("a", 1));
    ck_assert_int_eq(reserve("a", 2), STATUS_FULL);
    give_back(1);
    give_back(1);
    check_spent("a", 0, 0);
    assert_ok(reserve("a", 2));
    ck_assert_int_eq(reserve("a", 2), STATUS_FULL); // before it is found to be there
}
END_TEST

START_TEST(a_job_is_reserved_once) {
    limit("a", SPENDING_DAY, 10 * MOST);
    assert_ok(reserve("a", 1));
    ck_assert_int_eq(reserve("a", 1), STATUS_EXISTS);
    check_spent("a", MOST, MOST);
}
END_TEST

START_TEST(what_has_ended_counts_with_what_it_cost) {
    const struct spending_tx two[] = {{.gas_limit = GAS, .value = amount_of_units(7)},
                                      {.gas_limit = GAS}};
    const struct spending_outcome done = {true, true, 40}, failed = {true, false, 30}, never = {0};
    limit("a", SPENDING_DAY, 1000 * MOST);
    for (uint8_t i = 1; i <= 4; i++) {
        assert_ok(reserve_txs("a", i, two, 2, i == 3 ? 10 : 0));
        accept_job(i);
    }
    check_spent("a", 4 * (2 * MOST + 7) + 40, 4 * (2 * MOST + 7) + 40);
    ends[1].outcomes[0] = ends[1].outcomes[1] = done;
    ends[2].outcomes[0] = failed, ends[2].outcomes[1] = never;
    ends[3].outcomes[0] = done, ends[3].outcomes[1] = failed;
    ends[4].status = STATUS_BUSY;
    settle();
    uint64_t deposits = PRICE * GAS;
    uint64_t cost = 2 * (40 * PRICE + deposits) + 7;         // all went well
    cost += 30 * PRICE;                                      // the first failed
    cost += 40 * PRICE + deposits + 7 + 30 * PRICE + 4 * 10; // and this one is cleaned up
    check_spent("a", cost + 2 * MOST + 7, cost + 2 * MOST + 7);
    settle();
    ck_assert_int_eq(ends[1].asked, 1);
    ck_assert_int_eq(ends[4].asked, 2);
}
END_TEST

START_TEST(nobody_settles_what_the_signer_has_not_answered) {
    limit("a", SPENDING_DAY, MOST);
    assert_ok(reserve("a", 1));
    ends[1].status = STATUS_NOT_FOUND;
    settle();
    ck_assert_int_eq(ends[1].asked, 0);
    check_spent("a", MOST, MOST);
}
END_TEST

START_TEST(a_restart_resets_no_day_and_gives_back_what_was_never_accepted) {
    limit("a", SPENDING_DAY, 2 * MOST);
    assert_ok(reserve("a", 1));
    accept_job(1);
    assert_ok(reserve("a", 2)); // and the process dies
    ends[1].status = STATUS_BUSY;
    ends[2].status = STATUS_NOT_FOUND;
    reopen();
    ck_assert_int_eq(reserve("a", 3), STATUS_FULL);
    settle();
    check_spent("a", MOST, MOST);
    assert_ok(reserve("a", 3));
    ck_assert_int_eq(reserve("a", 4), STATUS_FULL);
}
END_TEST

START_TEST(what_nobody_remembers_any_more_counts_in_full) {
    limit("a", SPENDING_TOTAL, 2 * MOST);
    assert_ok(reserve("a", 1));
    accept_job(1);
    ends[1].status = STATUS_NOT_FOUND;
    false_clock_set_wall((int64_t)8 * DAY_MS);
    settle();
    settle();
    ck_assert_int_eq(ends[1].asked, 1);
    check_spent("a", 0, MOST);
}
END_TEST

START_TEST(a_day_ends_at_midnight_and_a_clock_set_back_begins_none) {
    limit("a", SPENDING_DAY, MOST);
    assert_ok(reserve("a", 1));
    ck_assert_int_eq(reserve("a", 2), STATUS_FULL);
    false_clock_set_wall(DAY_MS);
    check_spent("a", 0, MOST);
    assert_ok(reserve("a", 2));
    false_clock_set_wall(0);
    ck_assert_int_eq(reserve("a", 3), STATUS_FULL);
    false_clock_set_wall(-3 * (int64_t)DAY_MS);
    reopen();
    ck_assert_int_eq(reserve("a", 3), STATUS_FULL);
    // What is settled the day after counts in no other day.
    false_clock_set_wall(DAY_MS);
    settle();
    check_spent("a", 0, 0);
}
END_TEST

enum { THREADS = 8, EACH = 20, FIT = 37 };

static void *spend(void *argument) {
    size_t *accepted = argument;
    uint8_t first = (uint8_t)(*accepted * EACH);
    *accepted = 0;
    for (uint8_t i = 0; i < EACH; i++) {
        const uint8_t id[OUTBOX_JOB_BYTES] = {(uint8_t)(first + i)};
        const struct spending_tx tx = {.gas_limit = GAS};
        const struct spending_job job = {.id = id, .gas_price = PRICE, .txs = &tx, .count = 1};
        struct spending_refusal refusal;
        enum status status = spending_reserve(spending, "a", &job, &refusal);
        ENSURE(status == STATUS_OK || status == STATUS_FULL);
        if (status == STATUS_OK) ++*accepted;
    }
    return NULL;
}

START_TEST(requests_at_once_spend_no_more_than_the_limit) {
    pthread_t threads[THREADS];
    size_t accepted[THREADS], sum = 0;
    limit("a", SPENDING_DAY, FIT * MOST);
    for (size_t i = 0; i < THREADS; i++) {
        accepted[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, spend, &accepted[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum += accepted[i];
    }
    ck_assert_uint_eq(sum, FIT);
    check_spent("a", FIT * MOST, FIT * MOST);
}
END_TEST

START_TEST(more_reservations_than_are_read_at_once_are_all_settled) {
    limit("a", SPENDING_DAY, 1000 * MOST);
    for (uint8_t i = 0; i < 200; i++) {
        assert_ok(reserve("a", i));
        accept_job(i);
    }
    settle();
    check_spent("a", 0, 0);
}
END_TEST

Suite *spending_suite(void) {
    Suite *suite = suite_create("spending");
    TCase *cases = tcase_create("spending");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, who_has_no_limit_is_not_counted);
    tcase_add_test(cases, each_limit_is_met_exactly_and_not_passed);
    tcase_add_test(cases, what_no_day_has_room_for_is_told_from_what_today_has_none_for);
    tcase_add_test(cases, a_sum_that_does_not_fit_is_no_way_around_a_limit);
    tcase_add_test(cases, what_the_signer_did_not_accept_costs_nothing);
    tcase_add_test(cases, a_job_is_reserved_once);
    tcase_add_test(cases, what_has_ended_counts_with_what_it_cost);
    tcase_add_test(cases, nobody_settles_what_the_signer_has_not_answered);
    tcase_add_test(cases, a_restart_resets_no_day_and_gives_back_what_was_never_accepted);
    tcase_add_test(cases, what_nobody_remembers_any_more_counts_in_full);
    tcase_add_test(cases, a_day_ends_at_midnight_and_a_clock_set_back_begins_none);
    tcase_add_test(cases, requests_at_once_spend_no_more_than_the_limit);
    tcase_add_test(cases, more_reservations_than_are_read_at_once_are_all_settled);
    suite_add_tcase(suite, cases);
    return suite;
}
