// SPDX-License-Identifier: Apache-2.0
// Lines between nodes that can be made bad: TCP connections passed on, in order and whole as TCP
// has them, but late, jerky, stalled or reset on command. What the kernel's netem would do to
// packets is done here to what comes of it: a lost packet is bytes that come after the time of a
// retransmission, with all that is behind them.
//
// Everything on one libuv loop's thread.
#ifndef LMM_TESTS_CLUSTER_LINES_H
#define LMM_TESTS_CLUSTER_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { LINE_NAME_BYTES = 32 };

struct line_weather {
    uint32_t delay_ms;
    uint32_t jitter_ms;    // up to so much more
    uint32_t loss_percent; // of pieces as they were read
    bool is_stalled;       // nothing passes, nothing is lost
};

struct line_counts {
    uint64_t connections; // ever
    uint64_t refused;     // that the far end did not take
    uint64_t bytes;
    uint64_t lost; // pieces that came late
    uint64_t resets;
};

struct connection;

// One way from a node to another: what connects to its listener is connected to the far end.
struct line {
    uv_tcp_t listener;
    struct line *next;
    char name[LINE_NAME_BYTES];
    struct sockaddr_storage to;
    struct line_weather weather;
    struct line_counts counts;
    struct connection *connections;
};

struct lines {
    uv_loop_t *loop;
    struct line *first;
    uint64_t random; // state of a generator; never 0
};

// 0, or libuv's error, and there is no such line then.
int lines_add(struct lines *lines, const char *name, const struct sockaddr *listen,
              const struct sockaddr *to);
// Of the connections that are there and those to come.
void line_set_weather(struct line *line, const struct line_weather *weather);
void line_reset(struct line *line);
// Ends everything, and runs the loop until nothing is left on it. Not from a callback.
void lines_close(struct lines *lines);

#endif
