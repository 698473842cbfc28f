// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/share.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/account_deposit.h"
#include "chaincore/contract/supply.h"

typedef unsigned __int128 wide; // of the language, without a name of its own

static wide wide_of(struct share_index index) { return (wide)index.high << 64 | index.low; }
static struct share_index index_of(wide value) {
    return (struct share_index){.low = (uint64_t)value, .high = (uint64_t)(value >> 64)};
}

static struct bytes key_of(struct state_key *key, const struct account_id *id) {
    state_key_make(key, STATE_VOTES, id, bytes_of("", 0));
    return state_key_bytes(key);
}

void voter_decode(struct voter *out, struct bytes value) {
    out->weight = 0;
    out->owed = amount_of_units(0);
    out->votes.count = 0;
    if (value.len == 0) return;
    struct decoder decoder = decoder_of(value);
    out->weight = decode_u64(&decoder);
    out->owed = decode_amount(&decoder);
    out->votes.count = decode_count(&decoder, LIMIT_VOTES);
    for (uint32_t i = 0; i < out->votes.count; i++) {
        decode_fixed(&decoder, &out->votes.candidates[i], sizeof *out->votes.candidates);
        out->indexes[i].low = decode_u64(&decoder);
        out->indexes[i].high = decode_u64(&decoder);
    }
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
}

bool voter_load(struct voter *out, const struct state_view *view, const struct account_id *id) {
    struct state_key key;
    struct bytes value = bytes_of("", 0);
    state_get(view, key_of(&key, id), &value);
    voter_decode(out, value);
    return out->votes.count > 0;
}

void voter_store(struct state_draft *draft, const struct account_id *id,
                 const struct voter *voter) {
    struct state_key key;
    uint8_t storage[8 + 8 + 4 + LIMIT_VOTES * (32 + 16)];
    struct buf value = BUF_OVER(storage);
    key_of(&key, id);
    if (voter->votes.count == 0) {
        ENSURE(amount_is_zero(voter->owed));
        state_delete(draft, state_key_bytes(&key));
        return;
    }
    encode_u64(&value, voter->weight);
    encode_amount(&value, voter->owed);
    encode_u32(&value, voter->votes.count);
    for (uint32_t i = 0; i < voter->votes.count; i++) {
        encode_fixed(&value, &voter->votes.candidates[i], sizeof *voter->votes.candidates);
        encode_u64(&value, voter->indexes[i].low);
        encode_u64(&value, voter->indexes[i].high);
    }
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
}

// Its weight was in every `held` that the index rose by since, so no product leaves 128 bits: what
// it earned of a pool is at most the pool.
void voter_look(struct voter *voter, const struct state_view *view) {
    for (uint32_t i = 0; i < voter->votes.count; i++) {
        struct candidate candidate;
        ENSURE(candidate_load(&candidate, view, &voter->votes.candidates[i]));
        wide risen = wide_of(candidate.index) - wide_of(voter->indexes[i]);
        struct amount earned = amount_of_units((uint64_t)(risen * voter->weight >> 64));
        ENSURE(amount_add(&voter->owed, voter->owed, earned) == STATUS_OK);
        voter->indexes[i] = candidate.index;
    }
}

uint64_t voter_weight(const struct account *before, const struct account *now, uint64_t epoch,
                      uint32_t choices) {
    if (choices == 0) return 0;
    struct amount start = before->epoch == epoch ? before->epoch_start : before->balance;
    bool is_less = amount_compare(start, now->balance) < 0;
    return amount_units(is_less ? start : now->balance) / choices;
}

void share_pay(struct state_draft *draft, struct voter *voter, struct account *account) {
    struct supply supply;
    if (amount_is_zero(voter->owed)) return;
    supply_load(&supply, state_draft_view(draft));
    ENSURE(amount_sub(&supply.shares, supply.shares, voter->owed) == STATUS_OK);
    ENSURE(amount_add(&account->balance, account->balance, voter->owed) == STATUS_OK);
    voter->owed = amount_of_units(0);
    supply_store(draft, &supply);
}

enum tx_code share_claim(struct run_tx *run, const struct account_id *id) {
    struct state_draft *draft = run->block->draft;
    struct account before, account;
    struct voter voter;
    if (!voter_load(&voter, state_draft_view(draft), id)) return TX_CODE_NOTHING_TO_CLAIM;
    account_load(&before, state_draft_base(draft), id);
    account_load(&account, state_draft_view(draft), id);
    voter_look(&voter, state_draft_view(draft));
    bool is_owed = !amount_is_zero(voter.owed);
    share_pay(draft, &voter, &account);
    uint64_t weight = voter_weight(&before, &account, run->block->epoch, voter.votes.count);
    if (!is_owed && weight == voter.weight) return TX_CODE_NOTHING_TO_CLAIM;
    voter.weight = weight;
    voter_store(draft, id, &voter);
    account_store(draft, id, &account);
    return TX_CODE_OK;
}

struct amount share_reward(struct apply_block *block, struct amount reward) {
    struct candidate candidate;
    struct supply supply;
    struct amount kept = amount_share(reward, block->commission, LIMIT_COMMISSION), rest;
    ENSURE(amount_sub(&rest, reward, kept) == STATUS_OK);
    if (amount_is_zero(rest) ||
        !candidate_load(&candidate, state_draft_view(block->draft), &block->leader) ||
        candidate.held == 0)
        return reward;
    supply_load(&supply, state_draft_view(block->draft));
    ENSURE(amount_add(&supply.shares, supply.shares, rest) == STATUS_OK);
    ENSURE(amount_add(&candidate.pool, candidate.pool, rest) == STATUS_OK);
    supply_store(block->draft, &supply);
    candidate_store(block->draft, &block->leader, &candidate);
    return kept;
}

static void give_back(struct apply_block *block, const struct account_id *id,
                      struct candidate *candidate) {
    struct supply supply;
    struct amount pool = candidate->pool;
    supply_load(&supply, state_draft_view(block->draft));
    ENSURE(amount_sub(&supply.shares, supply.shares, pool) == STATUS_OK);
    supply_store(block->draft, &supply);
    candidate->pool = amount_of_units(0);
    candidate_store(block->draft, id, candidate);
    account_pay_in(block, id, pool);
}

static void hand_out(struct apply_block *block, const struct account_id *id,
                     struct candidate *candidate) {
    wide parts = (wide)amount_units(candidate->pool) << 64;
    candidate->index = index_of(wide_of(candidate->index) + parts / candidate->held);
    candidate->pool = amount_of_units(0);
    candidate_store(block->draft, id, candidate);
}

// Every candidate with something in its pool and with, or without, somebody who holds for it.
static void walk(struct apply_block *block, bool is_held,
                 void (*visit)(struct apply_block *block, const struct account_id *id,
                               struct candidate *candidate)) {
    uint8_t at[33] = {STATE_CANDIDATE};
    struct bytes after = bytes_of("", 0), key, value;
    while (state_next(state_draft_view(block->draft), bytes_of(at, 1), after, &key, &value)) {
        struct candidate candidate;
        struct account_id id;
        candidate_decode(&candidate, value);
        memcpy(at, key.data, sizeof at);
        memcpy(id.bytes, at + 1, sizeof id);
        after = BYTES_OF(at);
        if (!amount_is_zero(candidate.pool) && (candidate.held > 0) == is_held)
            visit(block, &id, &candidate);
    }
}

void share_return(struct apply_block *block) { walk(block, false, give_back); }
void share_hand_out(struct apply_block *block) { walk(block, true, hand_out); }
