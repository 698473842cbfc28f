// SPDX-License-Identifier: Apache-2.0
// A driver: feeds one state machine and does what it asks, as a real one has to.
#include "tests/sim/sim.h"

#include <stdlib.h>

static uint64_t node_wall_ms(const struct sim *sim, const struct sim_node *node) {
    return (uint64_t)((int64_t)sim->now_ms + node->clock_offset_ms);
}

static void plan(struct sim *sim, struct sim_node *node, enum occasion_kind kind,
                 uint64_t after_ms) {
    occasion_add(sim, &(struct sim_occasion){.at_ms = sim->now_ms + after_ms,
                                             .kind = kind,
                                             .node = node->index,
                                             .life = node->life});
}

// One sync at a time; what comes meanwhile is the next one's.
static void begin_sync(struct sim *sim, struct sim_node *node) {
    struct sim_disk *disk = &node->disk;
    if (disk->is_syncing || disk->durable_count == disk->count) return;
    disk->is_syncing = true;
    disk->syncing_count = disk->count;
    plan(sim, node, AT_DURABLE, random_below(sim, node->slow_disk_ms + 1));
}

static void set_wake(struct sim *sim, struct sim_node *node) {
    uint64_t wake = consensus_wake_ms(node->core);
    if (wake == UINT64_MAX || (wake >= node->wake_ms && node->wake_ms > sim->now_ms)) return;
    if (wake <= sim->now_ms) wake = sim->now_ms + 1;
    node->wake_ms = wake;
    plan(sim, node, AT_WAKE, wake - sim->now_ms);
}

static void append_votes(struct sim *sim, struct sim_node *node,
                         const struct sign_request *request) {
    struct consensus_record record = {.kind = RECORD_VOTES};
    struct vote_signer signers[LIMIT_WITNESSES];
    judge_speaks(sim, node);
    record.votes = (struct signed_votes){.epoch = request->epoch,
                                         .view = request->view,
                                         .kind = request->kind,
                                         .block_id = request->block_id};
    tag_sign_votes(&record.votes, sim, &request->by, signers);
    disk_append(sim, node, &record);
    static const char *const names[] = {"PROPOSE", "NOTARIZE", "NULLIFY", "FINALIZE"};
    trace(sim, node, "signs %s in view %u for block %02x%02x, by %u keys", names[request->kind],
          (unsigned)request->view, request->block_id.bytes[0], request->block_id.bytes[1],
          record.votes.count);
}

struct sim_block *node_build(struct sim *sim, struct sim_node *node,
                             const struct consensus_action *action, uint64_t salt) {
    const struct header *parent = action->build.parent;
    const struct sim_epoch *epoch = epoch_find(sim, node->epoch);
    struct header header = {.version = HEADER_VERSION,
                            .chain_id = sim->chain_id,
                            .height = parent->height + 1,
                            .epoch = node->epoch,
                            .view = action->build.view,
                            .parent = action->build.parent_id,
                            .time_ms = action->build.time_ms,
                            .leader = schedule_leader(&epoch->schedule, action->build.view),
                            .set_hash = epoch->rules.set_hash};
    const struct certificate *voters = action->build.parent_certificate;
    if (voters) {
        header.parent_voters_len = (uint8_t)((epoch->rules.witness_count + 7) / 8);
        memcpy(header.parent_voters, voters->bitmap, header.parent_voters_len);
    }
    store_u64_le(header.tx_root.bytes, random_next(&sim->random) ^ salt);
    block_state_root(&header.state_root, parent, &header.tx_root);
    struct sim_block *block = block_add(sim, &header);
    block->is_held[node->index] = true;
    block->proposed_ms = sim->now_ms;
    return block;
}

// Now and then there is none: what has to be executed first is not at hand.
static void do_build(struct sim *sim, struct sim_node *node,
                     const struct consensus_action *action) {
    struct sim_block *block = NULL;
    if (!sim->options.is_calm && !sim->is_healed && random_percent(sim, 4))
        sim->figures.faults.unbuilt++;
    else
        block = node->hostile ? hostile_build(sim, node, action) : node_build(sim, node, action, 0);
    if (block) judge_built(sim, node, block);
    occasion_add(sim, &(struct sim_occasion){.at_ms = sim->now_ms + random_below(sim, 20),
                                             .kind = AT_BUILT,
                                             .node = node->index,
                                             .life = node->life,
                                             .block = block});
}

static void do_execute(struct sim *sim, struct sim_node *node, const struct hash *id) {
    struct sim_block *block = block_find(sim, id);
    occasion_add(sim, &(struct sim_occasion){.at_ms = sim->now_ms + random_below(sim, 10),
                                             .kind = AT_EXECUTED,
                                             .node = node->index,
                                             .life = node->life,
                                             .is_valid = block_is_valid(sim, &block->header),
                                             .block = block});
}

static void do_send(struct sim *sim, struct sim_node *node, const struct consensus_action *action) {
    const struct consensus_message *message = &action->send.message;
    if (!node->hostile && message->kind == MESSAGE_VOTES) judge_votes(sim, node, &message->votes);
    if (!node->hostile && message->kind == MESSAGE_PROPOSAL) {
        const struct proposal *proposal = &message->proposal;
        struct vote_signer leader = {.witness = consensus_leader(node->core, proposal->view)};
        struct signed_votes votes = {.epoch = proposal->epoch,
                                     .view = proposal->view,
                                     .kind = VOTE_PROPOSE,
                                     .block_id = proposal->id,
                                     .count = 1,
                                     .signers = &leader};
        judge_votes(sim, node, &votes);
        const struct header *header = message->proposal.header;
        if (header->view < message->proposal.view) {
            sim->figures.repeats++;
            if ((header->height + 1) % sim->epochs[0].rules.epoch_blocks != 0)
                sim->figures.repeats_at_cap++;
        }
    }
    if (message->kind == MESSAGE_FETCH) sim->figures.fetches++;
    if (message->kind == MESSAGE_VOTES || message->kind == MESSAGE_PROPOSAL)
        judge_speaks(sim, node);
    if (node->hostile && hostile_send(sim, node, action)) return;
    struct packet_target target = {.to = action->send.to, .target = action->send.target};
    struct sim_packet *packet = packet_of_message(sim, node->index, message);
    network_send(sim, node, target, packet);
    packet_drop(sim, packet);
}

static void do_send_block(struct sim *sim, struct sim_node *node,
                          const struct consensus_action *action) {
    const struct sim_block *block = block_find(sim, &action->send_block.id);
    if (!block || !block->is_held[node->index]) return;
    if (node->hostile & (HOSTILE_MUTE | HOSTILE_SELECTIVE) && random_percent(sim, 70)) return;
    struct sim_packet *packet = packet_new(sim, node->index);
    packet->kind = PACKET_BLOCK;
    packet->header = block->header;
    network_send_to(sim, node, &sim->nodes[action->send_block.peer], packet);
    packet_drop(sim, packet);
}

static void do_sync(struct sim *sim, struct sim_node *node, uint16_t peer) {
    struct sim_packet *packet = packet_new(sim, node->index);
    packet->kind = PACKET_SYNC_ASK;
    network_send_to(sim, node, &sim->nodes[peer], packet);
    packet_drop(sim, packet);
}

static void do_final(struct sim *sim, struct sim_node *node,
                     const struct consensus_action *action) {
    trace(sim, node, "final: height %u", (unsigned)action->final.header->height);
    judge_final(sim, node, action);
}

static void end_epoch(struct sim *sim, struct sim_node *node) {
    struct consensus_epoch rules;
    struct sim_block *boundary = block_find(sim, &node->final_id);
    const struct sim_epoch *epoch = boundary ? epoch_after(sim, boundary) : NULL;
    if (!epoch || sim->violation) return;
    epoch_rules(epoch, node, &rules);
    node->epoch = rules.epoch;
    trace(sim, node, "epoch %u of %u witnesses begins", (unsigned)rules.epoch,
          (unsigned)rules.witness_count);
    node_feed(sim, node,
              &(struct consensus_event){.kind = EVENT_EPOCH, .peer = PEER_NONE, .epoch = &rules});
}

static void meet_twin(struct sim *sim, struct sim_node *node) {
    struct consensus_record record = {.kind = RECORD_VOTES};
    record.votes = (struct signed_votes){
        .epoch = GUARD_FOR_GOOD, .view = GUARD_WHOLE_EPOCH, .kind = VOTE_NULLIFY};
    trace(sim, node, "meets its own key elsewhere");
    disk_append(sim, node, &record);
    judge_twin(sim, node);
}

// What a start finds in the log it keeps before anything else, as a driver does.
static void keep_twin(struct sim *sim, struct sim_node *node) {
    struct consensus_state state;
    consensus_look(node->core, &state);
    if (state.guard.epoch != GUARD_FOR_GOOD || disk_has_end(node)) return;
    meet_twin(sim, node);
    disk_settle(sim, node, node->disk.count);
    node->disk.syncing_count = node->reported = node->disk.count;
}

static void act(struct sim *sim, struct sim_node *node, const struct consensus_action *action,
                bool *is_epoch_over) {
    switch (action->kind) {
    case ACTION_APPEND:
        disk_append(sim, node, &action->record);
        break;
    case ACTION_SIGN:
        if (node->is_halted) judge_fail(sim, "node %u signs, and has halted", node->index);
        if (node->hostile & HOSTILE_KEEPS_FINALIZE && action->sign.kind == VOTE_FINALIZE) break;
        append_votes(sim, node, &action->sign);
        break;
    case ACTION_SEND:
        do_send(sim, node, action);
        break;
    case ACTION_SEND_BLOCK:
        do_send_block(sim, node, action);
        break;
    case ACTION_EXECUTE:
        do_execute(sim, node, &action->execute);
        break;
    case ACTION_BUILD:
        do_build(sim, node, action);
        break;
    case ACTION_FINAL:
        do_final(sim, node, action);
        break;
    case ACTION_EPOCH_END:
        *is_epoch_over = true;
        break;
    case ACTION_SYNC:
        do_sync(sim, node, action->sync_peer);
        break;
    case ACTION_EVIDENCE:
        judge_evidence(sim, node, action);
        break;
    case ACTION_TWIN:
        meet_twin(sim, node);
        break;
    case ACTION_HALT:
        judge_halt(sim, node, action->halt);
        break;
    }
}

void node_feed(struct sim *sim, struct sim_node *node, struct consensus_event *event) {
    bool is_epoch_over = false;
    event->now_ms = sim->now_ms;
    event->wall_ms = node_wall_ms(sim, node);
    sim->step_count++;
    sim->digest = (sim->digest ^ (sim->now_ms * 256 + event->kind + node->index)) * 0x100000001b3u;
    struct consensus_actions actions = consensus_step(node->core, event);
    if (node->is_halted && actions.count > 0)
        judge_fail(sim, "node %u goes on, and has halted", node->index);
    node->took = event->kind;
    for (size_t i = 0; i < actions.count && !sim->violation; i++)
        act(sim, node, &actions.list[i], &is_epoch_over);
    begin_sync(sim, node);
    set_wake(sim, node);
    if (is_epoch_over && !sim->violation) end_epoch(sim, node);
}

static void become_durable(struct sim *sim, struct sim_node *node) {
    struct sim_disk *disk = &node->disk;
    disk->is_syncing = false;
    disk_settle(sim, node, disk->syncing_count);
    while (node->reported < disk->durable_count && !sim->violation) {
        const struct disk_entry *entry = &disk->entries[node->reported++];
        if (entry->kind != RECORD_VOTES) continue;
        struct consensus_event event = {
            .kind = EVENT_SIGNED, .peer = PEER_NONE, .votes = entry->votes};
        judge_reported(sim, node, &entry->votes);
        node_feed(sim, node, &event);
    }
    disk_compact(sim, node);
    begin_sync(sim, node);
}

static void answer_sync(struct sim *sim, struct sim_node *node, uint16_t peer) {
    struct consensus_root root;
    consensus_root_of(node->core, &root);
    if (!root.certificate || node->hostile & HOSTILE_MUTE) return;
    struct sim_packet *packet = packet_new(sim, node->index);
    packet->kind = PACKET_SYNC;
    packet->header = root.header;
    packet->message.sealed.certificate = &packet->certificate;
    packet->certificate = *root.certificate;
    network_send_to(sim, node, &sim->nodes[peer], packet);
    packet_drop(sim, packet);
}

// Takes over final blocks, once their certificate is verified; the blocks between are the chain's.
static void take_sync(struct sim *sim, struct sim_node *node, struct sim_packet *packet) {
    struct consensus_root root = {.epoch = packet->header.epoch,
                                  .header = packet->header,
                                  .view = packet->certificate.view,
                                  .certificate = &packet->certificate};
    struct consensus_epoch rules;
    header_id(&root.id, &packet->header);
    struct sealed sealed = {.epoch = root.epoch,
                            .kind = VOTE_FINALIZE,
                            .block_id = root.id,
                            .certificate = root.certificate};
    struct sim_block *block = block_find(sim, &root.id);
    if (root.header.height <= node->final_height || !block || !tag_verify_sealed(sim, &sealed))
        return;
    if (sim->is_overrun && !stands_on_final(sim, node, block)) return; // a driver looks, too
    sim->figures.faults.synced++;
    judge_synced(sim, node, block);
    epoch_rules(epoch_find(sim, root.epoch), node, &rules);
    node->epoch = root.epoch;
    struct consensus_event event = {.kind = EVENT_SYNCED, .peer = PEER_NONE};
    event.synced.epoch = &rules;
    event.synced.root = &root;
    node_feed(sim, node, &event);
}

// A driver drops it, before it looks at any signature; so a step must not make anything of it.
static void take_useless(struct sim *sim, struct sim_node *node, struct consensus_event *event) {
    sim->figures.faults.useless++;
    if (sim->options.is_calm || random_percent(sim, 50)) return;
    event->now_ms = sim->now_ms;
    event->wall_ms = node_wall_ms(sim, node);
    if (consensus_step(node->core, event).count > 0)
        judge_fail(sim, "node %u acts on what it says is of no use", node->index);
}

// What the time has brought until now is not the message's doing.
static void feed_message(struct sim *sim, struct sim_node *node,
                         const struct consensus_message *message, struct consensus_event *event) {
    if (!consensus_can_use(node->core, message))
        node_feed(sim, node, &(struct consensus_event){.kind = EVENT_TICK, .peer = PEER_NONE});
    if (sim->violation) return;
    if (!consensus_can_use(node->core, message)) {
        take_useless(sim, node, event);
        return;
    }
    if (message->kind == MESSAGE_VOTES) judge_heard(sim, node, &message->votes);
    bool is_end = message->kind == MESSAGE_CERTIFICATE && sim->is_overrun && !node->hostile &&
                  overrun_must_halt(sim, node, &message->sealed);
    if (message->kind == MESSAGE_CERTIFICATE && sim->is_overrun)
        overrun_certified(sim, &message->sealed);
    node_feed(sim, node, event);
    if (is_end && !node->is_halted)
        judge_fail(sim, "node %u has certificates that exclude each other, and goes on",
                   node->index);
}

static void take_message(struct sim *sim, struct sim_node *node, struct sim_packet *packet) {
    const struct consensus_message *message = &packet->message;
    struct consensus_event event = {.peer = packet->from};
    bool is_sound = true;
    switch (message->kind) {
    case MESSAGE_PROPOSAL:
        event.kind = EVENT_PROPOSAL;
        event.proposal = message->proposal;
        is_sound = tag_verify_proposal(sim, &event.proposal);
        if (is_sound) block_find(sim, &event.proposal.id)->is_held[node->index] = true;
        break;
    case MESSAGE_VOTES:
        event.kind = EVENT_VOTES;
        event.votes = message->votes;
        is_sound = tag_verify_votes(sim, &event.votes);
        break;
    case MESSAGE_CERTIFICATE:
        event.kind = EVENT_CERTIFICATE;
        event.sealed = message->sealed;
        is_sound = tag_verify_sealed(sim, &event.sealed);
        break;
    case MESSAGE_FETCH:
        event.kind = EVENT_FETCH;
        event.fetch = message->fetch;
        break;
    case MESSAGE_AHEAD:
        event.kind = EVENT_AHEAD;
        event.ahead = message->ahead;
        is_sound = node->has_asked[packet->from];
        node->has_asked[packet->from] = false;
        break;
    }
    if (is_sound)
        feed_message(sim, node, message, &event);
    else
        sim->figures.faults.refused++;
}

void node_receive(struct sim *sim, struct sim_node *node, struct sim_packet *packet) {
    struct consensus_event event = {.kind = EVENT_BLOCK, .peer = packet->from};
    if (node->hostile) hostile_receive(sim, node, packet);
    if (sim->violation || (node->hostile && hostile_hides(sim, node, packet))) return;
    switch (packet->kind) {
    case PACKET_MESSAGE:
        take_message(sim, node, packet);
        break;
    case PACKET_BLOCK:
        event.block = &packet->header;
        block_add(sim, &packet->header)->is_held[node->index] = true;
        node_feed(sim, node, &event);
        break;
    case PACKET_SYNC_ASK:
        answer_sync(sim, node, packet->from);
        break;
    case PACKET_SYNC:
        take_sync(sim, node, packet);
        break;
    }
}

void node_begin(struct sim *sim, struct sim_node *node) {
    struct consensus_root root = {.header = sim->blocks[0].header, .id = sim->blocks[0].id};
    if (!node->core) node->core = malloc(consensus_bytes());
    ENSURE(node->core);
    node->life++;
    node->is_up = true;
    node->final_height = 0;
    node->final_id = root.id;
    node->wake_ms = 0;
    disk_append(sim, node, &(struct consensus_record){.kind = RECORD_ROOT, .root = &root});
    node->disk.durable_count = node->disk.syncing_count = node->reported = 1;
    sim->blocks[0].is_held[node->index] = sim->blocks[0].is_durable[node->index] = true;
    disk_restore(sim, node);
    plan(sim, node, AT_WAKE, random_below(sim, 50));
    plan(sim, node, AT_WORK, random_below(sim, 50));
}

void node_crash(struct sim *sim, struct sim_node *node) {
    if (!node->is_up) return;
    trace(sim, node, "crashes");
    sim->figures.faults.crashes++;
    node->is_up = false;
    node->life++;
    disk_crash(sim, node, node->hostile & HOSTILE_AMNESIA);
}

void node_restart(struct sim *sim, struct sim_node *node) {
    if (node->is_up || node->is_halted) return;
    trace(sim, node, "restarts");
    node->is_up = true;
    node->wake_ms = 0;
    judge_restarted(sim, node);
    if (sim->is_overrun) overrun_restarted(sim, node);
    disk_restore(sim, node);
    keep_twin(sim, node);
    struct consensus_state state;
    consensus_look(node->core, &state);
    node->final_height = state.final_height;
    struct consensus_root root;
    consensus_root_of(node->core, &root);
    node->final_id = root.id;
    plan(sim, node, AT_WAKE, 1);
    plan(sim, node, AT_WORK, 1);
}

// Transactions come and go; on a chain that leaves out empty blocks that is what makes it move.
static void change_work(struct sim *sim, struct sim_node *node) {
    bool has_work = sim->is_healed || random_percent(sim, 60);
    struct consensus_event event = {.kind = EVENT_WORK, .peer = PEER_NONE, .has_work = has_work};
    node_feed(sim, node, &event);
    if (sim->leave_out) plan(sim, node, AT_WORK, 500 + random_below(sim, 4000));
}

void node_occasion(struct sim *sim, const struct sim_occasion *occasion) {
    struct sim_node *node = &sim->nodes[occasion->node];
    struct consensus_event event = {.kind = EVENT_TICK, .peer = PEER_NONE};
    if (occasion->kind == AT_DELIVERY) {
        if (node->is_up && !network_withholds(sim, occasion))
            node_receive(sim, node, occasion->packet);
        packet_drop(sim, occasion->packet);
        return;
    }
    if (!node->is_up || occasion->life != node->life) return;
    switch (occasion->kind) {
    case AT_DELIVERY:
    case AT_FAULT:
        return;
    case AT_WAKE:
        break;
    case AT_WORK:
        change_work(sim, node);
        return;
    case AT_EXECUTED:
        event.kind = EVENT_EXECUTED;
        event.executed.id = occasion->block->id;
        event.executed.is_valid = occasion->is_valid;
        break;
    case AT_BUILT:
        event.kind = EVENT_BUILT;
        event.built = occasion->block ? &occasion->block->header : NULL;
        break;
    case AT_DURABLE:
        become_durable(sim, node);
        return;
    }
    node_feed(sim, node, &event);
}
