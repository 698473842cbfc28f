// SPDX-License-Identifier: Apache-2.0
// How a new node comes by a snapshot: it looks whether anybody is far ahead, asks one of those for
// the manifest of its newest snapshot, has the header proven, and then asks all who have the same
// one for its pieces, one of each peer at a time. A piece is judged when it has come, so whoever
// sent another is known and let go; what is kept is kept, whoever it came from. Where nobody has
// the snapshot any more, it begins again with a newer one.
//
// Whether to join so at all is part of it: a chain that is short, or that nobody has a snapshot
// of, is executed from its first block.
//
// Talks to peers and to the disk through a table, so that it is tested alone. One thread; no
// clocks, nothing waits.
#ifndef LMM_SYNC_SNAPSHOT_FETCH_H
#define LMM_SYNC_SNAPSHOT_FETCH_H

#include "chaincore/sync/past_ask.h"

struct fetch_plan {
    uint64_t height;
    uint32_t piece_count;
};

struct fetch_calls {
    struct past_calls peers;
    // What the disk holds. IO, FULL and NO_MEMORY end it all, and so does TIMEOUT, which only a
    // manifest that is proven may give: what it is proven by is too old, whoever sends another.
    // Anything else but OK is the peer's lie, and NOT_FOUND nobody's: what the manifest is to be
    // proven by is not in it.
    void *store;
    enum status (*begin)(void *store, struct bytes manifest, struct fetch_plan *out);
    bool (*has)(void *store, uint32_t piece);
    enum status (*keep)(void *store, uint32_t piece, struct bytes bytes);
    // All of the above, for another manifest.
    void (*forget)(void *store);
};

struct fetch_config {
    const struct fetch_calls *calls; // copied
    uint64_t far_ahead;   // blocks from which on a chain is not executed from its first; 0: 1,000
    uint32_t settle_ms;   // from the first peer on, for others to come; 0: 500
    uint32_t patience_ms; // until it does without peers; 0: 5,000
    uint32_t timeout_ms;  // without a word to an ask; 0: 10,000
};

enum fetch_state {
    FETCH_LOOKING,
    FETCH_PIECES,
    FETCH_WHOLE,    // what the store holds is a whole snapshot
    FETCH_BY_BLOCKS // no snapshot is needed, or to be had
};

struct snapshot_fetch;

struct snapshot_fetch *fetch_open(const struct fetch_config *config, uint64_t now_ms);
void fetch_close(struct snapshot_fetch *fetch); // NULL is allowed
// Goes on with what an earlier process has begun; before anything else.
void fetch_resume(struct snapshot_fetch *fetch, const struct fetch_plan *plan);

struct fetch_peer {
    bool gives_snapshots; // as they say of themselves
    bool has_all_bodies;
    uint64_t final_height;
};
void fetch_peer_joined(struct snapshot_fetch *fetch, uint16_t peer, const struct fetch_peer *info);
void fetch_peer_left(struct snapshot_fetch *fetch, uint16_t peer);
// MALFORMED and the like: the peer sent what no node sends.
enum status fetch_receive(struct snapshot_fetch *fetch, uint16_t peer, struct bytes message,
                          uint64_t now_ms) MUST_CHECK;
// The store's failures are the end.
enum status fetch_run(struct snapshot_fetch *fetch, uint64_t now_ms,
                      enum fetch_state *state) MUST_CHECK;
uint64_t fetch_wake_ms(const struct snapshot_fetch *fetch);

struct fetch_counts {
    struct fetch_plan plan; // of zeros before there is one
    uint32_t pieces;        // here
    uint64_t bytes;
    uint64_t lies, timeouts; // of peers
};
void fetch_count(const struct snapshot_fetch *fetch, struct fetch_counts *out);

#endif
