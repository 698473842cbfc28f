// SPDX-License-Identifier: Apache-2.0
// A plain interpreter of one function's body, instruction by instruction from its bytes, with gas
// as gas.h defines it: what the engine must agree with, to the unit. Integers, control, memory; no
// calls. The body must be valid.
#ifndef LMM_TESTS_VM_REFERENCE_H
#define LMM_TESTS_VM_REFERENCE_H

#include "chaincore/vm/vm.h"

enum { REFERENCE_MEMORY = 65536, REFERENCE_STACK = 4096, REFERENCE_LABELS = 512 };

struct reference {
    const uint8_t *body; // without the declaration of locals, with its last end
    uint32_t parameter_count, local_count, result_count;
    uint64_t locals[64];
    uint8_t memory[REFERENCE_MEMORY];
    uint64_t gas_limit;
    uint64_t gas_used; // out
    uint64_t result;   // out: of the first result
};
enum vm_trap reference_run(struct reference *reference);

#endif
