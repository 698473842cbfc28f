// SPDX-License-Identifier: Apache-2.0
// A real node's chain behind the table of past_fill: blocks of before it joined are held against
// the header above them, down from the snapshot's own, whose history_root commits to all of them;
// so many at a time become a segment of the log (block_log_prepend). With the first block there,
// the history is made over all of them, and proofs of then are served as of now. On the chain's
// thread.
#ifndef LMM_NODE_NODE_FILL_H
#define LMM_NODE_NODE_FILL_H

#include "chaincore/node/node.h"
#include "chaincore/sync/past_fill.h"

struct node_fill;

// NULL where nothing is missing, or nothing is to be there: the node prunes.
enum status node_fill_open(struct node_fill **out, struct node *node) MUST_CHECK;
void node_fill_close(struct node_fill *fill); // NULL is allowed; what is no segment yet comes again
// All of the table but the peers'.
void node_fill_use(struct fill_calls *calls, struct node_fill *fill);
// A piece of the history, once all blocks are there. IO is the end.
enum status node_fill_run(struct node_fill *fill) MUST_CHECK;
// Whether node_fill_run has something to do.
bool node_fill_has_work(const struct node_fill *fill);

// Whether blocks, or the history over them, are missing that are to be there: of a folder's node.
bool node_fill_is_needed(const struct node *node);

#endif
