// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/sha256.h"

#include <sodium.h>

void sha256(uint8_t digest[SHA256_SIZE], struct bytes data) {
    _Static_assert(SHA256_SIZE == crypto_hash_sha256_BYTES, "libsodium's own size");
    crypto_hash_sha256(digest, data.data, data.len);
}
