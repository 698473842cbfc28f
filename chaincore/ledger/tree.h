// SPDX-License-Identifier: Apache-2.0
// The commitment to the state: a compact sparse binary Merkle tree (Jellyfish's shape, with two
// children). A key's path is its hash; a subtree with a single leaf is that leaf; the empty tree is
// 32 zero bytes. Persistent: an update makes new nodes along the touched paths and shares the rest.
// Internal to ledger/; the proofs are checked by chain/state_proof.h.
#ifndef LMM_LEDGER_TREE_H
#define LMM_LEDGER_TREE_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/hash.h"

struct tree_node;

struct tree_update {
    struct hash path;
    struct hash value_hash;
    bool is_removal;
};

struct tree_node *tree_ref(struct tree_node *node); // NULL, the empty tree, is allowed
void tree_unref(struct tree_node *node);
void tree_root(struct hash *out, const struct tree_node *node);

// Sorts the updates by path (each path at most once) and returns the new tree; `root` stays as it
// is. New nodes are hashed level by level from the deepest up, so that many can be hashed at once.
struct tree_node *tree_apply(struct tree_node *root, struct tree_update *updates, size_t count);

// Appends a proof for the path, of membership or of absence.
void tree_prove(const struct tree_node *root, const struct hash *path, struct buf *out);

#endif
