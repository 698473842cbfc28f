// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/account.h"

#include "chaincore/chain/state_key.h"

enum { MAX_ACCOUNT_BYTES = 5 * 8 + 1 + 17 + 1 + 8 + LIMIT_ACCOUNT_KEYS * 34 + 1 + 36 };

void account_load(struct account *out, const struct state_view *view, const struct account_id *id) {
    struct state_key key;
    struct bytes value = bytes_of("", 0);
    state_key_make(&key, STATE_ACCOUNT, id, bytes_of("", 0));
    state_get(view, state_key_bytes(&key), &value);
    account_decode(out, value);
}

void account_decode(struct account *out, struct bytes value) {
    ENSURE(account_read(out, value) == STATUS_OK);
}

enum status account_read(struct account *out, struct bytes value) {
    // Not the whole of it: an unset authority is half a kilobyte that nobody reads.
    out->balance = out->epoch_start = amount_of_units(0);
    out->next_seq = out->last_used = out->epoch = 0;
    out->choices = 0;
    out->deposit = (struct deposit){0};
    out->authority.key_count = 0;
    out->enc_key.version = 0;
    out->is_there = value.len > 0;
    if (!out->is_there) return STATUS_OK;
    struct decoder decoder = decoder_of(value);
    out->balance = decode_amount(&decoder);
    out->next_seq = decode_u64(&decoder);
    out->last_used = decode_u64(&decoder);
    out->epoch = decode_u64(&decoder);
    out->epoch_start = decode_amount(&decoder);
    out->choices = decode_u8(&decoder);
    if (decode_bool(&decoder)) deposit_decode_from(&decoder, &out->deposit);
    if (decode_bool(&decoder)) authority_decode_from(&decoder, &out->authority);
    if (decode_bool(&decoder)) {
        out->enc_key.version = decode_u32(&decoder);
        decode_fixed(&decoder, out->enc_key.bytes, sizeof out->enc_key.bytes);
    }
    return decoder_finish(&decoder);
}

void account_store(struct state_draft *draft, const struct account_id *id,
                   const struct account *account) {
    struct state_key key;
    uint8_t storage[MAX_ACCOUNT_BYTES];
    struct buf value = BUF_OVER(storage);
    encode_amount(&value, account->balance);
    encode_u64(&value, account->next_seq);
    encode_u64(&value, account->last_used);
    encode_u64(&value, account->epoch);
    encode_amount(&value, account->epoch_start);
    encode_u8(&value, account->choices);
    encode_bool(&value, account->deposit.bytes > 0);
    if (account->deposit.bytes > 0) deposit_encode(&value, &account->deposit);
    encode_bool(&value, account->authority.key_count > 0);
    if (account->authority.key_count > 0) authority_encode(&value, &account->authority);
    encode_bool(&value, account->enc_key.version > 0);
    if (account->enc_key.version > 0) {
        encode_u32(&value, account->enc_key.version);
        encode_fixed(&value, account->enc_key.bytes, sizeof account->enc_key.bytes);
    }
    state_key_make(&key, STATE_ACCOUNT, id, bytes_of("", 0));
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
}

void account_next_enc_key(struct state_draft *draft, const struct account_id *id,
                          struct account *account, const uint8_t key[32]) {
    if (account->enc_key.version > 0) {
        struct state_key older;
        uint8_t version[4];
        store_u32_be(version, account->enc_key.version);
        state_key_make(&older, STATE_ENC_KEY, id, BYTES_OF(version));
        state_put(draft, state_key_bytes(&older), BYTES_OF(account->enc_key.bytes));
    }
    account->enc_key.version++;
    memcpy(account->enc_key.bytes, key, sizeof account->enc_key.bytes);
    account_store(draft, id, account);
}
