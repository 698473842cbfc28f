// SPDX-License-Identifier: Apache-2.0
// What the energy contract answers without a transaction, natively.
#include "tests/joint/energy_fixture.h"

START_TEST(the_views_tell_what_the_book_holds) {
    struct buf arguments = {0};
    energy_limit(1, SELL, 60, 10);
    energy_limit(2, SELL, 60, 5);
    energy_limit(2, SELL, 70, 1);
    energy_limit(3, BUY, 50, 4);
    encode_u32(&arguments, 1);
    encode_u32(&arguments, ENERGY_SLOT);
    struct bytes best = energy_view("best", &arguments);
    ck_assert_uint_eq(energy_u64_at(best, 1), 50);
    ck_assert_uint_eq(energy_u64_at(best, 10), 60);
    encode_u8(&arguments, SELL);
    encode_u32(&arguments, 5);
    struct bytes depth = energy_view("depth", &arguments);
    ck_assert_uint_eq(load_u32_le(depth.data), 2);
    ck_assert_uint_eq(energy_u64_at(depth, 4), 60);
    ck_assert_uint_eq(energy_u64_at(depth, 12), 15);
    ck_assert_uint_eq(load_u32_le(depth.data + 20), 2);
    ck_assert_uint_eq(energy_u64_at(depth, 24), 70);
    buf_clear(&arguments);
}
END_TEST

START_TEST(a_quote_says_what_the_order_then_does) {
    struct buf arguments = {0};
    struct account_id id = energy_id(3);
    energy_limit(1, SELL, 60, 10);
    energy_limit(2, SELL, 70, 5);
    encode_u32(&arguments, 1);
    encode_u32(&arguments, ENERGY_SLOT);
    encode_u8(&arguments, BUY);
    encode_u64(&arguments, 65);
    encode_u64(&arguments, 30);
    encode_fixed(&arguments, &id, sizeof id);
    struct bytes quote = energy_view("quote", &arguments);
    ck_assert_uint_eq(energy_u64_at(quote, 0), 30 * 65);
    ck_assert_uint_eq(energy_u64_at(quote, 8), 0);
    ck_assert_uint_eq(energy_u64_at(quote, 16), 10);
    ck_assert_uint_eq(energy_u64_at(quote, 24), 600);
    ck_assert_uint_eq(load_u32_le(quote.data + 32), 1);
    ck_assert_uint_eq(quote.data[36], RESTING);
    ck_assert_uint_eq(energy_limit(3, BUY, 65, 30), 0);
    ck_assert_uint_eq(energy.got[3], 30 * 65 - 600 - 20 * 65);
    ck_assert_uint_eq(energy_u64_at(energy_event("order", 0), 4 + 4 + 8 + 32 + 2 + 16), 20);
    buf_clear(&arguments);
}
END_TEST

START_TEST(a_quote_tells_what_opening_a_slot_costs) {
    struct buf arguments = {0};
    struct account_id id = energy_id(3);
    energy.mock->timer_price = 3;
    encode_u32(&arguments, 1);
    encode_u32(&arguments, ENERGY_SLOT);
    encode_u8(&arguments, SELL);
    encode_u64(&arguments, 65);
    encode_u64(&arguments, 30);
    encode_fixed(&arguments, &id, sizeof id);
    ck_assert_uint_eq(energy_u64_at(energy_view("quote", &arguments), 8), 3 * (uint64_t)TIMER_GAS);
    ck_assert_uint_eq(energy_limit(3, SELL, 65, 30), 0);
    ck_assert_uint_eq(energy_u64_at(energy_view("quote", &arguments), 8), 0);
    buf_clear(&arguments);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("energy views");
    TCase *cases = tcase_create("native");
    tcase_add_checked_fixture(cases, energy_start_north, energy_stop);
    tcase_add_test(cases, the_views_tell_what_the_book_holds);
    tcase_add_test(cases, a_quote_says_what_the_order_then_does);
    tcase_add_test(cases, a_quote_tells_what_opening_a_slot_costs);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
