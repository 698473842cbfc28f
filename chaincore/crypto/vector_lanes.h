// SPDX-License-Identifier: Apache-2.0
// What the lanes' computations share: the processor's vectors, and turning rows into columns.
#ifndef LMM_CRYPTO_VECTOR_LANES_H
#define LMM_CRYPTO_VECTOR_LANES_H

#include "chaincore/crypto/lanes.h"

#ifdef HAVE_LANES
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

// Eight rows of eight words become eight columns; its own inverse.
static LANES_INLINE void vector_transpose(__m512i r[8]) {
    __m512i pairs[8], fours[8];
    LANES_UNROLL
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm512_unpacklo_epi64(r[i], r[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi64(r[i], r[i + 1]);
    }
    LANES_UNROLL
    for (int i = 0; i < 8; i += 4) {
        LANES_UNROLL
        for (int k = 0; k < 2; k++) {
            fours[i + k] = _mm512_shuffle_i64x2(pairs[i + k], pairs[i + k + 2], 0x88);
            fours[i + k + 2] = _mm512_shuffle_i64x2(pairs[i + k], pairs[i + k + 2], 0xdd);
        }
    }
    LANES_UNROLL
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_i64x2(fours[i], fours[i + 4], 0x88);
        r[i + 4] = _mm512_shuffle_i64x2(fours[i], fours[i + 4], 0xdd);
    }
}

#endif
#endif
