// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/evidence.h"

enum { KINDS = VOTE_FINALIZE + 1 };

static void encode_vote(struct buf *out, const struct evidence_vote *vote) {
    encode_u8(out, (uint8_t)vote->kind);
    encode_fixed(out, &vote->block_id, sizeof vote->block_id);
    encode_fixed(out, &vote->signature, sizeof vote->signature);
}

static void decode_vote(struct decoder *in, struct evidence_vote *out) {
    out->kind = (enum vote_kind)decode_tag(in, KINDS);
    decode_fixed(in, &out->block_id, sizeof out->block_id);
    decode_fixed(in, &out->signature, sizeof out->signature);
}

bool evidence_is_contradiction(const struct evidence_vote *first,
                               const struct evidence_vote *second) {
    if (first->kind == VOTE_NULLIFY)
        return second->kind == VOTE_FINALIZE && hash_is_zero(&first->block_id);
    return first->kind == second->kind && hash_compare(&first->block_id, &second->block_id) < 0;
}

void evidence_encode(struct buf *out, const struct evidence *evidence) {
    encode_u64(out, evidence->epoch);
    encode_u64(out, evidence->view);
    encode_u16(out, evidence->witness);
    encode_vote(out, &evidence->first);
    encode_vote(out, &evidence->second);
}

void evidence_decode_from(struct decoder *in, struct evidence *out) {
    out->epoch = decode_u64(in);
    out->view = decode_u64(in);
    out->witness = decode_u16(in);
    decode_vote(in, &out->first);
    decode_vote(in, &out->second);
    if (in->status == STATUS_OK && !evidence_is_contradiction(&out->first, &out->second))
        decoder_fail(in, STATUS_MALFORMED);
}

static bool verify_vote(const struct evidence *evidence, const struct evidence_vote *given,
                        const struct witness_set *set, const struct hash *chain_id) {
    struct vote vote = {.epoch = evidence->epoch,
                        .kind = given->kind,
                        .view = evidence->view,
                        .block_id = given->block_id};
    struct hash payload;
    witness_set_hash(&vote.set_hash, set);
    vote_payload(&payload, &vote);
    enum sign_tag tag = given->kind == VOTE_PROPOSE ? SIGN_PROPOSAL : SIGN_VOTE;
    return sign_verify(&given->signature, &set->keys[evidence->witness], tag, chain_id, &payload);
}

bool evidence_verify(const struct evidence *evidence, const struct witness_set *set,
                     const struct hash *chain_id) {
    return evidence->witness < set->count &&
           verify_vote(evidence, &evidence->first, set, chain_id) &&
           verify_vote(evidence, &evidence->second, set, chain_id);
}
