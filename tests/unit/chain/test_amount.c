// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/amount.h"
#include "tests/unit/chain/suites.h"

START_TEST(texts_and_units_agree_both_ways) {
    static const struct {
        const char *text;
        uint64_t units;
    } cases[] = {{"0", 0},
                 {"1", 100000000},
                 {"0.00000001", 1},
                 {"12.5", 1250000000},
                 {"184467440737.09551615", UINT64_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct amount amount;
        char text[AMOUNT_TEXT_MAX];
        assert_ok(amount_parse(&amount, cases[i].text));
        ck_assert_uint_eq(amount_units(amount), cases[i].units);
        amount_format(text, amount);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(what_is_not_an_amount_is_refused) {
    static const char *const texts[] = {"",    ".",  "1.", ".5",          "-1",   "+1",
                                        "1e3", " 1", "1 ", "0.000000001", "1..2", "1,5"};
    struct amount amount;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_status(amount_parse(&amount, texts[i]), STATUS_MALFORMED);
    assert_status(amount_parse(&amount, "184467440737.09551616"), STATUS_OVERFLOW);
    assert_status(amount_parse(&amount, "99999999999999999999"), STATUS_OVERFLOW);
    assert_status(amount_parse(&amount, "184467440738"), STATUS_OVERFLOW); // in base units
}
END_TEST

START_TEST(sums_do_not_wrap_and_leave_the_result_alone) {
    struct amount kept = amount_of_units(7);
    struct amount most = amount_of_units(UINT64_MAX);
    assert_status(amount_add(&kept, most, amount_of_units(1)), STATUS_OVERFLOW);
    assert_status(amount_sub(&kept, amount_of_units(1), amount_of_units(2)), STATUS_OVERFLOW);
    assert_status(amount_mul(&kept, most, 2), STATUS_OVERFLOW);
    ck_assert_uint_eq(amount_units(kept), 7);
    assert_ok(amount_sub(&kept, most, most));
    ck_assert(amount_is_zero(kept));
    ck_assert_uint_eq(amount_units(amount_half(amount_of_units(5))), 2);
}
END_TEST

Suite *amount_suite(void) {
    Suite *suite = suite_create("amount");
    TCase *cases = tcase_create("amount");
    tcase_add_test(cases, texts_and_units_agree_both_ways);
    tcase_add_test(cases, what_is_not_an_amount_is_refused);
    tcase_add_test(cases, sums_do_not_wrap_and_leave_the_result_alone);
    suite_add_tcase(suite, cases);
    return suite;
}
