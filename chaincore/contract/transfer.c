// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/transfer.h"

#include "chaincore/contract/gas.h"

uint64_t transfer_gas(struct transfer *transfer, const struct state_view *view) {
    account_load(&transfer->receiver, view, transfer->to);
    return GAS_TRANSFER + GAS_TRANSFER_CHOICE * (uint64_t)transfer->receiver.choices;
}

// The payer of the transaction pays for an account that the transfer makes.
static enum tx_code make_receiver(struct run_tx *run, struct account *receiver) {
    receiver->last_used = run->block->height;
    return run_lock_deposit(run, &receiver->deposit, ACCOUNT_BYTES);
}

enum tx_code transfer_make(struct run_tx *run, struct transfer *transfer) {
    struct state_draft *draft = run->block->draft;
    struct account sender, *receiver = &transfer->receiver;
    bool is_own = account_id_equal(transfer->from, transfer->to);
    if (!receiver->is_there && !is_own) {
        enum tx_code code = make_receiver(run, receiver);
        if (code != TX_CODE_OK) return code;
    }
    account_load(&sender, state_draft_view(draft), transfer->from);
    if (amount_sub(&sender.balance, sender.balance, transfer->amount) != STATUS_OK)
        return TX_CODE_INSUFFICIENT_FUNDS;
    if (is_own) return TX_CODE_OK;
    if (amount_add(&receiver->balance, receiver->balance, transfer->amount) != STATUS_OK)
        return TX_CODE_BALANCE_OVERFLOW;
    sender.last_used = run->block->height;
    // A contract that nobody ever paid has no account, and nothing to give but nothing.
    if (sender.is_there) account_store(draft, transfer->from, &sender);
    account_store(draft, transfer->to, receiver);
    return TX_CODE_OK;
}
