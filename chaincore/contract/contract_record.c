// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/contract_record.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/run.h"

enum { MAX_RECORD_BYTES = 32 + 1 + 32 + 16 };

void contract_record_encode(struct buf *out, const struct contract_record *record) {
    encode_fixed(out, &record->code_hash, sizeof record->code_hash);
    encode_u8(out, (uint8_t)record->right.kind);
    if (record->right.kind == UPGRADE_BY_ACCOUNT)
        encode_fixed(out, &record->right.account, sizeof record->right.account);
    deposit_encode(out, &record->deposit);
}

enum status contract_record_decode(struct contract_record *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    *out = (struct contract_record){0};
    decode_fixed(&decoder, &out->code_hash, sizeof out->code_hash);
    out->right.kind = (enum upgrade_kind)decode_tag(&decoder, UPGRADE_BY_WITNESSES + 1);
    if (out->right.kind == UPGRADE_BY_ACCOUNT)
        decode_fixed(&decoder, &out->right.account, sizeof out->right.account);
    deposit_decode_from(&decoder, &out->deposit);
    return decoder_finish(&decoder);
}

bool contract_load(struct contract_record *out, const struct state_view *view,
                   const struct account_id *id) {
    struct state_key key;
    struct bytes value;
    state_key_make(&key, STATE_CONTRACT, id, bytes_of("", 0));
    if (!state_get(view, state_key_bytes(&key), &value)) return false;
    ENSURE(contract_record_decode(out, value) == STATUS_OK);
    return true;
}

void contract_store(struct state_draft *draft, const struct account_id *id,
                    const struct contract_record *record) {
    struct state_key key;
    uint8_t storage[MAX_RECORD_BYTES];
    struct buf value = BUF_OVER(storage);
    contract_record_encode(&value, record);
    state_key_make(&key, STATE_CONTRACT, id, bytes_of("", 0));
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
}

bool contract_code(const struct state_view *view, const struct hash *code_hash,
                   struct bytes *code) {
    struct state_key key;
    state_key_make(&key, STATE_CODE, code_hash, bytes_of("", 0));
    return state_get(view, state_key_bytes(&key), code);
}

static uint32_t count_users(const struct state_draft *draft, const struct state_key *key) {
    struct bytes value;
    if (!state_get(state_draft_view(draft), state_key_bytes(key), &value)) return 0;
    ENSURE(value.len == 4);
    return load_u32_le(value.data);
}

static void store_users(struct state_draft *draft, const struct state_key *key, uint32_t count) {
    uint8_t value[4];
    store_u32_le(value, count);
    state_put(draft, state_key_bytes(key), BYTES_OF(value));
}

void contract_code_take(struct state_draft *draft, const struct hash *code_hash,
                        struct bytes code) {
    struct state_key users, key;
    state_key_make(&users, STATE_CODE_USERS, code_hash, bytes_of("", 0));
    uint32_t count = count_users(draft, &users);
    ENSURE(count < UINT32_MAX); // each costs a deposit
    store_users(draft, &users, count + 1);
    if (count > 0) return;
    state_key_make(&key, STATE_CODE, code_hash, bytes_of("", 0));
    state_put(draft, state_key_bytes(&key), code);
}

void contract_code_leave(struct state_draft *draft, const struct hash *code_hash) {
    struct state_key users, key;
    state_key_make(&users, STATE_CODE_USERS, code_hash, bytes_of("", 0));
    uint32_t count = count_users(draft, &users);
    ENSURE(count > 0);
    if (count > 1) {
        store_users(draft, &users, count - 1);
        return;
    }
    state_key_make(&key, STATE_CODE, code_hash, bytes_of("", 0));
    state_delete(draft, state_key_bytes(&key));
    state_delete(draft, state_key_bytes(&users));
}

enum tx_code contract_settle(struct run_tx *run, const struct account_id *id, int64_t bytes) {
    struct contract_record record;
    enum tx_code code = TX_CODE_OK;
    if (bytes == 0) return TX_CODE_OK;
    ENSURE(contract_load(&record, state_draft_view(run->block->draft), id));
    if (bytes > 0)
        code = run_lock_deposit(run, &record.deposit, (uint64_t)bytes);
    else
        run_return_deposit(run, &record.deposit, (uint64_t)-bytes);
    if (code == TX_CODE_OK) contract_store(run->block->draft, id, &record);
    return code;
}

enum tx_code contract_upgrade(struct run_tx *run, const struct account_id *upgrader,
                              const struct account_id *id, const struct hash *code_hash) {
    struct state_draft *draft = run->block->draft;
    const struct state_view *view = state_draft_view(draft);
    struct contract_record record;
    struct bytes before, after;
    if (!contract_load(&record, view, id)) return TX_CODE_UNKNOWN_CONTRACT;
    if (record.right.kind != UPGRADE_BY_ACCOUNT ||
        !account_id_equal(&record.right.account, upgrader))
        return TX_CODE_NOT_UPGRADER;
    if (!contract_code(view, code_hash, &after)) return TX_CODE_UNKNOWN_CODE;
    ENSURE(contract_code(view, &record.code_hash, &before));
    enum tx_code code = contract_settle(run, id, (int64_t)after.len - (int64_t)before.len);
    if (code != TX_CODE_OK) return code;
    contract_code_take(draft, code_hash, after);
    contract_code_leave(draft, &record.code_hash);
    ENSURE(contract_load(&record, view, id));
    record.code_hash = *code_hash;
    contract_store(draft, id, &record);
    return TX_CODE_OK;
}

enum status contract_deposit_sum(struct amount *out, const struct state_view *view) {
    static const uint8_t space = STATE_CONTRACT;
    struct contract_record record;
    struct bytes key = bytes_of("", 0), value;
    enum status status = STATUS_OK;
    *out = amount_of_units(0);
    while (status == STATUS_OK && state_next(view, bytes_of(&space, 1), key, &key, &value)) {
        ENSURE(contract_record_decode(&record, value) == STATUS_OK);
        status = amount_add(out, *out, record.deposit.amount);
    }
    return status;
}
