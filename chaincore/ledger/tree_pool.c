// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/tree_pool.h"

#include "chaincore/base/memory.h"

enum { CHUNK_NODES = 1 << TREE_POOL_CHUNK_BITS, CHUNK_LEAVES = 1 << TREE_POOL_LEAF_BITS };
enum { AHEAD = 8 };

void tree_pool_init(struct tree_pool *pool, bool is_of_leaves) {
    *pool = (struct tree_pool){.used = 1};
    if (is_of_leaves) {
        pool->leaves = mem_alloc_array(TREE_POOL_LEAF_CHUNKS, sizeof *pool->leaves);
    } else {
        pool->hashes = mem_alloc_array(TREE_POOL_CHUNKS, sizeof *pool->hashes);
        pool->links = mem_alloc_array(TREE_POOL_CHUNKS, sizeof *pool->links);
    }
}

void tree_pool_clear(struct tree_pool *pool) {
    for (size_t i = 0; pool->leaves && i < TREE_POOL_LEAF_CHUNKS && pool->leaves[i]; i++)
        mem_free(pool->leaves[i]);
    for (size_t i = 0; pool->hashes && i < TREE_POOL_CHUNKS && pool->hashes[i]; i++) {
        mem_free(pool->hashes[i]);
        mem_free(pool->links[i]);
    }
    mem_free(pool->hashes);
    mem_free(pool->links);
    mem_free(pool->leaves);
    mem_free(pool->free);
    *pool = (struct tree_pool){0};
}

// Where the next index would lie. A thousand million nodes: other memory ends before.
static void make_room(struct tree_pool *pool) {
    uint32_t chunk = pool->used >> (pool->leaves ? TREE_POOL_LEAF_BITS : TREE_POOL_CHUNK_BITS);
    if (pool->leaves) {
        ENSURE(chunk < TREE_POOL_LEAF_CHUNKS);
        if (!pool->leaves[chunk])
            pool->leaves[chunk] =
                mem_alloc_aligned(MEM_HUGE_PAGE, CHUNK_LEAVES * sizeof **pool->leaves);
        return;
    }
    ENSURE(chunk < TREE_POOL_CHUNKS);
    if (pool->hashes[chunk]) return;
    pool->hashes[chunk] = mem_alloc_aligned(MEM_HUGE_PAGE, CHUNK_NODES * sizeof **pool->hashes);
    pool->links[chunk] = mem_alloc_array(CHUNK_NODES, sizeof **pool->links);
}

static void await_memory(const struct tree_pool *pool, uint32_t index) {
    if (pool->leaves) {
        __builtin_prefetch(tree_pool_leaf(pool, index), 1);
        return;
    }
    __builtin_prefetch(tree_pool_hashes(pool, index), 1);
    __builtin_prefetch(tree_pool_links(pool, index), 1);
}

uint32_t tree_pool_take(struct tree_pool *pool) {
    if (pool->free_count > 0) {
        // What was given back lies anywhere: memory is asked for it some takes before its own.
        if (pool->free_count > AHEAD) await_memory(pool, pool->free[pool->free_count - 1 - AHEAD]);
        return pool->free[--pool->free_count];
    }
    make_room(pool);
    return pool->used++;
}

void tree_pool_give(struct tree_pool *pool, uint32_t index) {
    if (pool->free_count == pool->free_capacity) {
        pool->free_capacity = pool->free_capacity ? 2 * pool->free_capacity : 1024;
        pool->free = mem_resize(pool->free, pool->free_capacity * sizeof *pool->free);
    }
    pool->free[pool->free_count++] = index;
}
