// SPDX-License-Identifier: Apache-2.0
// Each bound of the protocol: a module at the bound is taken, one past it is refused by name; and
// what hostile modules would blow up with stays small.
#include "chaincore/vm/gas.h"
#include "chaincore/vm/link.h"
#include "tests/support/unit.h"
#include "tests/unit/vm/modules.h"
#include "tests/unit/vm/suites.h"

static const struct vm_import_table no_imports = {.module = "lmm"};

// A module in the making: sections are appended in the order of their calls.
static void begin(struct buf *module) {
    buf_reset(module);
    buf_append(module, bytes_of("\0asm\1\0\0\0", 8));
}

static void add_repeated(struct buf *module, uint8_t id, uint32_t count, struct bytes item) {
    struct buf content = {0};
    append_leb(&content, count);
    for (uint32_t i = 0; i < count; i++) buf_append(&content, item);
    append_section(module, id, buf_bytes(&content));
    buf_clear(&content);
}

// One type, of so many i32 parameters and results.
static void add_type(struct buf *module, uint32_t parameters, uint32_t results) {
    struct buf content = {0};
    append_leb(&content, 1);
    buf_append_byte(&content, 0x60);
    append_leb(&content, parameters);
    for (uint32_t i = 0; i < parameters; i++) buf_append_byte(&content, 0x7f);
    append_leb(&content, results);
    for (uint32_t i = 0; i < results; i++) buf_append_byte(&content, 0x7f);
    append_section(module, 1, buf_bytes(&content));
    buf_clear(&content);
}

static void add_functions(struct buf *module, uint32_t count) {
    add_repeated(module, 3, count, bytes_of("\0", 1));
}

// A body without locals; `end` is added.
static void add_body(struct buf *module, struct bytes body) {
    struct buf content = {0};
    append_leb(&content, 1);
    append_leb(&content, (uint32_t)body.len + 2);
    append_leb(&content, 0);
    buf_append(&content, body);
    buf_append_byte(&content, 0x0b);
    append_section(module, 10, buf_bytes(&content));
    buf_clear(&content);
}

static const char *verdict(const struct buf *module, const struct vm_limits *limits) {
    struct vm_module *out;
    struct vm_error why;
    enum status status = vm_module_create(&out, buf_bytes(module), limits, &no_imports, &why);
    if (status != STATUS_OK) {
        assert_status(status, STATUS_INVALID);
        return why.text;
    }
    ck_assert_uint_gt(vm_module_memory(out), module->len);
    vm_module_free(out);
    return "";
}

// Builds a module with so many of something, and holds it against the bound.
static void check_bound(void (*build)(struct buf *, uint32_t), uint32_t bound, const char *text) {
    struct buf module = {0};
    build(&module, bound);
    ck_assert_str_eq(verdict(&module, &vm_limits_protocol), "");
    build(&module, bound + 1);
    ck_assert_str_eq(verdict(&module, &vm_limits_protocol), text);
    buf_clear(&module);
}

static void with_code_bytes(struct buf *module, uint32_t len) {
    begin(module);
    uint32_t content = len - 8 - 4; // id and a length of three bytes
    buf_append_byte(module, 0);
    append_leb(module, content);
    ck_assert_uint_eq(module->len, 12);
    buf_append_byte(module, 0); // a custom section without a name
    memset(buf_reserve(module, content - 1), 0, content - 1);
    module->len += content - 1;
}
static void with_types(struct buf *module, uint32_t count) {
    begin(module);
    add_repeated(module, 1, count, bytes_of("\x60\0\0", 3));
}
static void with_parameters(struct buf *module, uint32_t count) {
    begin(module);
    add_type(module, count, 0);
}
static void with_results(struct buf *module, uint32_t count) {
    begin(module);
    add_type(module, 0, count);
}
static void with_functions(struct buf *module, uint32_t count) {
    begin(module);
    add_type(module, 0, 0);
    add_functions(module, count);
    add_repeated(module, 10, count, bytes_of("\2\0\x0b", 3));
}
// Function bodies are code, so are imports: at the bound there is nothing to import them from.
static void with_imports(struct buf *module, uint32_t count) {
    begin(module);
    add_type(module, 0, 0);
    add_repeated(module, 2, count, bytes_of("\3lmm\1f\0\0", 8));
}
static void with_exports(struct buf *module, uint32_t count) {
    struct buf content = {0};
    begin(module);
    add_type(module, 0, 0);
    add_functions(module, 1);
    append_leb(&content, count);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t name[5] = {4, 'a' + i % 16, 'a' + i / 16 % 16, 'a' + i / 256 % 16, '.'};
        buf_append(&content, BYTES_OF(name));
        buf_append(&content, bytes_of("\0\0", 2));
    }
    append_section(module, 7, buf_bytes(&content));
    add_body(module, bytes_of("", 0));
    buf_clear(&content);
}
static void with_body_bytes(struct buf *module, uint32_t len) {
    struct buf body = {0};
    begin(module);
    add_type(module, 0, 0);
    add_functions(module, 1);
    memset(buf_reserve(&body, len), 0x01, len - 2); // nop, between the locals and the end
    body.len = len - 2;
    add_body(module, buf_bytes(&body));
    buf_clear(&body);
}
static void with_locals(struct buf *module, uint32_t count) {
    struct buf content = {0}, body = {0};
    begin(module);
    add_type(module, 4, 0); // parameters are locals
    add_functions(module, 1);
    append_leb(&body, 2);
    append_leb(&body, 1);
    buf_append_byte(&body, 0x7e);
    append_leb(&body, count - 5);
    buf_append(&body, bytes_of("\x7f\x0b", 2));
    append_leb(&content, 1);
    append_leb(&content, (uint32_t)body.len);
    buf_append(&content, buf_bytes(&body));
    append_section(module, 10, buf_bytes(&content));
    buf_clear(&content);
    buf_clear(&body);
}
static void with_pages(struct buf *module, uint32_t count) {
    struct buf content = {0};
    begin(module);
    append_leb(&content, 1);
    buf_append_byte(&content, 0);
    append_leb(&content, count);
    append_section(module, 5, buf_bytes(&content));
    buf_clear(&content);
}
static void with_table(struct buf *module, uint32_t count) {
    struct buf content = {0};
    begin(module);
    append_leb(&content, 1);
    buf_append(&content, bytes_of("\x70\0", 2));
    append_leb(&content, count);
    append_section(module, 4, buf_bytes(&content));
    buf_clear(&content);
}
static void with_globals(struct buf *module, uint32_t count) {
    begin(module);
    add_repeated(module, 6, count, bytes_of("\x7f\1\x41\0\x0b", 5));
}
static void with_data(struct buf *module, uint32_t count) {
    with_pages(module, 1);
    add_repeated(module, 11, count, bytes_of("\0\x41\0\x0b\0", 5));
}
static void with_elements(struct buf *module, uint32_t count) {
    with_table(module, 1);
    add_repeated(module, 9, count, bytes_of("\0\x41\0\x0b\0", 5));
}
static void with_segment_entries(struct buf *module, uint32_t count) {
    struct buf content = {0};
    begin(module);
    add_type(module, 0, 0);
    add_functions(module, 1);
    append_leb(&content, 1);
    buf_append(&content, bytes_of("\1\0", 2)); // passive
    append_leb(&content, count);
    for (uint32_t i = 0; i < count; i++) buf_append_byte(&content, 0);
    append_section(module, 9, buf_bytes(&content));
    add_body(module, bytes_of("", 0));
    buf_clear(&content);
}
static void with_nesting(struct buf *module, uint32_t count) {
    struct buf body = {0};
    begin(module);
    add_type(module, 0, 0);
    add_functions(module, 1);
    for (uint32_t i = 0; i < count; i++) buf_append(&body, bytes_of("\2\x40", 2));
    for (uint32_t i = 0; i < count; i++) buf_append_byte(&body, 0x0b);
    add_body(module, buf_bytes(&body));
    buf_clear(&body);
}
static void with_branch_table(struct buf *module, uint32_t count) {
    struct buf body = {0};
    begin(module);
    add_type(module, 0, 0);
    add_functions(module, 1);
    buf_append(&body, bytes_of("\x41\0\x0e", 3));
    append_leb(&body, count);
    for (uint32_t i = 0; i <= count; i++) buf_append_byte(&body, 0);
    add_body(module, buf_bytes(&body));
    buf_clear(&body);
}
static void with_operands(struct buf *module, uint32_t count) {
    struct buf body = {0};
    begin(module);
    add_type(module, 0, 0);
    add_functions(module, 1);
    for (uint32_t i = 0; i < count; i++) buf_append(&body, bytes_of("\x41\1", 2));
    for (uint32_t i = 0; i < count; i++) buf_append_byte(&body, 0x1a);
    add_body(module, buf_bytes(&body));
    buf_clear(&body);
}

START_TEST(takes_what_is_at_a_bound_and_names_the_bound_that_is_passed) {
    const struct vm_limits *limits = &vm_limits_protocol;
    check_bound(with_code_bytes, limits->code_bytes, "the code is larger than allowed");
    check_bound(with_body_bytes, limits->body_bytes, "a function that is too large");
    check_bound(with_types, limits->types, "too many types");
    check_bound(with_parameters, limits->values, "too many parameters");
    check_bound(with_results, limits->values, "too many results");
    check_bound(with_functions, limits->functions, "too many functions");
    check_bound(with_exports, limits->exports, "too many exports");
    check_bound(with_locals, limits->locals, "too many locals");
    check_bound(with_pages, limits->memory_pages, "memory size is over its bound");
    check_bound(with_table, limits->table_entries, "table too large");
    check_bound(with_globals, limits->globals, "too many globals");
    check_bound(with_data, limits->segments, "too many data segments");
    check_bound(with_elements, limits->segments, "too many element segments");
    check_bound(with_segment_entries, limits->table_entries, "too many elements");
    check_bound(with_nesting, limits->nesting, "blocks nested too deep");
    check_bound(with_branch_table, limits->branch_table, "a branch table with too many targets");
    // Two slots of each frame hold where to go back to.
    check_bound(with_operands, limits->frame_slots - 2, "a function with too many values");
}
END_TEST

START_TEST(imports_count_against_the_functions_and_are_bounded_by_name) {
    struct buf module = {0};
    with_imports(&module, vm_limits_protocol.functions);
    ck_assert_str_eq(verdict(&module, &vm_limits_protocol),
                     "an import that the chain does not offer");
    with_imports(&module, vm_limits_protocol.functions + 1);
    ck_assert_str_eq(verdict(&module, &vm_limits_protocol), "too many imports");
    buf_clear(&module);
}
END_TEST

// What the conformance scripts need, and no contract gets.
static void check_only_standard(void (*build)(struct buf *, uint32_t), uint32_t count,
                                const char *text) {
    struct buf module = {0};
    build(&module, count);
    ck_assert_str_eq(verdict(&module, &vm_limits_conformance), "");
    ck_assert_str_eq(verdict(&module, &vm_limits_protocol), text);
    buf_clear(&module);
}

static void with_start(struct buf *module, uint32_t function) {
    begin(module);
    add_type(module, 0, 0);
    add_functions(module, 1);
    const uint8_t start[1] = {(uint8_t)function};
    append_section(module, 8, BYTES_OF(start));
    add_body(module, bytes_of("", 0));
}
static void with_float_body(struct buf *module, uint32_t opcode) {
    const uint8_t body[] = {0x41, 1, (uint8_t)opcode, 0x1a}; // a constant, converted, dropped
    begin(module);
    add_type(module, 0, 0);
    add_functions(module, 1);
    add_body(module, BYTES_OF(body));
}

START_TEST(the_standards_limits_take_what_the_protocol_refuses) {
    const struct vm_limits *limits = &vm_limits_protocol;
    check_only_standard(with_results, limits->values + 1, "too many results");
    check_only_standard(with_branch_table, 24616, "a branch table with too many targets");
    check_only_standard(with_locals, 1056, "too many locals");
    check_only_standard(with_pages, 803, "memory size is over its bound");
    check_only_standard(with_table, limits->table_entries + 1, "table too large");
    check_only_standard(with_nesting, 1000, "blocks nested too deep");
    check_only_standard(with_types, 2000, "too many types");
    check_only_standard(with_body_bytes, 200000, "a function that is too large");
    check_only_standard(with_start, 0, "a start section is not allowed");
    check_only_standard(with_float_body, 0xb2, "floats are not allowed");
}
END_TEST

static void check_sections(const char *expected, uint8_t id, struct bytes content) {
    struct buf module = {0};
    begin(&module);
    add_type(&module, 0, 0);
    if (id > 3) add_functions(&module, 1);
    append_section(&module, id, content);
    ck_assert_str_eq(verdict(&module, &vm_limits_protocol), expected);
    buf_clear(&module);
}

START_TEST(refuses_start_sections_float_types_and_foreign_imports) {
    check_sections("a start section is not allowed", 8, bytes_of("\0", 1));
    check_sections("floats are not allowed", 6, bytes_of("\1\x7d\0\x43\0\0\0\0\x0b", 9));
    check_sections("floats are not allowed", 6, bytes_of("\1\x7c\0\x44\0\0\0\0\0\0\0\0\x0b", 13));
    check_sections("an import that the chain does not offer", 2, bytes_of("\1\1a\1b\0\0", 7));
    check_sections("only functions can be imported", 2, bytes_of("\1\1a\1b\3\x7f\0", 8));
    check_sections("only functions can be imported", 2, bytes_of("\1\1a\1b\2\0\1", 8));
}
END_TEST

// Each branch carries as many values as there may be, past one that has to stay.
static void with_wide_branches(struct buf *module, uint32_t count) {
    struct buf body = {0};
    begin(module);
    add_type(module, 0, vm_limits_protocol.values);
    add_functions(module, 1);
    buf_append(&body, bytes_of("\2\0\x41\0", 4)); // a block of that type, and what stays
    for (uint32_t i = 0; i < vm_limits_protocol.values; i++)
        buf_append(&body, bytes_of("\x41\1", 2));
    for (uint32_t i = 0; i < count; i++) buf_append(&body, bytes_of("\x41\0\x0d\0", 4));
    buf_append(&body, bytes_of("\x0c\0\x0b", 3));
    add_body(module, buf_bytes(&body));
    buf_clear(&body);
}

START_TEST(code_grows_with_the_module_not_with_the_values_branches_carry) {
    struct buf code = {0};
    struct vm_module *module;
    struct vm_error why;
    with_wide_branches(&code, 30000);
    assert_ok(vm_module_create(&module, buf_bytes(&code), &vm_limits_protocol, &no_imports, &why));
    ck_assert_uint_lt(vm_module_memory(module), 32 * code.len);
    vm_module_free(module);
    buf_clear(&code);
}
END_TEST

START_TEST(branches_pay_for_the_values_they_carry) {
    struct buf code = {0};
    struct vm_module *module;
    struct vm_instance *instance;
    struct vm_error why;
    enum { TAKEN = 3 };
    uint64_t results[64], values = vm_limits_protocol.values, per = values / GAS_VALUES_PER_GAS;
    ck_assert_uint_le(values, 64);
    with_wide_branches(&code, TAKEN);
    assert_ok(vm_module_create(&module, buf_bytes(&code), &vm_limits_protocol, &no_imports, &why));
    assert_ok(vm_instance_create(&instance, module));
    struct vm_call call = {.results = results, .gas_limit = 1000000};
    ck_assert_int_eq(vm_call(instance, &call), VM_TRAP_NONE);
    for (uint64_t i = 0; i < values; i++) ck_assert_uint_eq(results[i], 1);
    uint64_t constants = (1 + values + TAKEN) * GAS_SIMPLE;
    uint64_t branches = (TAKEN + 1) * (GAS_BRANCH + per);
    ck_assert_uint_eq(call.gas_used, GAS_FRAME + per + constants + branches);
    vm_instance_free(instance);
    vm_module_free(module);
    buf_clear(&code);
}
END_TEST

TCase *bounds_cases(void) {
    TCase *cases = tcase_create("bounds");
    tcase_add_test(cases, takes_what_is_at_a_bound_and_names_the_bound_that_is_passed);
    tcase_add_test(cases, imports_count_against_the_functions_and_are_bounded_by_name);
    tcase_add_test(cases, the_standards_limits_take_what_the_protocol_refuses);
    tcase_add_test(cases, refuses_start_sections_float_types_and_foreign_imports);
    tcase_add_test(cases, code_grows_with_the_module_not_with_the_values_branches_carry);
    tcase_add_test(cases, branches_pay_for_the_values_they_carry);
    return cases;
}
