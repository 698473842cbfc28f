// SPDX-License-Identifier: Apache-2.0
#include <config.h> // recv, send

#include "apps/sharing/lock/websocket.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sys/socket.h>
#include <wslay/wslay.h>

#include "chaincore/base/memory.h"
#include "chaincore/crypto/sign.h"

static const char GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, section 1.3

static void base64(char *out, size_t chars, struct bytes in) {
    gnutls_datum_t data = {.data = (unsigned char *)(uintptr_t)in.data, .size = (unsigned)in.len};
    gnutls_datum_t text = {0};
    ENSURE(gnutls_base64_encode2(&data, &text) == 0 && text.size == chars);
    memcpy(out, text.data, chars);
    out[chars] = '\0';
    gnutls_free(text.data);
}

void websocket_accept(char out[WEBSOCKET_ACCEPT_CHARS + 1], const char *key) {
    uint8_t digest[20];
    struct buf text = {0};
    buf_append_string(&text, key);
    buf_append_string(&text, GUID);
    ENSURE(gnutls_hash_fast(GNUTLS_DIG_SHA1, text.data, text.len, digest) == 0);
    base64(out, WEBSOCKET_ACCEPT_CHARS, BYTES_OF(digest));
    buf_clear(&text);
}

void websocket_make_key(char out[WEBSOCKET_KEY_CHARS + 1]) {
    uint8_t nonce[16];
    random_bytes(nonce, sizeof nonce);
    base64(out, WEBSOCKET_KEY_CHARS, BYTES_OF(nonce));
}

struct websocket {
    wslay_event_context_ptr wslay;
    int fd;
    struct buf early; // read before the socket
    size_t early_read;
    bool is_broken;
    websocket_on_frame *on_frame;
    void *context;
};

static ssize_t give_early(struct websocket *websocket, uint8_t *data, size_t len) {
    size_t left = websocket->early.len - websocket->early_read;
    if (len > left) len = left;
    memcpy(data, websocket->early.data + websocket->early_read, len);
    websocket->early_read += len;
    return (ssize_t)len;
}

static ssize_t fail(struct websocket *websocket) {
    bool is_later = errno == EAGAIN || errno == EWOULDBLOCK;
    wslay_event_set_error(websocket->wslay,
                          is_later ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t on_recv(wslay_event_context_ptr wslay, uint8_t *data, size_t len, int flags,
                       void *context) {
    struct websocket *websocket = context;
    ssize_t got;
    (void)flags;
    if (websocket->is_broken) {
        wslay_event_set_error(wslay, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    if (websocket->early_read < websocket->early.len) return give_early(websocket, data, len);
    do got = recv(websocket->fd, data, len, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) return fail(websocket);
    if (got > 0) return got;
    wslay_event_set_error(wslay, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t on_send(wslay_event_context_ptr wslay, const uint8_t *data, size_t len, int flags,
                       void *context) {
    struct websocket *websocket = context;
    ssize_t put;
    (void)wslay;
    do put = send(websocket->fd, data, len, MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
    while (put < 0 && errno == EINTR);
    return put < 0 ? fail(websocket) : put;
}

static int on_mask(wslay_event_context_ptr wslay, uint8_t *out, size_t len, void *context) {
    (void)wslay;
    (void)context;
    random_bytes(out, len);
    return 0;
}

static void on_message(wslay_event_context_ptr wslay,
                       const struct wslay_event_on_msg_recv_arg *message, void *context) {
    struct websocket *websocket = context;
    // Each ping has an answer that waits.
    if (wslay_event_get_queued_msg_count(wslay) > LIMIT_WEBSOCKET_QUEUED)
        websocket->is_broken = true;
    if (wslay_is_ctrl_frame(message->opcode)) return;
    if (message->opcode == WSLAY_BINARY_FRAME)
        websocket->on_frame(websocket->context, bytes_of(message->msg, message->msg_length));
    else
        wslay_event_queue_close(wslay, WSLAY_CODE_UNSUPPORTED_DATA, NULL, 0);
}

static const struct wslay_event_callbacks CALLBACKS = {.recv_callback = on_recv,
                                                       .send_callback = on_send,
                                                       .genmask_callback = on_mask,
                                                       .on_msg_recv_callback = on_message};

struct websocket *websocket_open(int fd, bool is_client, struct bytes early,
                                 websocket_on_frame *on_frame, void *context) {
    struct websocket *websocket = mem_alloc(sizeof *websocket);
    *websocket = (struct websocket){.fd = fd, .on_frame = on_frame, .context = context};
    int failed = is_client
                     ? wslay_event_context_client_init(&websocket->wslay, &CALLBACKS, websocket)
                     : wslay_event_context_server_init(&websocket->wslay, &CALLBACKS, websocket);
    if (failed) {
        mem_free(websocket);
        return NULL;
    }
    buf_append(&websocket->early, early);
    wslay_event_config_set_max_recv_msg_length(websocket->wslay, LIMIT_LOCK_FRAME_BYTES);
    return websocket;
}

void websocket_free(struct websocket *websocket) {
    if (!websocket) return;
    wslay_event_context_free(websocket->wslay);
    buf_clear(&websocket->early);
    mem_free(websocket);
}

enum status websocket_work(struct websocket *websocket) {
    if (websocket->is_broken) return STATUS_CLOSED;
    if ((wslay_event_want_read(websocket->wslay) && wslay_event_recv(websocket->wslay) != 0) ||
        (wslay_event_want_write(websocket->wslay) && wslay_event_send(websocket->wslay) != 0))
        websocket->is_broken = true;
    return websocket->is_broken ? STATUS_CLOSED : STATUS_OK;
}

bool websocket_wants_write(const struct websocket *websocket) {
    return wslay_event_want_write(websocket->wslay) != 0;
}

bool websocket_is_done(const struct websocket *websocket) {
    // Who was told goodbye is not waited for.
    bool is_over =
        wslay_event_get_close_sent(websocket->wslay) || !wslay_event_want_read(websocket->wslay);
    return is_over && !wslay_event_want_write(websocket->wslay);
}

enum status websocket_send(struct websocket *websocket, struct bytes frame) {
    struct wslay_event_msg message = {
        .opcode = WSLAY_BINARY_FRAME, .msg = frame.data, .msg_length = frame.len};
    if (wslay_event_get_queued_msg_count(websocket->wslay) >= LIMIT_WEBSOCKET_QUEUED)
        return STATUS_FULL;
    return wslay_event_queue_msg(websocket->wslay, &message) == 0 ? STATUS_OK : STATUS_CLOSED;
}

void websocket_close(struct websocket *websocket) {
    (void)wslay_event_queue_close(websocket->wslay, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
}
