// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/format.h"
#include "apps/common/json/pattern.h"
#include "apps/common/json/uri.h"
#include "tests/support/unit.h"
#include "tests/unit/json/suites.h"

// The first word names the format.
static void assert_format(const char *name, const char *text, bool is_valid) {
    const struct format *format = format_find(name);
    ck_assert_ptr_nonnull(format);
    ck_assert_msg(format->is_valid(bytes_of_string(text)) == is_valid, "%s: %s", name, text);
}

START_TEST(a_date_time_is_one_of_rfc_3339) {
    static const char *const good[] = {"2005-04-03T20:33:31.116000-06:00",
                                       "2020-02-29t23:59:59z",
                                       "2000-02-29T00:00:00Z",
                                       "1998-12-31T23:59:60Z",
                                       "1998-12-31T15:59:60-08:00",
                                       "1999-01-01T08:59:60.5+09:00",
                                       "2020-01-31 10:00:00+01",
                                       "2020-01-31T10:00:00+0100",
                                       "0000-01-01T00:00:00+23:59"};
    static const char *const bad[] = {
        "",
        "2020-02-30T00:00:00Z",
        "2021-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2020-13-01T00:00:00Z",
        "2020-00-01T00:00:00Z",
        "2020-01-00T00:00:00Z",
        "2020-01-01T24:00:00Z",
        "2020-01-01T00:60:00Z",
        "2020-01-01T00:00:61Z",
        "2020-01-01T12:00:60Z",
        "2020-01-01T00:00:00",
        "2020-01-01T00:00:00.Z",
        "2020-01-01T00:00Z",
        "2020-01-01T00:00:00+24:00",
        "2020-01-01T00:00:00+00:60",
        "2020-01-01T00:00:00+1",
        "2020-01-01T00:00:00ZZ",
        "2020-01-01T00:00:00Z ",
        "2020-01-01  00:00:00Z",
        "2020-1-01T00:00:00Z",
        "20200101T000000Z",
        "2020-01-01x00:00:00Z",
        "+020-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_format("date-time", good[i], true);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_format("date-time", bad[i], false);
    }
}
END_TEST

START_TEST(a_uri_has_a_scheme_and_only_its_characters) {
    static const char *const good[] = {
        "urn:epc:id:sgtin:0614141.107346.2017",
        "ni:///sha-256;df7bb3?ver=CBV2.0",
        "example:myField",
        "a:b",
        "A+.-1:%20",
        "http://[2001:db8::7]:80/x?y#z",
        "http://[::ffff:1.2.3.4]",
        "http://[1:2:3:4:5:6:7:8]",
        "http://u:p@[v1.a:b]/",
        "file:///x",
        "x:/",
        "http://host:port",
        "http://a?b#c/?",
    };
    static const char *const bad[] = {
        "",
        "abc",
        "a:",
        "a:?x",
        ":x",
        "1a:b",
        "a b:c",
        "a:b c",
        "a:%2",
        "a:%zz",
        "a:é",
        "a:b#c#d",
        "a:[",
        "http://[1:2:3:4:5:6:7:8:9]",
        "http://[1::2::3]",
        "http://[12345::]",
        "http://[::1",
        "http://[::1]x",
        "http://[::1]:8x",
        "http://x[::1]",
        "http://[1.2.3.4]",
        "http://[v.a]",
        "a:\"",
        "a:b\n",
        "a:<b>",
        "a:b|c",
        "a:b\\c",
        "a:{b}",
        "a:^",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) assert_format("uri", good[i], true);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_format("uri", bad[i], false);
}
END_TEST

START_TEST(references_resolve_as_in_rfc_3986_section_5_4) {
    static const struct {
        const char *reference, *meaning;
    } cases[] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = {0};
        uri_resolve(&out, bytes_of_string("http://a/b/c/d;p?q"),
                    bytes_of_string(cases[i].reference));
        ck_assert_str_eq(buf_as_string(&out), cases[i].meaning);
        buf_clear(&out);
    }
}
END_TEST

START_TEST(the_other_formats_know_their_edges) {
    assert_format("date", "2020-02-29", true);
    assert_format("date", "2020-02-29Z", false);
    assert_format("time", "23:59:60Z", true);
    assert_format("time", "23:59", false);
    assert_format("email", "a.b+c@example.org", true);
    assert_format("email", "a..b@example.org", false);
    assert_format("email", ".a@example.org", false);
    assert_format("email", "a@example", false);
    assert_format("email", "a@-b.c", false);
    assert_format("hostname", "example.org.", true);
    assert_format("hostname", "example..org", false);
    assert_format("hostname", ".", false);
    assert_format("hostname", "a-.b", false);
    assert_format("ipv4", "1.2.3.04", false);
    assert_format("ipv4", "1.2.3.4.", false);
    assert_format("ipv6", "::", true);
    assert_format("ipv6", "1:2:3:4:5:6:1.2.3.4", true);
    assert_format("ipv6", "1:2:3:4:5:6:7:1.2.3.4", false);
    assert_format("ipv6", "1::2:3:4:5:6:7:8", false);
    assert_format("ipv6", "1:", false);
    assert_format("ipv6", ":1", false);
    assert_format("ipv6", ":::", false);
    assert_format("uuid", "374d95fc-9457-4a51-bd6a-0bba133845a8", true);
    assert_format("uuid", "374d95fc-9457-4a51-bd6a-0bba133845ag", false);
    assert_format("uuid", "374d95fc94574a51-bd6a-0bba133845a8aa", false);
    assert_format("uri-reference", "", true);
    assert_format("uri-reference", "a:b", true);
    assert_format("uri-reference", "1:b", false);
    assert_format("relative-json-pointer", "01", false);
    assert_format("relative-json-pointer", "12#", true);
    ck_assert_ptr_null(format_find("no-such-format"));
}
END_TEST

static bool compiles(const char *source) {
    struct pattern *pattern;
    enum status status = pattern_compile(&pattern, bytes_of_string(source));
    pattern_free(pattern);
    return status == STATUS_OK;
}

static bool matches(const char *source, const char *text) {
    struct pattern *pattern;
    assert_ok(pattern_compile(&pattern, bytes_of_string(source)));
    struct pattern_scratch *scratch = pattern_scratch_new();
    bool is_match = pattern_matches(pattern, scratch, bytes_of_string(text));
    pattern_scratch_free(scratch);
    pattern_free(pattern);
    return is_match;
}

START_TEST(patterns_mean_what_ecma_262_says) {
    ck_assert(matches("^a$", "a"));
    ck_assert(!matches("^a$", "a\n"));
    ck_assert(!matches("^\\d$", "٣"));
    ck_assert(matches("^.$", "😀"));
    ck_assert(!matches("^.$", "\r"));
    ck_assert(matches("^\\u00e9[^]$", "é\n"));
    ck_assert(!matches("[]", "a"));
    ck_assert(matches("^(?!urn:)", "a:b"));
    ck_assert(!matches("^(?!urn:)", "urn:b"));
    ck_assert(matches("^[a(*b]+$", "(*"));
    ck_assert(!matches("a", "\xff a")); // not UTF-8
    static const char *const refused[] = {"a\\Z",  "\\Aa", "(*UCP)a", "(?i)a", "(?P<x>a)",
                                          "(",     "[",    "\\Qa",    "\\h",   "a\\",
                                          "(?#a)", "\\va", "*",       "(?>a)", "\\Ka"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        ck_assert_msg(!compiles(refused[i]), "%s", refused[i]);
    }
}
END_TEST

START_TEST(a_pattern_that_explodes_gives_up) {
    ck_assert(!matches("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
}
END_TEST

Suite *format_suite(void) {
    Suite *suite = suite_create("format");
    TCase *cases = tcase_create("format");
    tcase_add_test(cases, a_date_time_is_one_of_rfc_3339);
    tcase_add_test(cases, a_uri_has_a_scheme_and_only_its_characters);
    tcase_add_test(cases, references_resolve_as_in_rfc_3986_section_5_4);
    tcase_add_test(cases, the_other_formats_know_their_edges);
    tcase_add_test(cases, patterns_mean_what_ecma_262_says);
    tcase_add_test(cases, a_pattern_that_explodes_gives_up);
    suite_add_tcase(suite, cases);
    return suite;
}
