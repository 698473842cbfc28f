// SPDX-License-Identifier: Apache-2.0
// What is final, and the hand-over from one epoch to the next.
#include "chaincore/consensus/core.h"

bool finality_excludes(const struct consensus *core, uint64_t view, const struct hash *id) {
    const struct final_certificate *awaited = &core->awaited;
    return awaited->has && awaited->view == view && !hash_equal(&awaited->id, id);
}

static void append_final(struct consensus *core, const struct final_certificate *final) {
    struct consensus_record *record = &action_add(core, ACTION_APPEND)->record;
    record->kind = RECORD_CERTIFICATE;
    record->sealed = (struct sealed){.epoch = final->epoch,
                                     .kind = VOTE_FINALIZE,
                                     .block_id = final->id,
                                     .certificate = &final->certificate};
}

// One for the root again, from a repeat, proves nothing new about it; but its view has ended.
void finality_add(struct consensus *core, const struct sealed *sealed, bool is_logged) {
    uint64_t view = sealed->certificate->view;
    if (core->awaited.has && core->awaited.view >= view) return;
    struct final_certificate *awaited = &core->awaited;
    awaited->has = true;
    awaited->epoch = sealed->epoch;
    awaited->view = view;
    awaited->id = sealed->block_id;
    certificate_copy(&awaited->certificate, sealed->certificate);
    if (!is_logged) append_final(core, awaited);
    votes_note(core, sealed);
}

// The blocks from the one that is awaited down to the root; 0 while one is missing or not executed.
static size_t collect(struct consensus *core, struct block_slot **path) {
    size_t count = 0;
    bool is_executed = true;
    struct hash id = core->awaited.id;
    while (!hash_equal(&id, &core->root_id)) {
        struct block_slot *slot = branch_find(core, &id);
        if (!slot) {
            fetch_want_block(core, &id);
            return 0;
        }
        if (slot->header.height == core->root.height + 1 &&
            !hash_equal(&slot->header.parent, &core->root_id))
            core_halt(core, HALT_TWO_BRANCHES);
        if (slot->stage == BLOCK_INVALID) core_halt(core, HALT_INVALID_FINAL);
        if (core->is_halted) return 0;
        if (slot->stage != BLOCK_VALID) is_executed = false;
        path[count++] = slot;
        id = slot->header.parent;
    }
    return is_executed ? count : 0;
}

static uint64_t count_missed(struct consensus *core, const struct header *header) {
    const struct header *parent = branch_executed(core, &header->parent);
    uint64_t first = core->epoch.first_view, missed = 0;
    if (parent && parent->epoch == header->epoch) first = parent->view + 1;
    for (uint64_t view = first; view < header->view; view++) {
        const struct view_certificates *seals = seals_of(core, view);
        if (seals && seals->has_nullified && !seals->has_notarized) missed++;
    }
    return missed;
}

static void show_final(struct consensus *core, struct block_slot *slot, bool is_last) {
    branch_store(core, slot);
    core->has_work = false; // it may have been this block's
    struct consensus_action *action = action_add(core, ACTION_FINAL);
    action->final.header = &slot->header;
    action->final.id = slot->id;
    action->final.certificate = is_last ? &core->newest.certificate : NULL;
    action->final.missed_views = count_missed(core, &slot->header);
}

static void end_epoch(struct consensus *core) {
    core->is_between = true;
    core->boundary = core->newest;
    action_add(core, ACTION_EPOCH_END);
}

static void take_awaited(struct consensus *core) {
    core->newest.has = true;
    core->newest.epoch = core->awaited.epoch;
    core->newest.view = core->root_view = core->awaited.view;
    core->newest.id = core->awaited.id;
    certificate_copy(&core->newest.certificate, &core->awaited.certificate);
    core->awaited.has = false;
    core->failures = 0;
    core->quiet_ms = core->now_ms;
}

void finality_settle(struct consensus *core) {
    struct block_slot *path[LIMIT_BRANCH_BLOCKS];
    if (!core->awaited.has || core->is_between) return;
    bool is_root = hash_equal(&core->awaited.id, &core->root_id);
    size_t count = is_root ? 0 : collect(core, path);
    if (core->is_halted || (count == 0 && !is_root)) return;
    take_awaited(core);
    for (size_t i = count; i > 0; i--) show_final(core, path[i - 1], i == 1);
    if (count == 0) return;
    core->root = path[0]->header;
    core->root_id = path[0]->id;
    branch_prune(core);
    if (is_boundary(core, &core->root)) end_epoch(core);
}

void finality_set_epoch(struct consensus *core, const struct consensus_epoch *epoch) {
    ENSURE(epoch->witness_count > 0 && epoch->witness_count <= LIMIT_WITNESSES);
    for (unsigned i = epoch->witness_count; i < LIMIT_WITNESSES; i++)
        ENSURE(!group_has(&epoch->own, (uint16_t)i));
    ENSURE(epoch->epoch_blocks > 1 && epoch->first_view > 0);
    core->epoch = *epoch;
    struct schedule_seed seed = {.seed = epoch->leader_seed, .id = epoch->leader_id};
    schedule_init(&core->schedule, &seed, epoch->first_view, epoch->witness_count);
    core->root_view = core->ended_view = epoch->first_view - 1;
    core->awaited.has = false;
    core->is_between = false;
    core->failures = 0;
    seals_clear(core);
    votes_clear(core);
    branch_clear(core);
}

static void append_root(struct consensus *core) {
    consensus_root_of(core, &core->root_record);
    action_add(core, ACTION_APPEND)->record =
        (struct consensus_record){.kind = RECORD_ROOT, .root = &core->root_record};
}

void finality_begin_epoch(struct consensus *core, const struct consensus_epoch *epoch) {
    if (!core->is_between || epoch->epoch != core->epoch.epoch + 1) return;
    ENSURE(epoch->first_view == core->root.view + 1);
    finality_set_epoch(core, epoch);
    append_root(core);
    core_enter(core, epoch->first_view);
}

// Final blocks that came in bulk. What was known of views beyond is kept where the epoch is the
// same.
void finality_take_synced(struct consensus *core, const struct consensus_epoch *epoch,
                          const struct consensus_root *root) {
    if (root->header.height <= core->root.height) return;
    ENSURE(root->epoch == epoch->epoch && root->header.epoch == epoch->epoch);
    bool is_same = epoch->epoch == core->epoch.epoch;
    if (!is_same) finality_set_epoch(core, epoch);
    core->root = root->header;
    core->root_id = root->id;
    core->newest.has = true;
    core->newest.epoch = root->header.epoch;
    core->newest.view = root->view;
    core->newest.id = root->id;
    certificate_copy(&core->newest.certificate, root->certificate);
    if (root->view > core->root_view) core->root_view = root->view;
    if (core->root_view > core->ended_view) core->ended_view = core->root_view;
    if (core->awaited.has && core->awaited.view <= core->root_view) core->awaited.has = false;
    core->failures = 0;
    core->quiet_ms = core->now_ms;
    branch_prune(core);
    append_root(core);
    if (!is_same) core_enter(core, core->root_view + 1);
    if (is_boundary(core, &core->root)) end_epoch(core);
}
