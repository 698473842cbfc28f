// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "chaincore/vm/gas.h"
#include "tests/unit/vm/reference.h"

#include "chaincore/vm/floats.h"

static u32 read_u32(u64 slot) { return (u32)slot; }
static i32 read_i32(u64 slot) { return (i32)(u32)slot; }
static u64 read_u64(u64 slot) { return slot; }
static i64 read_i64(u64 slot) { return (i64)slot; }
static f32 read_f32(u64 slot) {
    union {
        u32 bits;
        f32 value;
    } both = {.bits = (u32)slot};
    return both.value;
}
static f64 read_f64(u64 slot) {
    union {
        u64 bits;
        f64 value;
    } both = {.bits = slot};
    return both.value;
}
static u64 write_u32(u32 value) { return value; }
static u64 write_u64(u64 value) { return value; }
static u64 write_f32(f32 value) {
    union {
        f32 value;
        u32 bits;
    } both = {.value = value};
    return isnan(value) ? 0x7fc00000 : both.bits;
}
static u64 write_f64(f64 value) {
    union {
        f64 value;
        u64 bits;
    } both = {.value = value};
    return isnan(value) ? 0x7ff8000000000000 : both.bits;
}

enum vm_trap reference_binary(u32 opcode, u64 a, u64 b, u64 *out) {
    switch (opcode) {
#define BINARY(code, name, in, result, gas, expression) \
    case code: {                                        \
        in x = read_##in(a), y = read_##in(b);          \
        *out = write_##result(expression);              \
        return VM_TRAP_NONE;                            \
    }
#define COMPARE(code, name, in, result, gas, expression) \
    BINARY(code, name, in, result, gas, expression)
#define FLOAT_BINARY(code, name, in, result, gas, expression) \
    BINARY(code, name, in, result, gas, expression)
#define DIVISION(code, name, in, result, gas, overflows, expression) \
    case code: {                                                     \
        in x = read_##in(a), y = read_##in(b);                       \
        if (y == 0) return VM_TRAP_DIVIDE_BY_ZERO;                   \
        if (overflows) return VM_TRAP_INTEGER_OVERFLOW;              \
        *out = write_##result(expression);                           \
        return VM_TRAP_NONE;                                         \
    }
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
    default:
        status_claim_failed("an opcode the reference knows", __FILE__, __LINE__, __func__);
    }
}

enum vm_trap reference_unary(u32 opcode, u64 operand, u64 *out) {
    switch (opcode) {
#define UNARY(code, name, in, result, gas, expression) \
    case code: {                                       \
        in x = read_##in(operand);                     \
        *out = write_##result(expression);             \
        return VM_TRAP_NONE;                           \
    }
#define FLOAT_UNARY(code, name, in, result, gas, expression) \
    UNARY(code, name, in, result, gas, expression)
#define REINTERPRET(code, name, in, result) \
    case code:                              \
        *out = operand;                     \
        return VM_TRAP_NONE;
#define TRUNCATE(code, name, in, integer, result, low, high)            \
    case code: {                                                        \
        in x = read_##in(operand);                                      \
        if (isnan(x)) return VM_TRAP_INVALID_CONVERSION;                \
        if (x <= (low) || x >= (high)) return VM_TRAP_INTEGER_OVERFLOW; \
        *out = write_##result((result)(integer)x);                      \
        return VM_TRAP_NONE;                                            \
    }
#define SATURATE(code, name, in, integer, result, low, high, least, most) \
    case code: {                                                          \
        in x = read_##in(operand);                                        \
        if (isnan(x))                                                     \
            *out = 0;                                                     \
        else if (x <= (low))                                              \
            *out = write_##result((result)(least));                       \
        else if (x >= (high))                                             \
            *out = write_##result((result)(most));                        \
        else                                                              \
            *out = write_##result((result)(integer)x);                    \
        return VM_TRAP_NONE;                                              \
    }
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
    default:
        status_claim_failed("an opcode the reference knows", __FILE__, __LINE__, __func__);
    }
}

const struct reference_instruction *reference_instruction(u32 opcode) {
#define LINE(code, shape, gas) [code] = {REFERENCE_##shape, gas, 0, false, false},
    static const struct reference_instruction instructions[0x108] = {
#define BINARY(code, name, in, result, gas, e) LINE(code, BINARY, gas)
#define COMPARE(code, name, in, result, gas, e) LINE(code, BINARY, gas)
#define FLOAT_BINARY(code, name, in, result, gas, e) LINE(code, BINARY, gas)
#define DIVISION(code, name, in, result, gas, o, e) LINE(code, BINARY, gas)
#define UNARY(code, name, in, result, gas, e) LINE(code, UNARY, gas)
#define FLOAT_UNARY(code, name, in, result, gas, e) LINE(code, UNARY, gas)
#define REINTERPRET(code, name, in, result) LINE(code, UNARY, GAS_REINTERPRET)
#define TRUNCATE(code, name, in, integer, result, l, h) LINE(code, UNARY, GAS_TRUNCATE)
#define SATURATE(code, name, in, i, result, l, h, least, most) LINE(code, UNARY, GAS_TRUNCATE)
#define LOAD(code, name, type, out, align) \
    [code] = {REFERENCE_LOAD, 0, sizeof(type), (type)-1 < (type)1, sizeof(out) == 4},
#define STORE(code, name, in, type, align) \
    [code] = {REFERENCE_STORE, 0, sizeof(type), false, false},
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
    };
    ENSURE(opcode < sizeof instructions / sizeof *instructions);
    return &instructions[opcode];
}
