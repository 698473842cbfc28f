// SPDX-License-Identifier: Apache-2.0
// Builds small binary modules in memory, for tests: a section at a time, a function at a time.
#ifndef LMM_TESTS_VM_MODULES_H
#define LMM_TESTS_VM_MODULES_H

#include "chaincore/base/buf.h"

// A module with one exported function "run", i32 parameters and results as given, a memory of one
// page, and the body's bytes (without its final end).
struct sample {
    uint32_t parameters;
    uint32_t results;
    uint32_t locals;
    const uint8_t *body;
    size_t body_len;
};
void sample_build(struct buf *out, const struct sample *sample);
// Its memory with a maximum; 0: without.
void sample_build_bounded(struct buf *out, const struct sample *sample, uint8_t most_pages);
void append_leb(struct buf *out, uint32_t value);
void append_section(struct buf *out, uint8_t id, struct bytes content);

#endif
