// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>

#include "chaincore/base/memory.h"

enum { FIRST_CHUNK = 768, LARGEST_CHUNK = 1 << 20 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t used;
    size_t capacity;
    size_t usual; // capacity of those that no single allocation made larger
    alignas(max_align_t) uint8_t data[];
};

static struct arena_chunk *add_chunk(struct arena *arena, size_t size) {
    size_t usual = arena->newest ? arena->newest->usual * 2 : FIRST_CHUNK;
    if (usual > LARGEST_CHUNK) usual = LARGEST_CHUNK;
    size_t capacity = usual < size ? size : usual;
    // What nobody asks for stays untouched, and costs no page of memory.
    struct arena_chunk *chunk =
        mem_alloc_aligned(alignof(struct arena_chunk), sizeof *chunk + capacity);
    *chunk = (struct arena_chunk){.older = arena->newest, .capacity = capacity, .usual = usual};
    arena->newest = chunk;
    return chunk;
}

// Not zeroed.
static void *take(struct arena *arena, size_t size) {
    size_t mask = alignof(max_align_t) - 1;
    ENSURE(size <= SIZE_MAX - mask);
    size = (size + mask) & ~mask;
    struct arena_chunk *chunk = arena->newest;
    if (!chunk || chunk->capacity - chunk->used < size) chunk = add_chunk(arena, size);
    void *pointer = chunk->data + chunk->used;
    chunk->used += size;
    return pointer;
}

void *arena_alloc(struct arena *arena, size_t size) { return memset(take(arena, size), 0, size); }

void *arena_alloc_array(struct arena *arena, size_t count, size_t item_size) {
    size_t size;
    ENSURE(!__builtin_mul_overflow(count, item_size, &size));
    return arena_alloc(arena, size);
}

struct bytes arena_copy(struct arena *arena, struct bytes bytes) {
    if (bytes.len == 0) return bytes_of("", 0);
    uint8_t *copy = take(arena, bytes.len);
    memcpy(copy, bytes.data, bytes.len);
    return bytes_of(copy, bytes.len);
}

char *arena_copy_string(struct arena *arena, struct bytes text) {
    char *copy = take(arena, text.len + 1);
    if (text.len) memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ENSURE(len >= 0);
    char *text = take(arena, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

struct arena_mark arena_mark(const struct arena *arena) {
    struct arena_chunk *chunk = arena->newest;
    return (struct arena_mark){.chunk = chunk, .used = chunk ? chunk->used : 0};
}

void arena_rewind(struct arena *arena, struct arena_mark mark) {
    while (arena->newest != mark.chunk) {
        struct arena_chunk *older = arena->newest->older;
        mem_free(arena->newest);
        arena->newest = older;
    }
    if (mark.chunk) mark.chunk->used = mark.used;
}

void arena_reset(struct arena *arena) {
    struct arena_chunk *kept = arena->newest;
    if (!kept) return;
    struct arena older = {.newest = kept->older};
    arena_clear(&older);
    kept->used = 0;
    kept->older = NULL;
}

void arena_clear(struct arena *arena) {
    while (arena->newest) {
        struct arena_chunk *older = arena->newest->older;
        mem_free(arena->newest);
        arena->newest = older;
    }
}
