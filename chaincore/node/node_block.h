// SPDX-License-Identifier: Apache-2.0
// A block being executed: made anew, or replayed from the log. Internal to node/.
#ifndef LMM_NODE_BLOCK_H
#define LMM_NODE_BLOCK_H

#include "chaincore/contract/timer.h"
#include "chaincore/node/node_internal.h"

// Where a transaction of the mempool stands there.
struct place {
    struct tx_lane lane;
    uint64_t seq;
    enum tx_code code; // of what can never be applied: why
};

struct work {
    struct arena arena;
    struct apply_block apply;
    struct turns_seen turns; // what the header says
    struct timer_runs timers;
    struct block block;
    struct block_tx *txs; // block.txs, still writable
    struct hash *tx_ids;
    struct bytes *signatures; // of each but the timers' runs, as encoded
    struct place *applied;    // the same
    struct place *dropped;    // can never be applied any more
    size_t dropped_count;
    enum tx_code refusal;   // of the last WORK_NEVER
    uint64_t kept_until_ms; // block_kept_until_ms
};

// Begins a block with this header on top of the head: epoch's work, then the timers that are due.
void work_begin(struct node *node, struct work *work, const struct header *header);
void work_clear(struct work *work);
// For so many transactions behind the timers, which are in place already.
void work_make_room(struct work *work, size_t more);

enum work_verdict { WORK_APPLIED, WORK_WAITS, WORK_NEVER };
// Applies what can be applied now. Its signatures were verified with the keys that the mempool's
// entry says; NULL: all that a quorum has signed for.
enum work_verdict work_try_tx(struct work *work, struct bytes encoded,
                              const struct mempool_entry *known);
// Ends the block: the state after it, and in work->block.header the roots, all but history_root,
// and the next set's hash.
// The caller owns the version.
struct state_version *work_finish(struct work *work);

#endif
