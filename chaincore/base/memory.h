// SPDX-License-Identifier: Apache-2.0
// The only callers of malloc. Small, bounded allocations that cannot reasonably fail abort with a
// notice when they do (a crash loses nothing final; see docs/adr); sizes that somebody outside
// chooses go through mem_try_*, which returns NULL.
#ifndef LMM_BASE_MEMORY_H
#define LMM_BASE_MEMORY_H

#include <stddef.h>

// Zeroed memory; never NULL. The caller frees with mem_free.
void *mem_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *mem_alloc_array(size_t count, size_t item_size) __attribute__((malloc, returns_nonnull));
// Grows or shrinks; the new part is not zeroed. Never NULL for size > 0.
void *mem_resize(void *pointer, size_t size) __attribute__((returns_nonnull));
void *mem_try_alloc(size_t size) __attribute__((malloc));
void *mem_try_resize(void *pointer, size_t size);
char *mem_copy_string(const char *text) __attribute__((malloc, returns_nonnull));
void *mem_copy(const void *data, size_t len) __attribute__((malloc, returns_nonnull));
// NULL is allowed.
void mem_free(void *pointer);

// Aligned to `alignment` (a power of two), contents undefined; never NULL. Freed with mem_free.
// From MEM_HUGE_PAGE on, the system is asked for huge pages: random looks into hundreds of
// megabytes cost fewer misses then.
enum { MEM_HUGE_PAGE = 2 << 20 };
void *mem_alloc_aligned(size_t alignment, size_t size) __attribute__((malloc, returns_nonnull));

#endif
