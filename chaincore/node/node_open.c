// SPDX-License-Identifier: Apache-2.0
// From the files of a data folder to a node at the newest block of its log. A durable block without
// certificate is signed again: the same header gives the same signatures, so nothing is ever signed
// twice in two ways.
#include <limits.h>
#include <stdio.h>

#include "chaincore/base/log.h"
#include "chaincore/contract/genesis_state.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/node/node_block.h"

enum { TRIAL_MODULE_BYTES = 32 << 20 };

// Executes a block of the log on top of the head and compares everything it claims.
static enum status replay(struct node *node, struct work *work, struct state_version **version) {
    struct block stored;
    struct hash ruling, history, set_hash = seats_of_next(node)->set_hash;
    struct buf encoded = {0};
    enum status status;
    uint64_t height = node->head.header.height + 1;
    TRY(block_log_read(node->log, height, &encoded));
    TRY(block_decode(&stored, &work->arena, arena_copy(&work->arena, buf_bytes(&encoded))));
    work->block.header = stored.header;
    work_begin(node, work, &stored.header);
    params_hash(&ruling, &work->apply.params);
    work_make_room(work, stored.tx_count);
    bool is_same = stored.tx_count >= work->timers.count;
    for (uint32_t i = 0; i < work->timers.count && is_same; i++)
        is_same = stored.txs[i].encoded.len == 0;
    for (uint32_t i = work->timers.count; i < stored.tx_count && is_same; i++)
        is_same = stored.txs[i].encoded.len > 0 &&
                  work_try_tx(work, stored.txs[i].encoded, NULL) == WORK_APPLIED;
    *version = work_finish(work);
    history_root(node->history, &history);
    is_same = is_same && hash_equal(&stored.header.history_root, &history) &&
              hash_equal(&stored.header.parent, &node->head.id) &&
              hash_equal(&stored.header.set_hash, &set_hash) &&
              hash_equal(&stored.header.next_set_hash, &work->block.header.next_set_hash) &&
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
    struct cut cut;
    enum status status = replay(node, &work, &version);
    if (status != STATUS_OK) goto out;
    header_id(&id, &work.block.header);
    if (work.block.header.height > certificate_log_newest(node->certificates)) {
        TRY(chain_finish(node, &work, version, &id));
    } else {
        cut.header = work.block.header;
        history_peaks(node->history, &cut.below);
        TRY(history_append(node->history, &id));
        chain_publish(node, &work, version, &id);
        chain_checkpoint(node, &cut);
    }
    version = NULL; // the node's now
out:
    state_version_unref(version);
    work_clear(&work);
    return status;
}

static enum status build_genesis(struct node *node, const struct node_config *config,
                                 struct state_version **version) {
    struct arena arena = {0};
    struct state_version *empty = state_version_empty();
    struct apply_block apply = {.draft = state_draft_begin(node->state, empty),
                                .modules = node->modules,
                                .arena = &arena,
                                .chain_id = node->chain_id,
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

// The block of the log at the height of the cut must be the one that the cut names. A node that has
// joined there has no body of it.
static enum status check_cut(struct node *node, const struct cut *cut, const struct hash *id) {
    struct buf encoded = {0};
    struct header header;
    struct hash stored;
    enum status status = STATUS_OK;
    uint64_t height = cut->header.height;
    if (height > certificate_log_newest(node->certificates) ||
        height > block_log_newest(node->log)) {
        log_error("node", "the log or its certificates end before the checkpoint",
                  log_number("height", (int64_t)height));
        return STATUS_CORRUPT;
    }
    if (height < node->first_height) return STATUS_OK;
    status = block_log_read(node->log, height, &encoded);
    if (status == STATUS_NOT_FOUND && node->must_prune) status = STATUS_OK; // pruned
    if (status != STATUS_OK || encoded.len == 0) goto out;
    TRY(block_decode_header(&header, buf_bytes(&encoded)));
    header_id(&stored, &header);
    if (!hash_equal(&stored, id)) {
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
    struct witnesses witnesses;
    enum status status = STATUS_OK;
    ENSURE(witnesses_load(&witnesses, state_version_view(node->version), node->head.header.epoch));
    node->head_witnesses = witnesses.count;
    if (height == 0) return STATUS_OK;
    TRY(certificate_log_read(node->certificates, height, &encoded));
    struct decoder decoder = decoder_of(buf_bytes(&encoded));
    certificate_decode_from(&decoder, &node->head_certificate, node->head_witnesses);
    status = decoder_finish(&decoder);
out:
    buf_clear(&encoded);
    return status;
}

static void path_in(char out[PATH_MAX], const struct node_config *config, const char *name) {
    int len = snprintf(out, PATH_MAX, "%s/%s", config->data_dir, name);
    ENSURE(len > 0 && len < PATH_MAX);
}

// Where the blocks that this node has seen begin: behind the snapshot that it joined by.
static enum status read_first_height(struct node *node) {
    struct cut cut = {0};
    enum status status = history_read_cut(&cut, node->folder, "joined");
    node->first_height = cut.header.height + 1;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status open_log(struct node *node, const struct node_config *config,
                            uint64_t checkpoint_height) {
    char path[PATH_MAX];
    path_in(path, config, "blocks");
    struct block_log_config log_config = {
        .directory = path,
        .durable_height = certificate_log_newest(node->certificates),
        .segment_bytes = config->segment_bytes,
        .first_height = node->first_height,
        .needed_from = config->must_prune ? checkpoint_height + 1 : node->first_height};
    return block_log_open(&node->log, &log_config);
}

// It may be waiting for a checkpoint.
static void wake_producer(void *context) {
    struct node *node = context;
    pthread_mutex_lock(&node->lock);
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
}

static enum status open_state(struct node *node, const struct node_config *config,
                              struct cut *cut) {
    char path[PATH_MAX];
    struct state_version *genesis = NULL, *version;
    struct node_head head = {0};
    enum status status;
    node->state = state_create();
    node->modules = module_cache_create(host_imports(), node->genesis.params.allow_floats);
    node->trial_modules = module_cache_create_bounded(
        host_imports(), node->genesis.params.allow_floats, TRIAL_MODULE_BYTES);
    TRY(build_genesis(node, config, &genesis));
    genesis_header(&node->genesis_header, &node->genesis, state_root(genesis));
    header_id(&node->genesis_id, &node->genesis_header);
    path_in(path, config, "state.sqlite");
    struct checkpoint_config checkpoint_config = {.path = path,
                                                  .state = node->state,
                                                  .on_attempt = wake_producer,
                                                  .context = node,
                                                  .writes_at_once = config->checkpoints_at_once};
    TRY(checkpoint_open(&node->checkpoint, &checkpoint_config, &version, cut));
    head = (struct node_head){.header = cut->header};
    if (cut->header.height == 0) {
        state_version_unref(version);
        version = state_version_ref(genesis);
        head.header = node->genesis_header;
    }
    header_id(&head.id, &head.header);
    chain_set_head(node, version, &head);
    parameters_load(&node->params, state_version_view(version));
out:
    state_version_unref(genesis);
    return status;
}

enum status chain_open(struct node *node, const struct node_config *config) {
    enum status status = STATUS_OK;
    char path[PATH_MAX];
    struct cut cut;
    TRY(read_first_height(node));
    TRY(open_state(node, config, &cut));
    path_in(path, config, "certificates");
    TRY(certificate_log_open(&node->certificates,
                             &(struct certificate_log_config){
                                 .directory = path, .per_file = config->certificates_in_file}));
    TRY(open_log(node, config, cut.header.height));
    if (cut.header.height > 0) TRY(check_cut(node, &cut, &node->head.id));
    TRY(history_recover(node, &cut));
    while (node->head.header.height < block_log_newest(node->log)) TRY(recover_block(node));
    TRY(load_head_certificate(node));
out:
    return status;
}

void chain_close(struct node *node) {
    checkpoint_close(node->checkpoint);
    history_close(node->history);
    block_log_close(node->log);
    certificate_log_close(node->certificates);
    for (size_t i = 0; i < LIMIT_FINAL_VERSIONS; i++) state_version_unref(node->recent[i].version);
    module_cache_free(node->modules);
    module_cache_free(node->trial_modules);
    state_free(node->state);
}
