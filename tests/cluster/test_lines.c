// SPDX-License-Identifier: Apache-2.0
// One line, with an echo at its far end and a client at its near one.
#include <string.h>

#include "tests/cluster/lines.h"
#include "tests/support/unit.h"

enum { MOST = 400 * 1000 };

static uv_loop_t loop;
static struct lines lines;
static struct sockaddr_in line_address;
static uv_tcp_t echo, echoed, client;
static uv_connect_t connecting;
static uv_write_t client_write;
static char room[64 * 1024], sent[MOST], got[MOST];
static size_t got_len, echo_written;
static ssize_t client_error;

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(room, sizeof room);
}

// As much as comes, at once: what does not fit into the socket would be a fault of the test.
static void on_echo(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf) {
    if (len <= 0) {
        uv_close((uv_handle_t *)stream, NULL);
        return;
    }
    uv_buf_t back = uv_buf_init(buf->base, (unsigned)len);
    ck_assert_int_eq(uv_stream_set_blocking(stream, 1), 0);
    ck_assert_int_eq(uv_try_write(stream, &back, 1), (int)len);
    echo_written += (size_t)len;
}

static void on_echo_connection(uv_stream_t *listener, int status) {
    ck_assert_int_eq(status, 0);
    uv_tcp_init(&loop, &echoed);
    ck_assert_int_eq(uv_accept(listener, (uv_stream_t *)&echoed), 0);
    ck_assert_int_eq(uv_read_start((uv_stream_t *)&echoed, on_room, on_echo), 0);
}

static void on_got(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf) {
    if (len < 0) {
        client_error = len;
        uv_close((uv_handle_t *)stream, NULL);
        return;
    }
    ck_assert_uint_le((size_t)len, MOST - got_len);
    memcpy(got + got_len, buf->base, (size_t)len);
    got_len += (size_t)len;
}

static void on_connected(uv_connect_t *request, int status) {
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(uv_read_start(request->handle, on_room, on_got), 0);
    request->handle->data = request;
}

static struct sockaddr_in address_of(const uv_tcp_t *tcp) {
    struct sockaddr_storage storage;
    struct sockaddr_in address;
    int len = sizeof storage;
    ck_assert_int_eq(uv_tcp_getsockname(tcp, (struct sockaddr *)&storage, &len), 0);
    memcpy(&address, &storage, sizeof address);
    return address;
}

static void set_up(void) {
    struct sockaddr_in any;
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    lines = (struct lines){.loop = &loop, .random = 7};
    got_len = echo_written = 0;
    client_error = 0;
    uv_ip4_addr("127.0.0.1", 0, &any);
    uv_tcp_init(&loop, &echo);
    ck_assert_int_eq(uv_tcp_bind(&echo, (struct sockaddr *)&any, 0), 0);
    ck_assert_int_eq(uv_listen((uv_stream_t *)&echo, 1, on_echo_connection), 0);
    struct sockaddr_in to = address_of(&echo);
    ck_assert_int_eq(
        lines_add(&lines, "1>2", (const struct sockaddr *)&any, (const struct sockaddr *)&to), 0);
    line_address = address_of(&lines.first->listener);
    for (size_t i = 0; i < MOST; i++) sent[i] = (char)(i * 31 + i / 251);
    uv_tcp_init(&loop, &client);
    ck_assert_int_eq(
        uv_tcp_connect(&connecting, &client, (const struct sockaddr *)&line_address, on_connected),
        0);
    while (!client.data) uv_run(&loop, UV_RUN_ONCE);
}

static void tear_down(void) {
    if (!uv_is_closing((uv_handle_t *)&client)) uv_close((uv_handle_t *)&client, NULL);
    uv_close((uv_handle_t *)&echo, NULL);
    lines_close(&lines);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    client.data = NULL;
}

static void send_bytes(size_t len) {
    uv_buf_t buf = uv_buf_init(sent, (unsigned)len);
    ck_assert_int_eq(uv_write(&client_write, (uv_stream_t *)&client, &buf, 1, NULL), 0);
}

static void await(size_t len) {
    while (got_len < len && client_error == 0) uv_run(&loop, UV_RUN_ONCE);
    ck_assert_uint_eq(got_len, len);
    ck_assert_int_eq(memcmp(got, sent, len), 0);
}

static void set_weather(struct line_weather weather) { line_set_weather(lines.first, &weather); }

START_TEST(passes_all_on_in_order) {
    send_bytes(MOST);
    await(MOST);
    ck_assert_uint_eq(lines.first->counts.bytes, 2 * MOST);
    ck_assert_uint_eq(lines.first->counts.lost, 0);
}
END_TEST

START_TEST(is_late_both_ways) {
    uint64_t begin = uv_now(&loop);
    set_weather((struct line_weather){.delay_ms = 40});
    send_bytes(1);
    await(1);
    ck_assert_uint_ge(uv_now(&loop) - begin, 80);
}
END_TEST

START_TEST(what_is_lost_comes_late_and_in_order) {
    uint64_t begin = uv_now(&loop);
    set_weather((struct line_weather){.jitter_ms = 3, .loss_percent = 30});
    send_bytes(MOST);
    await(MOST);
    ck_assert_uint_gt(lines.first->counts.lost, 0);
    ck_assert_uint_ge(uv_now(&loop) - begin, 200);
}
END_TEST

static void note_time(uv_timer_t *timer) { uv_close((uv_handle_t *)timer, NULL); }

START_TEST(nothing_passes_a_stall_and_nothing_is_lost) {
    uv_timer_t timer;
    set_weather((struct line_weather){.is_stalled = true});
    send_bytes(1000);
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, note_time, 100, 0);
    while (!uv_is_closing((uv_handle_t *)&timer)) uv_run(&loop, UV_RUN_ONCE);
    ck_assert_uint_eq(echo_written, 0);
    set_weather((struct line_weather){0});
    await(1000);
}
END_TEST

START_TEST(both_ends_hear_of_a_reset) {
    send_bytes(10);
    await(10);
    line_reset(lines.first);
    while (client_error == 0 || !uv_is_closing((uv_handle_t *)&echoed)) uv_run(&loop, UV_RUN_ONCE);
    ck_assert_int_eq(client_error, UV_ECONNRESET);
    ck_assert_uint_eq(lines.first->counts.resets, 1);
}
END_TEST

START_TEST(where_another_listens_is_no_line) {
    const struct line *first = lines.first;
    ck_assert_int_eq(lines_add(&lines, "2>1", (const struct sockaddr *)&line_address,
                               (const struct sockaddr *)&line_address),
                     UV_EADDRINUSE);
    ck_assert_ptr_eq(lines.first, first);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("lines");
    TCase *tcase = tcase_create("line");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, passes_all_on_in_order);
    tcase_add_test(tcase, is_late_both_ways);
    tcase_add_test(tcase, what_is_lost_comes_late_and_in_order);
    tcase_add_test(tcase, nothing_passes_a_stall_and_nothing_is_lost);
    tcase_add_test(tcase, both_ends_hear_of_a_reset);
    tcase_add_test(tcase, where_another_listens_is_no_line);
    suite_add_tcase(suite, tcase);
    srunner_add_suite(runner, suite);
}
