// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/peers/joiner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/chaincore.h"

enum {
    SNAPSHOT_WAIT_MS = 120 * 1000,
    SOON_MS = 60 * 1000,
    STEP_MS = 50,
    FAR_AHEAD = 100, // blocks: this chain is young
    PASSED = 16,     // connections at once
    PIECE_BYTES = 64 * 1024,
};

// ---- inside

static void open_all(struct node **out, const struct joiner *joiner,
                     const struct node_config *config) {
    char path[160];
    struct node_arrival arrival = {.far_ahead = FAR_AHEAD};
    if (node_arrive(config, &arrival) != STATUS_OK) exit(1);
    snprintf(path, sizeof path, "%s/joined", joiner->folder);
    if (!file_exists(path)) exit(2);
    if (node_open(out, config) != STATUS_OK || node_start(*out) != STATUS_OK) exit(3);
}

static void be_joiner(const struct joiner *joiner, const struct victims *victims,
                      const char *const places[2]) {
    char votes[128], byte;
    struct node *node;
    struct node_past past;
    struct node_head head;
    struct network_look look;
    struct joiner_report report = {0};
    struct node_network network = {.peers = places,
                                   .peer_count = 2,
                                   .votes_dir = votes,
                                   .is_first_start = true,
                                   .takes_private = true,
                                   .timeout_ms = VICTIM_TIMEOUT_MS,
                                   .handshake_ms = victims->handshake_ms};
    snprintf(votes, sizeof votes, "%s.votes", joiner->folder);
    struct node_config config = {.data_dir = joiner->folder,
                                 .genesis = buf_bytes(&victims->genesis),
                                 .network = &network,
                                 .takes_old_snapshot = true};
    open_all(&node, joiner, &config);
    node_head(node, &head);
    report.joined = head.header.height;
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    do {
        pause_ms(STEP_MS);
        node_past(node, &past);
    } while ((past.oldest > 1 || past.is_filling) && clock_monotonic_ms() < until_ms);
    pause_ms(2 * 250); // what is told of the network is a quarter of a second old
    node_head(node, &head);
    report.oldest = past.oldest;
    report.height = head.header.height;
    node_exchange(node, &report.exchange);
    if (node_network_look(node, &look)) report.host = look.host;
    if (send(joiner->victim.control, &report, sizeof report, MSG_NOSIGNAL) != sizeof report)
        exit(4);
    (void)!recv(joiner->victim.control, &byte, 1, 0); // until nobody wants it any more
    node_close(node);
}

// ---- the second place

// Both ways, until one side ends it.
static bool pass(int from, int to) {
    static uint8_t bytes[PIECE_BYTES];
    ssize_t len = recv(from, bytes, sizeof bytes, 0);
    for (ssize_t at = 0; at < len;) {
        ssize_t sent = send(to, bytes + at, (size_t)(len - at), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += sent;
    }
    return len > 0;
}

static int call_honest(uint16_t port) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

static void take_connection(struct pollfd *ends, int listener, uint16_t port) {
    int near = accept(listener, NULL, NULL), far = call_honest(port);
    for (size_t i = 0; i < PASSED && near >= 0 && far >= 0; i++) {
        if (ends[2 * i].fd >= 0) continue;
        ends[2 * i] = (struct pollfd){.fd = near, .events = POLLIN};
        ends[2 * i + 1] = (struct pollfd){.fd = far, .events = POLLIN};
        return;
    }
    if (near >= 0) close(near);
    if (far >= 0) close(far);
}

static void pass_on(int listener, uint16_t port) {
    struct pollfd ends[2 * PASSED + 1];
    for (size_t i = 0; i < 2 * PASSED; i++) ends[i] = (struct pollfd){.fd = -1};
    ends[2 * PASSED] = (struct pollfd){.fd = listener, .events = POLLIN};
    while (poll(ends, 2 * PASSED + 1, -1) > 0) {
        for (size_t i = 0; i < 2 * PASSED; i++) {
            if (ends[i].fd < 0 || ends[i].revents == 0 || pass(ends[i].fd, ends[i ^ 1].fd))
                continue;
            close(ends[i].fd);
            close(ends[i ^ 1].fd);
            ends[i].fd = ends[i ^ 1].fd = -1;
        }
        if (ends[2 * PASSED].revents) take_connection(ends, listener, port);
    }
}

void joiner_show_honest(struct joiner *joiner) {
    if (joiner->passing > 0) return;
    joiner->passing = fork();
    if (joiner->passing != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(joiner->victim.control); // the end of it is what the new node waits for
    pass_on(joiner->second, joiner->honest_port);
    exit(0);
}

// ---- from outside

static int listen_somewhere(char text[32]) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof own;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ENSURE(fd >= 0 && bind(fd, (struct sockaddr *)&own, sizeof own) == 0 && listen(fd, 64) == 0 &&
           getsockname(fd, (struct sockaddr *)&own, &len) == 0);
    snprintf(text, 32, "127.0.0.1:%u", ntohs(own.sin_port));
    return fd;
}

bool joiner_await_snapshot(const struct victims *victims) {
    struct victim_report report;
    struct victim witness = victims->list[0];
    uint64_t until_ms = clock_monotonic_ms() + SNAPSHOT_WAIT_MS;
    while (victim_ask(&witness, &report) && clock_monotonic_ms() < until_ms) {
        if (report.past.snapshot > PAST_MAX_BLOCKS) return true;
        pause_ms(STEP_MS);
    }
    return false;
}

bool joiner_start(struct joiner *joiner, const struct victims *victims) {
    static unsigned number;
    char texts[2][32];
    const char *const places[2] = {texts[0], texts[1]};
    int ends[2];
    *joiner = (struct joiner){.honest_port = victims->list[1].port};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
    joiner->place = listen_somewhere(texts[0]);
    joiner->second = listen_somewhere(texts[1]);
    snprintf(joiner->folder, sizeof joiner->folder, "%s/joiner-%u", victims->folder, ++number);
    snprintf(joiner->victim.log_path, sizeof joiner->victim.log_path, "%s.log", joiner->folder);
    joiner->victim.pid = fork();
    if (joiner->victim.pid == 0) {
        int log = open(joiner->victim.log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (log < 0 || dup2(log, STDERR_FILENO) < 0) exit(1);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        close(joiner->place);
        close(joiner->second);
        joiner->victim.control = ends[1];
        be_joiner(joiner, victims, places);
        exit(0);
    }
    close(ends[1]);
    joiner->victim.control = ends[0];
    return joiner->victim.pid > 0;
}

bool joiner_answer(struct joiner *joiner, struct caller *caller, unsigned ms) {
    struct pollfd call = {.fd = joiner->place, .events = POLLIN};
    if (poll(&call, 1, (int)ms) <= 0) return false;
    int fd = accept(joiner->place, NULL, NULL);
    return fd >= 0 && caller_answer(caller, fd);
}

bool joiner_await(struct joiner *joiner, struct joiner_report *out) {
    struct pollfd told = {.fd = joiner->victim.control, .events = POLLIN};
    return poll(&told, 1, 2 * SOON_MS) > 0 &&
           recv(joiner->victim.control, out, sizeof *out, 0) == sizeof *out;
}

bool joiner_end(struct joiner *joiner) {
    int status = 1, unused;
    close(joiner->victim.control);
    if (waitpid(joiner->victim.pid, &status, 0) < 0) status = 1;
    if (joiner->passing > 0) {
        kill(joiner->passing, SIGKILL);
        waitpid(joiner->passing, &unused, 0);
    }
    close(joiner->place);
    close(joiner->second);
    return status == 0;
}
