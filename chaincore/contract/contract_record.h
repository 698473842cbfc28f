// SPDX-License-Identifier: Apache-2.0
// A contract as it stands in the state: its code, who may upgrade it, and what its state locks.
//
// Deposits: the bytes of a contract are its code, its storage entries and its timers. Whoever pays
// for a transaction pays for what it adds and gets back what it frees; a timer's contract does so
// itself. Calls are settled when they end well, one by one. A signature never costs more than it
// says: gas limit times price in gas, and at most as much again in deposits, beside those for the
// lane and the sender's account where it makes them (lane.h).
//
// The code of contracts in genesis does not count: nobody paid for it, so replacing it (ballot.h)
// is not settled by the difference.
//
// Code lies in the state once, however many contracts have it; each pays for it.
#ifndef LMM_CONTRACT_CONTRACT_RECORD_H
#define LMM_CONTRACT_CONTRACT_RECORD_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/receipt.h"
#include "chaincore/contract/deposit.h"
#include "chaincore/ledger/state.h"

struct run_tx;

// The tags of the encoding.
enum upgrade_kind { UPGRADE_BY_NOBODY = 0, UPGRADE_BY_ACCOUNT = 1, UPGRADE_BY_WITNESSES = 2 };

struct upgrade_right {
    enum upgrade_kind kind;
    struct account_id account; // or contract
};

struct contract_record {
    struct hash code_hash;
    struct upgrade_right right;
    struct deposit deposit;
};

// What a contract counts as beside its code.
enum { CONTRACT_BYTES = 200 };

void contract_record_encode(struct buf *out, const struct contract_record *record);
enum status contract_record_decode(struct contract_record *out, struct bytes in) MUST_CHECK;

// False when there is no such contract.
bool contract_load(struct contract_record *out, const struct state_view *view,
                   const struct account_id *id);
void contract_store(struct state_draft *draft, const struct account_id *id,
                    const struct contract_record *record);

// Borrowed from the view. False when no contract has this code.
bool contract_code(const struct state_view *view, const struct hash *code_hash, struct bytes *code);
// One contract more, or less, has it. The code leaves the state with the last.
void contract_code_take(struct state_draft *draft, const struct hash *code_hash, struct bytes code);
void contract_code_leave(struct state_draft *draft, const struct hash *code_hash);

// Locks or returns the deposit for what changed. OK, DEPOSIT_LIMIT or INSUFFICIENT_FUNDS, and then
// nothing moved.
enum tx_code contract_settle(struct run_tx *run, const struct account_id *id,
                             int64_t bytes) MUST_CHECK;

// Of all contracts together. Walks them: for tests and debug builds.
enum status contract_deposit_sum(struct amount *out, const struct state_view *view) MUST_CHECK;

// Another contract's code for this one, by the contract that may: from the next call on. Storage
// stays, no code runs. OK, UNKNOWN_CONTRACT, NOT_UPGRADER, UNKNOWN_CODE, or why the deposit failed.
enum tx_code contract_upgrade(struct run_tx *run, const struct account_id *upgrader,
                              const struct account_id *id, const struct hash *code_hash) MUST_CHECK;

#endif
