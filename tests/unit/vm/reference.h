// SPDX-License-Identifier: Apache-2.0
// A plain interpreter of whole modules, and what running them costs: the engine must do and charge
// the same. It walks the binary instruction by instruction on a stack of values, looks for the end
// of a block when it needs it, and adds up gas as vm/gas.h says; nothing is translated, deferred or
// fused. Of the engine it takes the tables of the decoded module (types, globals, segments), the
// prices, and what each numeric instruction computes (vm/opcodes.def).
#ifndef LMM_TESTS_VM_REFERENCE_H
#define LMM_TESTS_VM_REFERENCE_H

#include "chaincore/vm/module.h"

struct reference_body {
    const uint8_t *start; // behind the declarations of locals
    u32 locals;           // with the parameters
};

// Called for imports; they take what they take and give nothing back.
typedef void reference_host(void *context, u32 import, const u64 *arguments);

struct reference {
    const struct vm_module *module;
    reference_host *host;
    void *context;
    struct reference_body *bodies; // by index, imports included
    uint8_t *memory;
    u32 pages;
    u32 *table; // function indices, or VM_NULL_FUNCTION
    u64 *globals;
    bool *data_dropped, *element_dropped;
    u64 gas_limit;
    u64 gas_used; // of the last call, at most the limit
};

// The module must be one without imported memory, table or globals, and outlive it.
void reference_init(struct reference *reference, const struct vm_module *module);
void reference_clear(struct reference *reference);
// As after instantiation.
void reference_reset(struct reference *reference);
enum vm_trap reference_call(struct reference *reference, u32 function, const u64 *arguments,
                            u64 *results);

// reference_numeric.c. Opcodes behind the prefix 0xfc have 0x100 added.
enum reference_shape {
    REFERENCE_OTHER,
    REFERENCE_UNARY,
    REFERENCE_BINARY,
    REFERENCE_LOAD,
    REFERENCE_STORE
};
struct reference_instruction {
    enum reference_shape shape;
    uint8_t gas;   // but of loads and stores: theirs depends on the module
    uint8_t bytes; // of memory
    bool is_signed, is_narrow;
};
const struct reference_instruction *reference_instruction(u32 opcode);
enum vm_trap reference_unary(u32 opcode, u64 operand, u64 *out);
enum vm_trap reference_binary(u32 opcode, u64 a, u64 b, u64 *out);

#endif
