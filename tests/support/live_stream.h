// SPDX-License-Identifier: Apache-2.0
// A reader of a server's Server-Sent Events, one at a time.
#ifndef LMM_TESTS_LIVE_STREAM_H
#define LMM_TESTS_LIVE_STREAM_H

#include "tests/support/server_process.h"

struct live_stream {
    int socket;
    struct buf bytes; // received, not yet taken
};
struct live_event {
    char id[24];   // "" when it has none
    char type[24]; // "reset", "block", "capture", "event"
    json_t *data;
};

// Returns once the server has greeted. `last_id` NULL: none.
void live_open(struct live_stream *stream, const struct server_process *server,
               const char *last_id);
void live_close(struct live_stream *stream);
// Waits for the next event that is no block. The caller calls live_event_clear.
void live_next(struct live_stream *stream, struct live_event *out);
void live_event_clear(struct live_event *event);

#endif
