// SPDX-License-Identifier: Apache-2.0
// Lies about what is final, to a node that knows nobody else: it is told that it is far behind,
// asks, and is answered wrongly. Once it knows better it has not moved.
#include "chaincore/sync/sync_message.h"
#include "tests/hostile/peers/behaviours.h"

enum { SOON_MS = 20 * 1000, FAR = 1000, HONEST = 1, HONEST_FROM = 3 };

static struct wire_message message; // large

static void say_message(struct caller *caller, const struct consensus_message *what) {
    struct buf encoded = {0};
    struct wire_company company = {.witness_count = VICTIM_WITNESSES};
    wire_encode(&encoded, what, &company);
    uint8_t kind = what->kind == MESSAGE_CERTIFICATE ? REPLICA_CERTIFICATE : REPLICA_VOTE;
    (void)caller_say(caller, kind, buf_bytes(&encoded));
    buf_clear(&encoded);
}

// Says that there is more, until it is asked for it.
static bool be_asked(struct trial *trial, struct caller *caller) {
    struct consensus_message far = {.kind = MESSAGE_FETCH,
                                    .fetch = {.view = FAR, .final_height = FAR}};
    if (!trial_meet(trial, caller)) return false;
    say_message(caller, &far);
    while (caller_await(caller, REPLICA_VOTE, SOON_MS))
        if (wire_decode(&message, buf_bytes(&caller->got)) == STATUS_OK &&
            message.kind == WIRE_FETCH)
            return true;
    trial_fail(trial, "it did not ask");
    return false;
}

static bool be_asked_for_blocks(struct trial *trial, struct caller *caller,
                                struct sync_message *ask) {
    struct consensus_message ahead = {.kind = MESSAGE_AHEAD, .ahead = {.height = FAR}};
    if (!be_asked(trial, caller)) return false;
    say_message(caller, &ahead);
    if (caller_await(caller, REPLICA_SYNC, SOON_MS) &&
        sync_decode(ask, buf_bytes(&caller->got)) == STATUS_OK && ask->kind == SYNC_ASK_HEADERS)
        return true;
    trial_fail(trial, "it did not ask for headers");
    return false;
}

static void say_sync(struct caller *caller, const struct sync_message *answer) {
    struct buf encoded = {0};
    sync_encode(&encoded, answer);
    (void)caller_say(caller, REPLICA_SYNC, buf_bytes(&encoded));
    buf_clear(&encoded);
}

// Of signatures that nobody has made.
static void make_up(struct certificate *out, uint64_t view) {
    struct signature signature;
    *out = (struct certificate){.view = view};
    for (uint16_t i = 0; i < VICTIM_WITNESSES; i++) {
        random_bytes(signature.bytes, sizeof signature.bytes);
        signature.bytes[63] &= 0x0F;
        certificate_add(out, i, &signature);
    }
}

static void invented_headers(struct trial *trial) {
    struct caller caller;
    struct sync_message ask;
    struct certificate certificate;
    struct buf headers = {0}, sealed = {0};
    if (be_asked_for_blocks(trial, &caller, &ask)) {
        struct header header = {.version = HEADER_VERSION,
                                .chain_id = trial->victims->chain_id,
                                .height = ask.from,
                                .view = ask.from};
        make_up(&certificate, header.view);
        header_encode(&headers, &header);
        certificate_encode(&sealed, &certificate, VICTIM_WITNESSES);
        say_sync(&caller, &(struct sync_message){.kind = SYNC_HEADERS,
                                                 .number = ask.number,
                                                 .newest = FAR,
                                                 .headers = buf_bytes(&headers),
                                                 .header_count = 1,
                                                 .certificate = buf_bytes(&sealed)});
    }
    buf_clear(&headers);
    buf_clear(&sealed);
    trial_end(trial, &caller);
}

static void lying_answer(struct trial *trial) {
    struct caller caller;
    struct certificate certificate;
    if (be_asked(trial, &caller)) {
        struct consensus_message lie = {
            .kind = MESSAGE_CERTIFICATE,
            .sealed = {.kind = VOTE_FINALIZE, .block_id = {{7}}, .certificate = &certificate}};
        for (uint64_t view = 5; view < 8; view++) {
            make_up(&certificate, view);
            say_message(&caller, &lie);
        }
    }
    trial_end(trial, &caller);
}

// What an honest node answers, to the caller; the honest one is asked on a connection of its own.
static bool ask_honest(struct caller *honest, struct bytes ask) {
    return caller_say(honest, REPLICA_SYNC, ask) && caller_await(honest, REPLICA_SYNC, SOON_MS);
}

// Good headers, and then a block that is spoiled.
static void pass_spoiled(struct trial *trial, void (*spoil)(struct sync_message *block)) {
    struct caller caller, honest;
    struct sync_message ask, answer;
    caller_init(&honest, &trial->victims->chain_id);
    bool goes_on = be_asked_for_blocks(trial, &caller, &ask) &&
                   caller_connect(&honest, trial->victims->list[HONEST].port, HONEST_FROM) &&
                   caller_shake(&honest);
    while (goes_on && ask_honest(&honest, buf_bytes(&caller.got)) &&
           sync_decode(&answer, buf_bytes(&honest.got)) == STATUS_OK) {
        if (answer.kind == SYNC_BLOCK) {
            spoil(&answer);
            say_sync(&caller, &answer);
            break;
        }
        (void)caller_say(&caller, REPLICA_SYNC, buf_bytes(&honest.got));
        goes_on = caller_await(&caller, REPLICA_SYNC, SOON_MS);
    }
    caller_clear(&honest);
    trial_end(trial, &caller);
}

static void spoil_body(struct sync_message *block) {
    static const uint8_t none[4]; // no transactions
    block->body = BYTES_OF(none);
}
static void another_body(struct trial *trial) { pass_spoiled(trial, spoil_body); }

static void spoil_height(struct sync_message *block) { block->from += FAR; }
static void unasked_block(struct trial *trial) { pass_spoiled(trial, spoil_height); }

const struct behaviour lie_behaviours[] = {
    {"lying_answer", "answers FETCH with certificates of nobody", lying_answer, OUTCOME_CLOSED,
     COUNTED_FAULT, FAULT_FORGED, NULL, 8, true},
    {"invented_headers", "tells of blocks that nobody has made", invented_headers, OUTCOME_CLOSED,
     COUNTED_LIE, FAULT_SYNC, "headers that no certificate proves", 8, true},
    {"another_body", "passes another body for a final block's", another_body, OUTCOME_CLOSED,
     COUNTED_LIE, FAULT_SYNC, "the body of another block", 8, true},
    {"unasked_block", "sends a block that nobody asked for", unasked_block, OUTCOME_CLOSED,
     COUNTED_LIE, FAULT_SYNC, "a block that was not asked for", 8, true},
};
const size_t lie_behaviour_count = sizeof lie_behaviours / sizeof *lie_behaviours;
