// SPDX-License-Identifier: Apache-2.0
// What a server tells of the chain's transactions.
#include <stdio.h>

#include "chaincore/base/log.h"
#include "chaincore/light/light.h"
#include "tests/joint/explorer_fixture.h"

// ---- transactions

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
        ck_assert_str_eq(text_of(item, "to"), address_of(&fixture.ids[2]));
        ck_assert_str_eq(text_of(item, "amount"), "0.00000005");
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

static void ask_list(const char *query, const char *headers) {
    char path[96];
    snprintf(path, sizeof path, "/v1/transactions%s", query);
    ask_get(&answer, http_server_port(server.http), path, headers);
}

START_TEST(a_list_is_to_be_had_as_csv) {
    static const char columns[] = "id,height,index,time,is_timer,sender,action,action_count,"
                                  "contract,method,to,amount,code,gas_used,event_count,proof\r\n";
    struct hash ids[PAYMENTS];
    if (!begin(_i)) return;
    ask_list("?format=csv", "");
    ck_assert_str_eq(answer_text(&answer), columns); // whatever the list holds
    for (int i = 0; i < PAYMENTS; i++) pay(0, &fixture.ids[2], &ids[i]);
    await_index();
    for (int way = 0; way < 2; way++) {
        ask_list(way == 0 ? "?format=csv&perPage=1" : "?perPage=1",
                 way == 0 ? "" : "Accept: text/csv\r\n");
        ck_assert_str_eq(answer_header(&answer, "Content-Type"),
                         "text/csv; charset=utf-8; header=present");
        ck_assert_str_eq(answer_header(&answer, "Vary"), "Accept");
        ck_assert_int_eq(strncmp(answer_text(&answer), columns, strlen(columns)), 0);
        const char *row = answer_text(&answer) + strlen(columns);
        ck_assert_int_eq(strncmp(row, hex_of(&ids[PAYMENTS - 1]), 64), 0);
        ck_assert_ptr_nonnull(strstr(row, ",transfer,1,,,lmm1"));
        ck_assert(*answer_header(&answer, "Link"));
    }
    ask_list("?format=csv&format=csv", "");
    ck_assert_int_eq(answer.code, 400);
    ask_list("?format=xml", "");
    ck_assert_int_eq(answer.code, 400);
    ask_list("?format=json", "Accept: text/csv\r\n");
    ck_assert_int_eq(answer_text(&answer)[0], '{');
    end();
}
END_TEST

START_TEST(a_parameter_that_nobody_knows_is_refused) {
    if (!begin(_i)) return;
    get_refused("/v1/transactions", "/v1/transactions?owner=lmm1", 400, "invalid_query");
    assert_has(&answer, "\"pointer\":\"owner\"");
    get_refused("/v1/witnesses", "/v1/witnesses?perPage=1", 400, "invalid_query");
    end();
}
END_TEST

// ---- decoded

void check_give(const json_t *decoded) {
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

START_TEST(each_event_leads_to_its_proof) {
    static const char pattern[] = "/v1/transactions/{id}/events/{index}/proof";
    struct hash id;
    char path[160];
    if (!begin(_i)) return;
    ck_assert_int_eq(call_pot("give", 7, &id), TX_CODE_OK);
    json_t *decoded = get_decoded(&id);
    const json_t *event = json_array_get(json_object_get(decoded, "events"), 0);
    json_t *file = get(pattern, text_of(event, "proof"), 200);
    struct buf encoded = {0};
    struct event_proof proof;
    struct light_fact fact;
    enum light_step step;
    const char *hex = text_of(file, "proof");
    size_t len = strlen(hex) / 2;
    assert_ok(hex_decode(buf_reserve(&encoded, len), len, hex));
    encoded.len = len;
    assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
    assert_ok(light_check_event(&fact, &step, &proof, node_chain_id(fixture.node)));
    ck_assert(hash_equal(&fact.tx_id, &id));
    assert_bytes_equal(fact.event->topic, bytes_of_string("given"));
    buf_clear(&encoded);
    json_decref(file);
    json_decref(decoded);
    snprintf(path, sizeof path, "/v1/transactions/%s/events/1/proof", hex_of(&id));
    get_refused(pattern, path, 404, "not_found");
    snprintf(path, sizeof path, "/v1/transactions/%s/events/x/proof", hex_of(&id));
    get_refused(pattern, path, 404, "not_found");
    get_refused(pattern, "/v1/transactions/none/events/0/proof", 400, "not_an_id");
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
    add_case(cases, a_list_is_to_be_had_as_csv);
    add_case(cases, a_parameter_that_nobody_knows_is_refused);
    add_case(cases, a_call_is_told_in_the_words_of_its_contract);
    add_case(cases, each_event_leads_to_its_proof);
    add_case(cases, a_refusal_is_told_with_the_contracts_sentence);
    add_case(cases, what_no_description_fits_is_told_in_bytes);
    add_case(cases, each_kind_of_action_has_its_fields);
    add_case(cases, a_transaction_that_is_not_final_has_nothing_to_decode);
    explorer_ballot_cases(cases);
    explorer_network_cases(cases);
    explorer_try_cases(cases);
    explorer_proof_cases(cases);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
