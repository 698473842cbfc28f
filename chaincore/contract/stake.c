// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/stake.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account_deposit.h"
#include "chaincore/contract/share.h"
#include "chaincore/contract/witnesses.h"

static struct bytes key_of(struct state_key *key, enum state_space space, const void *id) {
    state_key_make(key, space, id, bytes_of("", 0));
    return state_key_bytes(key);
}

static void stake_decode(struct stake *out, struct bytes value) {
    struct decoder decoder = decoder_of(value);
    out->locked = decode_amount(&decoder);
    out->unlock_count = decode_count(&decoder, LIMIT_STAKE_UNLOCKS);
    for (uint32_t i = 0; i < out->unlock_count; i++) {
        out->unlocks[i].amount = decode_amount(&decoder);
        out->unlocks[i].ready_ms = decode_u64(&decoder);
        out->unlocks[i].epoch = decode_u64(&decoder);
    }
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
}

bool stake_load(struct stake *out, const struct state_view *view, const struct account_id *id) {
    struct state_key key;
    struct bytes value;
    *out = (struct stake){0};
    if (!state_get(view, key_of(&key, STATE_STAKE, id), &value)) return false;
    stake_decode(out, value);
    return true;
}

// Without anything in it, it goes.
void stake_store(struct state_draft *draft, const struct account_id *id,
                 const struct stake *stake) {
    struct state_key key;
    uint8_t storage[8 + 4 + 24 * LIMIT_STAKE_UNLOCKS];
    struct buf value = BUF_OVER(storage);
    key_of(&key, STATE_STAKE, id);
    if (amount_is_zero(stake->locked) && stake->unlock_count == 0) {
        state_delete(draft, state_key_bytes(&key));
        return;
    }
    encode_amount(&value, stake->locked);
    encode_u32(&value, stake->unlock_count);
    for (uint32_t i = 0; i < stake->unlock_count; i++) {
        encode_amount(&value, stake->unlocks[i].amount);
        encode_u64(&value, stake->unlocks[i].ready_ms);
        encode_u64(&value, stake->unlocks[i].epoch);
    }
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
}

void candidate_decode(struct candidate *out, struct bytes value) {
    struct decoder decoder = decoder_of(value);
    out->standing = (enum candidate_standing)decode_tag(&decoder, CANDIDATE_STANDINGS);
    decode_fixed(&decoder, &out->key, sizeof out->key);
    out->commission = decode_u16(&decoder);
    out->number = decode_u64(&decoder);
    out->votes = decode_u64(&decoder);
    out->gain = decode_u64(&decoder);
    out->gain_epoch = decode_u64(&decoder);
    out->answers_from = decode_u64(&decoder);
    out->held = decode_u64(&decoder);
    out->pool = decode_amount(&decoder);
    out->index.low = decode_u64(&decoder);
    out->index.high = decode_u64(&decoder);
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
}

bool candidate_load(struct candidate *out, const struct state_view *view,
                    const struct account_id *id) {
    struct state_key key;
    struct bytes value;
    *out = (struct candidate){0};
    if (!state_get(view, key_of(&key, STATE_CANDIDATE, id), &value)) return false;
    candidate_decode(out, value);
    return true;
}

void candidate_store(struct state_draft *draft, const struct account_id *id,
                     const struct candidate *candidate) {
    struct state_key key;
    uint8_t storage[1 + 32 + 2 + 9 * 8];
    struct buf value = BUF_OVER(storage);
    encode_u8(&value, (uint8_t)candidate->standing);
    encode_fixed(&value, &candidate->key, sizeof candidate->key);
    encode_u16(&value, candidate->commission);
    encode_u64(&value, candidate->number);
    encode_u64(&value, candidate->votes);
    encode_u64(&value, candidate->gain);
    encode_u64(&value, candidate->gain_epoch);
    encode_u64(&value, candidate->answers_from);
    encode_u64(&value, candidate->held);
    encode_amount(&value, candidate->pool);
    encode_u64(&value, candidate->index.low);
    encode_u64(&value, candidate->index.high);
    state_put(draft, key_of(&key, STATE_CANDIDATE, id), buf_bytes(&value));
}

enum tx_code stake_lock(struct run_tx *run, const struct account_id *id, struct amount amount) {
    struct state_draft *draft = run->block->draft;
    const struct state_view *view = state_draft_view(draft);
    struct account account;
    struct stake stake;
    enum tx_code code = TX_CODE_OK;
    if (amount_is_zero(amount)) return TX_CODE_NO_AMOUNT;
    account_load(&account, view, id);
    if (amount_compare(account.balance, amount) < 0) return TX_CODE_INSUFFICIENT_FUNDS;
    if (!stake_load(&stake, view, id)) code = account_deposit_lock(run, id, STAKE_BYTES);
    if (code != TX_CODE_OK) return code;
    account_load(&account, view, id);
    if (amount_sub(&account.balance, account.balance, amount) != STATUS_OK)
        return TX_CODE_INSUFFICIENT_FUNDS;
    if (amount_add(&stake.locked, stake.locked, amount) != STATUS_OK)
        return TX_CODE_BALANCE_OVERFLOW;
    account_store(draft, id, &account);
    stake_store(draft, id, &stake);
    return TX_CODE_OK;
}

enum tx_code stake_unlock(struct run_tx *run, const struct account_id *id, struct amount amount) {
    struct state_draft *draft = run->block->draft;
    struct stake stake;
    struct candidate candidate;
    if (amount_is_zero(amount)) return TX_CODE_NO_AMOUNT;
    stake_load(&stake, state_draft_view(draft), id);
    candidate_load(&candidate, state_draft_view(draft), id);
    if (stake.unlock_count == LIMIT_STAKE_UNLOCKS) return TX_CODE_TOO_MANY_UNLOCKS;
    if (amount_sub(&stake.locked, stake.locked, amount) != STATUS_OK)
        return TX_CODE_STAKE_TOO_SMALL;
    if (candidate.standing == CANDIDATE_STANDS &&
        amount_compare(stake.locked, amount_of_units(STAKE_MIN)) < 0)
        return TX_CODE_STAKE_TOO_SMALL;
    stake.unlocks[stake.unlock_count++] =
        (struct stake_unlock){.amount = amount,
                              .ready_ms = run->block->time_ms + STAKE_UNLOCK_MS,
                              .epoch = run->block->epoch};
    stake_store(draft, id, &stake);
    return TX_CODE_OK;
}

static bool is_witness(const struct apply_block *block, const struct account_id *id) {
    struct witnesses witnesses;
    witnesses_load(&witnesses, state_draft_view(block->draft), block->epoch);
    return witnesses_find(&witnesses, id) < witnesses.count;
}

enum tx_code stake_withdraw(struct run_tx *run, const struct account_id *id) {
    struct state_draft *draft = run->block->draft;
    struct account account;
    struct stake stake;
    uint32_t kept = 0;
    bool serves = is_witness(run->block, id);
    account_load(&account, state_draft_view(draft), id);
    stake_load(&stake, state_draft_view(draft), id);
    for (uint32_t i = 0; i < stake.unlock_count; i++) {
        struct stake_unlock *unlock = &stake.unlocks[i];
        bool is_served_with = serves && unlock->epoch == run->block->epoch;
        if (unlock->ready_ms > run->block->time_ms || is_served_with)
            stake.unlocks[kept++] = *unlock;
        else if (amount_add(&account.balance, account.balance, unlock->amount) != STATUS_OK)
            return TX_CODE_BALANCE_OVERFLOW;
    }
    if (kept == stake.unlock_count) return TX_CODE_NOTHING_READY;
    stake.unlock_count = kept;
    account_store(draft, id, &account);
    stake_store(draft, id, &stake);
    if (kept == 0 && amount_is_zero(stake.locked))
        account_deposit_free(run->block, id, STAKE_BYTES);
    return TX_CODE_OK;
}

// How many ever registered; counts this one.
static uint64_t next_number(struct state_draft *draft) {
    struct state_key key;
    struct bytes value;
    uint8_t count[8] = {0};
    state_key_of_chain(&key, "candidates");
    if (state_get(state_draft_view(draft), state_key_bytes(&key), &value)) {
        ENSURE(value.len == sizeof count);
        memcpy(count, value.data, sizeof count);
    }
    uint64_t number = load_u64_le(count);
    store_u64_le(count, number + 1);
    state_put(draft, state_key_bytes(&key), BYTES_OF(count));
    return number;
}

static bool has_key(const struct authority *authority, const struct public_key *key) {
    for (uint32_t i = 0; i < authority->key_count; i++)
        if (memcmp(&authority->keys[i].key, key, sizeof *key) == 0) return true;
    return false;
}

// May the account sign blocks with this key? It must be nobody else's, nor one that signs for the
// account itself, whose owner may keep it elsewhere.
static enum tx_code check_key(const struct state_view *view, const struct account_id *id,
                              const struct public_key *key) {
    struct state_key place;
    struct bytes owner;
    struct account account;
    struct account_id first;
    account_id_of_key(&first, key);
    account_load(&account, view, id);
    if (account_id_equal(&first, id) || has_key(&account.authority, key))
        return TX_CODE_KEY_OF_ACCOUNT;
    if (state_get(view, key_of(&place, STATE_CONSENSUS_KEY, key), &owner) &&
        memcmp(owner.data, id, sizeof *id) != 0)
        return TX_CODE_KEY_TAKEN;
    return TX_CODE_OK;
}

enum tx_code stake_check_authority(const struct state_view *view, const struct account_id *id,
                                   const struct authority *authority) {
    struct candidate candidate;
    return candidate_load(&candidate, view, id) && has_key(authority, &candidate.key)
               ? TX_CODE_KEY_OF_CONSENSUS
               : TX_CODE_OK;
}

enum tx_code stake_register(struct run_tx *run, const struct account_id *id,
                            const struct public_key *key, uint16_t commission) {
    struct state_draft *draft = run->block->draft;
    const struct state_view *view = state_draft_view(draft);
    struct stake stake;
    struct candidate candidate;
    struct state_key place;
    stake_load(&stake, view, id);
    if (amount_compare(stake.locked, amount_of_units(STAKE_MIN)) < 0)
        return TX_CODE_STAKE_TOO_SMALL;
    enum tx_code code = check_key(view, id, key);
    if (code != TX_CODE_OK) return code;
    if (candidate_load(&candidate, view, id)) {
        if (candidate.answers_from > run->block->epoch) return TX_CODE_EXPELLED;
        state_delete(draft, key_of(&place, STATE_CONSENSUS_KEY, &candidate.key));
    } else {
        code = account_deposit_lock(run, id, CANDIDATE_BYTES);
        if (code != TX_CODE_OK) return code;
        candidate.number = next_number(draft);
    }
    candidate.standing = CANDIDATE_STANDS;
    candidate.key = *key;
    candidate.commission = commission;
    candidate_store(draft, id, &candidate);
    state_put(draft, key_of(&place, STATE_CONSENSUS_KEY, key), BYTES_OF(id->bytes));
    return TX_CODE_OK;
}

enum tx_code stake_resign(struct run_tx *run, const struct account_id *id) {
    struct state_draft *draft = run->block->draft;
    struct candidate candidate;
    if (!candidate_load(&candidate, state_draft_view(draft), id) ||
        candidate.standing != CANDIDATE_STANDS)
        return TX_CODE_NOT_A_CANDIDATE;
    candidate.standing = CANDIDATE_RESIGNED;
    candidate_store(draft, id, &candidate);
    return TX_CODE_OK;
}

enum tx_code stake_vote(struct run_tx *run, const struct account_id *id,
                        const struct votes *votes) {
    struct account before, account;
    struct candidate candidate;
    struct voter voter;
    struct state_draft *draft = run->block->draft;
    const struct state_view *view = state_draft_view(draft);
    for (uint32_t i = 0; i < votes->count; i++)
        if (!candidate_load(&candidate, view, &votes->candidates[i]) ||
            candidate.standing != CANDIDATE_STANDS)
            return TX_CODE_NOT_A_CANDIDATE;
    account_load(&account, view, id);
    struct account_deposit_change bytes = {.before = votes_bytes(account.choices),
                                           .after = votes_bytes(votes->count)};
    enum tx_code code = account_deposit_settle(run, id, bytes);
    if (code != TX_CODE_OK) return code;
    account_load(&before, state_draft_base(draft), id);
    account_load(&account, view, id);
    voter_load(&voter, view, id);
    voter_look(&voter, view);
    share_pay(draft, &voter, &account);
    voter.votes = *votes;
    voter.weight = voter_weight(&before, &account, run->block->epoch, votes->count);
    for (uint32_t i = 0; i < votes->count; i++) {
        ENSURE(candidate_load(&candidate, view, &votes->candidates[i]));
        voter.indexes[i] = candidate.index;
    }
    voter_store(draft, id, &voter);
    // The tally looks at the accounts that a block has touched.
    account.choices = (uint8_t)votes->count;
    account_store(draft, id, &account);
    return TX_CODE_OK;
}

void stake_end_epoch(struct apply_block *block, bool goes_on) {
    struct witnesses witnesses;
    witnesses_load(&witnesses, state_draft_view(block->draft), block->epoch);
    for (uint16_t i = 0; i < witnesses.count; i++) {
        const struct account_id *id = &witnesses.list[i].account;
        struct stake stake;
        bool is_changed = false;
        stake_load(&stake, state_draft_view(block->draft), id);
        for (uint32_t k = 0; k < stake.unlock_count; k++) {
            if (stake.unlocks[k].epoch != block->epoch) continue;
            stake.unlocks[k].ready_ms = block->time_ms + STAKE_UNLOCK_MS;
            if (goes_on) stake.unlocks[k].epoch++;
            is_changed = true;
        }
        if (is_changed) stake_store(block->draft, id, &stake);
    }
}

enum status stake_sum(struct amount *out, const struct state_view *view) {
    static const uint8_t space = STATE_STAKE;
    struct bytes key = bytes_of("", 0), value;
    enum status status = STATUS_OK;
    *out = amount_of_units(0);
    while (status == STATUS_OK && state_next(view, bytes_of(&space, 1), key, &key, &value)) {
        struct stake stake;
        stake_decode(&stake, value);
        status = amount_add(out, *out, stake.locked);
        for (uint32_t i = 0; i < stake.unlock_count && status == STATUS_OK; i++)
            status = amount_add(out, *out, stake.unlocks[i].amount);
    }
    return status;
}
