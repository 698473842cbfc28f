// SPDX-License-Identifier: Apache-2.0
// An index over a real node and a real database of either engine, with one row for each block. One
// to a process. A program that has it is linked with --wrap=db_commit.
#ifndef LMM_TESTS_INDEX_FIXTURE_H
#define LMM_TESTS_INDEX_FIXTURE_H

#include <stdatomic.h>

#include "apps/common/index/index.h"
#include "tests/support/database.h"
#include "tests/unit/node/chain_fixture.h"

// What the projection is to do, and what it has seen.
struct index_script {
    atomic_int fails;            // with BUSY, after it has written, for ever
    atomic_int tries;            // of blocks that were not committed
    atomic_int committed;        // calls of committed
    atomic_int cuts;             // so often it loses its connection, after it has written
    atomic_int applied;          // calls of apply
    atomic_int doubts;           // so often a commit holds and nobody hears of it
    atomic_int skipped;          // calls of skipped
    atomic_int prepared;         // calls of prepare, less those of discard
    atomic_int applied_prepared; // calls of apply with what was prepared
    atomic_int commits;          // that held
};
extern struct index_script script;

extern struct fixture fixture;
extern struct test_database database;
extern struct db *outside; // looks on, from a connection of its own
extern struct index *index_;
extern const struct index_projection projection; // the table seen (height, txs)

// False: the engine isn't there, and the case counts as skipped.
bool begin(int engine);
void end(void);
enum status open_index(bool rebuild);
void start_index(bool rebuild);
void close_index(void);

uint64_t head(void);
// Each of one transaction.
void make_blocks(int count);
// Gives others a moment.
void breathe(void);
void await_index(void);
// The column n of the only row.
uint64_t number(const char *sql);
// One row for each block up to the place that the database tells.
void check_rows(uint64_t height);

#endif
