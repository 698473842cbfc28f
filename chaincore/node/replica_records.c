// SPDX-License-Identifier: Apache-2.0
// How witnesses find each other: each says where its node is, everybody passes that on once, and
// witnesses call those that they are not connected to. Votes go no further than one connection, so
// all of them need one another.
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/replica_inside.h"

enum {
    SAY_EVERY_MS = 3600 * 1000,
    SAY_SOON_MS = 60 * 1000, // once more: some are still on their way to one another
    // Of two that lack one another, one calls first: of two calls at once one is for nothing.
    YIELD_MS = 2 * 1000,
    AGAIN_MS = 500,              // where as many calls as may be are under way
    LOOK_MS = 60 * 1000,         // at one that is connected
    ASK_SOON_MS = 2 * 1000,      // who has just come is asked before long
    ASK_EVERY_MS = 60 * 1000,    // one peer after the other,
    ASK_LEAST_MS = SAY_EVERY_MS, // and more seldom where that brings nothing: some say nothing
    ANSWER_EVERY_MS = 30 * 1000,
    JUMP_MS = LIMIT_CLOCK_AHEAD_MS, // of the wall clock
};

static uint32_t draw(struct replica *replica) {
    uint32_t random;
    replica->calls.draw(replica->calls.context, &random, sizeof random);
    return random;
}

// What is at a private address is for peers at such ones, and taken from them alone.
static bool may_cross(const struct replica_peer *peer, const struct witness_record *record) {
    return peer->is_inside || endpoint_is_public(&record->endpoint);
}

static void tell(struct replica *replica, uint16_t number, const struct witness_record *records,
                 size_t count) {
    const struct replica_peer *peer = &replica->peers[number];
    struct buf told = {0}, payload = {0};
    uint32_t told_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!may_cross(peer, &records[i])) continue;
        witness_record_encode(&told, &records[i]);
        told_count++;
    }
    if (told_count > 0) {
        encode_u32(&payload, told_count);
        buf_append(&payload, buf_bytes(&told));
        replica->calls.send(replica->calls.context, number, REPLICA_RECORDS, buf_bytes(&payload));
    }
    buf_clear(&told);
    buf_clear(&payload);
}

static void tell_others(struct replica *replica, uint16_t except,
                        const struct witness_record *records, size_t count) {
    if (count == 0) return;
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1))
        if (i != except && replica->peers[i].takes_records) tell(replica, i, records, count);
}

// All that are there, or this node's own.
static void tell_kept(struct replica *replica, uint16_t number, bool own_alone) {
    struct witness_record *kept = mem_alloc_array(LIMIT_WITNESSES, sizeof *kept);
    size_t count = 0;
    for (uint16_t i = 0; i < replica->records.count; i++) {
        const struct record_place *place = &replica->records.places[i];
        if (!place->is_there || (own_alone && !place->is_own)) continue;
        if (witness_record_is_timely(&place->record, replica->time.wall_ms))
            kept[count++] = place->record;
    }
    tell(replica, number, kept, count);
    mem_free(kept);
}

static bool is_known(const struct replica *replica, const struct record_place *place) {
    return place->is_there && witness_record_is_timely(&place->record, replica->time.wall_ms);
}

// Peers may know what they did not.
static void ask_often(struct replica *replica) {
    uint64_t next_ms = replica->time.now_ms + ASK_EVERY_MS;
    replica->ask_wait_ms = ASK_EVERY_MS;
    if (next_ms < replica->ask_ms) replica->ask_ms = next_ms;
    replica->records_wake_ms = 0;
}

static void ask_more_seldom(struct replica *replica) {
    replica->ask_wait_ms *= 2;
    if (replica->ask_wait_ms > ASK_LEAST_MS) replica->ask_wait_ms = ASK_LEAST_MS;
}

// What this node says of itself is due by then.
static void hasten(struct replica *replica, uint64_t say_ms) {
    if (say_ms < replica->say_ms) replica->say_ms = say_ms;
    replica->records_wake_ms = 0;
}

// --- what peers say ---

static void answer(struct replica *replica, struct replica_peer *peer, uint16_t number) {
    uint64_t now_ms = replica->time.now_ms;
    if (!peer->takes_records || now_ms < peer->records_answer_ms) return;
    peer->records_answer_ms = now_ms + ANSWER_EVERY_MS;
    tell_kept(replica, number, false);
}

// Nobody tells two of one key at once: what those bring is bounded once they are verified.
static bool has_key(const struct witness_record *records, size_t count,
                    const struct public_key *key) {
    for (size_t i = 0; i < count; i++)
        if (memcmp(&records[i].key, key, sizeof *key) == 0) return true;
    return false;
}

// Before it is verified.
static bool is_wanted(struct replica *replica, struct replica_peer *peer,
                      const struct witness_record *record) {
    replica->counts.records_in++;
    if (peer->records_in >= LIMIT_RECORDS_OF_PEER) {
        replica->counts.records_unread++;
        return false;
    }
    peer->records_in++;
    if (!may_cross(peer, record) || replica_is_guarded(replica, &record->node)) return false;
    return witness_records_want(&replica->records, record, &replica->time);
}

// What was made while the clock was ahead by more than others take nobody has, or will not have.
static bool is_far_ahead(const struct replica *replica) {
    return replica->own_record_ms > replica->time.wall_ms + LIMIT_CLOCK_AHEAD_MS;
}

// Who makes records in the name of this node's keys has been its node before, or this node's clock
// has been set back: what it says is to be the newer.
static void outdo(struct replica *replica, const struct witness_record *record) {
    if (record->time_ms > replica->own_record_ms || is_far_ahead(replica))
        replica->own_record_ms = record->time_ms;
    hasten(replica, replica->time.now_ms + LIMIT_RECORD_EVERY_MS);
}

static bool keep(struct replica *replica, const struct witness_record *record) {
    struct record_place *place = witness_records_find(&replica->records, &record->key);
    if (place->is_own) {
        record_place_spend(place, replica->time.now_ms);
        outdo(replica, record);
        return false;
    }
    bool is_first = memcmp(&replica->node_key, &record->node, sizeof record->node) < 0;
    if (!is_known(replica, place)) ask_often(replica);
    record_place_keep(place, record, &replica->time,
                      (is_first ? 0 : YIELD_MS) + draw(replica) % AGAIN_MS);
    keys_settle(replica, &record->key);
    replica->counts.records_taken++;
    replica->records_wake_ms = 0;
    return true;
}

enum status records_take(struct replica *replica, uint16_t number, struct bytes payload) {
    struct replica_peer *peer = &replica->peers[number];
    struct witness_record come[LIMIT_WITNESSES];
    struct decoder in = decoder_of(payload);
    size_t wanted = 0, kept = 0;
    uint32_t count = decode_count(&in, LIMIT_WITNESSES);
    for (uint32_t i = 0; i < count; i++) witness_record_decode(&in, &come[i]);
    enum status status = decoder_finish(&in);
    if (status != STATUS_OK || replica->is_hidden) return status;
    if (count == 0) answer(replica, peer, number);
    for (uint32_t i = 0; i < count; i++)
        if (is_wanted(replica, peer, &come[i]) && !has_key(come, wanted, &come[i].key))
            come[wanted++] = come[i];
    if (!witness_records_verify(come, wanted, &replica->node->chain_id)) {
        replica->counts.records_forged++;
        return STATUS_BAD_SIGNATURE;
    }
    for (size_t i = 0; i < wanted; i++)
        if (keep(replica, &come[i])) come[kept++] = come[i];
    tell_others(replica, number, come, kept);
    return STATUS_OK;
}

// --- what this node says ---

void replica_announce(struct replica *replica, const struct endpoint *where,
                      const struct secret_key *node_key) {
    replica->announced = *where;
    replica->announcing_key = node_key;
    hasten(replica, 0);
}

// A key has begun to serve, or the clock has jumped.
static void say_if_lacking(struct replica *replica) {
    uint64_t soonest_ms = replica->has_said ? replica->said_ms + LIMIT_RECORD_EVERY_MS : 0;
    for (uint16_t i = 0; i < replica->records.count; i++) {
        const struct record_place *place = &replica->records.places[i];
        if (place->is_own && !is_known(replica, place)) hasten(replica, soonest_ms);
    }
}

static uint64_t next_record_ms(const struct replica *replica) {
    uint64_t last_ms = replica->own_record_ms, wall_ms = replica->time.wall_ms;
    return last_ms < wall_ms || is_far_ahead(replica) ? wall_ms : last_ms + 1;
}

static void say_own(struct replica *replica) {
    struct witness_record *own = mem_alloc_array(LIMIT_WITNESSES, sizeof *own);
    const struct node *node = replica->node;
    size_t count = 0;
    replica->own_record_ms = next_record_ms(replica);
    for (size_t i = 0; i < node->key_count; i++) {
        struct public_key key;
        key_public_of(&key, &node->keys[i]);
        struct record_place *place = witness_records_find(&replica->records, &key);
        if (!place) continue;
        place->record = (struct witness_record){.endpoint = replica->announced,
                                                .time_ms = replica->own_record_ms};
        witness_record_sign(&place->record, &node->keys[i], replica->announcing_key,
                            &node->chain_id);
        place->is_there = true;
        if (count < LIMIT_WITNESSES) own[count++] = place->record;
    }
    tell_others(replica, PEER_NONE, own, count);
    mem_free(own);
}

static void say_in_time(struct replica *replica) {
    uint64_t now_ms = replica->time.now_ms;
    if (!replica->announcing_key || replica->own_count == 0) return;
    if (now_ms < replica->say_ms) return;
    say_own(replica);
    replica->said_ms = now_ms;
    replica->say_ms = now_ms + (replica->has_said ? SAY_EVERY_MS : SAY_SOON_MS);
    replica->has_said = true;
}

// --- calls and questions ---

// Who has an old machine's key may tell old KEYS: they keep nobody from calling the node that the
// record names.
static bool is_connected(const struct replica *replica, const struct record_place *place) {
    if (!is_known(replica, place)) return keys_find_peer(replica, &place->key) != PEER_NONE;
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1))
        if (memcmp(&replica->peers[i].node_key, &place->record.node, sizeof place->record.node) ==
            0)
            return true;
    return false;
}

// Witnesses, and those that stand before one.
static bool may_call(const struct replica *replica) {
    return replica->calls.call && !replica->is_hidden && (replica->own_count > 0 || replica->relay);
}

static bool is_to_be_called(const struct replica *replica, const struct record_place *place) {
    return is_known(replica, place) && !place->is_own && !place->is_wrong;
}

static bool call_node(struct replica *replica, struct record_place *place) {
    uint64_t now_ms = replica->time.now_ms;
    const struct replica_calls *calls = &replica->calls;
    if (is_connected(replica, place)) {
        place->call_at_ms = now_ms + LOOK_MS;
    } else if (calls->call(calls->context, &place->record.endpoint, &place->record.node)) {
        replica->counts.records_called++;
        record_place_note_call(place, now_ms, draw(replica));
        return true;
    } else {
        place->call_at_ms = now_ms + AGAIN_MS;
    }
    return false;
}

// They take turns: few calls are under way at a time, and some end by a time-out alone. Returns
// when the next one is due.
static uint64_t call_those_due(struct replica *replica) {
    uint64_t next_ms = UINT64_MAX;
    uint16_t count = replica->records.count, first = replica->next_called;
    for (uint16_t i = 0; may_call(replica) && i < count; i++) {
        uint16_t index = (uint16_t)((first + i) % count);
        struct record_place *place = &replica->records.places[index];
        if (!is_to_be_called(replica, place)) continue;
        if (place->call_at_ms <= replica->time.now_ms && call_node(replica, place))
            replica->next_called = (uint16_t)((index + 1) % count);
        if (place->call_at_ms < next_ms) next_ms = place->call_at_ms;
    }
    return next_ms;
}

static bool lacks_any(const struct replica *replica) {
    for (uint16_t i = 0; i < replica->records.count; i++) {
        const struct record_place *place = &replica->records.places[i];
        if (!place->is_own && !is_known(replica, place) && !is_connected(replica, place))
            return true;
    }
    return false;
}

static uint16_t next_to_ask(struct replica *replica) {
    for (uint16_t i = 0; i < replica->peer_count; i++) {
        replica->records_asked = peer_behind(replica, replica->records_asked);
        if (replica->peers[replica->records_asked].takes_records) return replica->records_asked;
    }
    return PEER_NONE;
}

// A record that came when its key was not of the set here, or was lost, is had so all the same.
static void ask_in_time(struct replica *replica) {
    static const uint8_t none[4];
    if (replica->is_hidden || replica->time.now_ms < replica->ask_ms) return;
    bool is_lacking = lacks_any(replica), is_for_newcomer = replica->has_newcomer;
    uint16_t peer = is_lacking ? next_to_ask(replica) : PEER_NONE;
    if (!is_lacking) replica->ask_wait_ms = ASK_EVERY_MS;
    replica->has_newcomer = false;
    replica->ask_ms = replica->time.now_ms + replica->ask_wait_ms;
    if (peer == PEER_NONE) return;
    if (!is_for_newcomer) ask_more_seldom(replica);
    replica->calls.send(replica->calls.context, peer, REPLICA_RECORDS, BYTES_OF(none));
}

static bool has_clock_jumped(const struct replica *replica) {
    uint64_t shift_ms = replica->time.wall_ms - replica->time.now_ms;
    return shift_ms - replica->records_shift_ms + JUMP_MS > 2 * (uint64_t)JUMP_MS;
}

void records_run(struct replica *replica) {
    uint64_t now_ms = replica->time.now_ms;
    if (has_clock_jumped(replica)) {
        replica->records_shift_ms = replica->time.wall_ms - now_ms;
        ask_often(replica);
        say_if_lacking(replica);
    }
    if (now_ms < replica->records_wake_ms) return;
    say_in_time(replica);
    ask_in_time(replica);
    uint64_t next_ms = call_those_due(replica);
    if (replica->peer_count > 0 && !replica->is_hidden && replica->ask_ms < next_ms)
        next_ms = replica->ask_ms;
    if (replica->announcing_key && replica->own_count > 0 && replica->say_ms < next_ms)
        next_ms = replica->say_ms;
    replica->records_wake_ms = next_ms;
}

uint64_t records_wake_ms(const struct replica *replica) { return replica->records_wake_ms; }

// --- what changes ---

void records_begin_epoch(struct replica *replica) {
    witness_records_begin(&replica->records, &replica->set);
    for (uint16_t i = 0; i < replica->records.count; i++) {
        struct record_place *place = &replica->records.places[i];
        place->is_own = seats_own_key(replica->node, &place->key) != NULL;
    }
    ask_often(replica);
    replica->ask_ms = replica->time.now_ms + ASK_SOON_MS;
    replica->records_wake_ms = 0;
    say_if_lacking(replica);
}

void records_peer_joined(struct replica *replica, uint16_t number) {
    if (!replica->peers[number].takes_records) return;
    tell_kept(replica, number, true);
    uint64_t soon_ms = replica->time.now_ms + ASK_SOON_MS;
    replica->has_newcomer = true;
    if (replica->ask_ms > soon_ms) replica->ask_ms = soon_ms;
    if (replica->records_wake_ms > soon_ms) replica->records_wake_ms = soon_ms;
}

void records_peer_left(struct replica *replica, uint16_t number) {
    const struct replica_peer *peer = &replica->peers[number];
    uint64_t now_ms = replica->time.now_ms;
    for (uint16_t i = 0; i < replica->records.count; i++) {
        struct record_place *place = &replica->records.places[i];
        if (!place->is_there ||
            memcmp(&place->record.node, &peer->node_key, sizeof peer->node_key) != 0)
            continue;
        record_place_note_end(place, now_ms, now_ms - peer->joined_ms, draw(replica));
        replica->records_wake_ms = 0;
    }
}

// Where it was called may be where it was: of what it has said since nothing is known by that.
void replica_found_another(struct replica *replica, const struct endpoint *where,
                           const struct public_key *node) {
    for (uint16_t i = 0; i < replica->records.count; i++) {
        struct record_place *place = &replica->records.places[i];
        if (!place->is_there || place->is_own || place->is_wrong ||
            !endpoint_equal(&place->record.endpoint, where) ||
            memcmp(&place->record.node, node, sizeof *node) != 0)
            continue;
        char key[2 * sizeof place->key + 1], address[ENDPOINT_TEXT];
        hex_encode(key, BYTES_OF(place->key));
        endpoint_print(address, where);
        log_warning("node", "a witness is not where it says", log_text("witness", key),
                    log_text("address", address));
        place->is_wrong = true;
        replica->counts.records_wrong++;
    }
}
