// SPDX-License-Identifier: Apache-2.0
// The operations of the register code. An instruction is a row of 64-bit words: the first is where
// its handler is, the second holds up to four 16-bit slot numbers from the low end, or a 32-bit
// value in its upper half; immediates follow. Branch targets are counted in words from the
// instruction's start.
//
//   D A B          slots of result and operands         D A imm32       a constant instead of B
//   gas            what the block cost, charged here    target          upper half of word 1
//
// Fused operations do what two did. Of loads and stores: _ai adds a constant to the base (in upper
// half of word 1, the offset follows), _sum adds a slot, _scaled a shifted slot; the addition wraps
// at 2^32, the offset then does not. _step adds a constant to a slot, keeps the sum and loads from
// there: the addition's word 1, then the load's (its base being the sum). Those named
// add_..._branch_... are an addition's word 1 followed by a branch's words, without its handler.
// The rest is in fusions.def.
#ifndef LMM_VM_OPERATIONS_H
#define LMM_VM_OPERATIONS_H

// Operations that opcodes.def does not name.
#define VM_PLAIN_OPERATIONS(X)                                                     \
    X(move)              /* D A */                                                 \
    X(move_two)          /* D A D A */                                             \
    X(move_many)         /* D A, count above: upwards, D below A */                \
    X(constant)          /* D | value */                                           \
    X(select)            /* D A B C: A if C else B */                              \
    X(global_get)        /* D, index above */                                      \
    X(global_set)        /* A, index above */                                      \
    X(gas)               /* gas in the upper half */                               \
    X(branch)            /* gas low, target high */                                \
    X(branch_if)         /* A, target | gas */                                     \
    X(branch_unless)     /* A, target | gas */                                     \
    X(branch_if_and)     /* A, target | imm, gas */                                \
    X(branch_unless_and) /* A, target | imm, gas */                                \
    X(branch_table)      /* A, count above | gas | targets, one more than count */ \
    X(call)              /* base, gas above | function */                          \
    X(add_ri_call)       /* D A imm | base, gas above | function */                \
    X(call_import)       /* base, gas above | index */                             \
    X(call_indirect)     /* base, index slot, gas above | type index */            \
    X(return_none)       /* locals, gas above */                                   \
    X(return_one)        /* A, locals, gas above */                                \
    X(unreachable)       /* gas above */                                           \
    X(memory_size)       /* D */                                                   \
    X(memory_grow)       /* D A */                                                 \
    X(memory_fill)       /* A B C */                                               \
    X(memory_copy)       /* A B C */                                               \
    X(memory_init)       /* A B C | segment */                                     \
    X(data_drop)         /* segment above */                                       \
    X(table_init)        /* A B C | segment */                                     \
    X(table_copy)        /* A B C */                                               \
    X(element_drop)      /* segment above */                                       \
    X(widen)             /* see there */                                           \
    X(finish)            /* ends a run */

// Of an operation's forms, the one with a constant (_ri) follows the one with slots (_rr). In
// arithmetic, two further are the forms that end in an unconditional branch; a comparison is
// followed by its branches; from those it is two, or four, to the ones that begin with an addition
// of slots, or of a constant.
enum { VM_WITH_CONSTANT = 1, VM_THEN_BRANCH = 2, VM_AFTER_ADD_RR = 2, VM_AFTER_ADD_RI = 4 };
enum vm_operation {
#define EACH(name) VM_OP_##name,
#include "chaincore/vm/operation_list.h"
    VM_OPERATIONS
};

// Where each operation's handler is, for the first word of an instruction. Thread-safe.
const void *const *vm_handlers(void);

#endif
