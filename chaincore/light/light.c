// SPDX-License-Identifier: Apache-2.0
#include "chaincore/light/light.h"

#include "chaincore/chain/genesis_head.h"
#include "chaincore/crypto/edge_cases.h"

const char *light_step_text(enum light_step step) {
    switch (step) {
#define X(name, text)  \
    case LIGHT_##name: \
        return text;
        LIGHT_STEP_LIST(X)
#undef X
    }
    return "unknown";
}

enum status light_self_test(void) {
    return edge_is_frozen(sign_verify_raw) ? STATUS_OK : STATUS_UNSUPPORTED;
}

enum status light_check_certified(const struct header *header,
                                  const struct certificate *certificate,
                                  const struct witness_set *set) {
    struct vote vote = {.epoch = header->epoch, .kind = VOTE_FINALIZE, .view = certificate->view};
    witness_set_hash(&vote.set_hash, set);
    if (!hash_equal(&vote.set_hash, &header->set_hash)) return STATUS_INVALID;
    // A block can be made final in a later view, when it was repeated; never in an earlier one.
    if (certificate->view < header->view) return STATUS_INVALID;
    header_id(&vote.block_id, header);
    return certificate_check(certificate, set, &vote, &header->chain_id);
}

enum status light_check_header(const struct header *header, struct bytes encoded,
                               const struct witness_set *set) {
    struct decoder decoder = decoder_of(encoded);
    struct certificate certificate;
    certificate_decode_from(&decoder, &certificate, set->count);
    enum status status = decoder_finish(&decoder);
    return status == STATUS_OK ? light_check_certified(header, &certificate, set) : status;
}

static enum status check_trust(const struct event_proof *proof, enum light_step *step,
                               const struct hash *chain_id, struct light_fact *out) {
    struct genesis_head head;
    struct hash id;
    *step = LIGHT_CHAIN;
    genesis_head_id(&id, proof->genesis_head);
    if (!hash_equal(&id, chain_id)) return STATUS_INVALID;
    if (!hash_equal(&proof->anchor.chain_id, chain_id)) return STATUS_INVALID;
    *step = LIGHT_WITNESSES;
    enum status status = genesis_head_decode(&head, proof->genesis_head);
    if (status != STATUS_OK) return status;
    *step = LIGHT_CERTIFICATE;
    struct decoder decoder = decoder_of(proof->certificate);
    struct certificate certificate;
    certificate_decode_from(&decoder, &certificate, head.set.count);
    status = decoder_finish(&decoder);
    if (status != STATUS_OK) return status;
    out->signers = certificate.signature_count;
    out->witnesses = head.set.count;
    out->anchor_height = proof->anchor.height;
    return light_check_certified(&proof->anchor, &certificate, &head.set);
}

static enum status check_payload(const struct event_proof *proof) {
    struct bytes data = proof->event.data;
    struct hash hash;
    if (data.len < sizeof hash || proof->payload_offset > data.len - sizeof hash)
        return STATUS_INVALID;
    hash_bytes(&hash, HASH_USER, proof->payload);
    bool stands_there = memcmp(data.data + proof->payload_offset, &hash, sizeof hash) == 0;
    return stands_there ? STATUS_OK : STATUS_INVALID;
}

// Does the header stand at its height among the first `count`?
static enum status check_older(const struct header *header, const struct merkle_branch *history,
                               const struct hash *history_root, uint64_t count) {
    struct hash id;
    if (history->index != header->height || history->count != count) return STATUS_INVALID;
    header_id(&id, header);
    return merkle_branch_check(history, &id, history_root);
}

enum status light_check_older(const struct light_trust *trust, const struct header *header,
                              const struct merkle_branch *history) {
    if (!hash_equal(&header->chain_id, &trust->chain_id)) return STATUS_INVALID;
    return check_older(header, history, &trust->history_root, trust->height);
}

enum status light_check_tx(struct tx *out, struct bytes encoded, const struct merkle_branch *branch,
                           const struct header *header) {
    struct hash leaf;
    enum status status = tx_decode(out, encoded);
    if (status != STATUS_OK) return status;
    tx_leaf(&leaf, encoded, out);
    return merkle_branch_check(branch, &leaf, &header->tx_root);
}

enum status light_check_receipt(const struct receipt *receipt, const struct merkle_branch *branch,
                                const struct header *header) {
    struct hash leaf;
    receipt_leaf(&leaf, receipt);
    return merkle_branch_check(branch, &leaf, &header->receipts_root);
}

enum status light_check_state(const struct light_trust *trust, struct bytes key,
                              const struct bytes *value, struct bytes proof) {
    return state_proof_check(proof, &trust->state_root, key, value);
}

// All below the anchor, which is believed.
static enum status check_content(struct light_fact *out, enum light_step *step,
                                 const struct event_proof *proof) {
    enum status status = STATUS_OK;
    const struct header *header = &proof->header;
    struct hash leaf;
    *step = LIGHT_HISTORY;
    if (!proof->is_anchor_block) {
        if (!hash_equal(&header->chain_id, &proof->anchor.chain_id)) return STATUS_INVALID;
        TRY(check_older(header, &proof->history, &proof->anchor.history_root,
                        proof->anchor.height));
    }
    *step = LIGHT_RECEIPT;
    TRY(light_check_receipt(&proof->receipt, &proof->receipt_branch, header));
    *step = LIGHT_EVENT;
    event_leaf(&leaf, &proof->event);
    TRY(merkle_branch_check(&proof->event_branch, &leaf, &proof->receipt.events_root));
    *step = LIGHT_PAYLOAD;
    if (proof->has_payload) TRY(check_payload(proof));
    out->event = &proof->event;
    out->payload = proof->has_payload ? proof->payload : bytes_of("", 0);
    out->height = header->height;
    out->time_ms = header->time_ms;
    out->tx_id = proof->receipt.tx_id;
    *step = LIGHT_DONE;
out:
    return status;
}

enum status light_check_event(struct light_fact *out, enum light_step *step,
                              const struct event_proof *proof, const struct hash *chain_id) {
    memset(out, 0, sizeof *out);
    enum status status = check_trust(proof, step, chain_id, out);
    return status == STATUS_OK ? check_content(out, step, proof) : status;
}

enum status light_check_event_trusted(struct light_fact *out, enum light_step *step,
                                      const struct event_proof *proof,
                                      const struct light_trust *trust) {
    struct hash id;
    memset(out, 0, sizeof *out);
    *step = LIGHT_CERTIFICATE;
    header_id(&id, &proof->anchor);
    if (trust->height == 0 || !hash_equal(&id, &trust->header_id)) return STATUS_INVALID;
    out->anchor_height = trust->height;
    out->witnesses = trust->set.count;
    return check_content(out, step, proof);
}
