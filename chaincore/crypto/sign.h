// SPDX-License-Identifier: Apache-2.0
// Ed25519, for one closed list of purposes. What is signed is tag (16 bytes) ‖ chain_id ‖ payload
// hash, so that nobody can be made to sign one thing for another, or for another chain.
//
// The accepted set is frozen, since verifiers disagree on edge cases: S < L, canonical A and R, no
// small-order A or R, cofactorless equation (ed25519-speccheck's row XXXVXXXXXXXX). crypto_init
// checks that the library in use still behaves so, and the vector lanes with it.
#ifndef LMM_CRYPTO_SIGN_H
#define LMM_CRYPTO_SIGN_H

#include "chaincore/crypto/hash.h"

struct public_key {
    uint8_t bytes[32];
};
struct secret_key {
    uint8_t bytes[64]; // seed ‖ public key; clear with secret_clear
};
struct signature {
    uint8_t bytes[64];
};

#define SIGN_TAG_LIST(X)              \
    X(TRANSACTION, "lmm:transaction") \
    X(VOTE, "lmm:vote")               \
    X(PROPOSAL, "lmm:proposal")       \
    X(JOURNAL, "lmm:journal")         \
    X(CHALLENGE, "lmm:challenge")     \
    X(TRUST, "lmm:trust")             \
    X(LOCK_LOG, "lmm:lock-log")       \
    X(GRANT, "lmm:grant")             \
    X(LOG_IN, "lmm:log-in")           \
    X(PEER, "lmm:peer")               \
    X(NODE_KEY, "lmm:node-key")       \
    X(CLAIM, "lmm:claim")             \
    X(RECORD, "lmm:record")

enum sign_tag {
#define X(name, text) SIGN_##name,
    SIGN_TAG_LIST(X)
#undef X
        SIGN_TAGS
};

// Once per process, before anything else of crypto/. UNSUPPORTED, with a line in the log, when the
// library's verdict on the twelve edge cases is not the frozen one: then nothing may be verified.
enum status crypto_init(void) MUST_CHECK;

void key_from_seed(struct secret_key *secret, struct public_key *public, const uint8_t seed[32]);
void key_public_of(struct public_key *out, const struct secret_key *secret);

void sign_payload(struct signature *out, const struct secret_key *key, enum sign_tag tag,
                  const struct hash *chain_id, const struct hash *payload);
bool sign_verify(const struct signature *signature, const struct public_key *key, enum sign_tag tag,
                 const struct hash *chain_id, const struct hash *payload);

// Many at once, all on one chain; a verdict for each, never for the lot. Eight at a time where the
// processor has vector lanes: then it pays to bring many.
struct sign_item {
    const struct signature *signature;
    const struct public_key *key;
    const struct hash *payload;
    enum sign_tag tag;
};
void sign_verify_many(bool *valid, const struct sign_item *items, size_t count,
                      const struct hash *chain_id);

// Without tag and chain: for contracts, which bring protocols of their own, and test vectors.
bool sign_verify_raw(const struct signature *signature, const struct public_key *key,
                     struct bytes message);

void random_bytes(void *out, size_t len);
void secret_clear(void *secret, size_t len);
// In constant time.
bool secret_equal(const void *a, const void *b, size_t len);

#endif
