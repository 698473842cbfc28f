// SPDX-License-Identifier: Apache-2.0
// Peers that serve the past by the node's own code, out of tables of the test's, over a network and
// a clock that are false; some of them lie, are silent, or go.
#ifndef LMM_TESTS_PAST_PEERS_H
#define LMM_TESTS_PAST_PEERS_H

#include "chaincore/sync/past_ask.h"
#include "chaincore/sync/past_serve.h"

enum { PAST_PEERS = 4, PAST_TIMEOUT_MS = 1000 };

struct past_world {
    struct past_source source; // but for context and send
    struct past_serve *serves[PAST_PEERS];
    uint64_t now_ms;
    struct past_line {
        bool is_ask;
        uint16_t peer;
        struct buf message;
    } lines[256];
    size_t line_count;
    uint64_t bytes_waiting, most_waiting; // to the one who asks
    unsigned points[PAST_PEERS];          // of penalties
    unsigned asked[PAST_PEERS];
    // Changes what a peer says, or returns false to lose it.
    bool (*twist)(uint16_t from, struct past_message *message, struct buf *scratch);
    unsigned twisted;
    // The one who asks.
    void *asker;
    void (*receive)(void *asker, uint16_t peer, struct bytes message);
};

void past_world_open(struct past_world *world);
void past_world_clear(struct past_world *world);
// Of the one who asks.
struct past_calls past_world_calls(struct past_world *world);
// All that was said arrives, and those who serve go on by one step.
void past_world_step(struct past_world *world);

#endif
