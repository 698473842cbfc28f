// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/tx_index.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/codec.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

static const char MAGIC[8] = "lmm-idx1";

enum {
    PAGE_BYTES = 4096,
    ROOM = PAGE_BYTES - (int)sizeof(struct hash), // the checksum stands behind it
    NUMBERS = ROOM / 8,                           // offsets or fences of one page
    ENTRY_BYTES = 32 + 8 + 4,
    ENTRIES = ROOM / ENTRY_BYTES,
    FRONT_BYTES = 8 + 4 * 8,
    // One false positive in about a hundred and twenty.
    BITS_PER_ID = 10,
    PROBES = 7,
    BITS = ROOM * 8,
};

// Of pages, in the order in which they stand.
struct layout {
    uint64_t offsets; // the first page of each part
    uint64_t fences;
    uint64_t filter;
    uint64_t table;
    uint64_t end;
};

static uint64_t pages_for(uint64_t count, uint64_t per_page) {
    return count / per_page + (count % per_page > 0);
}

static uint64_t table_pages(const struct tx_index *index) {
    return pages_for(index->entry_count, ENTRIES);
}

static uint64_t filter_pages(const struct tx_index *index) {
    return pages_for(index->entry_count, BITS / BITS_PER_ID);
}

static struct layout layout_of(const struct tx_index *index) {
    struct layout out = {.offsets = 1};
    out.fences = out.offsets + pages_for(index->block_count, NUMBERS);
    out.filter = out.fences + pages_for(table_pages(index), NUMBERS);
    out.table = out.filter + filter_pages(index);
    out.end = out.table + table_pages(index);
    return out;
}

// The place of the page is under it too, so that no page passes for another.
static void page_sum(struct hash *out, const struct tx_index *index, uint64_t number,
                     const uint8_t *page) {
    struct hasher hasher;
    uint8_t place[16];
    store_u64_le(place, index->first_height);
    store_u64_le(place + 8, number);
    hasher_init(&hasher, HASH_LOG);
    hasher_add(&hasher, BYTES_OF(index->front.salt.bytes));
    hasher_add(&hasher, BYTES_OF(place));
    hasher_add(&hasher, bytes_of(page, ROOM));
    hasher_finish(&hasher, out);
}

static void add_page(struct buf *out, const struct tx_index *index, struct bytes content) {
    struct hash sum;
    uint8_t *page = buf_reserve(out, PAGE_BYTES);
    memset(page, 0, PAGE_BYTES);
    memcpy(page, content.data, content.len);
    page_sum(&sum, index, out->len / PAGE_BYTES, page);
    memcpy(page + ROOM, sum.bytes, sizeof sum.bytes);
    out->len += PAGE_BYTES;
}

// So many bytes of the part to a page.
static void add_part(struct buf *out, const struct tx_index *index, struct bytes part,
                     size_t page_len) {
    for (size_t done = 0; done < part.len; done += page_len) {
        size_t left = part.len - done;
        add_page(out, index, bytes_of(part.data + done, left < page_len ? left : page_len));
    }
}

// The bits of an id, all in one page.
struct probe {
    uint64_t page; // of the filter
    uint32_t bit;
    uint32_t step;
};

static struct probe probe_of(const struct tx_index *index, const struct hash *id) {
    struct table_key key;
    _Static_assert(sizeof key == sizeof index->front.salt, "the salt is the key");
    memcpy(&key, &index->front.salt, sizeof key);
    uint64_t hash = table_hash(&key, BYTES_OF(id->bytes));
    return (struct probe){.page = (hash >> 32) * filter_pages(index) >> 32,
                          .bit = (uint32_t)hash & 0xffff,
                          .step = (uint32_t)hash >> 16 | 1};
}

static uint32_t bit_at(const struct probe *probe, uint32_t i) {
    return (probe->bit + i * probe->step) % BITS;
}

static void add_to_page(uint8_t *page, const struct probe *probe) {
    for (uint32_t i = 0; i < PROBES; i++) {
        uint32_t bit = bit_at(probe, i);
        page[bit / 8] = (uint8_t)(page[bit / 8] | 1 << bit % 8);
    }
}

static bool is_in_page(const uint8_t *page, const struct probe *probe) {
    for (uint32_t i = 0; i < PROBES; i++) {
        uint32_t bit = bit_at(probe, i);
        if (!(page[bit / 8] & 1 << bit % 8)) return false;
    }
    return true;
}

static uint64_t fence_of(const uint8_t id[32]) {
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) number = number << 8 | id[i];
    return number;
}

static void add_front(struct buf *file, const struct tx_index *index) {
    uint8_t front[FRONT_BYTES];
    memcpy(front, MAGIC, sizeof MAGIC);
    store_u64_le(front + 8, index->block_count);
    store_u64_le(front + 16, index->front.size);
    store_u64_le(front + 24, index->entry_count);
    store_u64_le(front + 32, index->kept_until_ms);
    add_page(file, index, BYTES_OF(front));
}

static void add_fences(struct buf *file, const struct tx_index *index,
                       const struct tx_entry *sorted) {
    struct buf part = {0};
    for (uint64_t i = 0; i < index->entry_count; i += ENTRIES)
        encode_u64(&part, fence_of(sorted[i].id.bytes));
    add_part(file, index, buf_bytes(&part), (size_t)NUMBERS * 8);
    buf_clear(&part);
}

static void add_filter(struct buf *file, const struct tx_index *index,
                       const struct tx_entry *sorted) {
    size_t len = filter_pages(index) * ROOM;
    uint8_t *bits = mem_alloc(len);
    for (uint64_t i = 0; i < index->entry_count; i++) {
        struct probe probe = probe_of(index, &sorted[i].id);
        add_to_page(bits + probe.page * ROOM, &probe);
    }
    add_part(file, index, bytes_of(bits, len), ROOM);
    mem_free(bits);
}

static void add_table(struct buf *file, const struct tx_index *index,
                      const struct tx_entry *sorted) {
    struct buf part = {0};
    for (uint64_t i = 0; i < index->entry_count; i++) {
        encode_fixed(&part, &sorted[i].id, sizeof sorted[i].id);
        encode_u64(&part, sorted[i].height);
        encode_u32(&part, sorted[i].index);
    }
    add_part(file, index, buf_bytes(&part), (size_t)ENTRIES * ENTRY_BYTES);
    buf_clear(&part);
}

enum status tx_index_write(const char *path, const struct segment *segment,
                           const struct tx_table *table) {
    struct buf file = {0}, offsets = {0};
    struct tx_entry *sorted = tx_table_sorted(table);
    struct tx_index index = {.front = {.salt = segment->file.salt, .size = segment->size},
                             .first_height = segment->first_height,
                             .block_count = segment->count,
                             .entry_count = table->count,
                             .kept_until_ms = table->kept_until_ms};
    add_front(&file, &index);
    for (uint64_t i = 0; i < segment->count; i++) encode_u64(&offsets, segment->offsets[i]);
    add_part(&file, &index, buf_bytes(&offsets), (size_t)NUMBERS * 8);
    add_fences(&file, &index, sorted);
    add_filter(&file, &index, sorted);
    add_table(&file, &index, sorted);
    enum status status = file_replace(path, buf_bytes(&file), 0600);
    mem_free(sorted);
    buf_clear(&offsets);
    buf_clear(&file);
    return status;
}

// --- reading ---

static enum status read_page(uint8_t out[PAGE_BYTES], const struct tx_index_file *file, int fd,
                             uint64_t number) {
    struct hash sum;
    enum status status = file_read_at(fd, out, PAGE_BYTES, number * PAGE_BYTES);
    atomic_fetch_add_explicit(file->pages_read, 1, memory_order_relaxed);
    if (status == STATUS_OK) {
        page_sum(&sum, file->index, number, out);
        if (memcmp(sum.bytes, out + ROOM, sizeof sum.bytes) == 0) return STATUS_OK;
    }
    if (status == STATUS_IO) return status;
    log_error("ledger", "an index is damaged", log_text("file", file->path),
              log_number("offset", (int64_t)(number * PAGE_BYTES)));
    return STATUS_CORRUPT;
}

static int open_file(const struct tx_index_file *file) {
    return open(file->path, O_RDONLY | O_CLOEXEC);
}

static bool read_front(struct tx_index *index, const uint8_t *page) {
    index->block_count = load_u64_le(page + 8);
    index->entry_count = load_u64_le(page + 24);
    index->kept_until_ms = load_u64_le(page + 32);
    return memcmp(page, MAGIC, sizeof MAGIC) == 0 && load_u64_le(page + 16) == index->front.size;
}

enum status tx_index_open(struct tx_index *out, const struct tx_index_place *place) {
    uint8_t page[PAGE_BYTES];
    struct stat info;
    *out = (struct tx_index){.front = *place->front, .first_height = place->first_height};
    struct tx_index_file file = {
        .index = out, .path = place->path, .pages_read = place->pages_read};
    int fd = open_file(&file);
    if (fd < 0) return STATUS_NOT_FOUND;
    enum status status = fstat(fd, &info) == 0 ? STATUS_OK : STATUS_IO;
    if (status == STATUS_OK) status = read_page(page, &file, fd, 0);
    if (status == STATUS_OK &&
        (!read_front(out, page) || (uint64_t)info.st_size != layout_of(out).end * PAGE_BYTES))
        status = STATUS_CORRUPT;
    close(fd);
    return status;
}

// The fences, and behind them the filter's pages without their sums.
struct tx_filter {
    uint64_t *fences;
    uint8_t *bits;
};

size_t tx_filter_bytes(const struct tx_index *index) {
    return sizeof(struct tx_filter) + table_pages(index) * 8 + filter_pages(index) * ROOM;
}

static enum status read_fences(uint64_t *out, const struct tx_index_file *file, int fd) {
    uint8_t page[PAGE_BYTES];
    uint64_t count = table_pages(file->index), number = layout_of(file->index).fences;
    for (uint64_t done = 0; done < count; number++) {
        enum status status = read_page(page, file, fd, number);
        if (status != STATUS_OK) return status;
        for (uint64_t i = 0; i < NUMBERS && done < count; i++)
            out[done++] = load_u64_le(page + 8 * i);
    }
    return STATUS_OK;
}

enum status tx_filter_load(struct tx_filter **out, const struct tx_index_file *file) {
    uint8_t page[PAGE_BYTES];
    struct layout layout = layout_of(file->index);
    enum status status = STATUS_OK;
    int fd = open_file(file);
    if (fd < 0) return STATUS_IO;
    struct tx_filter *filter = mem_alloc(tx_filter_bytes(file->index));
    filter->fences = (uint64_t *)(void *)(filter + 1);
    filter->bits = (uint8_t *)(filter->fences + table_pages(file->index));
    TRY(read_fences(filter->fences, file, fd));
    for (uint64_t i = 0; i < filter_pages(file->index); i++) {
        TRY(read_page(page, file, fd, layout.filter + i));
        memcpy(filter->bits + i * ROOM, page, ROOM);
    }
    *out = filter;
out:
    close(fd);
    if (status != STATUS_OK) mem_free(filter);
    return status;
}

void tx_filter_free(struct tx_filter *filter) { mem_free(filter); }

// The pages of the table in which the id would stand: [first, end). More than two only where ids
// share their first eight bytes.
struct page_range {
    uint64_t first;
    uint64_t end;
};
static struct page_range find_range(const uint64_t *fences, uint64_t count, uint64_t number) {
    uint64_t low = 0, high = count;
    while (low < high) { // the first fence that is not below
        uint64_t middle = low + (high - low) / 2;
        if (fences[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    struct page_range range = {.first = low > 0 ? low - 1 : 0, .end = low};
    while (range.end < count && fences[range.end] == number) range.end++;
    return range;
}

static int compare_id(const void *id, const void *entry) { return memcmp(id, entry, 32); }

static enum status find_in_table(const struct tx_index_file *file, int fd, const uint64_t *fences,
                                 const struct hash *id, struct block_log_place *out) {
    uint8_t page[PAGE_BYTES];
    const struct tx_index *index = file->index;
    struct page_range range = find_range(fences, table_pages(index), fence_of(id->bytes));
    for (uint64_t i = range.first; i < range.end; i++) {
        uint64_t left = index->entry_count - i * ENTRIES;
        enum status status = read_page(page, file, fd, layout_of(index).table + i);
        if (status != STATUS_OK) return status;
        const uint8_t *found =
            bsearch(id->bytes, page, left < ENTRIES ? left : ENTRIES, ENTRY_BYTES, compare_id);
        if (!found) continue;
        *out = (struct block_log_place){.height = load_u64_le(found + 32),
                                        .index = load_u32_le(found + 40)};
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

// The same without a filter in memory.
static enum status find_in_file(const struct tx_index_file *file, int fd, const struct probe *probe,
                                const struct hash *id, struct block_log_place *out) {
    uint8_t page[PAGE_BYTES];
    enum status status = read_page(page, file, fd, layout_of(file->index).filter + probe->page);
    if (status != STATUS_OK) return status;
    if (!is_in_page(page, probe)) return STATUS_NOT_FOUND;
    uint64_t *fences = mem_alloc_array(table_pages(file->index), sizeof *fences);
    status = read_fences(fences, file, fd);
    if (status == STATUS_OK) status = find_in_table(file, fd, fences, id, out);
    mem_free(fences);
    return status;
}

enum status tx_index_find(const struct tx_index_file *file, const struct tx_filter *filter,
                          const struct hash *id, struct block_log_place *out) {
    if (file->index->entry_count == 0) return STATUS_NOT_FOUND;
    struct probe probe = probe_of(file->index, id);
    if (filter && !is_in_page(filter->bits + probe.page * ROOM, &probe)) return STATUS_NOT_FOUND;
    int fd = open_file(file);
    if (fd < 0) return STATUS_IO;
    enum status status = filter ? find_in_table(file, fd, filter->fences, id, out)
                                : find_in_file(file, fd, &probe, id, out);
    close(fd);
    return status;
}

enum status tx_index_offset(const struct tx_index_file *file, uint64_t height, uint64_t *out) {
    uint8_t page[PAGE_BYTES];
    uint64_t place = height - file->index->first_height;
    int fd = open_file(file);
    if (fd < 0) return STATUS_IO;
    enum status status =
        read_page(page, file, fd, layout_of(file->index).offsets + place / NUMBERS);
    close(fd);
    if (status == STATUS_OK) *out = load_u64_le(page + place % NUMBERS * 8);
    return status;
}
