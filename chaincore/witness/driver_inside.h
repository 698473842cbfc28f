// SPDX-License-Identifier: Apache-2.0
// What the files of the driver share. Internal to witness/.
#ifndef LMM_WITNESS_DRIVER_INSIDE_H
#define LMM_WITNESS_DRIVER_INSIDE_H

#include "chaincore/witness/driver.h"
#include "chaincore/witness/handout.h"
#include "chaincore/witness/inbox.h"
#include "chaincore/witness/vote_log.h"

struct held_block {
    bool is_taken;
    struct hash id;
    struct header header;
    struct buf body;
};

// What the loop is still to feed, in order.
struct pending_event {
    enum consensus_event_kind kind; // EXECUTED, BUILT
    struct hash id;
    bool is_valid; // of BUILT: there is one
    struct header header;
};

struct pending_final {
    struct header header;
    struct hash id;
    uint64_t missed_views;
    bool has_certificate;
    struct certificate certificate; // its own: a loop may show several that have one
};

// What a peer was asked last, because of what it said.
struct asked {
    bool has;
    struct fetch fetch;
    uint64_t at_ms;
};

struct driver {
    struct driver_calls calls;
    uint32_t ask_again_ms; // the same peer the same, because of what it says
    size_t key_count;
    struct secret_key keys[LIMIT_WITNESSES];
    struct public_key publics[LIMIT_WITNESSES];
    uint8_t key_of[LIMIT_WITNESSES]; // of each own witness of the epoch
    struct hash chain_id;
    struct consensus *core;
    struct vote_log *log;
    struct verifier *verifier;
    struct consensus_epoch rules;
    struct committee committee;
    uint16_t witnesses_before; // of the epoch before

    struct inbox inbox;
    struct wire_message messages[LIMIT_DRIVER_MESSAGES]; // of one loop
    bool asked[LIMIT_PEERS]; // by FETCH, since it was last taken as ahead
    struct asked asked_last[LIMIT_PEERS];
    uint16_t fetches_of[LIMIT_PEERS]; // that wait
    struct answers answers;
    struct held_block held[LIMIT_BRANCH_BLOCKS + 1];

    struct handout handout;
    struct hash encoded_id;      // of the block that was handed out last
    struct buf encoded;          // that one, as it goes out; empty: none
    struct handout certificates; // of strangers whose FETCH waits for its turn; its ids are nothing
    struct fetch fetches[LIMIT_PEERS]; // those

    struct buf signed_votes; // kept, and not reported yet: each with its signers behind it
    struct buf events;       // of struct pending_event
    struct buf finals;       // of struct pending_final
    bool has_work, has_news_of_work;
    bool is_epoch_over;
    bool has_logged_twin;        // the log says that its keys are elsewhere
    uint64_t useless;            // messages
    struct driver_counts counts; // without what waits
    struct driver_time time;
    bool has_begun; // by the first time that it was told
    uint64_t began_wall_ms, began_now_ms;
    uint64_t found_ms; // of the newest final block then
};

// driver_blocks.c: bodies, as long as the state machine knows their headers
struct held_block *held_find(struct driver *driver, const struct hash *id);
// Copies the body. NULL when every place is taken.
struct held_block *held_add(struct driver *driver, const struct header *header,
                            const struct hash *id, struct bytes body);
void held_sweep(struct driver *driver);
void held_clear(struct driver *driver);
// Of a block that is held or final; the body is borrowed from there, or from `scratch`.
bool held_or_final(struct driver *driver, const struct hash *id, struct header *header,
                   struct bytes *body, struct buf *scratch);

// Hands out blocks that peers lack, as many as one run may.
void blocks_hand_out(struct driver *driver);

// driver.c
// Notes in the log that nothing of this epoch, or of one before it, is signed any more.
void driver_hold_back(struct driver *driver, uint64_t epoch);

// driver_actions.c
void driver_feed(struct driver *driver, struct consensus_event *event);
// Answers are thousands of times as long as FETCH, and go out as fast as it comes: who asks for
// more than anybody needs is not answered for a while. What is not is counted.
// Nor is who has not read what it was given, who may ask again when it has: what would not arrive
// is not counted as had.
bool driver_may_answer(struct driver *driver, uint16_t peer, enum wire_kind kind);
void driver_answer(struct driver *driver, uint16_t peer, struct bytes encoded);

static inline bool driver_trusts(const struct driver *driver, uint16_t peer) {
    const struct driver_calls *calls = &driver->calls;
    return !calls->is_trusted || calls->is_trusted(calls->context, peer);
}

#endif
