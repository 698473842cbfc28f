// SPDX-License-Identifier: Apache-2.0
// The budget of a day, which ends at midnight (UTC).
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "apps/common/server/sponsor.h"
#include "chaincore/base/clock.h"
#include "tests/support/unit.h"
#include "tests/unit/server/suites.h"

static struct sponsor *sponsor;
static char path[64];
static const struct bytes a = {(const uint8_t *)"a", 1}, b = {(const uint8_t *)"b", 1};

static void set_up(void) {
    const struct sponsor_terms terms = {
        .a_day = amount_of_units(100), .a_client = amount_of_units(60), .transactions = 1};
    snprintf(path, sizeof path, "/tmp/lmm-sponsor-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    assert_ok(sponsor_open(&sponsor, path, &terms));
}

static void tear_down(void) {
    char more[80];
    sponsor_close(sponsor);
    unlink(path);
    snprintf(more, sizeof more, "%s-wal", path);
    unlink(more);
    snprintf(more, sizeof more, "%s-shm", path);
    unlink(more);
}

static enum status take(struct bytes client, uint64_t units, uint64_t *day) {
    return sponsor_take(sponsor, client, amount_of_units(units), day);
}

START_TEST(what_is_given_back_can_be_taken_again) {
    uint64_t day;
    assert_ok(take(a, 60, &day));
    assert_status(take(a, 1, &day), STATUS_FULL);
    assert_ok(sponsor_give_back(sponsor, a, amount_of_units(60), day));
    assert_ok(take(b, 60, &day));
    assert_ok(take(a, 40, &day));
    assert_status(take(a, 1, &day), STATUS_FULL); // the day's
}
END_TEST

START_TEST(what_another_day_gave_is_none_of_this_days) {
    uint64_t yesterday, day;
    assert_ok(take(a, 60, &yesterday));
    clock_wall_advance(UINT64_C(24) * 3600 * 1000);
    assert_ok(take(b, 60, &day));
    ck_assert_uint_eq(day, yesterday + 1);
    assert_ok(sponsor_give_back(sponsor, a, amount_of_units(60), yesterday));
    assert_ok(take(a, 40, &day));
    assert_status(take(a, 1, &day), STATUS_FULL);
}
END_TEST

Suite *sponsor_suite(void) {
    Suite *suite = suite_create("sponsor");
    TCase *cases = tcase_create("sponsor");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, what_is_given_back_can_be_taken_again);
    tcase_add_test(cases, what_another_day_gave_is_none_of_this_days);
    suite_add_tcase(suite, cases);
    return suite;
}
