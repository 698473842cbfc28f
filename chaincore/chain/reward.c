// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/reward.h"

struct amount reward_of_block(uint64_t genesis_time_ms, uint64_t block_time_ms) {
    static const uint64_t whole[] = {50, 40, 30, 20, 10};
    enum { YEARS = sizeof whole / sizeof *whole, UNITS_PER_LMM = 100000000 };
    ENSURE(block_time_ms >= genesis_time_ms);
    uint64_t year = (block_time_ms - genesis_time_ms) / REWARD_YEAR_MS;
    struct amount reward;
    ENSURE(amount_mul(&reward, amount_of_units(UNITS_PER_LMM),
                      whole[year < YEARS ? year : YEARS - 1]) == STATUS_OK);
    return reward;
}
