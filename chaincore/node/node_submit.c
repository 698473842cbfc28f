// SPDX-License-Identifier: Apache-2.0
// How transactions come into the mempool: decoded and verified without the lock, since that is what
// takes long, then admitted under it.
#include "chaincore/base/memory.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/signers.h"
#include "chaincore/crypto/hash_lanes.h"
#include "chaincore/node/node_internal.h"

// So many are decoded side by side: enough to fill the lanes of the processor, few enough to stay
// in its cache.
enum { AT_ONCE = 32 };

struct candidate {
    struct node_submission *item;
    struct tx tx;
    struct signers signers;
    struct mempool_entry entry;
};

static enum tx_code decode(struct candidate *candidate) {
    struct tx *tx = &candidate->tx;
    struct bytes encoded = candidate->item->encoded;
    enum status status = tx_decode(tx, encoded);
    if (status == STATUS_TOO_LARGE) return TX_CODE_TOO_LARGE;
    if (status != STATUS_OK) return TX_CODE_MALFORMED;
    candidate->entry = (struct mempool_entry){.lane = tx_lane(tx),
                                              .seq = tx->seq,
                                              .valid_until = tx->valid_until,
                                              .gas_limit = tx->gas_limit,
                                              .payer = *tx_payer(tx),
                                              .encoded = encoded};
    return TX_CODE_OK;
}

static void hash_ids(struct candidate *candidates, size_t count) {
    struct hash_item items[AT_ONCE];
    size_t decoded = 0;
    for (size_t i = 0; i < count; i++) {
        struct candidate *one = &candidates[i];
        if (one->item->code == TX_CODE_OK)
            items[decoded++] =
                (struct hash_item){&one->item->id, tx_body(one->entry.encoded, &one->tx)};
    }
    hash_many(HASH_TX, items, decoded);
}

static enum tx_code find_signers(struct candidate *candidate, const struct state_view *view) {
    const struct tx *tx = &candidate->tx;
    struct mempool_entry *entry = &candidate->entry;
    entry->id = candidate->item->id;
    if (amount_mul(&entry->most, amount_of_units(tx->gas_price), tx->gas_limit) != STATUS_OK)
        return TX_CODE_CANNOT_PAY_GAS;
    enum tx_code code = signers_find(&candidate->signers, view, tx);
    if (code == TX_CODE_OK) signers_hash(&entry->signers, &candidate->signers);
    return code;
}

static void verify(struct node *node, struct candidate *candidates, size_t count) {
    struct signers_check checks[AT_ONCE];
    struct candidate *checked[AT_ONCE];
    size_t check_count = 0;
    struct state_version *version = node_state(node);
    for (size_t i = 0; i < count; i++) {
        struct candidate *one = &candidates[i];
        if (one->item->code == TX_CODE_OK)
            one->item->code = find_signers(one, state_version_view(version));
        if (one->item->code != TX_CODE_OK) continue;
        checked[check_count] = one;
        checks[check_count++] = (struct signers_check){
            .signers = &one->signers, .tx = &one->tx, .tx_id = &one->entry.id};
    }
    node_state_release(version);
    signers_verify_many(checks, check_count, &node->chain_id);
    for (size_t i = 0; i < check_count; i++) checked[i]->item->code = checks[i].code;
}

// The lock is held.
static enum tx_code admit(struct node *node, const struct tx *tx,
                          const struct mempool_entry *entry) {
    const struct state_view *view = state_version_view(node->version);
    struct account payer;
    uint64_t next_seq = lane_next_seq(view, &entry->lane);
    struct apply_place place = {.params = &node->params,
                                .height = node->head.header.height + 1,
                                .expected_seq =
                                    mempool_expected_seq(node->mempool, &entry->lane, next_seq)};
    if (node->must_stop) return TX_CODE_NOT_RUNNING;
    if (mempool_has(node->mempool, &entry->id)) return TX_CODE_DUPLICATE;
    enum tx_code code = apply_admit(view, tx, entry->encoded.len, &place);
    account_load(&payer, view, &entry->payer);
    if (code == TX_CODE_OK) code = mempool_add(node->mempool, entry, next_seq, payer.balance);
    node->has_work = node->has_work || code == TX_CODE_OK;
    return code;
}

// What waits already need not be verified once more: peers say most things many times.
static void pass_over_known(struct node *node, struct candidate *candidates, size_t count) {
    pthread_mutex_lock(&node->lock);
    for (size_t i = 0; i < count; i++) {
        struct node_submission *item = candidates[i].item;
        if (item->code == TX_CODE_OK && mempool_has(node->mempool, &item->id))
            item->code = TX_CODE_DUPLICATE;
    }
    pthread_mutex_unlock(&node->lock);
}

static void submit(struct node *node, struct candidate *candidates, size_t count) {
    struct block_log_place known;
    bool has_added = false, is_verified[AT_ONCE];
    for (size_t i = 0; i < count; i++) candidates[i].item->code = decode(&candidates[i]);
    hash_ids(candidates, count);
    pass_over_known(node, candidates, count);
    verify(node, candidates, count);
    pthread_mutex_lock(&node->lock);
    uint64_t height = node->head.header.height;
    for (size_t i = 0; i < count; i++) {
        struct candidate *one = &candidates[i];
        is_verified[i] = one->item->code == TX_CODE_OK;
        if (is_verified[i]) one->item->code = admit(node, &one->tx, &one->entry);
        has_added |= one->item->code == TX_CODE_OK;
    }
    if (has_added) pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
    // What is in a block has used up its nonce; so only what is refused can be there already. What
    // was in one longer ago than it can be valid has expired, whatever else it is.
    uint64_t from = height > LIMIT_VALID_UNTIL_BLOCKS ? height - LIMIT_VALID_UNTIL_BLOCKS : 0;
    for (size_t i = 0; i < count; i++) {
        struct node_submission *item = candidates[i].item;
        if (is_verified[i] && item->code != TX_CODE_OK &&
            block_log_find_tx(node->log, &item->id, from, &known) == STATUS_OK)
            item->code = TX_CODE_DUPLICATE;
    }
}

void node_admit(struct node *node, struct node_submission *items, size_t count) {
    size_t most = count < AT_ONCE ? count : AT_ONCE;
    struct candidate *candidates = mem_alloc_array(most + 1, sizeof *candidates);
    for (size_t done = 0; done < count; done += AT_ONCE) {
        size_t now = count - done < AT_ONCE ? count - done : AT_ONCE;
        for (size_t i = 0; i < now; i++) {
            candidates[i].item = &items[done + i];
            items[done + i].id = (struct hash){0};
        }
        submit(node, candidates, now);
    }
    mem_free(candidates);
}

void node_submit_many(struct node *node, struct node_submission *items, size_t count) {
    node_admit(node, items, count);
    network_note(node, items, count);
}

enum tx_code node_submit(struct node *node, struct bytes encoded, struct hash *id) {
    struct node_submission item = {.encoded = encoded};
    node_submit_many(node, &item, 1);
    *id = item.id;
    return item.code;
}
