// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "tests/support/unit.h"

Suite *file_suite(void);

START_TEST(a_file_is_replaced_whole_and_read_back) {
    char folder[] = "/tmp/lmm-file-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char path[128];
    snprintf(path, sizeof path, "%s/a/b", folder);
    assert_ok(file_make_directories(path, 0700));
    snprintf(path, sizeof path, "%s/a/b/c", folder);
    struct buf content = {0};
    assert_status(file_read(&content, path, 100), STATUS_NOT_FOUND);
    assert_ok(file_replace(path, bytes_of_string("one"), 0600));
    assert_ok(file_replace(path, bytes_of_string("three"), 0600));
    assert_ok(file_read(&content, path, 5));
    assert_bytes_equal(buf_bytes(&content), bytes_of_string("three"));
    buf_reset(&content);
    assert_status(file_read(&content, path, 4), STATUS_TOO_LARGE);
    buf_clear(&content);
    unlink(path);
    char command[160];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

static char long_name[PATH_MAX + 1];

static void name_it(size_t len) {
    memset(long_name, 'x', len);
    long_name[len] = '\0';
}

START_TEST(a_path_in_a_folder_is_as_long_as_paths_may_be) {
    char path[PATH_MAX];
    file_path_in(path, "/a/b", "c");
    ck_assert_str_eq(path, "/a/b/c");
    name_it(PATH_MAX - 1 - strlen("f/"));
    file_path_in(path, "f", long_name);
    ck_assert_uint_eq(strlen(path), PATH_MAX - 1);
}
END_TEST

START_TEST(and_no_longer) {
    char path[PATH_MAX];
    name_it(PATH_MAX - strlen("f/"));
    file_path_in(path, "f", long_name);
}
END_TEST

Suite *file_suite(void) {
    Suite *suite = suite_create("file");
    TCase *cases = tcase_create("file");
    tcase_add_test(cases, a_file_is_replaced_whole_and_read_back);
    tcase_add_test(cases, a_path_in_a_folder_is_as_long_as_paths_may_be);
    tcase_add_test_raise_signal(cases, and_no_longer, SIGABRT);
    suite_add_tcase(suite, cases);
    return suite;
}
