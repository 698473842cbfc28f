// SPDX-License-Identifier: Apache-2.0
// Messages that wait for a driver's next loop, in the order in which they came. Of what one peer
// has waiting there is a bound, which all nodes of a witness have together; blocks leave room for
// what is small: votes, certificates; and strangers leave room for those that are trusted. Internal
// to witness/.
#ifndef LMM_WITNESS_INBOX_H
#define LMM_WITNESS_INBOX_H

#include "chaincore/base/buf.h"
#include "chaincore/base/limits.h"

struct inbox_item {
    uint16_t peer;     // PEER_NONE: who sent it has left
    uint16_t share;    // the next of the one that it counts in; 0: in none
    bool is_strangers; // it was one when that came
    struct buf bytes;
};

enum { INBOX_OWNER_BYTES = 32 };

// What the nodes of one witness have waiting, those that have left too.
struct inbox_share {
    uint8_t owner[INBOX_OWNER_BYTES];
    uint16_t peers; // that are there. Without them, and without messages: it is free
    uint16_t count;
    uint32_t large_bytes;
};

// Zeroed it is empty.
struct inbox {
    struct inbox_item items[LIMIT_DRIVER_QUEUE]; // a ring
    size_t first, count;
    uint64_t large_bytes; // of messages above LIMIT_DRIVER_SMALL_BYTES
    size_t strangers_count;
    uint64_t strangers_large_bytes;
    uint16_t count_of[LIMIT_PEERS];
    uint32_t large_bytes_of[LIMIT_PEERS];
    struct inbox_share shares[LIMIT_PEERS];
    uint16_t share_of[LIMIT_PEERS]; // the next of it; 0: the peer has its own
};

// Copies the message. BUSY: too much waits, of this peer or its witness, of all strangers or of
// all.
enum status inbox_put(struct inbox *inbox, uint16_t peer, bool is_trusted,
                      struct bytes message) MUST_CHECK;
// By the order of their arrival, below `count`; borrowed until it is taken out.
const struct inbox_item *inbox_at(const struct inbox *inbox, size_t index);
void inbox_drop_first(struct inbox *inbox);
// It speaks for this witness, of INBOX_OWNER_BYTES; empty: for none. What it has sent before counts
// where it did.
void inbox_peer_speaks_for(struct inbox *inbox, uint16_t peer, struct bytes witness);
// Whoever gets the peer's number next has sent nothing of it, nor speaks for anybody.
void inbox_peer_left(struct inbox *inbox, uint16_t peer);
void inbox_clear(struct inbox *inbox);

#endif
