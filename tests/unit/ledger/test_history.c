// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <unistd.h>

#include "chaincore/ledger/history.h"
#include "tests/unit/ledger/log_fixture.h"

enum { MOST = 70 };

static void make_ids(struct hash *ids) {
    for (uint8_t i = 0; i < MOST; i++) hash_bytes(&ids[i], HASH_HEADER, bytes_of(&i, 1));
}

START_TEST(roots_and_branches_are_those_of_the_plain_list) {
    char folder[64], path[80];
    struct hash ids[MOST], expected, root = {0};
    struct history_peaks peaks = {0};
    struct history *history;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/history", folder);
    make_ids(ids);
    assert_ok(history_open_plain(&history, path, 0, &root));
    for (uint64_t count = 1; count <= MOST; count++) {
        assert_ok(history_append(history, &ids[count - 1]));
        merkle_list_root(&expected, ids, count);
        history_root(history, &root);
        ck_assert(hash_equal(&root, &expected));
        history_peaks_append(&peaks, &ids[count - 1]);
        history_peaks_root(&root, &peaks);
        ck_assert(hash_equal(&root, &expected));
        for (uint64_t i = 0; i < count; i++) {
            struct merkle_branch branch;
            assert_ok(history_branch(history, &branch, i, count, &expected));
            assert_ok(merkle_branch_check(&branch, &ids[i], &expected));
        }
    }
    struct merkle_branch branch;
    merkle_list_root(&expected, ids, 33);
    assert_ok(history_branch(history, &branch, 5, 33, &expected));
    assert_ok(merkle_branch_check(&branch, &ids[5], &expected));
    assert_status(history_branch(history, &branch, 33, 33, &expected), STATUS_NOT_FOUND);
    assert_status(history_branch(history, &branch, 5, MOST + 1, &expected), STATUS_NOT_FOUND);
    history_close(history);
    remove_folder(folder);
}
END_TEST

START_TEST(a_damaged_or_short_file_starts_anew) {
    char folder[64], path[80];
    struct hash ids[MOST], root = {0};
    struct history *history;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/history", folder);
    make_ids(ids);
    assert_ok(history_open_plain(&history, path, 0, &root));
    for (int i = 0; i < 40; i++) assert_ok(history_append(history, &ids[i]));
    history_close(history);
    merkle_list_root(&root, ids, 37);
    assert_ok(history_open_plain(&history, path, 37, &root));
    ck_assert_uint_eq(history_count(history), 37);
    history_close(history);
    merkle_list_root(&root, ids, 41);
    assert_ok(history_open_plain(&history, path, 41, &root));
    ck_assert_uint_eq(history_count(history), 0);
    history_close(history);
    FILE *file = fopen(path, "r+");
    fseek(file, 62 * 32, SEEK_SET); // the mountain over the first 32
    fputc(0x5a, file);
    fclose(file);
    merkle_list_root(&root, ids, 40);
    assert_ok(history_open_plain(&history, path, 40, &root));
    ck_assert_uint_eq(history_count(history), 0);
    history_close(history);
    remove_folder(folder);
}
END_TEST

// Every branch that begins at or behind the import, and none that needs what lies below it.
START_TEST(what_goes_on_behind_imported_peaks_is_proven_and_the_rest_is_not_known) {
    char folder[64], path[80];
    struct hash ids[MOST], root;
    struct history *history;
    struct merkle_branch branch;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/history", folder);
    make_ids(ids);
    for (uint64_t first = 1; first < MOST; first++) {
        struct history_peaks peaks;
        unlink(path);
        assert_ok(history_open_plain(&history, path, 0, &(struct hash){0}));
        for (uint64_t i = 0; i < first; i++) assert_ok(history_append(history, &ids[i]));
        history_peaks(history, &peaks);
        assert_ok(history_import(history, &peaks));
        for (uint64_t i = first; i < MOST; i++) assert_ok(history_append(history, &ids[i]));
        history_close(history);
        merkle_list_root(&root, ids, MOST);
        struct history_config config = {.path = path, .count = MOST, .root = root, .first = first};
        assert_ok(history_open(&history, &config));
        ck_assert_uint_eq(history_count(history), MOST);
        for (uint64_t i = first; i < MOST; i++) {
            assert_ok(history_branch(history, &branch, i, MOST, &root));
            assert_ok(merkle_branch_check(&branch, &ids[i], &root));
        }
        // A peak of one leaf is known itself.
        uint64_t unknown = first & 1 ? first - 1 : first;
        for (uint64_t i = 0; i < unknown; i++)
            assert_status(history_branch(history, &branch, i, MOST, &root), STATUS_NOT_FOUND);
        history_close(history);
    }
    remove_folder(folder);
}
END_TEST

START_TEST(what_lay_below_imported_peaks_can_be_told_later) {
    char folder[64], path[80];
    struct hash ids[MOST], root, sum;
    struct history *history;
    struct merkle_branch branch;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/history", folder);
    make_ids(ids);
    merkle_list_root(&root, ids, MOST);
    for (uint64_t first = 1; first < MOST; first++) {
        struct history_peaks peaks = {0};
        unlink(path);
        for (uint64_t i = 0; i < first; i++) history_peaks_append(&peaks, &ids[i]);
        assert_ok(history_open_plain(&history, path, 0, &(struct hash){0}));
        assert_ok(history_import(history, &peaks));
        for (uint64_t i = first; i < MOST - 1; i++) assert_ok(history_append(history, &ids[i]));
        history_peaks_root(&sum, &peaks);
        peaks = (struct history_peaks){0};
        for (uint64_t i = 0; i < first; i++) assert_ok(history_fill(history, &peaks, &ids[i]));
        history_peaks_root(&root, &peaks);
        ck_assert(hash_equal(&root, &sum));
        assert_ok(history_end_fill(history));
        assert_ok(history_append(history, &ids[MOST - 1])); // the writer goes on where it was
        merkle_list_root(&root, ids, MOST);
        for (int round = 0; round < 2; round++) {
            for (uint64_t i = 0; i < MOST; i++) {
                assert_ok(history_branch(history, &branch, i, MOST, &root));
                assert_ok(merkle_branch_check(&branch, &ids[i], &root));
            }
            history_close(history);
            assert_ok(history_open_plain(&history, path, MOST, &root));
        }
        history_close(history);
    }
    remove_folder(folder);
}
END_TEST

START_TEST(peaks_are_encoded_and_must_add_up_to_the_headers_root) {
    struct cut cut, decoded;
    struct hash state = {0};
    for (uint64_t height = 0; height < MOST; height++) {
        struct buf encoded = {0};
        cut_make(&cut, height, &state);
        cut_encode(&encoded, &cut);
        assert_ok(cut_decode(&decoded, buf_bytes(&encoded)));
        ck_assert_mem_eq(&decoded.below, &cut.below, sizeof cut.below);
        ck_assert_uint_le(encoded.len, CUT_MAX_BYTES);
        for (size_t len = 0; len < encoded.len; len++)
            ck_assert(cut_decode(&decoded, bytes_of(encoded.data, len)) != STATUS_OK);
        // The peaks: a count, then hashes.
        size_t peaks_at = encoded.len - 8 - 32 * (size_t)__builtin_popcountll(height);
        for (size_t at = peaks_at; at < encoded.len; at++) {
            encoded.data[at] ^= 0x10;
            ck_assert(cut_decode(&decoded, buf_bytes(&encoded)) != STATUS_OK);
            encoded.data[at] ^= 0x10;
        }
        buf_clear(&encoded);
    }
}
END_TEST

Suite *history_suite(void) {
    Suite *suite = suite_create("history");
    TCase *cases = tcase_create("history");
    tcase_add_test(cases, roots_and_branches_are_those_of_the_plain_list);
    tcase_add_test(cases, a_damaged_or_short_file_starts_anew);
    tcase_add_test(cases, what_goes_on_behind_imported_peaks_is_proven_and_the_rest_is_not_known);
    tcase_add_test(cases, what_lay_below_imported_peaks_can_be_told_later);
    tcase_add_test(cases, peaks_are_encoded_and_must_add_up_to_the_headers_root);
    suite_add_tcase(suite, cases);
    return suite;
}
