// SPDX-License-Identifier: Apache-2.0
// Puts together what chaincore/light checks: an event, and the branches from it to a certified
// header.
#include "chaincore/chain/proof_path.h"
#include "chaincore/node/node_internal.h"

static void prove_in_receipt(struct event_proof *out, const struct block_tx *tx, uint32_t index,
                             struct arena *arena) {
    struct hash *leaves = arena_alloc_array(arena, tx->event_count, sizeof *leaves);
    for (uint32_t i = 0; i < tx->event_count; i++) event_leaf(&leaves[i], &tx->events[i]);
    merkle_branch_make(&out->event_branch, leaves, tx->event_count, index);
    out->event = tx->events[index];
    out->receipt = tx->receipt;
}

static void prove_in_block(struct event_proof *out, const struct block *block, uint32_t index,
                           struct arena *arena) {
    struct hash *leaves = arena_alloc_array(arena, block->tx_count, sizeof *leaves);
    for (uint32_t i = 0; i < block->tx_count; i++) receipt_leaf(&leaves[i], &block->txs[i].receipt);
    merkle_branch_make(&out->receipt_branch, leaves, block->tx_count, index);
    out->header = block->header;
}

static enum status read_header(struct node *node, uint64_t height, struct header *out) {
    struct buf encoded = {0};
    enum status status = node_read_block(node, height, &encoded);
    if (status == STATUS_OK) status = block_decode_header(out, buf_bytes(&encoded));
    buf_clear(&encoded);
    return status;
}

// The branch of the header at `height` below a newer one.
static enum status prove_below(struct node *node, uint64_t height, const struct header *newer,
                               struct merkle_branch *history) {
    if (newer->height == height) return STATUS_OK;
    return history_branch(node->history, history, height, newer->height, &newer->history_root);
}

// The newest header with its certificate, and the branch of the one at `height` below it.
static enum status prove_in_history(struct node *node, uint64_t height, struct node_head *head,
                                    struct buf *certificate, struct merkle_branch *history) {
    node_head(node, head);
    enum status status = certificate_log_read(node->certificates, head->header.height, certificate);
    return status == STATUS_OK ? prove_below(node, height, &head->header, history) : status;
}

// No elections yet: the set of genesis serves in every epoch.
static enum status read_set(void *context, uint64_t epoch, struct witness_set *out) {
    const struct node *node = context;
    (void)epoch;
    *out = node->witnesses;
    return STATUS_OK;
}

static enum status read_boundary(void *context, uint64_t epoch, struct header *header,
                                 struct buf *certificate) {
    struct node *node = context;
    uint64_t height = (epoch + 1) * node->genesis.params.epoch_blocks - 1;
    enum status status = read_header(node, height, header);
    return status == STATUS_OK ? certificate_log_read(node->certificates, height, certificate)
                               : status;
}

// Below the newest header, for those who know genesis.
struct backing {
    struct buf certificate;
    struct proof_path path;
};
static enum status back_newest(struct node *node, struct event_proof *proof,
                               struct backing *backing) {
    struct proof_source source = {
        .context = node, .read_set = read_set, .read_boundary = read_boundary};
    struct node_head head;
    enum status status = STATUS_OK;
    TRY(prove_in_history(node, proof->header.height, &head, &backing->certificate,
                         &proof->history));
    proof->anchor = head.header;
    TRY(proof_path_make(&backing->path, &source, &proof->anchor, buf_bytes(&backing->certificate)));
    proof->has_backing = true;
    proof->backing.genesis_head = buf_bytes(&node->genesis_head);
    proof->backing.hand_over_count = backing->path.count;
    proof->backing.hand_overs = buf_bytes(&backing->path.hand_overs);
    proof->backing.certificate = buf_bytes(&backing->certificate);
    proof->backing.set = buf_bytes(&backing->path.set);
out:
    return status;
}

static enum status prove_for_believer(struct node *node, struct event_proof *proof,
                                      uint64_t believed) {
    enum status status = STATUS_OK;
    if (believed < proof->header.height) TRY(STATUS_INVALID);
    TRY(read_header(node, believed, &proof->anchor));
    TRY(prove_below(node, proof->header.height, &proof->anchor, &proof->history));
out:
    return status;
}

enum status node_prove_event(struct node *node, const struct node_event_wish *wish,
                             struct buf *out) {
    struct event_proof *proof;
    const struct node_event_place *place = &wish->place;
    struct arena arena = {0};
    struct buf encoded = {0};
    struct backing backing = {0};
    struct block block;
    enum status status;
    size_t before = out->len;
    if (wish->payload.len > PROOF_MAX_PAYLOAD) return STATUS_TOO_LARGE;
    TRY(node_read_block(node, place->height, &encoded));
    TRY(block_decode(&block, &arena, buf_bytes(&encoded)));
    if (place->tx_index >= block.tx_count ||
        place->event_index >= block.txs[place->tx_index].event_count)
        TRY(STATUS_NOT_FOUND);
    proof = arena_alloc(&arena, sizeof *proof);
    proof->has_payload = wish->payload.len > 0;
    proof->payload_offset = wish->payload_offset;
    proof->payload = wish->payload;
    prove_in_receipt(proof, &block.txs[place->tx_index], place->event_index, &arena);
    prove_in_block(proof, &block, place->tx_index, &arena);
    if (wish->has_believed)
        TRY(prove_for_believer(node, proof, wish->believed));
    else
        TRY(back_newest(node, proof, &backing));
    proof->is_anchor_block = proof->anchor.height == place->height;
    event_proof_encode(out, proof);
    if (out->len - before > PROOF_MAX_BYTES) {
        out->len = before;
        TRY(STATUS_TOO_LARGE);
    }
out:
    buf_clear(&backing.certificate);
    proof_path_clear(&backing.path);
    buf_clear(&encoded);
    arena_clear(&arena);
    return status;
}

enum status node_prove_state(struct node *node, uint64_t height, struct bytes key,
                             struct node_state_proof *out) {
    struct bytes value;
    *out = (struct node_state_proof){0};
    struct state_version *version = node_state_at(node, height, &out->head);
    if (!version) return STATUS_NOT_FOUND;
    out->has_value = state_get(state_version_view(version), key, &value);
    if (out->has_value) buf_append(&out->value, value);
    state_prove(version, key, &out->branch);
    node_state_release(version);
    // Genesis needs none: whoever knows the chain's id can make it.
    return height == 0 ? STATUS_OK
                       : certificate_log_read(node->certificates, height, &out->certificate);
}

void node_state_proof_clear(struct node_state_proof *proof) {
    buf_clear(&proof->value);
    buf_clear(&proof->certificate);
    buf_clear(&proof->branch);
}

// Runs of timers stand in front, and have no leaf under tx_root.
static enum status prove_in_tx_root(struct node_tx_proof *out, const struct block *block,
                                    uint32_t index, struct arena *arena) {
    struct hash *leaves = arena_alloc_array(arena, block->tx_count, sizeof *leaves);
    uint32_t timers = 0;
    while (timers < block->tx_count && block->txs[timers].encoded.len == 0) timers++;
    if (index < timers || index >= block->tx_count) return STATUS_NOT_FOUND;
    for (uint32_t i = timers; i < block->tx_count; i++) {
        struct tx tx;
        enum status status = tx_decode(&tx, block->txs[i].encoded);
        if (status != STATUS_OK) return STATUS_CORRUPT;
        tx_leaf(&leaves[i - timers], block->txs[i].encoded, &tx);
    }
    merkle_branch_make(&out->branch, leaves, block->tx_count - timers, index - timers);
    buf_append(&out->tx, block->txs[index].encoded);
    out->header = block->header;
    return STATUS_OK;
}

enum status node_prove_tx(struct node *node, const struct hash *id, struct node_tx_proof *out) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct block block;
    struct node_tx found;
    enum status status;
    *out = (struct node_tx_proof){0};
    TRY(node_find_tx(node, id, &found));
    if (found.state != NODE_TX_FINAL) TRY(STATUS_NOT_FOUND);
    TRY(node_read_block(node, found.height, &encoded));
    TRY(block_decode(&block, &arena, buf_bytes(&encoded)));
    TRY(prove_in_tx_root(out, &block, found.index, &arena));
    TRY(prove_in_history(node, found.height, &out->head, &out->certificate, &out->history));
out:
    buf_clear(&encoded);
    arena_clear(&arena);
    return status;
}

void node_tx_proof_clear(struct node_tx_proof *proof) {
    buf_clear(&proof->certificate);
    buf_clear(&proof->tx);
}
