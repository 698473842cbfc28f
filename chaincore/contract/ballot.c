// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/ballot.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account_deposit.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/run.h"
#include "chaincore/contract/witnesses.h"

static struct bytes key_of(struct state_key *key, enum state_space space,
                           const struct account_id *id) {
    state_key_make(key, space, id, bytes_of("", 0));
    return state_key_bytes(key);
}

static struct bytes find(const struct state_view *view, const struct account_id *id) {
    struct state_key key;
    struct bytes value = bytes_of("", 0);
    state_get(view, key_of(&key, STATE_BALLOT, id), &value);
    return value;
}

bool ballot_load(struct approval *out, const struct state_view *view, const struct account_id *id) {
    struct bytes value = find(view, id);
    if (value.len == 0) return false;
    struct decoder decoder = decoder_of(value);
    approval_decode_from(&decoder, out);
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
    return true;
}

static void take_back(struct apply_block *block, const struct account_id *id) {
    struct state_key key;
    state_delete(block->draft, key_of(&key, STATE_BALLOT, id));
    account_deposit_free(block, id, BALLOT_BYTES);
}

static enum tx_code check(const struct state_view *view, const struct approval *approval) {
    struct contract_record record;
    if (approval->kind == APPROVE_PARAMETERS)
        return parameters_may_follow(view, &approval->params) ? TX_CODE_OK : TX_CODE_BAD_PARAMETERS;
    if (!contract_load(&record, view, &approval->upgrade.contract)) return TX_CODE_UNKNOWN_CONTRACT;
    return record.right.kind == UPGRADE_BY_WITNESSES ? TX_CODE_OK : TX_CODE_NOT_UPGRADER;
}

static void decide(struct apply_block *block, const struct approval *approval) {
    struct state_key key;
    uint8_t storage[2 * sizeof(struct hash)];
    struct buf value = BUF_OVER(storage);
    if (approval->kind == APPROVE_PARAMETERS) {
        ENSURE(parameters_schedule(block->draft, block->epoch + 1, &approval->params) == STATUS_OK);
        return;
    }
    encode_fixed(&value, &approval->upgrade.code, sizeof approval->upgrade.code);
    encode_fixed(&value, &approval->upgrade.arguments, sizeof approval->upgrade.arguments);
    state_put(block->draft, key_of(&key, STATE_APPROVED, &approval->upgrade.contract),
              buf_bytes(&value));
}

// Counts a witness's ballot for each seat that it has.
static uint16_t count(const struct state_view *view, const struct witnesses *witnesses,
                      struct bytes ballot) {
    uint16_t count = 0;
    for (uint16_t i = 0; i < witnesses->count; i++)
        count += bytes_equal(find(view, &witnesses->list[i].account), ballot);
    return count;
}

enum tx_code ballot_cast(struct run_tx *run, const struct account_id *id,
                         const struct approval *approval) {
    struct apply_block *block = run->block;
    const struct state_view *view = state_draft_view(block->draft);
    struct witnesses witnesses;
    struct state_key key;
    uint8_t storage[APPROVAL_MAX_BYTES];
    struct buf ballot = BUF_OVER(storage);
    enum tx_code code = TX_CODE_OK;
    bool has_ballot = find(view, id).len > 0;
    if (approval->kind == APPROVE_NOTHING) {
        if (has_ballot) take_back(block, id);
        return TX_CODE_OK;
    }
    witnesses_load(&witnesses, view, block->epoch);
    if (witnesses_find(&witnesses, id) == witnesses.count) return TX_CODE_NOT_A_WITNESS;
    code = check(view, approval);
    if (code == TX_CODE_OK && !has_ballot) code = account_deposit_lock(run, id, BALLOT_BYTES);
    if (code != TX_CODE_OK) return code;
    approval_encode(&ballot, approval);
    state_put(block->draft, key_of(&key, STATE_BALLOT, id), buf_bytes(&ballot));
    if (count(view, &witnesses, buf_bytes(&ballot)) < witness_quorum(witnesses.count))
        return TX_CODE_OK;
    decide(block, approval);
    for (uint16_t i = 0; i < witnesses.count; i++)
        if (bytes_equal(find(view, &witnesses.list[i].account), buf_bytes(&ballot)))
            take_back(block, &witnesses.list[i].account);
    return TX_CODE_OK;
}

bool ballot_next_upgrade(struct approved_upgrade *out, const struct state_view *view,
                         struct bytes *key) {
    static const uint8_t space = STATE_APPROVED;
    struct bytes value;
    if (!state_next(view, bytes_of(&space, 1), *key, key, &value)) return false;
    ENSURE(value.len == 2 * sizeof(struct hash));
    memcpy(&out->contract, key->data + 1, sizeof out->contract);
    memcpy(&out->code, value.data, sizeof out->code);
    memcpy(&out->arguments, value.data + 32, sizeof out->arguments);
    return true;
}

bool ballot_take_upgrade(struct state_draft *draft, const struct approved_upgrade *upgrade) {
    struct state_key key;
    struct bytes value;
    key_of(&key, STATE_APPROVED, &upgrade->contract);
    if (!state_get(state_draft_view(draft), state_key_bytes(&key), &value)) return false;
    ENSURE(value.len == 2 * sizeof(struct hash));
    if (memcmp(value.data, &upgrade->code, sizeof upgrade->code) != 0 ||
        memcmp(value.data + 32, &upgrade->arguments, sizeof upgrade->arguments) != 0)
        return false;
    state_delete(draft, state_key_bytes(&key));
    return true;
}
