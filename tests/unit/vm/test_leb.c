// SPDX-License-Identifier: Apache-2.0
// Integers in a module: each in as few bytes as its width takes at most, with nothing in the bits
// that it has not.
#include "chaincore/vm/vm.h"
#include "tests/unit/vm/modules.h"
#include "tests/unit/vm/suites.h"

struct body_case {
    const char *bytes;
    size_t len;
    const char *expected; // NULL: accepted
};
#define BODY_CASE(bytes, expected) \
    { bytes, sizeof(bytes) - 1, expected }

static void check_bodies(const struct body_case *bodies, size_t count) {
    static const struct vm_import_table no_imports = {.module = "lmm"};
    for (size_t i = 0; i < count; i++) {
        struct sample sample = {1, 0, 0, (const uint8_t *)bodies[i].bytes, bodies[i].len};
        struct buf code = {0};
        struct vm_module *module;
        struct vm_error why = {0};
        sample_build(&code, &sample);
        enum status status =
            vm_module_create(&module, buf_bytes(&code), &vm_limits_protocol, &no_imports, &why);
        if (bodies[i].expected) {
            ck_assert_msg(status == STATUS_INVALID, "body %zu was accepted", i);
            ck_assert_msg(strcmp(why.text, bodies[i].expected) == 0, "body %zu: %s", i, why.text);
        } else {
            ck_assert_msg(status == STATUS_OK, "body %zu: %s", i, why.text);
            vm_module_free(module);
        }
        buf_clear(&code);
    }
}
#define CHECK(bodies) check_bodies(bodies, sizeof(bodies) / sizeof *(bodies))

#define TOO_LONG "integer representation too long"
#define TOO_LARGE "integer too large"
#define BAD_TYPE "malformed block type"

START_TEST(a_block_type_that_is_no_index_is_one_byte) {
    static const struct body_case bodies[] = {
        BODY_CASE("\x02\x40\x0b", NULL),
        BODY_CASE("\x02\x7f\x41\x00\x0b\x1a", NULL),
        BODY_CASE("\x02\xc0\x7f\x0b", BAD_TYPE),                         // 0x40 in two bytes
        BODY_CASE("\x02\xff\x7f\x41\x00\x0b\x1a", BAD_TYPE),             // i32 in two
        BODY_CASE("\x03\xfe\xff\xff\xff\x7f\x42\x00\x0b\x1a", BAD_TYPE), // i64 in five
        BODY_CASE("\x20\x00\x04\xc0\xff\x7f\x0b", BAD_TYPE),
        BODY_CASE("\x02\x41\x0b", BAD_TYPE), // no type at all
        BODY_CASE("\x02\x70\x0b", BAD_TYPE), // nor a number's
        BODY_CASE("\x02\x80\x7e\x0b", BAD_TYPE),
    };
    CHECK(bodies);
}
END_TEST

START_TEST(a_block_type_may_spell_its_index_in_up_to_five_bytes) {
    // Type 0 takes an i32.
    static const struct body_case bodies[] = {
        BODY_CASE("\x41\x00\x02\x00\x1a\x0b", NULL),
        BODY_CASE("\x41\x00\x02\x80\x00\x1a\x0b", NULL),
        BODY_CASE("\x41\x00\x02\x80\x80\x80\x80\x00\x1a\x0b", NULL),
        BODY_CASE("\x41\x00\x02\x80\x80\x80\x80\x80\x00\x1a\x0b", TOO_LONG),
        BODY_CASE("\x41\x00\x02\x80\x80\x80\x80\x10\x1a\x0b", TOO_LARGE),
        BODY_CASE("\x41\x00\x02\x80\x80\x80\x80\x0f\x1a\x0b", "unknown type"),
    };
    CHECK(bodies);
}
END_TEST

START_TEST(an_unsigned_number_has_32_bits_and_five_bytes) {
    // local.get of the one local
    static const struct body_case bodies[] = {
        BODY_CASE("\x20\x80\x80\x80\x80\x00\x1a", NULL),
        BODY_CASE("\x20\x80\x80\x80\x80\x80\x00\x1a", TOO_LONG),
        BODY_CASE("\x20\x80\x80\x80\x80\x10\x1a", TOO_LARGE),
        BODY_CASE("\x20\x80\x80\x80\x80\x70\x1a", TOO_LARGE),
        BODY_CASE("\x20\x80\x80\x80\x80\x90\x00\x1a", TOO_LONG),
        BODY_CASE("\x20\x80\x80\x80\x80\x0f\x1a", "unknown local"),
    };
    CHECK(bodies);
}
END_TEST

START_TEST(a_signed_number_fills_its_last_byte_with_its_sign) {
    static const struct body_case bodies[] = {
        BODY_CASE("\x41\xff\xff\xff\xff\x07\x1a", NULL), // 2^31 - 1
        BODY_CASE("\x41\x80\x80\x80\x80\x78\x1a", NULL), // -2^31
        BODY_CASE("\x41\xff\xff\xff\xff\x7f\x1a", NULL), // -1
        BODY_CASE("\x41\xff\xff\xff\xff\x0f\x1a", TOO_LARGE),
        BODY_CASE("\x41\x80\x80\x80\x80\x70\x1a", TOO_LARGE),
        BODY_CASE("\x41\x80\x80\x80\x80\x08\x1a", TOO_LARGE),
        BODY_CASE("\x41\xff\xff\xff\xff\xff\x7f\x1a", TOO_LONG),
        BODY_CASE("\x41\x80\x80\x80\x80\x80\x00\x1a", TOO_LONG),
        BODY_CASE("\x42\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x1a", NULL), // 2^63 - 1
        BODY_CASE("\x42\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f\x1a", NULL), // -2^63
        BODY_CASE("\x42\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x1a", TOO_LARGE),
        BODY_CASE("\x42\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7e\x1a", TOO_LARGE),
        BODY_CASE("\x42\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x1a", TOO_LONG),
        BODY_CASE("\x42\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x1a", TOO_LONG),
    };
    CHECK(bodies);
}
END_TEST

TCase *leb_cases(void) {
    TCase *cases = tcase_create("leb");
    tcase_add_test(cases, a_block_type_that_is_no_index_is_one_byte);
    tcase_add_test(cases, a_block_type_may_spell_its_index_in_up_to_five_bytes);
    tcase_add_test(cases, an_unsigned_number_has_32_bits_and_five_bytes);
    tcase_add_test(cases, a_signed_number_fills_its_last_byte_with_its_sign);
    return cases;
}
