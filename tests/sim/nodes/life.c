// SPDX-License-Identifier: Apache-2.0
// A node's lives, one process after the other on one disk.
#include <stdio.h>

#include "chaincore/base/file.h"
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
    bool was_agreeing = node->replica != NULL;
    process_enter(node);
    if (was_agreeing) agreeing_close(node);
    node_close(node->node);
    process_leave();
    node->node = NULL;
    node->is_up = false;
    if (was_agreeing) links_left(node);
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
    view_add(node->sim, node->index, kind == CRASH_KILL ? VIEW_KILL : VIEW_POWER, 0);
    crash_disk_cut(node->disk); // whatever it does from here on, the process is dead
    life_close(node);
    crash_disk_restart(node->disk, kind);
    plan_restart(node, back_after_ms);
}

void life_stop(struct sim_node *node, uint64_t back_after_ms) {
    struct sim *sim = node->sim;
    if (!node->is_up) return;
    life_close(node);
    view_add(sim, node->index, VIEW_STOP, 0);
    sim->figures.stops++;
    bool has_power = !crash_disk_is_cut(node->disk) && draws_percent(&sim->draws, 50);
    crash_disk_restart(node->disk, has_power ? CRASH_KILL : CRASH_POWER);
    plan_restart(node, back_after_ms);
}

static void remove_votes(const struct sim_node *node) {
    char folder[128];
    struct disk_folder *votes;
    struct disk_list list;
    snprintf(folder, sizeof folder, "%s/votes", node->folder);
    if (!file_exists(folder)) return;
    ENSURE(disk_folder_open(&votes, folder) == STATUS_OK);
    struct disk disk = disk_folder_calls(votes);
    ENSURE(disk.list(disk.context, &list) == STATUS_OK);
    for (size_t i = 0; i < list.count; i++)
        ENSURE(disk.remove(disk.context, list.files[i]) == STATUS_OK);
    disk_folder_close(votes);
    ENSURE(file_sync_directory(folder) == STATUS_OK);
}

void life_lose_votes(struct sim_node *node, bool loses_all) {
    struct sim *sim = node->sim;
    life_crash(node, CRASH_POWER, 1 + draws_below(&sim->draws, 3000));
    if (loses_all)
        world_wipe(node);
    else
        remove_votes(node);
    view_add(sim, node->index, VIEW_LOST_VOTES, 0);
    node->is_silenced = false;
    node->has_lost_votes = !node->is_hostile; // a hostile one does as if it had never signed
}

// In a call it may be killed as well: what it wrote is there for the next process, and not yet
// durable. Only power that goes before it is synced shows who relies on it, so it often goes soon.
static enum crash_kind any_kind(struct sim_node *node) {
    struct sim *sim = node->sim;
    bool is_kill = !node->is_doomed && draws_percent(&sim->draws, 50);
    sim->figures.kills_in_calls += is_kill;
    node->is_doomed = is_kill && draws_percent(&sim->draws, 75);
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
    struct secret_key keys[SIM_KEYS];
    for (uint16_t i = 0; i < node->key_count; i++) keys[i] = sim->keys[node->keys[i]];
    struct node_config config = {.data_dir = node->folder,
                                 .genesis = buf_bytes(&sim->genesis),
                                 .codes = &code,
                                 .code_count = 1,
                                 .witness_keys = keys,
                                 .witness_key_count = node->key_count,
                                 .must_prune = node->must_prune,
                                 .segment_bytes = node->segment_bytes,
                                 .certificates_in_file = node->certificates_in_file,
                                 .checkpoints_at_once = true,
                                 .on_dropped = judge_note_dropped,
                                 .context = node};
    enum status status = node_open(&node->node, &config);
    if (status != STATUS_OK || !sim_is_many(sim)) return status;
    status = agreeing_open(node);
    if (status != STATUS_OK) node_close(node->node);
    return status;
}

// With another copy of its keys about, a hostile process may find what cannot be.
static void fail(struct sim_node *node, const char *what, enum status status) {
    if (node->is_hostile) return;
    judge_fail(node->sim, "node %u %s: %s", node->index, what, status_name(status));
}

// In the middle of the blocks that it fetches in bulk, or of what makes them durable.
static void cut_in_join(struct sim_node *node) {
    struct sim *sim = node->sim;
    if (node->cuts == 0) return;
    node->cuts--;
    sim->figures.cuts_in_joins++;
    crash_disk_cut_at(node->disk, 1 + draws_below(&sim->draws, 200));
}

void life_start(struct sim_node *node) {
    struct sim *sim = node->sim;
    node->life++;
    node->dropped_count = 0;
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
        fail(node, "does not start", status);
        return;
    }
    node->is_up = true;
    view_add(sim, node->index, VIEW_UP, 0);
    if (is_dead(node)) return;
    judge_silence(node);
    if (!node->is_hostile) judge_started(node);
    if (node->is_doomed && !sim->is_healed)
        crash_disk_cut_at(node->disk, 1 + draws_below(&sim->draws, 6));
    cut_in_join(node);
    if (sim_is_many(sim)) links_came(node);
    life_plan(node, sim->now_ms + (sim_is_many(sim) ? 0 : sim->block_interval_ms));
}

void life_run(struct sim_node *node) {
    struct sim *sim = node->sim;
    node->run_at_ms = 0;
    sim->figures.runs++;
    process_enter(node);
    enum status status = node->replica ? agreeing_run(node) : lone_run(node);
    process_leave();
    if (is_dead(node)) return;
    if (status != STATUS_OK) {
        fail(node, "stops", status);
        life_crash(node, CRASH_KILL, 1 + draws_below(&sim->draws, 2000));
        return;
    }
    if (!node->is_hostile) judge_shown(node);
    life_plan(node, node->replica ? agreeing_wake_ms(node) : sim->now_ms + sim->block_interval_ms);
}
