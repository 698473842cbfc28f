// SPDX-License-Identifier: Apache-2.0
// The rows of the index: the same on every engine, after a rebuild, after a kill.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/test/capturing.h"
#include "apps/supplychain/test/row_dump.h"
#include "chaincore/chaincore.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}
static void tear_down(void) { server_clear(&server); }

// All rows of the index as one text, from the database itself.
static char *dump_rows(void) {
    struct db *db;
    struct buf out = {0};
    char url[1024];
    if (server.index)
        snprintf(url, sizeof url, "%s", server.index);
    else
        snprintf(url, sizeof url, "sqlite:%s/data/index.db", server.folder);
    assert_ok(db_open(&db, url));
    rows_dump(&out, db);
    db_close(db);
    char *text = strdup(buf_as_string(&out));
    buf_clear(&out);
    ck_assert_uint_gt(strlen(text), 10000); // it is of something
    return text;
}

static void capture_some(void) {
    struct buf large = {0}, longest = {0};
    make_long(&longest, 2048);
    capture_well(buf_bytes(&longest));
    buf_clear(&longest);
    make_large(&large, 700);
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, "") "," EVENT("", EPC_B, ""))));
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, CORRECTION))));
    capture_well(buf_bytes(&large));
    json_decref(capture_job(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_B, "")))));
    buf_clear(&large);
}

START_TEST(an_index_dropped_and_rebuilt_has_the_same_rows) {
    capture_some();
    char *before = dump_rows();
    server_stop(&server);
    server.rebuild_index = true;
    server_start(&server);
    char *after = dump_rows();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

static char *read_output(void) {
    char path[112];
    struct buf out = {0};
    snprintf(path, sizeof path, "%s/out", server.folder);
    assert_ok(file_read(&out, path, 1 << 20));
    char *text = strdup(buf_as_string(&out));
    buf_clear(&out);
    return text;
}

static void change_rows(const char *url, const char *sql) {
    struct db *db;
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, sql));
    db_close(db);
}

START_TEST(rows_that_are_not_the_chains_are_named_and_mended) {
    struct test_database database;
    if (!test_database_open(&database, _i)) return;
    server_stop(&server);
    server.index = database.url;
    server_start(&server);
    capture_some();
    server_stop(&server);
    char *before = dump_rows();
    server.flags[0] = "--verify-index";
    ck_assert_int_eq(server_fail(&server), 0);
    char *output = read_output();
    ck_assert_ptr_nonnull(strstr(output, "The index says what the chain says: "));
    free(output);
    change_rows(database.url,
                "UPDATE event SET biz_step = 'retail_selling' WHERE is_declaration = 1");
    ck_assert_int_eq(server_fail(&server), 1);
    output = read_output();
    ck_assert_ptr_nonnull(strstr(output, "event, only in the index: height="));
    ck_assert_ptr_nonnull(strstr(output, " biz_step=\"retail_selling\""));
    ck_assert_ptr_nonnull(strstr(output, "event, only by the chain: height="));
    ck_assert_ptr_nonnull(strstr(output, "The index differs from the chain: "));
    free(output);
    server.flags[0] = NULL;
    server.rebuild_index = true;
    server_start(&server);
    server_stop(&server);
    char *after = dump_rows();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    test_database_close(&database);
}
END_TEST

START_TEST(rows_of_a_chain_that_is_gone_are_refused) {
    char command[160];
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    server_stop(&server);
    snprintf(command, sizeof command, "rm -r %s/data/chain", server.folder);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(server_fail(&server), 5); // docs/devnet.md: other data
    server.rebuild_index = true;
    server_start(&server);
    ck_assert_uint_eq(count_events(""), 0);
}
END_TEST

START_TEST(sqlite_and_postgresql_have_the_same_rows) {
    struct test_database database;
    if (!test_database_open(&database, TEST_POSTGRES)) return;
    capture_some();
    char *before = dump_rows();
    server_stop(&server);
    server.index = database.url;
    server_start(&server);
    char *after = dump_rows();
    ck_assert_str_eq(before, after);
    ck_assert_uint_eq(count_events("?MATCH_epc=" EPC_A), 2);
    server_stop(&server);
    test_database_close(&database);
    free(before);
    free(after);
}
END_TEST

START_TEST(what_is_final_survives_a_kill) {
    capture_some();
    char *before = dump_rows();
    server_kill(&server);
    server_start(&server);
    char *after = dump_rows();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain rows");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_index_dropped_and_rebuilt_has_the_same_rows);
    tcase_add_loop_test(cases, rows_that_are_not_the_chains_are_named_and_mended, 0, TEST_ENGINES);
    tcase_add_test(cases, rows_of_a_chain_that_is_gone_are_refused);
    tcase_add_test(cases, sqlite_and_postgresql_have_the_same_rows);
    tcase_add_test(cases, what_is_final_survives_a_kill);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
