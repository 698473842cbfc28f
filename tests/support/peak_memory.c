// SPDX-License-Identifier: Apache-2.0
#include "tests/support/peak_memory.h"

#include <malloc.h>
#include <stdint.h>

static int64_t living, most; // from before the beginning, more may be freed than was counted

void *__real_mem_alloc(size_t size);
void *__real_mem_alloc_array(size_t count, size_t item_size);
void *__real_mem_resize(void *pointer, size_t size);
void __real_mem_free(void *pointer);
void *__wrap_mem_alloc(size_t size);
void *__wrap_mem_alloc_array(size_t count, size_t item_size);
void *__wrap_mem_resize(void *pointer, size_t size);
void __wrap_mem_free(void *pointer);

void peak_memory_begin(void) { living = most = 0; }

size_t peak_memory(void) { return (size_t)most; }

static void *count(void *pointer) {
    living += (int64_t)malloc_usable_size(pointer);
    if (living > most) most = living;
    return pointer;
}

void *__wrap_mem_alloc(size_t size) { return count(__real_mem_alloc(size)); }

void *__wrap_mem_alloc_array(size_t items, size_t item_size) {
    return count(__real_mem_alloc_array(items, item_size));
}

void *__wrap_mem_resize(void *pointer, size_t size) {
    living -= (int64_t)malloc_usable_size(pointer);
    return count(__real_mem_resize(pointer, size));
}

void __wrap_mem_free(void *pointer) {
    living -= (int64_t)malloc_usable_size(pointer);
    __real_mem_free(pointer);
}
