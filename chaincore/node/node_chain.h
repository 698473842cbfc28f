// SPDX-License-Identifier: Apache-2.0
// The chain's own side of node_branch.h: blocks that are executed, on their way to being shown.
// Internal to node/; all of it on the chain's thread.
#ifndef LMM_NODE_CHAIN_H
#define LMM_NODE_CHAIN_H

#include "chaincore/node/node_block.h"
#include "chaincore/node/node_branch.h"

// A block above the head that is all that its header says.
struct executed {
    struct executed *next;
    struct hash id;
    struct state_version *version; // after it
    struct history_peaks below;    // over the ids of all headers below
    struct work work;              // what showing it needs
    struct buf encoded;            // as the log takes it
    bool is_logged;                // durable there once the log is synced
};

// node_branch.c

void parent_of_head(const struct node *node, struct parent *out);
// NULL: it is not there, or final.
struct executed *branch_of(struct node *node, const struct hash *id);
// Executes the block on its parent. `vetted` as in work_try_tx, one for each transaction. NULL when
// it is not what its header says, or its parent is not there; the log says why.
struct executed *branch_run(struct node *node, const struct header *header, const struct body *body,
                            const struct vetted *vetted);
// Out of the branches, which no longer free it.
void branch_take(struct node *node, const struct executed *block);
void executed_free(struct executed *block);
// All that is not shown.
void branches_clear(struct node *node);
// Those that final blocks have left behind: at the head's height or below, or on such a one.
void branches_sweep(struct node *node);
// Of the newest final block, shown or not.
uint64_t branch_final_height(const struct node *node);

// node_chain.c

// Is this the final block of a height, shown or not? One of the last LIMIT_BLOCKS_FOUND.
bool chain_has(struct node *node, uint64_t height, const struct hash *id);
// The head's certificate; there is a head.
enum status chain_load_certificate(struct node *node) MUST_CHECK;
// Shows a block, which is the next above the head and durable, and frees it. With a certificate of
// its own it may be what a start goes on from.
enum status chain_show(struct node *node, struct executed *block, bool is_certified) MUST_CHECK;
// A start must never have to execute more than LIMIT_REPLAY_BLOCKS again.
bool chain_is_far_from_checkpoint(const struct node *node);
// Signs FINALIZE with every key that this node holds, and makes the block final by that. INVALID
// when they are fewer than a quorum.
enum status chain_certify(struct node *node, struct executed *block) MUST_CHECK;

#endif
