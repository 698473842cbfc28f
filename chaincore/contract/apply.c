// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/apply.h"

#include "chaincore/chain/reward.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account_deposit.h"
#include "chaincore/contract/account_remove.h"
#include "chaincore/contract/ballot.h"
#include "chaincore/contract/election.h"
#include "chaincore/contract/gas.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/leaders.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/punish.h"
#include "chaincore/contract/run.h"
#include "chaincore/contract/share.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/stream.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/tally.h"
#include "chaincore/contract/transfer.h"

// Sequence numbers beyond this are never reached; stopping short keeps `next_seq + 1` from
// wrapping.
static const uint64_t LAST_SEQ = UINT64_MAX - 1;

uint64_t apply_intrinsic_gas(const struct tx *tx, size_t encoded_len) {
    uint64_t gas = GAS_TX_BASE + GAS_TX_BYTE * (uint64_t)encoded_len;
    gas += GAS_TX_SIGNATURE * (uint64_t)tx->signature_count;
    return gas;
}

static enum tx_code check_payer(const struct state_view *view, const struct tx *tx,
                                const struct params *params) {
    struct account payer;
    struct amount needed, deposit;
    struct tx_lane lane = tx_lane(tx);
    account_load(&payer, view, tx_payer(tx));
    if (amount_mul(&needed, amount_of_units(tx->gas_price), tx->gas_limit) != STATUS_OK ||
        amount_compare(payer.balance, needed) < 0)
        return TX_CODE_CANNOT_PAY_GAS;
    if (!tx->has_payer && tx->lane == 0 && payer.is_there) return TX_CODE_OK; // the usual case
    if (lane_price(&deposit, view, &lane, params) != STATUS_OK ||
        amount_add(&needed, needed, deposit) != STATUS_OK ||
        amount_compare(payer.balance, needed) < 0)
        return TX_CODE_CANNOT_PAY_DEPOSIT;
    return TX_CODE_OK;
}

enum tx_code apply_admit(const struct state_view *view, const struct tx *tx, size_t encoded_len,
                         const struct apply_place *place) {
    if (tx->valid_until < place->height) return TX_CODE_EXPIRED;
    if (tx->valid_until - place->height > LIMIT_VALID_UNTIL_BLOCKS) return TX_CODE_VALID_TOO_LONG;
    if (tx->gas_price < place->params->min_gas_price) return TX_CODE_GAS_PRICE_TOO_LOW;
    if (tx->gas_limit > place->params->block_gas_limit) return TX_CODE_GAS_LIMIT_TOO_HIGH;
    if (tx->gas_limit < apply_intrinsic_gas(tx, encoded_len)) return TX_CODE_GAS_LIMIT_TOO_LOW;
    if (tx->seq < place->expected_seq) return TX_CODE_WRONG_NONCE;
    if (tx->seq > place->expected_seq) return TX_CODE_NONCE_GAP;
    if (tx->seq > LAST_SEQ) return TX_CODE_WRONG_NONCE;
    return check_payer(view, tx, place->params);
}

bool apply_fits(const struct apply_block *block, const struct tx *tx, size_t encoded_len) {
    _Static_assert(LIMIT_DEPLOY_TX_BYTES + 4 <= LIMIT_BLOCK_BYTES, "a block takes any transaction");
    return tx->gas_limit <= block->params.block_gas_limit - block->gas_used &&
           block_tx_bytes(encoded_len) <= LIMIT_BLOCK_BYTES - block->tx_bytes &&
           BLOCK_TX_RESULT_MAX <= LIMIT_BLOCK_RESULT_BYTES - block->result_bytes;
}

static enum tx_code apply_transfer(struct run_tx *run, const struct tx_action *action) {
    struct transfer transfer = {
        .from = &run->tx->sender, .to = &action->transfer.to, .amount = action->transfer.amount};
    if (!run_charge(&run->gas, transfer_gas(&transfer, state_draft_view(run->block->draft))))
        return TX_CODE_OUT_OF_GAS;
    return transfer_make(run, &transfer);
}

static enum tx_code apply_set_authority(struct run_tx *run, struct bytes encoded) {
    struct account account;
    struct authority authority;
    struct state_draft *draft = run->block->draft;
    const struct state_view *view = state_draft_view(draft);
    const struct account_id *id = &run->tx->sender;
    struct decoder decoder = decoder_of(encoded);
    if (!run_charge(&run->gas, GAS_STORAGE_WRITE + GAS_STORAGE_WRITE_BYTE * (uint64_t)encoded.len))
        return TX_CODE_OUT_OF_GAS;
    authority_decode_from(&decoder, &authority);
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
    enum tx_code code = stake_check_authority(view, id, &authority);
    if (code != TX_CODE_OK) return code;
    account_load(&account, view, id);
    struct account_deposit_change bytes = {.before =
                                               account_authority_bytes(account.authority.key_count),
                                           .after = account_authority_bytes(authority.key_count)};
    code = account_deposit_settle(run, id, bytes);
    if (code != TX_CODE_OK) return code;
    account_load(&account, view, id);
    account.authority = authority;
    account_store(draft, id, &account);
    return TX_CODE_OK;
}

// Publishes the next version and keeps the one before readable.
static enum tx_code apply_set_enc_key(struct run_tx *run, const uint8_t key[32]) {
    struct account account;
    struct state_draft *draft = run->block->draft;
    const struct account_id *id = &run->tx->sender;
    // Two entries: the account, and the key before this one.
    if (!run_charge(&run->gas, 2 * (GAS_STORAGE_WRITE + GAS_STORAGE_WRITE_BYTE * 36)))
        return TX_CODE_OUT_OF_GAS;
    account_load(&account, state_draft_view(draft), id);
    enum tx_code code = account_deposit_lock(
        run, id, account.enc_key.version > 0 ? ACCOUNT_OLD_ENC_KEY_BYTES : ACCOUNT_ENC_KEY_BYTES);
    if (code != TX_CODE_OK) return code;
    account_load(&account, state_draft_view(draft), id);
    account_next_enc_key(draft, id, &account, key);
    return TX_CODE_OK;
}

static enum tx_code apply_vote(struct run_tx *run, const struct tx_action *action) {
    struct votes votes = {.count = action->vote.count};
    memcpy(votes.candidates, action->vote.candidates.data, action->vote.candidates.len);
    return stake_vote(run, &run->tx->sender, &votes);
}

static enum tx_code apply_stake(struct run_tx *run, const struct tx_action *action) {
    const struct account_id *sender = &run->tx->sender;
    uint64_t gas = GAS_STAKE;
    if (action->kind == TX_CLAIM_SHARES) gas += GAS_VOTE_CHOICE * (uint64_t)LIMIT_VOTES;
    if (action->kind == TX_VOTE) gas += GAS_VOTE_CHOICE * (uint64_t)action->vote.count;
    if (!run_charge(&run->gas, gas)) return TX_CODE_OUT_OF_GAS;
    switch (action->kind) {
    case TX_LOCK_STAKE:
        return stake_lock(run, sender, action->stake.amount);
    case TX_UNLOCK_STAKE:
        return stake_unlock(run, sender, action->stake.amount);
    case TX_WITHDRAW_STAKE:
        return stake_withdraw(run, sender);
    case TX_REGISTER_CANDIDATE:
        return stake_register(run, sender, &action->register_candidate.key,
                              action->register_candidate.commission);
    case TX_RESIGN_CANDIDATE:
        return stake_resign(run, sender);
    case TX_CLAIM_SHARES:
        return share_claim(run, sender);
    default:
        return apply_vote(run, action);
    }
}

static enum tx_code apply_action(struct run_tx *run, uint32_t index) {
    const struct tx_action *action = &run->tx->actions[index];
    switch (action->kind) {
    case TX_TRANSFER:
        return apply_transfer(run, action);
    case TX_CALL:
        return run_call(run, action);
    case TX_DEPLOY:
        return run_deploy(run, action, index);
    case TX_UPGRADE:
        return run_upgrade(run, action);
    case TX_LOCK_STAKE:
    case TX_UNLOCK_STAKE:
    case TX_WITHDRAW_STAKE:
    case TX_REGISTER_CANDIDATE:
    case TX_RESIGN_CANDIDATE:
    case TX_VOTE:
    case TX_CLAIM_SHARES:
        return apply_stake(run, action);
    case TX_APPROVE:
        if (!run_charge(&run->gas, GAS_APPROVE)) return TX_CODE_OUT_OF_GAS;
        return ballot_cast(run, &run->tx->sender, &action->approve);
    case TX_EVIDENCE:
        if (!run_charge(&run->gas, GAS_EVIDENCE)) return TX_CODE_OUT_OF_GAS;
        return punish(run, &action->evidence);
    case TX_CLOSE_LANE:
        if (!run_charge(&run->gas, 2 * GAS_STORAGE_WRITE)) return TX_CODE_OUT_OF_GAS;
        return lane_close(run, action->close_lane.lane);
    case TX_DATA:
        return stream_append(run, &action->data);
    case TX_SET_AUTHORITY:
        return apply_set_authority(run, action->set_authority.authority);
    case TX_SET_ENC_KEY:
        return apply_set_enc_key(run, action->set_enc_key.key);
    case TX_REMOVE_ACCOUNT:
        if (!run_charge(&run->gas, 2 * GAS_STORAGE_WRITE + 5 * GAS_STORAGE_READ))
            return TX_CODE_OUT_OF_GAS;
        return account_remove(run, &action->remove_account.account);
    case TX_ACTION_KINDS:
        break;
    }
    ENSURE(false && "an action kind");
    return TX_CODE_MALFORMED;
}

// Takes the whole gas money up front, so that no action can spend it, and gives back the rest.
static void prepay(struct apply_block *block, const struct tx *tx, struct amount prepaid) {
    struct account payer;
    lane_use(block, tx);
    if (amount_is_zero(prepaid)) return;
    account_load(&payer, state_draft_view(block->draft), tx_payer(tx));
    ENSURE(amount_sub(&payer.balance, payer.balance, prepaid) == STATUS_OK);
    payer.last_used = block->height;
    account_store(block->draft, tx_payer(tx), &payer);
}

static void settle(struct apply_block *block, const struct tx *tx, struct amount prepaid,
                   uint64_t gas_used) {
    struct amount fee, rest;
    ENSURE(amount_mul(&fee, amount_of_units(tx->gas_price), gas_used) == STATUS_OK);
    ENSURE(amount_sub(&rest, prepaid, fee) == STATUS_OK);
    account_pay_in(block, tx_payer(tx), rest);
    ENSURE(amount_add(&block->fees, block->fees, fee) == STATUS_OK);
}

void apply_tx(struct apply_block *block, const struct tx *tx, const struct hash *tx_id,
              struct block_tx *out) {
    struct amount prepaid;
    ENSURE(amount_mul(&prepaid, amount_of_units(tx->gas_price), tx->gas_limit) == STATUS_OK);
    prepay(block, tx, prepaid);
    struct run_tx run = {
        .block = block, .tx = tx, .tx_id = tx_id, .payer = tx_payer(tx), .deposit_left = prepaid};
    run.gas =
        (struct run_gas){.limit = tx->gas_limit, .used = apply_intrinsic_gas(tx, out->encoded.len)};
    size_t savepoint = state_savepoint(block->draft);
    struct arena_mark mark = arena_mark(block->arena);
    enum tx_code code = TX_CODE_OK;
    for (uint32_t i = 0; i < tx->action_count && code == TX_CODE_OK; i++)
        code = apply_action(&run, i);
    if (code != TX_CODE_OK) {
        state_rollback(block->draft, savepoint);
        arena_rewind(block->arena, mark); // its events
    }
    settle(block, tx, prepaid, run.gas.used);
    block->gas_used += run.gas.used;
    block->tx_bytes += block_tx_bytes(out->encoded.len);
    run_receipt(out, &run, code);
}

void apply_begin(struct apply_block *block) {
    parameters_activate(block->draft, block->epoch);
    parameters_load(&block->params, state_draft_view(block->draft));
}

void apply_finish(struct apply_block *block) {
    struct supply supply;
    struct amount reward = reward_of_block(block->genesis_time_ms, block->time_ms), earned;
    struct amount share = amount_half(block->fees), burnt;
    ENSURE(amount_sub(&burnt, block->fees, share) == STATUS_OK);
    supply_load(&supply, state_draft_view(block->draft));
    // The whole supply fits, so each part of it does.
    ENSURE(amount_add(&supply.rewards, supply.rewards, reward) == STATUS_OK);
    ENSURE(amount_add(&supply.burnt, supply.burnt, burnt) == STATUS_OK);
    supply_store(block->draft, &supply);
    ENSURE(amount_add(&earned, share_reward(block, reward), share) == STATUS_OK);
    account_pay_in(block, &block->leader, earned);
    bool is_boundary = election_is_due(&block->params, block->height);
    if (is_boundary) share_return(block);
    tally_block(block->draft, block->epoch);
    turns_count(block);
    leaders_note(block);
    if (!is_boundary) return;
    share_hand_out(block);
    turns_judge(block);
    bool was_elected = election_hold(block);
    stake_end_epoch(block, !was_elected);
    punish_end_epoch(block);
}
