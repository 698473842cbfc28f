// SPDX-License-Identifier: Apache-2.0
#include "apps/common/abi/abi_value.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/common/json/json.h"
#include "tests/support/unit.h"

static const char description[] =
    "{\"types\": {\"point\": [[\"x\", \"u8\"], [\"y\", \"u16\"]],"
    " \"endless\": [[\"more\", \"endless\"]], \"nothing\": [],"
    " \"wide\": [[\"a\", \"wider\"], [\"b\", \"wider\"], [\"c\", \"wider\"], [\"d\", \"wider\"]],"
    " \"wider\": [[\"a\", \"vec<nothing>\"]], \"broken\": [[\"a\"]]},"
    " \"all\": [[\"yes\", \"bool\"], [\"a\", \"u8\"], [\"b\", \"u16\"], [\"c\", \"u32\"],"
    " [\"d\", \"u64\"], [\"e\", \"hash\"], [\"f\", \"account\"], [\"g\", \"bytes\"],"
    " [\"h\", \"string\"], [\"i\", \"vec<point>\"], [\"j\", \"option<u8>\"],"
    " [\"k\", \"option<vec<u8>>\"], [\"l\", \"point\"]]}";

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static json_t *abi;
static struct buf out;
static struct abi_fault fault;

static json_t *json_from(const char *text) {
    json_t *json;
    assert_ok(json_parse(&json, NULL, bytes_of_string(text), 1 << 16));
    return json;
}

static void set_up(void) {
    abi = abi_parse(bytes_of_string(description));
    ck_assert_ptr_nonnull(abi);
}

static void tear_down(void) {
    json_decref(abi);
    buf_clear(&out);
}

// One field of this type.
static json_t *field(const char *type) { return json_pack("[[s, s]]", "v", type); }

static enum status encode(const char *type, const char *text) {
    json_t *fields = field(type), *value = json_from(text);
    buf_reset(&out);
    enum status status = abi_encode(&out, abi, fields, value, &fault);
    json_decref(fields);
    json_decref(value);
    return status;
}

static void assert_hex(const char *expected) {
    char text[1024];
    ck_assert_uint_lt(out.len, sizeof text / 2);
    hex_encode(text, buf_bytes(&out));
    ck_assert_str_eq(text, expected);
}

START_TEST(every_type_has_its_bytes_and_comes_back) {
    static const char text[] =
        "{\"yes\": true, \"a\": 255, \"b\": 258, \"c\": 16909060, \"d\": \"18446744073709551615\","
        " \"e\": \"" ZEROS "\", \"f\": \"" ZEROS "\", \"g\": \"00ff\", \"h\": \"\\u00e9\","
        " \"i\": [{\"x\": 1, \"y\": 2}, [3, 4]], \"j\": null, \"k\": [7, \"8\"],"
        " \"l\": {\"y\": 6, \"x\": 5}}";
    const json_t *fields = json_object_get(abi, "all");
    json_t *value = json_from(text);
    assert_ok(abi_encode(&out, abi, fields, value, &fault));
    assert_hex("01ff020104030201ffffffffffffffff" ZEROS ZEROS "0200000000ff02000000c3a9"
               "02000000010200030400"
               "00"
               "01020000000708"
               "050600");
    json_t *back = abi_decode(abi, fields, buf_bytes(&out));
    ck_assert_ptr_nonnull(back);
    ck_assert_str_eq(json_string_value(json_object_get(back, "d")), "18446744073709551615");
    const char *address = json_string_value(json_object_get(back, "f"));
    ck_assert_int_eq(strncmp(address, "lmm1", 4), 0);
    ck_assert_str_eq(json_string_value(json_object_get(back, "e")), ZEROS);
    // What was written of it is written of what came back.
    struct buf again = {0};
    assert_ok(abi_encode(&again, abi, fields, back, &fault));
    assert_bytes_equal(buf_bytes(&again), buf_bytes(&out));
    buf_clear(&again);
    json_decref(back);
    json_decref(value);
}
END_TEST

START_TEST(bytes_that_are_cut_or_too_many_are_none_of_the_type) {
    const json_t *fields = json_object_get(abi, "all");
    json_t *value = json_from("[false, 0, 0, 0, 0, \"" ZEROS "\", \"" ZEROS
                              "\", \"\", \"\", [[1, 2]], 5, null, [0, 0]]");
    assert_ok(abi_encode(&out, abi, fields, value, &fault));
    for (size_t len = 0; len < out.len; len++)
        ck_assert_ptr_null(abi_decode(abi, fields, bytes_of(out.data, len)));
    buf_append_byte(&out, 0);
    ck_assert_ptr_null(abi_decode(abi, fields, buf_bytes(&out)));
    json_decref(value);
}
END_TEST

static const struct {
    const char *type, *value, *pointer, *text;
} faults[] = {
    {"u8", "[256]", "/0", "0 to 255"},
    {"u8", "{\"v\": -1}", "/v", "0 to 255"},
    {"u16", "[65536]", "/0", "0 to 65535"},
    {"u32", "[4294967296]", "/0", "0 to 4294967295"},
    {"u64", "[\"18446744073709551616\"]", "/0", "0 to 18446744073709551615"},
    {"u64", "[1.5]", "/0", "a whole number"},
    {"u64", "[\"\"]", "/0", "a whole number"},
    {"u64", "[\" 1\"]", "/0", "a whole number"},
    {"bool", "[1]", "/0", "true or false"},
    {"hash", "[\"00\"]", "/0", "64 hexadecimal digits"},
    {"account", "[\"lmm1q\"]", "/0", "or an address"},
    {"bytes", "[\"0\"]", "/0", "two for each byte"},
    {"bytes", "[\"0g\"]", "/0", "two for each byte"},
    {"bytes", "[1]", "/0", "two for each byte"},
    {"string", "[1]", "/0", "a text"},
    {"vec<u8>", "[1]", "/0", "a list"},
    {"vec<u8>", "[[1, 256]]", "/0/1", "0 to 255"},
    {"vec<point>", "[[{\"x\": 1, \"y\": 70000}]]", "/0/0/y", "0 to 65535"},
    {"point", "[{\"x\": 1}]", "/0", "the member \"y\" is missing"},
    {"point", "[{\"x\": 1, \"y\": 1, \"z\": 1}]", "/0", "no member \"z\""},
    {"point", "[[1]]", "/0", "2 values"},
    {"point", "[1]", "/0", "an object or a list"},
    {"u8", "[]", "", "1 values"},
    {"u8", "{\"w\": 1}", "", "no member \"w\""},
    {"i128", "[1]", "/0", "no type that is known"},
    {"vec<>", "[[]]", "/0", "no type that is known"},
    {"broken", "[[1]]", "/0", "is none"},
};

START_TEST(what_does_not_fit_is_named) {
    assert_status(encode(faults[_i].type, faults[_i].value), STATUS_MALFORMED);
    ck_assert_str_eq(fault.pointer, faults[_i].pointer);
    ck_assert_msg(strstr(fault.text, faults[_i].text) != NULL, "%s", fault.text);
}
END_TEST

// What the pages' own code is held to as well (web/test/abi.test.ts).
static json_t *vectors(void) {
    char path[1024];
    const char *top = getenv("srcdir");
    json_error_t error;
    snprintf(path, sizeof path, "%s/tests/vectors/abi/values.json", top ? top : ".");
    json_t *file = json_load_file(path, JSON_ALLOW_NUL, &error);
    ck_assert_msg(file != NULL, "%s: %s", path, error.text);
    return file;
}

static const char *text_in(const json_t *vector, const char *name) {
    const char *text = json_string_value(json_object_get(vector, name));
    ck_assert_ptr_nonnull(text);
    return text;
}

static enum status encode_vector(const json_t *file, const json_t *vector) {
    json_t *fields = field(text_in(vector, "type"));
    json_t *value = json_pack("[O]", json_object_get(vector, "json"));
    buf_reset(&out);
    enum status status = abi_encode(&out, json_object_get(file, "abi"), fields, value, &fault);
    json_decref(fields);
    json_decref(value);
    return status;
}

START_TEST(each_vector_has_its_bytes_and_comes_back) {
    json_t *file = vectors();
    const json_t *list = json_object_get(file, "values"), *vector;
    size_t i;
    ck_assert_uint_gt(json_array_size(list), 0);
    json_array_foreach(list, i, vector) {
        const json_t *back = json_object_get(vector, "back");
        const char *type = text_in(vector, "type");
        assert_ok(encode_vector(file, vector));
        assert_hex(text_in(vector, "hex"));
        json_t *decoded = abi_decode_type(json_object_get(file, "abi"), type, buf_bytes(&out));
        ck_assert_msg(json_equal(decoded, back ? back : json_object_get(vector, "json")), "%s",
                      type);
        json_decref(decoded);
    }
    json_decref(file);
}
END_TEST

START_TEST(a_description_whose_values_json_cannot_carry_is_none) {
    json_t *file = vectors();
    const json_t *list = json_object_get(file, "no_descriptions"), *vector;
    size_t i;
    ck_assert_uint_gt(json_array_size(list), 0);
    json_array_foreach(list, i, vector) {
        struct buf text = {0};
        json_write(&text, vector, JSON_AS_READ);
        ck_assert_msg(abi_parse(buf_bytes(&text)) == NULL, "%s", buf_as_string(&text));
        buf_clear(&text);
    }
    json_decref(file);
}
END_TEST

START_TEST(each_vector_that_does_not_fit_is_named) {
    json_t *file = vectors();
    const json_t *list = json_object_get(file, "faults"), *vector;
    size_t i;
    ck_assert_uint_gt(json_array_size(list), 0);
    json_array_foreach(list, i, vector) {
        assert_status(encode_vector(file, vector), STATUS_MALFORMED);
        ck_assert_int_eq(strncmp(fault.pointer, "/0", 2), 0);
        ck_assert_str_eq(fault.pointer + 2, text_in(vector, "pointer"));
        ck_assert_msg(strstr(fault.text, text_in(vector, "text")) != NULL, "%s", fault.text);
    }
    json_decref(file);
}
END_TEST

START_TEST(bytes_of_a_vector_that_are_none_of_its_type_are_left) {
    json_t *file = vectors();
    const json_t *list = json_object_get(file, "none"), *vector;
    size_t i;
    ck_assert_uint_gt(json_array_size(list), 0);
    json_array_foreach(list, i, vector) {
        uint8_t bytes[64];
        const char *hex = text_in(vector, "hex"), *type = text_in(vector, "type");
        size_t len = strlen(hex) / 2;
        ck_assert_uint_le(len, sizeof bytes);
        assert_ok(hex_decode(bytes, len, hex));
        json_t *decoded = abi_decode_type(json_object_get(file, "abi"), type, bytes_of(bytes, len));
        ck_assert_msg(decoded == NULL, "%s: %s", type, hex);
    }
    json_decref(file);
}
END_TEST

START_TEST(an_abi_that_never_ends_is_left) {
    static uint8_t zeros[4 * sizeof(uint32_t)];
    struct buf nested = {0};
    for (int i = 0; i < 40; i++) buf_append_string(&nested, "{\"more\":");
    buf_append_string(&nested, "1");
    for (int i = 0; i < 40; i++) buf_append_byte(&nested, '}');
    json_t *value = json_from(buf_as_string(&nested));
    const json_t *fields = json_object_get(json_object_get(abi, "types"), "endless");
    assert_status(abi_encode(&out, abi, fields, value, &fault), STATUS_MALFORMED);
    ck_assert_msg(strstr(fault.text, "too deeply") != NULL, "%s", fault.text);
    ck_assert_ptr_null(abi_decode_type(abi, "endless", bytes_of(zeros, sizeof zeros)));
    // Four lists of so many items that take no byte.
    for (size_t i = 0; i < sizeof zeros; i += 4) zeros[i + 1] = 0x80;
    ck_assert_ptr_null(abi_decode_type(abi, "wide", bytes_of(zeros, sizeof zeros)));
    json_t *one = abi_decode_type(abi, "wider", bytes_of(zeros, 4));
    ck_assert_ptr_nonnull(one);
    ck_assert_uint_eq(json_array_size(json_object_get(one, "a")), 0x8000);
    json_decref(one);
    json_decref(value);
    buf_clear(&nested);
}
END_TEST

START_TEST(a_text_of_no_characters_is_no_string) {
    ck_assert_ptr_null(abi_decode_type(abi, "string", bytes_of("\x01\0\0\0\xff", 5)));
    ck_assert_ptr_null(abi_decode_type(abi, "bool", bytes_of("\x02", 1)));
    ck_assert_ptr_null(abi_decode_type(abi, "option<u8>", bytes_of("\x02\x01", 2)));
}
END_TEST

START_TEST(what_is_no_abi_is_told_apart) {
    ck_assert_ptr_null(abi_parse(bytes_of_string("[]")));
    ck_assert_ptr_null(abi_parse(bytes_of_string("{")));
    ck_assert_ptr_null(abi_parse(bytes_of_string("")));
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("abi_value");
    TCase *cases = tcase_create("abi_value");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_description_whose_values_json_cannot_carry_is_none);
    tcase_add_test(cases, every_type_has_its_bytes_and_comes_back);
    tcase_add_test(cases, bytes_that_are_cut_or_too_many_are_none_of_the_type);
    tcase_add_loop_test(cases, what_does_not_fit_is_named, 0,
                        (int)(sizeof faults / sizeof *faults));
    tcase_add_test(cases, each_vector_has_its_bytes_and_comes_back);
    tcase_add_test(cases, each_vector_that_does_not_fit_is_named);
    tcase_add_test(cases, bytes_of_a_vector_that_are_none_of_its_type_are_left);
    tcase_add_test(cases, an_abi_that_never_ends_is_left);
    tcase_add_test(cases, a_text_of_no_characters_is_no_string);
    tcase_add_test(cases, what_is_no_abi_is_told_apart);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
