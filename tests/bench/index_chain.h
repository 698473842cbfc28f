// SPDX-License-Identifier: Apache-2.0
// A chain with captures for benches of the index: a devnet's, but for blocks that come as soon as
// there is something for them. One to a process.
#ifndef LMM_BENCH_INDEX_CHAIN_H
#define LMM_BENCH_INDEX_CHAIN_H

#include "apps/supplychain/supplychain.h"

struct index_chain {
    char folder[64];
    struct server server; // its node and signer
    struct supplychain market;
};
extern struct index_chain index_chain;

void index_chain_open(void);
// A document with so many events, in a block of its own; back when it is final. Numbers count from
// 0.
void index_chain_capture(int number, int events);
// No more captures.
void index_chain_stop(void);
void index_chain_close(void); // and removes the folder

// The market's, without the chain's own rows.
const struct index_projection *index_chain_projection(void);

#endif
