// SPDX-License-Identifier: Apache-2.0
// What each operation does. Expanded by a dispatcher, which gives OP, DISPATCH and STOP their
// meaning; the layout of an instruction is told in operations.h. Included by interpreter.c alone.

#define NEXT(words)    \
    do {               \
        ip += (words); \
        DISPATCH();    \
    } while (0)
#define GO(place)     \
    do {              \
        ip = (place); \
        DISPATCH();   \
    } while (0)
#define CHARGE(amount)                                   \
    do {                                                 \
        gas -= (i64)(amount);                            \
        if (UNLIKELY(gas < 0)) STOP(VM_TRAP_OUT_OF_GAS); \
    } while (0)
#define RELOAD_MEMORY()                    \
    do {                                   \
        if (!instance->memory) break;      \
        memory = instance->memory->data;   \
        window = instance->memory->window; \
    } while (0)

#define COMPUTE_RR(in, out, expression)                        \
    do {                                                       \
        in x = slot_##in(fp[A(ip)]), y = slot_##in(fp[B(ip)]); \
        fp[D(ip)] = out##_slot(expression);                    \
    } while (0)
#define COMPUTE_RI(in, out, expression)                       \
    do {                                                      \
        in x = slot_##in(fp[A(ip)]), y = (in)(i64)TARGET(ip); \
        fp[D(ip)] = out##_slot(expression);                   \
    } while (0)
#define COMPUTE(name, in, out, expression) \
    OP(name##_rr) {                        \
        COMPUTE_RR(in, out, expression);   \
        NEXT(2);                           \
    }                                      \
    OP(name##_ri) {                        \
        COMPUTE_RI(in, out, expression);   \
        NEXT(2);                           \
    }
// With gas and target in word 2.
#define BINARY(opcode, name, in, out, price, expression) \
    COMPUTE(name, in, out, expression)                   \
    OP(name##_rr_branch) {                               \
        COMPUTE_RR(in, out, expression);                 \
        CHARGE(LOW(ip, 2));                              \
        GO(ip + (i32)HIGH(ip, 2));                       \
    }                                                    \
    OP(name##_ri_branch) {                               \
        COMPUTE_RI(in, out, expression);                 \
        CHARGE(LOW(ip, 2));                              \
        GO(ip + (i32)HIGH(ip, 2));                       \
    }
// The branch's own words begin at ip + at; the target counts from ip. The instruction takes
// `words`.
#define BRANCH_RR(in, expression, at, words)                                             \
    do {                                                                                 \
        CHARGE(HIGH(ip, (at) + 1));                                                      \
        in x = slot_##in(fp[QUARTER(ip, at, 0)]), y = slot_##in(fp[QUARTER(ip, at, 1)]); \
        if (expression) GO(ip + (i32)HIGH(ip, at));                                      \
        NEXT(words);                                                                     \
    } while (0)
#define BRANCH_RI(in, expression, at, words)                                           \
    do {                                                                               \
        CHARGE(HIGH(ip, (at) + 1));                                                    \
        in x = slot_##in(fp[QUARTER(ip, at, 0)]), y = (in)(i64)(i32)LOW(ip, (at) + 1); \
        if (expression) GO(ip + (i32)HIGH(ip, at));                                    \
        NEXT(words);                                                                   \
    } while (0)
#define BITS_i32 u32
#define BITS_i64 u64
#define ADD_RR(bits) fp[D(ip)] = (bits)fp[A(ip)] + (bits)fp[B(ip)]
#define ADD_RI(bits) fp[D(ip)] = (bits)fp[A(ip)] + (bits)(i64)TARGET(ip)
#define COMPARE(opcode, name, in, out, price, expression)       \
    COMPUTE(name, in, out, expression)                          \
    OP(branch_##name##_rr) { BRANCH_RR(in, expression, 1, 3); } \
    OP(branch_##name##_ri) { BRANCH_RI(in, expression, 1, 3); } \
    OP(add_rr_branch_##name##_rr) {                             \
        ADD_RR(BITS_##in);                                      \
        BRANCH_RR(in, expression, 2, 4);                        \
    }                                                           \
    OP(add_rr_branch_##name##_ri) {                             \
        ADD_RR(BITS_##in);                                      \
        BRANCH_RI(in, expression, 2, 4);                        \
    }                                                           \
    OP(add_ri_branch_##name##_rr) {                             \
        ADD_RI(BITS_##in);                                      \
        BRANCH_RR(in, expression, 2, 4);                        \
    }                                                           \
    OP(add_ri_branch_##name##_ri) {                             \
        ADD_RI(BITS_##in);                                      \
        BRANCH_RI(in, expression, 2, 4);                        \
    }
#define DIVISION(opcode, name, in, out, price, overflows, expression) \
    OP(name) {                                                        \
        in x = slot_##in(fp[A(ip)]), y = slot_##in(fp[B(ip)]);        \
        if (UNLIKELY(y == 0)) STOP(VM_TRAP_DIVIDE_BY_ZERO);           \
        if (UNLIKELY(overflows)) STOP(VM_TRAP_INTEGER_OVERFLOW);      \
        fp[D(ip)] = out##_slot(expression);                           \
        NEXT(2);                                                      \
    }
#define UNARY(opcode, name, in, out, price, expression) \
    OP(name) {                                          \
        in x = slot_##in(fp[A(ip)]);                    \
        fp[D(ip)] = out##_slot(expression);             \
        NEXT(2);                                        \
    }
#define FLOAT_UNARY(opcode, name, in, out, price, expression) \
    UNARY(opcode, name, in, out, price, expression)
#define FLOAT_BINARY(opcode, name, in, out, price, expression) \
    OP(name) {                                                 \
        in x = slot_##in(fp[A(ip)]), y = slot_##in(fp[B(ip)]); \
        fp[D(ip)] = out##_slot(expression);                    \
        NEXT(2);                                               \
    }
#define TRUNCATE(opcode, name, in, integer, out, low, high)                       \
    OP(name) {                                                                    \
        in x = slot_##in(fp[A(ip)]);                                              \
        if (UNLIKELY(x != x)) STOP(VM_TRAP_INVALID_CONVERSION);                   \
        if (UNLIKELY(!(x > (low) && x < (high)))) STOP(VM_TRAP_INTEGER_OVERFLOW); \
        fp[D(ip)] = out##_slot((out)(integer)x);                                  \
        NEXT(2);                                                                  \
    }
#define SATURATE(opcode, name, in, integer, out, low, high, least, most) \
    OP(name) {                                                           \
        in x = slot_##in(fp[A(ip)]);                                     \
        integer value = 0;                                               \
        if (x > (low) && x < (high))                                     \
            value = (integer)x;                                          \
        else if (x == x)                                                 \
            value = x < 0 ? (least) : (most);                            \
        fp[D(ip)] = out##_slot((out)value);                              \
        NEXT(2);                                                         \
    }
#define BITS_u32 u32
#define BITS_u64 u64
#define BITS_f32 u32
#define BITS_f64 u64
#define LOAD_AT(memory_type, out, result, address, offset, words) \
    do {                                                          \
        u64 at = (u64)(u32)(address) + (offset);                  \
        memory_type value;                                        \
        if (UNLIKELY(at + sizeof value > window)) WIDEN();        \
        memcpy(&value, memory + at, sizeof value);                \
        fp[result] = (u64)(BITS_##out)value;                      \
        NEXT(words);                                              \
    } while (0)
#define LOAD(opcode, name, memory_type, out, align)                                            \
    OP(name) { LOAD_AT(memory_type, out, D(ip), fp[A(ip)], UPPER(ip), 2); }                    \
    OP(name##_ai) { LOAD_AT(memory_type, out, D(ip), fp[A(ip)] + UPPER(ip), LOW(ip, 2), 3); }  \
    OP(name##_sum) { LOAD_AT(memory_type, out, D(ip), fp[A(ip)] + fp[B(ip)], LOW(ip, 2), 3); } \
    OP(name##_scaled) {                                                                        \
        u32 scaled = (u32)fp[B(ip)] << (C(ip) & 31);                                           \
        LOAD_AT(memory_type, out, D(ip), fp[A(ip)] + scaled, LOW(ip, 2), 3);                   \
    }                                                                                          \
    OP(name##_step) {                                                                          \
        /* The sum is kept last: past the window the instruction begins again. */              \
        u32 sum = (u32)fp[A(ip)] + UPPER(ip);                                                  \
        u64 at = (u64)sum + HIGH(ip, 2);                                                       \
        memory_type value;                                                                     \
        if (UNLIKELY(at + sizeof value > window)) WIDEN();                                     \
        memcpy(&value, memory + at, sizeof value);                                             \
        fp[D(ip)] = sum;                                                                       \
        fp[QUARTER(ip, 2, 0)] = (u64)(BITS_##out)value;                                        \
        NEXT(3);                                                                               \
    }
#define STORE_AT(memory_type, stored, address, offset, words) \
    do {                                                      \
        u64 at = (u64)(u32)(address) + (offset);              \
        memory_type value = (memory_type)(stored);            \
        if (UNLIKELY(at + sizeof value > window)) WIDEN();    \
        memcpy(memory + at, &value, sizeof value);            \
        NEXT(words);                                          \
    } while (0)
#define STORE(opcode, name, in, memory_type, align)                                           \
    OP(name) { STORE_AT(memory_type, fp[A(ip)], fp[D(ip)], UPPER(ip), 2); }                   \
    OP(name##_constant) { STORE_AT(memory_type, ip[2], fp[D(ip)], UPPER(ip), 3); }            \
    OP(name##_ai) { STORE_AT(memory_type, fp[A(ip)], fp[D(ip)] + UPPER(ip), LOW(ip, 2), 3); } \
    OP(name##_constant_ai) {                                                                  \
        STORE_AT(memory_type, (i64)(i32)HIGH(ip, 2), fp[D(ip)] + UPPER(ip), LOW(ip, 2), 3);   \
    }                                                                                         \
    OP(name##_sum) { STORE_AT(memory_type, fp[A(ip)], fp[D(ip)] + fp[B(ip)], LOW(ip, 2), 3); }
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"

#define SHIFT(by) ((u32)(by) & (u32)(8 * sizeof x - 1))
#define ROTATE_LEFT(value, by) ((value) << SHIFT(by) | (value) >> SHIFT(-(by)))
#define FUSE(name, type, last, expression)                       \
    OP(name) {                                                   \
        type x = (type)fp[A(ip)], y = (type)fp[B(ip)], z = last; \
        fp[D(ip)] = (type)(expression);                          \
        NEXT(2);                                                 \
    }
#define FUSE_RRR(first, second, expression)                       \
    FUSE(i32_##first##_##second, u32, (u32)fp[C(ip)], expression) \
    FUSE(i64_##first##_##second, u64, fp[C(ip)], expression)
#define FUSE_RRK(first, second, expression)              \
    FUSE(i32_##first##_##second, u32, C(ip), expression) \
    FUSE(i64_##first##_##second, u64, C(ip), expression)
#define FUSE_RKR(first, second, expression) FUSE_RRK(first, second, expression)
#include "chaincore/vm/fusions.def"
#include "chaincore/vm/opcodes_undef.h"

OP(move) {
    fp[D(ip)] = fp[A(ip)];
    NEXT(2);
}
OP(move_two) {
    fp[D(ip)] = fp[A(ip)];
    fp[B(ip)] = fp[C(ip)];
    NEXT(2);
}
OP(move_many) {
    u64 *to = fp + D(ip), *from = fp + A(ip);
    for (u32 i = 0; i < UPPER(ip); i++) to[i] = from[i];
    NEXT(2);
}
OP(constant) {
    fp[D(ip)] = ip[2];
    NEXT(3);
}
OP(select) {
    fp[D(ip)] = (u32)fp[C(ip)] ? fp[A(ip)] : fp[B(ip)];
    NEXT(2);
}
OP(global_get) {
    fp[D(ip)] = *instance->globals[UPPER(ip)];
    NEXT(2);
}
OP(global_set) {
    *instance->globals[UPPER(ip)] = fp[D(ip)];
    NEXT(2);
}
OP(gas) {
    CHARGE(UPPER(ip));
    NEXT(2);
}
OP(branch) {
    CHARGE(LOW(ip, 1));
    GO(ip + TARGET(ip));
}
OP(branch_if) {
    CHARGE(HIGH(ip, 2));
    if ((u32)fp[D(ip)]) GO(ip + TARGET(ip));
    NEXT(3);
}
OP(branch_unless) {
    CHARGE(HIGH(ip, 2));
    if (!(u32)fp[D(ip)]) GO(ip + TARGET(ip));
    NEXT(3);
}
OP(branch_if_and) {
    CHARGE(HIGH(ip, 2));
    if ((u32)fp[D(ip)] & LOW(ip, 2)) GO(ip + TARGET(ip));
    NEXT(3);
}
OP(branch_unless_and) {
    CHARGE(HIGH(ip, 2));
    if (!((u32)fp[D(ip)] & LOW(ip, 2))) GO(ip + TARGET(ip));
    NEXT(3);
}
OP(branch_table) {
    CHARGE(ip[2]);
    u32 index = (u32)fp[D(ip)], count = UPPER(ip);
    if (index > count) index = count;
    GO(ip + (i32)(u32)ip[3 + index]);
}
// The call's own words begin at ip + at; it returns behind them.
#define CALL(at)                                                                                  \
    do {                                                                                          \
        CHARGE(HIGH(ip, at));                                                                     \
        const struct vm_function *function = (const struct vm_function *)(uintptr_t)ip[(at) + 1]; \
        u64 *frame = fp + QUARTER(ip, at, 0);                                                     \
        if (UNLIKELY(frame + function->frame > run->stack_end)) STOP(VM_TRAP_STACK);              \
        if (UNLIKELY(++run->depth > run->depth_limit)) STOP(VM_TRAP_CALL_DEPTH);                  \
        enter_frame(frame, function, ip + (at) + 2, fp);                                          \
        fp = frame;                                                                               \
        GO(function->entry);                                                                      \
    } while (0)
OP(call) { CALL(1); }
OP(add_ri_call) {
    ADD_RI(u32);
    CALL(2);
}
OP(call_import) {
    CHARGE(UPPER(ip));
    run->gas = gas;
    enum vm_trap trap = call_import(machine, &instance->imports[(u32)ip[2]], fp + D(ip));
    gas = run->gas;
    if (UNLIKELY(trap != VM_TRAP_NONE)) STOP(trap);
    RELOAD_MEMORY();
    NEXT(3);
}
OP(call_indirect) {
    CHARGE(UPPER(ip));
    struct indirect target;
    enum vm_trap trap = find_indirect(instance, (u32)fp[A(ip)], (u32)ip[2], &target);
    if (UNLIKELY(trap != VM_TRAP_NONE)) STOP(trap);
    u64 *frame = fp + D(ip);
    if (target.function) {
        if (UNLIKELY(frame + target.function->frame > run->stack_end)) STOP(VM_TRAP_STACK);
        if (UNLIKELY(++run->depth > run->depth_limit)) STOP(VM_TRAP_CALL_DEPTH);
        enter_frame(frame, target.function, ip + 3, fp);
        fp = frame;
        GO(target.function->entry);
    }
    run->gas = gas;
    trap = run_elsewhere(machine, &target, frame);
    gas = run->gas;
    if (UNLIKELY(trap != VM_TRAP_NONE)) STOP(trap);
    RELOAD_MEMORY();
    NEXT(3);
}
OP(return_none) {
    CHARGE(UPPER(ip));
    u64 *saved = fp + D(ip);
    run->depth--;
    fp = (u64 *)(uintptr_t)saved[1];
    GO((const u64 *)(uintptr_t)saved[0]);
}
OP(return_one) {
    CHARGE(UPPER(ip));
    u64 value = fp[D(ip)];
    const u64 *back = (const u64 *)(uintptr_t)fp[A(ip)];
    u64 *caller = (u64 *)(uintptr_t)fp[A(ip) + 1];
    run->depth--;
    fp[0] = value;
    fp = caller;
    GO(back);
}
OP(unreachable) {
    CHARGE(UPPER(ip));
    STOP(VM_TRAP_UNREACHABLE);
}
OP(memory_size) {
    fp[D(ip)] = instance->memory->size / VM_PAGE_BYTES;
    NEXT(2);
}
OP(memory_grow) {
    u32 pages = (u32)fp[A(ip)];
    CHARGE((u64)pages * GAS_MEMORY_PAGE);
    fp[D(ip)] = vm_memory_grow(instance->memory, pages, run->page_limit);
    RELOAD_MEMORY();
    NEXT(2);
}
OP(memory_fill) {
    u32 to = (u32)fp[D(ip)], value = (u32)fp[A(ip)], len = (u32)fp[B(ip)];
    CHARGE(len / GAS_BULK_BYTES_PER_GAS);
    if (!vm_memory_reach(instance->memory, to, len)) STOP(VM_TRAP_MEMORY_BOUNDS);
    RELOAD_MEMORY();
    if (len > 0) memset(memory + to, (int)(value & 0xff), len);
    NEXT(2);
}
OP(memory_copy) {
    u32 to = (u32)fp[D(ip)], from = (u32)fp[A(ip)], len = (u32)fp[B(ip)];
    CHARGE(len / GAS_BULK_BYTES_PER_GAS);
    bool is_inside =
        vm_memory_reach(instance->memory, to, len) && vm_memory_reach(instance->memory, from, len);
    if (!is_inside) STOP(VM_TRAP_MEMORY_BOUNDS);
    RELOAD_MEMORY();
    if (len > 0) memmove(memory + to, memory + from, len);
    NEXT(2);
}
OP(memory_init) {
    const u32 at[3] = {(u32)fp[D(ip)], (u32)fp[A(ip)], (u32)fp[B(ip)]};
    CHARGE(at[2] / GAS_BULK_BYTES_PER_GAS);
    if (!vm_memory_init(instance, (u32)ip[2], at)) STOP(VM_TRAP_MEMORY_BOUNDS);
    RELOAD_MEMORY();
    NEXT(3);
}
OP(data_drop) {
    instance->data_dropped[UPPER(ip)] = true;
    NEXT(2);
}
OP(table_init) {
    const u32 at[3] = {(u32)fp[D(ip)], (u32)fp[A(ip)], (u32)fp[B(ip)]};
    CHARGE((u64)at[2] * GAS_BULK_ENTRY);
    if (!vm_table_init(instance, (u32)ip[2], at)) STOP(VM_TRAP_TABLE_BOUNDS);
    NEXT(3);
}
OP(table_copy) {
    const u32 at[3] = {(u32)fp[D(ip)], (u32)fp[A(ip)], (u32)fp[B(ip)]};
    CHARGE((u64)at[2] * GAS_BULK_ENTRY);
    if (!vm_table_copy(instance->table, at)) STOP(VM_TRAP_TABLE_BOUNDS);
    NEXT(2);
}
OP(element_drop) {
    instance->element_dropped[UPPER(ip)] = true;
    NEXT(2);
}
// Not in any code: where an access that is not within the window goes. The window widens and the
// instruction begins again, until the window is the whole memory.
OP(widen) {
    if (!vm_memory_widen(instance->memory)) STOP(VM_TRAP_MEMORY_BOUNDS);
    RELOAD_MEMORY();
    DISPATCH();
}
OP(finish) { STOP(VM_TRAP_NONE); }
