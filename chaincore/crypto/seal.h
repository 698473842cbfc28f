// SPDX-License-Identifier: Apache-2.0
// Keeping content from others: X25519 key pairs (RFC 7748), XChaCha20-Poly1305 under a key that two
// sides have (draft-irtf-cfrg-xchacha), and libsodium's sealed boxes, with which anybody hands a
// content key to one recipient. Encryption keys are a kind of their own: a signing key never
// doubles as one.
//
// Output is appended to a buf; nothing is appended when a call fails. UNAUTHORIZED means that the
// key is another one or a bit was changed; the two look the same.
#ifndef LMM_CRYPTO_SEAL_H
#define LMM_CRYPTO_SEAL_H

#include "chaincore/base/buf.h"
#include "chaincore/base/limits.h"

enum {
    SEAL_TAG_BYTES = 16,
    SEAL_BOX_EXTRA_BYTES = 48,          // what a box adds: a one-time public key and the tag
    SEAL_PLAIN_MAX = LIMIT_BLOCK_BYTES, // nothing larger travels
};

struct enc_public_key {
    uint8_t bytes[32];
};
struct enc_secret_key {
    uint8_t bytes[32]; // clear with secret_clear
};
struct seal_key {
    uint8_t bytes[32]; // clear with secret_clear
};
struct seal_nonce {
    uint8_t bytes[24]; // long enough to draw at random; never twice with one key
};

void enc_key_generate(struct enc_secret_key *secret, struct enc_public_key *public);
void enc_key_public_of(struct enc_public_key *out, const struct enc_secret_key *secret);
// X25519 as it is: to be hashed before it serves as a key. INVALID when the result would be zero,
// whatever the secret: the public key is of small order.
enum status enc_shared_secret(uint8_t out[32], const struct enc_secret_key *own,
                              const struct enc_public_key *other) MUST_CHECK;

// Appends the ciphertext and its tag. `associated` is covered by the tag, not written. TOO_LARGE
// above SEAL_PLAIN_MAX.
enum status seal_encrypt(struct buf *out, const struct seal_key *key,
                         const struct seal_nonce *nonce, struct bytes associated,
                         struct bytes plain) MUST_CHECK;
// TRUNCATED, TOO_LARGE, UNAUTHORIZED.
enum status seal_decrypt(struct buf *out, const struct seal_key *key,
                         const struct seal_nonce *nonce, struct bytes associated,
                         struct bytes sealed) MUST_CHECK;

// Appends plain.len + SEAL_BOX_EXTRA_BYTES. INVALID for a recipient's key of small order.
enum status seal_box_close(struct buf *out, const struct enc_public_key *recipient,
                           struct bytes plain) MUST_CHECK;
// TRUNCATED, TOO_LARGE, UNAUTHORIZED.
enum status seal_box_open(struct buf *out, const struct enc_secret_key *own,
                          struct bytes box) MUST_CHECK;

#endif
