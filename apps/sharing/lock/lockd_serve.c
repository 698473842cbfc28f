// SPDX-License-Identifier: Apache-2.0
#include <config.h> // accept4

#include "apps/sharing/lock/lockd_serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps/sharing/lock/websocket.h"
#include "chaincore/base/clock.h"

struct connection {
    int fd; // -1: free
    struct server *server;
    struct buf in;               // a request that is coming
    struct buf out;              // an answer that is going, after which the connection ends
    struct websocket *websocket; // has the radio
    uint64_t deadline_ms;
};

struct server {
    struct lock *lock;
    struct lockd_site *site;
    int listener, signals;
    uint64_t begun_ms;
    struct connection connections[LIMIT_LOCKD_CONNECTIONS];
};

enum status lockd_listen(int *fd, uint16_t *port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t len = sizeof at;
    int on = 1;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0) return STATUS_IO;
    if (setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(*fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(*fd, LIMIT_LOCKD_CONNECTIONS) != 0 ||
        getsockname(*fd, (struct sockaddr *)&at, &len) != 0) {
        close(*fd);
        return STATUS_IO;
    }
    *port = ntohs(at.sin_port);
    return STATUS_OK;
}

// ---- the radio

static struct lock_moment moment_now(const struct server *server) {
    uint64_t uptime_ms = clock_monotonic_ms();
    uint64_t used = (uptime_ms - server->begun_ms) / LOCKD_BATTERY_MS % 100;
    return (struct lock_moment){.uptime_ms = uptime_ms, .battery = (uint8_t)(100 - used)};
}

static void on_frame(void *context, struct bytes frame) {
    struct connection *connection = context;
    struct lock *lock = connection->server->lock;
    struct lock_moment moment = moment_now(connection->server);
    uint8_t answer[LIMIT_LOCK_FRAME_BYTES];
    bool was_open = lock->is_open;
    size_t len;
    lock_receive(lock, frame, &moment);
    if (lock->is_open != was_open) {
        printf("%s\n", lock->is_open ? "open" : "shut");
        fflush(stdout);
    }
    connection->deadline_ms = moment.uptime_ms + LIMIT_LOCKD_IDLE_MS;
    while ((len = lock_give(lock, answer, sizeof answer)) > 0)
        if (websocket_send(connection->websocket, bytes_of(answer, len)) != STATUS_OK)
            connection->deadline_ms = 0; // it does not listen
}

// ---- connections

static void drop(struct connection *connection) {
    if (connection->websocket) connection->server->site->is_taken = false;
    websocket_free(connection->websocket);
    connection->websocket = NULL;
    buf_clear(&connection->in);
    buf_clear(&connection->out);
    close(connection->fd);
    connection->fd = -1;
}

static void take_radio(struct connection *connection, struct bytes early) {
    struct server *server = connection->server;
    const struct buf *out = &connection->out;
    // A fresh socket has room for so few bytes.
    if (send(connection->fd, out->data, out->len, MSG_NOSIGNAL) == (ssize_t)out->len)
        connection->websocket = websocket_open(connection->fd, false, early, on_frame, connection);
    if (!connection->websocket) {
        drop(connection);
        return;
    }
    buf_reset(&connection->out);
    server->site->is_taken = true;
    lock_connect(server->lock);
    connection->deadline_ms = clock_monotonic_ms() + LIMIT_LOCKD_IDLE_MS;
}

static void read_request(struct connection *connection) {
    static const char END[] = "\r\n\r\n";
    uint8_t *at = buf_reserve(&connection->in, LIMIT_LOCKD_REQUEST_BYTES);
    ssize_t got = recv(connection->fd, at, LIMIT_LOCKD_REQUEST_BYTES - connection->in.len, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) { // gone, or over the bound
        drop(connection);
        return;
    }
    connection->in.len += (size_t)got;
    const uint8_t *end = memmem(connection->in.data, connection->in.len, END, strlen(END));
    if (!end) return;
    size_t head = (size_t)(end - connection->in.data) + strlen(END);
    if (lockd_http_answer(&connection->out, connection->server->site,
                          bytes_of(connection->in.data, head)))
        take_radio(connection, bytes_of(connection->in.data + head, connection->in.len - head));
}

static void write_answer(struct connection *connection) {
    struct buf *out = &connection->out;
    ssize_t put = send(connection->fd, out->data, out->len, MSG_NOSIGNAL);
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (put <= 0 || (size_t)put == out->len) {
        drop(connection);
        return;
    }
    memmove(out->data, out->data + put, out->len - (size_t)put);
    out->len -= (size_t)put;
}

static void work(struct connection *connection) {
    if (!connection->websocket && connection->out.len == 0)
        read_request(connection);
    else if (!connection->websocket)
        write_answer(connection);
    if (connection->fd < 0 || !connection->websocket) return;
    if (websocket_work(connection->websocket) != STATUS_OK ||
        websocket_is_done(connection->websocket))
        drop(connection);
}

static void welcome(struct server *server) {
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    for (unsigned i = 0; i < LIMIT_LOCKD_CONNECTIONS; i++) {
        struct connection *connection = &server->connections[i];
        if (connection->fd >= 0) continue;
        *connection =
            (struct connection){.fd = fd,
                                .server = server,
                                .deadline_ms = clock_monotonic_ms() + LIMIT_LOCKD_REQUEST_MS};
        return;
    }
    close(fd);
}

// ---- the loop

static short events_of(const struct connection *connection) {
    if (!connection->websocket) return connection->out.len > 0 ? POLLOUT : POLLIN;
    return (short)(POLLIN | (websocket_wants_write(connection->websocket) ? POLLOUT : 0));
}

// The first deadline, as poll takes it.
static int wait_ms(const struct server *server) {
    uint64_t now_ms = clock_monotonic_ms();
    uint64_t least = LIMIT_LOCKD_IDLE_MS;
    for (unsigned i = 0; i < LIMIT_LOCKD_CONNECTIONS; i++) {
        const struct connection *connection = &server->connections[i];
        if (connection->fd < 0) continue;
        uint64_t left = connection->deadline_ms > now_ms ? connection->deadline_ms - now_ms : 0;
        if (left < least) least = left;
    }
    return (int)least + 1;
}

static void end_late_ones(struct server *server) {
    uint64_t now_ms = clock_monotonic_ms();
    for (unsigned i = 0; i < LIMIT_LOCKD_CONNECTIONS; i++) {
        struct connection *connection = &server->connections[i];
        if (connection->fd >= 0 && now_ms >= connection->deadline_ms) drop(connection);
    }
}

static void say_goodbye(struct server *server) {
    for (unsigned i = 0; i < LIMIT_LOCKD_CONNECTIONS; i++) {
        struct connection *connection = &server->connections[i];
        if (connection->fd < 0) continue;
        if (connection->websocket) {
            websocket_close(connection->websocket);
            (void)!websocket_work(connection->websocket);
        }
        drop(connection);
    }
}

// False when it is to end.
static bool turn(struct server *server, enum status *status) {
    enum { LISTENER, SIGNALS, FIXED };
    struct pollfd polled[FIXED + LIMIT_LOCKD_CONNECTIONS] = {
        {.fd = server->listener, .events = POLLIN}, {.fd = server->signals, .events = POLLIN}};
    for (unsigned i = 0; i < LIMIT_LOCKD_CONNECTIONS; i++) {
        const struct connection *connection = &server->connections[i];
        polled[FIXED + i].fd = connection->fd;
        if (connection->fd >= 0) polled[FIXED + i].events = events_of(connection);
    }
    if (poll(polled, FIXED + LIMIT_LOCKD_CONNECTIONS, wait_ms(server)) < 0 && errno != EINTR) {
        *status = STATUS_IO;
        return false;
    }
    if (polled[SIGNALS].revents) return false;
    for (unsigned i = 0; i < LIMIT_LOCKD_CONNECTIONS; i++)
        if (polled[FIXED + i].fd >= 0 && polled[FIXED + i].revents) work(&server->connections[i]);
    end_late_ones(server);
    if (polled[LISTENER].revents) welcome(server);
    return true;
}

enum status lockd_serve(struct lock *lock, struct lockd_site *site, int listener) {
    struct server server = {
        .lock = lock, .site = site, .listener = listener, .begun_ms = clock_monotonic_ms()};
    enum status status = STATUS_OK;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    server.signals = signalfd(-1, &ends, SFD_CLOEXEC);
    if (server.signals < 0) return STATUS_IO;
    for (unsigned i = 0; i < LIMIT_LOCKD_CONNECTIONS; i++) server.connections[i].fd = -1;
    while (turn(&server, &status)) {}
    say_goodbye(&server);
    close(server.signals);
    return status;
}
