// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/message.h"

_Static_assert((int)WIRE_PROPOSE == (int)VOTE_PROPOSE && (int)WIRE_FINALIZE == (int)VOTE_FINALIZE,
               "a vote's tag is its kind");

static void encode_hash(struct buf *out, const struct hash *hash) {
    encode_fixed(out, hash->bytes, sizeof hash->bytes);
}

// One that says something: what is not there is left out, and never zero.
static void decode_hash(struct decoder *in, struct hash *out) {
    *out = (struct hash){0};
    decode_fixed(in, out->bytes, sizeof out->bytes);
    if (in->status == STATUS_OK && hash_is_zero(out)) decoder_fail(in, STATUS_MALFORMED);
}

void wire_encode_votes(struct buf *out, const struct signed_votes *votes) {
    ENSURE(votes->count <= LIMIT_WITNESSES);
    encode_u8(out, (uint8_t)votes->kind);
    encode_u64(out, votes->epoch);
    encode_u64(out, votes->view);
    if (votes->kind != VOTE_NULLIFY) encode_hash(out, &votes->block_id);
    encode_u8(out, (uint8_t)votes->count);
    for (uint16_t i = 0; i < votes->count; i++) {
        encode_u16(out, votes->signers[i].witness);
        encode_fixed(out, votes->signers[i].signature.bytes,
                     sizeof votes->signers[i].signature.bytes);
    }
}

static void decode_signers(struct decoder *in, struct signed_votes *out,
                           struct vote_signer *signers) {
    out->count = decode_u8(in);
    if (out->count > LIMIT_WITNESSES) decoder_fail(in, STATUS_TOO_LARGE);
    for (uint16_t i = 0; i < out->count && in->status == STATUS_OK; i++) {
        signers[i].witness = decode_u16(in);
        decode_fixed(in, signers[i].signature.bytes, sizeof signers[i].signature.bytes);
        if (signers[i].witness >= LIMIT_WITNESSES) decoder_fail(in, STATUS_TOO_LARGE);
        if (i > 0 && signers[i].witness <= signers[i - 1].witness)
            decoder_fail(in, STATUS_MALFORMED);
    }
    out->signers = signers;
}

static void decode_votes(struct decoder *in, struct signed_votes *out,
                         struct vote_signer *signers) {
    out->epoch = decode_u64(in);
    out->view = decode_u64(in);
    if (out->kind != VOTE_NULLIFY) decode_hash(in, &out->block_id);
    decode_signers(in, out, signers);
}

void wire_decode_votes(struct decoder *in, struct signed_votes *out,
                       struct vote_signer signers[LIMIT_WITNESSES]) {
    *out = (struct signed_votes){.kind = (enum vote_kind)decode_tag(in, VOTE_FINALIZE + 1)};
    decode_votes(in, out, signers);
}

void wire_encode_sealed(struct buf *out, const struct sealed *sealed, uint16_t witness_count) {
    encode_u64(out, sealed->epoch);
    encode_u8(out, (uint8_t)sealed->kind);
    if (sealed->kind != VOTE_NULLIFY) encode_hash(out, &sealed->block_id);
    encode_u16(out, witness_count);
    certificate_encode(out, sealed->certificate, witness_count);
}

uint16_t wire_decode_sealed(struct decoder *in, struct sealed *out,
                            struct certificate *certificate) {
    *out = (struct sealed){.certificate = certificate};
    out->epoch = decode_u64(in);
    out->kind = (enum vote_kind)decode_tag(in, VOTE_FINALIZE + 1);
    if (out->kind == VOTE_PROPOSE) decoder_fail(in, STATUS_MALFORMED);
    if (out->kind != VOTE_NULLIFY) decode_hash(in, &out->block_id);
    uint16_t count = decode_u16(in);
    certificate_decode_from(in, certificate, count);
    return in->status == STATUS_OK ? count : 0;
}

static void encode_block(struct buf *out, const struct header *header, struct bytes body) {
    header_encode(out, header);
    encode_bytes(out, body);
}

static void decode_block(struct decoder *in, struct wire_message *out) {
    header_decode_from(in, &out->header);
    out->body = decode_bytes(in, LIMIT_BODY_BYTES);
}

static void encode_proposal(struct buf *out, const struct proposal *proposal, struct bytes body) {
    encode_u8(out, WIRE_PROPOSE);
    encode_u64(out, proposal->epoch);
    encode_u64(out, proposal->view);
    encode_fixed(out, proposal->signature.bytes, sizeof proposal->signature.bytes);
    encode_block(out, proposal->header, body);
}

static void decode_proposal(struct decoder *in, struct wire_message *out) {
    struct proposal *proposal = &out->message.proposal;
    out->message.kind = MESSAGE_PROPOSAL;
    proposal->epoch = decode_u64(in);
    proposal->view = decode_u64(in);
    decode_fixed(in, proposal->signature.bytes, sizeof proposal->signature.bytes);
    decode_block(in, out);
    proposal->header = &out->header;
    if (in->status == STATUS_OK) header_id(&proposal->id, &out->header);
}

static void encode_fetch(struct buf *out, const struct fetch *fetch) {
    encode_u8(out, WIRE_FETCH);
    encode_u64(out, fetch->epoch);
    encode_u64(out, fetch->view);
    encode_u64(out, fetch->final_height);
    encode_u64(out, fetch->certificates_from);
    bool has_block = !hash_is_zero(&fetch->block_id);
    encode_bool(out, has_block);
    if (has_block) encode_hash(out, &fetch->block_id);
}

static void decode_fetch(struct decoder *in, struct wire_message *out) {
    struct fetch *fetch = &out->message.fetch;
    out->message.kind = MESSAGE_FETCH;
    fetch->epoch = decode_u64(in);
    fetch->view = decode_u64(in);
    fetch->final_height = decode_u64(in);
    fetch->certificates_from = decode_u64(in);
    if (decode_bool(in)) decode_hash(in, &fetch->block_id);
}

void wire_encode(struct buf *out, const struct consensus_message *message,
                 const struct wire_company *company) {
    switch (message->kind) {
    case MESSAGE_PROPOSAL:
        encode_proposal(out, &message->proposal, company->body);
        break;
    case MESSAGE_VOTES:
        ENSURE(message->votes.kind != VOTE_PROPOSE && message->votes.count > 0);
        wire_encode_votes(out, &message->votes);
        break;
    case MESSAGE_CERTIFICATE:
        encode_u8(out, WIRE_CERTIFICATE);
        wire_encode_sealed(out, &message->sealed, company->witness_count);
        break;
    case MESSAGE_FETCH:
        encode_fetch(out, &message->fetch);
        break;
    case MESSAGE_AHEAD:
        encode_u8(out, WIRE_AHEAD);
        encode_u64(out, message->ahead.epoch);
        encode_u64(out, message->ahead.height);
        break;
    }
}

void wire_encode_block(struct buf *out, const struct header *header, struct bytes body) {
    encode_u8(out, WIRE_BLOCK);
    encode_block(out, header, body);
}

static void decode_fields(struct decoder *in, struct wire_message *out) {
    struct consensus_message *message = &out->message;
    switch (out->kind) {
    case WIRE_PROPOSE:
        decode_proposal(in, out);
        break;
    case WIRE_NOTARIZE:
    case WIRE_NULLIFY:
    case WIRE_FINALIZE:
        message->kind = MESSAGE_VOTES;
        message->votes.kind = (enum vote_kind)out->kind;
        decode_votes(in, &message->votes, out->signers);
        if (in->status == STATUS_OK && message->votes.count == 0)
            decoder_fail(in, STATUS_MALFORMED);
        break;
    case WIRE_CERTIFICATE:
        message->kind = MESSAGE_CERTIFICATE;
        out->witness_count = wire_decode_sealed(in, &message->sealed, &out->certificate);
        break;
    case WIRE_FETCH:
        decode_fetch(in, out);
        break;
    case WIRE_AHEAD:
        message->kind = MESSAGE_AHEAD;
        message->ahead.epoch = decode_u64(in);
        message->ahead.height = decode_u64(in);
        break;
    case WIRE_BLOCK:
        decode_block(in, out);
        break;
    case WIRE_KINDS:
        break;
    }
}

// The signatures are large, and decoded whole where there are any.
enum status wire_decode(struct wire_message *out, struct bytes in) {
    if (in.len > WIRE_MAX_BYTES) return STATUS_TOO_LARGE;
    struct decoder decoder = decoder_of(in);
    memset(out, 0, offsetof(struct wire_message, certificate));
    out->kind = (enum wire_kind)decode_tag(&decoder, WIRE_KINDS);
    decode_fields(&decoder, out);
    return decoder_finish(&decoder);
}
