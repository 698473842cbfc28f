// SPDX-License-Identifier: Apache-2.0
// What /v1/live tells of captures: each new row, and how each job ended, in this order; and what a
// reader gets who was away.
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/limits.h"
#include "tests/support/live_stream.h"
#include "tests/support/unit.h"

#define EVENT(serial, id)                                                        \
    "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\"," id                       \
    "\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\"," \
    "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346." serial "\"]}"
#define DOCUMENT(events)                                                                  \
    "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"]," \
    "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","                               \
    "\"creationDate\":\"2026-01-02T03:04:05Z\",\"epcisBody\":{\"eventList\":[" events "]}}"
#define ID_X "\"eventID\":\"urn:uuid:00000000-0000-4000-8000-000000000001\","

static struct server_process server;
static struct live_stream stream;

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}
static void tear_down(void) { server_clear(&server); }

// Where the job is.
static void capture(char location[160], const char *document) {
    struct reply reply;
    struct ask ask = {.path = "/capture",
                      .body = bytes_of_string(document),
                      .content_type = "application/ld+json"};
    server_ask(&server, &ask, &reply);
    ck_assert_msg(reply.status == 202, "%ld %s", reply.status, (const char *)reply.body.data);
    memcpy(location, reply.location, sizeof reply.location);
    reply_clear(&reply);
}

static void expect_row(char id[24]) {
    struct live_event event;
    char path[96];
    live_next(&stream, &event);
    ck_assert_str_eq(event.type, "event");
    ck_assert_uint_eq(json_object_size(event.data), 4);
    snprintf(path, sizeof path, "/v1/events/%s", member(event.data, "id"));
    json_t *row = server_get(&server, path); // it is there already
    static const char *const members[] = {"id", "eventID", "type", "eventTime"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        ck_assert_str_eq(member(event.data, members[i]), member(row, members[i]));
    json_decref(row);
    memcpy(id, event.id, sizeof event.id);
    live_event_clear(&event);
}

static void expect_end(const char *location, bool is_success) {
    struct live_event event;
    live_next(&stream, &event);
    ck_assert_str_eq(event.type, "capture");
    ck_assert_str_eq(member(event.data, "captureID"), strrchr(location, '/') + 1);
    ck_assert(json_is_false(json_object_get(event.data, "running")));
    ck_assert(json_is_true(json_object_get(event.data, "success")) == is_success);
    json_t *job = server_get(&server, location); // and says the same
    ck_assert(json_is_false(json_object_get(job, "running")));
    ck_assert(json_is_true(json_object_get(job, "success")) == is_success);
    json_decref(job);
    live_event_clear(&event);
}

START_TEST(each_new_row_is_told_and_then_its_job) {
    char location[160], first[24], second[24];
    live_open(&stream, &server, NULL);
    capture(location, DOCUMENT(EVENT("1", ID_X) "," EVENT("2", "")));
    expect_row(first);
    expect_row(second);
    ck_assert_uint_lt(strtoull(first, NULL, 10), strtoull(second, NULL, 10));
    expect_end(location, true);
    capture(location, DOCUMENT(EVENT("1", ID_X))); // known: no second row
    expect_end(location, true);
    capture(location, DOCUMENT(EVENT("3", "") "," EVENT("3", ID_X))); // all or none
    expect_end(location, false);
    live_close(&stream);
}
END_TEST

START_TEST(whoever_was_away_gets_what_was_missed) {
    char location[160], later[160], id[24], unused[24];
    live_open(&stream, &server, NULL);
    capture(location, DOCUMENT(EVENT("1", "")));
    expect_row(id);
    live_close(&stream); // has not heard of the job's end
    capture(later, DOCUMENT(EVENT("2", "")));
    live_open(&stream, &server, id);
    expect_end(location, true);
    expect_row(unused);
    expect_end(later, true);
    live_close(&stream);
}
END_TEST

// What is next on the stream, but for blocks.
static void expect_news(const char *type, char id[24]) {
    struct live_event event;
    live_next(&stream, &event);
    ck_assert_str_eq(event.type, type);
    memcpy(id, event.id, sizeof event.id);
    live_event_clear(&event);
}

static void expect_reset(const char *last_id) {
    char unused[24];
    live_open(&stream, &server, last_id);
    expect_news("reset", unused);
    live_close(&stream);
}

START_TEST(whoever_was_away_over_a_restart_gets_it_too) {
    enum { NEWS = 5 };
    static const char *const types[NEWS] = {"event", "event", "capture", "event", "capture"};
    char location[160], ids[NEWS][24], id[24];
    live_open(&stream, &server, NULL);
    capture(location, DOCUMENT(EVENT("1", "") "," EVENT("2", "")));
    for (int i = 0; i < 3; i++) expect_news(types[i], ids[i]);
    capture(location, DOCUMENT(EVENT("3", "")));
    for (int i = 3; i < NEWS; i++) expect_news(types[i], ids[i]);
    live_close(&stream);
    server_kill(&server); // what is replayed stood in memory
    server_start(&server);
    live_open(&stream, &server, ids[2]);
    for (int i = 3; i < NEWS; i++) {
        expect_news(types[i], id);
        ck_assert_str_eq(id, ids[i]);
    }
    capture(location, DOCUMENT(EVENT("4", "")));
    expect_news("event", id);
    ck_assert_uint_lt(strtoull(ids[NEWS - 1], NULL, 10), strtoull(id, NULL, 10));
    expect_end(location, true);
    live_close(&stream);
    live_open(&stream, &server, ids[NEWS - 1]); // has missed the last capture alone
    expect_news("event", ids[0]);
    ck_assert_str_eq(ids[0], id);
    live_close(&stream);
}
END_TEST

START_TEST(who_cannot_be_told_what_was_missed_is_told_to_read_anew) {
    char location[160], first[24], last[24], future[24];
    live_open(&stream, &server, NULL);
    capture(location, DOCUMENT(EVENT("1", "") "," EVENT("2", "")));
    expect_news("event", first);
    expect_news("event", last);
    expect_end(location, true);
    live_close(&stream);
    server_stop(&server);
    server_start(&server);
    expect_reset(first); // in the middle of a block
    expect_reset("1");   // of no block
    snprintf(future, sizeof future, "%llu", strtoull(last, NULL, 10) + (1ULL << 30));
    expect_reset(future);
}
END_TEST

START_TEST(who_has_missed_too_much_is_told_to_read_anew) {
    char id[24], location[160];
    live_open(&stream, &server, NULL);
    capture(location, DOCUMENT(EVENT("1", "")));
    expect_news("event", id);
    expect_news("capture", id);
    live_close(&stream);
    struct buf events = {0};
    for (int i = 0; i < LIMIT_LIVE_MISSED; i++)
        buf_append_format(&events, "%s" EVENT("%d", ""), i ? "," : "", 100 + i);
    struct buf document = {0};
    buf_append_format(&document, DOCUMENT("%s"), buf_as_string(&events));
    capture(location, buf_as_string(&document));
    buf_clear(&events);
    buf_clear(&document);
    live_open(&stream, &server, id); // from the log, which reaches back to it
    for (int i = 0; i < LIMIT_LIVE_MISSED; i++) expect_news("event", location);
    expect_news("capture", location);
    live_close(&stream);
    server_stop(&server);
    server_start(&server);
    expect_reset(id);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain live");
    TCase *cases = tcase_create("live");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, each_new_row_is_told_and_then_its_job);
    tcase_add_test(cases, whoever_was_away_gets_what_was_missed);
    tcase_add_test(cases, whoever_was_away_over_a_restart_gets_it_too);
    tcase_add_test(cases, who_cannot_be_told_what_was_missed_is_told_to_read_anew);
    tcase_add_test(cases, who_has_missed_too_much_is_told_to_read_anew);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
