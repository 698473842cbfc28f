// SPDX-License-Identifier: Apache-2.0
// What becomes of a witness that signed two things which contradict one another (chain/evidence.h):
// it is a candidate no longer, and a twentieth of all that it has locked, what is being unlocked
// included, is burnt. It serves the epoch to its end, for a set never changes within one, and may
// register again from the next epoch on. One punishment stands for all that it signed up to the
// epoch in which it was punished.
//
// Evidence of an epoch counts for STAKE_UNLOCK_MS from its end: up to then all that its witnesses
// had locked in it is there to be cut, for whoever serves unlocks no earlier (stake.h). Later there
// may be other money, by another key, and the old one lies in old backups.
#ifndef LMM_CONTRACT_PUNISH_H
#define LMM_CONTRACT_PUNISH_H

#include "chaincore/chain/evidence.h"
#include "chaincore/chain/receipt.h"
#include "chaincore/ledger/state.h"

struct apply_block;
struct run_tx;

// Where a block stands.
struct punish_time {
    uint64_t epoch;
    uint64_t time_ms;
};
// Whether evidence of the epoch counts in a block of that time, if it is true.
bool punish_counts(const struct state_view *view, uint64_t epoch, const struct punish_time *now);
// At an epoch's last block: notes its end, and forgets what is too long ago.
void punish_end_epoch(struct apply_block *block);

// BAD_EVIDENCE when it does not verify or its time is over, NOT_A_CANDIDATE for a witness of
// genesis that never registered, PUNISHED_ALREADY.
enum tx_code punish(struct run_tx *run, const struct evidence *evidence) MUST_CHECK;

#endif
