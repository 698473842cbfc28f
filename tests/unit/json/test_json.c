// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/json.h"
#include "tests/support/unit.h"
#include "tests/unit/json/suites.h"

static json_t *parsed(const char *text) {
    json_t *json;
    struct json_fault fault = {0};
    enum status status = json_parse(&json, &fault, bytes_of_string(text), 1 << 20);
    ck_assert_msg(status == STATUS_OK, "%s: %s", text, fault.text);
    return json;
}

static void assert_refused(struct bytes text, enum status status, const char *rule,
                           const char *sentence) {
    json_t *json;
    struct json_fault fault = {0};
    assert_status(json_parse(&json, &fault, text, 1 << 20), status);
    ck_assert_ptr_null(json);
    ck_assert_str_eq(fault.rule, rule);
    ck_assert_str_eq(fault.text, sentence);
}

static void assert_written(const char *text, const char *as_read, const char *sorted) {
    json_t *json = parsed(text);
    struct buf out = {0};
    json_write(&out, json, JSON_AS_READ);
    ck_assert_str_eq(buf_as_string(&out), as_read);
    buf_reset(&out);
    json_write(&out, json, JSON_SORTED);
    ck_assert_str_eq(buf_as_string(&out), sorted);
    buf_clear(&out);
    json_decref(json);
}

START_TEST(what_is_wrong_is_said_with_line_and_column) {
    assert_refused(bytes_of_string("{\"a\": 1,\n \"b\": tru}"), STATUS_MALFORMED, "json/syntax",
                   "line 2, column 10: invalid token");
    assert_refused(bytes_of_string(""), STATUS_MALFORMED, "json/syntax",
                   "line 1, column 1: the text ends too early");
    assert_refused(bytes_of_string("[1"), STATUS_MALFORMED, "json/syntax",
                   "line 1, column 3: the text ends too early");
    assert_refused(bytes_of_string("[] []"), STATUS_MALFORMED, "json/syntax",
                   "line 1, column 5: something stands behind the value");
    assert_refused(bytes_of_string("{\"é\":1,\"é\":2}"), STATUS_MALFORMED, "json/duplicate-key",
                   "line 1, column 11: this key stands twice in one object");
    assert_refused(bytes_of_string("[\"a\\u0000\"]"), STATUS_MALFORMED, "json/null-character",
                   "line 1, column 11: a string holds the character U+0000");
    assert_refused(bytes_of_string("[\"\xff\"]"), STATUS_MALFORMED, "json/utf-8",
                   "line 1, column 3: these bytes are not UTF-8");
    assert_refused(bytes_of_string("[1e999]"), STATUS_MALFORMED, "json/number",
                   "line 1, column 7: this number is too large");
}
END_TEST

START_TEST(a_place_behind_a_huge_integer_is_told_right) {
    assert_refused(bytes_of_string("[123456789012345678901234567890, tru]"), STATUS_MALFORMED,
                   "json/syntax", "line 1, column 37: invalid token");
}
END_TEST

START_TEST(size_depth_and_containers_are_bounded) {
    json_t *json;
    struct json_fault fault = {0};
    assert_status(json_parse(&json, &fault, bytes_of_string("[1]"), 2), STATUS_TOO_LARGE);
    ck_assert_str_eq(fault.rule, "json/size");
    struct buf text = {0};
    for (int i = 0; i < LIMIT_JSON_DEPTH; i++) buf_append_byte(&text, '[');
    for (int i = 0; i < LIMIT_JSON_DEPTH; i++) buf_append_byte(&text, ']');
    assert_ok(json_parse(&json, &fault, buf_bytes(&text), 1 << 20));
    json_decref(json);
    buf_reset(&text);
    for (int i = 0; i <= LIMIT_JSON_DEPTH; i++) buf_append_byte(&text, '[');
    assert_refused(buf_bytes(&text), STATUS_TOO_LARGE, "json/depth",
                   "line 1, column 65: objects and arrays are nested too deep");
    buf_reset(&text);
    buf_append_byte(&text, '[');
    for (int i = 0; i < LIMIT_JSON_CONTAINERS; i++) buf_append_string(&text, "[],");
    assert_status(json_parse(&json, &fault, buf_bytes(&text), 1 << 20), STATUS_TOO_LARGE);
    ck_assert_str_eq(fault.rule, "json/size");
    buf_clear(&text);
}
END_TEST

START_TEST(every_truncation_is_refused_and_no_flipped_bit_does_harm) {
    const char *whole =
        "{\"a\":[1,-2.5e3,\"\\u00e9\\ud83d\\ude00\",true,null],\"b\":{\"c\":12345678"
        "901234567890}}";
    uint8_t copy[128];
    json_t *json;
    size_t len = strlen(whole);
    ck_assert_uint_le(len, sizeof copy);
    for (size_t cut = 0; cut < len; cut++) {
        assert_status(json_parse(&json, NULL, bytes_of(whole, cut), 1000), STATUS_MALFORMED);
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
        memcpy(copy, whole, len);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum status status = json_parse(&json, NULL, bytes_of(copy, len), 1000);
        ck_assert(status == STATUS_MALFORMED || (status == STATUS_OK && json));
        json_decref(json);
    }
}
END_TEST

START_TEST(values_are_written_as_short_as_they_read_back) {
    assert_written("{\"b\": [0.1, 26.0, 1e2, -0.0], \"a\": {}}", "{\"b\":[0.1,26,100,0],\"a\":{}}",
                   "{\"a\":{},\"b\":[0.1,26,100,0]}");
    assert_written("[\"\\u0001\\n\\\"\\\\\\/é\\ud83d\\ude00\", null, true, false, []]",
                   "[\"\\u0001\\n\\\"\\\\/é😀\",null,true,false,[]]",
                   "[\"\\u0001\\n\\\"\\\\/é😀\",null,true,false,[]]");
    assert_written("9223372036854775807", "9223372036854775807", "9223372036854775807");
    assert_written("9223372036854775808", "9223372036854776000", "9223372036854776000");
}
END_TEST

START_TEST(values_are_the_same_by_what_they_mean) {
    static const struct {
        const char *a, *b;
        bool is_same;
    } cases[] = {
        {"1", "1.0", true},
        {"1", "true", false},
        {"0", "-0.0", true},
        {"9007199254740993", "9007199254740992.0", false},
        {"[1,2]", "[2,1]", false},
        {"[1]", "[1,1]", false},
        {"{\"a\":1,\"b\":[2.0]}", "{\"b\":[2],\"a\":1.0}", true},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"\"a\"", "\"a\"", true},
        {"null", "false", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *a = parsed(cases[i].a), *b = parsed(cases[i].b);
        struct buf left = {0}, right = {0};
        ck_assert_msg(json_same(a, b) == cases[i].is_same, "%s %s", cases[i].a, cases[i].b);
        ck_assert(json_same(b, a) == cases[i].is_same);
        json_write(&left, a, JSON_SORTED);
        json_write(&right, b, JSON_SORTED);
        ck_assert(bytes_equal(buf_bytes(&left), buf_bytes(&right)) == cases[i].is_same);
        buf_clear(&left);
        buf_clear(&right);
        json_decref(a);
        json_decref(b);
    }
}
END_TEST

START_TEST(pointers_lead_where_rfc_6901_says) {
    json_t *json =
        parsed("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
               "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}");
    static const struct {
        const char *pointer;
        int value;
    } cases[] = {{"/", 0},     {"/a~1b", 1}, {"/c%d", 2}, {"/e^f", 3}, {"/g|h", 4},
                 {"/i\\j", 5}, {"/k\"l", 6}, {"/ ", 7},   {"/m~0n", 8}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const json_t *found = json_pointer_find(json, bytes_of_string(cases[i].pointer));
        ck_assert_msg(json_is_integer(found), "%s", cases[i].pointer);
        ck_assert_int_eq(json_integer_value(found), cases[i].value);
    }
    ck_assert_ptr_eq(json_pointer_find(json, bytes_of_string("")), json);
    const json_t *item = json_pointer_find(json, bytes_of_string("/foo/1"));
    ck_assert_str_eq(json_string_value(item), "baz");
    static const char *const nowhere[] = {"foo", "/foo/2", "/foo/01", "/foo/-", "/foo/1/x",
                                          "/x",  "/m~2n",  "/m~",     "/foo/"};
    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        ck_assert_msg(!json_pointer_find(json, bytes_of_string(nowhere[i])), "%s", nowhere[i]);
    }
    struct buf pointer = {0};
    json_pointer_append_key(&pointer, bytes_of_string("a/~b"));
    json_pointer_append_index(&pointer, 7);
    ck_assert_str_eq(buf_as_string(&pointer), "/a~1~0b/7");
    buf_clear(&pointer);
    json_decref(json);
}
END_TEST

START_TEST(a_member_that_is_none_of_those_is_pointed_at) {
    static const char *const names[] = {"a", "b", NULL};
    struct buf pointer = {0};
    json_t *object = json_pack("{s:i, s:i}", "b", 1, "a", 2);
    ck_assert(json_has_only(object, names, &pointer));
    ck_assert_uint_eq(pointer.len, 0);
    json_object_set_new(object, "a/b", json_null());
    ck_assert(!json_has_only(object, names, &pointer));
    ck_assert_str_eq(buf_as_string(&pointer), "/a~1b");
    json_decref(object);
    buf_clear(&pointer);
}
END_TEST

START_TEST(excerpts_are_cut_at_a_character_and_hold_no_controls) {
    struct buf out = {0};
    excerpt_append(&out, bytes_of_string("a\n\x7f\"b"));
    ck_assert_str_eq(buf_as_string(&out), "\"a??\"b\"");
    buf_reset(&out);
    struct buf text = {0};
    buf_append_byte(&text, 'x');
    for (int i = 0; i < 60; i++) buf_append_string(&text, "é");
    excerpt_append(&out, buf_bytes(&text));
    ck_assert_uint_eq(out.len, 1 + 59 + strlen("…\"")); // 60 would split a character
    buf_clear(&text);
    buf_clear(&out);
}
END_TEST

START_TEST(the_list_of_violations_is_bounded_and_so_are_its_pointers) {
    struct violations violations = {0};
    struct buf pointer = {0};
    for (int i = 0; i < 1000; i++) json_pointer_append_key(&pointer, bytes_of_string("abcde"));
    for (int i = 0; i < LIMIT_VIOLATIONS + 3; i++) {
        violations_add(&violations, buf_bytes(&pointer), "rule", "detail");
    }
    ck_assert_uint_eq(violations.count, LIMIT_VIOLATIONS);
    ck_assert(violations_are_full(&violations));
    size_t len = strlen(violations.items[0].pointer);
    ck_assert_uint_eq(len, LIMIT_POINTER_BYTES / 6 * 6);
    violations_clear(&violations);
    ck_assert(!violations_are_full(&violations));
    violations.wanted = 1;
    violations_add(&violations, bytes_of("", 0), "rule", "detail");
    ck_assert(violations_are_full(&violations));
    violations_clear(&violations);
    buf_clear(&pointer);
}
END_TEST

Suite *json_suite(void) {
    Suite *suite = suite_create("json");
    TCase *cases = tcase_create("json");
    tcase_add_test(cases, a_member_that_is_none_of_those_is_pointed_at);
    tcase_add_test(cases, what_is_wrong_is_said_with_line_and_column);
    tcase_add_test(cases, a_place_behind_a_huge_integer_is_told_right);
    tcase_add_test(cases, size_depth_and_containers_are_bounded);
    tcase_add_test(cases, every_truncation_is_refused_and_no_flipped_bit_does_harm);
    tcase_add_test(cases, values_are_written_as_short_as_they_read_back);
    tcase_add_test(cases, values_are_the_same_by_what_they_mean);
    tcase_add_test(cases, pointers_lead_where_rfc_6901_says);
    tcase_add_test(cases, excerpts_are_cut_at_a_character_and_hold_no_controls);
    tcase_add_test(cases, the_list_of_violations_is_bounded_and_so_are_its_pointers);
    suite_add_tcase(suite, cases);
    return suite;
}

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, csv_suite());
    srunner_add_suite(runner, json_suite());
    srunner_add_suite(runner, number_suite());
    srunner_add_suite(runner, format_suite());
    srunner_add_suite(runner, schema_suite());
}
