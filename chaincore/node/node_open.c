// SPDX-License-Identifier: Apache-2.0
// From the files of a data folder to a node at the newest block of its log. A durable block without
// certificate is signed again: the same header gives the same signatures, so nothing is ever signed
// twice in two ways.
#include <limits.h>
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/contract/genesis_state.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/node/node_chain.h"
#include "chaincore/node/node_keep.h"

enum { TRIAL_MODULE_BYTES = 32 << 20 };

// Its transactions; the runs of timers stand in front of them.
static void find_txs(struct body *out, const struct block *block, struct arena *arena) {
    uint32_t timers = 0;
    while (timers < block->tx_count && block->txs[timers].encoded.len == 0) timers++;
    struct bytes *txs = arena_alloc_array(arena, block->tx_count, sizeof *txs);
    out->count = block->tx_count - timers;
    for (uint32_t i = 0; i < out->count; i++) txs[i] = block->txs[timers + i].encoded;
    out->txs = txs;
}

// Are they bodies of transactions, as far as executing them takes that for granted?
static bool are_txs(const struct body *body) {
    struct tx tx;
    for (uint32_t i = 0; i < body->count; i++)
        if (tx_decode(&tx, body->txs[i]) != STATUS_OK) return false;
    return true;
}

// Executes the block of the log at a height on what is below, and compares it to its last byte.
static enum status replay(struct node *node, uint64_t height, struct executed **out) {
    struct block stored;
    struct body body;
    struct arena arena = {0};
    struct buf encoded = {0};
    enum status status;
    *out = NULL;
    TRY(block_log_read(node->log, height, &encoded));
    TRY(block_decode(&stored, &arena, buf_bytes(&encoded)));
    find_txs(&body, &stored, &arena);
    if (stored.header.height == height && are_txs(&body))
        *out = branch_run(node, &stored.header, &body, NULL);
    if (*out && bytes_equal(buf_bytes(&encoded), buf_bytes(&(*out)->encoded))) {
        (*out)->is_logged = true;
    } else {
        log_error("node", "a block of the log does not execute to what its header says",
                  log_number("height", (int64_t)height));
        status = STATUS_CORRUPT;
    }
out:
    buf_clear(&encoded);
    arena_clear(&arena);
    return status;
}

static bool has_certificate(struct node *node, uint64_t height) {
    struct buf encoded = {0};
    enum status status = certificate_log_read(node->certificates, height, &encoded);
    buf_clear(&encoded);
    return status == STATUS_OK;
}

// The next block of the log is final already, or durable but not yet signed when the node died. Who
// holds a quorum of keys, and makes blocks alone, signs that now; else it stands above the head
// until agreement has told again what became of it.
static enum status recover_block(struct node *node, uint64_t height) {
    struct executed *block;
    enum status status = STATUS_OK;
    if (node->branch_count == LIMIT_FINAL_UNSHOWN) TRY(STATUS_CORRUPT); // nobody leaves so many
    if (!seats_know_protocol(node)) TRY(STATUS_UNSUPPORTED); // a newer release was here before
    TRY(replay(node, height, &block));
    if (height > certificate_log_newest(node->certificates)) {
        if (!network_was_there(node) && seats_can_sign(node)) status = chain_certify(node, block);
    } else {
        branch_take(node, block);
        status = chain_show(node, block, has_certificate(node, height));
    }
out:
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

// Where the blocks that this node has seen begin: behind the snapshot that it joined by.
static enum status read_first_height(struct node *node) {
    char path[PATH_MAX];
    struct cut cut = {0};
    enum status status = history_read_cut(&cut, node->folder, "joined");
    node->first_height = cut.header.height + 1;
    file_path_in(path, node->folder, "filled");
    node->is_filled = node->first_height == 1 || file_exists(path);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status open_log(struct node *node, const struct node_config *config,
                            uint64_t checkpoint_height) {
    char path[PATH_MAX];
    file_path_in(path, config->data_dir, "blocks");
    struct block_log_config log_config = {
        .directory = path,
        .durable_height = certificate_log_newest(node->certificates),
        .segment_bytes = config->segment_bytes,
        .first_height = node->first_height,
        .needed_from = config->must_prune ? checkpoint_height + 1 : node->first_height};
    enum status status = block_log_open(&node->log, &log_config);
    // A back-up may hold the file, and not all that came before it.
    if (status == STATUS_OK && node->first_height > 1 && block_log_oldest(node->log) > 1)
        node->is_filled = false;
    return status;
}

// It may be waiting for a checkpoint.
static void wake_producer(void *context) {
    struct node *node = context;
    pthread_mutex_lock(&node->lock);
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
}

static uint16_t count_witnesses(const struct node *node) {
    struct witnesses witnesses;
    ENSURE(witnesses_load(&witnesses, state_version_view(node->version), node->head.header.epoch));
    return witnesses.count;
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
    file_path_in(path, config->data_dir, "state.sqlite");
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
    node->found[head.header.height % LIMIT_BLOCKS_FOUND] = head.id;
    node->found_from = node->checkpoint_begun = head.header.height;
    node->head_witnesses = count_witnesses(node);
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
    file_path_in(path, config->data_dir, "certificates");
    TRY(certificate_log_open(&node->certificates,
                             &(struct certificate_log_config){
                                 .directory = path, .per_file = config->certificates_in_file}));
    TRY(open_log(node, config, cut.header.height));
    if (cut.header.height > 0) TRY(check_cut(node, &cut, &node->head.id));
    TRY(history_recover(node, &cut));
    TRY(snapshot_keeper_open(&node->snapshots, node, &config->snapshots));
    for (uint64_t height = node->head.header.height + 1; height <= block_log_newest(node->log);
         height++)
        TRY(recover_block(node, height));
    TRY(chain_load_certificate(node));
out:
    return status;
}

void chain_close(struct node *node) {
    snapshot_keeper_close(node->snapshots);
    branches_clear(node);
    checkpoint_close(node->checkpoint);
    history_close(node->history);
    block_log_close(node->log);
    certificate_log_close(node->certificates);
    for (size_t i = 0; i < LIMIT_FINAL_VERSIONS; i++) state_version_unref(node->recent[i].version);
    module_cache_free(node->modules);
    module_cache_free(node->trial_modules);
    state_free(node->state);
}

// --- among others ---

static const char AGREED[] = "agreed"; // the file that says so

enum status network_mark(const struct node *node) {
    char path[PATH_MAX];
    file_path_in(path, node->folder, AGREED);
    return file_exists(path) ? STATUS_OK : file_replace(path, bytes_of(NULL, 0), 0600);
}

bool network_was_there(const struct node *node) {
    char path[PATH_MAX];
    file_path_in(path, node->folder, AGREED);
    return file_exists(path);
}
