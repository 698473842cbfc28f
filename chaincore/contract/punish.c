// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/punish.h"

#include "chaincore/contract/run.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/witnesses.h"

enum { CUT_PER_CENT = 5 };

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
    if (evidence->epoch > run->block->epoch || !witnesses_load(&witnesses, view, evidence->epoch))
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
