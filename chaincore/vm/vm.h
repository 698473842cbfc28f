// SPDX-License-Identifier: Apache-2.0
// The virtual machine: WebAssembly (MVP, sign extension, saturating truncation, multi-value,
// mutable globals, bulk memory), interpreted. A module is decoded, validated and translated to a
// register code in one pass; an instance is its memory, table and globals; a call runs on the
// instance's own stack, without native recursion, and ends with a result, or with a trap that names
// itself.
//
// Gas: every executed instruction costs what vm/gas.c lists, to the unit: what is charged for a
// whole block of instructions at its end, a trap in the middle charges in part. gas_used is at most
// the limit; a run that would need more traps with OUT_OF_GAS, whatever else happened.
//
// Modules may be shared between threads. An instance belongs to one thread at a time.
#ifndef LMM_VM_VM_H
#define LMM_VM_VM_H

#include "chaincore/base/bytes.h"

struct vm_module;
struct vm_instance;

// What a module may be and do. A value, so that the conformance scripts run the same engine under
// the standard's bounds that contracts run under the protocol's. The standard's are in vm/link.h,
// which nothing on the chain may include.
struct vm_limits {
    uint32_t code_bytes;
    uint32_t body_bytes; // of one function
    uint32_t types;
    uint32_t exports;
    uint32_t nesting;      // of blocks in a function
    uint32_t values;       // parameters, or results, of one function or block
    uint32_t locals;       // of a function, its parameters included
    uint32_t frame_slots;  // locals and operands of one function
    uint32_t branch_table; // targets of one br_table
    uint32_t functions;    // imported and own
    uint32_t memory_pages; // of 64 KiB
    uint32_t table_entries;
    uint32_t globals;
    uint32_t segments; // of data, and of elements
    uint32_t call_depth;
    uint32_t stack_slots; // of all frames of a call together, 8 bytes each
    bool allow_floats;
    bool allow_start;
    // Memory that the machine does not have: no instance, and grow says so. False: the process ends
    // (base/memory.h), for what one machine lacks must not decide what all agree on.
    bool may_lack_memory;
};
extern const struct vm_limits vm_limits_protocol;

#define VM_TRAP_LIST(X)                                    \
    X(NONE, "none")                                        \
    X(OUT_OF_GAS, "out of gas")                            \
    X(UNREACHABLE, "unreachable")                          \
    X(MEMORY_BOUNDS, "out of bounds memory access")        \
    X(TABLE_BOUNDS, "out of bounds table access")          \
    X(INDIRECT_UNDEFINED, "undefined element")             \
    X(INDIRECT_NULL, "uninitialized element")              \
    X(INDIRECT_TYPE, "indirect call type mismatch")        \
    X(DIVIDE_BY_ZERO, "integer divide by zero")            \
    X(INTEGER_OVERFLOW, "integer overflow")                \
    X(INVALID_CONVERSION, "invalid conversion to integer") \
    X(CALL_DEPTH, "call stack exhausted: too many calls")  \
    X(STACK, "call stack exhausted: too many values")      \
    X(HOST, "the host ended the call")
enum vm_trap {
#define X(name, text) VM_TRAP_##name,
    VM_TRAP_LIST(X)
#undef X
};
const char *vm_trap_text(enum vm_trap trap);

// A function that the host offers. Parameters and results are written as a letter each: i for i32,
// I for i64, f for f32, F for f64. Arguments and result are slots of 64 bits; an i32 uses the lower
// half. *result is zero before the call.
typedef enum vm_trap vm_host_call(struct vm_instance *instance, void *context,
                                  const uint64_t *arguments, uint64_t *result);
struct vm_host_function {
    const char *name;
    const char *parameters;
    const char *result; // one letter, or ""
    vm_host_call *call;
};
struct vm_import_table {
    const char *module;
    size_t count;
    const struct vm_host_function *functions;
};

// Why a module was refused. The text is static.
struct vm_error {
    size_t offset; // in the code
    const char *text;
};

// INVALID with *why filled when the code is not a module within the limits, or imports
// anything that the table does not offer. `imports` must outlive the module; NULL: imports are
// resolved at instantiation (vm/link.h). The code is copied where it is needed.
enum status vm_module_create(struct vm_module **out, struct bytes code,
                             const struct vm_limits *limits, const struct vm_import_table *imports,
                             struct vm_error *why) MUST_CHECK;
void vm_module_free(struct vm_module *module); // after its instances; NULL is allowed
// The content of the first custom section of that name; borrowed from the module.
bool vm_module_custom(const struct vm_module *module, const char *name, struct bytes *out);
// An exported function by name and signature (letters as above).
bool vm_module_find_function(const struct vm_module *module, const char *name,
                             const char *parameters, const char *results, uint32_t *function);
// The exports in their order. False beyond the last.
struct vm_exported {
    struct bytes name; // the module's
    bool is_function;
    bool is_bare; // takes and gives no values
};
bool vm_module_export(const struct vm_module *module, uint32_t index, struct vm_exported *out);
uint32_t vm_module_initial_pages(const struct vm_module *module);
// Bytes it holds in memory, for caches that bound them.
size_t vm_module_memory(const struct vm_module *module);

// NO_MEMORY where the limits say so, or INVALID when a data or element segment does not fit. The
// module must outlive it.
enum status vm_instance_create(struct vm_instance **out, struct vm_module *module) MUST_CHECK;
// As it was after creation. Takes time with what the calls since then have touched, not with the
// memory's size.
void vm_instance_reset(struct vm_instance *instance);
void vm_instance_free(struct vm_instance *instance); // NULL is allowed
// Bytes it holds in memory, without its module's.
size_t vm_instance_memory(const struct vm_instance *instance);
const struct vm_module *vm_instance_module(const struct vm_instance *instance);

struct vm_call {
    uint32_t function; // from vm_module_find_function
    const uint64_t *arguments;
    uint64_t *results; // as many slots as the function has results
    uint64_t gas_limit;
    uint64_t gas_used; // set by the call, at most gas_limit
    void *context;     // for the host's functions
    bool has_page_limit;
    uint32_t page_limit; // what its memory may grow to, below what the module's limits allow
};
// HOST, and nothing has happened, when a call of this instance is under way already.
enum vm_trap vm_call(struct vm_instance *instance, struct vm_call *call);

// For host functions, during a call. False: the gas does not suffice, return VM_TRAP_OUT_OF_GAS.
bool vm_charge(struct vm_instance *instance, uint64_t gas) MUST_CHECK;
// What could still be charged.
uint64_t vm_gas_left(const struct vm_instance *instance);
// Of its memory, as it is now.
uint32_t vm_instance_pages(const struct vm_instance *instance);
// The `len` bytes at the guest's pointer, or NULL when they are not all inside its memory. Valid
// until the host function returns.
uint8_t *vm_memory(struct vm_instance *instance, uint32_t pointer, uint32_t len);

#endif
