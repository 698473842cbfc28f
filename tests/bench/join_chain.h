// SPDX-License-Identifier: Apache-2.0
// A chain of transfers for benches of nodes that come to it later: its genesis, who signs its
// blocks and who sends. One to a process; all keys are of fixed seeds, so that every process that
// makes it has the same chain.
#ifndef LMM_BENCH_JOIN_CHAIN_H
#define LMM_BENCH_JOIN_CHAIN_H

#include "chaincore/node/node.h"

enum { JOIN_SENDERS = 16, JOIN_WITNESSES = 4 };

struct join_chain {
    struct secret_key witnesses[JOIN_WITNESSES];
    struct buf genesis;
    struct hash chain_id;
};
extern struct join_chain join_chain;

struct join_chain_rules {
    uint32_t epoch_blocks;
    bool leave_out_empty_blocks;
};
void join_chain_make(const struct join_chain_rules *rules);
void join_chain_clear(void);

// The seq-th transfer of one of the senders.
void join_chain_submit(struct node *node, unsigned sender, uint64_t seq);

uint64_t join_height_of(struct node *node);
double join_seconds_since(uint64_t start_ns);
// One line; a figure without baseline has none in it.
struct join_figure {
    const char *name, *unit;
    double value;
    const char *baseline; // NULL: none
    double baseline_value;
};
void join_tell(const struct join_figure *figure);

#endif
