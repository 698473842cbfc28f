// SPDX-License-Identifier: Apache-2.0
// Final blocks in bulk: how a node that is far behind catches up, and how it serves others that
// are. Headers come first, so many as lead to one that a certificate proves, within one epoch,
// whose set the own state names; then their bodies, of several peers at once, each checked against
// its header when it arrives; they are executed and final in order. What lies is penalised, what is
// silent left alone for a while, longer each time; progress is kept whoever it came from.
//
//   ask headers from a height --> headers up to a certified one --> ask blocks --> body, body, …
//   at the end of an epoch the state names the next set, and it goes on from there
//
// Blocks are durable and shown with the certificate behind them (node_branch.h): a disk is waited
// for once for all of them. So a crash in the middle leaves a node at the last certified height
// that was reached, and what came above it is fetched again.
//
// Talks to peers and to the chain through a table, so that it is tested alone. One thread; no
// clocks, nothing waits. Bounds: LIMIT_SYNC_*.
#ifndef LMM_SYNC_BLOCK_SYNC_H
#define LMM_SYNC_BLOCK_SYNC_H

#include "chaincore/consensus/consensus.h"
#include "chaincore/sync/sync_message.h"

// What is final here, shown or not: where sync goes on from.
struct sync_head {
    uint64_t height;
    struct hash id;
    uint64_t epoch; // of the block above it
};

// Everything is borrowed for the call.
struct sync_calls {
    void *context;
    // One message (SYNC_MAX_BYTES); may be lost. At most LIMIT_SYNC_ANSWER_BYTES and one block wait
    // for a peer.
    void (*send)(void *context, uint16_t peer, struct bytes message);
    // Whether one more of any size would not be lost: else nothing is read for that peer. NULL:
    // always.
    bool (*has_room)(void *context, uint16_t peer);
    // HOST_PENALTY_MAX: it lied.
    void (*penalise)(void *context, uint16_t peer, unsigned points);

    // The chain's; node_sync_use_node fills these in.
    void *chain;
    void (*head)(void *chain, struct sync_head *out);
    uint64_t (*epoch_blocks)(void *chain);
    // False: the state does not name it yet, or nothing of that epoch can be executed here.
    bool (*set)(void *chain, uint64_t epoch, struct witness_set *out);
    bool (*is_body_of)(void *chain, const struct header *header, struct bytes body);
    // The block above the head: executed and final. Its certificate comes with the last of those
    // that came together, and makes all of them durable.
    enum status (*take)(void *chain, const struct header *header, const struct hash *id,
                        struct bytes body, const struct certificate *certificate);
    // True while a start would have to execute too much of it again: nothing is taken then.
    bool (*must_wait)(void *chain);
    // To serve: the lowest height whose body is there; what is final and shown. Replaces the
    // content of `body`. A header alone costs no read of its block, and is vouched for by nothing
    // but the header above it. NOT_FOUND.
    uint64_t (*oldest)(void *chain);
    uint64_t (*newest)(void *chain);
    enum status (*read_header)(void *chain, uint64_t height, struct header *out);
    enum status (*read_block)(void *chain, uint64_t height, struct header *header,
                              struct buf *body);
    // Replaces the content of `out`. NOT_FOUND where it is not kept.
    enum status (*read_certificate)(void *chain, uint64_t height, struct buf *out);
};

struct block_sync_config {
    const struct sync_calls *calls; // copied
    struct hash chain_id;
    uint32_t timeout_ms; // without a word to an ask; 0: 10,000
};

struct block_sync;

struct block_sync *block_sync_open(const struct block_sync_config *config);
void block_sync_close(struct block_sync *sync); // NULL is allowed

// Peers below LIMIT_PEERS. The height is what the peer says of itself (struct hello).
void block_sync_peer_joined(struct block_sync *sync, uint16_t peer, uint64_t final_height);
void block_sync_peer_left(struct block_sync *sync, uint16_t peer);

// driver_calls.sync: this peer is far ahead. Begins, or goes on with one more to ask.
void block_sync_begin(struct block_sync *sync, uint16_t peer);

// MALFORMED and the like: the peer sent what no node sends.
enum status block_sync_receive(struct block_sync *sync, uint16_t peer, struct bytes message,
                               uint64_t now_ms) MUST_CHECK;

// Asks, executes, serves: a bounded piece of each. *arrived: nobody has more that is final, or who
// had does not answer any more; where that is beyond what the driver knows, driver_take_synced is
// to follow. CONFLICT: another block was certified than is final here, or a certified block does
// not execute: sign nothing more. IO and the like are the disk's, and the end.
enum status block_sync_run(struct block_sync *sync, uint64_t now_ms, bool *arrived) MUST_CHECK;
// When it wants to run at the latest; UINT64_MAX: when something happens.
uint64_t block_sync_wake_ms(const struct block_sync *sync);

struct block_sync_counts {
    bool is_running;
    uint64_t goal; // the highest that a peer has told of
    // Blocks up to there, once a certificate has proven that it is far, and until none has for as
    // long as an answer may take; 0: it is not.
    uint64_t behind;
    uint64_t blocks, bytes;  // taken
    uint64_t lies, timeouts; // of peers
    uint64_t served_headers, served_blocks;
};
void block_sync_count(const struct block_sync *sync, struct block_sync_counts *out);

#endif
