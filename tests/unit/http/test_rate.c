// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "apps/common/http/rate.h"
#include "chaincore/base/ip.h"
#include "chaincore/base/limits.h"
#include "chaincore/crypto/sign.h"
#include "tests/support/unit.h"
#include "tests/unit/http/suites.h"

static struct rate_table *table;
static uint64_t now_us;

static void set_up(void) {
    assert_ok(crypto_init());
    now_us = 1000000000;
}
static void tear_down(void) {
    rate_table_close(table);
    table = NULL;
}

static void limit(uint32_t burst, uint32_t per_minute) {
    rate_table_close(table);
    table = rate_table_open(&(struct rate_limit){burst, per_minute});
}

static struct rate take(const char *who) { return rate_take(table, bytes_of_string(who), now_us); }

START_TEST(a_burst_is_taken_at_once_and_no_more) {
    limit(3, 60);
    for (uint32_t i = 0; i < 3; i++) {
        struct rate rate = take("a");
        ck_assert(rate.is_allowed);
        ck_assert_uint_eq(rate.remaining, 2 - i);
    }
    struct rate rate = take("a");
    ck_assert(!rate.is_allowed);
    ck_assert_uint_eq(rate.remaining, 0);
    ck_assert_uint_eq(rate.wait_s, 1);
    ck_assert(take("b").is_allowed); // everybody has their own
}
END_TEST

START_TEST(tokens_come_back_with_time_and_never_above_the_burst) {
    limit(2, 6); // one in ten seconds
    ck_assert(take("a").is_allowed);
    ck_assert(take("a").is_allowed);
    now_us += 9999999;
    ck_assert(!take("a").is_allowed);
    now_us += 1;
    ck_assert(take("a").is_allowed);
    ck_assert(!take("a").is_allowed);
    ck_assert_uint_eq(take("a").wait_s, 10);
    now_us += 4500000;
    ck_assert_uint_eq(take("a").wait_s, 6);
    now_us += (uint64_t)3600 * 1000000;
    ck_assert_uint_eq(take("a").remaining, 1);
    ck_assert(take("a").is_allowed);
    ck_assert(!take("a").is_allowed);
}
END_TEST

START_TEST(being_refused_costs_nothing) {
    limit(1, 60);
    ck_assert(take("a").is_allowed);
    for (int i = 0; i < 1000; i++) ck_assert(!take("a").is_allowed);
    now_us += 1000000;
    ck_assert(take("a").is_allowed);
}
END_TEST

START_TEST(over_a_long_time_the_rate_holds) {
    uint64_t allowed = 0, steps = 600000;
    limit(7, 90);
    for (uint64_t i = 0; i < steps; i++) {
        if (take("a").is_allowed) allowed++;
        now_us += 1000;
    }
    ck_assert_uint_ge(allowed, 900 + 6);
    ck_assert_uint_le(allowed, 900 + 7);
}
END_TEST

START_TEST(many_others_do_not_make_it_forget_who_is_over_the_limit) {
    char who[32];
    limit(5, 1);
    for (int i = 0; i < 5; i++) ck_assert(take("guilty").is_allowed);
    ck_assert(!take("guilty").is_allowed);
    for (int i = 0; i < 4 * LIMIT_HTTP_RATE_BUCKETS; i++) {
        snprintf(who, sizeof who, "other-%d", i);
        ck_assert(take(who).is_allowed);
    }
    ck_assert(!take("guilty").is_allowed);
}
END_TEST

START_TEST(addresses_are_read_printed_and_told_apart) {
    static const char *const same[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"2001:DB8:0::1", "2001:db8::1"},
        {"::", "::"},
    };
    static const char *const bad[] = {"",      "192.0.2", "192.0.2.1:80",
                                      "[::1]", "host",    "192.0.2.256"};
    struct ip_address a, b;
    char text[IP_TEXT];
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        ck_assert(ip_parse(&a, same[i][0]));
        ip_print(text, &a);
        ck_assert_str_eq(text, same[i][1]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) ck_assert(!ip_parse(&a, bad[i]));
    ck_assert(ip_parse(&a, "192.0.2.1") && ip_parse(&b, "192.0.2.2"));
    ck_assert(!bytes_equal(ip_owner(&a), ip_owner(&b)));
    ck_assert(ip_parse(&a, "2001:db8::1") && ip_parse(&b, "2001:db8::ffff:0:2"));
    ck_assert(bytes_equal(ip_owner(&a), ip_owner(&b)));
    ck_assert(ip_parse(&b, "2001:db8:0:1::1"));
    ck_assert(!bytes_equal(ip_owner(&a), ip_owner(&b)));
}
END_TEST

Suite *rate_suite(void) {
    Suite *suite = suite_create("rate");
    TCase *cases = tcase_create("rate");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_burst_is_taken_at_once_and_no_more);
    tcase_add_test(cases, tokens_come_back_with_time_and_never_above_the_burst);
    tcase_add_test(cases, being_refused_costs_nothing);
    tcase_add_test(cases, over_a_long_time_the_rate_holds);
    tcase_add_test(cases, many_others_do_not_make_it_forget_who_is_over_the_limit);
    tcase_add_test(cases, addresses_are_read_printed_and_told_apart);
    suite_add_tcase(suite, cases);
    return suite;
}
