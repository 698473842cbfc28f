// SPDX-License-Identifier: Apache-2.0
// Raw transactions to the contract, on any market's server: who acts is raw.h's. Each must end with
// the refusal, 0 for none.
#ifndef LMM_SHARING_TEST_RENTER_H
#define LMM_SHARING_TEST_RENTER_H

#include "apps/sharing/test/calls.h"
#include "tests/support/raw.h"

// Starts lmm-MARKET; raw.market is the sharing contract whatever the market.
void renter_open(const char *market);
void renter_send(const char *method, const struct buf *arguments, uint64_t units, uint32_t refusal);
void renter_list(const struct terms *terms, uint32_t refusal);
void renter_number(const char *method, uint64_t number, uint32_t refusal);
// The time of the newest final block.
uint64_t renter_block_ms(void);

#endif
