// SPDX-License-Identifier: Apache-2.0
// A node's part in the network, without threads, sockets and clocks: agreement (witness/driver.h)
// over the node's own blocks (node/node_branch.h), transactions that are passed on, final blocks in
// bulk for who is behind. So many of them can be tried in one thread.
//
// Frames of peers come in and mostly wait; replica_run does what is to be done, and frames go out
// through the calls. All of it on one thread, the chain's: the node makes no blocks of its own
// meanwhile. What else a node answers (node/node.h) it answers on any thread as ever.
//
// Source: design, Network and Agreement.
#ifndef LMM_NODE_REPLICA_H
#define LMM_NODE_REPLICA_H

#include "chaincore/node/node.h"
#include "chaincore/node/replica_kinds.h"
#include "chaincore/sync/block_sync.h"
#include "chaincore/witness/driver.h"

struct replica;

// Payloads are borrowed for the call.
struct replica_calls {
    void *context;
    // Of a replica_kind, to a peer or, for PEER_NONE, to all. May be lost.
    void (*send)(void *context, uint16_t peer, uint8_t kind, struct bytes payload);
    // To all but that one; NULL: `send` does it, one by one.
    void (*send_others)(void *context, uint16_t except, uint8_t kind, struct bytes payload);
    // Whether what waits to be sent to the peer leaves room for so many bytes more of that kind;
    // NULL: it does.
    bool (*has_room)(void *context, uint16_t peer, uint8_t kind, size_t bytes);
    // It did what no honest node does. At HOST_PENALTY_MAX points, over time, it should be let go.
    void (*penalise)(void *context, uint16_t peer, unsigned points);
    // Calls a node where it is said to be; false: later. NULL: this one calls nobody.
    bool (*call)(void *context, const struct endpoint *where, const struct public_key *node);
    // Bytes that nobody can foretell: random_bytes, but where a run has to be repeated.
    void (*draw)(void *context, void *out, size_t len);
};

struct replica_config {
    const struct replica_calls *calls; // copied
    const struct disk *disk;           // of the log of votes; copied
    struct public_key node_key;        // what the witnesses' keys certify to peers
    bool accepts_new_keys;             // as in driver.h
    bool is_first_start;               // the same
    uint32_t timeout_ms;               // as in consensus.h; 0: the usual
    uint64_t slack_bytes;              // as in vote_log.h
    // A sentry's: nodes of witnesses, by their keys, that are connected to their sentries alone. It
    // passes proposals, votes and certificates on, from them to all and from all to them.
    const struct public_key *guarded; // copied
    size_t guarded_count;             // LIMIT_GUARDED at most
    bool is_hidden;                   // it is such a node itself: its peers are its sentries
};

// Signs with the keys that the node was opened with. The node is open and not started; it must
// outlive the replica. CORRUPT, CONFLICT, IO as driver_open.
enum status replica_open(struct replica **out, struct node *node,
                         const struct replica_config *config) MUST_CHECK;
void replica_close(struct replica *replica); // NULL is allowed

// As its hello says (net/hello.h); the height is unproven.
struct replica_peer_info {
    struct public_key node_key;
    uint64_t final_height;
    struct bytes place; // where it comes from, of ANSWER_OWNER_BYTES at most; empty: inside
    bool is_named;      // the operator has
    bool takes_records; // HELLO_TAKES_RECORDS
    bool takes_ids;     // HELLO_TAKES_IDS
    bool is_inside;     // as in net/host.h: what is at a private address is for such ones
};
// Numbers of peers are below LIMIT_PEERS; one that was left may come again as another's.
void replica_peer_joined(struct replica *replica, uint16_t peer,
                         const struct replica_peer_info *info);
void replica_peer_left(struct replica *replica, uint16_t peer);
// It is there, and turns out to be one that the operator named.
void replica_peer_named(struct replica *replica, uint16_t peer);
// Anything but OK: no honest node sends that, whatever the state of its chain; let go of the peer.
enum status replica_frame(struct replica *replica, uint16_t peer, uint8_t kind,
                          struct bytes payload) MUST_CHECK;
// Where others find this node: it says so for its keys of the present set, from the next run on.
// The key is the node's own, borrowed until the replica is closed.
void replica_announce(struct replica *replica, const struct endpoint *where,
                      const struct secret_key *node_key);
// What came of a call: another node answered there.
void replica_found_another(struct replica *replica, const struct endpoint *where,
                           const struct public_key *node);
// One that node_submit has admitted here: it, or its id, goes to all peers with the next run.
// node_start's thread does that by itself.
void replica_note_tx(struct replica *replica, struct bytes encoded);
// Does what waits. Anything but OK is the disk's, and the end: close it, close the node, and begin
// again from what the disk holds.
enum status replica_run(struct replica *replica, const struct driver_time *time) MUST_CHECK;
// When it wants to run at the latest, by now_ms; earlier whenever a frame or a transaction came.
uint64_t replica_wake_ms(const struct replica *replica);

bool replica_is_guarded(const struct replica *replica, const struct public_key *node_key);
// Whether it is guarded, or a key of the present set has certified that node's key since the
// replica was opened, to this node or in a record.
bool replica_is_trusted(const struct replica *replica, const struct public_key *node_key);

// What no honest node does, or seldom; "no_transaction" in the log and the metrics.
enum replica_fault {
    FAULT_NO_TX,
    FAULT_FORGED,
    FAULT_BAD_SIGNATURES,
    FAULT_SYNC,
    FAULT_UNDELIVERED, // tells of transactions, is asked for them, and goes on to talk of others
    FAULT_UNTOLD,      // asks for more than it was told of
    REPLICA_FAULTS
};
const char *replica_fault_name(enum replica_fault fault);

struct replica_counts {
    uint64_t faults[REPLICA_FAULTS];
    uint64_t passed_on;  // as a sentry: messages, each counted once
    uint64_t unpassed;   // as a sentry: more than may be in a moment
    uint64_t txs_in;     // of peers
    uint64_t txs_known;  // of these, that had come before
    uint64_t txs_taken;  // of these, admitted
    uint64_t txs_out;    // passed on, each counted once
    uint64_t txs_unsent; // not passed on: too many at once
    uint64_t txs_early;  // of those in, that waited for the ones before them
    // By their ids, each counted for each peer.
    uint64_t ids_in;          // told by peers
    uint64_t ids_out;         // told to peers
    uint64_t ids_asked;       // of those in, asked for
    uint64_t ids_lacked;      // of these, that the peer had no more
    uint64_t ids_undelivered; // and that it never answered
    uint64_t ids_unnoted;     // of those in, passed over: too many at once
    uint64_t ids_answered;    // asked for by peers, and sent
    uint64_t ids_refused;     // and not: more than they were told of, or than they read
    uint64_t busy;            // frames that were dropped because too much waited
    uint64_t blamed;          // messages that no witness signed
    uint64_t keys_forged;     // consensus keys that had not signed what they came with
    uint64_t charges;         // transactions with evidence that were sent
    // Where witnesses are (node/witness_record.h).
    uint64_t records_in;     // that came
    uint64_t records_taken;  // of these, newer than what was known: passed on, once
    uint64_t records_unread; // of these, more than a peer may say
    uint64_t records_forged; // frames with one that its witness or its node had not signed
    uint64_t records_called; // calls to where they are said to be
    uint64_t records_wrong;  // of these, that another node answered
};
struct replica_look {
    struct consensus_state agreement;
    struct verify_counts verified;
    struct driver_counts votes;
    struct block_sync_counts sync;
    size_t tx_bytes; // of peers' transactions that wait to be admitted
    size_t ids_open; // told by peers, and not come yet
    struct replica_counts counts;
    uint16_t peers;
    uint16_t witnesses;     // of the present set
    uint16_t keys;          // that this node signs with, of the present set
    uint16_t keys_known;    // of the present set, whose node is a peer
    uint16_t records;       // of the present set, of which it is known where they are
    size_t charges;         // evidence that the chain does not know yet
    uint64_t charges_since; // the height at which the oldest of it came
};
void replica_exchange(const struct replica *replica, struct node_exchange *out);
void replica_look(const struct replica *replica, struct replica_look *out);

#endif
