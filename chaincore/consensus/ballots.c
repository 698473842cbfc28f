// SPDX-License-Identifier: Apache-2.0
// Votes: each witness's first of each kind in each view. A second one that differs is evidence, and
// counts for nothing.
#include "chaincore/consensus/core.h"

bool votes_is_counted(const struct consensus *core, uint64_t view) {
    const uint64_t half = LIMIT_VIEWS_COUNTED / 2;
    return view >= core->epoch.first_view && view + half >= core->view && view < core->view + half;
}

struct view_votes *votes_of(struct consensus *core, uint64_t view) {
    if (!votes_is_counted(core, view)) return NULL;
    struct view_votes *votes = &core->votes[view % LIMIT_VIEWS_COUNTED];
    if (votes->view == view) return votes;
    votes->view = view;
    for (size_t kind = 0; kind < VOTE_KINDS; kind++) {
        struct ballot *ballot = &votes->ballots[kind];
        ballot->count = 0;
        memset(ballot->has, 0, sizeof ballot->has);
        memset(ballot->is_reported, 0, sizeof ballot->is_reported);
    }
    return votes;
}

void votes_clear(struct consensus *core) {
    for (size_t i = 0; i < LIMIT_VIEWS_COUNTED; i++) core->votes[i].view = 0;
    for (size_t kind = 0; kind < VOTE_KINDS; kind++) core->own[kind].votes.view = 0;
}

void votes_keep_own(struct consensus *core, const struct signed_votes *votes) {
    struct own_votes *own = &core->own[votes->kind];
    ENSURE(votes->count <= LIMIT_WITNESSES);
    own->votes = *votes;
    own->votes.signers = own->signers;
    if (votes->count > 0) memcpy(own->signers, votes->signers, votes->count * sizeof *own->signers);
}

static struct signed_vote vote_at(const struct consensus *core, const struct view_votes *votes,
                                  enum vote_kind kind, uint16_t witness) {
    const struct ballot *ballot = &votes->ballots[kind];
    return (struct signed_vote){.epoch = core->epoch.epoch,
                                .view = votes->view,
                                .kind = kind,
                                .witness = witness,
                                .block_id = ballot->ids[witness],
                                .signature = ballot->signatures[witness]};
}

static void report(struct consensus *core, struct ballot *ballot, const struct signed_vote *first,
                   const struct signed_vote *second) {
    if (ballot->is_reported[second->witness]) return;
    if (group_has(&core->epoch.own, second->witness)) {
        witness_meet_twin(core);
        return;
    }
    if (!core->is_started) return;
    ballot->is_reported[second->witness] = true;
    struct consensus_action *action = action_add(core, ACTION_EVIDENCE);
    action->evidence.first = *first;
    action->evidence.second = *second;
}

// Whether it is the witness's first of its kind there.
static bool note(struct consensus *core, struct view_votes *votes, const struct signed_vote *vote) {
    struct ballot *ballot = &votes->ballots[vote->kind];
    uint16_t witness = vote->witness;
    if (ballot->has[witness]) {
        struct signed_vote first = vote_at(core, votes, vote->kind, witness);
        if (!hash_equal(&first.block_id, &vote->block_id)) report(core, ballot, &first, vote);
        return false;
    }
    ballot->has[witness] = true;
    ballot->ids[witness] = vote->block_id;
    ballot->signatures[witness] = vote->signature;
    ballot->count++;
    enum vote_kind other = vote->kind == VOTE_NULLIFY ? VOTE_FINALIZE : VOTE_NULLIFY;
    if ((vote->kind == VOTE_NULLIFY || vote->kind == VOTE_FINALIZE) &&
        votes->ballots[other].has[witness]) {
        struct signed_vote first = vote_at(core, votes, other, witness);
        report(core, ballot, &first, vote);
    }
    return true;
}

// Another quorum for it says nothing new; one for another block of that view says that too many are
// hostile.
static bool is_sealed(struct consensus *core, const struct signed_votes *what) {
    if (what->view <= core->root_view) return true;
    if (what->kind == VOTE_FINALIZE)
        return core->awaited.has && core->awaited.view >= what->view &&
               !finality_excludes(core, what->view, &what->block_id);
    const struct view_certificates *seals = seals_of(core, what->view);
    if (!seals || what->kind == VOTE_NULLIFY) return seals && seals->has_nullified;
    return seals->has_notarized && hash_equal(&seals->id, &what->block_id);
}

static void try_seal(struct consensus *core, const struct view_votes *votes,
                     const struct signed_votes *what) {
    const struct ballot *ballot = &votes->ballots[what->kind];
    if (ballot->count < core_quorum(core) || is_sealed(core, what)) return;
    struct certificate certificate = {.view = what->view};
    for (uint16_t i = 0; i < core->epoch.witness_count; i++)
        if (ballot->has[i] && hash_equal(&ballot->ids[i], &what->block_id))
            certificate_add(&certificate, i, &ballot->signatures[i]);
    if (certificate.signature_count < core_quorum(core)) return;
    struct sealed sealed = {.epoch = what->epoch,
                            .kind = what->kind,
                            .block_id = what->block_id,
                            .certificate = &certificate};
    seals_add(core, &sealed, false);
}

// Whether any of them is new.
static bool note_all(struct consensus *core, const struct signed_votes *added) {
    struct view_votes *votes = votes_of(core, added->view);
    if (!votes) return false;
    struct signed_vote vote = {.epoch = added->epoch,
                               .view = added->view,
                               .kind = added->kind,
                               .block_id = added->block_id};
    bool has_new = false;
    for (uint16_t i = 0; i < added->count; i++) {
        vote.witness = added->signers[i].witness;
        vote.signature = added->signers[i].signature;
        if (vote.witness < core->epoch.witness_count && note(core, votes, &vote)) has_new = true;
    }
    return has_new;
}

bool votes_exclude(const struct consensus *core, const struct witness_group *by,
                   enum vote_kind kind, uint64_t view, const struct hash *id) {
    const struct view_votes *votes = &core->votes[view % LIMIT_VIEWS_COUNTED];
    if (votes->view != view || !votes_is_counted(core, view)) return false;
    const struct ballot *same = &votes->ballots[kind];
    const struct ballot *other = kind == VOTE_NULLIFY    ? &votes->ballots[VOTE_FINALIZE]
                                 : kind == VOTE_FINALIZE ? &votes->ballots[VOTE_NULLIFY]
                                                         : NULL;
    for (uint16_t i = 0; i < core->epoch.witness_count; i++) {
        if (!group_has(by, i)) continue;
        if (same->has[i] && (!id || !hash_equal(&same->ids[i], id))) return true;
        if (other && other->has[i]) return true;
    }
    return false;
}

void votes_add(struct consensus *core, const struct signed_votes *votes) {
    if (!note_all(core, votes) || votes->kind == VOTE_PROPOSE) return;
    try_seal(core, votes_of(core, votes->view), votes);
}

void votes_restore(struct consensus *core, const struct signed_votes *votes) {
    note_all(core, votes);
}

void votes_seal_own(struct consensus *core) {
    for (int kind = VOTE_NOTARIZE; kind <= VOTE_FINALIZE; kind++) {
        const struct signed_votes *own = &core->own[kind].votes;
        const struct view_votes *votes = own->view > 0 ? votes_of(core, own->view) : NULL;
        if (votes) try_seal(core, votes, own);
    }
}

void votes_note(struct consensus *core, const struct sealed *sealed) {
    const struct certificate *certificate = sealed->certificate;
    struct view_votes *votes = votes_of(core, certificate->view);
    if (!votes) return;
    struct signed_vote vote = {.epoch = sealed->epoch,
                               .view = certificate->view,
                               .kind = sealed->kind,
                               .block_id = sealed->block_id};
    uint16_t next = 0;
    for (uint16_t i = 0; i < core->epoch.witness_count; i++) {
        if (!(certificate->bitmap[i / 8] >> (i % 8) & 1)) continue;
        vote.witness = i;
        vote.signature = certificate->signatures[next++];
        note(core, votes, &vote);
    }
}
