// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/seal.h"

#include <sodium.h>

_Static_assert(sizeof(struct enc_public_key) == crypto_box_PUBLICKEYBYTES, "X25519 public key");
_Static_assert(sizeof(struct enc_secret_key) == crypto_box_SECRETKEYBYTES, "X25519 secret key");
_Static_assert(sizeof(struct seal_key) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(sizeof(struct seal_nonce) == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(SEAL_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(SEAL_BOX_EXTRA_BYTES == crypto_box_SEALBYTES, "sealed box");

void enc_key_generate(struct enc_secret_key *secret, struct enc_public_key *public) {
    randombytes_buf(secret->bytes, sizeof secret->bytes);
    enc_key_public_of(public, secret);
}

void enc_key_public_of(struct enc_public_key *out, const struct enc_secret_key *secret) {
    ENSURE(crypto_scalarmult_curve25519_base(out->bytes, secret->bytes) == 0);
}

enum status enc_shared_secret(uint8_t out[32], const struct enc_secret_key *own,
                              const struct enc_public_key *other) {
    uint8_t shared[32];
    // libsodium refuses points of small order; the result is looked at here as well, since that
    // refusal is the protocol's.
    bool refused = crypto_scalarmult_curve25519(shared, own->bytes, other->bytes) != 0 ||
                   sodium_is_zero(shared, sizeof shared);
    if (!refused) memcpy(out, shared, sizeof shared);
    sodium_memzero(shared, sizeof shared);
    return refused ? STATUS_INVALID : STATUS_OK;
}

enum status seal_encrypt(struct buf *out, const struct seal_key *key,
                         const struct seal_nonce *nonce, struct bytes associated,
                         struct bytes plain) {
    if (plain.len > SEAL_PLAIN_MAX) return STATUS_TOO_LARGE;
    uint8_t *room = buf_reserve(out, plain.len + SEAL_TAG_BYTES);
    ENSURE(crypto_aead_xchacha20poly1305_ietf_encrypt(room, NULL, plain.data, plain.len,
                                                      associated.data, associated.len, NULL,
                                                      nonce->bytes, key->bytes) == 0);
    out->len += plain.len + SEAL_TAG_BYTES;
    return STATUS_OK;
}

enum status seal_decrypt(struct buf *out, const struct seal_key *key,
                         const struct seal_nonce *nonce, struct bytes associated,
                         struct bytes sealed) {
    if (sealed.len < SEAL_TAG_BYTES) return STATUS_TRUNCATED;
    if (sealed.len > SEAL_PLAIN_MAX + SEAL_TAG_BYTES) return STATUS_TOO_LARGE;
    size_t plain_len = sealed.len - SEAL_TAG_BYTES;
    // One byte more, so that there is room to point at when the content is empty.
    uint8_t *room = buf_reserve(out, plain_len + 1);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(room, NULL, NULL, sealed.data, sealed.len,
                                                   associated.data, associated.len, nonce->bytes,
                                                   key->bytes) != 0)
        return STATUS_UNAUTHORIZED;
    out->len += plain_len;
    return STATUS_OK;
}

enum status seal_box_close(struct buf *out, const struct enc_public_key *recipient,
                           struct bytes plain) {
    if (plain.len > SEAL_PLAIN_MAX) return STATUS_TOO_LARGE;
    uint8_t *room = buf_reserve(out, plain.len + SEAL_BOX_EXTRA_BYTES);
    if (crypto_box_seal(room, plain.data, plain.len, recipient->bytes) != 0) return STATUS_INVALID;
    out->len += plain.len + SEAL_BOX_EXTRA_BYTES;
    return STATUS_OK;
}

enum status seal_box_open(struct buf *out, const struct enc_secret_key *own, struct bytes box) {
    struct enc_public_key public;
    if (box.len < SEAL_BOX_EXTRA_BYTES) return STATUS_TRUNCATED;
    if (box.len > SEAL_PLAIN_MAX + SEAL_BOX_EXTRA_BYTES) return STATUS_TOO_LARGE;
    size_t plain_len = box.len - SEAL_BOX_EXTRA_BYTES;
    uint8_t *room = buf_reserve(out, plain_len + 1);
    // The recipient's public key goes into the box's nonce.
    enc_key_public_of(&public, own);
    if (crypto_box_seal_open(room, box.data, box.len, public.bytes, own->bytes) != 0)
        return STATUS_UNAUTHORIZED;
    out->len += plain_len;
    return STATUS_OK;
}
