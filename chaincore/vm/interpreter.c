// SPDX-License-Identifier: Apache-2.0
// Runs register code. The operations stand once, in interpreter_operations.h, and are expanded here
// into one of two dispatchers: labels whose addresses lie in the code (the default), or functions
// that call each other in tail position, which clang guarantees (-DVM_TAIL_CALLS). Both have the
// same registers: ip, fp, the memory's base and window, and what is left of the gas.
#include <fenv.h>
#include <math.h>

#include "chaincore/vm/gas.h"
#include "chaincore/vm/link.h"
#include "chaincore/vm/operations.h"

#include "chaincore/vm/floats.h"

#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

// What a run keeps beside the registers.
struct machine {
    struct vm_instance *instance;
    struct vm_run *run;
    const u64 *trapped_at;
};

// The parts of an instruction's words. Each is loaded by itself: that takes fewer processor
// instructions than to take a word apart, and loads are cheap.
typedef uint16_t __attribute__((may_alias)) quarter;
typedef u32 __attribute__((may_alias)) half;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define QUARTER(ip, word, n) (((const quarter *)((ip) + (word)))[n])
#define LOW(ip, word) (((const half *)((ip) + (word)))[0])
#define HIGH(ip, word) (((const half *)((ip) + (word)))[1])
#else
#define QUARTER(ip, word, n) ((uint16_t)((ip)[word] >> (16 * (n))))
#define LOW(ip, word) ((u32)(ip)[word])
#define HIGH(ip, word) ((u32)((ip)[word] >> 32))
#endif
#define D(ip) QUARTER(ip, 1, 0)
#define A(ip) QUARTER(ip, 1, 1)
#define B(ip) QUARTER(ip, 1, 2)
#define C(ip) QUARTER(ip, 1, 3)
#define UPPER(ip) HIGH(ip, 1)
#define TARGET(ip) ((i32)UPPER(ip))

// A slot as a type, and back. Narrow values use the lower half; the rest is zero.
static inline u32 slot_u32(u64 slot) { return (u32)slot; }
static inline i32 slot_i32(u64 slot) { return (i32)(u32)slot; }
static inline u64 slot_u64(u64 slot) { return slot; }
static inline i64 slot_i64(u64 slot) { return (i64)slot; }
static inline f32 slot_f32(u64 slot) {
    u32 bits = (u32)slot;
    f32 value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static inline f64 slot_f64(u64 slot) {
    f64 value;
    memcpy(&value, &slot, sizeof value);
    return value;
}
static inline u64 u32_slot(u32 value) { return value; }
static inline u64 u64_slot(u64 value) { return value; }
static inline u64 f32_slot(f32 value) {
    u32 bits;
    if (value != value) return 0x7fc00000u; // the canonical NaN
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
static inline u64 f64_slot(f64 value) {
    u64 bits;
    if (value != value) return 0x7ff8000000000000u;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// What the block cost up to the instruction that trapped; 0 where it had been charged.
static u32 gas_at_trap(const struct vm_module *module, const u64 *ip) {
    u32 offset = (u32)(ip - module->code);
    size_t low = 0, high = module->trap_point_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (module->trap_points[middle].code_offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found =
        low < module->trap_point_count && module->trap_points[low].code_offset == offset;
    return is_found ? module->trap_points[low].gas : 0;
}

// Functions of the host and of other instances run outside the loop. The memory may have grown.
static enum vm_trap call_import(struct machine *machine, const struct vm_extern *import,
                                u64 *frame) {
    struct vm_run *run = machine->run;
    if (!import->host)
        return vm_run_function(import->function.instance, import->function.function, frame, run);
    u64 result = 0;
    struct vm_run *outer = machine->instance->run; // NULL in an instance that the call came to
    machine->instance->run = run;
    enum vm_trap trap = import->host(machine->instance, run->context, frame, &result);
    machine->instance->run = outer;
    if (import->host_signature->result_count > 0) frame[0] = result;
    return trap;
}

struct indirect {
    const struct vm_function *function; // of this instance
    const struct vm_extern *import;     // or imported by it
    struct vm_function_ref other;       // or of another
};

static enum vm_trap find_indirect(const struct vm_instance *instance, u32 index, u32 type,
                                  struct indirect *out) {
    const struct vm_table *table = instance->table;
    *out = (struct indirect){0};
    if (index >= table->count) return VM_TRAP_INDIRECT_UNDEFINED;
    struct vm_function_ref ref = table->entries[index];
    if (!ref.instance) return VM_TRAP_INDIRECT_NULL;
    const struct vm_function *function = &ref.instance->module->functions[ref.function];
    if (!vm_signature_equal(function->signature, &instance->module->signatures[type]))
        return VM_TRAP_INDIRECT_TYPE;
    if (ref.instance != instance)
        out->other = ref;
    else if (ref.function < instance->module->imported_functions)
        out->import = &instance->imports[ref.function];
    else
        out->function = function;
    return VM_TRAP_NONE;
}

static enum vm_trap run_elsewhere(struct machine *machine, const struct indirect *target,
                                  u64 *frame) {
    if (target->import) return call_import(machine, target->import, frame);
    return vm_run_function(target->other.instance, target->other.function, frame, machine->run);
}

// A frame at `fp` for the function; its arguments stand there already.
static inline void enter_frame(u64 *fp, const struct vm_function *function, const u64 *return_to,
                               u64 *caller) {
    for (u32 i = function->parameters; i < function->locals; i++) {
        fp[i] = 0;
        __asm__ volatile(""); // mostly few: not worth a call of memset, and what that spills
    }
    fp[function->locals] = (u64)(uintptr_t)return_to;
    fp[function->locals + 1] = (u64)(uintptr_t)caller;
}

#ifdef VM_TAIL_CALLS
#include "chaincore/vm/dispatch_tail.h"
#else
#include "chaincore/vm/dispatch_goto.h"
#endif

static enum vm_trap run_import(struct vm_instance *instance, u32 function, u64 *frame,
                               struct vm_run *run) {
    struct machine machine = {.instance = instance, .run = run};
    return call_import(&machine, &instance->imports[function], frame);
}

enum vm_trap vm_run_function(struct vm_instance *instance, u32 index, u64 *frame,
                             struct vm_run *run) {
    struct machine machine = {.instance = instance, .run = run};
    if (index < instance->module->imported_functions)
        return run_import(instance, index, frame, run);
    const struct vm_function *function = &instance->module->functions[index];
    if (frame + function->frame > run->stack_end) return VM_TRAP_STACK;
    if (++run->depth > run->depth_limit) return VM_TRAP_CALL_DEPTH;
    const u64 finish[2] = {(u64)(uintptr_t)vm_handlers()[VM_OP_finish], 0};
    enter_frame(frame, function, finish, frame);
    enum vm_trap trap = interpret(&machine, function->entry, frame);
    if (trap != VM_TRAP_NONE && machine.trapped_at)
        run->gas -= gas_at_trap(instance->module, machine.trapped_at);
    return run->gas < 0 ? VM_TRAP_OUT_OF_GAS : trap;
}

// Contracts have no floats; what has them must not depend on the modes of the thread it runs in.
static enum vm_trap run_in_default_modes(struct vm_instance *instance, u32 function,
                                         struct vm_run *run) {
    fenv_t outer;
    if (!instance->module->limits.allow_floats)
        return vm_run_function(instance, function, instance->stack, run);
    if (fegetenv(&outer) != 0 || fesetenv(FE_DFL_ENV) != 0) return VM_TRAP_HOST;
    enum vm_trap trap = vm_run_function(instance, function, instance->stack, run);
    ENSURE(fesetenv(&outer) == 0);
    return trap;
}

enum vm_trap vm_call(struct vm_instance *instance, struct vm_call *call) {
    const struct vm_signature *signature = instance->module->functions[call->function].signature;
    u64 limit = call->gas_limit < INT64_MAX ? call->gas_limit : INT64_MAX;
    u32 slots = instance->module->limits.stack_slots;
    struct vm_run run = {.gas = (i64)limit,
                         .depth_limit = instance->module->limits.call_depth,
                         .page_limit = instance->module->limits.memory_pages,
                         .stack_end = instance->stack + slots,
                         .context = call->context};
    if (call->has_page_limit && call->page_limit < run.page_limit)
        run.page_limit = call->page_limit;
    call->gas_used = 0;
    if (instance->run) return VM_TRAP_HOST;
    ENSURE(signature->parameter_count < slots && signature->result_count < slots);
    for (u32 i = 0; i < signature->parameter_count; i++) instance->stack[i] = call->arguments[i];
    instance->run = &run;
    enum vm_trap trap = run_in_default_modes(instance, call->function, &run);
    instance->run = NULL;
    if (trap == VM_TRAP_NONE)
        for (u32 i = 0; i < signature->result_count; i++) call->results[i] = instance->stack[i];
    call->gas_used = trap == VM_TRAP_OUT_OF_GAS ? limit : limit - (u64)run.gas;
    return trap;
}
