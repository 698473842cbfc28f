// SPDX-License-Identifier: Apache-2.0
// What every server says of its chain: of one that stands still, and of a transaction that the
// chain has dropped.
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "apps/common/json/json.h"
#include "apps/common/server/finality.h"
#include "apps/common/server/server.h"
#include "chaincore/crypto/sign.h"
#include "tests/support/api_document.h"
#include "tests/support/false_clock.h"
#include "tests/support/faults.h"
#include "tests/support/unit.h"
#include "tests/unit/http/client.h"
#include "tests/unit/node/chain_fixture.h"

static struct fixture fixture;
static struct server server;
static struct http_route_table tables[1];

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
    server.tables = tables;
    server.table_count = 1;
    server.market_name = "a market";
    snprintf(url, sizeof url, "sqlite:%s/index.db", fixture.folder);
    assert_ok(index_open(
        &server.index,
        &(struct index_config){.node = fixture.node, .url = url, .projection = &projection}));
    tables[0] = (struct http_route_table){server_routes, server_route_count, &server};
    assert_ok(http_server_open(&server.http, &(struct http_config){.address = "127.0.0.1",
                                                                   .threads = 1,
                                                                   .tables = tables,
                                                                   .table_count = 1,
                                                                   .lanes = server_lanes,
                                                                   .lane_count = SERVER_LANES}));
    assert_ok(http_server_start(server.http));
}

static void tear_down(void) {
    http_server_stop(server.http, 0);
    http_server_close(server.http);
    buf_clear(&server.openapi);
    server.has_pages = false;
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

static json_t *get_json(struct answer *answer, const char *path) {
    json_t *value;
    answer_clear(answer);
    ask_get(answer, http_server_port(server.http), path, "");
    assert_ok(json_parse(&value, NULL, buf_bytes(&answer->body), answer->body.len));
    return value;
}

static void check_answer(json_t *document, const char *pattern, const char *path, int code) {
    struct answer answer = {0};
    ask_get(&answer, http_server_port(server.http), path, "");
    ck_assert_msg(answer.code == code, "%s: %d", path, answer.code);
    api_document_check(document, &(struct api_answer){pattern, "get", answer.code,
                                                      answer_header(&answer, "Content-Type"),
                                                      buf_bytes(&answer.body)});
    answer_clear(&answer);
}

static int readyz(struct answer *answer) {
    answer_clear(answer);
    ask_get(answer, http_server_port(server.http), "/readyz?verbose", "");
    return answer->code;
}

START_TEST(a_block_that_does_not_come_is_a_reason) {
    struct answer answer = {0};
    struct hash id;
    json_t *document = get_json(&answer, "/openapi.json");
    false_clock_set_monotonic(30000);
    ck_assert_int_eq(readyz(&answer), 200); // with nothing to make a block of
    false_clock_set_monotonic(0);
    submit("1", &id);
    ck_assert_int_eq(readyz(&answer), 200);
    false_clock_set_monotonic(30000);
    ck_assert_int_eq(readyz(&answer), 503);
    assert_has(&answer, "\"problems\":[\"the chain makes no blocks\"]");
    check_answer(document, "/readyz", "/readyz", 503);
    false_clock_set_monotonic(0);
    assert_ok(node_start(fixture.node));
    fixture_await(&fixture, &id);
    false_clock_set_monotonic(30000);
    // The producer looks for more to do behind the block.
    for (int i = 0; i < 1000 && readyz(&answer) != 200; i++) usleep(10 * 1000);
    ck_assert_int_eq(readyz(&answer), 200);
    json_decref(document);
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

// The heights that a page of blocks shows, in its order; where the page after it begins, or "".
static size_t page_of_blocks(const char *path, uint64_t heights[], size_t room, char next[64]) {
    struct answer answer = {0};
    json_t *page = get_json(&answer, path), *items = json_object_get(page, "items");
    size_t count = json_array_size(items);
    ck_assert_int_eq(answer.code, 200);
    ck_assert_uint_le(count, room);
    for (size_t i = 0; i < count; i++)
        heights[i] =
            (uint64_t)json_integer_value(json_object_get(json_array_get(items, i), "height"));
    const char *link = answer_header(&answer, "Link");
    next[0] = '\0';
    if (link[0]) ck_assert_int_eq(sscanf(link, "<%63[^>]>; rel=\"next\"", next), 1);
    json_decref(page);
    answer_clear(&answer);
    return count;
}

START_TEST(blocks_come_newest_first_each_once_over_pages) {
    struct node_head head;
    char path[64] = "/v1/blocks?perPage=2", next[64];
    uint64_t heights[2];
    assert_ok(node_start(fixture.node));
    run_blocks(5);
    node_stop(fixture.node);
    node_head(fixture.node, &head);
    uint64_t expected = head.header.height;
    do {
        size_t count = page_of_blocks(path, heights, 2, next);
        ck_assert_uint_ge(count, 1);
        for (size_t i = 0; i < count; i++) ck_assert_uint_eq(heights[i], expected--);
        snprintf(path, sizeof path, "%s", next);
    } while (next[0]);
    ck_assert_uint_eq(expected, 0);
}
END_TEST

START_TEST(a_block_tells_what_came_of_its_transactions) {
    struct answer answer = {0};
    struct node_tx tx;
    struct hash id;
    char text[65], path[64];
    submit("1", &id);
    assert_ok(node_start(fixture.node));
    fixture_await(&fixture, &id);
    assert_ok(node_find_tx(fixture.node, &id, &tx));
    snprintf(path, sizeof path, "/v1/blocks/%llu", (unsigned long long)tx.height);
    json_t *block = get_json(&answer, path);
    json_t *shown = json_array_get(json_object_get(block, "transactions"), tx.index);
    hex_encode(text, BYTES_OF(id.bytes));
    ck_assert_str_eq(json_string_value(json_object_get(shown, "id")), text);
    ck_assert_str_eq(json_string_value(json_object_get(shown, "code")), "OK");
    ck_assert(json_is_false(json_object_get(shown, "is_timer")));
    ck_assert_uint_eq((uint64_t)json_integer_value(json_object_get(shown, "gas_used")),
                      tx.receipt.gas_used);
    json_decref(block);
    answer_clear(&answer);
}
END_TEST

START_TEST(a_wrong_question_about_blocks_is_told_its_field) {
    static const struct {
        const char *path, *pointer;
    } wrong[] = {{"/v1/blocks?perPage=0", "\"pointer\":\"perPage\""},
                 {"/v1/blocks?perPage=1001", "\"pointer\":\"perPage\""},
                 {"/v1/blocks?nextPageToken=x", "\"pointer\":\"nextPageToken\""},
                 {"/v1/blocks?nextPageToken=6300000000000000", "\"pointer\":\"nextPageToken\""},
                 {"/v1/candidates?nextPageToken=1", "\"pointer\":\"nextPageToken\""},
                 {"/v1/candidates?perPage=1001", "\"pointer\":\"perPage\""},
                 {"/v1/blocks/-1", "\"pointer\":\"height\""}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct answer answer = {0};
        ask_get(&answer, http_server_port(server.http), wrong[i].path, "");
        ck_assert_int_eq(answer.code, 400);
        assert_has(&answer, wrong[i].pointer);
        answer_clear(&answer);
    }
}
END_TEST

START_TEST(the_parameters_are_those_that_rule) {
    struct answer answer = {0};
    struct params params;
    node_params(fixture.node, &params);
    json_t *told = get_json(&answer, "/v1/parameters");
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {{"block_interval_ms", params.block_interval_ms},
                   {"epoch_blocks", params.epoch_blocks},
                   {"min_gas_price", params.min_gas_price},
                   {"block_gas_limit", params.block_gas_limit},
                   {"deposit_per_byte", params.deposit_per_byte}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ck_assert_uint_eq((uint64_t)json_integer_value(json_object_get(told, numbers[i].name)),
                          numbers[i].value);
    ck_assert(json_is_true(json_object_get(told, "leave_out_empty_blocks")) ==
              params.leave_out_empty_blocks);
    ck_assert(json_is_true(json_object_get(told, "allow_floats")) == params.allow_floats);
    json_decref(told);
    answer_clear(&answer);
}
END_TEST

static const char *const methods[] = {"get", "post", "put", "patch", "delete"};

// The document's operation of a method (of `methods`) and a pattern; NULL: it has none.
START_TEST(every_route_is_documented_with_what_it_answers) {
    struct answer answer = {0};
    json_t *document = get_json(&answer, "/openapi.json");
    ck_assert_str_eq(json_string_value(json_object_get(document, "openapi")), "3.1.0");
    for (size_t i = 0; i < server_route_count; i++) {
        const struct http_route *route = &server_routes[i];
        json_t *operation =
            api_document_operation(document, route->pattern, methods[route->method]);
        ck_assert_msg(json_string_length(json_object_get(operation, "summary")) > 0, "%s",
                      route->pattern);
        ck_assert_msg(json_object_size(json_object_get(operation, "responses")) > 1, "%s",
                      route->pattern);
        size_t names = 0;
        for (const char *at = route->pattern; *at; at++) names += *at == '{';
        ck_assert_uint_ge(json_array_size(json_object_get(operation, "parameters")), names);
    }
    json_decref(document);
    answer_clear(&answer);
}
END_TEST

// The method stands in the Allow of its path.
static void assert_answers(const char *pattern, const char *method) {
    struct answer answer = {0};
    char request[256], upper[8] = "";
    for (size_t i = 0; method[i] && i + 1 < sizeof upper; i++)
        upper[i] = (char)(method[i] - 'a' + 'A');
    snprintf(request, sizeof request, "OPTIONS %s HTTP/1.1\r\nHost: x\r\n\r\n", pattern);
    for (char *at = request; *at; at++)
        if (*at == '{' || *at == '}') *at = '_';
    ask(&answer, http_server_port(server.http), request);
    ck_assert_msg(answer.code == 204, "%s: %d", pattern, answer.code);
    ck_assert_msg(strstr(answer_header(&answer, "Allow"), upper) != NULL, "%s %s", upper, pattern);
    answer_clear(&answer);
}

START_TEST(every_documented_operation_is_there) {
    struct answer answer = {0};
    const char *pattern, *method;
    json_t *path, *operation, *document = get_json(&answer, "/openapi.json");
    size_t count = 0;
    json_object_foreach(json_object_get(document, "paths"), pattern, path) {
        json_object_foreach(path, method, operation) {
            assert_answers(pattern, method);
            count++;
        }
    }
    ck_assert_uint_eq(count, server_route_count);
    json_decref(document);
    answer_clear(&answer);
}
END_TEST

static void check_post(json_t *document, const char *path, const char *body, int code) {
    struct answer answer = {0};
    struct buf request = {0};
    buf_append_format(&request,
                      "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                      path, strlen(body), body);
    ask_bytes(&answer, http_server_port(server.http), buf_bytes(&request));
    ck_assert_msg(answer.code == code, "%s: %d", path, answer.code);
    api_document_check(document, &(struct api_answer){path, "post", answer.code,
                                                      answer_header(&answer, "Content-Type"),
                                                      buf_bytes(&answer.body)});
    answer_clear(&answer);
    buf_clear(&request);
}

START_TEST(docs_leads_to_the_page_where_there_are_pages) {
    struct answer answer = {0};
    json_t *document = get_json(&answer, "/openapi.json");
    server.has_pages = true;
    check_answer(document, "/docs", "/docs", 302);
    answer_clear(&answer);
    ask_get(&answer, http_server_port(server.http), "/docs", "");
    ck_assert_str_eq(answer_header(&answer, "Location"), "/#/docs");
    ck_assert_uint_eq(answer.body.len, 0);
    json_decref(document);
    answer_clear(&answer);
}
END_TEST

START_TEST(answers_have_the_form_that_is_documented) {
    struct answer answer = {0};
    struct hash id;
    char address[ADDRESS_CHARS + 1], text[65], path[160];
    json_t *document = get_json(&answer, "/openapi.json");
    check_answer(document, "/openapi.json", "/openapi.json", 200);
    check_answer(document, "/docs", "/docs", 404);
    check_answer(document, "/v1/chain", "/v1/chain", 200);
    check_answer(document, "/v1/candidates", "/v1/candidates", 200);
    check_answer(document, "/v1/candidates", "/v1/candidates?perPage=0", 400);
    check_answer(document, "/v1/devnet", "/v1/devnet", 404);
    check_post(document, "/v1/faucet", "{\"address\":\"x\"}", 404);
    check_post(document, "/v1/devnet/warp", "{\"seconds\":1}", 404);
    check_answer(document, "/livez", "/livez", 200);
    check_answer(document, "/readyz", "/readyz?verbose", 200);
    check_answer(document, "/v1/accounts/{address}", "/v1/accounts/nobody", 400);
    address_encode(address, fixture.ids[0].bytes);
    snprintf(path, sizeof path, "/v1/accounts/%s", address);
    check_answer(document, "/v1/accounts/{address}", path, 200);
    snprintf(path, sizeof path, "/v1/contracts/%s", address);
    check_answer(document, "/v1/contracts/{address}", path, 404);
    snprintf(path, sizeof path, "/v1/contracts/%s/views/any", address);
    check_answer(document, "/v1/contracts/{address}/views/{method}", path, 404);
    submit("1", &id);
    hex_encode(text, BYTES_OF(id.bytes));
    snprintf(path, sizeof path, "/v1/transactions/%s", text);
    check_answer(document, "/v1/transactions/{id}", path, 200); // pending
    assert_ok(node_start(fixture.node));
    fixture_await(&fixture, &id);
    check_answer(document, "/v1/transactions/{id}", path, 200); // final
    check_answer(document, "/v1/transactions/{id}", "/v1/transactions/none", 400);
    check_answer(document, "/v1/parameters", "/v1/parameters", 200);
    check_answer(document, "/v1/blocks", "/v1/blocks", 200);
    check_answer(document, "/v1/blocks", "/v1/blocks?perPage=0", 400);
    check_answer(document, "/v1/blocks/{height}", "/v1/blocks/1", 200);
    check_answer(document, "/v1/blocks/{height}", "/v1/blocks/none", 400);
    check_answer(document, "/v1/blocks/{height}", "/v1/blocks/9999", 404);
    check_answer(document, "/v1/blocks/{height}", "/v1/blocks/0", 404);
    json_decref(document);
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
    tcase_add_test(cases, the_parameters_are_those_that_rule);
    tcase_add_test(cases, blocks_come_newest_first_each_once_over_pages);
    tcase_add_test(cases, a_block_tells_what_came_of_its_transactions);
    tcase_add_test(cases, a_wrong_question_about_blocks_is_told_its_field);
    tcase_add_test(cases, every_route_is_documented_with_what_it_answers);
    tcase_add_test(cases, every_documented_operation_is_there);
    tcase_add_test(cases, docs_leads_to_the_page_where_there_are_pages);
    tcase_add_test(cases, answers_have_the_form_that_is_documented);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
