// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/http/client.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

struct client client_connect(uint16_t port) {
    return client_connect_from("127.0.0.1", port);
}

struct client client_connect_from(const char *from, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in own = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(inet_pton(AF_INET, from, &own.sin_addr), 1);
    struct client client = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    ck_assert_int_ge(client.fd, 0);
    ck_assert_int_eq(bind(client.fd, (struct sockaddr *)&own, sizeof own), 0);
    ck_assert_int_eq(connect(client.fd, (struct sockaddr *)&address, sizeof address), 0);
    return client;
}

void client_close(struct client *client) {
    close(client->fd);
    buf_clear(&client->in);
}

void client_send(struct client *client, struct bytes data) {
    while (data.len > 0) {
        ssize_t sent = send(client->fd, data.data, data.len, MSG_NOSIGNAL);
        if (sent <= 0) return; // the server has closed: its answer tells why
        data = bytes_of(data.data + sent, data.len - (size_t)sent);
    }
}

void client_send_text(struct client *client, const char *text) {
    client_send(client, bytes_of_string(text));
}

bool client_receive(struct client *client) {
    struct pollfd wanted = {.fd = client->fd, .events = POLLIN};
    ck_assert_msg(poll(&wanted, 1, PATIENCE_MS) == 1, "nothing came for ten seconds");
    uint8_t *out = buf_reserve(&client->in, 65536);
    ssize_t len = recv(client->fd, out, 65536, 0);
    if (len <= 0) return false;
    client->in.len += (size_t)len;
    return true;
}

static void take(struct client *client, struct buf *out, size_t len) {
    buf_append(out, bytes_of(client->in.data, len));
    memmove(client->in.data, client->in.data + len, client->in.len - len);
    client->in.len -= len;
}

// The length up to and with the mark; 0 at the end of the connection.
static size_t find(struct client *client, const char *mark) {
    for (;;) {
        const char *text = buf_as_string(&client->in);
        const char *at = strstr(text, mark);
        if (at) return (size_t)(at - text) + strlen(mark);
        if (!client_receive(client)) return 0;
    }
}

void client_read_head(struct client *client, struct answer *answer) {
    answer_clear(answer);
    size_t len = find(client, "\r\n\r\n");
    if (len == 0) return;
    take(client, &answer->head, len);
    answer->code = (int)strtol(buf_as_string(&answer->head) + strlen("HTTP/1.1 "), NULL, 10);
}

bool client_read_chunk(struct client *client, struct buf *out) {
    struct buf line = {0};
    size_t len = find(client, "\r\n");
    if (len == 0) return false;
    take(client, &line, len);
    size_t size = strtoul(buf_as_string(&line), NULL, 16);
    buf_clear(&line);
    while (client->in.len < size + 2)
        if (!client_receive(client)) return false;
    struct buf chunk = {0};
    take(client, &chunk, size + 2);
    buf_append(out, bytes_of(chunk.data, size));
    buf_clear(&chunk);
    return size > 0;
}

void client_wait_for(struct client *client, struct buf *seen, const char *text) {
    while (!strstr(buf_as_string(seen), text))
        ck_assert_msg(client_read_chunk(client, seen), "ended before %s: %s", text,
                      buf_as_string(seen));
}

void client_read(struct client *client, struct answer *answer, bool is_head) {
    client_read_head(client, answer);
    if (is_head || answer->code == 0 || answer->code == 204 || answer->code == 304) return;
    const char *length = answer_header(answer, "Content-Length");
    if (*length) {
        size_t wanted = strtoul(length, NULL, 10);
        while (client->in.len < wanted)
            if (!client_receive(client)) break;
        take(client, &answer->body, wanted < client->in.len ? wanted : client->in.len);
    } else if (*answer_header(answer, "Transfer-Encoding")) {
        while (client_read_chunk(client, &answer->body)) continue;
    } else {
        while (client_receive(client)) continue;
        take(client, &answer->body, client->in.len);
    }
}

void ask_bytes(struct answer *answer, uint16_t port, struct bytes request) {
    struct client client = client_connect(port);
    client_send(&client, request);
    bool is_head = bytes_start_with(request, bytes_of_string("HEAD "));
    client_read(&client, answer, is_head);
    client_close(&client);
}

struct client client_begin(uint16_t port, const char *path) {
    struct client client = client_connect(port);
    struct buf request = {0};
    buf_append_format(&request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    client_send(&client, buf_bytes(&request));
    buf_clear(&request);
    return client;
}

void client_end(struct client *client, struct answer *answer, int code, const char *text) {
    client_read(client, answer, false);
    ck_assert_int_eq(answer->code, code);
    if (text) ck_assert_str_eq(answer_text(answer), text);
    client_close(client);
}

void ask(struct answer *answer, uint16_t port, const char *request) {
    ask_bytes(answer, port, bytes_of_string(request));
}

void ask_get(struct answer *answer, uint16_t port, const char *path, const char *headers) {
    struct buf request = {0};
    buf_append_format(&request, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, headers);
    ask_bytes(answer, port, buf_bytes(&request));
    buf_clear(&request);
}

void answer_clear(struct answer *answer) {
    buf_clear(&answer->head);
    buf_clear(&answer->body);
    answer->code = 0;
}

const char *answer_header(struct answer *answer, const char *name) {
    static char values[4][1024];
    static unsigned turn;
    char *value = values[turn++ % 4];
    size_t name_len = strlen(name);
    value[0] = '\0';
    for (const char *at = buf_as_string(&answer->head); (at = strstr(at, "\r\n"));) {
        at += 2;
        if (strncasecmp(at, name, name_len) != 0 || at[name_len] != ':') continue;
        at += name_len + 1;
        at += strspn(at, " ");
        size_t len = strcspn(at, "\r");
        ck_assert_uint_lt(len, sizeof values[0]);
        memcpy(value, at, len);
        value[len] = '\0';
        break;
    }
    return value;
}

const char *answer_text(struct answer *answer) { return buf_as_string(&answer->body); }
