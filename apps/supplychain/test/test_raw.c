// SPDX-License-Identifier: Apache-2.0
// What reaches the server's index past its own API: transactions that anybody may sign and send.
// None of them may stop the server or write rows that the standard's rules refuse.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/supplychain.h"
#include "apps/supplychain/test/raw.h"
#include "chaincore/chain/proof.h"
#include "chaincore/light/light.h"
#include "tests/support/database.h"
#include "tests/support/live_stream.h"
#include "tests/support/puppet.h"
#include "tests/support/unit.h"

enum { NOT_IN_A_TRANSACTION = 10 }; // the contract's code

#define TWO_EVENTS                                                                           \
    DOCUMENT_OF("urn:epc:id:sgtin:0614141.107346.2017",                                      \
                "},{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\","                        \
                "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\"," \
                "\"epcList\":[]")

// The proof of an event holds, and is of what the market's contract told.
static void check_proof(const json_t *item) {
    static struct event_proof proof;
    struct reply file;
    struct buf encoded = {0};
    struct light_fact fact;
    enum light_step step;
    struct hash chain_id;
    server_ask(&raw.server, &(struct ask){.path = member(item, "proof")}, &file);
    ck_assert_int_eq(file.status, 200);
    assert_ok(proof_file_read(&chain_id, &encoded, buf_bytes(&file.body)));
    ck_assert(hash_equal(&chain_id, &raw.chain_id));
    assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
    assert_ok(light_check_event(&fact, &step, &proof, &chain_id));
    ck_assert(account_id_equal(&fact.event->contract, &raw.market));
    ck_assert(bytes_equal(fact.event->topic, bytes_of_string("captured")));
    reply_clear(&file);
    buf_clear(&encoded);
}

static void deploy_counter(struct account_id *out) {
    static struct tx tx;
    struct buf code = {0};
    struct hash id;
    uint64_t start = 0;
    assert_ok(file_read(&code, "tests/support/counter.wasm", 1 << 20));
    tx = (struct tx){.action_count = 1};
    tx.actions[0].kind = TX_DEPLOY;
    tx.actions[0].deploy.code = buf_bytes(&code);
    tx.actions[0].deploy.arguments = BYTES_OF(start);
    raw_run(&tx, &id, "OK");
    account_id_of_deployed(out, &id, 0);
    buf_clear(&code);
}

START_TEST(another_contracts_events_in_the_transaction_are_passed_over) {
    static struct tx tx;
    struct account_id counter;
    struct buf amount = {0}, arguments = {0};
    struct hash id;
    deploy_counter(&counter);
    encode_u64(&amount, 1);
    raw_encode_job(&arguments, 1);
    encode_bytes(&arguments, bytes_of_string(DOCUMENT));
    raw_encode_entries(&arguments, DOCUMENT);
    tx = (struct tx){0};
    raw_add_call(&tx, &counter, "add", &amount);
    raw_add_call(&tx, &raw.market, "capture", &arguments);
    raw_add_call(&tx, &counter, "add", &amount);
    raw_run(&tx, &id, "OK");
    raw_check_job(1, true, 1);
    // The event's proof must be of the market's own event, the second of the transaction.
    json_t *list = server_get(&raw.server, "/v1/events");
    const json_t *item = json_array_get(json_object_get(list, "items"), 0);
    check_proof(item);
    json_decref(list);
    buf_clear(&amount);
    buf_clear(&arguments);
}
END_TEST

START_TEST(a_staged_job_closes_beside_another_contracts_events) {
    static struct tx tx;
    struct account_id counter;
    struct buf amount = {0}, stage = {0}, end = {0};
    struct hash id;
    deploy_counter(&counter);
    encode_u64(&amount, 1);
    raw_encode_job(&stage, 2);
    encode_u32(&stage, 0);
    encode_bytes(&stage, bytes_of_string(DOCUMENT));
    raw_encode_entries(&stage, DOCUMENT);
    raw_encode_job(&end, 2);
    encode_u32(&end, 1);
    encode_u64(&end, strlen(DOCUMENT));
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "stage", &stage);
    raw_add_call(&tx, &counter, "add", &amount);
    raw_add_call(&tx, &raw.market, "close", &end);
    raw_run(&tx, &id, "OK");
    raw_check_job(2, true, 1);
    buf_clear(&amount);
    buf_clear(&stage);
    buf_clear(&end);
}
END_TEST

// Captures a document, registering the event of another one.
static void capture_as(uint8_t job, const char *document, const char *registered,
                       const char *code) {
    static struct tx tx;
    struct buf arguments = {0};
    struct hash id;
    raw_encode_job(&arguments, job);
    encode_bytes(&arguments, bytes_of_string(document));
    raw_encode_entries(&arguments, registered);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "capture", &arguments);
    raw_run(&tx, &id, code);
    buf_clear(&arguments);
}

static void capture_raw(uint8_t job, const char *document, const char *code) {
    capture_as(job, document, DOCUMENT, code);
}

START_TEST(a_document_that_is_no_epcis_gives_no_rows_and_a_failed_job) {
    struct live_stream stream;
    struct live_event event;
    live_open(&stream, &raw.server, NULL);
    capture_raw(1, "no JSON", "OK");
    raw_check_job(1, false, 0);
    live_next(&stream, &event); // its transaction is well, and yet it is no success
    ck_assert_str_eq(event.type, "capture");
    ck_assert(json_is_false(json_object_get(event.data, "success")));
    live_event_clear(&event);
    live_close(&stream);
    raw_check_failed(1, "INVALID_DOCUMENT");
    capture_raw(2, "", "OK");
    raw_check_job(2, false, 0);
    capture_raw(1, DOCUMENT, "CONTRACT_REFUSED"); // the job was used
    raw_check_job(1, false, 0);
    raw_check_failed(1, "INVALID_DOCUMENT"); // and stays what it was
    capture_as(3, OTHER, DOCUMENT, "OK");
    raw_check_failed(3, "OTHER_EVENT");
    capture_raw(4, TWO_EVENTS, "OK");
    raw_check_failed(4, "OTHER_EVENT_COUNT");
    raw_check_job(4, false, 0);
}
END_TEST

START_TEST(a_garbage_document_does_not_keep_an_event_from_its_row) {
    capture_raw(1, "no JSON", "OK"); // registers the event's entry, and gives no row
    raw_check_job(1, false, 0);
    capture_raw(2, DOCUMENT, "OK"); // the true document: known to the contract
    raw_check_job(2, true, 1);
    capture_raw(3, DOCUMENT " ", "OK"); // now there is a row, and no second one
    raw_check_job(3, true, 1);
    json_t *list = server_get(&raw.server, "/v1/events");
    const json_t *item = json_array_get(json_object_get(list, "items"), 0);
    check_proof(item);
    json_decref(list);
}
END_TEST

// Of all events, the newest first: who captured it, and whether its comment is there.
static void check_captors(const char *const *captors, size_t count) {
    json_t *list = server_get(&raw.server, "/v1/events");
    const json_t *items = json_object_get(list, "items");
    ck_assert_uint_eq(json_array_size(items), count);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(items, i);
        ck_assert_str_eq(member(item, "capturedBy"), captors[i]);
        check_proof(item);
    }
    json_decref(list);
}

START_TEST(a_stranger_cannot_squat_on_an_event_id) {
    char stranger[sizeof raw.address], own[sizeof raw.address];
    memcpy(own, raw.address, sizeof own);
    raw_act_as("alice");
    memcpy(stranger, raw.address, sizeof stranger);
    capture_as(1, "no JSON", OTHER, "OK"); // the eventID with other content, of no document
    capture_as(2, "no JSON", OTHER, "OK");
    capture_as(3, OTHER, OTHER, "OK"); // and of a good one
    capture_as(4, DOCUMENT, DOCUMENT, "CONTRACT_REFUSED");
    raw_act_as("server");
    capture_raw(1, DOCUMENT, "OK");
    raw_check_job(1, true, 2);
    check_captors((const char *const[]){own, stranger}, 2);
    capture_as(2, OTHER, OTHER, "CONTRACT_REFUSED");
    raw_check_job(2, false, 2);
    json_t *event =
        server_get(&raw.server, "/v1/events/" EVENT_ID); // the own one, though the younger
    ck_assert_str_eq(member(event, "capturedBy"), own);
    json_decref(event);
}
END_TEST

START_TEST(a_stranger_cannot_take_an_events_row) {
    char stranger[sizeof raw.address], own[sizeof raw.address];
    memcpy(own, raw.address, sizeof own);
    raw_act_as("alice");
    memcpy(stranger, raw.address, sizeof stranger);
    capture_as(1, "no JSON", DOCUMENT, "OK");
    capture_as(2, DOCTORED, DOCTORED, "OK"); // the same hash, another text
    raw_act_as("server");
    capture_raw(1, DOCUMENT, "OK");
    raw_check_job(1, true, 2);
    check_captors((const char *const[]){own, stranger}, 2);
    capture_as(2, DOCTORED, DOCTORED, "OK"); // known to this account, which has a row
    raw_check_job(2, true, 2);
}
END_TEST

// The bytes that no index of PostgreSQL holds, in a way that no database can make shorter.
static void append_noise(struct buf *out, size_t len) {
    uint32_t noise = 1;
    for (size_t i = 0; i < len; i++) {
        noise = noise * 1664525 + 1013904223;
        buf_append_byte(out, (uint8_t) "0123456789abcdefghijklmnopqrstuv"[noise >> 27]);
    }
}

static void check_long_identifiers(void) {
    struct buf noise = {0}, document = {0};
    append_noise(&noise, 9000);
    buf_append_format(&document, DOCUMENT_OF("urn:ex:%s", ""), buf_as_string(&noise));
    capture_raw(1, buf_as_string(&document), "OK"); // the contract sees no more than hashes
    raw_check_job(1, false, 0);
    buf_reset(&document);
    buf_append_format(&document, DOCUMENT_OF("urn:ex:1", ",\"parentID\":\"urn:ex:%s\""),
                      buf_as_string(&noise));
    capture_raw(2, buf_as_string(&document), "OK");
    raw_check_job(2, false, 0);
    capture_raw(3, DOCUMENT, "OK"); // the index goes on
    raw_check_job(3, true, 1);
    buf_clear(&noise);
    buf_clear(&document);
}

START_TEST(identifiers_too_long_for_an_index_give_no_rows) { check_long_identifiers(); }
END_TEST

START_TEST(identifiers_too_long_for_an_index_of_postgresql_give_no_rows) {
    struct test_database database;
    if (!test_database_open(&database, TEST_POSTGRES)) return;
    server_stop(&raw.server);
    raw.server.index = database.url;
    server_start(&raw.server);
    check_long_identifiers();
    server_stop(&raw.server);
    test_database_close(&database);
}
END_TEST

static void check_contract_code(const struct hash *id, int contract_code) {
    char path[96] = "/v1/transactions/";
    hex_encode(path + strlen(path), BYTES_OF(id->bytes));
    json_t *found = server_get(&raw.server, path);
    ck_assert_str_eq(member(found, "status"), "failed");
    ck_assert_int_eq(json_integer_value(json_object_get(found, "contract_code")), contract_code);
    json_decref(found);
}

// A contract passes a capture on, and the same job's own capture follows in one transaction.
START_TEST(another_contract_cannot_capture) {
    static struct tx tx;
    struct account_id puppet;
    struct buf code = {0}, inner = {0}, script = {0};
    struct hash id;
    assert_ok(file_read(&code, "tests/support/puppet.wasm", 1 << 20));
    tx = (struct tx){.action_count = 1};
    tx.actions[0].kind = TX_DEPLOY;
    tx.actions[0].deploy.code = buf_bytes(&code);
    raw_run(&tx, &id, "OK");
    account_id_of_deployed(&puppet, &id, 0);
    raw_encode_job(&inner, 7);
    encode_bytes(&inner, bytes_of_string(DOCUMENT));
    raw_encode_entries(&inner, DOCUMENT);
    encode_u8(&script, PUPPET_CALL);
    encode_fixed(&script, &raw.market, sizeof raw.market);
    encode_bytes(&script, bytes_of_string("capture"));
    encode_bytes(&script, buf_bytes(&inner));
    encode_u64(&script, 0);
    encode_u64(&script, UINT64_MAX);
    tx = (struct tx){0};
    raw_add_call(&tx, &puppet, "act", &script);
    raw_add_call(&tx, &raw.market, "capture", &inner);
    raw_run(&tx, &id, "OK");
    raw_check_job(7, true, 1);
    script.data[0] = PUPPET_MUST_CALL;
    tx = (struct tx){0};
    raw_add_call(&tx, &puppet, "act", &script);
    raw_run(&tx, &id, "CONTRACT_REFUSED");
    script.data[0] = PUPPET_RELAY;
    tx = (struct tx){0};
    raw_add_call(&tx, &puppet, "act", &script);
    raw_run(&tx, &id, "CONTRACT_REFUSED");
    check_contract_code(&id, NOT_IN_A_TRANSACTION);
    buf_clear(&code);
    buf_clear(&inner);
    buf_clear(&script);
}
END_TEST

START_TEST(an_empty_chunk_is_kept_and_closed) {
    static struct tx tx;
    struct buf first = {0}, second = {0}, end = {0};
    struct hash id;
    raw_encode_job(&first, 4);
    encode_u32(&first, 0);
    encode_bytes(&first, bytes_of("", 0));
    encode_u32(&first, 0);
    raw_encode_job(&second, 4);
    encode_u32(&second, 1);
    encode_bytes(&second, bytes_of_string(DOCUMENT));
    raw_encode_entries(&second, DOCUMENT);
    raw_encode_job(&end, 4);
    encode_u32(&end, 2);
    encode_u64(&end, strlen(DOCUMENT));
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "stage", &first);
    raw_add_call(&tx, &raw.market, "stage", &second);
    raw_run(&tx, &id, "OK");
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "close", &end);
    raw_run(&tx, &id, "OK");
    raw_check_job(4, true, 1);
    buf_clear(&first);
    buf_clear(&second);
    buf_clear(&end);
}
END_TEST

static json_t *ask_json(const char *path, long status) {
    struct reply reply;
    json_error_t error;
    server_ask(&raw.server, &(struct ask){.path = path}, &reply);
    ck_assert_msg(reply.status == status, "%ld %s", reply.status, (const char *)reply.body.data);
    json_t *result = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
    ck_assert_ptr_nonnull(result);
    reply_clear(&reply);
    return result;
}

START_TEST(a_refusal_comes_with_the_sentence_of_the_contract) {
    static struct tx tx;
    struct account_id counter;
    struct hash id;
    struct buf arguments = {0}, none = {0};
    char path[128] = "/v1/transactions/";
    raw_encode_job(&arguments, 1);
    encode_bytes(&arguments, bytes_of_string("{}"));
    encode_u32(&arguments, 0);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "capture", &arguments);
    raw_run(&tx, &id, "CONTRACT_REFUSED");
    hex_encode(path + strlen(path), BYTES_OF(id.bytes));
    json_t *found = ask_json(path, 200);
    ck_assert_str_eq(member(found, "contract_message"), "there are no events to capture");
    json_decref(found);
    // Two contracts: the receipt does not say whose code it is, so nobody claims to know.
    deploy_counter(&counter);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "capture", &arguments);
    raw_add_call(&tx, &counter, "add", &none);
    raw_run(&tx, &id, "CONTRACT_REFUSED");
    hex_encode(path + strlen("/v1/transactions/"), BYTES_OF(id.bytes));
    found = ask_json(path, 200);
    ck_assert_str_eq(member(found, "contract_message"), "");
    ck_assert_int_eq(json_integer_value(json_object_get(found, "contract_code")), 7);
    json_decref(found);
    buf_clear(&arguments);
}
END_TEST

#define ZEROS_64 "0000000000000000000000000000000000000000000000000000000000000000"

START_TEST(contracts_answer_for_themselves) {
    char address[ADDRESS_CHARS + 1], path[256];
    struct reply reply;
    address_encode(address, raw.market.bytes);
    snprintf(path, sizeof path, "/v1/contracts/%s", address);
    json_t *found = ask_json(path, 200);
    ck_assert_str_eq(member(found, "upgrader"), "witnesses");
    ck_assert_str_eq(member(found, "deposit"), "0");
    json_decref(found);
    snprintf(path, sizeof path, "/v1/contracts/%s/abi", address);
    server_ask(&raw.server, &(struct ask){.path = path}, &reply);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "\"captured\""));
    reply_clear(&reply);
    static const struct {
        const char *path, *member, *value;
        long status;
    } cases[] = {
        {"views/place?arguments=" ZEROS_64 ZEROS_64, "result", "00", 200},
        {"views/place", "contract_message", "the arguments are not of the method's form", 422},
        {"views/place?arguments=0" ZEROS_64, "code", "not_hex", 400},
        {"views/nothing", "code", "UNKNOWN_METHOD", 404},
        {"views/capture", "code", "UNKNOWN_METHOD", 404},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(path, sizeof path, "/v1/contracts/%s/%s", address, cases[i].path);
        found = ask_json(path, cases[i].status);
        ck_assert_str_eq(member(found, cases[i].member), cases[i].value);
        json_decref(found);
    }
    address_encode(address, raw.sender.bytes); // an account is no contract
    snprintf(path, sizeof path, "/v1/contracts/%s", address);
    json_decref(ask_json(path, 404));
    snprintf(path, sizeof path, "/v1/contracts/%s/views/place", address);
    json_decref(ask_json(path, 404));
}
END_TEST

START_TEST(a_view_that_its_contract_refuses_is_told_so) {
    struct account_id sharing;
    char path[160], address[ADDRESS_CHARS + 1];
    account_id_of_system_contract(&sharing, "sharing");
    address_encode(address, sharing.bytes);
    snprintf(path, sizeof path, "/v1/contracts/%s/views/quote", address);
    json_t *problem;
    ck_assert_int_eq(
        server_ask_json(&raw.server, "POST", path, "{\"arguments\":[9,1,2]}", &problem), 422);
    ck_assert_str_eq(member(problem, "code"), "CONTRACT_REFUSED");
    json_decref(problem);
}
END_TEST

static void expect_simulated(struct bytes body, long status, const char *code) {
    struct reply reply;
    server_ask(&raw.server,
               &(struct ask){.path = "/v1/simulate",
                             .body = body,
                             .content_type = "application/octet-stream"},
               &reply);
    ck_assert_msg(reply.status == status && strstr((const char *)reply.body.data, code), "%ld %s",
                  reply.status, (const char *)reply.body.data);
    reply_clear(&reply);
}

START_TEST(a_simulation_has_its_bounds) {
    static struct tx tx;
    struct buf encoded = {0}, none = {0};
    struct account_id counter;
    deploy_counter(&counter);
    tx = (struct tx){.version = TX_VERSION,
                     .sender = raw.sender,
                     .seq = raw_next_seq(),
                     .valid_until = 1000,
                     .gas_limit = 900000000,
                     .gas_price = 1};
    raw_add_call(&tx, &counter, "spin", &none);
    tx_encode(&encoded, &tx);
    expect_simulated(buf_bytes(&encoded), 422, "\"simulation_too_long\"");
    memset(buf_reserve(&encoded, LIMIT_DEPLOY_TX_BYTES), 0, LIMIT_DEPLOY_TX_BYTES);
    expect_simulated(bytes_of(encoded.data, LIMIT_DEPLOY_TX_BYTES + 1), 413, "\"status\":413");
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_document_larger_than_a_capture_is_not_read) {
    struct buf body = {0};
    struct reply reply;
    memset(buf_reserve(&body, CAPTURE_MAX_BYTES + 1), ' ', CAPTURE_MAX_BYTES + 1);
    body.len = CAPTURE_MAX_BYTES + 1;
    server_ask(&raw.server,
               &(struct ask){.path = "/v1/event-hash",
                             .body = buf_bytes(&body),
                             .content_type = "application/json"},
               &reply);
    ck_assert_int_eq(reply.status, 413);
    reply_clear(&reply);
    buf_clear(&body);
}
END_TEST

START_TEST(a_devnets_time_ends_with_the_year_9999) {
    enum { MOST = 1000 }; // decades
    long status = 200;
    for (int i = 0; i < MOST && status == 200; i++)
        status = server_ask_json(&raw.server, "POST", "/v1/devnet/warp", "{\"seconds\":316224000}",
                                 NULL);
    ck_assert_int_eq(status, 409);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("supplychain raw");
    TCase *cases = tcase_create("raw transactions");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, raw_open, raw_close);
    tcase_add_test(cases, another_contracts_events_in_the_transaction_are_passed_over);
    tcase_add_test(cases, a_staged_job_closes_beside_another_contracts_events);
    tcase_add_test(cases, a_document_that_is_no_epcis_gives_no_rows_and_a_failed_job);
    tcase_add_test(cases, a_garbage_document_does_not_keep_an_event_from_its_row);
    tcase_add_test(cases, a_stranger_cannot_squat_on_an_event_id);
    tcase_add_test(cases, a_stranger_cannot_take_an_events_row);
    tcase_add_test(cases, identifiers_too_long_for_an_index_give_no_rows);
    tcase_add_test(cases, identifiers_too_long_for_an_index_of_postgresql_give_no_rows);
    tcase_add_test(cases, another_contract_cannot_capture);
    tcase_add_test(cases, an_empty_chunk_is_kept_and_closed);
    tcase_add_test(cases, a_refusal_comes_with_the_sentence_of_the_contract);
    tcase_add_test(cases, contracts_answer_for_themselves);
    tcase_add_test(cases, a_view_that_its_contract_refuses_is_told_so);
    tcase_add_test(cases, a_simulation_has_its_bounds);
    tcase_add_test(cases, a_document_larger_than_a_capture_is_not_read);
    tcase_add_test(cases, a_devnets_time_ends_with_the_year_9999);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
