// SPDX-License-Identifier: Apache-2.0
#include <config.h> // syscall

#include "tests/support/false_clock.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t wall_offset_ms, monotonic_offset_ms;

void false_clock_set_wall(int64_t offset_ms) { wall_offset_ms = offset_ms; }
void false_clock_set_monotonic(int64_t offset_ms) { monotonic_offset_ms = offset_ms; }

// In the place of libc's.
int clock_gettime(clockid_t clock, struct timespec *out) {
    int64_t offset_ms = clock == CLOCK_REALTIME    ? wall_offset_ms
                        : clock == CLOCK_MONOTONIC ? monotonic_offset_ms
                                                   : 0;
    long result = syscall(SYS_clock_gettime, clock, out);
    if (result != 0) return -1;
    int64_t ns = out->tv_nsec + offset_ms % 1000 * 1000000;
    int64_t carry = ns < 0 ? -1 : ns / 1000000000;
    out->tv_sec += offset_ms / 1000 + carry;
    out->tv_nsec = ns - carry * 1000000000;
    return 0;
}
