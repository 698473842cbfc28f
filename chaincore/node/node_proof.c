// SPDX-License-Identifier: Apache-2.0
// Puts together what chaincore/light checks: an event, a transaction or an entry of the state, and
// the branches from it to a certified header.
#include "chaincore/base/memory.h"
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

static void prove_receipt(struct merkle_branch *out, const struct block *block, uint32_t index,
                          struct arena *arena) {
    struct hash *leaves = arena_alloc_array(arena, block->tx_count, sizeof *leaves);
    for (uint32_t i = 0; i < block->tx_count; i++) receipt_leaf(&leaves[i], &block->txs[i].receipt);
    merkle_branch_make(out, leaves, block->tx_count, index);
}

// What a backing borrows from.
struct backing {
    struct buf certificate;
    struct proof_path path;
};

// For those who know genesis.
static enum status back(struct node *node, struct proof_ground *ground, struct backing *backing) {
    struct proof_source source = {
        .context = node, .read_set = changes_read_set, .read_boundary = changes_read_boundary};
    enum status status = STATUS_OK;
    TRY(certificate_log_read(node->certificates, ground->anchor.height, &backing->certificate));
    TRY(proof_path_make(&backing->path, &source, &ground->anchor,
                        buf_bytes(&backing->certificate)));
    ground->has_backing = true;
    ground->backing.genesis_head = buf_bytes(&node->genesis_head);
    ground->backing.hand_over_count = backing->path.count;
    ground->backing.hand_overs = buf_bytes(&backing->path.hand_overs);
    ground->backing.certificate = buf_bytes(&backing->certificate);
    ground->backing.set = buf_bytes(&backing->path.set);
out:
    return status;
}

static void backing_clear(struct backing *backing) {
    buf_clear(&backing->certificate);
    proof_path_clear(&backing->path);
}

// What the proof of something in this block stands on.
static enum status lay_ground(struct node *node, struct proof_ground *ground,
                              const struct header *header, const struct node_believed *believed,
                              struct backing *backing) {
    struct node_head head;
    enum status status = STATUS_OK;
    ground->header = *header;
    if (believed->is_there) {
        if (believed->height < header->height) TRY(STATUS_INVALID);
        TRY(changes_read_header(node, believed->height, &ground->anchor));
    } else {
        node_head(node, &head);
        ground->anchor = head.header;
        TRY(back(node, ground, backing));
    }
    ground->is_anchor_block = ground->anchor.height == header->height;
    if (!ground->is_anchor_block)
        TRY(history_branch(node->history, &ground->history, header->height, ground->anchor.height,
                           &ground->anchor.history_root));
out:
    return status;
}

// What was appended may be too long for a proof.
static enum status finish(struct buf *out, size_t before) {
    if (out->len - before <= PROOF_MAX_BYTES) return STATUS_OK;
    out->len = before;
    return STATUS_TOO_LARGE;
}

// `encoded` is what the block borrows from.
static enum status read_block(struct node *node, uint64_t height, struct block *block,
                              struct arena *arena, struct buf *encoded) {
    enum status status = node_read_block(node, height, encoded);
    return status == STATUS_OK ? block_decode(block, arena, buf_bytes(encoded)) : status;
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
    TRY(read_block(node, place->height, &block, &arena, &encoded));
    if (place->tx_index >= block.tx_count ||
        place->event_index >= block.txs[place->tx_index].event_count)
        TRY(STATUS_NOT_FOUND);
    proof = arena_alloc(&arena, sizeof *proof);
    proof->has_payload = wish->payload.len > 0;
    proof->payload_offset = wish->payload_offset;
    proof->payload = wish->payload;
    prove_in_receipt(proof, &block.txs[place->tx_index], place->event_index, &arena);
    prove_receipt(&proof->receipt_branch, &block, place->tx_index, &arena);
    TRY(lay_ground(node, &proof->ground, &block.header, &wish->believed, &backing));
    event_proof_encode(out, proof);
    TRY(finish(out, before));
out:
    backing_clear(&backing);
    buf_clear(&encoded);
    arena_clear(&arena);
    return status;
}

// Runs of timers stand in front, and have no leaf under tx_root.
static enum status prove_in_tx_root(struct tx_proof *out, const struct block *block, uint32_t index,
                                    struct arena *arena) {
    struct hash *leaves = arena_alloc_array(arena, block->tx_count, sizeof *leaves);
    uint32_t timers = 0;
    while (timers < block->tx_count && block->txs[timers].encoded.len == 0) timers++;
    if (index < timers) return STATUS_OK;
    for (uint32_t i = timers; i < block->tx_count; i++) {
        struct bytes encoded = block->txs[i].encoded;
        struct tx tx;
        if (tx_decode(&tx, encoded) != STATUS_OK) return STATUS_CORRUPT;
        tx_leaf(&leaves[i - timers], encoded, &tx);
        if (i != index) continue;
        out->has_tx = true;
        out->body = tx_body(encoded, &tx);
        out->signatures = bytes_of(encoded.data + out->body.len, encoded.len - out->body.len);
    }
    merkle_branch_make(&out->tx_branch, leaves, block->tx_count - timers, index - timers);
    return STATUS_OK;
}

enum status node_prove_tx(struct node *node, const struct hash *id,
                          const struct node_believed *believed, struct buf *out) {
    struct tx_proof *proof;
    struct arena arena = {0};
    struct buf encoded = {0};
    struct backing backing = {0};
    struct block block;
    struct node_tx found;
    enum status status;
    size_t before = out->len;
    TRY(node_find_tx(node, id, &found));
    if (found.state != NODE_TX_FINAL) TRY(STATUS_NOT_FOUND);
    TRY(read_block(node, found.height, &block, &arena, &encoded));
    if (found.index >= block.tx_count) TRY(STATUS_CORRUPT);
    proof = arena_alloc(&arena, sizeof *proof);
    TRY(prove_in_tx_root(proof, &block, found.index, &arena));
    proof->receipt = block.txs[found.index].receipt;
    prove_receipt(&proof->receipt_branch, &block, found.index, &arena);
    TRY(lay_ground(node, &proof->ground, &block.header, believed, &backing));
    tx_proof_encode(out, proof);
    TRY(finish(out, before));
out:
    backing_clear(&backing);
    buf_clear(&encoded);
    arena_clear(&arena);
    return status;
}

enum status node_prove_block(struct node *node, uint64_t height,
                             const struct node_believed *believed, struct buf *out) {
    struct block_proof *proof = mem_alloc(sizeof *proof);
    struct backing backing = {0};
    struct header header;
    enum status status;
    TRY(changes_read_header(node, height, &header));
    TRY(lay_ground(node, &proof->ground, &header, believed, &backing));
    block_proof_encode(out, proof);
out:
    backing_clear(&backing);
    mem_free(proof);
    return status;
}

enum status node_prove_entry(struct node *node, struct bytes key,
                             const struct node_believed *believed, struct buf *out) {
    struct entry_proof *proof = mem_alloc(sizeof *proof);
    struct buf branch = {0};
    struct backing backing = {0};
    struct node_head head;
    struct state_version *version = NULL;
    enum status status = STATUS_OK;
    size_t before = out->len;
    node_head(node, &head);
    if (believed->is_there && believed->height > head.header.height) TRY(STATUS_NOT_FOUND);
    version =
        node_state_at(node, believed->is_there ? believed->height : head.header.height, &head);
    // Nobody signed genesis: whoever knows the chain's id can make it.
    if (!version || head.header.height == 0) TRY(STATUS_NOT_FOUND);
    proof->key = key;
    proof->has_value = state_get(state_version_view(version), key, &proof->value);
    state_prove(version, key, &branch);
    proof->branch = buf_bytes(&branch);
    proof->ground.anchor = proof->ground.header = head.header;
    proof->ground.is_anchor_block = true;
    if (!believed->is_there) TRY(back(node, &proof->ground, &backing));
    entry_proof_encode(out, proof);
    TRY(finish(out, before));
out:
    if (version) node_state_release(version);
    backing_clear(&backing);
    buf_clear(&branch);
    mem_free(proof);
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
