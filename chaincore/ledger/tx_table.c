// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/tx_table.h"

#include <stdlib.h>

#include "chaincore/base/memory.h"

static size_t place_of(const struct tx_table *table, const struct hash *id) {
    size_t place = table_hash(&table->key, BYTES_OF(id->bytes)) % table->capacity;
    while (table->is_used[place] && !hash_equal(&table->entries[place].id, id))
        place = (place + 1) % table->capacity;
    return place;
}

static void grow(struct tx_table *table) {
    struct tx_table bigger = {.capacity = table->capacity ? 2 * table->capacity : 1024,
                              .kept_until_ms = table->kept_until_ms,
                              .key = table->key};
    if (table->capacity == 0) table_key_draw(&bigger.key);
    bigger.entries = mem_alloc_array(bigger.capacity, sizeof *bigger.entries);
    bigger.is_used = mem_alloc(bigger.capacity);
    for (size_t i = 0; i < table->capacity; i++)
        if (table->is_used[i]) tx_table_add(&bigger, &table->entries[i]);
    tx_table_clear(table);
    *table = bigger;
}

void tx_table_add(struct tx_table *table, const struct tx_entry *entry) {
    if (2 * table->count >= table->capacity) grow(table);
    size_t place = place_of(table, &entry->id);
    if (table->is_used[place]) return; // an id is in the chain once; the first place stays
    table->entries[place] = *entry;
    table->is_used[place] = 1;
    table->count++;
}

void tx_table_keep(struct tx_table *table, uint64_t until_ms) {
    if (until_ms > table->kept_until_ms) table->kept_until_ms = until_ms;
}

bool tx_table_find(const struct tx_table *table, const struct hash *id,
                   struct block_log_place *out) {
    if (table->count == 0) return false;
    size_t place = place_of(table, id);
    if (!table->is_used[place]) return false;
    const struct tx_entry *entry = &table->entries[place];
    *out = (struct block_log_place){.height = entry->height, .index = entry->index};
    return true;
}

void tx_table_clear(struct tx_table *table) {
    mem_free(table->entries);
    mem_free(table->is_used);
    *table = (struct tx_table){0};
}

size_t tx_table_longest_run(const struct tx_table *table) {
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < table->capacity; i++) {
        run = table->is_used[i] ? run + 1 : 0;
        if (run > longest) longest = run;
    }
    return longest;
}

static int compare_entries(const void *a, const void *b) {
    return hash_compare(&((const struct tx_entry *)a)->id, &((const struct tx_entry *)b)->id);
}

struct tx_entry *tx_table_sorted(const struct tx_table *table) {
    struct tx_entry *sorted = mem_alloc_array(table->count + 1, sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->is_used[i]) sorted[count++] = table->entries[i];
    if (count > 1) qsort(sorted, count, sizeof *sorted, compare_entries);
    return sorted;
}
