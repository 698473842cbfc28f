// SPDX-License-Identifier: Apache-2.0
// What a version no longer holds of the one it was made from. Nodes and items carry no reference
// counts, which would cost a cache miss for every neighbour of a change; instead each keeps the
// number of the draft that made it, and each version the list of what it left behind. How versions
// give these back is in state_version.c. Internal to ledger/.
#ifndef LMM_LEDGER_RETIRED_H
#define LMM_LEDGER_RETIRED_H

#include "chaincore/base/memory.h"
#include "chaincore/base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct retired {
    uint64_t what; // memory of the slab, or a tree's reference: 2 * reference + 1
    uint32_t born; // the draft that made it
    uint32_t size; // of memory
};

struct retired_list {
    struct retired *entries;
    size_t count;
    size_t capacity;
};

static inline void retired_add(struct retired_list *list, struct retired entry) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        list->entries = mem_resize(list->entries, list->capacity * sizeof *list->entries);
    }
    list->entries[list->count++] = entry;
}
static inline void retired_add_memory(struct retired_list *list, void *memory, size_t size,
                                      uint32_t born) {
    retired_add(list,
                (struct retired){.what = (uintptr_t)memory, .born = born, .size = (uint32_t)size});
}
static inline void retired_add_reference(struct retired_list *list, uint32_t reference,
                                         uint32_t born) {
    retired_add(list, (struct retired){.what = 2 * (uint64_t)reference + 1, .born = born});
}
static inline bool retired_is_reference(const struct retired *entry) { return entry->what & 1; }
static inline uint32_t retired_reference(const struct retired *entry) {
    return (uint32_t)(entry->what >> 1);
}
static inline void *retired_memory(const struct retired *entry) {
    return (void *)(uintptr_t)entry->what;
}
static inline void retired_clear(struct retired_list *list) {
    mem_free(list->entries);
    *list = (struct retired_list){0};
}

#endif
