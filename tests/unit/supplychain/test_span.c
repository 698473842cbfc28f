// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/span.h"

#include <stdio.h>

#include "chaincore/base/limits.h"
#include "tests/unit/supplychain/epcis_suites.h"

static const char sample[] =
    " {\"a\": [1, -2.50e+1 ,true,false,null], \"b\\u00e9\\n\" : \"x\\\"\\ud83d\\ude00\", \"\":{}} ";

START_TEST(values_keep_the_bytes_they_were_written_with) {
    struct arena arena = {0};
    const struct json_span *root;
    assert_ok(span_parse(&root, NULL, &arena, bytes_of_string(sample), SPAN_REFUSE_TWICE));
    ck_assert_int_eq(root->kind, SPAN_OBJECT);
    ck_assert_uint_eq(root->count, 3);
    assert_bytes_equal(root->raw, bytes_of(sample + 1, sizeof(sample) - 3));
    const struct json_span *list = span_member(root, "a");
    ck_assert_uint_eq(list->count, 5);
    assert_bytes_equal(list->raw, bytes_of_string("[1, -2.50e+1 ,true,false,null]"));
    assert_bytes_equal(list->items[1].text, bytes_of_string("-2.50e+1"));
    ck_assert_int_eq(list->items[4].kind, SPAN_NULL);
    const struct json_span *text = span_member(root, "b\u00e9\n");
    assert_bytes_equal(text->text, bytes_of_string("x\"\U0001f600"));
    assert_bytes_equal(text->raw, bytes_of_string("\"x\\\"\\ud83d\\ude00\""));
    ck_assert_int_eq(span_member(root, "")->kind, SPAN_OBJECT);
    ck_assert_ptr_null(span_member(root, "c"));
    ck_assert_ptr_null(span_member(list, "a"));
    arena_clear(&arena);
}
END_TEST

START_TEST(every_truncation_of_a_text_is_refused) {
    for (size_t len = 0; len < sizeof(sample) - 2; len++) {
        struct arena arena = {0};
        struct span_fault fault = {0};
        const struct json_span *root;
        // A copy of its own, so that reading past the end shows under the sanitizer.
        struct buf copy = {0};
        buf_append(&copy, bytes_of(sample, len));
        assert_status(span_parse(&root, &fault, &arena, buf_bytes(&copy), SPAN_REFUSE_TWICE),
                      STATUS_MALFORMED);
        ck_assert_ptr_null(root);
        ck_assert_ptr_nonnull(fault.reason);
        ck_assert_uint_le(fault.offset, len);
        buf_clear(&copy);
        arena_clear(&arena);
    }
}
END_TEST

START_TEST(a_flipped_bit_never_does_harm) {
    for (size_t bit = 0; bit < (sizeof(sample) - 1) * 8; bit++) {
        struct arena arena = {0};
        const struct json_span *root;
        char text[sizeof(sample)];
        memcpy(text, sample, sizeof(sample));
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
        enum status status =
            span_parse(&root, NULL, &arena, bytes_of(text, sizeof(text) - 1), SPAN_REFUSE_TWICE);
        ck_assert(status == STATUS_OK || status == STATUS_MALFORMED);
        ck_assert_int_eq(status == STATUS_OK, root != NULL);
        arena_clear(&arena);
    }
}
END_TEST

static const char *const refused[] = {
    "",
    "{",
    "nul",
    "+1",
    "01",
    "1.",
    ".5",
    "1e",
    "-",
    "[1,]",
    "[1 2]",
    "{\"a\":1,}",
    "{\"a\" 1}",
    "{a:1}",
    "{1:1}",
    "[1}",
    "1 1",
    "\"\\x\"",
    "\"\\u12g4\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud800\\u0041\"",
    "\"a\nb\"",
    "\"\x80\"",
    "\"\xc0\xaf\"",
    "\"\xed\xa0\x80\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xf0\x8f\xbf\xbf\"",
    "\"\xe2\x82\"",
    "\"\\\x80\"",
    "{\"a\":1,\"\\u0061\":2}",
    "{\"0\":1,\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"3\":2}",
    "\xef\xbb\xbf{}",
};

START_TEST(what_is_not_json_is_refused) {
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct arena arena = {0};
        const struct json_span *root;
        ck_assert_msg(span_parse(&root, NULL, &arena, bytes_of_string(refused[i]),
                                 SPAN_REFUSE_TWICE) == STATUS_MALFORMED,
                      "%zu: %s", i, refused[i]);
        arena_clear(&arena);
    }
}
END_TEST

static enum status parse_nested(size_t depth) {
    struct arena arena = {0};
    struct buf text = {0};
    const struct json_span *root;
    for (size_t i = 0; i < depth; i++) buf_append_byte(&text, '[');
    for (size_t i = 0; i < depth; i++) buf_append_byte(&text, ']');
    enum status status = span_parse(&root, NULL, &arena, buf_bytes(&text), SPAN_REFUSE_TWICE);
    buf_clear(&text);
    arena_clear(&arena);
    return status;
}

START_TEST(the_last_of_a_name_wins_where_the_caller_wants_it) {
    struct arena arena = {0};
    struct buf out = {0};
    const struct json_span *root;
    const char *text = "{\"a\":1, \"b\":{\"c\":1,\"c\":[ 2.0 ]},\"a\":3,\"\\u0061\":\"\\u0034\"}";
    assert_ok(span_parse(&root, NULL, &arena, bytes_of_string(text), SPAN_LAST_WINS));
    ck_assert_uint_eq(root->count, 2);
    assert_bytes_equal(span_member(root, "a")->text, bytes_of_string("4"));
    span_write(&out, root);
    ck_assert_str_eq(buf_as_string(&out), "{\"b\":{\"c\":[2.0]},\"a\":\"\\u0034\"}");
    buf_clear(&out);
    arena_clear(&arena);
}
END_TEST

START_TEST(depth_is_bounded) {
    assert_ok(parse_nested(LIMIT_JSON_DEPTH));
    assert_status(parse_nested(LIMIT_JSON_DEPTH + 1), STATUS_TOO_LARGE);
    assert_status(parse_nested(1000000), STATUS_TOO_LARGE);
}
END_TEST

START_TEST(the_number_of_values_is_bounded) {
    struct arena arena = {0};
    struct buf text = {0};
    const struct json_span *root;
    buf_append_string(&text, "[1");
    for (size_t i = 2; i < LIMIT_SPAN_VALUES; i++) buf_append_string(&text, ",1");
    buf_append_string(&text, "]");
    assert_ok(span_parse(&root, NULL, &arena, buf_bytes(&text), SPAN_REFUSE_TWICE));
    arena_clear(&arena);
    text.len--;
    buf_append_string(&text, ",1]");
    assert_status(span_parse(&root, NULL, &arena, buf_bytes(&text), SPAN_REFUSE_TWICE),
                  STATUS_TOO_LARGE);
    arena_clear(&arena);
    buf_clear(&text);
}
END_TEST

START_TEST(a_written_string_reads_back_as_itself) {
    struct arena arena = {0};
    struct buf out = {0};
    const struct json_span *root;
    struct bytes text = bytes_of_string("\"\\/\n\t\x01\x1f \u00e9\U0001f600");
    span_write_string(&out, text);
    assert_ok(span_parse(&root, NULL, &arena, buf_bytes(&out), SPAN_REFUSE_TWICE));
    assert_bytes_equal(root->text, text);
    buf_clear(&out);
    arena_clear(&arena);
}
END_TEST

Suite *span_suite(void) {
    Suite *suite = suite_create("span");
    TCase *tcase = tcase_create("span");
    tcase_add_test(tcase, values_keep_the_bytes_they_were_written_with);
    tcase_add_test(tcase, every_truncation_of_a_text_is_refused);
    tcase_add_test(tcase, a_flipped_bit_never_does_harm);
    tcase_add_test(tcase, what_is_not_json_is_refused);
    tcase_add_test(tcase, the_last_of_a_name_wins_where_the_caller_wants_it);
    tcase_add_test(tcase, depth_is_bounded);
    tcase_add_test(tcase, the_number_of_values_is_bounded);
    tcase_add_test(tcase, a_written_string_reads_back_as_itself);
    suite_add_tcase(suite, tcase);
    return suite;
}
