// SPDX-License-Identifier: Apache-2.0
#include "tests/joint/explorer_fixture.h"

#include <stdio.h>

#include "apps/common/json/csv.h"
#include "apps/common/json/json.h"
#include "apps/common/server/chain_rows.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "tests/support/api_document.h"

struct fixture fixture;
static struct test_database database;
struct server server;
static struct http_route_table tables[2];
static struct index_projection projection;
static json_t *document;
struct answer answer;
struct explorer_wish explorer_wish;
const char *explorer_key;
static struct http_key keys[] = {{.name = "auditor", .scopes = "audit"},
                                 {.name = "other", .scopes = "webhooks"}};

static enum status apply(void *context, struct db *db, const struct index_block *block) {
    (void)context;
    return chain_rows_apply(db, fixture.node, block);
}

void open_index(bool rebuild) {
    assert_ok(index_open(&server.index, &(struct index_config){.node = fixture.node,
                                                               .url = database.url,
                                                               .projection = &projection,
                                                               .rebuild = rebuild}));
    assert_ok(index_start(server.index));
}

// A pot for the fixture's second account, that nobody can settle in time.
static void open_pot(void) {
    static uint8_t arguments[48];
    struct fixture_contract pot = {
        .name = "pot", .path = "docs/examples/pot/pot.wasm", .arguments = BYTES_OF(arguments)};
    store_u64_le(arguments + 32, 1000);
    store_u64_le(arguments + 40, clock_wall_ms() + 3600000);
    fixture_init(&fixture, &pot);
    if (explorer_wish.epoch_blocks > 0) fixture_set_epoch(&fixture, explorer_wish.epoch_blocks);
    fixture.network = explorer_wish.network;
    assert_ok(fixture_open(&fixture));
}

static json_t *get_document(void) {
    json_t *parsed;
    ask_get(&answer, http_server_port(server.http), "/openapi.json", "");
    assert_ok(json_parse(&parsed, NULL, buf_bytes(&answer.body), answer.body.len));
    return parsed;
}

bool begin(int engine) {
    if (!test_database_open(&database, engine)) return false;
    open_pot();
    server = (struct server){
        .node = fixture.node, .market_name = "a market", .tables = tables, .table_count = 2};
    projection = (struct index_projection){.version = 1, .schema = "", .drop = "", .apply = apply};
    chain_rows_join(&projection);
    open_index(false);
    assert_ok(db_pool_open(&server.readers, database.url, 2));
    assert_ok(db_pool_open(&server.searchers, database.url, 2));
    http_key_hash(keys[0].hash, bytes_of_string(EXPLORER_KEY_AUDIT));
    http_key_hash(keys[1].hash, bytes_of_string(EXPLORER_KEY_OTHER));
    tables[0] = (struct http_route_table){server_routes, server_route_count, &server};
    tables[1] = (struct http_route_table){explorer_routes, explorer_route_count, &server};
    assert_ok(http_server_open(&server.http, &(struct http_config){.address = "127.0.0.1",
                                                                   .threads = 1,
                                                                   .tables = tables,
                                                                   .table_count = 2,
                                                                   .keys = keys,
                                                                   .key_count = 2,
                                                                   .make_csv = csv_write,
                                                                   .lanes = server_lanes,
                                                                   .lane_count = SERVER_LANES}));
    assert_ok(http_server_start(server.http));
    document = get_document();
    return true;
}

void end(void) {
    http_server_stop(server.http, 0);
    http_server_close(server.http);
    buf_clear(&server.openapi);
    db_pool_close(server.readers);
    db_pool_close(server.searchers);
    index_close(server.index);
    chain_rows_clear(&projection);
    fixture_clear(&fixture);
    test_database_close(&database);
    json_decref(document);
    answer_clear(&answer);
}

void await_index(void) {
    struct node_head head;
    node_head(fixture.node, &head);
    while (index_height(server.index) < head.header.height || index_is_rebuilding(server.index))
        node_wait(fixture.node, head.header.height, 5);
}

// ---- asking

json_t *get(const char *pattern, const char *path, int code) {
    json_t *value;
    char headers[96] = "";
    if (explorer_key)
        snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n", explorer_key);
    ask_get(&answer, http_server_port(server.http), path, headers);
    ck_assert_msg(answer.code == code, "%s: %d %s", path, answer.code, answer_text(&answer));
    api_document_check(document, &(struct api_answer){pattern, "get", answer.code,
                                                      answer_header(&answer, "Content-Type"),
                                                      buf_bytes(&answer.body)});
    assert_ok(json_parse(&value, NULL, buf_bytes(&answer.body), answer.body.len));
    return value;
}

json_t *post(const char *pattern, const char *path, const char *type, struct bytes body) {
    struct buf request = {0};
    json_t *value;
    buf_append_format(&request,
                      "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n"
                      "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                      path, type, body.len);
    buf_append(&request, body);
    ask_bytes(&answer, http_server_port(server.http), buf_bytes(&request));
    buf_clear(&request);
    api_document_check(document, &(struct api_answer){pattern, "post", answer.code,
                                                      answer_header(&answer, "Content-Type"),
                                                      buf_bytes(&answer.body)});
    assert_ok(json_parse(&value, NULL, buf_bytes(&answer.body), answer.body.len));
    return value;
}

void get_refused(const char *pattern, const char *path, int code, const char *problem) {
    json_t *value = get(pattern, path, code);
    ck_assert_str_eq(json_string_value(json_object_get(value, "code")), problem);
    json_decref(value);
}

json_t *get_all(const char *pattern, const char *path) {
    char next[512];
    json_t *all = json_array();
    bool has_more = true;
    snprintf(next, sizeof next, "%s", path);
    while (has_more) {
        json_t *page = get(pattern, next, 200), *items = json_object_get(page, "items");
        ck_assert_uint_gt(json_array_size(items), 0);
        json_array_extend(all, items);
        json_decref(page);
        has_more = sscanf(answer_header(&answer, "Link"), "<%511[^>]>; rel=\"next\"", next) == 1;
    }
    return all;
}

const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    ck_assert_msg(text != NULL, "no %s", name);
    return text;
}

int64_t number_of(const json_t *object, const char *name) {
    ck_assert_msg(json_is_integer(json_object_get(object, name)), "no number %s", name);
    return json_integer_value(json_object_get(object, name));
}

const char *hex_of(const struct hash *hash) {
    static char text[65];
    hex_encode(text, BYTES_OF(hash->bytes));
    return text;
}

const char *address_of(const struct account_id *id) {
    static char text[ADDRESS_CHARS + 1];
    address_encode(text, id->bytes);
    return text;
}

json_t *get_decoded(const struct hash *id) {
    char path[128];
    snprintf(path, sizeof path, "/v1/transactions/%s/decoded", hex_of(id));
    return get("/v1/transactions/{id}/decoded", path, 200);
}

json_t *get_transactions_of(const struct account_id *id, const char *more) {
    char path[160];
    snprintf(path, sizeof path, "/v1/transactions?account=%s%s", address_of(id), more);
    return get("/v1/transactions", path, 200);
}

// ---- doing

enum tx_code run(struct tx *tx, int from, struct hash *id) {
    ck_assert_int_eq(fixture_submit(&fixture, tx, from, id), TX_CODE_OK);
    return (enum tx_code)fixture_await(&fixture, id).code;
}

void pay(int from, const struct account_id *to, struct hash *id) {
    struct tx tx;
    fixture_begin(&fixture, &tx, from);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = *to, .amount = amount_of_units(5)}};
    ck_assert_int_eq(run(&tx, from, id), TX_CODE_OK);
}

enum tx_code call_pot(const char *method, uint64_t value, struct hash *id) {
    struct tx tx;
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, method, bytes_of("", 0));
    tx.actions[0].call.value = amount_of_units(value);
    return run(&tx, 0, id);
}

void deploy_counter(struct account_id *contract, struct hash *id) {
    struct buf code = {0};
    struct tx tx;
    uint8_t start[8] = {5};
    assert_ok(file_read(&code, "tests/support/counter.wasm", 1 << 20));
    fixture_begin(&fixture, &tx, 1);
    tx.gas_limit = 100000000;
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_DEPLOY, .deploy = {.code = buf_bytes(&code), .arguments = BYTES_OF(start)}};
    ck_assert_int_eq(run(&tx, 1, id), TX_CODE_OK);
    account_id_of_deployed(contract, id, 0);
    buf_clear(&code);
}
