// SPDX-License-Identifier: Apache-2.0
// A block's way: execute on a draft, put the roots into the header, make the body durable, sign,
// make the certificate durable, publish. After a crash a durable block without certificate is
// signed again: the same header gives the same signatures, so nothing is ever signed twice in two
// ways.
#include <config.h> // CHECK_SUPPLY

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/chain/merkle.h"
#include "chaincore/contract/genesis_state.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/signers.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/timer.h"
#include "chaincore/node/node_internal.h"

enum { CHECKPOINT_EVERY = 100 };

// A waiting transaction that can never be applied any more.
struct dropped {
    struct tx_lane lane;
    uint64_t seq;
};

// A block being made or replayed.
struct work {
    struct arena arena;
    struct apply_block apply;
    struct timer_runs timers;
    struct block block;
    struct block_tx *txs; // block.txs, still writable
    struct hash *tx_ids;
    struct dropped *dropped;
    size_t dropped_count;
};

static void work_clear(struct work *work) { arena_clear(&work->arena); }

static void start_apply(struct node *node, struct work *work, const struct header *header) {
    work->apply = (struct apply_block){.draft = state_draft_begin(node->state, node->version),
                                       .modules = node->modules,
                                       .arena = &work->arena,
                                       .genesis_time_ms = node->genesis.time_ms,
                                       .height = header->height,
                                       .epoch = header->epoch,
                                       .time_ms = header->time_ms};
    if (header->leader < node->genesis.witness_count)
        work->apply.leader = node->genesis.witnesses[header->leader].account;
    apply_begin(&work->apply);
    timers_run(&work->apply, &work->timers);
}

enum verdict { APPLIED, WAITS, NEVER };

// Are its signatures enough by the state as it is here? They were verified with the keys in
// `known`; NULL: all that a quorum has signed for.
static bool is_signed(const struct work *work, const struct tx *tx, const struct hash *known) {
    struct signers signers;
    struct hash id, now;
    if (!known) return true;
    if (signers_find(&signers, state_draft_view(work->apply.draft), tx) != TX_CODE_OK) return false;
    signers_hash(&now, &signers);
    if (hash_equal(&now, known)) return true;
    tx_id(&id, tx);
    return signers_verify(&signers, tx, &id, &work->block.header.chain_id) == TX_CODE_OK;
}

// Applies what can be applied now. What can never be is reported, so that nobody waits for it.
static enum verdict try_tx(struct work *work, struct bytes encoded, const struct hash *signers) {
    struct apply_block *apply = &work->apply;
    struct tx tx;
    ENSURE(tx_decode(&tx, encoded) == STATUS_OK); // it was admitted, or it stands in a block
    if (tx.gas_limit > apply->params.block_gas_limit - apply->gas_used ||
        work->block.tx_count == LIMIT_BLOCK_TXS)
        return WAITS;
    const struct state_view *view = state_draft_view(apply->draft);
    struct tx_lane lane = tx_lane(&tx);
    struct apply_place place = {.params = &apply->params,
                                .height = apply->height,
                                .expected_seq = lane_next_seq(view, &lane)};
    enum tx_code code = apply_admit(view, &tx, encoded.len, &place);
    if (code == TX_CODE_NONCE_GAP) return WAITS; // behind one that waits
    if (code != TX_CODE_OK || !is_signed(work, &tx, signers)) return NEVER;
    struct block_tx *out = &work->txs[work->block.tx_count];
    struct hash *id = &work->tx_ids[work->block.tx_count];
    *out = (struct block_tx){.encoded = encoded};
    tx_id(id, &tx);
    apply_tx(apply, &tx, id, out);
    work->block.tx_count++;
    return APPLIED;
}

static void fill_roots(struct work *work) {
    struct block *block = &work->block;
    struct hash *leaves = arena_alloc_array(&work->arena, block->tx_count + 1, sizeof *leaves);
    uint32_t timer_count = work->timers.count; // without bytes: they follow from the state
    for (uint32_t i = timer_count; i < block->tx_count; i++) {
        struct tx tx;
        ENSURE(tx_decode(&tx, block->txs[i].encoded) == STATUS_OK);
        tx_leaf(&leaves[i - timer_count], &tx);
    }
    merkle_list_root(&block->header.tx_root, leaves, block->tx_count - timer_count);
    for (uint32_t i = 0; i < block->tx_count; i++) receipt_leaf(&leaves[i], &block->txs[i].receipt);
    merkle_list_root(&block->header.receipts_root, leaves, block->tx_count);
    block->header.gas_used = work->apply.gas_used;
}

static void fill_header(struct node *node, struct header *out, uint64_t time_ms) {
    const struct header *parent = &node->head.header;
    uint64_t height = parent->height + 1;
    *out = (struct header){.version = HEADER_VERSION,
                           .chain_id = node->chain_id,
                           .height = height,
                           .epoch = height / node->genesis.params.epoch_blocks,
                           .view = parent->view + 1,
                           .parent = node->head.id,
                           .time_ms = time_ms,
                           .set_hash = node->set_hash};
    out->leader = (uint16_t)(out->view % node->witnesses.count);
    // No elections yet: the set of the next epoch is this one.
    if ((height + 1) % node->genesis.params.epoch_blocks == 0) out->next_set_hash = node->set_hash;
    history_root(node->history, &out->history_root);
    out->parent_voters_len = (uint8_t)((node->witnesses.count + 7) / 8);
    memcpy(out->parent_voters, node->head_certificate.bitmap, out->parent_voters_len);
}

static enum status append_block(struct node *node, const struct work *work) {
    struct buf encoded = {0};
    block_encode(&encoded, &work->block);
    enum status status = block_log_append(node->log, work->block.header.height, buf_bytes(&encoded),
                                          work->tx_ids, work->block.tx_count);
    buf_clear(&encoded);
    return status == STATUS_OK ? block_log_sync(node->log) : status;
}

// Signs FINALIZE with every key this node holds. INVALID when they are fewer than a quorum.
static enum status certify(const struct node *node, const struct header *header,
                           const struct hash *id, struct certificate *out) {
    struct vote vote = {.epoch = header->epoch,
                        .set_hash = header->set_hash,
                        .kind = VOTE_FINALIZE,
                        .view = header->view,
                        .block_id = *id};
    struct hash payload;
    vote_payload(&payload, &vote);
    *out = (struct certificate){.view = header->view};
    for (uint16_t i = 0; i < node->signer_count; i++) {
        struct signature signature;
        sign_payload(&signature, &node->signers[i].key, SIGN_VOTE, &node->chain_id, &payload);
        certificate_add(out, node->signers[i].index, &signature);
    }
    return out->signature_count >= witness_quorum(node->witnesses.count) ? STATUS_OK
                                                                         : STATUS_INVALID;
}

static enum status make_final(struct node *node, const struct header *header,
                              const struct hash *id) {
    enum status status = STATUS_OK;
    struct buf encoded = {0};
    TRY(certify(node, header, id, &node->head_certificate));
    certificate_encode(&encoded, &node->head_certificate, node->witnesses.count);
    TRY(certificate_log_append(node->certificates, header->height, buf_bytes(&encoded)));
    TRY(certificate_log_sync(node->certificates));
out:
    buf_clear(&encoded);
    return status;
}

// Shows the new head to everyone and takes out of the mempool what it holds.
static void publish(struct node *node, const struct work *work, struct state_version *version,
                    const struct hash *id) {
    struct state_version *old = node->version;
    pthread_mutex_lock(&node->lock);
    node->version = version;
    node->params = work->apply.params;
    node->head = (struct node_head){.header = work->block.header, .id = *id};
    for (uint32_t i = work->timers.count; i < work->block.tx_count; i++) {
        struct tx tx;
        ENSURE(tx_decode(&tx, work->block.txs[i].encoded) == STATUS_OK);
        struct tx_lane lane = tx_lane(&tx);
        mempool_advance(node->mempool, &lane, tx.seq + 1);
    }
    for (size_t i = 0; i < work->dropped_count; i++)
        mempool_drop_from(node->mempool, &work->dropped[i].lane, work->dropped[i].seq);
    mempool_expire(node->mempool, work->block.header.height + 1);
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
    state_version_unref(old);
}

static void maybe_checkpoint(struct node *node) {
    uint64_t height = node->head.header.height;
    bool is_due =
        height % CHECKPOINT_EVERY == 0 || (height + 1) % node->genesis.params.epoch_blocks == 0;
    // BUSY: the one under way is not done; the next brings these changes too.
    if (is_due && checkpoint_start(node->checkpoint, node->version, &node->head.id) == STATUS_BUSY)
        log_info("node", "a checkpoint is left out", log_number("height", (int64_t)height));
}

// Everything after the body is durable; the same for a new block and for one found after a crash.
static enum status finish_block(struct node *node, struct work *work, struct state_version *version,
                                const struct hash *id) {
    enum status status = make_final(node, &work->block.header, id);
    if (status == STATUS_OK) status = history_append(node->history, id);
    if (status != STATUS_OK) return status;
    publish(node, work, version, id);
    maybe_checkpoint(node);
    return STATUS_OK;
}

// For so many transactions behind the timers, which are in place already.
static void make_room(struct work *work, size_t more) {
    size_t count = work->timers.count + more;
    work->txs = arena_alloc_array(&work->arena, count + 1, sizeof *work->txs);
    work->tx_ids = arena_alloc_array(&work->arena, count + 1, sizeof *work->tx_ids);
    work->dropped = arena_alloc_array(&work->arena, count + 1, sizeof *work->dropped);
    work->block.txs = work->txs;
    work->block.tx_count = work->timers.count;
    for (uint32_t i = 0; i < work->timers.count; i++) {
        work->txs[i] = work->timers.runs[i];
        work->tx_ids[i] = work->timers.runs[i].receipt.tx_id;
    }
}

// Money neither comes from nowhere nor goes there. A walk over every account, so only in builds
// that look for faults, and while that is affordable.
static void check_supply(const struct state_version *version) {
#ifdef CHECK_SUPPLY
    enum { AFFORDABLE = 10000 };
    const struct state_view *view = state_version_view(version);
    if (state_count(view) <= AFFORDABLE) ENSURE(supply_is_conserved(view));
#else
    (void)version;
#endif
}

enum status chain_extend(struct node *node, const struct chain_pick *pick, uint64_t time_ms) {
    struct work work = {0};
    struct hash id;
    struct header *header = &work.block.header;
    fill_header(node, header, time_ms);
    start_apply(node, &work, header);
    params_hash(&header->params_hash, &work.apply.params);
    make_room(&work, pick->count);
    for (size_t i = 0; i < pick->count; i++) {
        const struct mempool_entry *entry = pick->entries[i];
        if (try_tx(&work, entry->encoded, &entry->signers) == NEVER)
            work.dropped[work.dropped_count++] =
                (struct dropped){.lane = entry->lane, .seq = entry->seq};
    }
    apply_finish(&work.apply);
    struct state_version *version = state_commit(work.apply.draft, header->height);
    check_supply(version);
    header->state_root = *state_root(version);
    fill_roots(&work);
    header_id(&id, header);
    enum status status = append_block(node, &work);
    if (status == STATUS_OK) status = finish_block(node, &work, version, &id);
    work_clear(&work);
    return status;
}

// Executes a block of the log on top of the head and compares everything it claims.
static enum status replay(struct node *node, struct work *work, struct state_version **version) {
    struct block stored;
    struct hash ruling;
    struct buf encoded = {0};
    enum status status;
    uint64_t height = node->head.header.height + 1;
    TRY(block_log_read(node->log, height, &encoded));
    TRY(block_decode(&stored, &work->arena, arena_copy(&work->arena, buf_bytes(&encoded))));
    work->block.header = stored.header;
    start_apply(node, work, &stored.header);
    params_hash(&ruling, &work->apply.params);
    make_room(work, stored.tx_count);
    bool is_same = stored.tx_count >= work->timers.count;
    for (uint32_t i = 0; i < work->timers.count && is_same; i++)
        is_same = stored.txs[i].encoded.len == 0;
    for (uint32_t i = work->timers.count; i < stored.tx_count && is_same; i++)
        is_same =
            stored.txs[i].encoded.len > 0 && try_tx(work, stored.txs[i].encoded, NULL) == APPLIED;
    apply_finish(&work->apply);
    *version = state_commit(work->apply.draft, height);
    check_supply(*version);
    fill_roots(work);
    is_same = is_same && hash_equal(&stored.header.parent, &node->head.id) &&
              hash_equal(&stored.header.params_hash, &ruling) &&
              hash_equal(&stored.header.state_root, state_root(*version)) &&
              hash_equal(&stored.header.tx_root, &work->block.header.tx_root) &&
              hash_equal(&stored.header.receipts_root, &work->block.header.receipts_root) &&
              stored.header.gas_used == work->block.header.gas_used;
    if (!is_same) {
        log_error("node", "a block of the log does not execute to what its header says",
                  log_number("height", (int64_t)height));
        status = STATUS_CORRUPT;
    }
out:
    buf_clear(&encoded);
    return status;
}

// The next block of the log: final already, or durable but not yet signed when the node died.
static enum status recover_block(struct node *node) {
    struct work work = {0};
    struct state_version *version = NULL;
    struct hash id;
    enum status status = replay(node, &work, &version);
    if (status != STATUS_OK) goto out;
    header_id(&id, &work.block.header);
    if (work.block.header.height > certificate_log_newest(node->certificates)) {
        TRY(finish_block(node, &work, version, &id));
    } else {
        if (history_count(node->history) <= work.block.header.height)
            TRY(history_append(node->history, &id));
        publish(node, &work, version, &id);
    }
    version = NULL; // the node's now
out:
    state_version_unref(version);
    work_clear(&work);
    return status;
}

// The ids of all headers below `count`, again from the log.
static enum status rebuild_history(struct node *node, uint64_t count) {
    struct buf encoded = {0};
    struct header header;
    struct hash id;
    enum status status = STATUS_OK;
    log_info("node", "the history is made again from the log",
             log_number("blocks", (int64_t)count));
    TRY(history_append(node->history, &node->genesis_id));
    for (uint64_t height = 1; height < count; height++) {
        TRY(block_log_read(node->log, height, &encoded));
        TRY(block_decode_header(&header, buf_bytes(&encoded)));
        header_id(&id, &header);
        TRY(history_append(node->history, &id));
    }
out:
    buf_clear(&encoded);
    return status;
}

// Block 0 has no body: its header says what genesis made.
static void fill_genesis_header(struct node *node, const struct state_version *version) {
    struct header *header = &node->genesis_header;
    *header = (struct header){
        .version = HEADER_VERSION,
        .chain_id = node->chain_id,
        .time_ms = node->genesis.time_ms,
        .set_hash = node->set_hash,
        .state_root = *state_root(version),
    };
    params_hash(&header->params_hash, &node->genesis.params);
    merkle_list_root(&header->tx_root, NULL, 0);
    header->receipts_root = header->tx_root;
    header->history_root = header->tx_root;
    header->parent_voters_len = (uint8_t)((node->witnesses.count + 7) / 8);
    header_id(&node->genesis_id, header);
}

static enum status build_genesis(struct node *node, const struct node_config *config,
                                 struct state_version **version) {
    struct arena arena = {0};
    struct state_version *empty = state_version_empty();
    struct apply_block apply = {.draft = state_draft_begin(node->state, empty),
                                .modules = node->modules,
                                .arena = &arena,
                                .genesis_time_ms = node->genesis.time_ms,
                                .time_ms = node->genesis.time_ms};
    state_version_unref(empty);
    enum status status =
        genesis_state_build(&apply, &node->genesis, config->codes, config->code_count);
    if (status == STATUS_OK)
        *version = state_commit(apply.draft, 0);
    else
        state_draft_drop(apply.draft);
    arena_clear(&arena);
    return status;
}

// The header at the height of the checkpoint, which must be of the block that it names.
static enum status load_head(struct node *node, uint64_t height, const struct hash *block_id) {
    struct buf encoded = {0};
    enum status status = STATUS_OK;
    node->head = (struct node_head){.header = node->genesis_header, .id = node->genesis_id};
    if (height == 0) return STATUS_OK;
    if (height > certificate_log_newest(node->certificates) ||
        height > block_log_newest(node->log)) {
        log_error("node", "the log or its certificates end before the checkpoint",
                  log_number("height", (int64_t)height));
        TRY(STATUS_CORRUPT);
    }
    TRY(block_log_read(node->log, height, &encoded));
    TRY(block_decode_header(&node->head.header, buf_bytes(&encoded)));
    header_id(&node->head.id, &node->head.header);
    if (!hash_equal(&node->head.id, block_id) ||
        !hash_equal(&node->head.header.state_root, state_root(node->version))) {
        log_error("node", "the checkpoint is of another chain than the log");
        status = STATUS_CORRUPT;
    }
out:
    buf_clear(&encoded);
    return status;
}

static enum status load_head_certificate(struct node *node) {
    struct buf encoded = {0};
    uint64_t height = node->head.header.height;
    enum status status = STATUS_OK;
    if (height == 0) return STATUS_OK;
    TRY(certificate_log_read(node->certificates, height, &encoded));
    struct decoder decoder = decoder_of(buf_bytes(&encoded));
    certificate_decode_from(&decoder, &node->head_certificate, node->witnesses.count);
    status = decoder_finish(&decoder);
out:
    buf_clear(&encoded);
    return status;
}

static enum status open_history(struct node *node, const char *path) {
    uint64_t count = node->head.header.height + 1;
    // What the history must add up to stands in the next header only, so add the head's id by hand.
    enum status status =
        history_open(&node->history, path, count - 1, &node->head.header.history_root);
    if (status != STATUS_OK) return status;
    if (history_count(node->history) == count - 1)
        return history_append(node->history, &node->head.id);
    return rebuild_history(node, count);
}

static void path_in(char out[PATH_MAX], const struct node_config *config, const char *name) {
    int len = snprintf(out, PATH_MAX, "%s/%s", config->data_dir, name);
    ENSURE(len > 0 && len < PATH_MAX);
}

enum status chain_open(struct node *node, const struct node_config *config) {
    enum status status = STATUS_OK;
    char path[PATH_MAX];
    struct hash block_id;
    struct state_version *genesis = NULL;
    node->state = state_create();
    node->modules = module_cache_create(host_imports(), node->genesis.params.allow_floats);
    TRY(build_genesis(node, config, &genesis));
    fill_genesis_header(node, genesis);
    path_in(path, config, "certificates.log");
    TRY(certificate_log_open(&node->certificates, path));
    path_in(path, config, "blocks");
    struct block_log_config log_config = {
        .directory = path, .durable_height = certificate_log_newest(node->certificates)};
    TRY(block_log_open(&node->log, &log_config));
    path_in(path, config, "state.sqlite");
    TRY(checkpoint_open(&node->checkpoint, path, node->state, &node->version, &block_id));
    if (state_version_height(node->version) == 0) {
        state_version_unref(node->version);
        node->version = state_version_ref(genesis);
    }
    parameters_load(&node->params, state_version_view(node->version));
    TRY(load_head(node, state_version_height(node->version), &block_id));
    TRY(load_head_certificate(node));
    path_in(path, config, "history");
    TRY(open_history(node, path));
    while (node->head.header.height < block_log_newest(node->log)) TRY(recover_block(node));
    TRY(load_head_certificate(node));
out:
    state_version_unref(genesis);
    return status;
}

void chain_close(struct node *node) {
    checkpoint_close(node->checkpoint);
    history_close(node->history);
    block_log_close(node->log);
    certificate_log_close(node->certificates);
    state_version_unref(node->version);
    module_cache_free(node->modules);
    state_free(node->state);
}
