// SPDX-License-Identifier: Apache-2.0
// What reaches the server's index past its own API: transactions that anybody may sign and send.
// None of them may stop the server or write rows that the standard's rules refuse.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/epcis/document_split.h"
#include "chaincore/chaincore.h"
#include "tests/support/database.h"
#include "tests/support/live_stream.h"
#include "tests/support/puppet.h"
#include "tests/support/server_process.h"
#include "tests/support/unit.h"

#define EVENT_ID "urn:uuid:00000000-0000-4000-8000-000000000001"
#define DOCUMENT DOCUMENT_OF("urn:epc:id:sgtin:0614141.107346.2017", "")
#define OTHER DOCUMENT_OF("urn:epc:id:sgtin:0614141.107346.2018", "")
// The same event: comments are no part of its hash.
#define DOCTORED DOCUMENT_OF("urn:epc:id:sgtin:0614141.107346.2017", ",\"rdfs:comment\":\"x\"")
#define DOCUMENT_OF(epc, more)                                                                \
    "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],"     \
    "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","                                   \
    "\"creationDate\":\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":["                \
    "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventID\":\"" EVENT_ID "\","          \
    "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\",\"epcList\":[" \
    "\"" epc "\"]" more "}]}}"

static struct server_process server;
static struct secret_key key; // of who acts: first the server's own, whose jobs GET /capture shows
static struct account_id sender, market;
static char sender_address[ADDRESS_CHARS + 1];
static struct hash chain_id;

// The devnet's keys are everybody's.
static void act_as(const char *role) {
    uint8_t seed[MNEMONIC_SEED_BYTES];
    struct derive_path path;
    struct derived_key derived;
    struct public_key public;
    const char *mnemonic = member(server.ready, "mnemonic"), *path_text = NULL;
    size_t i;
    json_t *account;
    json_array_foreach(json_object_get(server.ready, "accounts"), i, account) {
        if (strcmp(member(account, "role"), role) == 0) path_text = member(account, "path");
    }
    ck_assert_ptr_nonnull(path_text);
    assert_ok(mnemonic_to_seed(seed, bytes_of_string(mnemonic), bytes_of("", 0)));
    assert_ok(derive_path_parse(&path, bytes_of_string(path_text)));
    assert_ok(derive_along(&derived, BYTES_OF(seed), &path));
    key_from_seed(&key, &public, derived.seed);
    account_id_of_key(&sender, &public);
    address_encode(sender_address, sender.bytes);
}

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
    act_as("server");
    account_id_of_system_contract(&market, "supplychain");
    assert_ok(hex_decode(chain_id.bytes, sizeof chain_id.bytes, member(server.ready, "chain_id")));
}
static void tear_down(void) { server_clear(&server); }

static uint64_t next_seq(void) {
    char path[128];
    snprintf(path, sizeof path, "/v1/accounts/%s", sender_address);
    json_t *account = server_get(&server, path);
    uint64_t seq = (uint64_t)json_integer_value(json_object_get(account, "next_seq"));
    json_decref(account);
    return seq;
}

// Signs, sends and awaits; the code that the transaction ended with must be `code`.
static void run(struct tx *tx, struct hash *id, const char *code) {
    struct buf encoded = {0};
    struct reply reply;
    json_error_t error;
    char id_text[65], path[128];
    tx->version = TX_VERSION;
    tx->sender = sender;
    tx->seq = next_seq();
    tx->valid_until = 1000;
    tx->gas_limit = 500000000;
    tx->gas_price = 1;
    assert_ok(tx_sign(tx, TX_ROLE_SENDER, &key, &chain_id));
    tx_encode(&encoded, tx);
    tx_id(id, tx);
    server_ask(&server,
               &(struct ask){.path = "/v1/transactions?wait=final",
                             .body = buf_bytes(&encoded),
                             .content_type = "application/octet-stream"},
               &reply);
    ck_assert_msg(reply.status == 202, "%ld %s", reply.status, (const char *)reply.body.data);
    reply_clear(&reply);
    hex_encode(id_text, BYTES_OF(id->bytes));
    snprintf(path, sizeof path, "/v1/transactions/%s?wait=final", id_text);
    server_ask(&server, &(struct ask){.path = path}, &reply);
    json_t *result = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
    ck_assert_str_eq(member(result, "code"), code);
    json_decref(result);
    reply_clear(&reply);
    buf_clear(&encoded);
}

static void add_call(struct tx *tx, const struct account_id *contract, const char *method,
                     const struct buf *arguments) {
    struct tx_action *action = &tx->actions[tx->action_count++];
    action->kind = TX_CALL;
    action->call.contract = *contract;
    action->call.method = bytes_of_string(method);
    action->call.arguments = buf_bytes(arguments);
}

static void encode_job(struct buf *out, uint8_t job) {
    uint8_t id[32];
    memset(id, job, sizeof id);
    encode_fixed(out, id, sizeof id);
}

// The entry of the document's only event, as the server makes it.
static void encode_entries(struct buf *out, const char *text) {
    struct epcis_document document;
    struct epcis_fault fault;
    struct hash hash;
    assert_ok(epcis_document_split(&document, &fault, bytes_of_string(text)));
    ck_assert_uint_eq(document.event_count, 1);
    encode_u32(out, 1);
    encode_u8(out, 2); // an eventID was given
    encode_fixed(out, document.events[0].hash, EVENT_HASH_SIZE);
    hash_bytes(&hash, HASH_USER, document.events[0].id);
    encode_fixed(out, &hash, sizeof hash);
    hash_bytes(&hash, HASH_USER, document.events[0].text);
    encode_fixed(out, &hash, sizeof hash);
    epcis_document_clear(&document);
}

static json_t *get_job(uint8_t job) {
    char path[80] = "/capture/";
    uint8_t id[32];
    memset(id, job, sizeof id);
    hex_encode(path + strlen(path), BYTES_OF(id));
    return server_get(&server, path);
}

static void check_job(uint8_t job, bool is_success, size_t rows) {
    json_t *found = get_job(job);
    char *text = json_dumps(found, 0);
    ck_assert_msg(json_is_true(json_object_get(found, "success")) == is_success, "%s", text);
    ck_assert_msg(json_is_false(json_object_get(found, "running")), "%s", text);
    free(text);
    json_decref(found);
    json_t *list = server_get(&server, "/v1/events");
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), rows);
    json_decref(list);
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
    run(&tx, &id, "OK");
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
    encode_job(&arguments, 1);
    encode_bytes(&arguments, bytes_of_string(DOCUMENT));
    encode_entries(&arguments, DOCUMENT);
    tx = (struct tx){0};
    add_call(&tx, &counter, "add", &amount);
    add_call(&tx, &market, "capture", &arguments);
    add_call(&tx, &counter, "add", &amount);
    run(&tx, &id, "OK");
    check_job(1, true, 1);
    // The event's proof must be of the market's own event, the second of the transaction.
    json_t *list = server_get(&server, "/v1/events");
    const json_t *item = json_array_get(json_object_get(list, "items"), 0);
    json_decref(server_get(&server, member(item, "proof")));
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
    encode_job(&stage, 2);
    encode_u32(&stage, 0);
    encode_bytes(&stage, bytes_of_string(DOCUMENT));
    encode_entries(&stage, DOCUMENT);
    encode_job(&end, 2);
    encode_u32(&end, 1);
    encode_u64(&end, strlen(DOCUMENT));
    tx = (struct tx){0};
    add_call(&tx, &market, "stage", &stage);
    add_call(&tx, &counter, "add", &amount);
    add_call(&tx, &market, "close", &end);
    run(&tx, &id, "OK");
    check_job(2, true, 1);
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
    encode_job(&arguments, job);
    encode_bytes(&arguments, bytes_of_string(document));
    encode_entries(&arguments, registered);
    tx = (struct tx){0};
    add_call(&tx, &market, "capture", &arguments);
    run(&tx, &id, code);
    buf_clear(&arguments);
}

static void capture_raw(uint8_t job, const char *document, const char *code) {
    capture_as(job, document, DOCUMENT, code);
}

START_TEST(a_document_that_is_no_epcis_gives_no_rows_and_a_failed_job) {
    struct live_stream stream;
    struct live_event event;
    live_open(&stream, &server, NULL);
    capture_raw(1, "no JSON", "OK");
    check_job(1, false, 0);
    live_next(&stream, &event); // its transaction is well, and yet it is no success
    ck_assert_str_eq(event.type, "capture");
    ck_assert(json_is_false(json_object_get(event.data, "success")));
    live_event_clear(&event);
    live_close(&stream);
    capture_raw(2, "", "OK");
    check_job(2, false, 0);
    capture_raw(1, DOCUMENT, "CONTRACT_REFUSED"); // the job was used
    check_job(1, false, 0);
}
END_TEST

START_TEST(a_garbage_document_does_not_keep_an_event_from_its_row) {
    capture_raw(1, "no JSON", "OK"); // registers the event's entry, and gives no row
    check_job(1, false, 0);
    capture_raw(2, DOCUMENT, "OK"); // the true document: known to the contract
    check_job(2, true, 1);
    capture_raw(3, DOCUMENT " ", "OK"); // now there is a row, and no second one
    check_job(3, true, 1);
    json_t *list = server_get(&server, "/v1/events");
    const json_t *item = json_array_get(json_object_get(list, "items"), 0);
    json_decref(server_get(&server, member(item, "proof")));
    json_decref(list);
}
END_TEST

// Of all events, the newest first: who captured it, and whether its comment is there.
static void check_captors(const char *const *captors, size_t count) {
    json_t *list = server_get(&server, "/v1/events");
    const json_t *items = json_object_get(list, "items");
    ck_assert_uint_eq(json_array_size(items), count);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(items, i);
        ck_assert_str_eq(member(item, "capturedBy"), captors[i]);
        json_decref(server_get(&server, member(item, "proof")));
    }
    json_decref(list);
}

START_TEST(a_stranger_cannot_squat_on_an_event_id) {
    char stranger[sizeof sender_address], own[sizeof sender_address];
    memcpy(own, sender_address, sizeof own);
    act_as("alice");
    memcpy(stranger, sender_address, sizeof stranger);
    capture_as(1, "no JSON", OTHER, "OK"); // the eventID with other content, of no document
    capture_as(2, "no JSON", OTHER, "OK");
    capture_as(3, OTHER, OTHER, "OK"); // and of a good one
    capture_as(4, DOCUMENT, DOCUMENT, "CONTRACT_REFUSED");
    act_as("server");
    capture_raw(1, DOCUMENT, "OK");
    check_job(1, true, 2);
    check_captors((const char *const[]){own, stranger}, 2);
    capture_as(2, OTHER, OTHER, "CONTRACT_REFUSED");
    check_job(2, false, 2);
    json_t *event = server_get(&server, "/v1/events/" EVENT_ID); // the own one, though the younger
    ck_assert_str_eq(member(event, "capturedBy"), own);
    json_decref(event);
}
END_TEST

START_TEST(a_stranger_cannot_take_an_events_row) {
    char stranger[sizeof sender_address], own[sizeof sender_address];
    memcpy(own, sender_address, sizeof own);
    act_as("alice");
    memcpy(stranger, sender_address, sizeof stranger);
    capture_as(1, "no JSON", DOCUMENT, "OK");
    capture_as(2, DOCTORED, DOCTORED, "OK"); // the same hash, another text
    act_as("server");
    capture_raw(1, DOCUMENT, "OK");
    check_job(1, true, 2);
    check_captors((const char *const[]){own, stranger}, 2);
    capture_as(2, DOCTORED, DOCTORED, "OK"); // known to this account, which has a row
    check_job(2, true, 2);
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
    check_job(1, false, 0);
    buf_reset(&document);
    buf_append_format(&document, DOCUMENT_OF("urn:ex:1", ",\"parentID\":\"urn:ex:%s\""),
                      buf_as_string(&noise));
    capture_raw(2, buf_as_string(&document), "OK");
    check_job(2, false, 0);
    capture_raw(3, DOCUMENT, "OK"); // the index goes on
    check_job(3, true, 1);
    buf_clear(&noise);
    buf_clear(&document);
}

START_TEST(identifiers_too_long_for_an_index_give_no_rows) { check_long_identifiers(); }
END_TEST

START_TEST(identifiers_too_long_for_an_index_of_postgresql_give_no_rows) {
    struct test_database database;
    if (!test_database_open(&database, TEST_POSTGRES)) return;
    server_stop(&server);
    server.index = database.url;
    server_start(&server);
    check_long_identifiers();
    server_stop(&server);
    test_database_close(&database);
}
END_TEST

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
    run(&tx, &id, "OK");
    account_id_of_deployed(&puppet, &id, 0);
    encode_job(&inner, 7);
    encode_bytes(&inner, bytes_of_string(DOCUMENT));
    encode_entries(&inner, DOCUMENT);
    encode_u8(&script, PUPPET_CALL);
    encode_fixed(&script, &market, sizeof market);
    encode_bytes(&script, bytes_of_string("capture"));
    encode_bytes(&script, buf_bytes(&inner));
    encode_u64(&script, 0);
    encode_u64(&script, UINT64_MAX);
    tx = (struct tx){0};
    add_call(&tx, &puppet, "act", &script);
    add_call(&tx, &market, "capture", &inner);
    run(&tx, &id, "OK");
    check_job(7, true, 1);
    script.data[0] = PUPPET_MUST_CALL;
    tx = (struct tx){0};
    add_call(&tx, &puppet, "act", &script);
    run(&tx, &id, "CONTRACT_REFUSED");
    buf_clear(&code);
    buf_clear(&inner);
    buf_clear(&script);
}
END_TEST

START_TEST(an_empty_chunk_is_kept_and_closed) {
    static struct tx tx;
    struct buf first = {0}, second = {0}, end = {0};
    struct hash id;
    encode_job(&first, 4);
    encode_u32(&first, 0);
    encode_bytes(&first, bytes_of("", 0));
    encode_u32(&first, 0);
    encode_job(&second, 4);
    encode_u32(&second, 1);
    encode_bytes(&second, bytes_of_string(DOCUMENT));
    encode_entries(&second, DOCUMENT);
    encode_job(&end, 4);
    encode_u32(&end, 2);
    encode_u64(&end, strlen(DOCUMENT));
    tx = (struct tx){0};
    add_call(&tx, &market, "stage", &first);
    add_call(&tx, &market, "stage", &second);
    run(&tx, &id, "OK");
    tx = (struct tx){0};
    add_call(&tx, &market, "close", &end);
    run(&tx, &id, "OK");
    check_job(4, true, 1);
    buf_clear(&first);
    buf_clear(&second);
    buf_clear(&end);
}
END_TEST

static json_t *ask_json(const char *path, long status) {
    struct reply reply;
    json_error_t error;
    server_ask(&server, &(struct ask){.path = path}, &reply);
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
    encode_job(&arguments, 1);
    encode_bytes(&arguments, bytes_of_string("{}"));
    encode_u32(&arguments, 0);
    tx = (struct tx){0};
    add_call(&tx, &market, "capture", &arguments);
    run(&tx, &id, "CONTRACT_REFUSED");
    hex_encode(path + strlen(path), BYTES_OF(id.bytes));
    json_t *found = ask_json(path, 200);
    ck_assert_str_eq(member(found, "contract_message"), "there are no events to capture");
    json_decref(found);
    // Two contracts: the receipt does not say whose code it is, so nobody claims to know.
    deploy_counter(&counter);
    tx = (struct tx){0};
    add_call(&tx, &market, "capture", &arguments);
    add_call(&tx, &counter, "add", &none);
    run(&tx, &id, "CONTRACT_REFUSED");
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
    address_encode(address, market.bytes);
    snprintf(path, sizeof path, "/v1/contracts/%s", address);
    json_t *found = ask_json(path, 200);
    ck_assert_str_eq(member(found, "upgrader"), "witnesses");
    ck_assert_str_eq(member(found, "deposit"), "0");
    json_decref(found);
    snprintf(path, sizeof path, "/v1/contracts/%s/abi", address);
    server_ask(&server, &(struct ask){.path = path}, &reply);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "\"captured\""));
    reply_clear(&reply);
    static const struct {
        const char *path, *member, *value;
        long status;
    } cases[] = {
        {"views/place?arguments=" ZEROS_64 ZEROS_64, "result", "", 200},
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
    address_encode(address, sender.bytes); // an account is no contract
    snprintf(path, sizeof path, "/v1/contracts/%s", address);
    json_decref(ask_json(path, 404));
    snprintf(path, sizeof path, "/v1/contracts/%s/views/place", address);
    json_decref(ask_json(path, 404));
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("supplychain raw");
    TCase *cases = tcase_create("raw transactions");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
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
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
