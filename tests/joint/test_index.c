// SPDX-License-Identifier: Apache-2.0
// The index over a real node and a real database of either engine: rows and their place move
// together, whatever fails in between.
#include <stdio.h>
#include <unistd.h>

#include "tests/joint/index_fixture.h"
#include "tests/support/unit.h"

START_TEST(rows_and_their_place_move_together) {
    if (!begin(_i)) return;
    make_blocks(5);
    await_index();
    check_rows(head());
    script.fails = 1;
    uint64_t before = head();
    make_blocks(1);
    while (script.tries < 2) breathe(); // written, and rolled back, and written again
    check_rows(before);
    ck_assert_uint_eq(index_height(index_), before);
    while (index_is_healthy(index_)) breathe();
    script.fails = 0;
    await_index();
    while (!index_is_healthy(index_)) breathe();
    check_rows(before + 1);
    end();
}
END_TEST

START_TEST(a_restart_goes_on_where_the_rows_are) {
    if (!begin(_i)) return;
    make_blocks(3);
    await_index();
    script.fails = 1;
    make_blocks(1);
    while (script.tries < 1) breathe();
    close_index(); // in the middle of a block
    script.fails = 0;
    check_rows(head() - 1);
    make_blocks(2);
    start_index(false);
    await_index();
    check_rows(head());
    while (script.committed < (int)head()) breathe();
    ck_assert_int_eq(script.committed, (int)head()); // each told once
    end();
}
END_TEST

static void open_as(const struct index_projection *other) {
    struct index_config config = {.node = fixture.node, .url = database.url, .projection = other};
    assert_ok(index_open(&index_, &config));
    assert_ok(index_start(index_));
    await_index();
}

START_TEST(rows_that_another_program_made_otherwise_are_made_again) {
    if (!begin(_i)) return;
    make_blocks(3);
    await_index();
    struct index_projection others[] = {projection, projection, projection};
    others[0].version++;
    others[1].schema = "CREATE TABLE seen (height BIGINT NOT NULL PRIMARY KEY,"
                       " txs BIGINT NOT NULL, more BIGINT)";
    others[2].rules = bytes_of_string("what else decides");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        for (int run = 0; run < 2; run++) {
            close_index();
            script.applied = 0;
            open_as(&others[i]);
            check_rows(head());
            ck_assert_int_eq(script.applied, run == 0 ? (int)head() : 0);
        }
    }
    end();
}
END_TEST

START_TEST(rows_of_another_chain_are_refused) {
    if (!begin(_i)) return;
    make_blocks(2);
    await_index();
    close_index();
    assert_ok(db_exec_script(outside, "UPDATE index_state SET block_id = chain_id"));
    ck_assert_int_eq(open_index(false), STATUS_CONFLICT);
    start_index(true); // who says so may drop them
    await_index();
    check_rows(head());
    end();
}
END_TEST

// What a database does that loses its last commits with its machine.
START_TEST(commits_that_the_database_lost_are_made_again) {
    if (!begin(_i)) return;
    struct db_statement *statement;
    struct hash old_id;
    bool has_row;
    make_blocks(2);
    await_index();
    uint64_t kept = number("SELECT height AS n FROM index_state");
    assert_ok(db_prepare(&statement, outside, "SELECT block_id FROM index_state"));
    assert_ok(db_step(statement, &has_row));
    memcpy(old_id.bytes, db_column_bytes(statement, "block_id").data, sizeof old_id.bytes);
    db_release(statement);
    make_blocks(3);
    await_index();
    assert_ok(db_begin(outside));
    assert_ok(db_prepare(&statement, outside, "UPDATE index_state SET height = $1, block_id = $2"));
    db_bind_u64(statement, 1, kept);
    db_bind_bytes(statement, 2, BYTES_OF(old_id.bytes));
    assert_ok(db_run(statement));
    db_release(statement);
    assert_ok(db_prepare(&statement, outside, "DELETE FROM seen WHERE height > $1"));
    db_bind_u64(statement, 1, kept);
    assert_ok(db_run(statement));
    ck_assert_uint_ge(db_changes(statement), 3);
    db_release(statement);
    assert_ok(db_commit(outside));
    make_blocks(1);
    while (number("SELECT height AS n FROM index_state") < head()) breathe();
    check_rows(head());
    ck_assert(index_is_healthy(index_));
    end();
}
END_TEST

// The answer to a commit is lost with the connection: the rows are there, and so are the news.
START_TEST(what_a_commit_in_doubt_has_written_is_told_of) {
    if (!begin(_i)) return;
    make_blocks(2);
    await_index();
    script.doubts = 3;
    make_blocks(6);
    await_index();
    ck_assert_int_eq(script.doubts, 0);
    check_rows(head());
    while (script.committed < (int)head()) breathe();
    ck_assert_int_eq(script.committed, (int)head()); // each once
    ck_assert_int_eq(script.skipped, 0);
    end();
}
END_TEST

// Rows without a cursor are nobody's.
static void start_from_nothing(void) {
    assert_ok(db_exec_script(outside, "DROP TABLE index_state"));
    start_index(false);
}

static void catch_up_anew(void) {
    script.commits = script.committed = script.skipped = 0;
    script.applied = script.applied_prepared = 0;
    start_from_nothing();
    await_index();
    check_rows(head());
}

START_TEST(blocks_far_behind_share_a_transaction) {
    if (!begin(_i)) return;
    await_index();
    close_index();
    make_blocks(3 * LIMIT_INDEX_BATCH + 2); // the last two are near
    int height = (int)head(), shared = (height - 1) / LIMIT_INDEX_BATCH;
    catch_up_anew();
    close_index();
    ck_assert_int_eq(script.applied, height); // each once
    ck_assert_int_eq(script.applied_prepared, shared * LIMIT_INDEX_BATCH);
    ck_assert_int_eq(script.skipped, shared);
    ck_assert_int_eq(script.committed, height - shared * LIMIT_INDEX_BATCH);
    ck_assert_int_eq(script.commits, shared + script.committed);
    script.doubts = 1; // a shared commit holds and nobody hears of it
    catch_up_anew();
    close_index();
    ck_assert_int_eq(script.doubts, 0);
    script.cuts = _i == TEST_POSTGRES ? 1 : 0; // the connection is lost between
    catch_up_anew();
    close_index();
    ck_assert_int_eq(script.cuts, 0);
    script.fails = 1;
    script.tries = 0;
    script.applied = 0;
    start_from_nothing();
    while (script.tries < 3) breathe();
    check_rows(0); // nothing of what was shared, nor of the first alone
    script.fails = 0;
    await_index();
    check_rows((uint64_t)height);
    close_index();
    ck_assert_int_eq(script.prepared, 0);
    end();
}
END_TEST

START_TEST(two_servers_on_one_database_take_turns) {
    if (!begin(_i)) return;
    struct index *first = index_;
    start_index(false);
    make_blocks(20);
    await_index();
    while (index_height(first) < head()) breathe();
    check_rows(head());
    // Each block's news are told by whoever wrote its rows; the other says that it missed some.
    while (script.committed < (int)head()) breathe();
    ck_assert_int_eq(script.committed, (int)head());
    while (script.skipped == 0) breathe();
    index_close(first);
    end();
}
END_TEST

// The database behind a folder of its socket that can come and go.
struct door {
    char folder[80], socket[256];
    char url[1024];
};

static void door_make(struct door *door) {
    const char *host = strstr(database.url, "host="), *end = strchr(host, '&');
    ck_assert_ptr_nonnull(host);
    ck_assert_ptr_nonnull(end);
    host += strlen("host=");
    snprintf(door->socket, sizeof door->socket, "%.*s", (int)(end - host), host);
    snprintf(door->folder, sizeof door->folder, "%s.door", fixture.folder);
    snprintf(door->url, sizeof door->url, "%.*s%s%s", (int)(host - database.url), database.url,
             door->folder, end);
}

static void open_at_door(const struct door *door, bool rebuild) {
    struct index_config config = {
        .node = fixture.node, .url = door->url, .projection = &projection, .rebuild = rebuild};
    assert_ok(index_open(&index_, &config));
    assert_ok(index_start(index_));
}

START_TEST(a_database_that_comes_after_the_start_is_caught_up_with) {
    struct door door;
    if (!begin(TEST_POSTGRES)) return;
    close_index();
    assert_ok(db_exec_script(outside, "DROP TABLE seen; DROP TABLE index_state"));
    door_make(&door);
    open_at_door(&door, false);
    make_blocks(5);
    ck_assert(!index_is_healthy(index_));
    ck_assert_uint_eq(index_height(index_), 0);
    ck_assert_int_eq(symlink(door.socket, door.folder), 0);
    await_index();
    check_rows(head());
    ck_assert(index_is_healthy(index_));
    close_index();
    ck_assert_int_eq(unlink(door.folder), 0);
    make_blocks(2);
    open_at_door(&door, false); // with rows there
    make_blocks(2);
    ck_assert_int_eq(symlink(door.socket, door.folder), 0);
    await_index();
    check_rows(head());
    close_index();
    ck_assert_int_eq(unlink(door.folder), 0);
    open_at_door(&door, false); // and a stop before it comes
    end();
}
END_TEST

START_TEST(rows_of_another_chain_are_refused_in_a_database_that_comes_late) {
    struct door door;
    if (!begin(TEST_POSTGRES)) return;
    make_blocks(2);
    await_index();
    close_index();
    assert_ok(db_exec_script(outside, "UPDATE index_state SET block_id = chain_id"));
    door_make(&door);
    open_at_door(&door, false);
    ck_assert_int_eq(index_failure(index_), STATUS_OK);
    ck_assert_int_eq(symlink(door.socket, door.folder), 0);
    while (index_failure(index_) == STATUS_OK) breathe();
    ck_assert_int_eq(index_failure(index_), STATUS_CONFLICT);
    close_index();
    ck_assert_int_eq(unlink(door.folder), 0);
    open_at_door(&door, true); // who says so may drop them
    ck_assert_int_eq(symlink(door.socket, door.folder), 0);
    await_index();
    check_rows(head());
    ck_assert_int_eq(unlink(door.folder), 0);
    end();
}
END_TEST

START_TEST(a_connection_lost_in_the_middle_of_a_block_loses_nothing) {
    if (!begin(TEST_POSTGRES)) return;
    make_blocks(2);
    await_index();
    script.cuts = 3;
    make_blocks(6);
    await_index();
    ck_assert_int_eq(script.cuts, 0);
    check_rows(head());
    while (!index_is_healthy(index_)) breathe();
    end();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("index");
    TCase *cases = tcase_create("index");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, rows_and_their_place_move_together, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_restart_goes_on_where_the_rows_are, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, rows_that_another_program_made_otherwise_are_made_again, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, rows_of_another_chain_are_refused, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, commits_that_the_database_lost_are_made_again, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, what_a_commit_in_doubt_has_written_is_told_of, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, blocks_far_behind_share_a_transaction, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, two_servers_on_one_database_take_turns, 0, TEST_ENGINES);
    tcase_add_test(cases, a_database_that_comes_after_the_start_is_caught_up_with);
    tcase_add_test(cases, rows_of_another_chain_are_refused_in_a_database_that_comes_late);
    tcase_add_test(cases, a_connection_lost_in_the_middle_of_a_block_loses_nothing);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
