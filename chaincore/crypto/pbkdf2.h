// SPDX-License-Identifier: Apache-2.0
// PBKDF2 with HMAC-SHA512 (RFC 8018), one block of 64 bytes: what BIP-39 asks for.
#ifndef LMM_CRYPTO_PBKDF2_H
#define LMM_CRYPTO_PBKDF2_H

#include "chaincore/base/bytes.h"

enum { PBKDF2_BYTES = 64 };

// The salt is salt_head ‖ salt_tail, so that nobody has to copy a secret to join them.
void pbkdf2_sha512(uint8_t out[PBKDF2_BYTES], struct bytes password, struct bytes salt_head,
                   struct bytes salt_tail, uint32_t rounds);

#endif
