// SPDX-License-Identifier: Apache-2.0
// What the files of the replica share. Internal to node/.
#ifndef LMM_NODE_REPLICA_INSIDE_H
#define LMM_NODE_REPLICA_INSIDE_H

#include "chaincore/crypto/table_hash.h"
#include "chaincore/node/node_internal.h"
#include "chaincore/node/node_sync.h"
#include "chaincore/node/replica.h"

// Of HOST_PENALTY_MAX points, which end a connection.
enum {
    PENALTY_NO_TX = 50,         // bytes that are no transaction, whatever the state
    PENALTY_FORGED = 50,        // what no witness has signed, passed on as if one had
    PENALTY_BAD_SIGNATURES = 5, // each, above what a change of keys explains
};

struct replica_peer {
    bool is_there;
    bool has_told_keys;
    bool needs_waiting; // has not been told yet what waits here
    struct public_key node_key;
    uint16_t key_count;
    struct public_key *keys; // of consensus, which have certified the node's
    struct buf txs;          // { u32 length, transaction } that came
    size_t txs_taken;        // bytes of these that are done with
    unsigned bad_signatures; // of late
};

// Which transactions came of late, by a hash of all of their bytes under a key of this process:
// whoever could find two with one hash could keep one of them away.
enum { SEEN_SLOTS = 64 * 1024 };
struct seen_txs {
    struct table_key key;
    uint64_t slots[2][SEEN_SLOTS]; // the present generation, and the one before
    unsigned present;
    size_t count; // in the present one
    uint64_t begun_ms;
};

// What a node has certified in which name, kept when it leaves: it has a place when it comes again.
struct trusted_node {
    bool is_there;
    struct public_key key; // of consensus
    struct public_key node_key;
};

struct replica {
    struct node *node;
    struct replica_calls calls;
    struct driver *driver;
    struct node_sync *sync;
    struct public_key node_key;
    struct driver_time time;
    enum status status; // of the chain's own calls; anything but OK is the end
    bool is_halted;
    bool is_stopped;      // by what no driver could know
    uint64_t head_height; // of the newest block that is shown
    uint64_t epoch;       // of the set
    struct witness_set set;
    uint16_t own_count; // of the set's keys that this node holds
    struct trusted_node trusted[LIMIT_WITNESSES];

    struct replica_peer peers[LIMIT_PEERS];
    uint16_t peer_count;
    uint16_t next_peer; // whose transactions are looked at first
    size_t waiting;     // bytes of transactions of all peers
    struct seen_txs seen;
    struct buf out; // { u16 peer that it came from, u32 length, transaction } to be passed on
    size_t out_count;
    uint64_t again_ms; // when what waits is told once more
    uint64_t forgive_ms;
    struct replica_counts counts;
};

// replica_peers.c
// Nothing for one that is not there any more.
void peer_penalise(struct replica *replica, uint16_t peer, unsigned points);
// To a peer that has come: which keys of consensus are here.
void keys_tell(struct replica *replica, uint16_t peer);
enum status keys_take(struct replica *replica, uint16_t peer, struct bytes payload) MUST_CHECK;
// PEER_NONE: no peer has it.
uint16_t keys_find_peer(const struct replica *replica, const struct public_key *key);
// Another set serves.
void keys_begin_epoch(struct replica *replica, uint64_t epoch, const struct witness_set *set);

// replica_txs.c
void txs_init(struct replica *replica);
void txs_clear(struct replica *replica);
void txs_forget_peer(struct replica *replica, uint16_t peer);
enum status txs_take(struct replica *replica, uint16_t peer, struct bytes payload) MUST_CHECK;
void txs_note(struct replica *replica, uint16_t from, struct bytes encoded);
// Admits what has come, as much as one loop may.
void txs_admit(struct replica *replica);
// Passes on what was admitted, and from time to time what waits.
void txs_tell(struct replica *replica);
// Whether more has come than the last loop could take.
bool txs_have_come(const struct replica *replica);

#endif
