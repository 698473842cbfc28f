// SPDX-License-Identifier: Apache-2.0
// The state at height 0: genesis accounts, parameters, witnesses and contracts.
#ifndef LMM_CONTRACT_GENESIS_STATE_H
#define LMM_CONTRACT_GENESIS_STATE_H

#include "chaincore/chain/genesis.h"
#include "chaincore/contract/apply.h"

// The code of each contract in genesis, in its order. INVALID, with a line in the log, when a code
// does not hash to what genesis says, is no module of this chain, or its init refuses.
enum status genesis_state_build(struct apply_block *block, const struct genesis *genesis,
                                const struct bytes *codes, size_t code_count) MUST_CHECK;

#endif
