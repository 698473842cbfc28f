// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/tree_pool.h"

#include "chaincore/base/memory.h"

enum { CHUNK_NODES = 1 << TREE_POOL_CHUNK_BITS, AHEAD = 8 };

void tree_pool_init(struct tree_pool *pool, bool is_of_leaves) {
    *pool = (struct tree_pool){.used = 1};
    pool->hashes = mem_alloc_array(TREE_POOL_CHUNKS, sizeof *pool->hashes);
    if (is_of_leaves)
        pool->born = mem_alloc_array(TREE_POOL_CHUNKS, sizeof *pool->born);
    else
        pool->links = mem_alloc_array(TREE_POOL_CHUNKS, sizeof *pool->links);
}

void tree_pool_clear(struct tree_pool *pool) {
    for (size_t i = 0; i < TREE_POOL_CHUNKS && pool->hashes[i]; i++) {
        mem_free(pool->hashes[i]);
        if (pool->links) mem_free(pool->links[i]);
        if (pool->born) mem_free(pool->born[i]);
    }
    mem_free(pool->hashes);
    mem_free(pool->links);
    mem_free(pool->born);
    mem_free(pool->free);
    *pool = (struct tree_pool){0};
}

static void add_chunk(struct tree_pool *pool, uint32_t chunk) {
    ENSURE(chunk < TREE_POOL_CHUNKS); // a thousand million nodes: other memory ends before
    pool->hashes[chunk] = mem_alloc_aligned(MEM_HUGE_PAGE, CHUNK_NODES * sizeof **pool->hashes);
    if (pool->links)
        pool->links[chunk] = mem_alloc_array(CHUNK_NODES, sizeof **pool->links);
    else
        pool->born[chunk] = mem_alloc_array(CHUNK_NODES, sizeof **pool->born);
}

uint32_t tree_pool_take(struct tree_pool *pool) {
    if (pool->free_count > 0) {
        // What was given back lies anywhere: memory is asked for it some takes before its own.
        if (pool->free_count > AHEAD) {
            uint32_t later = pool->free[pool->free_count - 1 - AHEAD];
            __builtin_prefetch(tree_pool_hashes(pool, later), 1);
            if (pool->links) __builtin_prefetch(tree_pool_links(pool, later), 1);
        }
        return pool->free[--pool->free_count];
    }
    uint32_t index = pool->used++;
    uint32_t chunk = index >> TREE_POOL_CHUNK_BITS;
    if (chunk >= TREE_POOL_CHUNKS || !pool->hashes[chunk]) add_chunk(pool, chunk);
    return index;
}

void tree_pool_give(struct tree_pool *pool, uint32_t index) {
    if (pool->free_count == pool->free_capacity) {
        pool->free_capacity = pool->free_capacity ? 2 * pool->free_capacity : 1024;
        pool->free = mem_resize(pool->free, pool->free_capacity * sizeof *pool->free);
    }
    pool->free[pool->free_count++] = index;
}
