// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/clock.h"

#include <stdio.h>
#include <time.h>

uint64_t clock_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t clock_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void clock_format_utc(char out[25], uint64_t time_ms) {
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t used = strftime(out, 25, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out + used, 25 - used, ".%03uZ", (unsigned)(time_ms % 1000));
}
