// SPDX-License-Identifier: Apache-2.0
// The way to a lock: its frames over a WebSocket, one question at a time.
#ifndef LMM_CLI_LOCK_LINK_H
#define LMM_CLI_LOCK_LINK_H

#include "apps/sharing/lock/frame.h"
#include "apps/sharing/lock/phone.h"
#include "apps/sharing/lock/websocket.h"

enum { LOCK_LINK_MS = 10 * 1000 }; // for the lock to answer

struct lock_link {
    int fd;
    struct websocket *websocket;
    struct lock_frames_in in;
    bool is_whole;
    bool is_bad; // what came were no frames of a message
};

// `url` is ws://HOST:PORT/PATH. False, with a complaint. The caller closes the link in any case.
bool lock_link_open(struct lock_link *out, const char *url);
void lock_link_close(struct lock_link *link);
// For struct phone: `context` is the link.
enum status lock_link_ask(void *context, struct bytes message, struct buf *answer) MUST_CHECK;

#endif
