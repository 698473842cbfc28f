// SPDX-License-Identifier: Apache-2.0
// What every server says of its chain: of one that stands still, and of a transaction that the
// chain has dropped.
#include <sched.h>
#include <stdio.h>

#include "apps/common/server/finality.h"
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

static void dropped(void *context, const struct hash *id) {
    (void)context;
    http_notify(server.http, BYTES_OF(id->bytes));
}

static void set_up(void) {
    char url[96];
    fixture_init_counter(&fixture);
    fixture.on_dropped = dropped;
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
                                                                   .table_count = 1,
                                                                   .lanes = server_lanes,
                                                                   .lane_count = SERVER_LANES}));
    assert_ok(http_server_start(server.http));
}

static void tear_down(void) {
    http_server_stop(server.http, 0);
    http_server_close(server.http);
    index_close(server.index);
    fixture_clear(&fixture);
}

static void submit(const char *amount, struct hash *id) {
    struct tx tx;
    fixture_begin(&fixture, &tx, 0);
    tx.gas_limit = 200000;
    tx.actions[tx.action_count++] =
        (struct tx_action){.kind = TX_TRANSFER, .transfer = {.to = fixture.ids[3]}};
    assert_ok(amount_parse(&tx.actions[0].transfer.amount, amount));
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, id), TX_CODE_OK);
}

static int readyz(struct answer *answer) {
    answer_clear(answer);
    ask_get(answer, http_server_port(server.http), "/readyz?verbose", "");
    return answer->code;
}

START_TEST(a_block_that_does_not_come_is_a_reason) {
    struct answer answer = {0};
    struct hash id;
    false_clock_set_monotonic(30000);
    ck_assert_int_eq(readyz(&answer), 200); // with nothing to make a block of
    false_clock_set_monotonic(0);
    submit("1", &id);
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

// A request that waits for the transaction, and is parked.
static struct client await_final(const struct hash *id) {
    char text[65], request[192];
    struct client client = client_connect(http_server_port(server.http));
    hex_encode(text, BYTES_OF(id->bytes));
    snprintf(request, sizeof request,
             "GET /v1/transactions/%s?wait=final HTTP/1.1\r\nHost: x\r\n\r\n", text);
    client_send_text(&client, request);
    while (http_server_counts(server.http).parked == 0) sched_yield();
    return client;
}

// Nobody leads the index here: that is as with a database that is away.
START_TEST(who_waits_for_a_transaction_is_woken_when_it_is_final_whatever_the_index_does) {
    struct answer answer = {0};
    struct finality *finality;
    struct hash id;
    assert_ok(finality_open(&finality, fixture.node, server.http));
    ck_assert(!http_is_awaited(server.http));
    submit("1", &id);
    struct client client = await_final(&id);
    ck_assert(http_is_awaited(server.http));
    assert_ok(node_start(fixture.node));
    client_read(&client, &answer, false);
    ck_assert_int_eq(answer.code, 200);
    assert_has(&answer, "\"status\":\"final\"");
    client_close(&client);
    node_stop(fixture.node);
    finality_close(finality);
    answer_clear(&answer);
}
END_TEST

START_TEST(who_waits_for_a_dropped_transaction_is_told_why_it_failed) {
    struct answer answer = {0};
    struct hash drains, fails;
    char id[65], path[128];
    submit("999.998", &drains); // for its own gas there is just enough
    submit("1", &fails);
    hex_encode(id, BYTES_OF(fails.bytes));
    snprintf(path, sizeof path, "/v1/transactions/%s", id);
    ask_get(&answer, http_server_port(server.http), path, "");
    assert_has(&answer, "\"status\":\"pending\"");
    answer_clear(&answer);
    struct client client = await_final(&fails);
    assert_ok(node_start(fixture.node));
    client_read(&client, &answer, false); // long before the question has to be asked again
    ck_assert_int_eq(answer.code, 200);
    assert_has(&answer, "\"status\":\"failed\",\"code\":\"CANNOT_PAY_GAS\",\"message\":\"");
    ck_assert_ptr_null(strstr(answer_text(&answer), "height"));
    client_close(&client);
    answer_clear(&answer);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    faults_init();
    Suite *suite = suite_create("chain_routes");
    TCase *cases = tcase_create("chain_routes");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_block_that_does_not_come_is_a_reason);
    tcase_add_test(cases, a_state_that_cannot_be_written_is_a_reason);
    tcase_add_test(cases,
                   who_waits_for_a_transaction_is_woken_when_it_is_final_whatever_the_index_does);
    tcase_add_test(cases, who_waits_for_a_dropped_transaction_is_told_why_it_failed);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
