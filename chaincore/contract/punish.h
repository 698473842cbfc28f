// SPDX-License-Identifier: Apache-2.0
// What becomes of a witness that signed two things which contradict one another (chain/evidence.h):
// it is a candidate no longer, and a twentieth of all that it has locked, what is being unlocked
// included, is burnt. It serves the epoch to its end, for a set never changes within one, and may
// register again from the next epoch on. One punishment stands for all that it signed up to the
// epoch in which it was punished.
//
// There is no time limit but what is there to cut: stake that a witness begins to unlock stays cut
// for STAKE_UNLOCK_MS behind the last epoch that it served with it (stake.h).
#ifndef LMM_CONTRACT_PUNISH_H
#define LMM_CONTRACT_PUNISH_H

#include "chaincore/chain/evidence.h"
#include "chaincore/chain/receipt.h"

struct run_tx;

// BAD_EVIDENCE when it does not verify, NOT_A_CANDIDATE for a witness of genesis that never
// registered, PUNISHED_ALREADY.
enum tx_code punish(struct run_tx *run, const struct evidence *evidence) MUST_CHECK;

#endif
