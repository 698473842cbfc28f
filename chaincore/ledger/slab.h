// SPDX-License-Identifier: Apache-2.0
// Memory for many small things of a few sizes: the B+tree's nodes and items. Carved out of large,
// aligned chunks (fewer misses in the processor's page tables than with malloc, and no headers);
// what is given back is remembered in a stack by size, without a touch. Never shrinks: what one
// block frees, the next one takes. The caller knows the sizes. Internal to ledger/.
#ifndef LMM_LEDGER_SLAB_H
#define LMM_LEDGER_SLAB_H

#include <stddef.h>
#include <stdint.h>

// AddressSanitizer sees a use after the end only in memory of malloc's own.
#if defined __SANITIZE_ADDRESS__
#define SLAB_IS_WATCHED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define SLAB_IS_WATCHED 1
#endif
#endif

enum {
    SLAB_GRAIN = 8,
#if defined SLAB_IS_WATCHED
    SLAB_LARGEST = 0,
#else
    SLAB_LARGEST = 1024,
#endif
    SLAB_CHUNK_BYTES = 2 << 20,
    SLAB_RUN_BYTES = 16 << 10, // what a size takes of a chunk at once
};

struct slab_class {
    void **free;
    size_t free_count;
    size_t free_capacity;
    uint8_t *run;
    size_t run_left;
};

struct slab {
    struct slab_class classes[SLAB_LARGEST / SLAB_GRAIN + 1];
    uint8_t **chunks;
    size_t chunk_count;
    size_t chunk_left;  // of the last one
    size_t taken_count; // and not given back
};

void slab_clear(struct slab *slab);
// Contents undefined; never NULL. Aligned to SLAB_GRAIN.
void *slab_take(struct slab *slab, size_t size);
void slab_give(struct slab *slab, void *memory, size_t size);

#endif
