// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/accusation.h"

static struct evidence_vote vote_of(const struct signed_vote *vote) {
    return (struct evidence_vote){
        .kind = vote->kind, .block_id = vote->block_id, .signature = vote->signature};
}

bool evidence_of_votes(struct evidence *out, const struct signed_vote *one,
                       const struct signed_vote *other) {
    if (one->epoch != other->epoch || one->view != other->view || one->witness != other->witness)
        return false;
    bool is_first = one->kind != other->kind ? one->kind < other->kind
                                             : hash_compare(&one->block_id, &other->block_id) < 0;
    *out = (struct evidence){.epoch = one->epoch,
                             .view = one->view,
                             .witness = one->witness,
                             .first = vote_of(is_first ? one : other),
                             .second = vote_of(is_first ? other : one)};
    return evidence_is_contradiction(&out->first, &out->second);
}
