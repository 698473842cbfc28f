// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/net/relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/unit.h"

static struct sockaddr_in socket_of(const struct endpoint *endpoint) {
    struct sockaddr_in socket = {.sin_family = AF_INET, .sin_port = htons(endpoint->port)};
    memcpy(&socket.sin_addr, endpoint->ip.bytes + 12, sizeof socket.sin_addr);
    return socket;
}

static bool pass(int from, int to) {
    char bytes[4096];
    ssize_t len = recv(from, bytes, sizeof bytes, 0);
    return len > 0 && send(to, bytes, (size_t)len, MSG_NOSIGNAL) == len;
}

// Until one end closes it.
static void carry(int one, int other) {
    struct pollfd ends[2] = {{.fd = one, .events = POLLIN}, {.fd = other, .events = POLLIN}};
    bool is_open = true;
    while (is_open && poll(ends, 2, -1) > 0) {
        if (ends[0].revents) is_open = pass(one, other);
        if (ends[1].revents) is_open = is_open && pass(other, one);
    }
}

static void *run(void *argument) {
    const struct relay *relay = argument;
    struct sockaddr_in from = socket_of(&relay->from), to = socket_of(&relay->to);
    int taken;
    while ((taken = accept(relay->listener, NULL, NULL)) >= 0) {
        int made = socket(AF_INET, SOCK_STREAM, 0);
        if (bind(made, (struct sockaddr *)&from, sizeof from) == 0 &&
            connect(made, (struct sockaddr *)&to, sizeof to) == 0)
            carry(taken, made);
        close(made);
        close(taken);
    }
    return NULL;
}

void relay_open(struct relay *relay, const char *at, const char *from, const struct endpoint *to) {
    *relay = (struct relay){.to = *to};
    ck_assert(ip_parse(&relay->from.ip, from) && ip_parse(&relay->at.ip, at));
    struct sockaddr_in own = socket_of(&relay->at);
    socklen_t len = sizeof own;
    relay->listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(relay->listener, (struct sockaddr *)&own, sizeof own), 0);
    ck_assert_int_eq(listen(relay->listener, 8), 0);
    ck_assert_int_eq(getsockname(relay->listener, (struct sockaddr *)&own, &len), 0);
    endpoint_of_socket(&relay->at, (struct sockaddr *)&own);
    ck_assert_int_eq(pthread_create(&relay->thread, NULL, run, relay), 0);
}

// What it carries must be over.
void relay_close(struct relay *relay) {
    shutdown(relay->listener, SHUT_RDWR);
    ck_assert_int_eq(pthread_join(relay->thread, NULL), 0);
    close(relay->listener);
}
