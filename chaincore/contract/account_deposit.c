// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/account_deposit.h"

enum tx_code account_deposit_lock(struct run_tx *run, const struct account_id *id, uint64_t bytes) {
    struct account account;
    const struct state_view *view = state_draft_view(run->block->draft);
    account_load(&account, view, id);
    ENSURE(account.is_there);
    struct deposit deposit = account.deposit;
    enum tx_code code = run_lock_deposit(run, &deposit, bytes);
    if (code != TX_CODE_OK) return code;
    account_load(&account, view, id); // it may be the payer
    account.deposit = deposit;
    account_store(run->block->draft, id, &account);
    return TX_CODE_OK;
}

void account_deposit_free(struct apply_block *block, const struct account_id *id, uint64_t bytes) {
    struct account account;
    account_load(&account, state_draft_view(block->draft), id);
    struct amount back = deposit_shrink(&account.deposit, bytes);
    ENSURE(amount_add(&account.balance, account.balance, back) == STATUS_OK); // below the supply
    account_store(block->draft, id, &account);
}

enum tx_code account_deposit_settle(struct run_tx *run, const struct account_id *id,
                                    struct account_deposit_change bytes) {
    if (bytes.after > bytes.before)
        return account_deposit_lock(run, id, bytes.after - bytes.before);
    if (bytes.after < bytes.before)
        account_deposit_free(run->block, id, bytes.before - bytes.after);
    return TX_CODE_OK;
}

static void make_from(struct apply_block *block, struct account *account, struct amount *amount) {
    struct amount cost = *amount;
    account->last_used = block->height;
    account->deposit.bytes = ACCOUNT_BYTES;
    if (amount_mul(&cost, amount_of_units(block->params.deposit_per_byte), ACCOUNT_BYTES) !=
            STATUS_OK ||
        amount_compare(cost, *amount) > 0)
        cost = *amount;
    account->deposit.amount = cost;
    ENSURE(amount_sub(amount, *amount, cost) == STATUS_OK);
}

void account_pay_in(struct apply_block *block, const struct account_id *id, struct amount amount) {
    struct account account;
    if (amount_is_zero(amount)) return;
    account_load(&account, state_draft_view(block->draft), id);
    if (!account.is_there) make_from(block, &account, &amount);
    ENSURE(amount_add(&account.balance, account.balance, amount) == STATUS_OK); // below the supply
    account_store(block->draft, id, &account);
}
