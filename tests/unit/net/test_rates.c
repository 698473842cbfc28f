// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/rates.h"

#include "chaincore/crypto/sign.h"
#include "tests/unit/net/suites.h"

enum { AT_ONCE = 8, PER_S = 2 };

static struct rates rates;

static void start(void) {
    ck_assert_int_eq(crypto_init(), STATUS_OK);
    rates_init(&rates, AT_ONCE, PER_S);
}

static struct ip_address numbered(unsigned number) {
    struct ip_address address;
    ck_assert(ip_parse(&address, "2a00::1"));
    store_u32_be(address.bytes + 4, number);
    return address;
}

static unsigned take_all(unsigned number, uint64_t now_ms) {
    struct ip_address address = numbered(number);
    unsigned count = 0;
    while (rates_take(&rates, ip_owner(&address), now_ms)) count++;
    return count;
}

START_TEST(so_many_come_at_once) {
    ck_assert_uint_eq(take_all(1, 0), AT_ONCE);
    ck_assert_uint_eq(take_all(1, 0), 0);
    ck_assert_uint_eq(take_all(2, 0), AT_ONCE); // another's are its own
}
END_TEST

START_TEST(and_so_many_a_second) {
    take_all(1, 1000);
    ck_assert_uint_eq(take_all(1, 1000 + 1000 / PER_S - 1), 0);
    ck_assert_uint_eq(take_all(1, 1000 + 1000 / PER_S), 1);
    ck_assert_uint_eq(take_all(1, 5000 + 1000 / PER_S), AT_ONCE); // never more than at once
}
END_TEST

START_TEST(what_is_refused_counts_for_nothing) {
    for (int i = 0; i < 1000; i++) take_all(1, 0);
    ck_assert_uint_eq(take_all(1, 1000), PER_S);
}
END_TEST

// Places are few: whoever has spent least gives way.
START_TEST(many_addresses_do_not_hide_one_that_comes_often) {
    take_all(0, 0);
    for (unsigned i = 1; i < 8 * LIMIT_RATED_OWNERS; i++) {
        struct ip_address address = numbered(i);
        ck_assert(rates_take(&rates, ip_owner(&address), 0));
    }
    ck_assert_uint_eq(take_all(0, 0), 0);
}
END_TEST

Suite *rates_suite(void) {
    Suite *suite = suite_create("rates");
    TCase *cases = tcase_create("rates");
    tcase_add_checked_fixture(cases, start, NULL);
    tcase_add_test(cases, so_many_come_at_once);
    tcase_add_test(cases, and_so_many_a_second);
    tcase_add_test(cases, what_is_refused_counts_for_nothing);
    tcase_add_test(cases, many_addresses_do_not_hide_one_that_comes_often);
    suite_add_tcase(suite, cases);
    return suite;
}
