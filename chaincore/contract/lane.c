// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/lane.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account_deposit.h"

static struct bytes key_of(struct state_key *key, const struct tx_lane *lane) {
    uint8_t number[4];
    store_u32_be(number, lane->number);
    state_key_make(key, STATE_LANE, &lane->account, BYTES_OF(number));
    return state_key_bytes(key);
}

static bool lane_load(struct lane *out, const struct state_view *view, const struct tx_lane *lane) {
    struct state_key key;
    struct bytes value;
    *out = (struct lane){0};
    if (!state_get(view, key_of(&key, lane), &value)) return false;
    struct decoder decoder = decoder_of(value);
    out->next_seq = decode_u64(&decoder);
    out->last_used = decode_u64(&decoder);
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
    return true;
}

static void lane_store(struct state_draft *draft, const struct tx_lane *at,
                       const struct lane *lane) {
    struct state_key key;
    uint8_t storage[16];
    store_u64_le(storage, lane->next_seq);
    store_u64_le(storage + 8, lane->last_used);
    state_put(draft, key_of(&key, at), BYTES_OF(storage));
}

uint64_t lane_next_seq(const struct state_view *view, const struct tx_lane *at) {
    struct account account;
    struct lane lane;
    if (at->number != 0) {
        lane_load(&lane, view, at);
        return lane.next_seq;
    }
    account_load(&account, view, &at->account);
    return account.next_seq;
}

static uint64_t opening_bytes(const struct state_view *view, const struct tx_lane *at,
                              const struct account *account) {
    struct lane lane;
    uint64_t bytes = account->is_there ? 0 : ACCOUNT_BYTES;
    if (at->number != 0 && !lane_load(&lane, view, at)) bytes += LANE_BYTES;
    return bytes;
}

enum status lane_price(struct amount *out, const struct state_view *view, const struct tx_lane *at,
                       const struct params *params) {
    struct account account;
    account_load(&account, view, &at->account);
    return amount_mul(out, amount_of_units(params->deposit_per_byte),
                      opening_bytes(view, at, &account));
}

// Stores the account.
static void pay_opening(struct apply_block *block, const struct tx *tx, struct account *account,
                        uint64_t bytes) {
    struct account payer;
    struct amount cost;
    const struct state_view *view = state_draft_view(block->draft);
    account->last_used = block->height;
    ENSURE(deposit_grow(&account->deposit, bytes, block->params.deposit_per_byte, &cost) ==
           STATUS_OK);
    account_store(block->draft, &tx->sender, account);
    if (amount_is_zero(cost)) return;
    account_load(&payer, view, tx_payer(tx));
    ENSURE(amount_sub(&payer.balance, payer.balance, cost) == STATUS_OK);
    account_store(block->draft, tx_payer(tx), &payer);
    account_load(account, view, &tx->sender); // it may be the payer
}

void lane_use(struct apply_block *block, const struct tx *tx) {
    struct tx_lane at = tx_lane(tx);
    struct account account;
    account_load(&account, state_draft_view(block->draft), &at.account);
    uint64_t bytes = opening_bytes(state_draft_view(block->draft), &at, &account);
    if (bytes > 0) pay_opening(block, tx, &account, bytes);
    if (at.number == 0) {
        account.next_seq = tx->seq + 1;
        account.last_used = block->height;
        account_store(block->draft, &at.account, &account);
        return;
    }
    struct lane lane = {.next_seq = tx->seq + 1, .last_used = block->height};
    lane_store(block->draft, &at, &lane);
}

enum tx_code lane_close(struct run_tx *run, uint32_t number) {
    struct apply_block *block = run->block;
    struct tx_lane at = {.account = run->tx->sender, .number = number};
    struct lane lane;
    struct state_key key;
    if (!lane_load(&lane, state_draft_view(block->draft), &at)) return TX_CODE_UNKNOWN_LANE;
    if (block->height - lane.last_used <= LIMIT_VALID_UNTIL_BLOCKS) return TX_CODE_LANE_IN_USE;
    state_delete(block->draft, key_of(&key, &at));
    account_deposit_free(block, &at.account, LANE_BYTES);
    return TX_CODE_OK;
}
