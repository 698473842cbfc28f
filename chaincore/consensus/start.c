// SPDX-License-Identifier: Apache-2.0
// How one begins, from nothing or from a log, and what of the log it still needs.
#include "chaincore/consensus/core.h"

size_t consensus_bytes(void) { return sizeof(struct consensus); }

// Votes and rings are large, and empty when their tags are: the rest of the memory is not touched.
struct consensus *consensus_init(void *memory, const struct consensus_config *config,
                                 const struct consensus_epoch *epoch,
                                 const struct consensus_root *root) {
    struct consensus *core = memory;
    memset(core, 0, offsetof(struct consensus, own));
    core->action_count = 0;
    core->config = *config;
    core->root = root->header;
    core->root_id = root->id;
    if (root->certificate) {
        core->newest = (struct final_certificate){
            .has = true, .epoch = root->header.epoch, .view = root->view, .id = root->id};
        certificate_copy(&core->newest.certificate, root->certificate);
    }
    finality_set_epoch(core, epoch);
    if (root->header.epoch == epoch->epoch) core->root_view = core->ended_view = root->view;
    core->view = core->root_view + 1;
    if (core->newest.has && root->header.epoch < epoch->epoch) core->boundary = core->newest;
    return core;
}

static void restore_block(struct consensus *core, const struct header *header) {
    struct hash id;
    header_id(&id, header);
    struct block_slot *slot =
        header->height > core->root.height ? branch_add(core, &id, header) : NULL;
    if (slot) slot->is_stored = true;
}

// Votes show that their view was entered.
static void restore_votes(struct consensus *core, const struct signed_votes *votes) {
    struct sign_place place = {.epoch = votes->epoch, .view = votes->view};
    bool is_newer = votes->epoch > core->guard.epoch ||
                    (votes->epoch == core->guard.epoch && votes->view >= core->guard.view);
    guard_restore(&core->guard, place, votes->kind);
    if (votes->epoch != core->epoch.epoch || !is_witness(core)) return;
    if (votes->view == GUARD_WHOLE_EPOCH) return;
    if (votes->view > core->view) core->view = votes->view;
    if (votes->kind == VOTE_PROPOSE && is_newer) core->proposed_id = votes->block_id;
    if (votes->view >= core->own[votes->kind].votes.view) votes_keep_own(core, votes);
    votes_restore(core, votes);
}

// Of what follows from it, the records behind tell; the rest is asked for by the first step.
void consensus_restore(struct consensus *core, const struct consensus_record *record) {
    ENSURE(!core->is_started);
    switch (record->kind) {
    case RECORD_ROOT:
        break;
    case RECORD_BLOCK:
        restore_block(core, record->block);
        break;
    case RECORD_CERTIFICATE:
        if (record->sealed.epoch == core->epoch.epoch) seals_add(core, &record->sealed, true);
        if (core->ended_view >= core->view) core->view = core->ended_view + 1;
        break;
    case RECORD_VOTES:
        restore_votes(core, &record->votes);
        break;
    }
    core->action_count = 0;
}

void consensus_hold_back(struct consensus *core, uint64_t epoch) {
    struct sign_place place = {.epoch = epoch, .view = GUARD_WHOLE_EPOCH};
    guard_restore(&core->guard, place, VOTE_NULLIFY);
}

bool consensus_needs(const struct consensus *core, const struct consensus_record *record) {
    uint64_t epoch = core->epoch.epoch;
    switch (record->kind) {
    case RECORD_ROOT:
        return false;
    case RECORD_BLOCK:
        return record->block->height > core->root.height;
    case RECORD_CERTIFICATE:
        return record->sealed.epoch == epoch && record->sealed.certificate->view > core->root_view;
    case RECORD_VOTES:
        break;
    }
    if (record->votes.epoch == epoch && record->votes.view > core->root_view) return true;
    return record->votes.epoch == core->guard.epoch && record->votes.view == core->guard.view;
}

void consensus_root_of(const struct consensus *core, struct consensus_root *out) {
    *out =
        (struct consensus_root){.epoch = core->epoch.epoch,
                                .header = core->root,
                                .id = core->root_id,
                                .view = core->newest.view,
                                .certificate = core->newest.has ? &core->newest.certificate : NULL};
}

void consensus_look(const struct consensus *core, struct consensus_state *out) {
    *out = (struct consensus_state){.epoch = core->epoch.epoch,
                                    .view = core->view,
                                    .final_height = core->root.height,
                                    .tip_height = core->root.height,
                                    .failures = core->failures,
                                    .is_between = core->is_between,
                                    .is_halted = core->is_halted,
                                    .guard = core->guard};
    for (size_t i = 0; i < LIMIT_BRANCH_BLOCKS; i++) {
        const struct block_slot *slot = &core->blocks[i];
        if (slot->stage == BLOCK_VALID && slot->notarized_view > 0 &&
            slot->header.height > out->tip_height)
            out->tip_height = slot->header.height;
    }
    out->is_at_cap = out->tip_height - out->final_height >= LIMIT_UNFINAL_BLOCKS;
}
