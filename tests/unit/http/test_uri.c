// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/uri.h"
#include "tests/support/unit.h"
#include "tests/unit/http/suites.h"

static struct arena arena;

static struct uri parsed(const char *target) {
    struct uri uri;
    uri_parse(&uri, &arena, target);
    return uri;
}

static void assert_segment(const struct uri *uri, size_t index, const char *expected) {
    ck_assert_uint_lt(index, uri->segment_count);
    ck_assert_str_eq((const char *)uri->segments[index].data, expected);
    ck_assert_uint_eq(uri->segments[index].len, strlen(expected));
}

START_TEST(a_path_is_split_before_it_is_unescaped) {
    struct uri uri = parsed("/v1/events/ni:%2F%2F%2fsha-256;abc%3Fver=CBV2.0/caf%C3%A9?x");
    assert_ok(uri.status);
    ck_assert_uint_eq(uri.segment_count, 4);
    assert_segment(&uri, 2, "ni:///sha-256;abc?ver=CBV2.0");
    assert_segment(&uri, 3, "caf\xC3\xA9");
    ck_assert_str_eq(uri.path, "/v1/events/ni:%2F%2F%2fsha-256;abc%3Fver=CBV2.0/caf%C3%A9");
    uri = parsed("/");
    assert_ok(uri.status);
    ck_assert_uint_eq(uri.segment_count, 0);
    uri = parsed("/a//b/");
    assert_ok(uri.status);
    ck_assert_uint_eq(uri.segment_count, 4);
    assert_segment(&uri, 1, "");
    assert_segment(&uri, 3, "");
    uri = parsed("/a+b");
    assert_segment(&uri, 0, "a+b");
}
END_TEST

START_TEST(a_query_keeps_its_order_and_its_doubles) {
    struct uri uri = parsed("/x?a=1&b=2+3%2B&a=&&c&=d&%C3%A9==%26");
    static const char *const names[] = {"a", "b", "a", "c", "", "\xC3\xA9"};
    static const char *const values[] = {"1", "2 3+", "", "", "d", "=&"};
    assert_ok(uri.status);
    ck_assert_uint_eq(uri.query_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_bytes_equal(uri.query[i].name, bytes_of_string(names[i]));
        ck_assert_str_eq((const char *)uri.query[i].value.data, values[i]);
    }
    ck_assert_uint_eq(parsed("/x?").query_count, 0);
}
END_TEST

START_TEST(what_confuses_is_refused) {
    static const char *const bad[] = {
        "",           "*",       "x",      "http://x/",     "?a",
        "/%",         "/%4",     "/%4g",   "/%g4",          "/a%00b",
        "/a%0Ab",     "/a%7F",   "/%FF",   "/%C3",          "/%C3/%A9",
        "/%ED%A0%80", "/%C0%AF", "/.",     "/..",           "/a/../b",
        "/%2e%2E/b",  "/a/.%2e", "/a?b=%", "/a?%0d=1",      "/a?b=%FF",
        "/a b",       "/a\x01",  "/a\x80", "/a?b=\xC3\xA9", "/./",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(parsed(bad[i]).status == STATUS_MALFORMED, "%s", bad[i]);
    // Dots that lead nowhere, and a slash that is only text.
    assert_ok(parsed("/...").status);
    assert_ok(parsed("/..%2f..").status);
}
END_TEST

START_TEST(every_bound_holds) {
    struct buf target = {0};
    for (int i = 0; i < LIMIT_HTTP_PATH_SEGMENTS; i++) buf_append_string(&target, "/s");
    assert_ok(parsed(buf_as_string(&target)).status);
    buf_append_string(&target, "/s");
    assert_status(parsed(buf_as_string(&target)).status, STATUS_TOO_LARGE);
    buf_reset(&target);
    buf_append_string(&target, "/?0");
    for (int i = 1; i < LIMIT_HTTP_QUERY_PARAMS; i++) buf_append_string(&target, "&x=1");
    ck_assert_uint_eq(parsed(buf_as_string(&target)).query_count, LIMIT_HTTP_QUERY_PARAMS);
    buf_append_string(&target, "&x");
    assert_status(parsed(buf_as_string(&target)).status, STATUS_TOO_LARGE);
    buf_reset(&target);
    buf_append_byte(&target, '/');
    while (target.len < LIMIT_HTTP_URI_BYTES) buf_append_byte(&target, 'a');
    assert_ok(parsed(buf_as_string(&target)).status);
    buf_append_byte(&target, 'a');
    assert_status(parsed(buf_as_string(&target)).status, STATUS_TOO_LARGE);
    buf_clear(&target);
    arena_clear(&arena);
}
END_TEST

Suite *uri_suite(void) {
    Suite *suite = suite_create("uri");
    TCase *cases = tcase_create("uri");
    tcase_add_test(cases, a_path_is_split_before_it_is_unescaped);
    tcase_add_test(cases, a_query_keeps_its_order_and_its_doubles);
    tcase_add_test(cases, what_confuses_is_refused);
    tcase_add_test(cases, every_bound_holds);
    suite_add_tcase(suite, cases);
    return suite;
}
