// SPDX-License-Identifier: Apache-2.0
// Transactions that wait for a block: admitted, signed, in order per lane. Bounded in number and in
// bytes, per lane and per sender, and by what their payers hold. A lane's transactions are
// contiguous in their sequence numbers, so what is taken from the front can always be applied once
// its predecessors are. Lanes take turns. Lane numbers are their sender's choice, and ids can be
// tried until they suit: the tables hash both under a key of their own.
//
// Not thread-safe: the node's lock guards it.
#ifndef LMM_NODE_MEMPOOL_H
#define LMM_NODE_MEMPOOL_H

#include "chaincore/chain/tx.h"
#include "chaincore/ledger/state.h"
#include "chaincore/node/drops.h"

struct mempool;

struct mempool_entry {
    struct hash id;
    struct tx_lane lane;
    uint64_t seq;
    uint64_t valid_until;
    uint64_t gas_limit;
    struct account_id payer;
    struct amount most;   // that it may cost: gas limit times price
    struct hash signers;  // the keys that its signatures were verified with
    struct bytes encoded; // borrowed until the entry is removed
};

// What peers tell one another of an id. Who makes two that begin alike has them both delayed, where
// both wait; nobody can make one that begins like another's.
static inline uint64_t tx_start(const struct hash *id) { return load_u64_le(id->bytes); }

struct mempool *mempool_create(void);
void mempool_free(struct mempool *pool);

size_t mempool_count(const struct mempool *pool);
size_t mempool_bytes(const struct mempool *pool); // of the transactions as encoded
bool mempool_has(const struct mempool *pool, const struct hash *id);
// Borrowed until it is removed; NULL.
const struct mempool_entry *mempool_find(const struct mempool *pool, const struct hash *id);
// One whose id begins so (tx_start); likewise.
const struct mempool_entry *mempool_find_start(const struct mempool *pool, uint64_t start);
// The most entries in one place of the tables: what a look costs at worst. Walks all of them.
size_t mempool_longest_bucket(const struct mempool *pool);
// The sequence number that the lane's next transaction must have, given what the state expects.
uint64_t mempool_expected_seq(const struct mempool *pool, const struct tx_lane *lane,
                              uint64_t state_seq);

// Keeps a copy of `entry->encoded`. OK, DUPLICATE, MEMPOOL_FULL, WRONG_NONCE, NONCE_GAP, or
// CANNOT_PAY_GAS when the payer holds less than all that waits at its cost may cost.
enum tx_code mempool_add(struct mempool *pool, const struct mempool_entry *entry,
                         uint64_t state_seq, struct amount payer_holds) MUST_CHECK;

// What a block may take: one transaction of each lane in turn, each lane's in order, up to both
// bounds. Returns how many. The entries are borrowed until they are removed; adding others leaves
// them in place, so the caller may read them without the node's lock if nobody else removes.
size_t mempool_select(const struct mempool *pool, const struct mempool_entry **out,
                      size_t max_count, size_t max_bytes);
// The same where blocks that are not final have taken some: each lane from the sequence number on
// that the state behind them expects.
size_t mempool_select_behind(const struct mempool *pool, const struct mempool_entry **out,
                             size_t max_count, size_t max_bytes, const struct state_view *view);

// The first transaction of the lane that came next after the entry's; NULL: of the oldest. NULL
// behind the newest.
const struct mempool_entry *mempool_next_lane(const struct mempool *pool,
                                              const struct mempool_entry *before);

// After a block that holds `done`: takes out the lane's transactions below `next_seq`. Others than
// that one are dropped, for their numbers are used: a sender may have told other nodes otherwise.
void mempool_advance(struct mempool *pool, const struct tx_lane *lane, uint64_t next_seq,
                     const struct hash *done);
// Drops the lane's transactions from `seq` on: that one can no longer be applied, and `code` says
// why; those behind it have a gap before them.
void mempool_drop_from(struct mempool *pool, const struct tx_lane *lane, uint64_t seq,
                       enum tx_code code);
// Drops what can no longer be included at `height`, and what stands behind it.
void mempool_expire(struct mempool *pool, uint64_t height);
// What was dropped.
struct drops *mempool_drops(struct mempool *pool);

#endif
