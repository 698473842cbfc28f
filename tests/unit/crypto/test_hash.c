// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/crypto/hash.h"
#include "chaincore/crypto/sha256.h"
#include "chaincore/crypto/table_hash.h"
#include "tests/support/unit.h"

Suite *hash_suite(void);

// BLAKE2b-256 of "abc" under each domain, computed with Python's hashlib.
static const char *const golden[HASH_DOMAINS] = {
    [HASH_TX] = "5e12daffc8517beb1011682233912fbc8e1eb8f57407ec3a0b53d56566c96335",
    [HASH_TX_LEAF] = "143fcc970bcbd876206599820e2c7c1d9177c96bf58695d1f4daf108f44ef5e8",
    [HASH_HEADER] = "7e9f53f4bd42aeb2ea6e7412e03fc8da5d0303495157d310b73d79c54b64d3cb",
    [HASH_RECEIPT] = "934a7b8b4e5b16ee2cf89f51b764d65aee00717532d3260b6d20b4fcadbe5932",
    [HASH_EVENT] = "9e1131a2b31c9f5d8477a9eb661f839f878268921a74d513fb8846951aa4343f",
    [HASH_ACCOUNT] = "e40486eaa0aa182a0fa788f4893081f189a658ef9ec6d2c9b5da25e6e0ac73ba",
    [HASH_CONTRACT] = "6d36f817d789e08d9746b5f519826b12647db93ea4aa38e3b7c9f4622acdfcf8",
    [HASH_CODE] = "090af92fd6c8a676c87ed61d3e7cdad004022421d497166816a9038a4e8906db",
    [HASH_KEY] = "621d380a74a6a04c1bf1921bf90508beae9c595107ae675ba3f0d9bafbfbddba",
    [HASH_VALUE] = "54d755be0f43c6703b17a7a5f261c27c117c0a73c1bc494e52af62e8277905f4",
    [HASH_LEAF] = "973069625ca187b506de7970e87c8fb7dfb1db69ab0b2aed9d85dd71624ef8cb",
    [HASH_NODE] = "141f28a1217c9b0f9d1b6733e5b218e2f02f71d02e5e1d52b71eaeece1643431",
    [HASH_LIST] = "dd430aca2f9e114f32d95d643bb1399a21b9bf3aff784c3e6121da020ae3ad33",
    [HASH_LOG] = "be86931910a9c9fa97de43a54ff70a7912c72d43dc355e7c12c6e50238918611",
    [HASH_GENESIS] = "7db64f6b00900178d344c3791747f31dfc3c99d9f72393a53ccc4ab71bc6ba5e",
    [HASH_BALANCES] = "ed7fbcf5b19235229bd7018e41c2b86311c39bd536b4082d4dcf02ec6be38036",
    [HASH_ARGUMENTS] = "dd32209530102029663b9af7e65f2130d7af809fa9278deba1fcb3719c6c9464",
    [HASH_WITNESS] = "9de7c4aeb2ffd52d09c4e74d6729cad154a8ea3809e9a6b56b8391e5ee7473b3",
    [HASH_PARAMS] = "518aba6a23c8161b894f87de31568e266d1514f55eaaac2dd1e4a9f8ccf34abe",
    [HASH_VOTE] = "691704f8d1d70fce028188c32676d9c3e7ffac8894b2debae6aa5e1ab6cf6796",
    [HASH_USER] = "5418da7f7f59151787fec663d3a19e70e059fab1903f644a96d70304c1faa228",
    [HASH_JOURNAL] = "2737a515a8b1767acf4fd6a527753b62660abb127405f4a8f395107fc6cbdcd1",
    [HASH_TRUST] = "11f4c950f738f3e6b30146a67f688b0c780ffe95ae02fe193314d315120d9036",
    [HASH_SIGNERS] = "1ab9d9b4acbedbad37951b923c07d5bb06487138c47057f15c50bd6e249b9a90",
    [HASH_TIMER] = "421c32772e86878b798943be3ab0fa4aceb8fe18058515e7bf726d607a8efbae",
    [HASH_ENVELOPE] = "10abe1a3003f99ef2fdd6af4cc310554be9c0a7b1d04fc69965d0784ccc08b27",
    [HASH_ENVELOPE_ID] = "23b48ceea1074d1bdfbe2778f60272603f92bc60b5010cea0e95ef8cbdc6fd86",
    [HASH_API_KEY] = "70f9c0e3da890494f63d8f510347f2e2a8d513bd552fdd6e1cc4f2947a30d394",
    [HASH_IDEMPOTENCY] = "94ad6db32ee25762269cd72b799b91d8435fd9307bb0dba0cced2dac811b79f3",
    [HASH_LOGIN] = "2f132e660095bfd17923729c17ed8f5a74a928006f721edddd14614fd9bb5379",
    [HASH_ETAG] = "edaaaaf9aa190ee5f4b7d758e24b6f1d80a70b9592556d5497328277466ae636",
    [HASH_SCHEDULE] = "e188dbbf1a8a8fc18b182bbe13811bc9df305f5a1642f4df176643322adce60d",
    [HASH_PEER] = "b4da67af8233a9cfd4f7bae3b6f5bdf7bd2aa71501992f407d62ce37f5797ff9",
    [HASH_RECORD] = "6a89a66c695261f889185c23dec8a6885b863f0cd858af8187478fe128641f15",
    [HASH_NODE_KEY] = "c192baeb548645b63a4d17fade9543d3b40f2f113905bcc4a0f2ef335ad28a14",
};

static void assert_hash_is(const struct hash *hash, const char *hex) {
    char text[2 * sizeof(struct hash) + 1];
    hex_encode(text, BYTES_OF(*hash));
    ck_assert_str_eq(text, hex);
}

START_TEST(every_domain_has_its_golden_hash) {
    int domain;
    for (domain = 0; domain < HASH_DOMAINS; domain++) {
        struct hash hash;
        ck_assert_ptr_nonnull(golden[domain]);
        hash_bytes(&hash, (enum hash_domain)domain, bytes_of_string("abc"));
        assert_hash_is(&hash, golden[domain]);
    }
    printf("hash domains: %d of %d\n", domain, HASH_DOMAINS);
}
END_TEST

START_TEST(nothing_at_all_has_a_hash) {
    struct hash hash;
    hash_bytes(&hash, HASH_TX, bytes_of(NULL, 0));
    assert_hash_is(&hash, "7e5dbe9fda48a5657f90b3c4377b69f5f8dc6d74eaef50db85510de8933ef6b2");
}
END_TEST

START_TEST(pieces_hash_like_the_whole_wherever_they_are_cut) {
    uint8_t whole[300];
    for (size_t i = 0; i < sizeof whole; i++) whole[i] = (uint8_t)(i * 7);
    struct hash expected;
    hash_bytes(&expected, HASH_EVENT, BYTES_OF(whole));
    for (size_t cut = 0; cut <= sizeof whole; cut++) {
        struct hasher hasher;
        struct hash hash;
        hasher_init(&hasher, HASH_EVENT);
        hasher_add(&hasher, bytes_of(whole, cut));
        hasher_add(&hasher, bytes_of(whole + cut, sizeof whole - cut));
        hasher_finish(&hasher, &hash);
        ck_assert(hash_equal(&hash, &expected));
    }
}
END_TEST

START_TEST(a_node_hashes_left_then_right_and_may_overwrite_either) {
    struct hash left, right, node;
    for (uint8_t i = 0; i < 32; i++) {
        left.bytes[i] = i;
        right.bytes[i] = (uint8_t)(32 + i);
    }
    const char *expected = "475afc7f904e975e2e9a27d8f2b6ba718ea10e2455b411a8890698f6abe0d33a";
    hash_node(&node, &left, &right);
    assert_hash_is(&node, expected);
    struct hash over = left;
    hash_node(&over, &over, &right);
    assert_hash_is(&over, expected);
    over = right;
    hash_node(&over, &left, &over);
    assert_hash_is(&over, expected);
    hash_node(&over, &right, &left);
    ck_assert(!hash_equal(&over, &node));
}
END_TEST

START_TEST(hashes_compare_by_their_bytes) {
    struct hash a = {{0}}, b = {{0}};
    ck_assert(hash_is_zero(&a) && hash_equal(&a, &b));
    b.bytes[31] = 1;
    ck_assert(!hash_is_zero(&b) && !hash_equal(&a, &b));
    ck_assert_int_lt(hash_compare(&a, &b), 0);
    a.bytes[0] = 0x80;
    ck_assert_int_gt(hash_compare(&a, &b), 0);
    ck_assert_int_eq(hash_compare(&a, &a), 0);
}
END_TEST

START_TEST(sha256_is_that_of_fips_180) {
    // FIPS 180's own examples, and nothing at all.
    static const struct {
        const char *text, *digest;
    } examples[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    uint8_t digest[SHA256_SIZE];
    char text[2 * SHA256_SIZE + 1];
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        sha256(digest, bytes_of_string(examples[i].text));
        hex_encode(text, BYTES_OF(digest));
        ck_assert_str_eq(text, examples[i].digest);
    }
}
END_TEST

START_TEST(sha256_of_parts_is_that_of_the_whole) {
    uint8_t data[300], whole[SHA256_SIZE], parts[SHA256_SIZE];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)i;
    sha256(whole, BYTES_OF(data));
    for (size_t cut = 0; cut <= sizeof data; cut++) {
        struct sha256_stream stream;
        sha256_begin(&stream);
        sha256_add(&stream, bytes_of(data, cut));
        sha256_add(&stream, bytes_of(data + cut, sizeof data - cut));
        sha256_end(&stream, parts);
        ck_assert_mem_eq(parts, whole, sizeof whole);
    }
}
END_TEST

START_TEST(a_tables_hash_is_siphash_under_its_key) {
    struct table_key key, other;
    uint8_t in[15];
    for (uint8_t i = 0; i < sizeof key; i++) key.bytes[i] = i;
    for (uint8_t i = 0; i < sizeof in; i++) in[i] = i;
    // Appendix A of the paper.
    ck_assert_uint_eq(table_hash(&key, BYTES_OF(in)), 0xa129ca6149be45e5);
    table_key_draw(&key);
    table_key_draw(&other);
    ck_assert_uint_ne(table_hash(&key, BYTES_OF(in)), table_hash(&other, BYTES_OF(in)));
}
END_TEST

Suite *hash_suite(void) {
    Suite *suite = suite_create("hash");
    TCase *cases = tcase_create("hash");
    tcase_add_test(cases, every_domain_has_its_golden_hash);
    tcase_add_test(cases, nothing_at_all_has_a_hash);
    tcase_add_test(cases, pieces_hash_like_the_whole_wherever_they_are_cut);
    tcase_add_test(cases, a_node_hashes_left_then_right_and_may_overwrite_either);
    tcase_add_test(cases, hashes_compare_by_their_bytes);
    tcase_add_test(cases, sha256_is_that_of_fips_180);
    tcase_add_test(cases, sha256_of_parts_is_that_of_the_whole);
    tcase_add_test(cases, a_tables_hash_is_siphash_under_its_key);
    suite_add_tcase(suite, cases);
    return suite;
}
