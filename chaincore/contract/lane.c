// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/lane.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/deposit.h"

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

enum status lane_price(struct amount *out, const struct state_view *view, const struct tx_lane *at,
                       const struct params *params) {
    struct lane lane;
    *out = amount_of_units(0);
    if (at->number == 0 || lane_load(&lane, view, at)) return STATUS_OK;
    return amount_mul(out, amount_of_units(params->deposit_per_byte), LANE_BYTES);
}

static void open_lane(struct apply_block *block, const struct tx *tx) {
    struct account account, payer;
    struct amount cost;
    const struct state_view *view = state_draft_view(block->draft);
    account_load(&account, view, &tx->sender);
    ENSURE(deposit_grow(&account.deposit, LANE_BYTES, block->params.deposit_per_byte, &cost) ==
           STATUS_OK);
    account_store(block->draft, &tx->sender, &account);
    account_load(&payer, view, tx_payer(tx));
    ENSURE(amount_sub(&payer.balance, payer.balance, cost) == STATUS_OK);
    account_store(block->draft, tx_payer(tx), &payer);
}

void lane_use(struct apply_block *block, const struct tx *tx) {
    struct tx_lane at = tx_lane(tx);
    if (at.number == 0) {
        struct account account;
        account_load(&account, state_draft_view(block->draft), &at.account);
        account.next_seq = tx->seq + 1;
        account.last_used = block->height;
        account_store(block->draft, &at.account, &account);
        return;
    }
    struct lane lane;
    if (!lane_load(&lane, state_draft_view(block->draft), &at)) open_lane(block, tx);
    lane = (struct lane){.next_seq = tx->seq + 1, .last_used = block->height};
    lane_store(block->draft, &at, &lane);
}

enum tx_code lane_close(struct run_tx *run, uint32_t number) {
    struct apply_block *block = run->block;
    struct tx_lane at = {.account = run->tx->sender, .number = number};
    struct lane lane;
    struct account account, payer;
    struct state_key key;
    const struct state_view *view = state_draft_view(block->draft);
    if (!lane_load(&lane, view, &at)) return TX_CODE_UNKNOWN_LANE;
    if (block->height - lane.last_used <= LIMIT_VALID_UNTIL_BLOCKS) return TX_CODE_LANE_IN_USE;
    state_delete(block->draft, key_of(&key, &at));
    account_load(&account, view, &at.account);
    struct amount back = deposit_shrink(&account.deposit, LANE_BYTES);
    account_store(block->draft, &at.account, &account);
    account_load(&payer, view, run->payer);
    ENSURE(amount_add(&payer.balance, payer.balance, back) == STATUS_OK);
    account_store(block->draft, run->payer, &payer);
    return TX_CODE_OK;
}
