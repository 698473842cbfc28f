// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static _Noreturn void out_of_memory(size_t size) {
    fprintf(stderr, "out of memory: %zu bytes were needed\n", size);
    abort();
}

void *mem_try_alloc(size_t size) { return calloc(1, size ? size : 1); }

void *mem_alloc(size_t size) {
    void *pointer = mem_try_alloc(size);
    if (!pointer) out_of_memory(size);
    return pointer;
}

void *mem_alloc_array(size_t count, size_t item_size) {
    size_t size;
    if (__builtin_mul_overflow(count, item_size, &size)) out_of_memory(SIZE_MAX);
    return mem_alloc(size);
}

void *mem_try_resize(void *pointer, size_t size) { return realloc(pointer, size ? size : 1); }

void *mem_resize(void *pointer, size_t size) {
    void *resized = mem_try_resize(pointer, size);
    if (!resized) out_of_memory(size);
    return resized;
}

void *mem_copy(const void *data, size_t len) {
    void *copy = mem_alloc(len);
    if (len) memcpy(copy, data, len);
    return copy;
}

char *mem_copy_string(const char *text) { return mem_copy(text, strlen(text) + 1); }

void *mem_alloc_aligned(size_t alignment, size_t size) {
    void *pointer = NULL;
    if (posix_memalign(&pointer, alignment, size ? size : 1) != 0) out_of_memory(size);
#ifdef MADV_HUGEPAGE
    if (alignment >= MEM_HUGE_PAGE) madvise(pointer, size, MADV_HUGEPAGE); // may be refused
#endif
    return pointer;
}

void mem_free(void *pointer) { free(pointer); }
