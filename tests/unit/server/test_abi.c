// SPDX-License-Identifier: Apache-2.0
// What strangers' contracts say of themselves, read for people.
#include "apps/common/server/abi.h"
#include "tests/support/unit.h"
#include "tests/unit/server/suites.h"

static const char *sentence(const char *abi, uint32_t code) {
    static struct buf out;
    buf_reset(&out);
    return abi_sentence(bytes_of_string(abi), code, &out) ? buf_as_string(&out) : NULL;
}

START_TEST(a_code_has_the_sentence_of_its_own_number) {
    static const char abi[] = "{\"name\":\"x\",\"errors\":{\"1\":\"one\",\"12\":\"a \\u00e9\","
                              "\"4294967295\":\"last\"}}";
    ck_assert_str_eq(sentence(abi, 1), "one");
    ck_assert_str_eq(sentence(abi, 12), "a é");
    ck_assert_str_eq(sentence(abi, UINT32_MAX), "last");
    ck_assert_ptr_null(sentence(abi, 2));
    ck_assert_ptr_null(sentence(abi, 0));
}
END_TEST

START_TEST(what_is_no_abi_says_nothing) {
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "null",
                                        "\"errors\"",
                                        "{\"errors\":[]}",
                                        "{\"errors\":\"1\"}",
                                        "{\"errors\":{\"1\":1}}",
                                        "{\"errors\":{\"1\":\"\"}}",
                                        "{\"errors\":{\"1\":\"a\",\"1\":\"b\"}}",
                                        "{\"errors\":{\"1\":\"a\"}}x",
                                        "{\"errors\":{\"01\":\"a\"}}",
                                        "{\"errors\":{\"1\":\"\xff\"}}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_ptr_null(sentence(texts[i], 1));
}
END_TEST

START_TEST(a_sentence_and_an_abi_have_bounds) {
    struct buf abi = {0}, out = {0};
    for (size_t len = ABI_MAX_SENTENCE; len <= ABI_MAX_SENTENCE + 1; len++) {
        buf_reset(&abi);
        buf_append_string(&abi, "{\"errors\":{\"1\":\"");
        for (size_t i = 0; i < len; i++) buf_append_byte(&abi, 'a');
        buf_append_string(&abi, "\"}}");
        ck_assert_int_eq(abi_sentence(buf_bytes(&abi), 1, &out), len == ABI_MAX_SENTENCE);
    }
    buf_reset(&abi);
    buf_append_string(&abi, "{\"errors\":{\"1\":\"a\"}}");
    while (abi.len < ABI_MAX_BYTES) buf_append_byte(&abi, ' ');
    ck_assert(abi_sentence(buf_bytes(&abi), 1, &out));
    buf_append_byte(&abi, ' ');
    ck_assert(!abi_sentence(buf_bytes(&abi), 1, &out));
    buf_reset(&abi);
    for (int i = 0; i < 30000; i++) buf_append_byte(&abi, '[');
    ck_assert(!abi_sentence(buf_bytes(&abi), 1, &out));
    buf_clear(&abi);
    buf_clear(&out);
}
END_TEST

Suite *abi_suite(void) {
    Suite *suite = suite_create("abi");
    TCase *cases = tcase_create("abi");
    tcase_add_test(cases, a_code_has_the_sentence_of_its_own_number);
    tcase_add_test(cases, what_is_no_abi_says_nothing);
    tcase_add_test(cases, a_sentence_and_an_abi_have_bounds);
    suite_add_tcase(suite, cases);
    return suite;
}

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, abi_suite());
    srunner_add_suite(runner, answers_suite());
    srunner_add_suite(runner, api_keys_suite());
    srunner_add_suite(runner, config_suite());
    srunner_add_suite(runner, options_suite());
    srunner_add_suite(runner, options_network_suite());
    srunner_add_suite(runner, members_suite());
    srunner_add_suite(runner, spending_suite());
    srunner_add_suite(runner, sponsor_suite());
}
