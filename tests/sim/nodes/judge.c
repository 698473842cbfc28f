// SPDX-License-Identifier: Apache-2.0
// What must never be, whatever goes wrong: judged of each block, when a node first shows it.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chaincore/chain/block.h"
#include "chaincore/contract/supply.h"
#include "tests/sim/nodes/nodes.h"

enum { LOOK_BACK = 30 };

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
    votes_begin(sim);
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

// By the one key that its sender has.
static bool is_signed(const struct sim *sim, const struct tx *tx, struct bytes encoded) {
    struct hash id;
    struct public_key key;
    bool is_valid = false;
    hash_bytes(&id, HASH_TX, tx_body(encoded, tx));
    struct sign_item item = {.signature = &tx->signatures[0].signature,
                             .key = &key,
                             .payload = &id,
                             .tag = SIGN_TRANSACTION};
    for (int i = 0; i < SIM_ACCOUNTS + SIM_KEYS && !is_valid; i++) {
        struct account_id id_of_key;
        key_public_of(&key,
                      i < SIM_ACCOUNTS ? &sim->account_keys[i] : &sim->keys[i - SIM_ACCOUNTS]);
        account_id_of_key(&id_of_key, &key);
        if (memcmp(&id_of_key, &tx->sender, sizeof id_of_key) != 0) continue;
        sign_verify_many(&is_valid, &item, 1, &sim->chain_id);
    }
    return is_valid;
}

static void judge_txs(struct sim_node *node, struct bytes encoded) {
    struct arena arena = {0};
    struct block block;
    if (block_decode(&block, &arena, encoded) != STATUS_OK) {
        judge_fail(node->sim, "node %u has a block that does not decode", node->index);
        block.tx_count = 0;
    }
    for (uint32_t i = 0; i < block.tx_count; i++) {
        struct bytes encoded_tx = block.txs[i].encoded;
        struct tx tx;
        if (encoded_tx.len == 0) continue; // a timer's run
        if (tx_decode(&tx, encoded_tx) != STATUS_OK || !is_signed(node->sim, &tx, encoded_tx))
            judge_fail(node->sim, "node %u shows a transaction that nobody has signed",
                       node->index);
        else
            judge_evidence(node, &tx, &block.txs[i]);
    }
    arena_clear(&arena);
}

// What it has in its log. Of what is pruned, nothing.
static void judge_block(struct sim_node *node, uint64_t height) {
    struct buf encoded = {0};
    struct header header;
    enum status status = node_read_block(node->node, height, &encoded);
    if (status == STATUS_OK) status = block_decode_header(&header, buf_bytes(&encoded));
    if (status == STATUS_OK && height == node->sim->final_count)
        judge_txs(node, buf_bytes(&encoded));
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

void judge_note_dropped(void *context, const struct hash *id) {
    struct sim_node *node = context;
    if (node->dropped_count < SIM_DROPS) node->dropped[node->dropped_count++] = *id;
}

static const struct sim_tx *find_sent(const struct sim *sim, const struct hash *id) {
    for (size_t i = sim->tx_count; i > 0; i--)
        if (hash_equal(&sim->txs[i - 1].id, id)) return &sim->txs[i - 1];
    return NULL;
}

// Whose number is said to be used, it is used by what is final.
static void judge_dropped(struct sim_node *node, const struct hash *id) {
    const struct sim_tx *tx = find_sent(node->sim, id);
    struct account account;
    struct node_tx found;
    uint64_t next;
    if (!tx || node_find_tx(node->node, id, &found) != STATUS_OK) return;
    if (found.state != NODE_TX_DROPPED || found.code != TX_CODE_WRONG_NONCE) return;
    node_account(node->node, &node->sim->accounts[tx->account], &account, &next);
    if (account.next_seq <= tx->seq)
        judge_fail(node->sim, "node %u drops a transaction for a block that is not final",
                   node->index);
}

void judge_shown(struct sim_node *node) {
    struct node_head head;
    while (node->dropped_count > 0) judge_dropped(node, &node->dropped[--node->dropped_count]);
    node_head(node->node, &head);
    uint64_t height = head.header.height;
    if (height == node->judged_height) return;
    for (uint64_t at = node->judged_height + 1; at <= height && !node->sim->violation; at++)
        judge_block(node, at);
    if (!node->sim->violation && height > 0) judge_header(node, &head.header);
    if (!node->sim->violation) judge_head(node, &head);
    view_add(node->sim, node->index, VIEW_SHOWN, height);
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
    judge_kept_charges(node);
}
