// SPDX-License-Identifier: Apache-2.0
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "apps/common/json/json.h"
#include "apps/common/json/number.h"
#include "tests/support/unit.h"
#include "tests/unit/json/suites.h"

static json_t *parsed(const char *text) {
    json_t *json;
    assert_ok(json_parse(&json, NULL, bytes_of_string(text), 1000));
    return json;
}

// Expected texts are ECMAScript's.
START_TEST(doubles_print_in_the_fewest_digits) {
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.1, "0.1"},
        {0.0, "0"},
        {-0.0, "0"},
        {12.10, "12.1"},
        {1.0 / 3, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {5e-324, "5e-324"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {2.2250738585072009e-308, "2.225073858507201e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {5.684341886080802e-14, "5.684341886080802e-14"}, // 2^-44: the nearest 16 digits misread
        {9007199254740993.0, "9007199254740992"},
        {1e21, "1e+21"},
        {1e20, "100000000000000000000"},
        {123e18, "123000000000000000000"},
        {-1e-6, "-0.000001"},
        {1e-7, "1e-7"},
        {1.5e-7, "1.5e-7"},
        {-26.5, "-26.5"},
        {9223372036854775808.0, "9223372036854776000"},
        {-9223372036854775808.0, "-9223372036854775808"},
        {1e23, "1e+23"},
        {4.35, "4.35"},
        {0.000035, "0.000035"},
        {999999999999999900000.0, "999999999999999900000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[NUMBER_TEXT_SIZE];
        size_t len = number_print(text, cases[i].value);
        ck_assert_str_eq(text, cases[i].text);
        ck_assert_uint_eq(len, strlen(text));
    }
}
END_TEST

static uint64_t next_random(uint64_t *state) {
    *state += 0x9e3779b97f4a7c15;
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

START_TEST(every_double_reads_back_from_its_digits) {
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = next_random(&seed);
        if (i % 4 == 0) bits &= ~0ull << 44; // short ones, and powers of two
        if (i % 8 == 1) bits &= ~0ull >> 12; // subnormal
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        char text[NUMBER_TEXT_SIZE], longer[64];
        number_print(text, value);
        ck_assert_msg(strtod(text, NULL) == value, "%s is not %a", text, value);
        // No more than fifteen digits where fifteen read back.
        snprintf(longer, sizeof longer, "%.15g", value);
        struct decimal digits = number_shortest(value);
        if (strtod(longer, NULL) == value) ck_assert_uint_lt(digits.digits, 1000000000000000);
    }
}
END_TEST

static void assert_order(const char *a, const char *b, int order) {
    json_t *left = parsed(a), *right = parsed(b);
    int found = json_number_compare(left, right);
    ck_assert_msg((found > 0) - (found < 0) == order, "%s against %s gives %d", a, b, found);
    found = json_number_compare(right, left);
    ck_assert_msg((found > 0) - (found < 0) == -order, "%s against %s gives %d", b, a, found);
    json_decref(left);
    json_decref(right);
}

START_TEST(integers_and_doubles_compare_exactly) {
    assert_order("1", "1.0", 0);
    assert_order("1", "1.5", -1);
    assert_order("-1", "-1.5", 1);
    assert_order("9007199254740993", "9007199254740992.0", 1);
    assert_order("9223372036854775807", "9223372036854775808", -1);
    assert_order("-9223372036854775808", "-9223372036854775808.0", 0);
    assert_order("-9223372036854775808", "-1e300", 1);
    assert_order("9223372036854775807", "1e300", -1);
    assert_order("2.5", "2.25", 1);
    assert_order("3", "2", 1);
    assert_order("0", "-0.0", 0);
}
END_TEST

static void assert_multiple(const char *number, const char *divisor, bool is_multiple) {
    json_t *a = parsed(number), *b = parsed(divisor);
    ck_assert_msg(json_number_is_multiple(a, b) == is_multiple, "%s of %s", number, divisor);
    json_decref(a);
    json_decref(b);
}

START_TEST(multiples_are_decimal) {
    assert_multiple("0.3", "0.1", true);
    assert_multiple("4.35", "0.01", true);
    assert_multiple("0.0075", "0.0001", true);
    assert_multiple("0.00751", "0.0001", false);
    assert_multiple("-6", "1.5", true);
    assert_multiple("35", "1.5", false);
    assert_multiple("0", "7", true);
    assert_multiple("1e300", "3", false);
    assert_multiple("3e300", "3", true);
    assert_multiple("1e-300", "1e300", false);
    assert_multiple("1e300", "1e-300", true);
    assert_multiple("9223372036854775807", "7", true);
    assert_multiple("9223372036854775807", "2", false);
    assert_multiple("1", "0.3", false);
}
END_TEST

START_TEST(whole_doubles_are_integers) {
    static const struct {
        const char *text;
        bool is_integer;
    } cases[] = {{"1", true}, {"1.0", true}, {"1e300", true}, {"1.5", false}, {"1e-300", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *json = parsed(cases[i].text);
        ck_assert(json_number_is_integer(json) == cases[i].is_integer);
        json_decref(json);
    }
}
END_TEST

Suite *number_suite(void) {
    Suite *suite = suite_create("number");
    TCase *cases = tcase_create("number");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, doubles_print_in_the_fewest_digits);
    tcase_add_test(cases, every_double_reads_back_from_its_digits);
    tcase_add_test(cases, integers_and_doubles_compare_exactly);
    tcase_add_test(cases, multiples_are_decimal);
    tcase_add_test(cases, whole_doubles_are_integers);
    suite_add_tcase(suite, cases);
    return suite;
}
