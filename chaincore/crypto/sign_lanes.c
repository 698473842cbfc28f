// SPDX-License-Identifier: Apache-2.0
// Points of the twisted Edwards curve -x^2 + y^2 = 1 + d x^2 y^2 in extended coordinates: x = X/Z,
// y = Y/Z, x y = T/Z (Hisil, Wong, Carter, Dawson: "Twisted Edwards Curves Revisited", 2008; its
// addition is complete on this curve, so no point needs a case of its own). RFC 8032, section 5.1.
//
// The right side [S]B - [h]A takes one pass over both scalars, 252 doublings in all. h is read in
// signed digits of four bits, with a table of 1..8 times -A in each lane; S in signed digits of
// eight, with one table of 1..128 times B for all lanes. A lane finds its entry by looking at all.
#include "chaincore/crypto/sign_lanes.h"

#include <sodium.h>

#include "chaincore/crypto/edge_cases.h"
#include "chaincore/crypto/field_lanes.h"
#include "chaincore/crypto/lanes.h"
#include "chaincore/crypto/sha512_lanes.h"

#ifdef HAVE_LANES

// LANES_INLINE is for what must keep its vectors in registers; these are larger than a call costs.
#define LANES_CALL LANES_CODE __attribute__((noinline))

enum { A_ENTRIES = 8, B_ENTRIES = 128, H_DIGITS = 64, S_DIGITS = 32 };

static const int64_t D[5] = {929955233495203, 466365720129213, 1662059464998953, 2033849074728123,
                             1442794654840575};
static const int64_t TWO_D[5] = {1859910466990425, 932731440258426, 1072319116312658,
                                 1815898335770999, 633789495995903};
static const int64_t SQRT_MINUS_1[5] = {1718705420411056, 234908883556509, 2233514472574048,
                                        2117202627021982, 765476049583133};

struct point {
    struct field x, y, z, t;
};
// As what is added to another: Y + X, Y - X, 2 Z, 2 d T.
struct addend {
    struct field plus, minus, z2, t2d;
};

// Of 1..128 times the base point: plus, minus and t2d, each limb's in a row. Z is 1.
static _Alignas(64) int64_t base_table[3][5][B_ENTRIES];
static bool is_ready;

// What a doubling and an addition end with: from E, F, G, H to the point.
static LANES_INLINE void point_finish(struct point *out, const struct wide w[4], bool needs_t) {
    struct field e, f, g, h;
    field_carry(&e, &w[0]);
    field_carry(&f, &w[1]);
    field_carry(&g, &w[2]);
    field_carry(&h, &w[3]);
    field_mul(&out->x, &e, &f);
    field_mul(&out->y, &g, &h);
    field_mul(&out->z, &f, &g);
    if (needs_t) field_mul(&out->t, &e, &h);
}

// T is read by additions alone, so most doublings leave it out.
static LANES_CALL void point_double(struct point *point, bool needs_t) {
    struct wide a, b, c, s, efgh[4];
    struct field sum;
    field_add(&sum, &point->x, &point->y);
    wide_square(&a, &point->x);
    wide_square(&b, &point->y);
    wide_square(&c, &point->z);
    wide_square(&s, &sum);
    wide_add(&efgh[3], &a, &b);       // H = X^2 + Y^2
    wide_sub(&efgh[0], &efgh[3], &s); // E = H - (X + Y)^2
    wide_sub(&efgh[2], &a, &b);       // G = X^2 - Y^2
    wide_add(&c, &c, &c);
    wide_add(&efgh[1], &c, &efgh[2]); // F = 2 Z^2 + G
    point_finish(point, efgh, needs_t);
}

// Without `has_z` the addend's Z is 1.
static LANES_INLINE void add_parts(struct point *point, const struct addend *addend, bool has_z,
                                   bool needs_t) {
    struct wide a, b, c, d, efgh[4];
    struct field sum, difference;
    field_sub(&difference, &point->y, &point->x);
    field_add(&sum, &point->y, &point->x);
    wide_mul(&a, &difference, &addend->minus);
    wide_mul(&b, &sum, &addend->plus);
    wide_mul(&c, &point->t, &addend->t2d);
    if (has_z) {
        wide_mul(&d, &point->z, &addend->z2);
    } else {
        LANES_UNROLL
        for (int i = 0; i < 5; i++) d.limb[i] = _mm512_slli_epi64(point->z.limb[i], 1);
    }
    wide_sub(&efgh[0], &b, &a);
    wide_sub(&efgh[1], &d, &c);
    wide_add(&efgh[2], &d, &c);
    wide_add(&efgh[3], &b, &a);
    point_finish(point, efgh, needs_t);
}
static LANES_CALL void point_add(struct point *point, const struct addend *addend, bool needs_t) {
    add_parts(point, addend, true, needs_t);
}
static LANES_CALL void point_add_affine(struct point *point, const struct addend *addend,
                                        bool needs_t) {
    add_parts(point, addend, false, needs_t);
}

static LANES_CODE void point_to_addend(struct addend *out, const struct point *point) {
    struct field two_d;
    field_set(&two_d, TWO_D);
    field_add(&out->plus, &point->y, &point->x);
    field_sub(&out->minus, &point->y, &point->x);
    field_add(&out->z2, &point->z, &point->z);
    field_mul(&out->t2d, &point->t, &two_d);
}

static LANES_CODE void set_neutral(struct point *out) {
    field_set_small(&out->x, 0);
    field_set_small(&out->y, 1);
    field_set_small(&out->z, 1);
    field_set_small(&out->t, 0);
}

static LANES_CALL void square_times(struct field *out, const struct field *in, int times) {
    struct field square = *in;
    for (int i = 0; i < times; i++) field_square(&square, &square);
    *out = square;
}
static LANES_CALL void multiply(struct field *out, const struct field *a, const struct field *b) {
    field_mul(out, a, b);
}

// in^(2^250 - 1), and in^11 on the way.
static LANES_CODE void power_250(struct field *out, struct field *eleventh,
                                 const struct field *in) {
    struct field a, b, c;
    square_times(&a, in, 1);
    square_times(&b, &a, 2);
    multiply(&b, in, &b);       // 9
    multiply(eleventh, &a, &b); // 11
    square_times(&a, eleventh, 1);
    multiply(&b, &b, &a); // 2^5 - 1
    square_times(&a, &b, 5);
    multiply(&b, &a, &b); // 2^10 - 1
    square_times(&a, &b, 10);
    multiply(&a, &a, &b); // 2^20 - 1
    square_times(&c, &a, 20);
    multiply(&a, &c, &a); // 2^40 - 1
    square_times(&a, &a, 10);
    multiply(&b, &a, &b); // 2^50 - 1
    square_times(&a, &b, 50);
    multiply(&a, &a, &b); // 2^100 - 1
    square_times(&c, &a, 100);
    multiply(&a, &c, &a); // 2^200 - 1
    square_times(&a, &a, 50);
    multiply(out, &a, &b);
}
// in^(p - 2); of nothing, nothing.
static LANES_CODE void invert(struct field *out, const struct field *in) {
    struct field power, eleventh;
    power_250(&power, &eleventh, in);
    square_times(&power, &power, 5);
    multiply(out, &power, &eleventh);
}
// in^((p - 5) / 8)
static LANES_CODE void power_for_root(struct field *out, const struct field *in) {
    struct field power, eleventh;
    power_250(&power, &eleventh, in);
    square_times(&power, &power, 2);
    multiply(out, &power, in);
}

// The root x of u / v, where there is one (RFC 8032, 5.1.3): says in which lanes.
static LANES_CODE __mmask8 find_root(struct field *x, const struct field *u,
                                     const struct field *v) {
    struct field v3, power, check, minus_u, other, root;
    field_square(&v3, v);
    field_mul(&v3, &v3, v);
    field_square(&power, &v3);
    field_mul(&power, &power, v);
    field_mul(&power, &power, u);
    power_for_root(&power, &power);
    field_mul(&power, &power, &v3);
    field_mul(x, &power, u);
    field_square(&check, x);
    field_mul(&check, &check, v);
    field_set_small(&other, 0);
    field_sub(&minus_u, &other, u);
    field_freeze(&check, &check);
    field_freeze(&other, u);
    __mmask8 is_root = field_equal(&check, &other);
    field_freeze(&other, &minus_u);
    __mmask8 is_other = field_equal(&check, &other);
    field_set(&root, SQRT_MINUS_1);
    field_mul(&root, x, &root);
    field_choose(x, is_other, x, &root);
    return is_root | is_other;
}

static LANES_CODE __mmask8 is_odd(const struct field *frozen) {
    return _mm512_test_epi64_mask(frozen->limb[0], field_all(1));
}

// 32 bytes of each lane, as words.
struct encoded {
    uint64_t words[4][LANES];
};
static LANES_CODE __mmask8 sign_bits(const struct encoded *encoded) {
    return _mm512_movepi64_mask(_mm512_loadu_si512(encoded->words[3]));
}

// The negatives of the points encoded; says which lanes encode one. That y is below p is the
// caller's to check.
static LANES_CODE __mmask8 decode_negated(struct point *out, const struct encoded *encoded) {
    struct field u, v, minus, frozen;
    field_load(&out->y, encoded->words);
    field_set_small(&out->z, 1);
    field_square(&u, &out->y);
    field_set(&v, D);
    field_mul(&v, &u, &v);
    field_add(&v, &v, &out->z);
    field_sub(&u, &u, &out->z);
    __mmask8 is_point = find_root(&out->x, &u, &v);
    field_freeze(&frozen, &out->x);
    field_set_small(&minus, 0);
    field_sub(&minus, &minus, &out->x);
    __mmask8 is_as_encoded = (__mmask8) ~(is_odd(&frozen) ^ sign_bits(encoded));
    field_choose(&out->x, is_as_encoded, &out->x, &minus);
    field_mul(&out->t, &out->x, &out->y);
    return is_point;
}

// Whether the point's encoding is this one, in which lanes.
static LANES_CODE __mmask8 encodes_to(const struct point *point, const struct encoded *encoded) {
    struct field inverse, x, y, expected;
    invert(&inverse, &point->z);
    field_mul(&x, &point->x, &inverse);
    field_mul(&y, &point->y, &inverse);
    field_freeze(&x, &x);
    field_freeze(&y, &y);
    field_load(&expected, encoded->words);
    return field_equal(&y, &expected) & (__mmask8) ~(is_odd(&x) ^ sign_bits(encoded));
}

// The negative of what is added, where the digit is below zero: the sides change, T its sign.
static LANES_INLINE void negate_where(struct addend *addend, __mmask8 which) {
    struct addend minus = {.plus = addend->minus, .minus = addend->plus};
    field_negate(&minus.t2d, &addend->t2d);
    field_choose(&addend->plus, which, &addend->plus, &minus.plus);
    field_choose(&addend->minus, which, &addend->minus, &minus.minus);
    field_choose(&addend->t2d, which, &addend->t2d, &minus.t2d);
}

static LANES_INLINE __m512i load_digits(const int8_t digits[LANES]) {
    return _mm512_cvtepi8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)digits));
}

static LANES_CALL void choose_a(struct addend *out, const struct addend table[A_ENTRIES],
                                const int8_t digits[LANES]) {
    __m512i digit = load_digits(digits), size = _mm512_abs_epi64(digit);
    struct addend chosen;
    field_set_small(&chosen.plus, 1);
    field_set_small(&chosen.minus, 1);
    field_set_small(&chosen.z2, 2);
    field_set_small(&chosen.t2d, 0);
    for (int i = 0; i < A_ENTRIES; i++) {
        __mmask8 here = _mm512_cmpeq_epi64_mask(size, field_all(i + 1));
        field_choose(&chosen.plus, here, &chosen.plus, &table[i].plus);
        field_choose(&chosen.minus, here, &chosen.minus, &table[i].minus);
        field_choose(&chosen.z2, here, &chosen.z2, &table[i].z2);
        field_choose(&chosen.t2d, here, &chosen.t2d, &table[i].t2d);
    }
    negate_where(&chosen, _mm512_movepi64_mask(digit));
    *out = chosen;
}

static LANES_INLINE void choose_b_part(struct field *out, const int64_t rows[5][B_ENTRIES],
                                       __m512i index, int64_t if_zero) {
    // Below zero for the digit 0: no group of sixteen has that.
    __m512i group = _mm512_srai_epi64(index, 4);
    field_set_small(out, if_zero);
    for (int i = 0; i < B_ENTRIES / 16; i++) {
        __mmask8 here = _mm512_cmpeq_epi64_mask(group, field_all(i));
        LANES_UNROLL
        for (int limb = 0; limb < 5; limb++) {
            const int64_t *row = rows[limb] + 16 * i;
            __m512i entry = _mm512_permutex2var_epi64(_mm512_load_si512(row), index,
                                                      _mm512_load_si512(row + 8));
            out->limb[limb] = _mm512_mask_mov_epi64(out->limb[limb], here, entry);
        }
    }
}
static LANES_CALL void choose_b(struct addend *out, const int8_t digits[LANES]) {
    __m512i digit = load_digits(digits);
    __m512i index = _mm512_sub_epi64(_mm512_abs_epi64(digit), field_all(1));
    choose_b_part(&out->plus, base_table[0], index, 1);
    choose_b_part(&out->minus, base_table[1], index, 1);
    choose_b_part(&out->t2d, base_table[2], index, 0);
    negate_where(out, _mm512_movepi64_mask(digit));
}

struct digits {
    int8_t h[H_DIGITS][LANES];
    int8_t s[S_DIGITS][LANES];
};

// Both scalars are below 2^253, so nothing is carried out of the last digit.
static void split_scalars(struct digits *out, size_t lane, const uint8_t h[32],
                          const uint8_t s[32]) {
    int carry = 0;
    for (size_t i = 0; i < H_DIGITS; i++) {
        int digit = (h[i / 2] >> (4 * (i % 2)) & 15) + carry;
        carry = digit >= 8;
        out->h[i][lane] = (int8_t)(digit - 16 * carry);
    }
    carry = 0;
    for (size_t i = 0; i < S_DIGITS; i++) {
        int digit = s[i] + carry;
        carry = digit >= 128;
        out->s[i][lane] = (int8_t)(digit - 256 * carry);
    }
}

static LANES_CODE void fill_table(struct addend table[A_ENTRIES], const struct point *point) {
    struct point multiple = *point;
    point_to_addend(&table[0], &multiple);
    for (int i = 1; i < A_ENTRIES; i++) {
        point_add(&multiple, &table[0], true);
        point_to_addend(&table[i], &multiple);
    }
}

// [s]B + [h]minus_a
static LANES_CODE void combine(struct point *out, const struct digits *digits,
                               const struct point *minus_a) {
    struct addend table[A_ENTRIES], addend;
    fill_table(table, minus_a);
    set_neutral(out);
    for (size_t i = H_DIGITS; i-- > 0;) {
        bool is_even = i % 2 == 0;
        if (i + 1 < H_DIGITS)
            for (int k = 0; k < 4; k++) point_double(out, k == 3);
        choose_a(&addend, table, digits->h[i]);
        point_add(out, &addend, is_even);
        if (!is_even) continue;
        choose_b(&addend, digits->s[i / 2]);
        point_add_affine(out, &addend, false);
    }
}

static void put_words(struct encoded *out, size_t lane, const uint8_t bytes[32]) {
    for (size_t i = 0; i < 4; i++) out->words[i][lane] = load_u64_le(bytes + 8 * i);
}

// a < b, both 32 bytes little-endian.
static bool is_below(const uint8_t a[32], const uint8_t b[32]) {
    for (size_t i = 32; i-- > 0;)
        if (a[i] != b[i]) return a[i] < b[i];
    return false;
}

// By y: the neutral point, those of order 2 and 4, and the four of order 8.
static bool has_small_order(const uint8_t y[32]) {
    static const uint8_t small[5][32] = {
        {1},
        {0},
        {0xec, [1 ... 30] = 0xff, [31] = 0x7f},
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
         0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
         0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
         0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
         0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    };
    for (size_t i = 0; i < 5; i++)
        if (memcmp(y, small[i], 32) == 0) return true;
    return false;
}

// What needs no arithmetic: S < L, a canonical A, neither A nor R of small order. That R is
// canonical is seen when it is compared with an encoding that is.
static bool is_plausible(const struct sign_lane *item) {
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    static const uint8_t prime[32] = {0xed, [1 ... 30] = 0xff, [31] = 0x7f};
    uint8_t y[32];
    memcpy(y, item->key->bytes, sizeof y);
    y[31] &= 0x7f;
    if (!is_below(y, prime) || has_small_order(y)) return false;
    memcpy(y, item->signature->bytes, sizeof y);
    y[31] &= 0x7f;
    return !has_small_order(y) && is_below(item->signature->bytes + 32, order);
}

// So much of R, A and a message, padded, is hashed in lanes: what the chain signs is 144 bytes.
enum { PADDED = 2 * SHA512_BLOCK, MOST_IN_LANES = PADDED - 17 };

// Returns how many blocks it is.
static uint64_t pad(uint8_t out[PADDED], const struct sign_lane *item) {
    size_t len = 64 + item->message.len;
    uint64_t blocks = (len + 17 + SHA512_BLOCK - 1) / SHA512_BLOCK;
    memset(out, 0, PADDED);
    memcpy(out, item->signature->bytes, 32);
    memcpy(out + 32, item->key->bytes, 32);
    if (item->message.len > 0) memcpy(out + 64, item->message.data, item->message.len);
    out[len] = 0x80;
    store_u64_be(out + blocks * SHA512_BLOCK - 8, 8 * (uint64_t)len);
    return blocks;
}

static void hash_alone(uint8_t digest[64], const struct sign_lane *item) {
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, item->signature->bytes, 32);
    crypto_hash_sha512_update(&state, item->key->bytes, 32);
    crypto_hash_sha512_update(&state, item->message.data, item->message.len);
    crypto_hash_sha512_final(&state, digest);
}

// SHA-512 of R, A and the message of each, modulo L.
static void hash_scalars(uint8_t out[LANES][32], const struct sign_lane *const items[LANES]) {
    uint8_t digests[LANES][64], padded[LANES][PADDED];
    const uint8_t *blocks[LANES];
    uint64_t block_counts[LANES];
    bool fits = true;
    for (size_t lane = 0; lane < LANES; lane++)
        fits = fits && 64 + items[lane]->message.len <= MOST_IN_LANES;
    for (size_t lane = 0; lane < LANES; lane++) {
        blocks[lane] = padded[lane];
        if (fits)
            block_counts[lane] = pad(padded[lane], items[lane]);
        else
            hash_alone(digests[lane], items[lane]);
    }
    if (fits) sha512_eight(digests, blocks, block_counts);
    for (size_t lane = 0; lane < LANES; lane++)
        crypto_core_ed25519_scalar_reduce(out[lane], digests[lane]);
}

// The lanes whose signatures verify. `count` of the items are there; the other lanes idle.
static LANES_CODE __mmask8 verify_eight(const struct sign_lane *items, size_t count) {
    struct encoded key = {0}, r = {0};
    struct digits digits;
    struct point minus_a, point;
    const struct sign_lane *in_lane[LANES];
    uint8_t h[LANES][32];
    __mmask8 valid = 0;
    for (size_t lane = 0; lane < LANES; lane++) in_lane[lane] = &items[lane < count ? lane : 0];
    hash_scalars(h, in_lane);
    for (size_t lane = 0; lane < LANES; lane++) {
        const struct sign_lane *item = in_lane[lane];
        bool is_worth_it = lane < count && is_plausible(item);
        valid |= (__mmask8)(is_worth_it << lane);
        put_words(&key, lane, item->key->bytes);
        put_words(&r, lane, item->signature->bytes);
        // An S of L or more would be carried out of the last digit: anything else will do for it.
        split_scalars(&digits, lane, h[lane], is_worth_it ? item->signature->bytes + 32 : h[lane]);
    }
    valid &= decode_negated(&minus_a, &key);
    combine(&point, &digits, &minus_a);
    return valid & encodes_to(&point, &r);
}

void sign_lanes_verify(bool *valid, const struct sign_lane *items, size_t count) {
    for (size_t i = 0; i < count; i += LANES) {
        size_t here = count - i < LANES ? count - i : LANES;
        __mmask8 verdicts = verify_eight(items + i, here);
        for (size_t lane = 0; lane < here; lane++) valid[i + lane] = verdicts >> lane & 1;
    }
}

// The base point's y is 4/5, its x even.
static LANES_CODE void decode_base(struct point *out) {
    static const uint8_t base[32] = {0x58, [1 ... 31] = 0x66};
    struct field zero;
    struct encoded encoded;
    for (size_t lane = 0; lane < LANES; lane++) put_words(&encoded, lane, base);
    ENSURE(decode_negated(out, &encoded) == 0xff);
    field_set_small(&zero, 0);
    field_sub(&out->x, &zero, &out->x);
    field_mul(&out->t, &out->x, &out->y);
}

static LANES_CODE void fill_base_table(void) {
    struct point base, multiple, affine;
    struct addend addend, step;
    struct field inverse;
    decode_base(&base);
    point_to_addend(&step, &base);
    multiple = base;
    for (size_t i = 0; i < B_ENTRIES; i++) {
        invert(&inverse, &multiple.z);
        field_mul(&affine.x, &multiple.x, &inverse);
        field_mul(&affine.y, &multiple.y, &inverse);
        field_set_small(&affine.z, 1);
        field_mul(&affine.t, &affine.x, &affine.y);
        point_to_addend(&addend, &affine);
        for (int limb = 0; limb < 5; limb++) {
            base_table[0][limb][i] =
                _mm_cvtsi128_si64(_mm512_castsi512_si128(addend.plus.limb[limb]));
            base_table[1][limb][i] =
                _mm_cvtsi128_si64(_mm512_castsi512_si128(addend.minus.limb[limb]));
            base_table[2][limb][i] =
                _mm_cvtsi128_si64(_mm512_castsi512_si128(addend.t2d.limb[limb]));
        }
        point_add(&multiple, &step, true);
    }
}

static bool verify_alone(const struct signature *signature, const struct public_key *key,
                         struct bytes message) {
    struct sign_lane item = {signature, key, message};
    bool valid;
    sign_lanes_verify(&valid, &item, 1);
    return valid;
}

enum status sign_lanes_init(void) {
    if (is_ready || !lanes_are_on()) return STATUS_OK;
    fill_base_table();
    enum status status = edge_check(verify_alone);
    is_ready = status == STATUS_OK;
    return status;
}

bool sign_lanes_are_on(void) { return is_ready && lanes_are_on(); }

#else

enum status sign_lanes_init(void) { return STATUS_OK; }
bool sign_lanes_are_on(void) { return false; }
void sign_lanes_verify(bool *valid, const struct sign_lane *items, size_t count) {
    (void)valid, (void)items, (void)count;
    ENSURE(false && "lanes");
}

#endif
