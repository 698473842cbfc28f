// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/proof.h"

#include "chaincore/chain/genesis_head.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/chain/state_proof.h"

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

static void encode_backing(struct buf *out, const struct proof_ground *ground) {
    encode_bytes(out, ground->backing.genesis_head);
    encode_u32(out, ground->backing.hand_over_count);
    encode_fixed(out, ground->backing.hand_overs.data, ground->backing.hand_overs.len);
    encode_bytes(out, ground->backing.certificate);
    encode_set(out, ground->backing.set);
}

// Each hand-over leads on from the one before, and the last one to the anchor: a header that nobody
// would look at has no place in a proof.
static void decode_hand_overs(struct decoder *in, struct proof_ground *out) {
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

static void decode_backing(struct decoder *in, struct proof_ground *out) {
    out->backing.genesis_head = decode_bytes(in, GENESIS_HEAD_MAX_BYTES);
    decode_hand_overs(in, out);
    out->backing.certificate = decode_bytes(in, CERTIFICATE_MAX_BYTES);
    out->backing.set = decode_set(in);
}

static void encode_ground(struct buf *out, enum proof_form form,
                          const struct proof_ground *ground) {
    encode_u8(out, (uint8_t)form);
    header_encode(out, &ground->anchor);
    encode_bool(out, ground->has_backing);
    if (ground->has_backing) encode_backing(out, ground);
    encode_bool(out, !ground->is_anchor_block);
    if (!ground->is_anchor_block) {
        header_encode(out, &ground->header);
        merkle_branch_encode(out, &ground->history);
    }
}

static void decode_ground(struct decoder *in, enum proof_form form, struct proof_ground *out) {
    if (decode_u8(in) != form) decoder_fail(in, STATUS_UNSUPPORTED);
    header_decode_from(in, &out->anchor);
    out->has_backing = decode_bool(in);
    if (out->has_backing) decode_backing(in, out);
    out->is_anchor_block = !decode_bool(in);
    if (out->is_anchor_block) {
        out->header = out->anchor;
    } else {
        header_decode_from(in, &out->header);
        merkle_branch_decode(in, &out->history);
    }
}

static void encode_receipt(struct buf *out, const struct receipt *receipt,
                           const struct merkle_branch *branch) {
    receipt_encode(out, receipt);
    merkle_branch_encode(out, branch);
}

static void decode_receipt(struct decoder *in, struct receipt *receipt,
                           struct merkle_branch *branch) {
    struct bytes encoded = decode_slice(in, RECEIPT_BYTES);
    if (in->status == STATUS_OK && receipt_decode(receipt, encoded) != STATUS_OK)
        decoder_fail(in, STATUS_MALFORMED);
    merkle_branch_decode(in, branch);
}

void event_proof_encode(struct buf *out, const struct event_proof *proof) {
    encode_ground(out, PROOF_OF_EVENT, &proof->ground);
    encode_receipt(out, &proof->receipt, &proof->receipt_branch);
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
    decode_ground(&decoder, PROOF_OF_EVENT, &out->ground);
    decode_receipt(&decoder, &out->receipt, &out->receipt_branch);
    event_decode_from(&decoder, &out->event);
    merkle_branch_decode(&decoder, &out->event_branch);
    out->has_payload = decode_bool(&decoder);
    if (out->has_payload) {
        out->payload_offset = decode_u32(&decoder);
        out->payload = decode_bytes(&decoder, PROOF_MAX_PAYLOAD);
    }
    return decoder_finish(&decoder);
}

void tx_proof_encode(struct buf *out, const struct tx_proof *proof) {
    encode_ground(out, PROOF_OF_TX, &proof->ground);
    encode_bool(out, proof->has_tx);
    if (proof->has_tx) {
        encode_bytes(out, proof->body);
        encode_bytes(out, proof->signatures);
        merkle_branch_encode(out, &proof->tx_branch);
    }
    encode_receipt(out, &proof->receipt, &proof->receipt_branch);
}

enum status tx_proof_decode(struct tx_proof *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    if (in.len > PROOF_MAX_BYTES) return STATUS_TOO_LARGE;
    memset(out, 0, sizeof *out);
    decode_ground(&decoder, PROOF_OF_TX, &out->ground);
    out->has_tx = decode_bool(&decoder);
    if (out->has_tx) {
        out->body = decode_bytes(&decoder, LIMIT_DEPLOY_TX_BYTES);
        out->signatures = decode_bytes(&decoder, LIMIT_DEPLOY_TX_BYTES);
        merkle_branch_decode(&decoder, &out->tx_branch);
    }
    decode_receipt(&decoder, &out->receipt, &out->receipt_branch);
    return decoder_finish(&decoder);
}

void entry_proof_encode(struct buf *out, const struct entry_proof *proof) {
    encode_ground(out, PROOF_OF_ENTRY, &proof->ground);
    encode_bytes(out, proof->key);
    encode_bool(out, proof->has_value);
    if (proof->has_value) encode_bytes(out, proof->value);
    encode_bytes(out, proof->branch);
}

enum status entry_proof_decode(struct entry_proof *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    if (in.len > PROOF_MAX_BYTES) return STATUS_TOO_LARGE;
    memset(out, 0, sizeof *out);
    decode_ground(&decoder, PROOF_OF_ENTRY, &out->ground);
    out->key = decode_bytes(&decoder, STATE_KEY_MAX);
    out->has_value = decode_bool(&decoder);
    if (out->has_value) out->value = decode_bytes(&decoder, PROOF_MAX_BYTES);
    out->branch = decode_bytes(&decoder, STATE_PROOF_MAX_BYTES);
    return decoder_finish(&decoder);
}

void block_proof_encode(struct buf *out, const struct block_proof *proof) {
    encode_ground(out, PROOF_OF_BLOCK, &proof->ground);
}

enum status block_proof_decode(struct block_proof *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    if (in.len > PROOF_MAX_BYTES) return STATUS_TOO_LARGE;
    memset(out, 0, sizeof *out);
    decode_ground(&decoder, PROOF_OF_BLOCK, &out->ground);
    return decoder_finish(&decoder);
}

enum status proof_form_of(enum proof_form *out, struct bytes proof) {
    if (proof.len == 0) return STATUS_TRUNCATED;
    if (proof.data[0] < PROOF_OF_EVENT || proof.data[0] >= PROOF_FORMS_END)
        return STATUS_UNSUPPORTED;
    *out = (enum proof_form)proof.data[0];
    return STATUS_OK;
}
