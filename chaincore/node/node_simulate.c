// SPDX-License-Identifier: Apache-2.0
// Transactions tried on the newest final state, on whatever thread asks.
#include "chaincore/base/clock.h"
#include "chaincore/node/node_internal.h"

// As for the block that follows the head, were it made now. Who makes it is not known yet, and
// nothing that a transaction does depends on that.
static void begin(struct node *node, const struct node_head *head, struct state_version *version,
                  struct node_simulation *out, struct apply_block *block) {
    uint64_t now_ms = clock_wall_ms(), head_ms = head->header.time_ms;
    *block = (struct apply_block){.draft = state_trial_begin(version),
                                  .modules = node->trial_modules,
                                  .arena = &out->arena,
                                  .chain_id = node->chain_id,
                                  .genesis_time_ms = node->genesis.time_ms,
                                  .height = head->header.height + 1,
                                  .epoch = seats_epoch(node, head->header.height + 1),
                                  .time_ms = now_ms > head_ms ? now_ms : head_ms + 1};
    apply_begin(block);
}

static uint64_t most_gas(struct bytes encoded) {
    return NODE_SIMULATION_GAS + NODE_SIMULATION_GAS_PER_BYTE * (uint64_t)encoded.len;
}

static void run(struct apply_block *block, struct bytes encoded, struct node_simulation *out) {
    struct block_tx done = {.encoded = encoded};
    struct tx *tx = &out->tx;
    struct apply_place place = {
        .params = &block->params, .height = block->height, .expected_seq = tx->seq};
    uint64_t own_limit = tx->gas_limit, most = most_gas(encoded);
    tx_id(&out->receipt.tx_id, tx);
    out->code = apply_admit(state_draft_view(block->draft), tx, encoded.len, &place);
    if (out->code != TX_CODE_OK) return;
    if (tx->gas_limit > most) tx->gas_limit = most;
    apply_tx(block, tx, &out->receipt.tx_id, &done);
    out->was_cut_off = tx->gas_limit < own_limit && (done.receipt.code == TX_CODE_OUT_OF_GAS ||
                                                     done.receipt.code == TX_CODE_DEPOSIT_LIMIT);
    tx->gas_limit = own_limit;
    out->receipt = done.receipt;
    out->code = (enum tx_code)done.receipt.code;
    out->events = done.events;
    out->event_count = done.event_count;
}

enum tx_code node_simulate(struct node *node, struct bytes encoded, struct node_simulation *out) {
    struct apply_block block;
    struct node_head head;
    *out = (struct node_simulation){0};
    enum status status = tx_decode(&out->tx, encoded);
    if (status != STATUS_OK)
        return status == STATUS_TOO_LARGE ? TX_CODE_TOO_LARGE : TX_CODE_MALFORMED;
    pthread_mutex_lock(&node->lock);
    struct state_version *version = state_version_ref(node->version);
    head = node->head;
    pthread_mutex_unlock(&node->lock);
    out->height = head.header.height;
    begin(node, &head, version, out, &block);
    run(&block, encoded, out);
    state_draft_drop(block.draft);
    state_version_unref(version);
    return TX_CODE_OK;
}

void node_simulation_clear(struct node_simulation *simulation) { arena_clear(&simulation->arena); }
