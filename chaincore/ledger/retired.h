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

struct retired_memory {
    void *memory;  // of the slab
    uint32_t born; // the draft that made it
    uint32_t size;
};
struct retired_reference {
    uint32_t reference; // of a tree's node
    uint32_t born;
};

// In the order of their retirement each.
struct retired_list {
    struct retired_memory *memories;
    size_t memory_count, memory_capacity;
    struct retired_reference *references;
    size_t reference_count, reference_capacity;
};

static inline void retired_add_memory(struct retired_list *list, struct retired_memory entry) {
    if (list->memory_count == list->memory_capacity) {
        list->memory_capacity = list->memory_capacity ? 2 * list->memory_capacity : 64;
        list->memories = mem_resize(list->memories, list->memory_capacity * sizeof entry);
    }
    list->memories[list->memory_count++] = entry;
}
static inline void retired_add_reference(struct retired_list *list,
                                         struct retired_reference entry) {
    if (list->reference_count == list->reference_capacity) {
        list->reference_capacity = list->reference_capacity ? 2 * list->reference_capacity : 64;
        list->references = mem_resize(list->references, list->reference_capacity * sizeof entry);
    }
    list->references[list->reference_count++] = entry;
}
// Gives the room back that nothing was added to.
static inline void retired_trim(struct retired_list *list) {
    if (list->memory_count < list->memory_capacity && list->memory_count > 0) {
        list->memory_capacity = list->memory_count;
        list->memories = mem_resize(list->memories, list->memory_count * sizeof *list->memories);
    }
    if (list->reference_count < list->reference_capacity && list->reference_count > 0) {
        list->reference_capacity = list->reference_count;
        list->references =
            mem_resize(list->references, list->reference_count * sizeof *list->references);
    }
}
static inline void retired_clear(struct retired_list *list) {
    mem_free(list->memories);
    mem_free(list->references);
    *list = (struct retired_list){0};
}

#endif
