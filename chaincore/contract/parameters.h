// SPDX-License-Identifier: Apache-2.0
// The parameters as they stand in the state: those that rule now, and at most one set that is to
// rule from an epoch on. A change takes effect with the first block of its epoch, never within one.
#ifndef LMM_CONTRACT_PARAMETERS_H
#define LMM_CONTRACT_PARAMETERS_H

#include "chaincore/chain/params.h"
#include "chaincore/ledger/state.h"

void parameters_load(struct params *out, const struct state_view *view);
void parameters_store(struct state_draft *draft, const struct params *params);

// Not where they change what is fixed for a chain's life: the length of epochs, whether empty
// blocks are left out, floats; nor where they go back to an older protocol.
bool parameters_may_follow(const struct state_view *view, const struct params *params);
// Notes what is to rule from the first block of `epoch` on. Of what was noted before stays what
// these leave as it is now: of two decisions in an epoch neither undoes the other but where both
// change the same, and the later one counts. INVALID for those that may not follow.
enum status parameters_schedule(struct state_draft *draft, uint64_t epoch,
                                const struct params *params) MUST_CHECK;
// What has been noted and does not rule yet; false when nothing is.
bool parameters_coming(struct params *out, uint64_t *epoch, const struct state_view *view);
// At the start of a block of `epoch`: puts in force what is due.
void parameters_activate(struct state_draft *draft, uint64_t epoch);
// Those that would rule a block of `epoch` on this state.
void parameters_of_epoch(struct params *out, const struct state_view *view, uint64_t epoch);

#endif
