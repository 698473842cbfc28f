// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/utf8.h"
#include "tests/support/unit.h"

Suite *utf8_suite(void);

static size_t write_utf8(uint8_t out[4], uint32_t code) {
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = len; i-- > 1; code >>= 6) out[i] = (uint8_t)(0x80 | (code & 0x3F));
    out[0] = (uint8_t)(marks[len] | code);
    return len;
}

START_TEST(every_character_is_taken_whole_and_no_other_form_of_it) {
    for (uint32_t code = 0; code < 0x120000; code++) {
        uint8_t text[4];
        size_t len = write_utf8(text, code);
        bool is_good = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        if (utf8_first(bytes_of(text, len)) != (is_good ? len : 0))
            ck_abort_msg("code point %x", code);
        if (len > 1 && utf8_first(bytes_of(text, len - 1)) != 0) ck_abort_msg("cut %x", code);
    }
}
END_TEST

START_TEST(overlong_forms_and_stray_bytes_are_refused) {
    static const char *const bad[] = {"\x80",         "\xC0\x80",         "\xC1\xBF",
                                      "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF8\x88\x80\x80",
                                      "\xFF",         "\xE2\x82(",        "fine then \xC3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!utf8_is_valid(bytes_of_string(bad[i])), "%zu", i);
    ck_assert(utf8_is_valid(bytes_of("", 0)));
    ck_assert(utf8_is_valid(bytes_of("a\0b", 3)));
    ck_assert(utf8_is_valid(bytes_of_string("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8C\x8A")));
}
END_TEST

Suite *utf8_suite(void) {
    Suite *suite = suite_create("utf8");
    TCase *cases = tcase_create("utf8");
    tcase_add_test(cases, every_character_is_taken_whole_and_no_other_form_of_it);
    tcase_add_test(cases, overlong_forms_and_stray_bytes_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
