// SPDX-License-Identifier: Apache-2.0
// A block's way: execute on a draft, put the roots into the header, make the body durable, sign,
// make the certificate durable, publish.
#include "chaincore/base/log.h"
#include "chaincore/node/node_block.h"

enum { CHECKPOINT_EVERY = 100 };
_Static_assert(LIMIT_REPLAY_BLOCKS >= 2 * CHECKPOINT_EVERY, "one may fail");

static void fill_header(struct node *node, struct header *out, uint64_t time_ms) {
    const struct header *parent = &node->head.header;
    const struct node_seats *seats = seats_of_next(node);
    uint64_t height = parent->height + 1;
    *out = (struct header){.version = HEADER_VERSION,
                           .chain_id = node->chain_id,
                           .height = height,
                           .epoch = seats->epoch,
                           .view = parent->view + 1,
                           .parent = node->head.id,
                           .time_ms = time_ms,
                           .set_hash = seats->set_hash};
    out->leader = seats_leader(seats, out->view);
    history_root(node->history, &out->history_root);
    out->parent_voters_len = (uint8_t)((node->head_witnesses + 7) / 8);
    memcpy(out->parent_voters, node->head_certificate.bitmap, out->parent_voters_len);
}

static enum status append_block(struct node *node, const struct work *work) {
    struct buf encoded = {0};
    block_encode(&encoded, &work->block);
    struct block_log_entry entry = {.height = work->block.header.height,
                                    .block = buf_bytes(&encoded),
                                    .tx_ids = work->tx_ids,
                                    .tx_count = work->block.tx_count,
                                    .kept_until_ms = work->kept_until_ms};
    enum status status = block_log_append(node->log, &entry);
    buf_clear(&encoded);
    return status == STATUS_OK ? block_log_sync(node->log) : status;
}

// Signs FINALIZE with every key this node holds. INVALID when they are fewer than a quorum.
static enum status certify(struct node *node, const struct header *header, const struct hash *id) {
    const struct node_seats *seats = seats_of_next(node);
    struct certificate *out = &node->head_certificate;
    struct vote vote = {.epoch = header->epoch,
                        .set_hash = header->set_hash,
                        .kind = VOTE_FINALIZE,
                        .view = header->view,
                        .block_id = *id};
    struct hash payload;
    vote_payload(&payload, &vote);
    *out = (struct certificate){.view = header->view};
    for (uint16_t i = 0; i < seats->signer_count; i++) {
        struct signature signature;
        sign_payload(&signature, &seats->signers[i].key, SIGN_VOTE, &node->chain_id, &payload);
        certificate_add(out, seats->signers[i].index, &signature);
    }
    node->head_witnesses = seats->set.count;
    return out->signature_count >= witness_quorum(seats->set.count) ? STATUS_OK : STATUS_INVALID;
}

static bool is_boundary(const struct node *node, uint64_t height) {
    return (height + 1) % node->genesis.params.epoch_blocks == 0;
}

static enum status make_final(struct node *node, const struct header *header,
                              const struct hash *id) {
    enum status status = STATUS_OK;
    struct buf encoded = {0};
    TRY(certify(node, header, id));
    certificate_encode(&encoded, &node->head_certificate, node->head_witnesses);
    struct certificate_entry entry = {.height = header->height,
                                      .is_boundary = is_boundary(node, header->height),
                                      .certificate = buf_bytes(&encoded)};
    TRY(certificate_log_append(node->certificates, &entry));
    TRY(certificate_log_sync(node->certificates));
out:
    buf_clear(&encoded);
    return status;
}

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
static void tell_drops(struct node *node, uint64_t from) {
    const struct drops *drops = mempool_drops(node->mempool);
    for (uint64_t i = from; node->on_dropped && i < drops_total(drops); i++)
        node->on_dropped(node->context, drops_id(drops, i));
}

void chain_publish(struct node *node, const struct work *work, struct state_version *version,
                   const struct hash *id) {
    struct node_head head = {.header = work->block.header, .id = *id};
    uint64_t drops_before = drops_total(mempool_drops(node->mempool));
    pthread_mutex_lock(&node->lock);
    struct state_version *old = chain_set_head(node, version, &head);
    node->params = work->apply.params;
    for (uint32_t i = work->timers.count; i < work->block.tx_count; i++)
        mempool_advance(node->mempool, &work->applied[i].lane, work->applied[i].seq + 1);
    for (size_t i = 0; i < work->dropped_count; i++)
        mempool_drop_from(node->mempool, &work->dropped[i].lane, work->dropped[i].seq,
                          work->dropped[i].code);
    mempool_expire(node->mempool, work->block.header.height + 1);
    node->counts.blocks++;
    node->counts.txs += work->block.tx_count - work->timers.count;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
    tell_drops(node, drops_before);
    state_version_unref(old);
}

static bool is_checkpoint_due(const struct node *node, uint64_t height) {
    return height % CHECKPOINT_EVERY == 0 || is_boundary(node, height);
}

void chain_checkpoint(struct node *node, const struct cut *cut) {
    if (is_checkpoint_due(node, cut->header.height))
        checkpoint_start(node->checkpoint, node->version, cut);
}

// What a start needs is behind the checkpoint that is on disk. What fails is left for the next
// time.
static void maybe_prune(struct node *node) {
    struct checkpoint_health health;
    if (!node->must_prune || !is_checkpoint_due(node, node->head.header.height)) return;
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

enum status chain_finish(struct node *node, struct work *work, struct state_version *version,
                         const struct hash *id) {
    struct cut cut = {.header = work->block.header};
    enum status status = make_final(node, &work->block.header, id);
    history_peaks(node->history, &cut.below);
    if (status == STATUS_OK) status = history_append(node->history, id);
    if (status != STATUS_OK) return status;
    chain_publish(node, work, version, id);
    chain_checkpoint(node, &cut);
    maybe_prune(node);
    return STATUS_OK;
}

enum status chain_extend(struct node *node, const struct chain_pick *pick, uint64_t time_ms) {
    struct work work = {0};
    struct hash id;
    struct header *header = &work.block.header;
    fill_header(node, header, time_ms);
    work_begin(node, &work, header);
    params_hash(&header->params_hash, &work.apply.params);
    work_make_room(&work, pick->count);
    for (size_t i = 0; i < pick->count; i++) {
        const struct mempool_entry *entry = pick->entries[i];
        if (work_try_tx(&work, entry->encoded, entry) == WORK_NEVER)
            work.dropped[work.dropped_count++] =
                (struct place){.lane = entry->lane, .seq = entry->seq, .code = work.refusal};
    }
    struct state_version *version = work_finish(&work);
    header_id(&id, header);
    enum status status = append_block(node, &work);
    if (status == STATUS_OK) status = chain_finish(node, &work, version, &id);
    if (status != STATUS_OK) state_version_unref(version);
    work_clear(&work);
    return status;
}
