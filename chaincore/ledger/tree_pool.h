// SPDX-License-Identifier: Apache-2.0
// The memory of the tree's nodes: 64 bytes of hashes in a cache line of their own and a few bytes
// of links, in chunks that never move, known by an index. What is freed is remembered in a list of
// indices, without a touch of the node. Internal to ledger/tree.c.
#ifndef LMM_LEDGER_TREE_POOL_H
#define LMM_LEDGER_TREE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "chaincore/crypto/hash.h"

enum {
    TREE_POOL_CHUNK_BITS = 15, // 2 MiB of hashes
    TREE_POOL_CHUNKS = 1 << 15,
};

// An inner node's children, or a leaf's path and value hash.
struct tree_hashes {
    struct hash of[2];
};
_Static_assert(sizeof(struct tree_hashes) == 64, "a cache line");

// References: 0 is the empty tree; a leaf has TREE_LEAF set. A leaf's children are not used.
struct tree_links {
    uint32_t children[2];
    uint32_t born;
};

struct tree_pool {
    struct tree_hashes **hashes; // by chunk, TREE_POOL_CHUNKS of them
    struct tree_links **links;   // by chunk; NULL in a pool of leaves
    uint32_t **born;             // by chunk; NULL in a pool of inner nodes
    uint32_t used;               // indices handed out so far; 0 is never one
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
static inline uint32_t *tree_pool_born(const struct tree_pool *pool, uint32_t index) {
    return &pool->born[index >> TREE_POOL_CHUNK_BITS][index & ((1u << TREE_POOL_CHUNK_BITS) - 1)];
}

#endif
