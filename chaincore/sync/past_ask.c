// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sync/past_ask.h"

#include "chaincore/base/log.h"
#include "chaincore/consensus/consensus.h"
#include "chaincore/net/host.h"

enum {
    TIMEOUT_MS = 10000,
    MOST_DOUBLINGS = 5, // of the time for which who has failed is not asked
    CONTRADICTION_POINTS = 20,
};

void past_asking_init(struct past_asking *asking, const struct past_calls *calls,
                      uint32_t timeout_ms) {
    asking->calls = *calls;
    asking->timeout_ms = timeout_ms ? timeout_ms : TIMEOUT_MS;
}

void past_asking_clear(struct past_asking *asking) {
    for (size_t i = 0; i < LIMIT_PEERS; i++) buf_clear(&asking->peers[i].row);
}

void past_peer_joined(struct past_asking *asking, uint16_t peer,
                      const struct past_peer_info *info) {
    ENSURE(peer < LIMIT_PEERS);
    past_peer_left(asking, peer);
    asking->peers[peer] = (struct past_peer){
        .is_there = true, .gives_snapshots = info->gives_snapshots, .newest = info->final_height};
    if (asking->peer_end <= peer) asking->peer_end = (uint16_t)(peer + 1);
}

void past_peer_left(struct past_asking *asking, uint16_t peer) {
    ENSURE(peer < LIMIT_PEERS);
    buf_clear(&asking->peers[peer].row);
    asking->peers[peer] = (struct past_peer){0};
}

uint16_t past_choose(struct past_asking *asking, past_may *may, const void *context, bool *later) {
    for (uint16_t i = 0; i < asking->peer_end; i++) {
        uint16_t at = (uint16_t)((asking->next + i) % asking->peer_end);
        const struct past_peer *peer = &asking->peers[at];
        if (!peer->is_there || peer->has_lied) continue;
        if (!may(context, at, peer)) continue;
        if (peer->is_asked || peer->held_until_ms > asking->now_ms) {
            *later = true;
            continue;
        }
        asking->next = (uint16_t)(at + 1);
        return at;
    }
    return PEER_NONE;
}

static void send_ask(struct past_asking *asking, uint16_t number) {
    struct past_peer *peer = &asking->peers[number];
    struct buf out = {0};
    peer->number = ++asking->number;
    peer->is_waited_for = true;
    peer->answered = 0;
    peer->deadline_ms = asking->now_ms + asking->timeout_ms;
    past_encode(&out, &(struct past_message){.kind = PAST_ASK,
                                             .number = peer->number,
                                             .what = peer->what,
                                             .height = peer->height,
                                             .which = peer->which,
                                             .offset = (uint32_t)peer->row.len});
    asking->calls.send(asking->calls.context, number, buf_bytes(&out));
    buf_clear(&out);
}

void past_ask(struct past_asking *asking, uint16_t number, enum past_what what, uint64_t height,
              uint32_t which) {
    struct past_peer *peer = &asking->peers[number];
    ENSURE(peer->is_there && !peer->is_asked);
    peer->is_asked = true;
    peer->what = what;
    peer->height = height;
    peer->which = which;
    peer->total = 0;
    buf_reset(&peer->row);
    send_ask(asking, number);
}

void past_ask_on(struct past_asking *asking, uint16_t number) {
    const struct past_peer *peer = &asking->peers[number];
    if (peer->is_asked && !peer->is_waited_for) send_ask(asking, number);
}

void past_end_ask(struct past_asking *asking, uint16_t number) {
    struct past_peer *peer = &asking->peers[number];
    peer->is_asked = peer->is_waited_for = false;
    peer->total = 0;
    buf_clear(&peer->row);
}

void past_fail(struct past_asking *asking, uint16_t number) {
    struct past_peer *peer = &asking->peers[number];
    peer->held_until_ms = asking->now_ms + ((uint64_t)asking->timeout_ms << peer->failures);
    if (peer->failures < MOST_DOUBLINGS) peer->failures++;
}

void past_accuse(struct past_asking *asking, uint16_t peer, const char *what) {
    log_warning("node", "a peer lies about the chain's past", log_number("peer", peer),
                log_text("what", what));
    asking->lies++;
    past_end_ask(asking, peer);
    asking->peers[peer].has_lied = true;
    asking->calls.penalise(asking->calls.context, peer, HOST_PENALTY_MAX);
}

// It may have pruned meanwhile; but what it says that it has it should have told.
static enum past_took take_none(struct past_asking *asking, uint16_t number,
                                const struct past_message *message, uint64_t *height) {
    struct past_peer *peer = &asking->peers[number];
    bool has_it = peer->what == PAST_BLOCKS
                      ? message->oldest <= peer->height
                      : message->snapshot > 0 && message->snapshot == peer->height;
    *height = peer->height;
    peer->oldest = message->oldest;
    past_end_ask(asking, number);
    past_fail(asking, number);
    if (has_it) {
        asking->lies++;
        asking->calls.penalise(asking->calls.context, number, CONTRADICTION_POINTS);
    }
    return PAST_TOOK_NONE;
}

// Whether it goes on where the last one ended: one before it may have been lost.
static bool is_next(const struct past_peer *peer, const struct past_message *part) {
    return part->offset == peer->row.len && (part->height == peer->height || peer->height == 0);
}

static bool is_sound(const struct past_peer *peer, const struct past_message *part) {
    uint32_t room = PAST_ANSWER_BYTES - peer->answered;
    uint32_t left = part->total - part->offset;
    return part->total <= past_most_bytes(peer->what) &&
           (peer->total == 0 || part->total == peer->total) &&
           part->bytes.len == (left < room ? left : room);
}

enum past_took past_take(struct past_asking *asking, uint16_t number,
                         const struct past_message *message, uint64_t *height) {
    struct past_peer *peer = &asking->peers[number];
    if (!peer->is_there || peer->has_lied || !peer->is_waited_for ||
        message->number != peer->number)
        return PAST_TOOK_NOTHING;
    if (message->kind == PAST_NOTHING) return take_none(asking, number, message, height);
    if (message->kind != PAST_PART) return PAST_TOOK_NOTHING;
    if (!is_next(peer, message)) {
        past_end_ask(asking, number);
        past_fail(asking, number);
        return PAST_TOOK_LOST;
    }
    if (!is_sound(peer, message)) {
        past_accuse(asking, number, "a part that was not asked for");
        return PAST_TOOK_NOTHING;
    }
    buf_append(&peer->row, message->bytes);
    asking->bytes += message->bytes.len;
    peer->height = *height = message->height;
    peer->total = message->total;
    peer->answered += (uint32_t)message->bytes.len;
    peer->deadline_ms = asking->now_ms + asking->timeout_ms;
    if (peer->answered == PAST_ANSWER_BYTES) peer->is_waited_for = false;
    return peer->row.len == peer->total ? PAST_TOOK_ROW : PAST_TOOK_PART;
}

void past_row_taken(struct past_asking *asking, uint16_t number) {
    struct past_peer *peer = &asking->peers[number];
    asking->rows++;
    peer->failures = 0;
    if (peer->what != PAST_BLOCKS || --peer->which == 0) {
        past_end_ask(asking, number);
        return;
    }
    peer->height--;
    peer->total = 0;
    buf_reset(&peer->row);
}

uint16_t past_find_late(struct past_asking *asking) {
    for (uint16_t i = 0; i < asking->peer_end; i++) {
        const struct past_peer *peer = &asking->peers[i];
        if (!peer->is_waited_for || peer->deadline_ms > asking->now_ms) continue;
        asking->timeouts++;
        past_end_ask(asking, i);
        past_fail(asking, i);
        return i;
    }
    return PEER_NONE;
}

uint64_t past_wake_ms(const struct past_asking *asking) {
    uint64_t wake_ms = UINT64_MAX;
    for (uint16_t i = 0; i < asking->peer_end; i++) {
        const struct past_peer *peer = &asking->peers[i];
        if (peer->is_waited_for && peer->deadline_ms < wake_ms) wake_ms = peer->deadline_ms;
        if (peer->is_there && peer->held_until_ms > asking->now_ms && peer->held_until_ms < wake_ms)
            wake_ms = peer->held_until_ms;
    }
    return wake_ms;
}

unsigned past_asks_out(const struct past_asking *asking) {
    unsigned count = 0;
    for (uint16_t i = 0; i < asking->peer_end; i++) count += asking->peers[i].is_asked;
    return count;
}
