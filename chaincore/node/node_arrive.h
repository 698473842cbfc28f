// SPDX-License-Identifier: Apache-2.0
// How a new node comes to a chain that is there already: before it is opened it asks its peers for
// a snapshot (sync/snapshot_fetch.h), has it proven, and joins by it (node_join). Where the chain
// is short, or nobody has a snapshot, nothing happens, and the node that is opened next executes
// the chain from its first block.
#ifndef LMM_NODE_NODE_ARRIVE_H
#define LMM_NODE_NODE_ARRIVE_H

#include "chaincore/node/node.h"

// How far it is. Zeros until a snapshot is found.
struct node_arrival_progress {
    uint64_t height; // of the snapshot
    uint32_t pieces, pieces_here;
    uint64_t bytes; // of pieces that came
};

struct node_arrival {
    const struct node_trusted *trusted; // as in node_join; NULL: genesis is believed
    uint64_t far_ahead; // blocks from which on a chain is joined by a snapshot; 0: 1,000
    // Whether to give up; asked several times a second. NULL: never.
    bool (*must_stop)(void *context);
    // Called as often, before anybody is asked, and in the end: a node that has nothing to fetch
    // tells nothing. Borrowed for the call. NULL: nobody wants to know.
    void (*tell)(void *context, const struct node_arrival_progress *progress);
    void *context;
};
// On the caller's thread, for as long as it takes. Without peers to call, with a folder that is not
// new, or with keys that begin a chain (is_first_start) there is nothing to be asked. CLOSED: it
// was to stop. TIMEOUT: there is a snapshot, and what the node believes is too old for any
// (node_join). What a process that ended in the middle has fetched is gone on with.
enum status node_arrive(const struct node_config *config,
                        const struct node_arrival *arrival) MUST_CHECK;

#endif
