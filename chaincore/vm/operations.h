// SPDX-License-Identifier: Apache-2.0
// The operations of the register code. An instruction is a row of 64-bit words: the first is where
// its handler is, the second holds up to four 16-bit slot numbers from the low end, or a 32-bit
// value in its upper half; immediates follow. Branch targets are counted in words from the
// instruction's start.
//
//   D A B          slots of result and operands         D A imm32       a constant instead of B
//   gas            what the block cost, charged here    target          upper half of word 1
#ifndef LMM_VM_OPERATIONS_H
#define LMM_VM_OPERATIONS_H

// Operations that opcodes.def does not name.
#define VM_PLAIN_OPERATIONS(X)                                                 \
    X(move)          /* D A */                                                 \
    X(move_many)     /* D A, count above: upwards, D below A */                \
    X(constant)      /* D | value */                                           \
    X(select)        /* D A B C: A if C else B */                              \
    X(global_get)    /* D, index above */                                      \
    X(global_set)    /* A, index above */                                      \
    X(gas)           /* gas in the upper half */                               \
    X(branch)        /* gas low, target high */                                \
    X(branch_if)     /* A, target | gas */                                     \
    X(branch_unless) /* A, target | gas */                                     \
    X(branch_table)  /* A, count above | gas | targets, one more than count */ \
    X(call)          /* base, gas above | function */                          \
    X(call_import)   /* base, gas above | index */                             \
    X(call_indirect) /* base, index slot, gas above | type index */            \
    X(return_none)   /* locals, gas above */                                   \
    X(return_one)    /* A, locals, gas above */                                \
    X(unreachable)   /* gas above */                                           \
    X(memory_size)   /* D */                                                   \
    X(memory_grow)   /* D A */                                                 \
    X(memory_fill)   /* A B C */                                               \
    X(memory_copy)   /* A B C */                                               \
    X(memory_init)   /* A B C | segment */                                     \
    X(data_drop)     /* segment above */                                       \
    X(table_init)    /* A B C | segment */                                     \
    X(table_copy)    /* A B C */                                               \
    X(element_drop)  /* segment above */                                       \
    X(widen)         /* see there */                                           \
    X(finish)        /* ends a run */

enum vm_operation {
#define BINARY(opcode, name, in, out, gas, expression) VM_OP_##name##_rr, VM_OP_##name##_ri,
#define COMPARE(opcode, name, in, out, gas, expression) \
    VM_OP_##name##_rr, VM_OP_##name##_ri, VM_OP_branch_##name##_rr, VM_OP_branch_##name##_ri,
#define DIVISION(opcode, name, in, out, gas, overflows, expression) VM_OP_##name,
#define UNARY(opcode, name, in, out, gas, expression) VM_OP_##name,
#define FLOAT_UNARY(opcode, name, in, out, gas, expression) VM_OP_##name,
#define FLOAT_BINARY(opcode, name, in, out, gas, expression) VM_OP_##name,
#define TRUNCATE(opcode, name, in, integer, out, low, high) VM_OP_##name,
#define SATURATE(opcode, name, in, integer, out, low, high, least, most) VM_OP_##name,
#define LOAD(opcode, name, memory, out, align) VM_OP_##name,
#define STORE(opcode, name, in, memory, align) VM_OP_##name, VM_OP_##name##_constant,
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"
#define X(name) VM_OP_##name,
    VM_PLAIN_OPERATIONS(X)
#undef X
        VM_OPERATIONS
};

// Where each operation's handler is, for the first word of an instruction. Thread-safe.
const void *const *vm_handlers(void);

#endif
