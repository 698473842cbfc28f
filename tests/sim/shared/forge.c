// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/shared/forge.h"

static uint64_t below(const struct forger *forger, uint64_t bound) {
    return forger->below(forger->context, bound);
}

static bool percent(const struct forger *forger, uint64_t percent) {
    return below(forger, 100) < percent;
}

// A certificate out of one vote.
static void seal_alone(const struct forger *forger, struct wire_message *message) {
    struct signed_votes votes = message->message.votes;
    struct vote_signer signer = votes.signers[0];
    uint16_t count = forger->witnesses(forger->context, votes.epoch);
    if (count == 0) return;
    message->kind = WIRE_CERTIFICATE;
    message->witness_count = count;
    if (signer.witness >= message->witness_count) signer.witness = 0;
    message->certificate = (struct certificate){.view = votes.view};
    certificate_add(&message->certificate, signer.witness, &signer.signature);
    message->message.kind = MESSAGE_CERTIFICATE;
    message->message.sealed = (struct sealed){.epoch = votes.epoch,
                                              .kind = votes.kind,
                                              .block_id = votes.block_id,
                                              .certificate = &message->certificate};
}

// One of them is another's; or one says that all the others are its own.
static void forge_signer(const struct forger *forger, struct wire_message *message) {
    struct signed_votes *votes = &message->message.votes;
    struct vote_signer *last = &message->signers[votes->count - 1];
    if (percent(forger, 50) || votes->count == 1) {
        uint16_t lowest = votes->count > 1 ? (uint16_t)(last[-1].witness + 1) : 0;
        if (lowest < forger->most)
            last->witness = (uint16_t)(lowest + below(forger, (uint64_t)forger->most - lowest));
    } else {
        for (uint16_t i = 1; i < votes->count; i++)
            message->signers[i].signature = message->signers[0].signature;
    }
}

static void forge_votes(const struct forger *forger, struct wire_message *message) {
    struct signed_votes *votes = &message->message.votes;
    if (percent(forger, 30)) {
        seal_alone(forger, message);
        return;
    }
    if (percent(forger, 30)) votes->view += 1 + below(forger, 2);
    if (percent(forger, 50)) forge_signer(forger, message);
    if (votes->kind != VOTE_NULLIFY && percent(forger, 50))
        votes->block_id.bytes[below(forger, 32)] ^= 1;
}

static void forge_certificate(const struct forger *forger, struct wire_message *message) {
    struct certificate *certificate = &message->certificate;
    if (percent(forger, 50)) {
        for (uint16_t i = 1; i < certificate->signature_count; i++)
            certificate->signatures[i] = certificate->signatures[0];
        certificate->view += below(forger, 3);
    } else {
        message->message.sealed.kind = VOTE_FINALIZE;
        if (hash_is_zero(&message->message.sealed.block_id))
            message->message.sealed.block_id.bytes[0] = 1;
    }
}

void forge_message(const struct forger *forger, struct wire_message *message) {
    switch (message->kind) {
    case WIRE_NOTARIZE:
    case WIRE_NULLIFY:
    case WIRE_FINALIZE:
        forge_votes(forger, message);
        break;
    case WIRE_CERTIFICATE:
        forge_certificate(forger, message);
        break;
    case WIRE_PROPOSE:
        message->message.proposal.view += below(forger, 2);
        message->header.time_ms += below(forger, 2);
        break;
    case WIRE_FETCH:
    case WIRE_AHEAD:
    case WIRE_BLOCK:
    case WIRE_KINDS:
        break;
    }
}

void forge_encode(struct buf *out, const struct wire_message *message, struct bytes body) {
    struct wire_company company = {.body = body, .witness_count = message->witness_count};
    if (message->kind == WIRE_BLOCK)
        wire_encode_block(out, &message->header, body);
    else
        wire_encode(out, &message->message, &company);
}
