// SPDX-License-Identifier: Apache-2.0
// Runs seeds, one after the other: make sim LAYER=agreement SEEDS=n [SEED=s] [NODES=n] [GROUP=k]
//                                  [PLANT=name]
//   SEEDS   how many (1000)        SEED    the first (1)
//   NODES   keys of all (4 to 12, by the seed)
//   GROUP   keys of each node (by the seed: one of each, or each with some)
//   CALM=1  no faults: latencies over links of 50 ms with jitter
//   OVERRUN=1 more hostile witnesses than agreement bears, in each seed and not in one of ten:
//   blocks
//           are final against each other, and nodes halt
//   TRACE=1 what happens, line by line
// Ends with one JSON line; 1 on a violation, with the seed that replays it.
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void trace(struct sim *sim, const struct sim_node *node, const char *format, ...) {
    if (!sim->options.is_traced) return;
    va_list arguments;
    printf("%8.3f ", (double)(sim->now_ms - SIM_START_MS) / 1000);
    if (node)
        printf("node %-3u%s ", node->index, node->hostile ? "!" : " ");
    else
        printf("         - ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    if (!text || !*text) return otherwise;
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    if (*end) {
        fprintf(stderr, "%s is not a number: %s\n", name, text);
        exit(2);
    }
    return value;
}

static void make_genesis(struct sim *sim) {
    struct header header = {
        .version = HEADER_VERSION, .chain_id = sim->chain_id, .time_ms = sim->now_ms - 1000};
    struct sim_block *genesis = block_add(sim, &header);
    sim->final_ids[0] = genesis->id;
    struct sim_epoch *epoch = &sim->epochs[0];
    memset(epoch, 0, sizeof *epoch);
    sim->epoch_count = 1;
    epoch->boundary_id = genesis->id;
    epoch->rules = (struct consensus_epoch){.first_view = 1,
                                            .set_hash = sim->chain_id,
                                            .leader_seed = sim->chain_id,
                                            .leader_id = genesis->id,
                                            .witness_count = sim->keys,
                                            .block_interval_ms = 500,
                                            .epoch_blocks = (uint32_t)(3 + random_below(sim, 30)),
                                            .leave_out_empty_blocks =
                                                !sim->options.is_calm && random_percent(sim, 20)};
    sim->leave_out = epoch->rules.leave_out_empty_blocks;
    for (size_t i = 0; i < SIM_NODES; i++)
        epoch->index_of[i] = i < sim->keys ? (uint16_t)i : WITNESS_NONE;
    for (uint16_t i = 0; i < sim->keys && i < LIMIT_WITNESSES; i++) epoch->members[i] = i;
    epoch_finish(epoch);
}

// By the seed's number, and not by what is drawn: the others stay what they are.
static bool is_to_be_overrun(const struct sim *sim, uint64_t seed) {
    enum { ONE_SEED_IN = 10 };
    if (sim->options.is_calm) return false;
    return sim->options.is_overrun || (seed * 0x9e3779b97f4a7c15u >> 32) % ONE_SEED_IN == 0;
}

static void begin(struct sim *sim, uint64_t seed) {
    world_begin(sim, seed);
    sim->is_overrun = is_to_be_overrun(sim, seed);
    sim->delay_ms = sim->options.is_calm ? 45 : (uint32_t)(1 + random_below(sim, 40));
    sim->jitter_ms = sim->options.is_calm ? 10 : (uint32_t)random_below(sim, 60);
    sim->skew_ms = sim->options.is_calm ? 50 : random_below(sim, 3) * 1000;
    sim->config = (struct consensus_config){
        .chain_id = sim->chain_id,
        .timeout_ms = sim->options.is_calm ? 1000 : (uint32_t)(500 + random_below(sim, 1000))};
    for (size_t i = 0; i < SIM_NODES; i++) {
        struct sim_node *node = &sim->nodes[i];
        node->hostile = 0;
        node->is_up = false;
        node->side = 0;
        node->slow_disk_ms = sim->options.is_calm ? 1 : 5;
        node->epoch = 0;
        memset(node->has_asked, 0, sizeof node->has_asked);
        node->clock_offset_ms =
            (int64_t)random_below(sim, 2 * sim->skew_ms + 1) - (int64_t)sim->skew_ms;
    }
    groups_choose(sim);
    make_genesis(sim);
    judge_begin(sim);
    overrun_begin(sim);
    faults_begin(sim);
    for (uint16_t i = 0; i < sim->node_count; i++) node_begin(sim, &sim->nodes[i]);
    if (sim->stall == STALL_AWAY) node_crash(sim, &sim->nodes[sim->away]);
}

// Each of them hears of each other's steps.
static uint64_t most_steps(const struct sim *sim) {
    return 2 * 1000 * 1000 + 10 * 1000 * (uint64_t)sim->keys * sim->keys;
}

static void run(struct sim *sim, uint64_t seed) {
    struct sim_occasion occasion;
    begin(sim, seed);
    while (!sim->violation && !judge_is_done(sim) && occasion_next(sim, &occasion)) {
        sim->now_ms = occasion.at_ms;
        if (!sim->is_healed && sim->now_ms >= sim->heal_ms) faults_heal(sim);
        if (occasion.kind == AT_FAULT)
            faults_happen(sim);
        else
            node_occasion(sim, &occasion);
        judge_progress(sim);
        if (sim->step_count > most_steps(sim)) judge_fail(sim, "no end after so many steps");
    }
    if (!sim->violation && !sim->is_overrun && !judge_is_done(sim))
        judge_fail(sim, "nothing happens any more");
    uint64_t recovery = sim->is_healed && !sim->is_overrun ? sim->now_ms - sim->heal_ms : 0;
    if (!sim->options.is_calm && recovery > sim->figures.longest_recovery_ms)
        sim->figures.longest_recovery_ms = recovery;
    sim->figures.seeds++;
    sim->figures.steps += sim->step_count;
    sim->figures.epochs += sim->epoch_count;
}

static int compare_latency(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void print_latency(struct sim *sim) {
    size_t count = sim->latency_count;
    if (count == 0) return;
    qsort(sim->latencies, count, sizeof *sim->latencies, compare_latency);
    double blocks = (double)sim->figures.blocks;
    printf(", \"delta_ms\": 50, \"median_ms\": %u, \"p99_ms\": %u"
           ", \"messages_per_node_block\": %.1f, \"bytes_per_node_block\": %.0f",
           sim->latencies[count / 2], sim->latencies[count * 99 / 100],
           (double)sim->figures.messages / blocks / sim->node_count,
           (double)sim->figures.bytes / blocks / sim->node_count);
}

static void print_result(struct sim *sim, double seconds, uint64_t digest) {
    const struct sim_figures *figures = &sim->figures;
    const struct sim_faults *faults = &figures->faults;
    printf("{\"name\": \"sim_agreement\", \"seeds\": %" PRIu64 ", \"violations\": %d",
           figures->seeds, sim->violation ? 1 : 0);
    if (sim->violation)
        printf(", \"seed\": %" PRIu64 ", \"violation\": \"%s\"", sim->seed, sim->violation);
    printf(", \"grouped_seeds\": %" PRIu64 ", \"overrun_seeds\": %" PRIu64 ", \"forks\": %" PRIu64
           ", \"halts_two_certificates\": %" PRIu64 ", \"halts_two_branches\": %" PRIu64
           ", \"halts_invalid_final\": %" PRIu64,
           figures->grouped_seeds, figures->overrun_seeds, figures->forks,
           figures->halts[HALT_TWO_CERTIFICATES], figures->halts[HALT_TWO_BRANCHES],
           figures->halts[HALT_INVALID_FINAL]);
    printf(", \"steps\": %" PRIu64 ", \"messages\": %" PRIu64 ", \"blocks\": %" PRIu64
           ", \"epochs\": %" PRIu64 ", \"null_views\": %" PRIu64 ", \"repeats\": %" PRIu64
           ", \"repeats_at_cap\": %" PRIu64 ", \"evidence\": %" PRIu64 ", \"twins_met\": %" PRIu64
           ", \"fetches\": %" PRIu64,
           figures->steps, figures->messages, figures->blocks, figures->epochs, figures->null_views,
           figures->repeats, figures->repeats_at_cap, figures->evidence, figures->twins_met,
           figures->fetches);
    printf(", \"faults\": {\"lost\": %" PRIu64 ", \"duplicated\": %" PRIu64
           ", \"reordered\": %" PRIu64 ", \"held_back\": %" PRIu64 ", \"late\": %" PRIu64
           ", \"crashes\": %" PRIu64 ", \"crashes_of_all\": %" PRIu64 ", \"torn\": %" PRIu64
           ", \"partitions\": %" PRIu64 ", \"clock_jumps\": %" PRIu64,
           faults->lost, faults->duplicated, faults->reordered, faults->held_back, faults->late,
           faults->crashes, faults->crashes_of_all, faults->torn, faults->partitions,
           faults->clock_jumps);
    printf(", \"hostile_nodes\": %" PRIu64 ", \"forged\": %" PRIu64 ", \"refused\": %" PRIu64
           ", \"synced\": %" PRIu64 ", \"unbuilt\": %" PRIu64 ", \"useless\": %" PRIu64
           ", \"stalls\": %" PRIu64 "}",
           faults->hostile_nodes, faults->forged, faults->refused, faults->synced, faults->unbuilt,
           faults->useless, faults->stalls);
    print_latency(sim);
    printf(", \"farthest_views\": %" PRIu64 ", \"longest_recovery_ms\": %" PRIu64
           ", \"seconds\": %.2f, \"seeds_per_second\": %.1f"
           ", \"digest\": \"%016" PRIx64 "\"}\n",
           figures->farthest_views, figures->longest_recovery_ms, seconds,
           (double)figures->seeds / seconds, digest);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void) {
    static struct sim sim;
    sim.options = (struct sim_options){.seed = number_from("SEED", 1),
                                       .seeds = number_from("SEEDS", 1000),
                                       .keys = (uint16_t)number_from("NODES", 0),
                                       .group = (uint16_t)number_from("GROUP", 0),
                                       .is_calm = number_from("CALM", 0) != 0,
                                       .is_overrun = number_from("OVERRUN", 0) != 0,
                                       .is_traced = number_from("TRACE", 0) != 0};
    if (sim.options.keys > LIMIT_WITNESSES || (sim.options.keys && sim.options.keys < 4)) {
        fprintf(stderr, "NODES is 4 to %d\n", LIMIT_WITNESSES);
        return 2;
    }
    if (crypto_init() != STATUS_OK) return 2;
    double start = seconds_now();
    uint64_t digest = 0;
    world_open(&sim);
    for (uint64_t i = 0; i < sim.options.seeds && !sim.violation; i++) {
        run(&sim, sim.options.seed + i);
        digest = (digest ^ sim.digest) * 0x100000001b3u;
    }
    print_result(&sim, seconds_now() - start, digest);
    int result = sim.violation ? 1 : 0;
    world_close(&sim);
    return result;
}
