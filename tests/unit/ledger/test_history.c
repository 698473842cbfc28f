// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/ledger/history.h"
#include "tests/unit/ledger/suites.h"

enum { MOST = 70 };

static void make_ids(struct hash *ids) {
    for (uint8_t i = 0; i < MOST; i++) hash_bytes(&ids[i], HASH_HEADER, bytes_of(&i, 1));
}

START_TEST(roots_and_branches_are_those_of_the_plain_list) {
    char folder[64], path[80];
    struct hash ids[MOST], expected, root = {0};
    struct history *history;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/history", folder);
    make_ids(ids);
    assert_ok(history_open(&history, path, 0, &root));
    for (uint64_t count = 1; count <= MOST; count++) {
        assert_ok(history_append(history, &ids[count - 1]));
        merkle_list_root(&expected, ids, count);
        history_root(history, &root);
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
    assert_ok(history_open(&history, path, 0, &root));
    for (int i = 0; i < 40; i++) assert_ok(history_append(history, &ids[i]));
    history_close(history);
    merkle_list_root(&root, ids, 37);
    assert_ok(history_open(&history, path, 37, &root));
    ck_assert_uint_eq(history_count(history), 37);
    history_close(history);
    merkle_list_root(&root, ids, 41);
    assert_ok(history_open(&history, path, 41, &root));
    ck_assert_uint_eq(history_count(history), 0);
    history_close(history);
    FILE *file = fopen(path, "r+");
    fseek(file, 62 * 32, SEEK_SET); // the mountain over the first 32
    fputc(0x5a, file);
    fclose(file);
    merkle_list_root(&root, ids, 40);
    assert_ok(history_open(&history, path, 40, &root));
    ck_assert_uint_eq(history_count(history), 0);
    history_close(history);
    remove_folder(folder);
}
END_TEST

Suite *history_suite(void) {
    Suite *suite = suite_create("history");
    TCase *cases = tcase_create("history");
    tcase_add_test(cases, roots_and_branches_are_those_of_the_plain_list);
    tcase_add_test(cases, a_damaged_or_short_file_starts_anew);
    suite_add_tcase(suite, cases);
    return suite;
}
