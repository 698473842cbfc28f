// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/past_serve.h"

#include "chaincore/base/memory.h"

// What a peer asks, and how far the answer is.
struct wish {
    bool is_there;
    uint32_t number;
    enum past_what what;
    uint64_t height;
    uint32_t which;
    uint32_t offset;
    uint32_t told; // bytes of the answer
};

struct past_serve {
    struct past_source source;
    uint16_t peer_end; // no peer is at or beyond
    uint16_t next;
    uint16_t wish_count;
    struct past_serve_counts counts;
    struct buf row; // the last that was read
    struct wish wishes[LIMIT_PEERS];
};

struct past_serve *past_serve_open(const struct past_source *source) {
    struct past_serve *serve = mem_alloc(sizeof *serve);
    serve->source = *source;
    return serve;
}

void past_serve_close(struct past_serve *serve) {
    if (!serve) return;
    buf_clear(&serve->row);
    mem_free(serve);
}

void past_serve_forget(struct past_serve *serve, uint16_t peer) {
    ENSURE(peer < LIMIT_PEERS);
    serve->wish_count = (uint16_t)(serve->wish_count - serve->wishes[peer].is_there);
    serve->wishes[peer] = (struct wish){0};
}

void past_serve_note(struct past_serve *serve, uint16_t peer, const struct past_message *ask) {
    past_serve_forget(serve, peer);
    serve->wishes[peer] = (struct wish){.is_there = true,
                                        .number = ask->number,
                                        .what = ask->what,
                                        .height = ask->height,
                                        .which = ask->which,
                                        .offset = ask->offset};
    serve->wish_count++;
    if (serve->peer_end <= peer) serve->peer_end = (uint16_t)(peer + 1);
}

bool past_serve_has_work(const struct past_serve *serve) { return serve->wish_count > 0; }

static void tell(struct past_serve *serve, uint16_t peer, const struct past_message *message) {
    struct buf out = {0};
    past_encode(&out, message);
    serve->source.send(serve->source.context, peer, buf_bytes(&out));
    buf_clear(&out);
}

static enum status read_row(struct past_serve *serve, struct wish *wish) {
    const struct past_source *source = &serve->source;
    buf_reset(&serve->row);
    switch (wish->what) {
    case PAST_MANIFEST:
        if (wish->height == 0) wish->height = source->snapshot(source->chain);
        if (wish->height == 0) return STATUS_NOT_FOUND;
        return source->read_manifest(source->chain, wish->height, &serve->row);
    case PAST_PIECE:
        return source->read_piece(source->chain, wish->height, wish->which, &serve->row);
    case PAST_BLOCKS:
        return source->read_block(source->chain, wish->height, &serve->row);
    case PAST_WHATS:
        break;
    }
    return STATUS_NOT_FOUND;
}

// One row, or as much of it as the answer has room for.
static void answer(struct past_serve *serve, uint16_t peer, struct wish *wish) {
    const struct past_source *source = &serve->source;
    enum status status = read_row(serve, wish);
    if (status != STATUS_OK || wish->offset >= serve->row.len) {
        tell(serve, peer,
             &(struct past_message){.kind = PAST_NOTHING,
                                    .number = wish->number,
                                    .oldest = source->oldest(source->chain),
                                    .snapshot = source->snapshot(source->chain)});
        past_serve_forget(serve, peer);
        return;
    }
    size_t len = serve->row.len - wish->offset, room = PAST_ANSWER_BYTES - wish->told;
    if (len > room) len = room;
    tell(serve, peer,
         &(struct past_message){.kind = PAST_PART,
                                .number = wish->number,
                                .height = wish->height,
                                .total = (uint32_t)serve->row.len,
                                .offset = wish->offset,
                                .bytes = bytes_of(serve->row.data + wish->offset, len)});
    serve->counts.parts++;
    serve->counts.bytes += len;
    wish->told += (uint32_t)len;
    bool is_over = wish->what != PAST_BLOCKS || --wish->which == 0;
    if (is_over || wish->told == PAST_ANSWER_BYTES) {
        past_serve_forget(serve, peer);
        return;
    }
    wish->height--;
    wish->offset = 0;
}

void past_serve_run(struct past_serve *serve) {
    for (uint16_t i = 0; i < serve->peer_end; i++) {
        uint16_t at = (uint16_t)((serve->next + i) % serve->peer_end);
        if (!serve->wishes[at].is_there) continue;
        answer(serve, at, &serve->wishes[at]);
        serve->next = (uint16_t)(at + 1);
        return;
    }
}

void past_serve_count(const struct past_serve *serve, struct past_serve_counts *out) {
    *out = serve->counts;
}
