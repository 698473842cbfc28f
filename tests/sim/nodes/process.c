// SPDX-License-Identifier: Apache-2.0
// What a process has from its machine besides its disk: clocks and randomness, in the place of the
// C library's and libsodium's.
#include <config.h> // syscall

#include <sodium.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/nodes/nodes.h"

static struct sim *running;
static const struct sim_node *inside;

void process_enter(const struct sim_node *node) { inside = node; }
void process_leave(void) { inside = NULL; }

int clock_gettime(clockid_t clock, struct timespec *out) {
    if (!inside || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC))
        return (int)syscall(SYS_clock_gettime, clock, out);
    int64_t ms = (int64_t)running->now_ms;
    if (clock == CLOCK_REALTIME) ms += inside->wall_offset_ms;
    *out = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    return 0;
}

static const char *name(void) { return "simulation"; }
static uint32_t draw_number(void) { return (uint32_t)draws_next(&running->inner); }
static void draw_bytes(void *const out, const size_t len) { draws_fill(&running->inner, out, len); }

void process_begin(struct sim *sim) {
    static struct randombytes_implementation draws = {
        .implementation_name = name, .random = draw_number, .buf = draw_bytes};
    static bool has_begun;
    running = sim;
    draws_begin(&sim->inner, sim->seed ^ 0x5eed);
    // SQLite's own, for the salts of its log.
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(sim->seed % 1000000 + 1), NULL);
    if (has_begun) return;
    has_begun = true;
    ENSURE(randombytes_set_implementation(&draws) == 0);
}
