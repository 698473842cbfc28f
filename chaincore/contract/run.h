// SPDX-License-Identifier: Apache-2.0
// One transaction's run of contracts: gas, events, and the bridge to the virtual machine. Internal
// to contract/; apply.c drives it.
#ifndef LMM_CONTRACT_RUN_H
#define LMM_CONTRACT_RUN_H

#include "chaincore/contract/apply.h"
#include "chaincore/contract/contract_record.h"

// gas used so far; never above the limit.
struct run_gas {
    uint64_t limit;
    uint64_t used;
};

// False when it does not fit: then all of the gas counts as used.
static inline bool run_charge(struct run_gas *gas, uint64_t amount) {
    if (amount > gas->limit - gas->used) {
        gas->used = gas->limit;
        return false;
    }
    gas->used += amount;
    return true;
}

struct run_tx {
    struct apply_block *block;
    const struct tx *tx;
    const struct hash *tx_id;
    struct run_gas gas;
    const struct account_id *payer; // of deposits; NULL: nobody, in genesis
    struct amount deposit_left;     // what may still be locked
    bool is_timer;                  // its deposits are settled when it has ended (timer.h)
    struct amount locked, freed;    // of a timer's run, until then
    uint32_t contract_code;         // of a refusal
    uint32_t event_count;
    uint32_t event_capacity;
    size_t event_bytes;   // of all events, as encoded
    struct event *events; // in the block's arena
};

enum tx_code run_call(struct run_tx *run, const struct tx_action *action);
enum tx_code run_deploy(struct run_tx *run, const struct tx_action *action, uint32_t action_index);
enum tx_code run_upgrade(struct run_tx *run, const struct tx_action *action);

// Locks for `bytes` more, out of the payer's balance; or frees, and pays back to it. In a timer's
// run both are only noted. The deposit
// must not be part of an account that is loaded meanwhile: the payer's entry is stored.
// DEPOSIT_LIMIT, INSUFFICIENT_FUNDS.
enum tx_code run_lock_deposit(struct run_tx *run, struct deposit *deposit,
                              uint64_t bytes) MUST_CHECK;
void run_return_deposit(struct run_tx *run, struct deposit *deposit, uint64_t bytes);

// What became of it: the receipt and, when it went well, the events.
void run_receipt(struct block_tx *out, const struct run_tx *run, enum tx_code code);

// Installs a contract that stands in genesis and runs its init; the caller is the contract itself.
struct run_module {
    struct bytes code;
    struct bytes arguments;
    struct upgrade_right right;
};
enum tx_code run_install(struct run_tx *run, const struct account_id *id,
                         const struct run_module *module);

#endif
