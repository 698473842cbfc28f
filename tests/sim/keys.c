// SPDX-License-Identifier: Apache-2.0
// Signatures of the simulation, and the verification that stands before each state machine.
#include "tests/sim/sim.h"

static uint64_t tag_of(const struct sim *sim, uint16_t key, const struct signed_vote *vote) {
    struct sim_random mix = {.state = load_u64_le(sim->chain_id.bytes) + key};
    mix.state = random_next(&mix) ^ vote->epoch;
    mix.state = random_next(&mix) ^ vote->view;
    mix.state = random_next(&mix) ^ (uint64_t)vote->kind;
    for (size_t i = 0; i < 32; i += 8)
        mix.state = random_next(&mix) ^ load_u64_le(vote->block_id.bytes + i);
    return random_next(&mix);
}

void tag_sign(struct signature *out, const struct sim *sim, uint16_t key,
              const struct signed_vote *vote) {
    memset(out, 0, sizeof *out);
    store_u64_le(out->bytes, tag_of(sim, key, vote));
}

bool tag_verify(struct sim *sim, const struct signed_vote *vote) {
    const struct sim_epoch *epoch = epoch_find(sim, vote->epoch);
    if (!epoch || vote->witness >= epoch->rules.witness_count) return false;
    uint16_t key = epoch->members[vote->witness];
    return load_u64_le(vote->signature.bytes) == tag_of(sim, key, vote);
}

void tag_sign_votes(struct signed_votes *votes, struct sim *sim, const struct witness_group *by,
                    struct vote_signer signers[LIMIT_WITNESSES]) {
    const struct sim_epoch *epoch = epoch_find(sim, votes->epoch);
    struct signed_vote vote = {.epoch = votes->epoch,
                               .view = votes->view,
                               .kind = votes->kind,
                               .block_id = votes->block_id};
    votes->count = 0;
    votes->signers = signers;
    for (uint16_t i = 0; i < epoch->rules.witness_count; i++) {
        if (!group_has(by, i)) continue;
        struct vote_signer *signer = &signers[votes->count++];
        signer->witness = i;
        tag_sign(&signer->signature, sim, epoch->members[i], &vote);
    }
}

bool tag_verify_votes(struct sim *sim, const struct signed_votes *votes) {
    struct signed_vote vote = {.epoch = votes->epoch,
                               .view = votes->view,
                               .kind = votes->kind,
                               .block_id = votes->block_id};
    for (uint16_t i = 0; i < votes->count; i++) {
        vote.witness = votes->signers[i].witness;
        vote.signature = votes->signers[i].signature;
        if (!tag_verify(sim, &vote)) return false;
    }
    return votes->count > 0;
}

bool tag_verify_proposal(struct sim *sim, const struct proposal *proposal) {
    const struct sim_epoch *epoch = epoch_find(sim, proposal->epoch);
    if (!epoch || proposal->view < epoch->rules.first_view) return false;
    struct signed_vote vote = {.epoch = proposal->epoch,
                               .view = proposal->view,
                               .kind = VOTE_PROPOSE,
                               .witness = schedule_leader(&epoch->schedule, proposal->view),
                               .block_id = proposal->id,
                               .signature = proposal->signature};
    struct hash id;
    header_id(&id, proposal->header);
    return hash_equal(&id, &proposal->id) && tag_verify(sim, &vote);
}

bool tag_verify_sealed(struct sim *sim, const struct sealed *sealed) {
    const struct sim_epoch *epoch = epoch_find(sim, sealed->epoch);
    const struct certificate *certificate = sealed->certificate;
    if (!epoch || certificate->signature_count > LIMIT_WITNESSES) return false;
    uint16_t count = epoch->rules.witness_count, next = 0;
    if (certificate->signature_count < witness_quorum(count)) return false;
    struct signed_vote vote = {.epoch = sealed->epoch,
                               .view = certificate->view,
                               .kind = sealed->kind,
                               .block_id = sealed->block_id};
    for (uint16_t i = 0; i < LIMIT_WITNESSES; i++) {
        if (!(certificate->bitmap[i / 8] >> (i % 8) & 1)) continue;
        if (i >= count || next == certificate->signature_count) return false;
        vote.witness = i;
        vote.signature = certificate->signatures[next++];
        if (!tag_verify(sim, &vote)) return false;
    }
    return next == certificate->signature_count;
}
