// SPDX-License-Identifier: Apache-2.0
// The real node behind block_sync's table.
#include "chaincore/node/node_sync_chain.h"

#include "chaincore/node/node_block.h"
#include "chaincore/node/node_branch.h"
#include "chaincore/node/node_chain.h"

_Static_assert(LIMIT_SYNC_HEADERS <= LIMIT_FINAL_UNSHOWN, "they are shown with the last of them");

static void head(void *chain, struct sync_head *out) {
    struct node *node = chain;
    const struct executed *unshown = node->unshown;
    *out = (struct sync_head){.height = node->head.header.height, .id = node->head.id};
    for (; unshown; unshown = unshown->next) {
        out->height = unshown->work.block.header.height;
        out->id = unshown->id;
    }
    out->epoch = seats_epoch(node, out->height + 1);
}

static uint64_t epoch_blocks(void *chain) {
    const struct node *node = chain;
    return node->genesis.params.epoch_blocks;
}

// Of an epoch whose protocol this release lacks nothing is fetched: it could not be executed.
static bool set(void *chain, uint64_t epoch, struct witness_set *out) {
    const struct node *node = chain;
    if (!seats_know_protocol(chain) && epoch >= node->seats.epoch) return false;
    return changes_read_set(chain, epoch, out) == STATUS_OK;
}

static bool is_body_of(void *chain, const struct header *header, struct bytes body) {
    return node_branch_is_body_of(chain, header, body);
}

static enum status take(void *chain, const struct header *header, const struct hash *id,
                        struct bytes body, const struct certificate *certificate) {
    struct driver_final final = {
        .header = header, .id = *id, .body = body, .certificate = certificate};
    return node_branch_finalize(chain, &final);
}

static bool must_wait(void *chain) {
    const struct node *node = chain;
    return chain_is_far_from_checkpoint(node);
}

// Of those that came back later there are no certificates.
static uint64_t oldest(void *chain) {
    const struct node *node = chain;
    uint64_t oldest = block_log_oldest(node->log);
    return oldest > node->first_height ? oldest : node->first_height;
}

static uint64_t newest(void *chain) {
    const struct node *node = chain;
    return node->head.header.height;
}

static enum status read_header(void *chain, uint64_t height, struct header *out) {
    struct node *node = chain;
    struct buf front = {0};
    enum status status = STATUS_NOT_FOUND;
    if (height <= node->head.header.height)
        status = block_log_read_start(node->log, height, HEADER_MAX_BYTES, &front);
    if (status == STATUS_OK) status = block_decode_header(out, buf_bytes(&front));
    buf_clear(&front);
    return status;
}

static enum status read_block(void *chain, uint64_t height, struct header *header,
                              struct buf *body) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct block block;
    enum status status = node_read_block(chain, height, &encoded);
    if (status == STATUS_OK) status = block_decode(&block, &arena, buf_bytes(&encoded));
    if (status == STATUS_OK) {
        *header = block.header;
        buf_reset(body);
        body_encode(body, &block);
    }
    arena_clear(&arena);
    buf_clear(&encoded);
    return status;
}

static enum status read_certificate(void *chain, uint64_t height, struct buf *out) {
    const struct node *node = chain;
    return certificate_log_read(node->certificates, height, out);
}

void node_sync_use_node(struct sync_calls *calls, struct node *node) {
    calls->chain = node;
    calls->head = head;
    calls->epoch_blocks = epoch_blocks;
    calls->set = set;
    calls->is_body_of = is_body_of;
    calls->take = take;
    calls->must_wait = must_wait;
    calls->oldest = oldest;
    calls->newest = newest;
    calls->read_header = read_header;
    calls->read_block = read_block;
    calls->read_certificate = read_certificate;
}
