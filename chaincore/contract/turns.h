// SPDX-License-Identifier: Apache-2.0
// Who makes its blocks and who does not. Per epoch the state counts, by what headers say (docs/adr/
// 032), each witness's turns, those of them that brought no block, and in how many blocks it was
// missing among the voters for the parent. At the epoch's end the absent are candidates no longer:
// who missed more than half of at least TURNS_LEAST turns and was missing from more than half of
// the voters named. At most a tenth of the set leaves, the most absent first; and nobody where more
// than a third of the views brought nothing, for then it is not they who failed but the network.
// Who left may register again at once.
#ifndef LMM_CONTRACT_TURNS_H
#define LMM_CONTRACT_TURNS_H

#include "chaincore/base/bytes.h"
#include "chaincore/base/limits.h"
#include "chaincore/ledger/state.h"

struct apply_block;

enum { TURNS_LEAST = 10 };

// What a block's header, and its parent's, say of its epoch's witnesses.
struct turns_seen {
    uint16_t leader;
    uint32_t missed[LIMIT_WITNESSES]; // turns of each between the parent's view and the block's
    // Of the parent, by bits, where it is of the same epoch; empty where it is not.
    struct bytes voters;
};

// What the blocks of an epoch say of a witness.
struct attendance {
    uint64_t taken;
    uint64_t missed;
    uint64_t silent; // blocks whose voters lack it
};

// Under STATE_CHAIN "turns", in the order of the set.
struct turns_record {
    uint64_t epoch;
    uint64_t named; // blocks that named their parent's voters
    uint16_t count;
    struct attendance of[LIMIT_WITNESSES];
};
// Of an epoch with so many witnesses: zeros, unless it is the one that was counted last.
void turns_load(struct turns_record *out, const struct state_view *view, uint64_t epoch,
                uint16_t count);

// Whether this one would be among the absent, did the epoch end with what the record says.
bool turns_is_absent(const struct turns_record *record, uint16_t witness);

// At any block, before turns_judge. Nothing where the block says nothing.
void turns_count(struct apply_block *block);
// At an epoch's last block, before the election.
void turns_judge(struct apply_block *block);

#endif
