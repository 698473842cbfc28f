// SPDX-License-Identifier: Apache-2.0
// What instructions cost, version 3. Part of the protocol: a run costs the sum over the
// instructions that it executed, whatever they were translated to. An instruction that traps is one
// that was executed. memory.grow and the bulk instructions cost by what they ask for, also when
// that fails. gas_used is the sum, or the limit where the sum is larger: then the run is out of
// gas, whatever it did beyond the limit before that was noticed. tests/unit/vm/reference.c is this
// rule as a program. What opcodes.def lists stands there; the rest:
#ifndef LMM_VM_GAS_H
#define LMM_VM_GAS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    GAS_UNREACHABLE = 1,
    GAS_NOP = 1,
    GAS_LOOP = 1, // to enter it; going round is a branch
    GAS_IF = 1,   // block, else and end are free
    GAS_BRANCH = 2,
    GAS_BRANCH_TABLE = 40, // where it leads may be in no cache, nor its entry
    GAS_RETURN = 1,
    GAS_CALL = 6,
    GAS_CALL_INDIRECT = 30, // the same
    GAS_SIMPLE = 1,         // local and global access, constants, drop, select, memory.size
    // Memory that fits a processor core's own cache is cheap to read from anywhere; what does not
    // can be made to wait for the machine's memory at each load. The module says which it is, by
    // the maximum that it declares for its memory.
    GAS_NEAR_PAGES = 8, // a memory whose maximum is above that, or not declared, is far
    GAS_LOAD = 5,
    GAS_STORE = 2,
    GAS_LOAD_FAR = 100, // from a far memory
    GAS_STORE_FAR = 10, // to a far memory
    GAS_TRUNCATE = 4,
    GAS_REINTERPRET = 1,
    GAS_FRAME = 2,          // of entering a function, and
    GAS_VALUES_PER_GAS = 4, // one more for each four declared locals and results; a branch costs
                            // one more for each four values that it carries
    GAS_MEMORY_GROW = 100,  // and
    GAS_MEMORY_PAGE = 4000, // for each page asked for
    GAS_BULK = 10,          // of a bulk instruction, and
    GAS_BULK_BYTES_PER_GAS = 16,
    GAS_BULK_ENTRY = 2, // for each table entry
};

// Of a memory with this maximum.
static inline bool gas_is_far(uint32_t maximum_pages) { return maximum_pages > GAS_NEAR_PAGES; }

#endif
