// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/crypto/address.h"
#include "chaincore/crypto/derive.h"
#include "chaincore/crypto/mnemonic.h"
#include "chaincore/crypto/sign.h"
#include "tests/unit/crypto/vectors.h"

Suite *derive_suite(void);

static struct arena arena;

static void tear_down(void) { arena_clear(&arena); }

static enum status parse(struct derive_path *out, const char *text) {
    return derive_path_parse(out, bytes_of_string(text));
}

// "m/0<sub>H</sub>/1<sub>H</sub>" as "m/0'/1'", in place.
static void replace_marks(char *text) {
    static const char mark[] = "<sub>H</sub>";
    char *place;
    while ((place = strstr(text, mark))) {
        *place = '\'';
        memmove(place + 1, place + strlen(mark), strlen(place + strlen(mark)) + 1);
    }
}

// Behind the label, when the line has it.
static char *after(char *line, const char *label) {
    return strncmp(line, label, strlen(label)) == 0 ? line + strlen(label) : NULL;
}

START_TEST(slip_10_has_its_ed25519_vectors_all_as_expected) {
    char *text = vectors_text(&arena, "slip-0010_ed25519.md"), *line, *value;
    struct bytes seed = {0};
    struct derived_key key = {0};
    size_t chains = 0, values = 0;
    if (!text) return;
    while ((line = vectors_next_line(&text))) {
        if ((value = after(line, "Seed (hex): "))) {
            seed = vectors_unhex(&arena, value);
        } else if ((value = after(line, "* Chain "))) {
            struct derive_path path;
            replace_marks(value);
            assert_ok(parse(&path, value));
            assert_ok(derive_along(&key, seed, &path));
            chains++;
        } else if ((value = after(line, "  * chain code: "))) {
            assert_bytes_equal(BYTES_OF(key.chain_code), vectors_unhex(&arena, value));
            values++;
        } else if ((value = after(line, "  * private: "))) {
            assert_bytes_equal(BYTES_OF(key.seed), vectors_unhex(&arena, value));
            values++;
        } else if ((value = after(line, "  * public: 00"))) {
            struct secret_key secret;
            struct public_key public;
            key_from_seed(&secret, &public, key.seed);
            assert_bytes_equal(BYTES_OF(public.bytes), vectors_unhex(&arena, value));
            values++;
        }
    }
    printf("slip-0010 ed25519: %zu of 12 chains, %zu of 36 values\n", chains, values);
    ck_assert_uint_eq(chains, 12);
    ck_assert_uint_eq(values, 36);
}
END_TEST

// Computed with Python's hashlib and hmac and OpenSSL's Ed25519: what any other wallet must find.
START_TEST(words_lead_to_the_golden_address_of_their_first_account) {
    static const char words[] = "abandon abandon abandon abandon abandon abandon abandon abandon "
                                "abandon abandon abandon about";
    uint8_t seed[MNEMONIC_SEED_BYTES];
    struct derive_path path;
    struct derived_key key;
    struct secret_key secret;
    struct public_key public;
    char text[ADDRESS_CHARS + 1];
    assert_ok(mnemonic_to_seed(seed, bytes_of_string(words), bytes_of(NULL, 0)));
    assert_ok(parse(&path, "m/44'/5718'/0'/0'"));
    assert_ok(derive_along(&key, BYTES_OF(seed), &path));
    assert_bytes_equal(
        BYTES_OF(key.seed),
        vectors_unhex(&arena, "c99620ec32a367a015ee16b2e183b9a7a273439ad2ccf82d4d278ffbb1400b88"));
    key_from_seed(&secret, &public, key.seed);
    assert_bytes_equal(
        BYTES_OF(public.bytes),
        vectors_unhex(&arena, "350c6a8cf913f46d9a9a19f4c71198f1b1895d8318030c2bb15c3126df76768b"));
    address_of_key(text, &public);
    ck_assert_str_eq(text, "lmm1kyvn4vtqhydwp6vjhx8wd685xs0nk3aa0ecvtgmln6ckhlejrppsx8tduv");
}
END_TEST

START_TEST(a_path_is_read_into_its_indices) {
    struct derive_path path;
    assert_ok(parse(&path, "m/44'/5718'/0'/2147483647'"));
    ck_assert_uint_eq(path.depth, 4);
    ck_assert_uint_eq(path.indices[0], 44);
    ck_assert_uint_eq(path.indices[1], 5718);
    ck_assert_uint_eq(path.indices[2], 0);
    ck_assert_uint_eq(path.indices[3], 2147483647);
    assert_ok(parse(&path, "m"));
    ck_assert_uint_eq(path.depth, 0);
}
END_TEST

START_TEST(a_path_that_reads_in_more_than_one_way_is_refused) {
    static const struct {
        const char *text;
        enum status status;
    } bad[] = {
        {"", STATUS_MALFORMED},
        {"/", STATUS_MALFORMED},
        {"M/0'", STATUS_MALFORMED},
        {"m/", STATUS_MALFORMED},
        {"m0'", STATUS_MALFORMED},
        {"m//0'", STATUS_MALFORMED},
        {"m/0'/", STATUS_MALFORMED},
        {"m/0''", STATUS_MALFORMED},
        {"m/00'", STATUS_MALFORMED},
        {"m/01'", STATUS_MALFORMED},
        {"m/+1'", STATUS_MALFORMED},
        {"m/ 1'", STATUS_MALFORMED},
        {"m/1h", STATUS_MALFORMED},
        {"m/x'", STATUS_MALFORMED},
        {"m/'", STATUS_MALFORMED},
        {"m/0", STATUS_INVALID},
        {"m/0'/7", STATUS_INVALID},
        {"m/7/0'", STATUS_INVALID},
        {"m/2147483648'", STATUS_OVERFLOW},
        {"m/99999999999999999999'", STATUS_OVERFLOW},
        {"m/4294967296'", STATUS_OVERFLOW},
    };
    struct derive_path path = {.depth = 7};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(parse(&path, bad[i].text) == bad[i].status, "%s", bad[i].text);
    assert_status(derive_path_parse(&path, bytes_of("m/0'\0", 5)), STATUS_MALFORMED);
    assert_ok(parse(&path, "m/0'/1'/2'/3'/4'/5'/6'/7'/8'/9'"));
    ck_assert_uint_eq(path.depth, DERIVE_DEPTH_MAX);
    assert_status(parse(&path, "m/0'/1'/2'/3'/4'/5'/6'/7'/8'/9'/10'"), STATUS_TOO_LARGE);
    ck_assert_uint_eq(path.depth, DERIVE_DEPTH_MAX);
}
END_TEST

START_TEST(a_seed_of_another_length_is_refused) {
    uint8_t seed[70] = {1};
    struct derived_key key;
    for (size_t len = 0; len <= sizeof seed; len++)
        assert_status(derive_root(&key, bytes_of(seed, len)),
                      len >= 16 && len <= 64 ? STATUS_OK : STATUS_MALFORMED);
}
END_TEST

Suite *derive_suite(void) {
    Suite *suite = suite_create("derive");
    TCase *cases = tcase_create("derive");
    tcase_add_checked_fixture(cases, NULL, tear_down);
    tcase_add_test(cases, slip_10_has_its_ed25519_vectors_all_as_expected);
    tcase_add_test(cases, words_lead_to_the_golden_address_of_their_first_account);
    tcase_add_test(cases, a_path_is_read_into_its_indices);
    tcase_add_test(cases, a_path_that_reads_in_more_than_one_way_is_refused);
    tcase_add_test(cases, a_seed_of_another_length_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
