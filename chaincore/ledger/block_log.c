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
#include "chaincore/base/limits.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/chain/block.h"
#include "chaincore/ledger/tx_index.h"

static const uint64_t USUAL_SEGMENT_BYTES = 64 << 20;

struct block_log {
    pthread_mutex_t lock; // guards what follows `mending`; never held while the disk works
    char *directory;
    uint64_t segment_bytes;
    uint64_t filter_bytes;
    bool is_dirty; // the writer's: something was appended since the last sync
    _Atomic uint64_t pages_read;
    pthread_mutex_t mending; // an index is made again by one thread at a time
    struct segment open;
    struct tx_table open_table;
    size_t closed_count;
    struct closed **closed;
    uint64_t filter_sum; // of all that were ever closed
    size_t unfiltered;   // so many of the oldest keep no filter: there is no room for it
};

// Its index stays as it is. Whoever reads by it without the lock holds a reference: it may be
// pruned meanwhile.
struct closed {
    _Atomic uint32_t refs;
    _Atomic uint32_t times_mended;
    struct tx_index index;
    uint64_t filter_end;                // filter_sum with this one's
    _Atomic(struct tx_filter *) filter; // from the first look on
};

static void path_of(char out[PATH_MAX], const struct block_log *log, uint64_t first_height,
                    const char *suffix) {
    int len = snprintf(out, PATH_MAX, "%s/%012" PRIu64 ".%s", log->directory, first_height, suffix);
    ENSURE(len > 0 && len < PATH_MAX);
}

static struct closed *closed_new(const struct tx_index *index, uint64_t filter_end) {
    struct closed *closed = mem_alloc(sizeof *closed);
    closed->refs = 1;
    closed->index = *index;
    closed->filter_end = filter_end;
    return closed;
}

static struct closed *closed_ref(struct closed *closed) {
    atomic_fetch_add_explicit(&closed->refs, 1, memory_order_relaxed);
    return closed;
}

static void closed_unref(struct closed *closed) {
    if (atomic_fetch_sub_explicit(&closed->refs, 1, memory_order_acq_rel) != 1) return;
    tx_filter_free(closed->filter);
    mem_free(closed);
}

// Is there room for its filter, and for those of all that are newer? The lock is held.
static bool may_keep_filter(const struct block_log *log, const struct closed *closed) {
    uint64_t newer = log->filter_sum - closed->filter_end;
    return newer + tx_filter_bytes(&closed->index) <= log->filter_bytes;
}

static void add_closed(struct block_log *log, const struct tx_index *index) {
    log->filter_sum += tx_filter_bytes(index);
    log->closed = mem_resize(log->closed, (log->closed_count + 1) * sizeof(struct closed *));
    log->closed[log->closed_count++] = closed_new(index, log->filter_sum);
    for (; log->unfiltered < log->closed_count; log->unfiltered++) {
        struct closed *old = log->closed[log->unfiltered];
        if (may_keep_filter(log, old)) break;
        // Somebody may be reading in it; those who come now find it without.
        log->closed[log->unfiltered] = closed_new(&old->index, old->filter_end);
        closed_unref(old);
    }
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

static enum status open_index(struct tx_index *out, struct block_log *log, uint64_t first_height) {
    char path[PATH_MAX];
    struct segment_front front;
    struct tx_index_place place = {.path = path,
                                   .front = &front,
                                   .first_height = first_height,
                                   .pages_read = &log->pages_read};
    path_of(path, log, first_height, "log");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return STATUS_IO;
    enum status status = segment_read_front(&front, fd, first_height);
    close(fd);
    path_of(path, log, first_height, "idx");
    return status == STATUS_OK ? tx_index_open(out, &place) : status;
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
    struct segment_scan scan = {.durable_height = durable_height,
                                .is_synced_in_groups = true,
                                .visit = note_block,
                                .context = &log->open_table};
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
    log->filter_bytes = config->filter_bytes ? config->filter_bytes : LIMIT_LOG_FILTER_BYTES;
    log->open.file.fd = -1;
    pthread_mutex_init(&log->lock, NULL);
    pthread_mutex_init(&log->mending, NULL);
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
    pthread_mutex_destroy(&log->mending);
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
out:
    return status;
}

enum status block_log_append(struct block_log *log, const struct block_log_entry *entry) {
    enum status status = STATUS_OK;
    if (entry->height != newest(log) + 1) TRY(STATUS_CONFLICT);
    if (log->open.size >= log->segment_bytes) TRY(roll(log));
    log->is_dirty = true;
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

enum status block_log_sync(struct block_log *log) {
    if (!log->is_dirty) return STATUS_OK;
    enum status status = segment_sync(&log->open);
    log->is_dirty = status != STATUS_OK;
    return status;
}

static enum status write_blocks(struct segment *segment, struct tx_table *table,
                                const struct bytes *blocks, size_t count) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = note_block(table, segment->first_height + i, blocks[i]);
        if (status == STATUS_OK) status = segment_write(segment, blocks[i]);
        if (status == STATUS_OK) segment_note(segment, blocks[i].len);
    }
    return status == STATUS_OK ? segment_sync(segment) : status;
}

// The name that a start looks for comes last: what a crash leaves is no segment.
static enum status write_segment(struct block_log *log, uint64_t first_height,
                                 const struct bytes *blocks, size_t count) {
    char part[PATH_MAX], path[PATH_MAX];
    struct segment segment = {.file.fd = -1};
    struct tx_table table = {0};
    struct segment_scan scan = {0};
    enum status status;
    path_of(part, log, first_height, "part");
    if (unlink(part) != 0 && errno != ENOENT) return STATUS_IO;
    TRY(segment_open(&segment, part, first_height, &scan));
    TRY(write_blocks(&segment, &table, blocks, count));
    path_of(path, log, first_height, "idx");
    TRY(tx_index_write(path, &segment, &table));
    path_of(path, log, first_height, "log");
    if (rename(part, path) != 0) TRY(STATUS_IO);
    status = file_sync_parent(path);
out:
    segment_close(&segment);
    tx_table_clear(&table);
    return status;
}

// Those that are there come before it when there is room for filters.
static void add_oldest(struct block_log *log, const struct tx_index *index) {
    uint64_t end = 0;
    if (log->closed_count > 0)
        end = log->closed[0]->filter_end - tx_filter_bytes(&log->closed[0]->index);
    else
        log->filter_sum = 0;
    log->closed = mem_resize(log->closed, (log->closed_count + 1) * sizeof(struct closed *));
    memmove(log->closed + 1, log->closed, log->closed_count * sizeof(struct closed *));
    log->closed[0] = closed_new(index, end);
    log->closed_count++;
    if (log->unfiltered > 0 || !may_keep_filter(log, log->closed[0])) log->unfiltered++;
}

enum status block_log_prepend(struct block_log *log, uint64_t first_height,
                              const struct bytes *blocks, size_t count) {
    struct tx_index index;
    enum status status = STATUS_OK;
    if (count == 0 || first_height == 0 || first_height + count != oldest(log))
        TRY(STATUS_CONFLICT);
    TRY(write_segment(log, first_height, blocks, count));
    TRY(open_index(&index, log, first_height));
    pthread_mutex_lock(&log->lock);
    add_oldest(log, &index);
    pthread_mutex_unlock(&log->lock);
out:
    return status;
}

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

// Makes the index again unless somebody else has done so since it was found damaged.
static enum status mend(struct block_log *log, struct closed *closed, uint32_t times_mended) {
    char path[PATH_MAX];
    enum status status = STATUS_OK;
    path_of(path, log, closed->index.first_height, "log");
    pthread_mutex_lock(&log->mending);
    if (closed->times_mended == times_mended) {
        status = make_index(log, path, closed->index.first_height);
        if (status == STATUS_OK) closed->times_mended++;
    }
    pthread_mutex_unlock(&log->mending);
    return status;
}

static enum status read_closed(struct block_log *log, struct closed *closed, uint64_t height,
                               size_t most, struct buf *out) {
    char path[PATH_MAX], index_path[PATH_MAX];
    uint64_t offset = 0, first_height = closed->index.first_height;
    uint32_t times_mended = closed->times_mended;
    struct record_file file = {.salt = closed->index.front.salt};
    struct tx_index_file index = {
        .index = &closed->index, .path = index_path, .pages_read = &log->pages_read};
    enum status status = open_for_read(&file.fd, log, first_height);
    if (status != STATUS_OK) return status;
    path_of(index_path, log, first_height, "idx");
    status = tx_index_offset(&index, height, &offset);
    if (status == STATUS_CORRUPT) {
        TRY(mend(log, closed, times_mended));
        status = tx_index_offset(&index, height, &offset);
    }
    if (status != STATUS_OK) goto out;
    path_of(path, log, first_height, "log");
    status = segment_read_start(&file, path, offset, height, most, out);
out:
    close(file.fd);
    return status;
}

enum status block_log_read_start(struct block_log *log, uint64_t height, size_t most,
                                 struct buf *out) {
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
        status = read_closed(log, closed, height, most, out);
        closed_unref(closed);
        // Pruned while it was read, its index behind it.
        if (status == STATUS_IO && height < block_log_oldest(log)) status = STATUS_NOT_FOUND;
        return status;
    }
    if (file.fd < 0) return STATUS_IO;
    path_of(path, log, first_height, "log");
    status = segment_read_start(&file, path, offset, height, most, out);
    close(file.fd);
    return status;
}

enum status block_log_read(struct block_log *log, uint64_t height, struct buf *out) {
    return block_log_read_start(log, height, SIZE_MAX, out);
}

// The newest closed segment that begins below the height, for the caller to unref; NULL when there
// is none.
static struct closed *closed_below(struct block_log *log, uint64_t height) {
    pthread_mutex_lock(&log->lock);
    size_t low = 0, high = log->closed_count;
    while (low < high) { // the first that does not
        size_t middle = low + (high - low) / 2;
        if (log->closed[middle]->index.first_height < height)
            low = middle + 1;
        else
            high = middle;
    }
    struct closed *found = low > 0 ? closed_ref(log->closed[low - 1]) : NULL;
    pthread_mutex_unlock(&log->lock);
    return found;
}

// NULL, and OK, where there is no room for one.
static enum status need_filter(struct block_log *log, struct closed *closed,
                               const struct tx_index_file *file, struct tx_filter **out) {
    struct tx_filter *loaded;
    *out = atomic_load_explicit(&closed->filter, memory_order_acquire);
    if (*out) return STATUS_OK;
    pthread_mutex_lock(&log->lock);
    bool has_room = may_keep_filter(log, closed);
    pthread_mutex_unlock(&log->lock);
    if (!has_room) return STATUS_OK;
    enum status status = tx_filter_load(&loaded, file);
    if (status != STATUS_OK) return status;
    if (atomic_compare_exchange_strong(&closed->filter, out, loaded))
        *out = loaded;
    else
        tx_filter_free(loaded); // another thread was faster
    return STATUS_OK;
}

static enum status look_into(struct block_log *log, struct closed *closed, const struct hash *tx_id,
                             struct block_log_place *out) {
    char path[PATH_MAX];
    struct tx_filter *filter;
    struct tx_index_file file = {
        .index = &closed->index, .path = path, .pages_read = &log->pages_read};
    path_of(path, log, closed->index.first_height, "idx");
    enum status status = need_filter(log, closed, &file, &filter);
    return status == STATUS_OK ? tx_index_find(&file, filter, tx_id, out) : status;
}

static enum status find_in_closed(struct block_log *log, struct closed *closed,
                                  const struct hash *tx_id, struct block_log_place *out) {
    uint32_t times_mended = closed->times_mended;
    enum status status = look_into(log, closed, tx_id, out);
    if (status != STATUS_CORRUPT) return status;
    status = mend(log, closed, times_mended);
    return status == STATUS_OK ? look_into(log, closed, tx_id, out) : status;
}

enum status block_log_find_tx(struct block_log *log, const struct hash *tx_id, uint64_t from_height,
                              struct block_log_place *out) {
    enum status status = STATUS_NOT_FOUND;
    struct closed *closed;
    pthread_mutex_lock(&log->lock);
    if (tx_table_find(&log->open_table, tx_id, out)) status = STATUS_OK;
    uint64_t below = log->open.first_height;
    pthread_mutex_unlock(&log->lock);
    // The newest first.
    while (status == STATUS_NOT_FOUND && below > from_height &&
           (closed = closed_below(log, below))) {
        below = closed->index.first_height;
        status = find_in_closed(log, closed, tx_id, out);
        closed_unref(closed);
        if (status == STATUS_IO && below < block_log_oldest(log)) return STATUS_NOT_FOUND; // pruned
    }
    return status;
}

uint64_t block_log_pages_read(const struct block_log *log) { return log->pages_read; }

// The segment first, then its index: one that is left over is of no segment, and nothing reads it.
static enum status remove_segment(const struct block_log *log, uint64_t first_height) {
    char path[PATH_MAX];
    path_of(path, log, first_height, "log");
    if (unlink(path) != 0 || file_sync_parent(path) != STATUS_OK) return STATUS_IO;
    path_of(path, log, first_height, "idx");
    return unlink(path) == 0 || errno == ENOENT ? STATUS_OK : STATUS_IO;
}

static uint64_t last_of(const struct closed *closed) {
    return closed->index.first_height + closed->index.block_count - 1;
}

static bool may_go(const struct closed *closed, const struct block_log_bound *bound) {
    return last_of(closed) < bound->height && closed->index.kept_until_ms <= bound->now_ms;
}

uint64_t block_log_prunable(const struct block_log *log, const struct block_log_bound *bound) {
    uint64_t last = 0;
    for (size_t i = 0; i < log->closed_count && may_go(log->closed[i], bound); i++)
        last = last_of(log->closed[i]);
    return last;
}

enum status block_log_prune(struct block_log *log, const struct block_log_bound *bound) {
    enum status status = STATUS_OK;
    while (status == STATUS_OK && log->closed_count > 0) {
        struct closed *first = log->closed[0];
        if (!may_go(first, bound)) break;
        log_info("ledger", "blocks are pruned", log_number("height", (int64_t)last_of(first)));
        pthread_mutex_lock(&log->lock);
        log->closed_count--;
        log->unfiltered -= log->unfiltered > 0;
        memmove(log->closed, log->closed + 1, log->closed_count * sizeof(struct closed *));
        pthread_mutex_unlock(&log->lock);
        status = remove_segment(log, first->index.first_height);
        closed_unref(first);
    }
    return status;
}
