// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/base/buf.h"
#include "chaincore/crypto/mnemonic.h"
#include "chaincore/crypto/mnemonic_words.h"
#include "chaincore/crypto/pbkdf2.h"
#include "chaincore/crypto/sha256.h"
#include "tests/unit/crypto/vectors.h"

Suite *mnemonic_suite(void);

static enum status read_words(const char *text) {
    uint8_t entropy[MNEMONIC_ENTROPY_MAX];
    size_t len;
    return mnemonic_to_entropy(entropy, &len, bytes_of_string(text));
}

START_TEST(the_english_list_is_the_published_one) {
    struct buf list = {0};
    uint8_t digest[SHA256_SIZE];
    char text[2 * SHA256_SIZE + 1];
    for (size_t i = 0; i < MNEMONIC_LIST_WORDS; i++)
        buf_append_format(&list, "%s\n", mnemonic_words[i]);
    sha256(digest, buf_bytes(&list));
    hex_encode(text, BYTES_OF(digest));
    ck_assert_str_eq(text, "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
    buf_clear(&list);
}
END_TEST

START_TEST(pbkdf2_gives_what_openssl_gives) {
    char password[200], text[2 * PBKDF2_BYTES + 1];
    uint8_t out[PBKDF2_BYTES];
    struct bytes salt = bytes_of_string("salt"), pepper = bytes_of_string("pepper");
    pbkdf2_sha512(out, bytes_of_string("password"), salt, bytes_of(NULL, 0), 1);
    hex_encode(text, BYTES_OF(out));
    ck_assert_str_eq(text, "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
                           "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce");
    // Longer than HMAC's block: hashed first.
    memset(password, 'x', sizeof password);
    pbkdf2_sha512(out, BYTES_OF(password), salt, pepper, 3);
    hex_encode(text, BYTES_OF(out));
    ck_assert_str_eq(text, "97218276b896321846327e31466d0dbff7fb2a12185256ee509c37ef28a5ad98"
                           "03fba8f9d11a079481ef9340d5eb467e9df25ef4fc55a83f70577720568c69fe");
}
END_TEST

START_TEST(bip_39_has_its_english_vectors_all_as_expected) {
    struct arena arena = {0};
    json_t *root = vectors_json("bip39_vectors.json"), *one;
    size_t i, count = 0;
    if (!root) return;
    json_array_foreach(json_object_get(root, "english"), i, one) {
        const char *words = json_string_value(json_array_get(one, 1));
        struct bytes entropy = vectors_unhex(&arena, json_string_value(json_array_get(one, 0)));
        struct bytes seed = vectors_unhex(&arena, json_string_value(json_array_get(one, 2)));
        char text[MNEMONIC_TEXT_MAX + 1];
        uint8_t read[MNEMONIC_ENTROPY_MAX], made[MNEMONIC_SEED_BYTES];
        size_t len;
        assert_ok(mnemonic_from_entropy(text, entropy));
        ck_assert_str_eq(text, words);
        assert_ok(mnemonic_to_entropy(read, &len, bytes_of_string(words)));
        assert_bytes_equal(bytes_of(read, len), entropy);
        assert_ok(mnemonic_to_seed(made, bytes_of_string(words), bytes_of_string("TREZOR")));
        assert_bytes_equal(BYTES_OF(made), seed);
        count++;
    }
    printf("bip-39 english: %zu of 24\n", count);
    ck_assert_uint_eq(count, 24);
    json_decref(root);
    arena_clear(&arena);
}
END_TEST

START_TEST(entropy_of_each_length_comes_back_and_other_lengths_are_refused) {
    uint8_t entropy[40], read[MNEMONIC_ENTROPY_MAX];
    char text[MNEMONIC_TEXT_MAX + 1];
    size_t read_len;
    for (size_t i = 0; i < sizeof entropy; i++) entropy[i] = (uint8_t)(i * 91 + 5);
    for (size_t len = 0; len <= sizeof entropy; len++) {
        enum status status = mnemonic_from_entropy(text, bytes_of(entropy, len));
        if (len % 4 != 0 || len < 16 || len > 32) {
            assert_status(status, STATUS_MALFORMED);
            continue;
        }
        assert_ok(status);
        assert_ok(mnemonic_to_entropy(read, &read_len, bytes_of_string(text)));
        assert_bytes_equal(bytes_of(read, read_len), bytes_of(entropy, len));
    }
}
END_TEST

#define ABANDON_11 \
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "

START_TEST(a_wrong_checksum_is_told_from_wrong_words) {
    assert_ok(read_words(ABANDON_11 "about"));
    // Of the 2048 last words one in sixteen fits.
    size_t fitting = 0;
    for (size_t i = 0; i < MNEMONIC_LIST_WORDS; i++) {
        char text[MNEMONIC_TEXT_MAX + 1];
        snprintf(text, sizeof text, "%s%.8s", ABANDON_11, mnemonic_words[i]);
        enum status status = read_words(text);
        fitting += status == STATUS_OK;
        if (status != STATUS_OK) assert_status(status, STATUS_INVALID);
    }
    ck_assert_uint_eq(fitting, 128);
    assert_status(read_words(ABANDON_11 "abouts"), STATUS_MALFORMED);
    assert_status(read_words(ABANDON_11 "abou"), STATUS_MALFORMED);
    assert_status(read_words(ABANDON_11 "About"), STATUS_MALFORMED);
}
END_TEST

START_TEST(other_spacing_or_numbers_of_words_are_refused) {
    assert_status(read_words(""), STATUS_MALFORMED);
    assert_status(read_words(" "), STATUS_MALFORMED);
    assert_status(read_words(ABANDON_11), STATUS_MALFORMED);
    assert_status(read_words(" " ABANDON_11 "about"), STATUS_MALFORMED);
    assert_status(read_words(ABANDON_11 " about"), STATUS_MALFORMED);
    assert_status(read_words(ABANDON_11 "about "), STATUS_MALFORMED);
    assert_status(read_words(ABANDON_11 "abandon about"), STATUS_MALFORMED);
    assert_status(read_words("abandon abandon about"), STATUS_MALFORMED);
    // More than 24 words, though short enough for the text's bound.
    struct buf many = {0};
    for (int i = 0; i < 27; i++) buf_append_string(&many, i ? " zoo" : "zoo");
    assert_status(read_words(buf_as_string(&many)), STATUS_MALFORMED);
    buf_clear(&many);
    char longest[MNEMONIC_TEXT_MAX + 2];
    memset(longest, 'a', sizeof longest);
    uint8_t entropy[MNEMONIC_ENTROPY_MAX];
    size_t len;
    assert_status(mnemonic_to_entropy(entropy, &len, BYTES_OF(longest)), STATUS_MALFORMED);
    // A NUL ends no word.
    struct bytes with_nul = bytes_of(ABANDON_11 "about", sizeof(ABANDON_11 "about"));
    assert_status(mnemonic_to_entropy(entropy, &len, with_nul), STATUS_MALFORMED);
}
END_TEST

START_TEST(a_seed_is_made_of_good_words_alone_and_heeds_the_passphrase) {
    struct bytes words = bytes_of_string(ABANDON_11 "about");
    uint8_t plain[MNEMONIC_SEED_BYTES], guarded[MNEMONIC_SEED_BYTES];
    assert_status(mnemonic_to_seed(plain, bytes_of_string(ABANDON_11 "zoo"), bytes_of(NULL, 0)),
                  STATUS_INVALID);
    assert_ok(mnemonic_to_seed(plain, words, bytes_of(NULL, 0)));
    assert_ok(mnemonic_to_seed(guarded, words, bytes_of_string("x")));
    ck_assert_mem_ne(plain, guarded, sizeof plain);
    static const uint8_t golden_start[] = {0x5e, 0xb0, 0x0b, 0xbd, 0xdc, 0xf0, 0x69, 0x08};
    ck_assert_mem_eq(plain, golden_start, sizeof golden_start);
}
END_TEST

Suite *mnemonic_suite(void) {
    Suite *suite = suite_create("mnemonic");
    TCase *cases = tcase_create("mnemonic");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, the_english_list_is_the_published_one);
    tcase_add_test(cases, pbkdf2_gives_what_openssl_gives);
    tcase_add_test(cases, bip_39_has_its_english_vectors_all_as_expected);
    tcase_add_test(cases, entropy_of_each_length_comes_back_and_other_lengths_are_refused);
    tcase_add_test(cases, a_wrong_checksum_is_told_from_wrong_words);
    tcase_add_test(cases, other_spacing_or_numbers_of_words_are_refused);
    tcase_add_test(cases, a_seed_is_made_of_good_words_alone_and_heeds_the_passphrase);
    suite_add_tcase(suite, cases);
    return suite;
}
