// SPDX-License-Identifier: Apache-2.0
// A replica whose network is a test: which transactions it tells whole, which by their ids, what it
// asks for, and whom it blames. Its node has no keys, so what waits goes on to wait.
#ifndef LMM_TESTS_NODE_TELLER_H
#define LMM_TESTS_NODE_TELLER_H

#include "chaincore/node/mempool.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"

enum { TELLER_PEERS = 64, TELLER_IDS = 8192 };

// Of one kind, that a peer was sent.
struct heard {
    size_t count;
    uint64_t starts[TELLER_IDS];
};

struct teller {
    struct replica *replica;
    struct driver_time now;
    struct heard whole[TELLER_PEERS], ids[TX_IDS_KINDS][TELLER_PEERS]; // by peer
    unsigned penalties[TELLER_PEERS];
    uint64_t next_seq[FIXTURE_ACCOUNTS];
    bool is_full; // what is to be sent finds no room
    bool takes_ids[TELLER_PEERS];
};
extern struct teller teller;

void teller_begin(void);
void teller_end(void);
void teller_pass(uint64_t ms);
void teller_hear_no_more(void);
void teller_join(uint16_t peer, bool takes_ids);
// Peers of these numbers join, and what they were told then is forgotten.
void teller_meet(uint16_t first, uint16_t count);
void teller_meet_without_ids(uint16_t first, uint16_t count);
// The peer's node speaks for that witness of genesis.
void teller_make_witness(uint16_t peer, int witness);

struct buf teller_transfer_at(int from, uint64_t seq);
struct buf teller_transfer(int from); // the account's next
// How its id begins.
uint64_t teller_start_of(struct bytes encoded);
// One that is brought to this node itself; returns how its id begins.
uint64_t teller_submit(void);

void teller_say_ids(uint16_t peer, enum tx_ids what, const uint64_t *starts, uint32_t count);
void teller_say_id(uint16_t peer, enum tx_ids what, uint64_t start);
void teller_say_tx(uint16_t peer, const struct buf *encoded);
// That it has what stands for nothing, from a number on.
void teller_say_nothings(uint16_t peer, uint64_t first, size_t count);

struct replica_look teller_look(void);
struct replica_counts teller_counts(void);
size_t heard_by_peers(const struct heard *heard, uint64_t start);
size_t heard_in_all(const struct heard *heard);
unsigned teller_penalties(void); // of all
struct fixture *teller_fixture(void);

#endif
