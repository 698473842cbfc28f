// SPDX-License-Identifier: Apache-2.0
// BLAKE2b (RFC 7693), eight messages side by side: vector i of the state and of the message holds
// word i of all eight. The messages may differ in length; a lane whose message has ended keeps its
// state while the others go on.
#include "chaincore/crypto/hash_lanes.h"

#include "chaincore/crypto/lanes.h"

#ifdef HAVE_LANES
#include "chaincore/crypto/vector_lanes.h"

enum { BLOCK = 128, HALF = 64 };

static const uint64_t INITIAL[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

#define TURN(x, bits) _mm512_ror_epi64(x, bits)
#define MIX(a, b, c, d, x, y)                                     \
    do {                                                          \
        v[a] = _mm512_add_epi64(v[a], _mm512_add_epi64(v[b], x)); \
        v[d] = TURN(_mm512_xor_si512(v[d], v[a]), 32);            \
        v[c] = _mm512_add_epi64(v[c], v[d]);                      \
        v[b] = TURN(_mm512_xor_si512(v[b], v[c]), 24);            \
        v[a] = _mm512_add_epi64(v[a], _mm512_add_epi64(v[b], y)); \
        v[d] = TURN(_mm512_xor_si512(v[d], v[a]), 16);            \
        v[c] = _mm512_add_epi64(v[c], v[d]);                      \
        v[b] = TURN(_mm512_xor_si512(v[b], v[c]), 63);            \
    } while (0)
#define ROUND(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) \
    do {                                                      \
        MIX(0, 4, 8, 12, w[a], w[b]);                         \
        MIX(1, 5, 9, 13, w[c], w[d]);                         \
        MIX(2, 6, 10, 14, w[e], w[f]);                        \
        MIX(3, 7, 11, 15, w[g], w[h]);                        \
        MIX(0, 5, 10, 15, w[i], w[j]);                        \
        MIX(1, 6, 11, 12, w[k], w[l]);                        \
        MIX(2, 7, 8, 13, w[m], w[n]);                         \
        MIX(3, 4, 9, 14, w[o], w[p]);                         \
    } while (0)

// Twelve rounds over v with the message words w.
static LANES_INLINE void mix_all(__m512i v[16], const __m512i w[16]) {
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
    ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4);
    ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8);
    ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13);
    ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9);
    ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11);
    ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10);
    ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5);
    ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0);
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
}

// Half a block from each message, from `at` on, with zeros after its end.
static LANES_CODE void load_half(__m512i out[8], const struct hash_item *items, size_t at) {
    LANES_UNROLL
    for (int lane = 0; lane < LANES; lane++) {
        struct bytes in = items[lane].in;
        size_t left = in.len > at ? in.len - at : 0;
        __mmask64 present = left >= HALF ? ~(__mmask64)0 : ((__mmask64)1 << left) - 1;
        out[lane] =
            present ? _mm512_maskz_loadu_epi8(present, in.data + at) : _mm512_setzero_si512();
    }
    vector_transpose(out);
}

struct eight {
    __m512i state[8];
    __m512i lengths;
    size_t longest;
};

static LANES_CODE void compress(struct eight *eight, const struct hash_item *items, size_t at) {
    __m512i v[16], w[16];
    __m512i end = _mm512_set1_epi64((long long)at + BLOCK);
    __mmask8 goes_on = _mm512_cmpgt_epu64_mask(eight->lengths, end);
    // Even nothing at all is a block; besides that, none begins where a message ends.
    __mmask8 counts =
        at == 0 ? 0xff : _mm512_cmpgt_epu64_mask(eight->lengths, _mm512_set1_epi64((long long)at));
    load_half(w, items, at);
    if (eight->longest > at + HALF) {
        load_half(w + 8, items, at + HALF);
    } else {
        LANES_UNROLL
        for (int i = 8; i < 16; i++) w[i] = _mm512_setzero_si512();
    }
    LANES_UNROLL
    for (int i = 0; i < 8; i++) {
        v[i] = eight->state[i];
        v[i + 8] = _mm512_set1_epi64((long long)INITIAL[i]);
    }
    v[12] = _mm512_xor_si512(v[12], _mm512_min_epu64(eight->lengths, end));
    v[14] = _mm512_mask_xor_epi64(v[14], (__mmask8)~goes_on, v[14], _mm512_set1_epi64(-1));
    mix_all(v, w);
    LANES_UNROLL
    for (int i = 0; i < 8; i++)
        eight->state[i] = _mm512_mask_xor_epi64(eight->state[i], counts, eight->state[i],
                                                _mm512_xor_si512(v[i], v[i + 8]));
}

static LANES_CODE void hash_eight(enum hash_domain domain, const struct hash_item items[LANES]) {
    struct eight eight = {.longest = 0};
    uint64_t lengths[LANES];
    const uint8_t *person = hash_personalisations[domain];
    LANES_UNROLL
    for (int lane = 0; lane < LANES; lane++) {
        lengths[lane] = items[lane].in.len;
        if (items[lane].in.len > eight.longest) eight.longest = items[lane].in.len;
    }
    eight.lengths = _mm512_loadu_si512(lengths);
    LANES_UNROLL
    for (int i = 0; i < 8; i++) {
        uint64_t word = INITIAL[i];
        if (i == 0) word ^= 0x01010000 ^ sizeof(struct hash); // depth, fan-out, no key, size
        if (i >= 6) word ^= load_u64_le(person + 8 * (i - 6));
        eight.state[i] = _mm512_set1_epi64((long long)word);
    }
    size_t at = 0;
    do {
        compress(&eight, items, at);
        at += BLOCK;
    } while (at < eight.longest);
    vector_transpose(eight.state);
    LANES_UNROLL
    for (int lane = 0; lane < LANES; lane++)
        _mm256_storeu_si256((__m256i *)(void *)items[lane].out,
                            _mm512_castsi512_si256(eight.state[lane]));
}

// Two at least, or the lanes do not pay.
static void hash_padded(enum hash_domain domain, const struct hash_item *items, size_t count) {
    struct hash_item padded[LANES];
    struct hash nobody;
    for (size_t lane = 0; lane < LANES; lane++)
        padded[lane] = lane < count ? items[lane] : (struct hash_item){.out = &nobody};
    hash_eight(domain, padded);
}

static size_t hash_in_lanes(enum hash_domain domain, const struct hash_item *items, size_t count) {
    size_t done = 0;
    for (; count - done >= LANES; done += LANES) hash_eight(domain, items + done);
    if (count - done < 2) return done;
    hash_padded(domain, items + done, count - done);
    return count;
}

#else

static size_t hash_in_lanes(enum hash_domain domain, const struct hash_item *items, size_t count) {
    (void)domain, (void)items, (void)count;
    return 0;
}

#endif

void hash_many(enum hash_domain domain, const struct hash_item *items, size_t count) {
    size_t done = lanes_are_on() ? hash_in_lanes(domain, items, count) : 0;
    for (; done < count; done++) hash_bytes(items[done].out, domain, items[done].in);
}
