// SPDX-License-Identifier: Apache-2.0
// What votes weigh. A voter's weight is the smaller of its liquid balance at the epoch's start and
// at its end, split evenly over its choices and rounded down; so borrowed money votes for nobody.
//
// Tallies are derived state, kept up to date block by block: `votes` is the sum of
// floor(balance / choices), and `gain` the sum of what of it was not there at the epoch's start:
// floor(balance / choices) - floor(min(start, balance) / choices). An election counts votes - gain.
// An account notes its balance at the start of an epoch when a block of it touches it first; until
// then both are the same, and its gain is zero. Gains of an earlier epoch count as zero.
#ifndef LMM_CONTRACT_TALLY_H
#define LMM_CONTRACT_TALLY_H

#include "chaincore/contract/stake.h"

// After all else in a block of `epoch`, on all that the draft has changed since its base.
void tally_block(struct state_draft *draft, uint64_t epoch);

// What an election at the end of `epoch` would count for the candidate.
uint64_t tally_of(const struct candidate *candidate, uint64_t epoch);

#endif
