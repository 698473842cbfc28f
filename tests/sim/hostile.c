// SPDX-License-Identifier: Apache-2.0
// Hostile nodes: an honest state machine inside, whose driver lies. They sign with their own keys
// only, and know each other's messages as everybody does.
#include "tests/sim/sim.h"

static void send_to_some(struct sim *sim, struct sim_node *node, struct sim_packet *packet,
                         uint32_t percent) {
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (random_percent(sim, percent)) network_send_to(sim, node, &sim->nodes[i], packet);
}

static void send_votes(struct sim *sim, struct sim_node *node, const struct signed_votes *votes,
                       const struct witness_group *by, uint32_t percent) {
    struct consensus_message message = {.kind = MESSAGE_VOTES, .votes = *votes};
    struct vote_signer signers[LIMIT_WITNESSES];
    tag_sign_votes(&message.votes, sim, by, signers);
    if (message.votes.count == 0) return;
    struct sim_packet *packet = packet_of_message(sim, node->index, &message);
    send_to_some(sim, node, packet, percent);
    packet_drop(sim, packet);
}

// By all of its keys, or by those that a coin picks.
static void send_vote(struct sim *sim, struct sim_node *node, const struct signed_votes *votes,
                      uint32_t percent) {
    const struct sim_epoch *epoch = epoch_find(sim, votes->epoch);
    struct witness_group own = group_of(epoch, node), by = {0};
    if (!(node->hostile & HOSTILE_SPLIT)) by = own;
    for (uint16_t i = 0; node->hostile & HOSTILE_SPLIT && i < epoch->rules.witness_count; i++)
        if (group_has(&own, i) && random_percent(sim, 50)) group_add(&by, i);
    send_votes(sim, node, votes, &by, percent);
}

// By the leader's key, which is the sender's.
static void sign_proposal(struct sim *sim, struct proposal *proposal) {
    const struct sim_epoch *epoch = epoch_find(sim, proposal->epoch);
    struct signed_vote vote = {.epoch = proposal->epoch,
                               .view = proposal->view,
                               .kind = VOTE_PROPOSE,
                               .witness = schedule_leader(&epoch->schedule, proposal->view),
                               .block_id = proposal->id};
    tag_sign(&proposal->signature, sim, epoch->members[vote.witness], &vote);
}

// Who is of their own hears both.
static bool is_shown(const struct sim *sim, uint16_t to, size_t face) {
    return sim->nodes[to].hostile || to % 2 == face;
}

static void show(struct sim *sim, struct sim_node *node, struct sim_packet *packet, size_t face) {
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (is_shown(sim, i, face)) network_send_to(sim, node, &sim->nodes[i], packet);
}

static void show_vote(struct sim *sim, struct sim_node *node, const struct signed_votes *votes,
                      size_t face) {
    struct consensus_message message = {.kind = MESSAGE_VOTES, .votes = *votes};
    struct vote_signer signers[LIMIT_WITNESSES];
    struct witness_group own = group_of(epoch_find(sim, votes->epoch), node);
    tag_sign_votes(&message.votes, sim, &own, signers);
    if (message.votes.count == 0) return;
    struct sim_packet *packet = packet_of_message(sim, node->index, &message);
    show(sim, node, packet, face);
    packet_drop(sim, packet);
}

// A block of their own is final for those that it was shown to. One of somebody else's is final for
// the one half, and for the other there was none.
static void vote_with_two_faces(struct sim *sim, struct sim_node *node,
                                const struct proposal *proposal) {
    struct signed_votes votes = {
        .epoch = proposal->epoch, .view = proposal->view, .block_id = proposal->id};
    bool is_theirs = sim->faces.epoch == votes.epoch && sim->faces.view == votes.view;
    size_t face = is_theirs && hash_equal(&sim->faces.ids[1], &proposal->id);
    if (!epoch_find(sim, votes.epoch)) return;
    votes.kind = VOTE_NOTARIZE;
    show_vote(sim, node, &votes, face);
    votes.kind = VOTE_FINALIZE;
    show_vote(sim, node, &votes, face);
    if (is_theirs) return;
    votes.kind = VOTE_NULLIFY;
    votes.block_id = (struct hash){0};
    show_vote(sim, node, &votes, 1 - face);
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
    sign_proposal(sim, &second.proposal);
    struct sim_packet *a = packet_of_message(sim, node->index, first);
    struct sim_packet *b = packet_of_message(sim, node->index, &second);
    for (uint16_t i = 0; i < sim->node_count && !sim->is_two_faced; i++)
        network_send_to(sim, node, &sim->nodes[i], random_percent(sim, 50) ? a : b);
    if (sim->is_two_faced) {
        sim->faces.epoch = proposal->epoch;
        sim->faces.view = proposal->view;
        sim->faces.ids[0] = proposal->id;
        sim->faces.ids[1] = second.proposal.id;
        show(sim, node, a, 0);
        show(sim, node, b, 1);
        vote_with_two_faces(sim, node, proposal);
        vote_with_two_faces(sim, node, &second.proposal);
    }
    packet_drop(sim, a);
    packet_drop(sim, b);
    if (sim->is_two_faced) return;
    struct signed_votes votes = {.epoch = proposal->epoch,
                                 .view = proposal->view,
                                 .kind = VOTE_NOTARIZE,
                                 .block_id = second.proposal.id};
    send_vote(sim, node, &votes, 60);
}

// Any block of the epoch again, whatever has been agreed on since.
static void send_repeat(struct sim *sim, struct sim_node *node,
                        const struct consensus_message *message) {
    struct consensus_message repeat = *message;
    const struct sim_block *block = &sim->blocks[random_below(sim, sim->block_count)];
    repeat.proposal.header = &block->header;
    repeat.proposal.id = block->id;
    sign_proposal(sim, &repeat.proposal);
    struct sim_packet *packet = packet_of_message(sim, node->index, &repeat);
    send_to_some(sim, node, packet, 90);
    packet_drop(sim, packet);
}

// Some keys give the vote, the others give the view up.
static void send_split(struct sim *sim, struct sim_node *node, const struct signed_votes *votes) {
    struct signed_votes other = *votes;
    send_vote(sim, node, votes, 90);
    other.kind = VOTE_NULLIFY;
    other.block_id = (struct hash){0};
    send_vote(sim, node, &other, 50);
}

bool hostile_send(struct sim *sim, struct sim_node *node, const struct consensus_action *action) {
    const struct consensus_message *message = &action->send.message;
    if (node->hostile & HOSTILE_MUTE) return true;
    // What it hides from itself it would ask for without end, of who answers with questions.
    if (message->kind == MESSAGE_FETCH && action->send.to == SEND_PEER && random_percent(sim, 30))
        return true;
    if (node->hostile & HOSTILE_TWO_FACED) {
        bool is_new = message->kind == MESSAGE_PROPOSAL &&
                      message->proposal.header->view == message->proposal.view;
        if (is_new) send_two_proposals(sim, node, message);
        return is_new || message->kind == MESSAGE_VOTES || message->kind == MESSAGE_CERTIFICATE;
    }
    if (node->hostile & HOSTILE_KEEPS_FINALIZE && message->kind == MESSAGE_CERTIFICATE &&
        message->sealed.kind == VOTE_FINALIZE)
        return true;
    if (node->hostile & HOSTILE_SPLIT && message->kind == MESSAGE_VOTES) {
        send_split(sim, node, &message->votes);
        return true;
    }
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
    struct signed_votes vote = {0};
    if (message->kind == MESSAGE_PROPOSAL)
        vote = (struct signed_votes){.epoch = message->proposal.epoch,
                                     .view = message->proposal.view,
                                     .block_id = message->proposal.id};
    else if (message->kind == MESSAGE_VOTES && random_percent(sim, 30))
        vote = message->votes;
    else
        return;
    if (!epoch_find(sim, vote.epoch)) return;
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
    struct vote_signer signers[LIMIT_WITNESSES];
    const struct sim_epoch *epoch = epoch_find(sim, node->epoch);
    if (message->kind == MESSAGE_VOTES) {
        // One of them somebody else's, or all for something else.
        memcpy(signers, message->votes.signers, message->votes.count * sizeof *signers);
        forged.votes.signers = signers;
        struct vote_signer *last = &signers[message->votes.count - 1];
        if (random_percent(sim, 50))
            last->witness = (uint16_t)((last->witness + 1) % epoch->rules.witness_count);
        else
            forged.votes.view++;
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
    if (node->hostile & HOSTILE_TWO_FACED && packet->message.kind == MESSAGE_PROPOSAL)
        vote_with_two_faces(sim, node, &packet->message.proposal);
    // What hostile nodes send would keep them busy with one another.
    if (sim->nodes[packet->from].hostile) return;
    if (node->hostile & HOSTILE_DOUBLE_VOTE) vote_for_all(sim, node, &packet->message);
    if (node->hostile & HOSTILE_FORGE && random_percent(sim, 10))
        forge(sim, node, &packet->message);
    if (node->hostile & HOSTILE_REPLAY) replay(sim, node, packet);
}

// What its keys sign at two places would end what its state machine signs; who holds them is not
// bound by that. Of two nodes with the same keys neither knows of the other.
bool hostile_hides(struct sim *sim, const struct sim_node *node, const struct sim_packet *packet) {
    const struct consensus_message *message = &packet->message;
    const struct sealed *sealed = &message->sealed;
    bool is_of_own = false;
    if (node->hostile & HOSTILE_TWIN || packet->kind != PACKET_MESSAGE) return false;
    const struct sim_epoch *epoch = epoch_find(sim, node->epoch);
    struct witness_group own = group_of(epoch, node);
    if (message->kind == MESSAGE_VOTES && message->votes.epoch == node->epoch) {
        for (uint16_t i = 0; i < message->votes.count; i++)
            is_of_own = is_of_own || group_has(&own, message->votes.signers[i].witness);
    } else if (message->kind == MESSAGE_PROPOSAL && message->proposal.epoch == node->epoch) {
        is_of_own = group_has(&own, consensus_leader(node->core, message->proposal.view));
    } else if (message->kind == MESSAGE_CERTIFICATE && sealed->epoch == node->epoch) {
        for (size_t i = 0; i < sizeof own.bits; i++)
            is_of_own = is_of_own || (own.bits[i] & sealed->certificate->bitmap[i]) != 0;
        is_of_own = is_of_own && disk_excludes(node, sealed);
    }
    return is_of_own;
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
