// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/transfer.h"

#include "chaincore/contract/gas.h"

uint64_t transfer_gas(struct transfer *transfer, const struct state_view *view) {
    account_load(&transfer->receiver, view, transfer->to);
    return GAS_TRANSFER + GAS_TRANSFER_CHOICE * (uint64_t)transfer->receiver.choices;
}

enum tx_code transfer_make(struct run_tx *run, struct transfer *transfer) {
    struct state_draft *draft = run->block->draft;
    struct account sender, *receiver = &transfer->receiver;
    account_load(&sender, state_draft_view(draft), transfer->from);
    if (amount_sub(&sender.balance, sender.balance, transfer->amount) != STATUS_OK)
        return TX_CODE_INSUFFICIENT_FUNDS;
    if (account_id_equal(transfer->from, transfer->to)) return TX_CODE_OK;
    if (amount_add(&receiver->balance, receiver->balance, transfer->amount) != STATUS_OK)
        return TX_CODE_BALANCE_OVERFLOW;
    account_store(draft, transfer->from, &sender);
    account_store(draft, transfer->to, receiver);
    return TX_CODE_OK;
}
