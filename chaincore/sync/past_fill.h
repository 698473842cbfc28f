// SPDX-License-Identifier: Apache-2.0
// The blocks below a snapshot, for a node that joined by it and keeps all: asked of several peers
// at once, the newest first, for each block names the one below it; so each is judged when those
// above it have come, and whoever sent another is let go.
//
// Talks to peers and to the chain through a table, so that it is tested alone. One thread; no
// clocks, nothing waits. Bounds: PAST_FILL_*.
#ifndef LMM_SYNC_PAST_FILL_H
#define LMM_SYNC_PAST_FILL_H

#include "chaincore/sync/past_ask.h"

enum {
    PAST_FILL_RANGES = 8,               // of PAST_MAX_BLOCKS heights, each asked of one peer
    PAST_FILL_BYTES = 32 * 1024 * 1024, // of blocks that are here or on their way
    PAST_FILL_TAKEN = 16,               // judged in one run
};

struct fill_calls {
    struct past_calls peers;
    void *chain;
    // The highest block that is missing; 0: none is.
    uint64_t (*missing)(void *chain);
    // That one, as it has come. INVALID: it is another; anything else but OK is the disk's, and the
    // end.
    enum status (*keep)(void *chain, struct bytes block);
};

struct past_fill;

struct past_fill *past_fill_open(const struct fill_calls *calls, uint32_t timeout_ms); // copied
void past_fill_close(struct past_fill *fill); // NULL is allowed
void past_fill_peer_joined(struct past_fill *fill, uint16_t peer, uint64_t final_height);
void past_fill_peer_left(struct past_fill *fill, uint16_t peer);
void past_fill_receive(struct past_fill *fill, uint16_t peer, const struct past_message *message,
                       uint64_t now_ms);
// Judges and asks: a bounded piece of each.
enum status past_fill_run(struct past_fill *fill, uint64_t now_ms) MUST_CHECK;
uint64_t past_fill_wake_ms(const struct past_fill *fill);

struct past_fill_counts {
    uint64_t blocks, bytes;  // that came
    uint64_t lies, timeouts; // of peers
};
void past_fill_count(const struct past_fill *fill, struct past_fill_counts *out);

#endif
