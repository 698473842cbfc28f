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
    world_begin(sim, seed);
    judge_begin(sim);
    faults_begin(sim);
    workload_plan(sim);
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (!sim->nodes[i].is_newcomer) life_start(&sim->nodes[i]);
}

// What went over a connection that has ended is lost.
static void deliver(struct sim *sim, const struct occasion *occasion) {
    struct sim_node *to = &sim->nodes[occasion->node];
    if (to->is_up && links_time(to, occasion->from) == occasion->life)
        links_deliver(to, occasion->from, occasion->packet);
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
    case AT_FRAME:
        deliver(sim, occasion);
        break;
    case AT_MEETING:
        links_meet(sim, occasion->node, occasion->from);
        break;
    case AT_PARTING:
        if (is_meant && node->is_up) links_part(node, occasion->from);
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

static void print_figures(const struct sim_figures *f) {
#define ROW(name) \
    { #name, f->name }
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {ROW(many_seeds),     ROW(large_seeds),
                ROW(last_cuts),      ROW(runs),
                ROW(blocks),         ROW(epochs),
                ROW(sets),           ROW(txs),
                ROW(refused),        ROW(txs_final),
                ROW(txs_dropped),    ROW(txs_pending),
                ROW(txs_lost),       ROW(contracts),
                ROW(timers),         ROW(stops),
                ROW(kills),          ROW(power_cuts),
                ROW(cuts_in_calls),  ROW(cuts_in_starts),
                ROW(kills_in_calls), ROW(writes_lost),
                ROW(writes_torn),    ROW(writes_kept),
                ROW(names_undone),   ROW(names_kept),
                ROW(clock_jumps),    ROW(frames),
                ROW(bytes),          ROW(frames_dropped),
                ROW(connections),    ROW(breaks),
                ROW(partitions),     ROW(cuts_of_all),
                ROW(lost_votes),     ROW(wiped),
                ROW(hostile),        ROW(twins),
                ROW(twins_met),      ROW(liars_silenced),
                ROW(withheld),       ROW(replayed),
                ROW(forged),         ROW(spoiled),
                ROW(equivocated),    ROW(penalised),
                ROW(punished),       ROW(longest_charge_blocks),
                ROW(charges_kept),   ROW(longest_recovery_ms),
                ROW(joined),         ROW(cuts_in_joins),
                ROW(replays),        ROW(longest_join_ms)};
#undef ROW
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf(", \"%s\": %" PRIu64, rows[i].name, rows[i].value);
}

static void print_result(const struct sim *sim, double seconds, uint64_t digest) {
    uint64_t seeds = sim->figures.seeds;
    printf("{\"name\": \"sim_nodes\", \"seeds\": %" PRIu64 ", \"violations\": %d", seeds,
           sim->violation ? 1 : 0);
    if (sim->violation)
        printf(", \"seed\": %" PRIu64 ", \"violation\": \"%s\"", sim->seed, sim->violation);
    print_figures(&sim->figures);
    printf(", \"seconds\": %.2f, \"seeds_per_second\": %.1f, \"digest\": \"%016" PRIx64 "\"}\n",
           seconds, (double)seeds / seconds, digest);
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

// Whoever ends a long run is told of what there was so far.
static volatile sig_atomic_t must_end;
static void on_term(int number) {
    (void)number;
    must_end = 1;
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void) {
    static struct sim sim;
    uint64_t seed = number_from("SEED", 1), seeds = number_from("SEEDS", 100), digest = 0;
    sim.options.nodes = (uint16_t)number_from("NODES", 0);
    if (sim.options.nodes > SIM_WITNESSES || sim.options.nodes == 2 || sim.options.nodes == 3) {
        fprintf(stderr, "NODES is 1, or 4 to %d\n", SIM_WITNESSES);
        return 2;
    }
    process_begin(&sim); // before the library draws
    if (crypto_init() != STATUS_OK) return 2;
    log_set_level(number_from("TRACE", 0) ? LOG_INFO : (enum log_level)(LOG_ERROR + 1));
    world_open(&sim);
    const char *view = getenv("VIEW"), *template_path = getenv("VIEW_TEMPLATE");
    bool has_view = view && *view && template_path;
    if (has_view) view_begin();
    if (has_view) seeds = 1;
    double start = seconds_now();
    running = &sim;
    signal(SIGABRT, on_abort);
    signal(SIGTERM, on_term);
    for (uint64_t i = 0; i < seeds && !sim.violation && !must_end; i++) {
        run(&sim, seed + i);
        digest = (digest ^ sim.digest) * 0x100000001b3u;
    }
    print_result(&sim, seconds_now() - start, digest);
    if (has_view && !view_end(&sim, view, template_path))
        fprintf(stderr, "%s cannot be written\n", view);
    world_close(&sim);
    return sim.violation ? 1 : 0;
}
