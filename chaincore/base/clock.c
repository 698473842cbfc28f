// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/clock.h"

#include <stdio.h>
#include <time.h>

static _Atomic uint64_t advance_ms; // or back, by its two's complement

void clock_wall_advance(uint64_t ms) { advance_ms += ms; }
void clock_wall_set_back(uint64_t ms) { advance_ms -= ms; }

uint64_t clock_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + advance_ms;
}

uint64_t clock_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void clock_format_utc(char out[25], int64_t time_ms) {
    static const int64_t first_ms = -62167219200000, last_ms = 253402300799999;
    if (time_ms < first_ms) time_ms = first_ms;
    if (time_ms > last_ms) time_ms = last_ms;
    int64_t milliseconds = time_ms % 1000;
    if (milliseconds < 0) milliseconds += 1000;
    time_t seconds = (time_t)((time_ms - milliseconds) / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    // strftime doesn't pad a year.
    snprintf(out, 25, "%04u", (unsigned)(utc.tm_year + 1900) % 10000);
    strftime(out + 4, 21, "-%m-%dT%H:%M:%S", &utc);
    snprintf(out + 19, 6, ".%03uZ", (unsigned)milliseconds % 1000);
}
