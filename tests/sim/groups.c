// SPDX-License-Identifier: Apache-2.0
// Who holds which keys, and who is hostile: nodes of one key each, or groups, up to one that is a
// quorum alone; hostile ones with as many keys together as agreement bears.
#include "tests/sim/sim.h"

enum { GROUPED_PERCENT = 40, STALLED_PERCENT = 2, STALLED_NODES = 16, TWO_FACED_PERCENT = 75 };

static void share_out(struct sim *sim, uint16_t largest) {
    bool is_by_seed = sim->options.group == 0;
    sim->node_count = 0;
    for (uint16_t first = 0; first < sim->keys;) {
        struct sim_node *node = &sim->nodes[sim->node_count++];
        uint16_t count = is_by_seed ? (uint16_t)(1 + random_below(sim, largest)) : largest;
        if (count > sim->keys - first) count = (uint16_t)(sim->keys - first);
        node->first_key = first;
        node->key_count = count;
        first = (uint16_t)(first + count);
    }
}

static void make_hostile(struct sim *sim, struct sim_node *node) {
    node->hostile = 1u << random_below(sim, HOSTILE_KINDS);
    if (random_percent(sim, 40)) node->hostile |= 1u << random_below(sim, HOSTILE_KINDS);
    if (sim->is_two_faced)
        node->hostile = HOSTILE_TWO_FACED | (random_percent(sim, 30) ? HOSTILE_INVALID : 0);
    sim->hostile_keys = (uint16_t)(sim->hostile_keys + node->key_count);
    sim->figures.faults.hostile_nodes++;
}

static void add_twins(struct sim *sim) {
    uint16_t count = sim->node_count;
    for (uint16_t i = 0; i < count; i++) {
        const struct sim_node *node = &sim->nodes[i];
        if (!(node->hostile & HOSTILE_TWIN) || sim->node_count == SIM_NODES) continue;
        struct sim_node *twin = &sim->nodes[sim->node_count++];
        twin->first_key = node->first_key;
        twin->key_count = node->key_count;
        twin->hostile = node->hostile;
    }
}

// One more than it bears, or up to all but one.
static uint16_t any_overrun(struct sim *sim) {
    uint16_t least = (uint16_t)(witness_faults(sim->keys) + 1);
    if (random_percent(sim, 50)) return least;
    return (uint16_t)(least + random_below(sim, (uint64_t)sim->keys - least));
}

// Whoever still fits; where agreement is to be overrun, until the bound is behind.
static void choose_hostile(struct sim *sim) {
    uint16_t bound = witness_faults(sim->keys);
    uint16_t wanted = random_percent(sim, 50) ? bound : (uint16_t)random_below(sim, bound + 1u);
    sim->hostile_keys = 0;
    if (sim->options.is_calm) return;
    if (sim->is_overrun) wanted = any_overrun(sim);
    for (uint16_t i = 0; i < sim->node_count && sim->hostile_keys < wanted; i++) {
        struct sim_node *node = &sim->nodes[i];
        bool fits = sim->hostile_keys + node->key_count <= wanted;
        if (fits || sim->is_overrun) make_hostile(sim, node);
    }
    add_twins(sim);
}

// Whose absence leaves a quorum with the hostile ones, and none without them.
static struct sim_node *find_missed(struct sim *sim) {
    uint16_t bound = witness_faults(sim->keys), least = (uint16_t)(bound - sim->hostile_keys + 1);
    uint16_t from = (uint16_t)random_below(sim, sim->node_count);
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct sim_node *node = &sim->nodes[(from + i) % sim->node_count];
        if (!node->hostile && node->key_count >= least && node->key_count <= bound) return node;
    }
    return NULL;
}

// All of them in one way, or none: what ends views are votes, and no timer.
static void choose_stall(struct sim *sim) {
    uint16_t bound = witness_faults(sim->keys);
    sim->hostile_keys = 0;
    sim->stall = STALL_HELD;
    sim->figures.faults.stalls++;
    if (random_percent(sim, 50)) return;
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct sim_node *node = &sim->nodes[i];
        if (sim->hostile_keys + node->key_count > bound) continue;
        node->hostile = HOSTILE_KEEPS_FINALIZE;
        sim->hostile_keys = (uint16_t)(sim->hostile_keys + node->key_count);
        sim->figures.faults.hostile_nodes++;
    }
    const struct sim_node *missed = sim->hostile_keys > 0 ? find_missed(sim) : NULL;
    if (!missed) return;
    sim->stall = STALL_AWAY;
    sim->away = missed->index;
}

void groups_choose(struct sim *sim) {
    bool is_free = !sim->options.is_calm && !sim->is_overrun;
    bool is_grouped = is_free && sim->options.group == 0 && random_percent(sim, GROUPED_PERCENT);
    sim->keys = sim->options.keys;
    if (sim->keys == 0) sim->keys = (uint16_t)(4 + random_below(sim, is_grouped ? 9 : 4));
    uint16_t largest = sim->options.group ? sim->options.group : 1;
    if (is_grouped) largest = (uint16_t)(2 + random_below(sim, sim->keys - 1u));
    share_out(sim, largest);
    if (largest > 1) sim->figures.grouped_seeds++;
    sim->stall = STALL_NONE;
    sim->is_two_faced = sim->is_overrun && random_percent(sim, TWO_FACED_PERCENT);
    sim->faces.view = 0;
    if (is_free && sim->node_count <= STALLED_NODES && random_percent(sim, STALLED_PERCENT))
        choose_stall(sim);
    else
        choose_hostile(sim);
}
