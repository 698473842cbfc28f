// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/account_remove.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account_deposit.h"

static bool has_entry(const struct state_view *view, enum state_space space,
                      const struct account_id *id) {
    struct state_key prefix;
    struct bytes key, value;
    state_key_make(&prefix, space, id, bytes_of("", 0));
    return state_next(view, state_key_bytes(&prefix), bytes_of("", 0), &key, &value);
}

// What the account itself tells is asked first; an older encryption key is never without a newer.
static bool is_empty(const struct state_view *view, const struct account_id *id,
                     const struct account *account) {
    static const enum state_space spaces[] = {STATE_STAKE, STATE_CANDIDATE, STATE_LANE,
                                              STATE_BALLOT, STATE_STREAM};
    if (!amount_is_zero(account->balance) || account->choices > 0 ||
        account->authority.key_count > 0 || account->enc_key.version > 0)
        return false;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (has_entry(view, spaces[i], id)) return false;
    return true;
}

enum tx_code account_remove(struct run_tx *run, const struct account_id *id) {
    struct apply_block *block = run->block;
    const struct state_view *view = state_draft_view(block->draft);
    struct account account;
    struct state_key key;
    account_load(&account, view, id);
    if (!account.is_there) return TX_CODE_UNKNOWN_ACCOUNT;
    if (!is_empty(view, id, &account)) return TX_CODE_ACCOUNT_NOT_EMPTY;
    if (block->height - account.last_used <= LIMIT_VALID_UNTIL_BLOCKS)
        return TX_CODE_ACCOUNT_IN_USE;
    ENSURE(account.deposit.bytes == 0 || account.deposit.bytes == ACCOUNT_BYTES);
    state_key_make(&key, STATE_ACCOUNT, id, bytes_of("", 0));
    state_delete(block->draft, state_key_bytes(&key));
    account_pay_in(block, &run->tx->sender, account.deposit.amount);
    return TX_CODE_OK;
}
