// SPDX-License-Identifier: Apache-2.0
// What the witnesses decide by two thirds: new parameters, the protocol among them, and new code
// for the contracts of genesis. Each witness has one ballot, which stands until it casts another,
// takes it back, or what it approves of is decided. A ballot counts while its account serves. With
// the ballot that makes a quorum of the serving set agree, to the byte, it is decided: parameters
// rule from the next epoch on (parameters.h), and whoever brings an approved code may put it in
// place (run_upgrade).
#ifndef LMM_CONTRACT_BALLOT_H
#define LMM_CONTRACT_BALLOT_H

#include "chaincore/chain/receipt.h"
#include "chaincore/chain/tx.h"
#include "chaincore/contract/deposit.h"
#include "chaincore/ledger/state.h"

struct run_tx;

// What one counts as in its account's deposit.
enum { BALLOT_BYTES = 33 + APPROVAL_MAX_BYTES + DEPOSIT_ENTRY_BYTES };

// NOT_A_WITNESS, BAD_PARAMETERS, NOT_UPGRADER, UNKNOWN_CONTRACT, or why the deposit failed.
enum tx_code ballot_cast(struct run_tx *run, const struct account_id *id,
                         const struct approval *approval) MUST_CHECK;

// The ballot of an account, whether it serves or not; false when it has none.
bool ballot_load(struct approval *out, const struct state_view *view, const struct account_id *id);

// What was decided of contracts and nobody has brought yet, one after the other: `key`, which is
// the state's, is empty before the first.
bool ballot_next_upgrade(struct approved_upgrade *out, const struct state_view *view,
                         struct bytes *key);
// Whether just this is approved; if so it is used up.
bool ballot_take_upgrade(struct state_draft *draft, const struct approved_upgrade *upgrade);

#endif
