// SPDX-License-Identifier: Apache-2.0
// An HTTP server that takes POSTs and remembers them, for tests of whoever sends. It answers as it
// is told, one thread for each connection.
#ifndef LMM_TESTS_RECEIVER_H
#define LMM_TESTS_RECEIVER_H

#include "chaincore/base/bytes.h"

struct receiver;

// RECEIVER_HANGS: no answer before receiver_let_go. RECEIVER_FLOODS: 200, and a body without end.
enum { RECEIVER_HANGS = -1, RECEIVER_HANGS_UP = -2, RECEIVER_FLOODS = -3 };

struct receiver_post {
    const char *path;
    const char *headers; // the lines as they came
    const char *body;
    int answer; // what it was answered with
};

struct receiver *receiver_open(uint16_t port); // 0: any free one
void receiver_close(struct receiver *receiver);
uint16_t receiver_port(const struct receiver *receiver);
// The next `count` POSTs get this answer, after those of earlier calls; all others get 204.
void receiver_answer(struct receiver *receiver, int code, int count);
// Text behind the status line of all answers from now on: headers, a blank line and a body; NULL:
// a plain answer. Static.
void receiver_answer_with(struct receiver *receiver, const char *rest);
// Those that hang get this answer, now and from now on.
void receiver_let_go(struct receiver *receiver, int code);
// How much of floods was taken from here, at the end of each.
size_t receiver_flooded(struct receiver *receiver);
// Waits until so many have come, for ten seconds at most. Returns how many there are.
size_t receiver_await(struct receiver *receiver, size_t count);
size_t receiver_count(struct receiver *receiver);
// Borrowed until the receiver is closed.
const struct receiver_post *receiver_at(struct receiver *receiver, size_t index);
// The value of a header, in static storage, two in turn; "" when it is not there.
const char *receiver_header(const struct receiver_post *post, const char *name);

// Whether one of the signatures is that of Standard Webhooks under a secret "whsec_…", by GnuTLS
// alone.
bool receiver_verifies(const struct receiver_post *post, const char *secret);
// The same of another header, under these very bytes.
bool receiver_verifies_token(const struct receiver_post *post, const char *header,
                             const char *token);

#endif
