// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps/common/http/inside.h"
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

enum { MOST = 3 };

#define LIVEZ "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"

static struct answer answer;

static void assert_served(struct client *client) {
    client_send_text(client, LIVEZ);
    client_read(client, &answer, false);
    ck_assert_int_eq(answer.code, 200);
}

// As many connections at once as there may be, and one more, which has asked and not been served.
static struct client start_full(struct client clients[MOST]) {
    struct http_limits limits = {.connections = MOST};
    fixture_start(&limits, NULL, NULL);
    for (int i = 0; i < MOST; i++) {
        clients[i] = client_connect(fixture.port);
        assert_served(&clients[i]);
    }
    struct client one_more = client_connect(fixture.port);
    client_send_text(&one_more, LIVEZ);
    assert_served(&clients[0]); // it would have been taken in meanwhile
    ck_assert_uint_eq(http_server_counts(fixture.server).requests, MOST + 1);
    return one_more;
}

START_TEST(a_client_above_the_limit_waits_until_one_leaves) {
    struct client clients[MOST];
    struct client one_more = start_full(clients);
    client_close(&clients[1]);
    client_read(&one_more, &answer, false);
    ck_assert_int_eq(answer.code, 200);
    client_close(&one_more);
    client_close(&clients[0]);
    client_close(&clients[2]);
    fixture_stop();
    answer_clear(&answer);
}
END_TEST

// Each that leaves lets one in, whoever else waits.
START_TEST(above_the_limit_they_are_taken_in_one_by_one) {
    enum { MORE = 24 };
    struct client clients[MOST + 1 + MORE];
    clients[MOST] = start_full(clients);
    for (int i = 1; i <= MORE; i++) {
        clients[MOST + i] = client_connect(fixture.port);
        client_send_text(&clients[MOST + i], LIVEZ);
    }
    uint64_t asked = http_server_counts(fixture.server).requests;
    for (int i = 0; i <= MORE; i++) {
        client_close(&clients[i]);
        client_read(&clients[MOST + i], &answer, false);
        ck_assert_int_eq(answer.code, 200);
        // Were they taken in all at once, many would have been served by now.
        ck_assert_uint_eq(http_server_counts(fixture.server).requests, ++asked);
    }
    for (int i = MORE + 1; i <= MOST + MORE; i++) client_close(&clients[i]);
    fixture_stop();
    answer_clear(&answer);
}
END_TEST

START_TEST(a_full_server_stops) {
    struct client clients[MOST];
    struct client one_more = start_full(clients);
    fixture_stop();
    ck_assert(!client_receive(&one_more));
    client_close(&one_more);
    for (int i = 0; i < MOST; i++) client_close(&clients[i]);
    answer_clear(&answer);
}
END_TEST

// --- coming while it stops ---

struct visitors {
    _Atomic uint16_t port;
    _Atomic bool ends;
};

static void *visit(void *context) {
    struct visitors *visitors = context;
    while (!visitors->ends) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                      .sin_port = htons(visitors->port)};
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
            (void)!write(fd, LIVEZ, strlen(LIVEZ));
        close(fd);
    }
    return NULL;
}

START_TEST(it_stops_whoever_is_coming) {
    enum { TIMES = 100, VISITORS = 2 };
    struct visitors visitors = {0};
    pthread_t threads[VISITORS];
    for (int time = 0; time < TIMES; time++) {
        fixture_start(NULL, NULL, NULL);
        visitors.port = fixture.port;
        for (int i = 0; time == 0 && i < VISITORS; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, visit, &visitors), 0);
        while (http_server_counts(fixture.server).requests == 0) sched_yield();
        fixture_stop();
    }
    visitors.ends = true;
    for (int i = 0; i < VISITORS; i++) pthread_join(threads[i], NULL);
}
END_TEST

// --- without descriptors ---

START_TEST(clients_are_taken_in_again_once_there_are_descriptors) {
    struct rlimit before, few;
    fixture_start(NULL, NULL, NULL);
    struct client client = client_connect(fixture.port);
    assert_served(&client);
    int next = dup(client.fd); // the lowest that is free
    close(next);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)next + 1; // for the client's own end
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct client starved = client_connect(fixture.port);
    client_send_text(&starved, LIVEZ);
    assert_served(&client);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    client_read(&starved, &answer, false);
    ck_assert_int_eq(answer.code, 200);
    client_close(&starved);
    client_close(&client);
    fixture_stop();
    answer_clear(&answer);
}
END_TEST

START_TEST(what_cannot_be_done_is_told_once_a_minute) {
    enum { TRY_MS = 100, MINUTE_MS = 60 * 1000 };
    struct starvation starvation = {0};
    uint64_t now_ms = 12345;
    ck_assert_uint_eq(starvation_add(&starvation, now_ms), 1);
    for (int minute = 0; minute < 3; minute++) {
        for (int i = 1; i < MINUTE_MS / TRY_MS; i++)
            ck_assert_uint_eq(starvation_add(&starvation, now_ms += TRY_MS), 0);
        ck_assert_uint_eq(starvation_add(&starvation, now_ms += TRY_MS), MINUTE_MS / TRY_MS);
    }
    // At once, when it has been well for long.
    ck_assert_uint_eq(starvation_add(&starvation, now_ms + 10 * MINUTE_MS), 1);
}
END_TEST

Suite *acceptor_suite(void) {
    Suite *suite = suite_create("acceptor");
    TCase *cases = tcase_create("acceptor");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_client_above_the_limit_waits_until_one_leaves);
    tcase_add_test(cases, above_the_limit_they_are_taken_in_one_by_one);
    tcase_add_test(cases, a_full_server_stops);
    tcase_add_test(cases, it_stops_whoever_is_coming);
    tcase_add_test(cases, clients_are_taken_in_again_once_there_are_descriptors);
    tcase_add_test(cases, what_cannot_be_done_is_told_once_a_minute);
    suite_add_tcase(suite, cases);
    return suite;
}
