// SPDX-License-Identifier: Apache-2.0
#include "tests/support/receiver.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "chaincore/base/buf.h"
#include "chaincore/base/memory.h"
#include "tests/support/unit.h"

enum {
    MOST_POSTS = 4096,
    MOST_ANSWERS = 256,
    MOST_CONNECTIONS = 256,
    WAIT_S = 10,
    FLOOD_BYTES = 256 << 20
};

struct receiver {
    int listen_fd;
    uint16_t port;
    pthread_t acceptor;
    pthread_mutex_t lock; // of all that follows
    pthread_cond_t changed;
    struct receiver_post posts[MOST_POSTS];
    size_t count;
    int answers[MOST_ANSWERS];
    size_t answer_count;
    size_t answers_given;
    const char *rest;
    int late_answer; // 0: not yet
    bool is_closing;
    size_t flooded;
    int fds[MOST_CONNECTIONS];
    pthread_t threads[MOST_CONNECTIONS];
    size_t connections;
};

struct connection {
    struct receiver *receiver;
    int fd;
};

// --- one connection ---

static bool receive(int fd, struct buf *in) {
    uint8_t *room = buf_reserve(in, 4096);
    ssize_t got = recv(fd, room, 4096, 0);
    if (got <= 0) return false;
    in->len += (size_t)got;
    return true;
}

static char *copy(struct bytes text) {
    char *out = mem_alloc(text.len + 1);
    if (text.len) memcpy(out, text.data, text.len);
    return out;
}

// Remembers a whole POST and says what it gets. Under the lock.
static int take_post(struct receiver *receiver, const char *head, struct bytes body) {
    const char *target = strchr(head, ' '), *line_end = strstr(head, "\r\n");
    ENSURE(target && line_end && receiver->count < MOST_POSTS);
    size_t path_len = strcspn(target + 1, " ");
    struct receiver_post *post = &receiver->posts[receiver->count++];
    int answer = receiver->answers_given < receiver->answer_count
                     ? receiver->answers[receiver->answers_given++]
                     : 204;
    *post = (struct receiver_post){.path = copy(bytes_of(target + 1, path_len)),
                                   .headers = copy(bytes_of_string(line_end + 2)),
                                   .body = copy(body),
                                   .answer = answer};
    pthread_cond_broadcast(&receiver->changed);
    return answer;
}

static bool answer_post(int fd, int code, const char *rest) {
    struct buf out = {0};
    buf_append_format(&out, "HTTP/1.1 %d Said\r\n%s", code,
                      rest          ? rest
                      : code == 204 ? "\r\n"
                                    : "Content-Length: 0\r\n\r\n");
    bool is_sent = send(fd, out.data, out.len, MSG_NOSIGNAL) == (ssize_t)out.len;
    buf_clear(&out);
    return is_sent;
}

static void flood(struct receiver *receiver, int fd) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n";
    static const char piece[16384];
    size_t sent = 0;
    bool goes_on = send(fd, head, sizeof head - 1, MSG_NOSIGNAL) > 0;
    while (goes_on && sent < FLOOD_BYTES) {
        ssize_t len = send(fd, piece, sizeof piece, MSG_NOSIGNAL);
        goes_on = len > 0;
        if (goes_on) sent += (size_t)len;
    }
    pthread_mutex_lock(&receiver->lock);
    receiver->flooded += sent;
    pthread_cond_broadcast(&receiver->changed);
    pthread_mutex_unlock(&receiver->lock);
}

// Waits for a later word. Under the lock.
static int hang(struct receiver *receiver) {
    while (receiver->late_answer == 0 && !receiver->is_closing)
        pthread_cond_wait(&receiver->changed, &receiver->lock);
    return receiver->is_closing ? RECEIVER_HANGS_UP : receiver->late_answer;
}

// One request; false: the connection is over.
static bool serve_one(struct connection *connection, struct buf *in) {
    struct receiver *receiver = connection->receiver;
    char *end;
    while (in->len == 0 || !strstr(buf_as_string(in), "\r\n\r\n"))
        if (!receive(connection->fd, in)) return false;
    char *head = copy(buf_bytes(in));
    end = strstr(head, "\r\n\r\n");
    size_t head_len = (size_t)(end - head) + 4, body_len = 0;
    end[2] = '\0';
    struct receiver_post asked = {.headers = head};
    body_len = strtoull(receiver_header(&asked, "Content-Length"), NULL, 10);
    bool is_whole = true;
    while (is_whole && in->len < head_len + body_len) is_whole = receive(connection->fd, in);
    if (is_whole) {
        pthread_mutex_lock(&receiver->lock);
        int answer = take_post(receiver, head, bytes_of(in->data + head_len, body_len));
        if (answer == RECEIVER_HANGS) answer = hang(receiver);
        const char *rest = receiver->rest;
        pthread_mutex_unlock(&receiver->lock);
        memmove(in->data, in->data + head_len + body_len, in->len - head_len - body_len);
        in->len -= head_len + body_len;
        is_whole = false;
        if (answer == RECEIVER_FLOODS) flood(receiver, connection->fd);
        if (answer > 0) is_whole = answer_post(connection->fd, answer, rest);
        if (answer > 0 && rest) is_whole = false;
    }
    mem_free(head);
    return is_whole;
}

static void *serve(void *context) {
    struct connection *connection = context;
    struct buf in = {0};
    while (serve_one(connection, &in)) continue;
    shutdown(connection->fd, SHUT_RDWR);
    buf_clear(&in);
    mem_free(connection);
    return NULL;
}

static void *accept_all(void *context) {
    struct receiver *receiver = context;
    int fd;
    while ((fd = accept(receiver->listen_fd, NULL, NULL)) >= 0) {
        struct connection *connection = mem_alloc(sizeof *connection);
        *connection = (struct connection){receiver, fd};
        pthread_mutex_lock(&receiver->lock);
        size_t at = receiver->connections++;
        ENSURE(at < MOST_CONNECTIONS);
        receiver->fds[at] = fd;
        ENSURE(pthread_create(&receiver->threads[at], NULL, serve, connection) == 0);
        pthread_mutex_unlock(&receiver->lock);
    }
    return NULL;
}

// --- the whole ---

struct receiver *receiver_open(uint16_t port) {
    struct receiver *receiver = mem_alloc(sizeof *receiver);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int yes = 1;
    receiver->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(receiver->listen_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    ENSURE(bind(receiver->listen_fd, (struct sockaddr *)&address, len) == 0);
    ENSURE(listen(receiver->listen_fd, 64) == 0);
    ENSURE(getsockname(receiver->listen_fd, (struct sockaddr *)&address, &len) == 0);
    receiver->port = ntohs(address.sin_port);
    pthread_mutex_init(&receiver->lock, NULL);
    pthread_cond_init(&receiver->changed, NULL);
    ENSURE(pthread_create(&receiver->acceptor, NULL, accept_all, receiver) == 0);
    return receiver;
}

void receiver_close(struct receiver *receiver) {
    pthread_mutex_lock(&receiver->lock);
    receiver->is_closing = true;
    pthread_cond_broadcast(&receiver->changed);
    pthread_mutex_unlock(&receiver->lock);
    shutdown(receiver->listen_fd, SHUT_RDWR);
    pthread_join(receiver->acceptor, NULL);
    close(receiver->listen_fd);
    for (size_t i = 0; i < receiver->connections; i++) {
        shutdown(receiver->fds[i], SHUT_RDWR);
        pthread_join(receiver->threads[i], NULL);
        close(receiver->fds[i]);
    }
    for (size_t i = 0; i < receiver->count; i++) {
        mem_free((char *)receiver->posts[i].path);
        mem_free((char *)receiver->posts[i].headers);
        mem_free((char *)receiver->posts[i].body);
    }
    pthread_cond_destroy(&receiver->changed);
    pthread_mutex_destroy(&receiver->lock);
    mem_free(receiver);
}

uint16_t receiver_port(const struct receiver *receiver) { return receiver->port; }

void receiver_answer(struct receiver *receiver, int code, int count) {
    pthread_mutex_lock(&receiver->lock);
    for (int i = 0; i < count; i++) {
        ENSURE(receiver->answer_count < MOST_ANSWERS);
        receiver->answers[receiver->answer_count++] = code;
    }
    pthread_mutex_unlock(&receiver->lock);
}

void receiver_answer_with(struct receiver *receiver, const char *rest) {
    pthread_mutex_lock(&receiver->lock);
    receiver->rest = rest;
    pthread_mutex_unlock(&receiver->lock);
}

void receiver_let_go(struct receiver *receiver, int code) {
    pthread_mutex_lock(&receiver->lock);
    receiver->late_answer = code;
    pthread_cond_broadcast(&receiver->changed);
    pthread_mutex_unlock(&receiver->lock);
}

size_t receiver_flooded(struct receiver *receiver) {
    pthread_mutex_lock(&receiver->lock);
    size_t flooded = receiver->flooded;
    pthread_mutex_unlock(&receiver->lock);
    return flooded;
}

size_t receiver_await(struct receiver *receiver, size_t count) {
    struct timespec until;
    int failed = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&receiver->lock);
    while (receiver->count < count && failed == 0)
        failed = pthread_cond_timedwait(&receiver->changed, &receiver->lock, &until);
    size_t there = receiver->count;
    pthread_mutex_unlock(&receiver->lock);
    return there;
}

size_t receiver_count(struct receiver *receiver) { return receiver_await(receiver, 0); }

const struct receiver_post *receiver_at(struct receiver *receiver, size_t index) {
    ck_assert_uint_lt(index, receiver_count(receiver));
    return &receiver->posts[index];
}

const char *receiver_header(const struct receiver_post *post, const char *name) {
    static _Thread_local char values[2][1024];
    static _Thread_local size_t turn;
    char *out = values[turn++ % 2];
    size_t len = strlen(name);
    out[0] = '\0';
    for (const char *line = post->headers; line && *line;) {
        const char *end = strstr(line, "\r\n");
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " ");
            snprintf(out, sizeof values[0], "%.*s", end ? (int)(end - value) : 1023, value);
            return out;
        }
        line = end ? end + 2 : NULL;
    }
    return out;
}

// --- signatures, by another library than the sender's ---

static bool has_signature(const struct receiver_post *post, const char *header,
                          const gnutls_datum_t *key) {
    gnutls_datum_t code, encoded;
    uint8_t digest[32];
    struct buf content = {0};
    buf_append_format(&content, "%s.", receiver_header(post, "webhook-id"));
    buf_append_format(&content, "%s.%s", receiver_header(post, "webhook-timestamp"), post->body);
    ENSURE(gnutls_hmac_fast(GNUTLS_MAC_SHA256, key->data, key->size, content.data, content.len,
                            digest) == 0);
    code = (gnutls_datum_t){digest, sizeof digest};
    ENSURE(gnutls_base64_encode2(&code, &encoded) == 0);
    buf_reset(&content);
    buf_append_format(&content, "v1,%.*s", (int)encoded.size, (const char *)encoded.data);
    gnutls_free(encoded.data);
    const char *given = receiver_header(post, header);
    const char *found = strstr(given, buf_as_string(&content));
    bool is_whole = found && (found == given || found[-1] == ' ') &&
                    (found[content.len] == '\0' || found[content.len] == ' ');
    buf_clear(&content);
    return is_whole;
}

bool receiver_verifies(const struct receiver_post *post, const char *secret) {
    gnutls_datum_t key, text = {(unsigned char *)(secret + 6), (unsigned)strlen(secret) - 6};
    if (strncmp(secret, "whsec_", 6) != 0) return false;
    if (gnutls_base64_decode2(&text, &key) != 0) return false;
    bool is_good = has_signature(post, "webhook-signature", &key);
    gnutls_free(key.data);
    return is_good;
}

bool receiver_verifies_token(const struct receiver_post *post, const char *header,
                             const char *token) {
    const gnutls_datum_t key = {(unsigned char *)(uintptr_t)token, (unsigned)strlen(token)};
    return has_signature(post, header, &key);
}
