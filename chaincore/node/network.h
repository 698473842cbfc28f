// SPDX-License-Identifier: Apache-2.0
// How a node among others gets on with them: whom it has met, what they cost, why they went. For
// metrics and tests; any thread.
#ifndef LMM_NODE_NETWORK_H
#define LMM_NODE_NETWORK_H

#include "chaincore/net/host.h"
#include "chaincore/node/replica.h"

struct network_look {
    struct host_counts host;
    struct replica_look replica;
};
// As of a quarter of a second ago, or sooner. False: it is alone, or not started.
bool node_network_look(struct node *node, struct network_look *out);
// By which others know it, and sentries are told of it. False: it is alone.
bool node_network_key(const struct node *node, struct public_key *out);
// How others name it in their `peers`, if they can reach it there; false: it is not started,
// hidden, or does not know where others find it.
bool node_network_name(const struct node *node, struct peer_name *out);

#endif
