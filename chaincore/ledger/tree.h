// SPDX-License-Identifier: Apache-2.0
// The commitment to the state: a compact sparse binary Merkle tree (Jellyfish's shape, with two
// children). A key's path is its hash; a subtree with a single leaf is that leaf; the empty tree is
// 32 zero bytes. Persistent: an update makes new nodes along the touched paths and shares the rest.
//
// An inner node keeps the hashes of both its children, so that hashing it again needs no look at
// the one that did not change. A leaf is a pointer to the B+tree's item that it stands for, which
// lives as long: its path and its value's hash, 64 bytes, are made again for the few who ask. Nodes
// lie in pools and are known by 32-bit references; one is freed when the last version that holds it
// is gone (retired.h). One writer; what a version holds can be read on any thread. Internal to
// ledger/; the proofs are checked by chain/state_proof.h.
#ifndef LMM_LEDGER_TREE_H
#define LMM_LEDGER_TREE_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/hash.h"
#include "chaincore/ledger/btree.h"
#include "chaincore/ledger/retired.h"

struct tree; // the nodes of all versions

// One version's tree; all zero when it is empty.
struct tree_root {
    uint32_t reference;
    struct hash hash;
};

struct tree_update {
    struct hash
        path; // of the item's key, with the hash of its value behind it, as a leaf is hashed
    struct hash value_hash;
    const struct btree_item *item;   // the writer's own; NULL: what is there goes
    const struct btree_item *before; // what stood under the key, perhaps for this writer alone
};

struct tree_writer {
    uint32_t id;
    struct retired_list *retired;
};

struct tree *tree_create(void);
void tree_free(struct tree *tree);

// Sorts the updates by path and replaces *root by the tree that they lead to. A path that occurs
// twice must be removed both times, or set twice to the same. New nodes are hashed in one go for
// the leaves, then level by level from the deepest up, so that many can be hashed at once. What the
// same writer made before is changed in place. Items stay in place until their leaf has gone.
void tree_apply(struct tree *tree, struct tree_root *root, const struct tree_writer *writer,
                struct tree_update *updates, size_t count);

// How many nodes all versions hold together.
size_t tree_node_count(const struct tree *tree);

// Gives one retired node back.
void tree_release(struct tree *tree, uint32_t reference);
// Gives back every node at or below `reference` that was born after `after`. Their items are still
// there.
void tree_discard(struct tree *tree, uint32_t reference, uint32_t after);

// Appends a proof for the path, of membership or of absence.
void tree_prove(const struct tree *tree, const struct tree_root *root, const struct hash *path,
                struct buf *out);

// The hash of the node at this depth on the way to the path: below the root, so many inner nodes
// must lie on it.
void tree_hash_at(const struct tree *tree, const struct tree_root *root, const struct hash *path,
                  unsigned depth, struct hash *out);

#endif
