// SPDX-License-Identifier: Apache-2.0
// From two votes that a driver met (driver.h) to what the chain punishes their witness for: the
// content of the action TX_EVIDENCE (chain/evidence.h), which any account may send.
#ifndef LMM_WITNESS_ACCUSATION_H
#define LMM_WITNESS_ACCUSATION_H

#include "chaincore/chain/evidence.h"
#include "chaincore/consensus/consensus.h"

// In either order. False for two votes that do not contradict one another: of different witnesses,
// epochs or views, twice the same, or such as the rules allow. The signatures are taken on trust: a
// driver has verified them, and the chain does so again.
bool evidence_of_votes(struct evidence *out, const struct signed_vote *one,
                       const struct signed_vote *other) MUST_CHECK;

#endif
