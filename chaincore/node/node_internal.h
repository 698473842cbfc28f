// SPDX-License-Identifier: Apache-2.0
// What the files of node/ share. Locking: `lock` guards the mempool, the head and the flags; one
// thread alone, the chain's, writes chain data, before it publishes a new head under the lock. Lock
// order: `lock` is never held while the log is read or written.
#ifndef LMM_NODE_INTERNAL_H
#define LMM_NODE_INTERNAL_H

#include <pthread.h>

#include "chaincore/base/arena.h"
#include "chaincore/consensus/schedule.h"
#include "chaincore/contract/apply.h"
#include "chaincore/contract/witnesses.h"
#include "chaincore/ledger/block_log.h"
#include "chaincore/ledger/certificate_log.h"
#include "chaincore/ledger/checkpoint.h"
#include "chaincore/ledger/history.h"
#include "chaincore/node/mempool.h"
#include "chaincore/node/node.h"

struct signer {
    uint16_t index; // in the witness set
    struct secret_key key;
};

// Who makes and signs the next block, and by which rules.
struct node_seats {
    uint64_t epoch;
    struct witnesses witnesses;
    struct witness_set set; // their keys; none before the first look
    struct hash set_hash;
    struct params params;
    struct schedule schedule; // who leads which view
    uint16_t signer_count;
    struct signer signers[LIMIT_WITNESSES];
};

// Each change of witnesses up to a header: from genesis on, or the newest ones, if this node does
// not know of older ones or they are more than a snapshot holds.
struct hand_overs {
    uint32_t count;
    struct buf encoded; // one after the other
};

struct node {
    // constant after node_open
    struct buf genesis_bytes, genesis_head;
    struct arena genesis_arena;
    struct genesis genesis;
    struct hash chain_id;
    struct header genesis_header; // of height 0
    struct hash genesis_id;
    size_t key_count; // of witnesses, in this epoch or another
    struct secret_key *keys;
    void (*on_dropped)(void *context, const struct hash *id);
    void *context;
    int lock_file;
    uint64_t first_height; // of the blocks that this node has seen; above 1 when it has joined
    bool is_filled;        // those below have come since; node->lock guards it
    bool must_prune;
    uint64_t segment_bytes;   // of the block log; 0: the usual size
    uint16_t newest_protocol; // that this release knows
    char *folder;
    char waiting_path[4096]; // empty until the chain is open

    // chain data: written by the producer; each part is safe to read from other threads
    struct state *state;
    struct block_log *log;
    struct certificate_log *certificates;
    struct history *history;
    struct checkpoint *checkpoint;
    struct snapshot_keeper *snapshots; // NULL: it keeps none
    struct module_cache *modules;
    struct module_cache *trial_modules; // of simulations, which may bring any: none of them counts

    pthread_mutex_t lock;
    pthread_cond_t changed; // a transaction came, a block is final, or the node stops
    struct mempool *mempool;
    struct node_counts counts;     // but for the mempool's
    struct state_version *version; // at the head
    struct params params;          // that ruled it
    struct node_head head;
    // The last final heights, the head's included, each at its height's place: what state proofs
    // are served for.
    struct node_recent {
        struct state_version *version;
        struct node_head head;
    } recent[LIMIT_FINAL_VERSIONS];
    // The chain's thread only.
    struct executed *branches; // above the newest final block, the newest first
    size_t branch_count;
    struct executed *unshown; // final, and waiting for a certificate above: the lowest first
    size_t unshown_count;
    struct hash found[LIMIT_BLOCKS_FOUND]; // ids of final blocks, each at its height's place,
    uint64_t found_from;                   // from here on
    uint64_t checkpoint_begun;             // the height of the newest
    struct certificate head_certificate;
    uint16_t head_witnesses; // of the head's epoch: so many bits has the certificate's bitmap
    struct node_seats seats;
    uint64_t stopped_at; // the epoch, and 1, that this node was found unable to sign in
    uint64_t lacking_at; // the same: whose protocol it was found to lack
    uint64_t parent_ms;  // by the monotonic clock: when the head, or the block in the making, began
    bool has_work;       // something waits that a block on the head can take
    bool must_look_for_work; // the head is another
    bool has_moved_clock;    // which no block has told yet
    bool is_held_up;         // until a checkpoint is on disk
    bool is_halted;          // agreement is broken
    bool has_twin;           // somebody else signs with a key of this node
    bool must_stop;
    pthread_t producer; // or the network's thread
    // Theirs who start and stop the node, without the lock. It stands apart: a compiler may read
    // neighbours in one go, and those belong to the lock.
    bool is_running;
    struct network *network; // NULL: it makes blocks alone; constant after node_open
};

// node_submit.c
// As node_submit_many, for what peers have sent: nobody is told.
void node_admit(struct node *node, struct node_submission *items, size_t count);

// node_run.c: the node among others. Nothing happens without a network.
enum status network_configure(struct node *node, const struct node_network *config) MUST_CHECK;
void network_clear(struct node *node);
enum status network_start(struct node *node) MUST_CHECK;
// Once its thread has ended.
void network_end(struct node *node);
// The lock is held.
void network_wake(struct node *node);
unsigned network_peers(const struct node *node);
void network_exchange(const struct node *node, struct node_exchange *out);
// To be passed on: what was admitted of these.
void network_note(struct node *node, const struct node_submission *items, size_t count);

// node_open.c
// Whether agreement has ever been part of this folder: there its keys may have said of a view what
// a signature over its block would contradict.
bool network_was_there(const struct node *node);
// From then on what its keys sign goes by the log of votes, and never without it.
enum status network_mark(const struct node *node) MUST_CHECK;

// Opens the chain data of the folder and brings the state to the newest block of the log.
enum status chain_open(struct node *node, const struct node_config *config) MUST_CHECK;
void chain_close(struct node *node);

// node_seats.c
void seats_init(struct node *node, const struct node_config *config);
void seats_clear(struct node *node);
// NULL: it is none of this node's.
const struct secret_key *seats_own_key(const struct node *node, const struct public_key *key);
uint64_t seats_epoch(const struct node *node, uint64_t height);
// Of the block on top of the head. For the producer, or while nobody else knows the node.
const struct node_seats *seats_of_next(struct node *node);
// Whether this release knows that block's protocol. Where not, the log says so once an epoch.
bool seats_know_protocol(struct node *node);
// Whether this node alone could make that block by the keys that it holds: a quorum. The same.
bool seats_hold_quorum(struct node *node);
// Both.
bool seats_can_sign(struct node *node);

// node_chain.c
// Makes a block on the head, at this time, and makes it durable and final with this node's keys.
enum status chain_extend(struct node *node, uint64_t time_ms) MUST_CHECK;
// The lock is held, or nobody else knows the node yet. Takes over the version; what falls out of
// the recent ones is returned for the caller to unref.
struct state_version *chain_set_head(struct node *node, struct state_version *version,
                                     const struct node_head *head);

// What was dropped since there were so many. The chain's thread, without the lock.
void chain_tell_drops(struct node *node, uint64_t from);

// node_work.c
// Notes whether a block could take anything of what waits; if not, all of it is dropped. The
// chain's thread, without the lock.
void work_look(struct node *node);
// Whether the keys of the head's state still sign what waits. The chain's thread.
enum tx_code work_check_signers(const struct node *node, const struct mempool_entry *entry);

// node_history.c

// Opens the history up to the head, made again as far as it can be when it is lost. The log and the
// head are there.
enum status history_recover(struct node *node, const struct cut *checkpoint) MUST_CHECK;
// The cut at the height is what will be left to go on from: the blocks up to it are to be pruned.
enum status history_note_pruned(struct node *node, uint64_t height) MUST_CHECK;
// One that a file of the folder holds. NOT_FOUND; CORRUPT is named in the log.
enum status history_read_cut(struct cut *out, const char *folder, const char *name) MUST_CHECK;

// node_changes.c: who handed over to whom.

// The last header of an epoch, and its certificate; NOT_FOUND where its body is not there. For
// chain/proof_path.h; `context` is the node.
enum status changes_read_boundary(void *context, uint64_t epoch, struct header *header,
                                  struct buf *certificate) MUST_CHECK;
enum status changes_read_set(void *context, uint64_t epoch, struct witness_set *out) MUST_CHECK;
enum status changes_read_header(struct node *node, uint64_t height, struct header *out) MUST_CHECK;
// `view` is the state at the header. Any thread. The caller clears it in any case.
enum status hand_overs_list(struct node *node, const struct header *header,
                            const struct state_view *view, struct hand_overs *out) MUST_CHECK;
void hand_overs_clear(struct hand_overs *list);
enum status hand_overs_store(const char *folder, const struct hand_overs *list) MUST_CHECK;
// Before blocks are pruned that tell of them.
enum status hand_overs_keep(struct node *node) MUST_CHECK;

// node_producer.c
void producer_begin(struct node *node); // once the head is known
void *producer_run(void *node);
// A start must never have to execute more than LIMIT_REPLAY_BLOCKS again: then the chain waits for
// its checkpoint, which tries again by itself and wakes the producer. The lock is held.
bool producer_is_held_up(struct node *node);

// node_waiting.c: the mempool over a graceful stop. Nothing else uses the node meanwhile.
void waiting_save(struct node *node);
void waiting_load(struct node *node);

#endif
