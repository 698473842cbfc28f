// SPDX-License-Identifier: Apache-2.0
// Snapshots as a node makes and judges them (ledger/snapshot.h has their bytes). Internal to node/.
#ifndef LMM_NODE_NODE_SNAPSHOT_H
#define LMM_NODE_NODE_SNAPSHOT_H

#include "chaincore/ledger/snapshot.h"
#include "chaincore/node/node_internal.h"

// Of the state after the cut's block, which has a certificate of its own. Any thread. TOO_LARGE
// above `most_bytes` of entries; 0: no bound.
enum status node_snapshot_write(struct node *node, const struct state_version *version,
                                const struct cut *cut, const char *directory,
                                uint64_t most_bytes) MUST_CHECK;

struct node_snapshot_source {
    const struct node_config *config;
    const struct node_trusted *trusted; // NULL: genesis is believed
    struct bytes manifest;
    const char *from; // for the log
};
// Opens it once its header is proven, as node_join says.
enum status node_snapshot_open(struct snapshot **out,
                               const struct node_snapshot_source *source) MUST_CHECK;

#endif
