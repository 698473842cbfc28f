// SPDX-License-Identifier: Apache-2.0
// Bech32m (BIP-350): a prefix, "1", values of five bits as characters, and a checksum of six that
// finds any four mistyped ones. Text is at most 90 characters, all lower or all upper case; what is
// written is lower case.
#ifndef LMM_CRYPTO_BECH32M_H
#define LMM_CRYPTO_BECH32M_H

#include "chaincore/base/bytes.h"

enum {
    BECH32M_TEXT_MAX = 90,
    BECH32M_PREFIX_MAX = 83,
    BECH32M_VALUES_MAX = 82,
};

struct bech32m {
    char prefix[BECH32M_PREFIX_MAX + 1]; // lower case, at least one character
    uint8_t values[BECH32M_VALUES_MAX];  // of five bits each
    size_t value_count;
};

// Writes the text and a NUL. MALFORMED for a prefix or value out of range, TOO_LARGE.
enum status bech32m_encode(char out[BECH32M_TEXT_MAX + 1], const struct bech32m *in) MUST_CHECK;
// MALFORMED, TOO_LARGE, or INVALID when only the checksum is wrong.
enum status bech32m_decode(struct bech32m *out, struct bytes text) MUST_CHECK;

// Bytes as values, the last one filled up with zero bits. TOO_LARGE when they don't fit.
enum status bech32m_put_bytes(struct bech32m *out, struct bytes in) MUST_CHECK;
// The values from `first` on as bytes. MALFORMED when the filling is five bits or more, or not
// zero: one value, one text. TOO_LARGE above max_len.
enum status bech32m_take_bytes(uint8_t *out, size_t *out_len, size_t max_len,
                               const struct bech32m *in, size_t first) MUST_CHECK;

#endif
