// SPDX-License-Identifier: Apache-2.0
// Host functions: what they are given, what they may take, and what becomes of what they return.
#include "chaincore/vm/gas.h"
#include "chaincore/vm/vm.h"
#include "tests/support/unit.h"
#include "tests/unit/vm/modules.h"
#include "tests/unit/vm/suites.h"

// (module (import "lmm" "act" (func (param i32 i32) (result i32)))
//   (memory 2 4) (table 2 funcref) (elem (i32.const 1) 1) (global (mut i32) (i32.const 5))
//   (func (export "run") (param i32 i32) (result i32)
//     (global.set 0 (i32.add (global.get 0) (i32.const 1)))
//     (i32.add (call 0 (local.get 0) (local.get 1)) (global.get 0)))
//   (data (i32.const 65536) "data"))
static const uint8_t code[] = {
    0,    'a', 's',  'm',  1,    0,    0,    0,                                    //
    1,    7,   1,    0x60, 2,    0x7f, 0x7f, 1,    0x7f,                           // types
    2,    11,  1,    3,    'l',  'm',  'm',  3,    'a',  'c',  't',  0,   0,       // imports
    3,    2,   1,    0,                                                            // functions
    4,    4,   1,    0x70, 0,    2,                                                // tables
    5,    4,   1,    1,    2,    4,                                                // memories
    6,    6,   1,    0x7f, 1,    0x41, 5,    0x0b,                                 // globals
    7,    7,   1,    3,    'r',  'u',  'n',  0,    1,                              // exports
    9,    7,   1,    0,    0x41, 1,    0x0b, 1,    1,                              // elements
    10,   20,  1,    18,   0,    0x23, 0,    0x41, 1,    0x6a, 0x24, 0,            // code
    0x20, 0,   0x20, 1,    0x10, 0,    0x23, 0,    0x6a, 0x0b,                     //
    11,   12,  1,    0,    0x41, 0x80, 0x80, 4,    0x0b, 4,    'd',  'a', 't', 'a' // data
};
enum {
    GAS_TO_CALL = GAS_FRAME + 5 * GAS_SIMPLE + 1 + GAS_CALL, // an add costs 1
    GAS_AFTER = GAS_SIMPLE + 1,
};

enum act { RETURN_SUM, CHARGE, TOUCH, CALL_AGAIN, REFUSE };
struct host {
    enum act act;
    uint64_t gas;
    bool was_inside;
    enum vm_trap inner;
};

static enum vm_trap act(struct vm_instance *instance, void *context, const uint64_t *arguments,
                        uint64_t *result) {
    struct host *host = context;
    uint64_t results[1], again[2] = {0};
    struct vm_call call = {
        .function = 1, .arguments = again, .results = results, .gas_limit = 1000, .context = host};
    ck_assert_uint_eq(*result, 0);
    uint8_t *bytes;
    switch (host->act) {
    case RETURN_SUM:
        *result = arguments[0] + arguments[1];
        return VM_TRAP_NONE;
    case CHARGE:
        return vm_charge(instance, host->gas) ? VM_TRAP_NONE : VM_TRAP_OUT_OF_GAS;
    case TOUCH:
        bytes = vm_memory(instance, (uint32_t)arguments[0], (uint32_t)arguments[1]);
        host->was_inside = bytes != NULL;
        if (bytes && arguments[1] > 0) {
            *result = bytes[0];
            bytes[arguments[1] - 1] = 77;
        }
        return VM_TRAP_NONE;
    case CALL_AGAIN:
        host->inner = vm_call(instance, &call);
        return VM_TRAP_NONE;
    case REFUSE:
        return VM_TRAP_HOST;
    }
    return VM_TRAP_HOST;
}

struct run {
    struct vm_module *module;
    struct vm_instance *instance;
    struct host host;
    uint64_t result;
    uint64_t gas_used;
};

static void start(struct run *run) {
    static const struct vm_host_function functions[] = {{"act", "ii", "i", act}};
    static const struct vm_import_table imports = {
        .module = "lmm", .count = 1, .functions = functions};
    struct vm_error why;
    *run = (struct run){0};
    enum status status =
        vm_module_create(&run->module, BYTES_OF(code), &vm_limits_protocol, &imports, &why);
    ck_assert_msg(status == STATUS_OK, "%s at %zu", why.text, why.offset);
    assert_ok(vm_instance_create(&run->instance, run->module));
}

static enum vm_trap go(struct run *run, uint32_t a, uint32_t b, uint64_t gas_limit) {
    uint64_t arguments[2] = {a, b};
    struct vm_call call = {.arguments = arguments,
                           .results = &run->result,
                           .gas_limit = gas_limit,
                           .context = &run->host};
    ck_assert(vm_module_find_function(run->module, "run", "ii", "i", &call.function));
    enum vm_trap trap = vm_call(run->instance, &call);
    run->gas_used = call.gas_used;
    return trap;
}

static void stop(struct run *run) {
    vm_instance_free(run->instance);
    vm_module_free(run->module);
}

START_TEST(arguments_come_in_order_and_the_result_goes_on) {
    struct run run;
    start(&run);
    ck_assert_int_eq(go(&run, 30, 12, 1000), VM_TRAP_NONE);
    ck_assert_uint_eq(run.result, 30 + 12 + 6);
    ck_assert_uint_eq(run.gas_used, GAS_TO_CALL + GAS_AFTER);
    stop(&run);
}
END_TEST

START_TEST(what_the_host_charges_counts_to_the_unit) {
    struct run run;
    start(&run);
    run.host = (struct host){.act = CHARGE, .gas = 500};
    uint64_t exact = GAS_TO_CALL + 500 + GAS_AFTER;
    ck_assert_int_eq(go(&run, 0, 0, exact), VM_TRAP_NONE);
    ck_assert_uint_eq(run.gas_used, exact);
    for (uint64_t limit = 0; limit < exact; limit++) {
        ck_assert_int_eq(go(&run, 0, 0, limit), VM_TRAP_OUT_OF_GAS);
        ck_assert_uint_eq(run.gas_used, limit);
    }
    run.host.gas = UINT64_MAX;
    ck_assert_int_eq(go(&run, 0, 0, exact), VM_TRAP_OUT_OF_GAS);
    stop(&run);
}
END_TEST

START_TEST(the_host_sees_memory_to_its_last_byte_and_no_further) {
    struct run run;
    start(&run);
    run.host.act = TOUCH;
    static const struct {
        uint32_t pointer, len;
        bool is_inside;
    } cases[] = {{65536, 4, true},       {0, 131072, true},     {131072, 0, true},
                 {131071, 1, true},      {131072, 1, false},    {131073, 0, false},
                 {UINT32_MAX, 2, false}, {1, UINT32_MAX, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vm_instance_reset(run.instance);
        ck_assert_int_eq(go(&run, cases[i].pointer, cases[i].len, 1000), VM_TRAP_NONE);
        ck_assert_int_eq(run.host.was_inside, cases[i].is_inside);
    }
    stop(&run);
}
END_TEST

START_TEST(a_reset_undoes_what_the_host_wrote_and_brings_the_data_back) {
    struct run run;
    start(&run);
    run.host.act = TOUCH;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(go(&run, 65536, 1, 1000), VM_TRAP_NONE);
        ck_assert_uint_eq(run.result, 'd' + 6);
        ck_assert_int_eq(go(&run, 131071, 1, 1000), VM_TRAP_NONE);
        ck_assert_uint_eq(run.result, 0 + 7);
        vm_instance_reset(run.instance);
    }
    stop(&run);
}
END_TEST

START_TEST(an_instance_that_runs_cannot_be_called_again) {
    struct run run;
    start(&run);
    run.host.act = CALL_AGAIN;
    ck_assert_int_eq(go(&run, 1, 2, 1000), VM_TRAP_NONE);
    ck_assert_int_eq(run.host.inner, VM_TRAP_HOST);
    ck_assert_uint_eq(run.result, 0 + 6);
    run.host.act = RETURN_SUM;
    ck_assert_int_eq(go(&run, 1, 2, 1000), VM_TRAP_NONE);
    ck_assert_uint_eq(run.result, 3 + 7);
    stop(&run);
}
END_TEST

START_TEST(a_host_that_refuses_ends_the_call_at_its_price_so_far) {
    struct run run;
    start(&run);
    run.host.act = REFUSE;
    ck_assert_int_eq(go(&run, 1, 2, 1000), VM_TRAP_HOST);
    ck_assert_uint_eq(run.gas_used, GAS_TO_CALL);
    stop(&run);
}
END_TEST

TCase *host_cases(void) {
    TCase *cases = tcase_create("host");
    tcase_add_test(cases, arguments_come_in_order_and_the_result_goes_on);
    tcase_add_test(cases, what_the_host_charges_counts_to_the_unit);
    tcase_add_test(cases, the_host_sees_memory_to_its_last_byte_and_no_further);
    tcase_add_test(cases, a_reset_undoes_what_the_host_wrote_and_brings_the_data_back);
    tcase_add_test(cases, an_instance_that_runs_cannot_be_called_again);
    tcase_add_test(cases, a_host_that_refuses_ends_the_call_at_its_price_so_far);
    return cases;
}
