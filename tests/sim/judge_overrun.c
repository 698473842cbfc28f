// SPDX-License-Identifier: Apache-2.0
// Where more witnesses are hostile than agreement bears, blocks may be final against each other,
// and chains end. What is asked of an honest node all the same: that its signatures keep to the
// rules, that it takes nothing back, that it halts over certificates which contradict each other,
// over no less than that, and does nothing any more then.
#include "tests/sim/sim.h"

#include <stdlib.h>

enum { VIEWS_HEARD = 2 * LIMIT_VIEWS_KEPT, CERTIFICATES = 1 << 14, OVERRUN_MS = 20 * 1000 };

// The first certificate of each kind in a view that a node has logged, in this life.
struct heard {
    uint64_t epoch, view;
    bool has[4];
    struct hash ids[4];
};

struct certified {
    uint64_t epoch, view;
    enum vote_kind kind;
    struct hash id;
};

struct overrun {
    struct heard heard[SIM_NODES][VIEWS_HEARD];
    struct sign_place newest_final[SIM_NODES];
    struct certified list[CERTIFICATES]; // of all, each once
    size_t count;
};

void overrun_open(struct sim *sim) {
    sim->overrun = calloc(1, sizeof *sim->overrun);
    ENSURE(sim->overrun);
}

void overrun_close(struct sim *sim) { free(sim->overrun); }

void overrun_restarted(struct sim *sim, struct sim_node *node) {
    memset(sim->overrun->heard[node->index], 0, sizeof sim->overrun->heard[node->index]);
    sim->overrun->newest_final[node->index] = (struct sign_place){0};
}

void overrun_begin(struct sim *sim) {
    for (uint16_t i = 0; i < sim->node_count; i++) {
        sim->nodes[i].is_halted = false;
        if (sim->is_overrun) overrun_restarted(sim, &sim->nodes[i]);
    }
    sim->overrun->count = 0;
    sim->figures.overrun_seeds += sim->is_overrun;
}

void overrun_certified(struct sim *sim, const struct sealed *sealed) {
    struct overrun *overrun = sim->overrun;
    uint64_t view = sealed->certificate->view;
    for (size_t i = overrun->count; i > 0; i--) {
        const struct certified *known = &overrun->list[i - 1];
        if (known->view == view && known->epoch == sealed->epoch && known->kind == sealed->kind &&
            hash_equal(&known->id, &sealed->block_id))
            return;
    }
    ENSURE(overrun->count < CERTIFICATES);
    overrun->list[overrun->count++] = (struct certified){
        .epoch = sealed->epoch, .view = view, .kind = sealed->kind, .id = sealed->block_id};
}

bool overrun_is_certified(struct sim *sim, const struct signed_votes *what) {
    const struct overrun *overrun = sim->overrun;
    for (size_t i = overrun->count; i > 0; i--) {
        const struct certified *known = &overrun->list[i - 1];
        if (known->view == what->view && known->epoch == what->epoch && known->kind == what->kind &&
            hash_equal(&known->id, &what->block_id))
            return true;
    }
    return false;
}

static struct heard *heard_of(struct sim *sim, const struct sim_node *node,
                              const struct sealed *sealed) {
    uint64_t view = sealed->certificate->view;
    struct heard *heard = &sim->overrun->heard[node->index][view % VIEWS_HEARD];
    if (heard->epoch != sealed->epoch || heard->view != view)
        *heard = (struct heard){.epoch = sealed->epoch, .view = view};
    return heard;
}

void overrun_logged(struct sim *sim, struct sim_node *node, const struct sealed *sealed) {
    struct heard *heard = heard_of(sim, node, sealed);
    struct sign_place *newest = &sim->overrun->newest_final[node->index];
    if (heard->has[sealed->kind]) return;
    heard->has[sealed->kind] = true;
    heard->ids[sealed->kind] = sealed->block_id;
    if (sealed->kind == VOTE_FINALIZE)
        *newest = (struct sign_place){.epoch = sealed->epoch, .view = heard->view};
}

// Of certificates that make blocks final the newest alone is kept.
bool overrun_must_halt(struct sim *sim, struct sim_node *node, const struct sealed *sealed) {
    const struct heard *heard = heard_of(sim, node, sealed);
    const struct sign_place *newest = &sim->overrun->newest_final[node->index];
    const struct hash *notarized = heard->has[VOTE_NOTARIZE] ? &heard->ids[VOTE_NOTARIZE] : NULL;
    const struct hash *final =
        heard->has[VOTE_FINALIZE] && newest->epoch == heard->epoch && newest->view == heard->view
            ? &heard->ids[VOTE_FINALIZE]
            : NULL;
    if (sealed->kind == VOTE_NULLIFY) return final != NULL;
    if (sealed->kind == VOTE_FINALIZE && heard->has[VOTE_NULLIFY]) return true;
    if (notarized && !hash_equal(notarized, &sealed->block_id)) return true;
    return final && !hash_equal(final, &sealed->block_id);
}

bool stands_on_final(struct sim *sim, const struct sim_node *node, const struct sim_block *block) {
    while (block && block->header.height > node->final_height)
        block = block_find(sim, &block->header.parent);
    return block && hash_equal(&block->id, &node->final_id);
}

static bool has_voters(const struct sim_epoch *epoch, const struct header *header) {
    uint16_t witnesses = epoch->rules.witness_count, count = 0;
    if (header->parent_voters_len != (witnesses + 7) / 8) return false;
    for (uint16_t i = 0; i < 8 * header->parent_voters_len; i++)
        count += header->parent_voters[i / 8] >> (i % 8) & 1;
    return count >= witness_quorum(witnesses);
}

static bool obeys_rules(struct sim *sim, const struct header *header) {
    const struct sim_block *parent = block_find(sim, &header->parent);
    const struct sim_epoch *epoch = epoch_find(sim, header->epoch);
    const struct consensus_epoch *rules = &sim->epochs[0].rules;
    if (!parent || !epoch || !block_is_valid(sim, header)) return false;
    const struct header *below = &parent->header;
    bool is_first = below->height == 0 || below->epoch != header->epoch;
    return header->height == below->height + 1 &&
           header->epoch == header->height / rules->epoch_blocks && header->view > below->view &&
           header->view >= epoch->rules.first_view &&
           header->time_ms >= below->time_ms + rules->block_interval_ms &&
           header->leader == schedule_leader(&epoch->schedule, header->view) &&
           hash_equal(&header->set_hash, &epoch->rules.set_hash) &&
           (is_first || has_voters(epoch, header));
}

static bool is_all_valid(struct sim *sim, const struct sim_node *node,
                         const struct sim_block *block) {
    while (block && block->header.height > node->final_height) {
        if (!obeys_rules(sim, &block->header)) return false;
        block = block_find(sim, &block->header.parent);
    }
    return true;
}

static bool excludes(const struct certified *a, const struct certified *b) {
    if (a->epoch != b->epoch || a->view != b->view) return false;
    if (a->kind == VOTE_NULLIFY || b->kind == VOTE_NULLIFY)
        return a->kind == VOTE_FINALIZE || b->kind == VOTE_FINALIZE;
    return !hash_equal(&a->id, &b->id);
}

static bool has_reason(struct sim *sim, const struct sim_node *node, enum halt_reason reason) {
    const struct overrun *overrun = sim->overrun;
    for (size_t i = 0; i < overrun->count; i++) {
        const struct certified *one = &overrun->list[i];
        const struct sim_block *block = block_find(sim, &one->id);
        bool is_final = one->kind == VOTE_FINALIZE && block;
        switch (reason) {
        case HALT_TWO_CERTIFICATES:
            for (size_t k = 0; k < i; k++)
                if (excludes(one, &overrun->list[k])) return true;
            break;
        case HALT_TWO_BRANCHES:
            if (is_final && !stands_on_final(sim, node, block)) return true;
            break;
        case HALT_INVALID_FINAL:
            if (is_final && !is_all_valid(sim, node, block)) return true;
            break;
        }
    }
    return false;
}

// One that its own count of votes makes, and no message brings, nobody else may ever have.
void judge_halt(struct sim *sim, struct sim_node *node, enum halt_reason reason) {
    if (node->hostile) return;
    trace(sim, node, "halts: %d", (int)reason);
    bool is_by_votes = node->took == EVENT_VOTES || node->took == EVENT_SIGNED;
    if (!sim->is_overrun)
        judge_fail(sim, "node %u halts: %d", node->index, (int)reason);
    else if (!(reason == HALT_TWO_CERTIFICATES && is_by_votes) && !has_reason(sim, node, reason))
        judge_fail(sim, "node %u halts for nothing: %d", node->index, (int)reason);
    sim->figures.halts[reason]++;
    node->is_halted = true;
}

bool overrun_is_done(const struct sim *sim) {
    bool is_any_left = false;
    for (uint16_t i = 0; i < sim->node_count; i++)
        is_any_left = is_any_left || (!sim->nodes[i].hostile && !sim->nodes[i].is_halted);
    return sim->is_healed && (!is_any_left || sim->now_ms > sim->heal_ms + OVERRUN_MS);
}
