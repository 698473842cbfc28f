// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/text.h"
#include "tests/support/unit.h"
#include "tests/unit/http/suites.h"

static void assert_text(struct bytes text, const char *expected) {
    ck_assert_msg(bytes_equal(text, bytes_of_string(expected)), "%.*s instead of %s", (int)text.len,
                  (const char *)text.data, expected);
}

START_TEST(lists_are_split_outside_of_quotes) {
    struct bytes list = bytes_of_string(" a ,\"b,\\\"c\" ,, d"), item;
    ck_assert(text_next(&list, ',', &item));
    assert_text(item, "a");
    ck_assert(text_next(&list, ',', &item));
    assert_text(item, "\"b,\\\"c\"");
    ck_assert(text_next(&list, ',', &item));
    assert_text(item, "");
    ck_assert(text_next(&list, ',', &item));
    assert_text(item, "d");
    ck_assert(!text_next(&list, ',', &item));
    list = bytes_of_string("\"open, \\");
    ck_assert(text_next(&list, ',', &item));
    assert_text(item, "\"open, \\");
}
END_TEST

START_TEST(numbers_are_digits_that_fit) {
    uint64_t value;
    assert_ok(text_u64(bytes_of_string("18446744073709551615"), &value));
    ck_assert_uint_eq(value, UINT64_MAX);
    assert_status(text_u64(bytes_of_string("18446744073709551616"), &value), STATUS_OVERFLOW);
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1e3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_status(text_u64(bytes_of_string(bad[i]), &value), STATUS_MALFORMED);
}
END_TEST

START_TEST(a_content_type_is_found_whatever_its_case_and_parameters) {
    struct bytes type;
    ck_assert(media_type_of("Application/JSON ; charset=UTF-8", &type));
    assert_text(media_type_find("text/csv, application/json", type), "application/json");
    ck_assert(media_type_of("application/json;charset=\"utf-8\"; x=y", &type));
    ck_assert(!media_type_of("application/json; charset=latin1", &type));
    ck_assert(media_type_of("", &type));
    assert_text(media_type_find("text/csv", type), "");
    ck_assert(media_type_of("application/jso", &type));
    assert_text(media_type_find("application/json", type), "");
}
END_TEST

START_TEST(the_best_acceptable_type_is_chosen) {
    static const char types[] = "application/json, text/csv";
    static const struct {
        const char *accept;
        const char *expected;
    } cases[] = {
        {"*/*", "application/json"},
        {"text/csv", "text/csv"},
        {"TEXT/CSV", "text/csv"},
        {"text/*", "text/csv"},
        {"text/*;q=0.5, application/json;q=0.4", "text/csv"},
        {"text/csv;q=0.5, */*;q=0.6", "application/json"},
        {"application/json;q=0, */*", "text/csv"},
        {"application/json;q=0.1, */*;q=0.9", "text/csv"},
        {"*/*;q=0", ""},
        {"image/png", ""},
        {"", ""},
        {"text", ""},
        {"application/json;q=0.001", "application/json"},
        {"application/json;q=0.000", ""},
        {"application/json;q=nonsense", "application/json"},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(media_type_negotiate(types, cases[i].accept), cases[i].expected);
}
END_TEST

START_TEST(gzip_is_taken_by_those_who_say_so) {
    ck_assert(accepts_gzip("gzip"));
    ck_assert(accepts_gzip("br, GZIP;q=0.1"));
    ck_assert(accepts_gzip("*"));
    ck_assert(!accepts_gzip("gzip;q=0"));
    ck_assert(!accepts_gzip("identity, br"));
    ck_assert(!accepts_gzip(""));
}
END_TEST

START_TEST(tags_are_compared_weakly) {
    ck_assert(etag_matches("\"a\"", "a"));
    ck_assert(etag_matches("\"x\", W/\"a\"", "a"));
    ck_assert(etag_matches("*", "a"));
    ck_assert(!etag_matches("a", "a"));
    ck_assert(!etag_matches("\"A\"", "a"));
    ck_assert(!etag_matches("\"a", "a"));
    ck_assert(!etag_matches("\"", ""));
    ck_assert(!etag_matches("", "a"));
}
END_TEST

Suite *text_suite(void) {
    Suite *suite = suite_create("text");
    TCase *cases = tcase_create("text");
    tcase_add_test(cases, lists_are_split_outside_of_quotes);
    tcase_add_test(cases, numbers_are_digits_that_fit);
    tcase_add_test(cases, a_content_type_is_found_whatever_its_case_and_parameters);
    tcase_add_test(cases, the_best_acceptable_type_is_chosen);
    tcase_add_test(cases, gzip_is_taken_by_those_who_say_so);
    tcase_add_test(cases, tags_are_compared_weakly);
    suite_add_tcase(suite, cases);
    return suite;
}
