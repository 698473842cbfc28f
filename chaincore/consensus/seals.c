// SPDX-License-Identifier: Apache-2.0
// Certificates that end views: of a block or of nothing. A view may have both.
#include "chaincore/consensus/core.h"

void certificate_copy(struct certificate *out, const struct certificate *certificate) {
    ENSURE(certificate->signature_count <= LIMIT_WITNESSES);
    out->view = certificate->view;
    memcpy(out->bitmap, certificate->bitmap, sizeof out->bitmap);
    out->signature_count = certificate->signature_count;
    memcpy(out->signatures, certificate->signatures,
           certificate->signature_count * sizeof *out->signatures);
}

struct view_certificates *seals_of(struct consensus *core, uint64_t view) {
    size_t place = view % LIMIT_VIEWS_KEPT;
    return view > 0 && core->certified_views[place] == view ? &core->certificates[place] : NULL;
}

void seals_clear(struct consensus *core) {
    memset(core->certified_views, 0, sizeof core->certified_views);
}

static struct view_certificates *seals_make(struct consensus *core, uint64_t view) {
    size_t place = view % LIMIT_VIEWS_KEPT;
    struct view_certificates *seals = &core->certificates[place];
    if (core->certified_views[place] == view) return seals;
    core->certified_views[place] = view;
    seals->has_notarized = seals->has_nullified = false;
    return seals;
}

static bool has_signed(const struct sealed *sealed, uint16_t witness) {
    return sealed->certificate->bitmap[witness / 8] >> (witness % 8) & 1;
}

static struct signed_vote vote_in(const struct sealed *sealed, uint16_t witness, uint16_t place) {
    return (struct signed_vote){.epoch = sealed->epoch,
                                .view = sealed->certificate->view,
                                .kind = sealed->kind,
                                .witness = witness,
                                .block_id = sealed->block_id,
                                .signature = sealed->certificate->signatures[place]};
}

static void report_both(struct consensus *core, const struct signed_vote *first,
                        const struct signed_vote *second) {
    if (group_has(&core->epoch.own, first->witness)) {
        witness_meet_twin(core);
        return;
    }
    struct view_votes *votes = votes_of(core, second->view);
    bool *is_reported = votes ? &votes->ballots[second->kind].is_reported[second->witness] : NULL;
    if (!core->is_started || (is_reported && *is_reported)) return;
    if (is_reported) *is_reported = true; // once in an event, too
    struct consensus_action *action = action_add(core, ACTION_EVIDENCE);
    action->evidence.first = *first;
    action->evidence.second = *second;
}

// By what the certificates have: votes of that view may be counted no more, or not yet. Who signs
// one block's FINALIZE may have signed another's NOTARIZE before.
static void contradict(struct consensus *core, const struct sealed *known,
                       const struct sealed *sealed) {
    bool is_guilt =
        known->kind == sealed->kind || known->kind == VOTE_NULLIFY || sealed->kind == VOTE_NULLIFY;
    uint16_t known_place = 0, place = 0;
    for (uint16_t i = 0; i < core->epoch.witness_count; i++) {
        bool is_in_known = has_signed(known, i), is_in = has_signed(sealed, i);
        if (is_in_known && is_in && is_guilt) {
            struct signed_vote first = vote_in(known, i, known_place);
            struct signed_vote second = vote_in(sealed, i, place);
            report_both(core, &first, &second);
        }
        known_place = (uint16_t)(known_place + is_in_known);
        place = (uint16_t)(place + is_in);
    }
    core_halt(core, HALT_TWO_CERTIFICATES);
}

static struct sealed notarized_of(const struct consensus *core,
                                  const struct view_certificates *seals) {
    return (struct sealed){.epoch = core->epoch.epoch,
                           .kind = VOTE_NOTARIZE,
                           .block_id = seals->id,
                           .certificate = &seals->notarized};
}
static struct sealed nullified_of(const struct consensus *core,
                                  const struct view_certificates *seals) {
    return (struct sealed){
        .epoch = core->epoch.epoch, .kind = VOTE_NULLIFY, .certificate = &seals->nullified};
}
static struct sealed awaited_of(const struct consensus *core) {
    return (struct sealed){.epoch = core->awaited.epoch,
                           .kind = VOTE_FINALIZE,
                           .block_id = core->awaited.id,
                           .certificate = &core->awaited.certificate};
}

static bool find_contrary(struct consensus *core, const struct sealed *sealed, struct sealed *out) {
    uint64_t view = sealed->certificate->view;
    bool is_final = sealed->kind == VOTE_FINALIZE, is_null = sealed->kind == VOTE_NULLIFY;
    const struct view_certificates *seals = seals_of(core, view);
    if (is_null ? core->awaited.has && core->awaited.view == view
                : finality_excludes(core, view, &sealed->block_id))
        *out = awaited_of(core);
    else if (seals && is_final && seals->has_nullified)
        *out = nullified_of(core, seals);
    else if (seals && !is_null && seals->has_notarized &&
             !hash_equal(&seals->id, &sealed->block_id))
        *out = notarized_of(core, seals);
    else
        return false;
    return true;
}

static void append_sealed(struct consensus *core, const struct sealed *sealed,
                          const struct certificate *kept) {
    struct consensus_record *record = &action_add(core, ACTION_APPEND)->record;
    record->kind = RECORD_CERTIFICATE;
    record->sealed = *sealed;
    record->sealed.certificate = kept;
}

static void add_notarized(struct consensus *core, const struct sealed *sealed, bool is_logged) {
    uint64_t view = sealed->certificate->view;
    struct view_certificates *seals = seals_make(core, view);
    if (seals->has_notarized) return;
    seals->has_notarized = true;
    seals->id = sealed->block_id;
    certificate_copy(&seals->notarized, sealed->certificate);
    struct block_slot *slot = branch_find(core, &seals->id);
    if (slot && slot->notarized_view < view) slot->notarized_view = view;
    if (!is_logged) append_sealed(core, sealed, &seals->notarized);
    votes_note(core, sealed);
}

static void add_nullified(struct consensus *core, const struct sealed *sealed, bool is_logged) {
    uint64_t view = sealed->certificate->view;
    struct view_certificates *seals = seals_make(core, view);
    if (seals->has_nullified) return;
    seals->has_nullified = true;
    certificate_copy(&seals->nullified, sealed->certificate);
    if (!is_logged) append_sealed(core, sealed, &seals->nullified);
    votes_note(core, sealed);
}

// Beyond the ring none is taken: a pace that slows down (witness.c) keeps views from getting there.
void seals_add(struct consensus *core, const struct sealed *sealed, bool is_logged) {
    uint64_t view = sealed->certificate->view;
    ENSURE(sealed->kind != VOTE_PROPOSE);
    if (view <= core->root_view) return;
    if (sealed->kind != VOTE_FINALIZE && view > core->root_view + LIMIT_VIEWS_KEPT) return;
    struct sealed known;
    if (find_contrary(core, sealed, &known)) contradict(core, &known, sealed);
    switch (sealed->kind) {
    case VOTE_NOTARIZE:
        add_notarized(core, sealed, is_logged);
        break;
    case VOTE_NULLIFY:
        add_nullified(core, sealed, is_logged);
        break;
    case VOTE_FINALIZE:
        finality_add(core, sealed, is_logged);
        break;
    case VOTE_PROPOSE:
        break;
    }
    if (view > core->ended_view) core->ended_view = view;
}
