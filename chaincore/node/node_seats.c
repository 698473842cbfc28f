// SPDX-License-Identifier: Apache-2.0
// The witnesses of the epoch that the next block is of, and which of their keys this node holds.
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/contract/leaders.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/node/node_branch.h"
#include "chaincore/node/node_internal.h"
#include "chaincore/node/node_watch.h"

void seats_init(struct node *node, const struct node_config *config) {
    node->key_count = config->witness_key_count;
    node->keys = mem_alloc_array(node->key_count + 1, sizeof *node->keys);
    for (size_t i = 0; i < node->key_count; i++) node->keys[i] = config->witness_keys[i];
}

void seats_clear(struct node *node) {
    secret_clear(&node->seats, sizeof node->seats);
    if (node->keys) secret_clear(node->keys, node->key_count * sizeof *node->keys);
    mem_free(node->keys);
}

const struct secret_key *seats_own_key(const struct node *node, const struct public_key *key) {
    for (size_t i = 0; i < node->key_count; i++) {
        struct public_key own;
        key_public_of(&own, &node->keys[i]);
        if (memcmp(&own, key, sizeof own) == 0) return &node->keys[i];
    }
    return NULL;
}

// In the order of the set.
static void find_signers(const struct node *node, struct node_seats *seats) {
    seats->signer_count = 0;
    for (uint16_t i = 0; i < seats->set.count; i++) {
        const struct secret_key *key = seats_own_key(node, &seats->set.keys[i]);
        if (key) seats->signers[seats->signer_count++] = (struct signer){.index = i, .key = *key};
    }
}

uint64_t seats_epoch(const struct node *node, uint64_t height) {
    return height / node->genesis.params.epoch_blocks;
}

// What the first epoch begins with is in genesis.
static bool find_leaders(const struct node *node, const struct state_view *view, uint64_t epoch,
                         struct leaders *out) {
    *out = (struct leaders){.first_view = 1,
                            .block_interval_ms = node->genesis.params.block_interval_ms,
                            .id = node->genesis_id};
    return epoch == 0 || leaders_load(out, view, epoch);
}

static void make_schedule(const struct node *node, struct node_seats *seats) {
    struct leaders leaders;
    ENSURE(find_leaders(node, state_version_view(node->version), seats->epoch, &leaders));
    struct schedule_seed seed = {.seed = node->chain_id, .id = leaders.id};
    schedule_init(&seats->schedule, &seed, leaders.first_view, seats->set.count);
}

const struct node_seats *seats_of_next(struct node *node) {
    struct node_seats *seats = &node->seats;
    uint64_t epoch = seats_epoch(node, node->head.header.height + 1);
    if (seats->set.count > 0 && seats->epoch == epoch) return seats;
    const struct state_view *view = state_version_view(node->version);
    ENSURE(witnesses_load(&seats->witnesses, view, epoch));
    parameters_of_epoch(&seats->params, view, epoch);
    seats->epoch = epoch;
    witnesses_set(&seats->set, &seats->witnesses);
    witness_set_hash(&seats->set_hash, &seats->set);
    make_schedule(node, seats);
    find_signers(node, seats);
    return seats;
}

void node_branch_epoch(struct node *node, uint64_t epoch, struct consensus_epoch *rules,
                       struct witness_set *set) {
    const struct params *params = &node->genesis.params;
    struct witnesses witnesses;
    struct leaders leaders;
    ENSURE(witnesses_load(&witnesses, state_version_view(node->version), epoch));
    witnesses_set(set, &witnesses);
    *rules = (struct consensus_epoch){.epoch = epoch,
                                      .leader_seed = node->chain_id,
                                      .witness_count = witnesses.count,
                                      .epoch_blocks = params->epoch_blocks,
                                      .leave_out_empty_blocks = params->leave_out_empty_blocks};
    witness_set_hash(&rules->set_hash, set);
    if (!find_leaders(node, state_version_view(node->version), epoch, &leaders)) return;
    rules->first_view = leaders.first_view;
    rules->leader_id = leaders.id;
    rules->block_interval_ms = leaders.block_interval_ms;
}

bool seats_know_protocol(struct node *node) {
    const struct node_seats *seats = seats_of_next(node);
    if (seats->params.protocol <= node->newest_protocol) return true;
    if (node->lacking_at != seats->epoch + 1)
        log_error("node",
                  "the chain goes by a newer protocol: nothing is signed or executed until a "
                  "release that knows it is installed and started",
                  log_number("epoch", (int64_t)seats->epoch),
                  log_number("protocol", seats->params.protocol),
                  log_number("known", node->newest_protocol));
    node->lacking_at = seats->epoch + 1;
    return false;
}

bool seats_hold_quorum(struct node *node) {
    const struct node_seats *seats = seats_of_next(node);
    if (seats->signer_count >= witness_quorum(seats->set.count)) return true;
    if (node->stopped_at != seats->epoch + 1)
        log_error("node", "this node holds too few witness keys to make blocks alone",
                  log_number("epoch", (int64_t)seats->epoch),
                  log_number("keys", seats->signer_count),
                  log_number("witnesses", seats->set.count));
    node->stopped_at = seats->epoch + 1;
    return false;
}

bool seats_can_sign(struct node *node) {
    return seats_hold_quorum(node) && seats_know_protocol(node);
}

bool node_witnesses(struct node *node, uint64_t epoch, struct witnesses *out) {
    struct state_version *version = node_state(node);
    // Of a later one the state would name those who serve now.
    bool has_begun = epoch <= seats_epoch(node, state_version_height(version) + 1);
    out->count = 0;
    bool is_there = has_begun && witnesses_load(out, state_version_view(version), epoch);
    node_state_release(version);
    return is_there;
}

void node_turns(struct node *node, struct node_turns *out) {
    struct witnesses witnesses;
    struct leaders leaders;
    pthread_mutex_lock(&node->lock);
    struct state_version *version = state_version_ref(node->version);
    struct header head = node->head.header;
    pthread_mutex_unlock(&node->lock);
    const struct state_view *view = state_version_view(version);
    *out = (struct node_turns){.epoch = seats_epoch(node, head.height + 1)};
    if (witnesses_load(&witnesses, view, out->epoch) &&
        find_leaders(node, view, out->epoch, &leaders)) {
        struct schedule_seed seed = {.seed = node->chain_id, .id = leaders.id};
        schedule_init(&out->turns, &seed, leaders.first_view, witnesses.count);
        out->view = head.view + 1 > leaders.first_view ? head.view + 1 : leaders.first_view;
    }
    node_state_release(version);
}
