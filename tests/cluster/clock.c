// SPDX-License-Identifier: Apache-2.0
// A machine whose clock is set while its programs run, for the programs of one run alone: a library
// that stands in front of the C library (LD_PRELOAD). The file that LMM_TEST_CLOCK names holds by
// how many milliseconds the wall clock is ahead of the machine's, eight bytes of its byte order;
// every program maps it, so it is set for all at once. The programs are those that are installed,
// and know nothing of it: servers take a clock that others move (chaincore/base/clock_shared.h) on
// a devnet alone.
//
// The monotonic clock stays, and so does all that waits by it.
#include <config.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int (*machine_gettime)(clockid_t, struct timespec *);
static const _Atomic int64_t *ahead_ms;

static void fail(const char *path) {
    fprintf(stderr, "LMM_TEST_CLOCK: %s cannot be read\n", path ? path : "(no file)");
    _exit(EXIT_FAILURE);
}

// Another library may ask for the time before this one's turn to begin has come.
__attribute__((constructor)) static void begin(void) {
    if (ahead_ms) return;
    const char *path = getenv("LMM_TEST_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    *(void **)&machine_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    if (file < 0 || !machine_gettime || lseek(file, 0, SEEK_END) != sizeof *ahead_ms) fail(path);
    void *at = mmap(NULL, sizeof *ahead_ms, PROT_READ, MAP_SHARED, file, 0);
    if (at == MAP_FAILED) fail(path);
    close(file);
    ahead_ms = at;
}

static void add(struct timespec *moment, int64_t ms) {
    int64_t ns = moment->tv_nsec + ms % 1000 * 1000000;
    moment->tv_sec += ms / 1000 + ns / 1000000000;
    moment->tv_nsec = ns % 1000000000;
    if (moment->tv_nsec >= 0) return;
    moment->tv_nsec += 1000000000;
    moment->tv_sec--;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
    begin();
    int result = machine_gettime(clock, out);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        add(out, *ahead_ms);
    return result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    *out = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
