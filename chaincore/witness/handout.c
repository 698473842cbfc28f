// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/handout.h"

#include "chaincore/consensus/consensus.h"

void handout_ask(struct handout *handout, uint16_t peer, const struct hash *id, bool is_trusted) {
    ENSURE(peer < LIMIT_PEERS);
    struct handout_peer *asker = &handout->peers[peer];
    if (!asker->has_asked) handout->count++;
    asker->has_asked = true;
    asker->is_trusted = is_trusted;
    asker->id = *id;
}

static void take_out(struct handout *handout, uint16_t peer) {
    if (handout->peers[peer].has_asked) handout->count--;
    handout->peers[peer].has_asked = false;
}

void handout_peer_left(struct handout *handout, uint16_t peer) {
    ENSURE(peer < LIMIT_PEERS);
    take_out(handout, peer);
}

// From when on it may be given more.
static uint64_t due_ms(const struct handout *handout, bool is_trusted) {
    uint64_t debt_ms = (handout->debt_us + 999) / 1000;
    bool must_wait = !is_trusted && debt_ms > LIMIT_HANDOUT_AHEAD_MS;
    return must_wait ? debt_ms - LIMIT_HANDOUT_AHEAD_MS : 0;
}

static uint16_t next_of(struct handout *handout, bool is_trusted, uint64_t now_ms) {
    if (due_ms(handout, is_trusted) > now_ms) return PEER_NONE;
    for (unsigned i = 1; i <= LIMIT_PEERS; i++) {
        uint16_t peer = (uint16_t)((handout->last[is_trusted] + i) % LIMIT_PEERS);
        const struct handout_peer *asker = &handout->peers[peer];
        if (!asker->has_asked || asker->is_trusted != is_trusted) continue;
        handout->last[is_trusted] = peer;
        return peer;
    }
    return PEER_NONE;
}

uint16_t handout_next(struct handout *handout, uint64_t now_ms) {
    if (handout->count == 0) return PEER_NONE;
    uint16_t peer = next_of(handout, true, now_ms);
    if (peer == PEER_NONE) peer = next_of(handout, false, now_ms);
    if (peer != PEER_NONE) take_out(handout, peer);
    return peer;
}

void handout_note(struct handout *handout, uint16_t peer, size_t bytes, uint64_t now_ms) {
    ENSURE(peer < LIMIT_PEERS);
    if (handout->peers[peer].is_trusted) return;
    if (handout->debt_us < 1000 * now_ms) handout->debt_us = 1000 * now_ms;
    handout->debt_us += (uint64_t)bytes * 1000 * 1000 / LIMIT_HANDOUT_BYTES_PER_S_OF_STRANGERS;
}

uint64_t handout_wake_ms(const struct handout *handout) {
    uint64_t wake_ms = UINT64_MAX;
    for (unsigned peer = 0; handout->count > 0 && peer < LIMIT_PEERS; peer++) {
        const struct handout_peer *asker = &handout->peers[peer];
        if (!asker->has_asked) continue;
        uint64_t asker_ms = due_ms(handout, asker->is_trusted);
        if (asker_ms < wake_ms) wake_ms = asker_ms;
    }
    return wake_ms;
}
