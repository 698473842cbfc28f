// SPDX-License-Identifier: Apache-2.0
// Where a snapshot that comes from peers is put together: a folder beside the node's, as
// ledger/snapshot.h lays it out, with the pieces that have come so far. What is in it was proven
// before it was written, so a process that dies leaves what the next one goes on with.
#ifndef LMM_NODE_SNAPSHOT_STORE_H
#define LMM_NODE_SNAPSHOT_STORE_H

#include "chaincore/node/node.h"
#include "chaincore/sync/snapshot_fetch.h"

struct snapshot_store;

// Both are borrowed until it is closed. TOO_LARGE: the path is.
enum status snapshot_store_open(struct snapshot_store **out, const struct node_config *config,
                                const struct node_trusted *trusted) MUST_CHECK;
void snapshot_store_close(struct snapshot_store *store); // NULL is allowed; the folder stays
const char *snapshot_store_folder(const struct snapshot_store *store);
// What an earlier process has left; false: nothing that could be gone on with.
bool snapshot_store_resume(struct snapshot_store *store, struct fetch_plan *out);
// Removes the folder.
void snapshot_store_remove(struct snapshot_store *store);
// The store's calls of the table.
void snapshot_store_use(struct fetch_calls *calls, struct snapshot_store *store);

#endif
