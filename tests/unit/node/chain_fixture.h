// SPDX-License-Identifier: Apache-2.0
// A devnet of one node with four witness keys, for tests: keys by number, a genesis, transactions.
#ifndef LMM_TESTS_CHAIN_FIXTURE_H
#define LMM_TESTS_CHAIN_FIXTURE_H

#include "chaincore/chain/tx.h"
#include "chaincore/node/node.h"

// The witnesses of genesis have the first of the keys, the next ones are for those who stand for
// election, and two are left to change to.
enum { FIXTURE_WITNESSES = 4, FIXTURE_ACCOUNTS = 4, FIXTURE_KEYS = 10 };

struct fixture {
    char folder[64];
    struct buf genesis;
    struct buf contract_code;
    struct secret_key witnesses[FIXTURE_KEYS];
    size_t witness_key_count; // of these, so many are the node's: those of genesis
    struct secret_key keys[FIXTURE_ACCOUNTS];
    struct account_id ids[FIXTURE_ACCOUNTS];
    struct account_id contract; // the one in genesis
    bool must_prune;
    bool refuses_old; // snapshots: its genesis is of 1970
    uint64_t segment_bytes;
    uint16_t newest_protocol;        // that it knows; 0: PROTOCOL_NEWEST. Set before it is opened
    struct node_snapshots snapshots; // set before it is opened
    uint32_t block_interval_ms;
    const struct node_network *network; // NULL: alone; set before it is opened
    void (*on_dropped)(void *context, const struct hash *id); // set before it is opened
    void *context;
    struct node *node;
};

// The contract that stands in the fixture's genesis.
struct fixture_contract {
    const char *name;
    const char *path; // of its module, from the build tree's root
    struct bytes arguments;
};
// Each account starts with 1,000 LMM. The folder is new.
void fixture_init(struct fixture *fixture, const struct fixture_contract *contract);
// With tests/support/counter.c, counting from 5.
void fixture_init_counter(struct fixture *fixture);
// The same, with blocks that are so far apart.
void fixture_init_slow(struct fixture *fixture, uint32_t block_interval_ms);
// With another length of epochs; before it is opened.
void fixture_set_epoch(struct fixture *fixture, uint32_t blocks);
// The same with another number of candidates that an election needs.
void fixture_set_least(struct fixture *fixture, uint16_t min_witnesses);
void fixture_make_empty_blocks(struct fixture *fixture);
// The same with another balance, in LMM, of each account.
void fixture_set_balance(struct fixture *fixture, const char *balance);
// Also again after fixture_close: then it recovers. Blocks come every millisecond while there is
// work, unless it is a slow one.
enum status fixture_open(struct fixture *fixture);
// What the node is opened with; `code` is for it alone.
struct node_config fixture_config(const struct fixture *fixture, struct bytes *code);
// The same, but it makes no blocks until node_start.
enum status fixture_open_idle(struct fixture *fixture);
void fixture_close(struct fixture *fixture);
void fixture_clear(struct fixture *fixture); // removes the folder

// A transaction of account `from` with the next sequence number, ample gas, not yet signed.
void fixture_begin(struct fixture *fixture, struct tx *tx, int from);
void fixture_add_call(struct fixture *fixture, struct tx *tx, const char *method,
                      struct bytes arguments);
// Signs by the sender and submits.
enum tx_code fixture_submit(struct fixture *fixture, struct tx *tx, int from, struct hash *id);
// Waits until it is final.
struct receipt fixture_await(struct fixture *fixture, const struct hash *id);
// Each account, which has 5,000,000 LMM to lock, registers the key of its number behind those of
// genesis, for a commission of a quarter, and votes for all: eight blocks.
void fixture_stand_for_election(struct fixture *fixture);
// All of it: expects admission and returns the receipt.
struct receipt fixture_run(struct fixture *fixture, struct tx *tx, int from);

#endif
