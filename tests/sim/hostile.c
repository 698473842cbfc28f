// SPDX-License-Identifier: Apache-2.0
// Hostile nodes: an honest state machine inside, whose driver lies. They sign with their own keys
// only, and know each other's messages as everybody does.
#include "tests/sim/sim.h"

static void send_to_some(struct sim *sim, struct sim_node *node, struct sim_packet *packet,
                         uint32_t percent) {
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (random_percent(sim, percent)) network_send_to(sim, node, &sim->nodes[i], packet);
}

static void send_vote(struct sim *sim, struct sim_node *node, const struct signed_vote *payload,
                      uint32_t percent) {
    struct consensus_message message = {.kind = MESSAGE_VOTE, .vote = *payload};
    tag_sign(&message.vote.signature, sim, node->key, payload);
    struct sim_packet *packet = packet_of_message(sim, node->index, &message);
    send_to_some(sim, node, packet, percent);
    packet_drop(sim, packet);
}

// The two blocks of a turn go to one half each.
static void send_two_proposals(struct sim *sim, struct sim_node *node,
                               const struct consensus_message *first) {
    const struct proposal *proposal = &first->proposal;
    struct header other = *proposal->header;
    const struct sim_block *parent = block_find(sim, &other.parent);
    other.tx_root.bytes[9] ^= 1;
    if (parent) block_state_root(&other.state_root, &parent->header, &other.tx_root);
    struct consensus_message second = *first;
    second.proposal.header = &other;
    second.proposal.id = block_add(sim, &other)->id;
    block_find(sim, &second.proposal.id)->is_held[node->index] = true;
    struct signed_vote vote = {.epoch = proposal->epoch,
                               .view = proposal->view,
                               .kind = VOTE_PROPOSE,
                               .block_id = second.proposal.id};
    tag_sign(&second.proposal.signature, sim, node->key, &vote);
    struct sim_packet *a = packet_of_message(sim, node->index, first);
    struct sim_packet *b = packet_of_message(sim, node->index, &second);
    for (uint16_t i = 0; i < sim->node_count; i++)
        network_send_to(sim, node, &sim->nodes[i], random_percent(sim, 50) ? a : b);
    packet_drop(sim, a);
    packet_drop(sim, b);
    const struct sim_epoch *epoch = epoch_find(sim, vote.epoch);
    vote.kind = VOTE_NOTARIZE;
    vote.witness = epoch->index_of[node->key];
    send_vote(sim, node, &vote, 60);
}

// Any block of the epoch again, whatever has been agreed on since.
static void send_repeat(struct sim *sim, struct sim_node *node,
                        const struct consensus_message *message) {
    struct consensus_message repeat = *message;
    const struct sim_block *block = &sim->blocks[random_below(sim, sim->block_count)];
    repeat.proposal.header = &block->header;
    repeat.proposal.id = block->id;
    struct signed_vote vote = {.epoch = message->proposal.epoch,
                               .view = message->proposal.view,
                               .kind = VOTE_PROPOSE,
                               .block_id = block->id};
    tag_sign(&repeat.proposal.signature, sim, node->key, &vote);
    struct sim_packet *packet = packet_of_message(sim, node->index, &repeat);
    send_to_some(sim, node, packet, 90);
    packet_drop(sim, packet);
}

bool hostile_send(struct sim *sim, struct sim_node *node, const struct consensus_action *action) {
    const struct consensus_message *message = &action->send.message;
    if (node->hostile & HOSTILE_MUTE) return true;
    if (node->hostile & HOSTILE_INVALID && message->kind == MESSAGE_PROPOSAL &&
        random_percent(sim, 30)) {
        send_repeat(sim, node, message);
        return true;
    }
    if (node->hostile & HOSTILE_EQUIVOCATE && message->kind == MESSAGE_PROPOSAL &&
        message->proposal.header->view == message->proposal.view) {
        send_two_proposals(sim, node, message);
        return true;
    }
    if (node->hostile & HOSTILE_SELECTIVE && action->send.to == SEND_ALL) {
        struct sim_packet *packet = packet_of_message(sim, node->index, message);
        send_to_some(sim, node, packet, 40);
        packet_drop(sim, packet);
        return true;
    }
    return false;
}

// Whatever others propose or vote for, each to some.
static void vote_for_all(struct sim *sim, struct sim_node *node,
                         const struct consensus_message *message) {
    struct signed_vote vote = {0};
    if (message->kind == MESSAGE_PROPOSAL)
        vote = (struct signed_vote){.epoch = message->proposal.epoch,
                                    .view = message->proposal.view,
                                    .block_id = message->proposal.id};
    else if (message->kind == MESSAGE_VOTE && random_percent(sim, 30))
        vote = message->vote;
    else
        return;
    const struct sim_epoch *epoch = epoch_find(sim, vote.epoch);
    if (!epoch || epoch->index_of[node->key] == WITNESS_NONE) return;
    vote.witness = epoch->index_of[node->key];
    struct hash id = vote.block_id;
    for (int kind = VOTE_NOTARIZE; kind <= VOTE_FINALIZE; kind++) {
        vote.kind = (enum vote_kind)kind;
        vote.block_id = kind == VOTE_NULLIFY ? (struct hash){0} : id;
        if (kind != VOTE_NULLIFY && hash_is_zero(&id)) continue;
        send_vote(sim, node, &vote, 50);
    }
}

static void forge(struct sim *sim, struct sim_node *node, const struct consensus_message *message) {
    struct consensus_message forged = *message;
    struct certificate certificate = {0};
    const struct sim_epoch *epoch = epoch_find(sim, node->epoch);
    if (message->kind == MESSAGE_VOTE) {
        // Somebody else's, or for something else.
        if (random_percent(sim, 50))
            forged.vote.witness =
                (uint16_t)((forged.vote.witness + 1) % epoch->rules.witness_count);
        else
            forged.vote.view++;
    } else if (message->kind == MESSAGE_CERTIFICATE) {
        certificate = *message->sealed.certificate;
        if (random_percent(sim, 50))
            certificate.view++;
        else
            forged.sealed.kind = VOTE_FINALIZE;
        forged.sealed.certificate = &certificate;
    } else if (message->kind == MESSAGE_PROPOSAL) {
        forged.proposal.view++;
    } else {
        forged = (struct consensus_message){.kind = MESSAGE_AHEAD};
        forged.ahead = (struct peer_ahead){.epoch = node->epoch + 3, .height = UINT64_MAX};
    }
    sim->figures.faults.forged++;
    struct sim_packet *packet = packet_of_message(sim, node->index, &forged);
    send_to_some(sim, node, packet, 30);
    packet_drop(sim, packet);
}

static void replay(struct sim *sim, struct sim_node *node, struct sim_packet *packet) {
    struct sim_packet **place = &node->seen[node->seen_count++ % SIM_SEEN];
    if (*place) packet_drop(sim, *place);
    packet->references++;
    *place = packet;
    if (!random_percent(sim, 10)) return;
    size_t count = node->seen_count < SIM_SEEN ? node->seen_count : SIM_SEEN;
    send_to_some(sim, node, node->seen[random_below(sim, count)], 40);
}

void hostile_receive(struct sim *sim, struct sim_node *node, struct sim_packet *packet) {
    if (packet->kind != PACKET_MESSAGE || node->hostile & HOSTILE_MUTE) return;
    // What hostile nodes send would keep them busy with one another.
    if (sim->nodes[packet->from].hostile) return;
    if (node->hostile & HOSTILE_DOUBLE_VOTE) vote_for_all(sim, node, &packet->message);
    if (node->hostile & HOSTILE_FORGE && random_percent(sim, 10))
        forge(sim, node, &packet->message);
    if (node->hostile & HOSTILE_REPLAY) replay(sim, node, packet);
}

// Against one rule at a time; the own state machine does not mind, for it is not asked.
static void spoil(struct sim *sim, struct header *header) {
    struct sim_block *block;
    switch (random_below(sim, 9)) {
    case 0:
        header->state_root.bytes[0] ^= 1;
        break;
    case 1:
        header->time_ms -= 1 + random_below(sim, 2000);
        break;
    case 2:
        header->time_ms += 6000 + random_below(sim, 60000);
        break;
    case 3:
        header->height += 1;
        break;
    case 4:
        header->set_hash.bytes[0] ^= 1;
        break;
    case 5:
        header->leader = (uint16_t)(header->leader + 1);
        break;
    case 6:
        header->epoch += 1;
        break;
    case 7:
        memset(header->parent_voters, 0, sizeof header->parent_voters);
        break;
    case 8:
        block = &sim->blocks[random_below(sim, sim->block_count)];
        header->parent = block->id;
        header->height = block->header.height + 1;
        header->time_ms = block->header.time_ms + 10000;
        block_state_root(&header->state_root, &block->header, &header->tx_root);
        break;
    }
}

struct sim_block *hostile_build(struct sim *sim, struct sim_node *node,
                                const struct consensus_action *action) {
    struct sim_block *block = node_build(sim, node, action, node->index);
    if (!(node->hostile & HOSTILE_INVALID) || random_percent(sim, 40)) return block;
    struct header header = block->header;
    spoil(sim, &header);
    block = block_add(sim, &header);
    block->is_held[node->index] = true;
    return block;
}
