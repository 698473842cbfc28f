// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/sha256.h"

#include <sodium.h>

void sha256(uint8_t digest[SHA256_SIZE], struct bytes data) {
    _Static_assert(SHA256_SIZE == crypto_hash_sha256_BYTES, "libsodium's own size");
    crypto_hash_sha256(digest, data.data, data.len);
}

static crypto_hash_sha256_state *state_of(struct sha256_stream *stream) {
    _Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof stream->state, "libsodium's own");
    return (crypto_hash_sha256_state *)(void *)stream->state;
}

void sha256_begin(struct sha256_stream *stream) { crypto_hash_sha256_init(state_of(stream)); }

void sha256_add(struct sha256_stream *stream, struct bytes part) {
    crypto_hash_sha256_update(state_of(stream), part.data, part.len);
}

void sha256_end(struct sha256_stream *stream, uint8_t digest[SHA256_SIZE]) {
    crypto_hash_sha256_final(state_of(stream), digest);
}

void sha256_hmac(uint8_t code[SHA256_SIZE], struct bytes key, struct bytes data) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data, key.len);
    crypto_auth_hmacsha256_update(&state, data.data, data.len);
    crypto_auth_hmacsha256_final(&state, code);
    sodium_memzero(&state, sizeof state);
}
