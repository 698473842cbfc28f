// SPDX-License-Identifier: Apache-2.0
// The supply-chain server as its users meet it: the real program, over HTTP.
#include <config.h> // nftw and memmem

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/epcis/document_split.h"
#include "apps/supplychain/epcis/query_document.h"
#include "apps/supplychain/test/capturing.h"
#include "chaincore/chaincore.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}
static void tear_down(void) { server_clear(&server); }

static void check_refused(struct bytes document, long status, const char *code) {
    struct reply reply;
    json_error_t error;
    capture(document, &reply);
    ck_assert_msg(reply.status == status, "%ld %s", reply.status, (const char *)reply.body.data);
    json_t *problem = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
    ck_assert_str_eq(member(problem, "code"), code);
    json_decref(problem);
    reply_clear(&reply);
}

// --- GS1's examples ---

static void check_equal(const struct epcis_document *sent, const struct epcis_document *back) {
    ck_assert_uint_eq(sent->event_count, back->event_count);
    for (size_t i = 0; i < sent->event_count; i++) {
        // Answers come newest first.
        const struct epcis_event *a = &sent->events[i];
        const struct epcis_event *b = &back->events[sent->event_count - 1 - i];
        struct epcis_source sources[] = {{a->text, sent->context}, {b->text, back->context}};
        ck_assert_msg(epcis_events_equal(&sources[0], &sources[1]), "event %zu changed", i);
        ck_assert_mem_eq(a->hash, b->hash, sizeof a->hash);
    }
}

static int example_count;

// For whoever else wants to judge them: see answers.sh.
static void keep_answer(struct bytes sent, struct bytes answer) {
    const char *folder = getenv("LMM_ANSWERS");
    char path[4096];
    if (!folder) return;
    snprintf(path, sizeof path, "%s/%02d.sent", folder, example_count);
    assert_ok(file_replace(path, sent, 0644));
    snprintf(path, sizeof path, "%s/%02d.answer", folder, example_count);
    assert_ok(file_replace(path, answer, 0644));
}

static void round_trip(const char *path) {
    struct buf content = {0};
    struct epcis_document sent, back;
    struct epcis_fault fault;
    struct reply reply;
    assert_ok(file_read(&content, path, 1 << 20));
    capture_well(buf_bytes(&content));
    server_ask(&server, &(struct ask){.path = "/events?perPage=1000"}, &reply);
    ck_assert_int_eq(reply.status, 200);
    keep_answer(buf_bytes(&content), buf_bytes(&reply.body));
    assert_ok(epcis_document_split(&sent, &fault, buf_bytes(&content)));
    assert_ok(epcis_document_split(&back, &fault, buf_bytes(&reply.body)));
    check_equal(&sent, &back);
    epcis_document_clear(&sent);
    epcis_document_clear(&back);
    reply_clear(&reply);
    buf_clear(&content);
}

static int visit_example(const char *path, const struct stat *info, int kind, struct FTW *place) {
    (void)info, (void)place;
    const char *dot = strrchr(path, '.');
    if (kind != FTW_F || !dot || strcmp(dot, ".jsonld") != 0) return 0;
    set_up(); // each on a chain of its own
    round_trip(path);
    tear_down();
    example_count++;
    return 0;
}

START_TEST(all_examples_of_the_standard_come_back_equal) {
    const char *folder = shared_data("epcis/examples");
    if (!folder) {
        skip_case("GS1's examples are not here");
        return;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s", folder);
    example_count = 0;
    ck_assert_int_eq(nftw(path, visit_example, 16, FTW_PHYS), 0);
    printf("EPCIS examples captured and returned equal: %d of 47\n", example_count);
    ck_assert_int_eq(example_count, 47);
}
END_TEST

// --- the rules of a capture ---

START_TEST(the_same_again_is_success_without_a_second_row) {
    struct bytes document = bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, "")));
    capture_well(document);
    capture_well(document);
    ck_assert_uint_eq(count_events(""), 1);
}
END_TEST

START_TEST(other_content_under_an_event_id_fails_the_job) {
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    json_t *job =
        capture_job(bytes_of_string(DOCUMENT(EVENT("", EPC_B, "") "," EVENT(ID_X, EPC_B, ""))));
    ck_assert(json_is_false(json_object_get(job, "success")));
    const json_t *error = json_array_get(json_object_get(job, "errors"), 0);
    ck_assert_str_eq(member(error, "code"), "CONTRACT_REFUSED");
    ck_assert_ptr_nonnull(strstr(member(error, "detail"), "eventID"));
    json_decref(job);
    ck_assert_uint_eq(count_events(""), 1); // all or none
}
END_TEST

START_TEST(a_job_names_its_transactions_and_its_events) {
    json_t *job = capture_job(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    const json_t *txs = json_object_get(job, "tx"), *events = json_object_get(job, "events");
    ck_assert_uint_eq(json_array_size(txs), 1);
    ck_assert_uint_eq(json_array_size(events), 1);
    char place[64], path[96];
    snprintf(place, sizeof place, "%s", member(json_array_get(events, 0), "id"));
    snprintf(path, sizeof path, "/v1/events/%s", place);
    json_t *event = server_get(&server, path);
    ck_assert_str_eq(member(event, "id"), place);
    ck_assert_str_eq(member(event, "tx"), json_string_value(json_array_get(txs, 0)));
    json_decref(event);
    json_decref(job);
    // What is known stands where it stood.
    job = capture_job(bytes_of_string(DOCUMENT(EVENT("", EPC_B, "") "," EVENT(ID_X, EPC_A, ""))));
    events = json_object_get(job, "events");
    ck_assert_int_eq(json_integer_value(json_object_get(job, "event_count")), 2);
    ck_assert_uint_eq(json_array_size(events), 2);
    ck_assert_str_ne(member(json_array_get(events, 0), "id"), place);
    ck_assert_str_eq(member(json_array_get(events, 1), "id"), place);
    json_decref(job);
}
END_TEST

// The sentence of the contract's own ABI, by the address of the contract.
START_TEST(a_refused_job_says_what_the_contract_says) {
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    json_t *job = capture_job(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_B, ""))));
    const json_t *error = json_array_get(json_object_get(job, "errors"), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(error, "contract_code")), 2);
    struct buf file = {0};
    json_error_t fault;
    assert_ok(file_read(&file, TOP_SRCDIR "/apps/supplychain/contract/abi.json", 1 << 16));
    json_t *abi = json_loadb((const char *)file.data, file.len, 0, &fault);
    ck_assert_str_eq(member(error, "detail"), member(json_object_get(abi, "errors"), "2"));
    json_decref(abi);
    json_decref(job);
    buf_clear(&file);
}
END_TEST

START_TEST(an_error_declaration_is_a_row_of_its_own) {
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, CORRECTION))));
    ck_assert_uint_eq(count_events(""), 2);
}
END_TEST

START_TEST(a_declaration_of_the_same_bytes_under_another_context_is_another) {
#define UNDER(iri)                                                                       \
    "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"," \
    "{\"ex\":\"" iri "\"}],\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","        \
    "\"creationDate\":\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":[" EVENT(    \
        ID_X, EPC_A, ",\"ex:a\":\"b\"" CORRECTION) "]}}"
    capture_well(bytes_of_string(UNDER("https://one.example/")));
    capture_well(bytes_of_string(UNDER("https://two.example/")));
    capture_well(bytes_of_string(UNDER("https://two.example/")));
    ck_assert_uint_eq(count_events(""), 2);
}
END_TEST

START_TEST(a_given_ni_id_is_never_checked) {
    capture_well(bytes_of_string(DOCUMENT(
        EVENT("\"eventID\":\"ni:///sha-256;"
              "0000000000000000000000000000000000000000000000000000000000000000?ver=CBV2.0\",",
              EPC_A, ""))));
    json_t *list = server_get(&server, "/v1/events");
    const json_t *item = json_array_get(json_object_get(list, "items"), 0);
    ck_assert_ptr_nonnull(strstr(member(item, "eventID"), ";00000000"));
    ck_assert_ptr_null(strstr(member(item, "hash"), ";00000000"));
    json_decref(list);
}
END_TEST

// A refusal that names where and which rule, or another member.
static void check_named(const struct ask *ask, long status, const char *name, const char *value) {
    struct reply reply;
    server_ask(&server, ask, &reply);
    ck_assert_msg(reply.status == status, "%ld %s", reply.status, (const char *)reply.body.data);
    json_t *problem = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    ck_assert_str_eq(member(problem, name), value);
    json_decref(problem);
    reply_clear(&reply);
}

START_TEST(a_refusal_names_what_is_wrong) {
    static const char query[] = "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
                                "epcis-context.jsonld\"],\"type\":\"EPCISQueryDocument\","
                                "\"schemaVersion\":\"2.0\",\"creationDate\":"
                                "\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"queryResults\":{"
                                "\"queryName\":\"q\",\"resultsBody\":{\"eventList\":[]}}}}";
    struct ask ask = {.path = "/capture",
                      .body = bytes_of_string(DOCUMENT("")),
                      .content_type = "application/json"};
    check_named(&ask, 400, "pointer", "/epcisBody/eventList");
    check_named(&ask, 400, "rule", "epcis/event-count");
    check_named(&ask, 400, "code", "no_events");
    ask.body = bytes_of_string(query);
    check_named(&ask, 400, "pointer", "/epcisBody/queryResults/resultsBody/eventList");
    ask.body = bytes_of_string(DOCUMENT(EVENT("", EPC_A, "")));
    ask.header = "GS1-Capture-Error-Behaviour: proceed";
    check_named(&ask, 400, "header", "GS1-Capture-Error-Behaviour");
    check_named(&ask, 400, "supported", "rollback");
    struct buf large = {0};
    for (size_t i = 0; i < (4u << 20) + 1; i++) buf_append_byte(&large, ' ');
    ask.header = NULL;
    ask.body = buf_bytes(&large);
    check_named(&ask, 413, "limit", "4194304");
    buf_clear(&large);
}
END_TEST

START_TEST(what_is_not_valid_writes_nothing) {
    check_refused(bytes_of_string("{"), 400, "invalid_document");
    check_refused(bytes_of_string("{}"), 400, "invalid_document");
    check_refused(bytes_of_string(DOCUMENT("{\"type\":\"ObjectEvent\"}")), 400, "invalid_document");
    check_refused(bytes_of_string(DOCUMENT("")), 400, "no_events");
    struct buf long_id = {0};
    make_long(&long_id, 2049);
    check_refused(buf_bytes(&long_id), 400, "invalid_document");
    buf_clear(&long_id);
    struct reply reply;
    struct bytes good = bytes_of_string(DOCUMENT(EVENT("", EPC_A, "")));
    struct ask ask = {.path = "/capture",
                      .body = good,
                      .content_type = "application/json",
                      .header = "GS1-Capture-Error-Behaviour: proceed"};
    server_ask(&server, &ask, &reply);
    ck_assert_int_eq(reply.status, 400);
    reply_clear(&reply);
    ask.header = NULL;
    ask.without_key = true;
    server_ask(&server, &ask, &reply);
    ck_assert_int_eq(reply.status, 401);
    reply_clear(&reply);
    ask.without_key = false;
    ask.content_type = "text/xml";
    server_ask(&server, &ask, &reply);
    ck_assert_int_eq(reply.status, 415);
    reply_clear(&reply);
    struct buf large = {0};
    for (size_t i = 0; i < (4u << 20) + 1; i++) buf_append_byte(&large, ' ');
    ask.body = buf_bytes(&large);
    ask.content_type = "application/json";
    server_ask(&server, &ask, &reply);
    ck_assert_int_eq(reply.status, 413);
    reply_clear(&reply);
    buf_clear(&large);
    ck_assert_uint_eq(count_events(""), 0);
    json_t *jobs = server_get(&server, "/capture");
    ck_assert_uint_eq(json_array_size(jobs), 0);
    json_decref(jobs);
}
END_TEST

START_TEST(a_capture_larger_than_a_transaction_is_staged_and_appears_whole) {
    struct buf document = {0};
    make_large(&document, 1500);
    ck_assert_uint_gt(document.len, 3 * 65536);
    json_t *job = capture_job(buf_bytes(&document));
    ck_assert(json_is_true(json_object_get(job, "success")));
    ck_assert_uint_gt(json_array_size(json_object_get(job, "tx")), 3); // chunks, and their close
    ck_assert_int_eq(json_integer_value(json_object_get(job, "event_count")), 1500);
    ck_assert_uint_eq(json_array_size(json_object_get(job, "events")), 1000);
    json_decref(job);
    ck_assert_uint_eq(count_events("?perPage=1000"), 1000);
    json_t *list = server_get(&server, "/v1/events?perPage=1000");
    char path[128];
    snprintf(path, sizeof path, "?perPage=1000&nextPageToken=%s", member(list, "next"));
    ck_assert_uint_eq(count_events(path), 500);
    json_decref(list);
    capture_well(buf_bytes(&document));
    ck_assert_uint_eq(count_events(path), 500);
    buf_clear(&document);
}
END_TEST

START_TEST(the_largest_capture_becomes_final_and_one_byte_more_is_refused) {
    enum { LARGEST = 4 << 20, EVENTS = 16384 };
    struct buf document = {0};
    make_large(&document, EVENTS);
    ck_assert_uint_lt(document.len, LARGEST);
    while (document.len < LARGEST) buf_append_byte(&document, ' ');
    json_t *job = capture_job(buf_bytes(&document));
    ck_assert(json_is_true(json_object_get(job, "success")));
    ck_assert_uint_gt(json_array_size(json_object_get(job, "tx")), LARGEST / 65536);
    ck_assert_int_eq(json_integer_value(json_object_get(job, "event_count")), EVENTS);
    json_decref(job);
    size_t count = 0;
    char query[128] = "?perPage=1000";
    for (bool has_more = true; has_more;) {
        char path[160];
        snprintf(path, sizeof path, "/v1/events%s", query);
        json_t *list = server_get(&server, path);
        count += json_array_size(json_object_get(list, "items"));
        has_more = *member(list, "next") != '\0';
        snprintf(query, sizeof query, "?perPage=1000&nextPageToken=%s", member(list, "next"));
        json_decref(list);
    }
    ck_assert_uint_eq(count, EVENTS);
    buf_append_byte(&document, ' ');
    struct reply reply;
    capture(buf_bytes(&document), &reply);
    ck_assert_int_eq(reply.status, 413);
    reply_clear(&reply);
    buf_clear(&document);
}
END_TEST

START_TEST(one_event_more_than_a_job_takes_is_refused_with_its_rule) {
    enum { EVENTS = 16385 };
    struct buf document = {0};
    struct reply reply;
    make_large(&document, EVENTS);
    capture(buf_bytes(&document), &reply);
    ck_assert_int_eq(reply.status, 413);
    json_t *problem = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    ck_assert_str_eq(member(problem, "pointer"), "/epcisBody/eventList");
    ck_assert_str_eq(member(problem, "rule"), "epcis/event-count");
    json_decref(problem);
    reply_clear(&reply);
    ck_assert_uint_eq(count_events(""), 0);
    buf_clear(&document);
}
END_TEST

static void check_found(const char *text, const char *kind, const char *path) {
    struct reply reply;
    struct buf ask = {0};
    json_error_t error;
    buf_append_format(&ask, "/v1/search?q=%s", text);
    server_ask(&server, &(struct ask){.path = buf_as_string(&ask)}, &reply);
    ck_assert_int_eq(reply.status, 200);
    json_t *found = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
    const json_t *items = json_object_get(found, "items");
    ck_assert_uint_eq(json_array_size(items), kind ? 1 : 0);
    if (kind) ck_assert_str_eq(member(json_array_get(items, 0), "kind"), kind);
    if (kind) ck_assert(strncmp(member(json_array_get(items, 0), "path"), path, strlen(path)) == 0);
    json_decref(found);
    buf_clear(&ask);
    reply_clear(&reply);
}

START_TEST(a_search_finds_events_and_what_they_are_about) {
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    check_found("urn:uuid:00000000-0000-4000-8000-000000000001", "event", "/event/1-0-0");
    check_found("urn:uuid:00000000-0000-4000-8000-000000000002", NULL, NULL);
    check_found(EPC_A, "epc", "/?epc=%68%74%74%70%73");
    check_found("https://example.com/01/10614141073464/21/2017", "epc", "/?epc=");
    check_found(EPC_B, NULL, NULL);
    check_found("https://example.com/01/10614141073464/21/2018", NULL, NULL);
    check_found("(01)10614141073464(21)2017", "epc", "/?epc=");
    check_found("(01)10614141073464(21)2018", NULL, NULL);
}
END_TEST

#define OF_LOT(product)                                                       \
    ",\"quantityList\":[{\"epcClass\":\"urn:epc:class:lgtin:0614141." product \
    ".AUTUMN-7\",\"quantity\":3}]"

START_TEST(a_search_finds_lots_by_their_number_alone) {
    capture_well(bytes_of_string(
        DOCUMENT(EVENT("", EPC_A, OF_LOT("107346")) "," EVENT("", EPC_B, OF_LOT("107346")))));
    check_found("AUTUMN-7", "epc", "/?epc=");
    check_found("(01)10614141073464%20(17)261231(10)AUTUMN-7", "epc", "/?epc=");
    check_found("AUTUMN", NULL, NULL);
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, OF_LOT("107347")))));
    json_t *found = server_get(&server, "/v1/search?q=AUTUMN-7");
    const json_t *items = json_object_get(found, "items");
    ck_assert_uint_eq(json_array_size(items), 2);
    ck_assert_str_eq(member(json_array_get(items, 0), "title"),
                     "https://id.gs1.org/01/10614141073464/10/AUTUMN-7");
    ck_assert_str_eq(member(json_array_get(items, 1), "title"),
                     "https://id.gs1.org/01/10614141073471/10/AUTUMN-7");
    json_decref(found);
}
END_TEST

START_TEST(a_search_finds_the_accounts_of_a_devnet_by_their_roles) {
    json_t *found = server_get(&server, "/v1/search?q=ali");
    const json_t *account = json_array_get(json_object_get(found, "items"), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(found, "items")), 1);
    ck_assert_str_eq(member(account, "kind"), "account");
    ck_assert_str_eq(member(account, "title"), "alice");
    ck_assert_int_eq(strncmp(member(account, "path"), "/explorer/accounts/lmm1", 23), 0);
    json_decref(found);
    check_found("server", "account", "/explorer/accounts/lmm1");
    check_found("lice", NULL, NULL);
}
END_TEST

START_TEST(events_are_to_be_had_as_csv) {
    struct reply reply;
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    server_ask(&server, &(struct ask){.path = "/v1/events?format=csv&perPage=5"}, &reply);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_int_eq(strncmp((const char *)reply.body.data, "id,eventID,hash,type,", 21), 0);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "\r\n1-0-0,urn:uuid:0000"));
    reply_clear(&reply);
}
END_TEST

START_TEST(the_hash_of_an_event_is_told_without_writing) {
    struct reply reply;
    struct ask ask = {.path = "/v1/event-hash",
                      .body =
                          bytes_of_string(DOCUMENT(EVENT("", EPC_A, "") "," EVENT("", EPC_B, ""))),
                      .content_type = "application/json"};
    json_error_t error;
    server_ask(&server, &ask, &reply);
    ck_assert_int_eq(reply.status, 200);
    json_t *answer = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
    ck_assert_uint_eq(json_array_size(json_object_get(answer, "hashes")), 2);
    json_decref(answer);
    reply_clear(&reply);
    ck_assert_uint_eq(count_events(""), 0);
}
END_TEST

START_TEST(an_event_comes_with_a_proof_that_holds_offline) {
    static struct event_proof proof;
    struct reply reply;
    struct buf encoded = {0};
    struct hash chain_id;
    struct light_fact fact;
    enum light_step step;
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, "") "," EVENT("", EPC_B, ""))));
    json_t *list = server_get(&server, "/v1/events");
    const json_t *item = json_array_get(json_object_get(list, "items"), 0);
    server_ask(&server, &(struct ask){.path = member(item, "proof")}, &reply);
    ck_assert_int_eq(reply.status, 200);
    assert_ok(proof_file_read(&chain_id, &encoded, buf_bytes(&reply.body)));
    assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
    assert_ok(light_check_event(&fact, &step, &proof, &chain_id));
    ck_assert_ptr_nonnull(memmem(fact.payload.data, fact.payload.len, EPC_B, strlen(EPC_B)));
    reply_clear(&reply);
    // Below a block that the client believes already.
    char path[160];
    snprintf(path, sizeof path, "%s?believed=%llu", member(item, "proof"),
             (unsigned long long)fact.anchor_height);
    server_ask(&server, &(struct ask){.path = path}, &reply);
    ck_assert_int_eq(reply.status, 200);
    buf_reset(&encoded);
    assert_ok(proof_file_read(&chain_id, &encoded, buf_bytes(&reply.body)));
    struct header anchor = proof.ground.anchor;
    assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
    ck_assert(!proof.ground.has_backing &&
              memcmp(&anchor, &proof.ground.anchor, sizeof anchor) == 0);
    reply_clear(&reply);
    static const char *const wrong[] = {"x", "", "0", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(path, sizeof path, "%s?believed=%s", member(item, "proof"), wrong[i]);
        server_ask(&server, &(struct ask){.path = path}, &reply);
        ck_assert_int_eq(reply.status, 400);
        reply_clear(&reply);
    }
    json_decref(list);
    buf_clear(&encoded);
}
END_TEST

// That the path takes the method is told by its Allow.
static void assert_operation(const char *pattern, const char *method, const json_t *operation) {
    static const char *const methods[][2] = {
        {"get", "GET"}, {"post", "POST"}, {"patch", "PATCH"}, {"delete", "DELETE"}};
    struct reply reply;
    char path[128];
    snprintf(path, sizeof path, "%s", pattern);
    for (char *at = path; *at; at++)
        if (*at == '{' || *at == '}') *at = '_';
    ck_assert_msg(*member(operation, "summary"), "%s %s", method, pattern);
    ck_assert_msg(json_object_size(json_object_get(operation, "responses")) > 1, "%s", pattern);
    server_ask(&server, &(struct ask){.path = path, .method = "OPTIONS"}, &reply);
    ck_assert_msg(reply.status == 204, "%s: %ld", pattern, reply.status);
    char *allow = strstr((char *)buf_as_string(&reply.headers), "\nAllow: ");
    ck_assert_ptr_nonnull(allow);
    allow[1 + strcspn(allow + 1, "\r\n")] = '\0';
    bool is_taken = false;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        is_taken |= strcmp(methods[i][0], method) == 0 && strstr(allow, methods[i][1]);
    ck_assert_msg(is_taken, "%s %s", method, pattern);
    reply_clear(&reply);
}

START_TEST(every_operation_of_the_document_is_described_and_there) {
    const char *pattern, *method;
    json_t *path, *operation, *document = server_get(&server, "/openapi.json");
    ck_assert_str_eq(member(json_object_get(document, "info"), "title"), "supplychain");
    ck_assert_ptr_nonnull(json_object_get(json_object_get(document, "paths"), "/capture"));
    ck_assert_ptr_nonnull(json_object_get(json_object_get(document, "paths"), "/v1/webhooks"));
    json_object_foreach(json_object_get(document, "paths"), pattern, path)
        json_object_foreach(path, method, operation) assert_operation(pattern, method, operation);
    json_decref(document);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("supplychain server");
    TCase *examples = tcase_create("examples");
    tcase_set_timeout(examples, 300);
    tcase_add_test(examples, all_examples_of_the_standard_come_back_equal);
    suite_add_tcase(suite, examples);
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, the_same_again_is_success_without_a_second_row);
    tcase_add_test(cases, other_content_under_an_event_id_fails_the_job);
    tcase_add_test(cases, a_job_names_its_transactions_and_its_events);
    tcase_add_test(cases, a_refused_job_says_what_the_contract_says);
    tcase_add_test(cases, the_largest_capture_becomes_final_and_one_byte_more_is_refused);
    tcase_add_test(cases, one_event_more_than_a_job_takes_is_refused_with_its_rule);
    tcase_add_test(cases, an_error_declaration_is_a_row_of_its_own);
    tcase_add_test(cases, a_declaration_of_the_same_bytes_under_another_context_is_another);
    tcase_add_test(cases, a_given_ni_id_is_never_checked);
    tcase_add_test(cases, a_refusal_names_what_is_wrong);
    tcase_add_test(cases, what_is_not_valid_writes_nothing);
    tcase_add_test(cases, a_capture_larger_than_a_transaction_is_staged_and_appears_whole);
    tcase_add_test(cases, a_search_finds_events_and_what_they_are_about);
    tcase_add_test(cases, a_search_finds_lots_by_their_number_alone);
    tcase_add_test(cases, a_search_finds_the_accounts_of_a_devnet_by_their_roles);
    tcase_add_test(cases, events_are_to_be_had_as_csv);
    tcase_add_test(cases, the_hash_of_an_event_is_told_without_writing);
    tcase_add_test(cases, an_event_comes_with_a_proof_that_holds_offline);
    tcase_add_test(cases, every_operation_of_the_document_is_described_and_there);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
