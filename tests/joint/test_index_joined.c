// SPDX-License-Identifier: Apache-2.0
// The index of a node that joined by a snapshot: it waits for the blocks of before, and then its
// rows are those of a node that was there from the first block.
#include <stdio.h>

#include "tests/joint/index_fixture.h"
#include "tests/support/unit.h"

enum { EPOCH = 100, EVERY = 100, JOINED = EVERY - 1 };

static struct fixture other; // that was there from the first block
static struct node_network networks[2];
static char votes[2][80], text[32];
static const char *peers[1] = {text};

static void open_other(void) {
    fixture_init_slow(&other, 1);
    fixture_set_epoch(&other, EPOCH);
    other.snapshots = (struct node_snapshots){.kept = 1, .every_blocks = EVERY};
    other.network = &networks[0];
    networks[0] = (struct node_network){.address = "127.0.0.1",
                                        .votes_dir = votes[0],
                                        .is_first_start = true,
                                        .takes_private = true,
                                        .timeout_ms = 500};
    snprintf(votes[0], sizeof votes[0], "%.60s.votes", other.folder);
    assert_ok(fixture_open(&other));
    snprintf(text, sizeof text, "127.0.0.1:%u", node_port(other.node));
}

static uint64_t height_of(struct node *node) {
    struct node_head found;
    node_head(node, &found);
    return found.header.height;
}

static void run_other(uint64_t height) {
    while (height_of(other.node) < height) {
        struct tx tx;
        fixture_begin(&other, &tx, 0);
        tx.actions[tx.action_count++] = (struct tx_action){
            .kind = TX_TRANSFER, .transfer = {.to = other.ids[1], .amount = amount_of_units(1)}};
        ck_assert_uint_eq(fixture_run(&other, &tx, 0).code, 0);
    }
}

static void await_snapshot(void) {
    struct node_past past;
    for (node_past(other.node, &past); past.snapshot == 0; node_past(other.node, &past))
        node_wait(other.node, height_of(other.node), 5);
}

// A folder of its own, from the other's snapshot; open, and with nobody to ask yet.
static void join(void) {
    struct bytes code;
    struct node_arrival arrival = {.far_ahead = EVERY};
    fixture_init_slow(&fixture, 1);
    fixture_set_epoch(&fixture, EPOCH);
    fixture.witness_key_count = 0;
    fixture.network = &networks[1];
    networks[1] = networks[0];
    networks[1].port = 0;
    networks[1].peers = peers;
    networks[1].peer_count = 1;
    networks[1].votes_dir = votes[1];
    snprintf(votes[1], sizeof votes[1], "%.60s.votes", fixture.folder);
    struct node_config config = fixture_config(&fixture, &code);
    assert_ok(node_arrive(&config, &arrival));
    assert_ok(fixture_open_idle(&fixture));
    ck_assert_uint_eq(height_of(fixture.node), JOINED);
}

static void leave(void) {
    fixture_clear(&fixture);
    assert_ok(file_remove_tree(votes[1]));
}

static void clear(void) {
    close_index();
    db_close(outside);
    leave();
    fixture_clear(&other);
    assert_ok(file_remove_tree(votes[0]));
    test_database_close(&database);
}

static struct node_past past(void) {
    struct node_past found;
    node_past(fixture.node, &found);
    return found;
}

static void await_all(uint64_t height) {
    while (past().is_filling || index_height(index_) < height) breathe();
}

START_TEST(rows_wait_for_the_blocks_of_before) {
    if (!test_database_open(&database, _i)) return;
    open_other();
    run_other(EVERY + 5);
    await_snapshot();
    join();
    start_index(false);
    assert_ok(db_open(&outside, database.url));
    for (int i = 0; i < 10; i++) breathe();
    ck_assert_uint_eq(index_height(index_), 0);
    ck_assert_int_eq(script.applied, 0);
    ck_assert(index_is_healthy(index_));
    assert_ok(node_start(fixture.node));
    run_other(EVERY + 20);
    await_all(EVERY + 20);
    check_rows(height_of(fixture.node));
    ck_assert_uint_ge(number("SELECT CAST(sum(txs) AS BIGINT) AS n FROM seen"), EVERY + 20);
    clear();
}
END_TEST

START_TEST(rows_that_are_there_already_go_on_once_their_block_is_back) {
    if (!test_database_open(&database, _i)) return;
    open_other();
    run_other(30);
    // Rows of an earlier node, up to a block that the new one does not have at first.
    struct index_config config = {
        .node = other.node, .url = database.url, .projection = &projection};
    assert_ok(index_open(&index_, &config));
    assert_ok(index_start(index_));
    while (index_height(index_) < 30) node_wait(other.node, height_of(other.node), 5);
    close_index();
    assert_ok(db_open(&outside, database.url));
    uint64_t rows = number("SELECT count(*) AS n FROM seen");
    int before = script.applied;
    run_other(EVERY + 5);
    await_snapshot();
    join();
    start_index(false);
    ck_assert_uint_eq(number("SELECT count(*) AS n FROM seen"), rows);
    assert_ok(node_start(fixture.node));
    run_other(EVERY + 20);
    await_all(EVERY + 20);
    check_rows(height_of(fixture.node));
    ck_assert_int_eq(script.applied - before, (int)(height_of(fixture.node) - rows));
    clear();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("index_joined");
    TCase *cases = tcase_create("index_joined");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, rows_wait_for_the_blocks_of_before, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, rows_that_are_there_already_go_on_once_their_block_is_back, 0,
                        TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
