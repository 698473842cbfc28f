// SPDX-License-Identifier: Apache-2.0
// What a proposal may stand on: a block notarized in an earlier view, every view between being
// null. A view that is both notarized and null may be stood on and may be passed.
#include "chaincore/consensus/core.h"

// Views that are null may have been notarized too, as others know: from the block's own on.
static enum verdict ask_for_base(struct consensus *core, const struct hash *id) {
    const struct block_slot *slot = branch_find(core, id);
    if (slot && slot->header.view <= core->root_view) return VERDICT_NO;
    if (slot)
        core->wanted.certificates_from = slot->header.view;
    else
        fetch_want_block(core, id);
    return VERDICT_WAIT;
}

enum verdict base_check(struct consensus *core, uint64_t view, const struct hash *id) {
    for (uint64_t v = view - 1; v > core->root_view; v--) {
        const struct view_certificates *seals = seals_of(core, v);
        if (seals && seals->has_notarized && hash_equal(&seals->id, id)) return VERDICT_YES;
        if (seals && seals->has_nullified) continue;
        fetch_want_certificates(core, v);
        return VERDICT_WAIT;
    }
    return hash_equal(&core->root_id, id) ? VERDICT_YES : ask_for_base(core, id);
}

enum verdict base_find(struct consensus *core, uint64_t view, struct hash *id) {
    for (uint64_t v = view - 1; v > core->root_view; v--) {
        const struct view_certificates *seals = seals_of(core, v);
        if (!seals) {
            fetch_want_certificates(core, v);
            return VERDICT_WAIT;
        }
        if (seals->has_notarized && branch_executed(core, &seals->id)) {
            *id = seals->id;
            return VERDICT_YES;
        }
        if (seals->has_notarized) fetch_want_block(core, &seals->id);
        if (!seals->has_nullified) return VERDICT_WAIT;
    }
    *id = core->root_id;
    return VERDICT_YES;
}

bool base_must_repeat(const struct consensus *core, const struct header *base) {
    if (base->epoch != core->epoch.epoch) return false;
    return is_boundary(core, base) || base->height >= core->root.height + LIMIT_UNFINAL_BLOCKS;
}
