// SPDX-License-Identifier: Apache-2.0
// The disk of the simulator of nodes takes what was not synced, in some seed at least, and nothing
// else in any.
#include <config.h> // mkdtemp

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/witness/disk.h"
#include "tests/support/crash_disk.h"
#include "tests/support/unit.h"

enum { SEEDS = 200, LEN = 4096 };

static char parent[64], root[96], file_path[128], other_path[128];
static struct crash_disk *disk;

static void make_parent(void) {
    static const char template[] = "/tmp/lmm-disk-XXXXXX";
    memcpy(parent, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(parent));
    snprintf(root, sizeof root, "%s/disk", parent);
    snprintf(file_path, sizeof file_path, "%s/file", root);
    snprintf(other_path, sizeof other_path, "%s/other", root);
}
static void remove_parent(void) {
    crash_disk_close(disk);
    disk = NULL;
    ck_assert_int_eq(rmdir(parent), 0);
}
static void begin(uint64_t seed) {
    crash_disk_close(disk);
    disk = crash_disk_open(root, seed);
}

static void fill(uint8_t out[LEN], uint8_t with) { memset(out, with, LEN); }

// A file of so many bytes, durable with its name.
static int make_file(uint8_t with) {
    uint8_t bytes[LEN];
    fill(bytes, with);
    int fd = open(file_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    assert_ok(file_write_all(fd, BYTES_OF(bytes)));
    ck_assert_int_eq(fdatasync(fd), 0);
    assert_ok(file_sync_parent(file_path));
    return fd;
}

static void overwrite(int fd, uint8_t with) {
    uint8_t bytes[LEN];
    fill(bytes, with);
    ck_assert_int_eq(pwrite(fd, bytes, LEN, 0), LEN);
}

static size_t count_of(struct bytes bytes, uint8_t wanted) {
    size_t count = 0;
    for (size_t i = 0; i < bytes.len; i++) count += bytes.data[i] == wanted;
    return count;
}

// Whether the power goes behind the sync, or in it.
START_TEST(what_was_synced_never_changes) {
    size_t unconfirmed = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct buf found = {0};
        begin(seed);
        int fd = make_file('a');
        overwrite(fd, 'b');
        if (seed % 2) crash_disk_cut_at(disk, 1);
        bool is_synced = fdatasync(fd) == 0;
        crash_disk_cut(disk);
        close(fd);
        crash_disk_restart(disk, CRASH_POWER);
        assert_ok(file_read(&found, file_path, 1 << 20));
        ck_assert_uint_eq(found.len, LEN);
        ck_assert(is_synced == (seed % 2 == 0));
        if (is_synced) ck_assert_uint_eq(count_of(buf_bytes(&found), 'b'), LEN);
        unconfirmed += !is_synced && count_of(buf_bytes(&found), 'a') > 0;
        buf_clear(&found);
    }
    ck_assert_uint_gt(unconfirmed, 0);
}
END_TEST

START_TEST(a_cut_in_a_sync_lets_writes_pass) {
    begin(1);
    int fd = make_file('a');
    crash_disk_cut_at_sync(disk, 2);
    overwrite(fd, 'b');
    ck_assert_int_eq(fdatasync(fd), 0);
    overwrite(fd, 'c');
    ck_assert(!crash_disk_is_cut(disk));
    ck_assert_int_ne(fdatasync(fd), 0);
    ck_assert(crash_disk_is_cut(disk));
    close(fd);
}
END_TEST

// Each of the three is there in some seed.
START_TEST(a_write_without_sync_is_lost_torn_or_kept) {
    size_t lost = 0, torn = 0, kept = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct buf found = {0};
        begin(seed);
        int fd = make_file('a');
        overwrite(fd, 'b');
        close(fd);
        crash_disk_restart(disk, CRASH_POWER);
        assert_ok(file_read(&found, file_path, 1 << 20));
        size_t news = count_of(buf_bytes(&found), 'b');
        ck_assert_uint_eq(news + count_of(buf_bytes(&found), 'a'), LEN);
        lost += news == 0;
        kept += news == LEN;
        torn += news > 0 && news < LEN;
        buf_clear(&found);
    }
    ck_assert_uint_gt(lost, 0);
    ck_assert_uint_gt(torn, 0);
    ck_assert_uint_gt(kept, 0);
}
END_TEST

START_TEST(an_append_without_sync_leaves_what_was_there) {
    size_t shorter = 0, holes = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct buf found = {0};
        uint8_t bytes[LEN];
        fill(bytes, 'b');
        begin(seed);
        int fd = make_file('a');
        assert_ok(file_write_all(fd, BYTES_OF(bytes)));
        close(fd);
        crash_disk_restart(disk, CRASH_POWER);
        assert_ok(file_read(&found, file_path, 1 << 20));
        ck_assert_uint_ge(found.len, LEN);
        ck_assert_uint_eq(count_of(bytes_of(found.data, LEN), 'a'), LEN);
        shorter += found.len < 2 * LEN;
        holes += count_of(buf_bytes(&found), 0) > 0;
        buf_clear(&found);
    }
    ck_assert_uint_gt(shorter, 0);
    ck_assert_uint_gt(holes, 0);
}
END_TEST

START_TEST(a_cut_without_sync_is_undone_or_not) {
    size_t undone = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct buf found = {0};
        begin(seed);
        int fd = make_file('a');
        ck_assert_int_eq(ftruncate(fd, 100), 0);
        close(fd);
        crash_disk_restart(disk, CRASH_POWER);
        assert_ok(file_read(&found, file_path, 1 << 20));
        ck_assert(found.len == 100 || found.len == LEN);
        ck_assert_uint_eq(count_of(buf_bytes(&found), 'a'), found.len);
        undone += found.len == LEN;
        buf_clear(&found);
    }
    ck_assert_uint_gt(undone, 0);
    ck_assert_uint_lt(undone, SEEDS);
}
END_TEST

// By file_replace without the sync of the folder, then with it.
START_TEST(a_name_without_sync_is_undone_or_not) {
    size_t undone = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct buf found = {0};
        begin(seed);
        close(make_file('a'));
        int fd = open(other_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_eq(write(fd, "new", 3), 3);
        ck_assert_int_eq(fsync(fd), 0);
        close(fd);
        ck_assert_int_eq(rename(other_path, file_path), 0);
        crash_disk_restart(disk, CRASH_POWER);
        assert_ok(file_read(&found, file_path, 1 << 20));
        ck_assert(found.len == LEN || bytes_equal(buf_bytes(&found), bytes_of_string("new")));
        undone += found.len == LEN;
        buf_reset(&found);
        assert_ok(file_replace(file_path, bytes_of_string("newest"), 0600));
        crash_disk_restart(disk, CRASH_POWER);
        assert_ok(file_read(&found, file_path, 1 << 20));
        ck_assert(bytes_equal(buf_bytes(&found), bytes_of_string("newest")));
        buf_clear(&found);
    }
    ck_assert_uint_gt(undone, 0);
    ck_assert_uint_lt(undone, SEEDS);
}
END_TEST

START_TEST(a_removed_file_comes_back_or_not) {
    size_t back = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        begin(seed);
        close(make_file('a'));
        ck_assert_int_eq(unlink(file_path), 0);
        ck_assert(!file_exists(file_path));
        crash_disk_restart(disk, CRASH_POWER);
        back += file_exists(file_path);
        if (!file_exists(file_path)) continue;
        ck_assert_int_eq(unlink(file_path), 0);
        assert_ok(file_sync_parent(file_path));
        crash_disk_restart(disk, CRASH_POWER);
        ck_assert(!file_exists(file_path));
    }
    ck_assert_uint_gt(back, 0);
    ck_assert_uint_lt(back, SEEDS);
}
END_TEST

START_TEST(a_folder_goes_with_all_that_is_in_it) {
    char folder[128], inner[160];
    size_t gone = 0;
    snprintf(folder, sizeof folder, "%s/folder", root);
    snprintf(inner, sizeof inner, "%s/inner", folder);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        begin(seed);
        ck_assert_int_eq(mkdir(folder, 0700), 0);
        assert_ok(file_replace(inner, bytes_of_string("in it"), 0600));
        crash_disk_restart(disk, CRASH_POWER);
        gone += !file_exists(folder);
        if (!file_exists(folder)) continue;
        ck_assert(file_exists(inner));
    }
    ck_assert_uint_gt(gone, 0);
    ck_assert_uint_lt(gone, SEEDS);
}
END_TEST

START_TEST(a_killed_process_loses_nothing) {
    struct buf found = {0};
    begin(1);
    int fd = make_file('a');
    overwrite(fd, 'b');
    crash_disk_cut(disk);
    ck_assert_int_eq(pwrite(fd, "c", 1, 0), -1);
    ck_assert_int_eq(fsync(fd), -1);
    ck_assert_int_eq(unlink(file_path), -1);
    ck_assert_int_eq(open(other_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), -1);
    close(fd);
    crash_disk_restart(disk, CRASH_KILL);
    assert_ok(file_read(&found, file_path, 1 << 20));
    ck_assert_uint_eq(count_of(buf_bytes(&found), 'b'), LEN);
    ck_assert_uint_eq(crash_disk_pending(disk).writes, 1); // the machine may end yet
    buf_clear(&found);
}
END_TEST

START_TEST(a_seed_says_it_all) {
    struct buf first = {0}, again = {0};
    for (int round = 0; round < 2; round++) {
        for (uint64_t seed = 0; seed < 20; seed++) {
            begin(seed);
            int fd = make_file('a');
            overwrite(fd, 'b');
            close(fd);
            crash_disk_restart(disk, CRASH_POWER);
            assert_ok(file_read(round ? &again : &first, file_path, 1 << 20));
        }
    }
    ck_assert(bytes_equal(buf_bytes(&first), buf_bytes(&again)));
    buf_clear(&first);
    buf_clear(&again);
}
END_TEST

// --- a database, as the checkpoint sets it up ---

static char database_path[128];

static sqlite3 *open_database(const char *synchronous) {
    sqlite3 *db;
    char sql[160];
    snprintf(database_path, sizeof database_path, "%s/state.sqlite", root);
    ck_assert_int_eq(sqlite3_open(database_path, &db), SQLITE_OK);
    snprintf(sql, sizeof sql,
             "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; PRAGMA synchronous = %s;"
             "CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, filler BLOB);",
             synchronous);
    sqlite3_exec(db, sql, NULL, NULL, NULL);
    return db;
}

static int64_t one_number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement;
    int64_t number = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) return -1;
    if (sqlite3_step(statement) == SQLITE_ROW) number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static bool is_sound(sqlite3 *db) {
    return one_number(db, "SELECT count(*) FROM pragma_integrity_check"
                          " WHERE integrity_check = 'ok'") == 1;
}

// Rows until the power goes in some call; how many were said to be there.
static int64_t insert_until_cut(const char *synchronous, uint64_t cut_at) {
    int64_t done = 0;
    sqlite3 *db = open_database(synchronous);
    crash_disk_cut_at(disk, cut_at);
    while (sqlite3_exec(db, "INSERT INTO t (filler) VALUES (randomblob(900))", NULL, NULL, NULL) ==
           SQLITE_OK)
        done++;
    ck_assert(crash_disk_is_cut(disk));
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    crash_disk_restart(disk, CRASH_POWER);
    return done;
}

START_TEST(a_database_that_syncs_keeps_what_it_confirmed) {
    for (uint64_t seed = 0; seed < 60; seed++) {
        begin(seed);
        int64_t done = insert_until_cut("FULL", 1 + seed * 7 % 400);
        sqlite3 *db = open_database("FULL");
        ck_assert(is_sound(db));
        ck_assert_int_ge(one_number(db, "SELECT count(*) FROM t"), done);
        sqlite3_close(db);
    }
}
END_TEST

START_TEST(a_database_that_does_not_sync_loses_it_in_some_seed) {
    int lost = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        begin(seed);
        int64_t done = insert_until_cut("OFF", 1 + seed * 7 % 400);
        sqlite3 *db = open_database("OFF");
        lost += !is_sound(db) || one_number(db, "SELECT count(*) FROM t") < done;
        sqlite3_close(db);
    }
    ck_assert_int_gt(lost, 0);
}
END_TEST

// A process that is killed behind a file's making leaves a name that no folder was synced with: the
// next one has to, before it relies on what it writes there.
START_TEST(a_folder_of_votes_keeps_what_a_process_synced_into_anothers_file) {
    static const uint8_t first[] = {1, 2, 3}, second[] = {4, 5};
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct disk_folder *folder;
        struct buf found = {0};
        begin(seed);
        crash_disk_lose_all(disk, true);
        for (int life = 0; life < 2; life++) {
            assert_ok(disk_folder_open(&folder, root));
            struct disk calls = disk_folder_calls(folder);
            if (life == 0) assert_ok(calls.create(calls.context, 7));
            assert_ok(
                calls.append(calls.context, 7, life == 0 ? BYTES_OF(first) : BYTES_OF(second)));
            if (life == 1) assert_ok(calls.sync(calls.context, 7));
            disk_folder_close(folder);
            crash_disk_restart(disk, life == 0 ? CRASH_KILL : CRASH_POWER);
        }
        assert_ok(disk_folder_open(&folder, root));
        struct disk calls = disk_folder_calls(folder);
        assert_ok(calls.read(calls.context, 7, 100, &found));
        ck_assert_uint_eq(found.len, sizeof first + sizeof second);
        disk_folder_close(folder);
        buf_clear(&found);
    }
}
END_TEST

static Suite *disk_suite(void) {
    Suite *suite = suite_create("crash disk");
    TCase *cases = tcase_create("crash disk");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, make_parent, remove_parent);
    tcase_add_test(cases, what_was_synced_never_changes);
    tcase_add_test(cases, a_cut_in_a_sync_lets_writes_pass);
    tcase_add_test(cases, a_write_without_sync_is_lost_torn_or_kept);
    tcase_add_test(cases, an_append_without_sync_leaves_what_was_there);
    tcase_add_test(cases, a_cut_without_sync_is_undone_or_not);
    tcase_add_test(cases, a_name_without_sync_is_undone_or_not);
    tcase_add_test(cases, a_removed_file_comes_back_or_not);
    tcase_add_test(cases, a_folder_goes_with_all_that_is_in_it);
    tcase_add_test(cases, a_killed_process_loses_nothing);
    tcase_add_test(cases, a_seed_says_it_all);
    tcase_add_test(cases, a_database_that_syncs_keeps_what_it_confirmed);
    tcase_add_test(cases, a_database_that_does_not_sync_loses_it_in_some_seed);
    tcase_add_test(cases, a_folder_of_votes_keeps_what_a_process_synced_into_anothers_file);
    suite_add_tcase(suite, cases);
    return suite;
}

void add_suites(SRunner *runner) { srunner_add_suite(runner, disk_suite()); }
