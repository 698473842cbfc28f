// SPDX-License-Identifier: Apache-2.0
// Subscriptions to named queries as a partner meets them: what a query finds comes to where the
// subscriber said, whole, signed by its token, in order, and nothing else.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/test/capturing.h"
#include "tests/support/database.h"
#include "tests/support/receiver.h"
#include "tests/support/unit.h"

#define TOKEN "13df38d8275b13f05704629e5f1cf3d45d6132d5"

static struct receiver *receiver;
static char subscription[256]; // its path

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server.flags[0] = "--webhook-http";
    server.flags[1] = "--webhook-private-targets";
    server_start(&server);
    receiver = receiver_open(0);
}
static void tear_down(void) {
    server_clear(&server);
    receiver_close(receiver);
}

static void name_query(const char *name, const char *query) {
    char body[512];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"query\":%s}", name, query);
    ck_assert_int_eq(server_ask_json(&server, "POST", "/queries", body, NULL), 201);
}

static void subscribe(const char *query, const char *more) {
    char path[128], body[512];
    json_t *made;
    snprintf(path, sizeof path, "/queries/%s/subscriptions", query);
    snprintf(body, sizeof body,
             "{\"dest\":\"http://127.0.0.1:%u/callback\",\"stream\":true,"
             "\"signatureToken\":\"" TOKEN "\"%s}",
             receiver_port(receiver), more);
    ck_assert_int_eq(server_ask_json(&server, "POST", path, body, &made), 201);
    ck_assert_str_eq(member(made, "queryName"), query);
    ck_assert_ptr_null(json_object_get(made, "signatureToken"));
    snprintf(subscription, sizeof subscription, "%s/%s", path, member(made, "subscriptionID"));
    json_decref(made);
}

// The POST at this place brings one event, whose first EPC this is.
static void expect(size_t index, const char *query, const char *epc) {
    json_error_t error;
    ck_assert_uint_gt(receiver_await(receiver, index + 1), index);
    const struct receiver_post *post = receiver_at(receiver, index);
    ck_assert(receiver_verifies_token(post, "GS1-Signature", TOKEN));
    ck_assert(!receiver_verifies_token(post, "GS1-Signature", "another token"));
    json_t *document = json_loads(post->body, 0, &error);
    ck_assert_msg(document != NULL, "%s", post->body);
    ck_assert_str_eq(member(document, "type"), "EPCISQueryDocument");
    const json_t *results = json_object_get(json_object_get(document, "epcisBody"), "queryResults");
    ck_assert_str_eq(member(results, "queryName"), query);
    const json_t *list = json_object_get(json_object_get(results, "resultsBody"), "eventList");
    ck_assert_uint_eq(json_array_size(list), 1);
    const json_t *event = json_array_get(list, 0);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(event, "epcList"), 0)), epc);
    ck_assert_ptr_nonnull(json_object_get(event, "recordTime"));
    json_decref(document);
}

#define FINDS_A "{\"MATCH_anyEPC\":[\"" EPC_A "\"]}"

START_TEST(what_a_query_finds_is_sent_and_nothing_else) {
    name_query("a", FINDS_A);
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, "")))); // before: not told
    subscribe("a", "");
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_B, "") "," EVENT(ID_X, EPC_A, ""))));
    expect(0, "a", EPC_A);
    ck_assert_ptr_nonnull(strstr(receiver_at(receiver, 0)->body, "00000000-0000-4000-8000"));
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_B, ""))));
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ",\"bizStep\":\"shipping\""))));
    expect(1, "a", EPC_A);
    ck_assert_uint_eq(receiver_count(receiver), 2);
    json_t *shown = server_get(&server, subscription);
    ck_assert_str_eq(member(shown, "state"), "active");
    ck_assert(json_is_true(json_object_get(shown, "stream")));
    json_decref(shown);
}
END_TEST

START_TEST(what_was_recorded_since_a_moment_is_sent_first) {
    name_query("a", FINDS_A);
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    subscribe("a", ",\"initialRecordTime\":\"2020-01-01T00:00:00Z\"");
    expect(0, "a", EPC_A);
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ",\"bizStep\":\"shipping\""))));
    expect(1, "a", EPC_A);
    ck_assert_ptr_nonnull(strstr(receiver_at(receiver, 0)->body, "00000000-0000-4000-8000"));
}
END_TEST

START_TEST(a_bound_of_event_time_changes_no_order) {
    name_query("late", "{\"GE_eventTime\":\"2026-01-01T00:00:00Z\"}");
    subscribe("late", "");
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_B, "") "," EVENT("", EPC_A, ""))));
    expect(0, "late", EPC_B);
    expect(1, "late", EPC_A);
}
END_TEST

START_TEST(one_that_failed_comes_again_and_over_a_restart) {
    name_query("a", FINDS_A);
    subscribe("a", "");
    receiver_answer(receiver, 500, 1);
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    expect(0, "a", EPC_A);
    server_kill(&server);
    server_start(&server);
    expect(1, "a", EPC_A);
    ck_assert_ptr_nonnull(strstr(receiver_at(receiver, 1)->body, "00000000-0000-4000-8000"));
    ck_assert_str_eq(receiver_at(receiver, 1)->body, receiver_at(receiver, 0)->body);
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ",\"bizStep\":\"shipping\""))));
    expect(2, "a", EPC_A);
}
END_TEST

START_TEST(one_is_sent_again_on_request_whatever_came_behind_it) {
    enum { BEHIND = 3 };
    char path[512];
    name_query("a", FINDS_A);
    subscribe("a", "");
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, ""))));
    expect(0, "a", EPC_A);
    for (int i = 0; i < BEHIND; i++) capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_B, ""))));
    snprintf(path, sizeof path, "/v1/webhooks/%s/messages/%s/resend",
             strrchr(subscription, '/') + 1,
             receiver_header(receiver_at(receiver, 0), "webhook-id"));
    ck_assert_int_lt(server_ask_json(&server, "POST", path, NULL, NULL), 300);
    expect(1, "a", EPC_A);
    ck_assert_str_eq(receiver_at(receiver, 1)->body, receiver_at(receiver, 0)->body);
}
END_TEST

START_TEST(it_ends_by_itself_or_with_its_query) {
    char path[256];
    name_query("a", FINDS_A);
    subscribe("a", "");
    snprintf(path, sizeof path, "%s", subscription);
    subscribe("a", "");
    json_t *list = server_get(&server, "/queries/a/subscriptions");
    ck_assert_uint_eq(json_array_size(list), 2);
    json_decref(list);
    ck_assert_int_eq(server_ask_json(&server, "DELETE", path, NULL, NULL), 204);
    ck_assert_int_eq(server_ask_json(&server, "DELETE", path, NULL, NULL), 404);
    ck_assert_int_eq(server_ask_json(&server, "GET", path, NULL, NULL), 404);
    ck_assert_int_eq(server_ask_json(&server, "DELETE", "/queries/a", NULL, NULL), 204);
    ck_assert_int_eq(server_ask_json(&server, "GET", subscription, NULL, NULL), 404);
    ck_assert_int_eq(server_ask_json(&server, "GET", "/queries/a/subscriptions", NULL, NULL), 404);
    json_t *hooks = server_get(&server, "/v1/webhooks");
    ck_assert_uint_eq(json_array_size(json_object_get(hooks, "items")), 0);
    json_decref(hooks);
    // Another of the same name is another query.
    name_query("a", FINDS_A);
    list = server_get(&server, "/queries/a/subscriptions");
    ck_assert_uint_eq(json_array_size(list), 0);
    json_decref(list);
}
END_TEST

START_TEST(it_is_a_webhook_that_tells_nothing_else) {
    char path[256], id[32];
    json_t *shown;
    name_query("a", FINDS_A);
    name_query("b", FINDS_A);
    subscribe("a", "");
    snprintf(id, sizeof id, "%s", strrchr(subscription, '/') + 1);
    snprintf(path, sizeof path, "/v1/webhooks/%s", id);
    shown = server_get(&server, path);
    ck_assert_str_eq(member(shown, "filter"), "a");
    json_decref(shown);
    ck_assert_int_eq(server_ask_json(&server, "PATCH", path, "{\"kinds\":[\"event\"]}", NULL), 400);
    ck_assert_int_eq(server_ask_json(&server, "PATCH", path, "{\"state\":\"paused\"}", NULL), 200);
    shown = server_get(&server, subscription);
    ck_assert_str_eq(member(shown, "state"), "paused");
    json_decref(shown);
    ck_assert_int_eq(server_ask_json(&server, "POST", "/v1/webhooks",
                                     "{\"url\":\"http://127.0.0.1:1/x\",\"kinds\":[\"query\"]}",
                                     NULL),
                     400);
    snprintf(path, sizeof path, "/queries/b/subscriptions/%s", id); // of another query
    ck_assert_int_eq(server_ask_json(&server, "GET", path, NULL, NULL), 404);
    ck_assert_int_eq(server_ask_json(&server, "DELETE", path, NULL, NULL), 404);
}
END_TEST

// Each is refused at the member that is wrong.
START_TEST(what_cannot_be_is_refused_by_its_name) {
    static const struct {
        const char *pointer, *body;
    } cases[] = {
        {"/stream", "{\"dest\":\"http://127.0.0.1:1/x\"}"},
        {"/stream", "{\"dest\":\"http://127.0.0.1:1/x\",\"stream\":false}"},
        {"/schedule", "{\"dest\":\"http://127.0.0.1:1/x\",\"schedule\":{\"hour\":\"1\"}}"},
        {"/reportIfEmpty",
         "{\"dest\":\"http://127.0.0.1:1/x\",\"stream\":true,\"reportIfEmpty\":true}"},
        {"/dest", "{\"stream\":true}"},
        {"/dest", "{\"dest\":\"ftp://127.0.0.1/x\",\"stream\":true}"},
        {"/signatureToken",
         "{\"dest\":\"http://127.0.0.1:1/x\",\"stream\":true,\"signatureToken\":\"\"}"},
        {"/signatureToken",
         "{\"dest\":\"http://127.0.0.1:1/x\",\"stream\":true,\"signatureToken\":\"a\\nb\"}"},
        {"/initialRecordTime", "{\"dest\":\"http://127.0.0.1:1/x\",\"stream\":true,"
                               "\"initialRecordTime\":\"yesterday\"}"},
        {"/initialRecordTime", "{\"dest\":\"http://127.0.0.1:1/x\",\"stream\":true,"
                               "\"initialRecordTime\":\"2999-01-01T00:00:00Z\"}"},
        {"/destination", "{\"destination\":\"http://127.0.0.1:1/x\",\"stream\":true}"},
    };
    json_t *problem;
    name_query("a", FINDS_A);
    name_query("first", "{\"eventCountLimit\":1,\"orderBy\":\"eventTime\"}");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        long status =
            server_ask_json(&server, "POST", "/queries/a/subscriptions", cases[i].body, &problem);
        ck_assert_msg(status == 400, "%s: %ld", cases[i].body, status);
        const json_t *at = json_array_get(json_object_get(problem, "violations"), 0);
        ck_assert_str_eq(member(at, "pointer"), cases[i].pointer);
        json_decref(problem);
    }
    static const char good[] = "{\"dest\":\"http://127.0.0.1:1/x\",\"stream\":true}";
    ck_assert_int_eq(server_ask_json(&server, "POST", "/queries/none/subscriptions", good, NULL),
                     404);
    ck_assert_int_eq(
        server_ask_json(&server, "POST", "/queries/first/subscriptions", good, &problem), 409);
    ck_assert_str_eq(member(problem, "code"), "subscribe_not_permitted");
    json_decref(problem);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain subscriptions");
    TCase *cases = tcase_create("supplychain subscriptions");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, what_a_query_finds_is_sent_and_nothing_else);
    tcase_add_test(cases, what_was_recorded_since_a_moment_is_sent_first);
    tcase_add_test(cases, a_bound_of_event_time_changes_no_order);
    tcase_add_test(cases, one_that_failed_comes_again_and_over_a_restart);
    tcase_add_test(cases, one_is_sent_again_on_request_whatever_came_behind_it);
    tcase_add_test(cases, it_ends_by_itself_or_with_its_query);
    tcase_add_test(cases, it_is_a_webhook_that_tells_nothing_else);
    tcase_add_test(cases, what_cannot_be_is_refused_by_its_name);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
