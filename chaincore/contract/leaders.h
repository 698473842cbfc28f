// SPDX-License-Identifier: Apache-2.0
// What seeds the order in which an epoch's witnesses lead its views (consensus/schedule.h): the id
// of the block n before its boundary, n being how many serve up to there, and no earlier than the
// boundary before. Who makes that block cannot choose its id well enough to gain turns, and who
// joins later has no header of it: so the state notes it when the block above names it as its
// parent, and keeps it, with what else an epoch begins with, for this epoch and the next.
#ifndef LMM_CONTRACT_LEADERS_H
#define LMM_CONTRACT_LEADERS_H

#include "chaincore/contract/apply.h"

struct leaders {
    uint64_t epoch;
    uint64_t first_view;
    uint32_t block_interval_ms; // that rules the epoch
    struct hash id;
};

// Of the epoch that the next block is of, and of the one before it. False for any other, and for
// the first, which genesis tells of.
bool leaders_load(struct leaders *out, const struct state_view *view, uint64_t epoch);
// At any block, when nothing can change the next epoch's parameters any more.
void leaders_note(struct apply_block *block);

#endif
