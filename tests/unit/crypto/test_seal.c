// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/seal.h"
#include "chaincore/crypto/sign.h"
#include "tests/support/unit.h"

Suite *seal_suite(void);

static struct buf out, opened;
static struct seal_key key;
static struct seal_nonce nonce;

static void set_up(void) {
    memset(key.bytes, 0x11, sizeof key.bytes);
    memset(nonce.bytes, 0x22, sizeof nonce.bytes);
}

static void tear_down(void) {
    buf_clear(&out);
    buf_clear(&opened);
}

START_TEST(two_sides_come_to_one_secret) {
    struct enc_secret_key ours, theirs;
    struct enc_public_key our_public, their_public;
    uint8_t a[32], b[32];
    enc_key_generate(&ours, &our_public);
    enc_key_generate(&theirs, &their_public);
    ck_assert_mem_ne(&our_public, &their_public, sizeof our_public);
    assert_ok(enc_shared_secret(a, &ours, &their_public));
    assert_ok(enc_shared_secret(b, &theirs, &our_public));
    ck_assert(secret_equal(a, b, sizeof a));
}
END_TEST

START_TEST(sealed_content_refuses_every_flipped_bit_and_every_cut) {
    struct bytes plain = bytes_of_string("38.5 degrees"), associated = bytes_of_string("device 7");
    buf_append_string(&out, "kept");
    assert_ok(seal_encrypt(&out, &key, &nonce, associated, plain));
    ck_assert_uint_eq(out.len, 4 + plain.len + SEAL_TAG_BYTES);
    ck_assert_mem_eq(out.data, "kept", 4);
    struct bytes sealed = bytes_of(out.data + 4, out.len - 4);
    buf_append_string(&opened, "too");
    assert_ok(seal_decrypt(&opened, &key, &nonce, associated, sealed));
    assert_bytes_equal(buf_bytes(&opened), bytes_of_string("too38.5 degrees"));
    buf_reset(&opened);
    for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
        out.data[4 + bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_status(seal_decrypt(&opened, &key, &nonce, associated, sealed), STATUS_UNAUTHORIZED);
        out.data[4 + bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < sealed.len; len++)
        assert_status(seal_decrypt(&opened, &key, &nonce, associated, bytes_of(sealed.data, len)),
                      len < SEAL_TAG_BYTES ? STATUS_TRUNCATED : STATUS_UNAUTHORIZED);
    assert_status(seal_decrypt(&opened, &key, &nonce, bytes_of_string("device 8"), sealed),
                  STATUS_UNAUTHORIZED);
    ck_assert_uint_eq(opened.len, 0);
}
END_TEST

START_TEST(nothing_at_all_can_be_sealed) {
    assert_ok(seal_encrypt(&out, &key, &nonce, bytes_of(NULL, 0), bytes_of(NULL, 0)));
    ck_assert_uint_eq(out.len, SEAL_TAG_BYTES);
    assert_ok(seal_decrypt(&opened, &key, &nonce, bytes_of(NULL, 0), buf_bytes(&out)));
    ck_assert_uint_eq(opened.len, 0);
}
END_TEST

START_TEST(content_over_the_bound_is_refused_unread) {
    struct enc_secret_key secret;
    struct enc_public_key public;
    enc_key_generate(&secret, &public);
    struct bytes huge = bytes_of("", (size_t)SEAL_PLAIN_MAX + SEAL_BOX_EXTRA_BYTES + 1);
    assert_status(seal_encrypt(&out, &key, &nonce, bytes_of(NULL, 0), huge), STATUS_TOO_LARGE);
    assert_status(seal_decrypt(&out, &key, &nonce, bytes_of(NULL, 0), huge), STATUS_TOO_LARGE);
    assert_status(seal_box_close(&out, &public, huge), STATUS_TOO_LARGE);
    assert_status(seal_box_open(&out, &secret, huge), STATUS_TOO_LARGE);
}
END_TEST

START_TEST(a_box_opens_for_its_recipient_alone) {
    struct enc_secret_key secret, other;
    struct enc_public_key public, other_public;
    struct bytes content = bytes_of("0123456789abcdef0123456789abcdef", 32);
    enc_key_generate(&secret, &public);
    enc_key_generate(&other, &other_public);
    assert_ok(seal_box_close(&out, &public, content));
    ck_assert_uint_eq(out.len, content.len + SEAL_BOX_EXTRA_BYTES);
    assert_ok(seal_box_open(&opened, &secret, buf_bytes(&out)));
    assert_bytes_equal(buf_bytes(&opened), content);
    buf_reset(&opened);
    assert_status(seal_box_open(&opened, &other, buf_bytes(&out)), STATUS_UNAUTHORIZED);
    for (size_t i = 0; i < out.len; i++) {
        out.data[i] ^= 0x10;
        assert_status(seal_box_open(&opened, &secret, buf_bytes(&out)), STATUS_UNAUTHORIZED);
        out.data[i] ^= 0x10;
    }
    for (size_t len = 0; len < out.len; len++)
        assert_status(seal_box_open(&opened, &secret, bytes_of(out.data, len)),
                      len < SEAL_BOX_EXTRA_BYTES ? STATUS_TRUNCATED : STATUS_UNAUTHORIZED);
    ck_assert_uint_eq(opened.len, 0);
}
END_TEST

START_TEST(a_box_made_elsewhere_opens) {
    // Made with tweetnacl and noble-hashes.
    static const char golden[] =
        "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7caace55eee35fc83ed8e9"
        "b3160e847dec4ddb02df1630bb8fe3ecc42d42b73a7389b6178aeac0cdecd0c3ab31fd99b11a7a";
    struct enc_secret_key secret;
    struct enc_public_key public;
    uint8_t box[(sizeof golden - 1) / 2];
    char text[2 * sizeof public + 1];
    for (size_t i = 0; i < sizeof secret.bytes; i++) secret.bytes[i] = (uint8_t)(101 + i);
    enc_key_public_of(&public, &secret);
    hex_encode(text, BYTES_OF(public.bytes));
    ck_assert_str_eq(text, "5714769d116bf76436ae74bc793d2c30ad1903c59ac5273805c7e2698b410c36");
    assert_ok(hex_decode(box, sizeof box, golden));
    assert_ok(seal_box_open(&opened, &secret, BYTES_OF(box)));
    assert_bytes_equal(buf_bytes(&opened), bytes_of_string("a content key of 32 bytes, sealed"));
}
END_TEST

START_TEST(a_recipient_of_small_order_is_refused) {
    struct enc_public_key zero = {{0}}, one = {{1}};
    assert_status(seal_box_close(&out, &zero, bytes_of_string("secret")), STATUS_INVALID);
    assert_status(seal_box_close(&out, &one, bytes_of_string("secret")), STATUS_INVALID);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

Suite *seal_suite(void) {
    Suite *suite = suite_create("seal");
    TCase *cases = tcase_create("seal");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, two_sides_come_to_one_secret);
    tcase_add_test(cases, sealed_content_refuses_every_flipped_bit_and_every_cut);
    tcase_add_test(cases, nothing_at_all_can_be_sealed);
    tcase_add_test(cases, content_over_the_bound_is_refused_unread);
    tcase_add_test(cases, a_box_opens_for_its_recipient_alone);
    tcase_add_test(cases, a_box_made_elsewhere_opens);
    tcase_add_test(cases, a_recipient_of_small_order_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
