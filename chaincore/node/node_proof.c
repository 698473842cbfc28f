// SPDX-License-Identifier: Apache-2.0
// Puts together what chaincore/light checks: an event, and the branches from it to a certified
// header.
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

static enum status prove_in_history(struct node *node, struct event_proof *out,
                                    struct buf *certificate) {
    struct node_head head;
    node_head(node, &head);
    out->anchor = head.header;
    out->is_anchor_block = head.header.height == out->header.height;
    enum status status = certificate_log_read(node->certificates, head.header.height, certificate);
    out->certificate = buf_bytes(certificate);
    if (status != STATUS_OK || out->is_anchor_block) return status;
    return history_branch(node->history, &out->history, out->header.height, head.header.height,
                          &head.header.history_root);
}

enum status node_prove_event(struct node *node, const struct node_event_place *place,
                             uint32_t payload_offset, struct bytes payload, struct buf *out) {
    struct event_proof *proof;
    struct arena arena = {0};
    struct buf encoded = {0}, certificate = {0};
    struct block block;
    enum status status;
    if (payload.len > PROOF_MAX_PAYLOAD) return STATUS_TOO_LARGE;
    TRY(node_read_block(node, place->height, &encoded));
    TRY(block_decode(&block, &arena, buf_bytes(&encoded)));
    if (place->tx_index >= block.tx_count ||
        place->event_index >= block.txs[place->tx_index].event_count)
        TRY(STATUS_NOT_FOUND);
    proof = arena_alloc(&arena, sizeof *proof);
    proof->genesis = buf_bytes(&node->genesis_bytes);
    proof->has_payload = payload.len > 0;
    proof->payload_offset = payload_offset;
    proof->payload = payload;
    prove_in_receipt(proof, &block.txs[place->tx_index], place->event_index, &arena);
    prove_in_block(proof, &block, place->tx_index, &arena);
    TRY(prove_in_history(node, proof, &certificate));
    event_proof_encode(out, proof);
out:
    buf_clear(&certificate);
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
