// SPDX-License-Identifier: Apache-2.0
// A database that answers nobody for a while: the server's other answers come all the same.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "apps/supplychain/test/capturing.h"
#include "chaincore/base/clock.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

enum { ASKING = 12, PATIENCE_MS = 30000 }; // three for each thread of the server's connections

static struct test_database database;
static struct db *holder; // of a lock that every read of events has to wait for
static atomic_int answered;

struct asking {
    pthread_t thread;
    const char *path;
    long status;
};

static void *run(void *argument) {
    struct asking *asking = argument;
    struct reply reply;
    server_ask(&server, &(struct ask){.path = asking->path}, &reply);
    asking->status = reply.status;
    reply_clear(&reply);
    answered++;
    return NULL;
}

// Of this database's tables: other tests' wait for theirs.
static int64_t count_waiting(void) {
    struct db *db;
    struct db_statement *statement;
    bool has_row;
    assert_ok(db_open(&db, database.url));
    assert_ok(
        db_prepare(&statement, db,
                   "SELECT count(*) AS n FROM pg_locks JOIN pg_class ON pg_class.oid = relation "
                   "WHERE NOT granted AND relnamespace = current_schema()::regnamespace"));
    assert_ok(db_step(statement, &has_row));
    int64_t count = db_column_i64(statement, "n");
    db_release(statement);
    db_close(db);
    return count;
}

static void begin_asking(struct asking *all, const char *path, int waiting) {
    uint64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;
    for (int i = 0; i < ASKING; i++) {
        all[i] = (struct asking){.path = path};
        ck_assert_int_eq(pthread_create(&all[i].thread, NULL, run, &all[i]), 0);
    }
    while (count_waiting() < waiting) ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
}

// What needs no database is answered while those that wait for one still do.
static void check_others(int waiting) {
    static const char *const paths[] = {"/livez", "/v1/chain", "/metrics"};
    for (int i = 0; i < ASKING; i++) {
        struct reply reply;
        server_ask(&server, &(struct ask){.path = paths[i % 3]}, &reply);
        ck_assert_int_eq(reply.status, 200);
        reply_clear(&reply);
    }
    ck_assert_int_eq(count_waiting(), waiting);
    ck_assert_int_le(answered, ASKING - waiting);
}

static void check_hung(const char *path, int waiting) {
    struct asking all[ASKING];
    if (!test_database_open(&database, TEST_POSTGRES)) return;
    server_init(&server, "./lmm-supplychain");
    server.index = database.url;
    server_start(&server);
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    assert_ok(db_open(&holder, database.url));
    assert_ok(db_begin(holder));
    assert_ok(db_exec_script(holder, "LOCK TABLE event IN ACCESS EXCLUSIVE MODE"));
    begin_asking(all, path, waiting);
    check_others(waiting);
    db_rollback(holder);
    db_close(holder);
    for (int i = 0; i < ASKING; i++) {
        pthread_join(all[i].thread, NULL);
        ck_assert(all[i].status == 200 || all[i].status == 503);
    }
    ck_assert_uint_eq(count_events(""), 1);
    server_stop(&server);
    server_clear(&server);
    test_database_close(&database);
}

START_TEST(searches_that_hang_hold_up_nothing_else) { check_hung("/events", 2); }
END_TEST

START_TEST(look_ups_that_hang_hold_up_nothing_else) { check_hung("/v1/events/1-0-0", 4); }
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain hung");
    TCase *cases = tcase_create("hung");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, searches_that_hang_hold_up_nothing_else);
    tcase_add_test(cases, look_ups_that_hang_hold_up_nothing_else);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
