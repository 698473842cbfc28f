// SPDX-License-Identifier: Apache-2.0
#include "chaincore/consensus/core.h"

// What one event brings at most. A block is executed, or stored and final: two actions. A vote, or
// a certificate's, contradicts one that is known: evidence, one for each witness, for an event has
// votes of one kind in one view. And the rest: a certificate to be logged, and three by the own
// votes at a start; the epoch's end; a block to be built, and what is signed of it, of another, and
// of none; nine messages that go out again; four FETCHes; a halt. FETCH is answered with less than
// there may be evidence.
enum { OTHER_ACTIONS = 1 + 3 + 1 + 4 + 9 + LIMIT_FETCH_ASKED + 1 };
_Static_assert(2 * LIMIT_BRANCH_BLOCKS + LIMIT_WITNESSES + OTHER_ACTIONS <= LIMIT_CONSENSUS_ACTIONS,
               "there is room for them");
_Static_assert(2 * LIMIT_FETCHED_CERTIFICATES + 6 <= LIMIT_WITNESSES, "answers are fewer");

struct consensus_action *action_add(struct consensus *core, enum consensus_action_kind kind) {
    ENSURE(core->action_count < LIMIT_CONSENSUS_ACTIONS);
    struct consensus_action *action = &core->actions[core->action_count++];
    memset(action, 0, sizeof *action);
    action->kind = kind;
    return action;
}

void core_halt(struct consensus *core, enum halt_reason reason) {
    if (core->is_halted) return;
    core->is_halted = true;
    core->halt = reason;
    if (core->is_started) action_add(core, ACTION_HALT)->halt = reason;
}

void core_wake_at(struct consensus *core, uint64_t ms) {
    if (ms < core->wake_ms) core->wake_ms = ms;
}

void core_enter(struct consensus *core, uint64_t view) {
    core->view = view;
    core->entered_ms = core->now_ms;
    core->ready_ms = core->timer_ms = 0;
    core->is_build_asked = false;
    core->build_again_ms = 0;
    core->resend_ms = core->now_ms + core->config.timeout_ms;
}

static bool has_nullified(const struct consensus *core) {
    return core->guard.epoch == core->epoch.epoch && core->guard.view == core->view &&
           core->guard.has_nullified;
}

static void advance(struct consensus *core) {
    uint64_t ended = core->ended_view;
    if (ended < core->view) return;
    const struct view_certificates *seals = seals_of(core, ended);
    if (has_nullified(core) || (seals && seals->has_nullified)) core->failures++;
    if (seals && seals->has_notarized) core->quiet_ms = core->now_ms;
    witness_finalize(core, ended);
    core_enter(core, ended + 1);
}

// FINALIZE is signed on leaving a view, or as long as nothing is signed in the next: then the guard
// stands further on. So who comes back late makes final what the others wait with.
static void settle(struct consensus *core) {
    finality_settle(core);
    if (core->is_between || core->is_halted) return;
    advance(core);
    branch_execute(core);
    witness_finalize(core, core->view - 1);
    witness_lead(core);
    witness_notarize(core);
    witness_watch_time(core);
}

static bool is_plausible(const struct consensus *core, const struct proposal *proposal) {
    const struct header *header = proposal->header;
    if (header->epoch != core->epoch.epoch || header->view > proposal->view) return false;
    if (header->view < core->epoch.first_view) return false;
    return header->leader == schedule_leader(&core->schedule, header->view) &&
           hash_equal(&header->set_hash, &core->epoch.set_hash);
}

bool consensus_wants(const struct consensus *core, const struct hash *id) {
    return !hash_is_zero(id) && hash_equal(id, &core->last_fetch.block_id);
}

// Only what was asked for: others could fill the table.
static void take_block(struct consensus *core, const struct hash *id, const struct header *header) {
    if (consensus_wants(core, id)) branch_add(core, id, header);
}

static void take_proposal(struct consensus *core, const struct proposal *proposal) {
    if (proposal->epoch != core->epoch.epoch || proposal->view < core->epoch.first_view) return;
    take_block(core, &proposal->id, proposal->header);
    if (proposal->view < core->view || !is_plausible(core, proposal)) return;
    struct view_votes *votes = votes_of(core, proposal->view);
    if (!votes) return;
    uint16_t leader = schedule_leader(&core->schedule, proposal->view);
    struct vote_signer signer = {.witness = leader, .signature = proposal->signature};
    votes_add(core, &(struct signed_votes){.epoch = proposal->epoch,
                                           .view = proposal->view,
                                           .kind = VOTE_PROPOSE,
                                           .block_id = proposal->id,
                                           .count = 1,
                                           .signers = &signer});
    if (hash_equal(&votes->ballots[VOTE_PROPOSE].ids[leader], &proposal->id))
        branch_add(core, &proposal->id, proposal->header);
}

static void take_executed(struct consensus *core, const struct hash *id, bool is_valid) {
    struct block_slot *slot = branch_find(core, id);
    if (slot && slot->stage == BLOCK_EXECUTING)
        slot->stage = is_valid ? BLOCK_VALID : BLOCK_INVALID;
}

static void take_block_event(struct consensus *core, const struct header *header) {
    struct hash id;
    header_id(&id, header);
    take_block(core, &id, header);
}

static void take(struct consensus *core, const struct consensus_event *event) {
    uint64_t epoch = core->epoch.epoch;
    switch (event->kind) {
    case EVENT_TICK:
        break;
    case EVENT_PROPOSAL:
        take_proposal(core, &event->proposal);
        break;
    case EVENT_BLOCK:
        take_block_event(core, event->block);
        break;
    case EVENT_VOTES:
        if (event->votes.epoch == epoch && event->votes.kind != VOTE_PROPOSE)
            votes_add(core, &event->votes);
        break;
    case EVENT_CERTIFICATE:
        if (event->sealed.epoch == epoch) seals_add(core, &event->sealed, false);
        break;
    case EVENT_FETCH:
        fetch_answer(core, &event->fetch);
        break;
    case EVENT_AHEAD:
        fetch_take_ahead(core, &event->ahead);
        break;
    case EVENT_EXECUTED:
        take_executed(core, &event->executed.id, event->executed.is_valid);
        break;
    case EVENT_BUILT:
        witness_take_built(core, event->built);
        break;
    case EVENT_SIGNED:
        witness_take_signed(core, &event->votes);
        break;
    case EVENT_WORK:
        core->has_work = event->has_work;
        break;
    case EVENT_EPOCH:
        finality_begin_epoch(core, event->epoch);
        break;
    case EVENT_SYNCED:
        finality_take_synced(core, event->synced.epoch, event->synced.root);
        break;
    }
}

// The clock begins with the first event.
static void start(struct consensus *core) {
    core->is_started = true;
    core->quiet_ms = core->now_ms;
    core_enter(core, core->view);
    core->resend_ms = core->now_ms;
    core->is_between = core->root.epoch == core->epoch.epoch && is_boundary(core, &core->root);
    if (core->is_between) action_add(core, ACTION_EPOCH_END);
    votes_seal_own(core);
}

struct consensus_actions consensus_step(struct consensus *core,
                                        const struct consensus_event *event) {
    core->action_count = 0;
    core->now_ms = event->now_ms;
    core->wall_ms = event->wall_ms;
    core->peer = event->peer;
    core->wake_ms = UINT64_MAX;
    core->is_behind = false;
    core->wanted = (struct fetch){0};
    if (core->is_halted && !core->is_started) { // by what the log has
        core->is_started = true;
        action_add(core, ACTION_HALT)->halt = core->halt;
    }
    if (!core->is_halted) {
        if (!core->is_started) start(core);
        take(core, event);
        settle(core);
        bool is_resending = core->now_ms >= core->resend_ms;
        if (is_resending) witness_resend(core);
        fetch_send(core, is_resending);
        core_wake_at(core, core->resend_ms);
    }
    return (struct consensus_actions){.list = core->actions, .count = core->action_count};
}

uint64_t consensus_wake_ms(const struct consensus *core) { return core->wake_ms; }

uint16_t consensus_leader(const struct consensus *core, uint64_t view) {
    return view < core->epoch.first_view ? WITNESS_NONE : schedule_leader(&core->schedule, view);
}
