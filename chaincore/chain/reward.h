// SPDX-License-Identifier: Apache-2.0
// What a block earns its leader: 50 LMM in the first year since genesis, then 40, 30, 20, and 10
// from the fifth year on, by the block's own time. Nothing else mints.
#ifndef LMM_CHAIN_REWARD_H
#define LMM_CHAIN_REWARD_H

#include "chaincore/chain/amount.h"

// 365 days of 86,400 s: no calendar in the protocol.
static const uint64_t REWARD_YEAR_MS = UINT64_C(365) * 24 * 3600 * 1000;

// Both times in milliseconds since 1970; a block is never older than genesis.
struct amount reward_of_block(uint64_t genesis_time_ms, uint64_t block_time_ms);

#endif
