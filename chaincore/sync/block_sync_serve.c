// SPDX-License-Identifier: Apache-2.0
// The other side: what peers ask for, read from the log, one block in a run, turn by turn.
#include "chaincore/base/log.h"
#include "chaincore/sync/block_sync_inside.h"

void serve_note(struct sync_peer *peer, const struct sync_message *ask) {
    struct sync_wish *wish =
        &peer->wishes[ask->kind == SYNC_ASK_HEADERS ? ASK_HEADERS : ASK_BLOCKS];
    buf_clear(&wish->headers);
    *wish = (struct sync_wish){.is_there = true,
                               .number = ask->number,
                               .from = ask->from,
                               .count = ask->count,
                               .most_bytes = ask->most_bytes};
}

void serve_forget(struct sync_peer *peer) {
    for (int kind = 0; kind < ASKS; kind++) {
        buf_clear(&peer->wishes[kind].headers);
        peer->wishes[kind] = (struct sync_wish){0};
    }
}

static void end_wish(struct sync_wish *wish) {
    buf_clear(&wish->headers);
    *wish = (struct sync_wish){0};
}

static void answer_nothing(struct block_sync *sync, uint16_t peer, struct sync_wish *wish) {
    struct sync_message answer = {.kind = SYNC_NOTHING,
                                  .number = wish->number,
                                  .oldest = sync->calls.oldest(sync->calls.chain),
                                  .newest = sync->calls.newest(sync->calls.chain)};
    sync_send(sync, peer, &answer);
    end_wish(wish);
}

// The highest certified one that the answer may reach: in the same epoch, so that one set proves
// all of it. 0: none.
static uint64_t find_end(struct block_sync *sync, const struct sync_wish *wish) {
    const struct sync_calls *calls = &sync->calls;
    uint64_t newest = calls->newest(calls->chain), blocks = calls->epoch_blocks(calls->chain);
    uint64_t end = wish->from + (wish->count - 1u);
    uint64_t boundary = (wish->from / blocks + 1) * blocks - 1;
    if (wish->from < calls->oldest(calls->chain) || wish->from > newest) return 0;
    if (end > newest) end = newest;
    if (end > boundary) end = boundary;
    while (end >= wish->from &&
           calls->read_certificate(calls->chain, end, &sync->scratch) != STATUS_OK)
        end--;
    return end < wish->from ? 0 : end;
}

static enum status next_header(struct block_sync *sync, const struct sync_wish *wish,
                               struct header *out) {
    const struct sync_calls *calls = &sync->calls;
    uint64_t height = wish->from + wish->count;
    // The last is read with its block, by a checksum; each vouches for the one below it.
    if (height < wish->end) return calls->read_header(calls->chain, height, out);
    return calls->read_block(calls->chain, height, out, &sync->scratch);
}

// False: there is none, or the disk has lost what it should be.
static bool gather_header(struct block_sync *sync, struct sync_wish *wish) {
    struct header header;
    enum status status = next_header(sync, wish, &header);
    bool is_linked = wish->count == 0 || hash_equal(&header.parent, &wish->last);
    if (status != STATUS_OK) return false;
    if (header.height != wish->from + wish->count || !is_linked) {
        log_error("node", "a header in the log does not lead to the next one",
                  log_number("height", (int64_t)(wish->from + wish->count)));
        return false;
    }
    header_encode(&wish->headers, &header);
    header_id(&wish->last, &header);
    wish->count++;
    return true;
}

static void serve_headers(struct block_sync *sync, uint16_t peer, struct sync_wish *wish) {
    const struct sync_calls *calls = &sync->calls;
    struct buf certificate = {0};
    if (wish->end == 0) {
        wish->end = find_end(sync, wish);
        wish->count = 0;
    }
    if (wish->end == 0 || !gather_header(sync, wish)) {
        answer_nothing(sync, peer, wish);
        return;
    }
    if (wish->from + wish->count <= wish->end) return;
    if (calls->read_certificate(calls->chain, wish->end, &certificate) != STATUS_OK) {
        answer_nothing(sync, peer, wish);
    } else {
        sync_send(sync, peer,
                  &(struct sync_message){.kind = SYNC_HEADERS,
                                         .number = wish->number,
                                         .newest = calls->newest(calls->chain),
                                         .headers = buf_bytes(&wish->headers),
                                         .header_count = wish->count,
                                         .certificate = buf_bytes(&certificate)});
        sync->counts.served_headers += wish->count;
        end_wish(wish);
    }
    buf_clear(&certificate);
}

static void serve_block(struct block_sync *sync, uint16_t peer, struct sync_wish *wish) {
    const struct sync_calls *calls = &sync->calls;
    struct header header;
    struct buf body = {0};
    if (wish->from > calls->newest(calls->chain) ||
        calls->read_block(calls->chain, wish->from, &header, &body) != STATUS_OK) {
        answer_nothing(sync, peer, wish);
    } else {
        sync_send(sync, peer,
                  &(struct sync_message){.kind = SYNC_BLOCK,
                                         .number = wish->number,
                                         .from = wish->from,
                                         .body = buf_bytes(&body)});
        sync->counts.served_blocks++;
        wish->from++;
        wish->bytes += body.len;
        if (--wish->count == 0 || wish->bytes >= wish->most_bytes) end_wish(wish);
    }
    buf_clear(&body);
}

// Headers are gathered for so many peers at a time.
static bool may_gather(const struct block_sync *sync, const struct sync_wish *wish) {
    size_t gathering = 0;
    if (!wish->is_there) return false;
    for (uint16_t i = 0; i < sync->peer_end; i++)
        gathering += sync->peers[i].wishes[ASK_HEADERS].headers.len > 0;
    return wish->headers.len > 0 || gathering < LIMIT_SYNC_SERVED;
}

static bool is_wishing(const struct sync_peer *peer) {
    return peer->wishes[ASK_HEADERS].is_there || peer->wishes[ASK_BLOCKS].is_there;
}

static bool has_room(const struct block_sync *sync, uint16_t peer) {
    return !sync->calls.has_room || sync->calls.has_room(sync->calls.context, peer);
}

bool serve_waits(const struct block_sync *sync) {
    for (uint16_t i = 0; i < sync->peer_end; i++)
        if (is_wishing(&sync->peers[i])) return true;
    return false;
}

// Headers that are being gathered are gathered to their end: others wait for their place.
static bool may_serve(const struct block_sync *sync, uint16_t peer) {
    const struct sync_peer *of = &sync->peers[peer];
    if (of->wishes[ASK_HEADERS].headers.len > 0) return true;
    return is_wishing(of) && has_room(sync, peer);
}

bool serve_has_work(const struct block_sync *sync) {
    for (uint16_t i = 0; i < sync->peer_end; i++)
        if (may_serve(sync, i)) return true;
    return false;
}

void serve_run(struct block_sync *sync) {
    for (uint16_t i = 0; i < sync->peer_end; i++) {
        uint16_t at = (uint16_t)((sync->next_served + i) % sync->peer_end);
        struct sync_wish *wishes = sync->peers[at].wishes;
        if (!may_serve(sync, at)) continue;
        if (may_gather(sync, &wishes[ASK_HEADERS]))
            serve_headers(sync, at, &wishes[ASK_HEADERS]);
        else if (wishes[ASK_BLOCKS].is_there)
            serve_block(sync, at, &wishes[ASK_BLOCKS]);
        else
            continue;
        sync->next_served = (uint16_t)(at + 1);
        return;
    }
}
