// SPDX-License-Identifier: Apache-2.0
#include "cli/chain_walk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/file.h"
#include "chaincore/chain/block_roots.h"
#include "chaincore/chain/certificate.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/chain/tx.h"
#include "chaincore/ledger/block_log.h"
#include "chaincore/ledger/certificate_log.h"
#include "chaincore/ledger/checkpoint.h"

struct walk {
    struct chain_walk *out;
    struct arena genesis_arena;
    struct witness_set witnesses;
    struct hash set_hash;
    struct certificate_log *certificates;
    struct block_log *log;
    struct state *state;
    struct checkpoint *checkpoint;
    struct cut cut; // of the state
};

static enum status fail(struct walk *walk, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static enum status fail(struct walk *walk, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(walk->out->fault, sizeof walk->out->fault, format, arguments);
    va_end(arguments);
    return STATUS_CORRUPT;
}

static enum status read_genesis(struct walk *walk, const char *folder) {
    char path[PATH_MAX];
    struct buf encoded = {0};
    struct genesis genesis;
    file_path_in(path, folder, "genesis");
    enum status status = file_read(&encoded, path, GENESIS_MAX_BYTES);
    if (status == STATUS_OK)
        status = genesis_decode(&genesis, &walk->genesis_arena, buf_bytes(&encoded));
    if (status == STATUS_OK) {
        genesis_chain_id(&walk->out->chain_id, &genesis);
        genesis_witness_set(&walk->witnesses, &genesis);
        witness_set_hash(&walk->set_hash, &walk->witnesses);
    } else {
        fail(walk, "%s: %s", path, status_text(status));
    }
    buf_clear(&encoded);
    return status;
}

static enum status open_parts(struct walk *walk, const char *folder) {
    char path[PATH_MAX];
    struct state_version *version = NULL;
    file_path_in(path, folder, "certificates");
    enum status status = certificate_log_open(&walk->certificates,
                                              &(struct certificate_log_config){.directory = path});
    if (status != STATUS_OK) return fail(walk, "the certificates: %s", status_text(status));
    uint64_t newest = certificate_log_newest(walk->certificates);
    file_path_in(path, folder, "blocks");
    status = block_log_open(
        &walk->log, &(struct block_log_config){.directory = path, .durable_height = newest});
    if (status != STATUS_OK) return fail(walk, "the blocks: %s", status_text(status));
    if (block_log_newest(walk->log) < newest)
        return fail(walk, "the blocks end at %" PRIu64 ", the certificates at %" PRIu64,
                    block_log_newest(walk->log), newest);
    walk->state = state_create();
    file_path_in(path, folder, "state.sqlite");
    struct checkpoint_config config = {.path = path, .state = walk->state};
    status = checkpoint_open(&walk->checkpoint, &config, &version, &walk->cut);
    if (status != STATUS_OK) return fail(walk, "the state: %s", status_text(status));
    walk->out->state_height = walk->cut.header.height;
    walk->out->state_root = *state_root(version);
    state_version_unref(version);
    if (walk->cut.header.height > newest)
        return fail(walk, "the state is of block %" PRIu64 ", the certificates end at %" PRIu64,
                    walk->cut.header.height, newest);
    return STATUS_OK;
}

// What the header says of the block's lists.
static enum status check_roots(struct walk *walk, struct arena *arena, const struct block *block) {
    struct hash root, *ids = arena_alloc_array(arena, block->tx_count + 1, sizeof *ids);
    struct bytes *signatures = arena_alloc_array(arena, block->tx_count + 1, sizeof *signatures);
    struct tx *tx = arena_alloc(arena, sizeof *tx);
    size_t count = 0;
    for (uint32_t i = 0; i < block->tx_count; i++) {
        struct bytes encoded = block->txs[i].encoded;
        if (encoded.len == 0) continue; // a timer's run
        if (tx_decode(tx, encoded) != STATUS_OK)
            return fail(walk, "block %" PRIu64 ": transaction %u is none", block->header.height, i);
        struct bytes body = tx_body(encoded, tx);
        tx_id(&ids[count], tx);
        signatures[count++] = bytes_of(encoded.data + body.len, encoded.len - body.len);
    }
    block_tx_root(&root, ids, signatures, count);
    if (!hash_equal(&root, &block->header.tx_root))
        return fail(walk, "block %" PRIu64 " has other transactions than its header names",
                    block->header.height);
    block_receipts_root(&root, block->txs, block->tx_count);
    if (!hash_equal(&root, &block->header.receipts_root))
        return fail(walk, "block %" PRIu64 " has other receipts than its header names",
                    block->header.height);
    return STATUS_OK;
}

static enum status check_certificate(struct walk *walk, const struct header *header,
                                     const struct hash *id) {
    static struct certificate certificate;
    struct buf encoded = {0};
    enum status status = certificate_log_read(walk->certificates, header->height, &encoded);
    if (status == STATUS_NOT_FOUND) {
        buf_clear(&encoded);
        return STATUS_OK; // not kept; or of a block that was never signed
    }
    struct vote vote = {
        .epoch = header->epoch, .set_hash = walk->set_hash, .kind = VOTE_FINALIZE, .block_id = *id};
    struct decoder in = decoder_of(buf_bytes(&encoded));
    certificate_decode_from(&in, &certificate, walk->witnesses.count);
    vote.view = certificate.view;
    if (status == STATUS_OK) status = decoder_finish(&in);
    if (status == STATUS_OK)
        status = certificate_check(&certificate, &walk->witnesses, &vote, &walk->out->chain_id);
    buf_clear(&encoded);
    if (status != STATUS_OK || certificate.view < header->view)
        return fail(walk, "the certificate of block %" PRIu64 " does not prove it", header->height);
    walk->out->certificates++;
    return STATUS_OK;
}

// A block that stands where it should; `parent` is its id afterwards.
static enum status check_block(struct walk *walk, struct arena *arena, struct bytes encoded,
                               uint64_t height, struct hash *parent) {
    struct block block;
    if (block_decode(&block, arena, encoded) != STATUS_OK)
        return fail(walk, "block %" PRIu64 " is none", height);
    const struct header *header = &block.header;
    if (header->height != height || !hash_equal(&header->chain_id, &walk->out->chain_id) ||
        (height > walk->out->first && !hash_equal(&header->parent, parent)))
        return fail(walk, "block %" PRIu64 " does not follow the one before", height);
    header_id(parent, header);
    if (height == walk->cut.header.height) {
        struct hash id;
        header_id(&id, &walk->cut.header);
        if (!hash_equal(&id, parent))
            return fail(walk, "the state is of another block %" PRIu64 " than the log's", height);
    }
    enum status status = check_roots(walk, arena, &block);
    return status == STATUS_OK ? check_certificate(walk, header, parent) : status;
}

static enum status check_blocks(struct walk *walk) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct hash parent = {0};
    enum status status = STATUS_OK;
    walk->out->first = block_log_oldest(walk->log);
    walk->out->newest = block_log_newest(walk->log);
    for (uint64_t height = walk->out->first; height <= walk->out->newest && status == STATUS_OK;
         height++) {
        buf_reset(&encoded);
        arena_clear(&arena);
        status = block_log_read(walk->log, height, &encoded);
        status = status == STATUS_OK
                     ? check_block(walk, &arena, buf_bytes(&encoded), height, &parent)
                     : fail(walk, "block %" PRIu64 ": %s", height, status_text(status));
    }
    walk->out->newest_id = parent;
    buf_clear(&encoded);
    arena_clear(&arena);
    return status;
}

// As a node holds it.
static enum status take_lock(struct walk *walk, const char *folder, int *lock) {
    char path[PATH_MAX];
    file_path_in(path, folder, "lock");
    *lock = open(path, O_RDWR | O_CLOEXEC);
    if (*lock < 0 || flock(*lock, LOCK_EX | LOCK_NB) == 0) return STATUS_OK; // a copy has none
    fail(walk, "a node has %s open; stop it, or look at a backup", folder);
    return STATUS_BUSY;
}

enum status chain_walk_run(struct chain_walk *out, const char *folder) {
    struct walk walk = {.out = out};
    int lock;
    *out = (struct chain_walk){0};
    enum status status = take_lock(&walk, folder, &lock);
    if (status == STATUS_OK) status = read_genesis(&walk, folder);
    if (status == STATUS_OK) status = open_parts(&walk, folder);
    if (status == STATUS_OK) status = check_blocks(&walk);
    checkpoint_close(walk.checkpoint);
    state_free(walk.state);
    block_log_close(walk.log);
    certificate_log_close(walk.certificates);
    arena_clear(&walk.genesis_arena);
    if (lock >= 0) close(lock);
    return status;
}
