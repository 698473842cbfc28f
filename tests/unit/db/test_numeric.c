// SPDX-License-Identifier: Apache-2.0
#include "apps/common/db/numeric.h"
#include "tests/support/unit.h"
#include "tests/unit/db/suites.h"

#define NUMERIC(...) \
    bytes_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void assert_number(struct bytes in, int64_t expected) {
    int64_t value;
    assert_ok(numeric_to_i64(&value, in));
    ck_assert_int_eq(value, expected);
}

START_TEST(whole_numbers_read_back) {
    assert_number(NUMERIC(0, 0, 0, 0, 0, 0, 0, 0), 0);
    assert_number(NUMERIC(0, 1, 0, 0, 0, 0, 0, 0, 0, 7), 7);
    assert_number(NUMERIC(0, 1, 0, 0, 0x40, 0, 0, 0, 0, 7), -7);
    assert_number(NUMERIC(0, 1, 0, 1, 0, 0, 0, 0, 0, 7), 70000);
    // 922 3372 0368 5477 5807 and its negative neighbour
    assert_number(
        NUMERIC(0, 5, 0, 4, 0, 0, 0, 0, 0x03, 0x9A, 0x0D, 0x2C, 0x01, 0x70, 0x15, 0x65, 0x16, 0xAF),
        INT64_MAX);
    assert_number(NUMERIC(0, 5, 0, 4, 0x40, 0, 0, 0, 0x03, 0x9A, 0x0D, 0x2C, 0x01, 0x70, 0x15, 0x65,
                          0x16, 0xB0),
                  INT64_MIN);
}
END_TEST

START_TEST(what_is_no_whole_number_or_does_not_fit_is_refused) {
    int64_t value;
    assert_status(numeric_to_i64(&value, NUMERIC(0, 5, 0, 4, 0, 0, 0, 0, 0x03, 0x9A, 0x0D, 0x2C,
                                                 0x01, 0x70, 0x15, 0x65, 0x16, 0xB0)),
                  STATUS_OVERFLOW);
    assert_status(numeric_to_i64(&value, NUMERIC(0, 1, 0, 5, 0, 0, 0, 0, 0, 1)), STATUS_OVERFLOW);
    // a half, not a number, a digit of 10000, a byte too few and too many
    assert_status(numeric_to_i64(&value, NUMERIC(0, 1, 0xFF, 0xFF, 0, 0, 0, 1, 0x13, 0x88)),
                  STATUS_MALFORMED);
    assert_status(numeric_to_i64(&value, NUMERIC(0, 0, 0, 0, 0xC0, 0, 0, 0)), STATUS_MALFORMED);
    assert_status(numeric_to_i64(&value, NUMERIC(0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10)),
                  STATUS_MALFORMED);
    assert_status(numeric_to_i64(&value, NUMERIC(0, 1, 0, 0, 0, 0, 0, 0, 0)), STATUS_MALFORMED);
    assert_status(numeric_to_i64(&value, NUMERIC(0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0)),
                  STATUS_MALFORMED);
}
END_TEST

START_TEST(every_truncation_is_refused) {
    struct bytes whole = NUMERIC(0, 2, 0, 1, 0, 0, 0, 0, 0, 7, 0, 8);
    int64_t value;
    assert_number(whole, 70008);
    for (size_t len = 0; len < whole.len; len++)
        assert_status(numeric_to_i64(&value, bytes_of(whole.data, len)), STATUS_MALFORMED);
}
END_TEST

Suite *numeric_suite(void) {
    Suite *suite = suite_create("numeric");
    TCase *cases = tcase_create("numeric");
    tcase_add_test(cases, whole_numbers_read_back);
    tcase_add_test(cases, what_is_no_whole_number_or_does_not_fit_is_refused);
    tcase_add_test(cases, every_truncation_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
