// SPDX-License-Identifier: Apache-2.0
// A real node's chain behind the table of block_sync: what comes is executed on its branches, what
// is asked for is read from its log. On the chain's thread.
#ifndef LMM_NODE_NODE_SYNC_CHAIN_H
#define LMM_NODE_NODE_SYNC_CHAIN_H

#include "chaincore/node/node.h"
#include "chaincore/sync/block_sync.h"

// All of the table but context, send and penalise.
void node_sync_use_node(struct sync_calls *calls, struct node *node);

#endif
