// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/file.h"
#include "chaincore/crypto/keystore_format.h"
#include "tests/unit/crypto/vectors.h"

Suite *keystore_suite(void);

static const char words[] =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";
static const struct keystore_cost cheap = {KEYSTORE_PASSES_MIN, KEYSTORE_MEMORY_KIB_MIN};

// Of one mnemonic and two seeds, with the passphrase "correct horse". The file's salt is a0, a1, …,
// its nonce c0, c1, …; made with noble-hashes and noble-ciphers.
static const char golden_content[] =
    "014b0000006c6567616c2077696e6e6572207468616e6b20796561722077617665207361757361676520"
    "776f7274682075736566756c206c6567616c2077696e6e6572207468616e6b2079656c6c6f7702000000"
    "040000006e6f6465000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0900"
    "00007769746e6573732d31404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e"
    "5f";
static const char golden_file[] =
    "6c6d6d2d6b657973010100000000200000a0a1a2a3a4a5a6a7a8a9aaabacadaeafc0c1c2c3c4c5c6c7c8"
    "c9cacbcccdcecfd0d1d2d3d4d5d6d7b900000044b51151d74614b60a038a2dcdb5a4c0545a3c4ec3da52"
    "7548a9be2bd503843f997e4ffdbf2efdba9650d65000134c37c5536bd76d3f3d8da9646a730a2535dd5e"
    "3047caef8cd8fa3325f7b15c2cb267ed9e8a52e63e9597df544e97e93021e966a966c0a02d8156fe4de1"
    "0a7c307584affd2dfedeaa4cf978112141ff907b36b9665fc5142e3a65d64bdfe6ceb8aac1ed495bcce4"
    "e014e160b9b9c138821e6e28eaafe3f2b8fc459d2f09d5e657d1690f353a3e8171393eac";

static struct arena arena;
static struct keystore keystore;
static struct buf out;
static struct bytes passphrase;

static void set_up(void) {
    uint8_t seed[32];
    passphrase = bytes_of_string("correct horse");
    assert_ok(keystore_set_mnemonic(&keystore, bytes_of_string(words)));
    for (uint8_t i = 0; i < 32; i++) seed[i] = (uint8_t)(64 + i);
    assert_ok(keystore_add_seed(&keystore, "witness-1", seed));
    for (uint8_t i = 0; i < 32; i++) seed[i] = i;
    assert_ok(keystore_add_seed(&keystore, "node", seed));
}

static void tear_down(void) {
    keystore_clear(&keystore);
    buf_clear(&out);
    arena_clear(&arena);
}

static void assert_same(const struct keystore *a, const struct keystore *b) {
    ck_assert_str_eq(a->mnemonic, b->mnemonic);
    ck_assert_uint_eq(a->seed_count, b->seed_count);
    for (size_t i = 0; i < a->seed_count; i++) {
        ck_assert_str_eq(a->seeds[i].name, b->seeds[i].name);
        ck_assert_mem_eq(a->seeds[i].seed, b->seeds[i].seed, 32);
    }
}

START_TEST(the_content_has_its_golden_bytes) {
    struct keystore read;
    struct bytes golden = vectors_unhex(&arena, golden_content);
    keystore_encode_content(&out, &keystore);
    assert_bytes_equal(buf_bytes(&out), golden);
    assert_ok(keystore_decode_content(&read, golden));
    assert_same(&read, &keystore);
}
END_TEST

START_TEST(a_file_made_elsewhere_opens_and_its_layout_is_ours) {
    struct keystore read;
    struct keystore_file file;
    struct bytes golden = vectors_unhex(&arena, golden_file);
    assert_ok(keystore_open(&read, golden, passphrase));
    assert_same(&read, &keystore);
    assert_ok(keystore_decode_file(&file, golden));
    ck_assert_uint_eq(file.cost.passes, cheap.passes);
    ck_assert_uint_eq(file.cost.memory_kib, cheap.memory_kib);
    keystore_encode_file(&out, &file);
    assert_bytes_equal(buf_bytes(&out), golden);
}
END_TEST

START_TEST(every_cut_of_content_or_file_is_refused_and_what_follows_too) {
    struct keystore read;
    struct keystore_file file;
    struct bytes content = vectors_unhex(&arena, golden_content);
    struct bytes whole = vectors_unhex(&arena, golden_file);
    for (size_t len = 0; len < content.len; len++)
        assert_status(keystore_decode_content(&read, bytes_of(content.data, len)),
                      STATUS_TRUNCATED);
    for (size_t len = 0; len < whole.len; len++)
        assert_status(keystore_decode_file(&file, bytes_of(whole.data, len)), STATUS_TRUNCATED);
    buf_append(&out, content);
    buf_append_byte(&out, 0);
    assert_status(keystore_decode_content(&read, buf_bytes(&out)), STATUS_TRAILING);
    buf_reset(&out);
    buf_append(&out, whole);
    buf_append_byte(&out, 0);
    assert_status(keystore_decode_file(&file, buf_bytes(&out)), STATUS_TRAILING);
}
END_TEST

START_TEST(every_flipped_bit_of_content_is_refused_or_another_content) {
    struct bytes golden = vectors_unhex(&arena, golden_content);
    buf_append(&out, golden);
    for (size_t bit = 0; bit < 8 * golden.len; bit++) {
        struct keystore read;
        struct buf again = {0};
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (keystore_decode_content(&read, buf_bytes(&out)) == STATUS_OK) {
            keystore_encode_content(&again, &read);
            assert_bytes_equal(buf_bytes(&again), buf_bytes(&out));
            buf_clear(&again);
        }
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}
END_TEST

START_TEST(a_changed_byte_of_the_file_is_refused) {
    struct keystore read = {.seed_count = 0};
    enum { HEAD = 8 + 1 + 4 + 4 };
    buf_append(&out, vectors_unhex(&arena, golden_file));
    for (size_t i = 0; i < out.len; i++) {
        // A cost within bounds but higher would be tried, and take its time, to no other end.
        if (i >= 9 && i < HEAD) continue;
        out.data[i] ^= 0x40;
        ck_assert_int_ne(keystore_open(&read, buf_bytes(&out), passphrase), STATUS_OK);
        out.data[i] ^= 0x40;
    }
    out.data[9] ^= 2;
    assert_status(keystore_open(&read, buf_bytes(&out), passphrase), STATUS_UNAUTHORIZED);
    ck_assert_uint_eq(read.seed_count, 0);
}
END_TEST

START_TEST(a_cost_out_of_bounds_is_refused_before_it_is_paid) {
    static const struct keystore_cost bad[] = {
        {0, KEYSTORE_MEMORY_KIB_MIN},          {KEYSTORE_PASSES_MAX + 1, KEYSTORE_MEMORY_KIB_MIN},
        {UINT32_MAX, KEYSTORE_MEMORY_KIB_MIN}, {1, KEYSTORE_MEMORY_KIB_MIN - 1},
        {1, KEYSTORE_MEMORY_KIB_MAX + 1},      {1, UINT32_MAX}};
    struct keystore read;
    struct keystore_file file;
    struct bytes golden = vectors_unhex(&arena, golden_file);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_status(keystore_seal(&out, &keystore, passphrase, bad[i]), STATUS_INVALID);
        assert_ok(keystore_decode_file(&file, golden));
        file.cost = bad[i];
        keystore_encode_file(&out, &file);
        assert_status(keystore_open(&read, buf_bytes(&out), passphrase), STATUS_INVALID);
        buf_reset(&out);
    }
    ck_assert(keystore_cost_is_bounded(keystore_cost_strong));
    ck_assert(keystore_cost_is_bounded(keystore_cost_light));
}
END_TEST

START_TEST(another_magic_or_version_is_told_apart) {
    struct keystore read;
    buf_append(&out, vectors_unhex(&arena, golden_file));
    out.data[8] = 2;
    assert_status(keystore_open(&read, buf_bytes(&out), passphrase), STATUS_UNSUPPORTED);
    out.data[0] = 'x';
    assert_status(keystore_open(&read, buf_bytes(&out), passphrase), STATUS_MALFORMED);
}
END_TEST

START_TEST(a_box_without_room_for_its_tag_is_refused) {
    struct keystore read;
    struct keystore_file file;
    assert_ok(keystore_decode_file(&file, vectors_unhex(&arena, golden_file)));
    for (file.box.len = 0; file.box.len < KEYSTORE_TAG_BYTES; file.box.len++) {
        buf_reset(&out);
        keystore_encode_file(&out, &file);
        assert_status(keystore_open(&read, buf_bytes(&out), passphrase), STATUS_MALFORMED);
    }
}
END_TEST

START_TEST(a_wrong_passphrase_is_unauthorized) {
    char long_one[KEYSTORE_PASSPHRASE_MAX + 1];
    struct keystore read = {.seed_count = 0};
    struct bytes too_long = BYTES_OF(long_one);
    memset(long_one, 'x', sizeof long_one);
    assert_ok(keystore_seal(&out, &keystore, passphrase, cheap));
    assert_status(keystore_open(&read, buf_bytes(&out), bytes_of_string("correct hors")),
                  STATUS_UNAUTHORIZED);
    assert_status(keystore_open(&read, buf_bytes(&out), bytes_of(NULL, 0)), STATUS_UNAUTHORIZED);
    assert_status(keystore_open(&read, buf_bytes(&out), too_long), STATUS_TOO_LARGE);
    ck_assert_uint_eq(read.seed_count, 0);
    ck_assert_str_eq(read.mnemonic, "");
    assert_status(keystore_seal(&out, &keystore, bytes_of(NULL, 0), cheap), STATUS_INVALID);
    assert_status(keystore_seal(&out, &keystore, too_long, cheap), STATUS_TOO_LARGE);
}
END_TEST

START_TEST(two_files_of_one_keystore_have_nothing_secret_in_common) {
    struct keystore_file a, b;
    struct buf other = {0};
    assert_ok(keystore_seal(&out, &keystore, passphrase, cheap));
    assert_ok(keystore_seal(&other, &keystore, passphrase, cheap));
    assert_ok(keystore_decode_file(&a, buf_bytes(&out)));
    assert_ok(keystore_decode_file(&b, buf_bytes(&other)));
    ck_assert_mem_ne(a.salt, b.salt, sizeof a.salt);
    ck_assert_mem_ne(a.nonce, b.nonce, sizeof a.nonce);
    ck_assert(!bytes_equal(a.box, b.box));
    for (size_t i = 0; i + 5 <= out.len; i++) ck_assert_mem_ne(out.data + i, "legal", 5);
    buf_clear(&other);
}
END_TEST

START_TEST(a_keystore_is_saved_for_its_owner_alone_and_loaded) {
    char directory[] = "/tmp/lmm-keystore-XXXXXX";
    struct keystore read;
    struct stat info;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    const char *path = arena_format(&arena, "%s/keys", directory);
    assert_status(keystore_load(&read, path, passphrase), STATUS_NOT_FOUND);
    assert_ok(keystore_save(path, &keystore, passphrase, cheap));
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0600);
    assert_ok(keystore_load(&read, path, passphrase));
    assert_same(&read, &keystore);
    // Over one that is there, with a mode that somebody loosened.
    ck_assert_int_eq(chmod(path, 0644), 0);
    keystore_clear(&keystore);
    assert_ok(keystore_save(path, &keystore, passphrase, cheap));
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0600);
    assert_ok(keystore_load(&read, path, passphrase));
    ck_assert_uint_eq(read.seed_count, 0);
    ck_assert_str_eq(read.mnemonic, "");
    static const uint8_t much[KEYSTORE_FILE_MAX + 1];
    assert_ok(file_replace(path, BYTES_OF(much), 0600));
    assert_status(keystore_load(&read, path, passphrase), STATUS_TOO_LARGE);
    unlink(path);
    rmdir(directory);
}
END_TEST

START_TEST(the_fullest_keystore_fits_its_bounds) {
    struct keystore full = {.seed_count = 0}, read;
    uint8_t seed[32] = {9};
    char longest[MNEMONIC_TEXT_MAX + 1];
    // 24 words, the most there are; which ones, the checksum decides.
    assert_ok(mnemonic_from_entropy(longest, bytes_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                                                      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                                                      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                                                      "\xff\xff",
                                                      32)));
    assert_ok(keystore_set_mnemonic(&full, bytes_of_string(longest)));
    for (int i = KEYSTORE_SEEDS_MAX; i-- > 0;)
        assert_ok(keystore_add_seed(&full, arena_format(&arena, "%032d", i), seed));
    assert_status(keystore_add_seed(&full, "one-more", seed), STATUS_FULL);
    assert_ok(keystore_seal(&out, &full, passphrase, cheap));
    ck_assert_uint_le(out.len, KEYSTORE_FILE_MAX);
    assert_ok(keystore_open(&read, buf_bytes(&out), passphrase));
    assert_same(&read, &full);
    for (int i = 0; i < KEYSTORE_SEEDS_MAX; i++)
        ck_assert_str_eq(read.seeds[i].name, arena_format(&arena, "%032d", i));
}
END_TEST

START_TEST(a_seed_takes_another_name_and_its_place_among_them) {
    uint8_t seed[32];
    memcpy(seed, keystore_find_seed(&keystore, "node"), sizeof seed);
    assert_status(keystore_rename_seed(&keystore, "nobody", "x"), STATUS_NOT_FOUND);
    assert_status(keystore_rename_seed(&keystore, "node", "witness-1"), STATUS_EXISTS);
    assert_status(keystore_rename_seed(&keystore, "node", "A b"), STATUS_MALFORMED);
    ck_assert_mem_eq(keystore_find_seed(&keystore, "node"), seed, sizeof seed);
    assert_ok(keystore_rename_seed(&keystore, "node", "zebra"));
    ck_assert_ptr_null(keystore_find_seed(&keystore, "node"));
    ck_assert_mem_eq(keystore_find_seed(&keystore, "zebra"), seed, sizeof seed);
    ck_assert_str_eq(keystore.seeds[0].name, "witness-1");
    ck_assert_uint_eq(keystore.seed_count, 2);
}
END_TEST

START_TEST(of_a_seed_that_is_removed_nothing_is_left) {
    static const struct keystore_seed nothing;
    assert_status(keystore_remove_seed(&keystore, "nobody"), STATUS_NOT_FOUND);
    ck_assert_uint_eq(keystore.seed_count, 2);
    assert_ok(keystore_remove_seed(&keystore, "node"));
    ck_assert_uint_eq(keystore.seed_count, 1);
    ck_assert_str_eq(keystore.seeds[0].name, "witness-1");
    ck_assert_mem_eq(&keystore.seeds[1], &nothing, sizeof nothing);
    for (unsigned i = 0; keystore.seed_count < KEYSTORE_SEEDS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%u", i);
        assert_ok(keystore_add_seed(&keystore, name, (const uint8_t[32]){(uint8_t)i}));
    }
    assert_ok(keystore_remove_seed(&keystore, "a0"));
    ck_assert_str_eq(keystore.seeds[KEYSTORE_SEEDS_MAX - 2].name, "witness-1");
    ck_assert_mem_eq(&keystore.seeds[KEYSTORE_SEEDS_MAX - 1], &nothing, sizeof nothing);
}
END_TEST

START_TEST(names_are_found_and_bad_ones_refused) {
    uint8_t seed[32] = {1};
    const uint8_t *found = keystore_find_seed(&keystore, "witness-1");
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found[0], 64);
    ck_assert_ptr_null(keystore_find_seed(&keystore, "witness"));
    assert_status(keystore_add_seed(&keystore, "node", seed), STATUS_EXISTS);
    assert_status(keystore_add_seed(&keystore, "", seed), STATUS_MALFORMED);
    assert_status(keystore_add_seed(&keystore, "Node", seed), STATUS_MALFORMED);
    assert_status(keystore_add_seed(&keystore, "a b", seed), STATUS_MALFORMED);
    assert_status(keystore_add_seed(&keystore, "a/b", seed), STATUS_MALFORMED);
    assert_status(keystore_add_seed(&keystore, "a-name-of-more-than-32-characters", seed),
                  STATUS_MALFORMED);
    assert_status(keystore_set_mnemonic(&keystore, bytes_of_string("legal winner")),
                  STATUS_MALFORMED);
    ck_assert_str_eq(keystore.mnemonic, words);
}
END_TEST

START_TEST(names_out_of_order_or_with_a_nul_are_no_content) {
    struct keystore read;
    struct keystore_seed first = keystore.seeds[0];
    keystore.seeds[0] = keystore.seeds[1];
    keystore.seeds[1] = first;
    keystore_encode_content(&out, &keystore);
    assert_status(keystore_decode_content(&read, buf_bytes(&out)), STATUS_MALFORMED);
    keystore.seeds[1] = keystore.seeds[0];
    buf_reset(&out);
    keystore_encode_content(&out, &keystore);
    assert_status(keystore_decode_content(&read, buf_bytes(&out)), STATUS_MALFORMED);
    buf_reset(&out);
    buf_append(&out, vectors_unhex(&arena, golden_content));
    // Behind option, words with length, count and the name's own length.
    uint8_t *name = out.data + 1 + 4 + strlen(words) + 4 + 4;
    ck_assert_mem_eq(name, "node", 4);
    name[3] = '\0';
    assert_status(keystore_decode_content(&read, buf_bytes(&out)), STATUS_MALFORMED);
}
END_TEST

Suite *keystore_suite(void) {
    Suite *suite = suite_create("keystore");
    TCase *cases = tcase_create("keystore");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, the_content_has_its_golden_bytes);
    tcase_add_test(cases, a_file_made_elsewhere_opens_and_its_layout_is_ours);
    tcase_add_test(cases, every_cut_of_content_or_file_is_refused_and_what_follows_too);
    tcase_add_test(cases, every_flipped_bit_of_content_is_refused_or_another_content);
    tcase_add_test(cases, a_changed_byte_of_the_file_is_refused);
    tcase_add_test(cases, a_cost_out_of_bounds_is_refused_before_it_is_paid);
    tcase_add_test(cases, another_magic_or_version_is_told_apart);
    tcase_add_test(cases, a_box_without_room_for_its_tag_is_refused);
    tcase_add_test(cases, a_wrong_passphrase_is_unauthorized);
    tcase_add_test(cases, two_files_of_one_keystore_have_nothing_secret_in_common);
    tcase_add_test(cases, a_keystore_is_saved_for_its_owner_alone_and_loaded);
    tcase_add_test(cases, the_fullest_keystore_fits_its_bounds);
    tcase_add_test(cases, a_seed_takes_another_name_and_its_place_among_them);
    tcase_add_test(cases, of_a_seed_that_is_removed_nothing_is_left);
    tcase_add_test(cases, names_are_found_and_bad_ones_refused);
    tcase_add_test(cases, names_out_of_order_or_with_a_nul_are_no_content);
    suite_add_tcase(suite, cases);
    return suite;
}
