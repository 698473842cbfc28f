// SPDX-License-Identifier: Apache-2.0
// What the state machine asks for, done.
#include "chaincore/witness/driver_inside.h"

static void do_append(struct driver *driver, const struct consensus_record *record) {
    struct vote_log_entry entry = {.record = *record};
    struct hash id;
    if (record->kind == RECORD_BLOCK) {
        header_id(&id, record->block);
        const struct held_block *held = held_find(driver, &id);
        ENSURE(held); // it was executed
        entry.body = buf_bytes(&held->body);
    }
    if (record->kind == RECORD_CERTIFICATE) driver->counts.certificates[record->sealed.kind]++;
    vote_log_append(driver->log, &entry);
}

static void do_sign(struct driver *driver, const struct sign_request *request) {
    struct vote_log_entry entry = {.record = {.kind = RECORD_VOTES}};
    struct vote_signer signers[LIMIT_WITNESSES];
    struct signed_votes *votes = &entry.record.votes;
    *votes = (struct signed_votes){.epoch = request->epoch,
                                   .view = request->view,
                                   .kind = request->kind,
                                   .block_id = request->block_id,
                                   .signers = signers};
    struct vote what = {.epoch = request->epoch,
                        .set_hash = driver->committee.set_hash,
                        .kind = request->kind,
                        .view = request->view,
                        .block_id = request->block_id};
    enum sign_tag tag = request->kind == VOTE_PROPOSE ? SIGN_PROPOSAL : SIGN_VOTE;
    struct hash payload;
    ENSURE(request->epoch == driver->committee.epoch);
    vote_payload(&payload, &what);
    for (uint16_t i = 0; i < driver->committee.set.count; i++) {
        if (!group_has(&request->by, i)) continue;
        struct vote_signer *signer = &signers[votes->count++];
        signer->witness = i;
        sign_payload(&signer->signature, &driver->keys[driver->key_of[i]], tag, &driver->chain_id,
                     &payload);
    }
    driver->counts.signed_by_own[votes->kind] += votes->count;
    vote_log_append(driver->log, &entry);
    buf_append(&driver->signed_votes, BYTES_OF(*votes));
    buf_append(&driver->signed_votes, bytes_of(signers, votes->count * sizeof *signers));
}

static void send_encoded(struct driver *driver, uint16_t peer, struct buf *encoded) {
    if (encoded->len > 0) driver->calls.send(driver->calls.context, peer, buf_bytes(encoded));
    buf_clear(encoded);
}

static struct answer_asker asker_of(const struct driver *driver, uint16_t peer) {
    return (struct answer_asker){.peer = peer, .is_trusted = driver_trusts(driver, peer)};
}

bool driver_may_answer(struct driver *driver, uint16_t peer, enum wire_kind kind) {
    struct answer_asker asker = asker_of(driver, peer);
    const struct driver_calls *calls = &driver->calls;
    bool may = answers_may(&driver->answers, &asker, driver->time.now_ms) &&
               (!calls->has_room || calls->has_room(calls->context, peer, kind));
    driver->counts.unanswered += !may;
    return may;
}

void driver_answer(struct driver *driver, uint16_t peer, struct bytes encoded) {
    struct answer_asker asker = asker_of(driver, peer);
    answers_note(&driver->answers, &asker, encoded.len);
    driver->calls.send(driver->calls.context, peer, encoded);
}

static void answer(struct driver *driver, uint16_t peer, struct buf *encoded) {
    if (encoded->len > 0 && driver_may_answer(driver, peer, WIRE_CERTIFICATE)) {
        driver_answer(driver, peer, buf_bytes(encoded));
        if (!driver_trusts(driver, peer))
            handout_note(&driver->certificates, peer, encoded->len, driver->time.now_ms);
    }
    buf_clear(encoded);
}

// Of the two epochs that the state machine has certificates of.
static uint16_t witnesses_of(const struct driver *driver, uint64_t epoch) {
    return epoch == driver->committee.epoch ? driver->committee.set.count
                                            : driver->witnesses_before;
}

static bool is_same_question(const struct fetch *a, const struct fetch *b) {
    return a->epoch == b->epoch && a->view == b->view && a->final_height == b->final_height &&
           a->certificates_from == b->certificates_from && hash_equal(&a->block_id, &b->block_id);
}

// Two that are each ahead in something show that by asking: where no answer gets through, each
// question would bring the next one at once, for as long as they are connected.
static bool may_ask(struct driver *driver, uint16_t peer, const struct fetch *fetch) {
    struct asked *last = &driver->asked_last[peer];
    uint64_t now_ms = driver->time.now_ms;
    if (last->has && now_ms - last->at_ms < driver->ask_again_ms &&
        is_same_question(&last->fetch, fetch))
        return false;
    *last = (struct asked){.has = true, .fetch = *fetch, .at_ms = now_ms};
    return true;
}

static void do_send(struct driver *driver, const struct consensus_action *action) {
    const struct consensus_message *message = &action->send.message;
    struct wire_company company = {0};
    struct buf encoded = {0}, scratch = {0};
    struct header header;
    uint16_t peer = action->send.to == SEND_ALL ? PEER_NONE : action->send.target;
    if (action->send.to == SEND_WITNESS) {
        peer = driver->calls.find_peer(driver->calls.context, &driver->committee.set.keys[peer]);
        if (peer == PEER_NONE) return;
    }
    if (message->kind == MESSAGE_FETCH && peer < LIMIT_PEERS) {
        if (action->send.to == SEND_PEER && !may_ask(driver, peer, &message->fetch)) return;
        driver->asked[peer] = true;
    }
    bool is_there = true;
    if (message->kind == MESSAGE_PROPOSAL)
        is_there = held_or_final(driver, &message->proposal.id, &header, &company.body, &scratch);
    if (message->kind == MESSAGE_CERTIFICATE)
        company.witness_count = witnesses_of(driver, message->sealed.epoch);
    if (is_there) wire_encode(&encoded, message, &company);
    if (action->send.to == SEND_PEER && message->kind == MESSAGE_CERTIFICATE)
        answer(driver, peer, &encoded);
    else
        send_encoded(driver, peer, &encoded);
    buf_clear(&scratch);
}

static void do_send_block(struct driver *driver, uint16_t peer, const struct hash *id) {
    handout_ask(&driver->handout, peer, id, driver_trusts(driver, peer));
}

static void do_execute(struct driver *driver, const struct hash *id) {
    const struct held_block *held = held_find(driver, id);
    ENSURE(held); // it was fed with its body
    struct pending_event event = {.kind = EVENT_EXECUTED, .id = *id};
    event.is_valid =
        driver->calls.execute(driver->calls.context, &held->header, buf_bytes(&held->body));
    buf_append(&driver->events, BYTES_OF(event));
}

static void do_build(struct driver *driver, const struct consensus_action *action) {
    struct driver_build build = {.parent = action->build.parent,
                                 .parent_id = action->build.parent_id,
                                 .epoch = driver->rules.epoch,
                                 .view = action->build.view,
                                 .time_ms = action->build.time_ms,
                                 .leader = consensus_leader(driver->core, action->build.view),
                                 .rules = &driver->rules,
                                 .parent_certificate = action->build.parent_certificate};
    struct pending_event event = {.kind = EVENT_BUILT};
    struct buf body = {0};
    if (driver->calls.build(driver->calls.context, &build, &event.header, &body)) {
        header_id(&event.id, &event.header);
        event.is_valid = held_add(driver, &event.header, &event.id, buf_bytes(&body)) != NULL;
    }
    buf_append(&driver->events, BYTES_OF(event));
    buf_clear(&body);
}

static void do_final(struct driver *driver, const struct consensus_action *action) {
    struct pending_final final = {.header = *action->final.header,
                                  .id = action->final.id,
                                  .missed_views = action->final.missed_views,
                                  .has_certificate = action->final.certificate != NULL};
    if (final.has_certificate) final.certificate = *action->final.certificate;
    buf_append(&driver->finals, BYTES_OF(final));
    driver->has_work = false; // for the state machine
}

static void do_action(struct driver *driver, const struct consensus_action *action) {
    void *context = driver->calls.context;
    switch (action->kind) {
    case ACTION_APPEND:
        do_append(driver, &action->record);
        break;
    case ACTION_SIGN:
        do_sign(driver, &action->sign);
        break;
    case ACTION_SEND:
        do_send(driver, action);
        break;
    case ACTION_SEND_BLOCK:
        do_send_block(driver, action->send_block.peer, &action->send_block.id);
        break;
    case ACTION_EXECUTE:
        do_execute(driver, &action->execute);
        break;
    case ACTION_BUILD:
        do_build(driver, action);
        break;
    case ACTION_FINAL:
        do_final(driver, action);
        break;
    case ACTION_EPOCH_END:
        driver->is_epoch_over = true;
        break;
    case ACTION_SYNC:
        driver->calls.sync(context, action->sync_peer);
        break;
    case ACTION_EVIDENCE:
        driver->calls.evidence(context,
                               &(struct driver_evidence){.first = action->evidence.first,
                                                         .second = action->evidence.second});
        break;
    case ACTION_TWIN:
        driver_hold_back(driver, GUARD_FOR_GOOD);
        driver->calls.twin(context);
        break;
    case ACTION_HALT:
        driver->calls.halt(context, action->halt);
        break;
    }
}

void driver_feed(struct driver *driver, struct consensus_event *event) {
    event->now_ms = driver->time.now_ms;
    event->wall_ms = driver->time.wall_ms;
    struct consensus_actions actions = consensus_step(driver->core, event);
    for (size_t i = 0; i < actions.count; i++) do_action(driver, &actions.list[i]);
}
