// SPDX-License-Identifier: Apache-2.0
// The snapshots that a node keeps for those who join: of the newest few epochs' ends, at heights
// that are the same at every node, so that whoever joins finds the same pieces at several. Written
// behind, by a thread of its own, into the folder "snapshots"; one that falls due while another is
// being written is left out. Internal to node/.
#ifndef LMM_NODE_NODE_KEEP_H
#define LMM_NODE_NODE_KEEP_H

#include "chaincore/node/node.h"

struct cut;
struct past_source;
struct snapshot_keeper;
struct state_version;

// Takes over what an earlier process has left. Nothing is kept, and *out is NULL, where the
// configuration says so.
enum status snapshot_keeper_open(struct snapshot_keeper **out, struct node *node,
                                 const struct node_snapshots *config) MUST_CHECK;
// Waits for what is being written. Before anything that a snapshot is made of goes.
void snapshot_keeper_close(struct snapshot_keeper *keeper); // NULL is allowed
// The state after a block that is final, with a certificate of its own: of the chain's thread.
void snapshot_keeper_note(struct snapshot_keeper *keeper, struct state_version *version,
                          const struct cut *cut);

// Any thread, as are the next two. The height of the newest; 0: there is none.
uint64_t snapshot_keeper_newest(struct snapshot_keeper *keeper);
// Append. NOT_FOUND for one that is not kept.
enum status snapshot_keeper_read_manifest(struct snapshot_keeper *keeper, uint64_t height,
                                          struct buf *out) MUST_CHECK;
enum status snapshot_keeper_read_piece(struct snapshot_keeper *keeper, uint64_t height,
                                       uint32_t number, struct buf *out) MUST_CHECK;

#endif
