// SPDX-License-Identifier: Apache-2.0
// A block's way from executed to shown: its body durable, its certificate durable, then its state.
// One without a certificate waits in the log for the next that has one: one sync makes all of their
// bodies durable. Nothing is shown before, so what a crash takes of them was told to nobody.
#include "chaincore/node/node_chain.h"

#include "chaincore/base/log.h"
#include "chaincore/node/node_keep.h"

enum { CHECKPOINT_EVERY = 100 };
// One may fail, and a certificate may be missing for as long as an unfinal branch is.
_Static_assert(LIMIT_REPLAY_BLOCKS >= CHECKPOINT_EVERY + LIMIT_UNFINAL_BLOCKS,
               "a checkpoint in time");

static bool is_boundary(const struct node *node, uint64_t height) {
    return (height + 1) % node->genesis.params.epoch_blocks == 0;
}

// --- what is found by its id ---

static void note_final(struct node *node, uint64_t height, const struct hash *id) {
    node->found[height % LIMIT_BLOCKS_FOUND] = *id;
}

static enum status read_block(struct node *node, uint64_t height, struct buf *encoded,
                              struct header *header, struct hash *id) {
    enum status status = block_log_read(node->log, height, encoded);
    if (status == STATUS_OK) status = block_decode_header(header, buf_bytes(encoded));
    if (status == STATUS_OK) header_id(id, header);
    return status;
}

// Those of before this start, when somebody asks for the first time.
static void find_earlier(struct node *node) {
    uint64_t newest = branch_final_height(node);
    uint64_t from = newest < LIMIT_BLOCKS_FOUND ? 1 : newest - LIMIT_BLOCKS_FOUND + 1;
    struct buf encoded = {0};
    for (uint64_t height = from; height < node->found_from; height++) {
        struct header header;
        struct hash id = {0}; // no block's
        if (read_block(node, height, &encoded, &header, &id) != STATUS_OK) id = (struct hash){0};
        note_final(node, height, &id);
    }
    buf_clear(&encoded);
    if (from < node->found_from) node->found_from = from;
}

bool chain_has(struct node *node, uint64_t height, const struct hash *id) {
    if (height == 0) return hash_equal(id, &node->genesis_id);
    if (height > branch_final_height(node)) return false;
    if (height + LIMIT_BLOCKS_FOUND <= branch_final_height(node)) return false;
    if (height < node->found_from) find_earlier(node);
    return hash_equal(id, &node->found[height % LIMIT_BLOCKS_FOUND]);
}

static enum status append_body(struct buf *out, struct bytes encoded) {
    struct arena arena = {0};
    struct block block;
    enum status status = block_decode(&block, &arena, encoded);
    if (status == STATUS_OK) body_encode(out, &block);
    arena_clear(&arena);
    return status;
}

bool node_branch_find_block(struct node *node, const struct hash *id, struct header *header,
                            struct buf *body) {
    uint64_t height = branch_final_height(node);
    struct buf encoded = {0};
    struct hash found;
    for (int i = 0; i < LIMIT_BLOCKS_FOUND && height > 0; i++, height--)
        if (chain_has(node, height, id)) break;
    if (height == 0 || !chain_has(node, height, id)) return false;
    enum status status = read_block(node, height, &encoded, header, &found);
    if (status == STATUS_OK && !hash_equal(id, &found)) status = STATUS_CORRUPT;
    if (status == STATUS_OK) status = append_body(body, buf_bytes(&encoded));
    buf_clear(&encoded);
    return status == STATUS_OK;
}

// --- in the log ---

// A crash may have left it there before its certificate.
static enum status check_logged(struct node *node, const struct executed *block) {
    struct buf encoded = {0};
    enum status status = block_log_read(node->log, block->work.block.header.height, &encoded);
    if (status == STATUS_OK && !bytes_equal(buf_bytes(&encoded), buf_bytes(&block->encoded))) {
        log_error("node", "the log holds another block than the one that is final",
                  log_number("height", (int64_t)block->work.block.header.height));
        status = STATUS_CORRUPT;
    }
    buf_clear(&encoded);
    return status;
}

static enum status log_block(struct node *node, struct executed *block) {
    const struct work *work = &block->work;
    enum status status = STATUS_OK;
    if (block->is_logged) return STATUS_OK;
    struct block_log_entry entry = {.height = work->block.header.height,
                                    .block = buf_bytes(&block->encoded),
                                    .tx_ids = work->tx_ids,
                                    .tx_count = work->block.tx_count,
                                    .kept_until_ms = work->kept_until_ms};
    if (entry.height <= block_log_newest(node->log)) {
        TRY(check_logged(node, block));
    } else {
        TRY(block_log_append(node->log, &entry));
    }
    block->is_logged = true;
out:
    return status;
}

static enum status log_certificate(struct node *node, uint64_t height,
                                   const struct certificate *certificate) {
    struct buf encoded = {0};
    enum status status;
    certificate_encode(&encoded, certificate, seats_of_next(node)->set.count);
    struct certificate_entry entry = {.height = height,
                                      .is_boundary = is_boundary(node, height),
                                      .certificate = buf_bytes(&encoded)};
    TRY(certificate_log_append(node->certificates, &entry));
    TRY(certificate_log_sync(node->certificates));
out:
    buf_clear(&encoded);
    return status;
}

// --- shown ---

struct state_version *chain_set_head(struct node *node, struct state_version *version,
                                     const struct node_head *head) {
    struct node_recent *place = &node->recent[head->header.height % LIMIT_FINAL_VERSIONS];
    struct state_version *old = place->version;
    node->version = version;
    node->head = *head;
    *place = (struct node_recent){.version = version, .head = *head};
    return old;
}

// Nobody but the producer adds to them while it runs, so it reads them without the lock.
void chain_tell_drops(struct node *node, uint64_t from) {
    const struct drops *drops = mempool_drops(node->mempool);
    for (uint64_t i = from; node->on_dropped && i < drops_total(drops); i++)
        node->on_dropped(node->context, drops_id(drops, i));
}

// Shows the new head to everyone and takes out of the mempool what it holds.
static void publish(struct node *node, struct executed *block) {
    const struct work *work = &block->work;
    struct node_head head = {.header = work->block.header, .id = block->id};
    uint64_t drops_before = drops_total(mempool_drops(node->mempool));
    node->head_witnesses = seats_of_next(node)->set.count;
    note_final(node, head.header.height, &head.id);
    pthread_mutex_lock(&node->lock);
    struct state_version *old = chain_set_head(node, block->version, &head);
    block->version = NULL;
    node->params = work->apply.params;
    for (uint32_t i = work->timers.count; i < work->block.tx_count; i++)
        mempool_advance(node->mempool, &work->applied[i].lane, work->applied[i].seq + 1,
                        &work->tx_ids[i]);
    for (size_t i = 0; i < work->dropped_count; i++)
        mempool_drop_from(node->mempool, &work->dropped[i].lane, work->dropped[i].seq,
                          work->dropped[i].code);
    mempool_expire(node->mempool, work->block.header.height + 1);
    node->must_look_for_work = true;
    node->counts.blocks++;
    node->counts.txs += work->block.tx_count - work->timers.count;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
    chain_tell_drops(node, drops_before);
    state_version_unref(old);
}

// What a start needs is behind the checkpoint that is on disk. What fails is left for the next
// time.
static void prune(struct node *node) {
    struct checkpoint_health health;
    if (!node->must_prune) return;
    checkpoint_health(node->checkpoint, &health);
    struct block_log_bound bound = {.height = health.height + 1,
                                    .now_ms = node->head.header.time_ms};
    uint64_t last = block_log_prunable(node->log, &bound);
    if (last == 0) return;
    enum status status = history_note_pruned(node, last);
    if (status == STATUS_OK) status = block_log_prune(node->log, &bound);
    if (status != STATUS_OK)
        log_error("node", "blocks cannot be pruned", log_number("height", (int64_t)last),
                  log_text("status", status_name(status)));
}

// A snapshot of it is proven by its own certificate; so where that is missing, the next that has
// one stands in for it, as among the certificates that are kept.
static bool is_checkpoint_due(const struct node *node, uint64_t height) {
    return height / CHECKPOINT_EVERY > node->checkpoint_begun / CHECKPOINT_EVERY ||
           is_boundary(node, height);
}

bool chain_is_far_from_checkpoint(const struct node *node) {
    struct checkpoint_health health;
    checkpoint_health(node->checkpoint, &health);
    return node->head.header.height >= health.height + LIMIT_REPLAY_BLOCKS;
}

enum status chain_show(struct node *node, struct executed *block, bool is_certified) {
    struct cut cut = {.header = block->work.block.header, .below = block->below};
    uint64_t height = cut.header.height;
    enum status status = history_append(node->history, &block->id);
    if (status == STATUS_OK) publish(node, block);
    executed_free(block);
    if (status != STATUS_OK || !is_certified || !is_checkpoint_due(node, height)) return status;
    node->checkpoint_begun = height;
    checkpoint_start(node->checkpoint, node->version, &cut);
    snapshot_keeper_note(node->snapshots, node->version, &cut);
    prune(node);
    return STATUS_OK;
}

// All that waits, up to the one that the certificate is of.
static enum status show_all(struct node *node, const struct certificate *certificate) {
    enum status status = block_log_sync(node->log);
    if (status == STATUS_OK) status = log_certificate(node, branch_final_height(node), certificate);
    while (status == STATUS_OK && node->unshown) {
        struct executed *block = node->unshown;
        node->unshown = block->next;
        node->unshown_count--;
        status = chain_show(node, block, !node->unshown);
    }
    if (status == STATUS_OK) {
        node->head_certificate = *certificate;
        branches_sweep(node);
    }
    return status;
}

// --- final ---

static void add_unshown(struct node *node, struct executed *block) {
    struct executed **link = &node->unshown;
    while (*link) link = &(*link)->next;
    branch_take(node, block);
    block->next = NULL;
    *link = block;
    node->unshown_count++;
    note_final(node, block->work.block.header.height, &block->id);
}

// Can what is said to be final be so?
static enum status check_final(struct node *node, const struct driver_final *final) {
    const struct node_seats *seats = seats_of_next(node);
    const struct header *header = final->header;
    const struct certificate *certificate = final->certificate;
    if (header->height != branch_final_height(node) + 1 ||
        !chain_has(node, header->height - 1, &header->parent))
        return STATUS_CORRUPT;
    if (certificate && (certificate->view < header->view ||
                        certificate->signature_count < witness_quorum(seats->set.count)))
        return STATUS_INVALID;
    if (!certificate && is_boundary(node, header->height)) return STATUS_INVALID;
    return !certificate && node->unshown_count == LIMIT_FINAL_UNSHOWN ? STATUS_FULL : STATUS_OK;
}

enum status node_branch_finalize(struct node *node, const struct driver_final *final) {
    struct executed *block;
    enum status status = STATUS_OK;
    if (final->header->height <= branch_final_height(node)) return STATUS_OK;
    TRY(check_final(node, final));
    if (!node_branch_execute(node, final->header, final->body)) TRY(STATUS_CORRUPT);
    block = branch_of(node, &final->id);
    if (!block) TRY(STATUS_CORRUPT);
    TRY(log_block(node, block));
    add_unshown(node, block);
    if (final->certificate) TRY(show_all(node, final->certificate));
out:
    return status;
}

static void sign(const struct node *node, const struct executed *block, struct certificate *out) {
    const struct header *header = &block->work.block.header;
    struct vote vote = {.epoch = header->epoch,
                        .set_hash = header->set_hash,
                        .kind = VOTE_FINALIZE,
                        .view = header->view,
                        .block_id = block->id};
    struct hash payload;
    vote_payload(&payload, &vote);
    *out = (struct certificate){.view = header->view};
    for (uint16_t i = 0; i < node->seats.signer_count; i++) {
        const struct signer *signer = &node->seats.signers[i];
        struct signature signature;
        sign_payload(&signature, &signer->key, SIGN_VOTE, &node->chain_id, &payload);
        certificate_add(out, signer->index, &signature);
    }
}

// The body is durable before anything is signed over it.
enum status chain_certify(struct node *node, struct executed *block) {
    struct certificate certificate;
    enum status status;
    TRY(log_block(node, block));
    TRY(block_log_sync(node->log));
    seats_of_next(node);
    sign(node, block, &certificate);
    struct driver_final final = {
        .header = &block->work.block.header, .id = block->id, .certificate = &certificate};
    status = node_branch_finalize(node, &final);
out:
    return status;
}

enum status chain_extend(struct node *node, uint64_t time_ms) {
    const struct node_seats *seats = seats_of_next(node);
    struct driver_build build = {.parent = &node->head.header,
                                 .parent_id = node->head.id,
                                 .epoch = seats->epoch,
                                 .view = node->head.header.view + 1,
                                 .time_ms = time_ms,
                                 .parent_certificate = &node->head_certificate};
    struct header header;
    struct hash id;
    build.leader = schedule_leader(&seats->schedule, build.view);
    if (!node_branch_build(node, &build, &header, NULL)) return STATUS_INVALID;
    header_id(&id, &header);
    return chain_certify(node, branch_of(node, &id));
}

enum status chain_load_certificate(struct node *node) {
    struct buf encoded = {0};
    uint64_t height = node->head.header.height;
    enum status status = STATUS_OK;
    if (height == 0) return STATUS_OK;
    TRY(certificate_log_read(node->certificates, height, &encoded));
    struct decoder decoder = decoder_of(buf_bytes(&encoded));
    certificate_decode_from(&decoder, &node->head_certificate, node->head_witnesses);
    status = decoder_finish(&decoder);
out:
    buf_clear(&encoded);
    return status;
}

void node_branch_root(struct node *node, struct consensus_root *root,
                      struct certificate *certificate) {
    *certificate = node->head_certificate;
    *root = (struct consensus_root){
        .epoch = node->head.header.epoch, .header = node->head.header, .id = node->head.id};
    if (node->head.header.height == 0) return;
    root->view = certificate->view;
    root->certificate = certificate;
}
