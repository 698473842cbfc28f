// SPDX-License-Identifier: Apache-2.0
#include <config.h> // memmem

#include "tests/support/live_stream.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/unit.h"

enum { LONGEST_WAIT_S = 30 };

// Takes everything up to and with `end` off what was received.
static void take_to(struct live_stream *stream, struct buf *out, const char *end) {
    for (;;) {
        const uint8_t *found = stream->bytes.len
                                   ? memmem(stream->bytes.data, stream->bytes.len, end, strlen(end))
                                   : NULL;
        if (found) {
            size_t len = (size_t)(found - stream->bytes.data) + strlen(end);
            buf_append(out, bytes_of(stream->bytes.data, len));
            memmove(stream->bytes.data, stream->bytes.data + len, stream->bytes.len - len);
            stream->bytes.len -= len;
            return;
        }
        ssize_t count = recv(stream->socket, buf_reserve(&stream->bytes, 4096), 4096, 0);
        ck_assert_msg(count > 0, "the stream ended or was silent for too long");
        stream->bytes.len += (size_t)count;
    }
}

void live_open(struct live_stream *stream, const struct server_process *server,
               const char *last_id) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct timeval longest = {.tv_sec = LONGEST_WAIT_S};
    struct buf head = {0};
    char request[256];
    const char *port = strrchr(server->url, ':');
    ck_assert_ptr_nonnull(port);
    address.sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *stream = (struct live_stream){.socket = socket(AF_INET, SOCK_STREAM, 0)};
    ck_assert_int_ge(stream->socket, 0);
    ck_assert_int_eq(setsockopt(stream->socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest),
                     0);
    ck_assert_int_eq(connect(stream->socket, (struct sockaddr *)&address, sizeof address), 0);
    // HTTP/1.0, so that the body comes without chunks around it.
    int len =
        snprintf(request, sizeof request, "GET /v1/live HTTP/1.0\r\nHost: test\r\n%s%s%s\r\n",
                 last_id ? "Last-Event-ID: " : "", last_id ? last_id : "", last_id ? "\r\n" : "");
    ck_assert_int_eq(send(stream->socket, request, (size_t)len, 0), len);
    take_to(stream, &head, "\r\n\r\n");
    buf_append_byte(&head, '\0');
    ck_assert_msg(strstr((char *)head.data, " 200 "), "%s", (char *)head.data);
    ck_assert_ptr_nonnull(strstr((char *)head.data, "text/event-stream"));
    buf_reset(&head);
    take_to(stream, &head, "\n\n");
    buf_append_byte(&head, '\0');
    ck_assert_str_eq((char *)head.data, "retry: 2000\n\n");
    buf_clear(&head);
}

void live_close(struct live_stream *stream) {
    close(stream->socket);
    buf_clear(&stream->bytes);
}

static void read_field(char *out, size_t size, const char *frame, const char *name) {
    const char *value = strstr(frame, name);
    size_t len = value ? strcspn(value + strlen(name), "\n") : 0;
    ck_assert_uint_lt(len, size);
    if (len) memcpy(out, value + strlen(name), len);
    out[len] = '\0';
}

void live_next(struct live_stream *stream, struct live_event *out) {
    for (;;) {
        struct buf frame = {0};
        json_error_t error;
        *out = (struct live_event){0};
        take_to(stream, &frame, "\n\n");
        const char *text = buf_as_string(&frame);
        read_field(out->id, sizeof out->id, text, "id: ");
        read_field(out->type, sizeof out->type, text, "event: ");
        const char *data = strstr(text, "data: ");
        bool is_news = *out->type && strcmp(out->type, "block") != 0;
        if (is_news) {
            ck_assert_ptr_nonnull(data);
            out->data = json_loads(data + strlen("data: "), JSON_DISABLE_EOF_CHECK, &error);
            ck_assert_ptr_nonnull(out->data);
        }
        buf_clear(&frame);
        if (is_news) return;
    }
}

void live_event_clear(struct live_event *event) {
    json_decref(event->data);
    *event = (struct live_event){0};
}
