// SPDX-License-Identifier: Apache-2.0
// The asking side of past_message.h, for whoever wants rows of the past: who the peers are, what
// each was asked for, and what has come of it. A row is put together here, from as many answers as
// it takes, all of one peer's; so whoever sent it can be blamed for it. What it says is the
// caller's to judge.
//
// One thread; no clock, nothing waits. Bounds: one row of each peer is on its way, and grows with
// what has come.
#ifndef LMM_SYNC_PAST_ASK_H
#define LMM_SYNC_PAST_ASK_H

#include "chaincore/sync/past_message.h"

struct past_calls {
    void *context;
    // One message; may be lost.
    void (*send)(void *context, uint16_t peer, struct bytes message);
    // HOST_PENALTY_MAX: it lied.
    void (*penalise)(void *context, uint16_t peer, unsigned points);
};

struct past_peer {
    bool is_there;
    bool has_lied;
    bool gives_snapshots; // as it says of itself
    uint8_t failures;     // in a row
    uint64_t newest;      // final, as it says
    uint64_t oldest;      // block; 0: it has not said
    uint64_t held_until_ms;
    // What it was asked for, until all of it has come.
    bool is_asked;
    bool is_waited_for; // for an answer; else to be asked on
    uint32_t number;
    enum past_what what;
    uint64_t height;
    uint32_t which;
    uint32_t total;    // of the row that is coming; 0 before its first part
    uint32_t answered; // bytes of this answer
    uint64_t deadline_ms;
    struct buf row;
};

struct past_asking {
    struct past_calls calls;
    uint32_t timeout_ms;
    uint64_t now_ms;
    uint32_t number;   // of the newest ask
    uint16_t peer_end; // no peer is at or beyond
    uint16_t next;     // to be asked, turn by turn
    uint64_t rows;     // that came whole
    uint64_t bytes;    // that came
    uint64_t lies, timeouts;
    struct past_peer peers[LIMIT_PEERS];
};

// `asking` is zeroed. A timeout of 0 is 10,000 ms.
void past_asking_init(struct past_asking *asking, const struct past_calls *calls,
                      uint32_t timeout_ms);
void past_asking_clear(struct past_asking *asking);

struct past_peer_info {
    bool gives_snapshots;
    uint64_t final_height;
};
void past_peer_joined(struct past_asking *asking, uint16_t peer, const struct past_peer_info *info);
void past_peer_left(struct past_asking *asking, uint16_t peer);

// Turn by turn, one that is free and of whom `may` says so; PEER_NONE. *later: one is not free.
typedef bool past_may(const void *context, uint16_t number, const struct past_peer *peer);
uint16_t past_choose(struct past_asking *asking, past_may *may, const void *context, bool *later);
// The peer is free.
void past_ask(struct past_asking *asking, uint16_t peer, enum past_what what, uint64_t height,
              uint32_t which);
// For what is missing of what it was asked for. Nothing unless an answer has ended.
void past_ask_on(struct past_asking *asking, uint16_t peer);
// What it was asked for, another may be asked for.
void past_end_ask(struct past_asking *asking, uint16_t peer);
// It is not asked for a while, longer each time.
void past_fail(struct past_asking *asking, uint16_t peer);
// It is let go, and not asked any more.
void past_accuse(struct past_asking *asking, uint16_t peer, const char *what);

enum past_took {
    PAST_TOOK_NOTHING, // late, or in answer to nothing
    PAST_TOOK_PART,
    PAST_TOOK_ROW,  // whole: peer->row and *height; to be judged before anything else is taken
    PAST_TOOK_NONE, // the peer does not have it: the ask is over, and it was asked for *height
    PAST_TOOK_LOST  // a part is missing: the ask is over
};
// PART and NOTHING. What contradicts itself is a lie, and told as nothing.
enum past_took past_take(struct past_asking *asking, uint16_t peer,
                         const struct past_message *message, uint64_t *height);
// After PAST_TOOK_ROW, once the row is judged and good: the next may come.
void past_row_taken(struct past_asking *asking, uint16_t peer);
// The first peer that has been silent for too long, its ask ended; PEER_NONE.
uint16_t past_find_late(struct past_asking *asking);
// When somebody is late or free again at the latest; UINT64_MAX.
uint64_t past_wake_ms(const struct past_asking *asking);
unsigned past_asks_out(const struct past_asking *asking);

#endif
