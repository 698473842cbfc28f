// SPDX-License-Identifier: Apache-2.0
#include <config.h> // getaddrinfo, memmem

#include "cli/lock_link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "cli/command.h"

enum { MAX_HOST = 128, MAX_PORT = 8, MAX_ANSWER_HEAD = 4096 };

struct place {
    char host[MAX_HOST];
    char port[MAX_PORT];
    const char *path;
};

// "ws://HOST:PORT/PATH"
static bool read_url(struct place *out, const char *url) {
    static const char SCHEME[] = "ws://";
    if (strncmp(url, SCHEME, strlen(SCHEME)) != 0) return false;
    const char *host = url + strlen(SCHEME);
    size_t host_len = strcspn(host, ":/");
    const char *port = host + host_len + 1;
    if (host_len == 0 || host_len >= MAX_HOST || host[host_len] != ':') return false;
    size_t port_len = strspn(port, "0123456789");
    if (port_len == 0 || port_len >= MAX_PORT || port[port_len] != '/') return false;
    memcpy(out->host, host, host_len);
    out->host[host_len] = '\0';
    memcpy(out->port, port, port_len);
    out->port[port_len] = '\0';
    out->path = port + port_len;
    return strcspn(out->path, " \r\n") == strlen(out->path);
}

static int connect_to(const struct place *place) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int fd = -1;
    if (getaddrinfo(place->host, place->port, &hints, &found) != 0) return -1;
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd >= 0) (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

// Waits for the socket; false when time is up.
static bool await(int fd, short events, uint64_t deadline_ms) {
    struct pollfd polled = {.fd = fd, .events = events};
    for (;;) {
        uint64_t now_ms = clock_monotonic_ms();
        if (now_ms >= deadline_ms) return false;
        int ready = poll(&polled, 1, (int)(deadline_ms - now_ms));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

// The answer's head into `in`, and what came behind it.
static bool read_head(int fd, struct buf *in, size_t *head, uint64_t deadline_ms) {
    static const char END[] = "\r\n\r\n";
    while (in->len < MAX_ANSWER_HEAD) {
        if (!await(fd, POLLIN, deadline_ms)) return false;
        ssize_t got = recv(fd, buf_reserve(in, MAX_ANSWER_HEAD), MAX_ANSWER_HEAD - in->len, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got <= 0) return false;
        in->len += (size_t)got;
        const uint8_t *end = memmem(in->data, in->len, END, strlen(END));
        *head = end ? (size_t)(end - in->data) + strlen(END) : 0;
        if (end) return true;
    }
    return false;
}

static bool is_accepted(struct bytes head, const char *key) {
    static const char OK[] = "HTTP/1.1 101 ";
    char accept[WEBSOCKET_ACCEPT_CHARS + 1];
    struct buf line = {0};
    websocket_accept(accept, key);
    buf_append_format(&line, "\r\nSec-WebSocket-Accept: %s\r\n", accept);
    bool is_ok = bytes_start_with(head, bytes_of_string(OK)) &&
                 memmem(head.data, head.len, line.data, line.len) != NULL;
    buf_clear(&line);
    return is_ok;
}

static void on_frame(void *context, struct bytes frame) {
    struct lock_link *link = context;
    bool is_whole = false;
    if (link->is_whole || lock_frame_take(&link->in, &is_whole, frame) != LOCK_CODE_OK)
        link->is_bad = true;
    link->is_whole |= is_whole;
}

static bool shake_hands(struct lock_link *link, const struct place *place) {
    uint64_t deadline_ms = clock_monotonic_ms() + LOCK_LINK_MS;
    char key[WEBSOCKET_KEY_CHARS + 1];
    struct buf out = {0}, in = {0};
    size_t head = 0;
    websocket_make_key(key);
    buf_append_format(&out,
                      "GET %s HTTP/1.1\r\nHost: %s:%s\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                      "Sec-WebSocket-Version: 13\r\n\r\n",
                      place->path, place->host, place->port, key);
    // A fresh socket has room for so few bytes.
    bool is_open = send(link->fd, out.data, out.len, MSG_NOSIGNAL) == (ssize_t)out.len &&
                   read_head(link->fd, &in, &head, deadline_ms);
    if (is_open && !is_accepted(bytes_of(in.data, head), key)) {
        size_t line = strcspn(buf_as_string(&in), "\r\n");
        complain(EXIT_FAILED, "the lock does not let this in: %.*s", (int)line, (char *)in.data);
        is_open = false;
    } else if (!is_open) {
        complain(EXIT_FAILED, "the lock does not answer");
    }
    if (is_open)
        link->websocket =
            websocket_open(link->fd, true, bytes_of(in.data + head, in.len - head), on_frame, link);
    buf_clear(&out);
    buf_clear(&in);
    return link->websocket != NULL;
}

bool lock_link_open(struct lock_link *out, const char *url) {
    struct place place;
    memset(out, 0, sizeof *out);
    out->fd = -1;
    if (!read_url(&place, url))
        return complain(EXIT_USAGE, "%s is not ws://HOST:PORT/lock", url), false;
    out->fd = connect_to(&place);
    if (out->fd < 0) return complain(EXIT_FAILED, "there is no lock at %s", url), false;
    return shake_hands(out, &place);
}

void lock_link_close(struct lock_link *link) {
    if (link->websocket) {
        websocket_close(link->websocket);
        (void)!websocket_work(link->websocket);
    }
    websocket_free(link->websocket);
    if (link->fd >= 0) close(link->fd);
}

enum status lock_link_ask(void *context, struct bytes message, struct buf *answer) {
    struct lock_link *link = context;
    struct lock_frames_out out = {.message = message};
    uint8_t frame[LIMIT_LOCK_FRAME_BYTES];
    uint64_t deadline_ms = clock_monotonic_ms() + LOCK_LINK_MS;
    size_t len;
    enum status status = STATUS_OK;
    link->is_whole = false;
    while (status == STATUS_OK && (len = lock_frame_give(&out, frame, sizeof frame)) > 0)
        status = websocket_send(link->websocket, bytes_of(frame, len));
    while (status == STATUS_OK && !link->is_whole && !link->is_bad) {
        bool wants_write = websocket_wants_write(link->websocket);
        if (!await(link->fd, (short)(POLLIN | (wants_write ? POLLOUT : 0)), deadline_ms))
            return STATUS_TIMEOUT;
        status = websocket_work(link->websocket);
    }
    if (status == STATUS_OK && link->is_bad) status = STATUS_MALFORMED;
    if (status != STATUS_OK) return status;
    buf_reset(answer);
    buf_append(answer, bytes_of(link->in.message, link->in.wanted));
    return STATUS_OK;
}
