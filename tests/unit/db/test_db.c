// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/limits.h"
#include "chaincore/base/log.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"
#include "tests/unit/db/suites.h"

static struct test_database database;
static struct db *db;

// False: the engine isn't there.
static bool open_with(int engine, const char *schema) {
    if (!test_database_open(&database, engine)) return false;
    assert_ok(db_open(&db, database.url));
    if (schema) assert_ok(db_exec_script(db, schema));
    return true;
}

static void close_all(void) {
    db_close(db);
    test_database_close(&database);
}

static struct db_statement *prepared(const char *sql) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, sql);
    ck_assert_msg(status == STATUS_OK, "%s: %s", sql, db_last_error(db));
    return statement;
}

static enum status run(const char *sql) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, sql);
    if (status == STATUS_OK) status = db_run(statement);
    db_release(statement);
    return status;
}

static int64_t number(const char *sql) {
    bool has_row;
    struct db_statement *statement = prepared(sql);
    assert_ok(db_step(statement, &has_row));
    ck_assert(has_row);
    int64_t value = db_column_i64(statement, "n");
    db_release(statement);
    return value;
}

#define ITEMS "CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, name TEXT, body BLOB);"

START_TEST(every_type_of_value_reads_back) {
    if (!open_with(_i, ITEMS)) return;
    static const uint8_t all[] = {0, 1, 0xFF, '\'', '\\', 0};
    struct db_statement *insert = prepared("INSERT INTO item VALUES ($1, $2, $3)");
    static const int64_t ids[] = {INT64_MIN, -1, 0, INT64_MAX};
    for (int i = 0; i < 4; i++) {
        db_bind_i64(insert, 1, ids[i]);
        if (i == 1)
            db_bind_null(insert, 2);
        else
            db_bind_string(insert, 2, i == 2 ? "" : "caf\xC3\xA9 \xF0\x9F\x8C\x8A");
        if (i != 1) db_bind_bytes(insert, 3, i == 2 ? bytes_of(NULL, 0) : BYTES_OF(all));
        assert_ok(db_run(insert));
        ck_assert_uint_eq(db_changes(insert), 1);
    }
    db_release(insert);
    struct db_statement *select = prepared("SELECT id, name, body FROM item ORDER BY id");
    bool has_row;
    for (int i = 0; i < 4; i++) {
        assert_ok(db_step(select, &has_row));
        ck_assert(has_row);
        struct bytes name = db_column_text(select, "name"), body = db_column_bytes(select, "body");
        ck_assert_int_eq(db_column_i64(select, "id"), ids[i]);
        ck_assert_int_eq(db_column_is_null(select, "name"), i == 1);
        ck_assert_int_eq(db_column_is_null(select, "body"), i == 1);
        ck_assert_uint_eq(name.len, i == 1 || i == 2 ? 0 : 10);
        ck_assert_int_eq(name.data[name.len], 0);
        if (i != 1 && i != 2)
            assert_bytes_equal(body, BYTES_OF(all));
        else
            ck_assert_uint_eq(body.len, 0);
    }
    assert_ok(db_step(select, &has_row));
    ck_assert(!has_row);
    db_release(select);
    close_all();
}
END_TEST

START_TEST(values_that_cannot_be_stored_are_refused) {
    if (!open_with(_i, ITEMS)) return;
    struct db_statement *insert = prepared("INSERT INTO item VALUES ($1, $2, $3)");
    db_bind_u64(insert, 1, (uint64_t)INT64_MAX + 1);
    assert_status(db_run(insert), STATUS_OVERFLOW);
    static const char *const bad[] = {"\xFF",         "\xC0\xAF",         "\xE2\x82",
                                      "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE0\x80\x80",
                                      "a\x80",        "\xF0\x80\x80\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        db_bind_u64(insert, 1, 1);
        db_bind_string(insert, 2, bad[i]);
        assert_status(db_run(insert), STATUS_MALFORMED);
    }
    db_bind_text(insert, 2, bytes_of("a\0b", 3));
    assert_status(db_run(insert), STATUS_MALFORMED);
    db_bind_u64(insert, 4, 1);
    assert_status(db_run(insert), STATUS_INVALID);
    db_bind_u64(insert, 1, INT64_MAX);
    assert_ok(db_run(insert));
    db_release(insert);
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 1);
    close_all();
}
END_TEST

START_TEST(broken_constraints_tell_a_second_one_from_the_rest) {
    if (!open_with(_i, "CREATE TABLE a (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
                       "  size BIGINT CHECK (size > 0));"
                       "CREATE TABLE b (a BIGINT NOT NULL REFERENCES a (id));"))
        return;
    assert_ok(run("INSERT INTO a VALUES (1, 'x', 1)"));
    assert_status(run("INSERT INTO a VALUES (1, 'y', 1)"), STATUS_EXISTS);
    assert_status(run("INSERT INTO a VALUES (2, 'x', 1)"), STATUS_EXISTS);
    assert_status(run("INSERT INTO a VALUES (2, NULL, 1)"), STATUS_INVALID);
    assert_status(run("INSERT INTO a VALUES (2, 'y', 0)"), STATUS_INVALID);
    assert_status(run("INSERT INTO b VALUES (7)"), STATUS_INVALID);
    ck_assert(strlen(db_last_error(db)) > 0);
    assert_ok(run("INSERT INTO b VALUES (1)"));
    close_all();
}
END_TEST

START_TEST(wrong_sql_is_refused_when_prepared) {
    if (!open_with(_i, ITEMS)) return;
    static const char *const wrong[] = {
        "SELEC 1",
        "SELECT nothing FROM item",
        "SELECT 1 FROM nowhere",
        "SELECT $1, $3",
        "SELECT $0",
        "SELECT $33",
        "SELECT 1; SELECT 2",
        "SELECT \"text\" FROM item",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct db_statement *statement;
        assert_status(db_prepare(&statement, db, wrong[i]), STATUS_INVALID);
        ck_assert_ptr_null(statement);
    }
    // A dollar in a literal, a name or a comment is none of ours.
    ck_assert_int_eq(number("SELECT 7 AS n /* $9 */ FROM (SELECT '$8' AS \"$7\") AS x -- $6"), 7);
    close_all();
}
END_TEST

START_TEST(a_transaction_holds_whole_or_not_at_all) {
    if (!open_with(_i, ITEMS)) return;
    assert_ok(db_begin(db));
    assert_ok(run("INSERT INTO item (id) VALUES (1)"));
    db_rollback(db);
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 0);
    db_rollback(db);
    assert_ok(db_begin(db));
    assert_ok(run("INSERT INTO item (id) VALUES (1)"));
    assert_ok(db_commit(db));
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 1);
    // One that is still open when the connection closes is rolled back.
    assert_ok(db_begin(db));
    assert_ok(run("INSERT INTO item (id) VALUES (2)"));
    db_close(db);
    assert_ok(db_open(&db, database.url));
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 1);
    close_all();
}
END_TEST

START_TEST(after_a_failure_inside_a_transaction_only_rolling_back_helps) {
    if (!open_with(_i, ITEMS)) return;
    struct db_statement *statement;
    assert_ok(db_begin(db));
    assert_ok(run("INSERT INTO item (id) VALUES (1)"));
    assert_status(run("INSERT INTO item (id) VALUES (1)"), STATUS_EXISTS);
    assert_status(run("INSERT INTO item (id) VALUES (2)"), STATUS_INVALID);
    assert_status(db_prepare(&statement, db, "SELECT 1 AS n"), STATUS_INVALID);
    assert_status(db_commit(db), STATUS_INVALID);
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 0);
    assert_ok(db_begin(db));
    assert_status(run("SELECT wrong"), STATUS_INVALID);
    db_rollback(db);
    assert_ok(run("INSERT INTO item (id) VALUES (1)"));
    close_all();
}
END_TEST

START_TEST(a_script_holds_whole_or_not_at_all) {
    if (!open_with(_i, NULL)) return;
    assert_status(db_exec_script(db, ITEMS "INSERT INTO item (id) VALUES (1); nonsense"),
                  STATUS_INVALID);
    assert_ok(db_exec_script(db, ITEMS "INSERT INTO item (id) VALUES (1);"));
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 1);
    assert_ok(db_begin(db));
    assert_ok(db_exec_script(db, "DELETE FROM item; DROP TABLE item"));
    db_rollback(db);
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 1);
    close_all();
}
END_TEST

START_TEST(a_statement_in_use_is_not_handed_out_again) {
    if (!open_with(_i, ITEMS "INSERT INTO item (id) VALUES (1), (2), (3);")) return;
    static const char sql[] = "SELECT id AS n FROM item ORDER BY id";
    struct db_statement *outer = prepared(sql), *inner;
    bool has_row;
    for (int i = 1; i <= 3; i++) {
        assert_ok(db_step(outer, &has_row));
        inner = prepared(sql);
        ck_assert_ptr_ne(inner, outer);
        assert_ok(db_step(inner, &has_row));
        ck_assert_int_eq(db_column_i64(inner, "n"), 1);
        db_release(inner);
        ck_assert_int_eq(db_column_i64(outer, "n"), i);
    }
    db_release(outer);
    ck_assert_ptr_eq(prepared(sql), outer);
    db_release(outer);
    close_all();
}
END_TEST

START_TEST(the_cache_of_statements_is_bounded) {
    if (!open_with(_i, NULL)) return;
    static struct db_statement *statements[LIMIT_DB_STATEMENTS];
    struct db_statement *one_more;
    // Twice as many texts as fit, each given back at once.
    for (int i = 0; i < 2 * LIMIT_DB_STATEMENTS; i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT %d AS n", i);
        ck_assert_int_eq(number(sql), i);
    }
    for (int i = 0; i < LIMIT_DB_STATEMENTS; i++) statements[i] = prepared("SELECT 1 AS n");
    assert_status(db_prepare(&one_more, db, "SELECT 1 AS n"), STATUS_FULL);
    for (int i = 0; i < LIMIT_DB_STATEMENTS; i++) db_release(statements[i]);
    ck_assert_int_eq(number("SELECT 2 AS n"), 2);
    close_all();
}
END_TEST

START_TEST(a_statement_survives_a_change_of_the_schema) {
    if (!open_with(_i, ITEMS "INSERT INTO item VALUES (1, 'one', NULL);")) return;
    static const char sql[] = "SELECT * FROM item";
    struct db_statement *statement = prepared(sql);
    bool has_row;
    assert_ok(db_run(statement));
    assert_ok(db_exec_script(db, "DROP TABLE item; CREATE TABLE item (id TEXT, n BIGINT);"
                                 "INSERT INTO item VALUES ('one', 1);"));
    enum status status = db_step(statement, &has_row);
    if (status == STATUS_OK) ck_assert_int_eq(db_column_i64(statement, "n"), 1);
    db_release(statement);
    ck_assert_int_eq(number(sql), 1);
    close_all();
}
END_TEST

START_TEST(what_is_no_database_is_refused) {
    log_set_level(LOG_ERROR);
    assert_status(db_open(&db, "mysql://here"), STATUS_UNSUPPORTED);
    assert_status(db_open(&db, ""), STATUS_UNSUPPORTED);
    assert_status(db_open(&db, "sqlite:/nowhere/at/all/db"), STATUS_IO);
    assert_status(db_open(&db, "sqlite:/etc/passwd"), STATUS_CORRUPT);
    assert_status(db_open(&db, "postgresql://x@/y?host=/nowhere"), STATUS_UNAVAILABLE);
    assert_status(db_open(&db, "postgresql://x@/y?nothing=1"), STATUS_INVALID);
    ck_assert_ptr_null(db);
    db_close(NULL);
}
END_TEST

static enum status run_later(const char *sql, int64_t first, struct bytes last) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, sql);
    if (status != STATUS_OK) return status;
    db_bind_i64(statement, 1, first);
    db_bind_bytes(statement, 2, last);
    status = db_run_later(statement);
    db_release(statement);
    return status;
}

#define PUT "INSERT INTO item (id, body) VALUES ($1, $2)"

START_TEST(a_durable_connection_of_sqlite_waits_for_the_disk) {
    if (!open_with(_i, NULL)) return;
    bool is_sqlite = strcmp(db_engine(db), "sqlite") == 0;
    static const char asked[] = "SELECT synchronous AS n FROM pragma_synchronous";
    if (is_sqlite) ck_assert_int_eq(number(asked), 1); // NORMAL
    assert_ok(db_make_durable(db));
    if (is_sqlite) ck_assert_int_eq(number(asked), 2); // FULL
    close_all();
}
END_TEST

START_TEST(what_is_run_later_is_seen_by_what_comes_behind) {
    if (!open_with(_i, ITEMS)) return;
    enum { COUNT = 2 * LIMIT_DB_UNANSWERED + 10 };
    assert_ok(db_begin(db));
    for (int64_t i = 0; i < COUNT; i++) assert_ok(run_later(PUT, i, bytes_of("x", 1)));
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), COUNT);
    assert_ok(run_later("DELETE FROM item WHERE id < $1 AND body = $2", 10, bytes_of("x", 1)));
    assert_ok(run("UPDATE item SET body = NULL WHERE id = 11"));
    assert_ok(run_later(PUT " ON CONFLICT (id) DO UPDATE SET body = excluded.body RETURNING id", 11,
                        bytes_of("xyz", 3)));
    ck_assert_int_eq(number("SELECT CAST(sum(length(body)) AS BIGINT) AS n FROM item"), COUNT - 8);
    assert_ok(run_later(PUT, COUNT, bytes_of("x", 1)));
    assert_ok(db_commit(db));
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), COUNT - 9);
    assert_ok(db_begin(db));
    assert_ok(run_later(PUT, -1, bytes_of("x", 1)));
    db_rollback(db);
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item WHERE id < 0"), 0);
    close_all();
}
END_TEST

// More than the sockets between hold, in both directions.
START_TEST(large_values_run_later_do_not_block) {
    if (!open_with(_i, ITEMS)) return;
    static uint8_t large[256 * 1024];
    assert_ok(db_begin(db));
    for (int64_t i = 0; i < 32; i++)
        assert_ok(run_later(PUT " RETURNING body", i, BYTES_OF(large)));
    assert_ok(db_commit(db));
    ck_assert_int_eq(number("SELECT CAST(sum(length(body)) AS BIGINT) AS n FROM item"),
                     32 * (int64_t)sizeof large);
    close_all();
}
END_TEST

START_TEST(a_failure_of_what_is_run_later_is_told_before_it_is_committed) {
    if (!open_with(_i, ITEMS)) return;
    for (int reads = 0; reads < 2; reads++) {
        assert_ok(db_begin(db));
        assert_ok(run_later(PUT, 1, bytes_of("x", 1)));
        enum status status = run_later(PUT, 1, bytes_of("y", 1));
        if (status == STATUS_OK) status = run_later(PUT, 2, bytes_of("z", 1)); // skipped
        if (status == STATUS_OK) status = reads ? run("SELECT count(*) FROM item") : db_commit(db);
        assert_status(status, STATUS_EXISTS);
        ck_assert_ptr_nonnull(strstr(db_last_error(db), _i == TEST_SQLITE ? "UNIQUE" : "unique"));
        db_rollback(db);
        ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 0);
    }
    assert_ok(db_begin(db));
    struct db_statement *statement = prepared(PUT);
    db_bind_u64(statement, 1, (uint64_t)INT64_MAX + 1);
    assert_status(db_run_later(statement), STATUS_OVERFLOW);
    db_release(statement);
    assert_status(run_later(PUT, 1, bytes_of("x", 1)), STATUS_INVALID); // it is broken now
    db_rollback(db);
    close_all();
}
END_TEST

#define TABLE "item (id, name, body)"

static enum status put_row(int64_t id, const char *name, struct bytes body) {
    struct db_statement *statement;
    enum status status = db_prepare_rows(&statement, db, TABLE);
    if (status != STATUS_OK) return status;
    db_bind_i64(statement, 1, id);
    if (name) db_bind_string(statement, 2, name);
    if (body.data) db_bind_bytes(statement, 3, body);
    status = db_run_later(statement);
    db_release(statement);
    return status;
}

START_TEST(rows_that_are_kept_are_there_after_a_flush_and_a_commit) {
    if (!open_with(_i, ITEMS)) return;
    static const uint8_t all[] = {0, 1, 0xFF, '\'', '\\', 0};
    assert_ok(db_begin(db));
    assert_ok(put_row(INT64_MIN, "caf\xC3\xA9", BYTES_OF(all)));
    assert_ok(put_row(-1, NULL, bytes_of(NULL, 0)));
    assert_ok(run_later(PUT, 7, bytes_of("x", 1))); // as others do, between
    assert_ok(put_row(INT64_MAX, "", bytes_of("", 0)));
    assert_ok(db_flush_rows(db));
    assert_ok(db_flush_rows(db)); // there is nothing to do
    ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 4);
    assert_ok(put_row(8, NULL, bytes_of(NULL, 0)));
    assert_ok(db_commit(db));
    struct db_statement *select = prepared("SELECT id, name, body FROM item ORDER BY id");
    bool has_row;
    for (int i = 0; i < 5; i++) {
        static const int64_t ids[] = {INT64_MIN, -1, 7, 8, INT64_MAX};
        assert_ok(db_step(select, &has_row));
        ck_assert(has_row);
        ck_assert_int_eq(db_column_i64(select, "id"), ids[i]);
        ck_assert_int_eq(db_column_is_null(select, "name"), i > 0 && i < 4);
        ck_assert_int_eq(db_column_is_null(select, "body"), i == 1 || i == 3);
        if (i == 0) assert_bytes_equal(db_column_bytes(select, "body"), BYTES_OF(all));
        if (i == 0) assert_bytes_equal(db_column_text(select, "name"), bytes_of("caf\xC3\xA9", 5));
    }
    db_release(select);
    close_all();
}
END_TEST

START_TEST(rows_that_are_kept_are_bounded_and_go_with_their_transaction) {
    if (!open_with(_i, ITEMS)) return;
    static uint8_t large[100 * 1024];
    enum { COUNT = 5 * LIMIT_DB_KEPT_BYTES / sizeof large };
    assert_ok(db_begin(db));
    for (int64_t i = 0; i < COUNT; i++) assert_ok(put_row(i, "large", BYTES_OF(large)));
    ck_assert_int_ge(number("SELECT count(*) AS n FROM item"), COUNT / 2); // sent by themselves
    db_rollback(db);
    assert_ok(db_begin(db));
    assert_ok(put_row(COUNT, "small", bytes_of("x", 1)));
    db_rollback(db);
    assert_ok(db_begin(db));
    assert_ok(put_row(1, "small", bytes_of("x", 1)));
    assert_ok(db_commit(db));
    ck_assert_int_eq(number("SELECT sum(id) AS n FROM item"), 1);
    close_all();
}
END_TEST

START_TEST(rows_that_cannot_be_there_fail_at_the_latest_when_they_are_committed) {
    if (!open_with(_i, ITEMS)) return;
    struct db_statement *statement;
    for (int flushes = 0; flushes < 2; flushes++) {
        assert_ok(db_begin(db));
        enum status status = put_row(1, "one", bytes_of("x", 1));
        if (status == STATUS_OK) status = put_row(1, "two", bytes_of("x", 1));
        if (status == STATUS_OK) status = flushes ? db_flush_rows(db) : db_commit(db);
        assert_status(status, STATUS_EXISTS);
        db_rollback(db);
        ck_assert_int_eq(number("SELECT count(*) AS n FROM item"), 0);
    }
    assert_ok(db_begin(db));
    assert_status(put_row(1, "\xFF", bytes_of("x", 1)), STATUS_MALFORMED);
    assert_status(db_flush_rows(db), STATUS_INVALID);
    db_rollback(db);
    assert_status(db_prepare_rows(&statement, db, "item (nothing)"), STATUS_INVALID);
    close_all();
}
END_TEST

START_TEST(two_servers_share_a_database_by_schemas) {
    static const char *const schemas[] = {"mill", "bakery"};
    struct db *shared[2];
    char url[1400], sql[400];
    if (!open_with(TEST_POSTGRES, NULL)) return;
    char *own = strstr(database.url, "options=");
    ck_assert_ptr_nonnull(own);
    for (int i = 0; i < 2; i++) {
        snprintf(url, sizeof url, "%.*soptions=-csearch_path%%3D%s_%s", (int)(own - database.url),
                 database.url, database.place, schemas[i]);
        assert_ok(db_open(&shared[i], url));
        assert_ok(db_exec_script(shared[i], ITEMS));
    }
    for (int i = 0; i < 2; i++) {
        db_close(shared[i]);
        snprintf(sql, sizeof sql, "DROP SCHEMA %s_%s CASCADE;", database.place, schemas[i]);
        assert_ok(db_exec_script(db, sql));
    }
    close_all();
}
END_TEST

// Ends the server's side of the connection, as a restart would.
static void cut(void) {
    struct db *admin;
    int64_t process = number("SELECT pg_backend_pid() AS n");
    struct db_statement *kill;
    assert_ok(db_open(&admin, database.url));
    assert_ok(db_prepare(&kill, admin, "SELECT pg_terminate_backend(CAST($1 AS INTEGER), 5000)"));
    db_bind_i64(kill, 1, process);
    assert_ok(db_run(kill));
    db_close(admin);
}

START_TEST(a_lost_connection_is_opened_again_after_the_transaction) {
    if (!open_with(TEST_POSTGRES, ITEMS)) return;
    struct db_statement *insert = prepared("INSERT INTO item (id) VALUES ($1)");
    db_bind_i64(insert, 1, 1);
    assert_ok(db_run(insert));
    assert_ok(db_begin(db));
    cut();
    db_bind_i64(insert, 1, 2);
    assert_status(db_run(insert), STATUS_UNAVAILABLE);
    assert_status(db_run(insert), STATUS_INVALID);
    db_rollback(db);
    assert_ok(db_begin(db));
    db_rollback(db);
    // While nothing is going on: the next transaction doesn't notice.
    cut();
    assert_ok(db_begin(db));
    db_bind_i64(insert, 1, 3);
    assert_ok(db_run(insert));
    assert_ok(db_commit(db));
    db_release(insert);
    ck_assert_int_eq(number("SELECT sum(id) AS n FROM item"), 4);
    assert_ok(db_begin(db));
    assert_ok(run("INSERT INTO item (id) VALUES (5)"));
    cut();
    assert_status(db_commit(db), STATUS_UNAVAILABLE);
    assert_ok(db_begin(db));
    assert_ok(run_later(PUT, 6, bytes_of("x", 1)));
    cut();
    enum status status = STATUS_OK;
    for (int64_t i = 7; status == STATUS_OK; i++) status = run_later(PUT, i, bytes_of("x", 1));
    assert_status(status, STATUS_UNAVAILABLE);
    assert_status(db_commit(db), STATUS_INVALID);
    ck_assert_int_eq(number("SELECT sum(id) AS n FROM item"), 4);
    assert_ok(db_begin(db));
    assert_ok(put_row(6, NULL, bytes_of("x", 1)));
    cut();
    assert_status(db_commit(db), STATUS_UNAVAILABLE);
    ck_assert_int_eq(number("SELECT sum(id) AS n FROM item"), 4);
    close_all();
}
END_TEST

Suite *db_suite(void) {
    Suite *suite = suite_create("db");
    TCase *cases = tcase_create("db");
    tcase_set_timeout(cases, 30);
    tcase_add_loop_test(cases, every_type_of_value_reads_back, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, values_that_cannot_be_stored_are_refused, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, broken_constraints_tell_a_second_one_from_the_rest, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, wrong_sql_is_refused_when_prepared, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_transaction_holds_whole_or_not_at_all, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_durable_connection_of_sqlite_waits_for_the_disk, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, what_is_run_later_is_seen_by_what_comes_behind, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, rows_that_are_kept_are_there_after_a_flush_and_a_commit, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, rows_that_are_kept_are_bounded_and_go_with_their_transaction, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, rows_that_cannot_be_there_fail_at_the_latest_when_they_are_committed,
                        0, TEST_ENGINES);
    tcase_add_loop_test(cases, large_values_run_later_do_not_block, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_failure_of_what_is_run_later_is_told_before_it_is_committed, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, after_a_failure_inside_a_transaction_only_rolling_back_helps, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, a_script_holds_whole_or_not_at_all, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_statement_in_use_is_not_handed_out_again, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, the_cache_of_statements_is_bounded, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_statement_survives_a_change_of_the_schema, 0, TEST_ENGINES);
    tcase_add_test(cases, what_is_no_database_is_refused);
    tcase_add_test(cases, two_servers_share_a_database_by_schemas);
    tcase_add_test(cases, a_lost_connection_is_opened_again_after_the_transaction);
    suite_add_tcase(suite, cases);
    return suite;
}

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, db_suite());
    srunner_add_suite(runner, dialect_suite());
    srunner_add_suite(runner, numeric_suite());
    srunner_add_suite(runner, pool_suite());
    srunner_add_suite(runner, shadow_suite());
}
