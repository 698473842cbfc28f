// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/verify.h"

// One signature, waiting to be verified together with others.
struct pending {
    struct hash payload;
    struct signature signature;
    uint16_t witness;
    enum sign_tag tag;
    struct verify_item *item; // that is not valid without it
};

// A signature that verified. The payload names the epoch and its set, and so fixes the key.
struct remembered {
    bool is_taken;
    uint16_t witness;
    enum sign_tag tag;
    struct hash payload;
    struct signature signature;
};

struct verifier {
    struct hash chain_id;
    struct verify_counts counts;
    size_t pending_count;
    struct pending pending[LIMIT_VERIFIED_TOGETHER];
    struct remembered remembered[LIMIT_VERIFIED_REMEMBERED];
};

enum status committee_init(struct committee *out, const struct consensus_epoch *epoch,
                           const struct witness_set *set) {
    struct hash set_hash;
    if (!witness_set_is_sound(set) || set->count != epoch->witness_count) return STATUS_INVALID;
    witness_set_hash(&set_hash, set);
    if (!hash_equal(&set_hash, &epoch->set_hash)) return STATUS_INVALID;
    *out = (struct committee){.epoch = epoch->epoch, .set_hash = set_hash, .set = *set};
    struct schedule_seed seed = {.seed = epoch->leader_seed, .id = epoch->leader_id};
    schedule_init(&out->schedule, &seed, epoch->first_view, set->count);
    return STATUS_OK;
}

size_t verifier_bytes(void) { return sizeof(struct verifier); }

struct verifier *verifier_init(void *memory, const struct hash *chain_id) {
    struct verifier *verifier = memory;
    verifier->chain_id = *chain_id;
    return verifier;
}

// Where one would be: a signature's bytes are as good as random, or do not verify.
static struct remembered *place_of(struct verifier *verifier, const struct pending *pending) {
    uint64_t number = load_u64_le(pending->signature.bytes);
    return &verifier->remembered[number % LIMIT_VERIFIED_REMEMBERED];
}

static bool is_remembered(struct verifier *verifier, const struct pending *pending) {
    const struct remembered *place = place_of(verifier, pending);
    return place->is_taken && place->witness == pending->witness && place->tag == pending->tag &&
           hash_equal(&place->payload, &pending->payload) &&
           memcmp(&place->signature, &pending->signature, sizeof place->signature) == 0;
}

static void remember(struct verifier *verifier, const struct pending *pending) {
    *place_of(verifier, pending) = (struct remembered){.is_taken = true,
                                                       .witness = pending->witness,
                                                       .tag = pending->tag,
                                                       .payload = pending->payload,
                                                       .signature = pending->signature};
}

static void flush(struct verifier *verifier, const struct committee *committee) {
    struct sign_item items[LIMIT_VERIFIED_TOGETHER];
    bool valid[LIMIT_VERIFIED_TOGETHER];
    size_t count = verifier->pending_count;
    for (size_t i = 0; i < count; i++) {
        const struct pending *pending = &verifier->pending[i];
        items[i] = (struct sign_item){.signature = &pending->signature,
                                      .key = &committee->set.keys[pending->witness],
                                      .payload = &pending->payload,
                                      .tag = pending->tag};
    }
    if (count > 0) sign_verify_many(valid, items, count, &verifier->chain_id);
    for (size_t i = 0; i < count; i++) {
        const struct pending *pending = &verifier->pending[i];
        if (valid[i]) {
            remember(verifier, pending);
            continue;
        }
        pending->item->is_valid = false;
        pending->item->is_forged = true;
    }
    verifier->counts.computed += count;
    verifier->pending_count = 0;
}

// The signature is there to be found; the item is valid until it is found wanting.
static void need(struct verifier *verifier, const struct committee *committee,
                 const struct pending *pending) {
    if (is_remembered(verifier, pending)) {
        verifier->counts.remembered++;
        return;
    }
    if (verifier->pending_count == LIMIT_VERIFIED_TOGETHER) flush(verifier, committee);
    verifier->pending[verifier->pending_count++] = *pending;
}

static void payload_of(struct hash *out, const struct committee *committee, enum vote_kind kind,
                       const struct signed_vote *what) {
    struct vote vote = {.epoch = committee->epoch,
                        .set_hash = committee->set_hash,
                        .kind = kind,
                        .view = what->view,
                        .block_id = what->block_id};
    vote_payload(out, &vote);
}

static void need_proposal(struct verifier *verifier, const struct committee *committee,
                          struct verify_item *item) {
    const struct proposal *proposal = &item->message->message.proposal;
    item->is_valid =
        proposal->epoch == committee->epoch && proposal->view >= committee->schedule.first_view;
    if (!item->is_valid) return;
    struct pending pending = {.signature = proposal->signature,
                              .witness = schedule_leader(&committee->schedule, proposal->view),
                              .tag = SIGN_PROPOSAL,
                              .item = item};
    struct signed_vote what = {.view = proposal->view, .block_id = proposal->id};
    payload_of(&pending.payload, committee, VOTE_PROPOSE, &what);
    need(verifier, committee, &pending);
}

static void need_votes(struct verifier *verifier, const struct committee *committee,
                       struct verify_item *item) {
    const struct signed_votes *votes = &item->message->message.votes;
    if (votes->epoch != committee->epoch || votes->count == 0) return;
    // In ascending order: the last stands for all.
    item->is_valid = votes->signers[votes->count - 1].witness < committee->set.count;
    item->is_forged = !item->is_valid;
    if (!item->is_valid) return;
    struct pending pending = {.tag = SIGN_VOTE, .item = item};
    struct signed_vote what = {.view = votes->view, .block_id = votes->block_id};
    payload_of(&pending.payload, committee, votes->kind, &what);
    for (uint16_t i = 0; i < votes->count; i++) {
        pending.witness = votes->signers[i].witness;
        pending.signature = votes->signers[i].signature;
        need(verifier, committee, &pending);
    }
}

static void need_sealed(struct verifier *verifier, const struct committee *committee,
                        struct verify_item *item) {
    const struct sealed *sealed = &item->message->message.sealed;
    const struct certificate *certificate = sealed->certificate;
    if (sealed->epoch != committee->epoch) return;
    item->is_valid = item->message->witness_count == committee->set.count &&
                     certificate->signature_count >= witness_quorum(committee->set.count);
    item->is_forged = !item->is_valid;
    if (!item->is_valid) return;
    struct pending pending = {.tag = SIGN_VOTE, .item = item};
    struct signed_vote what = {.view = certificate->view, .block_id = sealed->block_id};
    payload_of(&pending.payload, committee, sealed->kind, &what);
    uint16_t next = 0;
    for (uint16_t i = 0; i < committee->set.count; i++) {
        if (!(certificate->bitmap[i / 8] >> (i % 8) & 1)) continue;
        pending.witness = i;
        pending.signature = certificate->signatures[next++];
        need(verifier, committee, &pending);
    }
    ENSURE(next == certificate->signature_count); // the decoder counts the same bits
}

void verify_messages(struct verifier *verifier, const struct committee *committee,
                     struct verify_item *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        items[i].is_valid = items[i].is_forged = false;
        switch (items[i].message->kind) {
        case WIRE_PROPOSE:
            need_proposal(verifier, committee, &items[i]);
            break;
        case WIRE_NOTARIZE:
        case WIRE_NULLIFY:
        case WIRE_FINALIZE:
            need_votes(verifier, committee, &items[i]);
            break;
        case WIRE_CERTIFICATE:
            need_sealed(verifier, committee, &items[i]);
            break;
        case WIRE_FETCH:
        case WIRE_AHEAD:
        case WIRE_BLOCK:
            items[i].is_valid = true;
            break;
        case WIRE_KINDS:
            items[i].is_valid = false;
            break;
        }
    }
    flush(verifier, committee);
}

void verify_count(const struct verifier *verifier, struct verify_counts *out) {
    *out = verifier->counts;
}
