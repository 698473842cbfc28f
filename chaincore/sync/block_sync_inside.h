// SPDX-License-Identifier: Apache-2.0
// The inside of block_sync, for its files alone.
#ifndef LMM_SYNC_BLOCK_SYNC_INSIDE_H
#define LMM_SYNC_BLOCK_SYNC_INSIDE_H

#include "chaincore/base/buf.h"
#include "chaincore/sync/block_sync.h"

enum ask_kind { ASK_HEADERS, ASK_BLOCKS, ASKS };

// What was asked of a peer and is not answered yet.
struct sync_ask {
    bool is_out;
    uint32_t number;
    uint64_t from; // the next that should come
    uint16_t left; // of blocks
    uint64_t bytes;
    uint64_t begun_ms;
    uint64_t deadline_ms;
};

// What a peer asks, and how far the answer is.
struct sync_wish {
    bool is_there;
    uint32_t number;
    uint64_t from;
    uint64_t end; // of headers: the certified height; 0: not looked for yet
    uint16_t count;
    uint32_t most_bytes;
    uint64_t bytes;
    struct hash last; // of the headers
    struct buf headers;
};

struct sync_peer {
    bool is_there;
    bool is_ahead; // as the driver says, of more than it has told itself
    bool has_lied;
    uint8_t failures; // in a row
    uint64_t newest;  // as it says
    uint64_t oldest;  // whose body is there; 0: it has not said
    uint64_t held_until_ms;
    struct sync_ask asks[ASKS];
    struct sync_wish wishes[ASKS];
};

// Headers up to a certified one. Bodies come in any order.
struct sync_batch {
    uint64_t first;
    uint16_t count;
    struct certificate certificate; // of the last
    struct sync_block {
        struct header header;
        struct hash id;
        uint16_t asked_of; // PEER_NONE: nobody
        bool is_here;
        struct buf body;
    } blocks[LIMIT_SYNC_HEADERS];
};

struct block_sync {
    struct sync_calls calls;
    struct hash chain_id;
    uint32_t timeout_ms;
    uint64_t now_ms;
    uint32_t number; // of the newest ask
    struct sync_head head;
    struct sync_batch *batches[LIMIT_SYNC_BATCHES]; // the oldest first
    size_t batch_count;
    uint64_t held_bytes;       // of bodies that are here
    uint16_t next_asked[ASKS]; // of each kind, turn by turn
    uint16_t next_served;
    uint16_t peer_end; // no peer is at or beyond
    bool is_running;
    bool is_behind;  // far, as a certificate has proven of late
    bool is_held_up; // until a checkpoint is on disk
    bool has_news;   // to be looked at in the next run
    bool has_conflict;
    uint64_t far_ms; // when it was last far from what is proven
    struct block_sync_counts counts;
    struct buf scratch;
    struct sync_peer peers[LIMIT_PEERS];
};

// block_sync.c
void sync_send(struct block_sync *sync, uint16_t peer, const struct sync_message *message);

// block_sync_serve.c
void serve_note(struct sync_peer *peer, const struct sync_message *ask);
void serve_forget(struct sync_peer *peer);
// One read of the log at most.
void serve_run(struct block_sync *sync);
// What can be answered now.
bool serve_has_work(const struct block_sync *sync);
// What will be, once a peer has read what it was told before.
bool serve_waits(const struct block_sync *sync);

#endif
