// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/supply.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/timer.h"

void supply_load(struct supply *out, const struct state_view *view) {
    struct state_key key;
    struct bytes value;
    *out = (struct supply){0};
    state_key_of_chain(&key, "supply");
    if (!state_get(view, state_key_bytes(&key), &value)) return;
    struct decoder decoder = decoder_of(value);
    out->genesis = decode_amount(&decoder);
    out->rewards = decode_amount(&decoder);
    out->burnt = decode_amount(&decoder);
    out->shares = decode_amount(&decoder);
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
}

void supply_store(struct state_draft *draft, const struct supply *supply) {
    struct state_key key;
    uint8_t storage[32];
    struct buf value = BUF_OVER(storage);
    encode_amount(&value, supply->genesis);
    encode_amount(&value, supply->rewards);
    encode_amount(&value, supply->burnt);
    encode_amount(&value, supply->shares);
    state_key_of_chain(&key, "supply");
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
}

bool supply_is_conserved(const struct state_view *view) {
    static const uint8_t space = STATE_ACCOUNT;
    struct supply supply;
    struct amount held, expected;
    struct bytes key = bytes_of("", 0), value;
    supply_load(&supply, view);
    held = supply.shares;
    while (state_next(view, bytes_of(&space, 1), key, &key, &value)) {
        struct account account;
        struct account_id id;
        memcpy(id.bytes, key.data + 1, sizeof id.bytes);
        account_load(&account, view, &id);
        if (amount_add(&held, held, account.balance) != STATUS_OK ||
            amount_add(&held, held, account.deposit.amount) != STATUS_OK)
            return false;
    }
    struct amount locked;
    if (stake_sum(&locked, view) != STATUS_OK || amount_add(&held, held, locked) != STATUS_OK)
        return false;
    if (contract_deposit_sum(&locked, view) != STATUS_OK ||
        amount_add(&held, held, locked) != STATUS_OK)
        return false;
    if (timer_sum(&locked, view) != STATUS_OK || amount_add(&held, held, locked) != STATUS_OK)
        return false;
    return amount_add(&expected, supply.genesis, supply.rewards) == STATUS_OK &&
           amount_sub(&expected, expected, supply.burnt) == STATUS_OK &&
           amount_compare(held, expected) == 0;
}
