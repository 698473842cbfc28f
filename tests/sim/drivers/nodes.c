// SPDX-License-Identifier: Apache-2.0
// A node's life: driver and disk, crashes and restarts.
#include <stdlib.h>

#include "tests/sim/drivers/drivers.h"

static struct driver_time time_of(const struct sim_node *node) {
    uint64_t now = node->sim->now_ms;
    return (struct driver_time){.now_ms = now,
                                .wall_ms = (uint64_t)((int64_t)now + node->clock_offset_ms)};
}

static void plan_run(struct sim_node *node, uint64_t at_ms) {
    if (node->run_at_ms > node->sim->now_ms && node->run_at_ms <= at_ms) return;
    node->run_at_ms = at_ms;
    occasion_add(node->sim,
                 &(struct sim_occasion){
                     .at_ms = at_ms, .kind = AT_RUN, .node = node->index, .life = node->life});
}

static void plan_wake(struct sim_node *node) {
    uint64_t wake = driver_wake_ms(node->driver), now = node->sim->now_ms;
    if (wake == UINT64_MAX) return;
    node->hurry = wake <= now ? node->hurry + 1 : 0;
    if (node->hurry > 1000) judge_fail(node->sim, "node %u wakes for nothing", node->index);
    plan_run(node, wake > now ? wake : now + 1);
}

// When a disk fails, the process has to die; the machine may live, with what was not synced.
static bool lives_on(struct sim_node *node, enum status status) {
    if (status == STATUS_OK) return true;
    if (node->disk.fails_at == 0)
        judge_fail(node->sim, "node %u stops: %s", node->index, status_name(status));
    node->sim->figures.failed_disks++;
    bool lives = sim_percent(node->sim, 50);
    node_crash(node, lives ? CRASH_KILL : CRASH_POWER, 1 + sim_random(node->sim, 3000));
    return false;
}

// A log of other keys is refused, until that is asked for.
static enum status open_driver(struct sim_node *node, struct driver_config *config) {
    enum status status = driver_open(&node->driver, config);
    if (!node->has_others_keys) return status;
    if (status != STATUS_CONFLICT) {
        judge_fail(node->sim, "node %u takes the log of other keys: %s", node->index,
                   status_name(status));
        return status;
    }
    config->accepts_new_keys = true;
    node->has_others_keys = false;
    return driver_open(&node->driver, config);
}

void node_start(struct sim_node *node) {
    struct sim *sim = node->sim;
    struct driver_calls calls = model_calls(node);
    struct disk disk = false_disk_calls(&node->disk);
    struct consensus_root root = {.header = sim->genesis, .id = sim->genesis_id};
    if (node->final_height > 0) model_root(node, &root);
    struct secret_key keys[SIM_KEYS];
    for (uint16_t i = 0; i < node->key_count; i++) keys[i] = sim->secrets[node->keys[i]];
    struct driver_config config = {.calls = &calls,
                                   .disk = &disk,
                                   .chain_id = sim->chain_id,
                                   .keys = keys,
                                   .key_count = node->key_count,
                                   .is_first_start = node->life == 0,
                                   .timeout_ms = sim->timeout_ms,
                                   .slack_bytes = sim->slack_bytes,
                                   .root = &root};
    if (!node->finals) node->finals = calloc(SIM_HEIGHTS, sizeof *node->finals);
    node->life++;
    node->executed_count = 0;
    node->run_at_ms = 0;
    node->unbuilt.attempts = 0;
    node->has_met = node->is_silenced;
    enum status status = open_driver(node, &config);
    if (status != STATUS_OK) {
        judge_fail(sim, "node %u does not start: %s", node->index, status_name(status));
        return;
    }
    node->is_up = true;
    judge_started(node);
    node_change_work(node);
}

void node_run(struct sim_node *node) {
    struct driver_time time = time_of(node);
    node->run_at_ms = 0;
    node->sim->figures.runs++;
    if (!lives_on(node, driver_run(node->driver, &time))) return;
    judge_ran(node);
    plan_wake(node);
}

void node_crash(struct sim_node *node, enum crash_kind kind, uint64_t back_after_ms) {
    struct sim *sim = node->sim;
    struct verify_counts counts;
    if (!node->is_up) return;
    driver_count(node->driver, &counts);
    sim->figures.computed += counts.computed;
    sim->figures.remembered += counts.remembered;
    driver_close(node->driver);
    node->driver = NULL;
    node->is_up = false;
    node->life++;
    node->disk.fails_at = 0;
    if (kind == CRASH_POWER) false_disk_crash(&node->disk);
    occasion_add(sim, &(struct sim_occasion){.at_ms = sim->now_ms + back_after_ms,
                                             .kind = AT_RESTART,
                                             .node = node->index,
                                             .life = node->life});
}

void node_deliver(struct sim_node *node, uint16_t from, struct bytes bytes) {
    if (driver_receive(node->driver, from, bytes) != STATUS_OK) node->sim->figures.refused++;
    plan_run(node, node->sim->now_ms + 1 + sim_random(node->sim, 3));
}

void node_sync(struct sim_node *node, uint16_t from) {
    struct sim *sim = node->sim;
    struct consensus_root root;
    struct driver_time time = time_of(node);
    if (!sim->nodes[from].finals || !model_copy(node, &sim->nodes[from], &root)) return;
    sim->figures.syncs++;
    if (!lives_on(node, driver_take_synced(node->driver, &root, &time))) return;
    judge_ran(node);
    plan_wake(node);
}

// Transactions come and go; where empty blocks are left out, that is what makes a chain move.
void node_change_work(struct sim_node *node) {
    struct sim *sim = node->sim;
    if (!node->is_up) return;
    node->has_work = sim->is_healed && !sim->is_idle ? true : sim_percent(sim, 40);
    driver_note_work(node->driver, node->has_work);
    uint64_t after = 500 + sim_random(sim, 4000);
    if (sim->leaves_out)
        occasion_add(sim, &(struct sim_occasion){.at_ms = sim->now_ms + after,
                                                 .kind = AT_WORK,
                                                 .node = node->index,
                                                 .life = node->life});
    node_run(node);
}
