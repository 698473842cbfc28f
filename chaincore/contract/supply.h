// SPDX-License-Identifier: Apache-2.0
// How much LMM there is: what genesis gave out, what leaders earned and what was burnt since. Part
// of the state, under STATE_CHAIN "supply", so that conservation can be checked at any height.
#ifndef LMM_CONTRACT_SUPPLY_H
#define LMM_CONTRACT_SUPPLY_H

#include "chaincore/chain/amount.h"
#include "chaincore/ledger/state.h"

struct supply {
    struct amount genesis;
    struct amount rewards;
    struct amount burnt;
    struct amount shares; // of the rewards: what voters have not claimed, with what rounding left
};

void supply_load(struct supply *out, const struct state_view *view);
void supply_store(struct state_draft *draft, const struct supply *supply);
// Is the sum of all balances what it must be? Walks every account: for tests and debug builds.
bool supply_is_conserved(const struct state_view *view);

#endif
