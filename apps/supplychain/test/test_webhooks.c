// SPDX-License-Identifier: Apache-2.0
// Webhooks as a partner meets them: made over HTTP, told of captures in the order of the chain,
// over crashes and restarts of the server.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/test/capturing.h"
#include "chaincore/base/clock.h"
#include "tests/support/database.h"
#include "tests/support/receiver.h"
#include "tests/support/unit.h"

static struct receiver *receiver;
static char secret[64], hook_path[64];

static void set_up_with(const char *first, const char *second) {
    server_init(&server, "./lmm-supplychain");
    server.flags[0] = first;
    server.flags[1] = second;
    server_start(&server);
    receiver = receiver_open(0);
}
static void set_up(void) { set_up_with("--webhook-http", "--webhook-private-targets"); }
static void set_up_strict(void) { set_up_with(NULL, NULL); }
static void tear_down(void) {
    server_clear(&server);
    receiver_close(receiver);
}

static void make(const char *kinds, const char *more) {
    char body[256];
    json_t *made;
    snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/hook\",\"kinds\":%s%s}",
             receiver_port(receiver), kinds, more);
    ck_assert_int_eq(server_ask_json(&server, "POST", "/v1/webhooks", body, &made), 201);
    snprintf(secret, sizeof secret, "%s", member(made, "secret"));
    snprintf(hook_path, sizeof hook_path, "/v1/webhooks/%s", member(made, "id"));
    ck_assert_str_eq(member(made, "state"), "active");
    json_decref(made);
}

static json_t *body_at(size_t index) {
    json_error_t error;
    ck_assert_uint_gt(receiver_await(receiver, index + 1), index);
    const struct receiver_post *post = receiver_at(receiver, index);
    ck_assert(receiver_verifies(post, secret));
    json_t *body = json_loads(post->body, 0, &error);
    ck_assert_msg(body != NULL, "%s", post->body);
    return body;
}

static void expect_event(size_t index, char id[32]) {
    char path[64];
    json_t *body = body_at(index);
    const json_t *data = json_object_get(body, "data");
    ck_assert_str_eq(member(body, "type"), "event");
    snprintf(id, 32, "%s", member(data, "id"));
    snprintf(path, sizeof path, "/v1/events/%s", id);
    json_t *row = server_get(&server, path);
    static const char *const members[] = {"id", "eventID", "type", "eventTime"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        ck_assert_str_eq(member(data, members[i]), member(row, members[i]));
    ck_assert_uint_eq(strtoull(id, NULL, 10),
                      (uint64_t)json_integer_value(json_object_get(body, "height")));
    json_decref(row);
    json_decref(body);
}

static void expect_capture(size_t index, bool is_success) {
    json_t *body = body_at(index);
    const json_t *data = json_object_get(body, "data");
    ck_assert_str_eq(member(body, "type"), "capture");
    ck_assert(json_is_true(json_object_get(data, "success")) == is_success);
    char path[160];
    snprintf(path, sizeof path, "/capture/%s", member(data, "captureID"));
    json_t *job = server_get(&server, path);
    ck_assert(json_is_true(json_object_get(job, "success")) == is_success);
    json_decref(job);
    json_decref(body);
}

// Each place at least once and in order, whatever came again.
static size_t count_places(void) {
    unsigned long long height = 0, position = 0;
    size_t places = 0;
    for (size_t i = 0; i < receiver_count(receiver); i++) {
        const char *id = receiver_header(receiver_at(receiver, i), "webhook-id");
        char *end;
        unsigned long long now = strtoull(id + 4, &end, 10), at = strtoull(end + 1, NULL, 10);
        bool is_next = now > height || (now == height && at > position);
        ck_assert_msg(is_next || (now == height && at == position), "%s", id);
        if (is_next) places++;
        height = now;
        position = at;
    }
    return places;
}

// Until as many attempts are there. The caller calls json_decref.
static json_t *await_deliveries(size_t count) {
    char path[96];
    uint64_t until_ms = clock_monotonic_ms() + 10000;
    snprintf(path, sizeof path, "%s/deliveries?perPage=1000", hook_path);
    for (;;) {
        json_t *page = server_get(&server, path);
        if (json_array_size(json_object_get(page, "items")) >= count) return page;
        json_decref(page);
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
    }
}

START_TEST(captures_are_told_in_order) {
    char first[32], second[32];
    make("[\"event\",\"capture\"]", "");
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, "") "," EVENT("", EPC_B, ""))));
    expect_event(0, first);
    expect_event(1, second);
    ck_assert_str_lt(first, second);
    expect_capture(2, true);
    json_decref(
        capture_job(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, "") "," EVENT(ID_X, EPC_B, "")))));
    expect_capture(3, false);
    ck_assert_uint_eq(receiver_count(receiver), 4);
}
END_TEST

START_TEST(what_was_before_can_be_asked_for) {
    char id[32];
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    make("[\"event\"]", ",\"from_height\":1");
    expect_event(0, id);
    ck_assert_int_eq(server_ask_json(&server, "DELETE", hook_path, NULL, NULL), 204);
    make("[\"capture\"]", ""); // from now on
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_B, ""))));
    expect_capture(1, true);
}
END_TEST

// More than is read from the rows at once, and so from the middle of a transaction on.
START_TEST(both_engines_tell_the_same) {
    enum { EVENTS = 150, AGAIN = 100 };
    struct test_database database;
    struct buf large = {0};
    char body[128], path[96], id[32];
    if (!test_database_open(&database, _i)) return;
    server_stop(&server);
    server.index = database.url;
    server_start(&server);
    make("[\"event\",\"capture\"]", "");
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    make_large(&large, EVENTS);
    capture_well(buf_bytes(&large));
    ck_assert_uint_eq(receiver_await(receiver, EVENTS + 3), EVENTS + 3);
    ck_assert_uint_eq(count_places(), EVENTS + 3);
    expect_event(0, id);
    expect_capture(1, true);
    for (size_t i = 2; i < EVENTS + 2; i++) expect_event(i, id);
    expect_capture(EVENTS + 2, true);
    snprintf(body, sizeof body, "{\"from_message\":\"%s\"}",
             receiver_header(receiver_at(receiver, EVENTS + 3 - AGAIN), "webhook-id"));
    snprintf(path, sizeof path, "%s/replay", hook_path);
    json_decref(await_deliveries(EVENTS + 3));
    ck_assert_int_eq(server_ask_json(&server, "POST", path, body, NULL), 202);
    ck_assert_uint_eq(receiver_await(receiver, EVENTS + 3 + AGAIN), EVENTS + 3 + AGAIN);
    for (size_t i = 0; i < AGAIN; i++) {
        const struct receiver_post *first = receiver_at(receiver, EVENTS + 3 - AGAIN + i);
        const struct receiver_post *again = receiver_at(receiver, EVENTS + 3 + i);
        ck_assert_str_eq(first->body, again->body);
    }
    buf_clear(&large);
    server_clear(&server); // leaves the database first
    test_database_close(&database);
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}
END_TEST

START_TEST(a_kill_loses_none_and_changes_no_order) {
    enum { EVENTS = 150 };
    struct buf large = {0};
    make("[\"event\"]", "");
    make_large(&large, EVENTS);
    capture_well(buf_bytes(&large));
    for (size_t seen = 0; seen < EVENTS; seen += EVENTS / 3) {
        ck_assert_uint_gt(receiver_await(receiver, seen + 1), seen);
        server_kill(&server);
        server_start(&server);
    }
    uint64_t until_ms = clock_monotonic_ms() + 20000;
    while (count_places() < EVENTS) {
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        receiver_await(receiver, receiver_count(receiver) + 1);
    }
    ck_assert_uint_eq(count_events("?perPage=1000"), EVENTS);
    buf_clear(&large);
}
END_TEST

START_TEST(a_message_without_an_answer_comes_again_after_a_kill) {
    char id[32], again[32];
    make("[\"event\"]", "");
    receiver_answer(receiver, RECEIVER_HANGS, 1);
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    ck_assert_uint_eq(receiver_await(receiver, 1), 1);
    server_kill(&server);
    server_start(&server);
    expect_event(0, id);
    expect_event(1, again);
    ck_assert_str_eq(id, again);
}
END_TEST

START_TEST(deliveries_are_shown_and_repeated) {
    char path[160], message[64], body[128];
    make("[\"event\"]", "");
    receiver_answer(receiver, 500, 1);
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    json_t *page = await_deliveries(2);
    const json_t *newest = json_array_get(json_object_get(page, "items"), 0);
    const json_t *oldest = json_array_get(json_object_get(page, "items"), 1);
    ck_assert_str_eq(member(newest, "outcome"), "delivered");
    ck_assert_int_eq(json_integer_value(json_object_get(newest, "code")), 204);
    ck_assert_int_eq(json_integer_value(json_object_get(newest, "attempt")), 2);
    ck_assert_str_eq(member(oldest, "outcome"), "refused");
    ck_assert_int_eq(json_integer_value(json_object_get(oldest, "code")), 500);
    snprintf(message, sizeof message, "%s", member(newest, "message"));
    json_decref(page);
    snprintf(path, sizeof path, "%s/messages/%s/resend", hook_path, message);
    ck_assert_int_eq(server_ask_json(&server, "POST", path, NULL, NULL), 202);
    json_decref(await_deliveries(3));
    snprintf(path, sizeof path, "%s/replay", hook_path);
    snprintf(body, sizeof body, "{\"from_message\":\"%s\"}", message);
    ck_assert_int_eq(server_ask_json(&server, "POST", path, body, NULL), 202);
    json_decref(await_deliveries(4));
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(receiver_header(receiver_at(receiver, i), "webhook-id"), message);
    ck_assert_int_eq(server_ask_json(&server, "POST", path, "{\"from_height\":1000000}", NULL),
                     409);
    ck_assert_int_eq(server_ask_json(&server, "POST", path, "{}", NULL), 400);
    ck_assert_int_eq(server_ask_json(&server, "POST", path, "{\"from_message\":\"x\"}", NULL), 400);
    snprintf(path, sizeof path, "%s/messages/msg_1000000_0/resend", hook_path);
    ck_assert_int_eq(server_ask_json(&server, "POST", path, NULL, NULL), 409);
}
END_TEST

START_TEST(a_webhook_is_shown_changed_and_rotated) {
    char path[96], old[64], id[32];
    json_t *shown;
    make("[\"event\"]", ",\"description\":\"the mill\"");
    ck_assert_int_eq(server_ask_json(&server, "PATCH", hook_path, "{\"state\":\"paused\"}", &shown),
                     200);
    ck_assert_str_eq(member(shown, "state"), "paused");
    ck_assert_str_eq(member(shown, "description"), "the mill");
    ck_assert_ptr_null(json_object_get(shown, "secret"));
    json_decref(shown);
    snprintf(path, sizeof path, "%s/rotate", hook_path);
    memcpy(old, secret, sizeof old);
    ck_assert_int_eq(server_ask_json(&server, "POST", path, "{\"overlap_s\":60}", &shown), 200);
    snprintf(secret, sizeof secret, "%s", member(shown, "secret"));
    json_decref(shown);
    ck_assert_str_ne(secret, old);
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    server_stop(&server);
    server_start(&server);
    shown = server_get(&server, hook_path);
    ck_assert_str_eq(member(shown, "state"), "paused");
    json_decref(shown);
    ck_assert_uint_eq(receiver_count(receiver), 0);
    ck_assert_int_eq(server_ask_json(&server, "PATCH", hook_path, "{\"state\":\"active\"}", NULL),
                     200);
    expect_event(0, id);
    ck_assert(receiver_verifies(receiver_at(receiver, 0), old));
    shown = server_get(&server, "/v1/webhooks");
    ck_assert_uint_eq(json_array_size(json_object_get(shown, "items")), 1);
    json_decref(shown);
    shown = server_get(&server, "/v1/webhooks/kinds");
    ck_assert_uint_eq(json_array_size(json_object_get(shown, "items")), 5);
    json_decref(shown);
    ck_assert_int_eq(server_ask_json(&server, "DELETE", hook_path, NULL, NULL), 204);
    ck_assert_int_eq(server_ask_json(&server, "GET", hook_path, NULL, NULL), 404);
    ck_assert_int_eq(server_ask_json(&server, "PATCH", hook_path, "{}", NULL), 404);
    ck_assert_int_eq(server_ask_json(&server, "DELETE", hook_path, NULL, NULL), 404);
}
END_TEST

static void expect_refusal(const char *body, const char *pointer) {
    json_t *problem;
    ck_assert_msg(server_ask_json(&server, "POST", "/v1/webhooks", body, &problem) == 400, "%s",
                  body);
    ck_assert_str_eq(member(problem, "code"), "invalid_webhook");
    ck_assert_msg(strcmp(member(problem, "pointer"), pointer) == 0, "%s: %s", body,
                  member(problem, "pointer"));
    json_decref(problem);
}

START_TEST(what_is_wrong_is_said) {
#define URL "\"url\":\"https://1.1.1.1/hook\""
#define KINDS "\"kinds\":[\"event\"]"
    expect_refusal("", "/url");
    expect_refusal("[]", "");
    expect_refusal("{" KINDS "}", "/url");
    expect_refusal("{" URL "}", "/kinds");
    expect_refusal("{" URL ",\"kinds\":[]}", "/kinds");
    expect_refusal("{" URL ",\"kinds\":[\"event\",\"event\"]}", "/kinds");
    expect_refusal("{" URL ",\"kinds\":[\"other\"]}", "/kinds");
    expect_refusal("{" URL ",\"kinds\":[1]}", "/kinds");
    expect_refusal("{" URL "," KINDS ",\"from_height\":0}", "/from_height");
    expect_refusal("{" URL "," KINDS ",\"from_height\":1000000}", "/from_height");
    expect_refusal("{" URL "," KINDS ",\"description\":\"\\n\"}", "/description");
    expect_refusal("{" URL "," KINDS ",\"secret\":\"mine\"}", "/secret");
    expect_refusal("{\"url\":1," KINDS "}", "/url");
    expect_refusal("{\"url\":\"http://1.1.1.1/\"," KINDS "}", "/url");
    expect_refusal("{\"url\":\"https://127.0.0.1/\"," KINDS "}", "/url");
    expect_refusal("{\"url\":\"https://localhost:8701/\"," KINDS "}", "/url");
    expect_refusal("{\"url\":\"https://169.254.169.254/\"," KINDS "}", "/url");
    expect_refusal("{\"url\":\"https://[::ffff:10.0.0.1]/\"," KINDS "}", "/url");
}
END_TEST

START_TEST(it_takes_a_scope) {
    json_t *made;
    static char bearer[160];
    ck_assert_int_eq(server_ask_json(&server, "POST", "/v1/keys",
                                     "{\"name\":\"x\",\"scopes\":[\"webhooks\"]}", &made),
                     201);
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", member(made, "key"));
    json_decref(made);
    struct reply reply;
    struct ask ask = {.path = "/v1/webhooks", .header = bearer, .without_key = true};
    server_ask(&server, &ask, &reply);
    ck_assert_int_eq(reply.status, 200);
    reply_clear(&reply);
    ask.header = NULL;
    server_ask(&server, &ask, &reply);
    ck_assert_int_eq(reply.status, 401);
    reply_clear(&reply);
}
END_TEST

static Suite *suite_of(const char *name, void (*begin)(void)) {
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin, tear_down);
    suite_add_tcase(suite, cases);
    if (begin == set_up_strict) {
        tcase_add_test(cases, what_is_wrong_is_said);
        tcase_add_test(cases, it_takes_a_scope);
        return suite;
    }
    tcase_add_test(cases, captures_are_told_in_order);
    tcase_add_test(cases, what_was_before_can_be_asked_for);
    tcase_add_loop_test(cases, both_engines_tell_the_same, 0, TEST_ENGINES);
    tcase_add_test(cases, a_kill_loses_none_and_changes_no_order);
    tcase_add_test(cases, a_message_without_an_answer_comes_again_after_a_kill);
    tcase_add_test(cases, deliveries_are_shown_and_repeated);
    tcase_add_test(cases, a_webhook_is_shown_changed_and_rotated);
    return suite;
}

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, suite_of("webhooks", set_up));
    srunner_add_suite(runner, suite_of("strict webhooks", set_up_strict));
}
