// SPDX-License-Identifier: Apache-2.0
// Who holds which keys, and who is hostile.
#include "tests/sim/drivers/drivers.h"

enum { GROUPED_PERCENT = 35, TINY_KEYS = 4, SMALL_KEYS = 7, MANY_KEYS = 16 };

bool node_holds(const struct sim_node *node, uint16_t key) {
    for (uint16_t i = 0; i < node->key_count; i++)
        if (node->keys[i] == key) return true;
    return false;
}

struct witness_group group_of(const struct sim_epoch *epoch, const struct sim_node *node) {
    struct witness_group group = {0};
    for (uint16_t i = 0; i < node->key_count; i++)
        if (epoch->index_of[node->keys[i]] != WITNESS_NONE)
            group_add(&group, epoch->index_of[node->keys[i]]);
    return group;
}

static struct sim_node *add_node(struct sim *sim) {
    ENSURE(sim->node_count < SIM_NODES);
    struct sim_node *node = &sim->nodes[sim->node_count];
    node->sim = sim;
    node->index = sim->node_count++;
    node->key_count = 0;
    node->is_hostile = node->is_absent = node->is_twisted = false;
    node->has_met = node->is_silenced = false;
    node->has_others_keys = node->has_work = node->is_aside = false;
    node->life = 0;
    node->reached = (struct sign_place){0};
    node->hurry = 0;
    node->builds_from_ms = 0;
    node->clock_offset_ms = (int64_t)sim_random(sim, 1001) - 500;
    false_disk_init(&node->disk, sim_random(sim, 0));
    return node;
}

static void share_out(struct sim *sim, uint16_t largest, bool is_by_seed) {
    for (uint16_t key = 0; key < sim->keys;) {
        struct sim_node *node = add_node(sim);
        uint16_t count = is_by_seed ? (uint16_t)(1 + sim_random(sim, largest)) : largest;
        for (; count > 0 && key < sim->keys; count--) node->keys[node->key_count++] = key++;
    }
}

// Of a hostile node's keys there is another node that does not know of it, or nobody has them.
static void choose_hostile(struct sim *sim, uint16_t wanted) {
    uint16_t count = sim->node_count;
    for (uint16_t i = 0; i < count; i++) {
        struct sim_node *node = &sim->nodes[i];
        if (sim->hostile_keys + node->key_count > wanted) continue;
        sim->hostile_keys = (uint16_t)(sim->hostile_keys + node->key_count);
        node->is_hostile = true;
        node->is_absent = sim_percent(sim, 20);
        if (node->is_absent) {
            sim->figures.absent++;
            continue;
        }
        struct sim_node *twin = add_node(sim);
        memcpy(twin->keys, node->keys, sizeof twin->keys);
        twin->key_count = node->key_count;
        twin->is_hostile = true;
        sim->figures.twins++;
    }
}

void groups_choose(struct sim *sim) {
    const struct sim_options *options = &sim->options;
    bool is_grouped = !options->is_calm && options->group == 0 && sim_percent(sim, GROUPED_PERCENT);
    uint16_t most = is_grouped ? MANY_KEYS : SMALL_KEYS;
    sim->keys = options->keys;
    uint16_t least = is_grouped && sim_percent(sim, 50) ? MANY_KEYS - 3 : TINY_KEYS;
    if (sim->keys == 0) sim->keys = (uint16_t)(least + sim_random(sim, most - least + 1u));
    uint16_t largest = options->group ? options->group : 1;
    if (is_grouped) largest = (uint16_t)(2 + sim_random(sim, sim->keys - 1u));
    sim->node_count = sim->hostile_keys = sim->silent_keys = 0;
    memset(sim->signed_until, 0, sizeof sim->signed_until);
    memset(sim->signs_from, 0, sizeof sim->signs_from);
    share_out(sim, largest, options->group == 0);
    sim->figures.grouped_seeds += largest > 1;
    uint16_t bound = witness_faults(sim->keys);
    if (options->hostile > 0) {
        choose_hostile(sim, options->hostile < bound ? options->hostile : bound);
        return;
    }
    if (options->is_calm || !sim_percent(sim, 40)) return;
    bool is_full = sim_percent(sim, 50);
    choose_hostile(sim, is_full ? bound : (uint16_t)(1 + sim_random(sim, bound)));
}

// Each has a log that is not of its keys now. Both are silent until the next epoch, so together
// they have to be few enough.
static bool move_key(struct sim *sim, struct sim_node *from, struct sim_node *to) {
    if (from == to || from->is_hostile || to->is_hostile || from->key_count == 0) return false;
    uint32_t silent = (uint32_t)sim->silent_keys + from->key_count + to->key_count;
    bool are_few = silent + sim->hostile_keys <= witness_faults((uint16_t)(sim->keys - 1));
    if (!from->is_up || !to->is_up || !are_few) return false;
    sim->silent_keys = (uint16_t)silent;
    sim->figures.moved_keys++;
    node_crash(from, sim_percent(sim, 50) ? CRASH_KILL : CRASH_POWER, 1 + sim_random(sim, 3000));
    node_crash(to, sim_percent(sim, 50) ? CRASH_KILL : CRASH_POWER, 1 + sim_random(sim, 3000));
    uint16_t key = from->keys[--from->key_count];
    to->keys[to->key_count++] = key;
    sim->signs_from[key] = sim->signed_until[key];
    from->has_others_keys = to->has_others_keys = true;
    return true;
}

void groups_move_key(struct sim *sim) {
    for (int i = 0; i < 20; i++) {
        struct sim_node *from = &sim->nodes[sim_random(sim, sim->node_count)];
        struct sim_node *to = &sim->nodes[sim_random(sim, sim->node_count)];
        if (move_key(sim, from, to)) return;
    }
}
