// SPDX-License-Identifier: Apache-2.0
// What a server tells of contracts and witnesses, finds, and tries; and that its rows can be made
// again.
#include <stdio.h>

#include "apps/common/json/json.h"
#include "tests/joint/explorer_fixture.h"

// ---- trying

static json_t *simulate(struct bytes encoded) {
    return post("/v1/simulate", "/v1/simulate", "application/octet-stream", encoded);
}

START_TEST(a_simulation_tells_what_would_happen_and_changes_nothing) {
    struct tx tx;
    struct buf encoded = {0};
    struct node_head before, after;
    if (!begin(_i)) return;
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "give", bytes_of("", 0));
    tx.actions[0].call.value = amount_of_units(7);
    tx_encode(&encoded, &tx);
    node_head(fixture.node, &before);
    json_t *foretold = simulate(buf_bytes(&encoded));
    node_head(fixture.node, &after);
    ck_assert_int_eq(answer.code, 200);
    ck_assert(hash_equal(&before.id, &after.id));
    ck_assert_str_eq(text_of(foretold, "code"), "OK");
    ck_assert_int_gt(number_of(foretold, "gas_used"), 0);
    check_give(foretold);
    json_decref(foretold);
    tx.actions[0].call.method = bytes_of_string("settle");
    tx.actions[0].call.value = amount_of_units(0);
    buf_reset(&encoded);
    tx_encode(&encoded, &tx);
    foretold = simulate(buf_bytes(&encoded));
    ck_assert_str_eq(text_of(foretold, "contract_message"), "the deadline has not passed yet");
    json_decref(foretold);
    foretold = simulate(bytes_of(encoded.data, encoded.len - 1));
    ck_assert_int_eq(answer.code, 400);
    ck_assert_str_eq(text_of(foretold, "code"), "MALFORMED");
    json_decref(foretold);
    buf_clear(&encoded);
    end();
}
END_TEST

static json_t *ask_view(const struct account_id *contract, const char *view, const char *body) {
    char path[160];
    snprintf(path, sizeof path, "/v1/contracts/%s/views/%s", address_of(contract), view);
    return post("/v1/contracts/{address}/views/{method}", path, "application/json",
                bytes_of_string(body));
}

static void check_view_refused(const char *view, const char *body, const char *code,
                               const char *pointer) {
    json_t *problem = ask_view(&fixture.contract, view, body);
    ck_assert_str_eq(text_of(problem, "code"), code);
    if (pointer) ck_assert_str_eq(text_of(problem, "pointer"), pointer);
    json_decref(problem);
}

START_TEST(a_view_is_asked_and_answers_in_json) {
    struct hash id;
    struct account_id counter;
    char body[160];
    if (!begin(_i)) return;
    ck_assert_int_eq(call_pot("give", 7, &id), TX_CODE_OK);
    json_t *told = ask_view(&fixture.contract, "pot", "{}");
    ck_assert_msg(answer.code == 200, "%s", answer_text(&answer));
    ck_assert_str_eq(text_of(json_object_get(told, "result"), "total"), "7");
    json_decref(told);
    snprintf(body, sizeof body, "{\"arguments\":{\"account\":\"%s\"}}",
             address_of(&fixture.ids[0]));
    told = ask_view(&fixture.contract, "share", body);
    ck_assert_str_eq(text_of(told, "result"), "7");
    ck_assert_str_eq(text_of(told, "result_hex"), "0700000000000000");
    json_decref(told);
    check_view_refused("share", "{\"arguments\":{\"account\":5}}", "invalid_arguments",
                       "/arguments/account");
    check_view_refused("share", "{\"arguments\":{}}", "invalid_arguments", NULL);
    check_view_refused("share", "{", "invalid_arguments", NULL);
    check_view_refused("share", "[]", "invalid_arguments", "");
    check_view_refused("share", "{\"more\":1}", "invalid_arguments", "/more");
    check_view_refused("nothing", "{}", "UNKNOWN_METHOD", NULL);
    deploy_counter(&counter, &id);
    told = ask_view(&counter, "count", "{}");
    ck_assert_str_eq(text_of(told, "code"), "no_description");
    json_decref(told);
    told = ask_view(&fixture.ids[0], "count", "{}");
    ck_assert_str_eq(text_of(told, "code"), "UNKNOWN_CONTRACT");
    json_decref(told);
    end();
}
END_TEST

// ---- contracts, witnesses, search

START_TEST(those_of_genesis_are_listed_before_there_is_any_block) {
    if (!begin(_i)) return;
    json_t *all = get_all("/v1/contracts", "/v1/contracts");
    ck_assert_uint_eq(json_array_size(all), 1);
    ck_assert_str_eq(text_of(json_array_get(all, 0), "name"), "pot");
    json_decref(all);
    get_refused("/v1/contracts", "/v1/contracts?nextPageToken=ffffffffffffffff0000000000000000",
                400, "invalid_query");
    end();
}
END_TEST

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
    ck_assert_str_eq(text_of(newest, "tx"), hex_of(&id));
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
    int64_t produced = 0, taken = 0, newest = 0;
    ck_assert_uint_eq(json_array_size(items), FIXTURE_WITNESSES);
    ck_assert_int_eq(number_of(list, "quorum"), 3);
    for (size_t i = 0; i < FIXTURE_WITNESSES; i++) {
        const json_t *last = json_object_get(json_array_get(items, i), "last_height");
        produced += number_of(json_array_get(items, i), "produced");
        taken += number_of(json_array_get(items, i), "taken");
        ck_assert_int_eq(number_of(json_array_get(items, i), "missed"), 0);
        if (json_integer_value(last) > newest) newest = json_integer_value(last);
    }
    ck_assert_int_eq(produced, (int64_t)head.header.height);
    ck_assert_int_eq(taken, produced); // all in the first epoch
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
    struct witnesses witnesses;
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
    ck_assert(node_witnesses(fixture.node, 0, &witnesses));
    hex_encode(hex, BYTES_OF(witnesses.list[2].key.bytes));
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
    json_array_append_new(lists, get_all("/v1/epochs", "/v1/epochs"));
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

void explorer_try_cases(TCase *cases) {
    add_case(cases, a_simulation_tells_what_would_happen_and_changes_nothing);
    add_case(cases, a_view_is_asked_and_answers_in_json);
    add_case(cases, those_of_genesis_are_listed_before_there_is_any_block);
    add_case(cases, contracts_are_listed_with_their_own_names_newest_first);
    add_case(cases, witnesses_are_told_with_the_blocks_that_they_made);
    add_case(cases, a_search_finds_whatever_the_chain_knows);
    add_case(cases, rows_that_are_made_again_are_the_same);
}
