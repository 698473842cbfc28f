// SPDX-License-Identifier: Apache-2.0
// Memory for one piece of work (a block, a request, a test), freed whole. Pieces are never freed
// alone, only all since a mark. Zero-initialised is empty and valid. Not shared between threads.
#ifndef LMM_BASE_ARENA_H
#define LMM_BASE_ARENA_H

#include "chaincore/base/bytes.h"

struct arena_chunk;
struct arena {
    struct arena_chunk *newest;
};

// Zeroed, aligned for any type; never NULL. Lives until arena_clear or arena_reset.
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull));
void *arena_alloc_array(struct arena *arena, size_t count, size_t item_size)
    __attribute__((returns_nonnull));
struct bytes arena_copy(struct arena *arena, struct bytes bytes);
// A NUL-terminated copy.
char *arena_copy_string(struct arena *arena, struct bytes text);
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Forgets what came after a mark of this arena.
struct arena_mark {
    struct arena_chunk *chunk; // NULL: the arena was empty
    size_t used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);
// Forgets everything; keeps one chunk for what comes next.
void arena_reset(struct arena *arena);
void arena_clear(struct arena *arena);

#endif
