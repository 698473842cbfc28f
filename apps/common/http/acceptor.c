// SPDX-License-Identifier: Apache-2.0
// Takes clients in, on a thread of its own, and hands their sockets to libmicrohttpd. What that
// library (0.9.75) does itself ends badly: told to take no more clients, two of its threads take
// the listening socket out of the same epoll set, and the second aborts the process. Its own limit
// of connections is never reached either (see acceptor_room): there it forgets to unlock.
#define _GNU_SOURCE // accept4
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps/common/http/inside.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"

// STARVED_MS: until another try where the system had no descriptor or no memory. TELL_EVERY_MS: of
// such tries. TAKING_MS: in which libmicrohttpd has taken what it was given, unless there is no
// memory for it.
enum { BACKLOG = 512, STARVED_MS = 100, TELL_EVERY_MS = 60 * 1000, TAKING_MS = 1000 };

static enum status status_of_errno(void) {
    switch (errno) {
    case EADDRINUSE:
        return STATUS_BUSY;
    case EACCES:
        return STATUS_UNAUTHORIZED;
    case EADDRNOTAVAIL:
        return STATUS_INVALID;
    default:
        return STATUS_IO;
    }
}

enum status acceptor_listen(struct http_server *server) {
    struct addrinfo *found = NULL,
                    hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } bound = {0};
    socklen_t bound_len = sizeof bound;
    enum status status = STATUS_INVALID;
    char port[8];
    int yes = 1, unsent = LIMIT_HTTP_UNSENT_BYTES;
    snprintf(port, sizeof port, "%u", server->config.port);
    if (getaddrinfo(server->address, port, &hints, &found) != 0) goto out;
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = server->acceptor.listen_fd = socket(found->ai_family, type, 0);
    status = STATUS_IO;
    if (fd < 0) goto out;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    if (bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        status = status_of_errno();
        goto out;
    }
    if (getsockname(fd, &bound.any, &bound_len) != 0) goto out;
    bool is_v6 = bound.any.sa_family == AF_INET6;
    server->port = ntohs(is_v6 ? bound.v6.sin6_port : bound.v4.sin_port);
    status = STATUS_OK;
out:
    if (found) freeaddrinfo(found);
    return status;
}

// --- counting ---

unsigned acceptor_room(const struct http_server *server) {
    // Any thread of libmicrohttpd, which share this evenly, could hold all of them at once, and
    // those that it counts as gone a moment later than we do.
    return 2 * server->config.limits.connections * server->config.threads;
}

static void wake(struct acceptor *acceptor) {
    uint64_t one = 1;
    ssize_t written = write(acceptor->wake_fd, &one, sizeof one);
    ENSURE(written == sizeof one); // it overflows at 2^64 - 1
}

void acceptor_taken(struct http_server *server) { server->acceptor.untaken--; }

void acceptor_leave(struct http_server *server) {
    struct acceptor *acceptor = &server->acceptor;
    if (atomic_fetch_sub(&acceptor->connections, 1) == acceptor->most) wake(acceptor);
}

// --- the thread ---

uint64_t starvation_add(struct starvation *starvation, uint64_t now_ms) {
    uint64_t told = ++starvation->untold;
    if (now_ms < starvation->next_ms) return 0;
    *starvation = (struct starvation){.next_ms = now_ms + TELL_EVERY_MS};
    return told;
}

static void tell_starved(struct acceptor *acceptor, int error) {
    uint64_t tries = starvation_add(&acceptor->starvation, clock_monotonic_ms());
    if (tries > 0)
        log_warning("http", "no client can be taken in", log_text("error", strerror(error)),
                    log_number("tries", (int64_t)tries));
}

static bool is_of_the_client(int error) {
    return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM ||
           error == ENETDOWN || error == ENETUNREACH || error == EHOSTDOWN ||
           error == EHOSTUNREACH || error == ENOPROTOOPT || error == ENONET || error == EOPNOTSUPP;
}

// False: the system has nothing left to take a client in with.
static bool take_in(struct http_server *server) {
    struct acceptor *acceptor = &server->acceptor;
    while (!acceptor->is_stopping && acceptor->connections < acceptor->most) {
        struct sockaddr_storage address;
        socklen_t len = sizeof address;
        int fd = accept4(acceptor->listen_fd, (struct sockaddr *)&address, &len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            acceptor->connections++;
            acceptor->untaken++;
            // Refused, it is closed and has not been counted by anybody else.
            struct sockaddr *from = (struct sockaddr *)&address;
            if (MHD_add_connection(server->daemon, fd, from, len) != MHD_YES) {
                acceptor_taken(server);
                acceptor_leave(server);
            }
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return true;
        } else if (!is_of_the_client(errno)) {
            tell_starved(acceptor, errno);
            return false;
        }
    }
    return true;
}

static void *accept_clients(void *context) {
    struct http_server *server = context;
    struct acceptor *acceptor = &server->acceptor;
    bool is_starved = false;
    while (!acceptor->is_stopping) {
        bool takes = !is_starved && acceptor->connections < acceptor->most;
        struct pollfd fds[] = {{.fd = acceptor->wake_fd, .events = POLLIN},
                               {.fd = acceptor->listen_fd, .events = POLLIN}};
        poll(fds, takes ? 2 : 1, is_starved ? STARVED_MS : -1);
        is_starved = false;
        uint64_t unused;
        if (fds[0].revents && read(acceptor->wake_fd, &unused, sizeof unused) < 0) continue;
        if (takes && fds[1].revents) is_starved = !take_in(server);
    }
    return NULL;
}

enum status acceptor_start(struct http_server *server) {
    struct acceptor *acceptor = &server->acceptor;
    if (pthread_create(&acceptor->thread, NULL, accept_clients, server) != 0)
        return STATUS_NO_MEMORY;
    acceptor->has_thread = true;
    return STATUS_OK;
}

// What it has not taken when it is stopped, libmicrohttpd closes without its own lock.
static void await_taken(const struct acceptor *acceptor) {
    uint64_t until_ms = clock_monotonic_ms() + TAKING_MS;
    while (acceptor->untaken > 0 && clock_monotonic_ms() < until_ms) poll(NULL, 0, 1);
}

void acceptor_stop(struct http_server *server) {
    struct acceptor *acceptor = &server->acceptor;
    if (acceptor->has_thread) {
        acceptor->is_stopping = true;
        wake(acceptor);
        pthread_join(acceptor->thread, NULL);
        acceptor->has_thread = false;
        await_taken(acceptor);
    }
    if (acceptor->listen_fd >= 0) close(acceptor->listen_fd);
    acceptor->listen_fd = -1;
}

enum status acceptor_open(struct http_server *server) {
    server->acceptor = (struct acceptor){.listen_fd = -1,
                                         .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                         .most = server->config.limits.connections};
    return server->acceptor.wake_fd >= 0 ? STATUS_OK : STATUS_IO;
}

void acceptor_close(struct http_server *server) {
    acceptor_stop(server);
    if (server->acceptor.wake_fd >= 0) close(server->acceptor.wake_fd);
}
