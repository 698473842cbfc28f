// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/node_fill.h"

#include <limits.h>
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/chain/block_roots.h"
#include "chaincore/node/node_block.h"
#include "chaincore/node/node_branch.h"

enum {
    SEGMENT_BLOCKS = 2048,           // of one segment, at most, and what a crash loses
    SEGMENT_BYTES = 4 * 1024 * 1024, // the same; the last may reach over
    HISTORY_AT_ONCE = 64,            // of one run
};

struct node_fill {
    struct node *node;
    uint64_t missing;                  // the highest block; 0: none
    struct hash id;                    // of that one
    struct buf blocks[SEGMENT_BLOCKS]; // that are no segment yet, the highest first
    size_t count;
    size_t bytes;
    size_t segment_bytes;       // of all of these, when they become one
    struct history_peaks peaks; // over the ids that the history has been told again
    struct cut joined;
    bool is_over;
};

bool node_fill_is_needed(const struct node *node) {
    return node->network && !node->must_prune && node->first_height > 1 && !node->is_filled;
}

// The block below the oldest that is there.
static enum status find_missing(struct node_fill *fill) {
    uint64_t oldest = block_log_oldest(fill->node->log);
    struct buf encoded = {0};
    struct header header;
    fill->missing = oldest - 1;
    if (oldest == fill->node->first_height) {
        header_id(&fill->id, &fill->joined.header);
        return STATUS_OK;
    }
    enum status status = block_log_read(fill->node->log, oldest, &encoded);
    if (status == STATUS_OK) status = block_decode_header(&header, buf_bytes(&encoded));
    if (status == STATUS_OK) fill->id = header.parent;
    buf_clear(&encoded);
    return status;
}

enum status node_fill_open(struct node_fill **out, struct node *node) {
    *out = NULL;
    if (!node_fill_is_needed(node)) return STATUS_OK;
    struct node_fill *fill = mem_alloc(sizeof *fill);
    fill->node = node;
    fill->segment_bytes = SEGMENT_BYTES;
    if (node->segment_bytes > 0 && node->segment_bytes < SEGMENT_BYTES)
        fill->segment_bytes = node->segment_bytes;
    enum status status = history_read_cut(&fill->joined, node->folder, "joined");
    if (status == STATUS_OK) status = find_missing(fill);
    if (status != STATUS_OK) {
        node_fill_close(fill);
        return status;
    }
    if (fill->missing > 0)
        log_info("node", "blocks of before this node joined are fetched",
                 log_number("missing", (int64_t)fill->missing));
    *out = fill;
    return STATUS_OK;
}

static void drop_blocks(struct node_fill *fill) {
    for (size_t i = 0; i < fill->count; i++) buf_clear(&fill->blocks[i]);
    fill->count = fill->bytes = 0;
}

void node_fill_close(struct node_fill *fill) {
    if (!fill) return;
    drop_blocks(fill);
    mem_free(fill);
}

// ---- judging a block

// The runs of timers stand in front, and everything else is a transaction: so what the roots are
// over can be told in one way.
static bool are_in_order(const struct block *block) {
    for (uint32_t i = 1; i < block->tx_count; i++)
        if (block->txs[i].encoded.len == 0 && block->txs[i - 1].encoded.len > 0) return false;
    return true;
}

static bool has_events(const struct block_tx *tx) {
    struct hash leaves[LIMIT_TX_EVENTS], root;
    for (uint32_t i = 0; i < tx->event_count; i++) event_leaf(&leaves[i], &tx->events[i]);
    block_list_root(&root, leaves, tx->event_count);
    return hash_equal(&root, &tx->receipt.events_root);
}

static bool has_txs(struct node *node, const struct block *block) {
    struct buf body = {0};
    body_encode(&body, block);
    bool has_them = node_branch_is_body_of(node, &block->header, buf_bytes(&body));
    buf_clear(&body);
    return has_them;
}

// Every byte of it is under the id: header, transactions, receipts and events.
static bool is_block(struct node_fill *fill, struct bytes encoded, struct hash *parent) {
    struct arena arena = {0};
    struct block block;
    struct hash id, root;
    bool is_it = block_decode(&block, &arena, encoded) == STATUS_OK;
    if (is_it) {
        header_id(&id, &block.header);
        block_receipts_root(&root, block.txs, block.tx_count);
        is_it = hash_equal(&id, &fill->id) && block.header.height == fill->missing &&
                hash_equal(&root, &block.header.receipts_root) && are_in_order(&block) &&
                has_txs(fill->node, &block);
        for (uint32_t i = 0; i < block.tx_count && is_it; i++) is_it = has_events(&block.txs[i]);
        *parent = block.header.parent;
    }
    arena_clear(&arena);
    return is_it;
}

// ---- keeping it

static enum status write_segment(struct node_fill *fill) {
    struct bytes *ascending = mem_alloc_array(fill->count, sizeof *ascending);
    for (size_t i = 0; i < fill->count; i++)
        ascending[i] = buf_bytes(&fill->blocks[fill->count - 1 - i]);
    enum status status =
        block_log_prepend(fill->node->log, fill->missing + 1, ascending, fill->count);
    mem_free(ascending);
    if (status == STATUS_OK) drop_blocks(fill);
    return status;
}

static enum status keep(void *chain, struct bytes encoded) {
    struct node_fill *fill = chain;
    struct hash parent;
    if (!is_block(fill, encoded, &parent)) return STATUS_INVALID;
    if (fill->missing == 1 && !hash_equal(&parent, &fill->node->genesis_id)) {
        log_error("node", "the chain that was joined does not begin with this genesis");
        return STATUS_CORRUPT;
    }
    struct buf *block = &fill->blocks[fill->count++];
    buf_append(block, encoded);
    fill->bytes += encoded.len;
    fill->id = parent;
    fill->missing--;
    bool is_full = fill->count == SEGMENT_BLOCKS || fill->bytes >= fill->segment_bytes;
    return is_full || fill->missing == 0 ? write_segment(fill) : STATUS_OK;
}

static uint64_t missing(void *chain) { return ((const struct node_fill *)chain)->missing; }

void node_fill_use(struct fill_calls *calls, struct node_fill *fill) {
    calls->chain = fill;
    calls->missing = missing;
    calls->keep = keep;
}

// ---- the history over them

bool node_fill_has_work(const struct node_fill *fill) {
    return fill && fill->missing == 0 && !fill->is_over;
}

static enum status read_id(struct node *node, uint64_t height, struct hash *out) {
    struct buf encoded = {0};
    struct header header;
    *out = node->genesis_id;
    if (height == 0) return STATUS_OK;
    enum status status = block_log_read(node->log, height, &encoded);
    if (status == STATUS_OK) status = block_decode_header(&header, buf_bytes(&encoded));
    if (status == STATUS_OK) header_id(out, &header);
    buf_clear(&encoded);
    return status;
}

static enum status end(struct node_fill *fill) {
    struct node *node = fill->node;
    char path[PATH_MAX];
    struct hash root;
    history_peaks_root(&root, &fill->peaks);
    if (!hash_equal(&root, &fill->joined.header.history_root)) {
        log_error("node", "the blocks that were fetched do not lead to where this node joined");
        return STATUS_CORRUPT;
    }
    enum status status = history_end_fill(node->history);
    file_path_in(path, node->folder, "filled");
    if (status == STATUS_OK) status = file_replace(path, bytes_of(NULL, 0), 0600);
    if (status != STATUS_OK) return status;
    fill->is_over = true;
    pthread_mutex_lock(&node->lock);
    node->is_filled = true;
    pthread_mutex_unlock(&node->lock);
    log_info("node", "all blocks of before this node joined are there",
             log_number("joined", (int64_t)fill->joined.header.height));
    return STATUS_OK;
}

enum status node_fill_run(struct node_fill *fill) {
    enum status status = STATUS_OK;
    struct hash id;
    if (!node_fill_has_work(fill)) return STATUS_OK;
    for (int i = 0; i < HISTORY_AT_ONCE && fill->peaks.count < fill->joined.header.height; i++) {
        TRY(read_id(fill->node, fill->peaks.count, &id));
        TRY(history_fill(fill->node->history, &fill->peaks, &id));
    }
    if (fill->peaks.count == fill->joined.header.height) status = end(fill);
out:
    return status;
}
