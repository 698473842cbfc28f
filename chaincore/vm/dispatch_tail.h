// SPDX-License-Identifier: Apache-2.0
// Dispatch by functions that end in calls of each other, which clang turns into jumps. Included by
// interpreter.c alone.
#define PARAMETERS \
    const u64 *ip, u64 *fp, uint8_t *memory, u64 window, i64 gas, struct machine *machine
typedef enum vm_trap handler(PARAMETERS);
static handler op_widen;

#define OP(name) static enum vm_trap op_##name(PARAMETERS)
#define DISPATCH()                                                                            \
    __attribute__((musttail)) return ((handler *)(uintptr_t)*ip)(ip, fp, memory, window, gas, \
                                                                 machine)
#define WIDEN() __attribute__((musttail)) return op_widen(ip, fp, memory, window, gas, machine)
#define STOP(trap)                                                \
    do {                                                          \
        run->gas = gas;                                           \
        machine->trapped_at = (trap) == VM_TRAP_NONE ? NULL : ip; \
        return (trap);                                            \
    } while (0)
#define instance (machine->instance)
#define run (machine->run)

#pragma clang diagnostic ignored "-Wunused-parameter"
#include "chaincore/vm/interpreter_operations.h"

#undef instance
#undef run

static enum vm_trap interpret(struct machine *machine, const u64 *ip, u64 *fp) {
    struct vm_memory *memory = machine->instance->memory;
    return ((handler *)(uintptr_t)*ip)(ip, fp, memory ? memory->data : NULL,
                                       memory ? memory->window : 0, machine->run->gas, machine);
}

const void *const *vm_handlers(void) {
    static const void *handlers[VM_OPERATIONS];
    const void *const list[] = {
#define EACH(name) (const void *)(uintptr_t)op_##name,
#include "chaincore/vm/operation_list.h"
    };
    // The same values whoever writes them.
    for (int i = 0; i < VM_OPERATIONS; i++)
        __atomic_store_n(&handlers[i], list[i], __ATOMIC_RELAXED);
    return handlers;
}
