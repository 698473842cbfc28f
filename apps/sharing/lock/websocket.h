// SPDX-License-Identifier: Apache-2.0
// WebSocket over loopback (RFC 6455), standing for a lock's radio: each binary message is a frame
// of the lock's protocol. The handshakes of both sides, and a socket behind them by libwslay. One
// thread; sockets do not block.
#ifndef LMM_SHARING_LOCK_WEBSOCKET_H
#define LMM_SHARING_LOCK_WEBSOCKET_H

#include "apps/sharing/lock/limits.h"
#include "chaincore/base/buf.h"

enum {
    WEBSOCKET_KEY_CHARS = 24,
    WEBSOCKET_ACCEPT_CHARS = 28,
    LIMIT_WEBSOCKET_QUEUED = 64, // frames that wait to be sent
};

// The answer to a client's Sec-WebSocket-Key.
void websocket_accept(char out[WEBSOCKET_ACCEPT_CHARS + 1], const char *key);
void websocket_make_key(char out[WEBSOCKET_KEY_CHARS + 1]);

struct websocket;
// Each binary message of at most LIMIT_LOCK_FRAME_BYTES; anything else ends the connection.
typedef void websocket_on_frame(void *context, struct bytes frame);

// `early` is what came behind the handshake. Does not own the file descriptor. NULL without memory.
struct websocket *websocket_open(int fd, bool is_client, struct bytes early,
                                 websocket_on_frame *on_frame, void *context);
void websocket_free(struct websocket *websocket); // NULL is allowed

// Reads and writes what there is. CLOSED when the other side is gone or has broken the protocol.
enum status websocket_work(struct websocket *websocket) MUST_CHECK;
bool websocket_wants_write(const struct websocket *websocket);
// Has this side said goodbye, or the other?
bool websocket_is_done(const struct websocket *websocket);
// FULL when too many wait.
enum status websocket_send(struct websocket *websocket, struct bytes frame) MUST_CHECK;
void websocket_close(struct websocket *websocket);

#endif
