// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/block_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
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

struct block_log {
    pthread_mutex_t lock; // guards what follows `segment_bytes`; never held while the disk works
    char *directory;
    uint64_t segment_bytes;
    struct segment open;
    struct tx_table open_table;
    size_t closed_count;
    struct closed **closed;
};

// Its index stays as it is. Whoever reads by it without the lock holds a reference: it may be
// pruned meanwhile.
struct closed {
    _Atomic uint32_t refs;
    struct tx_index index;
};

static void path_of(char out[PATH_MAX], const struct block_log *log, uint64_t first_height,
                    const char *suffix) {
    int len = snprintf(out, PATH_MAX, "%s/%012" PRIu64 ".%s", log->directory, first_height, suffix);
    ENSURE(len > 0 && len < PATH_MAX);
}

static void add_closed(struct block_log *log, const struct tx_index *index) {
    struct closed *closed = mem_alloc(sizeof *closed);
    closed->refs = 1;
    closed->index = *index;
    log->closed = mem_resize(log->closed, (log->closed_count + 1) * sizeof(struct closed *));
    log->closed[log->closed_count++] = closed;
}

static struct closed *closed_ref(struct closed *closed) {
    atomic_fetch_add_explicit(&closed->refs, 1, memory_order_relaxed);
    return closed;
}

static void closed_unref(struct closed *closed) {
    if (atomic_fetch_sub_explicit(&closed->refs, 1, memory_order_acq_rel) != 1) return;
    tx_index_clear(&closed->index);
    mem_free(closed);
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
    if (status == STATUS_OK) tx_table_keep(table, block_kept_until_ms(&block));
    arena_clear(&arena);
    return status;
}

// Reads the whole segment and writes its index.
static enum status make_index(struct block_log *log, const char *path, uint64_t first_height) {
    char index_path[PATH_MAX];
    struct segment segment;
    struct tx_table table = {0};
    struct segment_scan scan = {
        .durable_height = UINT64_MAX, .visit = note_block, .context = &table};
    path_of(index_path, log, first_height, "idx");
    log_warning("ledger", "an index is made again from its segment", log_text("file", index_path));
    enum status status = segment_open(&segment, path, first_height, &scan);
    if (status == STATUS_OK) status = tx_index_write(index_path, &segment, &table);
    segment_close(&segment);
    tx_table_clear(&table);
    return status;
}

static enum status open_index(struct tx_index *out, const struct block_log *log,
                              uint64_t first_height) {
    char path[PATH_MAX];
    struct segment_front front;
    path_of(path, log, first_height, "log");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return STATUS_IO;
    enum status status = segment_read_front(&front, fd, first_height);
    close(fd);
    path_of(path, log, first_height, "idx");
    return status == STATUS_OK ? tx_index_open(out, path, &front, first_height) : status;
}

static enum status open_closed(struct block_log *log, uint64_t first_height) {
    char path[PATH_MAX];
    struct tx_index index;
    if (open_index(&index, log, first_height) != STATUS_OK) {
        path_of(path, log, first_height, "log");
        enum status status = make_index(log, path, first_height);
        if (status == STATUS_OK) status = open_index(&index, log, first_height);
        if (status != STATUS_OK) return status;
    }
    add_closed(log, &index);
    return STATUS_OK;
}

static enum status open_last(struct block_log *log, uint64_t first_height,
                             uint64_t durable_height) {
    char path[PATH_MAX];
    struct segment_scan scan = {
        .durable_height = durable_height, .visit = note_block, .context = &log->open_table};
    path_of(path, log, first_height, "log");
    return segment_open(&log->open, path, first_height, &scan);
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

static uint64_t newest(const struct block_log *log) {
    return log->open.first_height + log->open.count - 1;
}

static uint64_t oldest(const struct block_log *log) {
    return log->closed_count > 0 ? log->closed[0]->index.first_height : log->open.first_height;
}

static enum status missing_blocks(const struct block_log *log, uint64_t height) {
    log_error("ledger", "blocks are missing", log_text("folder", log->directory),
              log_number("height", (int64_t)height));
    return STATUS_CORRUPT;
}

static enum status open_segments(struct block_log *log, const struct block_log_config *config) {
    uint64_t *heights = NULL, next = config->first_height ? config->first_height : 1;
    uint64_t needed_from = config->needed_from ? config->needed_from : next;
    size_t count = 0;
    enum status status;
    TRY(list_segments(log->directory, &heights, &count));
    if (count > 0 && heights[0] > needed_from) TRY(missing_blocks(log, needed_from));
    if (count > 0) next = heights[0];
    for (size_t i = 0; i + 1 < count; i++) {
        if (heights[i] != next) TRY(missing_blocks(log, next));
        TRY(open_closed(log, heights[i]));
        next += log->closed[i]->index.block_count;
    }
    if (count > 0 && heights[count - 1] != next) TRY(missing_blocks(log, next));
    TRY(open_last(log, next, config->durable_height));
    if (newest(log) < config->durable_height) TRY(missing_blocks(log, newest(log) + 1));
out:
    mem_free(heights);
    return status;
}

enum status block_log_open(struct block_log **out, const struct block_log_config *config) {
    struct block_log *log = mem_alloc(sizeof *log);
    log->directory = mem_copy_string(config->directory);
    log->segment_bytes = config->segment_bytes ? config->segment_bytes : USUAL_SEGMENT_BYTES;
    log->open.file.fd = -1;
    pthread_mutex_init(&log->lock, NULL);
    enum status status = file_make_directories(config->directory, 0700);
    if (status == STATUS_OK) status = open_segments(log, config);
    if (status != STATUS_OK) {
        block_log_close(log);
        return status;
    }
    *out = log;
    return STATUS_OK;
}

void block_log_close(struct block_log *log) {
    if (!log) return;
    for (size_t i = 0; i < log->closed_count; i++) closed_unref(log->closed[i]);
    mem_free(log->closed);
    segment_close(&log->open);
    tx_table_clear(&log->open_table);
    pthread_mutex_destroy(&log->lock);
    mem_free(log->directory);
    mem_free(log);
}

uint64_t block_log_newest(struct block_log *log) {
    pthread_mutex_lock(&log->lock);
    uint64_t height = newest(log);
    pthread_mutex_unlock(&log->lock);
    return height;
}

uint64_t block_log_oldest(struct block_log *log) {
    pthread_mutex_lock(&log->lock);
    uint64_t height = oldest(log);
    pthread_mutex_unlock(&log->lock);
    return height;
}

// Closes the open segment, now durable, and begins the next. The writer alone changes what is read
// here without the lock; nothing is changed before all has succeeded.
static enum status roll(struct block_log *log) {
    char path[PATH_MAX];
    struct tx_index index = {0};
    struct segment next = {.file.fd = -1}, old = log->open;
    struct tx_table old_table = log->open_table;
    struct segment_scan scan = {0};
    enum status status;
    TRY(segment_sync(&log->open));
    path_of(path, log, old.first_height, "idx");
    TRY(tx_index_write(path, &old, &old_table));
    TRY(open_index(&index, log, old.first_height));
    path_of(path, log, newest(log) + 1, "log");
    TRY(segment_open(&next, path, newest(log) + 1, &scan));
    pthread_mutex_lock(&log->lock);
    add_closed(log, &index);
    log->open = next;
    log->open_table = (struct tx_table){0};
    pthread_mutex_unlock(&log->lock);
    segment_close(&old);
    tx_table_clear(&old_table);
    return STATUS_OK;
out:
    tx_index_clear(&index);
    return status;
}

enum status block_log_append(struct block_log *log, const struct block_log_entry *entry) {
    enum status status = STATUS_OK;
    if (entry->height != newest(log) + 1) TRY(STATUS_CONFLICT);
    if (log->open.size >= log->segment_bytes) TRY(roll(log));
    TRY(segment_write(&log->open, entry->block));
    pthread_mutex_lock(&log->lock);
    segment_note(&log->open, entry->block.len);
    for (uint32_t i = 0; i < entry->tx_count; i++) {
        struct tx_entry tx = {.id = entry->tx_ids[i], .height = entry->height, .index = i};
        tx_table_add(&log->open_table, &tx);
    }
    tx_table_keep(&log->open_table, entry->kept_until_ms);
    pthread_mutex_unlock(&log->lock);
out:
    return status;
}

enum status block_log_sync(struct block_log *log) { return segment_sync(&log->open); }

// The closed segment that holds the height, NULL when the open one does; the lock is held.
static struct closed *closed_of(const struct block_log *log, uint64_t height) {
    size_t low = 0, high = log->closed_count;
    if (height >= log->open.first_height) return NULL;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (log->closed[middle]->index.first_height <= height)
            low = middle;
        else
            high = middle;
    }
    return log->closed[low];
}

// What is gone was pruned since it was looked up.
static enum status open_for_read(int *fd, const struct block_log *log, uint64_t first_height) {
    char path[PATH_MAX];
    path_of(path, log, first_height, "log");
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd >= 0) return STATUS_OK;
    return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
}

static enum status read_closed(struct block_log *log, const struct tx_index *index, uint64_t height,
                               struct buf *out) {
    char path[PATH_MAX];
    uint64_t offset = 0;
    struct record_file file = {.salt = index->front.salt};
    enum status status = open_for_read(&file.fd, log, index->first_height);
    if (status != STATUS_OK) return status;
    path_of(path, log, index->first_height, "idx");
    TRY(tx_index_offset(index, path, height, &offset));
    path_of(path, log, index->first_height, "log");
    status = segment_read(&file, path, offset, height, out);
out:
    close(file.fd);
    return status;
}

enum status block_log_read(struct block_log *log, uint64_t height, struct buf *out) {
    char path[PATH_MAX];
    uint64_t offset = 0, first_height = 0;
    struct closed *closed = NULL;
    enum status status;
    struct record_file file = {.fd = -1};
    pthread_mutex_lock(&log->lock);
    bool is_there = height >= oldest(log) && height <= newest(log);
    if (is_there) closed = closed_of(log, height);
    if (closed) closed_ref(closed);
    if (is_there && !closed) {
        first_height = log->open.first_height;
        offset = log->open.offsets[height - first_height];
        // A descriptor of its own: the segment may be closed meanwhile.
        file = (struct record_file){.fd = fcntl(log->open.file.fd, F_DUPFD_CLOEXEC, 0),
                                    .salt = log->open.file.salt};
    }
    pthread_mutex_unlock(&log->lock);
    if (!is_there) return STATUS_NOT_FOUND;
    if (closed) {
        status = read_closed(log, &closed->index, height, out);
        closed_unref(closed);
        return status;
    }
    if (file.fd < 0) return STATUS_IO;
    path_of(path, log, first_height, "log");
    status = segment_read(&file, path, offset, height, out);
    close(file.fd);
    return status;
}

// The newest closed segment that begins below the height, for the caller to unref; NULL when there
// is none.
static struct closed *closed_below(struct block_log *log, uint64_t height) {
    struct closed *found = NULL;
    pthread_mutex_lock(&log->lock);
    for (size_t i = log->closed_count; i > 0 && !found; i--)
        if (log->closed[i - 1]->index.first_height < height) found = closed_ref(log->closed[i - 1]);
    pthread_mutex_unlock(&log->lock);
    return found;
}

enum status block_log_find_tx(struct block_log *log, const struct hash *tx_id,
                              struct block_log_place *out) {
    char path[PATH_MAX];
    enum status status = STATUS_NOT_FOUND;
    struct closed *closed;
    pthread_mutex_lock(&log->lock);
    if (tx_table_find(&log->open_table, tx_id, out)) status = STATUS_OK;
    uint64_t below = log->open.first_height;
    pthread_mutex_unlock(&log->lock);
    // The newest first.
    while (status == STATUS_NOT_FOUND && (closed = closed_below(log, below))) {
        below = closed->index.first_height;
        path_of(path, log, below, "idx");
        status = tx_index_find(&closed->index, path, tx_id, out);
        closed_unref(closed);
        if (status == STATUS_IO && below < block_log_oldest(log)) return STATUS_NOT_FOUND; // pruned
    }
    return status;
}

// The segment first, then its index: one that is left over is of no segment, and nothing reads it.
static enum status remove_segment(const struct block_log *log, uint64_t first_height) {
    char path[PATH_MAX];
    path_of(path, log, first_height, "log");
    if (unlink(path) != 0 || file_sync_parent(path) != STATUS_OK) return STATUS_IO;
    path_of(path, log, first_height, "idx");
    return unlink(path) == 0 || errno == ENOENT ? STATUS_OK : STATUS_IO;
}

enum status block_log_prune(struct block_log *log, const struct block_log_bound *bound) {
    enum status status = STATUS_OK;
    while (status == STATUS_OK && log->closed_count > 0) {
        struct closed *first = log->closed[0];
        uint64_t end = first->index.first_height + first->index.block_count;
        if (end > bound->height || first->index.kept_until_ms > bound->now_ms) break;
        log_info("ledger", "blocks are pruned", log_number("height", (int64_t)end - 1));
        pthread_mutex_lock(&log->lock);
        log->closed_count--;
        memmove(log->closed, log->closed + 1, log->closed_count * sizeof(struct closed *));
        pthread_mutex_unlock(&log->lock);
        status = remove_segment(log, first->index.first_height);
        closed_unref(first);
    }
    return status;
}
