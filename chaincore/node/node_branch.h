// SPDX-License-Identifier: Apache-2.0
// Blocks above the newest final one: executed, on several branches, and shown to nobody. Agreement
// says which of them become final; the others leave no trace, and their transactions wait in the
// mempool as before. What witness/driver.h asks of a chain is answered here, call by call.
//
// A block is executed on the state of its parent, which is the head or stands here itself, and
// every claim of its header is checked; so whoever signs it vouches for what it has seen. The lone
// producer (node_producer.c) and recovery (node_open.c) go the same way.
//
// All of it on one thread: the chain's. Bodies are the transactions of a block, each as encoded, as
// a vector with u32 lengths (LIMIT_BODY_BYTES at most); the runs of timers are not in there, for
// they follow from the state.
#ifndef LMM_NODE_NODE_BRANCH_H
#define LMM_NODE_NODE_BRANCH_H

#include "chaincore/node/node.h"
#include "chaincore/witness/driver.h"

// Whether the header's tx_root commits to this body, and it keeps the bounds. Reads no state.
bool node_branch_is_body_of(struct node *node, const struct header *header, struct bytes body);
// True for what is final or executed already, and for a block that is all that its header claims;
// then it stands here until it is forgotten or final. False too where its parent is not there. A
// block that begins an epoch stands on a final one.
bool node_branch_execute(struct node *node, const struct header *header, struct bytes body);
// Makes a block out of what waits in the mempool and the parent's branch has not taken, and
// executes it. `body` is appended to; NULL: not wanted. False when the parent is not there or has
// no certificate to name voters by (but for genesis), LIMIT_UNFINAL_BLOCKS stand on its branch, the
// leader or the time is not what the protocol says, this node lacks the epoch's protocol, or the
// chain waits for a checkpoint (node_health).
bool node_branch_build(struct node *node, const struct driver_build *build, struct header *out,
                       struct buf *body);
// Nothing for one that is not there. What was executed on top of it stays.
void node_branch_forget(struct node *node, const struct hash *id);

// The block above the newest final one. With a certificate it is durable on return, and so are all
// that wait; at or below the head nothing happens. Blocks without are durable and shown (node_head
// and all else) together with the next that has one, LIMIT_FINAL_UNSHOWN at most: only what is
// provably final is ever shown. An epoch's last block has one. What was not executed yet is, for
// `final->body`. CORRUPT when that fails, or the block does not stand on the newest final one: then
// the node has been told what cannot be. FULL beyond that bound. IO and the like are the disk's,
// and the end: what is durable the next node_open goes on from.
enum status node_branch_finalize(struct node *node, const struct driver_final *final) MUST_CHECK;

// A final block, shown or not, of the last LIMIT_BLOCKS_FOUND heights. The body is appended.
bool node_branch_find_block(struct node *node, const struct hash *id, struct header *header,
                            struct buf *body);
// The rules and the set of an epoch whose boundary is final and shown, but for whom of the set this
// node holds keys. Of the epoch that goes on from the head, and of the one before it, all is known;
// of earlier ones the set alone, and its hash and size.
void node_branch_epoch(struct node *node, uint64_t epoch, struct consensus_epoch *rules,
                       struct witness_set *set);
// The head, which has a certificate unless it is genesis: what a driver begins from. `root` borrows
// from `certificate`.
void node_branch_root(struct node *node, struct consensus_root *root,
                      struct certificate *certificate);

#endif
