// SPDX-License-Identifier: Apache-2.0
// What goes wrong until it heals.
#include "tests/sim/nodes/nodes.h"

static void plan_fault(struct sim *sim) {
    occasions_add(&sim->occasions,
                  &(struct occasion){.at_ms = sim->now_ms + 200 + draws_below(&sim->draws, 2500),
                                     .kind = AT_FAULT});
}

void faults_begin(struct sim *sim) {
    sim->is_healed = false;
    uint64_t least = sim->is_large ? 30000 : 4000;
    sim->heal_ms = sim->now_ms + least + draws_below(&sim->draws, sim->is_large ? 40000 : 16000);
    plan_fault(sim);
}

static void crash(struct sim_node *node) {
    struct sim *sim = node->sim;
    bool is_kill = draws_percent(&sim->draws, 30);
    if (!node->is_up) return;
    sim->figures.kills += is_kill;
    sim->figures.power_cuts += !is_kill;
    life_crash(node, is_kill ? CRASH_KILL : CRASH_POWER, 1 + draws_below(&sim->draws, 3000));
}

// What may go wrong with one, whether it is alone or not.
static void trouble_one(struct sim_node *node) {
    struct sim *sim = node->sim;
    switch (draws_below(&sim->draws, 6)) {
    case 0:
        crash(node);
        break;
    case 1: // soon, in the middle of whatever it does
        crash_disk_cut_at(node->disk, 1 + draws_below(&sim->draws, 40));
        break;
    case 2:
        crash_disk_cut_at_sync(node->disk, 1 + draws_below(&sim->draws, 12));
        break;
    case 3: // and once more while it starts
        crash(node);
        crash_disk_cut_at(node->disk, 1 + draws_below(&sim->draws, 60));
        break;
    case 4: // and the power may go before it is down
        if (draws_percent(&sim->draws, 30))
            crash_disk_cut_at(node->disk, 1 + draws_below(&sim->draws, 20));
        life_stop(node, 1 + draws_below(&sim->draws, 1000));
        break;
    default:
        node->wall_offset_ms = (int64_t)draws_below(&sim->draws, 4001) - 2000;
        sim->figures.clock_jumps++;
        view_add(sim, node->index, VIEW_CLOCK, 0);
    }
}

static void cut_all(struct sim *sim) {
    sim->figures.cuts_of_all++;
    for (uint16_t i = 0; i < sim->node_count; i++)
        life_crash(&sim->nodes[i], CRASH_POWER, 1 + draws_below(&sim->draws, 500));
}

// Whose keys are silent for an epoch or two; of an honest one they must be as few as any set can do
// without, and nobody else's at the same time. A hostile one does as if it had never signed.
static void lose_votes(struct sim_node *node) {
    struct sim *sim = node->sim;
    bool has_hostile = false, was_any = false;
    for (uint16_t i = 0; i < sim->node_count; i++) {
        has_hostile = has_hostile || sim->nodes[i].is_hostile;
        was_any = was_any || sim->nodes[i].has_lost_votes;
    }
    if (!node->is_up || crash_disk_is_cut(node->disk)) return;
    if (!node->is_hostile && (has_hostile || was_any || node->key_count > 2)) return;
    bool loses_all = draws_percent(&sim->draws, 50);
    sim->figures.lost_votes++;
    sim->figures.wiped += loses_all;
    life_lose_votes(node, loses_all);
    node->shown_height = loses_all ? 0 : node->shown_height;
    node->charge_count = loses_all ? 0 : node->charge_count;
}

static void break_some(struct sim *sim, const struct sim_node *node) {
    for (uint16_t other = 0; other < sim->node_count; other++)
        if (other != node->index && draws_percent(&sim->draws, 50))
            links_break(sim, node->index, other);
}

static void trouble_many(struct sim_node *node) {
    struct sim *sim = node->sim;
    switch (draws_below(&sim->draws, 10)) {
    case 0:
        cut_all(sim);
        break;
    case 1:
    case 2:
        links_split(sim, !sim->is_partitioned);
        break;
    case 3:
        break_some(sim, node);
        break;
    case 4:
        lose_votes(node);
        break;
    default:
        trouble_one(node);
    }
}

// Who has evidence that the chain does not know has more to lose than others.
static struct sim_node *find_bearer(struct sim *sim) {
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct sim_node *node = &sim->nodes[i];
        if (node->is_up && node->charge_count > 0 && draws_percent(&sim->draws, 50)) return node;
    }
    return NULL;
}

void faults_happen(struct sim *sim) {
    if (sim->is_healed) return;
    struct sim_node *bearer = find_bearer(sim);
    if (bearer) crash(bearer);
    uint16_t count = sim_is_many(sim) ? (uint16_t)(sim->node_count - 1) : sim->node_count;
    struct sim_node *node = &sim->nodes[draws_below(&sim->draws, count)];
    if (sim_is_many(sim))
        trouble_many(node);
    else
        trouble_one(node);
    plan_fault(sim);
}

// Nobody is left who could tell the others what they had.
enum { ALL_STOP_PERCENT = 30 };

void faults_heal(struct sim *sim) {
    if (sim_is_many(sim) && draws_percent(&sim->draws, ALL_STOP_PERCENT)) {
        cut_all(sim);
        sim->figures.last_cuts++;
    }
    sim->is_healed = true;
    view_add(sim, 0, VIEW_HEALED, 0);
    links_split(sim, false);
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct sim_node *node = &sim->nodes[i];
        if (!crash_disk_is_cut(node->disk)) crash_disk_cut_at(node->disk, 0);
        node->wall_offset_ms = (int64_t)draws_below(&sim->draws, 201) - 100;
    }
    sim->heal_height = sim->final_count - 1;
}
