// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/attacks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/hostile/costly.h"

enum {
    PER_ADDRESS = 50, // connections: fewer than the server lets one address have
    STEP_MS = 20,
    AT_ONCE = 50,
    SLOW_STEP_MS = 500,
    FLOOD_STEP_MS = 5,
    PIPELINED = 64,
    ANSWER_BYTES = 4096,
    WAIT_MS = 5000
};

void pause_ms(unsigned ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000},
              NULL);
}

// From the address that client number `index` has. -1: none is to be had.
static int open_client(const struct attack *attack, unsigned index) {
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) return -1;
    from.sin_addr.s_addr = htonl(0x7f010001u + index / PER_ADDRESS);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(attack->port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) == 0 &&
        connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool send_all(int fd, const char *data, size_t len) {
    while (len > 0) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        data += sent;
        len -= (size_t)sent;
    }
    return true;
}

static bool send_text(int fd, const char *text) { return send_all(fd, text, strlen(text)); }

// By the three digits that begin the text.
static void count_code(struct attack *attack, const char *digits) {
    if (*digits == '2')
        attack->served++;
    else if (*digits == '4' || strncmp(digits, "503", 3) == 0)
        attack->answered++;
    else
        attack->failed++;
}

// Every answer on it up to its end, at most for WAIT_MS. They are told apart by their first line.
static void read_answers(struct attack *attack, int fd) {
    static const char mark[] = "HTTP/1.1 ";
    enum { HEAD_BYTES = sizeof mark - 1 + 3 }; // with the code
    char data[ANSWER_BYTES + 1];
    size_t kept = 0; // of what came before: a first line may have begun
    unsigned seen = 0;
    struct timeval limit = {.tv_sec = WAIT_MS / 1000};
    ssize_t len;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    while ((len = recv(fd, data + kept, ANSWER_BYTES - kept, 0)) > 0) {
        char *end = data + kept + len, *at = data;
        *end = '\0';
        for (char *next; (next = strstr(at, mark)) && end - next >= HEAD_BYTES; seen++) {
            count_code(attack, next + sizeof mark - 1);
            at = next + HEAD_BYTES;
        }
        kept = end - at < HEAD_BYTES ? (size_t)(end - at) : HEAD_BYTES - 1;
        memmove(data, end - kept, kept);
    }
    if (seen == 0) attack->closed++;
}

// ---- those that come and go: so many a second

static void each_step(struct attack *attack, void (*attempt)(struct attack *attack, unsigned n)) {
    unsigned n = 0, per_step = attack->clients * STEP_MS / 1000;
    attack->is_on = true;
    while (!attack->is_over) {
        for (unsigned i = 0; i < per_step + 1 && !attack->is_over; i++) attempt(attack, n++);
        pause_ms(STEP_MS);
    }
}

// The text is a whole request, or as much of one as is ever sent.
static void ask(struct attack *attack, unsigned n, const char *request, size_t len) {
    int fd = open_client(attack, n % 4000);
    if (fd < 0) return;
    attack->begun++;
    // One that is refused early is closed while it still sends.
    (void)send_all(fd, request, len);
    shutdown(fd, SHUT_WR);
    read_answers(attack, fd);
    close(fd);
}

static void send_huge_head(struct attack *attack, unsigned n) {
    enum { HEAD_BYTES = 256 * 1024 };
    static char head[HEAD_BYTES];
    if (!*head) {
        memset(head, 'a', sizeof head);
        memcpy(head, "GET /v1/chain HTTP/1.1\r\nHost: x\r\nX: ", 36);
        memcpy(head + sizeof head - 4, "\r\n\r\n", 4);
    }
    ask(attack, n, head, sizeof head);
}
static void huge_heads(struct attack *attack) { each_step(attack, send_huge_head); }

static void guess_key(struct attack *attack, unsigned n) {
    char request[256];
    snprintf(request, sizeof request,
             "GET /v1/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %064x\r\n"
             "Connection: close\r\n\r\n",
             n);
    ask(attack, n, request, strlen(request));
}
static void guessed_keys(struct attack *attack) { each_step(attack, guess_key); }

static void try_path(struct attack *attack, unsigned n) {
    static const char *const targets[] = {
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/v1//chain",
        "//v1/chain",
        "/v1/chain/../keys",
        "/v1/chain%00",
        "/%ff%fe",
        "/v1/transactions/%c0%af",
        "/v1/contracts/%f0%28%8c%28",
        "/v1/chain?%ed%a0%80=1",
        "/v1/%",
        "/v1/chain;/../x",
        "\\..\\windows",
        "http://other/v1/chainx",
        "/v1/transactions/%0d%0aX:1",
    };
    char request[256];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             targets[n % (sizeof targets / sizeof *targets)]);
    ask(attack, n, request, strlen(request));
}
static void odd_paths(struct attack *attack) { each_step(attack, try_path); }

static void try_body(struct attack *attack, unsigned n) {
    static const char *const bodies[] = {
        "\xff\xfe{\"a\":1}",
        "{\"a\":\"\xc0\xaf\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "{\"@context\":1e999}",
        "\"\\ud800\"",
        "{\"a\":1,\"a\":2}",
        "nul"};
    const char *body = bodies[n % (sizeof bodies / sizeof *bodies)];
    char request[512];
    snprintf(request, sizeof request,
             "POST /capture HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
             "Content-Type: application/json\r\nConnection: close\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             attack->key, strlen(body), body);
    ask(attack, n, request, strlen(request));
}
static void odd_bodies(struct attack *attack) { each_step(attack, try_body); }

static void send_pipeline(struct attack *attack, unsigned n) {
    static const char one[] = "GET /events?perPage=1000 HTTP/1.1\r\nHost: x\r\n\r\n";
    static const char last[] = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    char requests[PIPELINED * sizeof one + sizeof last];
    size_t len = 0;
    for (int i = 1; i < PIPELINED; i++, len += sizeof one - 1)
        memcpy(requests + len, one, sizeof one - 1);
    memcpy(requests + len, last, sizeof last - 1);
    len += sizeof last - 1;
    ask(attack, n, requests, len);
}
static void pipelines(struct attack *attack) { each_step(attack, send_pipeline); }

static void come_and_go(struct attack *attack, unsigned n) {
    int fd = open_client(attack, n % 4000);
    if (fd < 0) return;
    attack->begun++;
    (void)send_text(fd, "GET /");
    close(fd);
}
static void quitters(struct attack *attack) { each_step(attack, come_and_go); }

// ---- those that stay

struct herd {
    unsigned count;
    int *fds; // -1: gone
};

static bool herd_open(struct herd *herd, struct attack *attack, const char *first) {
    herd->count = attack->clients;
    herd->fds = malloc(herd->count * sizeof *herd->fds);
    if (!herd->fds) return false;
    for (unsigned i = 0; i < herd->count; i++) {
        int fd = herd->fds[i] = attack->is_over ? -1 : open_client(attack, i);
        if (fd < 0) continue;
        attack->begun++;
        (void)send_text(fd, first);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        if (i % AT_ONCE == 0) pause_ms(STEP_MS);
    }
    attack->is_on = true;
    return true;
}

static void herd_leave(struct herd *herd, unsigned i) {
    close(herd->fds[i]);
    herd->fds[i] = -1;
}

// Takes what has come; the first line of the first answer counts.
static void herd_listen(struct herd *herd, struct attack *attack) {
    char data[ANSWER_BYTES];
    for (unsigned i = 0; i < herd->count; i++) {
        if (herd->fds[i] < 0) continue;
        ssize_t len = recv(herd->fds[i], data, sizeof data, 0);
        if (len > 12 && memcmp(data, "HTTP/1.1 ", 9) == 0) count_code(attack, data + 9);
        if (len == 0 || (len < 0 && errno != EAGAIN)) {
            attack->closed++;
            herd_leave(herd, i);
        }
    }
}

static void herd_close(struct herd *herd) {
    for (unsigned i = 0; i < herd->count; i++)
        if (herd->fds[i] >= 0) herd_leave(herd, i);
    free(herd->fds);
}

// One more piece from each, now and then: whoever is gone comes again.
static void drip(struct attack *attack, const char *first, const char *piece) {
    struct herd herd;
    if (!herd_open(&herd, attack, first)) return;
    while (!attack->is_over) {
        for (unsigned i = 0; i < herd.count && !attack->is_over; i++) {
            if (herd.fds[i] >= 0 && send_text(herd.fds[i], piece)) continue;
            if (herd.fds[i] >= 0) herd_leave(&herd, i);
            herd.fds[i] = open_client(attack, i);
            if (herd.fds[i] < 0) continue;
            attack->begun++;
            (void)send_text(herd.fds[i], first);
            fcntl(herd.fds[i], F_SETFL, O_NONBLOCK);
        }
        herd_listen(&herd, attack);
        pause_ms(SLOW_STEP_MS);
    }
    herd_close(&herd);
}

static void slow_heads(struct attack *attack) {
    drip(attack, "GET /v1/chain HTTP/1.1\r\nHost: x\r\n", "X: a\r\n");
}

static void slow_bodies(struct attack *attack) {
    char first[512];
    snprintf(first, sizeof first,
             "POST /capture HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
             "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{",
             attack->key);
    drip(attack, first, " ");
}

static void idle_streams(struct attack *attack) {
    struct herd herd;
    if (!herd_open(&herd, attack, "GET /v1/live HTTP/1.1\r\nHost: x\r\n\r\n")) return;
    while (!attack->is_over) {
        herd_listen(&herd, attack);
        pause_ms(SLOW_STEP_MS);
    }
    herd_listen(&herd, attack);
    herd_close(&herd);
}

// Asks for much and takes none of it.
static void deaf_readers(struct attack *attack) {
    struct herd herd;
    if (!herd_open(&herd, attack, "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")) return;
    while (!attack->is_over) {
        for (unsigned i = 0; i < herd.count; i++)
            if (herd.fds[i] >= 0 &&
                !send_text(herd.fds[i], "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"))
                herd_leave(&herd, i);
        pause_ms(SLOW_STEP_MS);
    }
    herd_listen(&herd, attack);
    herd_close(&herd);
}

// ---- those that never stop asking

// False: it has not come yet. One that is gone is closed.
static bool take_answer(struct attack *attack, int *fd) {
    char data[ANSWER_BYTES];
    ssize_t len = recv(*fd, data, sizeof data, MSG_DONTWAIT);
    if (len < 0 && errno == EAGAIN) return false;
    if (len > 12 && memcmp(data, "HTTP/1.1 ", 9) == 0) {
        count_code(attack, data + 9);
        return true;
    }
    attack->closed++;
    close(*fd);
    *fd = -1;
    return true;
}

// Every answer is followed by the next request. Each asker has an address of its own, so that none
// is held back by how often one of them may ask.
static void flood(struct attack *attack, void (*make)(struct buf *out, unsigned n)) {
    enum { ASKERS_APART = PER_ADDRESS };
    unsigned asked = 0;
    int *fds = malloc(attack->clients * sizeof *fds);
    bool *waits = calloc(attack->clients, sizeof *waits);
    struct buf request = {0};
    ENSURE(fds && waits);
    for (unsigned i = 0; i < attack->clients; i++) fds[i] = -1;
    attack->is_on = true;
    while (!attack->is_over) {
        for (unsigned i = 0; i < attack->clients; i++) {
            if (fds[i] < 0 && (fds[i] = open_client(attack, i * ASKERS_APART)) < 0) continue;
            if (waits[i] && !take_answer(attack, &fds[i])) continue;
            waits[i] = false;
            if (fds[i] < 0) continue;
            buf_reset(&request);
            make(&request, asked++);
            waits[i] = send_all(fds[i], (const char *)request.data, request.len);
            attack->begun++;
        }
        pause_ms(FLOOD_STEP_MS);
    }
    for (unsigned i = 0; i < attack->clients; i++)
        if (fds[i] >= 0) close(fds[i]);
    buf_clear(&request);
    free(waits);
    free(fds);
}

static void make_simulation(struct buf *out, unsigned n) {
    (void)n;
    costly_simulation(out);
}
static void simulations(struct attack *attack) { flood(attack, make_simulation); }
static void views(struct attack *attack) { flood(attack, costly_view); }
static void searches(struct attack *attack) { flood(attack, costly_search); }

const struct attack_kind attack_kinds[] = {
    {"idle_streams", "live streams that only listen", 5000, true, idle_streams},
    {"slow_heads", "a header line every half second, never the last", 1000, false, slow_heads},
    {"slow_bodies", "a byte of the body every half second", 1000, false, slow_bodies},
    {"huge_heads", "a head of 256 KiB", 100, false, huge_heads},
    {"pipelines", "64 requests for 1,000 events in one go", 10, true, pipelines},
    {"odd_paths", "bad escapes, bad UTF-8, ways out of the tree", 200, false, odd_paths},
    {"odd_bodies", "captures that are no JSON", 200, false, odd_bodies},
    {"guessed_keys", "an API key after the other", 200, false, guessed_keys},
    {"simulations", "contracts that never end, tried without end", 64, false, simulations},
    {"views", "views of a contract, one after the other", 64, true, views},
    {"searches", "searches, one after the other", 64, true, searches},
    {"deaf_readers", "answers that nobody takes", 500, true, deaf_readers},
    // Last: libmicrohttpd sees such a client's end only when its connection has been idle too long.
    {"quitters", "connections that are left at once", 1000, false, quitters},
};
const unsigned attack_kind_count = sizeof attack_kinds / sizeof *attack_kinds;
