// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sync/block_sync.h"

#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/light/light.h"
#include "chaincore/net/host.h"
#include "chaincore/sync/block_sync_inside.h"

enum {
    TIMEOUT_MS = 10000,
    SLOW = 4,                  // this part of it, where somebody else may be faster
    HELD_UP_MS = 20,           // until it is looked whether a checkpoint, or room, is there
    PATIENCE = 5,              // failures in a row, until a peer is not asked any more
    CONTRADICTION_POINTS = 20, // it has told of more than it says it has
    ANSWER_MAX_BYTES = LIMIT_SYNC_ANSWER_BYTES + LIMIT_BODY_BYTES,
};

struct block_sync *block_sync_open(const struct block_sync_config *config) {
    struct block_sync *sync = mem_alloc(sizeof *sync);
    sync->calls = *config->calls;
    sync->chain_id = config->chain_id;
    sync->timeout_ms = config->timeout_ms ? config->timeout_ms : TIMEOUT_MS;
    return sync;
}

static void clear_batch(struct block_sync *sync, struct sync_batch *batch) {
    for (uint16_t i = 0; i < batch->count; i++) {
        if (batch->blocks[i].is_here) sync->held_bytes -= batch->blocks[i].body.len;
        buf_clear(&batch->blocks[i].body);
    }
    mem_free(batch);
}

static void drop_first_batch(struct block_sync *sync) {
    clear_batch(sync, sync->batches[0]);
    sync->batch_count--;
    memmove(sync->batches, sync->batches + 1, sync->batch_count * sizeof *sync->batches);
}

void block_sync_close(struct block_sync *sync) {
    if (!sync) return;
    while (sync->batch_count > 0) drop_first_batch(sync);
    for (size_t i = 0; i < LIMIT_PEERS; i++) serve_forget(&sync->peers[i]);
    buf_clear(&sync->scratch);
    mem_free(sync);
}

void sync_send(struct block_sync *sync, uint16_t peer, const struct sync_message *message) {
    struct buf out = {0};
    sync_encode(&out, message);
    sync->calls.send(sync->calls.context, peer, buf_bytes(&out));
    buf_clear(&out);
}

// ---- what is known above the head

static struct sync_block *find_block(const struct block_sync *sync, uint64_t height) {
    for (size_t i = 0; i < sync->batch_count; i++) {
        struct sync_batch *batch = sync->batches[i];
        if (height >= batch->first && height - batch->first < batch->count)
            return &batch->blocks[height - batch->first];
    }
    return NULL;
}

// The newest header that is known to be final.
static void find_tail(const struct block_sync *sync, uint64_t *height, struct hash *id) {
    *height = sync->head.height;
    *id = sync->head.id;
    if (sync->batch_count == 0) return;
    const struct sync_batch *last = sync->batches[sync->batch_count - 1];
    *height = last->first + last->count - 1u;
    *id = last->blocks[last->count - 1].id;
}

// ---- peers

void block_sync_peer_joined(struct block_sync *sync, uint16_t peer, uint64_t final_height) {
    ENSURE(peer < LIMIT_PEERS);
    block_sync_peer_left(sync, peer);
    sync->peers[peer].is_there = true;
    sync->peers[peer].newest = final_height;
    if (sync->peer_end <= peer) sync->peer_end = (uint16_t)(peer + 1);
    sync->has_news = true;
}

// What it was asked for, others may be asked for.
static void end_ask(struct block_sync *sync, uint16_t peer, enum ask_kind kind) {
    struct sync_ask *ask = &sync->peers[peer].asks[kind];
    if (kind == ASK_BLOCKS && ask->is_out)
        for (size_t i = 0; i < sync->batch_count; i++)
            for (uint16_t k = 0; k < sync->batches[i]->count; k++)
                if (sync->batches[i]->blocks[k].asked_of == peer)
                    sync->batches[i]->blocks[k].asked_of = PEER_NONE;
    *ask = (struct sync_ask){.number = ask->number};
    sync->has_news = true;
}

void block_sync_peer_left(struct block_sync *sync, uint16_t peer) {
    ENSURE(peer < LIMIT_PEERS);
    for (int kind = 0; kind < ASKS; kind++) end_ask(sync, peer, (enum ask_kind)kind);
    serve_forget(&sync->peers[peer]);
    sync->peers[peer] = (struct sync_peer){0};
}

void block_sync_begin(struct block_sync *sync, uint16_t peer) {
    ENSURE(peer < LIMIT_PEERS);
    if (!sync->peers[peer].is_there) return;
    sync->peers[peer].is_ahead = true;
    sync->peers[peer].failures = 0;
    sync->is_running = true;
    sync->has_news = true;
}

static void fail(struct block_sync *sync, uint16_t number) {
    struct sync_peer *peer = &sync->peers[number];
    uint64_t wait_ms = (uint64_t)sync->timeout_ms << peer->failures;
    if (peer->failures < PATIENCE) peer->failures++;
    peer->held_until_ms = sync->now_ms + wait_ms;
}

// It is not asked any more, whether the caller lets go of it or not.
static void accuse(struct block_sync *sync, uint16_t peer, const char *what) {
    log_warning("node", "a peer lies about final blocks", log_number("peer", peer),
                log_text("what", what));
    sync->counts.lies++;
    sync->peers[peer].has_lied = true;
    for (int kind = 0; kind < ASKS; kind++) end_ask(sync, peer, (enum ask_kind)kind);
    sync->calls.penalise(sync->calls.context, peer, HOST_PENALTY_MAX);
}

// Whether it may have the block, by all that it has said.
static bool may_have(const struct sync_peer *peer, uint64_t height) {
    return peer->is_there && !peer->has_lied && peer->failures < PATIENCE &&
           peer->oldest <= height && (peer->newest >= height || peer->is_ahead);
}

// Who is to be asked next, turn by turn. *later: one that is held back, or has not answered yet.
static uint16_t choose(struct block_sync *sync, uint64_t height, enum ask_kind kind, bool *later) {
    for (uint16_t i = 0; i < sync->peer_end; i++) {
        uint16_t at = (uint16_t)((sync->next_asked[kind] + i) % sync->peer_end);
        const struct sync_peer *peer = &sync->peers[at];
        if (!may_have(peer, height)) continue;
        if (peer->held_until_ms > sync->now_ms || peer->asks[kind].is_out) {
            *later = true;
            continue;
        }
        sync->next_asked[kind] = (uint16_t)(at + 1);
        return at;
    }
    return PEER_NONE;
}

// ---- asking

static struct sync_ask *put(struct block_sync *sync, uint16_t peer, enum ask_kind kind,
                            uint64_t from) {
    struct sync_ask *ask = &sync->peers[peer].asks[kind];
    *ask = (struct sync_ask){.is_out = true,
                             .number = ++sync->number,
                             .from = from,
                             .begun_ms = sync->now_ms,
                             .deadline_ms = sync->now_ms + sync->timeout_ms};
    return ask;
}

// Another is asked besides where one is slow, since all the rest waits for them. 0: nobody was
// asked.
static uint64_t headers_due_ms(const struct block_sync *sync) {
    uint64_t due_ms = 0;
    for (uint16_t i = 0; i < sync->peer_end; i++) {
        const struct sync_ask *ask = &sync->peers[i].asks[ASK_HEADERS];
        uint64_t own_ms = ask->is_out ? ask->begun_ms + sync->timeout_ms / SLOW : 0;
        if (own_ms > due_ms) due_ms = own_ms;
    }
    return due_ms;
}

// Behind those that are known, while the state names who signed them. *is_open: more may come.
static void ask_headers(struct block_sync *sync, bool *is_open) {
    struct witness_set set;
    struct hash id;
    uint64_t from;
    bool later = false;
    find_tail(sync, &from, &id);
    from++;
    uint64_t epoch = from / sync->calls.epoch_blocks(sync->calls.chain);
    *is_open = true;
    if (headers_due_ms(sync) > sync->now_ms) return;
    // The end of the epoch has to be executed first, or what was fetched.
    if (sync->batch_count == LIMIT_SYNC_BATCHES) return;
    if (!sync->calls.set(sync->calls.chain, epoch, &set)) {
        *is_open = sync->batch_count > 0;
        return;
    }
    uint16_t peer = choose(sync, from, ASK_HEADERS, &later);
    *is_open = later || peer != PEER_NONE;
    if (peer == PEER_NONE) return;
    const struct sync_ask *ask = put(sync, peer, ASK_HEADERS, from);
    sync_send(sync, peer,
              &(struct sync_message){.kind = SYNC_ASK_HEADERS,
                                     .number = ask->number,
                                     .from = from,
                                     .count = LIMIT_SYNC_HEADERS});
}

static uint64_t bytes_on_their_way(const struct block_sync *sync) {
    uint64_t bytes = 0;
    for (uint16_t i = 0; i < sync->peer_end; i++)
        if (sync->peers[i].asks[ASK_BLOCKS].is_out) bytes += ANSWER_MAX_BYTES;
    return bytes;
}

// The first body that is missing and nobody was asked for, and how many of these lie in a row.
static uint16_t find_missing(struct block_sync *sync, uint64_t *from) {
    uint16_t count = 0;
    for (size_t i = 0; i < sync->batch_count; i++) {
        struct sync_batch *batch = sync->batches[i];
        for (uint16_t k = 0; k < batch->count; k++) {
            const struct sync_block *block = &batch->blocks[k];
            bool is_missing = !block->is_here && block->asked_of == PEER_NONE &&
                              block->header.height > sync->head.height;
            if (!is_missing && count > 0) return count;
            if (!is_missing) continue;
            if (count == 0) *from = block->header.height;
            if (++count == LIMIT_SYNC_BLOCKS) return count;
        }
    }
    return count;
}

// *is_open: a peer is left that may have them.
static void ask_blocks(struct block_sync *sync, bool *is_open) {
    uint64_t from = 0;
    bool later = false;
    *is_open = true;
    while (sync->held_bytes + bytes_on_their_way(sync) + ANSWER_MAX_BYTES <= LIMIT_SYNC_BYTES) {
        uint16_t count = find_missing(sync, &from);
        if (count == 0) return;
        uint16_t peer = choose(sync, from, ASK_BLOCKS, &later);
        *is_open = later || peer != PEER_NONE;
        if (peer == PEER_NONE) return;
        struct sync_ask *ask = put(sync, peer, ASK_BLOCKS, from);
        ask->left = count;
        for (uint16_t i = 0; i < count; i++) find_block(sync, from + i)->asked_of = peer;
        sync_send(sync, peer,
                  &(struct sync_message){.kind = SYNC_ASK_BLOCKS,
                                         .number = ask->number,
                                         .from = from,
                                         .count = count,
                                         .most_bytes = LIMIT_SYNC_ANSWER_BYTES});
    }
}

static void look_at_deadlines(struct block_sync *sync) {
    for (uint16_t i = 0; i < sync->peer_end; i++) {
        for (int kind = 0; kind < ASKS; kind++) {
            const struct sync_ask *ask = &sync->peers[i].asks[kind];
            if (!ask->is_out || ask->deadline_ms > sync->now_ms) continue;
            sync->counts.timeouts++;
            end_ask(sync, i, (enum ask_kind)kind);
            fail(sync, i);
        }
    }
}

// When the peer is slow that has the block which is to be executed next. 0: none is waited for.
static uint64_t next_due_ms(const struct block_sync *sync) {
    const struct sync_block *next = find_block(sync, sync->head.height + 1);
    if (!next || next->is_here || next->asked_of == PEER_NONE) return 0;
    return sync->peers[next->asked_of].asks[ASK_BLOCKS].begun_ms + sync->timeout_ms / SLOW;
}

// A body at a time is no reason to wait where somebody else is free; what is slow alone is waited
// for.
static void hurry(struct block_sync *sync) {
    uint64_t due_ms = next_due_ms(sync), height = sync->head.height + 1;
    bool later = false;
    if (due_ms == 0 || due_ms > sync->now_ms) return;
    uint16_t slow = find_block(sync, height)->asked_of;
    if (choose(sync, height, ASK_BLOCKS, &later) == PEER_NONE) return;
    sync->counts.timeouts++;
    end_ask(sync, slow, ASK_BLOCKS);
    fail(sync, slow);
}

// ---- answers

// Back from the certificate: what the last one proves, it proves of all that lead to it.
static enum status check_headers(struct block_sync *sync, struct sync_batch *batch,
                                 struct bytes certificate) {
    struct witness_set set;
    uint64_t blocks = sync->calls.epoch_blocks(sync->calls.chain), epoch = batch->first / blocks;
    if (!sync->calls.set(sync->calls.chain, epoch, &set)) return STATUS_UNAVAILABLE;
    struct decoder in = decoder_of(certificate);
    certificate_decode_from(&in, &batch->certificate, set.count);
    enum status status = decoder_finish(&in);
    const struct sync_block *last = &batch->blocks[batch->count - 1];
    if (status == STATUS_OK)
        status = light_check_certified(&last->header, &batch->certificate, &set);
    for (uint16_t i = batch->count; i > 0 && status == STATUS_OK; i--) {
        const struct sync_block *block = &batch->blocks[i - 1];
        const struct header *header = &block->header;
        bool leads_on = i == batch->count || hash_equal(&block->id, &block[1].header.parent);
        bool is_in_place = header->height == batch->first + i - 1u && header->epoch == epoch &&
                           header->height / blocks == epoch;
        if (!leads_on || !is_in_place || header->version != HEADER_VERSION ||
            !hash_equal(&header->chain_id, &sync->chain_id) ||
            !hash_equal(&header->set_hash, &last->header.set_hash))
            status = STATUS_INVALID;
    }
    return status;
}

static struct sync_batch *read_headers(const struct sync_message *message, uint64_t first) {
    struct sync_batch *batch = mem_alloc(sizeof *batch);
    struct decoder in = decoder_of(message->headers);
    batch->first = first;
    batch->count = message->header_count;
    for (uint16_t i = 0; i < batch->count; i++) {
        struct sync_block *block = &batch->blocks[i];
        header_decode_from(&in, &block->header);
        header_id(&block->id, &block->header);
        block->asked_of = PEER_NONE;
    }
    ENSURE(in.status == STATUS_OK); // the message was decoded
    return batch;
}

static void take_headers(struct block_sync *sync, uint16_t peer,
                         const struct sync_message *message) {
    struct sync_ask ask = sync->peers[peer].asks[ASK_HEADERS];
    uint64_t tail;
    struct hash tail_id;
    end_ask(sync, peer, ASK_HEADERS);
    sync->calls.head(sync->calls.chain, &sync->head);
    while (sync->batch_count > 0 &&
           sync->batches[0]->first + sync->batches[0]->count - 1u <= sync->head.height)
        drop_first_batch(sync);
    find_tail(sync, &tail, &tail_id);
    sync->peers[peer].newest = message->newest;
    // Agreement may have gone on by itself meanwhile.
    if (ask.from != tail + 1 || sync->batch_count == LIMIT_SYNC_BATCHES) return;
    struct sync_batch *batch = read_headers(message, ask.from);
    enum status status = check_headers(sync, batch, message->certificate);
    bool fits = status == STATUS_OK && hash_equal(&batch->blocks[0].header.parent, &tail_id);
    if (fits) {
        sync->peers[peer].failures = 0;
        sync->batches[sync->batch_count++] = batch;
        return;
    }
    clear_batch(sync, batch);
    if (status == STATUS_OK) sync->has_conflict = true;
    if (status != STATUS_OK && status != STATUS_UNAVAILABLE)
        accuse(sync, peer, "headers that no certificate proves");
}

static void take_block(struct block_sync *sync, uint16_t peer, const struct sync_message *message) {
    struct sync_ask *ask = &sync->peers[peer].asks[ASK_BLOCKS];
    struct sync_block *block = find_block(sync, message->from);
    if (message->from < ask->from || message->from - ask->from >= ask->left) {
        accuse(sync, peer, "a block that was not asked for");
        return;
    }
    if (block && !sync->calls.is_body_of(sync->calls.chain, &block->header, message->body)) {
        accuse(sync, peer, "the body of another block");
        return;
    }
    // One that its queue had no room for, or the way: somebody is asked again.
    for (; ask->from < message->from; ask->from++, ask->left--) {
        struct sync_block *lost = find_block(sync, ask->from);
        if (lost) lost->asked_of = PEER_NONE;
    }
    if (block && !block->is_here) {
        buf_append(&block->body, message->body);
        block->is_here = true;
        sync->held_bytes += block->body.len;
    }
    if (block) block->asked_of = PEER_NONE;
    ask->from++;
    ask->bytes += message->body.len;
    ask->deadline_ms = sync->now_ms + sync->timeout_ms;
    if (--ask->left > 0 && ask->bytes < LIMIT_SYNC_ANSWER_BYTES) return;
    sync->peers[peer].failures = 0;
    end_ask(sync, peer, ASK_BLOCKS);
}

// It may have pruned, or have no more: then it is asked for the rest of what it has as before. But
// what it has told of it cannot have lost.
static void take_nothing(struct block_sync *sync, uint16_t number, enum ask_kind kind,
                         const struct sync_message *message) {
    struct sync_peer *peer = &sync->peers[number];
    uint64_t from = peer->asks[kind].from;
    bool has_it = message->oldest <= from && message->newest >= from;
    end_ask(sync, number, kind);
    peer->is_ahead = false;
    peer->oldest = message->oldest;
    if (has_it || message->newest < peer->newest) {
        fail(sync, number);
        sync->counts.lies++;
        sync->calls.penalise(sync->calls.context, number, CONTRADICTION_POINTS);
    }
    peer->newest = message->newest;
}

static void take_answer(struct block_sync *sync, uint16_t number,
                        const struct sync_message *message) {
    struct sync_peer *peer = &sync->peers[number];
    enum ask_kind kind = message->kind == SYNC_BLOCK ? ASK_BLOCKS : ASK_HEADERS;
    if (message->kind == SYNC_NOTHING && message->number == peer->asks[ASK_BLOCKS].number)
        kind = ASK_BLOCKS;
    const struct sync_ask *ask = &peer->asks[kind];
    // Late, in answer to what others were asked for by now.
    if (!ask->is_out || message->number != ask->number) return;
    if (message->kind == SYNC_HEADERS) take_headers(sync, number, message);
    if (message->kind == SYNC_BLOCK) take_block(sync, number, message);
    if (message->kind == SYNC_NOTHING) take_nothing(sync, number, kind, message);
    sync->has_news = true;
}

enum status block_sync_receive(struct block_sync *sync, uint16_t peer, struct bytes bytes,
                               uint64_t now_ms) {
    struct sync_message message;
    ENSURE(peer < LIMIT_PEERS);
    enum status status = sync_decode(&message, bytes);
    if (status != STATUS_OK) return status;
    if (!sync->peers[peer].is_there) return STATUS_OK;
    sync->now_ms = now_ms;
    if (message.kind == SYNC_ASK_HEADERS || message.kind == SYNC_ASK_BLOCKS)
        serve_note(&sync->peers[peer], &message);
    else if (!sync->peers[peer].has_lied)
        take_answer(sync, peer, &message);
    return STATUS_OK;
}

// ---- executing

static enum status take_next(struct block_sync *sync, struct sync_batch *batch,
                             struct sync_block *block) {
    bool is_last = block->header.height == batch->first + batch->count - 1u;
    enum status status =
        sync->calls.take(sync->calls.chain, &block->header, &block->id, buf_bytes(&block->body),
                         is_last ? &batch->certificate : NULL);
    if (status != STATUS_OK) return status;
    sync->counts.blocks++;
    sync->counts.bytes += block->body.len;
    sync->held_bytes -= block->body.len;
    block->is_here = false;
    buf_clear(&block->body);
    sync->calls.head(sync->calls.chain, &sync->head);
    return STATUS_OK;
}

// What is final here already has to be what the certificate proves.
static bool is_other(const struct block_sync *sync, const struct sync_block *block) {
    return block->header.height == sync->head.height && !hash_equal(&block->id, &sync->head.id);
}

// *is_idle: the next body is not here.
static enum status execute(struct block_sync *sync, bool *is_idle) {
    unsigned taken = 0;
    *is_idle = true;
    sync->is_held_up = sync->batch_count > 0 && sync->calls.must_wait(sync->calls.chain);
    if (sync->is_held_up) return STATUS_OK;
    while (sync->batch_count > 0 && taken < LIMIT_SYNC_TAKEN) {
        struct sync_batch *batch = sync->batches[0];
        uint64_t end = batch->first + batch->count - 1u;
        if (sync->head.height >= batch->first && sync->head.height <= end &&
            is_other(sync, &batch->blocks[sync->head.height - batch->first]))
            return STATUS_CONFLICT;
        if (end <= sync->head.height) {
            drop_first_batch(sync);
            continue;
        }
        struct sync_block *block = &batch->blocks[sync->head.height + 1 - batch->first];
        if (!block->is_here) break;
        enum status status = take_next(sync, batch, block);
        if (status != STATUS_OK) return status;
        taken++;
    }
    *is_idle = taken < LIMIT_SYNC_TAKEN;
    return STATUS_OK;
}

// By a certificate, not by what a peer says: anybody may say that there is more. Who has all that
// is proven may be at the end of an epoch, or wait for the next headers: it is near once none have
// come for as long as an answer may take.
static void look_how_far(struct block_sync *sync) {
    uint64_t proven;
    struct hash id;
    find_tail(sync, &proven, &id);
    if (proven > sync->head.height + LIMIT_SYNC_NEAR) {
        sync->is_behind = true;
        sync->far_ms = sync->now_ms;
    } else if (sync->now_ms - sync->far_ms >= sync->timeout_ms) {
        sync->is_behind = false;
    }
}

enum status block_sync_run(struct block_sync *sync, uint64_t now_ms, bool *arrived) {
    bool is_idle = true, has_headers_open = true, has_blocks_open = true;
    enum status status = STATUS_OK;
    *arrived = false;
    sync->now_ms = now_ms;
    sync->has_news = false;
    if (serve_has_work(sync)) serve_run(sync);
    if (sync->has_conflict) return STATUS_CONFLICT;
    if (!sync->is_running) return STATUS_OK;
    sync->calls.head(sync->calls.chain, &sync->head);
    look_at_deadlines(sync);
    look_how_far(sync);
    status = execute(sync, &is_idle);
    if (status != STATUS_OK) return status;
    hurry(sync);
    ask_headers(sync, &has_headers_open);
    ask_blocks(sync, &has_blocks_open);
    sync->has_news = !is_idle;
    bool is_over = sync->batch_count == 0 ? !has_headers_open : !has_blocks_open && is_idle;
    if (!is_over) return STATUS_OK;
    while (sync->batch_count > 0) drop_first_batch(sync);
    sync->is_running = sync->is_behind = false;
    *arrived = true;
    return STATUS_OK;
}

static void wake_at(uint64_t *wake_ms, const struct block_sync *sync, uint64_t at_ms) {
    if (at_ms > sync->now_ms && at_ms < *wake_ms) *wake_ms = at_ms;
}

uint64_t block_sync_wake_ms(const struct block_sync *sync) {
    uint64_t wake_ms = UINT64_MAX;
    if (sync->has_news || serve_has_work(sync)) return sync->now_ms;
    if (serve_waits(sync) || (sync->is_running && sync->is_held_up))
        wake_ms = sync->now_ms + HELD_UP_MS;
    if (!sync->is_running) return wake_ms;
    wake_at(&wake_ms, sync, headers_due_ms(sync));
    wake_at(&wake_ms, sync, next_due_ms(sync));
    if (sync->is_behind) wake_at(&wake_ms, sync, sync->far_ms + sync->timeout_ms);
    for (uint16_t i = 0; i < sync->peer_end; i++) {
        const struct sync_peer *peer = &sync->peers[i];
        for (int kind = 0; kind < ASKS; kind++)
            if (peer->asks[kind].is_out && peer->asks[kind].deadline_ms < wake_ms)
                wake_ms = peer->asks[kind].deadline_ms;
        wake_at(&wake_ms, sync, peer->held_until_ms);
    }
    return wake_ms;
}

void block_sync_count(const struct block_sync *sync, struct block_sync_counts *out) {
    *out = sync->counts;
    out->is_running = sync->is_running;
    out->goal = sync->head.height;
    for (uint16_t i = 0; i < sync->peer_end; i++)
        if (!sync->peers[i].has_lied && sync->peers[i].newest > out->goal)
            out->goal = sync->peers[i].newest;
    uint64_t behind = out->goal - sync->head.height;
    if (sync->is_running && sync->is_behind && behind > LIMIT_SYNC_NEAR) out->behind = behind;
}
