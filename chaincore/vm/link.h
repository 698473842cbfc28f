// SPDX-License-Identifier: Apache-2.0
// Instances with parts of their own, and linking them to one another: what the conformance scripts
// need beyond what contracts may do. Contracts import host functions alone.
#ifndef LMM_VM_LINK_H
#define LMM_VM_LINK_H

#include "chaincore/vm/module.h"

// The standard's bounds, floats and start sections allowed.
extern const struct vm_limits vm_limits_conformance;

struct vm_memory {
    uint8_t *data;
    u64 size;     // bytes
    u64 capacity; // what data has room for
    u64 window;   // bytes from the start that loads and stores reach; behind it all is zero still
    struct vm_range pages;
    u32 references;
    bool may_lack; // as vm_limits.may_lack_memory
};

// instance NULL: nothing there.
struct vm_function_ref {
    struct vm_instance *instance;
    u32 function;
};

struct vm_table {
    u32 count;
    u32 maximum;
    struct vm_function_ref *entries;
    bool is_changed; // since the segments were applied
    u32 references;
};

// Something that can be imported. A function is another instance's, or the host's.
struct vm_extern {
    uint8_t kind;
    struct vm_function_ref function;
    vm_host_call *host;
    const struct vm_signature *host_signature;
    struct vm_table *table;
    struct vm_memory *memory;
    u64 *global;
    struct vm_global_type global_type;
};

// One run: what all frames of a call share, over all instances it passes through.
struct vm_run {
    i64 gas;
    u32 depth;
    u32 depth_limit;
    u32 page_limit; // of a memory that grows
    u64 *stack_end;
    void *context;
};

struct vm_instance {
    struct vm_module *module;
    struct vm_memory *memory; // NULL when there is none
    struct vm_table *table;
    u64 **globals;
    u64 *own_globals;
    struct vm_extern *imports; // the functions imported, by index
    bool *data_dropped;
    bool *element_dropped;
    u64 *stack;
    struct vm_run *run; // while a call is under way
};

// `externs` are in the order of the module's imports. INVALID: one does not match its import; with
// a trap in *trap the instance exists (others may hold parts of it) but a segment or start failed.
enum status vm_instance_link(struct vm_instance **out, struct vm_module *module,
                             const struct vm_extern *externs, enum vm_trap *trap) MUST_CHECK;
bool vm_instance_export(struct vm_instance *instance, struct bytes name, struct vm_extern *out);

// NULL only where memory may lack.
struct vm_memory *vm_memory_create(struct vm_range pages, bool may_lack);
struct vm_table *vm_table_create(struct vm_range entries, bool may_lack);
void vm_memory_release(struct vm_memory *memory);
void vm_table_release(struct vm_table *table);

// The window is the high-water mark that a reset clears up to, kept without a cost: it is what
// loads and stores are checked against. Past it they come here. False: it is the whole memory
// already.
bool vm_memory_widen(struct vm_memory *memory);
// Takes at … at + len into the window. False when that is not all inside the memory.
bool vm_memory_reach(struct vm_memory *memory, u64 at, u64 len);
// The number of pages before, or UINT32_MAX.
u32 vm_memory_grow(struct vm_memory *memory, u32 pages, u32 limit);
bool vm_memory_init(struct vm_instance *instance, u32 segment, const u32 destination_source_len[3]);
bool vm_table_init(struct vm_instance *instance, u32 segment, const u32 destination_source_len[3]);
bool vm_table_copy(struct vm_table *table, const u32 destination_source_len[3]);

// interpreter.c: runs a function whose arguments stand at `frame`; results are left there.
enum vm_trap vm_run_function(struct vm_instance *instance, u32 function, u64 *frame,
                             struct vm_run *run);

#endif
