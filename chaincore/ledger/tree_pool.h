// SPDX-License-Identifier: Apache-2.0
// The memory of the tree's nodes, in chunks that never move, known by an index. An inner node: 64
// bytes of hashes in a cache line of their own and a few bytes of links. A leaf: the address of the
// item that it stands for. What is freed is remembered in a list of
// indices, without a touch of the node. Internal to ledger/tree.c.
#ifndef LMM_LEDGER_TREE_POOL_H
#define LMM_LEDGER_TREE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "chaincore/crypto/hash.h"
#include "chaincore/ledger/btree.h"

enum {
    TREE_POOL_CHUNK_BITS = 15, // 2 MiB of hashes
    TREE_POOL_CHUNKS = 1 << 15,
    TREE_POOL_LEAF_BITS = 18, // 2 MiB of leaves
    TREE_POOL_LEAF_CHUNKS = 1 << 12,
};

// An inner node's children.
struct tree_hashes {
    struct hash of[2];
};
_Static_assert(sizeof(struct tree_hashes) == 64, "a cache line");

// References: 0 is the empty tree; a leaf has TREE_LEAF set.
struct tree_links {
    uint32_t children[2];
    uint32_t born;
};

struct tree_pool {
    struct tree_hashes **hashes;       // by chunk; NULL in a pool of leaves
    struct tree_links **links;         // likewise
    const struct btree_item ***leaves; // by chunk; NULL in a pool of inner nodes
    uint32_t used;                     // indices handed out so far; 0 is never one
    uint32_t *free;
    size_t free_count;
    size_t free_capacity;
};

void tree_pool_init(struct tree_pool *pool, bool is_of_leaves);
void tree_pool_clear(struct tree_pool *pool);
uint32_t tree_pool_take(struct tree_pool *pool); // contents undefined
void tree_pool_give(struct tree_pool *pool, uint32_t index);

static inline struct tree_hashes *tree_pool_hashes(const struct tree_pool *pool, uint32_t index) {
    return &pool->hashes[index >> TREE_POOL_CHUNK_BITS][index & ((1u << TREE_POOL_CHUNK_BITS) - 1)];
}
static inline struct tree_links *tree_pool_links(const struct tree_pool *pool, uint32_t index) {
    return &pool->links[index >> TREE_POOL_CHUNK_BITS][index & ((1u << TREE_POOL_CHUNK_BITS) - 1)];
}
static inline const struct btree_item **tree_pool_leaf(const struct tree_pool *pool,
                                                       uint32_t index) {
    return &pool->leaves[index >> TREE_POOL_LEAF_BITS][index & ((1u << TREE_POOL_LEAF_BITS) - 1)];
}

#endif
