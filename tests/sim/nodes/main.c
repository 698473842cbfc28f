// SPDX-License-Identifier: Apache-2.0
// SEEDS runs from SEED on, one JSON line in the end; exits 1 on a violation.
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "chaincore/base/log.h"
#include "tests/sim/nodes/nodes.h"

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static void begin(struct sim *sim, uint64_t seed) {
    sim->node_count = 1;
    world_begin(sim, seed);
    judge_begin(sim);
    faults_begin(sim);
    workload_plan(sim);
    for (uint16_t i = 0; i < sim->node_count; i++) life_start(&sim->nodes[i]);
}

static void happen(struct sim *sim, const struct occasion *occasion) {
    struct sim_node *node = &sim->nodes[occasion->node];
    bool is_meant = occasion->life == node->life;
    switch ((enum occasion_kind)occasion->kind) {
    case AT_RUN:
        if (is_meant && node->is_up && node->run_at_ms == occasion->at_ms) life_run(node);
        break;
    case AT_RESTART:
        if (is_meant && !node->is_up) life_start(node);
        break;
    case AT_FAULT:
        faults_happen(sim);
        break;
    case AT_SUBMIT:
        workload_submit(sim);
        break;
    }
    packet_drop(occasion->packet);
}

static void run(struct sim *sim, uint64_t seed) {
    enum { LONGEST_MS = 10 * 60 * 1000 };
    struct occasion occasion;
    begin(sim, seed);
    while (!sim->violation && !judge_is_done(sim) && occasions_take(&sim->occasions, &occasion)) {
        sim->now_ms = occasion.at_ms;
        if (!sim->is_healed && sim->now_ms >= sim->heal_ms) faults_heal(sim);
        happen(sim, &occasion);
        if (sim->is_healed && sim->now_ms > sim->heal_ms + LONGEST_MS) break;
    }
    if (!sim->violation) judge_end(sim);
    world_end(sim);
    sim->figures.seeds++;
}

static void print_result(const struct sim *sim, double seconds, uint64_t digest) {
    const struct sim_figures *f = &sim->figures;
    printf("{\"name\": \"sim_nodes\", \"seeds\": %" PRIu64 ", \"violations\": %d", f->seeds,
           sim->violation ? 1 : 0);
    if (sim->violation)
        printf(", \"seed\": %" PRIu64 ", \"violation\": \"%s\"", sim->seed, sim->violation);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"runs", f->runs},
        {"blocks", f->blocks},
        {"epochs", f->epochs},
        {"sets", f->sets},
        {"txs", f->txs},
        {"refused", f->refused},
        {"txs_final", f->txs_final},
        {"txs_dropped", f->txs_dropped},
        {"txs_pending", f->txs_pending},
        {"txs_lost", f->txs_lost},
        {"contracts", f->contracts},
        {"timers", f->timers},
        {"stops", f->stops},
        {"kills", f->kills},
        {"power_cuts", f->power_cuts},
        {"cuts_in_calls", f->cuts_in_calls},
        {"cuts_in_starts", f->cuts_in_starts},
        {"kills_in_calls", f->kills_in_calls},
        {"writes_lost", f->writes_lost},
        {"writes_torn", f->writes_torn},
        {"writes_kept", f->writes_kept},
        {"names_undone", f->names_undone},
        {"names_kept", f->names_kept},
        {"clock_jumps", f->clock_jumps},
        {"replays", f->replays},
        {"longest_recovery_ms", f->longest_recovery_ms},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf(", \"%s\": %" PRIu64, rows[i].name, rows[i].value);
    printf(", \"seconds\": %.2f, \"seeds_per_second\": %.1f, \"digest\": \"%016" PRIx64 "\"}\n",
           seconds, (double)f->seeds / seconds, digest);
}

// A broken invariant of what is tried is a violation like any other.
static const struct sim *running;
static void on_abort(int number) {
    (void)number;
    printf("{\"name\": \"sim_nodes\", \"seeds\": %" PRIu64 ", \"violations\": 1, \"seed\": %" PRIu64
           ", \"violation\": \"broken invariant\"}\n",
           running->figures.seeds, running->seed);
    fflush(stdout);
    _Exit(1);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void) {
    static struct sim sim;
    uint64_t seed = number_from("SEED", 1), seeds = number_from("SEEDS", 100), digest = 0;
    process_begin(&sim); // before the library draws
    if (crypto_init() != STATUS_OK) return 2;
    log_set_level(number_from("TRACE", 0) ? LOG_INFO : (enum log_level)(LOG_ERROR + 1));
    world_open(&sim);
    double start = seconds_now();
    running = &sim;
    signal(SIGABRT, on_abort);
    for (uint64_t i = 0; i < seeds && !sim.violation; i++) {
        run(&sim, seed + i);
        digest = (digest ^ sim.digest) * 0x100000001b3u;
    }
    print_result(&sim, seconds_now() - start, digest);
    world_close(&sim);
    return sim.violation ? 1 : 0;
}
