// SPDX-License-Identifier: Apache-2.0
// Merkle trees over lists: transactions, receipts, events, witness keys and the history of headers.
// The shape is RFC 6962's: n leaves split at the largest power of two below n, so that a growing
// list (the history) is a mountain range whose bagged peaks are the same root. Leaves arrive hashed
// under a domain of their own; inner nodes are hash_node. A list's root also commits to its length:
// root = H("lmm/list", count u64 ‖ tree root), so that a branch proves the place as well.
#ifndef LMM_CHAIN_MERKLE_H
#define LMM_CHAIN_MERKLE_H

#include "chaincore/base/codec.h"
#include "chaincore/crypto/hash.h"

enum { MERKLE_MAX_DEPTH = 64 };

// The tree's root without the count; 32 zero bytes for an empty list.
void merkle_tree_root(struct hash *out, const struct hash *leaves, size_t count);
// Puts the count around a tree's root.
void merkle_wrap(struct hash *out, uint64_t count, const struct hash *tree_root);
// Both at once.
void merkle_list_root(struct hash *out, const struct hash *leaves, size_t count);

// Where a leaf stands: siblings from the leaf up. `siblings` holds MERKLE_MAX_DEPTH.
struct merkle_branch {
    uint64_t index;
    uint64_t count;
    uint8_t depth;
    struct hash siblings[MERKLE_MAX_DEPTH];
};
// index < count is the caller's promise.
void merkle_branch_make(struct merkle_branch *out, const struct hash *leaves, size_t count,
                        size_t index);
// How many siblings the leaf `index` of `count` has.
uint8_t merkle_branch_depth(uint64_t index, uint64_t count);
// INVALID unless `leaf` stands at branch->index of the list with this root.
enum status merkle_branch_check(const struct merkle_branch *branch, const struct hash *leaf,
                                const struct hash *list_root) MUST_CHECK;
// Borsh: index u64, count u64, then the siblings; their number follows from index and count.
void merkle_branch_encode(struct buf *out, const struct merkle_branch *branch);
void merkle_branch_decode(struct decoder *in, struct merkle_branch *out);

#endif
