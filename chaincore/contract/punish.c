// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/punish.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/run.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/witnesses.h"

enum {
    CUT_PER_CENT = 5,
    KEY_BYTES = 1 + 8,
    FORGOTTEN_AT_ONCE = 4, // more than come, and little work where a chain has stood still for long
};

static void key_of(uint8_t key[KEY_BYTES], uint64_t epoch) {
    key[0] = STATE_EPOCH_END;
    store_u64_be(key + 1, epoch);
}

static bool is_over(struct bytes end, uint64_t time_ms) {
    ENSURE(end.len == 8);
    return load_u64_le(end.data) + STAKE_UNLOCK_MS <= time_ms;
}

bool punish_counts(const struct state_view *view, uint64_t epoch, const struct punish_time *now) {
    uint8_t key[KEY_BYTES];
    struct bytes end;
    key_of(key, epoch);
    if (epoch >= now->epoch) return epoch == now->epoch;
    return state_get(view, BYTES_OF(key), &end) && !is_over(end, now->time_ms);
}

void punish_end_epoch(struct apply_block *block) {
    static const uint8_t space = STATE_EPOCH_END;
    const struct state_view *view = state_draft_view(block->draft);
    uint8_t key[KEY_BYTES], end[8];
    struct bytes found, value;
    for (int i = 0; i < FORGOTTEN_AT_ONCE; i++) {
        if (!state_next(view, bytes_of(&space, 1), bytes_of("", 0), &found, &value)) break;
        if (!is_over(value, block->time_ms)) break;
        memcpy(key, found.data, sizeof key);
        state_delete(block->draft, BYTES_OF(key));
    }
    key_of(key, block->epoch);
    store_u64_le(end, block->time_ms);
    state_put(block->draft, BYTES_OF(key), BYTES_OF(end));
}

static void cut(struct amount *amount, struct amount *burnt) {
    struct amount part = amount_share(*amount, CUT_PER_CENT, 100);
    ENSURE(amount_sub(amount, *amount, part) == STATUS_OK);
    ENSURE(amount_add(burnt, *burnt, part) == STATUS_OK); // below the supply
}

static void cut_stake(struct state_draft *draft, const struct account_id *id) {
    struct stake stake;
    struct supply supply;
    if (!stake_load(&stake, state_draft_view(draft), id)) return;
    supply_load(&supply, state_draft_view(draft));
    cut(&stake.locked, &supply.burnt);
    for (uint32_t i = 0; i < stake.unlock_count; i++) cut(&stake.unlocks[i].amount, &supply.burnt);
    stake_store(draft, id, &stake);
    supply_store(draft, &supply);
}

enum tx_code punish(struct run_tx *run, const struct evidence *evidence) {
    struct state_draft *draft = run->block->draft;
    const struct state_view *view = state_draft_view(draft);
    struct witnesses witnesses;
    struct witness_set set;
    struct candidate candidate;
    struct punish_time now = {.epoch = run->block->epoch, .time_ms = run->block->time_ms};
    if (!punish_counts(view, evidence->epoch, &now) ||
        !witnesses_load(&witnesses, view, evidence->epoch))
        return TX_CODE_BAD_EVIDENCE;
    witnesses_set(&set, &witnesses);
    if (!evidence_verify(evidence, &set, &run->block->chain_id)) return TX_CODE_BAD_EVIDENCE;
    const struct account_id *id = &witnesses.list[evidence->witness].account;
    if (!candidate_load(&candidate, view, id)) return TX_CODE_NOT_A_CANDIDATE;
    if (evidence->epoch < candidate.answers_from) return TX_CODE_PUNISHED_ALREADY;
    candidate.standing = CANDIDATE_EXPELLED;
    candidate.answers_from = run->block->epoch + 1;
    candidate_store(draft, id, &candidate);
    cut_stake(draft, id);
    return TX_CODE_OK;
}
