// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/crypto/edge_cases.h"
#include "chaincore/crypto/sign.h"
#include "tests/unit/crypto/vectors.h"

Suite *sign_suite(void);

// Made by OpenSSL's Ed25519 with the key, chain id and payload below.
static const char golden_public[] =
    "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
static const char *const golden[SIGN_TAGS] = {
    [SIGN_TRANSACTION] = "1bcb5a73715ceff3f5e9b653341b380bfc5952377140916af0f6f726ca16eaaa"
                         "2db55110d8a7872e561784dbc4df98434a80bfb9cc627de8b2123f876c495401",
    [SIGN_VOTE] = "f027e0115ad1083385f7292603930d594a552f392b11814ff9744ab4c99a4071"
                  "07959d5f5691e7939b3b00f7161ad7f01a1ce0d70f16187066d72e7801c5ef03",
    [SIGN_PROPOSAL] = "37d5f80a2508cb8aa44465c3a4f23180f77114202e0ab5485c3129bdf0fb52ae"
                      "40b51cdc9ed0cf5e085db2400a0299cb92677cc7cf59b46e622a9171be7d1e0e",
    [SIGN_JOURNAL] = "bf4e5e8776d054497939193cb494c1afba621646626cf4e51d33d6974660c747"
                     "a460fa57fe7a852a1fe3011e6d31f2fba0b581bd40752562f9be546b03241b03",
    [SIGN_CHALLENGE] = "1547504919e93e9220ead9e015f96b1c85255f017e67fac93839a2a398fc7dac"
                       "79305fdc32546748c9ee75cded5377844672a1dcb57dbb59f87e4a8ef1d00303",
    [SIGN_TRUST] = "3cb4d3318cfffecb0db1d9ff2f244f901cff7a6125aa987d3b790121be90b9d6"
                   "6f3b5319c85e94b45748972482c670aa246cbc10b7eafc67c3f9fd99ac7ae603",
    [SIGN_LOCK_LOG] = "cbc105b815df71327999a1a272089130281a505cb312766579d7a35ece196ace"
                      "1a6d895fc15ebff9bb9e6af1140a1f5bb09184d816dd95c4489be26d12aa0203",
    [SIGN_GRANT] = "2acc6ff04fb8cd53e27d60f6bf457b8bb29b269d03eb79b3b9bb0380e8cc9cbf"
                   "f4f6706b5119263cec9c88afe9f862e3e74b3b50ae7a6dad8114e0d700aecf0b",
    [SIGN_LOG_IN] = "c8f9294d8c3f3fd66ff0d738240d1dc1ffa3289f7db933a7337d0c91497b71be"
                    "5e3e57793d9dd437441f989004c7d971cad948fbb8a31ffaf4efc7783ff70403",
    [SIGN_PEER] = "e2cc08a6335bb084c3a7e8a3efc9d9ec50f6b315ef4468d8254ede2c6a43d7a4"
                  "a75a1f51828aab51a02261fd12ed8fa9aadb3a30115d9d58feb1a34659a49a07",
    [SIGN_NODE_KEY] = "8802ce9c81adc85a3d450020278cc8514f07edeb2a4e34474a885cd5f9e78ffb"
                      "9b9af55b4d3d63b7ac2e31019ae489359b8a9a7ab40937efbf908f1f0d3c6705",
    [SIGN_CLAIM] = "6f305b113ba6028ded06b7949900636bb7629311df3f8d0cd349bf0f92ce8646"
                   "aa23412f17cfe699647529e0b6376fdb3e468aaf7cf03cb96499aa21a3e80004",
    [SIGN_RECORD] = "7ed9772dc06344604fabc93e8fa5346339b778f844e3bd38f1bf8c23a26e6935"
                    "59faee68d90ae68e2a979dff7941c549eafa996a50d02eedd4088b1e12387108",
};

static struct secret_key secret;
static struct public_key public;
static struct hash chain_id, payload;

static void set_up(void) {
    uint8_t seed[32];
    for (size_t i = 0; i < sizeof seed; i++) seed[i] = (uint8_t)i;
    key_from_seed(&secret, &public, seed);
    memset(chain_id.bytes, 0xc1, sizeof chain_id.bytes);
    memset(payload.bytes, 0x7a, sizeof payload.bytes);
}

START_TEST(every_tag_has_its_golden_signature) {
    char text[2 * sizeof(struct signature) + 1];
    hex_encode(text, BYTES_OF(public));
    ck_assert_str_eq(text, golden_public);
    struct public_key again;
    key_public_of(&again, &secret);
    assert_bytes_equal(BYTES_OF(again), BYTES_OF(public));
    int tag;
    for (tag = 0; tag < SIGN_TAGS; tag++) {
        struct signature signature;
        ck_assert_ptr_nonnull(golden[tag]);
        sign_payload(&signature, &secret, (enum sign_tag)tag, &chain_id, &payload);
        hex_encode(text, BYTES_OF(signature));
        ck_assert_str_eq(text, golden[tag]);
        for (int other = 0; other < SIGN_TAGS; other++)
            ck_assert_int_eq(
                sign_verify(&signature, &public, (enum sign_tag)other, &chain_id, &payload),
                other == tag);
    }
    printf("signature tags: %d of %d\n", tag, SIGN_TAGS);
}
END_TEST

static void flip(void *object, size_t bit) {
    ((uint8_t *)object)[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

START_TEST(any_flipped_bit_is_refused) {
    struct signature signature;
    sign_payload(&signature, &secret, SIGN_VOTE, &chain_id, &payload);
    struct {
        void *object;
        size_t size;
    } inputs[] = {{&signature, sizeof signature},
                  {&public, sizeof public},
                  {&chain_id, sizeof chain_id},
                  {&payload, sizeof payload}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        for (size_t bit = 0; bit < 8 * inputs[i].size; bit++) {
            flip(inputs[i].object, bit);
            ck_assert(!sign_verify(&signature, &public, SIGN_VOTE, &chain_id, &payload));
            flip(inputs[i].object, bit);
        }
    ck_assert(sign_verify(&signature, &public, SIGN_VOTE, &chain_id, &payload));
}
END_TEST

START_TEST(many_at_once_get_a_verdict_each) {
    enum { COUNT = 37 };
    struct signature signatures[COUNT];
    struct hash payloads[COUNT];
    struct sign_item items[COUNT];
    bool valid[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        hash_bytes(&payloads[i], HASH_TX, BYTES_OF(i));
        sign_payload(&signatures[i], &secret, SIGN_TRANSACTION, &chain_id, &payloads[i]);
        items[i] = (struct sign_item){&signatures[i], &public, &payloads[i], SIGN_TRANSACTION};
        if (i % 5 == 2) flip(&signatures[i], i * 13 % 512);
        if (i % 7 == 3) items[i].tag = SIGN_VOTE;
    }
    sign_verify_many(valid, items, COUNT, &chain_id);
    for (size_t i = 0; i < COUNT; i++) ck_assert_int_eq(valid[i], i % 5 != 2 && i % 7 != 3);
}
END_TEST

START_TEST(the_edge_cases_get_exactly_the_verdicts_of_the_protocol) {
    char row[EDGE_CASES + 1];
    edge_row_of(row, sign_verify_raw);
    printf("ed25519-speccheck: %s\n", row);
    ck_assert_str_eq(row, "XXXVXXXXXXXX");
}
END_TEST

// The copy in edge_cases.c is what a process checks itself against: it has to be the real thing.
START_TEST(the_edge_cases_are_the_published_ones) {
    json_t *root = vectors_json("ed25519_speccheck_cases.json"), *one;
    size_t i;
    if (!root) return;
    ck_assert_uint_eq(json_array_size(root), EDGE_CASES);
    json_array_foreach(root, i, one) {
        ck_assert_str_eq(edge_cases[i].message, vectors_string(one, "message"));
        ck_assert_str_eq(edge_cases[i].key, vectors_string(one, "pub_key"));
        ck_assert_str_eq(edge_cases[i].signature, vectors_string(one, "signature"));
    }
    printf("ed25519-speccheck cases: %zu of %d\n", i, EDGE_CASES);
    json_decref(root);
}
END_TEST

static bool accepts_all(const struct signature *signature, const struct public_key *key,
                        struct bytes message) {
    (void)signature, (void)key, (void)message;
    return true;
}
// As a verifier of the cofactored equation does, which is lawful by RFC 8032 but not here.
static bool accepts_one_more(const struct signature *signature, const struct public_key *key,
                             struct bytes message) {
    struct signature fifth;
    assert_ok(hex_decode(fifth.bytes, sizeof fifth.bytes, edge_cases[4].signature));
    return sign_verify_raw(signature, key, message) || memcmp(&fifth, signature, sizeof fifth) == 0;
}
static bool accepts_none(const struct signature *signature, const struct public_key *key,
                         struct bytes message) {
    (void)signature, (void)key, (void)message;
    return false;
}

START_TEST(a_verifier_with_another_accepted_set_is_refused) {
    assert_ok(edge_judge(sign_verify_raw));
    assert_status(edge_judge(accepts_one_more), STATUS_UNSUPPORTED);
    assert_ok(edge_check(sign_verify_raw));
    assert_status(edge_check(accepts_all), STATUS_UNSUPPORTED);
    assert_status(edge_check(accepts_one_more), STATUS_UNSUPPORTED);
    assert_status(edge_check(accepts_none), STATUS_UNSUPPORTED);
}
END_TEST

START_TEST(random_bytes_differ_and_secrets_compare_and_clear) {
    uint8_t a[32] = {0}, b[32] = {0}, zero[32] = {0};
    random_bytes(a, sizeof a);
    random_bytes(b, sizeof b);
    ck_assert(!secret_equal(a, b, sizeof a));
    memcpy(b, a, sizeof a);
    ck_assert(secret_equal(a, b, sizeof a));
    b[31] ^= 1;
    ck_assert(!secret_equal(a, b, sizeof a));
    secret_clear(a, sizeof a);
    ck_assert_mem_eq(a, zero, sizeof a);
}
END_TEST

Suite *sign_suite(void) {
    Suite *suite = suite_create("sign");
    TCase *cases = tcase_create("sign");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_add_test(cases, every_tag_has_its_golden_signature);
    tcase_add_test(cases, any_flipped_bit_is_refused);
    tcase_add_test(cases, many_at_once_get_a_verdict_each);
    tcase_add_test(cases, the_edge_cases_get_exactly_the_verdicts_of_the_protocol);
    tcase_add_test(cases, the_edge_cases_are_the_published_ones);
    tcase_add_test(cases, a_verifier_with_another_accepted_set_is_refused);
    tcase_add_test(cases, random_bytes_differ_and_secrets_compare_and_clear);
    suite_add_tcase(suite, cases);
    return suite;
}
