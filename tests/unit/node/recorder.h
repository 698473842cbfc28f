// SPDX-License-Identifier: Apache-2.0
// A replica whose network is this file: where witnesses are said to be, what it says of that is
// kept, and whom it calls.
#ifndef LMM_TESTS_NODE_RECORDER_H
#define LMM_TESTS_NODE_RECORDER_H

#include "chaincore/node/witness_records.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"

enum {
    FIRST = 100, // a peer
    MOST_CALLS = 64,
    HOUR_MS = 3600 * 1000,
    DAY_MS = 24 * HOUR_MS,
    JITTER_MS = 3000
};

struct recorder {
    struct replica *replica;
    struct driver_time now;
    struct secret_key nodes[FIXTURE_WITNESSES]; // the witnesses' nodes
    struct {
        uint16_t peer;
        uint32_t count;
        struct witness_record last;
    } told[256];
    size_t told_count;
    struct {
        struct endpoint where;
        struct public_key node;
    } calls[MOST_CALLS];
    size_t call_count;
    bool is_busy;
    size_t call_room; // so many calls more
};
extern struct recorder recorder;

// Witness 0 has the first `keys` of the keys of genesis.
void recorder_begin(size_t keys);
void recorder_end(void);
void recorder_pass(uint64_t ms);
void recorder_meet(uint16_t peer, bool takes_records);
// Joins as that node, and says that it speaks for the witness of a number.
void recorder_meet_node(uint16_t peer, int node, int number);
// Of the witness at another's node; at its own.
struct witness_record recorder_record_of(int number, int node, const char *where, int64_t ahead_ms);
struct witness_record recorder_record(int number, const char *where, int64_t ahead_ms);
enum status recorder_say_many(uint16_t peer, const struct witness_record *records, uint32_t count);
enum status recorder_say(uint16_t peer, struct witness_record record);
void recorder_announce(const char *where);
struct replica_look recorder_look(void);

struct fixture *recorder_fixture(void);
const struct hash *recorder_chain(void);
struct secret_key *recorder_witness(int number);
struct endpoint recorder_at(const char *text);
struct public_key recorder_public(const struct secret_key *key);

#endif
