// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/node.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/view.h"
#include "chaincore/node/node_fill.h"
#include "chaincore/node/node_internal.h"
#include "chaincore/node/node_keep.h"

// What a view may use: it costs nobody anything, so it must end soon.
static const uint64_t VIEW_GAS_LIMIT = 50 * 1000 * 1000;

static enum status load_genesis(struct node *node, struct bytes encoded) {
    buf_append(&node->genesis_bytes, encoded);
    enum status status =
        genesis_decode(&node->genesis, &node->genesis_arena, buf_bytes(&node->genesis_bytes));
    if (status != STATUS_OK) {
        log_error("node", "genesis is not valid", log_text("status", status_name(status)));
        return STATUS_INVALID;
    }
    genesis_head_encode(&node->genesis_head, &node->genesis);
    genesis_head_id(&node->chain_id, buf_bytes(&node->genesis_head));
    return STATUS_OK;
}

// One process per folder, for as long as it runs.
static enum status lock_folder(struct node *node, const char *folder) {
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/lock", folder);
    if (len < 0 || (size_t)len >= sizeof path) return STATUS_TOO_LARGE;
    node->lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (node->lock_file < 0) return STATUS_IO;
    if (flock(node->lock_file, LOCK_EX | LOCK_NB) == 0) return STATUS_OK;
    return errno == EWOULDBLOCK ? STATUS_BUSY : STATUS_IO;
}

// The folder keeps its genesis, so that it is never opened for another chain.
static enum status check_genesis_file(const struct node *node, const char *folder) {
    char path[PATH_MAX];
    struct buf stored = {0};
    int len = snprintf(path, sizeof path, "%s/genesis", folder);
    if (len < 0 || (size_t)len >= sizeof path) return STATUS_TOO_LARGE;
    enum status status = file_read(&stored, path, GENESIS_MAX_BYTES);
    if (status == STATUS_NOT_FOUND)
        status = file_replace(path, buf_bytes(&node->genesis_bytes), 0600);
    else if (status == STATUS_OK &&
             !bytes_equal(buf_bytes(&stored), buf_bytes(&node->genesis_bytes)))
        status = STATUS_CONFLICT;
    buf_clear(&stored);
    return status;
}

// How the folder's files are laid out, and what the state in them holds; one number for all.
static const char LAYOUT[] = "7\n";

static enum status check_layout(const char *folder) {
    char path[PATH_MAX], genesis[PATH_MAX];
    struct buf stored = {0};
    int len = snprintf(path, sizeof path, "%s/layout", folder);
    int genesis_len = snprintf(genesis, sizeof genesis, "%s/genesis", folder);
    if (len < 0 || genesis_len < 0 || (size_t)genesis_len >= sizeof genesis)
        return STATUS_TOO_LARGE;
    enum status status = file_read(&stored, path, sizeof LAYOUT);
    if (status == STATUS_NOT_FOUND && !file_exists(genesis))
        status = file_replace(path, bytes_of_string(LAYOUT), 0600);
    else if (status == STATUS_NOT_FOUND ||
             !bytes_equal(buf_bytes(&stored), bytes_of_string(LAYOUT)))
        status = STATUS_UNSUPPORTED;
    if (status == STATUS_UNSUPPORTED)
        log_error("node", "another version of this program laid the data folder out",
                  log_text("folder", folder));
    buf_clear(&stored);
    return status;
}

static void init_locks(struct node *node) {
    pthread_condattr_t attributes;
    pthread_mutex_init(&node->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&node->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static enum status path_of_waiting(struct node *node, const char *folder) {
    char path[sizeof node->waiting_path];
    int len = snprintf(path, sizeof path, "%s/waiting", folder);
    if (len < 0 || (size_t)len >= sizeof path) return STATUS_TOO_LARGE;
    memcpy(node->waiting_path, path, sizeof path);
    return STATUS_OK;
}

enum status node_open(struct node **out, const struct node_config *config) {
    enum status status = STATUS_OK;
    struct node *node = mem_alloc(sizeof *node);
    node->lock_file = -1;
    node->mempool = mempool_create();
    node->folder = mem_copy_string(config->data_dir);
    init_locks(node);
    TRY(load_genesis(node, config->genesis));
    seats_init(node, config);
    TRY(file_make_directories(config->data_dir, 0700));
    TRY(lock_folder(node, config->data_dir));
    TRY(check_layout(config->data_dir));
    TRY(check_genesis_file(node, config->data_dir));
    TRY(network_configure(node, config->network));
    node->must_prune = config->must_prune;
    node->segment_bytes = config->segment_bytes;
    node->newest_protocol = config->newest_protocol ? config->newest_protocol : PROTOCOL_NEWEST;
    TRY(chain_open(node, config));
    producer_begin(node);
    TRY(path_of_waiting(node, config->data_dir));
    waiting_load(node);
    // Only now: blocks that recovery finds are nobody's news.
    node->on_dropped = config->on_dropped;
    node->context = config->context;
    log_info("node", "open", log_number("height", (int64_t)node->head.header.height),
             log_number("keys", seats_of_next(node)->signer_count));
    *out = node;
out:
    if (status != STATUS_OK) node_close(node);
    return status;
}

void node_close(struct node *node) {
    if (!node) return;
    node_stop(node);
    if (*node->waiting_path) waiting_save(node);
    chain_close(node);
    mempool_free(node->mempool);
    network_clear(node);
    seats_clear(node);
    if (node->lock_file >= 0) close(node->lock_file);
    pthread_cond_destroy(&node->changed);
    pthread_mutex_destroy(&node->lock);
    arena_clear(&node->genesis_arena);
    buf_clear(&node->genesis_bytes);
    buf_clear(&node->genesis_head);
    mem_free(node->folder);
    mem_free(node);
}

static enum status start_among_others(struct node *node) {
    enum status status = network_start(node);
    node->is_running = status == STATUS_OK;
    return status;
}

enum status node_start(struct node *node) {
    if (node->is_running) return STATUS_EXISTS;
    if (node->network) return start_among_others(node);
    if (network_was_there(node)) {
        log_error("node", "this chain was agreed on with others: its keys sign nothing alone");
        return STATUS_CONFLICT;
    }
    if (!seats_hold_quorum(node)) return STATUS_UNSUPPORTED;
    if (pthread_create(&node->producer, NULL, producer_run, node) != 0) return STATUS_NO_MEMORY;
    node->is_running = true;
    return STATUS_OK;
}

void node_stop(struct node *node) {
    pthread_mutex_lock(&node->lock);
    node->must_stop = true;
    pthread_cond_broadcast(&node->changed);
    network_wake(node);
    pthread_mutex_unlock(&node->lock);
    if (!node->is_running) return;
    pthread_join(node->producer, NULL);
    if (node->network) network_end(node);
    node->is_running = false;
}

const struct hash *node_chain_id(const struct node *node) { return &node->chain_id; }
struct bytes node_genesis_bytes(const struct node *node) {
    return buf_bytes(&node->genesis_bytes);
}

struct bytes node_genesis_head(const struct node *node) {
    return buf_bytes(&node->genesis_head);
}
const struct genesis *node_genesis(const struct node *node) { return &node->genesis; }

static enum status read_receipt(struct node *node, const struct hash *id, struct node_tx *out) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct block block;
    enum status status;
    TRY(block_log_read(node->log, out->height, &encoded));
    TRY(block_decode(&block, &arena, buf_bytes(&encoded)));
    if (out->index >= block.tx_count || !hash_equal(&block.txs[out->index].receipt.tx_id, id))
        TRY(STATUS_CORRUPT);
    out->receipt = block.txs[out->index].receipt;
out:
    buf_clear(&encoded);
    arena_clear(&arena);
    return status;
}

enum status node_find_tx(struct node *node, const struct hash *id, struct node_tx *out) {
    struct block_log_place place;
    *out = (struct node_tx){.state = NODE_TX_UNKNOWN};
    // Before the log: a transaction leaves the mempool only after its block is in there.
    pthread_mutex_lock(&node->lock);
    bool is_pending = mempool_has(node->mempool, id);
    bool was_dropped = drops_find(mempool_drops(node->mempool), id, &out->code);
    uint64_t final_height = node->head.header.height;
    pthread_mutex_unlock(&node->lock);
    if (is_pending)
        out->state = NODE_TX_PENDING;
    else if (was_dropped)
        out->state = NODE_TX_DROPPED;
    enum status status = block_log_find_tx(node->log, id, 0, &place);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OK) return status;
    out->height = place.height;
    out->index = place.index;
    out->state = place.height <= final_height ? NODE_TX_FINAL : NODE_TX_INCLUDED;
    if (out->state != NODE_TX_FINAL) return STATUS_OK;
    status = read_receipt(node, id, out);
    if (status != STATUS_NOT_FOUND) return status;
    *out = (struct node_tx){.state = NODE_TX_UNKNOWN}; // pruned since it was found
    return STATUS_OK;
}

void node_params(struct node *node, struct params *out) {
    pthread_mutex_lock(&node->lock);
    *out = node->params;
    pthread_mutex_unlock(&node->lock);
}

void node_head(struct node *node, struct node_head *out) {
    pthread_mutex_lock(&node->lock);
    *out = node->head;
    pthread_mutex_unlock(&node->lock);
}

void node_health(struct node *node, struct node_health *out) {
    struct checkpoint_health health;
    struct params params;
    checkpoint_health(node->checkpoint, &health);
    *out = (struct node_health){
        .checkpoint_height = health.height, .checkpoint = health.last, .failures = health.failures};
    pthread_mutex_lock(&node->lock);
    out->is_held_up = node->is_held_up;
    out->is_halted = node->is_halted;
    out->has_twin = node->has_twin;
    parameters_of_epoch(&params, state_version_view(node->version),
                        seats_epoch(node, node->head.header.height + 1));
    if (params.protocol > node->newest_protocol) out->lacked_protocol = params.protocol;
    out->peers = network_peers(node);
    pthread_mutex_unlock(&node->lock);
}

void node_past(struct node *node, struct node_past *out) {
    *out = (struct node_past){.oldest = block_log_oldest(node->log),
                              .snapshot = snapshot_keeper_newest(node->snapshots)};
    pthread_mutex_lock(&node->lock);
    out->is_filling = node_fill_is_needed(node);
    pthread_mutex_unlock(&node->lock);
}

void node_exchange(struct node *node, struct node_exchange *out) {
    pthread_mutex_lock(&node->lock);
    network_exchange(node, out);
    pthread_mutex_unlock(&node->lock);
}

void node_counts(struct node *node, struct node_counts *out) {
    pthread_mutex_lock(&node->lock);
    *out = node->counts;
    out->mempool_txs = mempool_count(node->mempool);
    out->mempool_bytes = mempool_bytes(node->mempool);
    pthread_mutex_unlock(&node->lock);
}

bool node_wait(struct node *node, uint64_t height, uint32_t timeout_ms) {
    uint64_t until_ms = clock_monotonic_ms() + timeout_ms;
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};
    int waited = 0;
    pthread_mutex_lock(&node->lock);
    while (node->head.header.height <= height && !node->must_stop && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&node->changed, &node->lock, &until);
    bool is_above = node->head.header.height > height;
    pthread_mutex_unlock(&node->lock);
    return is_above;
}

static bool is_final(struct node *node, uint64_t height) {
    struct node_head head;
    node_head(node, &head);
    return height <= head.header.height;
}

enum status node_read_block(struct node *node, uint64_t height, struct buf *out) {
    return is_final(node, height) ? block_log_read(node->log, height, out) : STATUS_NOT_FOUND;
}

enum status node_read_certificate(struct node *node, uint64_t height, struct buf *out) {
    return is_final(node, height) ? certificate_log_read(node->certificates, height, out)
                                  : STATUS_NOT_FOUND;
}

void node_account(struct node *node, const struct account_id *id, struct account *out,
                  uint64_t *next_seq) {
    pthread_mutex_lock(&node->lock);
    struct tx_lane lane = {.account = *id};
    account_load(out, state_version_view(node->version), id);
    *next_seq = mempool_expected_seq(node->mempool, &lane, out->next_seq);
    pthread_mutex_unlock(&node->lock);
}

void node_look_again(struct node *node) {
    pthread_mutex_lock(&node->lock);
    node->has_moved_clock = true;
    pthread_cond_broadcast(&node->changed);
    network_wake(node);
    pthread_mutex_unlock(&node->lock);
}

uint64_t node_next_seq(struct node *node, const struct tx_lane *lane) {
    pthread_mutex_lock(&node->lock);
    uint64_t seq = lane_next_seq(state_version_view(node->version), lane);
    seq = mempool_expected_seq(node->mempool, lane, seq);
    pthread_mutex_unlock(&node->lock);
    return seq;
}

struct state_version *node_state(struct node *node) {
    pthread_mutex_lock(&node->lock);
    struct state_version *version = state_version_ref(node->version);
    pthread_mutex_unlock(&node->lock);
    return version;
}

struct state_version *node_state_at(struct node *node, uint64_t height, struct node_head *head) {
    struct state_version *version = NULL;
    pthread_mutex_lock(&node->lock);
    const struct node_recent *recent = &node->recent[height % LIMIT_FINAL_VERSIONS];
    if (recent->version && recent->head.header.height == height) {
        version = state_version_ref(recent->version);
        *head = recent->head;
    }
    pthread_mutex_unlock(&node->lock);
    return version;
}

void node_state_release(struct state_version *version) { state_version_unref(version); }

enum tx_code node_query(struct node *node, const struct account_id *contract, const char *method,
                        struct bytes arguments, struct buf *out, uint32_t *contract_code) {
    struct node_head head;
    pthread_mutex_lock(&node->lock);
    struct state_version *version = state_version_ref(node->version);
    head = node->head;
    pthread_mutex_unlock(&node->lock);
    struct view_request request = {.view = state_version_view(version),
                                   .modules = node->modules,
                                   .chain_id = node->chain_id,
                                   .contract = contract,
                                   .method = bytes_of_string(method),
                                   .arguments = arguments,
                                   .gas_limit = VIEW_GAS_LIMIT,
                                   .height = head.header.height,
                                   .time_ms = head.header.time_ms};
    enum tx_code code = view_call(out, &request, contract_code);
    state_version_unref(version);
    return code;
}
