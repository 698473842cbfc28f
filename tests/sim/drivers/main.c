// SPDX-License-Identifier: Apache-2.0
// SEEDS runs from SEED on, one JSON line in the end; exits 1 on a violation.
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "chaincore/base/log.h"
#include "tests/sim/drivers/drivers.h"

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

// Most are small, so that there are many. The others come to what no small one has: more final
// blocks in an epoch than a log's reader or the chain's memory has room for.
static void choose_size(struct sim *sim) {
    enum { LARGE_PERCENT = 12 };
    sim->is_large = !sim->options.is_calm && sim_percent(sim, LARGE_PERCENT);
    sim->slack_bytes = 1500;
    if (!sim->is_large) return;
    sim->figures.large_seeds++;
    sim->slack_bytes = sim_percent(sim, 50) ? 0 : 1500 + sim_random(sim, 500 * 1000);
}

static void begin(struct sim *sim, uint64_t seed) {
    world_clear(sim);
    sim->seed = seed;
    sim->random = seed * 0x2545f4914f6cdd1du + 1;
    sim->now_ms = SIM_START_MS;
    sim->order = 0;
    sim->violation = NULL;
    hash_bytes(&sim->chain_id, HASH_USER, BYTES_OF(seed));
    sim->timeout_ms = (uint32_t)(500 + sim_random(sim, 700));
    sim->delay_ms = (uint32_t)(1 + sim_random(sim, 40));
    sim->jitter_ms = (uint32_t)sim_random(sim, 60);
    choose_size(sim);
    groups_choose(sim);
    sim->leaves_out = !sim->options.is_calm && sim_percent(sim, 20);
    sim->is_idle = sim->leaves_out && sim_percent(sim, 50);
    sim->figures.empty_seeds += sim->leaves_out;
    sim->figures.idle_seeds += sim->is_idle;
    model_begin(sim);
    judge_begin(sim);
    faults_begin(sim);
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (!sim->nodes[i].is_absent) node_start(&sim->nodes[i]);
}

static void happen(struct sim *sim, const struct sim_occasion *occasion) {
    struct sim_node *node = &sim->nodes[occasion->node];
    bool is_meant = occasion->life == node->life;
    switch (occasion->kind) {
    case AT_DELIVERY:
        if (is_meant && node->is_up)
            node_deliver(node, occasion->from, buf_bytes(&occasion->packet->bytes));
        packet_drop(occasion->packet);
        break;
    case AT_RUN:
        if (is_meant && node->is_up && node->run_at_ms == occasion->at_ms) node_run(node);
        break;
    case AT_RESTART:
        if (is_meant && !node->is_up) node_start(node);
        break;
    case AT_SYNC:
        if (is_meant && node->is_up) node_sync(node, occasion->from);
        break;
    case AT_WORK:
        if (is_meant) node_change_work(node);
        break;
    case AT_FAULT:
        faults_happen(sim);
        break;
    }
}

static void run(struct sim *sim, uint64_t seed) {
    struct sim_occasion occasion;
    begin(sim, seed);
    while (!sim->violation && !judge_is_done(sim) && occasion_next(sim, &occasion)) {
        sim->now_ms = occasion.at_ms;
        if (!sim->is_healed && sim->now_ms >= sim->heal_ms) faults_heal(sim);
        happen(sim, &occasion);
    }
    if (!sim->violation && !judge_is_done(sim)) judge_fail(sim, "nothing happens any more");
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct verify_counts counts = {0};
        if (sim->nodes[i].driver) driver_count(sim->nodes[i].driver, &counts);
        sim->figures.computed += counts.computed;
        sim->figures.remembered += counts.remembered;
        sim->figures.torn += sim->nodes[i].disk.torn;
    }
    sim->figures.seeds++;
}

static void print_result(const struct sim *sim, double seconds, uint64_t digest) {
    const struct sim_figures *f = &sim->figures;
    printf("{\"name\": \"sim_drivers\", \"seeds\": %" PRIu64 ", \"violations\": %d", f->seeds,
           sim->violation ? 1 : 0);
    if (sim->violation)
        printf(", \"seed\": %" PRIu64 ", \"violation\": \"%s\"", sim->seed, sim->violation);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"large_seeds", f->large_seeds},
        {"grouped_seeds", f->grouped_seeds},
        {"empty_seeds", f->empty_seeds},
        {"idle_seeds", f->idle_seeds},
        {"runs", f->runs},
        {"messages", f->messages},
        {"bytes", f->bytes},
        {"blocks", f->blocks},
        {"epochs", f->epochs},
        {"evidence", f->evidence},
        {"syncs", f->syncs},
        {"lost", f->lost},
        {"duplicated", f->duplicated},
        {"flipped", f->flipped},
        {"forged", f->forged},
        {"spoiled", f->spoiled},
        {"replayed", f->replayed},
        {"partitions", f->partitions},
        {"kills", f->kills},
        {"power_cuts", f->power_cuts},
        {"cuts_of_all", f->cuts_of_all},
        {"last_cuts", f->last_cuts},
        {"failed_disks", f->failed_disks},
        {"torn", f->torn},
        {"unbuilt", f->unbuilt},
        {"refused", f->refused},
        {"twins", f->twins},
        {"twins_met", f->twins_met},
        {"blamed", f->blamed},
        {"lost_logs", f->lost_logs},
        {"moved_keys", f->moved_keys},
        {"absent", f->absent},
        {"signatures_computed", f->computed},
        {"signatures_remembered", f->remembered},
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
    printf("{\"name\": \"sim_drivers\", \"seeds\": %" PRIu64
           ", \"violations\": 1, \"seed\": %" PRIu64 ", \"violation\": \"broken invariant\"}\n",
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
    sim.options = (struct sim_options){.keys = (uint16_t)number_from("NODES", 0),
                                       .group = (uint16_t)number_from("GROUP", 0),
                                       .hostile = (uint16_t)number_from("HOSTILE", 0),
                                       .is_calm = number_from("CALM", 0) != 0};
    if (sim.options.keys > LIMIT_WITNESSES || (sim.options.keys && sim.options.keys < 4)) {
        fprintf(stderr, "NODES is 4 to %d\n", LIMIT_WITNESSES);
        return 2;
    }
    if (crypto_init() != STATUS_OK) return 2;
    log_set_level(number_from("TRACE", 0) ? LOG_INFO : (enum log_level)(LOG_ERROR + 1));
    for (uint16_t i = 0; i < SIM_KEYS; i++) {
        const uint8_t key_seed[32] = {(uint8_t)i, 7};
        key_from_seed(&sim.secrets[i], &sim.publics[i], key_seed);
    }
    double start = seconds_now();
    running = &sim;
    signal(SIGABRT, on_abort);
    for (uint64_t i = 0; i < seeds && !sim.violation; i++) {
        run(&sim, seed + i);
        digest = (digest ^ sim.digest) * 0x100000001b3u;
    }
    print_result(&sim, seconds_now() - start, digest);
    world_clear(&sim);
    free(sim.heap);
    free(sim.notes);
    return sim.violation ? 1 : 0;
}
