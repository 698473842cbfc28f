// SPDX-License-Identifier: Apache-2.0
// What apps/common/db/README.md says both engines take alike.
#include "chaincore/base/buf.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"
#include "tests/unit/db/suites.h"

static struct test_database database;
static struct db *db;

static bool open_with(int engine, const char *schema) {
    if (!test_database_open(&database, engine)) return false;
    assert_ok(db_open(&db, database.url));
    assert_ok(db_exec_script(db, schema));
    return true;
}

static void close_all(void) {
    db_close(db);
    test_database_close(&database);
}

// Runs it with $1 = a, $2 = b and gives the column `x` of all rows, joined by commas.
static void assert_rows(const char *sql, int param_count, const char *expected) {
    struct db_statement *statement;
    struct buf rows = {0};
    bool has_row;
    enum status status = db_prepare(&statement, db, sql);
    ck_assert_msg(status == STATUS_OK, "%s: %s", sql, db_last_error(db));
    for (int i = 1; i <= param_count; i++) db_bind_i64(statement, i, i);
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        if (rows.len > 0) buf_append_byte(&rows, ',');
        buf_append(&rows, db_column_text(statement, "x"));
    }
    ck_assert_msg(status == STATUS_OK, "%s: %s", sql, db_last_error(db));
    db_release(statement);
    ck_assert_str_eq(buf_as_string(&rows), expected);
    buf_clear(&rows);
}

START_TEST(values_are_bound_by_number_whatever_their_order) {
    if (!open_with(_i, "CREATE TABLE t (a BIGINT, b BIGINT, x TEXT);"
                       "INSERT INTO t VALUES (1, 2, 'right'), (2, 1, 'wrong');"))
        return;
    assert_rows("SELECT x FROM t WHERE b = $2 AND a = $1", 2, "right");
    assert_rows("SELECT x FROM t WHERE b = $2 AND a = $1 AND $2 = b", 2, "right");
    assert_rows("SELECT x FROM t ORDER BY a LIMIT $1", 1, "right");
    close_all();
}
END_TEST

START_TEST(text_sorts_by_its_bytes) {
    if (!open_with(_i,
                   "CREATE TABLE t (x TEXT COLLATE \"C\", y TEXT);"
                   "INSERT INTO t VALUES ('b','b'), ('B','B'), ('a','a'), ('\xC3\xA4','\xC3\xA4'),"
                   "('A','A'), ('_','_'), ('aa','aa'), ('z','z');"
                   "CREATE INDEX t_y ON t (y COLLATE \"C\");"))
        return;
    assert_rows("SELECT x FROM t ORDER BY x", 0, "A,B,_,a,aa,b,z,\xC3\xA4");
    assert_rows("SELECT x FROM t ORDER BY y COLLATE \"C\" DESC", 0, "\xC3\xA4,z,b,aa,a,_,B,A");
    close_all();
}
END_TEST

START_TEST(an_insert_can_update_and_return) {
    if (!open_with(_i, "CREATE TABLE t (k BIGINT NOT NULL PRIMARY KEY, x TEXT);")) return;
    static const char sql[] = "INSERT INTO t (k, x) VALUES ($1, 'new') ON CONFLICT (k) "
                              "DO UPDATE SET x = excluded.x || '+' || t.x RETURNING x";
    assert_rows(sql, 1, "new");
    assert_rows(sql, 1, "new+new");
    assert_rows("INSERT INTO t (k, x) VALUES ($1, 'other') ON CONFLICT DO NOTHING RETURNING x", 1,
                "");
    close_all();
}
END_TEST

START_TEST(rows_compare_and_queries_recurse) {
    if (!open_with(_i, "CREATE TABLE t (a BIGINT, b BIGINT, x TEXT);"
                       "INSERT INTO t VALUES (1, 1, 'p'), (1, 2, 'q'), (1, 3, 'r'), (2, 1, 's');"))
        return;
    assert_rows("SELECT x FROM t WHERE (a, b) > ($1, $2) ORDER BY a, b", 2, "r,s");
    assert_rows("WITH RECURSIVE up (n) AS (SELECT CAST($1 AS BIGINT) UNION ALL "
                "SELECT n + 1 FROM up WHERE n < 4) SELECT CAST(n AS TEXT) AS x FROM up",
                1, "1,2,3,4");
    close_all();
}
END_TEST

START_TEST(sums_counts_and_comparisons_are_numbers) {
    if (!open_with(_i, "CREATE TABLE t (a BIGINT);"
                       "INSERT INTO t VALUES (9223372036854775000), (7), (-1);"))
        return;
    struct db_statement *statement;
    bool has_row;
    assert_ok(db_prepare(&statement, db,
                         "SELECT sum(a) AS sum, count(*) AS count, max(a) > 5 AS is_large, "
                         "CAST(sum(a) AS BIGINT) AS cast, sum(a) AS sum_again FROM t"));
    assert_ok(db_step(statement, &has_row));
    ck_assert(has_row);
    ck_assert_int_eq(db_column_i64(statement, "sum_again"), 9223372036854775006);
    ck_assert_int_eq(db_column_i64(statement, "is_large"), 1);
    ck_assert_int_eq(db_column_i64(statement, "count"), 3);
    ck_assert_int_eq(db_column_i64(statement, "sum"), 9223372036854775006);
    ck_assert_uint_eq(db_column_u64(statement, "cast"), 9223372036854775006);
    db_release(statement);
    close_all();
}
END_TEST

START_TEST(bytes_are_keys_in_the_order_of_their_bytes) {
    if (!open_with(_i, "CREATE TABLE t (k BLOB NOT NULL PRIMARY KEY, x TEXT);")) return;
    static const uint8_t keys[][3] = {{0xFF, 0, 0}, {0, 0, 1}, {0x7F, 0xFF, 0}, {0, 0, 0}};
    static const char *const names[] = {"last", "second", "third", "first"};
    struct db_statement *insert;
    assert_ok(db_prepare(&insert, db, "INSERT INTO t VALUES ($1, $2)"));
    for (int i = 0; i < 4; i++) {
        db_bind_bytes(insert, 1, BYTES_OF(keys[i]));
        db_bind_string(insert, 2, names[i]);
        assert_ok(db_run(insert));
    }
    db_bind_bytes(insert, 1, BYTES_OF(keys[0]));
    db_bind_string(insert, 2, "again");
    assert_status(db_run(insert), STATUS_EXISTS);
    db_release(insert);
    assert_rows("SELECT x FROM t ORDER BY k", 0, "first,second,third,last");
    close_all();
}
END_TEST

START_TEST(changes_count_what_the_last_run_did) {
    if (!open_with(_i, "CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1), (1), (2);")) return;
    struct db_statement *update;
    assert_ok(db_prepare(&update, db, "UPDATE t SET a = a + 10 WHERE a = $1"));
    static const uint64_t expected[] = {2, 1, 0};
    for (int i = 0; i < 3; i++) {
        db_bind_i64(update, 1, i + 1);
        assert_ok(db_run(update));
        ck_assert_uint_eq(db_changes(update), expected[i]);
    }
    db_release(update);
    close_all();
}
END_TEST

Suite *dialect_suite(void) {
    Suite *suite = suite_create("dialect");
    TCase *cases = tcase_create("dialect");
    tcase_set_timeout(cases, 30);
    tcase_add_loop_test(cases, values_are_bound_by_number_whatever_their_order, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, text_sorts_by_its_bytes, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, an_insert_can_update_and_return, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, rows_compare_and_queries_recurse, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, sums_counts_and_comparisons_are_numbers, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, bytes_are_keys_in_the_order_of_their_bytes, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, changes_count_what_the_last_run_did, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    return suite;
}
