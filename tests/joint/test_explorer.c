// SPDX-License-Identifier: Apache-2.0
// What a server tells of the chain's transactions, contracts and witnesses: over a real node and a
// real index of either engine. Each answer is held against the API's document.
#include <stdio.h>

#include "apps/common/json/json.h"
#include "apps/common/server/chain_rows.h"
#include "apps/common/server/explorer_routes.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/chaincore.h"
#include "tests/support/api_document.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"
#include "tests/unit/http/client.h"
#include "tests/unit/node/chain_fixture.h"

static struct fixture fixture;
static struct test_database database;
static struct server server;
static struct http_route_table tables[2];
static struct index_projection projection;
static json_t *document;
static struct answer answer;

static enum status apply(void *context, struct db *db, const struct index_block *block) {
    (void)context;
    return chain_rows_apply(db, fixture.node, block);
}

static void open_index(bool rebuild) {
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
    assert_ok(fixture_open(&fixture));
}

static json_t *get_document(void) {
    json_t *parsed;
    ask_get(&answer, http_server_port(server.http), "/openapi.json", "");
    assert_ok(json_parse(&parsed, NULL, buf_bytes(&answer.body), answer.body.len));
    return parsed;
}

// False: the engine isn't there.
static bool begin(int engine) {
    if (!test_database_open(&database, engine)) return false;
    open_pot();
    server = (struct server){
        .node = fixture.node, .market_name = "a market", .tables = tables, .table_count = 2};
    projection = (struct index_projection){.version = 1, .schema = "", .drop = "", .apply = apply};
    chain_rows_join(&projection);
    open_index(false);
    assert_ok(db_pool_open(&server.readers, database.url, 2));
    tables[0] = (struct http_route_table){server_routes, server_route_count, &server};
    tables[1] = (struct http_route_table){explorer_routes, explorer_route_count, &server};
    assert_ok(http_server_open(&server.http, &(struct http_config){.address = "127.0.0.1",
                                                                   .threads = 1,
                                                                   .tables = tables,
                                                                   .table_count = 2,
                                                                   .lanes = server_lanes,
                                                                   .lane_count = SERVER_LANES}));
    assert_ok(http_server_start(server.http));
    document = get_document();
    return true;
}

static void end(void) {
    http_server_stop(server.http, 0);
    http_server_close(server.http);
    db_pool_close(server.readers);
    index_close(server.index);
    chain_rows_clear(&projection);
    fixture_clear(&fixture);
    test_database_close(&database);
    json_decref(document);
    answer_clear(&answer);
}

static void await_index(void) {
    struct node_head head;
    node_head(fixture.node, &head);
    while (index_height(server.index) < head.header.height)
        node_wait(fixture.node, head.header.height, 5);
}

// ---- asking

// The caller calls json_decref.
static json_t *get(const char *pattern, const char *path, int code) {
    json_t *value;
    ask_get(&answer, http_server_port(server.http), path, "");
    ck_assert_msg(answer.code == code, "%s: %d %s", path, answer.code, answer_text(&answer));
    api_document_check(document, &(struct api_answer){pattern, "get", answer.code,
                                                      answer_header(&answer, "Content-Type"),
                                                      buf_bytes(&answer.body)});
    assert_ok(json_parse(&value, NULL, buf_bytes(&answer.body), answer.body.len));
    return value;
}

static void get_refused(const char *pattern, const char *path, int code, const char *problem) {
    json_t *value = get(pattern, path, code);
    ck_assert_str_eq(json_string_value(json_object_get(value, "code")), problem);
    json_decref(value);
}

// All pages of a list, in one array.
static json_t *get_all(const char *pattern, const char *path) {
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

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    ck_assert_msg(text != NULL, "no %s", name);
    return text;
}

static int64_t number_of(const json_t *object, const char *name) {
    ck_assert_msg(json_is_integer(json_object_get(object, name)), "no number %s", name);
    return json_integer_value(json_object_get(object, name));
}

static const char *hex_of(const struct hash *hash) {
    static char text[65];
    hex_encode(text, BYTES_OF(hash->bytes));
    return text;
}

static const char *address_of(const struct account_id *id) {
    static char text[ADDRESS_CHARS + 1];
    address_encode(text, id->bytes);
    return text;
}

static json_t *get_decoded(const struct hash *id) {
    char path[128];
    snprintf(path, sizeof path, "/v1/transactions/%s/decoded", hex_of(id));
    return get("/v1/transactions/{id}/decoded", path, 200);
}

static json_t *get_transactions_of(const struct account_id *id, const char *more) {
    char path[160];
    snprintf(path, sizeof path, "/v1/transactions?account=%s%s", address_of(id), more);
    return get("/v1/transactions", path, 200);
}

// ---- doing

static enum tx_code run(struct tx *tx, int from, struct hash *id) {
    ck_assert_int_eq(fixture_submit(&fixture, tx, from, id), TX_CODE_OK);
    return (enum tx_code)fixture_await(&fixture, id).code;
}

static void pay(int from, const struct account_id *to, struct hash *id) {
    struct tx tx;
    fixture_begin(&fixture, &tx, from);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = *to, .amount = amount_of_units(5)}};
    ck_assert_int_eq(run(&tx, from, id), TX_CODE_OK);
}

static enum tx_code call_pot(const char *method, uint64_t value, struct hash *id) {
    struct tx tx;
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, method, bytes_of("", 0));
    tx.actions[0].call.value = amount_of_units(value);
    return run(&tx, 0, id);
}

// Another contract, which does not describe itself.
static void deploy_counter(struct account_id *contract, struct hash *id) {
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

// ---- transactions

enum { PAYMENTS = 7 };

START_TEST(transactions_are_listed_newest_first_each_once_over_pages) {
    struct hash ids[PAYMENTS];
    if (!begin(_i)) return;
    for (int i = 0; i < PAYMENTS; i++) pay(i % 2, &fixture.ids[2], &ids[i]);
    await_index();
    json_t *all = get_all("/v1/transactions", "/v1/transactions?perPage=3");
    ck_assert_uint_eq(json_array_size(all), PAYMENTS);
    for (int i = 0; i < PAYMENTS; i++) {
        const json_t *item = json_array_get(all, (size_t)(PAYMENTS - 1 - i));
        ck_assert_str_eq(text_of(item, "id"), hex_of(&ids[i]));
        ck_assert_str_eq(text_of(item, "sender"), address_of(&fixture.ids[i % 2]));
        ck_assert_str_eq(text_of(item, "action"), "transfer");
        ck_assert(json_is_null(json_object_get(item, "contract")));
    }
    json_decref(all);
    get_refused("/v1/transactions", "/v1/transactions?perPage=0", 400, "invalid_query");
    get_refused("/v1/transactions", "/v1/transactions?nextPageToken=ffffffffffffffff00000000", 400,
                "invalid_query");
    end();
}
END_TEST

START_TEST(an_account_has_the_transactions_that_it_has_to_do_with) {
    static const struct account_id stranger = {{9}};
    struct hash paid, given;
    if (!begin(_i)) return;
    pay(1, &fixture.ids[2], &paid);
    ck_assert_int_eq(call_pot("give", 7, &given), TX_CODE_OK);
    await_index();
    const struct {
        const struct account_id *account;
        const struct hash *only;
    } expected[] = {{&fixture.ids[1], &paid},
                    {&fixture.ids[2], &paid},
                    {&fixture.ids[0], &given},
                    {&fixture.contract, &given},
                    {&stranger, NULL}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        json_t *list = get_transactions_of(expected[i].account, ""),
               *items = json_object_get(list, "items");
        ck_assert_uint_eq(json_array_size(items), expected[i].only ? 1 : 0);
        if (expected[i].only)
            ck_assert_str_eq(text_of(json_array_get(items, 0), "id"), hex_of(expected[i].only));
        json_decref(list);
    }
    get_refused("/v1/transactions", "/v1/transactions?account=nobody", 400, "not_an_address");
    end();
}
END_TEST

START_TEST(an_accounts_pages_follow_one_another) {
    struct hash ids[PAYMENTS];
    char path[160];
    if (!begin(_i)) return;
    for (int i = 0; i < PAYMENTS; i++) pay(i % 2, &fixture.ids[2], &ids[i]);
    await_index();
    snprintf(path, sizeof path, "/v1/transactions?account=%s&perPage=1",
             address_of(&fixture.ids[1]));
    json_t *all = get_all("/v1/transactions", path);
    ck_assert_uint_eq(json_array_size(all), PAYMENTS / 2);
    for (size_t i = 0; i < PAYMENTS / 2; i++)
        ck_assert_str_eq(text_of(json_array_get(all, i), "id"),
                         hex_of(&ids[PAYMENTS - 2 - 2 * (int)i]));
    json_decref(all);
    end();
}
END_TEST

START_TEST(a_blocks_transactions_come_in_its_order) {
    struct hash id;
    char path[96];
    if (!begin(_i)) return;
    pay(0, &fixture.ids[2], &id);
    struct node_tx found;
    assert_ok(node_find_tx(fixture.node, &id, &found));
    snprintf(path, sizeof path, "/v1/blocks/%llu/transactions?perPage=1",
             (unsigned long long)found.height);
    json_t *all = get_all("/v1/blocks/{height}/transactions", path);
    const json_t *item = json_array_get(all, found.index);
    ck_assert_str_eq(text_of(item, "id"), hex_of(&id));
    ck_assert_int_eq(number_of(item, "index"), found.index);
    json_decref(all);
    static const char pattern[] = "/v1/blocks/{height}/transactions";
    get_refused(pattern, "/v1/blocks/99/transactions", 404, "not_found");
    get_refused(pattern, "/v1/blocks/x/transactions", 400, "not_a_height");
    get_refused(pattern, "/v1/blocks/1/transactions?nextPageToken=ffffffff", 400, "invalid_query");
    end();
}
END_TEST

// ---- decoded

static void check_give(const json_t *decoded) {
    const json_t *action = json_array_get(json_object_get(decoded, "actions"), 0);
    const json_t *event = json_array_get(json_object_get(decoded, "events"), 0);
    const json_t *fields = json_object_get(event, "fields");
    char from[65];
    ck_assert_str_eq(text_of(action, "kind"), "call");
    ck_assert_str_eq(text_of(action, "method"), "give");
    ck_assert_str_eq(text_of(action, "amount"), "0.00000007");
    ck_assert_uint_eq(json_object_size(json_object_get(action, "arguments")), 0);
    ck_assert_str_eq(text_of(event, "name"), "given");
    hex_encode(from, BYTES_OF(fixture.ids[0].bytes));
    ck_assert_str_eq(text_of(fields, "from"), from);
    ck_assert_str_eq(text_of(fields, "amount"), "7");
    ck_assert_str_eq(text_of(fields, "total"), "7");
}

START_TEST(a_call_is_told_in_the_words_of_its_contract) {
    struct hash id;
    if (!begin(_i)) return;
    ck_assert_int_eq(call_pot("give", 7, &id), TX_CODE_OK);
    json_t *decoded = get_decoded(&id);
    check_give(decoded);
    ck_assert_str_eq(text_of(decoded, "method"), "give");
    ck_assert_str_eq(text_of(decoded, "payer"), address_of(&fixture.ids[0]));
    const json_t *signer = json_array_get(json_object_get(decoded, "signers"), 0);
    ck_assert_str_eq(text_of(signer, "role"), "sender");
    struct amount fee;
    assert_ok(amount_parse(&fee, text_of(decoded, "fee")));
    ck_assert_uint_eq(amount_units(fee),
                      (uint64_t)(number_of(decoded, "gas_used") * number_of(decoded, "gas_price")));
    json_decref(decoded);
    end();
}
END_TEST

START_TEST(a_refusal_is_told_with_the_contracts_sentence) {
    struct hash id;
    if (!begin(_i)) return;
    ck_assert_int_eq(call_pot("settle", 0, &id), TX_CODE_CONTRACT_REFUSED);
    json_t *decoded = get_decoded(&id);
    ck_assert_str_eq(text_of(decoded, "code"), "CONTRACT_REFUSED");
    ck_assert_int_eq(number_of(decoded, "contract_code"), 4);
    ck_assert_str_eq(text_of(decoded, "contract_message"), "the deadline has not passed yet");
    ck_assert_uint_eq(json_array_size(json_object_get(decoded, "events")), 0);
    json_decref(decoded);
    end();
}
END_TEST

START_TEST(what_no_description_fits_is_told_in_bytes) {
    struct account_id counter;
    struct hash deployed, added;
    struct tx tx;
    uint8_t amount[8] = {3};
    if (!begin(_i)) return;
    deploy_counter(&counter, &deployed);
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "add", BYTES_OF(amount));
    tx.actions[0].call.contract = counter;
    ck_assert_int_eq(run(&tx, 0, &added), TX_CODE_OK);
    json_t *decoded = get_decoded(&added);
    const json_t *action = json_array_get(json_object_get(decoded, "actions"), 0),
                 *event = json_array_get(json_object_get(decoded, "events"), 0);
    ck_assert(json_is_null(json_object_get(action, "arguments")));
    ck_assert_str_eq(text_of(action, "arguments_hex"), "0300000000000000");
    ck_assert(json_is_null(json_object_get(event, "fields")));
    ck_assert_str_eq(text_of(event, "name"), "added");
    ck_assert_str_eq(text_of(event, "data_hex"), "0300000000000000");
    json_decref(decoded);
    decoded = get_decoded(&deployed);
    action = json_array_get(json_object_get(decoded, "actions"), 0);
    ck_assert_str_eq(text_of(action, "contract"), address_of(&counter));
    ck_assert(json_is_null(json_object_get(action, "upgrader")));
    json_decref(decoded);
    end();
}
END_TEST

// Every kind of action but those that another test has.
static void add_stakes(struct tx *tx) {
    static struct authority authority = {.threshold = 1, .key_count = 1};
    static struct buf encoded = {0};
    struct tx_action *at = tx->actions;
    struct amount stake;
    assert_ok(amount_parse(&stake, "100"));
    key_public_of(&authority.keys[0].key, &fixture.keys[0]);
    authority.keys[0].weight = 1;
    buf_reset(&encoded);
    authority_encode(&encoded, &authority);
    *at++ = (struct tx_action){.kind = TX_SET_ENC_KEY, .set_enc_key = {{9}}};
    *at++ = (struct tx_action){.kind = TX_LOCK_STAKE, .stake = {stake}};
    *at++ = (struct tx_action){.kind = TX_VOTE,
                               .vote = {.count = 1, .candidates = BYTES_OF(fixture.ids[0].bytes)}};
    *at++ = (struct tx_action){.kind = TX_UNLOCK_STAKE, .stake = {stake}};
    *at++ = (struct tx_action){.kind = TX_WITHDRAW_STAKE};
    *at++ = (struct tx_action){.kind = TX_RESIGN_CANDIDATE};
    *at++ = (struct tx_action){.kind = TX_CLOSE_LANE, .close_lane = {4}};
    *at++ = (struct tx_action){.kind = TX_REMOVE_ACCOUNT, .remove_account = {fixture.ids[3]}};
    *at++ = (struct tx_action){.kind = TX_REGISTER_CANDIDATE,
                               .register_candidate = {authority.keys[0].key, 500}};
    *at++ = (struct tx_action){.kind = TX_SET_AUTHORITY, .set_authority = {buf_bytes(&encoded)}};
    tx->action_count = (uint32_t)(at - tx->actions);
}

START_TEST(each_kind_of_action_has_its_fields) {
    static const char *const fields[] = {"key", "amount", "candidates", "amount",     NULL,
                                         NULL,  "lane",   "account",    "commission", "threshold"};
    static const char *const kinds[] = {
        "set_enc_key",      "lock_stake", "vote",           "unlock_stake",       "withdraw_stake",
        "resign_candidate", "close_lane", "remove_account", "register_candidate", "set_authority"};
    struct tx tx;
    struct hash id;
    if (!begin(_i)) return;
    fixture_begin(&fixture, &tx, 0);
    add_stakes(&tx);
    run(&tx, 0, &id); // one of them fails, and so all do: they are told all the same
    json_t *decoded = get_decoded(&id);
    const json_t *actions = json_object_get(decoded, "actions");
    ck_assert_uint_eq(json_array_size(actions), sizeof kinds / sizeof *kinds);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const json_t *action = json_array_get(actions, i);
        ck_assert_str_eq(text_of(action, "kind"), kinds[i]);
        if (fields[i]) ck_assert_ptr_nonnull(json_object_get(action, fields[i]));
    }
    json_decref(decoded);
    end();
}
END_TEST

START_TEST(a_transaction_that_is_not_final_has_nothing_to_decode) {
    if (!begin(_i)) return;
    static const char pattern[] = "/v1/transactions/{id}/decoded";
    get_refused(pattern,
                "/v1/transactions/"
                "0000000000000000000000000000000000000000000000000000000000000000/decoded",
                404, "not_found");
    get_refused(pattern, "/v1/transactions/none/decoded", 400, "not_an_id");
    end();
}
END_TEST

// ---- contracts, witnesses, search

START_TEST(contracts_are_listed_with_their_own_names_newest_first) {
    struct account_id counter;
    struct hash id;
    if (!begin(_i)) return;
    deploy_counter(&counter, &id);
    await_index();
    json_t *all = get_all("/v1/contracts", "/v1/contracts?perPage=1");
    const json_t *newest = json_array_get(all, 0), *first = json_array_get(all, 1);
    ck_assert_uint_eq(json_array_size(all), 2);
    ck_assert_str_eq(text_of(newest, "address"), address_of(&counter));
    ck_assert_str_eq(text_of(newest, "transaction"), hex_of(&id));
    ck_assert(json_is_null(json_object_get(newest, "name")));
    ck_assert_str_eq(text_of(first, "address"), address_of(&fixture.contract));
    ck_assert_str_eq(text_of(first, "name"), "pot");
    ck_assert_int_eq(number_of(first, "height"), 0);
    json_decref(all);
    get_refused("/v1/contracts", "/v1/contracts?perPage=101", 400, "invalid_query");
    end();
}
END_TEST

START_TEST(witnesses_are_told_with_the_blocks_that_they_made) {
    struct hash id;
    struct node_head head;
    if (!begin(_i)) return;
    for (int i = 0; i < PAYMENTS; i++) pay(0, &fixture.ids[2], &id);
    await_index();
    node_head(fixture.node, &head);
    json_t *list = get("/v1/witnesses", "/v1/witnesses", 200),
           *items = json_object_get(list, "items");
    int64_t produced = 0, newest = 0;
    ck_assert_uint_eq(json_array_size(items), FIXTURE_WITNESSES);
    ck_assert_int_eq(number_of(list, "quorum"), 3);
    for (size_t i = 0; i < FIXTURE_WITNESSES; i++) {
        const json_t *last = json_object_get(json_array_get(items, i), "last_height");
        produced += number_of(json_array_get(items, i), "produced");
        if (json_integer_value(last) > newest) newest = json_integer_value(last);
    }
    ck_assert_int_eq(produced, (int64_t)head.header.height);
    ck_assert_int_eq(newest, (int64_t)head.header.height);
    json_decref(list);
    end();
}
END_TEST

static void check_found(const char *text, const char *kind, const char *path) {
    char query[256];
    snprintf(query, sizeof query, "/v1/search?q=%s", text);
    json_t *list = get("/v1/search", query, 200), *items = json_object_get(list, "items");
    ck_assert_uint_eq(json_array_size(items), kind ? 1 : 0);
    if (kind) {
        ck_assert_str_eq(text_of(json_array_get(items, 0), "kind"), kind);
        ck_assert_str_eq(text_of(json_array_get(items, 0), "path"), path);
    }
    json_decref(list);
}

START_TEST(a_search_finds_whatever_the_chain_knows) {
    struct hash id;
    struct node_head head;
    char path[160], hex[65];
    if (!begin(_i)) return;
    pay(0, &fixture.ids[2], &id);
    await_index();
    node_head(fixture.node, &head);
    check_found("1", "block", "/explorer/blocks/1");
    check_found("%20+1%20", "block", "/explorer/blocks/1");
    check_found("999999", NULL, NULL);
    check_found("0", NULL, NULL);
    snprintf(path, sizeof path, "/explorer/blocks/%llu", (unsigned long long)head.header.height);
    check_found(hex_of(&head.id), "block", path);
    snprintf(path, sizeof path, "/explorer/transactions/%s", hex_of(&id));
    check_found(hex_of(&id), "transaction", path);
    snprintf(path, sizeof path, "/explorer/accounts/%s", address_of(&fixture.ids[2]));
    check_found(address_of(&fixture.ids[2]), "account", path);
    hex_encode(hex, BYTES_OF(fixture.ids[2].bytes));
    check_found(hex, "account", path);
    snprintf(path, sizeof path, "/explorer/contracts/%s", address_of(&fixture.contract));
    check_found(address_of(&fixture.contract), "contract", path);
    check_found("po", "contract", path);
    hex_encode(hex, BYTES_OF(node_witness_set(fixture.node)->keys[2].bytes));
    check_found(hex, "witness", "/explorer/witnesses");
    check_found("nothing", NULL, NULL);
    check_found("", NULL, NULL);
    get_refused("/v1/search", "/v1/search", 400, "invalid_query");
    end();
}
END_TEST

// ---- the rows

static json_t *all_lists(void) {
    json_t *lists = json_array();
    json_array_append_new(lists, get_all("/v1/transactions", "/v1/transactions"));
    json_array_append_new(lists, get_all("/v1/contracts", "/v1/contracts"));
    json_array_append_new(lists, get("/v1/witnesses", "/v1/witnesses", 200));
    json_array_append_new(lists, get_transactions_of(&fixture.ids[2], ""));
    return lists;
}

START_TEST(rows_that_are_made_again_are_the_same) {
    struct account_id counter;
    struct hash id;
    if (!begin(_i)) return;
    for (int i = 0; i < PAYMENTS; i++) pay(i % 2, &fixture.ids[2], &id);
    deploy_counter(&counter, &id);
    ck_assert_int_eq(call_pot("give", 7, &id), TX_CODE_OK);
    await_index();
    json_t *before = all_lists();
    index_close(server.index);
    open_index(true);
    await_index();
    json_t *after = all_lists();
    ck_assert(json_same(before, after));
    json_decref(before);
    json_decref(after);
    end();
}
END_TEST

static void add_case(TCase *cases, const TTest *test) {
    tcase_add_loop_test(cases, test, 0, TEST_ENGINES);
}

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    log_set_level(LOG_WARNING);
    Suite *suite = suite_create("explorer");
    TCase *cases = tcase_create("explorer");
    tcase_set_timeout(cases, 60);
    add_case(cases, transactions_are_listed_newest_first_each_once_over_pages);
    add_case(cases, an_account_has_the_transactions_that_it_has_to_do_with);
    add_case(cases, an_accounts_pages_follow_one_another);
    add_case(cases, a_blocks_transactions_come_in_its_order);
    add_case(cases, a_call_is_told_in_the_words_of_its_contract);
    add_case(cases, a_refusal_is_told_with_the_contracts_sentence);
    add_case(cases, what_no_description_fits_is_told_in_bytes);
    add_case(cases, each_kind_of_action_has_its_fields);
    add_case(cases, a_transaction_that_is_not_final_has_nothing_to_decode);
    add_case(cases, contracts_are_listed_with_their_own_names_newest_first);
    add_case(cases, witnesses_are_told_with_the_blocks_that_they_made);
    add_case(cases, a_search_finds_whatever_the_chain_knows);
    add_case(cases, rows_that_are_made_again_are_the_same);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
