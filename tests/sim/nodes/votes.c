// SPDX-License-Identifier: Apache-2.0
// What an honest node's keys sign, over all of its lives: one thing of each kind in a view, and
// never that a view is null and final. So nobody ever has evidence against them. That it is durable
// before it leaves, crashes show: a vote that was forgotten is signed anew.
#include <stdlib.h>
#include <string.h>

#include "chaincore/base/memory.h"
#include "tests/sim/nodes/nodes.h"

enum { NOTES = 1 << 16 };

struct signed_note {
    bool is_taken;
    uint16_t node, witness;
    uint64_t epoch, view;
    enum vote_kind kind;
    struct hash id;
};

void votes_begin(struct sim *sim) {
    if (!sim->notes) sim->notes = mem_alloc_array(NOTES, sizeof *sim->notes);
    memset(sim->notes, 0, NOTES * sizeof *sim->notes);
}

static struct signed_note *note_of(struct sim *sim, const struct signed_note *wanted) {
    uint64_t place = wanted->view * 31 + wanted->epoch;
    place = ((place * 16 + wanted->node) * 16 + wanted->witness) * 4 + (uint64_t)wanted->kind;
    for (size_t i = 0; i < NOTES; i++) {
        struct signed_note *note = &sim->notes[(place + i) % NOTES];
        if (!note->is_taken) return note;
        if (note->node == wanted->node && note->witness == wanted->witness &&
            note->epoch == wanted->epoch && note->view == wanted->view &&
            note->kind == wanted->kind)
            return note;
    }
    abort(); // more notes than there is room for
}

static enum view_kind view_of(enum vote_kind kind) {
    if (kind == VOTE_PROPOSE) return VIEW_PROPOSE;
    if (kind == VOTE_NOTARIZE) return VIEW_NOTARIZE;
    return kind == VOTE_NULLIFY ? VIEW_NULLIFY : VIEW_FINALIZE;
}

static void note_vote(struct sim_node *node, uint16_t witness, const struct signed_votes *votes) {
    view_add(node->sim, node->index, view_of(votes->kind), votes->view);
    struct signed_note note = {.is_taken = true,
                               .node = node->index,
                               .witness = witness,
                               .epoch = votes->epoch,
                               .view = votes->view,
                               .kind = votes->kind,
                               .id = votes->block_id};
    struct signed_note *place = note_of(node->sim, &note);
    if (!node->is_hostile && place->is_taken && !hash_equal(&place->id, &note.id))
        judge_fail(node->sim, "node %u signs two things of kind %d in view %u", node->index,
                   (int)note.kind, (unsigned)note.view);
    *place = note;
    if (node->is_hostile || (note.kind != VOTE_NULLIFY && note.kind != VOTE_FINALIZE)) return;
    note.kind = note.kind == VOTE_NULLIFY ? VOTE_FINALIZE : VOTE_NULLIFY;
    if (note_of(node->sim, &note)->is_taken)
        judge_fail(node->sim, "node %u nullifies and finalises view %u", node->index,
                   (unsigned)note.view);
}

static void judge_proposal(struct sim_node *node, const struct proposal *proposal) {
    struct signed_votes vote = {.epoch = proposal->epoch,
                                .view = proposal->view,
                                .kind = VOTE_PROPOSE,
                                .block_id = proposal->id};
    note_vote(node, 0, &vote); // of a view one leads
}

void votes_judge(struct sim_node *node, uint8_t kind, struct bytes payload) {
    static struct wire_message message;
    if (kind != REPLICA_VOTE && kind != REPLICA_CERTIFICATE && kind != REPLICA_BLOCK) return;
    enum status status = wire_decode(&message, payload);
    if (status != STATUS_OK) {
        judge_fail(node->sim, "node %u sends what is %s", node->index, status_name(status));
        return;
    }
    bool is_own = message.kind == WIRE_PROPOSE || message.kind == WIRE_NOTARIZE ||
                  message.kind == WIRE_NULLIFY || message.kind == WIRE_FINALIZE;
    if (is_own && node->has_met)
        judge_fail(node->sim, "node %u signs on, though its key is elsewhere, too", node->index);
    if (message.kind == WIRE_PROPOSE) judge_proposal(node, &message.message.proposal);
    if (!is_own || message.kind == WIRE_PROPOSE) return;
    const struct signed_votes *votes = &message.message.votes;
    for (uint16_t i = 0; i < votes->count; i++) note_vote(node, votes->signers[i].witness, votes);
}

static bool has_told(const struct sim_node *node, const struct signed_note *wanted) {
    const struct signed_note *note = note_of(node->sim, wanted);
    return note->is_taken && !hash_equal(&note->id, &wanted->id);
}

bool votes_told_other(const struct sim_node *node, uint16_t witness, const struct sealed *sealed) {
    struct signed_note note = {.node = node->index,
                               .witness = witness,
                               .epoch = sealed->epoch,
                               .view = sealed->certificate->view,
                               .kind = sealed->kind,
                               .id = sealed->block_id};
    if (has_told(node, &note)) return true;
    if (note.kind == VOTE_NOTARIZE) return false;
    note.kind = note.kind == VOTE_NULLIFY ? VOTE_FINALIZE : VOTE_NULLIFY;
    return note_of(node->sim, &note)->is_taken;
}
