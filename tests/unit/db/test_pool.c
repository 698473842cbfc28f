// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>

#include "apps/common/db/pool.h"
#include "chaincore/base/log.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"
#include "tests/unit/db/suites.h"

enum { READERS = 4, ROUNDS = 100 };

static struct test_database database;
static struct db *writer;
static struct db_pool *pool;

static bool open_with(int engine, unsigned size) {
    if (!test_database_open(&database, engine)) return false;
    assert_ok(db_open(&writer, database.url));
    assert_ok(
        db_exec_script(writer, "CREATE TABLE t (a BIGINT NOT NULL); INSERT INTO t VALUES (1)"));
    assert_ok(db_pool_open(&pool, database.url, size));
    return true;
}

static void close_all(void) {
    db_pool_close(pool);
    db_close(writer);
    test_database_close(&database);
}

static enum status run(struct db *db, const char *sql) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, sql);
    if (status == STATUS_OK) status = db_run(statement);
    db_release(statement);
    return status;
}

static enum status read_sum(struct db *db, int64_t *out) {
    struct db_statement *statement;
    bool has_row;
    enum status status;
    TRY(db_prepare(&statement, db, "SELECT sum(a) AS n FROM t"));
    TRY(db_step(statement, &has_row));
    *out = db_column_i64(statement, "n");
out:
    db_release(statement);
    return status;
}

START_TEST(connections_are_shared_and_bounded) {
    if (!open_with(_i, 2)) return;
    struct db *a, *b, *c;
    int64_t sum;
    assert_ok(db_pool_take(&a, pool, 0));
    assert_ok(db_pool_take(&b, pool, 0));
    assert_status(db_pool_take(&c, pool, 1), STATUS_BUSY);
    ck_assert_ptr_null(c);
    assert_ok(read_sum(a, &sum));
    ck_assert_int_eq(sum, 1);
    db_pool_give(pool, a);
    assert_ok(db_pool_take(&c, pool, 0));
    ck_assert_ptr_eq(c, a);
    db_pool_give(pool, b);
    db_pool_give(pool, c);
    db_pool_give(pool, NULL);
    close_all();
}
END_TEST

START_TEST(a_reader_cannot_write) {
    if (!open_with(_i, 1)) return;
    struct db *reader;
    int64_t sum;
    assert_ok(db_pool_take(&reader, pool, 0));
    assert_status(run(reader, "INSERT INTO t VALUES (5)"), STATUS_UNAUTHORIZED);
    assert_status(run(reader, "DROP TABLE t"), STATUS_UNAUTHORIZED);
    assert_ok(read_sum(reader, &sum));
    ck_assert_int_eq(sum, 1);
    db_pool_give(pool, reader);
    close_all();
}
END_TEST

// Counts without end.
static enum status run_for_ever(struct db *db) {
    return run(db, "WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 - n / 1000 FROM up) "
                   "SELECT count(*) FROM up");
}

START_TEST(a_query_without_end_is_ended) {
    if (!open_with(_i, 1)) return;
    struct db *reader;
    int64_t sum;
    assert_ok(db_pool_take(&reader, pool, 0));
    assert_ok(db_set_timeout(reader, 20));
    assert_status(run_for_ever(reader), STATUS_TIMEOUT);
    assert_ok(read_sum(reader, &sum));
    db_pool_give(pool, reader);
    assert_ok(db_set_timeout(writer, 20));
    assert_ok(db_begin(writer));
    assert_status(run_for_ever(writer), STATUS_TIMEOUT);
    db_rollback(writer);
    assert_ok(db_set_timeout(writer, 0));
    assert_ok(run(writer, "INSERT INTO t VALUES (3)"));
    close_all();
}
END_TEST

START_TEST(a_reader_sees_one_snapshot_until_it_is_given_back) {
    if (!open_with(_i, 1)) return;
    struct db *reader;
    int64_t sum;
    assert_ok(db_pool_take(&reader, pool, 0));
    assert_ok(db_begin(reader));
    assert_ok(read_sum(reader, &sum));
    assert_ok(run(writer, "INSERT INTO t VALUES (10)"));
    assert_ok(read_sum(reader, &sum));
    ck_assert_int_eq(sum, 1);
    db_pool_give(pool, reader); // with the transaction open
    assert_ok(db_pool_take(&reader, pool, 0));
    assert_ok(read_sum(reader, &sum));
    ck_assert_int_eq(sum, 11);
    db_pool_give(pool, reader);
    close_all();
}
END_TEST

// Each transaction of the writer adds a pair that sums up to nothing: whoever sees half of one
// sees another sum.
static void *read_often(void *unused) {
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct db *db;
        int64_t sum = 0;
        if (db_pool_take(&db, pool, 10000) != STATUS_OK) return "no connection";
        if (read_sum(db, &sum) != STATUS_OK) return "no sum";
        if (sum != 1) return "half a transaction";
        db_pool_give(pool, db);
    }
    return NULL;
}

START_TEST(threads_read_while_one_writes) {
    if (!open_with(_i, 2)) return;
    pthread_t threads[READERS];
    for (int i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_often, NULL), 0);
    for (int i = 0; i < ROUNDS; i++) {
        assert_ok(db_begin(writer));
        assert_ok(run(writer, "INSERT INTO t VALUES (7)"));
        assert_ok(run(writer, "INSERT INTO t VALUES (-7)"));
        assert_ok(db_commit(writer));
    }
    for (int i = 0; i < READERS; i++) {
        void *complaint;
        pthread_join(threads[i], &complaint);
        ck_assert_msg(!complaint, "%s", (const char *)complaint);
    }
    close_all();
}
END_TEST

START_TEST(a_pool_can_be_made_before_its_database) {
    struct db *db;
    log_set_level(LOG_ERROR);
    assert_status(db_pool_open(&pool, "nothing:", 1), STATUS_UNSUPPORTED);
    assert_ok(db_pool_open(&pool, "sqlite:/nowhere/db", 1));
    // Twice: a failure gives its place back.
    assert_status(db_pool_take(&db, pool, 0), STATUS_UNAVAILABLE);
    assert_status(db_pool_take(&db, pool, 0), STATUS_UNAVAILABLE);
    db_pool_close(pool);
    db_pool_close(NULL);
}
END_TEST

START_TEST(a_reader_notices_nothing_of_a_lost_connection) {
    if (!open_with(TEST_POSTGRES, 1)) return;
    struct db *reader;
    int64_t sum;
    assert_ok(db_pool_take(&reader, pool, 0));
    assert_ok(read_sum(reader, &sum));
    assert_ok(run(writer, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                          "WHERE pid <> pg_backend_pid() AND query LIKE 'SELECT sum(a) AS n%'"));
    assert_ok(read_sum(reader, &sum));
    ck_assert_int_eq(sum, 1);
    db_pool_give(pool, reader);
    close_all();
}
END_TEST

Suite *pool_suite(void) {
    Suite *suite = suite_create("pool");
    TCase *cases = tcase_create("pool");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, connections_are_shared_and_bounded, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_reader_cannot_write, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_query_without_end_is_ended, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_reader_sees_one_snapshot_until_it_is_given_back, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, threads_read_while_one_writes, 0, TEST_ENGINES);
    tcase_add_test(cases, a_pool_can_be_made_before_its_database);
    tcase_add_test(cases, a_reader_notices_nothing_of_a_lost_connection);
    suite_add_tcase(suite, cases);
    return suite;
}
