// SPDX-License-Identifier: Apache-2.0
// Accounts that nobody needs leave the state. Anyone may remove one that holds nothing and was last
// used more than 28,800 blocks ago: by then every transaction that it sent has expired, so none can
// run again though the sequence numbers of a new account count from zero. One with an authority, an
// encryption key or envelopes stays: who may sign for it, and what others wrote for it, is not to
// be forgotten.
#ifndef LMM_CONTRACT_ACCOUNT_REMOVE_H
#define LMM_CONTRACT_ACCOUNT_REMOVE_H

#include "chaincore/contract/run.h"

// Its deposit goes to the sender. OK, UNKNOWN_ACCOUNT, ACCOUNT_NOT_EMPTY or ACCOUNT_IN_USE.
enum tx_code account_remove(struct run_tx *run, const struct account_id *id) MUST_CHECK;

#endif
