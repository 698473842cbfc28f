// SPDX-License-Identifier: Apache-2.0
#include "chaincore/consensus/guard.h"

// -1: behind the guard, 0: where it stands, 1: beyond.
static int place_compare(const struct sign_guard *guard, struct sign_place place) {
    if (place.epoch != guard->epoch) return place.epoch < guard->epoch ? -1 : 1;
    if (place.view != guard->view) return place.view < guard->view ? -1 : 1;
    return 0;
}

bool guard_allows(const struct sign_guard *guard, struct sign_place place, enum vote_kind kind) {
    int order = place_compare(guard, place);
    if (order != 0) return order > 0;
    if (guard->has_nullified || guard->has_finalized) return false;
    switch (kind) {
    case VOTE_PROPOSE:
        return !guard->has_proposed;
    case VOTE_NOTARIZE:
        return !guard->has_notarized;
    case VOTE_NULLIFY:
    case VOTE_FINALIZE:
        break;
    }
    return true;
}

void guard_restore(struct sign_guard *guard, struct sign_place place, enum vote_kind kind) {
    int order = place_compare(guard, place);
    if (order < 0) return;
    if (order > 0) *guard = (struct sign_guard){.epoch = place.epoch, .view = place.view};
    switch (kind) {
    case VOTE_PROPOSE:
        guard->has_proposed = true;
        break;
    case VOTE_NOTARIZE:
        guard->has_notarized = true;
        break;
    case VOTE_NULLIFY:
        guard->has_nullified = true;
        break;
    case VOTE_FINALIZE:
        guard->has_finalized = true;
        break;
    }
}

enum status guard_admit(struct sign_guard *guard, struct sign_place place, enum vote_kind kind) {
    if (!guard_allows(guard, place, kind)) return STATUS_CONFLICT;
    guard_restore(guard, place, kind);
    return STATUS_OK;
}
