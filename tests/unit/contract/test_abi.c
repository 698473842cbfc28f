// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/abi.h"

#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/contract/host.h"
#include "tests/support/unit.h"
#include "tests/unit/contract/suites.h"

static const uint8_t module[] = {0, 'a', 's', 'm', 1,   0,   0,   0, //
                                 0, 4,   3,   'a', 'b', 'c',         // another
                                 1, 4,   1,   96,  0,   0,           // types
                                 0, 10,  7,   'l', 'm', 'm', '.', 'a', 'b', 'i', 'h', 'i'};

START_TEST(an_abi_is_found_behind_other_sections) {
    struct bytes abi;
    ck_assert(abi_of_code(BYTES_OF(module), &abi));
    assert_bytes_equal(abi, bytes_of_string("hi"));
}
END_TEST

START_TEST(bytes_that_are_no_module_have_none) {
    struct bytes abi;
    for (size_t len = 0; len < sizeof module; len++)
        ck_assert(!abi_of_code(bytes_of(module, len), &abi));
    for (size_t bit = 0; bit < 8 * sizeof module; bit++) {
        uint8_t changed[sizeof module];
        memcpy(changed, module, sizeof module);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (!abi_of_code(BYTES_OF(changed), &abi)) continue;
        ck_assert(abi.data >= changed && abi.data + abi.len <= changed + sizeof changed);
    }
    static const uint8_t endless[] = {0, 'a',  's',  'm',  1,    0,    0,   0,
                                      0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    ck_assert(!abi_of_code(BYTES_OF(endless), &abi));
}
END_TEST

START_TEST(a_contract_compiled_with_the_sdk_carries_its_own) {
    struct buf code = {0};
    struct bytes abi;
    assert_ok(file_read(&code, "apps/supplychain/contract/supplychain.wasm", 1 << 20));
    ck_assert(abi_of_code(buf_bytes(&code), &abi));
    ck_assert(bytes_start_with(abi, bytes_of_string("{\n  \"name\": \"supplychain\"")));
    buf_reset(&code);
    assert_ok(file_read(&code, "tests/support/puppet.wasm", 1 << 20));
    ck_assert(!abi_of_code(buf_bytes(&code), &abi));
    buf_clear(&code);
}
END_TEST

// What the host offers and what the header declares are one list.
START_TEST(the_header_declares_every_host_function_and_no_other) {
    const struct vm_import_table *table = host_imports();
    struct buf header = {0};
    size_t declared = 0;
    assert_ok(file_read(&header, TOP_SRCDIR "/chaincore/sdk/lmm.h", 1 << 20));
    const char *text = buf_as_string(&header);
    for (size_t i = 0; i < table->count; i++) {
        char line[64];
        snprintf(line, sizeof line, "\nLMM_HOST(%s)", table->functions[i].name);
        ck_assert_msg(strstr(text, line), "%s", table->functions[i].name);
    }
    for (const char *at = text; (at = strstr(at, "\nLMM_HOST(")); at++) declared++;
    ck_assert_uint_eq(declared, table->count);
    buf_clear(&header);
}
END_TEST

Suite *abi_suite(void) {
    Suite *suite = suite_create("abi");
    TCase *cases = tcase_create("abi");
    tcase_add_test(cases, an_abi_is_found_behind_other_sections);
    tcase_add_test(cases, bytes_that_are_no_module_have_none);
    tcase_add_test(cases, the_header_declares_every_host_function_and_no_other);
    tcase_add_test(cases, a_contract_compiled_with_the_sdk_carries_its_own);
    suite_add_tcase(suite, cases);
    return suite;
}
