// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), for formats of others that ask for it, such as the EPCIS event hash and
// webhooks. What is ours hashes with hash.h.
#ifndef LMM_CRYPTO_SHA256_H
#define LMM_CRYPTO_SHA256_H

#include "chaincore/base/bytes.h"

enum { SHA256_SIZE = 32 };

void sha256(uint8_t digest[SHA256_SIZE], struct bytes data);
// The same of what comes in parts.
struct sha256_stream {
    _Alignas(8) uint8_t state[104];
};
void sha256_begin(struct sha256_stream *stream);
void sha256_add(struct sha256_stream *stream, struct bytes part);
void sha256_end(struct sha256_stream *stream, uint8_t digest[SHA256_SIZE]);
// HMAC (RFC 2104) with a key of any length.
void sha256_hmac(uint8_t code[SHA256_SIZE], struct bytes key, struct bytes data);

#endif
