// SPDX-License-Identifier: Apache-2.0
// A false network of nodes that catch up from one another, over chains that are tables.
#ifndef LMM_TESTS_SYNC_WORLD_H
#define LMM_TESTS_SYNC_WORLD_H

#include "chaincore/sync/block_sync.h"
#include "chaincore/sync/sync_message.h"
#include "tests/support/light_chain.h"

enum {
    NODES = 4, // the first is behind
    EPOCH = 60,
    EPOCHS = 3,
    HEIGHTS = EPOCH * EPOCHS, // 0 to one less
    KEPT_EVERY = 7,
    START_MS = 1000,
    TIMEOUT_MS = 1000,
    LINES = 4096,
};

struct false_node {
    struct block_sync *sync;
    uint64_t top; // final here
    uint64_t oldest;
    unsigned points;
    uint64_t taken, certified;
    uint64_t a_second;                  // blocks that its checkpoints keep up with; 0: any
    uint64_t damaged;                   // its header is another than it was; 0: none
    uint64_t most_behind, least_behind; // as it said of itself whenever it took a block
    uint64_t reads;                     // of blocks
    uint16_t full_peer;                 // has read nothing yet of what it was told
    uint64_t big_from;                  // bodies from here on are large; 0: none
};

struct sync_line {
    uint16_t from, to;
    struct buf message;
};

struct sync_world {
    struct light_chain chain;
    struct false_node nodes[NODES];
    struct sync_line lines[LINES];
    size_t line_count;
    // Of one that answers a little before it would be given up, one body after the other.
    struct sync_line slow_lines[LINES];
    size_t slow_count;
    uint64_t slow_at_ms; // when its next is there; 0: nobody is slow
    uint64_t now_ms;
    uint64_t bytes_waiting, most_waiting; // to the first node
    // Changes what a node says, or returns false to lose it.
    bool (*twist)(uint16_t from, struct sync_message *message, struct buf *scratch);
    unsigned twisted;
};
extern struct sync_world sync_world;

void sync_world_begin(void);
void sync_world_clear(void);
// They know each other; the first is told how high the peer is.
void sync_world_join(uint16_t peer, uint64_t height);
void sync_world_deliver(void);
void sync_world_forget_lines(void);
// What has been said arrives, all run, and where nothing is said the time passes until one has to.
enum status sync_world_step(bool *arrived);
// Until the first node has arrived, or something else than OK came of it.
enum status sync_world_run(void);
struct block_sync_counts sync_world_counts(uint16_t node);
void sync_world_check_whole(void);
// Borrowed from `out`.
struct bytes sync_world_body(uint64_t height, struct buf *out);

#endif
