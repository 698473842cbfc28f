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

enum status light_self_test(void) { return edge_judge(sign_verify_raw); }

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

static enum status take(struct light_trust *trust, const struct proof_hand_over *hand_over,
                        const uint64_t *now_ms) {
    struct witness_set set, next;
    enum status status = STATUS_OK;
    struct trust_step step = {.header = &hand_over->header,
                              .certificate = hand_over->certificate,
                              .set = hand_over->set.len > 0 ? &set : NULL,
                              .next = hand_over->next.len > 0 ? &next : NULL};
    if (hand_over->header.height < trust->height) return STATUS_OK;
    if (step.set) TRY(witness_set_read(&set, hand_over->set));
    if (step.next) TRY(witness_set_read(&next, hand_over->next));
    status = now_ms ? light_trust_advance(trust, &step, *now_ms) : light_trust_extend(trust, &step);
    if (status == STATUS_EXISTS) status = STATUS_OK;
out:
    return status;
}

static enum status follow(struct light_trust *trust, enum light_step *step,
                          const struct proof_ground *ground, const uint64_t *now_ms) {
    struct decoder in = decoder_of(ground->backing.hand_overs);
    struct proof_hand_over hand_over;
    *step = LIGHT_HAND_OVER;
    for (uint32_t i = 0; i < ground->backing.hand_over_count; i++) {
        proof_hand_over_decode_from(&in, &hand_over);
        enum status status = in.status == STATUS_OK ? take(trust, &hand_over, now_ms) : in.status;
        if (status != STATUS_OK) return status;
    }
    *step = LIGHT_CERTIFICATE;
    hand_over = (struct proof_hand_over){.header = ground->anchor,
                                         .certificate = ground->backing.certificate,
                                         .set = ground->backing.set,
                                         .next = bytes_of("", 0)};
    return take(trust, &hand_over, now_ms);
}

enum status light_trust_follow(struct light_trust *trust, enum light_step *step,
                               const struct proof_ground *ground, uint64_t now_ms) {
    *step = LIGHT_CHAIN;
    if (!hash_equal(&ground->anchor.chain_id, &trust->chain_id)) return STATUS_INVALID;
    *step = LIGHT_BACKING;
    if (!ground->has_backing) return STATUS_INVALID;
    enum status status = follow(trust, step, ground, &now_ms);
    if (status == STATUS_OK) *step = LIGHT_DONE;
    return status;
}

static uint16_t count_signers(const struct proof_ground *ground, uint16_t witnesses) {
    struct decoder in = decoder_of(ground->backing.certificate);
    struct certificate certificate;
    certificate_decode_from(&in, &certificate, witnesses);
    return certificate.signature_count;
}

// Is the header the one that is believed? At height 0 none is: whoever knows genesis makes it.
static bool is_newest(const struct light_trust *trust, const struct header *header) {
    struct hash id;
    header_id(&id, header);
    return trust->height > 0 && hash_equal(&id, &trust->header_id);
}

static enum status check_backing(const struct proof_ground *ground, enum light_step *step,
                                 const struct hash *chain_id, struct light_fact *out) {
    struct light_trust trust;
    struct hash id;
    *step = LIGHT_CHAIN;
    if (!hash_equal(&ground->anchor.chain_id, chain_id)) return STATUS_INVALID;
    *step = LIGHT_BACKING;
    if (!ground->has_backing) return STATUS_INVALID;
    *step = LIGHT_CHAIN;
    genesis_head_id(&id, ground->backing.genesis_head);
    if (!hash_equal(&id, chain_id)) return STATUS_INVALID;
    *step = LIGHT_WITNESSES;
    enum status status = light_trust_begin(&trust, ground->backing.genesis_head, chain_id);
    if (status != STATUS_OK) return status;
    out->trusted_ms = trust.time_ms;
    out->hand_overs = ground->backing.hand_over_count;
    status = follow(&trust, step, ground, NULL);
    if (status != STATUS_OK) return status;
    if (!is_newest(&trust, &ground->anchor)) return STATUS_INVALID;
    out->witnesses = trust.set.count;
    out->signers = count_signers(ground, trust.set.count);
    return STATUS_OK;
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

// From the anchor, which is believed, to the header that the rest hangs below.
static enum status check_header(struct light_fact *out, enum light_step *step,
                                const struct proof_ground *ground) {
    const struct header *header = &ground->header, *anchor = &ground->anchor;
    *step = LIGHT_HISTORY;
    out->height = header->height;
    out->time_ms = header->time_ms;
    out->anchor_height = anchor->height;
    out->anchor_time_ms = anchor->time_ms;
    if (ground->is_anchor_block) return STATUS_OK;
    if (!hash_equal(&header->chain_id, &anchor->chain_id)) return STATUS_INVALID;
    return check_older(header, &ground->history, &anchor->history_root, anchor->height);
}

static enum status check_for_anybody(struct light_fact *out, enum light_step *step,
                                     const struct proof_ground *ground,
                                     const struct hash *chain_id) {
    memset(out, 0, sizeof *out);
    out->payload = bytes_of("", 0);
    enum status status = check_backing(ground, step, chain_id, out);
    return status == STATUS_OK ? check_header(out, step, ground) : status;
}

static enum status check_for_believer(struct light_fact *out, enum light_step *step,
                                      const struct proof_ground *ground,
                                      const struct light_trust *trust,
                                      const struct merkle_branch *history) {
    memset(out, 0, sizeof *out);
    out->payload = bytes_of("", 0);
    *step = LIGHT_CERTIFICATE;
    bool is_believed = history ? light_check_older(trust, &ground->anchor, history) == STATUS_OK
                               : is_newest(trust, &ground->anchor);
    if (!is_believed) return STATUS_INVALID;
    out->trusted_ms = trust->time_ms;
    out->witnesses = trust->set.count;
    return check_header(out, step, ground);
}

// ---- of an event

static enum status check_event(struct light_fact *out, enum light_step *step,
                               const struct event_proof *proof) {
    enum status status = STATUS_OK;
    struct hash leaf;
    *step = LIGHT_RECEIPT;
    TRY(light_check_receipt(&proof->receipt, &proof->receipt_branch, &proof->ground.header));
    *step = LIGHT_EVENT;
    event_leaf(&leaf, &proof->event);
    TRY(merkle_branch_check(&proof->event_branch, &leaf, &proof->receipt.events_root));
    *step = LIGHT_PAYLOAD;
    if (proof->has_payload) {
        TRY(check_payload(proof));
        out->payload = proof->payload;
    }
    out->event = &proof->event;
    out->tx_id = proof->receipt.tx_id;
    *step = LIGHT_DONE;
out:
    return status;
}

enum status light_check_event(struct light_fact *out, enum light_step *step,
                              const struct event_proof *proof, const struct hash *chain_id) {
    enum status status = check_for_anybody(out, step, &proof->ground, chain_id);
    return status == STATUS_OK ? check_event(out, step, proof) : status;
}

enum status light_check_event_trusted(struct light_fact *out, enum light_step *step,
                                      const struct event_proof *proof,
                                      const struct light_trust *trust,
                                      const struct merkle_branch *history) {
    enum status status = check_for_believer(out, step, &proof->ground, trust, history);
    return status == STATUS_OK ? check_event(out, step, proof) : status;
}

// ---- of a transaction

static enum status check_tx(struct light_fact *out, enum light_step *step,
                            const struct tx_proof *proof) {
    enum status status = STATUS_OK;
    struct hash leaf, id;
    *step = LIGHT_RECEIPT;
    TRY(light_check_receipt(&proof->receipt, &proof->receipt_branch, &proof->ground.header));
    out->tx_id = proof->receipt.tx_id;
    *step = LIGHT_TX;
    if (proof->has_tx) {
        tx_leaf_of_parts(&leaf, &id, proof->body, proof->signatures);
        TRY(merkle_branch_check(&proof->tx_branch, &leaf, &proof->ground.header.tx_root));
        if (!hash_equal(&id, &out->tx_id)) TRY(STATUS_INVALID);
    }
    *step = LIGHT_DONE;
out:
    return status;
}

enum status light_check_tx_proof(struct light_fact *out, enum light_step *step,
                                 const struct tx_proof *proof, const struct hash *chain_id) {
    enum status status = check_for_anybody(out, step, &proof->ground, chain_id);
    return status == STATUS_OK ? check_tx(out, step, proof) : status;
}

enum status light_check_tx_proof_trusted(struct light_fact *out, enum light_step *step,
                                         const struct tx_proof *proof,
                                         const struct light_trust *trust,
                                         const struct merkle_branch *history) {
    enum status status = check_for_believer(out, step, &proof->ground, trust, history);
    return status == STATUS_OK ? check_tx(out, step, proof) : status;
}

// ---- of an entry of the state

static enum status check_entry(enum light_step *step, const struct entry_proof *proof) {
    *step = LIGHT_STATE;
    enum status status = state_proof_check(proof->branch, &proof->ground.header.state_root,
                                           proof->key, proof->has_value ? &proof->value : NULL);
    if (status == STATUS_OK) *step = LIGHT_DONE;
    return status;
}

enum status light_check_entry(struct light_fact *out, enum light_step *step,
                              const struct entry_proof *proof, const struct hash *chain_id) {
    enum status status = check_for_anybody(out, step, &proof->ground, chain_id);
    return status == STATUS_OK ? check_entry(step, proof) : status;
}

enum status light_check_entry_trusted(struct light_fact *out, enum light_step *step,
                                      const struct entry_proof *proof,
                                      const struct light_trust *trust,
                                      const struct merkle_branch *history) {
    enum status status = check_for_believer(out, step, &proof->ground, trust, history);
    return status == STATUS_OK ? check_entry(step, proof) : status;
}

// ---- of a block

enum status light_check_block(struct light_fact *out, enum light_step *step,
                              const struct block_proof *proof, const struct hash *chain_id) {
    enum status status = check_for_anybody(out, step, &proof->ground, chain_id);
    if (status == STATUS_OK) *step = LIGHT_DONE;
    return status;
}

enum status light_check_block_trusted(struct light_fact *out, enum light_step *step,
                                      const struct block_proof *proof,
                                      const struct light_trust *trust,
                                      const struct merkle_branch *history) {
    enum status status = check_for_believer(out, step, &proof->ground, trust, history);
    if (status == STATUS_OK) *step = LIGHT_DONE;
    return status;
}
