// SPDX-License-Identifier: Apache-2.0
#include "chaincore/vm/gas.h"
#include "chaincore/vm/module.h"
#include "tests/support/unit.h"
#include "tests/unit/vm/modules.h"
#include "tests/unit/vm/suites.h"

#define BODY(...) \
    .body = (const uint8_t[]){__VA_ARGS__}, .body_len = sizeof((const uint8_t[]){__VA_ARGS__})

struct run {
    struct vm_module *module;
    struct vm_instance *instance;
    uint64_t results[4];
    uint64_t gas_used;
};

static enum status make_bounded(struct vm_module **out, const struct sample *sample,
                                uint8_t most_pages, struct vm_error *why) {
    static const struct vm_import_table no_imports = {.module = "lmm"};
    struct buf code = {0};
    sample_build_bounded(&code, sample, most_pages);
    enum status status =
        vm_module_create(out, buf_bytes(&code), &vm_limits_protocol, &no_imports, why);
    buf_clear(&code);
    return status;
}

static enum status make_module(struct vm_module **out, const struct sample *sample,
                               struct vm_error *why) {
    return make_bounded(out, sample, 0, why);
}

static void start_bounded(struct run *run, const struct sample *sample, uint8_t most_pages) {
    struct vm_error why;
    *run = (struct run){0};
    enum status status = make_bounded(&run->module, sample, most_pages, &why);
    ck_assert_msg(status == STATUS_OK, "%s at %zu", why.text, why.offset);
    assert_ok(vm_instance_create(&run->instance, run->module));
}

static void start(struct run *run, const struct sample *sample) { start_bounded(run, sample, 0); }

static enum vm_trap go(struct run *run, uint64_t gas_limit, uint64_t argument) {
    uint64_t arguments[4] = {argument};
    const struct vm_signature *signature = run->module->functions[0].signature;
    char letters[3][5] = {"", "i", "ii"};
    struct vm_call call = {.arguments = arguments, .results = run->results, .gas_limit = gas_limit};
    ck_assert(vm_module_find_function(run->module, "run", letters[signature->parameter_count],
                                      letters[signature->result_count], &call.function));
    enum vm_trap trap = vm_call(run->instance, &call);
    run->gas_used = call.gas_used;
    return trap;
}

static void stop(struct run *run) {
    vm_instance_free(run->instance);
    vm_module_free(run->module);
}

// local.get 0; i32.const 7; i32.div_u: frame 2, then 1 + 1 + 10.
static const uint8_t divide_body[] = {0x41, 7, 0x20, 0, 0x6e};
static const struct sample divide = {1, 1, 0, divide_body, sizeof divide_body};

START_TEST(gas_is_the_sum_of_what_ran_also_up_to_a_trap) {
    struct run run;
    start(&run, &divide);
    ck_assert_int_eq(go(&run, 1000, 2), VM_TRAP_NONE);
    ck_assert_uint_eq(run.results[0], 3);
    ck_assert_uint_eq(run.gas_used, 2 + 1 + 1 + 10);
    ck_assert_int_eq(go(&run, 1000, 0), VM_TRAP_DIVIDE_BY_ZERO);
    ck_assert_uint_eq(run.gas_used, 14);
    stop(&run);
}
END_TEST

START_TEST(a_limit_one_short_is_out_of_gas_whatever_the_trap) {
    struct run run;
    start(&run, &divide);
    for (uint64_t argument = 0; argument < 2; argument++) {
        ck_assert_int_eq(go(&run, 13, argument), VM_TRAP_OUT_OF_GAS);
        ck_assert_uint_eq(run.gas_used, 13);
        ck_assert_int_ne(go(&run, 14, argument), VM_TRAP_OUT_OF_GAS);
    }
    stop(&run);
}
END_TEST

START_TEST(an_endless_loop_ends_by_gas) {
    const struct sample endless = {0, 0, 0, BODY(0x03, 0x40, 0x0c, 0, 0x0b)};
    struct run run;
    start(&run, &endless);
    ck_assert_int_eq(go(&run, 1000000, 0), VM_TRAP_OUT_OF_GAS);
    ck_assert_uint_eq(run.gas_used, 1000000);
    stop(&run);
}
END_TEST

START_TEST(endless_recursion_ends_by_depth) {
    const struct sample recursion = {0, 0, 0, BODY(0x10, 0)};
    struct run run;
    start(&run, &recursion);
    ck_assert_int_eq(go(&run, UINT64_MAX, 0), VM_TRAP_CALL_DEPTH);
    stop(&run);
}
END_TEST

START_TEST(a_recursion_adds_up_and_pays_for_each_level) {
    // if n then n + run(n + -1) else 0
    const struct sample sum = {1, 1, 0,
                               BODY(0x20, 0, 0x04, 0x7f, 0x20, 0, 0x20, 0, 0x41, 0x7f, 0x6a, 0x10,
                                    0, 0x6a, 0x05, 0x41, 0, 0x0b)};
    struct run run;
    uint64_t level = GAS_FRAME + 4 * GAS_SIMPLE + GAS_IF + 2 + GAS_CALL; // two additions
    uint64_t last = GAS_FRAME + 2 * GAS_SIMPLE + GAS_IF;
    start(&run, &sum);
    ck_assert_int_eq(go(&run, 10000, 10), VM_TRAP_NONE);
    ck_assert_uint_eq(run.results[0], 55);
    ck_assert_uint_eq(run.gas_used, 10 * level + last);
    // The deepest call that is allowed, and one more.
    uint32_t depth = vm_limits_protocol.call_depth;
    ck_assert_int_eq(go(&run, 100000, depth - 1), VM_TRAP_NONE);
    ck_assert_uint_eq(run.results[0], depth * (depth - 1) / 2);
    ck_assert_int_eq(go(&run, 100000, depth), VM_TRAP_CALL_DEPTH);
    ck_assert_uint_eq(run.gas_used, depth * (level - 1)); // none came to its last addition
    stop(&run);
}
END_TEST

START_TEST(wide_frames_end_by_the_stack_before_anything_is_written_behind_it) {
    const struct sample wide = {0, 0, 1000, BODY(0x10, 0)};
    struct run run;
    start(&run, &wide);
    ck_assert_int_eq(go(&run, UINT64_MAX, 0), VM_TRAP_STACK);
    stop(&run);
}
END_TEST

START_TEST(memory_ends_where_it_ends) {
    // local.get 0; i32.load
    const struct sample load = {1, 1, 0, BODY(0x20, 0, 0x28, 2, 0)};
    struct run run;
    start(&run, &load);
    ck_assert_int_eq(go(&run, 1000, 65532), VM_TRAP_NONE);
    ck_assert_int_eq(go(&run, 1000, 65533), VM_TRAP_MEMORY_BOUNDS);
    ck_assert_int_eq(go(&run, 1000, 0xffffffff), VM_TRAP_MEMORY_BOUNDS);
    ck_assert_uint_eq(run.gas_used, GAS_FRAME + GAS_SIMPLE + GAS_LOAD_FAR);
    stop(&run);
}
END_TEST

START_TEST(loads_cost_by_the_maximum_that_the_memory_declares) {
    // (memory 1 8), or 9: local.get 0; i32.load; i32.const 0; local.get 0; i32.store
    static const uint8_t body[] = {0x20, 0, 0x28, 2, 0, 0x41, 0, 0x20, 0, 0x36, 2, 0};
    const struct sample sample = {1, 1, 0, body, sizeof body};
    struct run run;
    for (uint8_t most = GAS_NEAR_PAGES; most <= GAS_NEAR_PAGES + 1; most++) {
        uint64_t access = GAS_LOAD + GAS_STORE;
        if (most > GAS_NEAR_PAGES) access = GAS_LOAD_FAR + GAS_STORE_FAR;
        start_bounded(&run, &sample, most);
        ck_assert_int_eq(go(&run, 1000, 8), VM_TRAP_NONE);
        ck_assert_uint_eq(run.gas_used, GAS_FRAME + 3 * GAS_SIMPLE + access);
        stop(&run);
    }
}
END_TEST

START_TEST(memory_grows_up_to_the_limit_and_pays_first) {
    // local.get 0; memory.grow
    const struct sample grow = {1, 1, 0, BODY(0x20, 0, 0x40, 0)};
    struct run run;
    start(&run, &grow);
    ck_assert_int_eq(go(&run, 100000000, 255), VM_TRAP_NONE);
    ck_assert_uint_eq(run.results[0], 1);
    ck_assert_int_eq(go(&run, 100000000, 1), VM_TRAP_NONE);
    ck_assert_uint_eq(run.results[0], 0xffffffff);
    vm_instance_reset(run.instance);
    ck_assert_int_eq(go(&run, 10000, 100), VM_TRAP_OUT_OF_GAS);
    ck_assert_int_eq(go(&run, 10000, 0), VM_TRAP_NONE);
    ck_assert_uint_eq(run.results[0], 1);
    stop(&run);
}
END_TEST

START_TEST(a_reset_leaves_nothing_of_the_call_before) {
    // i32.const 8; i32.load; i32.const 8; i32.const 5; i32.store
    const struct sample remember = {0, 1, 0,
                                    BODY(0x41, 8, 0x28, 2, 0, 0x41, 8, 0x41, 5, 0x36, 2, 0)};
    struct run run;
    start(&run, &remember);
    ck_assert_int_eq(go(&run, 1000, 0), VM_TRAP_NONE);
    ck_assert_int_eq(go(&run, 1000, 0), VM_TRAP_NONE);
    ck_assert_uint_eq(run.results[0], 5);
    vm_instance_reset(run.instance);
    ck_assert_int_eq(go(&run, 1000, 0), VM_TRAP_NONE);
    ck_assert_uint_eq(run.results[0], 0);
    stop(&run);
}
END_TEST

static void check_refused(const struct sample *sample, const char *text) {
    struct vm_module *module;
    struct vm_error why;
    assert_status(make_module(&module, sample, &why), STATUS_INVALID);
    ck_assert_str_eq(why.text, text);
}

START_TEST(what_the_protocol_does_not_allow_is_refused_by_name) {
    static uint8_t nested[3 * 300];
    struct sample deep = {0, 0, 0, nested, sizeof nested};
    for (size_t i = 0; i < 300; i++) {
        nested[2 * i] = 0x02;
        nested[2 * i + 1] = 0x40;
        nested[600 + i] = 0x0b;
    }
    check_refused(&deep, "blocks nested too deep");
    struct sample locals = {0, 0, 1025, BODY(0x01)};
    check_refused(&locals, "too many locals");
    struct sample floats = {0, 0, 0, BODY(0x43, 0, 0, 0, 0, 0x1a)};
    check_refused(&floats, "floats are not allowed");
    struct sample mismatch = {0, 1, 0, BODY(0x01)};
    check_refused(&mismatch, "type mismatch");
}
END_TEST

START_TEST(every_truncation_of_a_module_is_refused) {
    static const struct vm_import_table no_imports = {.module = "lmm"};
    struct buf code = {0};
    struct vm_module *module;
    struct vm_error why;
    sample_build(&code, &divide);
    for (size_t len = 0; len < code.len; len++) {
        if (len == 8) continue; // a module without sections is a module
        struct bytes part = bytes_of(code.data, len);
        enum status status =
            vm_module_create(&module, part, &vm_limits_protocol, &no_imports, &why);
        // Cut between sections it may still be whole; then it has no function "run".
        if (status == STATUS_OK) {
            uint32_t function;
            ck_assert(!vm_module_find_function(module, "run", "i", "i", &function));
            vm_module_free(module);
        }
    }
    buf_clear(&code);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("vm");
    TCase *cases = tcase_create("vm");
    tcase_add_test(cases, gas_is_the_sum_of_what_ran_also_up_to_a_trap);
    tcase_add_test(cases, a_limit_one_short_is_out_of_gas_whatever_the_trap);
    tcase_add_test(cases, an_endless_loop_ends_by_gas);
    tcase_add_test(cases, endless_recursion_ends_by_depth);
    tcase_add_test(cases, a_recursion_adds_up_and_pays_for_each_level);
    tcase_add_test(cases, wide_frames_end_by_the_stack_before_anything_is_written_behind_it);
    tcase_add_test(cases, memory_ends_where_it_ends);
    tcase_add_test(cases, loads_cost_by_the_maximum_that_the_memory_declares);
    tcase_add_test(cases, memory_grows_up_to_the_limit_and_pays_first);
    tcase_add_test(cases, a_reset_leaves_nothing_of_the_call_before);
    tcase_add_test(cases, what_the_protocol_does_not_allow_is_refused_by_name);
    tcase_add_test(cases, every_truncation_of_a_module_is_refused);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, bounds_cases());
    suite_add_tcase(suite, float_tests());
    suite_add_tcase(suite, host_cases());
    suite_add_tcase(suite, hostile_cases());
    suite_add_tcase(suite, leb_cases());
    suite_add_tcase(suite, random_cases());
    srunner_add_suite(runner, suite);
}
