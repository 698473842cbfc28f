// SPDX-License-Identifier: Apache-2.0
// What the supply chain tells of captures while they run and afterwards: its routes over a node
// that makes blocks only when it is told to.
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "apps/common/server/api_key_routes.h"
#include "apps/common/server/api_keys.h"
#include "apps/common/server/signing.h"
#include "apps/supplychain/supplychain.h"
#include "tests/support/unit.h"
#include "tests/unit/http/client.h"
#include "tests/unit/node/chain_fixture.h"

static struct fixture fixture;
static struct server server;
static struct supplychain market;
static struct answer answer;
static char outbox_path[96], index_url[96], bearer[160];
static struct http_key first_key = {.name = "first", .scopes = "*"};

static enum status apply(void *context, struct db *db, const struct index_block *block) {
    (void)context;
    return projection_apply(&market, db, block);
}

static const struct index_projection projection = {
    .version = 1, .schema = supplychain_schema, .drop = supplychain_drop, .apply = apply};

static const struct http_route routes[] = {
    {.method = HTTP_POST, .pattern = "/capture", .handle = post_capture, .max_body = 4 << 20},
    {.pattern = "/capture", .handle = get_capture_jobs},
    {.pattern = "/capture/{id}", .handle = get_capture_job},
};

// Answers that a crash has lost.
static enum status find_none(void *context, const uint8_t id[IDEMPOTENCY_HASH], struct arena *into,
                             struct http_kept *out) {
    (void)context, (void)id, (void)into, (void)out;
    return STATUS_NOT_FOUND;
}
static enum status keep_none(void *context, const uint8_t id[IDEMPOTENCY_HASH],
                             const struct http_kept *kept) {
    (void)context, (void)id, (void)kept;
    return STATUS_OK;
}

static void open_signer(void) {
    struct server_account mill = {.name = "mill", .key = fixture.keys[1]};
    struct signer_set_config config = {.node = fixture.node,
                                       .path = outbox_path,
                                       .own = &fixture.keys[0],
                                       .accounts = &mill,
                                       .account_count = 1};
    assert_ok(signer_set_open(&server.signers, &config));
    server.signer = signer_set_own(server.signers);
    assert_ok(signer_set_start(server.signers));
}

static void open_index(void) {
    assert_ok(index_open(
        &server.index,
        &(struct index_config){.node = fixture.node, .url = index_url, .projection = &projection}));
    assert_ok(index_start(server.index));
}

static void set_up(void) {
    static struct http_route_table tables[2];
    static const struct fixture_contract contract = {
        .name = "supplychain", .path = "apps/supplychain/contract/supplychain.wasm"};
    char path[96];
    fixture_init(&fixture, &contract);
    assert_ok(fixture_open_idle(&fixture));
    snprintf(outbox_path, sizeof outbox_path, "%s/outbox.db", fixture.folder);
    snprintf(index_url, sizeof index_url, "sqlite:%s/index.db", fixture.folder);
    server = (struct server){.node = fixture.node, .contract = fixture.contract, .market = &market};
    market.server = &server;
    ENSURE(abi_of_code(buf_bytes(&fixture.contract_code), &market.abi));
    assert_ok(epcis_rules_open(&market.rules));
    open_signer();
    open_index();
    assert_ok(db_pool_open(&server.readers, index_url, 2));
    snprintf(path, sizeof path, "%s/spending.db", fixture.folder);
    assert_ok(spending_open(&server.spending, path));
    snprintf(path, sizeof path, "%s/api-keys.db", fixture.folder);
    assert_ok(api_keys_open(&server.api_keys, path));
    http_key_hash(first_key.hash, bytes_of_string("the first"));
    tables[0] = (struct http_route_table){routes, sizeof routes / sizeof *routes, &server};
    tables[1] = (struct http_route_table){api_key_routes, api_key_route_count, &server};
    server.tables = tables;
    server.table_count = 2;
    bearer[0] = '\0';
    assert_ok(http_server_open(
        &server.http, &(struct http_config){.address = "127.0.0.1",
                                            .threads = 1,
                                            .tables = tables,
                                            .table_count = 2,
                                            .keys = &first_key,
                                            .key_count = 1,
                                            .lanes = server_lanes,
                                            .lane_count = SERVER_LANES,
                                            .kept = {find_none, keep_none, NULL},
                                            .key_source = {api_keys_find, server.api_keys}}));
    assert_ok(http_server_start(server.http));
}

static void tear_down(void) {
    http_server_close(server.http);
    node_stop(fixture.node);
    index_close(server.index);
    db_pool_close(server.readers);
    signer_set_close(server.signers);
    spending_close(server.spending);
    api_keys_close(server.api_keys);
    epcis_rules_close(market.rules);
    buf_clear(&market.news);
    answer_clear(&answer);
    fixture_clear(&fixture);
}

static json_t *get(const char *path) {
    ask_get(&answer, http_server_port(server.http), path, "");
    ck_assert_msg(answer.code == 200, "GET %s: %d %s", path, answer.code, answer_text(&answer));
    json_t *json = json_loads(answer_text(&answer), 0, NULL);
    ck_assert_ptr_nonnull(json);
    return json;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    ck_assert_msg(text != NULL, "no %s", name);
    return text;
}

// Sends a document of so many events, as the bearer of a key if there is one.
static void send_capture(int events) {
    struct buf document = {0}, request = {0};
    buf_append_string(&document, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
                                 "epcis-context.jsonld\"],\"type\":\"EPCISDocument\","
                                 "\"schemaVersion\":\"2.0\",\"creationDate\":"
                                 "\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":[");
    for (int i = 0; i < events; i++)
        buf_append_format(&document,
                          "%s{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventTime\":"
                          "\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\","
                          "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346.%d\"]}",
                          i ? "," : "", i);
    buf_append_string(&document, "]}}");
    buf_append_format(&request,
                      "POST /capture HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n", bearer,
                      document.len);
    buf_append(&request, buf_bytes(&document));
    ask_bytes(&answer, http_server_port(server.http), buf_bytes(&request));
    buf_clear(&document);
    buf_clear(&request);
}

// One that is accepted; its job's id.
static void capture(char id[65], int events) {
    send_capture(events);
    ck_assert_msg(answer.code == 202, "%d %s", answer.code, answer_text(&answer));
    snprintf(id, 65, "%s", answer_header(&answer, "Location") + strlen("/capture/"));
}

// The job of the list at `index` is this one, in this state, and reads the same by itself.
static void check_listed(const json_t *list, size_t index, const char *id, bool is_running) {
    char path[80];
    const json_t *found = json_array_get(list, index);
    ck_assert_str_eq(text_of(found, "captureID"), id);
    ck_assert(json_is_true(json_object_get(found, "running")) == is_running);
    ck_assert(json_is_true(json_object_get(found, "success")));
    snprintf(path, sizeof path, "/capture/%s", id);
    json_t *alone = get(path);
    ck_assert(json_is_true(json_object_get(alone, "running")) == is_running);
    ck_assert_str_eq(text_of(alone, "createdAt"), text_of(found, "createdAt"));
    ck_assert(json_equal(json_object_get(alone, "tx"), json_object_get(found, "tx")));
    json_decref(alone);
}

// Until the job's last block has its rows.
static void await_end(const char *id) {
    char path[80];
    snprintf(path, sizeof path, "/capture/%s", id);
    for (bool is_running = true; is_running;) {
        struct node_head head;
        node_head(fixture.node, &head);
        json_t *job = get(path);
        is_running = json_is_true(json_object_get(job, "running"));
        json_decref(job);
        if (is_running) node_wait(fixture.node, head.header.height, 5);
    }
}

// Until the outbox knows too, which it may a little later.
static void await_settled(const char *id) {
    struct outbox_job job = {0};
    uint8_t bytes[32];
    await_end(id);
    assert_ok(hex_decode(bytes, sizeof bytes, id));
    while (job.finished_ms == 0) {
        struct node_head head;
        struct arena found = {0};
        node_head(fixture.node, &head);
        assert_ok(signer_set_find_job(server.signers, bytes, &found, &job));
        arena_clear(&found);
        if (job.finished_ms == 0) node_wait(fixture.node, head.header.height, 5);
    }
}

// Follows the links; all jobs in the order they were told.
static json_t *read_pages(const char *first, size_t *pages) {
    char path[160];
    json_t *all = json_array();
    snprintf(path, sizeof path, "%s", first);
    for (*pages = 0; *path; ++*pages) {
        json_t *page = get(path);
        json_array_extend(all, page);
        json_decref(page);
        path[0] = '\0';
        sscanf(answer_header(&answer, "Link"), "<%159[^>]", path);
    }
    return all;
}

START_TEST(jobs_that_run_are_listed_before_those_that_have_ended) {
    char ids[3][65];
    size_t pages;
    for (int i = 0; i < 3; i++) capture(ids[i], i == 1 ? 1000 : 1); // one is staged
    json_t *list = read_pages("/capture", &pages);
    ck_assert_uint_eq(json_array_size(list), 3);
    for (size_t i = 0; i < 3; i++) check_listed(list, i, ids[2 - i], true);
    json_decref(list);
    list = read_pages("/capture?perPage=2", &pages);
    ck_assert_uint_eq(pages, 2);
    ck_assert_uint_eq(json_array_size(list), 3);
    json_decref(list);
    assert_ok(node_start(fixture.node));
    for (size_t i = 0; i < 3; i++) await_end(ids[i]);
    list = read_pages("/capture", &pages);
    ck_assert_uint_eq(json_array_size(list), 3);
    for (size_t i = 0; i < 3; i++) check_listed(list, i, ids[2 - i], false);
    json_decref(list);
}
END_TEST

START_TEST(a_page_of_jobs_goes_on_from_those_that_run_to_those_that_have_ended) {
    char ids[5][65];
    size_t pages;
    assert_ok(node_start(fixture.node));
    for (int i = 0; i < 2; i++) {
        capture(ids[i], 1);
        await_end(ids[i]);
    }
    // The others never end: the chain stands still.
    node_stop(fixture.node);
    index_close(server.index);
    signer_set_close(server.signers);
    fixture_close(&fixture);
    assert_ok(fixture_open_idle(&fixture));
    server.node = fixture.node;
    open_signer();
    open_index();
    for (int i = 2; i < 5; i++) capture(ids[i], 1);
    for (int per_page = 1; per_page <= 6; per_page++) {
        char path[40];
        snprintf(path, sizeof path, "/capture?perPage=%d", per_page);
        json_t *list = read_pages(path, &pages);
        ck_assert_uint_eq(pages, (size_t)((5 + per_page - 1) / per_page));
        ck_assert_uint_eq(json_array_size(list), 5);
        for (size_t i = 0; i < 5; i++) check_listed(list, i, ids[4 - i], i < 3);
        json_decref(list);
    }
}
END_TEST

// --- since when ---

static void created_at(char out[32], const char *id) {
    char path[80];
    snprintf(path, sizeof path, "/capture/%s", id);
    json_t *job = get(path);
    snprintf(out, 32, "%s", text_of(job, "createdAt"));
    json_decref(job);
}

// Of the block of its first transaction.
static void time_of_first_block(char out[32], const char *id) {
    struct node_tx tx;
    struct buf encoded = {0};
    struct header header;
    struct hash first;
    char path[80];
    snprintf(path, sizeof path, "/capture/%s", id);
    json_t *job = get(path);
    const json_t *txs = json_object_get(job, "tx");
    assert_ok(
        hex_decode(first.bytes, sizeof first.bytes, json_string_value(json_array_get(txs, 0))));
    assert_ok(node_find_tx(fixture.node, &first, &tx));
    assert_ok(node_read_block(fixture.node, tx.height, &encoded));
    assert_ok(block_decode_header(&header, buf_bytes(&encoded)));
    clock_format_utc(out, (int64_t)header.time_ms);
    json_decref(job);
    buf_clear(&encoded);
}

START_TEST(a_job_was_created_when_it_was_accepted_whatever_becomes_of_it) {
    char small[65], staged[65], times[2][32], now[32];
    capture(small, 1);
    capture(staged, 1000);
    created_at(times[0], small);
    created_at(times[1], staged);
    assert_ok(node_start(fixture.node));
    await_end(small);
    await_end(staged);
    created_at(now, small);
    ck_assert_str_eq(now, times[0]);
    created_at(now, staged);
    ck_assert_str_eq(now, times[1]);
}
END_TEST

START_TEST(a_job_that_the_server_no_longer_remembers_was_created_with_its_first_transaction) {
    char small[65], staged[65], now[32], wanted[32];
    assert_ok(node_start(fixture.node));
    capture(small, 1);
    capture(staged, 5000); // in several blocks
    await_end(small);
    await_end(staged);
    signer_set_close(server.signers);
    ck_assert_int_eq(unlink(outbox_path), 0);
    open_signer();
    time_of_first_block(wanted, small);
    created_at(now, small);
    ck_assert_str_eq(now, wanted);
    time_of_first_block(wanted, staged);
    created_at(now, staged);
    ck_assert_str_eq(now, wanted);
}
END_TEST

// --- what a key may spend ---

// As the bearer of the first key, or of another.
static json_t *manage(const char *method, const char *path, const char *key, const char *body,
                      int code) {
    struct buf request = {0};
    buf_append_format(&request,
                      "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                      "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                      method, path, key, strlen(body), body);
    ask_bytes(&answer, http_server_port(server.http), buf_bytes(&request));
    ck_assert_msg(answer.code == code, "%s %s: %d %s", method, path, answer.code,
                  answer_text(&answer));
    buf_clear(&request);
    json_t *json = json_loads(answer_text(&answer), 0, NULL);
    ck_assert_ptr_nonnull(json);
    return json;
}

static void carry(const json_t *key) {
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s\r\n", text_of(key, "key"));
}

static struct amount spent_by(const char *path, const char *when) {
    struct amount amount;
    json_t *key = manage("GET", path, "the first", "", 200);
    assert_ok(amount_parse(&amount, text_of(json_object_get(key, "spent"), when)));
    json_decref(key);
    return amount;
}

static void check_refused(int events, int code, const char *problem) {
    send_capture(events);
    ck_assert_msg(answer.code == code, "%d %s", answer.code, answer_text(&answer));
    assert_has(&answer, problem);
}

START_TEST(a_key_captures_as_much_as_it_may_spend_and_no_more) {
    char id[65], path[64], rotation[80], most[AMOUNT_TEXT_MAX], body[128];
    json_t *key = manage("POST", "/v1/keys", "the first",
                         "{\"name\":\"till\",\"scopes\":[\"admin\"],"
                         "\"limits\":{\"transaction\":\"0.00000001\"}}",
                         201);
    snprintf(path, sizeof path, "/v1/keys/%s", text_of(key, "id"));
    carry(key);
    json_decref(key);
    check_refused(1, 403, "\"spending_limit_transaction\"");
    json_decref(manage("PATCH", path, "the first", "{\"limits\":{\"day\":\"1000000\"}}", 200));
    capture(id, 1);
    struct amount reserved = spent_by(path, "today");
    ck_assert(!amount_is_zero(reserved));
    signing_settle(&server); // it runs: all of it counts
    ck_assert_int_eq(amount_compare(spent_by(path, "today"), reserved), 0);
    assert_ok(node_start(fixture.node));
    await_settled(id);
    signing_settle(&server);
    struct amount cost = spent_by(path, "today");
    ck_assert_int_lt(amount_compare(cost, reserved), 0);
    ck_assert(!amount_is_zero(cost));
    // A limit that one capture fits in, but not behind what is spent: until tomorrow.
    amount_format(most, reserved);
    snprintf(body, sizeof body, "{\"limits\":{\"day\":\"%s\"}}", most);
    json_decref(manage("PATCH", path, "the first", body, 200));
    check_refused(1, 429, "\"spending_limit_day\"");
    ck_assert_int_ne(*answer_header(&answer, "Retry-After"), 0);
    // One that no day has room for.
    json_decref(manage("PATCH", path, "the first", "{\"limits\":{\"day\":\"0.00000001\"}}", 200));
    check_refused(1, 403, "\"spending_limit_day\"");
    ck_assert_int_eq(*answer_header(&answer, "Retry-After"), 0);
    json_decref(manage("PATCH", path, "the first", "{\"limits\":{\"total\":\"0.00000001\"}}", 200));
    check_refused(1000, 403, "\"spending_limit_total\"");
    ck_assert_int_eq(amount_compare(spent_by(path, "total"), cost), 0);
    // No new secret, and no end of the limits by the key itself.
    snprintf(rotation, sizeof rotation, "%s/rotate", path);
    key = manage("POST", rotation, "the first", "{}", 200);
    carry(key);
    check_refused(1, 403, "\"spending_limit_total\"");
    json_decref(manage("PATCH", path, text_of(key, "key"), "{\"limits\":null}", 403));
    assert_has(&answer, "\"limited_caller\"");
    json_decref(manage("POST", "/v1/keys", text_of(key, "key"),
                       "{\"name\":\"more\",\"scopes\":[\"admin\"]}", 403));
    assert_has(&answer, "\"limited_caller\"");
    json_decref(key);
    json_decref(manage("PATCH", path, "the first", "{\"limits\":null}", 200));
    capture(id, 1);
}
END_TEST

// As an outbox that gave a job up whose transactions the mempool has.
static void end_jobs(void) {
    struct db *db;
    char url[sizeof outbox_path + 8];
    snprintf(url, sizeof url, "sqlite:%s", outbox_path);
    assert_ok(db_open(&db, url));
    assert_ok(db_exec_script(db, "UPDATE job SET finished_ms = 1, code = 1;"));
    db_close(db);
}

START_TEST(what_may_still_be_run_counts_although_its_job_has_ended) {
    char id[65], path[64];
    json_t *key = manage("POST", "/v1/keys", "the first",
                         "{\"name\":\"till\",\"scopes\":[\"admin\"],"
                         "\"limits\":{\"day\":\"1000000\"}}",
                         201);
    snprintf(path, sizeof path, "/v1/keys/%s", text_of(key, "id"));
    carry(key);
    json_decref(key);
    capture(id, 1);
    struct amount reserved = spent_by(path, "today");
    end_jobs();
    signing_settle(&server);
    ck_assert_int_eq(amount_compare(spent_by(path, "today"), reserved), 0);
}
END_TEST

START_TEST(a_limit_is_an_amount_or_none) {
    static const char *const wrong[] = {"1",
                                        "[]",
                                        "{\"day\":1}",
                                        "{\"day\":\"-1\"}",
                                        "{\"day\":\"92233720369\"}",
                                        "{\"week\":\"1\"}"};
    char body[128];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(body, sizeof body, "{\"name\":\"x\",\"scopes\":[\"admin\"],\"limits\":%s}",
                 wrong[i]);
        json_decref(manage("POST", "/v1/keys", "the first", body, 400));
        assert_has(&answer, "\"pointer\":\"/limits\"");
    }
    json_decref(manage("PATCH", "/v1/keys/0123456789abcdef", "the first", "{}", 400));
    json_decref(
        manage("PATCH", "/v1/keys/0123456789abcdef", "the first", "{\"limits\":null}", 404));
}
END_TEST

// --- whose account ---

// The ids of the jobs that are listed for the bearer, with a space behind each.
static const char *list_of_bearer(char out[256]) {
    struct buf request = {0};
    buf_append_format(&request, "GET /capture HTTP/1.1\r\nHost: x\r\n%s\r\n", bearer);
    ask_bytes(&answer, http_server_port(server.http), buf_bytes(&request));
    buf_clear(&request);
    ck_assert_int_eq(answer.code, 200);
    json_t *list = json_loads(answer_text(&answer), 0, NULL);
    out[0] = '\0';
    for (size_t i = 0, len = 0; i < json_array_size(list); i++)
        len += (size_t)snprintf(out + len, 256 - len, "%s ",
                                text_of(json_array_get(list, i), "captureID"));
    json_decref(list);
    return out;
}

START_TEST(a_job_is_of_the_account_that_its_key_is_bound_to) {
    char mills[65], own[65], wanted[80], path[80], list[256];
    json_t *key = manage("POST", "/v1/keys", "the first",
                         "{\"name\":\"mill\",\"scopes\":[\"admin\"],\"signer\":\"mill\"}", 201);
    capture(own, 1);
    carry(key);
    json_decref(key);
    capture(mills, 5000); // staged
    snprintf(wanted, sizeof wanted, "%s ", mills);
    ck_assert_str_eq(list_of_bearer(list), wanted); // while it runs
    assert_ok(node_start(fixture.node));
    await_end(own);
    await_settled(mills);
    ck_assert_str_eq(list_of_bearer(list), wanted); // and afterwards
    bearer[0] = '\0';
    snprintf(wanted, sizeof wanted, "%s ", own);
    ck_assert_str_eq(list_of_bearer(list), wanted);
    // Whoever has its address reads it, remembered by the outbox or not.
    snprintf(path, sizeof path, "/capture/%s", mills);
    json_t *told = get(path);
    ck_assert_uint_eq(json_array_size(json_object_get(told, "events")), LIMIT_QUERY_PAGE);
    signer_set_close(server.signers);
    ck_assert_int_eq(unlink(outbox_path), 0);
    open_signer();
    json_t *recalled = get(path);
    ck_assert(json_equal(json_object_get(recalled, "tx"), json_object_get(told, "tx")));
    ck_assert(json_equal(json_object_get(recalled, "events"), json_object_get(told, "events")));
    json_decref(told);
    json_decref(recalled);
}
END_TEST

START_TEST(an_idempotency_key_sent_again_costs_nothing_more) {
    char path[64], first[65], again[65];
    json_t *key = manage("POST", "/v1/keys", "the first",
                         "{\"name\":\"till\",\"scopes\":[\"admin\"],"
                         "\"limits\":{\"day\":\"1000000\"}}",
                         201);
    snprintf(path, sizeof path, "/v1/keys/%s", text_of(key, "id"));
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s\r\nIdempotency-Key: one\r\n",
             text_of(key, "key"));
    json_decref(key);
    capture(first, 1);
    struct amount reserved = spent_by(path, "total");
    json_decref(manage("PATCH", path, "the first", "{\"limits\":{\"day\":\"0\"}}", 200));
    capture(again, 1);
    ck_assert_str_eq(first, again);
    ck_assert_int_eq(amount_compare(spent_by(path, "total"), reserved), 0);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    log_set_level(LOG_ERROR);
    Suite *suite = suite_create("jobs");
    TCase *cases = tcase_create("jobs");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, jobs_that_run_are_listed_before_those_that_have_ended);
    tcase_add_test(cases, a_page_of_jobs_goes_on_from_those_that_run_to_those_that_have_ended);
    tcase_add_test(cases, a_job_was_created_when_it_was_accepted_whatever_becomes_of_it);
    tcase_add_test(
        cases, a_job_that_the_server_no_longer_remembers_was_created_with_its_first_transaction);
    tcase_add_test(cases, a_key_captures_as_much_as_it_may_spend_and_no_more);
    tcase_add_test(cases, what_may_still_be_run_counts_although_its_job_has_ended);
    tcase_add_test(cases, a_limit_is_an_amount_or_none);
    tcase_add_test(cases, a_job_is_of_the_account_that_its_key_is_bound_to);
    tcase_add_test(cases, an_idempotency_key_sent_again_costs_nothing_more);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
