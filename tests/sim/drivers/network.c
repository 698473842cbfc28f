// SPDX-License-Identifier: Apache-2.0
// The network and what goes wrong until it heals.
#include "tests/sim/drivers/drivers.h"

static void deliver(struct sim *sim, const struct sim_node *from, const struct sim_node *to,
                    struct sim_packet *packet) {
    uint64_t delay = sim->delay_ms + sim_random(sim, sim->jitter_ms + 1);
    if (!sim->is_healed && sim_percent(sim, 3)) delay += sim_random(sim, 2000);
    packet->references++;
    occasion_add(sim, &(struct sim_occasion){.at_ms = sim->now_ms + delay,
                                             .kind = AT_DELIVERY,
                                             .node = to->index,
                                             .from = from->index,
                                             .life = to->life,
                                             .packet = packet});
}

static uint64_t draw_below(void *context, uint64_t bound) { return sim_random(context, bound); }

static uint16_t witnesses_of(void *context, uint64_t epoch) {
    const struct sim *sim = context;
    return epoch < sim->epoch_count ? sim->epochs[epoch].set.count : 0;
}

// What somebody on the way, or a hostile peer, makes of a message; empty: nothing.
static void twist(struct sim *sim, struct buf *out, struct bytes original) {
    static struct wire_message message;
    static const uint8_t other_body[] = {1, 2, 3};
    if (wire_decode(&message, original) != STATUS_OK) return;
    const struct forger forger = {
        .context = sim, .below = draw_below, .witnesses = witnesses_of, .most = sim->keys};
    bool has_body = message.kind == WIRE_PROPOSE || message.kind == WIRE_BLOCK;
    switch (sim_random(sim, has_body ? 3 : 2)) {
    case 0:
        buf_append(out, original);
        out->data[sim_random(sim, out->len)] ^= (uint8_t)(1 << sim_random(sim, 8));
        sim->figures.flipped++;
        break;
    case 1:
        forge_message(&forger, &message);
        forge_encode(out, &message, message.body);
        sim->figures.forged++;
        break;
    default:
        forge_encode(out, &message, BYTES_OF(other_body));
        sim->figures.spoiled++;
    }
}

static void trouble(struct sim *sim, struct sim_node *from, const struct sim_node *to,
                    struct sim_packet *packet) {
    struct buf twisted = {0};
    if (sim_percent(sim, 50)) {
        twist(sim, &twisted, buf_bytes(&packet->bytes));
    } else if (sim->seen_count > 0) {
        size_t count = sim->seen_count < SIM_SEEN ? (size_t)sim->seen_count : SIM_SEEN;
        buf_append(&twisted, buf_bytes(&sim->seen[sim_random(sim, count)]->bytes));
        sim->figures.replayed++;
    }
    if (twisted.len > 0) {
        from->is_twisted = true;
        struct sim_packet *other = packet_new(buf_bytes(&twisted));
        deliver(sim, from, to, other);
        packet_drop(other);
    }
    buf_clear(&twisted);
}

static void send_to(struct sim *sim, struct sim_node *from, const struct sim_node *to,
                    struct sim_packet *packet) {
    if (from == to) return;
    sim->figures.messages++;
    sim->figures.bytes += packet->bytes.len;
    bool is_apart = sim->is_partitioned && from->is_aside != to->is_aside;
    if (!sim->is_healed && (is_apart || sim_percent(sim, sim->loss_percent))) {
        sim->figures.lost++;
        return;
    }
    // Before what it is made of: the spoiled body comes first.
    if (!sim->is_healed && sim_percent(sim, sim->trouble_percent)) trouble(sim, from, to, packet);
    deliver(sim, from, to, packet);
    if (!sim->is_healed && sim_percent(sim, 2)) {
        sim->figures.duplicated++;
        deliver(sim, from, to, packet);
    }
}

void network_send(struct sim_node *from, uint16_t peer, struct bytes message) {
    struct sim *sim = from->sim;
    struct sim_packet *packet = packet_new(message);
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (peer == PEER_NONE || peer == i) send_to(sim, from, &sim->nodes[i], packet);
    struct sim_packet **place = &sim->seen[sim->seen_count++ % SIM_SEEN];
    if (*place) packet_drop(*place);
    *place = packet;
}

void network_plan_sync(struct sim_node *node, uint16_t peer) {
    occasion_add(node->sim,
                 &(struct sim_occasion){.at_ms = node->sim->now_ms + 2 * node->sim->delay_ms,
                                        .kind = AT_SYNC,
                                        .node = node->index,
                                        .from = peer,
                                        .life = node->life});
}

static void plan_fault(struct sim *sim) {
    occasion_add(sim, &(struct sim_occasion){.at_ms = sim->now_ms + 200 + sim_random(sim, 3000),
                                             .kind = AT_FAULT});
}

void faults_begin(struct sim *sim) {
    sim->is_healed = sim->options.is_calm;
    sim->is_partitioned = false;
    uint64_t least = sim->is_large ? 50000 : 5000;
    sim->heal_ms = sim->now_ms + least + sim_random(sim, sim->is_large ? 70000 : 25000);
    sim->loss_percent = sim_percent(sim, 50) ? 0 : (uint32_t)sim_random(sim, 30);
    sim->trouble_percent = (uint32_t)sim_random(sim, 10);
    if (!sim->options.is_calm) plan_fault(sim);
}

static enum crash_kind any_kind(struct sim *sim) {
    bool is_kill = sim_percent(sim, 40);
    if (is_kill)
        sim->figures.kills++;
    else
        sim->figures.power_cuts++;
    return is_kill ? CRASH_KILL : CRASH_POWER;
}

// Some stay away for longer than the others wait for them.
static uint64_t any_absence(struct sim *sim) {
    return sim_percent(sim, 25) ? 8000 + sim_random(sim, 20000) : 1 + sim_random(sim, 4000);
}

static void crash_all(struct sim *sim) {
    sim->figures.cuts_of_all++;
    for (uint16_t i = 0; i < sim->node_count; i++)
        node_crash(&sim->nodes[i], CRASH_POWER, 1 + sim_random(sim, 500));
}

// The log of votes is gone, and perhaps the chain too; of no more than can be missed, for they stay
// silent for an epoch or two.
static void lose_log(struct sim *sim, struct sim_node *node) {
    if (!node->is_up || node->is_hostile) return;
    uint32_t silent = (uint32_t)sim->silent_keys + node->key_count;
    if (silent + sim->hostile_keys > witness_faults((uint16_t)(sim->keys - 1))) return;
    sim->silent_keys = (uint16_t)silent;
    sim->figures.lost_logs++;
    for (uint16_t i = 0; i < node->key_count; i++)
        sim->signs_from[node->keys[i]] = sim->signed_until[node->keys[i]];
    node_crash(node, CRASH_POWER, 1 + sim_random(sim, 4000));
    uint64_t seed = sim_random(sim, 0);
    false_disk_clear(&node->disk);
    false_disk_init(&node->disk, seed);
    node->has_others_keys = false;
    node->reached = (struct sign_place){0};
    if (sim_percent(sim, 50)) model_reset(node);
}

void faults_happen(struct sim *sim) {
    if (sim->is_healed) return;
    struct sim_node *node = &sim->nodes[sim_random(sim, sim->node_count)];
    switch (sim_random(sim, 9)) {
    case 0:
    case 1:
        node_crash(node, any_kind(sim), any_absence(sim));
        break;
    case 2:
        if (node->is_up) node->disk.fails_at = node->disk.calls + 1 + sim_random(sim, 20);
        break;
    case 3:
        crash_all(sim);
        break;
    case 4:
        sim->is_partitioned = !sim->is_partitioned;
        for (uint16_t i = 0; i < sim->node_count; i++)
            sim->nodes[i].is_aside = sim_percent(sim, 50);
        sim->figures.partitions++;
        break;
    case 5:
        lose_log(sim, node);
        break;
    case 6:
        groups_move_key(sim);
        break;
    case 7:
        node->builds_from_ms = sim->now_ms + sim_random(sim, 4000);
        break;
    default:
        node->clock_offset_ms = (int64_t)sim_random(sim, 4001) - 2000;
    }
    plan_fault(sim);
}

// Nobody is left who could tell the others what they had.
enum { ALL_STOP_PERCENT = 30 };

void faults_heal(struct sim *sim) {
    if (sim_percent(sim, ALL_STOP_PERCENT)) {
        crash_all(sim);
        sim->figures.last_cuts++;
    }
    sim->is_healed = true;
    sim->is_partitioned = false;
    for (uint16_t i = 0; i < sim->node_count; i++) {
        sim->nodes[i].disk.fails_at = 0;
        sim->nodes[i].builds_from_ms = 0;
        sim->nodes[i].clock_offset_ms = (int64_t)sim_random(sim, 201) - 100;
        node_change_work(&sim->nodes[i]);
    }
    sim->heal_height = sim->final_count - 1;
}
