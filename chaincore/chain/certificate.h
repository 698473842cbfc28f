// SPDX-License-Identifier: Apache-2.0
// Witness sets, votes, and the certificate that a quorum of votes makes. A certificate is
// {view u64, bitmap of the set's size, one signature per set bit}: 4,373 bytes at 68 of 101.
#ifndef LMM_CHAIN_CERTIFICATE_H
#define LMM_CHAIN_CERTIFICATE_H

#include "chaincore/base/codec.h"
#include "chaincore/base/limits.h"
#include "chaincore/crypto/hash.h"
#include "chaincore/crypto/sign.h"

// The keys in the order of the set; a witness is known by its index.
struct witness_set {
    uint16_t count;
    struct public_key keys[LIMIT_WITNESSES];
};

// How many of n witnesses may fail, and how many signatures make a certificate.
static inline uint16_t witness_faults(uint16_t count) { return (uint16_t)((count - 1) / 3); }
static inline uint16_t witness_quorum(uint16_t count) {
    return (uint16_t)(count - witness_faults(count));
}
// At least one key, and none twice: it would count twice.
bool witness_set_is_sound(const struct witness_set *set);
// From keys that lie one after the other. INVALID unless that makes a sound set.
enum status witness_set_read(struct witness_set *out, struct bytes keys) MUST_CHECK;
static inline struct bytes witness_set_keys(const struct witness_set *set) {
    return bytes_of(set->keys, set->count * sizeof *set->keys);
}
// The list root of the keys' leaves.
void witness_set_hash(struct hash *out, const struct witness_set *set);

// A proposal is signed like a vote, under SIGN_PROPOSAL; no certificate is made of it.
enum vote_kind { VOTE_PROPOSE = 0, VOTE_NOTARIZE = 1, VOTE_NULLIFY = 2, VOTE_FINALIZE = 3 };

struct vote {
    uint64_t epoch;
    struct hash set_hash;
    enum vote_kind kind;
    uint64_t view;
    struct hash block_id; // zero in VOTE_NULLIFY
};
// What a witness signs, under SIGN_VOTE (a proposal: SIGN_PROPOSAL) and the chain's id.
void vote_payload(struct hash *out, const struct vote *vote);

struct certificate {
    uint64_t view;
    uint8_t bitmap[(LIMIT_WITNESSES + 7) / 8];
    uint16_t signature_count;
    struct signature signatures[LIMIT_WITNESSES];
};

enum { CERTIFICATE_MAX_BYTES = 8 + (LIMIT_WITNESSES + 7) / 8 + 64 * LIMIT_WITNESSES };

// Adds the vote of a witness; votes are added in ascending order of index.
void certificate_add(struct certificate *certificate, uint16_t witness,
                     const struct signature *signature);
void certificate_encode(struct buf *out, const struct certificate *certificate,
                        uint16_t witness_count);
void certificate_decode_from(struct decoder *in, struct certificate *out, uint16_t witness_count);

// How many of those who signed, as witnesses of `set`, stand in `known` too.
uint16_t certificate_known(const struct certificate *certificate, const struct witness_set *set,
                           const struct witness_set *known);

// BAD_SIGNATURE unless every signature in it verifies over `vote` (whose view is the
// certificate's), INVALID below a quorum.
enum status certificate_check(const struct certificate *certificate, const struct witness_set *set,
                              const struct vote *vote, const struct hash *chain_id) MUST_CHECK;

#endif
