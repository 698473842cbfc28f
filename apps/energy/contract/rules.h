// SPDX-License-Identifier: Apache-2.0
// The numbers of the rules, for the contract and for whoever builds its calls.
#ifndef LMM_ENERGY_CONTRACT_RULES_H
#define LMM_ENERGY_CONTRACT_RULES_H

enum {
    ENTRY_TEXT_MAX = 280,          // bytes
    ENTRY_DEPOSIT_UNITS = 1000000, // 0.01 LMM
};

#endif
