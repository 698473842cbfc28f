// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/peers/caller.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/memory.h"

enum {
    PREFIX_BYTES = 2,
    HEAD_BYTES = 5,
    CONTINUES = 128,
    PIECE_BYTES = 64 * 1024,
    WRITE_WAIT_MS = 500,
    HANDSHAKE_WAIT_MS = 10 * 1000,
};

void pause_ms(unsigned ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000},
              NULL);
}

void caller_init(struct caller *caller, const struct hash *chain_id) {
    uint8_t seed[32];
    memset(caller, 0, sizeof *caller);
    random_bytes(seed, sizeof seed);
    key_from_seed(&caller->key, &caller->node, seed);
    caller->fd = -1;
    caller->chain_id = *chain_id;
    caller->hello =
        (struct hello){.version = NET_VERSION, .features = HELLO_TAKES_IDS, .node = caller->node};
}

static void forget_connection(struct caller *caller) {
    if (caller->fd >= 0) close(caller->fd);
    caller->fd = -1;
    caller->is_closed = false;
    buf_clear(&caller->in);
    buf_clear(&caller->sent);
    buf_clear(&caller->held);
    caller->is_holding = false;
    for (size_t i = 0; i < REPLICA_KINDS; i++) buf_clear(&caller->frames[i]);
    noise_clear(&caller->hands);
}

void caller_clear(struct caller *caller) {
    forget_connection(caller);
    buf_clear(&caller->got);
}

bool caller_connect(struct caller *caller, uint16_t port, uint16_t from) {
    struct sockaddr_in own = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    int on = 1;
    forget_connection(caller);
    caller->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (caller->fd < 0) return false;
    own.sin_addr.s_addr = htonl(0x7F000000u + from);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    setsockopt(caller->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(caller->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return bind(caller->fd, (struct sockaddr *)&own, sizeof own) == 0 &&
           connect(caller->fd, (struct sockaddr *)&to, sizeof to) == 0;
}

// ---- writing

static bool await_event(const struct caller *caller, short event, unsigned ms) {
    struct pollfd poll_fd = {.fd = caller->fd, .events = event};
    return poll(&poll_fd, 1, (int)ms) > 0;
}

// Whoever floods reads too, or the two would wait for one another; who is not read from gives up.
bool caller_write(struct caller *caller, struct bytes raw) {
    while (raw.len > 0 && !caller->is_closed) {
        ssize_t len = send(caller->fd, raw.data, raw.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (len < 0 && errno == EAGAIN) {
            if (!await_event(caller, POLLOUT, WRITE_WAIT_MS)) return false;
            continue;
        }
        if (len <= 0) {
            caller->is_closed = true;
            return false;
        }
        caller->bytes += (uint64_t)len;
        raw = bytes_of(raw.data + len, raw.len - (size_t)len);
    }
    return raw.len == 0;
}

static bool write_message(struct caller *caller, struct bytes message) {
    struct buf raw = {0};
    uint8_t prefix[PREFIX_BYTES];
    store_u16_le(prefix, (uint16_t)message.len);
    buf_append(&raw, BYTES_OF(prefix));
    buf_append(&raw, message);
    bool is_written = true;
    if (caller->is_holding)
        buf_append(&caller->held, buf_bytes(&raw));
    else
        is_written = caller_write(caller, buf_bytes(&raw));
    if (caller->sent.len < PIECE_BYTES) buf_append(&caller->sent, buf_bytes(&raw));
    buf_clear(&raw);
    return is_written;
}

void caller_hold(struct caller *caller) { caller->is_holding = true; }

bool caller_flush(struct caller *caller) {
    uint64_t before = caller->bytes;
    bool is_written = caller_write(caller, buf_bytes(&caller->held));
    size_t gone = (size_t)(caller->bytes - before);
    caller->held.len -= gone;
    if (caller->held.len > 0)
        memmove(caller->held.data, caller->held.data + gone, caller->held.len);
    caller->is_holding = caller->held.len > 0;
    return is_written;
}

bool caller_say_plain(struct caller *caller, struct bytes plain) {
    struct buf sealed = {0};
    ENSURE(noise_seal(&caller->send, &sealed, bytes_of(NULL, 0), plain) == STATUS_OK);
    bool is_written = write_message(caller, buf_bytes(&sealed));
    buf_clear(&sealed);
    return is_written;
}

bool caller_say(struct caller *caller, uint8_t kind, struct bytes payload) {
    uint8_t head[HEAD_BYTES] = {kind};
    struct buf plain = {0};
    size_t at = 0;
    bool is_written = true;
    store_u32_le(head + 1, (uint32_t)payload.len);
    do {
        size_t left = payload.len - at,
               len = left < CHANNEL_CHUNK_BYTES ? left : CHANNEL_CHUNK_BYTES;
        buf_reset(&plain);
        head[0] = at > 0 ? (uint8_t)(kind | CONTINUES) : kind;
        buf_append(&plain, bytes_of(head, at > 0 ? 1 : HEAD_BYTES));
        if (len > 0) buf_append(&plain, bytes_of(payload.data + at, len));
        is_written = caller_say_plain(caller, buf_bytes(&plain));
        at += len;
    } while (is_written && at < payload.len);
    buf_clear(&plain);
    return is_written;
}

// ---- reading

// Whether more has come.
static bool read_more(struct caller *caller, unsigned ms) {
    static uint8_t piece[PIECE_BYTES];
    if (caller->is_closed || !await_event(caller, POLLIN, ms)) return false;
    ssize_t len = recv(caller->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (len < 0 && errno == EAGAIN) return false;
    if (len <= 0) caller->is_closed = true;
    if (len > 0) buf_append(&caller->in, bytes_of(piece, (size_t)len));
    return len > 0;
}

// The next message, which stays in `in`; empty: it is not whole yet.
static struct bytes next_message(const struct caller *caller) {
    if (caller->in.len < PREFIX_BYTES) return bytes_of(NULL, 0);
    size_t len = load_u16_le(caller->in.data);
    if (caller->in.len < PREFIX_BYTES + len) return bytes_of(NULL, 0);
    return bytes_of(caller->in.data + PREFIX_BYTES, len);
}

static void drop_message(struct caller *caller) {
    size_t len = PREFIX_BYTES + load_u16_le(caller->in.data);
    memmove(caller->in.data, caller->in.data + len, caller->in.len - len);
    caller->in.len -= len;
}

static bool await_message(struct caller *caller, unsigned ms, struct bytes *out) {
    uint64_t until_ms = clock_monotonic_ms() + ms;
    for (*out = next_message(caller); out->len == 0; *out = next_message(caller)) {
        uint64_t now_ms = clock_monotonic_ms();
        if (caller->is_closed || now_ms >= until_ms) return false;
        (void)read_more(caller, (unsigned)(until_ms - now_ms));
    }
    return true;
}

// Whether a frame is whole by it.
static bool take_chunk(struct caller *caller, struct bytes plain) {
    uint8_t kind = plain.data[0] & (CONTINUES - 1);
    bool continues = plain.data[0] & CONTINUES;
    size_t head = continues ? 1 : HEAD_BYTES;
    ENSURE(kind < REPLICA_KINDS && plain.len >= head);
    struct buf *frame = &caller->frames[kind];
    if (!continues) {
        buf_reset(frame);
        caller->lens[kind] = load_u32_le(plain.data + 1);
    }
    if (plain.len > head) buf_append(frame, bytes_of(plain.data + head, plain.len - head));
    if (frame->len < caller->lens[kind]) return false;
    caller->kind = kind;
    buf_reset(&caller->got);
    if (frame->len > 0) buf_append(&caller->got, buf_bytes(frame));
    return true;
}

static bool take_frame(struct caller *caller, struct bytes message) {
    struct buf plain = {0};
    ENSURE(noise_open(&caller->receive, &plain, bytes_of(NULL, 0), message) == STATUS_OK);
    bool is_whole = take_chunk(caller, buf_bytes(&plain));
    buf_clear(&plain);
    drop_message(caller);
    return is_whole;
}

bool caller_await(struct caller *caller, uint8_t kind, unsigned ms) {
    uint64_t until_ms = clock_monotonic_ms() + ms;
    struct bytes message;
    for (;;) {
        uint64_t now_ms = clock_monotonic_ms();
        if (now_ms >= until_ms) return false;
        if (!await_message(caller, (unsigned)(until_ms - now_ms), &message)) return false;
        if (take_frame(caller, message) && caller->kind == kind) return true;
    }
}

void caller_sip(struct caller *caller, size_t bytes) {
    static uint8_t piece[PIECE_BYTES];
    if (caller->is_closed || !await_event(caller, POLLIN, 0)) return;
    if (bytes > sizeof piece) bytes = sizeof piece;
    ssize_t len = recv(caller->fd, piece, bytes, MSG_DONTWAIT);
    if (len == 0 || (len < 0 && errno != EAGAIN)) caller->is_closed = true;
}

void caller_drain(struct caller *caller) {
    struct bytes message;
    while (await_message(caller, 0, &message) || read_more(caller, 0))
        if (message.len > 0) (void)take_frame(caller, message);
}

// What was said to it before counts for nothing.
bool caller_await_close(struct caller *caller, unsigned ms) {
    uint64_t until_ms = clock_monotonic_ms() + ms;
    while (!caller->is_closed && clock_monotonic_ms() < until_ms) {
        (void)read_more(caller, 50);
        buf_reset(&caller->in);
    }
    return caller->is_closed;
}

// ---- shaking hands

static bool say_hands(struct caller *caller) {
    struct buf message = {0};
    ENSURE(noise_write(&caller->hands, &message, bytes_of(NULL, 0)) == STATUS_OK);
    bool is_written = write_message(caller, buf_bytes(&message));
    buf_clear(&message);
    return is_written;
}

bool caller_begin_handshake(struct caller *caller) {
    struct enc_secret_key secret;
    struct enc_public_key unused;
    struct buf payload = {0};
    struct bytes message;
    enc_key_generate(&secret, &unused);
    noise_begin(&caller->hands, NOISE_INITIATOR, &secret, BYTES_OF(caller->chain_id));
    if (!say_hands(caller) || !await_message(caller, HANDSHAKE_WAIT_MS, &message)) return false;
    enum status status = noise_read(&caller->hands, &payload, message);
    drop_message(caller);
    buf_clear(&payload);
    return status == STATUS_OK;
}

bool caller_shake_without_hello(struct caller *caller) {
    if (!caller_begin_handshake(caller) || !say_hands(caller)) return false;
    noise_split(&caller->hands, &caller->send, &caller->receive);
    return true;
}

static bool say_hello_as(struct caller *caller, const struct secret_key *key,
                         enum noise_role role) {
    struct hello_binding binding = {&caller->chain_id, caller->hands.hash, role};
    struct buf text = {0};
    hello_write(&text, &caller->hello, &binding, key);
    bool is_written = caller_say_plain(caller, buf_bytes(&text));
    buf_clear(&text);
    return is_written;
}

bool caller_say_hello(struct caller *caller, const struct secret_key *key) {
    return say_hello_as(caller, key, NOISE_INITIATOR);
}

static bool hear_hello(struct caller *caller) {
    struct buf plain = {0};
    struct bytes message;
    if (!await_message(caller, HANDSHAKE_WAIT_MS, &message)) return false;
    enum status status = noise_open(&caller->receive, &plain, bytes_of(NULL, 0), message);
    drop_message(caller);
    buf_clear(&plain);
    return status == STATUS_OK;
}

bool caller_shake(struct caller *caller) {
    return caller_shake_without_hello(caller) && caller_say_hello(caller, &caller->key) &&
           hear_hello(caller);
}

static bool hear_hands(struct caller *caller) {
    struct buf payload = {0};
    struct bytes message;
    if (!await_message(caller, HANDSHAKE_WAIT_MS, &message)) return false;
    enum status status = noise_read(&caller->hands, &payload, message);
    drop_message(caller);
    buf_clear(&payload);
    return status == STATUS_OK;
}

bool caller_answer(struct caller *caller, int fd) {
    struct enc_secret_key secret;
    struct enc_public_key unused;
    forget_connection(caller);
    caller->fd = fd;
    enc_key_generate(&secret, &unused);
    noise_begin(&caller->hands, NOISE_RESPONDER, &secret, BYTES_OF(caller->chain_id));
    if (!hear_hands(caller) || !say_hands(caller) || !hear_hands(caller)) return false;
    noise_split(&caller->hands, &caller->send, &caller->receive);
    return say_hello_as(caller, &caller->key, NOISE_RESPONDER) && hear_hello(caller);
}
