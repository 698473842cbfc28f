// SPDX-License-Identifier: Apache-2.0
// Rows that are made beside those that are there: to take their place, and to be compared.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apps/common/db/pool.h"
#include "apps/common/index/progress.h"
#include "apps/common/index/verify.h"
#include "tests/joint/index_fixture.h"
#include "tests/support/unit.h"

static void await_rebuild(void) {
    while (index_is_rebuilding(index_)) breathe();
}

// What tells the old rows from new ones.
static void mark_rows(void) {
    assert_ok(db_exec_script(outside, "UPDATE seen SET txs = txs + 100"));
}
static uint64_t marked(void) { return number("SELECT count(*) AS n FROM seen WHERE txs >= 100"); }

START_TEST(old_rows_answer_and_are_followed_until_new_ones_take_their_place) {
    if (!begin(_i)) return;
    make_blocks(LIMIT_INDEX_BATCH + 5);
    await_index();
    close_index();
    mark_rows();
    uint64_t old = head();
    script.committed = script.skipped = script.applied = 0;
    assert_ok(open_index(true));
    ck_assert(index_is_rebuilding(index_));
    ck_assert_uint_eq(index_height(index_), old);
    check_rows(old);
    ck_assert_uint_eq(marked(), old);
    // A reader inside a transaction keeps the swap away, on PostgreSQL: what comes meanwhile is
    // followed in the old rows.
    struct db *reader;
    struct db_pool *pool;
    struct db_statement *statement;
    bool has_row;
    assert_ok(db_pool_open(&pool, database.url, 1));
    assert_ok(db_pool_take(&reader, pool, 0));
    assert_ok(db_begin(reader));
    assert_ok(db_prepare(&statement, reader,
                         "SELECT count(*) AS n FROM seen, index_state WHERE txs >= 100"));
    assert_ok(db_step(statement, &has_row));
    assert_ok(index_start(index_));
    make_blocks(3);
    await_index();
    check_rows(head());
    if (_i == TEST_POSTGRES) ck_assert_uint_eq(marked(), old);
    assert_ok(db_step(statement, &has_row));
    db_reset(statement);
    assert_ok(db_step(statement, &has_row));
    ck_assert_uint_eq(db_column_u64(statement, "n"), old); // of one moment
    db_release(statement);
    db_pool_give(pool, reader);
    await_rebuild();
    ck_assert_uint_eq(marked(), 0);
    check_rows(head());
    make_blocks(2);
    await_index();
    check_rows(head());
    while (script.committed < 5) breathe();
    ck_assert_int_eq(script.committed, 5); // no news of rows that were there
    ck_assert_int_eq(script.skipped, 0);
    ck_assert_int_ge(script.applied, (int)head());
    db_pool_close(pool);
    end();
}
END_TEST

START_TEST(a_rebuild_that_is_stopped_leaves_the_old_rows) {
    if (!begin(_i)) return;
    make_blocks(3);
    await_index();
    close_index();
    mark_rows();
    uint64_t old = head();
    script.fails = 1; // so that the rows beside them are never whole
    start_index(true);
    while (script.tries < 2) breathe();
    ck_assert(index_is_rebuilding(index_));
    ck_assert(index_is_healthy(index_));
    close_index();
    check_rows(old);
    ck_assert_uint_eq(marked(), old);
    script.fails = 0;
    start_index(false);
    ck_assert(!index_is_rebuilding(index_));
    make_blocks(1);
    await_index();
    check_rows(head());
    ck_assert_uint_eq(marked(), old);
    end();
}
END_TEST

#if !defined __SANITIZE_THREAD__ // which starts no threads behind a fork
// A process that is killed somewhere between the first row of a rebuild and a while after its end.
enum { TURNS = 16 };
static void rebuild_and_die(int turn) {
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct index_config config = {
            .node = fixture.node, .url = database.url, .projection = &projection, .rebuild = true};
        if (index_open(&index_, &config) != STATUS_OK || index_start(index_) != STATUS_OK) _exit(1);
        while (script.applied < turn * 11 && index_is_rebuilding(index_)) sched_yield();
        // By the clock: thousands of yields take minutes where others want the processor. The last
        // turn waits for the new rows.
        const struct timespec wait = {.tv_nsec = turn % 4 * 1000 * 1000 + 1};
        nanosleep(&wait, NULL);
        while (turn == TURNS - 1 && index_is_rebuilding(index_)) nanosleep(&wait, NULL);
        raise(SIGKILL);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

START_TEST(a_kill_leaves_the_old_rows_or_the_new_ones_whole) {
    if (!begin(_i)) return;
    make_blocks(2 * LIMIT_INDEX_BATCH);
    await_index();
    close_index();
    node_stop(fixture.node); // a thread of it would not be there behind a fork
    int old_ones = 0, new_ones = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        assert_ok(db_exec_script(outside, "UPDATE seen SET txs = txs % 100 + 100"));
        script.applied = 0;
        rebuild_and_die(turn);
        check_rows(head());
        uint64_t left = marked();
        ck_assert_msg(left == 0 || left == head(), "a mix of %d", (int)left);
        left == 0 ? new_ones++ : old_ones++;
        assert_ok(open_index(false)); // and nothing is in the way of the next start
        ck_assert_uint_eq(index_height(index_), head());
        close_index();
        ck_assert_uint_eq(marked(), left);
    }
    ck_assert_int_gt(old_ones, 0);
    ck_assert_int_gt(new_ones, 0);
    end();
}
END_TEST
#endif

START_TEST(a_connection_lost_in_a_rebuild_begins_it_anew) {
    if (!begin(TEST_POSTGRES)) return;
    make_blocks(5);
    await_index();
    close_index();
    mark_rows();
    script.cuts = 2;
    start_index(true);
    await_rebuild();
    ck_assert_int_eq(script.cuts, 0);
    ck_assert_uint_eq(marked(), 0);
    check_rows(head());
    end();
}
END_TEST

// ---- comparing with the chain

static enum status verify(struct index_verdict *out) {
    return index_verify(out, &(struct index_config){.node = fixture.node,
                                                    .url = database.url,
                                                    .projection = &projection});
}

static bool tells(struct index_verdict *verdict, const char *text) {
    return strstr(buf_as_string(&verdict->text), text) != NULL;
}

START_TEST(rows_that_differ_from_the_chain_are_named) {
    struct index_verdict verdict;
    if (!begin(_i)) return;
    make_blocks(LIMIT_INDEX_BATCH + 20);
    await_index();
    uint64_t height = head();
    close_index();
    assert_ok(verify(&verdict));
    ck_assert_uint_eq(verdict.differences, 0);
    ck_assert_uint_eq(verdict.height, height);
    ck_assert_uint_eq(verdict.tables, 2);
    ck_assert_uint_eq(verdict.rows, height + 1);
    index_verdict_clear(&verdict);
    assert_ok(db_exec_script(outside, "UPDATE seen SET txs = 77 WHERE height = 3;"
                                      "DELETE FROM seen WHERE height = 5;"
                                      "INSERT INTO seen VALUES (5000, 0)"));
    for (int i = 0; i < 2; i++) { // it changes nothing
        assert_ok(verify(&verdict));
        ck_assert_uint_eq(verdict.differences, 4);
        ck_assert(tells(&verdict, "seen, only in the index: height=3 txs=77\n"));
        ck_assert(tells(&verdict, "seen, only by the chain: height=3 txs=1\n"));
        ck_assert(tells(&verdict, "seen, only by the chain: height=5 txs=1\n"));
        ck_assert(tells(&verdict, "seen, only in the index: height=5000 txs=0\n"));
        index_verdict_clear(&verdict);
    }
    assert_ok(db_exec_script(outside, "UPDATE seen SET txs = 9"));
    assert_ok(verify(&verdict));
    int lines = 0;
    for (const char *at = buf_as_string(&verdict.text); *at; at++) lines += *at == '\n';
    ck_assert_int_eq(lines, 2 * LIMIT_INDEX_DIFFERENCES);
    ck_assert_uint_ge(verdict.differences, 2 * height - 1);
    index_verdict_clear(&verdict);
    end();
}
END_TEST

START_TEST(rows_that_cannot_be_compared_are_refused) {
    struct index_verdict verdict;
    if (!begin(_i)) return;
    make_blocks(2);
    await_index();
    close_index();
    assert_ok(db_exec_script(outside, "UPDATE index_state SET version = chain_id"));
    assert_status(verify(&verdict), STATUS_UNSUPPORTED);
    assert_ok(db_exec_script(outside, "UPDATE index_state SET block_id = chain_id"));
    assert_status(verify(&verdict), STATUS_CONFLICT);
    assert_ok(db_exec_script(outside, "DELETE FROM index_state"));
    assert_status(verify(&verdict), STATUS_NOT_FOUND);
    end();
}
END_TEST

// ---- telling how far it is

static void check_bar(struct progress_figures figures, const char *expected) {
    struct buf out = {0};
    progress_append_bar(&out, "rows", &figures);
    ck_assert_str_eq(buf_as_string(&out), expected);
    buf_clear(&out);
}

START_TEST(a_bar_tells_height_speed_and_what_remains) {
    check_bar(
        (struct progress_figures){.height = 250, .head = 1000, .done = 200, .elapsed_ms = 500},
        "rows [######..................] 250/1000  400 blocks/s  2 s left");
    check_bar((struct progress_figures){.height = 0, .head = 1000, .done = 0, .elapsed_ms = 900},
              "rows [........................] 0/1000  0 blocks/s  ? left");
    check_bar((struct progress_figures){.height = 9, .head = 9, .done = 9, .elapsed_ms = 1000},
              "rows [########################] 9/9  9 blocks/s  0 s left");
    check_bar(
        (struct progress_figures){
            .height = 1000, .head = 361000, .done = 1000, .elapsed_ms = 20000},
        "rows [........................] 1000/361000  50 blocks/s  2 h left");
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("rebuild");
    TCase *cases = tcase_create("rebuild");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, old_rows_answer_and_are_followed_until_new_ones_take_their_place, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, a_rebuild_that_is_stopped_leaves_the_old_rows, 0, TEST_ENGINES);
#if !defined __SANITIZE_THREAD__
    tcase_add_loop_test(cases, a_kill_leaves_the_old_rows_or_the_new_ones_whole, 0, TEST_ENGINES);
#endif
    tcase_add_test(cases, a_connection_lost_in_a_rebuild_begins_it_anew);
    tcase_add_loop_test(cases, rows_that_differ_from_the_chain_are_named, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, rows_that_cannot_be_compared_are_refused, 0, TEST_ENGINES);
    tcase_add_test(cases, a_bar_tells_height_speed_and_what_remains);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
