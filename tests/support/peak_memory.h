// SPDX-License-Identifier: Apache-2.0
// How much memory a piece of work holds at once, by the allocations of chaincore/base/memory.h. A
// program that asks is linked with PEAK_MEMORY_OPTIONS. For one thread.
#ifndef LMM_TESTS_PEAK_MEMORY_H
#define LMM_TESTS_PEAK_MEMORY_H

#include <stddef.h>

// From here on.
void peak_memory_begin(void);
// The most bytes that lived at once since then, over those that lived at that moment.
size_t peak_memory(void);

#endif
