// SPDX-License-Identifier: Apache-2.0
// Messages that wait for a driver's next loop, in the order in which they came. Of what one peer
// has waiting there is a bound; blocks leave room for what is small: votes, certificates; and
// strangers leave room for those that are trusted. Internal to witness/.
#ifndef LMM_WITNESS_INBOX_H
#define LMM_WITNESS_INBOX_H

#include "chaincore/base/buf.h"
#include "chaincore/base/limits.h"

struct inbox_item {
    uint16_t peer;     // PEER_NONE: who sent it has left
    bool is_strangers; // it was one when that came
    struct buf bytes;
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
};

// Copies the message. BUSY: too much waits, of this peer, of all strangers or of all.
enum status inbox_put(struct inbox *inbox, uint16_t peer, bool is_trusted,
                      struct bytes message) MUST_CHECK;
// By the order of their arrival, below `count`; borrowed until it is taken out.
const struct inbox_item *inbox_at(const struct inbox *inbox, size_t index);
void inbox_drop_first(struct inbox *inbox);
// Whoever gets the peer's number next has sent nothing of it.
void inbox_peer_left(struct inbox *inbox, uint16_t peer);
void inbox_clear(struct inbox *inbox);

#endif
