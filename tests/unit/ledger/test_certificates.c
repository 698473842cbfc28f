// SPDX-License-Identifier: Apache-2.0
// The certificate log, with three certificates in a file: what is kept, what goes, and what a crash
// or damage at any byte does to it.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/ledger/log_fixture.h"

enum { PER_FILE = 3 };

// Boundaries, and the first at or above every hundredth.
static bool is_kept(uint64_t height) {
    return height % BOUNDARY == 0 || height % CERTIFICATE_KEPT_EVERY == 0;
}

static void fill(const char *path, uint64_t from, uint64_t to) {
    struct certificate_log *log;
    assert_ok(certificates_open(&log, path));
    for (uint64_t height = from; height <= to; height++)
        assert_ok(certificates_append(log, height));
    assert_ok(certificate_log_sync(log));
    certificate_log_close(log);
}

static void check(struct certificate_log *log, uint64_t newest) {
    struct buf read = {0};
    ck_assert_uint_eq(certificate_log_newest(log), newest);
    for (uint64_t height = 1; height <= newest; height++) {
        enum status status = certificate_log_read(log, height, &read);
        if (status == STATUS_OK)
            assert_bytes_equal(buf_bytes(&read), BYTES_OF(height));
        else
            assert_status(status, STATUS_NOT_FOUND);
        if (is_kept(height) || height + PER_FILE > newest) assert_ok(status);
        if (!is_kept(height) && height + 3 * PER_FILE <= newest)
            assert_status(status, STATUS_NOT_FOUND);
    }
    assert_status(certificate_log_read(log, newest + 1, &read), STATUS_NOT_FOUND);
    buf_clear(&read);
}

static void path_in(char out[128], char folder[64]) {
    make_folder(folder);
    snprintf(out, 128, "%s/certificates", folder);
}

START_TEST(boundaries_and_hundredths_are_kept_for_good) {
    char folder[64], path[128];
    struct certificate_log *log;
    path_in(path, folder);
    for (uint64_t height = 1; height <= 230; height++) {
        assert_ok(certificates_open(&log, path));
        check(log, height - 1);
        assert_ok(certificates_append(log, height));
        check(log, height);
        assert_ok(certificate_log_sync(log));
        certificate_log_close(log);
    }
    remove_folder(folder);
}
END_TEST

START_TEST(heights_may_be_left_out_and_never_go_back) {
    char folder[64], path[128];
    struct certificate_log *log;
    struct buf read = {0};
    path_in(path, folder);
    assert_ok(certificates_open(&log, path));
    assert_ok(certificates_append(log, 99));
    assert_ok(certificates_append(log, 103)); // the first at or above 100
    assert_status(certificates_append(log, 103), STATUS_CONFLICT);
    assert_status(certificates_append(log, 102), STATUS_CONFLICT);
    for (uint64_t height = 105; height < 199; height += 2)
        assert_ok(certificates_append(log, height));
    assert_ok(certificate_log_read(log, 103, &read));
    assert_status(certificate_log_read(log, 99, &read), STATUS_NOT_FOUND);
    assert_status(certificate_log_read(log, 105, &read), STATUS_NOT_FOUND);
    certificate_log_close(log);
    buf_clear(&read);
    remove_folder(folder);
}
END_TEST

// Copies every file of one folder to another.
static void copy_files(const char *from, const char *to) {
    char command[300];
    snprintf(command, sizeof command, "rm -rf %s && cp -r %s %s", to, from, to);
    ck_assert_int_eq(system(command), 0);
}

struct file_list {
    char names[32][64];
    size_t count;
};

static void list_files(struct file_list *out, const char *path) {
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    out->count = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (*entry->d_name == '.') continue;
        ck_assert_uint_lt(out->count, 32);
        snprintf(out->names[out->count++], sizeof *out->names, "%.63s", entry->d_name);
    }
    closedir(folder);
}

enum { NEWEST = 16 }; // kept: 4, 8, 12 in one file; the newest: 13 to 15, and 16

// Either refused, or right, and at most the newest is gone.
static void judge(const char *path, bool may_lose_newest) {
    struct certificate_log *log;
    struct buf read = {0};
    enum status status = certificates_open(&log, path);
    if (status != STATUS_OK) {
        assert_status(status, STATUS_CORRUPT);
        return;
    }
    uint64_t newest = certificate_log_newest(log);
    ck_assert_uint_ge(newest, may_lose_newest ? NEWEST - 1 : NEWEST);
    for (uint64_t height = 1; height <= newest; height++) {
        status = certificate_log_read(log, height, &read);
        if (status == STATUS_OK)
            assert_bytes_equal(buf_bytes(&read), BYTES_OF(height));
        else
            ck_assert(status == STATUS_CORRUPT || (status == STATUS_NOT_FOUND && !is_kept(height)));
    }
    certificate_log_close(log);
    buf_clear(&read);
}

START_TEST(a_flipped_byte_anywhere_is_refused_or_costs_the_newest_at_most) {
    char folder[64], whole[128], path[140], file[220];
    struct file_list files;
    struct stat info;
    path_in(whole, folder);
    snprintf(path, sizeof path, "%s-flipped", whole);
    fill(whole, 1, NEWEST);
    list_files(&files, whole);
    ck_assert_uint_eq(files.count, 3);
    for (size_t i = 0; i < files.count; i++) {
        snprintf(file, sizeof file, "%s/%s", whole, files.names[i]);
        ck_assert_int_eq(stat(file, &info), 0);
        bool is_newest = strstr(files.names[i], "000016") != NULL;
        for (uint64_t at = 0; at < (uint64_t)info.st_size; at += 5) {
            copy_files(whole, path);
            snprintf(file, sizeof file, "%s/%s", path, files.names[i]);
            flip_byte(file, at, 0x21);
            judge(path, is_newest);
        }
    }
    remove_folder(folder);
}
END_TEST

START_TEST(a_file_that_is_missing_or_short_is_refused) {
    char folder[64], whole[128], path[140], file[220];
    struct file_list files;
    struct stat info;
    struct certificate_log *log;
    path_in(whole, folder);
    snprintf(path, sizeof path, "%s-cut", whole);
    fill(whole, 1, NEWEST);
    list_files(&files, whole);
    for (size_t i = 0; i < files.count; i++) {
        if (strstr(files.names[i], "000016")) continue; // may be torn
        snprintf(file, sizeof file, "%s/%s", whole, files.names[i]);
        ck_assert_int_eq(stat(file, &info), 0);
        for (off_t size = 0; size < info.st_size; size += 7) {
            copy_files(whole, path);
            snprintf(file, sizeof file, "%s/%s", path, files.names[i]);
            ck_assert_int_eq(truncate(file, size), 0);
            assert_status(certificates_open(&log, path), STATUS_CORRUPT);
        }
        // Gone altogether: refused too, unless it held nothing that is kept.
        ck_assert_int_eq(unlink(file), 0);
        judge(path, false);
    }
    remove_folder(folder);
}
END_TEST

// What stands between two steps of a file's end: the next is begun, the oldest is not yet copied.
START_TEST(work_that_a_crash_interrupted_is_done_at_the_next_start) {
    char folder[64], path[128], command[400];
    struct certificate_log *log;
    path_in(path, folder);
    fill(path, 1, 9);
    // The file of 4 to 6 comes back after its end.
    snprintf(command, sizeof command, "cp %s/new-000000000004.log %s/old", path, folder);
    ck_assert_int_eq(system(command), 0);
    fill(path, 10, 12);
    snprintf(command, sizeof command, "cp %s/old %s/new-000000000004.log", folder, path);
    ck_assert_int_eq(system(command), 0);
    assert_ok(certificates_open(&log, path));
    check(log, 12);
    certificate_log_close(log);
    // A file that was begun and not written to, of both kinds.
    snprintf(command, sizeof command, "touch %s/new-000000000013.log %s/kept-000000000008.log",
             path, path);
    ck_assert_int_eq(system(command), 0);
    assert_ok(certificates_open(&log, path));
    check(log, 12);
    certificate_log_close(log);
    fill(path, 13, 40);
    assert_ok(certificates_open(&log, path));
    check(log, 40);
    certificate_log_close(log);
    remove_folder(folder);
}
END_TEST

Suite *certificates_suite(void) {
    Suite *suite = suite_create("certificates");
    TCase *cases = tcase_create("certificates");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, boundaries_and_hundredths_are_kept_for_good);
    tcase_add_test(cases, heights_may_be_left_out_and_never_go_back);
    tcase_add_test(cases, a_flipped_byte_anywhere_is_refused_or_costs_the_newest_at_most);
    tcase_add_test(cases, a_file_that_is_missing_or_short_is_refused);
    tcase_add_test(cases, work_that_a_crash_interrupted_is_done_at_the_next_start);
    suite_add_tcase(suite, cases);
    return suite;
}
