// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "chaincore/base/limits.h"
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

#define POST_HEAD                                                             \
    "POST /v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " WRITER_KEY \
    "\r\nContent-Type: application/json\r\n"

static struct answer answer;

static void start(void) { fixture_start(NULL, NULL, NULL); }

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
}

static void assert_problem(const char *code) {
    char member[64];
    snprintf(member, sizeof member, "\"code\":\"%s\"", code);
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "application/problem+json");
    assert_has(&answer, member);
}

// What libmicrohttpd answers by itself.
static void assert_library(void) {
    ck_assert_str_eq(answer_header(&answer, "Content-Type"), "");
    ck_assert_str_eq(answer_header(&answer, "Connection"), "close");
}

static void post(const char *headers, size_t len) {
    struct buf request = {0};
    buf_append_format(&request, POST_HEAD "%sContent-Length: %zu\r\n\r\n", headers, len);
    for (size_t i = 0; i < len; i++) buf_append_byte(&request, 'a');
    ask_bytes(&answer, fixture.port, buf_bytes(&request));
    buf_clear(&request);
}

START_TEST(a_body_is_taken_up_to_its_bound) {
    post("", 1000);
    ck_assert_int_eq(answer.code, 201);
    ck_assert_uint_eq(answer.body.len, strlen("writer application/json 1000 ") + 1000);
    post("", 1001);
    ck_assert_int_eq(answer.code, 413);
    assert_problem("too_large");
    assert_has(&answer, "\"limit\":\"1000\"");
    post("", 0);
    ck_assert_int_eq(answer.code, 201);
    post("", 4 << 20); // read to its end, so that the answer arrives
    ck_assert_int_eq(answer.code, 413);
    assert_problem("too_large");
    // Much more than anybody reads on: the answer comes before it.
    struct client client = client_connect(fixture.port);
    client_send_text(&client, POST_HEAD "Content-Length: 99999999\r\n\r\n");
    client_read(&client, &answer, false);
    ck_assert_int_eq(answer.code, 413);
    assert_problem("too_large");
    client_close(&client);
    ask(&answer, fixture.port,
        "DELETE /v1/items/7 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " WRITER_KEY
        "\r\nContent-Length: 1\r\n\r\nx");
    ck_assert_int_eq(answer.code, 413);
    assert_has(&answer, "\"limit\":\"0\"");
}
END_TEST

START_TEST(a_client_that_asks_before_sending_is_told) {
    struct client client = client_connect(fixture.port);
    client_send_text(&client, POST_HEAD "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
    client_read(&client, &answer, false);
    ck_assert_int_eq(answer.code, 413);
    client_close(&client);
    client = client_connect(fixture.port);
    client_send_text(&client, POST_HEAD "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    client_read_head(&client, &answer);
    ck_assert_int_eq(answer.code, 100);
    client_send_text(&client, "{}");
    client_read(&client, &answer, false);
    ck_assert_int_eq(answer.code, 201);
    client_close(&client);
}
END_TEST

static void post_chunks(int count, int size) {
    struct buf request = {0};
    buf_append_string(&request, POST_HEAD "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < count; i++) {
        buf_append_format(&request, "%x\r\n", size);
        for (int k = 0; k < size; k++) buf_append_byte(&request, 'b');
        buf_append_string(&request, "\r\n");
    }
    buf_append_string(&request, "0\r\n\r\n");
    ask_bytes(&answer, fixture.port, buf_bytes(&request));
    buf_clear(&request);
}

START_TEST(chunks_are_bounded_together) {
    post_chunks(100, 10);
    ck_assert_int_eq(answer.code, 201);
    post_chunks(101, 10);
    ck_assert_int_eq(answer.code, 413);
    assert_has(&answer, "\"limit\":\"1000\"");
    post_chunks(1, 5000);
    ck_assert_int_eq(answer.code, 413);
    // What is refused is read to its end, so that the answer arrives; but not without end.
    post_chunks(400, 10000);
    ck_assert_int_eq(answer.code, 413);
    post_chunks(LIMIT_HTTP_DISCARD_BYTES / 10000 + 100, 10000);
    ck_assert_int_eq(answer.code, 0);
}
END_TEST

START_TEST(a_body_in_pieces_arrives_whole) {
    struct client client = client_connect(fixture.port);
    client_send_text(&client, POST_HEAD "Content-Length: 6\r\n\r\nab");
    fixture_wait_in_flight(1);
    client_send_text(&client, "cd");
    client_send_text(&client, "ef");
    client_read(&client, &answer, false);
    ck_assert_str_eq(answer_text(&answer), "writer application/json 6 abcdef");
    client_close(&client);
}
END_TEST

START_TEST(a_client_that_leaves_midway_leaves_nothing_behind) {
    struct client client = client_connect(fixture.port);
    client_send_text(&client, POST_HEAD "Content-Length: 900\r\n\r\nab");
    fixture_wait_in_flight(1);
    client_close(&client);
    fixture_wait_in_flight(0);
}
END_TEST

START_TEST(an_address_is_taken_up_to_its_bound) {
    struct buf path = {0};
    buf_append_string(&path, "/v1/items/");
    while (path.len < LIMIT_HTTP_URI_BYTES) buf_append_byte(&path, 'a');
    ask_get(&answer, fixture.port, buf_as_string(&path), "");
    ck_assert_int_eq(answer.code, 200);
    buf_append_byte(&path, 'a');
    ask_get(&answer, fixture.port, buf_as_string(&path), "");
    ck_assert_int_eq(answer.code, 414);
    assert_problem("uri_too_long");
    assert_has(&answer, " at most 8192 bytes");
    while (path.len < LIMIT_HTTP_HEADER_BYTES + LIMIT_HTTP_URI_BYTES) buf_append_byte(&path, 'a');
    ask_get(&answer, fixture.port, buf_as_string(&path), "");
    ck_assert_int_eq(answer.code, 414);
    assert_problem("uri_too_long");
    // Beyond what libmicrohttpd holds at all.
    while (path.len < 64 * 1024) buf_append_byte(&path, 'a');
    ask_get(&answer, fixture.port, buf_as_string(&path), "");
    ck_assert_int_eq(answer.code, 414);
    assert_library();
    buf_clear(&path);
}
END_TEST

START_TEST(parameters_are_taken_up_to_their_bound) {
    struct buf path = {0};
    buf_append_string(&path, "/v1/items/7?a=1");
    for (int i = 1; i < LIMIT_HTTP_QUERY_PARAMS; i++) buf_append_string(&path, "&b");
    ask_get(&answer, fixture.port, buf_as_string(&path), "");
    ck_assert_int_eq(answer.code, 200);
    buf_append_string(&path, "&b");
    ask_get(&answer, fixture.port, buf_as_string(&path), "");
    ck_assert_int_eq(answer.code, 414);
    // More than libmicrohttpd could take apart.
    while (path.len < LIMIT_HTTP_URI_BYTES - 2) buf_append_string(&path, "&b");
    ask_get(&answer, fixture.port, buf_as_string(&path), "");
    ck_assert_int_eq(answer.code, 414);
    assert_problem("uri_too_long");
    buf_clear(&path);
}
END_TEST

START_TEST(headers_are_taken_up_to_their_bounds) {
    struct buf headers = {0};
    for (int i = 0; i < LIMIT_HTTP_HEADERS - 1; i++) buf_append_format(&headers, "X-%d: y\r\n", i);
    ask_get(&answer, fixture.port, "/livez", buf_as_string(&headers));
    ck_assert_int_eq(answer.code, 200);
    buf_append_string(&headers, "X-More: y\r\n");
    ask_get(&answer, fixture.port, "/livez", buf_as_string(&headers));
    ck_assert_int_eq(answer.code, 431);
    assert_problem("headers_too_large");
    assert_has(&answer, " at most 64 header lines");
    buf_reset(&headers);
    buf_append_string(&headers, "X: ");
    while (headers.len < LIMIT_HTTP_HEADER_BYTES) buf_append_byte(&headers, 'y');
    buf_append_string(&headers, "\r\n");
    ask_get(&answer, fixture.port, "/livez", buf_as_string(&headers));
    ck_assert_int_eq(answer.code, 431);
    buf_reset(&headers);
    buf_append_string(&headers, "X: ");
    while (headers.len < 64 * 1024) buf_append_byte(&headers, 'y');
    buf_append_string(&headers, "\r\n");
    ask_get(&answer, fixture.port, "/livez", buf_as_string(&headers));
    ck_assert_int_eq(answer.code, 431);
    assert_library();
    buf_reset(&headers);
    buf_append_string(&headers, "Cookie: a");
    while (headers.len < LIMIT_HTTP_HEADER_BYTES - 100) buf_append_string(&headers, ";a");
    buf_append_string(&headers, "\r\n");
    ask_get(&answer, fixture.port, "/livez", buf_as_string(&headers));
    ck_assert_int_eq(answer.code, 431);
    assert_library();
    buf_clear(&headers);
}
END_TEST

// Closed by the server, or refused at once.
static bool is_refused(struct client *client) {
    client_send_text(client, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(client, &answer, false);
    return answer.code == 0;
}

START_TEST(one_address_gets_so_many_connections) {
    enum { MOST = 4 };
    struct http_limits limits = {.connections_per_ip = MOST};
    struct client clients[MOST], one_more;
    fixture_start(&limits, NULL, NULL);
    for (int i = 0; i < MOST; i++) {
        clients[i] = client_connect(fixture.port);
        ck_assert(!is_refused(&clients[i]));
    }
    one_more = client_connect(fixture.port);
    ck_assert(is_refused(&one_more));
    client_close(&one_more);
    for (int i = 0; i < MOST; i++) {
        ck_assert(!is_refused(&clients[i]));
        client_close(&clients[i]);
    }
    fixture_stop();
}
END_TEST

// More than the sockets' own buffers take.
#define LARGE_ANSWER "16777216"

static struct client ask_for_much(void) {
    struct client client = client_connect(fixture.port);
    client_send_text(&client, "GET /bytes?len=" LARGE_ANSWER " HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read_head(&client, &answer);
    return client;
}

START_TEST(answers_that_nobody_takes_are_bounded_together) {
    struct http_limits limits = {.answer_bytes = 40 << 20};
    struct client clients[2];
    fixture_start(&limits, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        clients[i] = ask_for_much();
        ck_assert_int_eq(answer.code, 200);
        ck_assert_str_eq(answer_header(&answer, "Content-Length"), LARGE_ANSWER);
    }
    ask_get(&answer, fixture.port, "/bytes?len=" LARGE_ANSWER, "");
    ck_assert_int_eq(answer.code, 503);
    assert_has(&answer, "\"code\":\"busy\"");
    ck_assert_str_eq(answer_header(&answer, "Retry-After"), "1");
    ask_get(&answer, fixture.port, "/bytes?len=1000", "");
    ck_assert_int_eq(answer.code, 200);
    ask_get(&answer, fixture.port, "/bytes?len=99999999", ""); // more than there may ever be
    ck_assert_int_eq(answer.code, 503);
    for (int i = 0; i < 2; i++) client_close(&clients[i]);
    fixture_wait_in_flight(0);
    ask_get(&answer, fixture.port, "/bytes?len=" LARGE_ANSWER, "");
    ck_assert_int_eq(answer.code, 200);
    stop();
}
END_TEST

// The server's end of the connection, which is in this process too.
static int other_end(const struct client *client) {
    enum { MOST_FILES = 1024 };
    struct sockaddr_in own = {0}, peer;
    socklen_t len = sizeof own;
    ck_assert_int_eq(getsockname(client->fd, (struct sockaddr *)&own, &len), 0);
    for (int fd = 0; fd < MOST_FILES; fd++) {
        len = sizeof peer;
        if (fd != client->fd && getpeername(fd, (struct sockaddr *)&peer, &len) == 0 &&
            peer.sin_family == AF_INET && peer.sin_port == own.sin_port)
            return fd;
    }
    ck_abort_msg("the server has no such connection");
    return -1;
}

START_TEST(the_kernel_holds_little_for_a_client_that_reads_nothing) {
    enum { PIECE = 64 * 1024 }; // what the kernel takes beyond the mark, at most
    int unsent = 0;
    start();
    struct client client = ask_for_much();
    int fd = other_end(&client);
    // It gets there: the client takes no more.
    while (unsent == 0) ck_assert_int_eq(ioctl(fd, SIOCOUTQNSD, &unsent), 0);
    ck_assert_int_le(unsent, LIMIT_HTTP_UNSENT_BYTES + PIECE);
    client_close(&client);
    stop();
}
END_TEST

START_TEST(an_idle_connection_is_closed) {
    struct http_limits limits = {.idle_timeout_s = 1};
    fixture_start(&limits, NULL, NULL);
    struct client client = client_connect(fixture.port);
    client_send_text(&client, "GET /livez HTTP/1.1\r\nHo");
    ck_assert(!client_receive(&client));
    client_close(&client);
    fixture_stop();
}
END_TEST

#define POST "POST /large HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

START_TEST(what_is_no_http_is_refused) {
    static const struct {
        const char *request;
        int code;            // 0: closed without an answer
        const char *problem; // NULL: the library's own answer
    } cases[] = {
        {"nonsense\r\n\r\n", 0, NULL},
        {"GET\r\n\r\n", 0, NULL},
        {"\x16\x03\x01\x02\x01\xfc\x03\x03\r\n\r\n", 0, NULL},
        {"GET /\r\n\r\n", 400, NULL},
        {"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 505, NULL},
        {"GET /livez HTTP/1.1\r\n\r\n", 400, "bad_host"},
        {"GET /livez HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400, "bad_host"},
        {"GET /livez HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400, "bad_host"},
        {"GET /livez HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400, NULL},
        {"GET /livez HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n", 400, "bad_header"},
        {POST "Content-Length: -1\r\n\r\n", 400, NULL},
        {POST "Content-Length: 1x\r\n\r\n", 400, NULL},
        {POST "Content-Length: 99999999999999999999\r\n\r\n", 413, NULL},
        {POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", 400, "bad_length"},
        {POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
         "bad_length"},
        {POST "Transfer-Encoding: gzip\r\n\r\n", 501, "unsupported_transfer_encoding"},
        {POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501,
         "unsupported_transfer_encoding"},
        {CHUNKED "zz\r\n", 400, NULL},
        {CHUNKED "2\r\nabc\r\n0\r\n\r\n", 400, NULL},
        {CHUNKED "fffffffffffffffff\r\n", 413, NULL},
        {"GET /livez HTTP/1.0\r\n\r\n", 200, NULL},
    };
    // What libmicrohttpd goes on waiting for ends by its time-out.
    struct http_limits limits = {.idle_timeout_s = 1};
    fixture_start(&limits, NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client client = client_connect(fixture.port);
        client_send_text(&client, cases[i].request);
        client_read(&client, &answer, false);
        ck_assert_msg(answer.code == cases[i].code, "%zu: %d", i, answer.code);
        if (cases[i].problem)
            assert_problem(cases[i].problem);
        else if (answer.code >= 400)
            assert_library();
        if (answer.code >= 400) ck_assert(!client_receive(&client)); // and it closes
        client_close(&client);
    }
    ask_get(&answer, fixture.port, "/livez", "");
    ck_assert_int_eq(answer.code, 200);
    stop();
}
END_TEST

Suite *limits_suite(void) {
    Suite *suite = suite_create("limits");
    TCase *cases = tcase_create("limits"), *own = tcase_create("limits of their own");
    tcase_set_timeout(cases, 60);
    tcase_set_timeout(own, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, a_body_is_taken_up_to_its_bound);
    tcase_add_test(cases, a_client_that_asks_before_sending_is_told);
    tcase_add_test(cases, chunks_are_bounded_together);
    tcase_add_test(cases, a_body_in_pieces_arrives_whole);
    tcase_add_test(cases, a_client_that_leaves_midway_leaves_nothing_behind);
    tcase_add_test(cases, an_address_is_taken_up_to_its_bound);
    tcase_add_test(cases, parameters_are_taken_up_to_their_bound);
    tcase_add_test(cases, headers_are_taken_up_to_their_bounds);
    tcase_add_test(own, one_address_gets_so_many_connections);
    tcase_add_test(own, answers_that_nobody_takes_are_bounded_together);
    tcase_add_test(own, the_kernel_holds_little_for_a_client_that_reads_nothing);
    tcase_add_test(own, what_is_no_http_is_refused);
    tcase_add_test(own, an_idle_connection_is_closed);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, own);
    return suite;
}
