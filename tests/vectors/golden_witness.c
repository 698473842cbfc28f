// SPDX-License-Identifier: Apache-2.0
// What witnesses say to one another. Signatures are bytes that count up: nothing is verified here.
#include "chaincore/witness/message.h"
#include "tests/vectors/golden.h"

static struct hash block_id;

static void show(const char *label, const struct consensus_message *message,
                 const struct wire_company *company) {
    struct buf encoded = {0};
    wire_encode(&encoded, message, company);
    golden_buf(label, &encoded);
    buf_clear(&encoded);
}

static void show_votes(void) {
    struct vote_signer signers[2] = {{.witness = 2}, {.witness = 3}};
    struct consensus_message message = {
        .kind = MESSAGE_VOTES,
        .votes = {.epoch = 1, .view = 3, .kind = VOTE_NULLIFY, .count = 1, .signers = signers}};
    golden_fill(signers[0].signature.bytes, 64, 0xa0);
    golden_fill(signers[1].signature.bytes, 64, 0xc0);
    show("NULLIFY of one witness", &message, NULL);
    message.votes.block_id = block_id;
    message.votes.kind = VOTE_NOTARIZE;
    message.votes.count = 2;
    show("NOTARIZE of two", &message, NULL);
    message.votes.kind = VOTE_FINALIZE;
    message.votes.count = 1;
    show("FINALIZE of one", &message, NULL);
}

static void show_certificate(void) {
    static struct certificate certificate = {.view = 3};
    for (uint16_t i = 0; i < 3; i++) {
        struct signature signature;
        golden_fill(signature.bytes, 64, (uint8_t)(0x60 + 0x20 * i));
        certificate_add(&certificate, i, &signature);
    }
    struct consensus_message message = {
        .kind = MESSAGE_CERTIFICATE,
        .sealed = {
            .epoch = 1, .kind = VOTE_FINALIZE, .block_id = block_id, .certificate = &certificate}};
    show("CERTIFICATE of FINALIZE, by three of four", &message,
         &(struct wire_company){.witness_count = 4});
}

static void show_proposal(void) {
    static const uint8_t empty[4] = {0}; // no transactions
    struct header header = {.version = HEADER_VERSION, .height = 2, .epoch = 1, .view = 3};
    struct consensus_message message = {.kind = MESSAGE_PROPOSAL,
                                        .proposal = {.epoch = 1, .view = 3, .header = &header}};
    golden_fill(message.proposal.signature.bytes, 64, 0xa0);
    show("PROPOSE of a block with an empty body", &message,
         &(struct wire_company){.body = BYTES_OF(empty)});
}

void golden_messages(void) {
    golden_fill(block_id.bytes, 32, 0x50);
    struct consensus_message fetch = {
        .kind = MESSAGE_FETCH,
        .fetch = {.epoch = 1, .view = 3, .final_height = 1, .certificates_from = 2}};
    struct consensus_message ahead = {.kind = MESSAGE_AHEAD, .ahead = {.epoch = 1, .height = 99}};
    golden_begin("messages");
    show_votes();
    show_certificate();
    show("FETCH of certificates", &fetch, NULL);
    fetch.fetch.block_id = block_id;
    show("FETCH of certificates and a block", &fetch, NULL);
    show("AHEAD", &ahead, NULL);
    show_proposal();
}
