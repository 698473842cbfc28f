// SPDX-License-Identifier: Apache-2.0
// What is no frame, and what no honest node says in one.
#include "tests/hostile/peers/behaviours.h"

enum { CONTINUES = 128, HEAD_BYTES = 5, CHUNK = CHANNEL_CHUNK_BYTES };

static struct wire_message message; // large

// One sealed message: a frame's kind, the length that it announces, and so many bytes of it.
static void say_chunk(struct caller *caller, uint8_t kind, uint32_t announced, size_t len) {
    static uint8_t plain[HEAD_BYTES + CHUNK];
    plain[0] = kind;
    store_u32_le(plain + 1, announced);
    (void)caller_say_plain(caller, bytes_of(plain, HEAD_BYTES + len));
}

static void say_one_chunk(struct trial *trial, uint8_t kind, uint32_t announced, size_t len) {
    struct caller caller;
    if (!trial_meet(trial, &caller)) return;
    say_chunk(&caller, kind, announced, len);
    trial_end(trial, &caller);
}

static void oversized(struct trial *trial) {
    say_one_chunk(trial, REPLICA_VOTE, REPLICA_VOTE_BYTES + 1, CHUNK);
    say_one_chunk(trial, REPLICA_BLOCK, WIRE_MAX_BYTES + 1, CHUNK);
    say_one_chunk(trial, REPLICA_SYNC, UINT32_MAX, CHUNK);
}

static void unknown_kind(struct trial *trial) {
    say_one_chunk(trial, REPLICA_KINDS, 1, 1);
    say_one_chunk(trial, CHANNEL_KINDS_MAX - 1, 1, 1);
}

static void out_of_order(struct trial *trial) {
    struct caller caller;
    say_one_chunk(trial, REPLICA_BLOCK | CONTINUES, 0, 10); // nothing has begun
    if (!trial_meet(trial, &caller)) return;
    say_chunk(&caller, REPLICA_BLOCK, 3 * CHUNK, CHUNK);
    say_chunk(&caller, REPLICA_BLOCK, 3 * CHUNK, CHUNK); // begins again
    trial_end(trial, &caller);
}

static void chunks_not_full(struct trial *trial) {
    say_one_chunk(trial, REPLICA_BLOCK, 3 * CHUNK, 1);
}

static void empty_message(struct trial *trial) {
    struct caller caller;
    if (!trial_meet(trial, &caller)) return;
    (void)caller_say_plain(&caller, bytes_of(NULL, 0));
    trial_end(trial, &caller);
}

// Some bytes of a good message, sealed once and said as they are told.
static void say_sealed(struct trial *trial, bool is_changed, int times) {
    struct caller caller;
    struct buf sealed = {0}, raw = {0};
    uint8_t plain[HEAD_BYTES + HOST_PING_BYTES] = {HOST_PING, HOST_PING_BYTES}, prefix[2];
    if (!trial_meet(trial, &caller)) return;
    ENSURE(noise_seal(&caller.send, &sealed, bytes_of(NULL, 0), BYTES_OF(plain)) == STATUS_OK);
    if (is_changed) sealed.data[7] ^= 4;
    store_u16_le(prefix, (uint16_t)sealed.len);
    buf_append(&raw, BYTES_OF(prefix));
    buf_append(&raw, buf_bytes(&sealed));
    for (int i = 0; i < times; i++) (void)caller_write(&caller, buf_bytes(&raw));
    buf_clear(&raw);
    buf_clear(&sealed);
    trial_end(trial, &caller);
}

static void replayed_message(struct trial *trial) { say_sealed(trial, false, 2); }
static void changed_message(struct trial *trial) { say_sealed(trial, true, 1); }

// Of a node that was banned a moment ago.
static void comes_again(struct trial *trial) {
    struct caller caller;
    if (!trial_meet(trial, &caller)) return;
    (void)caller_say_plain(&caller, bytes_of(NULL, 0));
    (void)caller_await_close(&caller, 10000);
    if (!caller_connect(&caller, trial->victim->port, trial->from))
        trial_fail(trial, "nobody took the connection");
    else
        (void)caller_shake(&caller);
    trial_end(trial, &caller);
}

// ---- frames that are whole

static void say_frame(struct trial *trial, uint8_t kind, struct bytes payload, int times) {
    struct caller caller;
    if (!trial_meet(trial, &caller)) return;
    for (int i = 0; i < times && !caller.is_closed; i++) (void)caller_say(&caller, kind, payload);
    trial_end(trial, &caller);
}

static void other_class(struct trial *trial) {
    struct buf vote = {0};
    if (trial_overhear_vote(trial, &message, &vote)) {
        say_frame(trial, REPLICA_BLOCK, buf_bytes(&vote), 1);
        say_frame(trial, REPLICA_CERTIFICATE, buf_bytes(&vote), 1);
    }
    buf_clear(&vote);
}

static void cut_messages(struct trial *trial) {
    static const uint8_t kinds[] = {REPLICA_VOTE, REPLICA_CERTIFICATE, REPLICA_BLOCK, REPLICA_KEYS};
    struct buf whole = {0};
    for (size_t i = 0; i < sizeof kinds; i++)
        if (trial_overhear(trial, kinds[i], &whole))
            say_frame(trial, kinds[i], bytes_of(whole.data, whole.len - 1), 1);
    buf_clear(&whole);
}

// What a witness has certified of its own node.
static void certificate_of_another_node(struct trial *trial) {
    struct buf keys = {0};
    if (trial_overhear(trial, REPLICA_KEYS, &keys))
        say_frame(trial, REPLICA_KEYS, buf_bytes(&keys), 1);
    buf_clear(&keys);
}

static void unasked_peers(struct trial *trial) {
    static const uint8_t none[4];
    say_frame(trial, HOST_PEERS, BYTES_OF(none), 1);
}

static void duplicate_signers(struct trial *trial) {
    struct buf vote = {0}, twice = {0};
    struct vote_signer signers[2];
    if (trial_overhear_vote(trial, &message, &vote)) {
        struct signed_votes votes = message.message.votes;
        signers[0] = signers[1] = votes.signers[0];
        votes.signers = signers;
        votes.count = 2;
        wire_encode_votes(&twice, &votes);
        say_frame(trial, REPLICA_VOTE, buf_bytes(&twice), 1);
    }
    buf_clear(&twice);
    buf_clear(&vote);
}

// ---- what no witness has signed, for a view in which it would count

// Votes count for sixteen views on.
enum { AHEAD_VIEWS = 14, TIMES = 3 };

static void forged_votes(struct trial *trial) {
    struct buf vote = {0}, forged = {0};
    if (trial_overhear_vote(trial, &message, &vote)) {
        struct signed_votes votes = message.message.votes;
        struct vote_signer signer = votes.signers[0];
        votes.signers = &signer;
        votes.count = 1;
        votes.view += AHEAD_VIEWS;
        votes.kind = VOTE_NULLIFY;
        votes.block_id = (struct hash){0};
        wire_encode_votes(&forged, &votes);
        say_frame(trial, REPLICA_VOTE, buf_bytes(&forged), TIMES);
    }
    buf_clear(&forged);
    buf_clear(&vote);
}

static void say_certificate(struct trial *trial, uint16_t signatures, uint64_t epochs_on) {
    struct buf whole = {0}, changed = {0};
    struct wire_company company = {.witness_count = VICTIM_WITNESSES};
    if (trial_overhear(trial, REPLICA_CERTIFICATE, &whole) &&
        wire_decode(&message, buf_bytes(&whole)) == STATUS_OK) {
        struct certificate *certificate = &message.certificate;
        certificate->view += AHEAD_VIEWS;
        message.message.sealed.epoch += epochs_on;
        while (certificate->signature_count > signatures) {
            certificate->signature_count--;
            uint8_t bits = certificate->bitmap[0];
            certificate->bitmap[0] = bits & (uint8_t)(bits - 1);
        }
        wire_encode(&changed, &message.message, &company);
        say_frame(trial, REPLICA_CERTIFICATE, buf_bytes(&changed), TIMES);
    }
    buf_clear(&changed);
    buf_clear(&whole);
}

static void too_few_signers(struct trial *trial) { say_certificate(trial, 1, 0); }
static void forged_certificate(struct trial *trial) { say_certificate(trial, VICTIM_WITNESSES, 0); }

static void other_epoch(struct trial *trial) {
    struct buf whole = {0}, changed = {0};
    struct wire_company company = {.witness_count = VICTIM_WITNESSES};
    struct caller caller;
    if (trial_overhear(trial, REPLICA_CERTIFICATE, &whole) && trial_meet(trial, &caller)) {
        ENSURE(wire_decode(&message, buf_bytes(&whole)) == STATUS_OK);
        message.message.sealed.epoch += 7;
        wire_encode(&changed, &message.message, &company);
        for (int i = 0; i < 100; i++)
            (void)caller_say(&caller, REPLICA_CERTIFICATE, buf_bytes(&changed));
        pause_ms(50);
        caller_drain(&caller);
        trial_leave(trial, &caller);
    }
    buf_clear(&changed);
    buf_clear(&whole);
}

static void forged_proposal(struct trial *trial) {
    struct buf whole = {0}, changed = {0};
    if (trial_overhear(trial, REPLICA_BLOCK, &whole) &&
        wire_decode(&message, buf_bytes(&whole)) == STATUS_OK && message.kind == WIRE_PROPOSE) {
        struct wire_company company = {.body = message.body};
        message.message.proposal.view += AHEAD_VIEWS;
        wire_encode(&changed, &message.message, &company);
        say_frame(trial, REPLICA_BLOCK, buf_bytes(&changed), TIMES);
    } else {
        trial_fail(trial, "no proposal was overheard");
    }
    buf_clear(&changed);
    buf_clear(&whole);
}

static void no_transaction(struct trial *trial) {
    struct buf payload = {0};
    encode_u32(&payload, 1);
    encode_bytes(&payload, bytes_of_string("all your money"));
    say_frame(trial, REPLICA_TXS, buf_bytes(&payload), TIMES);
    buf_clear(&payload);
}

const struct behaviour frame_behaviours[] = {
    {"oversized", "announces more than a frame may have", oversized, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_FRAME, NULL, 8, false},
    {"unknown_kind", "says frames of no kind", unknown_kind, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_FRAME, NULL, 8, false},
    {"out_of_order", "goes on with what it has not begun", out_of_order, OUTCOME_CLOSED,
     COUNTED_CAUSE, CAUSE_FRAME, NULL, 8, false},
    {"chunks_not_full", "cuts frames into crumbs", chunks_not_full, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_FRAME, NULL, 8, false},
    {"empty_message", "seals nothing", empty_message, OUTCOME_CLOSED, COUNTED_CAUSE, CAUSE_FRAME,
     NULL, 8, false},
    {"replayed_message", "says a sealed message twice", replayed_message, OUTCOME_CLOSED,
     COUNTED_CAUSE, CAUSE_SEAL, NULL, 8, false},
    {"changed_message", "changes a bit of what is sealed", changed_message, OUTCOME_CLOSED,
     COUNTED_CAUSE, CAUSE_SEAL, NULL, 8, false},
    {"comes_again", "is banned and calls again", comes_again, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_BANNED_NODE, NULL, 8, false},
    {"other_class", "passes a vote for a block", other_class, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_MESSAGE, NULL, 8, false},
    {"cut_messages", "leaves the last byte out", cut_messages, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_MESSAGE, NULL, 8, false},
    {"certificate_of_another_node", "shows what a witness certified of its own node",
     certificate_of_another_node, OUTCOME_CLOSED, COUNTED_CAUSE, CAUSE_MESSAGE, NULL, 8, false},
    {"unasked_peers", "tells of nodes that nobody asked for", unasked_peers, OUTCOME_CLOSED,
     COUNTED_CAUSE, CAUSE_MESSAGE, NULL, 8, false},
    {"duplicate_signers", "counts a witness twice", duplicate_signers, OUTCOME_CLOSED,
     COUNTED_CAUSE, CAUSE_MESSAGE, NULL, 8, false},
    {"forged_votes", "votes for a witness", forged_votes, OUTCOME_CLOSED, COUNTED_FAULT,
     FAULT_FORGED, NULL, 8, false},
    {"forged_certificate", "moves a certificate to another view", forged_certificate,
     OUTCOME_CLOSED, COUNTED_FAULT, FAULT_FORGED, NULL, 8, false},
    {"too_few_signers", "shows a certificate that one has signed", too_few_signers, OUTCOME_CLOSED,
     COUNTED_FAULT, FAULT_FORGED, NULL, 8, false},
    {"forged_proposal", "proposes for a leader", forged_proposal, OUTCOME_CLOSED, COUNTED_FAULT,
     FAULT_FORGED, NULL, 8, false},
    {"other_epoch", "shows certificates of another epoch, as who is ahead does", other_epoch,
     OUTCOME_STAYS, COUNTED_USELESS, 0, NULL, 8, false},
    {"no_transaction", "shares what is no transaction", no_transaction, OUTCOME_CLOSED,
     COUNTED_FAULT, FAULT_NO_TX, NULL, 8, false},
};
const size_t frame_behaviour_count = sizeof frame_behaviours / sizeof *frame_behaviours;
