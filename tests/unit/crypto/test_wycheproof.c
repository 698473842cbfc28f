// SPDX-License-Identifier: Apache-2.0
// Project Wycheproof's vectors, each file whole.
#include <stdio.h>

#include "chaincore/crypto/seal.h"
#include "chaincore/crypto/sign.h"
#include "tests/unit/crypto/vectors.h"

Suite *wycheproof_suite(void);

struct tally {
    size_t run;
    size_t accepted;
};
typedef void run_one(struct tally *tally, struct arena *arena, const json_t *group,
                     const json_t *test);

static bool is_valid(const json_t *test) {
    return strcmp(vectors_string(test, "result"), "valid") == 0;
}

static bool has_flag(const json_t *test, const char *flag) {
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(test, "flags"), i, one) {
        if (strcmp(json_string_value(one), flag) == 0) return true;
    }
    return false;
}

// Runs every test of the file and holds the count to the file's own and to the one known to us.
static void run_file(const char *name, size_t expected, size_t expected_accepted, run_one *run) {
    char file[64];
    struct arena arena = {0};
    struct tally tally = {0};
    json_t *root, *group, *test;
    size_t i, j;
    snprintf(file, sizeof file, "wycheproof_%s_test.json", name);
    root = vectors_json(file);
    if (!root) return;
    json_array_foreach(json_object_get(root, "testGroups"), i, group) {
        json_array_foreach(json_object_get(group, "tests"), j, test) {
            run(&tally, &arena, group, test);
            tally.run++;
            arena_reset(&arena);
        }
    }
    printf("wycheproof %s: %zu of %zu, %zu accepted\n", name, tally.run, expected, tally.accepted);
    ck_assert_int_eq((json_int_t)tally.run,
                     json_integer_value(json_object_get(root, "numberOfTests")));
    ck_assert_uint_eq(tally.run, expected);
    ck_assert_uint_eq(tally.accepted, expected_accepted);
    json_decref(root);
    arena_clear(&arena);
}

static void run_ed25519(struct tally *tally, struct arena *arena, const json_t *group,
                        const json_t *test) {
    struct bytes key_bytes = vectors_hex(arena, json_object_get(group, "publicKey"), "pk");
    struct bytes signature_bytes = vectors_hex(arena, test, "sig");
    struct public_key key;
    struct signature signature;
    ck_assert_uint_eq(key_bytes.len, sizeof key);
    memcpy(key.bytes, key_bytes.data, sizeof key);
    // Another length is refused where a signature is read: the type has no room for it.
    bool accepted = signature_bytes.len == sizeof signature;
    if (accepted) {
        memcpy(signature.bytes, signature_bytes.data, sizeof signature);
        accepted = sign_verify_raw(&signature, &key, vectors_hex(arena, test, "msg"));
    }
    ck_assert_int_eq(accepted, is_valid(test));
    tally->accepted += accepted;
}

START_TEST(ed25519_verdicts_are_all_as_expected) { run_file("ed25519", 151, 88, run_ed25519); }
END_TEST

static void run_x25519(struct tally *tally, struct arena *arena, const json_t *group,
                       const json_t *test) {
    (void)group;
    struct enc_secret_key secret;
    struct enc_public_key public;
    uint8_t shared[32] = {0};
    struct bytes expected = vectors_hex(arena, test, "shared");
    memcpy(secret.bytes, vectors_hex(arena, test, "private").data, sizeof secret);
    memcpy(public.bytes, vectors_hex(arena, test, "public").data, sizeof public);
    enum status status = enc_shared_secret(shared, &secret, &public);
    // "acceptable" holds two kinds: a shared secret of zero, which this chain refuses, and odd but
    // harmless keys, for which RFC 7748 has one answer.
    if (has_flag(test, "ZeroSharedSecret"))
        assert_status(status, STATUS_INVALID);
    else
        assert_ok(status);
    assert_bytes_equal(BYTES_OF(shared), expected);
    tally->accepted += status == STATUS_OK;
}

START_TEST(x25519_secrets_are_all_as_expected_and_zero_is_refused) {
    run_file("x25519", 518, 487, run_x25519);
}
END_TEST

static void run_xchacha(struct tally *tally, struct arena *arena, const json_t *group,
                        const json_t *test) {
    (void)group;
    struct bytes key_bytes = vectors_hex(arena, test, "key");
    struct bytes nonce_bytes = vectors_hex(arena, test, "iv");
    struct bytes associated = vectors_hex(arena, test, "aad");
    struct bytes plain = vectors_hex(arena, test, "msg");
    struct seal_key key;
    struct seal_nonce nonce;
    struct buf sealed = {0}, opened = {0}, again = {0};
    buf_append(&sealed, vectors_hex(arena, test, "ct"));
    buf_append(&sealed, vectors_hex(arena, test, "tag"));
    ck_assert_uint_eq(key_bytes.len, sizeof key);
    memcpy(key.bytes, key_bytes.data, sizeof key);
    // A nonce of another length is refused where it is read, as a signature's is.
    bool accepted = nonce_bytes.len == sizeof nonce;
    if (accepted) {
        memcpy(nonce.bytes, nonce_bytes.data, sizeof nonce);
        enum status status = seal_decrypt(&opened, &key, &nonce, associated, buf_bytes(&sealed));
        accepted = status == STATUS_OK;
        if (!accepted) assert_status(status, STATUS_UNAUTHORIZED);
    }
    ck_assert_int_eq(accepted, is_valid(test));
    if (accepted) {
        assert_bytes_equal(buf_bytes(&opened), plain);
        assert_ok(seal_encrypt(&again, &key, &nonce, associated, plain));
        assert_bytes_equal(buf_bytes(&again), buf_bytes(&sealed));
    } else {
        ck_assert_uint_eq(opened.len, 0);
    }
    tally->accepted += accepted;
    buf_clear(&sealed);
    buf_clear(&opened);
    buf_clear(&again);
}

START_TEST(xchacha20_poly1305_opens_and_seals_all_as_expected) {
    run_file("xchacha20_poly1305", 315, 246, run_xchacha);
}
END_TEST

Suite *wycheproof_suite(void) {
    Suite *suite = suite_create("wycheproof");
    TCase *cases = tcase_create("wycheproof");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, ed25519_verdicts_are_all_as_expected);
    tcase_add_test(cases, x25519_secrets_are_all_as_expected_and_zero_is_refused);
    tcase_add_test(cases, xchacha20_poly1305_opens_and_seals_all_as_expected);
    suite_add_tcase(suite, cases);
    return suite;
}
