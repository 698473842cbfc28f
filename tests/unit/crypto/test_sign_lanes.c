// SPDX-License-Identifier: Apache-2.0
// Signatures in vector lanes against libsodium's verdict on each: valid ones, mutated ones, and
// those that only an adversary makes, with points of small order in R and A.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/crypto/edge_cases.h"
#include "chaincore/crypto/lanes.h"
#include "chaincore/crypto/sign_lanes.h"
#include "tests/unit/crypto/vectors.h"

Suite *sign_lanes_suite(void);

enum { KEYS = 16, LONGEST = 300, RANDOM_CASES = 100000, ODD_ENCODINGS = 48 };

struct made {
    struct signature signature;
    struct public_key key;
    uint8_t message[LONGEST];
    size_t len;
};

static struct secret_key secrets[KEYS];
static struct public_key keys[KEYS];
// Small orders and what is not below p, with either sign.
static uint8_t odd[ODD_ENCODINGS][32];
static uint64_t seed;

static uint64_t next_random(void) {
    uint64_t z = (seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static size_t below(size_t bound) { return (size_t)(next_random() % bound); }
static void fill_random(uint8_t *out, size_t len) {
    for (size_t i = 0; i < len; i++) out[i] = (uint8_t)next_random();
}

static void fill_odd(void) {
    static const char *const eights[2] = {
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"};
    memset(odd, 0, sizeof odd);
    odd[1][0] = 1;
    for (size_t i = 0; i < 2; i++) assert_ok(hex_decode(odd[2 + i], 32, eights[i]));
    for (size_t i = 4; i < ODD_ENCODINGS / 2; i++) { // p - 1 and all above it
        memset(odd[i], 0xff, 32);
        odd[i][0] = (uint8_t)(0xec + i - 4);
        odd[i][31] = 0x7f;
    }
    for (size_t i = 0; i < ODD_ENCODINGS / 2; i++) {
        memcpy(odd[ODD_ENCODINGS / 2 + i], odd[i], 32);
        odd[ODD_ENCODINGS / 2 + i][31] |= 0x80;
    }
}

static void set_up(void) {
    seed = 0x6c616e6573;
    for (size_t i = 0; i < KEYS; i++) {
        uint8_t bytes[32];
        fill_random(bytes, sizeof bytes);
        key_from_seed(&secrets[i], &keys[i], bytes);
    }
    fill_odd();
}
static void tear_down(void) { lanes_switch(true); }

// False, and the case counted as skipped, on a processor without them.
static bool has_lanes(void) {
    if (sign_lanes_are_on()) return true;
    skip_case("this processor has no lanes");
    return false;
}

static struct sign_lane lane_of(const struct made *made) {
    return (struct sign_lane){&made->signature, &made->key, bytes_of(made->message, made->len)};
}
static bool judge(const struct sign_lane *item) {
    return sign_verify_raw(item->signature, item->key, item->message);
}

static void make_valid(struct made *out) {
    size_t key = below(KEYS);
    out->len = below(4) ? 80 : below(LONGEST + 1);
    fill_random(out->message, sizeof out->message);
    out->key = keys[key];
    ENSURE(crypto_sign_detached(out->signature.bytes, NULL, out->message, out->len,
                                secrets[key].bytes) == 0);
}

// Is true modulo the points of small order alone: with A + T for A, and perhaps R + T' for R, the
// equation holds for the share of hashes that make up for it.
static void make_mixed(struct made *out) {
    uint8_t a[32], r[32], h[64], wide[64], product[32], base_r[32], base_a[32];
    fill_random(wide, sizeof wide);
    crypto_core_ed25519_scalar_reduce(a, wide);
    fill_random(wide, sizeof wide);
    crypto_core_ed25519_scalar_reduce(r, wide);
    ENSURE(crypto_scalarmult_ed25519_base_noclamp(base_a, a) == 0);
    ENSURE(crypto_scalarmult_ed25519_base_noclamp(base_r, r) == 0);
    memcpy(out->key.bytes, base_a, 32);
    memcpy(out->signature.bytes, base_r, 32);
    // The first five are all that is of small order and canonical; 1 is the neutral point.
    if (below(4)) ENSURE(crypto_core_ed25519_add(out->key.bytes, base_a, odd[below(5)]) == 0);
    if (below(4) == 0)
        ENSURE(crypto_core_ed25519_add(out->signature.bytes, base_r, odd[below(5)]) == 0);
    out->len = below(200);
    fill_random(out->message, out->len);
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, out->signature.bytes, 32);
    crypto_hash_sha512_update(&state, out->key.bytes, 32);
    crypto_hash_sha512_update(&state, out->message, out->len);
    crypto_hash_sha512_final(&state, h);
    crypto_core_ed25519_scalar_reduce(wide, h);
    crypto_core_ed25519_scalar_mul(product, wide, a);
    crypto_core_ed25519_scalar_add(out->signature.bytes + 32, product, r);
}

static void add_order(uint8_t s[32]) {
    static const char text[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    uint8_t order[32];
    unsigned carry = 0;
    assert_ok(hex_decode(order, sizeof order, text));
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)s[i] + order[i];
        s[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void mutate(struct made *made) {
    uint8_t *signature = made->signature.bytes;
    switch (below(10)) {
    case 0:
        signature[below(32)] ^= (uint8_t)(1 << below(8));
        break;
    case 1:
        signature[32 + below(32)] ^= (uint8_t)(1 << below(8));
        break;
    case 2:
        made->key.bytes[below(32)] ^= (uint8_t)(1 << below(8));
        break;
    case 3:
        if (made->len > 0) made->message[below(made->len)] ^= (uint8_t)(1 << below(8));
        break;
    case 4:
        add_order(signature + 32);
        break;
    case 5:
        memcpy(signature, odd[below(ODD_ENCODINGS)], 32);
        break;
    case 6:
        memcpy(made->key.bytes, odd[below(ODD_ENCODINGS)], 32);
        break;
    case 7:
        fill_random(signature + 32 * below(2), 32);
        break;
    default:
        break;
    }
}

// Every item in every lane, among others that are valid and of the same length.
static void assert_verdicts(const struct sign_lane *items, size_t count) {
    struct made others[LANES];
    struct sign_lane eight[LANES];
    bool valid[LANES];
    for (size_t i = 0; i < LANES; i++) make_valid(&others[i]);
    for (size_t k = 0; k < count; k++) {
        bool expected = judge(&items[k]);
        for (size_t lane = 0; lane < LANES; lane++) {
            for (size_t i = 0; i < LANES; i++) eight[i] = lane_of(&others[i]);
            eight[lane] = items[k];
            sign_lanes_verify(valid, eight, LANES);
            for (size_t i = 0; i < LANES; i++)
                ck_assert_msg(valid[i] == (i == lane ? expected : true),
                              "item %zu in lane %zu, verdict of lane %zu", k, lane, i);
        }
    }
}

// Hashed in lanes up to some length, alone beyond it.
START_TEST(messages_of_any_lengths_are_hashed_as_they_are) {
    struct made made[LANES];
    struct sign_lane items[LANES];
    bool valid[LANES];
    if (!has_lanes()) return;
    for (size_t len = 0; len <= LONGEST; len++) {
        for (size_t i = 0; i < LANES; i++) {
            make_valid(&made[i]);
            // All as long, or only one of them, or all below the greatest length.
            if (len % 3 == 0 || i == len % LANES) made[i].len = len;
            if (len % 3 == 1) made[i].len = made[i].len % (len + 1);
            ENSURE(crypto_sign_detached(made[i].signature.bytes, NULL, made[i].message, made[i].len,
                                        secrets[0].bytes) == 0);
            made[i].key = keys[0];
            items[i] = lane_of(&made[i]);
        }
        sign_lanes_verify(valid, items, LANES);
        for (size_t i = 0; i < LANES; i++) ck_assert(valid[i] && judge(&items[i]));
    }
}
END_TEST

START_TEST(the_edge_cases_get_their_verdicts_in_every_lane) {
    struct made cases[EDGE_CASES];
    struct sign_lane items[EDGE_CASES];
    if (!has_lanes()) return;
    for (size_t i = 0; i < EDGE_CASES; i++) {
        cases[i].len = strlen(edge_cases[i].message) / 2;
        assert_ok(hex_decode(cases[i].message, cases[i].len, edge_cases[i].message));
        assert_ok(hex_decode(cases[i].key.bytes, 32, edge_cases[i].key));
        assert_ok(hex_decode(cases[i].signature.bytes, 64, edge_cases[i].signature));
        items[i] = lane_of(&cases[i]);
        ck_assert_int_eq(judge(&items[i]), edge_cases[i].is_accepted);
    }
    assert_verdicts(items, EDGE_CASES);
    printf("ed25519-speccheck in lanes: %d cases in %d lanes\n", EDGE_CASES, LANES);
}
END_TEST

START_TEST(wycheproof_gets_its_verdicts_in_every_lane) {
    struct arena arena = {0};
    size_t i, j, count = 0;
    json_t *group, *test, *root = has_lanes() ? vectors_json("wycheproof_ed25519_test.json") : NULL;
    if (!root) return;
    json_array_foreach(json_object_get(root, "testGroups"), i, group) {
        struct bytes key = vectors_hex(&arena, json_object_get(group, "publicKey"), "pk");
        json_array_foreach(json_object_get(group, "tests"), j, test) {
            struct bytes signature = vectors_hex(&arena, test, "sig");
            struct made made;
            struct sign_lane item = {&made.signature, &made.key, vectors_hex(&arena, test, "msg")};
            if (signature.len != 64) continue; // the type has no room for it
            memcpy(made.signature.bytes, signature.data, 64);
            memcpy(made.key.bytes, key.data, 32);
            ck_assert_int_eq(judge(&item), strcmp(vectors_string(test, "result"), "valid") == 0);
            assert_verdicts(&item, 1);
            count++;
        }
    }
    printf("wycheproof ed25519 in lanes: %zu of 151 have 64 bytes, in %d lanes\n", count, LANES);
    ck_assert_uint_ge(count, 130);
    json_decref(root);
    arena_clear(&arena);
}
END_TEST

START_TEST(every_odd_encoding_of_r_and_a_gets_libsodium_s_verdict_in_every_lane) {
    if (!has_lanes()) return;
    for (size_t i = 0; i < ODD_ENCODINGS; i++) {
        for (size_t j = 0; j <= ODD_ENCODINGS; j++) {
            struct made made;
            make_valid(&made);
            memcpy(made.key.bytes, odd[i], 32);
            if (j < ODD_ENCODINGS) memcpy(made.signature.bytes, odd[j], 32);
            if (below(2)) memset(made.signature.bytes + 32, 0, 32);
            struct sign_lane item = lane_of(&made);
            bool valid[1];
            sign_lanes_verify(valid, &item, 1);
            ck_assert_int_eq(valid[0], judge(&item));
            ck_assert(!valid[0]);
            if (j == ODD_ENCODINGS) assert_verdicts(&item, 1);
        }
    }
}
END_TEST

// More by the environment: SIGN_CASES.
START_TEST(random_and_mutated_signatures_get_libsodium_s_verdict) {
    static struct made made[LANES];
    struct sign_lane items[LANES];
    bool valid[LANES];
    size_t accepted = 0, mixed_accepted = 0, cases = RANDOM_CASES;
    if (getenv("SIGN_CASES")) cases = strtoul(getenv("SIGN_CASES"), NULL, 10);
    if (!has_lanes()) return;
    for (size_t done = 0; done < cases; done += LANES) {
        bool is_mixed[LANES];
        for (size_t i = 0; i < LANES; i++) {
            is_mixed[i] = below(8) == 0;
            if (is_mixed[i])
                make_mixed(&made[i]);
            else
                make_valid(&made[i]);
            if (!is_mixed[i] || below(4) == 0) mutate(&made[i]);
            items[i] = lane_of(&made[i]);
        }
        sign_lanes_verify(valid, items, LANES);
        for (size_t i = 0; i < LANES; i++) {
            ck_assert_msg(valid[i] == judge(&items[i]), "case %zu", done + i);
            accepted += valid[i] && !is_mixed[i];
            mixed_accepted += valid[i] && is_mixed[i];
        }
    }
    printf("signatures in lanes: %zu, accepted %zu and %zu of mixed order\n", cases, accepted,
           mixed_accepted);
    // Neither all nor none, or nothing was compared.
    ck_assert(accepted > cases / 8 && accepted < cases / 2);
    ck_assert(mixed_accepted > cases / 80 && mixed_accepted < cases / 10);
}
END_TEST

START_TEST(any_count_of_any_tags_gets_its_verdicts_with_lanes_and_without) {
    enum { MOST = 2 * SIGN_LANES_AT_ONCE + 3 };
    static struct signature signatures[MOST];
    static struct hash payloads[MOST];
    static struct sign_item items[MOST];
    struct hash chain_id = {{7}};
    bool valid[MOST + 1];
    lanes_switch(_i);
    ck_assert(_i || !sign_lanes_are_on());
    for (size_t i = 0; i < MOST; i++) {
        enum sign_tag tag = (enum sign_tag)(i % SIGN_TAGS);
        hash_bytes(&payloads[i], HASH_TX, BYTES_OF(i));
        sign_payload(&signatures[i], &secrets[i % KEYS], tag, &chain_id, &payloads[i]);
        items[i] = (struct sign_item){&signatures[i], &keys[i % KEYS], &payloads[i], tag};
        if (i % 3 == 1) signatures[i].bytes[i % 64] ^= 4;
    }
    for (size_t count = 0; count <= MOST; count += count < 20 ? 1 : 37) {
        for (size_t i = 0; i <= MOST; i++) valid[i] = i % 3 == 1;
        sign_verify_many(valid, items, count, &chain_id);
        for (size_t i = 0; i < count; i++) ck_assert_int_eq(valid[i], i % 3 != 1);
        for (size_t i = count; i <= MOST; i++) ck_assert_int_eq(valid[i], i % 3 == 1);
    }
}
END_TEST

Suite *sign_lanes_suite(void) {
    Suite *suite = suite_create("sign_lanes");
    TCase *cases = tcase_create("sign_lanes");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 600);
    tcase_add_test(cases, messages_of_any_lengths_are_hashed_as_they_are);
    tcase_add_test(cases, the_edge_cases_get_their_verdicts_in_every_lane);
    tcase_add_test(cases, wycheproof_gets_its_verdicts_in_every_lane);
    tcase_add_test(cases, every_odd_encoding_of_r_and_a_gets_libsodium_s_verdict_in_every_lane);
    tcase_add_test(cases, random_and_mutated_signatures_get_libsodium_s_verdict);
    tcase_add_loop_test(cases, any_count_of_any_tags_gets_its_verdicts_with_lanes_and_without, 0,
                        2);
    suite_add_tcase(suite, cases);
    return suite;
}
