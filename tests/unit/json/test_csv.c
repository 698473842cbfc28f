// SPDX-License-Identifier: Apache-2.0
#include "apps/common/json/csv.h"
#include "tests/support/unit.h"
#include "tests/unit/json/suites.h"

static const char schema[] = "{\"properties\": {\"items\": {\"items\": {\"properties\":"
                             " {\"id\": {}, \"text, quoted\": {}, \"n\": {}, \"more\": {}}}}}}";

static bool write(struct buf *out, const char *json) {
    buf_reset(out);
    return csv_write(out, bytes_of_string(json), schema);
}

START_TEST(columns_are_the_schemas_in_its_order) {
    struct buf out = {0};
    ck_assert(write(&out, "{\"items\": []}"));
    ck_assert_str_eq(buf_as_string(&out), "id,\"text, quoted\",n,more\r\n");
    ck_assert(
        write(&out, "{\"items\": [{\"n\": 1.50, \"id\": \"a\", \"else\": 3}, {\"more\": null}]}"));
    ck_assert_str_eq(buf_as_string(&out), "id,\"text, quoted\",n,more\r\na,,1.5,\r\n,,,\r\n");
    buf_clear(&out);
}
END_TEST

START_TEST(cells_are_quoted_where_they_have_to_be) {
    struct buf out = {0};
    ck_assert(write(&out, "{\"items\": [{\"id\": \"a,\\\"b\\\"\\n\", \"n\": true,"
                          " \"more\": {\"x\": [1, \"y\"]}}]}"));
    ck_assert_str_eq(buf_as_string(&out),
                     "id,\"text, quoted\",n,more\r\n"
                     "\"a,\"\"b\"\"\n\",,true,\"{\"\"x\"\":[1,\"\"y\"\"]}\"\r\n");
    buf_clear(&out);
}
END_TEST

START_TEST(no_text_begins_a_formula) {
    static const char *const begins[] = {"=", "+", "-", "@", "\\t", "\\r"};
    struct buf out = {0}, json = {0};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        buf_reset(&json);
        buf_append_format(&json, "{\"items\": [{\"n\": \"%s1\", \"id\": -1}]}", begins[i]);
        ck_assert(write(&out, buf_as_string(&json)));
        ck_assert_ptr_nonnull(strstr(buf_as_string(&out), "'"));
        ck_assert_ptr_nonnull(strstr(buf_as_string(&out), "\r\n-1,")); // a number is none
    }
    buf_clear(&out);
    buf_clear(&json);
}
END_TEST

START_TEST(what_is_no_list_becomes_none) {
    static const char *const none[] = {"", "[]", "{}", "{\"items\": 1}", "{\"items\": [}"};
    struct buf out = {0};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) ck_assert(!write(&out, none[i]));
    ck_assert(!csv_write(&out, bytes_of_string("{\"items\": []}"), NULL));
    ck_assert(!csv_write(&out, bytes_of_string("{\"items\": []}"), "{}"));
    buf_clear(&out);
}
END_TEST

Suite *csv_suite(void) {
    Suite *suite = suite_create("csv");
    TCase *cases = tcase_create("csv");
    tcase_add_test(cases, columns_are_the_schemas_in_its_order);
    tcase_add_test(cases, cells_are_quoted_where_they_have_to_be);
    tcase_add_test(cases, no_text_begins_a_formula);
    tcase_add_test(cases, what_is_no_list_becomes_none);
    suite_add_tcase(suite, cases);
    return suite;
}
