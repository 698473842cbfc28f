// SPDX-License-Identifier: Apache-2.0
// A capture that was answered 202 is a promise: whatever happens to the process, its job is there
// and ends, under the same transactions.
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/server_process.h"
#include "tests/support/unit.h"

enum { LARGE = 1500 }; // events: staged in several transactions

static struct server_process server;

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}
static void tear_down(void) { server_clear(&server); }

static void make_document(struct buf *out, int first, int events) {
    buf_append_string(out, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
                           "epcis-context.jsonld\"],\"type\":\"EPCISDocument\","
                           "\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-01-02T03:04:05Z\","
                           "\"epcisBody\":{\"eventList\":[");
    for (int i = 0; i < events; i++)
        buf_append_format(out,
                          "%s{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventTime\":"
                          "\"2026-01-02T03:04:05Z\",\"eventTimeZoneOffset\":\"+00:00\","
                          "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346.%d\"]}",
                          i ? "," : "", first + i);
    buf_append_string(out, "]}}");
}

// Where the job is.
static void capture(char location[160], int first, int events) {
    struct buf document = {0};
    struct reply reply;
    make_document(&document, first, events);
    struct ask ask = {
        .path = "/capture", .body = buf_bytes(&document), .content_type = "application/ld+json"};
    server_ask(&server, &ask, &reply);
    ck_assert_msg(reply.status == 202, "%ld %s", reply.status, (const char *)reply.body.data);
    memcpy(location, reply.location, sizeof reply.location);
    reply_clear(&reply);
    buf_clear(&document);
}

// The id of its last transaction.
static void read_tx(char out[65], const json_t *job) {
    const json_t *tx = json_object_get(job, "tx");
    if (json_is_array(tx)) tx = json_array_get(tx, json_array_size(tx) - 1);
    ck_assert_uint_eq(json_string_length(tx), 64);
    memcpy(out, json_string_value(tx), 65);
}

static void tx_of(char out[65], const char *location) {
    json_t *job = server_get(&server, location);
    read_tx(out, job);
    json_decref(job);
}

static void check_success(const char *location, const char *tx) {
    for (;;) {
        char path[160], now[65];
        json_t *job = server_get(&server, location); // never 404
        read_tx(now, job);
        ck_assert_str_eq(now, tx);
        bool runs = json_is_true(json_object_get(job, "running"));
        ck_assert(json_is_true(json_object_get(job, "success")));
        json_decref(job);
        if (!runs) return;
        snprintf(path, sizeof path, "/v1/transactions/%s?wait=final", tx);
        json_decref(server_get(&server, path));
    }
}

static size_t count_events(void) {
    size_t count = 0;
    char path[256] = "/v1/events?perPage=1000";
    while (*path) {
        json_t *list = server_get(&server, path);
        const char *next = member(list, "next");
        count += json_array_size(json_object_get(list, "items"));
        *path = '\0';
        if (*next) snprintf(path, sizeof path, "/v1/events?perPage=1000&nextPageToken=%s", next);
        json_decref(list);
    }
    return count;
}

// Accepted right behind a block, so that the next one is half a second away.
static void accept_both(char locations[2][160], char txs[2][65]) {
    char first[160], tx[65];
    capture(first, 0, 1);
    tx_of(tx, first);
    check_success(first, tx);
    capture(locations[0], 1, 1);
    capture(locations[1], 2, LARGE);
    for (int i = 0; i < 2; i++) tx_of(txs[i], locations[i]);
}

static void check_both(char locations[2][160], char txs[2][65]) {
    for (int i = 0; i < 2; i++) check_success(locations[i], txs[i]);
    char after[160], tx[65];
    capture(after, 2 + LARGE, 1);
    tx_of(tx, after);
    check_success(after, tx);
    ck_assert_uint_eq(count_events(), LARGE + 3);
}

START_TEST(an_accepted_capture_outlives_a_kill) {
    char locations[2][160], txs[2][65];
    accept_both(locations, txs);
    server_kill(&server);
    server_start(&server);
    check_both(locations, txs);
}
END_TEST

START_TEST(an_accepted_capture_outlives_two_kills_and_a_rebuilt_index) {
    char locations[2][160], txs[2][65];
    accept_both(locations, txs);
    server_kill(&server);
    server.rebuild_index = true;
    server_start(&server);
    server_kill(&server);
    server_start(&server);
    check_both(locations, txs);
}
END_TEST

START_TEST(an_accepted_capture_outlives_a_stop) {
    char locations[2][160], txs[2][65];
    accept_both(locations, txs);
    server_stop(&server);
    server_start(&server);
    check_both(locations, txs);
}
END_TEST

START_TEST(a_job_that_nobody_accepted_is_not_there) {
    struct reply reply;
    server_ask(&server,
               &(struct ask){.path = "/capture/"
                                     "00000000000000000000000000000000"
                                     "00000000000000000000000000000000"},
               &reply);
    ck_assert_int_eq(reply.status, 404);
    reply_clear(&reply);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain restart");
    TCase *cases = tcase_create("restart");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_accepted_capture_outlives_a_kill);
    tcase_add_test(cases, an_accepted_capture_outlives_two_kills_and_a_rebuilt_index);
    tcase_add_test(cases, an_accepted_capture_outlives_a_stop);
    tcase_add_test(cases, a_job_that_nobody_accepted_is_not_there);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
