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

void seals_contradict(struct consensus *core, const struct sealed *sealed) {
    votes_note(core, sealed);
    core_halt(core, HALT_TWO_CERTIFICATES);
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
    if (seals->has_notarized) {
        if (!hash_equal(&seals->id, &sealed->block_id)) seals_contradict(core, sealed);
        return;
    }
    if (finality_excludes(core, view, &sealed->block_id)) seals_contradict(core, sealed);
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
    if (core->awaited.has && core->awaited.view == view) seals_contradict(core, sealed);
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
