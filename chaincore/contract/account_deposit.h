// SPDX-License-Identifier: Apache-2.0
// Deposits for what an account has in the state: itself, and its entries beside it. The payer of a
// transaction locks for what the transaction makes, whosever it is; what is freed returns to the
// account that had it. What an entry counts stands in the header of its kind (ACCOUNT_BYTES,
// LANE_BYTES, ...). Accounts of genesis do not count themselves: nobody paid for them. Internal to
// contract/.
#ifndef LMM_CONTRACT_ACCOUNT_DEPOSIT_H
#define LMM_CONTRACT_ACCOUNT_DEPOSIT_H

#include "chaincore/contract/account.h"
#include "chaincore/contract/run.h"

// Both store the account: whoever has it loaded loads it again.
// DEPOSIT_LIMIT or INSUFFICIENT_FUNDS; the account must be there.
enum tx_code account_deposit_lock(struct run_tx *run, const struct account_id *id,
                                  uint64_t bytes) MUST_CHECK;
void account_deposit_free(struct apply_block *block, const struct account_id *id, uint64_t bytes);

// Where a count grew or shrank.
struct account_deposit_change {
    uint64_t before;
    uint64_t after;
};
enum tx_code account_deposit_settle(struct run_tx *run, const struct account_id *id,
                                    struct account_deposit_change bytes) MUST_CHECK;

// Money that no transaction of the receiver's or to it brings: a leader's reward, what comes back.
// An account that is not there is made, and locks its deposit out of it, as far as it goes.
void account_pay_in(struct apply_block *block, const struct account_id *id, struct amount amount);

#endif
