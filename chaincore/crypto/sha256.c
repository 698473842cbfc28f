// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/sha256.h"

#include <sodium.h>

void sha256(uint8_t digest[SHA256_SIZE], struct bytes data) {
    _Static_assert(SHA256_SIZE == crypto_hash_sha256_BYTES, "libsodium's own size");
    crypto_hash_sha256(digest, data.data, data.len);
}

void sha256_hmac(uint8_t code[SHA256_SIZE], struct bytes key, struct bytes data) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data, key.len);
    crypto_auth_hmacsha256_update(&state, data.data, data.len);
    crypto_auth_hmacsha256_final(&state, code);
    sodium_memzero(&state, sizeof state);
}
