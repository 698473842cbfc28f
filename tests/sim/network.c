// SPDX-License-Identifier: Apache-2.0
// The network and what goes wrong, until it heals: loss, duplicates, reordering by delay,
// partitions, crashes of one and of all, clocks that jump, disks that are slow.
#include "tests/sim/sim.h"

#include <string.h>

static size_t packet_bytes(const struct sim_packet *packet) {
    const size_t tag = 1, place = 8 + 8, id = 32;
    if (packet->kind != PACKET_MESSAGE) return 512;
    switch (packet->message.kind) {
    case MESSAGE_PROPOSAL:
        return 512;
    case MESSAGE_VOTES:
        return tag + place + id + 1 + (2 + 64) * (size_t)packet->message.votes.count;
    case MESSAGE_CERTIFICATE:
        return tag + place + 1 + id + 2 + 13 + 64 * (size_t)packet->certificate.signature_count;
    case MESSAGE_FETCH:
        return 64;
    case MESSAGE_AHEAD:
        return 16;
    }
    return 0;
}

struct sim_packet *packet_of_message(struct sim *sim, uint16_t from,
                                     const struct consensus_message *message) {
    struct sim_packet *packet = packet_new(sim, from);
    packet->message = *message;
    if (message->kind == MESSAGE_PROPOSAL) {
        packet->header = *message->proposal.header;
        packet->message.proposal.header = &packet->header;
    }
    if (message->kind == MESSAGE_VOTES) {
        ENSURE(message->votes.count <= LIMIT_WITNESSES);
        memcpy(packet->signers, message->votes.signers,
               message->votes.count * sizeof *packet->signers);
        packet->message.votes.signers = packet->signers;
    }
    if (message->kind == MESSAGE_CERTIFICATE) {
        const struct certificate *certificate = message->sealed.certificate;
        memcpy(&packet->certificate, certificate,
               offsetof(struct certificate, signatures) +
                   certificate->signature_count * sizeof(struct signature));
        packet->message.sealed.certificate = &packet->certificate;
    }
    return packet;
}

static void deliver(struct sim *sim, struct sim_node *from, struct sim_node *to,
                    struct sim_packet *packet) {
    uint64_t delay = sim->delay_ms + random_below(sim, sim->jitter_ms + 1);
    bool is_orderly = sim->is_healed || sim->options.is_calm || sim->stall != STALL_NONE;
    if (!is_orderly && random_percent(sim, 3)) {
        sim->figures.faults.reordered++;
        delay += random_below(sim, 2000);
    }
    if (from->hostile & HOSTILE_LATE) delay += random_below(sim, 3000);
    packet->references++;
    occasion_add(sim, &(struct sim_occasion){.at_ms = sim->now_ms + delay,
                                             .kind = AT_DELIVERY,
                                             .node = to->index,
                                             .packet = packet});
}

// Somebody on the way who can tell votes apart.
static bool is_of_kind(const struct sim_packet *packet, enum vote_kind kind) {
    const struct consensus_message *message = &packet->message;
    if (packet->kind != PACKET_MESSAGE) return false;
    if (message->kind == MESSAGE_PROPOSAL) return kind == VOTE_PROPOSE;
    if (message->kind == MESSAGE_VOTES) return message->votes.kind == kind;
    return message->kind == MESSAGE_CERTIFICATE && message->sealed.kind == kind;
}

static bool is_held_back(const struct sim *sim, const struct sim_packet *packet) {
    if (sim->is_late && is_of_kind(packet, VOTE_NULLIFY)) return true;
    return sim->held_back >= 0 && is_of_kind(packet, (enum vote_kind)sim->held_back);
}

bool network_withholds(struct sim *sim, const struct sim_occasion *occasion) {
    struct sim_node *node = &sim->nodes[occasion->node];
    struct consensus_state state;
    if (!sim->is_late || !node->is_up || !is_of_kind(occasion->packet, VOTE_NOTARIZE)) return false;
    consensus_look(node->core, &state);
    if (state.guard.view == state.view && state.guard.has_nullified) return false;
    sim->figures.faults.late++;
    return true;
}

void network_send_to(struct sim *sim, struct sim_node *from, struct sim_node *to,
                     struct sim_packet *packet) {
    if (to == from) return;
    if (packet->kind == PACKET_MESSAGE && packet->message.kind == MESSAGE_FETCH)
        from->has_asked[to->index] = true;
    sim->figures.messages++;
    sim->figures.bytes += packet_bytes(packet);
    bool is_cut = sim->is_partitioned && from->side != to->side;
    if (is_held_back(sim, packet)) {
        sim->figures.faults.held_back++;
        return;
    }
    if (is_cut || random_percent(sim, sim->loss_percent)) {
        sim->figures.faults.lost++;
        return;
    }
    deliver(sim, from, to, packet);
    if (!random_percent(sim, sim->duplicate_percent)) return;
    sim->figures.faults.duplicated++;
    deliver(sim, from, to, packet);
}

void network_send(struct sim *sim, struct sim_node *from, struct packet_target target,
                  struct sim_packet *packet) {
    const struct sim_epoch *epoch = epoch_find(sim, from->epoch);
    if (target.to == SEND_PEER) {
        network_send_to(sim, from, &sim->nodes[target.target], packet);
        return;
    }
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (target.to == SEND_ALL || node_holds(&sim->nodes[i], epoch->members[target.target]))
            network_send_to(sim, from, &sim->nodes[i], packet);
}

// Long enough for as many blocks as may stand without a final one, timeouts having grown.
enum { LATE_PERCENT = 3 };

static void next_fault(struct sim *sim) {
    uint64_t after = 100 + random_below(sim, sim->fault_pause_ms);
    occasion_add(sim, &(struct sim_occasion){.at_ms = sim->now_ms + after, .kind = AT_FAULT});
}

// Long enough for all views that there is room for, did they not slow down; the turns of who is
// away slow them down by themselves.
static void begin_stall(struct sim *sim) {
    uint64_t longest = sim->stall == STALL_AWAY ? 3000 : 500;
    uint64_t timeouts = longest / 2 + random_below(sim, longest / 2);
    sim->heal_ms = sim->now_ms + timeouts * sim->config.timeout_ms;
    if (sim->stall == STALL_HELD) sim->held_back = VOTE_FINALIZE;
}

void faults_begin(struct sim *sim) {
    sim->is_healed = sim->options.is_calm;
    sim->is_partitioned = false;
    sim->loss_percent = sim->duplicate_percent = 0;
    sim->held_back = -1;
    sim->is_late = false;
    sim->heal_ms = UINT64_MAX;
    if (sim->options.is_calm) return;
    if (sim->stall != STALL_NONE) {
        begin_stall(sim);
        return;
    }
    if (random_percent(sim, LATE_PERCENT)) {
        sim->is_late = true;
        sim->heal_ms =
            sim->now_ms + (uint64_t)sim->config.timeout_ms * (24u << LIMIT_TIMEOUT_DOUBLINGS);
        return;
    }
    static const uint32_t losses[] = {0, 1, 5, 15, 30}, pauses[] = {500, 2000, 4000, 16000};
    sim->loss_percent = losses[random_below(sim, 5)];
    sim->fault_pause_ms = pauses[random_below(sim, 4)];
    sim->duplicate_percent = (uint32_t)random_below(sim, 11);
    sim->heal_ms = sim->now_ms + 5000 + random_below(sim, 25000);
    next_fault(sim);
}

static struct sim_node *any_node(struct sim *sim) {
    return &sim->nodes[random_below(sim, sim->node_count)];
}

static void crash_all(struct sim *sim) {
    sim->figures.faults.crashes_of_all++;
    for (uint16_t i = 0; i < sim->node_count; i++) node_crash(sim, &sim->nodes[i]);
    for (uint16_t i = 0; i < sim->node_count; i++) node_restart(sim, &sim->nodes[i]);
}

static void toggle_partition(struct sim *sim) {
    sim->is_partitioned = !sim->is_partitioned;
    if (!sim->is_partitioned) return;
    sim->figures.faults.partitions++;
    trace(sim, NULL, "the network falls apart");
    for (uint16_t i = 0; i < sim->node_count; i++)
        sim->nodes[i].side = (uint32_t)random_below(sim, 2);
}

void faults_happen(struct sim *sim) {
    if (sim->is_healed) return;
    struct sim_node *node = any_node(sim);
    switch (random_below(sim, 9)) {
    case 0:
    case 1:
        node_crash(sim, node);
        break;
    case 2:
    case 3:
        for (uint16_t i = 0; i < sim->node_count; i++)
            if (random_percent(sim, 70)) node_restart(sim, &sim->nodes[i]);
        break;
    case 4:
        crash_all(sim);
        break;
    case 5:
        toggle_partition(sim);
        break;
    case 6:
        sim->figures.faults.clock_jumps++;
        node->clock_offset_ms =
            (int64_t)random_below(sim, 2 * sim->skew_ms + 1) - (int64_t)sim->skew_ms;
        break;
    case 7:
        node->slow_disk_ms = random_below(sim, 500);
        break;
    case 8:
        sim->held_back = sim->held_back < 0 ? (int)random_below(sim, 4) : -1;
        break;
    }
    next_fault(sim);
}

// Nobody is left who could tell the others what they had.
enum { ALL_STOP_PERCENT = 25 };

// From here on the network is good and nobody crashes. Clocks stay as wrong as they are.
void faults_heal(struct sim *sim) {
    if (random_percent(sim, ALL_STOP_PERCENT)) crash_all(sim);
    trace(sim, NULL, "the network heals");
    sim->is_healed = true;
    sim->heal_ms = sim->now_ms;
    sim->heal_height = sim->final_count - 1;
    sim->is_partitioned = sim->is_late = false;
    sim->held_back = -1;
    sim->loss_percent = sim->duplicate_percent = 0;
    for (uint16_t i = 0; i < sim->node_count; i++) {
        sim->nodes[i].slow_disk_ms = 5;
        node_restart(sim, &sim->nodes[i]);
    }
    judge_healed(sim);
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct consensus_event event = {.kind = EVENT_WORK, .peer = PEER_NONE, .has_work = true};
        if (!sim->violation) node_feed(sim, &sim->nodes[i], &event);
    }
}
