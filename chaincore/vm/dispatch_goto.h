// SPDX-License-Identifier: Apache-2.0
// Dispatch by computed goto. Included by interpreter.c alone.
#define OP(name) label_##name:
#define DISPATCH() goto *(const void *)(uintptr_t)*ip
#define WIDEN() goto label_widen
#define STOP(trap)       \
    do {                 \
        result = (trap); \
        goto stopped;    \
    } while (0)

// With machine NULL: only hands out where the handlers are.
static enum vm_trap interpret_or_list(struct machine *machine, const u64 *ip, u64 *fp,
                                      const void *const **handlers) {
    static const void *const labels[VM_OPERATIONS] = {
#define BINARY(opcode, name, in, out, gas, e) &&label_##name##_rr, &&label_##name##_ri,
#define COMPARE(opcode, name, in, out, gas, e)                            \
    &&label_##name##_rr, &&label_##name##_ri, &&label_branch_##name##_rr, \
        &&label_branch_##name##_ri,
#define DIVISION(opcode, name, in, out, gas, o, e) &&label_##name,
#define UNARY(opcode, name, in, out, gas, e) &&label_##name,
#define FLOAT_UNARY(opcode, name, in, out, gas, e) &&label_##name,
#define FLOAT_BINARY(opcode, name, in, out, gas, e) &&label_##name,
#define TRUNCATE(opcode, name, in, integer, out, low, high) &&label_##name,
#define SATURATE(opcode, name, in, integer, out, low, high, least, most) &&label_##name,
#define LOAD(opcode, name, memory, out, align) &&label_##name,
#define STORE(opcode, name, in, memory, align) &&label_##name, &&label_##name##_constant,
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
#define X(name) &&label_##name,
        VM_PLAIN_OPERATIONS(X)
#undef X
    };
    if (!machine) {
        *handlers = labels;
        return VM_TRAP_NONE;
    }
    struct vm_instance *instance = machine->instance;
    struct vm_run *run = machine->run;
    enum vm_trap result;
    i64 gas = run->gas;
    uint8_t *memory = instance->memory ? instance->memory->data : NULL;
    u64 window = instance->memory ? instance->memory->window : 0;
    DISPATCH();

#include "chaincore/vm/interpreter_operations.h"

stopped:
    run->gas = gas;
    machine->trapped_at = result == VM_TRAP_NONE ? NULL : ip;
    return result;
}

static enum vm_trap interpret(struct machine *machine, const u64 *ip, u64 *fp) {
    return interpret_or_list(machine, ip, fp, NULL);
}

const void *const *vm_handlers(void) {
    const void *const *handlers = NULL;
    (void)interpret_or_list(NULL, NULL, NULL, &handlers);
    return handlers;
}
