// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/account.h"

#include "chaincore/chain/receipt.h"
#include "chaincore/chain/state_key.h"

void account_load(struct account *out, const struct state_view *view, const struct account_id *id) {
    struct state_key key;
    struct bytes value;
    *out = (struct account){0};
    state_key_make(&key, STATE_ACCOUNT, id, bytes_of("", 0));
    if (!state_get(view, state_key_bytes(&key), &value)) return;
    struct decoder decoder = decoder_of(value);
    out->balance = decode_amount(&decoder);
    out->next_seq = decode_u64(&decoder);
    out->last_used = decode_u64(&decoder);
    // Room for an authority of its own: none is set yet.
    decode_tag(&decoder, 1);
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
}

void account_store(struct state_draft *draft, const struct account_id *id,
                   const struct account *account) {
    struct state_key key;
    uint8_t storage[ACCOUNT_BYTES];
    struct buf value = BUF_OVER(storage);
    encode_amount(&value, account->balance);
    encode_u64(&value, account->next_seq);
    encode_u64(&value, account->last_used);
    encode_u8(&value, 0);
    state_key_make(&key, STATE_ACCOUNT, id, bytes_of("", 0));
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
}

uint16_t account_transfer(struct state_draft *draft, const struct account_id *from,
                          const struct account_id *to, struct amount amount) {
    struct account sender, receiver;
    account_load(&sender, state_draft_view(draft), from);
    if (amount_sub(&sender.balance, sender.balance, amount) != STATUS_OK)
        return TX_CODE_INSUFFICIENT_FUNDS;
    if (account_id_equal(from, to)) return TX_CODE_OK;
    account_load(&receiver, state_draft_view(draft), to);
    if (amount_add(&receiver.balance, receiver.balance, amount) != STATUS_OK)
        return TX_CODE_BALANCE_OVERFLOW;
    account_store(draft, from, &sender);
    account_store(draft, to, &receiver);
    return TX_CODE_OK;
}
