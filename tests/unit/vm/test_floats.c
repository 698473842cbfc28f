// SPDX-License-Identifier: Apache-2.0
// Floats are the same whatever modes the calling thread is in, and its modes are its own
// afterwards.
#include <fenv.h>

#include "chaincore/vm/vm.h"
#include "tests/unit/vm/modules.h"
#include "tests/unit/vm/suites.h"

#define F32_CONST(bits) 0x43, (bits)&0xff, (bits) >> 8 & 0xff, (bits) >> 16 & 0xff, (bits) >> 24
enum { ONE = 0x3f800000, THREE = 0x40400000, LARGE = 0x4b800000, HALF_STEPS = 0x40200000 };
enum { SUBNORMAL = 0x00400000, FUNCTIONS_LEN = 64 };

// What each body computes, as the bits of an f32, where the modes are those of WebAssembly.
struct float_case {
    uint8_t body[FUNCTIONS_LEN];
    size_t len;
    uint32_t expected;
};
#define FLOAT_CASE(expected, ...) \
    { {__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), expected }
static const struct float_case float_cases[] = {
    FLOAT_CASE(0x3eaaaaab, F32_CONST(ONE), F32_CONST(THREE), 0x95, 0xbc),
    FLOAT_CASE(0xbeaaaaab, F32_CONST(ONE), 0x8c, F32_CONST(THREE), 0x95, 0xbc),
    FLOAT_CASE(0x3fddb3d7, F32_CONST(THREE), 0x91, 0xbc),
    FLOAT_CASE(0x40000000, F32_CONST(HALF_STEPS), 0x90, 0xbc), // 2.5 to even
    FLOAT_CASE(LARGE, F32_CONST(LARGE), F32_CONST(ONE), 0x92, 0xbc),
    FLOAT_CASE(0x00800000, F32_CONST(SUBNORMAL), F32_CONST(SUBNORMAL), 0x92, 0xbc),
    FLOAT_CASE(0x00200000, F32_CONST(SUBNORMAL), F32_CONST(0x3f000000), 0x94, 0xbc),
    FLOAT_CASE(0x4b800000, 0x41, 0x81, 0x80, 0x80, 0x08, 0xb2, 0xbc), // 2^24 + 1 has no f32
};
enum { CASES = sizeof float_cases / sizeof *float_cases };

static uint32_t result_of(const struct float_case *c) {
    static const struct vm_import_table no_imports = {.module = "lmm"};
    struct sample sample = {0, 1, 0, c->body, c->len};
    struct vm_limits limits = vm_limits_protocol;
    struct buf code = {0};
    struct vm_module *module;
    struct vm_instance *instance;
    struct vm_error why;
    uint64_t results[1] = {0};
    struct vm_call call = {.results = results, .gas_limit = 1000};
    limits.allow_floats = true;
    sample_build(&code, &sample);
    enum status status = vm_module_create(&module, buf_bytes(&code), &limits, &no_imports, &why);
    ck_assert_msg(status == STATUS_OK, "%s", why.text);
    assert_ok(vm_instance_create(&instance, module));
    ck_assert(vm_module_find_function(module, "run", "", "i", &call.function));
    ck_assert_int_eq(vm_call(instance, &call), VM_TRAP_NONE);
    vm_instance_free(instance);
    vm_module_free(module);
    buf_clear(&code);
    return (uint32_t)results[0];
}

static void check_all(void) {
    for (size_t i = 0; i < CASES; i++) {
        uint32_t result = result_of(&float_cases[i]);
        ck_assert_msg(result == float_cases[i].expected, "case %zu: %08x", i, result);
    }
}

// A third, as the thread's own modes have it.
static float third(void) {
    volatile float one = 1, three = 3;
    return one / three;
}

START_TEST(the_callers_rounding_mode_alters_no_result) {
    static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO, FE_TONEAREST};
    float nearest = third();
    check_all();
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        ck_assert_int_eq(fesetround(modes[i]), 0);
        float before = third();
        check_all();
        float after = third();
        int mode = fegetround();
        ck_assert_int_eq(fesetround(FE_TONEAREST), 0);
        ck_assert_int_eq(mode, modes[i]);
        ck_assert(before == after);
        // The mode did alter what is computed outside.
        ck_assert_int_eq(before != nearest, mode == FE_DOWNWARD || mode == FE_TOWARDZERO);
    }
}
END_TEST

#ifdef __SSE__
START_TEST(nor_does_flushing_subnormal_numbers_to_zero) {
    enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
    unsigned outer = __builtin_ia32_stmxcsr();
    volatile float subnormal = 1e-39f, two = 2;
    __builtin_ia32_ldmxcsr(outer | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
    float flushed = subnormal / two;
    check_all();
    unsigned kept = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(outer);
    ck_assert(flushed == 0 && subnormal / two > 0);
    ck_assert((kept & FLUSH_TO_ZERO) && (kept & DENORMALS_ARE_ZERO));
}
END_TEST
#endif

TCase *float_tests(void) {
    TCase *cases = tcase_create("floats");
    tcase_add_test(cases, the_callers_rounding_mode_alters_no_result);
#ifdef __SSE__
    tcase_add_test(cases, nor_does_flushing_subnormal_numbers_to_zero);
#endif
    return cases;
}
