// SPDX-License-Identifier: Apache-2.0
// Money: LMM in base units (8 decimals). Touched only through these functions, which check for
// overflow; a source check keeps `units` inside this header and its .c file.
#ifndef LMM_CHAIN_AMOUNT_H
#define LMM_CHAIN_AMOUNT_H

#include "chaincore/base/codec.h"

enum { AMOUNT_DECIMALS = 8, AMOUNT_TEXT_MAX = 32 };

struct amount {
    uint64_t units;
};

static inline struct amount amount_of_units(uint64_t units) {
    return (struct amount){.units = units};
}
// For encoding, hashing and storing; not for arithmetic.
static inline uint64_t amount_units(struct amount amount) { return amount.units; }
static inline bool amount_is_zero(struct amount amount) { return amount.units == 0; }
static inline int amount_compare(struct amount a, struct amount b) {
    return (a.units > b.units) - (a.units < b.units);
}
// OVERFLOW when the result does not fit, or would be below zero; out is then unchanged.
enum status amount_add(struct amount *out, struct amount a, struct amount b) MUST_CHECK;
enum status amount_sub(struct amount *out, struct amount a, struct amount b) MUST_CHECK;
enum status amount_mul(struct amount *out, struct amount a, uint64_t factor) MUST_CHECK;
// ⌊amount · part / whole⌋; part is at most whole, which is above zero.
struct amount amount_share(struct amount amount, uint64_t part, uint64_t whole);
// Rounded down.
struct amount amount_half(struct amount amount);

static inline void encode_amount(struct buf *out, struct amount amount) {
    encode_u64(out, amount.units);
}
static inline struct amount decode_amount(struct decoder *in) {
    return amount_of_units(decode_u64(in));
}

// "12.5" LMM; the shortest text that reads back, without sign or exponent. MALFORMED for anything
// else, more than 8 decimals included; OVERFLOW when it does not fit.
enum status amount_parse(struct amount *out, const char *text) MUST_CHECK;
void amount_format(char out[AMOUNT_TEXT_MAX], struct amount amount);

#endif
