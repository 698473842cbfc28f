// SPDX-License-Identifier: Apache-2.0
// What /readyz says of a chain that stands still.
#include <stdio.h>

#include "apps/common/server/server.h"
#include "chaincore/crypto/sign.h"
#include "tests/support/false_clock.h"
#include "tests/support/faults.h"
#include "tests/support/unit.h"
#include "tests/unit/http/client.h"
#include "tests/unit/node/chain_fixture.h"

static struct fixture fixture;
static struct server server;

static const struct index_projection projection = {
    .version = 1, .schema = "CREATE TABLE none (n BIGINT)", .drop = "DROP TABLE IF EXISTS none"};

static void set_up(void) {
    char url[96];
    fixture_init_counter(&fixture);
    assert_ok(fixture_open_idle(&fixture));
    server.node = fixture.node;
    snprintf(url, sizeof url, "sqlite:%s/index.db", fixture.folder);
    assert_ok(index_open(
        &server.index,
        &(struct index_config){.node = fixture.node, .url = url, .projection = &projection}));
    struct http_route_table table = {server_routes, server_route_count, &server};
    assert_ok(http_server_open(&server.http, &(struct http_config){.address = "127.0.0.1",
                                                                   .threads = 1,
                                                                   .tables = &table,
                                                                   .table_count = 1}));
    assert_ok(http_server_start(server.http));
}

static void tear_down(void) {
    http_server_stop(server.http, 0);
    http_server_close(server.http);
    index_close(server.index);
    fixture_clear(&fixture);
}

static int readyz(struct answer *answer) {
    answer_clear(answer);
    ask_get(answer, http_server_port(server.http), "/readyz?verbose", "");
    return answer->code;
}

START_TEST(a_block_that_does_not_come_is_a_reason) {
    struct answer answer = {0};
    struct tx tx;
    struct hash id;
    false_clock_set_monotonic(30000);
    ck_assert_int_eq(readyz(&answer), 200); // with nothing to make a block of
    false_clock_set_monotonic(0);
    fixture_begin(&fixture, &tx, 0);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[3], .amount = amount_of_units(1)}};
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_OK);
    ck_assert_int_eq(readyz(&answer), 200);
    false_clock_set_monotonic(30000);
    ck_assert_int_eq(readyz(&answer), 503);
    assert_has(&answer, "\"problems\":[\"the chain makes no blocks\"]");
    false_clock_set_monotonic(0);
    assert_ok(node_start(fixture.node));
    fixture_await(&fixture, &id);
    false_clock_set_monotonic(30000);
    ck_assert_int_eq(readyz(&answer), 200);
    answer_clear(&answer);
}
END_TEST

static void run_blocks(uint64_t height) {
    struct node_head head;
    do {
        struct tx tx;
        fixture_begin(&fixture, &tx, 0);
        tx.actions[tx.action_count++] = (struct tx_action){
            .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[3], .amount = amount_of_units(1)}};
        fixture_run(&fixture, &tx, 0);
        node_head(fixture.node, &head);
    } while (head.header.height < height);
}

START_TEST(a_state_that_cannot_be_written_is_a_reason) {
    struct answer answer = {0};
    struct node_health health;
    assert_ok(node_start(fixture.node));
    faults_arm(FAULT_STATE, 0, fixture.folder);
    run_blocks(LIMIT_REPLAY_BLOCKS);
    do node_health(fixture.node, &health);
    while (!health.is_held_up || health.failures == 0);
    ck_assert_int_eq(readyz(&answer), 503);
    assert_has(&answer, "\"the state cannot be written to disk\"");
    assert_has(&answer, "\"the chain waits until the state is on disk\"");
    faults_disarm();
    run_blocks(LIMIT_REPLAY_BLOCKS + 1);
    ck_assert_int_eq(readyz(&answer), 503); // nobody leads the index here
    ck_assert_ptr_null(strstr(answer_text(&answer), "state"));
    answer_clear(&answer);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    faults_init();
    Suite *suite = suite_create("readyz");
    TCase *cases = tcase_create("readyz");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_block_that_does_not_come_is_a_reason);
    tcase_add_test(cases, a_state_that_cannot_be_written_is_a_reason);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
