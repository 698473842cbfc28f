// SPDX-License-Identifier: Apache-2.0
// Arithmetic modulo p = 2^255 - 19 in eight lanes, for Ed25519 (sign_lanes.c). A number is five
// limbs of 51 bits; vector i holds limb i of all eight. The processor multiplies 52 by 52 bits and
// adds either the low or the high 52 bits of the product to a sum (AVX-512 IFMA), so sums of
// products stay in 64 bits, and a high half, worth 2^52, counts twice in the next limb, worth 2^51.
//
// Two forms keep carries rare. A `field` is carried: limbs below 2^51 + 2^17, always below the 2^52
// that a multiplication takes. A `wide` is a product as it falls out: limbs below 2^61, which may
// be added to and taken from others of its kind (below 2^63 in all) before one carry makes a field
// of them. Each function says what it returns; none checks. Neither form is unique: field_freeze
// makes the one number below p. Nothing here is secret, and nothing runs in constant time on
// purpose.
#ifndef LMM_CRYPTO_FIELD_LANES_H
#define LMM_CRYPTO_FIELD_LANES_H

#include "chaincore/crypto/vector_lanes.h"

#ifdef HAVE_LANES

struct field {
    __m512i limb[5];
};
struct wide {
    __m512i limb[5];
};

#define FIELD_MASK ((INT64_C(1) << 51) - 1)

static LANES_INLINE __m512i field_all(int64_t limb) { return _mm512_set1_epi64(limb); }

static LANES_INLINE void field_set_small(struct field *out, int64_t value) {
    out->limb[0] = field_all(value);
    LANES_UNROLL
    for (int i = 1; i < 5; i++) out->limb[i] = _mm512_setzero_si512();
}
// The same number in all lanes.
static LANES_INLINE void field_set(struct field *out, const int64_t limbs[5]) {
    LANES_UNROLL
    for (int i = 0; i < 5; i++) out->limb[i] = field_all(limbs[i]);
}
static LANES_INLINE void field_choose(struct field *out, __mmask8 which, const struct field *unset,
                                      const struct field *set) {
    LANES_UNROLL
    for (int i = 0; i < 5; i++)
        out->limb[i] = _mm512_mask_blend_epi64(which, unset->limb[i], set->limb[i]);
}

// Each limb's upper bits go to the next, the last one's, worth 2^255 = 19 modulo p, to the first.
static LANES_INLINE void field_carry(struct field *out, const struct wide *in) {
    __m512i mask = field_all(FIELD_MASK), low[5], high[5];
    LANES_UNROLL
    for (int i = 0; i < 5; i++) {
        low[i] = _mm512_and_si512(in->limb[i], mask);
        high[i] = _mm512_srli_epi64(in->limb[i], 51);
    }
    out->limb[0] = _mm512_madd52lo_epu64(low[0], high[4], field_all(19));
    LANES_UNROLL
    for (int i = 1; i < 5; i++) out->limb[i] = _mm512_add_epi64(low[i], high[i - 1]);
}

static LANES_INLINE void wide_add(struct wide *out, const struct wide *a, const struct wide *b) {
    LANES_UNROLL
    for (int i = 0; i < 5; i++) out->limb[i] = _mm512_add_epi64(a->limb[i], b->limb[i]);
}
// a - b + 1024 p, which is above zero in each limb.
static LANES_INLINE void wide_sub(struct wide *out, const struct wide *a, const struct wide *b) {
    LANES_UNROLL
    for (int i = 0; i < 5; i++) {
        __m512i above = field_all(1024 * (i == 0 ? FIELD_MASK - 18 : FIELD_MASK));
        out->limb[i] = _mm512_sub_epi64(_mm512_add_epi64(a->limb[i], above), b->limb[i]);
    }
}

static LANES_INLINE void field_add(struct field *out, const struct field *a,
                                   const struct field *b) {
    struct wide sum;
    LANES_UNROLL
    for (int i = 0; i < 5; i++) sum.limb[i] = _mm512_add_epi64(a->limb[i], b->limb[i]);
    field_carry(out, &sum);
}
// 2 p - a: below 2^52, so it may be multiplied as it is, but neither added nor subtracted.
static LANES_INLINE void field_negate(struct field *out, const struct field *a) {
    LANES_UNROLL
    for (int i = 0; i < 5; i++) {
        __m512i above = field_all(2 * (i == 0 ? FIELD_MASK - 18 : FIELD_MASK));
        out->limb[i] = _mm512_sub_epi64(above, a->limb[i]);
    }
}
static LANES_INLINE void field_sub(struct field *out, const struct field *a,
                                   const struct field *b) {
    struct field minus;
    field_negate(&minus, b);
    field_add(out, a, &minus);
}

// The ten sums of partial products become five limbs: low and high halves by their weights, and
// what is worth 2^255 or more 19 times further down. 15 * 2^52 * 20 is below 2^61.
static LANES_INLINE void wide_fold(struct wide *out, const __m512i low[9], const __m512i high[9]) {
    __m512i sum[10], nineteen = field_all(19);
    // Hidden, or gcc makes shifts and additions of it, which are slower here.
    __asm__("" : "+v"(nineteen));
    sum[0] = low[0];
    LANES_UNROLL
    for (int i = 1; i < 9; i++)
        sum[i] = _mm512_add_epi64(low[i], _mm512_slli_epi64(high[i - 1], 1));
    sum[9] = _mm512_slli_epi64(high[8], 1);
    LANES_UNROLL
    for (int i = 0; i < 5; i++)
        out->limb[i] = _mm512_add_epi64(sum[i], _mm512_mullo_epi64(sum[i + 5], nineteen));
}

#define TERM(i, j)                                                                \
    do {                                                                          \
        low[i + j] = _mm512_madd52lo_epu64(low[i + j], a->limb[i], b->limb[j]);   \
        high[i + j] = _mm512_madd52hi_epu64(high[i + j], a->limb[i], b->limb[j]); \
    } while (0)
#define ROW(i)      \
    do {            \
        TERM(i, 0); \
        TERM(i, 1); \
        TERM(i, 2); \
        TERM(i, 3); \
        TERM(i, 4); \
    } while (0)

static LANES_INLINE void wide_mul(struct wide *out, const struct field *a, const struct field *b) {
    __m512i low[9], high[9];
    LANES_UNROLL
    for (int i = 0; i < 9; i++) low[i] = high[i] = _mm512_setzero_si512();
    ROW(0);
    ROW(1);
    ROW(2);
    ROW(3);
    ROW(4);
    wide_fold(out, low, high);
}
#undef ROW

// Products of two different limbs come twice.
static LANES_INLINE void wide_square(struct wide *out, const struct field *a) {
    const struct field *b = a;
    __m512i low[9], high[9];
    LANES_UNROLL
    for (int i = 0; i < 9; i++) low[i] = high[i] = _mm512_setzero_si512();
    TERM(0, 1);
    TERM(0, 2);
    TERM(0, 3);
    TERM(0, 4);
    TERM(1, 2);
    TERM(1, 3);
    TERM(1, 4);
    TERM(2, 3);
    TERM(2, 4);
    TERM(3, 4);
    LANES_UNROLL
    for (int i = 1; i < 8; i++) {
        low[i] = _mm512_slli_epi64(low[i], 1);
        high[i] = _mm512_slli_epi64(high[i], 1);
    }
    TERM(0, 0);
    TERM(1, 1);
    TERM(2, 2);
    TERM(3, 3);
    TERM(4, 4);
    wide_fold(out, low, high);
}
#undef TERM

static LANES_INLINE void field_mul(struct field *out, const struct field *a,
                                   const struct field *b) {
    struct wide product;
    wide_mul(&product, a, b);
    field_carry(out, &product);
}
static LANES_INLINE void field_square(struct field *out, const struct field *a) {
    struct wide product;
    wide_square(&product, a);
    field_carry(out, &product);
}

// The number below p. A field is below 2 p: it is p too large or nothing, and that it is if adding
// 19 reaches 2^255.
static LANES_INLINE void field_freeze(struct field *out, const struct field *in) {
    __m512i mask = field_all(FIELD_MASK), carry = field_all(19);
    LANES_UNROLL
    for (int i = 0; i < 5; i++) carry = _mm512_srli_epi64(_mm512_add_epi64(in->limb[i], carry), 51);
    carry = _mm512_mullo_epi64(carry, field_all(19));
    LANES_UNROLL
    for (int i = 0; i < 5; i++) {
        __m512i sum = _mm512_add_epi64(in->limb[i], carry);
        out->limb[i] = _mm512_and_si512(sum, mask);
        carry = _mm512_srli_epi64(sum, 51);
    }
}

// Of frozen ones: the lanes in which they are equal.
static LANES_INLINE __mmask8 field_equal(const struct field *a, const struct field *b) {
    __mmask8 equal = 0xff;
    LANES_UNROLL
    for (int i = 0; i < 5; i++) equal &= _mm512_cmpeq_epi64_mask(a->limb[i], b->limb[i]);
    return equal;
}

// From 32 bytes a lane, little-endian, without the uppermost bit; frozen if what they say is.
static LANES_INLINE void field_load(struct field *out, const uint64_t words[4][LANES]) {
    __m512i mask = field_all(FIELD_MASK), w[4];
    LANES_UNROLL
    for (int i = 0; i < 4; i++) w[i] = _mm512_loadu_si512(words[i]);
    out->limb[0] = _mm512_and_si512(w[0], mask);
    LANES_UNROLL
    for (unsigned i = 1; i < 4; i++) {
        __m512i below = _mm512_srli_epi64(w[i - 1], 64 - 13 * i);
        out->limb[i] =
            _mm512_and_si512(_mm512_or_si512(below, _mm512_slli_epi64(w[i], 13 * i)), mask);
    }
    out->limb[4] = _mm512_and_si512(_mm512_srli_epi64(w[3], 12), mask);
}

#endif
#endif
