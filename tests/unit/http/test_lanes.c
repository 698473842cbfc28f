// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>

#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

enum { THREADS = 2, QUEUE = 2 };

static struct answer answer;

static void start_with(uint32_t wait_ms) {
    static struct http_lane lane;
    lane = (struct http_lane){.threads = THREADS, .queue = QUEUE, .wait_ms = wait_ms};
    fixture_start_with(&(struct http_config){.lanes = &lane, .lane_count = 1}, NULL);
}

static void start(void) { start_with(60000); }

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
}

// Requests whose handlers go on until the fixture is done.
static void begin_slow(struct client *clients, int count) {
    for (int i = 0; i < count; i++) clients[i] = client_begin(fixture.port, "/slow");
    while (fixture.runs < count) continue;
}

START_TEST(slow_handlers_hold_up_nobody_else) {
    enum { OTHERS = 20 };
    struct client slow[THREADS], others[OTHERS];
    begin_slow(slow, THREADS);
    // On every thread that the server's connections have.
    for (int i = 0; i < OTHERS; i++) others[i] = client_begin(fixture.port, "/livez");
    for (int i = 0; i < OTHERS; i++) client_end(&others[i], &answer, 200, "{\"status\":\"ok\"}\n");
    fixture.is_done = true;
    for (int i = 0; i < THREADS; i++) client_end(&slow[i], &answer, 200, "slow");
}
END_TEST

START_TEST(a_lane_has_a_queue_and_beyond_it_is_busy) {
    struct client slow[THREADS], queued[QUEUE];
    begin_slow(slow, THREADS);
    for (int i = 0; i < QUEUE; i++) queued[i] = client_begin(fixture.port, "/slow");
    fixture_wait_queued(QUEUE);
    ask_get(&answer, fixture.port, "/slow", "");
    ck_assert_int_eq(answer.code, 503);
    assert_has(&answer, "\"code\":\"busy\"");
    ck_assert_str_eq(answer_header(&answer, "Retry-After"), "1");
    ck_assert_int_eq(fixture.runs, THREADS);
    fixture.is_done = true;
    for (int i = 0; i < THREADS; i++) client_end(&slow[i], &answer, 200, "slow");
    for (int i = 0; i < QUEUE; i++) client_end(&queued[i], &answer, 200, "slow");
    fixture_wait_queued(0);
}
END_TEST

static struct client ask_with_key(const char *path) {
    struct client client = client_connect(fixture.port);
    char request[256];
    snprintf(request, sizeof request,
             "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " WRITER_KEY
             "\r\nConnection: close\r\n\r\n",
             path);
    client_send_text(&client, request);
    return client;
}

START_TEST(who_has_a_key_goes_before_others_and_has_a_queue_of_its_own) {
    static const struct http_lane lane = {.threads = 1, .queue = QUEUE, .wait_ms = 60000};
    struct client slow, others[QUEUE], known;
    char turn[32];
    fixture_start_with(&(struct http_config){.lanes = &lane, .lane_count = 1}, NULL);
    begin_slow(&slow, 1);
    for (int i = 0; i < QUEUE; i++) {
        others[i] = client_begin(fixture.port, "/turn");
        fixture_wait_queued((uint64_t)i + 1);
    }
    ask_get(&answer, fixture.port, "/turn", "");
    ck_assert_int_eq(answer.code, 503);
    known = ask_with_key("/turn");
    fixture_wait_queued(QUEUE + 1);
    fixture.is_done = true;
    client_end(&slow, &answer, 200, "slow");
    client_end(&known, &answer, 200, NULL);
    assert_has(&answer, "turn 2,");
    for (int i = 0; i < QUEUE; i++) {
        client_end(&others[i], &answer, 200, NULL);
        snprintf(turn, sizeof turn, "turn %d,", 3 + i);
        assert_has(&answer, turn);
    }
    stop();
}
END_TEST

START_TEST(who_has_no_key_has_every_fourth_turn_at_least) {
    enum { KEYS = 7, OTHERS = 2 };
    static const struct http_lane lane = {.threads = 1, .queue = KEYS, .wait_ms = 60000};
    static const int turns[KEYS] = {2, 3, 4, 6, 7, 8, 10}; // those between are the others'
    struct client slow, keys[KEYS], others[OTHERS];
    char turn[32];
    fixture_start_with(&(struct http_config){.lanes = &lane, .lane_count = 1}, NULL);
    begin_slow(&slow, 1);
    for (int i = 0; i < KEYS; i++) {
        keys[i] = ask_with_key("/turn");
        fixture_wait_queued((uint64_t)i + 1);
    }
    for (int i = 0; i < OTHERS; i++) {
        others[i] = client_begin(fixture.port, "/turn");
        fixture_wait_queued((uint64_t)(KEYS + i + 1));
    }
    fixture.is_done = true;
    client_end(&slow, &answer, 200, "slow");
    for (int i = 0; i < KEYS; i++) {
        client_end(&keys[i], &answer, 200, NULL);
        snprintf(turn, sizeof turn, "turn %d,", turns[i]);
        assert_has(&answer, turn);
    }
    for (int i = 0; i < OTHERS; i++) {
        client_end(&others[i], &answer, 200, NULL);
        snprintf(turn, sizeof turn, "turn %d,", 5 + 4 * i);
        assert_has(&answer, turn);
    }
    stop();
}
END_TEST

START_TEST(the_threads_of_a_lane_give_way_as_it_says) {
    enum { NICER = 3, NICEST = 19 };
    static const struct http_lane lane = {
        .threads = 1, .queue = QUEUE, .wait_ms = 60000, .niceness = NICER};
    char wanted[32];
    int own = getpriority(PRIO_PROCESS, 0), nicer = own + NICER;
    fixture_start_with(&(struct http_config){.lanes = &lane, .lane_count = 1}, NULL);
    snprintf(wanted, sizeof wanted, "turn 1, nice %d", nicer < NICEST ? nicer : NICEST);
    ask_get(&answer, fixture.port, "/turn", "");
    ck_assert_str_eq(answer_text(&answer), wanted);
    ck_assert_int_eq(getpriority(PRIO_PROCESS, 0), own);
    stop();
}
END_TEST

START_TEST(nobody_waits_in_a_queue_for_long) {
    struct client slow[THREADS];
    start_with(20);
    begin_slow(slow, THREADS);
    ask_get(&answer, fixture.port, "/slow", "");
    ck_assert_int_eq(answer.code, 503);
    assert_has(&answer, "\"code\":\"busy\"");
    ck_assert_int_eq(fixture.runs, THREADS);
    fixture.is_done = true;
    for (int i = 0; i < THREADS; i++) client_end(&slow[i], &answer, 200, "slow");
    ask_get(&answer, fixture.port, "/slow", "");
    ck_assert_int_eq(answer.code, 200);
    stop();
}
END_TEST

START_TEST(a_handler_aside_sees_the_same_request) {
    static const char posts[] =
        "POST /aside/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " WRITER_KEY
        "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        "GET /aside/7?a=1 HTTP/1.1\r\nHost: x\r\n\r\n"
        "HEAD /aside/7 HTTP/1.1\r\nHost: x\r\n\r\n";
    struct client client = client_connect(fixture.port);
    client_send_text(&client, posts);
    client_read(&client, &answer, false);
    ck_assert_int_eq(answer.code, 201);
    ck_assert_str_eq(answer_text(&answer), "writer application/json 2 {}");
    client_read(&client, &answer, false);
    ck_assert_int_eq(answer.code, 200);
    assert_has(&answer, "\"id\":\"7\",\"q0\":\"a\",\"value\":\"1\"");
    client_read(&client, &answer, true);
    ck_assert_int_eq(answer.code, 200);
    client_close(&client);
}
END_TEST

START_TEST(a_handler_aside_may_wait_and_holds_no_thread) {
    enum { WAITING = 20 };
    struct client clients[WAITING], race;
    for (int i = 0; i < WAITING; i++) {
        clients[i] = client_begin(fixture.port, "/aside/wait/tx");
        fixture_wait_parked((uint64_t)i + 1);
    }
    http_notify(fixture.server, bytes_of_string("tx")); // not done: they park again
    while (fixture.runs < 2 * WAITING) continue;
    fixture_wait_parked(WAITING);
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("tx"));
    for (int i = 0; i < WAITING; i++) client_end(&clients[i], &answer, 200, "done");
    fixture.is_done = false;
    fixture.runs = 0;
    race = client_begin(fixture.port, "/aside/wait/tx?ms=60000&race=1");
    client_end(&race, &answer, 200, "done");
}
END_TEST

START_TEST(a_client_that_leaves_while_its_handler_runs_leaves_nothing_behind) {
    struct client slow[THREADS], queued[QUEUE];
    begin_slow(slow, THREADS);
    for (int i = 0; i < QUEUE; i++) queued[i] = client_begin(fixture.port, "/slow");
    fixture_wait_queued(QUEUE);
    for (int i = 0; i < THREADS; i++) client_close(&slow[i]);
    for (int i = 0; i < QUEUE; i++) client_close(&queued[i]);
    fixture.is_done = true;
    fixture_wait_in_flight(0);
    ask_get(&answer, fixture.port, "/slow", "");
    ck_assert_int_eq(answer.code, 200);
}
END_TEST

static void *stop_it(void *unused) {
    (void)unused;
    http_server_stop(fixture.server, 10000);
    return NULL;
}

START_TEST(a_stop_lets_handlers_aside_finish) {
    struct client slow[THREADS], queued;
    pthread_t stopper;
    begin_slow(slow, THREADS);
    queued = client_begin(fixture.port, "/slow");
    fixture_wait_queued(1);
    ck_assert_int_eq(pthread_create(&stopper, NULL, stop_it, NULL), 0);
    while (!http_server_is_stopping(fixture.server)) continue;
    fixture.is_done = true;
    for (int i = 0; i < THREADS; i++) client_end(&slow[i], &answer, 200, "slow");
    client_end(&queued, &answer, 200, "slow");
    pthread_join(stopper, NULL);
    stop();
}
END_TEST

START_TEST(a_stop_without_grace_drops_who_is_in_the_queue) {
    struct client slow[THREADS], queued;
    begin_slow(slow, THREADS);
    queued = client_begin(fixture.port, "/slow");
    fixture_wait_queued(1);
    fixture.ends_with_server = true;
    http_server_stop(fixture.server, 0);
    ck_assert_int_eq(fixture.runs, THREADS);
    for (int i = 0; i < THREADS; i++) client_close(&slow[i]);
    client_close(&queued);
    stop();
}
END_TEST

Suite *lanes_suite(void) {
    Suite *suite = suite_create("lanes");
    TCase *cases = tcase_create("lanes"), *own = tcase_create("lanes on their own");
    tcase_set_timeout(cases, 60);
    tcase_set_timeout(own, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, slow_handlers_hold_up_nobody_else);
    tcase_add_test(cases, a_lane_has_a_queue_and_beyond_it_is_busy);
    tcase_add_test(cases, a_handler_aside_sees_the_same_request);
    tcase_add_test(cases, a_handler_aside_may_wait_and_holds_no_thread);
    tcase_add_test(cases, a_client_that_leaves_while_its_handler_runs_leaves_nothing_behind);
    tcase_add_test(own, who_has_a_key_goes_before_others_and_has_a_queue_of_its_own);
    tcase_add_test(own, who_has_no_key_has_every_fourth_turn_at_least);
    tcase_add_test(own, the_threads_of_a_lane_give_way_as_it_says);
    tcase_add_test(own, nobody_waits_in_a_queue_for_long);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, own);
    TCase *stops = tcase_create("stops of lanes");
    tcase_set_timeout(stops, 60);
    tcase_add_checked_fixture(stops, start, NULL);
    tcase_add_test(stops, a_stop_lets_handlers_aside_finish);
    tcase_add_test(stops, a_stop_without_grace_drops_who_is_in_the_queue);
    suite_add_tcase(suite, stops);
    return suite;
}
