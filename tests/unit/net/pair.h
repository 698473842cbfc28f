// SPDX-License-Identifier: Apache-2.0
// Two channels that talk to each other, and what each of them has received.
#ifndef LMM_TESTS_NET_PAIR_H
#define LMM_TESTS_NET_PAIR_H

#include "chaincore/base/arena.h"
#include "chaincore/net/channel.h"
#include "tests/support/unit.h"

enum { SIDES = 2, FRAMES_MAX = 64 };

// Of the pairs' rules: three classes, the first the most urgent.
enum pair_kind { KIND_VOTE, KIND_NOTE, KIND_UNKNOWN, KIND_BLOCK, KIND_BULK, PAIR_KINDS };
enum {
    VOTE_MAX = 200,
    NOTE_MAX = 50 * 1000,
    BLOCK_MAX = 3 * 1000 * 1000,
    BULK_MAX = 100 * 1000,
};
extern const struct channel_rules pair_rules;

struct received {
    uint8_t kind;
    struct bytes payload; // of the arena
};

struct side {
    struct channel *channel;
    struct secret_key key;
    struct public_key node;
    struct hello other; // once it is ready
    int readies;
    struct received frames[FRAMES_MAX];
    size_t frame_count;
    struct arena *arena;
    enum status answer; // of the next events
};

struct pair {
    struct side sides[SIDES]; // the initiator first
    struct arena arena;
    uint64_t now_ms;
};

void pair_open(struct pair *pair);
void pair_close(struct pair *pair);
// The config of a side: change it, and open again with side_open.
struct channel_config side_config(struct pair *pair, int side);
void side_open(struct side *side, const struct channel_config *config);
// Carries bytes both ways, in pieces of this size, until neither side has more.
enum status pair_talk(struct pair *pair, size_t piece);
// Up to `most` bytes of one side's to the other.
enum status pair_carry(struct pair *pair, int from, size_t most);
void pair_send(struct pair *pair, int from, uint8_t kind, struct bytes payload);

#endif
