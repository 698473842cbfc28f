// SPDX-License-Identifier: Apache-2.0
// A small chain, whole: genesis with a contract, and two blocks that make every kind of entry in
// the state. docs/protocol.md shows it, so that others can hold their execution against it; a test
// holds the node's against it.
#ifndef LMM_TESTS_GOLDEN_CHAIN_H
#define LMM_TESTS_GOLDEN_CHAIN_H

#include "chaincore/base/arena.h"
#include "chaincore/chain/block.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/contract/module_cache.h"
#include "chaincore/ledger/state.h"
#include "tests/vectors/golden.h"

enum { GOLDEN_BLOCKS = 2, GOLDEN_BLOCK_TXS = 4 };

struct golden_block {
    struct header header;
    struct hash id;
    struct buf encoded;
    uint32_t tx_count;
    struct hash tx_ids[GOLDEN_BLOCK_TXS]; // of timers' runs too
};

struct golden_chain {
    struct genesis genesis;
    struct buf genesis_bytes;
    struct bytes code; // of its contract
    struct hash chain_id;
    struct header genesis_header;
    struct arena arena;
    struct state *state;
    struct module_cache *modules;
    struct state_version *versions[1 + GOLDEN_BLOCKS]; // after each height
    struct golden_block blocks[GOLDEN_BLOCKS];
};

// With golden_init's keys.
void golden_chain_make(struct golden_chain *out);
void golden_chain_clear(struct golden_chain *chain);

#endif
