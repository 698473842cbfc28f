// SPDX-License-Identifier: Apache-2.0
// A node that holds all keys and makes blocks alone.
#include "chaincore/node/node_internal.h"
#include "tests/sim/nodes/nodes.h"

// As the producer's thread does.
enum status lone_run(struct sim_node *sim_node) {
    struct node *node = sim_node->node;
    uint64_t parent = node->head.header.time_ms;
    uint64_t wall = (uint64_t)((int64_t)sim_node->sim->now_ms + sim_node->wall_offset_ms);
    uint64_t least = parent + node->params.block_interval_ms;
    return chain_extend(node, wall > least ? wall : least);
}
