// SPDX-License-Identifier: Apache-2.0
// What the parts of the contract ask of its captures (supplychain.c).
#ifndef LMM_SUPPLYCHAIN_CONTRACT_CAPTURES_H
#define LMM_SUPPLYCHAIN_CONTRACT_CAPTURES_H

#include <stdbool.h>
#include <stdint.h>

// Has the caller itself captured an event of this hash?
bool captures_has_event(const uint8_t event_hash[32]);

#endif
