// SPDX-License-Identifier: Apache-2.0
// The two clocks. Nothing that nodes must agree on reads either; they are for drivers and edges.
#ifndef LMM_BASE_CLOCK_H
#define LMM_BASE_CLOCK_H

#include <stdint.h>

// Milliseconds since 1970-01-01 UTC.
uint64_t clock_wall_ms(void);
// It tells so much more from now on, in all of this process: for a devnet that is to be elsewhere
// in time. Any thread.
void clock_wall_advance(uint64_t ms);
// So much less, likewise: for what is to have happened before now.
void clock_wall_set_back(uint64_t ms);
// Nanoseconds since some fixed moment; never goes backwards.
uint64_t clock_monotonic_ns(void);
static inline uint64_t clock_monotonic_ms(void) { return clock_monotonic_ns() / 1000000; }

// "2026-01-31T12:00:00.123Z" into out[25], the NUL included. Before the year 0 and after 9999 it is
// the first or last moment that has four digits.
void clock_format_utc(char out[25], int64_t time_ms);

#endif
