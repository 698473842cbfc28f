// SPDX-License-Identifier: Apache-2.0
// What a message could change, before anybody pays for its signatures: what says no here is what
// the state machine would drop. Evidence it does not drop.
#include "chaincore/consensus/core.h"

// Of the votes in a view that is counted; NULL: there are none yet.
static const struct ballot *ballot_of(const struct consensus *core, uint64_t view,
                                      enum vote_kind kind) {
    const struct view_votes *votes = &core->votes[view % LIMIT_VIEWS_COUNTED];
    return votes->view == view ? &votes->ballots[kind] : NULL;
}

// The witness's first of its kind, or one that contradicts it for the first time.
static bool is_news(const struct ballot *ballot, uint16_t witness, const struct hash *id) {
    if (!ballot || !ballot->has[witness]) return true;
    return !hash_equal(&ballot->ids[witness], id) && !ballot->is_reported[witness];
}

static bool can_use_votes(const struct consensus *core, const struct signed_votes *votes) {
    if (!votes_is_counted(core, votes->view)) return false;
    const struct ballot *ballot = ballot_of(core, votes->view, votes->kind);
    for (uint16_t i = 0; i < votes->count; i++) {
        uint16_t witness = votes->signers[i].witness;
        if (witness < core->epoch.witness_count && is_news(ballot, witness, &votes->block_id))
            return true;
    }
    return false;
}

static bool can_use_sealed(const struct consensus *core, const struct sealed *sealed) {
    uint64_t view = sealed->certificate->view;
    size_t place = view % LIMIT_VIEWS_KEPT;
    const struct view_certificates *seals = &core->certificates[place];
    bool has_seals = view > 0 && core->certified_views[place] == view;
    bool is_other = has_seals && seals->has_notarized && !hash_equal(&seals->id, &sealed->block_id);
    if (view <= core->root_view) return false;
    if (sealed->kind == VOTE_FINALIZE) {
        bool is_contradicted = (has_seals && (seals->has_nullified || is_other)) ||
                               finality_excludes(core, view, &sealed->block_id);
        return !core->awaited.has || core->awaited.view < view || is_contradicted;
    }
    if (view > core->root_view + LIMIT_VIEWS_KEPT) return false;
    if (sealed->kind == VOTE_NULLIFY) return !has_seals || !seals->has_nullified;
    return !has_seals || !seals->has_notarized || is_other;
}

// Its vote may be known while its block is not, or was dropped. Of a leader that was caught no
// other block is of use, though each is signed: megabytes would be hashed for nothing.
static bool can_use_proposal(const struct consensus *core, const struct proposal *proposal) {
    uint64_t view = proposal->view;
    if (consensus_wants(core, &proposal->id)) return true;
    if (view < core->view || !votes_is_counted(core, view)) return false;
    const struct ballot *ballot = ballot_of(core, view, VOTE_PROPOSE);
    uint16_t leader = schedule_leader(&core->schedule, view);
    if (is_news(ballot, leader, &proposal->id)) return true;
    return hash_equal(&ballot->ids[leader], &proposal->id) && !branch_has(core, &proposal->id);
}

bool consensus_can_use(const struct consensus *core, const struct consensus_message *message) {
    uint64_t epoch = core->epoch.epoch;
    switch (message->kind) {
    case MESSAGE_PROPOSAL:
        return message->proposal.epoch == epoch && can_use_proposal(core, &message->proposal);
    case MESSAGE_VOTES:
        return message->votes.epoch == epoch && can_use_votes(core, &message->votes);
    case MESSAGE_CERTIFICATE:
        return message->sealed.epoch == epoch && can_use_sealed(core, &message->sealed);
    case MESSAGE_FETCH:
    case MESSAGE_AHEAD:
        break;
    }
    return true;
}
