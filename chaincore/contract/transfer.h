// SPDX-License-Identifier: Apache-2.0
// Money from one account to another: in an action, with a call, or by a contract. Internal to
// contract/.
#ifndef LMM_CONTRACT_TRANSFER_H
#define LMM_CONTRACT_TRANSFER_H

#include "chaincore/contract/account.h"
#include "chaincore/contract/run.h"

struct transfer {
    const struct account_id *from, *to;
    struct amount amount;
    struct account receiver; // set by transfer_gas
};

// Looks the receiver up, and says what the transfer costs: more for one that votes, since every
// choice of its is counted again.
uint64_t transfer_gas(struct transfer *transfer, const struct state_view *view);
// Right behind transfer_gas; makes the receiver's account if need be. INSUFFICIENT_FUNDS,
// DEPOSIT_LIMIT or BALANCE_OVERFLOW; then whoever called takes the rest back.
enum tx_code transfer_make(struct run_tx *run, struct transfer *transfer) MUST_CHECK;

#endif
