// SPDX-License-Identifier: Apache-2.0
// Who serves next. At the end of an epoch's last block the candidates with the most votes (tally.h)
// become the next epoch's witnesses, LIMIT_WITNESSES at most; among equals who registered first.
// With fewer candidates than the parameter `min_witnesses` the set that serves goes on, whole. What
// it costs follows from the candidates alone, however many vote.
#ifndef LMM_CONTRACT_ELECTION_H
#define LMM_CONTRACT_ELECTION_H

#include "chaincore/contract/apply.h"
#include "chaincore/contract/witnesses.h"

static inline bool election_is_due(const struct params *params, uint64_t height) {
    return (height + 1) % params->epoch_blocks == 0;
}

// Of the candidates who are active and have STAKE_MIN locked, those whom an election at the end of
// `epoch` would take, in the order of their registration, so that a set's hash changes with its
// members and not with their ranks.
void election_count(struct witnesses *out, const struct state_view *view, uint64_t epoch);

// At an epoch's last block, when all is known that decides who is a candidate. False where the set
// that serves goes on, for want of candidates.
bool election_hold(struct apply_block *block);

#endif
