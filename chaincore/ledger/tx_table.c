// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/tx_table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/codec.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"

enum { ENTRY_BYTES = 32 + 8 + 4, FRONT_BYTES = 3 * 8 };

static size_t place_of(const struct tx_table *table, const struct hash *id) {
    size_t place = load_u64_le(id->bytes) % table->capacity;
    while (table->is_used[place] && !hash_equal(&table->entries[place].id, id))
        place = (place + 1) % table->capacity;
    return place;
}

static void grow(struct tx_table *table) {
    struct tx_table bigger = {.capacity = table->capacity ? 2 * table->capacity : 1024};
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

static int compare_entries(const void *a, const void *b) {
    return hash_compare(&((const struct tx_entry *)a)->id, &((const struct tx_entry *)b)->id);
}

static struct tx_entry *sorted_entries(const struct tx_table *table) {
    struct tx_entry *sorted = mem_alloc_array(table->count + 1, sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->is_used[i]) sorted[count++] = table->entries[i];
    if (count > 1) qsort(sorted, count, sizeof *sorted, compare_entries);
    return sorted;
}

enum status tx_index_write(const char *path, const struct segment *segment,
                           const struct tx_table *table) {
    struct buf payload = {0}, file = {0};
    struct tx_entry *sorted = sorted_entries(table);
    encode_u64(&payload, segment->count);
    encode_u64(&payload, segment->size);
    encode_u64(&payload, table->count);
    for (uint64_t i = 0; i < segment->count; i++) encode_u64(&payload, segment->offsets[i]);
    for (size_t i = 0; i < table->count; i++) {
        encode_fixed(&payload, &sorted[i].id, sizeof sorted[i].id);
        encode_u64(&payload, sorted[i].height);
        encode_u32(&payload, sorted[i].index);
    }
    record_header_write(buf_reserve(&file, RECORD_HEADER_BYTES), segment->first_height,
                        buf_bytes(&payload));
    file.len = RECORD_HEADER_BYTES;
    buf_append(&file, buf_bytes(&payload));
    enum status status = file_replace(path, buf_bytes(&file), 0600);
    mem_free(sorted);
    buf_clear(&payload);
    buf_clear(&file);
    return status;
}

static enum status read_index(struct tx_index *out, struct segment *segment,
                              const struct buf *payload) {
    struct decoder in = decoder_of(buf_bytes(payload));
    uint64_t count = decode_u64(&in);
    uint64_t size = decode_u64(&in);
    out->entry_count = decode_u64(&in);
    uint64_t left = decoder_left(&in);
    if (count > left / 8 || out->entry_count > left / ENTRY_BYTES ||
        count * 8 + out->entry_count * ENTRY_BYTES != left)
        return STATUS_CORRUPT;
    segment->offsets = mem_alloc_array(count + 1, sizeof *segment->offsets);
    for (uint64_t i = 0; i < count; i++) segment->offsets[i] = decode_u64(&in);
    segment->count = segment->capacity = count;
    segment->size = size;
    out->entries_at = RECORD_HEADER_BYTES + FRONT_BYTES + count * 8;
    return in.status;
}

enum status tx_index_open(struct tx_index *out, const char *path, struct segment *segment) {
    struct buf payload = {0};
    struct record record;
    enum status status;
    *out = (struct tx_index){.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (out->fd < 0) return STATUS_NOT_FOUND;
    TRY(record_read(out->fd, 0, &record, &payload));
    status = record.height == segment->first_height ? read_index(out, segment, &payload)
                                                    : STATUS_CORRUPT;
out:
    buf_clear(&payload);
    if (status != STATUS_OK) tx_index_close(out);
    return status;
}

void tx_index_close(struct tx_index *index) {
    if (index->fd >= 0) close(index->fd);
    index->fd = -1;
}

enum status tx_index_find(const struct tx_index *index, const struct hash *id,
                          struct block_log_place *out) {
    uint64_t low = 0, high = index->entry_count;
    while (low < high) {
        uint8_t entry[ENTRY_BYTES];
        uint64_t middle = low + (high - low) / 2;
        enum status status =
            file_read_at(index->fd, entry, sizeof entry, index->entries_at + middle * ENTRY_BYTES);
        if (status != STATUS_OK) return STATUS_IO;
        int order = memcmp(id->bytes, entry, 32);
        if (order == 0) {
            *out = (struct block_log_place){.height = load_u64_le(entry + 32),
                                            .index = load_u32_le(entry + 40)};
            return STATUS_OK;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return STATUS_NOT_FOUND;
}
