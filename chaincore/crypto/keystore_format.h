// SPDX-License-Identifier: Apache-2.0
// The bytes of a keystore, Borsh throughout. The file:
//   magic "lmm-keys", version u8 = 1, passes u32, memory_kib u32, salt [16], nonce [24],
//   box: bytes (secretbox of the content under Argon2id13(passphrase, salt))
// The content:
//   mnemonic: option of string; seeds: vector of {name: string, seed [32]}, names ascending
// Apart from keystore.h because fuzzing wants the decoders without the stretching.
#ifndef LMM_CRYPTO_KEYSTORE_FORMAT_H
#define LMM_CRYPTO_KEYSTORE_FORMAT_H

#include "chaincore/crypto/keystore.h"

enum {
    KEYSTORE_SALT_BYTES = 16,
    KEYSTORE_NONCE_BYTES = 24,
    KEYSTORE_TAG_BYTES = 16,
    KEYSTORE_CONTENT_MAX =
        1 + 4 + MNEMONIC_TEXT_MAX + 4 + KEYSTORE_SEEDS_MAX * (4 + KEYSTORE_NAME_MAX + 32),
    KEYSTORE_FILE_MAX = 8 + 1 + 4 + 4 + KEYSTORE_SALT_BYTES + KEYSTORE_NONCE_BYTES + 4 +
                        KEYSTORE_TAG_BYTES + KEYSTORE_CONTENT_MAX,
};

struct keystore_file {
    struct keystore_cost cost;
    uint8_t salt[KEYSTORE_SALT_BYTES];
    uint8_t nonce[KEYSTORE_NONCE_BYTES];
    struct bytes box; // decoded: borrowed from the input
};

bool keystore_cost_is_bounded(struct keystore_cost cost);

void keystore_encode_file(struct buf *out, const struct keystore_file *file);
// UNSUPPORTED for another version, INVALID for a cost out of bounds, else a decoder's status.
enum status keystore_decode_file(struct keystore_file *out, struct bytes in) MUST_CHECK;

// At most KEYSTORE_CONTENT_MAX bytes; reserved at once, so that no copy of a secret stays behind in
// memory that was given back.
void keystore_encode_content(struct buf *out, const struct keystore *keystore);
// Writes `out` only on success.
enum status keystore_decode_content(struct keystore *out, struct bytes in) MUST_CHECK;

#endif
