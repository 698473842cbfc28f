// SPDX-License-Identifier: Apache-2.0
// What must never be, whatever goes wrong; and what must be, once nothing goes wrong any more.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chaincore/chain/block.h"
#include "chaincore/contract/supply.h"
#include "tests/sim/nodes/nodes.h"

enum { RECOVERY_MS = 5 * 60 * 1000, RECOVERY_BLOCKS = 12, LOOK_BACK = 30, PATIENCE_BLOCKS = 20 };

void judge_fail(struct sim *sim, const char *format, ...) {
    va_list arguments;
    if (sim->violation) return;
    va_start(arguments, format);
    vsnprintf(sim->violation_text, sizeof sim->violation_text, format, arguments);
    va_end(arguments);
    sim->violation = sim->violation_text;
}

void judge_begin(struct sim *sim) {
    sim->final_count = 1; // genesis
    sim->digest = sim->seed;
    sim->last_set = (struct hash){0};
}

void judge_note(struct sim *sim, uint64_t number) {
    sim->digest = (sim->digest ^ number ^ sim->now_ms) * 0x100000001b3u;
}

static void judge_first(struct sim_node *node, const struct header *header, const struct hash *id) {
    struct sim *sim = node->sim;
    ENSURE(header->height < SIM_HEIGHTS);
    if (header->height != sim->final_count) {
        judge_fail(sim, "node %u shows block %u before the one below", node->index,
                   (unsigned)header->height);
        return;
    }
    sim->finals[sim->final_count++] = (struct sim_final){*id, header->state_root};
    sim->figures.blocks++;
    sim->figures.epochs += (header->height + 1) % sim->epoch_blocks == 0;
    sim->figures.sets += !hash_equal(&header->set_hash, &sim->last_set);
    sim->last_set = header->set_hash;
}

static void judge_header(struct sim_node *node, const struct header *header) {
    struct sim *sim = node->sim;
    struct hash id;
    unsigned height = (unsigned)header->height;
    header_id(&id, header);
    if (height > 1 && !hash_equal(&header->parent, &sim->finals[height - 1].id))
        judge_fail(sim, "node %u shows a block %u of another parent", node->index, height);
    if (height >= sim->final_count) judge_first(node, header, &id);
    if (!hash_equal(&id, &sim->finals[height].id))
        judge_fail(sim, "node %u shows another block %u", node->index, height);
    judge_note(sim, load_u64_le(id.bytes) ^ node->index);
}

// What it has in its log. Of what is pruned, nothing.
static void judge_block(struct sim_node *node, uint64_t height) {
    struct buf encoded = {0};
    struct header header;
    enum status status = node_read_block(node->node, height, &encoded);
    if (status == STATUS_OK) status = block_decode_header(&header, buf_bytes(&encoded));
    buf_clear(&encoded);
    if (status == STATUS_OK && header.height == height)
        judge_header(node, &header);
    else if (status != STATUS_NOT_FOUND || !node->must_prune)
        judge_fail(node->sim, "node %u has no block %u: %s", node->index, (unsigned)height,
                   status_name(status));
}

// By those who the state says may sign it.
static bool is_certified(struct sim_node *node, const struct node_head *head) {
    static struct certificate certificate;
    struct witnesses witnesses;
    struct witness_set set;
    struct buf encoded = {0};
    bool is_there = node_witnesses(node->node, head->header.epoch, &witnesses) &&
                    node_read_certificate(node->node, head->header.height, &encoded) == STATUS_OK;
    if (is_there) {
        witnesses_set(&set, &witnesses);
        struct decoder in = decoder_of(buf_bytes(&encoded));
        certificate_decode_from(&in, &certificate, set.count);
        struct vote vote = {.epoch = head->header.epoch,
                            .set_hash = head->header.set_hash,
                            .kind = VOTE_FINALIZE,
                            .view = certificate.view,
                            .block_id = head->id};
        is_there = decoder_finish(&in) == STATUS_OK &&
                   certificate_check(&certificate, &set, &vote, &node->sim->chain_id) == STATUS_OK;
    }
    buf_clear(&encoded);
    return is_there;
}

static void judge_head(struct sim_node *node, const struct node_head *head) {
    struct sim *sim = node->sim;
    unsigned height = (unsigned)head->header.height;
    struct state_version *version = node_state(node->node);
    if (!hash_equal(state_root(version), &head->header.state_root))
        judge_fail(sim, "node %u has another state than block %u", node->index, height);
    if (!supply_is_conserved(state_version_view(version)))
        judge_fail(sim, "node %u makes or loses money in block %u", node->index, height);
    node_state_release(version);
    if (height > 0 && !is_certified(node, head))
        judge_fail(sim, "node %u shows block %u without a certificate", node->index, height);
}

void judge_shown(struct sim_node *node) {
    struct node_head head;
    node_head(node->node, &head);
    uint64_t height = head.header.height;
    if (height == node->judged_height) return;
    for (uint64_t at = node->judged_height + 1; at <= height && !node->sim->violation; at++)
        judge_block(node, at);
    if (!node->sim->violation && height > 0) judge_header(node, &head.header);
    if (!node->sim->violation) judge_head(node, &head);
    node->judged_height = height;
    if (height > node->shown_height) node->shown_height = height;
}

void judge_started(struct sim_node *node) {
    struct node_head head;
    node_head(node->node, &head);
    uint64_t height = head.header.height;
    if (height < node->shown_height)
        judge_fail(node->sim, "node %u takes back block %u", node->index,
                   (unsigned)node->shown_height);
    node->judged_height = height > LOOK_BACK ? height - LOOK_BACK : 0;
    judge_shown(node);
}

bool judge_is_done(const struct sim *sim) {
    return sim->is_healed && sim->final_count > sim->heal_height + RECOVERY_BLOCKS;
}

// Eventually it is in a block, or the node says why it never will be.
static void judge_tx(struct sim *sim, const struct sim_tx *tx) {
    struct sim_node *node = &sim->nodes[tx->node];
    struct node_tx found;
    if (!node->is_up || tx->life != node->life) {
        sim->figures.txs_lost++;
        return;
    }
    if (node_find_tx(node->node, &tx->id, &found) != STATUS_OK) {
        judge_fail(sim, "node %u cannot find a transaction", node->index);
        return;
    }
    bool is_old = tx->at_ms + (uint64_t)PATIENCE_BLOCKS * sim->block_interval_ms < sim->now_ms;
    switch (found.state) {
    case NODE_TX_FINAL:
        sim->figures.txs_final++;
        return;
    case NODE_TX_DROPPED:
        sim->figures.txs_dropped++;
        return;
    case NODE_TX_PENDING:
        sim->figures.txs_pending++;
        if (is_old) judge_fail(sim, "a transaction waits for ever at node %u", node->index);
        return;
    case NODE_TX_UNKNOWN:
        if (!node->must_prune) judge_fail(sim, "node %u forgets a transaction", node->index);
        return;
    case NODE_TX_INCLUDED:
        judge_fail(sim, "node %u has a transaction in a block that is not final", node->index);
    }
}

// Those that lead over the changes of witnesses stay for good.
static void judge_kept(struct sim_node *node) {
    struct buf encoded = {0};
    for (uint64_t height = node->sim->epoch_blocks - 1; height <= node->shown_height;
         height += node->sim->epoch_blocks)
        if (node_read_certificate(node->node, height, &encoded) != STATUS_OK)
            judge_fail(node->sim, "node %u has no certificate of block %u", node->index,
                       (unsigned)height);
    buf_clear(&encoded);
}

// The blocks alone lead to the same state, and the same history.
static void judge_replay(struct sim_node *node) {
    static const char *const lost[] = {"state.sqlite", "state.sqlite-wal", "state.sqlite-shm",
                                       "history"};
    struct node_head before, after;
    char path[128];
    judge_kept(node);
    node_head(node->node, &before);
    life_close(node);
    for (size_t i = 0; i < sizeof lost / sizeof *lost && !node->must_prune; i++) {
        snprintf(path, sizeof path, "%s/%s", node->folder, lost[i]);
        remove(path);
    }
    life_start(node);
    if (!node->is_up) return;
    node_head(node->node, &after);
    node->sim->figures.replays++;
    if (!hash_equal(&before.id, &after.id))
        judge_fail(node->sim, "node %u comes to another head by its log", node->index);
}

void judge_end(struct sim *sim) {
    uint64_t took = sim->now_ms - sim->heal_ms;
    if (took > sim->figures.longest_recovery_ms) sim->figures.longest_recovery_ms = took;
    if (took > RECOVERY_MS) judge_fail(sim, "no progress after healing");
    for (size_t i = 0; i < sim->tx_count && !sim->violation; i++) judge_tx(sim, &sim->txs[i]);
    for (uint16_t i = 0; i < sim->node_count && !sim->violation; i++)
        if (sim->nodes[i].is_up) judge_replay(&sim->nodes[i]);
}
