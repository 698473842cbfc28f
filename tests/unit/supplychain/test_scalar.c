// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/scalar.h"

#include <locale.h>
#include <stdio.h>

#include "tests/unit/supplychain/epcis_suites.h"

struct pair {
    const char *text;
    const char *expected; // NULL: refused
};

static const struct pair numbers[] = {
    {"12.10", "12.1"},
    {"26.0", "26"},
    {"007", "7"},
    {"-007.50", "-7.5"},
    {"+5", "5"},
    {"5.", "5"},
    {".5", "0.5"},
    {"-.5e1", "-5"},
    {"1e3", "1000"},
    {"1E+3", "1000"},
    {"0", "0"},
    {"-0.0", "0"},
    {"1e-400", "0"},
    {"0.1", "0.1"},
    {"0.30000000000000004", "0.30000000000000004"},
    {"0.1000000000000000055511151231257827", "0.1"},
    {"0.0001", "0.0001"},
    {"0.00001", "1e-05"},
    {"1.25e-7", "1.25e-07"},
    {"5e-324", "5e-324"},
    {"4.15e-100", "4.15e-100"},
    {"123456.789", "123456.789"},
    {"2251799813685248.5", "2251799813685248.5"},
    {"9007199254740993", "9007199254740992"},
    {"123456789012345678901234567890", "123456789012345677877719597056"},
    {"1e22", "10000000000000000000000"},
    {"6.1427581497165044e-238", "6.142758149716505e-238"}, // beside a power of two
    {"1e999", NULL},
    {"-1e999", NULL},
    {"", NULL},
    {"-", NULL},
    {".", NULL},
    {"1e", NULL},
    {"1e+", NULL},
    {"1 2", NULL},
    {"0x10", NULL},
    {"1_000", NULL},
    {"inf", NULL},
    {"nan", NULL},
    {"1,5", NULL},
    {"1.2.3", NULL},
};

static void assert_numbers(void) {
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        struct buf out = {0};
        bool is_number = scalar_append_number(&out, bytes_of_string(numbers[i].text));
        ck_assert_msg(is_number == (numbers[i].expected != NULL), "%s", numbers[i].text);
        ck_assert_str_eq(buf_as_string(&out), is_number ? numbers[i].expected : "");
        buf_clear(&out);
    }
}

START_TEST(numbers_have_one_text) { assert_numbers(); }
END_TEST

START_TEST(the_locale_has_no_say_in_numbers) {
    // Whichever of them is installed; without one the case repeats the plain one.
    static const char *const with_comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    for (size_t i = 0; i < 4 && !setlocale(LC_ALL, with_comma[i]); i++) continue;
    assert_numbers();
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(a_long_number_is_read_whole) {
    struct buf text = {0}, out = {0};
    buf_append_string(&text, "0.");
    for (int i = 0; i < 100000; i++) buf_append_byte(&text, '0');
    buf_append_string(&text, "5e100001");
    ck_assert(scalar_append_number(&out, buf_bytes(&text)));
    ck_assert_str_eq(buf_as_string(&out), "5");
    buf_clear(&text);
    buf_clear(&out);
}
END_TEST

static const struct pair times[] = {
    {"2019-10-21T11:00:30.000+01:00", "2019-10-21T10:00:30.000Z"},
    {"2005-04-03T20:33:31.116000-06:00", "2005-04-04T02:33:31.116Z"},
    {"2023-02-02T11:04:03.1415Z", "2023-02-02T11:04:03.142Z"},
    {"2023-02-02T11:04:03.1414999Z", "2023-02-02T11:04:03.141Z"},
    {"2023-12-31T23:59:59.9995Z", "2024-01-01T00:00:00.000Z"},
    {"2024-02-28T23:59:59.9996-00:30", "2024-02-29T00:30:00.000Z"},
    {"2024-01-02t03:04:05z", "2024-01-02T03:04:05.000Z"},
    {"2024-01-02 03:04:05.1Z", "2024-01-02T03:04:05.100Z"},
    {"2024-01-02T03:04:05+0530", "2024-01-01T21:34:05.000Z"},
    {"2024-01-02T03:04:05-05", "2024-01-02T08:04:05.000Z"},
    {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
    {"1900-02-28T00:00:00Z", "1900-02-28T00:00:00.000Z"},
    {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
    {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
    {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
    {"2000-02-29T12:00:00Z", "2000-02-29T12:00:00.000Z"},
    {"2024-01-02\n03:04:05Z", "2024-01-02T03:04:05.000Z"},
    {"9999-12-31T23:59:59.9995Z", "10000-01-01T00:00:00.000Z"},
    {"0000-01-01T00:00:00+00:01", "-001-12-31T23:59:00.000Z"},
    {"1900-02-29T00:00:00Z", NULL},
    {"2023-02-29T00:00:00Z", NULL},
    {"2023-13-01T00:00:00Z", NULL},
    {"2023-00-01T00:00:00Z", NULL},
    {"2023-04-31T00:00:00Z", NULL},
    {"2023-01-01T24:00:00Z", NULL},
    {"2023-01-01T00:60:00Z", NULL},
    {"2023-01-01T00:00:61Z", NULL},
    {"2023-01-01T00:00:00", NULL},
    {"2023-01-01T00:00:00.Z", NULL},
    {"2023-01-01T00:00:00+24:00", NULL},
    {"2023-01-01T00:00:00+01:60", NULL},
    {"2023-01-01T00:00:00ZZ", NULL},
    {"2023-01-01", NULL},
    {"23-01-01T00:00:00Z", NULL},
    {"", NULL},
};

START_TEST(times_are_utc_with_rounded_milliseconds) {
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        int64_t time_ms = 0;
        struct buf out = {0};
        enum status status = scalar_read_time(&time_ms, bytes_of_string(times[i].text));
        ck_assert_msg((status == STATUS_OK) == (times[i].expected != NULL), "%s", times[i].text);
        if (status == STATUS_OK) scalar_append_time(&out, time_ms);
        ck_assert_str_eq(buf_as_string(&out), times[i].expected ? times[i].expected : "");
        buf_clear(&out);
    }
}
END_TEST

START_TEST(every_day_of_the_calendar_is_read_as_written) {
    int64_t before = 0;
    assert_ok(scalar_read_time(&before, bytes_of_string("0000-01-01T00:00:00Z")));
    for (int64_t day = 1; day < 3652424; day++) {
        struct buf out = {0};
        int64_t time_ms = before + 86400000, back = 0;
        scalar_append_time(&out, time_ms);
        assert_ok(scalar_read_time(&back, buf_bytes(&out)));
        ck_assert_int_eq(back, time_ms);
        buf_clear(&out);
        before = time_ms;
    }
    int64_t last = 0;
    assert_ok(scalar_read_time(&last, bytes_of_string("9999-12-31T00:00:00Z")));
    ck_assert_int_eq(before, last - 86400000);
}
END_TEST

START_TEST(every_truncation_of_a_time_is_refused) {
    static const char text[] = "2019-10-21T11:00:30.123+01:00";
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        int64_t time_ms;
        // "+01" is an offset, too.
        enum status expected = len == sizeof(text) - 4 ? STATUS_OK : STATUS_MALFORMED;
        assert_status(scalar_read_time(&time_ms, bytes_of(text, len)), expected);
    }
}
END_TEST

START_TEST(white_space_is_trimmed_at_both_ends_only) {
    assert_bytes_equal(scalar_trim(bytes_of_string(" \t\r\n\v\f a b\x1f\u00a0\u2003\u3000")),
                       bytes_of_string("a b"));
    assert_bytes_equal(scalar_trim(bytes_of_string("\xc2\x85\u1680\u2028\u2029\u202f\u205f")),
                       bytes_of_string(""));
    assert_bytes_equal(scalar_trim(bytes_of_string("\u00e9\u200b")),
                       bytes_of_string("\u00e9\u200b"));
    assert_bytes_equal(scalar_trim(bytes_of(NULL, 0)), bytes_of_string(""));
}
END_TEST

Suite *scalar_suite(void) {
    Suite *suite = suite_create("scalar");
    TCase *tcase = tcase_create("scalar");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, numbers_have_one_text);
    tcase_add_test(tcase, the_locale_has_no_say_in_numbers);
    tcase_add_test(tcase, a_long_number_is_read_whole);
    tcase_add_test(tcase, times_are_utc_with_rounded_milliseconds);
    tcase_add_test(tcase, every_day_of_the_calendar_is_read_as_written);
    tcase_add_test(tcase, every_truncation_of_a_time_is_refused);
    tcase_add_test(tcase, white_space_is_trimmed_at_both_ends_only);
    suite_add_tcase(suite, tcase);
    return suite;
}
