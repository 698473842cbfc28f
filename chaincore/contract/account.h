// SPDX-License-Identifier: Apache-2.0
// Accounts as they stand in the state. An account that nobody ever paid has no entry and reads as
// empty; one that was used stays, so that its sequence number is never used again.
#ifndef LMM_CONTRACT_ACCOUNT_H
#define LMM_CONTRACT_ACCOUNT_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/amount.h"
#include "chaincore/ledger/state.h"

struct account {
    struct amount balance;
    uint64_t next_seq;  // of lane 0
    uint64_t last_used; // the height at which it last sent; 0 when never
};

enum { ACCOUNT_BYTES = 25 };

// An absent entry gives the zero account. The state is ours: what does not decode is damage, and
// aborts.
void account_load(struct account *out, const struct state_view *view, const struct account_id *id);
void account_store(struct state_draft *draft, const struct account_id *id,
                   const struct account *account);

// INSUFFICIENT_FUNDS or BALANCE_OVERFLOW, and then nothing moved. Codes are enum tx_code.
uint16_t account_transfer(struct state_draft *draft, const struct account_id *from,
                          const struct account_id *to, struct amount amount) MUST_CHECK;

#endif
