// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sync/past_serve.h"

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

// One that has a part to be told yet.
struct kept_row {
    enum past_what what;
    uint64_t height;
    uint32_t which;
    uint64_t used;  // when, in rows that were told
    struct buf row; // empty: none is kept here
};

struct past_serve {
    struct past_source source;
    uint16_t peer_end; // no peer is at or beyond
    uint16_t next;
    uint16_t wish_count;
    struct past_serve_counts counts;
    struct buf row; // that is read
    struct kept_row kept[PAST_KEPT_ROWS];
    uint64_t used; // of the kept row that was used last
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
    for (size_t i = 0; i < PAST_KEPT_ROWS; i++) buf_clear(&serve->kept[i].row);
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

static bool may_serve(const struct past_serve *serve, uint16_t peer) {
    const struct past_source *source = &serve->source;
    return serve->wishes[peer].is_there &&
           (!source->has_room || source->has_room(source->context, peer));
}

bool past_serve_waits(const struct past_serve *serve) { return serve->wish_count > 0; }

bool past_serve_has_work(const struct past_serve *serve) {
    if (serve->wish_count == 0) return false;
    for (uint16_t i = 0; i < serve->peer_end; i++)
        if (may_serve(serve, i)) return true;
    return false;
}

static void tell(struct past_serve *serve, uint16_t peer, const struct past_message *message) {
    struct buf out = {0};
    past_encode(&out, message);
    serve->source.send(serve->source.context, peer, buf_bytes(&out));
    buf_clear(&out);
}

// ---- rows that are told in parts

// Of a block each wish of a run of them is for another one; of a snapshot's manifest there is one.
static struct kept_row *kept_of(struct past_serve *serve, const struct wish *wish) {
    for (size_t i = 0; i < PAST_KEPT_ROWS; i++) {
        struct kept_row *kept = &serve->kept[i];
        bool is_same = kept->what == wish->what && kept->height == wish->height &&
                       (wish->what != PAST_PIECE || kept->which == wish->which);
        if (kept->row.len > 0 && is_same) return kept;
    }
    return NULL;
}

static size_t kept_bytes(const struct past_serve *serve) {
    size_t bytes = 0;
    for (size_t i = 0; i < PAST_KEPT_ROWS; i++) bytes += serve->kept[i].row.capacity;
    return bytes;
}

static void drop_kept(struct kept_row *kept) {
    buf_clear(&kept->row);
    *kept = (struct kept_row){0};
}

// An empty place comes first.
static struct kept_row *longest_unused(struct past_serve *serve, bool is_full) {
    struct kept_row *found = NULL;
    for (size_t i = 0; i < PAST_KEPT_ROWS; i++) {
        struct kept_row *kept = &serve->kept[i];
        if (is_full && kept->row.len == 0) continue;
        if (!found || kept->used < found->used) found = kept;
    }
    return found;
}

// What was read becomes a kept one, in place of those that nobody has asked for for longest.
static void keep_row(struct past_serve *serve, const struct wish *wish) {
    while (kept_bytes(serve) > 0 && kept_bytes(serve) + serve->row.capacity > PAST_KEPT_BYTES)
        drop_kept(longest_unused(serve, true));
    struct kept_row *place = longest_unused(serve, false);
    drop_kept(place);
    *place = (struct kept_row){.what = wish->what,
                               .height = wish->height,
                               .which = wish->which,
                               .used = ++serve->used,
                               .row = serve->row};
    serve->row = (struct buf){0};
}

static enum status read_row(struct past_serve *serve, struct wish *wish) {
    const struct past_source *source = &serve->source;
    buf_reset(&serve->row);
    serve->counts.reads++;
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

// Borrowed, until the next row is read. Empty: there is no such row.
static struct bytes find_row(struct past_serve *serve, struct wish *wish) {
    struct kept_row *kept = wish->height > 0 ? kept_of(serve, wish) : NULL;
    if (!kept) {
        if (read_row(serve, wish) != STATUS_OK) return bytes_of(NULL, 0);
        if (serve->row.len <= PAST_ANSWER_BYTES) return buf_bytes(&serve->row);
        if ((kept = kept_of(serve, wish)) != NULL) drop_kept(kept);
        keep_row(serve, wish);
        kept = kept_of(serve, wish);
    }
    kept->used = ++serve->used;
    return buf_bytes(&kept->row);
}

static void answer_nothing(struct past_serve *serve, uint16_t peer, const struct wish *wish) {
    const struct past_source *source = &serve->source;
    tell(serve, peer,
         &(struct past_message){.kind = PAST_NOTHING,
                                .number = wish->number,
                                .oldest = source->oldest(source->chain),
                                .snapshot = source->snapshot(source->chain)});
    past_serve_forget(serve, peer);
}

// One row, or as much of it as the answer has room for.
static void answer(struct past_serve *serve, uint16_t peer, struct wish *wish) {
    struct bytes row = find_row(serve, wish);
    if (wish->offset >= row.len) {
        answer_nothing(serve, peer, wish);
        return;
    }
    size_t len = row.len - wish->offset, room = PAST_ANSWER_BYTES - wish->told;
    if (len > room) len = room;
    tell(serve, peer,
         &(struct past_message){.kind = PAST_PART,
                                .number = wish->number,
                                .height = wish->height,
                                .total = (uint32_t)row.len,
                                .offset = wish->offset,
                                .bytes = bytes_of(row.data + wish->offset, len)});
    serve->counts.parts++;
    serve->counts.bytes += len;
    struct kept_row *kept = wish->offset + len == row.len ? kept_of(serve, wish) : NULL;
    if (kept) drop_kept(kept);
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
        if (!may_serve(serve, at)) continue;
        answer(serve, at, &serve->wishes[at]);
        serve->next = (uint16_t)(at + 1);
        return;
    }
}

void past_serve_count(const struct past_serve *serve, struct past_serve_counts *out) {
    *out = serve->counts;
}
