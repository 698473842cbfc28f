// SPDX-License-Identifier: Apache-2.0
#include "apps/common/db/numeric.h"

enum { BASE = 10000, POSITIVE = 0x0000, NEGATIVE = 0x4000, MOST_DIGITS = 5 };

static int u16_at(struct bytes in, size_t offset) {
    return in.data[offset] << 8 | in.data[offset + 1];
}

enum status numeric_to_i64(int64_t *out, struct bytes in) {
    if (in.len < 8) return STATUS_MALFORMED;
    int count = u16_at(in, 0), weight = (int16_t)u16_at(in, 2), sign = u16_at(in, 4);
    if (in.len != 8 + 2 * (size_t)count) return STATUS_MALFORMED;
    if (sign != POSITIVE && sign != NEGATIVE) return STATUS_MALFORMED; // not a number, infinite
    // The first digit counts BASE to the power of weight; digits behind the point are a fraction.
    if (count > weight + 1) return STATUS_MALFORMED;
    if (count > 0 && weight >= MOST_DIGITS) return STATUS_OVERFLOW;
    int64_t value = 0;
    for (int i = 0; count > 0 && i <= weight; i++) {
        int digit = i < count ? u16_at(in, 8 + 2 * (size_t)i) : 0;
        if (digit >= BASE) return STATUS_MALFORMED;
        // Downwards, so that INT64_MIN fits.
        if (__builtin_mul_overflow(value, BASE, &value)) return STATUS_OVERFLOW;
        if (__builtin_sub_overflow(value, digit, &value)) return STATUS_OVERFLOW;
    }
    if (sign == POSITIVE && value == INT64_MIN) return STATUS_OVERFLOW;
    *out = sign == POSITIVE ? -value : value;
    return STATUS_OK;
}
