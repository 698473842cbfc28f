// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/driver_inside.h"

enum { HELD = sizeof((struct driver *)0)->held / sizeof(struct held_block) };

struct held_block *held_find(struct driver *driver, const struct hash *id) {
    for (size_t i = 0; i < HELD; i++)
        if (driver->held[i].is_taken && hash_equal(&driver->held[i].id, id))
            return &driver->held[i];
    return NULL;
}

struct held_block *held_add(struct driver *driver, const struct header *header,
                            const struct hash *id, struct bytes body) {
    struct held_block *held = held_find(driver, id);
    if (held) return held;
    for (size_t i = 0; i < HELD; i++) {
        held = &driver->held[i];
        if (held->is_taken) continue;
        held->is_taken = true;
        held->id = *id;
        held->header = *header;
        buf_reset(&held->body);
        buf_append(&held->body, body);
        return held;
    }
    return NULL;
}

static bool is_to_be_shown(const struct driver *driver, const struct hash *id) {
    for (size_t at = 0; at < driver->finals.len; at += sizeof(struct pending_final)) {
        struct pending_final final;
        memcpy(&final, driver->finals.data + at, sizeof final);
        if (hash_equal(&final.id, id)) return true;
    }
    return false;
}

// What the state machine has dropped comes again when it is needed.
void held_sweep(struct driver *driver) {
    ENSURE(driver->events.len == 0); // it may be of a block that was just built
    for (size_t i = 0; i < HELD; i++) {
        struct held_block *held = &driver->held[i];
        if (!held->is_taken || consensus_knows(driver->core, &held->id)) continue;
        if (is_to_be_shown(driver, &held->id)) continue;
        driver->calls.forget(driver->calls.context, &held->id);
        held->is_taken = false;
        buf_clear(&held->body);
    }
}

void held_clear(struct driver *driver) {
    for (size_t i = 0; i < HELD; i++) buf_clear(&driver->held[i].body);
}

bool held_or_final(struct driver *driver, const struct hash *id, struct header *header,
                   struct bytes *body, struct buf *scratch) {
    const struct held_block *held = held_find(driver, id);
    if (held) {
        *header = held->header;
        *body = buf_bytes(&held->body);
        return true;
    }
    if (!driver->calls.find_block(driver->calls.context, id, header, scratch)) return false;
    *body = buf_bytes(scratch);
    return true;
}

// --- for who lacks one ---

// The last one is likely to be asked for by the next peer too.
static struct bytes encode_once(struct driver *driver, const struct hash *id) {
    struct buf scratch = {0};
    struct header header;
    struct bytes body;
    if (driver->encoded.len > 0 && hash_equal(&driver->encoded_id, id))
        return buf_bytes(&driver->encoded);
    if (!held_or_final(driver, id, &header, &body, &scratch)) return bytes_of(NULL, 0);
    buf_reset(&driver->encoded);
    wire_encode_block(&driver->encoded, &header, body);
    driver->encoded_id = *id;
    buf_clear(&scratch);
    return buf_bytes(&driver->encoded);
}

void blocks_hand_out(struct driver *driver) {
    uint64_t now_ms = driver->time.now_ms;
    size_t bytes = 0;
    while (bytes < LIMIT_HANDOUT_BYTES) {
        uint16_t peer = handout_next(&driver->handout, now_ms);
        if (peer == PEER_NONE) return;
        if (!driver_may_answer(driver, peer, WIRE_BLOCK)) continue;
        struct bytes block = encode_once(driver, &driver->handout.peers[peer].id);
        if (block.len == 0) continue; // not there, or not any more
        driver_answer(driver, peer, block);
        handout_note(&driver->handout, peer, block.len, now_ms);
        bytes += block.len;
    }
}
