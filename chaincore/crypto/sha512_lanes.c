// SPDX-License-Identifier: Apache-2.0
// FIPS 180-4, sections 6.4 and 5.3.5: vector i of the state and of the message schedule holds word
// i of all eight.
#include "chaincore/crypto/sha512_lanes.h"

#ifdef HAVE_LANES
#include "chaincore/crypto/vector_lanes.h"

static const uint64_t INITIAL[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint64_t ROUND_KEYS[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

#define XOR3(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0x96)
#define CHOOSE(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0xca)
#define MAJORITY(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0xe8)
#define TURN(x, bits) _mm512_ror_epi64(x, bits)

// The words of eight messages are big-endian.
static LANES_INLINE __m512i swap_bytes(__m512i x) {
    const __m512i order =
        _mm512_broadcast_i32x4(_mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    return _mm512_shuffle_epi8(x, order);
}

static LANES_INLINE void load_block(__m512i w[16], const uint8_t *const blocks[LANES], size_t at) {
    LANES_UNROLL
    for (int half = 0; half < 2; half++) {
        LANES_UNROLL
        for (int lane = 0; lane < LANES; lane++)
            w[8 * half + lane] =
                swap_bytes(_mm512_loadu_si512(blocks[lane] + at + 64 * (size_t)half));
        vector_transpose(w + 8 * half);
    }
}

// Word t of the schedule takes the place of word t - 16.
static LANES_INLINE void schedule(__m512i w[16], int t) {
    __m512i early = w[(t + 1) % 16], late = w[(t + 14) % 16];
    __m512i s0 = XOR3(TURN(early, 1), TURN(early, 8), _mm512_srli_epi64(early, 7));
    __m512i s1 = XOR3(TURN(late, 19), TURN(late, 61), _mm512_srli_epi64(late, 6));
    w[t] = _mm512_add_epi64(_mm512_add_epi64(w[t], s0), _mm512_add_epi64(w[(t + 9) % 16], s1));
}

// v[(8 - t) % 8] is `a` of round t: instead of moving, the names go round.
static LANES_INLINE void mix(__m512i v[8], int t, __m512i word, uint64_t key) {
    __m512i *a = &v[(16 - t) % 8], *b = &v[(17 - t) % 8], *c = &v[(18 - t) % 8];
    __m512i *d = &v[(19 - t) % 8], *e = &v[(20 - t) % 8], *f = &v[(21 - t) % 8];
    __m512i *g = &v[(22 - t) % 8], *h = &v[(23 - t) % 8];
    __m512i s1 = XOR3(TURN(*e, 14), TURN(*e, 18), TURN(*e, 41));
    __m512i s0 = XOR3(TURN(*a, 28), TURN(*a, 34), TURN(*a, 39));
    __m512i sum = _mm512_add_epi64(word, _mm512_set1_epi64((long long)key));
    sum = _mm512_add_epi64(_mm512_add_epi64(sum, *h), _mm512_add_epi64(s1, CHOOSE(*e, *f, *g)));
    *d = _mm512_add_epi64(*d, sum);
    *h = _mm512_add_epi64(sum, _mm512_add_epi64(s0, MAJORITY(*a, *b, *c)));
}

static LANES_CODE void compress(__m512i state[8], const uint8_t *const blocks[LANES], size_t at,
                                __mmask8 counts) {
    __m512i v[8], w[16];
    load_block(w, blocks, at);
    LANES_UNROLL
    for (int i = 0; i < 8; i++) v[i] = state[i];
    LANES_UNROLL
    for (int t = 0; t < 16; t++) mix(v, t, w[t], ROUND_KEYS[t]);
    for (int round = 16; round < 80; round += 16) {
        LANES_UNROLL
        for (int t = 0; t < 16; t++) {
            schedule(w, t);
            mix(v, t, w[t], ROUND_KEYS[round + t]);
        }
    }
    LANES_UNROLL
    for (int i = 0; i < 8; i++) state[i] = _mm512_mask_add_epi64(state[i], counts, state[i], v[i]);
}

LANES_CODE void sha512_eight(uint8_t digests[LANES][64], const uint8_t *const blocks[LANES],
                             const uint64_t block_counts[LANES]) {
    __m512i state[8], counts = _mm512_loadu_si512(block_counts);
    uint64_t most = 0;
    for (int lane = 0; lane < LANES; lane++)
        if (block_counts[lane] > most) most = block_counts[lane];
    LANES_UNROLL
    for (int i = 0; i < 8; i++) state[i] = _mm512_set1_epi64((long long)INITIAL[i]);
    for (uint64_t i = 0; i < most; i++)
        compress(state, blocks, 128 * i,
                 _mm512_cmpgt_epu64_mask(counts, _mm512_set1_epi64((long long)i)));
    vector_transpose(state);
    LANES_UNROLL
    for (int lane = 0; lane < LANES; lane++)
        _mm512_storeu_si512(digests[lane], swap_bytes(state[lane]));
}

#endif
