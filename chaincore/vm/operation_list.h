// SPDX-License-Identifier: Apache-2.0
// All operations in order: EACH(name) for each. Included wherever a list of them is needed, with
// EACH defined; forgets it at the end. The order within a line counts: operations.h tells why.
#define BINARY(opcode, name, in, out, gas, expression) \
    EACH(name##_rr) EACH(name##_ri) EACH(name##_rr_branch) EACH(name##_ri_branch)
#define COMPARE(opcode, name, in, out, gas, expression) \
    EACH(name##_rr)                                     \
    EACH(name##_ri)                                     \
    EACH(branch_##name##_rr)                            \
    EACH(branch_##name##_ri)                            \
    EACH(add_rr_branch_##name##_rr)                     \
    EACH(add_rr_branch_##name##_ri)                     \
    EACH(add_ri_branch_##name##_rr)                     \
    EACH(add_ri_branch_##name##_ri)
#define DIVISION(opcode, name, in, out, gas, overflows, expression) EACH(name)
#define UNARY(opcode, name, in, out, gas, expression) EACH(name)
#define FLOAT_UNARY(opcode, name, in, out, gas, expression) EACH(name)
#define FLOAT_BINARY(opcode, name, in, out, gas, expression) EACH(name)
#define TRUNCATE(opcode, name, in, integer, out, low, high) EACH(name)
#define SATURATE(opcode, name, in, integer, out, low, high, least, most) EACH(name)
#define LOAD(opcode, name, memory, out, align) \
    EACH(name) EACH(name##_ai) EACH(name##_sum) EACH(name##_scaled) EACH(name##_step)
#define STORE(opcode, name, in, memory, align) \
    EACH(name) EACH(name##_constant) EACH(name##_ai) EACH(name##_constant_ai) EACH(name##_sum)
#include "chaincore/vm/opcodes.def"
#include "chaincore/vm/opcodes_undef.h"

#define FUSE_RRR(first, second, expression) \
    EACH(i32_##first##_##second) EACH(i64_##first##_##second)
#define FUSE_RRK(first, second, expression) FUSE_RRR(first, second, expression)
#define FUSE_RKR(first, second, expression) FUSE_RRR(first, second, expression)
#include "chaincore/vm/fusions.def"
#include "chaincore/vm/opcodes_undef.h"

VM_PLAIN_OPERATIONS(EACH)
#undef EACH
