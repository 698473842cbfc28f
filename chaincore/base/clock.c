// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "chaincore/base/clock_shared.h"

static _Atomic uint64_t own_shift_ms; // or back, by its two's complement
static _Atomic uint64_t *shift_ms = &own_shift_ms;
_Static_assert(sizeof *shift_ms == 8 && __atomic_always_lock_free(8, NULL), "processes share it");

void clock_wall_advance(uint64_t ms) { *shift_ms += ms; }
void clock_wall_set_back(uint64_t ms) { *shift_ms -= ms; }
bool clock_wall_is_shared(void) { return shift_ms != &own_shift_ms; }
uint64_t clock_wall_shift_ms(void) { return *shift_ms; }

static enum status map(int file) {
    struct stat info;
    if (fstat(file, &info) != 0) return STATUS_IO;
    // Whoever comes at the same time makes it the same, of zeros.
    if (info.st_size == 0 && ftruncate(file, sizeof *shift_ms) != 0) return STATUS_IO;
    if (info.st_size != 0 && info.st_size != sizeof *shift_ms) return STATUS_CORRUPT;
    void *at = mmap(NULL, sizeof *shift_ms, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (at == MAP_FAILED) return STATUS_IO;
    shift_ms = at;
    return STATUS_OK;
}

enum status clock_wall_share(const char *path) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return STATUS_IO;
    enum status status = map(file);
    close(file);
    return status;
}

uint64_t clock_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + *shift_ms;
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
