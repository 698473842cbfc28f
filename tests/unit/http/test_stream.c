// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;
static struct buf seen;

static void start(const struct http_stream_config *config) { fixture_start(NULL, config, NULL); }

static void stop(void) {
    answer_clear(&answer);
    buf_clear(&seen);
    fixture_stop();
}

static struct client subscribe(const char *headers) {
    struct client client = client_connect(fixture.port);
    struct buf request = {0};
    buf_append_format(&request, "GET /stream HTTP/1.1\r\nHost: x\r\n%s\r\n", headers);
    client_send(&client, buf_bytes(&request));
    buf_clear(&request);
    client_read_head(&client, &answer);
    buf_reset(&seen);
    return client;
}

static void publish(uint64_t id, const char *data) {
    assert_ok(http_stream_publish(fixture.stream, id, "block", bytes_of_string(data)));
}

START_TEST(subscribers_get_what_is_published) {
    struct http_stream_config config = {0};
    start(&config);
    publish(1, "before");
    struct client a = subscribe("");
    ck_assert_int_eq(answer.code, 200);
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "text/event-stream");
    ck_assert_str_eq(answer_header(&answer, "Cache-Control"), "no-store");
    client_wait_for(&a, &seen, "retry: 2000\n\n");
    struct client b = subscribe("");
    ck_assert_uint_eq(http_stream_subscribers(fixture.stream), 2);
    publish(2, "{\"height\":7}");
    publish(5, "two\nlines\r\nor\rfour");
    client_wait_for(&a, &seen, "four\n\n");
    ck_assert_ptr_nonnull(strstr(buf_as_string(&seen),
                                 "id: 2\nevent: block\ndata: {\"height\":7}\n\n"
                                 "id: 5\nevent: block\ndata: two\ndata: lines\ndata: or\n"
                                 "data: four\n\n"));
    ck_assert_ptr_null(strstr(buf_as_string(&seen), "before"));
    buf_reset(&seen);
    client_wait_for(&b, &seen, "four\n\n");
    assert_status(http_stream_publish(fixture.stream, 5, "block", bytes_of_string("again")),
                  STATUS_CONFLICT);
    assert_status(http_stream_publish(fixture.stream, 6, "a\ndata: b", bytes_of_string("x")),
                  STATUS_INVALID);
    client_close(&a);
    client_close(&b);
    stop();
}
END_TEST

START_TEST(who_comes_back_gets_what_was_missed) {
    struct http_stream_config config = {.log_events = 4, .last_id = 100};
    start(&config);
    publish(103, "a");
    publish(105, "b");
    struct client client = subscribe("Last-Event-ID: 103\r\n");
    client_wait_for(&client, &seen, "data: b\n\n");
    ck_assert_str_eq(buf_as_string(&seen), "retry: 2000\n\nid: 105\nevent: block\ndata: b\n\n");
    client_close(&client);
    client = subscribe("Last-Event-ID: 100\r\n"); // of the process before
    client_wait_for(&client, &seen, "data: b\n\n");
    ck_assert_ptr_nonnull(strstr(buf_as_string(&seen), "data: a\n\n"));
    ck_assert_ptr_null(strstr(buf_as_string(&seen), "reset"));
    client_close(&client);
    stop();
}
END_TEST

START_TEST(who_was_away_too_long_is_told) {
    static const char *const ids[] = {"99", "101", "999"};
    struct http_stream_config config = {.log_events = 4, .last_id = 100};
    start(&config);
    for (uint64_t id = 102; id < 108; id++) publish(id, "x");
    for (int i = 0; i < 3; i++) { // evicted twice, and from another chain
        char header[64];
        snprintf(header, sizeof header, "Last-Event-ID: %s\r\n", ids[i]);
        struct client client = subscribe(header);
        client_wait_for(&client, &seen, "event: reset\ndata: {}\n\n");
        publish(200 + (uint64_t)i, "news");
        client_wait_for(&client, &seen, "news");
        ck_assert_ptr_null(strstr(buf_as_string(&seen), "data: x"));
        client_close(&client);
    }
    struct client client = subscribe("Last-Event-ID: nonsense\r\n");
    client_wait_for(&client, &seen, "retry: 2000\n\n");
    ck_assert_ptr_null(strstr(buf_as_string(&seen), "reset"));
    client_close(&client);
    stop();
}
END_TEST

// The fixture's own route hands over what stands here, as of behind the log's begin.
START_TEST(what_was_missed_counts_as_an_answer_until_it_is_sent) {
    struct http_limits limits = {.answer_bytes = 100000};
    struct http_stream_config config = {.log_events = 2, .last_id = 100};
    struct buf missed = {0};
    fixture_start(&limits, &config, NULL);
    fixture.missed = &missed;
    fixture.missed_until = 4000;
    for (uint64_t id = 4001; id < 4005; id++) publish(id, "x"); // the log has lost the first
    fixture.missed_until = 4002;
    for (int round = 0; round < 4; round++) { // more together than may be unsent at once
        for (size_t i = 0; i < 1000; i++)
            http_stream_append(&missed, 101 + i, "old", bytes_of_string("elsewhere"));
        ck_assert_uint_gt(missed.len, 30000);
        struct client client = subscribe("Last-Event-ID: 100\r\n");
        client_wait_for(&client, &seen, "id: 4004\n");
        client_close(&client);
    }
    for (size_t i = 0; i < 4000; i++)
        http_stream_append(&missed, 101 + i, "old", bytes_of_string("elsewhere"));
    ask_get(&answer, fixture.port, "/stream", "Last-Event-ID: 100\r\n");
    ck_assert_int_eq(answer.code, 503);
    fixture.missed = NULL;
    buf_clear(&missed);
    stop();
}
END_TEST

START_TEST(what_the_log_lacks_comes_from_elsewhere) {
    struct http_stream_config config = {.log_events = 2, .last_id = 100};
    start(&config);
    struct buf missed = {0};
    for (size_t i = 0; i < 3000; i++) // more than a connection's buffer takes at once
        http_stream_append(&missed, 101 + i, "old", bytes_of_string("elsewhere"));
    fixture.missed = &missed;
    fixture.missed_until = 4000;
    publish(3000, "evicted");
    publish(5000, "a");
    publish(6000, "b");
    struct client client = subscribe("Last-Event-ID: 100\r\n");
    client_wait_for(&client, &seen, "data: b\n\n");
    const char *text = buf_as_string(&seen);
    ck_assert_ptr_null(strstr(text, "reset"));
    for (size_t i = 0; i < 3000; i++) {
        char line[32];
        snprintf(line, sizeof line, "id: %zu\n", 101 + i);
        text = strstr(text, line);
        ck_assert_msg(text != NULL, "%zu", i);
    }
    ck_assert_ptr_nonnull(strstr(text, "data: elsewhere\n\nid: 5000\nevent: block\ndata: a\n\n"));
    client_close(&client);
    http_stream_append(&missed, 101, "old", bytes_of_string("elsewhere"));
    fixture.missed_until = 2999; // one that the log has lost by now is missing
    client = subscribe("Last-Event-ID: 100\r\n");
    client_wait_for(&client, &seen, "event: reset\ndata: {}\n\n");
    ck_assert_ptr_null(strstr(buf_as_string(&seen), "elsewhere"));
    client_close(&client);
    fixture.missed = NULL;
    buf_clear(&missed);
    stop();
}
END_TEST

START_TEST(a_query_can_say_where_to_go_on) {
    struct http_stream_config config = {0};
    start(&config);
    publish(1, "one");
    publish(2, "two");
    struct client client = client_connect(fixture.port);
    client_send_text(&client, "GET /stream?last_event_id=1 HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read_head(&client, &answer);
    client_wait_for(&client, &seen, "data: two\n\n");
    ck_assert_ptr_null(strstr(buf_as_string(&seen), "data: one"));
    client_close(&client);
    stop();
}
END_TEST

START_TEST(a_quiet_line_beats_and_a_gone_client_is_found) {
    struct http_stream_config config = {.heartbeat_ms = 5};
    start(&config);
    struct client client = subscribe("");
    client_wait_for(&client, &seen, "retry: 2000\n\n:\n\n:\n\n:\n\n");
    publish(1, "still there");
    client_wait_for(&client, &seen, "still there\n\n");
    client_close(&client);
    fixture_wait_subscribers(0); // by nothing but the heartbeat
    stop();
}
END_TEST

START_TEST(every_quiet_line_beats_whoever_comes_and_goes) {
    enum { CLIENTS = 20 };
    struct http_stream_config config = {.heartbeat_ms = 70}; // a part of it is due together
    struct client clients[CLIENTS];
    start(&config);
    for (int i = 0; i < CLIENTS; i++) clients[i] = subscribe("");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < CLIENTS; i += 1 + round) {
            buf_reset(&seen);
            client_wait_for(&clients[i], &seen, ":\n\n:\n\n");
        }
        for (int i = 1; round == 0 && i < CLIENTS; i += 2) client_close(&clients[i]);
    }
    fixture_wait_subscribers(CLIENTS / 2);
    for (int i = 0; i < CLIENTS; i += 2) client_close(&clients[i]);
    fixture_wait_subscribers(0);
    stop();
}
END_TEST

#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ // which take more
static size_t resident_bytes(void) {
    struct buf text = {0};
    char *end;
    assert_ok(file_read(&text, "/proc/self/statm", 4096));
    strtoull(buf_as_string(&text), &end, 10);
    size_t pages = strtoull(end, NULL, 10);
    buf_clear(&text);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

START_TEST(an_idle_subscriber_takes_little_memory) {
    enum { CLIENTS = 400, MOST_BYTES = 16 * 1024 }; // the client's own included
    static struct client clients[CLIENTS];
    struct http_limits limits = {.connections_per_ip = CLIENTS};
    struct http_stream_config config = {.subscribers = CLIENTS};
    fixture_start(&limits, &config, NULL);
    size_t before = resident_bytes();
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = subscribe("");
        client_wait_for(&clients[i], &seen, "retry: 2000\n\n");
    }
    ck_assert_uint_lt((resident_bytes() - before) / CLIENTS, MOST_BYTES);
    for (int i = 0; i < CLIENTS; i++) client_close(&clients[i]);
    stop();
}
END_TEST
#endif

START_TEST(events_are_whole_after_quiet_times) {
    struct http_stream_config config = {.heartbeat_ms = 5};
    struct buf data = {0};
    start(&config);
    struct client client = subscribe("");
    for (uint64_t id = 1; id < 6; id++) {
        buf_reset(&data);
        for (size_t i = 0; i < 40000; i++) buf_append_byte(&data, (uint8_t)('a' + (i * id) % 26));
        client_wait_for(&client, &seen, ":\n\n");
        buf_reset(&seen);
        publish(id, buf_as_string(&data));
        client_wait_for(&client, &seen, buf_as_string(&data));
        buf_reset(&seen);
    }
    client_close(&client);
    buf_clear(&data);
    stop();
}
END_TEST

START_TEST(one_too_many_is_sent_away) {
    struct http_stream_config config = {.subscribers = 2, .heartbeat_ms = 5};
    start(&config);
    struct client a = subscribe(""), b = subscribe("");
    struct client c = client_connect(fixture.port);
    client_send_text(&c, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(&c, &answer, false);
    ck_assert_int_eq(answer.code, 503);
    ck_assert_str_eq(answer_header(&answer, "Retry-After"), "1");
    assert_has(&answer, "\"code\":\"full\"");
    client_close(&c);
    client_close(&a);
    fixture_wait_subscribers(1);
    a = subscribe("");
    ck_assert_int_eq(answer.code, 200);
    client_close(&a);
    client_close(&b);
    ask(&answer, fixture.port, "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    ck_assert_int_eq(answer.code, 200);
    stop();
}
END_TEST

// Publishes far more than the log and both sockets' buffers hold, to one who doesn't read.
START_TEST(a_slow_reader_is_dropped) {
    enum { EVENTS = 400, SIZE = 64 * 1024 };
    static char data[SIZE + 1];
    struct http_stream_config config = {.log_events = 4, .log_bytes = 4 * SIZE};
    start(&config);
    struct client slow = subscribe(""), quick = subscribe("");
    client_wait_for(&quick, &seen, "\n\n");
    memset(data, 'x', SIZE);
    for (uint64_t id = 1; id <= EVENTS; id++) {
        char end[32];
        publish(id, data);
        snprintf(end, sizeof end, "id: %u\n", (unsigned)id);
        buf_reset(&seen);
        client_wait_for(&quick, &seen, end);
        while (seen.len < 5 || memcmp(seen.data + seen.len - 3, "x\n\n", 3) != 0)
            ck_assert(client_read_chunk(&quick, &seen));
    }
    buf_reset(&seen);
    while (client_read_chunk(&slow, &seen)) continue;
    ck_assert_ptr_null(strstr(buf_as_string(&seen), "id: 400\n"));
    client_close(&slow);
    fixture_wait_subscribers(1);
    client_close(&quick);
    stop();
}
END_TEST

START_TEST(an_event_larger_than_the_log_is_refused) {
    static char data[2000];
    struct http_stream_config config = {.log_bytes = 1000};
    start(&config);
    memset(data, 'x', sizeof data - 1);
    assert_status(http_stream_publish(fixture.stream, 1, "t", bytes_of(data, 1001)),
                  STATUS_TOO_LARGE);
    assert_status(http_stream_publish(fixture.stream, 1, "t", bytes_of(data, 990)),
                  STATUS_TOO_LARGE);
    assert_ok(http_stream_publish(fixture.stream, 1, "t", bytes_of(data, 900)));
    assert_ok(http_stream_publish(fixture.stream, 2, "t", bytes_of(data, 900)));
    stop();
}
END_TEST

START_TEST(a_stop_ends_all_streams) {
    enum { CLIENTS = 20 };
    struct client clients[CLIENTS];
    struct http_stream_config config = {0};
    start(&config);
    for (int i = 0; i < CLIENTS; i++) clients[i] = subscribe("");
    http_server_stop(fixture.server, 10000);
    ck_assert(http_server_is_stopping(fixture.server));
    for (int i = 0; i < CLIENTS; i++) {
        buf_reset(&seen);
        while (client_read_chunk(&clients[i], &seen)) continue;
        client_close(&clients[i]);
    }
    ck_assert_uint_eq(http_stream_subscribers(fixture.stream), 0);
    stop();
}
END_TEST

START_TEST(a_stop_without_grace_ends_them_too) {
    struct http_stream_config config = {0};
    start(&config);
    struct client a = subscribe(""), b = subscribe("");
    http_server_close(fixture.server);
    while (client_receive(&a)) continue;
    while (client_receive(&b)) continue;
    client_close(&a);
    client_close(&b);
    answer_clear(&answer);
}
END_TEST

Suite *stream_suite(void) {
    Suite *suite = suite_create("stream");
    TCase *cases = tcase_create("stream");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, subscribers_get_what_is_published);
    tcase_add_test(cases, who_comes_back_gets_what_was_missed);
    tcase_add_test(cases, who_was_away_too_long_is_told);
    tcase_add_test(cases, what_the_log_lacks_comes_from_elsewhere);
    tcase_add_test(cases, what_was_missed_counts_as_an_answer_until_it_is_sent);
    tcase_add_test(cases, a_query_can_say_where_to_go_on);
    tcase_add_test(cases, a_quiet_line_beats_and_a_gone_client_is_found);
    tcase_add_test(cases, every_quiet_line_beats_whoever_comes_and_goes);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ // which take more
    tcase_add_test(cases, an_idle_subscriber_takes_little_memory);
#endif
    tcase_add_test(cases, events_are_whole_after_quiet_times);
    tcase_add_test(cases, one_too_many_is_sent_away);
    tcase_add_test(cases, a_slow_reader_is_dropped);
    tcase_add_test(cases, an_event_larger_than_the_log_is_refused);
    tcase_add_test(cases, a_stop_ends_all_streams);
    tcase_add_test(cases, a_stop_without_grace_ends_them_too);
    suite_add_tcase(suite, cases);
    return suite;
}
