// SPDX-License-Identifier: Apache-2.0
#include "apps/common/db/shadow.h"

#include <stdio.h>
#include <unistd.h>

#include "apps/common/db/pool.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"
#include "tests/unit/db/suites.h"

static const char tables[] =
    "CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, b BLOB); CREATE INDEX t_by_b ON t (b);"
    "CREATE TABLE u (a BIGINT NOT NULL)";

static struct test_database database;
static struct db *writer, *reader, *shadow;
static struct db_pool *pool;

static bool open_all(int engine) {
    if (!test_database_open(&database, engine)) return false;
    assert_ok(db_open(&writer, database.url));
    assert_ok(db_exec_script(writer, tables));
    assert_ok(db_exec_script(writer, "INSERT INTO t (a) VALUES (1); INSERT INTO u VALUES (5)"));
    assert_ok(db_pool_open(&pool, database.url, 1));
    assert_ok(db_pool_take(&reader, pool, 0));
    return true;
}

static void close_all(void) {
    db_close(shadow);
    shadow = NULL;
    db_pool_give(pool, reader);
    db_pool_close(pool);
    db_close(writer);
    test_database_close(&database);
}

static void open_filled(void) {
    assert_ok(db_shadow_open(&shadow, database.url));
    assert_ok(db_exec_script(shadow, tables));
    assert_ok(db_exec_script(shadow, "INSERT INTO t (a) VALUES (20), (22);"
                                     "INSERT INTO u VALUES (6)"));
}

static int64_t sum(struct db *db) {
    struct db_statement *statement;
    bool has_row;
    assert_ok(
        db_prepare(&statement, db, "SELECT sum(t.a) + (SELECT sum(a) FROM u) * 1000 AS n FROM t"));
    assert_ok(db_step(statement, &has_row));
    int64_t n = db_column_i64(statement, "n");
    db_release(statement);
    return n;
}

enum { OLD = 5001, NEW = 6042 };

static void check_nothing_is_left(void) {
    if (database.is_postgres) {
        struct db_statement *statement;
        bool has_row;
        assert_ok(db_prepare(&statement, writer,
                             "SELECT count(*) AS n FROM pg_namespace"
                             " WHERE nspname = current_schema() || '_shadow'"));
        assert_ok(db_step(statement, &has_row));
        ck_assert_int_eq(db_column_i64(statement, "n"), 0);
        db_release(statement);
    } else {
        char path[300];
        snprintf(path, sizeof path, "%s/db-shadow", database.place);
        ck_assert_int_ne(access(path, F_OK), 0);
    }
}

START_TEST(readers_see_the_old_rows_until_the_swap_and_the_new_ones_after) {
    if (!open_all(_i)) return;
    ck_assert_int_eq(sum(reader), OLD); // and the statement stays prepared
    open_filled();
    ck_assert_int_eq(sum(reader), OLD);
    ck_assert_int_eq(sum(writer), OLD);
    ck_assert_int_eq(sum(shadow), NEW);
    assert_ok(db_shadow_swap(writer, shadow));
    ck_assert_int_eq(sum(reader), NEW);
    ck_assert_int_eq(sum(writer), NEW);
    db_close(shadow);
    shadow = NULL;
    check_nothing_is_left();
    ck_assert_int_eq(sum(reader), NEW);
    // Its keys have come along; and it can be done again.
    assert_status(db_exec_script(writer, "INSERT INTO t (a) VALUES (22)"), STATUS_EXISTS);
    assert_ok(db_exec_script(writer, "UPDATE t SET a = a + 1"));
    open_filled();
    assert_ok(db_shadow_swap(writer, shadow));
    ck_assert_int_eq(sum(reader), NEW);
    close_all();
}
END_TEST

START_TEST(a_reader_in_a_transaction_keeps_its_rows_to_the_end) {
    if (!open_all(_i)) return;
    open_filled();
    assert_ok(db_begin(reader));
    ck_assert_int_eq(sum(reader), OLD);
    assert_status(db_shadow_swap(writer, shadow), _i == TEST_POSTGRES ? STATUS_BUSY : STATUS_OK);
    ck_assert_int_eq(sum(reader), OLD);
    db_rollback(reader);
    if (_i == TEST_POSTGRES) {
        ck_assert_int_eq(sum(reader), OLD);
        assert_ok(db_shadow_swap(writer, shadow));
    }
    ck_assert_int_eq(sum(reader), NEW);
    close_all();
}
END_TEST

START_TEST(a_shadow_that_is_given_up_leaves_the_old_rows) {
    if (!open_all(_i)) return;
    open_filled();
    db_close(shadow);
    shadow = NULL;
    ck_assert_int_eq(sum(reader), OLD);
    check_nothing_is_left();
    close_all();
}
END_TEST

// As a writer leaves it that was killed.
static void leave_a_shadow(void) {
    if (database.is_postgres) {
        char sql[600];
        snprintf(sql, sizeof sql, "CREATE SCHEMA %s_shadow; CREATE TABLE %s_shadow.t (c BIGINT)",
                 database.place, database.place);
        assert_ok(db_exec_script(writer, sql));
    } else {
        char url[1100];
        struct db *left;
        snprintf(url, sizeof url, "%s-shadow", database.url);
        assert_ok(db_open(&left, url));
        assert_ok(db_exec_script(left, "CREATE TABLE t (c BIGINT)"));
        db_close(left);
    }
}

START_TEST(what_a_killed_writer_has_left_is_removed) {
    if (!open_all(_i)) return;
    leave_a_shadow();
    assert_ok(db_shadow_clear(writer));
    check_nothing_is_left();
    assert_ok(db_shadow_clear(writer));
    leave_a_shadow();
    open_filled();
    assert_ok(db_shadow_swap(writer, shadow));
    ck_assert_int_eq(sum(reader), NEW);
    close_all();
}
END_TEST

START_TEST(a_shadow_on_postgresql_is_of_one_writer) {
    struct db *second;
    if (!open_all(TEST_POSTGRES)) return;
    open_filled();
    assert_status(db_shadow_open(&second, database.url), STATUS_BUSY);
    assert_ok(db_shadow_clear(writer)); // not while somebody is at work on it
    ck_assert_int_eq(sum(shadow), NEW);
    assert_ok(db_exec_script(writer, "CREATE TABLE other (a BIGINT)"));
    assert_ok(db_shadow_swap(writer, shadow));
    assert_ok(db_exec_script(writer, "INSERT INTO other VALUES (1)")); // nobody's but theirs
    close_all();
}
END_TEST

START_TEST(a_shadow_that_lost_its_connection_is_not_opened_again) {
    if (!open_all(TEST_POSTGRES)) return;
    struct db_statement *statement;
    bool has_row;
    open_filled();
    assert_ok(db_prepare(&statement, shadow, "SELECT pg_backend_pid() AS n"));
    assert_ok(db_step(statement, &has_row));
    int64_t process = db_column_i64(statement, "n");
    db_release(statement);
    assert_ok(
        db_prepare(&statement, writer, "SELECT pg_terminate_backend(CAST($1 AS INTEGER), 5000)"));
    db_bind_i64(statement, 1, process);
    assert_ok(db_run(statement));
    db_release(statement);
    // Its statements would reach the old tables.
    for (int i = 0; i < 2; i++)
        assert_status(db_exec_script(shadow, "DELETE FROM t"), STATUS_UNAVAILABLE);
    assert_status(db_shadow_swap(writer, shadow), STATUS_UNAVAILABLE);
    ck_assert_int_eq(sum(writer), OLD);
    close_all();
}
END_TEST

START_TEST(a_connection_that_has_joined_reaches_both) {
    if (!open_all(_i)) return;
    struct db_statement *statement;
    struct buf own = {0}, other = {0}, sql = {0};
    bool has_row;
    open_filled();
    assert_ok(db_shadow_join(writer, shadow, &own, &other));
    buf_append_format(&sql, "SELECT (SELECT sum(a) FROM %st) * 100 + sum(a) AS n FROM %st",
                      buf_as_string(&own), buf_as_string(&other));
    assert_ok(db_prepare(&statement, writer, buf_as_string(&sql)));
    assert_ok(db_step(statement, &has_row));
    ck_assert_int_eq(db_column_i64(statement, "n"), 142);
    db_release(statement);
    buf_reset(&sql);
    assert_ok(db_shadow_prepare_tables(&statement, writer));
    while (db_step(statement, &has_row) == STATUS_OK && has_row)
        buf_append(&sql, db_column_text(statement, "name"));
    db_release(statement);
    assert_ok(db_shadow_prepare_columns(&statement, writer));
    db_bind_string(statement, 1, "t");
    while (db_step(statement, &has_row) == STATUS_OK && has_row)
        buf_append(&sql, db_column_text(statement, "name"));
    db_release(statement);
    ck_assert_str_eq(buf_as_string(&sql), "tuab");
    buf_clear(&own);
    buf_clear(&other);
    buf_clear(&sql);
    close_all();
}
END_TEST

Suite *shadow_suite(void) {
    Suite *suite = suite_create("db shadow");
    TCase *cases = tcase_create("shadow");
    tcase_set_timeout(cases, 30);
    tcase_add_loop_test(cases, readers_see_the_old_rows_until_the_swap_and_the_new_ones_after, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, a_reader_in_a_transaction_keeps_its_rows_to_the_end, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, a_shadow_that_is_given_up_leaves_the_old_rows, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, what_a_killed_writer_has_left_is_removed, 0, TEST_ENGINES);
    tcase_add_test(cases, a_shadow_on_postgresql_is_of_one_writer);
    tcase_add_test(cases, a_shadow_that_lost_its_connection_is_not_opened_again);
    tcase_add_loop_test(cases, a_connection_that_has_joined_reaches_both, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    return suite;
}
