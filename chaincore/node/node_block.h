// SPDX-License-Identifier: Apache-2.0
// A block being executed: made anew, taken from a peer, or replayed from the log. Internal to
// node/.
#ifndef LMM_NODE_BLOCK_H
#define LMM_NODE_BLOCK_H

#include "chaincore/contract/timer.h"
#include "chaincore/node/node_internal.h"

// What a block stands on: the head, or a block above it. Borrowed.
struct parent {
    const struct header *header;
    const struct hash *id;
    struct state_version *version;
    struct history_peaks peaks; // over all ids up to its own
    uint16_t witnesses;         // of its epoch
};

// Where a transaction of the mempool stands there.
struct place {
    struct tx_lane lane;
    uint64_t seq;
    enum tx_code code; // of what can never be applied: why
};

// Which keys a transaction's signatures were verified with, if they were.
struct vetted {
    struct hash id;
    bool is_verified;
    struct hash signers;
};

struct work {
    struct arena arena; // until it is executed
    struct arena kept;  // until it is shown
    struct apply_block apply;
    struct turns_seen turns; // what the header says
    struct timer_runs timers;
    struct block block;
    struct block_tx *txs;     // block.txs, still writable
    struct bytes *signatures; // of each but the timers' runs, as encoded
    struct hash *tx_ids;      // kept, as what follows
    struct place *applied;    // of each but the timers' runs
    struct place *dropped;    // can never be applied any more; the builder's
    size_t dropped_count;
    enum tx_code refusal;   // of the last WORK_NEVER
    uint64_t kept_until_ms; // block_kept_until_ms
};

// Begins the block whose header is work->block.header: epoch's work, then the timers that are due.
// The header's claims about its parent hold (node_claims.c).
void work_begin(struct node *node, struct work *work, const struct parent *parent);
void work_clear(struct work *work);
// For so many transactions behind the timers, which are in place already.
void work_make_room(struct work *work, size_t more);

enum work_verdict { WORK_APPLIED, WORK_WAITS, WORK_NEVER };
// Applies what can be applied now. `vetted` NULL: all that a quorum has signed for. The bytes are
// borrowed until the block is encoded.
enum work_verdict work_try_tx(struct work *work, struct bytes encoded, const struct vetted *vetted);
// Ends the block: the state after it, and in work->block.header all that follows from it: the
// roots, the next set's and the parameters' hash, the gas. The caller owns the version.
struct state_version *work_finish(struct work *work, const struct parent *parent);
// Ends nothing: as if it had not been begun.
void work_drop(struct work *work);

// node_claims.c: what a header says that does not follow from executing it.

// All that binds it to its parent, to its epoch and to the protocol. The log says what is wrong.
bool claims_hold(struct node *node, const struct header *header, const struct parent *parent);

// node_body.c: the transactions of a block as they come from elsewhere.
struct body {
    uint32_t count;
    const struct bytes *txs; // each as encoded
};
// Slices borrow from `in`, the array lives in the arena. TOO_LARGE, MALFORMED and the like.
enum status body_decode(struct body *out, struct arena *arena, struct bytes in) MUST_CHECK;
void body_encode(struct buf *out, const struct block *block);
// The ids, and the keys by which signatures are good on the parent's state: those of the mempool,
// which are the same bytes, and those that verify, all together. Of the rest no keys are said.
// False when one is no transaction.
bool body_vet(struct node *node, struct vetted *out, const struct body *body,
              const struct parent *parent);

#endif
