// SPDX-License-Identifier: Apache-2.0
// BIP-39 with the English list: 12, 15, 18, 21 or 24 words for 16 to 32 bytes of entropy, and the
// 64-byte seed that they and a passphrase stand for (PBKDF2-HMAC-SHA512, 2048 rounds).
//
// Words are ASCII, in lower case, one space between two. BIP-39 normalises a passphrase to NFKD:
// here the caller hands over bytes that are UTF-8 in NFKD already, which ASCII always is.
#ifndef LMM_CRYPTO_MNEMONIC_H
#define LMM_CRYPTO_MNEMONIC_H

#include "chaincore/base/bytes.h"

enum {
    MNEMONIC_WORDS_MAX = 24,
    MNEMONIC_WORD_CHARS_MAX = 8,
    MNEMONIC_TEXT_MAX = MNEMONIC_WORDS_MAX * (MNEMONIC_WORD_CHARS_MAX + 1) - 1,
    MNEMONIC_ENTROPY_MAX = 32,
    MNEMONIC_SEED_BYTES = 64,
};

// Writes the words and a NUL. MALFORMED unless the entropy is 16, 20, 24, 28 or 32 bytes.
enum status mnemonic_from_entropy(char out[MNEMONIC_TEXT_MAX + 1], struct bytes entropy) MUST_CHECK;
// MALFORMED for a wrong number of words or an unknown word, INVALID for a wrong checksum.
enum status mnemonic_to_entropy(uint8_t out[MNEMONIC_ENTROPY_MAX], size_t *out_len,
                                struct bytes text) MUST_CHECK;
// Refuses what mnemonic_to_entropy refuses. The caller clears the seed.
enum status mnemonic_to_seed(uint8_t out[MNEMONIC_SEED_BYTES], struct bytes text,
                             struct bytes passphrase) MUST_CHECK;

#endif
