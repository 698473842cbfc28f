// SPDX-License-Identifier: Apache-2.0
// What a node shows to whoever watches over it: whose turn it is, the nodes
// that it talks to, and what it tells them of itself. Any thread; what is told of the network is at
// most NODE_WATCH_MS old. network.h has how agreement and connections go.
#ifndef LMM_NODE_NODE_WATCH_H
#define LMM_NODE_NODE_WATCH_H

#include "chaincore/net/host.h"
#include "chaincore/node/replica.h"

enum { NODE_WATCH_MS = 250 };

// Who leads the views behind the newest final block, in the epoch of the block that comes next.
// `turns.count` is 0 where this node does not know.
struct node_turns {
    uint64_t epoch;
    uint64_t view; // the first of them
    struct schedule turns;
};
void node_turns(struct node *node, struct node_turns *out);

// One that is connected.
struct node_peer {
    struct peer_info info;
    struct host_peer_state state;
};
// Returns how many there are; of these as many as `most` are written.
size_t node_peers(struct node *node, struct node_peer *out, size_t most);

// Tells peers, from now on, where this node's answers are to be had and what they cost; an empty
// `url` takes it back. Of `news` the height counts nothing. Nothing without a network. INVALID: no
// origin.
enum status node_advertise(struct node *node, const struct node_news *news) MUST_CHECK;
// What was told last, with the newest final height.
void node_advertised(struct node *node, struct node_news *out);

#endif
