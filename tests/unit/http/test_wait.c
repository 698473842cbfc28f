// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>

#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;

static void start(void) { fixture_start(NULL, NULL, NULL); }

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
}

START_TEST(a_parked_request_is_woken_by_its_key_alone) {
    struct client client = client_begin(fixture.port, "/wait/tx-1");
    fixture_wait_parked(1);
    http_notify(fixture.server, bytes_of_string("tx-2"));
    ck_assert_int_eq(fixture.runs, 1);
    http_notify(fixture.server, bytes_of_string("tx-1")); // not done yet: parks again
    while (fixture.runs < 2) continue;
    fixture_wait_parked(1);
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("tx-1"));
    client_end(&client, &answer, 200, "done");
    ck_assert_int_eq(fixture.runs, 3);
    fixture_wait_parked(0);
}
END_TEST

START_TEST(time_runs_out) {
    struct client client = client_begin(fixture.port, "/wait/tx?ms=20"),
                  later = client_begin(fixture.port, "/wait/tx?ms=60000");
    client_end(&client, &answer, 202, "pending");
    fixture_wait_parked(1);
    struct client long_key =
        client_begin(fixture.port, "/wait/12345678901234567890123456789012345678901");
    client_end(&long_key, &answer, 202, "pending");
    struct client none = client_begin(fixture.port, "/wait/tx?ms=0");
    client_end(&none, &answer, 202, "pending");
    fixture_wait_parked(1);
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("tx"));
    client_end(&later, &answer, 200, "done");
}
END_TEST

START_TEST(a_notification_while_looking_is_not_missed) {
    struct client client = client_begin(fixture.port, "/wait/tx?ms=60000&race=1");
    client_end(&client, &answer, 200, "done");
    ck_assert_int_eq(fixture.runs, 2);
}
END_TEST

START_TEST(no_thread_is_held_by_those_who_wait) {
    enum { WAITING = 40 };
    struct client clients[WAITING];
    for (int i = 0; i < WAITING; i++) clients[i] = client_begin(fixture.port, "/wait/tx");
    fixture_wait_parked(WAITING);
    ask_get(&answer, fixture.port, "/livez", "");
    ck_assert_int_eq(answer.code, 200);
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("tx"));
    for (int i = 0; i < WAITING; i++) client_end(&clients[i], &answer, 200, "done");
}
END_TEST

START_TEST(only_so_many_may_wait) {
    struct http_limits limits = {.parked = 1};
    fixture_start(&limits, NULL, NULL);
    struct client first = client_begin(fixture.port, "/wait/tx");
    fixture_wait_parked(1);
    struct client second = client_begin(fixture.port, "/wait/tx");
    client_end(&second, &answer, 202, "pending");
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("tx"));
    client_end(&first, &answer, 200, "done");
    stop();
}
END_TEST

START_TEST(a_stop_answers_those_who_wait_and_takes_no_more) {
    enum { WAITING = 10 };
    struct client clients[WAITING];
    for (int i = 0; i < WAITING; i++) clients[i] = client_begin(fixture.port, "/wait/tx");
    fixture_wait_parked(WAITING);
    fixture_stop();
    for (int i = 0; i < WAITING; i++) {
        client_read(&clients[i], &answer, false);
        ck_assert_int_eq(answer.code, 202);
        ck_assert_str_eq(answer_header(&answer, "Connection"), "close");
        client_close(&clients[i]);
    }
    answer_clear(&answer);
}
END_TEST

START_TEST(a_stop_waits_for_requests_and_then_cuts_them_off) {
    static const char head[] = "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab";
    struct client slow = client_connect(fixture.port);
    client_send_text(&slow, head);
    fixture_wait_in_flight(1);
    http_server_stop(fixture.server, 1);
    client_read(&slow, &answer, false);
    ck_assert_int_eq(answer.code, 0);
    client_close(&slow);
    stop();
}
END_TEST

static void *stop_it(void *unused) {
    (void)unused;
    http_server_stop(fixture.server, 10000);
    return NULL;
}

START_TEST(a_request_in_flight_is_finished_by_a_stop) {
    struct client slow = client_connect(fixture.port);
    client_send_text(&slow, "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
    fixture_wait_in_flight(1);
    pthread_t stopper;
    ck_assert_int_eq(pthread_create(&stopper, NULL, stop_it, NULL), 0);
    while (!http_server_is_stopping(fixture.server)) continue;
    client_send_text(&slow, "cd");
    client_read(&slow, &answer, false);
    ck_assert_int_eq(answer.code, 200);
    ck_assert_str_eq(answer_header(&answer, "Connection"), "close");
    client_close(&slow);
    pthread_join(stopper, NULL);
    stop();
}
END_TEST

static void *notify_often(void *unused) {
    (void)unused;
    for (int i = 0; i < 2000; i++) {
        http_notify(fixture.server, bytes_of_string("tx"));
        assert_ok(http_stream_publish(fixture.stream, (uint64_t)i + 1, "t", bytes_of_string("x")));
    }
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("tx"));
    return NULL;
}

// For the thread sanitizer, and for what falls between suspending and resuming.
START_TEST(many_wait_while_many_notify) {
    enum { CLIENTS = 20 };
    struct client waiting[CLIENTS], listening[CLIENTS];
    pthread_t notifier;
    struct buf seen = {0};
    for (int i = 0; i < CLIENTS; i++) listening[i] = client_begin(fixture.port, "/stream");
    for (int i = 0; i < CLIENTS; i++) {
        client_read_head(&listening[i], &answer);
        ck_assert_int_eq(answer.code, 200);
    }
    for (int i = 0; i < CLIENTS; i++) waiting[i] = client_begin(fixture.port, "/wait/tx");
    ck_assert_int_eq(pthread_create(&notifier, NULL, notify_often, NULL), 0);
    // One that was woken too often answers "pending" instead.
    for (int i = 0; i < CLIENTS; i++) {
        client_read(&waiting[i], &answer, false);
        ck_assert(answer.code == 200 || answer.code == 202);
        client_close(&waiting[i]);
    }
    pthread_join(notifier, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        buf_reset(&seen);
        while (client_read_chunk(&listening[i], &seen))
            if (strstr(buf_as_string(&seen), "id: 2000\n")) break;
        client_close(&listening[i]);
    }
    buf_clear(&seen);
}
END_TEST

Suite *wait_suite(void) {
    Suite *suite = suite_create("wait");
    TCase *cases = tcase_create("wait"), *own = tcase_create("wait on its own");
    tcase_set_timeout(cases, 60);
    tcase_set_timeout(own, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, a_parked_request_is_woken_by_its_key_alone);
    tcase_add_test(cases, time_runs_out);
    tcase_add_test(cases, a_notification_while_looking_is_not_missed);
    tcase_add_test(cases, no_thread_is_held_by_those_who_wait);
    tcase_add_test(cases, many_wait_while_many_notify);
    tcase_add_test(own, only_so_many_may_wait);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, own);
    TCase *stops = tcase_create("stops");
    tcase_set_timeout(stops, 60);
    tcase_add_checked_fixture(stops, start, NULL);
    tcase_add_test(stops, a_stop_answers_those_who_wait_and_takes_no_more);
    tcase_add_test(stops, a_stop_waits_for_requests_and_then_cuts_them_off);
    tcase_add_test(stops, a_request_in_flight_is_finished_by_a_stop);
    suite_add_tcase(suite, stops);
    return suite;
}
