// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/election.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/tally.h"

struct rank {
    uint64_t votes;
    uint64_t number; // of registration: nobody shares it
    struct witness witness;
};

// The best so far, best first.
struct ranking {
    size_t count;
    struct rank ranks[LIMIT_WITNESSES];
};

static bool is_better(const struct rank *a, const struct rank *b) {
    return a->votes != b->votes ? a->votes > b->votes : a->number < b->number;
}

static void ranking_add(struct ranking *ranking, const struct rank *rank) {
    bool is_full = ranking->count == LIMIT_WITNESSES;
    if (is_full && !is_better(rank, &ranking->ranks[ranking->count - 1])) return;
    size_t place = is_full ? ranking->count - 1 : ranking->count++;
    for (; place > 0 && is_better(rank, &ranking->ranks[place - 1]); place--)
        ranking->ranks[place] = ranking->ranks[place - 1];
    ranking->ranks[place] = *rank;
}

static void ranking_sort_by_number(struct ranking *ranking) {
    for (size_t i = 1; i < ranking->count; i++) {
        struct rank rank = ranking->ranks[i];
        size_t place = i;
        for (; place > 0 && rank.number < ranking->ranks[place - 1].number; place--)
            ranking->ranks[place] = ranking->ranks[place - 1];
        ranking->ranks[place] = rank;
    }
}

void election_count(struct witnesses *out, const struct state_view *view, uint64_t epoch) {
    static const uint8_t space = STATE_CANDIDATE;
    struct ranking ranking = {0};
    struct bytes key = bytes_of("", 0), value;
    while (state_next(view, bytes_of(&space, 1), key, &key, &value)) {
        struct rank rank;
        struct candidate candidate;
        struct stake stake;
        candidate_decode(&candidate, value);
        memcpy(&rank.witness.account, key.data + 1, sizeof rank.witness.account);
        if (candidate.standing != CANDIDATE_STANDS ||
            !stake_load(&stake, view, &rank.witness.account) ||
            amount_compare(stake.locked, amount_of_units(STAKE_MIN)) < 0)
            continue;
        rank.votes = tally_of(&candidate, epoch);
        rank.number = candidate.number;
        rank.witness.key = candidate.key;
        rank.witness.commission = candidate.commission;
        ranking_add(&ranking, &rank);
    }
    ranking_sort_by_number(&ranking);
    out->count = (uint16_t)ranking.count;
    for (size_t i = 0; i < ranking.count; i++) out->list[i] = ranking.ranks[i].witness;
}

bool election_hold(struct apply_block *block) {
    struct witnesses elected;
    election_count(&elected, state_draft_view(block->draft), block->epoch);
    if (elected.count == 0 || elected.count < block->params.min_witnesses) return false;
    witnesses_store(block->draft, block->epoch + 1, &elected);
    return true;
}
