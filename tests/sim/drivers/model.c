// SPDX-License-Identifier: Apache-2.0
// The chain that the drivers stand on.
#include <stdlib.h>

#include "tests/sim/drivers/drivers.h"

static void body_root(struct hash *out, struct bytes body) { hash_bytes(out, HASH_USER, body); }

static bool is_body_of(void *context, const struct header *header, struct bytes body) {
    struct hash root;
    (void)context;
    body_root(&root, body);
    return hash_equal(&root, &header->tx_root);
}

// What a node's chain remembers of old blocks is bounded, too.
static bool is_known_final(const struct sim_node *node, uint64_t height, const struct hash *id) {
    return height <= node->final_height && height + LIMIT_BLOCKS_FOUND > node->final_height &&
           hash_equal(&node->finals[height].id, id);
}

// Of what is final the newest block alone can be built upon.
static const struct hash *state_of(struct sim_node *node, const struct hash *id, uint64_t height) {
    for (size_t i = 0; i < node->executed_count; i++)
        if (hash_equal(&node->executed[i].id, id)) return &node->executed[i].state_root;
    if (height != node->final_height) return NULL;
    if (height == 0) return &node->sim->genesis.state_root;
    if (!hash_equal(&node->finals[height].id, id)) return NULL;
    return &node->finals[height].header.state_root;
}

static void note_executed(struct sim_node *node, const struct hash *id, const struct hash *root) {
    for (size_t i = 0; i < node->executed_count; i++)
        if (hash_equal(&node->executed[i].id, id)) return;
    if (node->executed_count == SIM_EXECUTED) {
        judge_fail(node->sim, "node %u is never told to forget", node->index);
        return;
    }
    node->executed[node->executed_count++] =
        (struct model_executed){.id = *id, .state_root = *root};
}

static bool execute(void *context, const struct header *header, struct bytes body) {
    struct sim_node *node = context;
    struct hash id, expected;
    header_id(&id, header);
    if (header->height <= node->final_height) return is_known_final(node, header->height, &id);
    const struct hash *before = state_of(node, &header->parent, header->height - 1);
    if (!before) {
        judge_fail(node->sim, "node %u executes on a parent that is not there", node->index);
        return false;
    }
    if (!is_body_of(node, header, body)) return false;
    hash_node(&expected, before, &header->tx_root);
    if (!hash_equal(&expected, &header->state_root)) return false;
    note_executed(node, &id, &expected);
    return true;
}

static bool build(void *context, const struct driver_build *build, struct header *out,
                  struct buf *body) {
    struct sim_node *node = context;
    const struct header *parent = build->parent;
    bool can_build = node->sim->now_ms >= node->builds_from_ms;
    judge_build(node, build, can_build);
    if (!can_build) return false;
    const struct hash *before = state_of(node, &build->parent_id, parent->height);
    ENSURE(before);
    size_t len = (size_t)sim_random(node->sim, sim_percent(node->sim, 10) ? 5000 : 100);
    buf_reserve(body, len + 1);
    while (body->len < len) buf_append_byte(body, (uint8_t)sim_random(node->sim, 256));
    *out = (struct header){.version = HEADER_VERSION,
                           .chain_id = node->sim->chain_id,
                           .height = parent->height + 1,
                           .epoch = build->epoch,
                           .view = build->view,
                           .parent = build->parent_id,
                           .time_ms = build->time_ms,
                           .leader = build->leader,
                           .set_hash = build->rules->set_hash};
    const struct certificate *voters = build->parent_certificate;
    if (voters) {
        out->parent_voters_len = (uint8_t)((build->rules->witness_count + 7) / 8);
        memcpy(out->parent_voters, voters->bitmap, out->parent_voters_len);
    }
    body_root(&out->tx_root, buf_bytes(body));
    hash_node(&out->state_root, before, &out->tx_root);
    struct hash id;
    header_id(&id, out);
    note_executed(node, &id, &out->state_root);
    return true;
}

static void forget(void *context, const struct hash *id) {
    struct sim_node *node = context;
    for (size_t i = 0; i < node->executed_count; i++) {
        if (!hash_equal(&node->executed[i].id, id)) continue;
        node->executed[i] = node->executed[--node->executed_count];
        return;
    }
}

static void add_final(struct sim_node *node, const struct model_block *block) {
    struct sim *sim = node->sim;
    ENSURE(block->header.height < SIM_HEIGHTS);
    struct model_block *place = &node->finals[block->header.height];
    buf_clear(&place->body);
    *place = *block;
    place->body = (struct buf){0};
    buf_append(&place->body, buf_bytes(&block->body));
    node->final_height = block->header.height;
    judge_final(node, &block->id, block->header.height);
    judge_note(sim, load_u64_le(block->id.bytes) ^ node->index);
}

static enum status finalize(void *context, const struct driver_final *final) {
    struct sim_node *node = context;
    const struct header *header = final->header;
    if (header->height <= node->final_height) {
        if (!hash_equal(&node->finals[header->height].id, &final->id))
            judge_fail(node->sim, "node %u takes block %u back", node->index,
                       (unsigned)header->height);
        return STATUS_OK;
    }
    const struct hash *tip =
        node->final_height ? &node->finals[node->final_height].id : &node->sim->genesis_id;
    if (header->height != node->final_height + 1 || !hash_equal(&header->parent, tip)) {
        judge_fail(node->sim, "node %u leaves a gap below block %u", node->index,
                   (unsigned)header->height);
        return STATUS_OK;
    }
    static struct model_block block;
    block = (struct model_block){.header = *header, .id = final->id};
    buf_append(&block.body, final->body);
    block.has_certificate = final->certificate != NULL;
    if (block.has_certificate) {
        block.certificate = *final->certificate;
        judge_shown(node, final->certificate);
    }
    add_final(node, &block);
    buf_clear(&block.body);
    return STATUS_OK;
}

static bool find_block(void *context, const struct hash *id, struct header *header,
                       struct buf *body) {
    const struct sim_node *node = context;
    for (uint64_t height = node->final_height; height > 0; height--) {
        const struct model_block *block = &node->finals[height];
        if (height + LIMIT_BLOCKS_FOUND <= node->final_height) break;
        if (!hash_equal(&block->id, id)) continue;
        *header = block->header;
        buf_append(body, buf_bytes(&block->body));
        return true;
    }
    return false;
}

static uint32_t epoch_blocks(const struct sim *sim) { return sim->epochs[0].rules.epoch_blocks; }

// Who is elected, by the boundary's id: one key may stay away, if enough are left.
static void elect(struct sim *sim, struct sim_epoch *epoch) {
    uint64_t number = load_u64_le(epoch->boundary_id.bytes);
    uint16_t away = WITNESS_NONE;
    uint16_t left = (uint16_t)(sim->keys - 1);
    if (number % 3 == 0 && left >= 4 && witness_faults(left) >= sim->hostile_keys)
        away = (uint16_t)(number / 3 % sim->keys);
    epoch->set.count = 0;
    for (uint16_t k = 0; k < sim->keys; k++) {
        uint16_t key = (uint16_t)((k + number / 64) % sim->keys);
        epoch->index_of[key] = WITNESS_NONE;
        if (key == away) continue;
        epoch->index_of[key] = epoch->set.count;
        epoch->key_of[epoch->set.count] = key;
        epoch->set.keys[epoch->set.count++] = sim->publics[key];
    }
    epoch->rules.witness_count = epoch->set.count;
    witness_set_hash(&epoch->rules.set_hash, &epoch->set);
}

static void add_epoch(struct sim_node *node, uint64_t number) {
    struct sim *sim = node->sim;
    uint64_t boundary = number * epoch_blocks(sim) - 1;
    ENSURE(number < SIM_EPOCHS && number == sim->epoch_count);
    struct sim_epoch *epoch = &sim->epochs[sim->epoch_count++];
    *epoch = (struct sim_epoch){.rules = sim->epochs[0].rules};
    epoch->boundary_id = node->finals[boundary].id;
    epoch->rules.epoch = number;
    epoch->rules.first_view = node->finals[boundary].header.view + 1;
    elect(sim, epoch);
    uint64_t seed = boundary > epoch->set.count ? boundary - epoch->set.count : 0;
    epoch->rules.leader_id = seed ? node->finals[seed].id : sim->genesis_id;
    sim->figures.epochs++;
}

static void epoch_rules(void *context, uint64_t number, struct consensus_epoch *rules,
                        struct witness_set *set) {
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    if (number > 0 && node->final_height < number * epoch_blocks(sim) - 1) {
        judge_fail(sim, "node %u begins an epoch before its boundary is shown", node->index);
        number = 0;
    }
    while (number >= sim->epoch_count) add_epoch(node, sim->epoch_count);
    const struct sim_epoch *epoch = &sim->epochs[number];
    *rules = epoch->rules;
    *set = epoch->set;
}

static void send(void *context, uint16_t peer, struct bytes message) {
    judge_sent(context, message);
    network_send(context, peer, message);
}

static uint16_t find_peer(void *context, const struct public_key *key) {
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    uint16_t first = (uint16_t)sim_random(sim, sim->node_count);
    for (uint16_t i = 0; i < sim->node_count; i++) {
        const struct sim_node *other = &sim->nodes[(first + i) % sim->node_count];
        for (uint16_t k = 0; other != node && k < other->key_count; k++)
            if (memcmp(&sim->publics[other->keys[k]], key, sizeof *key) == 0) return other->index;
    }
    return PEER_NONE;
}

static void take_evidence(void *context, const struct driver_evidence *evidence) {
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    sim->figures.evidence++;
    const struct sim_epoch *epoch = &sim->epochs[evidence->first.epoch];
    uint16_t key = epoch->key_of[evidence->first.witness];
    if (node_holds(node, key)) judge_fail(sim, "node %u has evidence against itself", node->index);
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (node_holds(&sim->nodes[i], key) && !sim->nodes[i].is_hostile)
            judge_fail(sim, "node %u has evidence against an honest key", node->index);
}

static void blame(void *context, uint16_t peer) {
    struct sim_node *node = context;
    if (node->sim->nodes[peer].is_twisted) {
        node->sim->figures.blamed++;
        return;
    }
    judge_fail(node->sim, "node %u blames node %u for nothing", node->index, peer);
}

static void halt(void *context, enum halt_reason reason) {
    struct sim_node *node = context;
    if (!node->is_hostile)
        judge_fail(node->sim, "node %u halts for reason %d", node->index, (int)reason);
}

static void twin(void *context) {
    struct sim_node *node = context;
    if (!node->is_hostile)
        judge_fail(node->sim, "node %u meets its own key elsewhere", node->index);
    if (node->has_met) judge_fail(node->sim, "node %u says twice that it is over", node->index);
    node->has_met = true;
    node->sim->figures.twins_met++;
}

static void plan_sync(void *context, uint16_t peer) { network_plan_sync(context, peer); }

static void draw(void *context, void *out, size_t len) {
    struct sim_node *node = context;
    false_disk_draw(&node->disk, out, len);
}

struct driver_calls model_calls(struct sim_node *node) {
    return (struct driver_calls){.context = node,
                                 .send = send,
                                 .find_peer = find_peer,
                                 .is_body_of = is_body_of,
                                 .execute = execute,
                                 .build = build,
                                 .forget = forget,
                                 .finalize = finalize,
                                 .find_block = find_block,
                                 .epoch = epoch_rules,
                                 .sync = plan_sync,
                                 .evidence = take_evidence,
                                 .blame = blame,
                                 .twin = twin,
                                 .halt = halt,
                                 .draw = draw};
}

void model_begin(struct sim *sim) {
    uint64_t blocks =
        sim->is_large ? LIMIT_BLOCKS_FOUND + sim_random(sim, 237) : 8 + sim_random(sim, 20);
    sim->genesis = (struct header){
        .version = HEADER_VERSION, .chain_id = sim->chain_id, .time_ms = sim->now_ms - 1000};
    header_id(&sim->genesis_id, &sim->genesis);
    sim->final_ids[0] = sim->genesis_id;
    sim->final_count = 1;
    struct sim_epoch *epoch = &sim->epochs[0];
    *epoch = (struct sim_epoch){.boundary_id = sim->genesis_id};
    epoch->rules = (struct consensus_epoch){.first_view = 1,
                                            .leader_seed = sim->chain_id,
                                            .leader_id = sim->genesis_id,
                                            .block_interval_ms = 500,
                                            .epoch_blocks = (uint32_t)blocks,
                                            .leave_out_empty_blocks = sim->leaves_out};
    sim->epoch_count = 1;
    elect(sim, epoch);
}

void model_reset(struct sim_node *node) {
    for (size_t i = 1; node->finals && i <= node->final_height; i++)
        buf_clear(&node->finals[i].body);
    free(node->finals);
    node->finals = NULL;
    node->final_height = 0;
    node->executed_count = 0;
}

void model_root(const struct sim_node *node, struct consensus_root *out) {
    const struct model_block *tip = &node->finals[node->final_height];
    ENSURE(tip->has_certificate);
    *out = (struct consensus_root){.epoch = tip->header.epoch,
                                   .header = tip->header,
                                   .id = tip->id,
                                   .view = tip->certificate.view,
                                   .certificate = &tip->certificate};
}

bool model_copy(struct sim_node *node, const struct sim_node *from, struct consensus_root *root) {
    uint64_t to = from->final_height;
    while (to > node->final_height && !from->finals[to].has_certificate) to--;
    if (to <= node->final_height) return false;
    while (node->final_height < to) add_final(node, &from->finals[node->final_height + 1]);
    model_root(node, root);
    return true;
}
