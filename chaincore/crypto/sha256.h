// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), for formats of others that ask for it, such as the EPCIS event hash and
// webhooks. What is ours hashes with hash.h.
#ifndef LMM_CRYPTO_SHA256_H
#define LMM_CRYPTO_SHA256_H

#include "chaincore/base/bytes.h"

enum { SHA256_SIZE = 32 };

void sha256(uint8_t digest[SHA256_SIZE], struct bytes data);
// HMAC (RFC 2104) with a key of any length.
void sha256_hmac(uint8_t code[SHA256_SIZE], struct bytes key, struct bytes data);

#endif
