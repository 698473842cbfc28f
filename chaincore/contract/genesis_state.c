// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/genesis_state.h"

#include "chaincore/base/log.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/run.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/witnesses.h"

static enum status give_balances(struct state_draft *draft, const struct genesis *genesis) {
    struct supply supply = {0};
    for (uint32_t i = 0; i < genesis->account_count; i++) {
        struct account account = {.balance = genesis->accounts[i].balance,
                                  .epoch_start = genesis->accounts[i].balance};
        account_store(draft, &genesis->accounts[i].id, &account);
        enum status status = amount_add(&supply.genesis, supply.genesis, account.balance);
        if (status != STATUS_OK) return status;
    }
    supply_store(draft, &supply);
    return STATUS_OK;
}

// They serve until an election finds enough candidates. Their keys are theirs to register.
static void seat_witnesses(struct state_draft *draft, const struct genesis *genesis) {
    struct witnesses witnesses = {.count = genesis->witness_count};
    for (uint16_t i = 0; i < genesis->witness_count; i++) {
        const struct genesis_witness *witness = &genesis->witnesses[i];
        struct state_key key;
        witnesses.list[i] = (struct witness){
            .account = witness->account, .key = witness->key, .commission = LIMIT_COMMISSION};
        state_key_make(&key, STATE_CONSENSUS_KEY, &witness->key, bytes_of("", 0));
        state_put(draft, state_key_bytes(&key), BYTES_OF(witness->account.bytes));
    }
    witnesses_store(draft, 0, &witnesses);
}

static enum status install(struct apply_block *block, const struct genesis_contract *contract,
                           struct bytes code) {
    char name[GENESIS_MAX_NAME + 1] = {0};
    struct account_id id;
    struct hash code_hash;
    struct run_tx run = {.block = block, .gas = {.limit = UINT64_MAX}};
    memcpy(name, contract->name.data, contract->name.len);
    hash_bytes(&code_hash, HASH_CODE, code);
    if (!hash_equal(&code_hash, &contract->code_hash)) {
        log_error("genesis", "code is not the one that genesis names", log_text("contract", name));
        return STATUS_INVALID;
    }
    struct run_module module = {
        .code = code, .arguments = contract->arguments, .right = {.kind = UPGRADE_BY_WITNESSES}};
    account_id_of_system_contract(&id, name);
    enum tx_code outcome = run_install(&run, &id, &module);
    if (outcome == TX_CODE_OK) return STATUS_OK;
    log_error("genesis", "a contract cannot be installed", log_text("contract", name),
              log_text("reason", tx_code_text(outcome)));
    return STATUS_INVALID;
}

enum status genesis_state_build(struct apply_block *block, const struct genesis *genesis,
                                const struct bytes *codes, size_t code_count) {
    if (code_count != genesis->contract_count) {
        log_error("genesis", "each contract needs its code");
        return STATUS_INVALID;
    }
    enum status status = give_balances(block->draft, genesis);
    if (status != STATUS_OK) return status;
    parameters_store(block->draft, &genesis->params);
    seat_witnesses(block->draft, genesis);
    for (size_t i = 0; i < code_count && status == STATUS_OK; i++)
        status = install(block, &genesis->contracts[i], codes[i]);
    return status;
}
