// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/slab.h"

#include "chaincore/base/memory.h"
#include "chaincore/base/status.h"

void slab_clear(struct slab *slab) {
    for (size_t i = 0; i < sizeof slab->classes / sizeof *slab->classes; i++)
        mem_free(slab->classes[i].free);
    for (size_t i = 0; i < slab->chunk_count; i++) mem_free(slab->chunks[i]);
    mem_free(slab->chunks);
    *slab = (struct slab){0};
}

static void add_run(struct slab *slab, struct slab_class *class) {
    if (slab->chunk_left == 0) {
        uint8_t *chunk = mem_alloc_aligned(MEM_HUGE_PAGE, SLAB_CHUNK_BYTES);
        slab->chunks = mem_resize(slab->chunks, (slab->chunk_count + 1) * sizeof *slab->chunks);
        slab->chunks[slab->chunk_count++] = chunk;
        slab->chunk_left = SLAB_CHUNK_BYTES;
    }
    class->run = slab->chunks[slab->chunk_count - 1] + SLAB_CHUNK_BYTES - slab->chunk_left;
    class->run_left = SLAB_RUN_BYTES;
    slab->chunk_left -= SLAB_RUN_BYTES;
}

void *slab_take(struct slab *slab, size_t size) {
    slab->taken_count++;
    if (size > SLAB_LARGEST) return mem_alloc(size);
    struct slab_class *class = &slab->classes[(size + SLAB_GRAIN - 1) / SLAB_GRAIN];
    if (class->free_count > 0) return class->free[--class->free_count];
    size_t rounded = (size + SLAB_GRAIN - 1) / SLAB_GRAIN * SLAB_GRAIN;
    if (class->run_left < rounded) add_run(slab, class);
    void *memory = class->run;
    class->run += rounded;
    class->run_left -= rounded;
    return memory;
}

void slab_give(struct slab *slab, void *memory, size_t size) {
    slab->taken_count--;
    if (size > SLAB_LARGEST) {
        mem_free(memory);
        return;
    }
    struct slab_class *class = &slab->classes[(size + SLAB_GRAIN - 1) / SLAB_GRAIN];
    if (class->free_count == class->free_capacity) {
        class->free_capacity = class->free_capacity ? 2 * class->free_capacity : 256;
        class->free = mem_resize(class->free, class->free_capacity * sizeof *class->free);
    }
    class->free[class->free_count++] = memory;
}
