// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/history.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

struct history {
    int fd;
    char *path;
    uint64_t first;
    _Atomic uint64_t count;
    struct hash peaks[MERKLE_MAX_DEPTH]; // the writer's
};

// Nodes are written in the order in which they come to be: a leaf, then each inner node that it
// completes. So the leaf i stands at 2i - popcount(i), and a mountain of 2^level leaves ends
// `level` nodes behind its last leaf.
static uint64_t leaf_position(uint64_t leaf) {
    return 2 * leaf - (uint64_t)__builtin_popcountll(leaf);
}

static enum status read_mountain(const struct history *history, uint64_t first, unsigned level,
                                 struct hash *out) {
    uint64_t last = first + ((uint64_t)1 << level) - 1;
    uint64_t position = leaf_position(last) + level;
    enum status status =
        file_read_at(history->fd, out->bytes, sizeof out->bytes, position * sizeof *out);
    // What was never written reads as zeros, which no hash is.
    bool is_hole = first < history->first && hash_is_zero(out);
    return status == STATUS_OK && is_hole ? STATUS_NOT_FOUND : status;
}

// The tree root over `count` leaves from `first` on; `first` is a multiple of every power of two in
// count, as it is for all right-hand sides of RFC 6962's splits.
static enum status range_root(const struct history *history, uint64_t first, uint64_t count,
                              struct hash *out) {
    struct hash parts[MERKLE_MAX_DEPTH];
    int part_count = 0;
    while (count > 0) {
        unsigned level = 63 - (unsigned)__builtin_clzll(count);
        enum status status = read_mountain(history, first, level, &parts[part_count++]);
        if (status != STATUS_OK) return status;
        first += (uint64_t)1 << level;
        count -= (uint64_t)1 << level;
    }
    for (; part_count > 1; part_count--)
        hash_node(&parts[part_count - 2], &parts[part_count - 2], &parts[part_count - 1]);
    *out = parts[0];
    return STATUS_OK;
}

static enum status load_peaks(struct history *history, uint64_t count) {
    uint64_t first = 0;
    for (int peak = 0; count > 0; peak++) {
        unsigned level = 63 - (unsigned)__builtin_clzll(count);
        enum status status = read_mountain(history, first, level, &history->peaks[peak]);
        if (status != STATUS_OK) return status;
        first += (uint64_t)1 << level;
        count -= (uint64_t)1 << level;
    }
    return STATUS_OK;
}

enum status history_open(struct history **out, const struct history_config *config) {
    struct hash root;
    struct history *history = mem_alloc(sizeof *history);
    history->fd = open(config->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    history->path = mem_copy_string(config->path);
    history->first = config->first;
    if (history->fd < 0) {
        history_close(history);
        return STATUS_IO;
    }
    if (load_peaks(history, config->count) == STATUS_OK) history->count = config->count;
    history_root(history, &root);
    if (history->count != config->count || !hash_equal(&root, &config->root)) history->count = 0;
    *out = history;
    return STATUS_OK;
}

enum status history_import(struct history *history, const struct history_peaks *peaks) {
    uint64_t end = 0, rest = peaks->count;
    if (ftruncate(history->fd, 0) != 0) return STATUS_IO;
    for (int peak = 0; rest > 0; peak++) {
        unsigned level = 63 - (unsigned)__builtin_clzll(rest);
        rest -= (uint64_t)1 << level;
        end += (uint64_t)1 << level;
        off_t offset = (off_t)((leaf_position(end - 1) + level) * sizeof(struct hash));
        if (lseek(history->fd, offset, SEEK_SET) != offset) return STATUS_IO;
        enum status status = file_write_all(history->fd, BYTES_OF(peaks->peaks[peak].bytes));
        if (status != STATUS_OK) return status;
        history->peaks[peak] = peaks->peaks[peak];
    }
    history->first = peaks->count;
    history->count = peaks->count;
    return STATUS_OK;
}

void history_close(struct history *history) {
    if (!history) return;
    if (history->fd >= 0) close(history->fd);
    mem_free(history->path);
    mem_free(history);
}

uint64_t history_count(const struct history *history) { return history->count; }

enum status history_append(struct history *history, const struct hash *header_id) {
    struct hash nodes[MERKLE_MAX_DEPTH]; // the leaf and the inner nodes it completes
    uint64_t count = history->count;
    int peak_count = __builtin_popcountll(count), added = 1;
    nodes[0] = *header_id;
    for (uint64_t rest = count; rest & 1; rest >>= 1, added++)
        hash_node(&nodes[added], &history->peaks[--peak_count], &nodes[added - 1]);
    off_t offset = (off_t)(leaf_position(count) * sizeof *nodes);
    if (lseek(history->fd, offset, SEEK_SET) != offset) return STATUS_IO;
    enum status status =
        file_write_all(history->fd, bytes_of(nodes, (size_t)added * sizeof *nodes));
    if (status != STATUS_OK) return status;
    history->peaks[peak_count] = nodes[added - 1];
    history->count = count + 1;
    return STATUS_OK;
}

void history_peaks(const struct history *history, struct history_peaks *out) {
    *out = (struct history_peaks){.count = history->count};
    memcpy(out->peaks, history->peaks,
           (size_t)__builtin_popcountll(out->count) * sizeof *out->peaks);
}

void history_peaks_root(struct hash *out, const struct history_peaks *peaks) {
    int peak_count = __builtin_popcountll(peaks->count);
    struct hash root = {0};
    if (peak_count > 0) root = peaks->peaks[peak_count - 1];
    for (int i = peak_count - 2; i >= 0; i--) hash_node(&root, &peaks->peaks[i], &root);
    merkle_wrap(out, peaks->count, &root);
}

void history_peaks_encode(struct buf *out, const struct history_peaks *peaks) {
    encode_u64(out, peaks->count);
    for (int i = 0; i < __builtin_popcountll(peaks->count); i++)
        encode_fixed(out, &peaks->peaks[i], sizeof peaks->peaks[i]);
}

void history_peaks_decode_from(struct decoder *in, struct history_peaks *out) {
    *out = (struct history_peaks){.count = decode_u64(in)};
    for (int i = 0; i < __builtin_popcountll(out->count); i++)
        decode_fixed(in, &out->peaks[i], sizeof out->peaks[i]);
}

void history_root(const struct history *history, struct hash *out) {
    struct history_peaks peaks;
    history_peaks(history, &peaks);
    history_peaks_root(out, &peaks);
}

static enum status read_branch(const struct history *history, struct merkle_branch *out,
                               uint64_t height, uint64_t count) {
    uint64_t first = 0, size = count, index = height;
    *out = (struct merkle_branch){.index = height, .count = count};
    out->depth = merkle_branch_depth(height, count);
    for (unsigned level = out->depth; level > 0; level--) {
        uint64_t left = (uint64_t)1 << (63 - __builtin_clzll(size - 1));
        bool is_right = index >= left;
        enum status status =
            is_right ? range_root(history, first, left, &out->siblings[level - 1])
                     : range_root(history, first + left, size - left, &out->siblings[level - 1]);
        if (status != STATUS_OK) return status;
        if (is_right) {
            first += left;
            index -= left;
            size -= left;
        } else {
            size = left;
        }
    }
    return STATUS_OK;
}

enum status history_branch(const struct history *history, struct merkle_branch *out,
                           uint64_t height, uint64_t count, const struct hash *root) {
    struct hash leaf;
    if (height >= count || count > history->count) return STATUS_NOT_FOUND;
    enum status status = read_branch(history, out, height, count);
    if (status == STATUS_OK) status = read_mountain(history, height, 0, &leaf);
    if (status == STATUS_OK) status = merkle_branch_check(out, &leaf, root);
    if (status == STATUS_OK || status == STATUS_IO || status == STATUS_NOT_FOUND) return status;
    log_error("ledger", "stored data is damaged; the next start makes it again",
              log_text("file", history->path), log_number("height", (int64_t)height));
    unlink(history->path);
    return STATUS_CORRUPT;
}
