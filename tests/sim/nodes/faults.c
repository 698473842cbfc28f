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
    sim->heal_ms = sim->now_ms + 4000 + draws_below(&sim->draws, 16000);
    for (uint16_t i = 0; i < sim->node_count; i++)
        crash_disk_lose_all(sim->nodes[i].disk, draws_percent(&sim->draws, 25));
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

void faults_happen(struct sim *sim) {
    if (sim->is_healed) return;
    struct sim_node *node = &sim->nodes[draws_below(&sim->draws, sim->node_count)];
    switch (draws_below(&sim->draws, 6)) {
    case 0:
        crash(node);
        break;
    case 1: // soon, in the middle of whatever it does
    case 2:
        crash_disk_cut_at(node->disk, 1 + draws_below(&sim->draws, 40));
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
    }
    plan_fault(sim);
}

void faults_heal(struct sim *sim) {
    sim->is_healed = true;
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct sim_node *node = &sim->nodes[i];
        if (!crash_disk_is_cut(node->disk)) crash_disk_cut_at(node->disk, 0);
        node->wall_offset_ms = (int64_t)draws_below(&sim->draws, 201) - 100;
    }
    sim->heal_height = sim->final_count - 1;
}
