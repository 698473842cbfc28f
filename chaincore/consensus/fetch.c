// SPDX-License-Identifier: Apache-2.0
// How a node that lacks something gets it. What an event has shown to be missing is asked for at
// once, from who sent the event; what is still missing later, from a few witnesses in turn. The
// answers are ordinary certificates and blocks.
#include "chaincore/consensus/core.h"

// Or what it stands on, as far down as it is there.
void fetch_want_block(struct consensus *core, const struct hash *id) {
    struct hash lowest = *id;
    for (const struct block_slot *slot; (slot = branch_find(core, &lowest)) != NULL;)
        lowest = slot->header.parent;
    if (!hash_equal(&lowest, &core->root_id)) core->wanted.block_id = lowest;
}

// From where the gap begins, as far down as one answer reaches.
void fetch_want_certificates(struct consensus *core, uint64_t view) {
    for (int i = 1; i < LIMIT_FETCHED_CERTIFICATES && view > core->root_view + 1; i++) {
        if (seals_of(core, view - 1)) break;
        view--;
    }
    core->wanted.certificates_from = view;
}

static void ask(struct consensus *core, enum send_to to, uint16_t target) {
    struct consensus_action *action = action_add(core, ACTION_SEND);
    action->send.to = to;
    action->send.target = target;
    action->send.message.kind = MESSAGE_FETCH;
    action->send.message.fetch = core->wanted;
}

static void ask_witnesses(struct consensus *core) {
    uint16_t count = core->epoch.witness_count, asked = 0;
    core->syncs = 0;
    for (uint16_t i = 0; i < count && asked < LIMIT_FETCH_ASKED; i++) {
        uint16_t witness = (uint16_t)(core->asked++ % count);
        if (group_has(&core->epoch.own, witness)) continue;
        ask(core, SEND_WITNESS, witness);
        asked++;
    }
}

void fetch_send(struct consensus *core, bool is_resending) {
    core->wanted.epoch = core->epoch.epoch;
    core->wanted.view = core->view;
    core->wanted.final_height = core->root.height;
    const struct fetch *last = &core->last_fetch;
    bool is_missing = core->wanted.certificates_from > 0 || !hash_is_zero(&core->wanted.block_id);
    bool is_new = core->wanted.certificates_from != last->certificates_from ||
                  !hash_equal(&core->wanted.block_id, &last->block_id);
    if (!is_resending && !core->is_behind && !(is_missing && is_new)) return;
    if (!is_resending && core->peer != PEER_NONE)
        ask(core, SEND_PEER, core->peer);
    else
        ask_witnesses(core);
    core->last_fetch = core->wanted;
}

static void send_sealed(struct consensus *core, enum send_to to, uint16_t target,
                        const struct sealed *sealed) {
    struct consensus_action *action = action_add(core, ACTION_SEND);
    action->send.to = to;
    action->send.target = target;
    action->send.message.kind = MESSAGE_CERTIFICATE;
    action->send.message.sealed = *sealed;
}

void fetch_send_final(struct consensus *core, enum send_to to, uint16_t target,
                      const struct final_certificate *final) {
    struct sealed sealed = {.epoch = final->epoch,
                            .kind = VOTE_FINALIZE,
                            .block_id = final->id,
                            .certificate = &final->certificate};
    send_sealed(core, to, target, &sealed);
}

void fetch_send_ended(struct consensus *core, enum send_to to, uint16_t target, uint64_t view) {
    const struct view_certificates *seals = seals_of(core, view);
    struct sealed sealed = {.epoch = core->epoch.epoch};
    if (seals && seals->has_notarized) {
        sealed.kind = VOTE_NOTARIZE;
        sealed.block_id = seals->id;
        sealed.certificate = &seals->notarized;
        send_sealed(core, to, target, &sealed);
    }
    if (seals && seals->has_nullified) {
        sealed.kind = VOTE_NULLIFY;
        sealed.block_id = (struct hash){0};
        sealed.certificate = &seals->nullified;
        send_sealed(core, to, target, &sealed);
    }
}

static void tell_ahead(struct consensus *core) {
    struct consensus_action *action = action_add(core, ACTION_SEND);
    action->send.to = SEND_PEER;
    action->send.target = core->peer;
    action->send.message.kind = MESSAGE_AHEAD;
    action->send.message.ahead =
        (struct peer_ahead){.epoch = core->epoch.epoch, .height = core->root.height};
}

static void answer_earlier_epoch(struct consensus *core, const struct fetch *fetch) {
    if (core->boundary.has && core->boundary.epoch == fetch->epoch)
        fetch_send_final(core, SEND_PEER, core->peer, &core->boundary);
    else
        tell_ahead(core);
}

// Of a view nothing may be known but that a block is final there, which is of use to others though
// its blocks are not all here: who asks may be behind in views and ahead in blocks.
static void answer_finals(struct consensus *core, const struct fetch *fetch) {
    const struct final_certificate *newest = &core->newest, *awaited = &core->awaited;
    bool is_newer = core->root.height > fetch->final_height || newest->view >= fetch->view;
    if (newest->has && newest->epoch == core->epoch.epoch && is_newer)
        fetch_send_final(core, SEND_PEER, core->peer, newest);
    if (awaited->has && awaited->view >= fetch->view)
        fetch_send_final(core, SEND_PEER, core->peer, awaited);
}

static void answer_certificates(struct consensus *core, const struct fetch *fetch) {
    uint64_t from = fetch->certificates_from;
    answer_finals(core, fetch);
    for (uint64_t i = 0; from > 0 && i < LIMIT_FETCHED_CERTIFICATES; i++)
        fetch_send_ended(core, SEND_PEER, core->peer, from + i);
    bool is_sent = from > 0 && core->ended_view >= from &&
                   core->ended_view - from < LIMIT_FETCHED_CERTIFICATES;
    if (core->ended_view >= fetch->view && !is_sent)
        fetch_send_ended(core, SEND_PEER, core->peer, core->ended_view);
}

void fetch_answer(struct consensus *core, const struct fetch *fetch) {
    if (core->peer == PEER_NONE) return;
    core->is_behind = fetch->epoch > core->epoch.epoch ||
                      (fetch->epoch == core->epoch.epoch &&
                       (fetch->view > core->view || fetch->final_height > core->root.height));
    if (fetch->epoch > core->epoch.epoch) return;
    if (core->root.height > fetch->final_height + LIMIT_UNFINAL_BLOCKS) tell_ahead(core);
    if (fetch->epoch < core->epoch.epoch)
        answer_earlier_epoch(core, fetch);
    else
        answer_certificates(core, fetch);
    if (hash_is_zero(&fetch->block_id)) return;
    struct consensus_action *action = action_add(core, ACTION_SEND_BLOCK);
    action->send_block.peer = core->peer;
    action->send_block.id = fetch->block_id;
}

void fetch_take_ahead(struct consensus *core, const struct peer_ahead *ahead) {
    if (ahead->height <= core->root.height || core->syncs == LIMIT_FETCH_ASKED) return;
    core->syncs++;
    action_add(core, ACTION_SYNC)->sync_peer = core->peer;
}
