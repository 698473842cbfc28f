// SPDX-License-Identifier: Apache-2.0
// Whether what waits is work: a reason to make a block, where empty ones are left out. It was
// admitted once; but a block may have spent what it was to be paid with, or changed who may sign it
// or how much gas there is. Nobody makes a block of that, so it must not keep a chain awake.
#include "chaincore/contract/lane.h"
#include "chaincore/contract/signers.h"
#include "chaincore/node/node_internal.h"

static enum tx_code check_signers(const struct node *node, const struct mempool_entry *entry,
                                  const struct tx *tx) {
    struct signers signers;
    struct hash now;
    enum tx_code code = signers_find(&signers, state_version_view(node->version), tx);
    if (code != TX_CODE_OK) return code;
    signers_hash(&now, &signers);
    if (hash_equal(&now, &entry->signers)) return TX_CODE_OK;
    return signers_verify(&signers, tx, &entry->id, &node->chain_id);
}

enum tx_code work_check_signers(const struct node *node, const struct mempool_entry *entry) {
    struct tx tx;
    ENSURE(tx_decode(&tx, entry->encoded) == STATUS_OK); // it was admitted
    return check_signers(node, entry, &tx);
}

// Would a block on the head take it, the first of its lane?
static enum tx_code check(const struct node *node, const struct mempool_entry *entry) {
    const struct state_view *view = state_version_view(node->version);
    struct tx tx;
    struct apply_place place = {.params = &node->params,
                                .height = node->head.header.height + 1,
                                .expected_seq = lane_next_seq(view, &entry->lane)};
    ENSURE(tx_decode(&tx, entry->encoded) == STATUS_OK); // it was admitted
    enum tx_code code = apply_admit(view, &tx, entry->encoded.len, &place);
    return code == TX_CODE_OK ? check_signers(node, entry, &tx) : code;
}

static bool any_can_be_applied(const struct node *node) {
    const struct mempool_entry *entry = mempool_next_lane(node->mempool, NULL);
    while (entry && check(node, entry) != TX_CODE_OK)
        entry = mempool_next_lane(node->mempool, entry);
    return entry != NULL;
}

static void drop_all(struct node *node) {
    const struct mempool_entry *entry = mempool_next_lane(node->mempool, NULL), *next;
    for (; entry; entry = next) {
        struct tx_lane lane = entry->lane;
        next = mempool_next_lane(node->mempool, entry);
        mempool_drop_from(node->mempool, &lane, entry->seq, check(node, entry));
    }
}

// One look for each head: what is admitted later can be applied on it. Where anything can, the
// block that takes it also finds what it cannot take.
void work_look(struct node *node) {
    pthread_mutex_lock(&node->lock);
    uint64_t drops_before = drops_total(mempool_drops(node->mempool));
    if (node->must_look_for_work) {
        node->must_look_for_work = false;
        node->has_work = any_can_be_applied(node);
        if (!node->has_work) drop_all(node);
    }
    pthread_mutex_unlock(&node->lock);
    chain_tell_drops(node, drops_before);
}
