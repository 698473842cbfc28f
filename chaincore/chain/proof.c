// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/proof.h"

#include "chaincore/chain/genesis_head.h"

enum { MAX_CERTIFICATE_BYTES = 8 + (LIMIT_WITNESSES + 7) / 8 + 64 * LIMIT_WITNESSES };

void event_proof_encode(struct buf *out, const struct event_proof *proof) {
    encode_u8(out, PROOF_VERSION);
    encode_bytes(out, proof->genesis_head);
    header_encode(out, &proof->anchor);
    encode_bytes(out, proof->certificate);
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
    out->genesis_head = decode_bytes(&decoder, GENESIS_HEAD_MAX_BYTES);
    header_decode_from(&decoder, &out->anchor);
    out->certificate = decode_bytes(&decoder, MAX_CERTIFICATE_BYTES);
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
