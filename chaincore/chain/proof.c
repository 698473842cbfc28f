// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/proof.h"

#include "chaincore/chain/genesis_head.h"

static void encode_set(struct buf *out, struct bytes keys) {
    encode_u32(out, (uint32_t)(keys.len / sizeof(struct public_key)));
    encode_fixed(out, keys.data, keys.len);
}

static struct bytes decode_set(struct decoder *in) {
    return decode_slice(in, decode_count(in, LIMIT_WITNESSES) * sizeof(struct public_key));
}

void proof_hand_over_encode(struct buf *out, const struct proof_hand_over *hand_over) {
    header_encode(out, &hand_over->header);
    encode_bytes(out, hand_over->certificate);
    encode_set(out, hand_over->set);
    encode_set(out, hand_over->next);
}

void proof_hand_over_decode_from(struct decoder *in, struct proof_hand_over *out) {
    header_decode_from(in, &out->header);
    out->certificate = decode_bytes(in, CERTIFICATE_MAX_BYTES);
    out->set = decode_set(in);
    out->next = decode_set(in);
    if (in->status == STATUS_OK && out->set.len == 0 && out->next.len == 0)
        decoder_fail(in, STATUS_MALFORMED);
}

static void encode_backing(struct buf *out, const struct event_proof *proof) {
    encode_bytes(out, proof->backing.genesis_head);
    encode_u32(out, proof->backing.hand_over_count);
    encode_fixed(out, proof->backing.hand_overs.data, proof->backing.hand_overs.len);
    encode_bytes(out, proof->backing.certificate);
    encode_set(out, proof->backing.set);
}

// Each hand-over leads on from the one before, and the last one to the anchor: a header that nobody
// would look at has no place in a proof.
static void decode_hand_overs(struct decoder *in, struct event_proof *out) {
    struct proof_hand_over each;
    uint64_t height = 0;
    out->backing.hand_over_count = decode_count(in, PROOF_MAX_HAND_OVERS);
    const uint8_t *begin = in->next;
    for (uint32_t i = 0; i < out->backing.hand_over_count && in->status == STATUS_OK; i++) {
        proof_hand_over_decode_from(in, &each);
        if (each.header.height <= height) decoder_fail(in, STATUS_MALFORMED);
        height = each.header.height;
    }
    if (out->anchor.height <= height) decoder_fail(in, STATUS_MALFORMED);
    if (in->status == STATUS_OK)
        out->backing.hand_overs = bytes_of(begin, (size_t)(in->next - begin));
}

static void decode_backing(struct decoder *in, struct event_proof *out) {
    out->backing.genesis_head = decode_bytes(in, GENESIS_HEAD_MAX_BYTES);
    decode_hand_overs(in, out);
    out->backing.certificate = decode_bytes(in, CERTIFICATE_MAX_BYTES);
    out->backing.set = decode_set(in);
}

void event_proof_encode(struct buf *out, const struct event_proof *proof) {
    encode_u8(out, PROOF_VERSION);
    header_encode(out, &proof->anchor);
    encode_bool(out, proof->has_backing);
    if (proof->has_backing) encode_backing(out, proof);
    encode_bool(out, !proof->is_anchor_block);
    if (!proof->is_anchor_block) {
        header_encode(out, &proof->header);
        merkle_branch_encode(out, &proof->history);
    }
    receipt_encode(out, &proof->receipt);
    merkle_branch_encode(out, &proof->receipt_branch);
    event_encode(out, &proof->event);
    merkle_branch_encode(out, &proof->event_branch);
    encode_bool(out, proof->has_payload);
    if (proof->has_payload) {
        encode_u32(out, proof->payload_offset);
        encode_bytes(out, proof->payload);
    }
}

enum status event_proof_decode(struct event_proof *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    if (in.len > PROOF_MAX_BYTES) return STATUS_TOO_LARGE;
    memset(out, 0, sizeof *out);
    if (decode_u8(&decoder) != PROOF_VERSION) decoder_fail(&decoder, STATUS_UNSUPPORTED);
    header_decode_from(&decoder, &out->anchor);
    out->has_backing = decode_bool(&decoder);
    if (out->has_backing) decode_backing(&decoder, out);
    out->is_anchor_block = !decode_bool(&decoder);
    if (out->is_anchor_block) {
        out->header = out->anchor;
    } else {
        header_decode_from(&decoder, &out->header);
        merkle_branch_decode(&decoder, &out->history);
    }
    struct bytes receipt = decode_slice(&decoder, RECEIPT_BYTES);
    if (decoder.status == STATUS_OK && receipt_decode(&out->receipt, receipt) != STATUS_OK)
        decoder_fail(&decoder, STATUS_MALFORMED);
    merkle_branch_decode(&decoder, &out->receipt_branch);
    event_decode_from(&decoder, &out->event);
    merkle_branch_decode(&decoder, &out->event_branch);
    out->has_payload = decode_bool(&decoder);
    if (out->has_payload) {
        out->payload_offset = decode_u32(&decoder);
        out->payload = decode_bytes(&decoder, PROOF_MAX_PAYLOAD);
    }
    return decoder_finish(&decoder);
}
