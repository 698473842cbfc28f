// SPDX-License-Identifier: Apache-2.0
// A node's lives, one process after the other on one disk.
#include "chaincore/node/node_internal.h"
#include "tests/sim/nodes/nodes.h"

void life_plan(struct sim_node *node, uint64_t at_ms) {
    uint64_t now = node->sim->now_ms;
    if (at_ms <= now) at_ms = now + 1;
    if (node->run_at_ms > now && node->run_at_ms <= at_ms) return;
    node->run_at_ms = at_ms;
    occasions_add(&node->sim->occasions,
                  &(struct occasion){
                      .at_ms = at_ms, .kind = AT_RUN, .node = node->index, .life = node->life});
}

void life_close(struct sim_node *node) {
    process_enter(node);
    node_close(node->node);
    process_leave();
    node->node = NULL;
    node->is_up = false;
    node->life++;
    node->run_at_ms = 0;
}

static void plan_restart(struct sim_node *node, uint64_t back_after_ms) {
    occasions_add(&node->sim->occasions,
                  &(struct occasion){.at_ms = node->sim->now_ms + back_after_ms,
                                     .kind = AT_RESTART,
                                     .node = node->index,
                                     .life = node->life});
}

void life_crash(struct sim_node *node, enum crash_kind kind, uint64_t back_after_ms) {
    if (!node->is_up) return;
    crash_disk_cut(node->disk); // whatever it does from here on, the process is dead
    life_close(node);
    crash_disk_restart(node->disk, kind);
    plan_restart(node, back_after_ms);
}

void life_stop(struct sim_node *node, uint64_t back_after_ms) {
    struct sim *sim = node->sim;
    if (!node->is_up) return;
    life_close(node);
    sim->figures.stops++;
    bool has_power = !crash_disk_is_cut(node->disk) && draws_percent(&sim->draws, 50);
    crash_disk_restart(node->disk, has_power ? CRASH_KILL : CRASH_POWER);
    plan_restart(node, back_after_ms);
}

// In a call it may be killed as well: what it wrote is there for the next process, and not yet
// durable. So the power goes soon after, often enough.
static enum crash_kind any_kind(struct sim_node *node) {
    struct sim *sim = node->sim;
    bool is_kill = draws_percent(&sim->draws, 35);
    sim->figures.kills_in_calls += is_kill;
    node->is_doomed = is_kill && !sim->is_healed && draws_percent(&sim->draws, 60);
    return is_kill ? CRASH_KILL : CRASH_POWER;
}

static bool is_dead(struct sim_node *node) {
    if (!crash_disk_is_cut(node->disk)) return false;
    life_crash(node, any_kind(node), 1 + draws_below(&node->sim->draws, 2000));
    return true;
}

static enum status open_node(struct sim_node *node) {
    struct sim *sim = node->sim;
    struct bytes code = buf_bytes(&sim->code);
    struct node_config config = {.data_dir = node->folder,
                                 .genesis = buf_bytes(&sim->genesis),
                                 .codes = &code,
                                 .code_count = 1,
                                 .witness_keys = sim->keys,
                                 .witness_key_count = SIM_KEYS,
                                 .must_prune = node->must_prune,
                                 .segment_bytes = node->segment_bytes,
                                 .certificates_in_file = node->certificates_in_file,
                                 .checkpoints_at_once = true};
    return node_open(&node->node, &config);
}

void life_start(struct sim_node *node) {
    struct sim *sim = node->sim;
    node->life++;
    process_enter(node);
    enum status status = open_node(node);
    process_leave();
    if (status != STATUS_OK && crash_disk_is_cut(node->disk)) {
        sim->figures.cuts_in_starts++;
        crash_disk_restart(node->disk, any_kind(node));
        plan_restart(node, 1 + draws_below(&sim->draws, 1000));
        return;
    }
    if (status != STATUS_OK) {
        judge_fail(sim, "node %u does not start: %s", node->index, status_name(status));
        return;
    }
    node->is_up = true;
    if (is_dead(node)) return;
    judge_started(node);
    if (node->is_doomed) crash_disk_cut_at(node->disk, 1 + draws_below(&sim->draws, 6));
    node->is_doomed = false;
    node->next_block_ms = sim->now_ms + sim->block_interval_ms;
    life_plan(node, node->next_block_ms);
}

// As the producer's thread does.
static enum status make_block(struct sim_node *sim_node) {
    struct node *node = sim_node->node;
    uint64_t parent = node->head.header.time_ms;
    uint64_t wall = (uint64_t)((int64_t)sim_node->sim->now_ms + sim_node->wall_offset_ms);
    uint64_t least = parent + node->params.block_interval_ms;
    return chain_extend(node, wall > least ? wall : least);
}

void life_run(struct sim_node *node) {
    struct sim *sim = node->sim;
    node->run_at_ms = 0;
    sim->figures.runs++;
    process_enter(node);
    enum status status = make_block(node);
    process_leave();
    if (is_dead(node)) return;
    if (status != STATUS_OK) {
        judge_fail(sim, "node %u stops: %s", node->index, status_name(status));
        return;
    }
    judge_shown(node);
    node->next_block_ms = sim->now_ms + sim->block_interval_ms;
    life_plan(node, node->next_block_ms);
}
