// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/block_log.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/chain/block.h"
#include "chaincore/ledger/tx_table.h"

static const uint64_t USUAL_SEGMENT_BYTES = 64 << 20;
enum { NAME_MAX_BYTES = 40 };

struct part {
    struct segment segment;
    struct tx_index index; // of a closed segment
};

struct block_log {
    pthread_mutex_t lock; // guards the parts, their offsets and the open table
    char *directory;
    uint64_t segment_bytes;
    size_t part_count; // at least one; the last is open
    struct part *parts;
    struct tx_table open_table;
};

static void path_of(char out[PATH_MAX], const struct block_log *log, uint64_t first_height,
                    const char *suffix) {
    int len = snprintf(out, PATH_MAX, "%s/%012" PRIu64 ".%s", log->directory, first_height, suffix);
    ENSURE(len > 0 && len < PATH_MAX);
}

static struct part *add_part(struct block_log *log) {
    log->parts = mem_resize(log->parts, (log->part_count + 1) * sizeof *log->parts);
    struct part *part = &log->parts[log->part_count++];
    *part = (struct part){.segment.fd = -1, .index.fd = -1};
    return part;
}

// Collects the transactions of a block that is read from a segment.
static enum status note_block(void *context, uint64_t height, struct bytes payload) {
    struct tx_table *table = context;
    struct arena arena = {0};
    struct block block;
    enum status status = block_decode(&block, &arena, payload);
    if (status == STATUS_OK && block.header.height != height) status = STATUS_CORRUPT;
    for (uint32_t i = 0; status == STATUS_OK && i < block.tx_count; i++) {
        struct tx_entry entry = {.id = block.txs[i].receipt.tx_id, .height = height, .index = i};
        tx_table_add(table, &entry);
    }
    arena_clear(&arena);
    return status;
}

static enum status open_closed(struct block_log *log, uint64_t first_height) {
    char path[PATH_MAX], index_path[PATH_MAX];
    struct part *part = add_part(log);
    path_of(path, log, first_height, "log");
    path_of(index_path, log, first_height, "idx");
    part->segment = (struct segment){.fd = open(path, O_RDONLY | O_CLOEXEC),
                                     .first_height = first_height,
                                     .path = mem_copy_string(path)};
    if (part->segment.fd < 0) return STATUS_IO;
    if (tx_index_open(&part->index, index_path, &part->segment) == STATUS_OK) return STATUS_OK;
    log_warning("ledger", "an index is made again from its segment", log_text("file", index_path));
    struct tx_table table = {0};
    struct segment_scan scan = {
        .durable_height = UINT64_MAX, .visit = note_block, .context = &table};
    segment_close(&part->segment);
    enum status status = segment_open(&part->segment, path, first_height, &scan);
    if (status == STATUS_OK) status = tx_index_write(index_path, &part->segment, &table);
    tx_table_clear(&table);
    if (status != STATUS_OK) return status;
    struct segment again = {.first_height = first_height};
    status = tx_index_open(&part->index, index_path, &again);
    mem_free(again.offsets);
    return status;
}

static enum status open_last(struct block_log *log, uint64_t first_height,
                             uint64_t durable_height) {
    char path[PATH_MAX];
    struct part *part = add_part(log);
    struct segment_scan scan = {
        .durable_height = durable_height, .visit = note_block, .context = &log->open_table};
    path_of(path, log, first_height, "log");
    return segment_open(&part->segment, path, first_height, &scan);
}

static int compare_heights(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// The first heights of the segments in the folder, ascending.
static enum status list_segments(const char *directory, uint64_t **out, size_t *count) {
    DIR *folder = opendir(directory);
    if (!folder) return STATUS_IO;
    for (struct dirent *entry; (entry = readdir(folder));) {
        uint64_t height;
        int end = 0;
        // NOLINTNEXTLINE(cert-err34-c): twelve digits cannot overflow.
        if (sscanf(entry->d_name, "%12" SCNu64 ".log%n", &height, &end) != 1 || end == 0 ||
            entry->d_name[end] != '\0')
            continue;
        *out = mem_resize(*out, (*count + 1) * sizeof **out);
        (*out)[(*count)++] = height;
    }
    closedir(folder);
    if (*count > 1) qsort(*out, *count, sizeof **out, compare_heights);
    return STATUS_OK;
}

static enum status missing_blocks(const struct block_log *log, uint64_t height) {
    log_error("ledger", "blocks are missing", log_text("folder", log->directory),
              log_number("height", (int64_t)height));
    return STATUS_CORRUPT;
}

static enum status open_parts(struct block_log *log, uint64_t durable_height) {
    uint64_t *heights = NULL, next = 1;
    size_t count = 0;
    enum status status;
    TRY(list_segments(log->directory, &heights, &count));
    for (size_t i = 0; i + 1 < count; i++) {
        if (heights[i] != next) TRY(missing_blocks(log, next));
        TRY(open_closed(log, heights[i]));
        next += log->parts[log->part_count - 1].segment.count;
    }
    if (count > 0 && heights[count - 1] != next) TRY(missing_blocks(log, next));
    TRY(open_last(log, next, durable_height));
    next += log->parts[log->part_count - 1].segment.count;
    if (next <= durable_height) TRY(missing_blocks(log, next));
out:
    mem_free(heights);
    return status;
}

enum status block_log_open(struct block_log **out, const struct block_log_config *config) {
    struct block_log *log = mem_alloc(sizeof *log);
    log->directory = mem_copy_string(config->directory);
    log->segment_bytes = config->segment_bytes ? config->segment_bytes : USUAL_SEGMENT_BYTES;
    pthread_mutex_init(&log->lock, NULL);
    enum status status = file_make_directories(config->directory, 0700);
    if (status == STATUS_OK) status = open_parts(log, config->durable_height);
    if (status != STATUS_OK) {
        block_log_close(log);
        return status;
    }
    *out = log;
    return STATUS_OK;
}

void block_log_close(struct block_log *log) {
    if (!log) return;
    for (size_t i = 0; i < log->part_count; i++) {
        segment_close(&log->parts[i].segment);
        tx_index_close(&log->parts[i].index);
    }
    tx_table_clear(&log->open_table);
    pthread_mutex_destroy(&log->lock);
    mem_free(log->parts);
    mem_free(log->directory);
    mem_free(log);
}

static uint64_t newest(const struct block_log *log) {
    const struct segment *last = &log->parts[log->part_count - 1].segment;
    return last->first_height + last->count - 1;
}

uint64_t block_log_newest(struct block_log *log) {
    pthread_mutex_lock(&log->lock);
    uint64_t height = newest(log);
    pthread_mutex_unlock(&log->lock);
    return height;
}

// Closes the open segment, now durable, and begins the next.
static enum status roll(struct block_log *log) {
    char path[PATH_MAX];
    struct part *part = &log->parts[log->part_count - 1];
    uint64_t next_height = newest(log) + 1;
    struct segment scratch = {.first_height = part->segment.first_height};
    enum status status = segment_sync(&part->segment);
    if (status != STATUS_OK) return status;
    path_of(path, log, part->segment.first_height, "idx");
    TRY(tx_index_write(path, &part->segment, &log->open_table));
    TRY(tx_index_open(&part->index, path, &scratch));
    tx_table_clear(&log->open_table);
    TRY(open_last(log, next_height, 0));
    TRY(file_sync_directory(log->directory));
out:
    mem_free(scratch.offsets);
    return status;
}

enum status block_log_append(struct block_log *log, uint64_t height, struct bytes block,
                             const struct hash *tx_ids, uint32_t tx_count) {
    enum status status = STATUS_OK;
    pthread_mutex_lock(&log->lock);
    if (height != newest(log) + 1) TRY(STATUS_CONFLICT);
    if (log->parts[log->part_count - 1].segment.size >= log->segment_bytes) TRY(roll(log));
    TRY(segment_append(&log->parts[log->part_count - 1].segment, block));
    for (uint32_t i = 0; i < tx_count; i++) {
        struct tx_entry entry = {.id = tx_ids[i], .height = height, .index = i};
        tx_table_add(&log->open_table, &entry);
    }
out:
    pthread_mutex_unlock(&log->lock);
    return status;
}

// Without the lock: readers need not wait for the disk, and only the writer changes the last part.
enum status block_log_sync(struct block_log *log) {
    return segment_sync(&log->parts[log->part_count - 1].segment);
}

// The part that holds the height; the lock is held.
static const struct segment *part_of(const struct block_log *log, uint64_t height) {
    size_t low = 0, high = log->part_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (log->parts[middle].segment.first_height <= height)
            low = middle;
        else
            high = middle;
    }
    return &log->parts[low].segment;
}

enum status block_log_read(struct block_log *log, uint64_t height, struct buf *out) {
    struct segment segment = {0};
    uint64_t offset = 0;
    pthread_mutex_lock(&log->lock);
    bool is_there = height >= 1 && height <= newest(log);
    if (is_there) {
        segment = *part_of(log, height); // the file and its path outlive the lock
        offset = segment.offsets[height - segment.first_height];
    }
    pthread_mutex_unlock(&log->lock);
    return is_there ? segment_read(&segment, offset, height, out) : STATUS_NOT_FOUND;
}

enum status block_log_find_tx(struct block_log *log, const struct hash *tx_id,
                              struct block_log_place *out) {
    enum status status = STATUS_NOT_FOUND;
    pthread_mutex_lock(&log->lock);
    if (tx_table_find(&log->open_table, tx_id, out)) status = STATUS_OK;
    for (size_t i = log->part_count; status == STATUS_NOT_FOUND && i-- > 0;)
        if (log->parts[i].index.fd >= 0) status = tx_index_find(&log->parts[i].index, tx_id, out);
    pthread_mutex_unlock(&log->lock);
    return status;
}
