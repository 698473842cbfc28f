// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/tx_table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/codec.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"

enum { ENTRY_BYTES = 32 + 8 + 4, FRONT_BYTES = 4 * 8, FENCE_EVERY = 256 };

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
    encode_u64(&payload, table->kept_until_ms);
    for (uint64_t i = 0; i < segment->count; i++) encode_u64(&payload, segment->offsets[i]);
    for (size_t i = 0; i < table->count; i++) {
        encode_fixed(&payload, &sorted[i].id, sizeof sorted[i].id);
        encode_u64(&payload, sorted[i].height);
        encode_u32(&payload, sorted[i].index);
    }
    record_header_write(buf_reserve(&file, RECORD_HEADER_BYTES), &segment->file.salt,
                        segment->first_height, buf_bytes(&payload));
    file.len = RECORD_HEADER_BYTES;
    buf_append(&file, buf_bytes(&payload));
    enum status status = file_replace(path, buf_bytes(&file), 0600);
    mem_free(sorted);
    buf_clear(&payload);
    buf_clear(&file);
    return status;
}

static uint64_t offsets_at(void) { return RECORD_HEADER_BYTES + FRONT_BYTES; }
static uint64_t entries_at(const struct tx_index *index) {
    return offsets_at() + index->block_count * 8;
}

static uint64_t front_of(const uint8_t id[32]) {
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) number = number << 8 | id[i];
    return number;
}

static enum status read_index(struct tx_index *out, struct bytes payload) {
    struct decoder in = decoder_of(payload);
    out->block_count = decode_u64(&in);
    uint64_t size = decode_u64(&in);
    out->entry_count = decode_u64(&in);
    out->kept_until_ms = decode_u64(&in);
    uint64_t left = decoder_left(&in);
    if (in.status != STATUS_OK || size != out->front.size || out->block_count > left / 8 ||
        out->entry_count > left / ENTRY_BYTES ||
        out->block_count * 8 + out->entry_count * ENTRY_BYTES != left)
        return STATUS_CORRUPT;
    const uint8_t *entries = payload.data + FRONT_BYTES + out->block_count * 8;
    out->fences = mem_alloc_array(out->entry_count / FENCE_EVERY + 1, sizeof *out->fences);
    for (uint64_t i = 0; i < out->entry_count; i += FENCE_EVERY)
        out->fences[i / FENCE_EVERY] = front_of(entries + i * ENTRY_BYTES);
    return STATUS_OK;
}

enum status tx_index_open(struct tx_index *out, const char *path, const struct segment_front *front,
                          uint64_t first_height) {
    struct buf payload = {0};
    struct record record;
    enum status status;
    struct record_file file = {.fd = open(path, O_RDONLY | O_CLOEXEC), .salt = front->salt};
    *out = (struct tx_index){.front = *front, .first_height = first_height};
    if (file.fd < 0) return STATUS_NOT_FOUND;
    TRY(record_read(&file, 0, &record, &payload));
    if (record.height != first_height) TRY(STATUS_CORRUPT);
    TRY(read_index(out, buf_bytes(&payload)));
out:
    close(file.fd);
    buf_clear(&payload);
    if (status != STATUS_OK) tx_index_clear(out);
    return status;
}

void tx_index_clear(struct tx_index *index) {
    mem_free(index->fences);
    *index = (struct tx_index){0};
}

// The entries among which the id would stand: [*low, *high). More than two fences apart only where
// ids share their first eight bytes.
static void find_range(const struct tx_index *index, uint64_t number, uint64_t *low,
                       uint64_t *high) {
    uint64_t fence_count = (index->entry_count + FENCE_EVERY - 1) / FENCE_EVERY;
    uint64_t first = 0, end = fence_count;
    while (first < end) { // the first fence that is not below
        uint64_t middle = first + (end - first) / 2;
        if (index->fences[middle] < number)
            first = middle + 1;
        else
            end = middle;
    }
    uint64_t behind = first;
    while (behind < fence_count && index->fences[behind] == number) behind++;
    *low = first > 0 ? (first - 1) * FENCE_EVERY : 0;
    *high = behind < fence_count ? behind * FENCE_EVERY : index->entry_count;
}

static int compare_id(const void *id, const void *entry) { return memcmp(id, entry, 32); }

enum status tx_index_find(const struct tx_index *index, const char *path, const struct hash *id,
                          struct block_log_place *out) {
    uint8_t entries[FENCE_EVERY * ENTRY_BYTES];
    const uint8_t *found = NULL;
    uint64_t next, high;
    enum status status = STATUS_OK;
    find_range(index, front_of(id->bytes), &next, &high);
    if (next >= high) return STATUS_NOT_FOUND;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return STATUS_IO;
    while (!found && next < high) {
        size_t count = high - next < FENCE_EVERY ? (size_t)(high - next) : FENCE_EVERY;
        TRY(file_read_at(fd, entries, count * ENTRY_BYTES, entries_at(index) + next * ENTRY_BYTES));
        found = bsearch(id->bytes, entries, count, ENTRY_BYTES, compare_id);
        next += count;
    }
    status = found ? STATUS_OK : STATUS_NOT_FOUND;
    if (found)
        *out = (struct block_log_place){.height = load_u64_le(found + 32),
                                        .index = load_u32_le(found + 40)};
out:
    close(fd);
    return status == STATUS_TRUNCATED ? STATUS_IO : status;
}

enum status tx_index_offset(const struct tx_index *index, const char *path, uint64_t height,
                            uint64_t *out) {
    uint8_t offset[8];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return STATUS_IO;
    enum status status =
        file_read_at(fd, offset, sizeof offset, offsets_at() + (height - index->first_height) * 8);
    close(fd);
    *out = load_u64_le(offset);
    return status == STATUS_OK ? STATUS_OK : STATUS_IO;
}
