// SPDX-License-Identifier: Apache-2.0
// Clocks that a test sets: whatever the program links asks them instead of the system's own. The
// waits of threads go by the kernel's.
#ifndef LMM_TESTS_FALSE_CLOCK_H
#define LMM_TESTS_FALSE_CLOCK_H

#include <stdint.h>

// So far from the true ones from now on.
void false_clock_set_wall(int64_t offset_ms);
void false_clock_set_monotonic(int64_t offset_ms);

#endif
