// SPDX-License-Identifier: Apache-2.0
// The blocks that are known and not final. A block that was dropped to make room comes again by
// FETCH, and is executed again.
#include "chaincore/consensus/core.h"

static bool is_of(const struct block_slot *slot, const struct hash *id) {
    return slot->stage != BLOCK_FREE && hash_equal(&slot->id, id);
}

struct block_slot *branch_find(struct consensus *core, const struct hash *id) {
    for (size_t i = 0; i < LIMIT_BRANCH_BLOCKS; i++)
        if (is_of(&core->blocks[i], id)) return &core->blocks[i];
    return NULL;
}

bool branch_has(const struct consensus *core, const struct hash *id) {
    for (size_t i = 0; i < LIMIT_BRANCH_BLOCKS; i++)
        if (is_of(&core->blocks[i], id)) return true;
    return false;
}

bool consensus_knows(struct consensus *core, const struct hash *id) { return branch_has(core, id); }

const struct header *branch_executed(struct consensus *core, const struct hash *id) {
    if (hash_equal(id, &core->root_id)) return &core->root;
    const struct block_slot *slot = branch_find(core, id);
    return slot && slot->stage == BLOCK_VALID ? &slot->header : NULL;
}

static void mark_ancestors(struct consensus *core, bool *is_needed, const struct hash *id) {
    struct hash next = *id;
    for (struct block_slot *slot; (slot = branch_find(core, &next)) != NULL;) {
        size_t index = (size_t)(slot - core->blocks);
        if (is_needed[index]) return;
        is_needed[index] = true;
        next = slot->header.parent;
    }
}

// What stays: what waits to be final, the newest notarized block, and the proposal of the view,
// each with what it stands on.
static void mark_needed(struct consensus *core, bool *is_needed) {
    const struct block_slot *newest = NULL;
    if (core->awaited.has) mark_ancestors(core, is_needed, &core->awaited.id);
    for (size_t i = 0; i < LIMIT_BRANCH_BLOCKS; i++) {
        const struct block_slot *slot = &core->blocks[i];
        if (slot->stage == BLOCK_FREE || slot->notarized_view == 0) continue;
        if (!newest || slot->notarized_view > newest->notarized_view) newest = slot;
    }
    if (newest) mark_ancestors(core, is_needed, &newest->id);
    const struct view_votes *votes = votes_of(core, core->view);
    uint16_t leader = schedule_leader(&core->schedule, core->view);
    if (votes && votes->ballots[VOTE_PROPOSE].has[leader])
        mark_ancestors(core, is_needed, &votes->ballots[VOTE_PROPOSE].ids[leader]);
}

// Of the rest the one that was notarized longest ago goes first.
static struct block_slot *make_room(struct consensus *core) {
    bool is_needed[LIMIT_BRANCH_BLOCKS] = {false};
    struct block_slot *oldest = NULL;
    mark_needed(core, is_needed);
    for (size_t i = 0; i < LIMIT_BRANCH_BLOCKS; i++) {
        struct block_slot *slot = &core->blocks[i];
        if (is_needed[i]) continue;
        if (slot->stage == BLOCK_FREE) return slot;
        if (!oldest || slot->notarized_view < oldest->notarized_view) oldest = slot;
    }
    return oldest;
}

struct block_slot *branch_add(struct consensus *core, const struct hash *id,
                              const struct header *header) {
    struct block_slot *slot = branch_find(core, id);
    if (slot || header->height <= core->root.height) return slot;
    slot = make_room(core);
    if (!slot) return NULL;
    *slot = (struct block_slot){.stage = BLOCK_KNOWN, .id = *id, .header = *header};
    for (uint64_t view = core->ended_view; view > core->root_view; view--) {
        const struct view_certificates *seals = seals_of(core, view);
        if (!seals || !seals->has_notarized || !hash_equal(&seals->id, id)) continue;
        slot->notarized_view = view;
        break;
    }
    return slot;
}

// Whom a leader names as those who signed the parent's certificate: a quorum of this epoch's set.
// Of another set's the execution knows.
static bool has_voters(const struct consensus *core, const struct header *parent,
                       const struct header *header) {
    uint16_t witnesses = core->epoch.witness_count, count = 0;
    if (parent->height == 0 || parent->epoch != core->epoch.epoch) return true;
    if (header->parent_voters_len != (witnesses + 7) / 8) return false;
    for (uint16_t i = 0; i < 8 * header->parent_voters_len; i++) {
        if (!(header->parent_voters[i / 8] >> (i % 8) & 1)) continue;
        if (i >= witnesses) return false;
        count++;
    }
    return count >= core_quorum(core);
}

// The rules that bind a header to its parent's and to the epoch; the roots are the execution's.
static bool may_follow(const struct consensus *core, const struct header *parent,
                       const struct header *header) {
    const struct consensus_epoch *epoch = &core->epoch;
    if (header->height != parent->height + 1 || header->epoch != epoch->epoch) return false;
    if (header->view < epoch->first_view || header->view <= parent->view) return false;
    if (parent->epoch == epoch->epoch && is_boundary(core, parent)) return false;
    if (header->time_ms < parent->time_ms + epoch->block_interval_ms) return false;
    return header->leader == schedule_leader(&core->schedule, header->view) &&
           has_voters(core, parent, header) && hash_equal(&header->set_hash, &epoch->set_hash) &&
           hash_equal(&header->chain_id, &core->config.chain_id);
}

void branch_execute(struct consensus *core) {
    for (size_t i = 0; i < LIMIT_BRANCH_BLOCKS; i++) {
        struct block_slot *slot = &core->blocks[i];
        if (slot->stage != BLOCK_KNOWN) continue;
        const struct header *parent = branch_executed(core, &slot->header.parent);
        if (!parent) continue;
        if (!may_follow(core, parent, &slot->header)) {
            slot->stage = BLOCK_INVALID;
            continue;
        }
        slot->stage = BLOCK_EXECUTING;
        action_add(core, ACTION_EXECUTE)->execute = slot->id;
    }
}

// What it stands on too, the lowest first: after a restart the log alone suffices to execute it.
void branch_store(struct consensus *core, struct block_slot *slot) {
    struct block_slot *path[LIMIT_BRANCH_BLOCKS];
    size_t count = 0;
    for (; slot && !slot->is_stored; slot = branch_find(core, &slot->header.parent))
        path[count++] = slot;
    while (count > 0) {
        path[--count]->is_stored = true;
        action_add(core, ACTION_APPEND)->record =
            (struct consensus_record){.kind = RECORD_BLOCK, .block = &path[count]->header};
    }
}

void branch_prune(struct consensus *core) {
    for (size_t i = 0; i < LIMIT_BRANCH_BLOCKS; i++)
        if (core->blocks[i].header.height <= core->root.height) core->blocks[i].stage = BLOCK_FREE;
}

void branch_clear(struct consensus *core) {
    for (size_t i = 0; i < LIMIT_BRANCH_BLOCKS; i++) core->blocks[i].stage = BLOCK_FREE;
}
