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
#define EACH(name) &&label_##name,
#include "chaincore/vm/operation_list.h"
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
