// SPDX-License-Identifier: Apache-2.0
// What voters earn. A witness keeps of its blocks' rewards the commission that it was elected with;
// the rest goes into its pool. At the end of an epoch the pool is shared out among those who vote
// for it: evenly over what they hold for it, which is what each held when it last voted or claimed
// (the smaller of two balances, as in tally.h), and never more than it holds since.
//
// Shared out means that the candidate's `index` rises by pool · 2^64 / held: what a unit of holding
// has earned since the beginning. A voter's entry keeps each choice's index as it last looked, and
// what it is owed. So an epoch's end costs the same however many vote, and nothing has to be known
// of epochs that have passed. What rounding leaves stays in `shares` of the supply (supply.h),
// whose part of it nobody can claim: less than a unit a voter, choice and look, and one an epoch.
#ifndef LMM_CONTRACT_SHARE_H
#define LMM_CONTRACT_SHARE_H

#include "chaincore/contract/account.h"
#include "chaincore/contract/apply.h"
#include "chaincore/contract/stake.h"

// Under STATE_VOTES ‖ account.
struct voter {
    uint64_t weight; // held for each of its choices, in base units
    struct amount owed;
    struct votes votes;
    struct share_index indexes[LIMIT_VOTES]; // as they were when `owed` was reckoned
};
// False when it votes for nobody; `out` is then empty.
bool voter_load(struct voter *out, const struct state_view *view, const struct account_id *id);
// From what stands under its key; empty bytes give an empty one.
void voter_decode(struct voter *out, struct bytes value);
// One that votes for nobody goes, and must be owed nothing.
void voter_store(struct state_draft *draft, const struct account_id *id, const struct voter *voter);
// Reckons up to now what it is owed.
void voter_look(struct voter *voter, const struct state_view *view);

// The smaller of its balances now and at the epoch's start, over so many choices. `before` is the
// account as the block found it.
uint64_t voter_weight(const struct account *before, const struct account *now, uint64_t epoch,
                      uint32_t choices);

// Pays out what the account is owed, and has it hold for its choices what it has by now.
// NOTHING_TO_CLAIM when neither changes anything.
enum tx_code share_claim(struct run_tx *run, const struct account_id *id) MUST_CHECK;
// Of this voter, into the account, which the caller stores.
void share_pay(struct state_draft *draft, struct voter *voter, struct account *account);

// The leader's part of the reward of a block. The rest is in its pool by then.
struct amount share_reward(struct apply_block *block, struct amount reward);
// At an epoch's last block, before the tallies: pools that nobody holds for are the candidates'
// own.
void share_return(struct apply_block *block);
// And after them: every other pool is shared out.
void share_hand_out(struct apply_block *block);

#endif
