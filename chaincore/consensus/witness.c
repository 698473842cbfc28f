// SPDX-License-Identifier: Apache-2.0
// What this node's group signs: its proposals and its votes. Each is admitted by the guard, and
// asked for behind what has to be durable before it.
#include "chaincore/consensus/core.h"

enum { BUILD_ATTEMPTS = 8 }; // in a view's time, if its leader cannot make a block

static struct witness_group signers_of(const struct consensus *core, enum vote_kind kind,
                                       uint64_t view) {
    struct witness_group leader = {0};
    if (kind != VOTE_PROPOSE) return core->epoch.own;
    group_add(&leader, schedule_leader(&core->schedule, view));
    return leader;
}

static bool may_sign(const struct consensus *core, enum vote_kind kind, uint64_t view) {
    struct sign_place place = {.epoch = core->epoch.epoch, .view = view};
    return is_witness(core) && guard_allows(&core->guard, place, kind);
}

// What the guard knows nothing of the own keys can have signed all the same, before their log was
// set back: others send it again. No second is signed; whose the first was, nobody can tell. The id
// as of votes_exclude.
static bool has_signed_other(const struct consensus *core, enum vote_kind kind, uint64_t view,
                             const struct hash *id) {
    struct witness_group by = signers_of(core, kind, view);
    return votes_exclude(core, &by, kind, view, id);
}

static void sign(struct consensus *core, enum vote_kind kind, uint64_t view,
                 const struct hash *id) {
    struct sign_place place = {.epoch = core->epoch.epoch, .view = view};
    ENSURE(guard_admit(&core->guard, place, kind) == STATUS_OK);
    struct sign_request *request = &action_add(core, ACTION_SIGN)->sign;
    request->epoch = place.epoch;
    request->view = view;
    request->kind = kind;
    request->by = signers_of(core, kind, view);
    if (id) request->block_id = *id;
}

// Far from the newest final view all slows down without end, whether views end by timeouts or by
// certificates, so that the views in between never outgrow their ring.
static uint64_t slow_down(const struct consensus *core, uint64_t doublings) {
    uint64_t distance = core->view - core->root_view;
    if (distance > LIMIT_VIEWS_KEPT / 2) doublings += (distance - LIMIT_VIEWS_KEPT / 2) / 4;
    return (uint64_t)core->config.timeout_ms << (doublings < 30 ? doublings : 30);
}

// Doubled for each view that brought nothing.
uint64_t witness_timeout_ms(const struct consensus *core) {
    return slow_down(core, core->failures < LIMIT_TIMEOUT_DOUBLINGS ? core->failures
                                                                    : LIMIT_TIMEOUT_DOUBLINGS);
}

// Whoever gives NOTARIZE and keeps FINALIZE back ends views without any timer: votes wait then.
static bool is_too_fast(struct consensus *core) {
    uint64_t due = core->entered_ms + slow_down(core, 0) / 4;
    if (core->view - core->root_view <= LIMIT_VIEWS_KEPT / 2 || core->now_ms >= due) return false;
    core_wake_at(core, due);
    return true;
}

// How long until the own clock says so; 0: it does.
static uint64_t until_wall(const struct consensus *core, uint64_t wall_ms) {
    return wall_ms > core->wall_ms ? wall_ms - core->wall_ms : 0;
}

// A block that is not final is work for all, whoever knows what is in it: without a quorum for its
// view it becomes final by the next one alone.
static bool has_work(struct consensus *core) {
    struct hash id;
    return core->has_work ||
           (base_find(core, core->view, &id) == VERDICT_YES && !hash_equal(&id, &core->root_id));
}

// Since the newest block, and not since the view was entered: views whose leaders do not come must
// not add a pause each.
static bool is_pause_over(struct consensus *core) {
    uint64_t over = core->quiet_ms + LIMIT_EMPTY_PAUSE_MS;
    if (!core->epoch.leave_out_empty_blocks || has_work(core) || core->now_ms >= over) return true;
    core_wake_at(core, over);
    return false;
}

static bool leads(const struct consensus *core) {
    return group_has(&core->epoch.own, schedule_leader(&core->schedule, core->view));
}

static void propose(struct consensus *core, const struct hash *id) {
    branch_store(core, branch_find(core, id));
    core->proposed_id = *id;
    sign(core, VOTE_PROPOSE, core->view, id);
}

static const struct certificate *certificate_of(struct consensus *core, const struct hash *id) {
    if (hash_equal(id, &core->root_id)) return core->newest.has ? &core->newest.certificate : NULL;
    const struct block_slot *slot = branch_find(core, id);
    const struct view_certificates *seals = slot ? seals_of(core, slot->notarized_view) : NULL;
    return seals ? &seals->notarized : NULL;
}

// A clock that is set back makes a block no later than the view's own pace.
static void build(struct consensus *core, const struct header *parent, const struct hash *id) {
    uint64_t interval = core->epoch.block_interval_ms, earliest = parent->time_ms + interval;
    uint64_t wait = until_wall(core, earliest), paced = core->entered_ms + interval;
    if (wait > 0 && core->now_ms < paced) {
        uint64_t by_wall = core->now_ms + wait;
        core_wake_at(core, by_wall < paced ? by_wall : paced);
        return;
    }
    core->is_build_asked = true;
    struct consensus_action *action = action_add(core, ACTION_BUILD);
    action->build.parent = parent;
    action->build.parent_id = *id;
    action->build.view = core->view;
    action->build.time_ms = core->wall_ms > earliest ? core->wall_ms : earliest;
    action->build.parent_certificate = certificate_of(core, id);
}

// Of the view's time; if not, it is woken then.
static bool is_quarter_over(struct consensus *core) {
    uint64_t due = core->entered_ms + core->config.timeout_ms / 4;
    if (core->now_ms < due) core_wake_at(core, due);
    return core->now_ms >= due;
}

// Where empty blocks are left out: what waits may be in the block below. Whether anything is left
// shows when that is final, which usually takes a moment.
static bool is_work_known(struct consensus *core, const struct hash *base_id) {
    if (!core->epoch.leave_out_empty_blocks || hash_equal(base_id, &core->root_id)) return true;
    return is_quarter_over(core);
}

// A repeat waits a moment, in which the block usually becomes final without it.
void witness_lead(struct consensus *core) {
    if (!may_sign(core, VOTE_PROPOSE, core->view)) return;
    if (!leads(core) || has_signed_other(core, VOTE_PROPOSE, core->view, NULL)) return;
    struct hash id;
    if (base_find(core, core->view, &id) != VERDICT_YES) return;
    const struct header *base = branch_executed(core, &id);
    if (base_must_repeat(core, base)) {
        if (is_quarter_over(core)) propose(core, &id);
        return;
    }
    if (core->is_build_asked || !is_work_known(core, &id) || !is_pause_over(core)) return;
    if (core->now_ms < core->build_again_ms) {
        core_wake_at(core, core->build_again_ms);
        return;
    }
    build(core, base, &id);
}

// What was in the way may be gone before the view is: its leader tries again, some times.
static void try_again(struct consensus *core) {
    core->is_build_asked = false;
    core->build_again_ms = core->now_ms + core->config.timeout_ms / BUILD_ATTEMPTS;
}

void witness_take_built(struct consensus *core, const struct header *header) {
    struct hash id;
    if (!header) {
        try_again(core);
        return;
    }
    if (header->view != core->view || !core->is_build_asked) return;
    if (!may_sign(core, VOTE_PROPOSE, core->view)) return;
    if (base_check(core, core->view, &header->parent) != VERDICT_YES) return;
    header_id(&id, header);
    if (has_signed_other(core, VOTE_PROPOSE, core->view, &id)) return;
    struct block_slot *slot = branch_add(core, &id, header);
    if (!slot) return;
    slot->stage = BLOCK_VALID;
    propose(core, &id);
}

static bool proposal_of(struct consensus *core, struct hash *id) {
    const struct view_votes *votes = votes_of(core, core->view);
    uint16_t leader = schedule_leader(&core->schedule, core->view);
    if (leads(core)) {
        *id = core->proposed_id;
        return core->guard.epoch == core->epoch.epoch && core->guard.view == core->view &&
               core->guard.has_proposed;
    }
    if (!votes || !votes->ballots[VOTE_PROPOSE].has[leader]) return false;
    *id = votes->ballots[VOTE_PROPOSE].ids[leader];
    return true;
}

static enum verdict check_time(struct consensus *core, const struct header *header) {
    uint64_t ahead = until_wall(core, header->time_ms);
    if (ahead > LIMIT_CLOCK_AHEAD_MS) {
        core_wake_at(core, core->now_ms + ahead - LIMIT_CLOCK_AHEAD_MS);
        return VERDICT_WAIT;
    }
    uint64_t latest = header->time_ms + LIMIT_CLOCK_AHEAD_MS + witness_timeout_ms(core);
    return core->wall_ms > latest ? VERDICT_NO : VERDICT_YES;
}

static enum verdict check_new(struct consensus *core, const struct header *header) {
    enum verdict verdict = base_check(core, core->view, &header->parent);
    if (verdict != VERDICT_YES) return verdict;
    const struct header *parent = branch_executed(core, &header->parent);
    if (!parent) {
        fetch_want_block(core, &header->parent);
        return VERDICT_WAIT;
    }
    if (base_must_repeat(core, parent)) return VERDICT_WAIT;
    return check_time(core, header);
}

void witness_notarize(struct consensus *core) {
    struct hash id;
    if (!may_sign(core, VOTE_NOTARIZE, core->view) || !proposal_of(core, &id)) return;
    if (has_signed_other(core, VOTE_NOTARIZE, core->view, &id)) return;
    struct block_slot *slot = branch_find(core, &id);
    const struct header *header = hash_equal(&id, &core->root_id) ? &core->root : NULL;
    if (slot) header = &slot->header;
    if (!header) {
        fetch_want_block(core, &id);
        return;
    }
    enum verdict verdict =
        header->view == core->view ? check_new(core, header) : base_check(core, core->view, &id);
    if (verdict != VERDICT_YES || (slot && slot->stage != BLOCK_VALID)) return;
    if (is_too_fast(core)) return;
    branch_store(core, slot);
    sign(core, VOTE_NOTARIZE, core->view, &id);
}

// The view's timer starts when the next block is due by the own clock, or soon after by its own
// pace.
static void watch_start(struct consensus *core) {
    struct hash id;
    uint64_t interval = core->epoch.block_interval_ms;
    if (core->ready_ms == 0) core->ready_ms = core->now_ms;
    uint64_t latest = core->ready_ms + interval + LIMIT_CLOCK_AHEAD_MS, start = latest;
    if (base_find(core, core->view, &id) == VERDICT_YES) {
        const struct header *base = branch_executed(core, &id);
        uint64_t wait = until_wall(core, base->time_ms + interval);
        if (base_must_repeat(core, base)) wait = 0;
        if (core->now_ms + wait < latest) start = core->now_ms + wait;
    }
    if (core->now_ms >= start)
        core->timer_ms = core->now_ms;
    else
        core_wake_at(core, start);
}

// Where empty blocks are left out there may be nothing to wait for; or nothing any more: what the
// view began with is final meanwhile.
static bool has_reason_to_wait(struct consensus *core) {
    struct hash id;
    return proposal_of(core, &id) || is_pause_over(core);
}

void witness_watch_time(struct consensus *core) {
    static const struct hash none = {0};
    if (!may_sign(core, VOTE_NULLIFY, core->view)) return;
    if (has_signed_other(core, VOTE_NULLIFY, core->view, &none)) return;
    if (!has_reason_to_wait(core)) {
        core->ready_ms = core->timer_ms = 0;
        return;
    }
    if (core->timer_ms == 0) watch_start(core);
    if (core->timer_ms == 0) return;
    uint64_t due = core->timer_ms + witness_timeout_ms(core);
    if (core->now_ms >= due)
        sign(core, VOTE_NULLIFY, core->view, NULL);
    else
        core_wake_at(core, due);
}

void witness_finalize(struct consensus *core, uint64_t view) {
    const struct view_certificates *seals = seals_of(core, view);
    if (view <= core->root_view || !seals || !seals->has_notarized) return;
    if (!may_sign(core, VOTE_FINALIZE, view)) return;
    if (has_signed_other(core, VOTE_FINALIZE, view, &seals->id)) return;
    struct block_slot *slot = branch_find(core, &seals->id);
    if (!slot || slot->stage != BLOCK_VALID) return;
    branch_store(core, slot);
    sign(core, VOTE_FINALIZE, view, &seals->id);
}

static void send_votes(struct consensus *core, enum vote_kind kind) {
    struct consensus_action *action = action_add(core, ACTION_SEND);
    action->send.to = SEND_ALL;
    action->send.message.kind = MESSAGE_VOTES;
    action->send.message.votes = core->own[kind].votes;
}

// With what shows that the view has come: the certificate that ended the one before, that of the
// block it stands on, and the newest final one where others may stand below it.
static void send_proposal(struct consensus *core) {
    const struct signed_votes *vote = &core->own[VOTE_PROPOSE].votes;
    const struct block_slot *slot = branch_find(core, &vote->block_id);
    const struct header *header = hash_equal(&vote->block_id, &core->root_id) ? &core->root : NULL;
    if (slot) header = &slot->header;
    if (!header) return;
    const struct final_certificate *newest = &core->newest;
    bool is_new_epoch = newest->has && newest->epoch < core->epoch.epoch;
    if (is_new_epoch || (newest->has && header->height > core->root.height + 2))
        fetch_send_final(core, SEND_ALL, 0, newest);
    fetch_send_ended(core, SEND_ALL, 0, vote->view - 1);
    const struct hash *base = header->view == vote->view ? &header->parent : &vote->block_id;
    const struct block_slot *stand = branch_find(core, base);
    if (stand && stand->notarized_view + 1 < vote->view)
        fetch_send_ended(core, SEND_ALL, 0, stand->notarized_view);
    struct consensus_action *action = action_add(core, ACTION_SEND);
    action->send.to = SEND_ALL;
    action->send.message.kind = MESSAGE_PROPOSAL;
    action->send.message.proposal = (struct proposal){.epoch = vote->epoch,
                                                      .view = vote->view,
                                                      .header = header,
                                                      .id = vote->block_id,
                                                      .signature = vote->signers[0].signature};
}

static void send_own(struct consensus *core, enum vote_kind kind) {
    if (kind == VOTE_PROPOSE)
        send_proposal(core);
    else
        send_votes(core, kind);
}

static bool has_twin(const struct consensus *core) { return core->guard.epoch == GUARD_FOR_GOOD; }

// Each further signature could be the second of two.
void witness_meet_twin(struct consensus *core) {
    if (has_twin(core)) return;
    consensus_hold_back(core, GUARD_FOR_GOOD);
    action_add(core, ACTION_TWIN);
}

// While these were on their way to the disk another may have come: then nobody gets both.
void witness_take_signed(struct consensus *core, const struct signed_votes *votes) {
    if (votes->epoch != core->epoch.epoch) return;
    if (has_twin(core)) return;
    if (has_signed_other(core, votes->kind, votes->view, &votes->block_id)) {
        witness_meet_twin(core);
        return;
    }
    votes_keep_own(core, votes);
    send_own(core, votes->kind);
    votes_add(core, votes);
}

void witness_resend(struct consensus *core) {
    static const enum vote_kind of_view[] = {VOTE_PROPOSE, VOTE_NOTARIZE, VOTE_NULLIFY};
    core->resend_ms = core->now_ms + core->config.timeout_ms;
    if (has_twin(core)) return;
    if (core->own[VOTE_FINALIZE].votes.view > core->root_view) send_votes(core, VOTE_FINALIZE);
    for (size_t i = 0; i < sizeof of_view / sizeof *of_view; i++)
        if (core->own[of_view[i]].votes.view == core->view) send_own(core, of_view[i]);
}
