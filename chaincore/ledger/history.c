// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/history.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

// A file that is damaged in more places than these is made again instead, by the next start.
enum { MOST_FIXES = 4096 };

struct history {
    int fd;
    char *path;
    _Atomic uint64_t first;
    history_read_id *read_id;
    void *context;
    _Atomic bool is_spoilt; // beyond mending
    _Atomic uint64_t count;
    struct hash peaks[MERKLE_MAX_DEPTH]; // the writer's
};

// Nodes are written in the order in which they come to be: a leaf, then each inner node that it
// completes. So the leaf i stands at 2i - popcount(i), and a mountain of 2^level leaves ends
// `level` nodes behind its last leaf.
static uint64_t leaf_position(uint64_t leaf) {
    return 2 * leaf - (uint64_t)__builtin_popcountll(leaf);
}

static uint64_t mountain_position(uint64_t first, unsigned level) {
    return leaf_position(first + ((uint64_t)1 << level) - 1) + level;
}

static enum status read_mountain(const struct history *history, uint64_t first, unsigned level,
                                 struct hash *out) {
    uint64_t position = mountain_position(first, level);
    enum status status =
        file_read_at(history->fd, out->bytes, sizeof out->bytes, position * sizeof *out);
    // What was never written reads as zeros, which no hash is.
    bool is_hole = first < history->first && hash_is_zero(out);
    return status == STATUS_OK && is_hole ? STATUS_NOT_FOUND : status;
}

// The nodes of one branch that the file holds wrong, as they should be. Nothing is written before
// the whole branch has turned out to be right.
struct mending {
    const struct history *history;
    size_t count;
    struct fix {
        uint64_t position;
        struct hash node;
    } fixes[MOST_FIXES];
};

static enum status add_fix(struct mending *mending, uint64_t position, const struct hash *node) {
    if (mending->count == MOST_FIXES) return STATUS_CORRUPT;
    mending->fixes[mending->count++] = (struct fix){.position = position, .node = *node};
    return STATUS_OK;
}

// What the mountain should be. A node that its children add up to is right: damage does not find
// preimages. Else these are looked at in turn, down to the leaves, which the owner knows; one that
// is gone there is taken as it is, and the branch's root decides.
static enum status true_mountain(struct mending *mending, uint64_t first, unsigned level,
                                 struct hash *out) {
    const struct history *history = mending->history;
    struct hash stored, left, right;
    enum status status = read_mountain(history, first, level, &stored);
    if (status == STATUS_TRUNCATED) memset(&stored, 0, sizeof stored);
    if (status != STATUS_OK && status != STATUS_TRUNCATED) return status;
    if (level == 0) {
        status = history->read_id(history->context, first, out);
        if (status == STATUS_NOT_FOUND) *out = stored;
        if (status != STATUS_OK && status != STATUS_NOT_FOUND) return status;
    } else {
        uint64_t middle = first + ((uint64_t)1 << (level - 1));
        enum status left_status = read_mountain(history, first, level - 1, &left);
        enum status right_status = read_mountain(history, middle, level - 1, &right);
        // Of a peak that was imported nothing is known but itself.
        if (left_status == STATUS_NOT_FOUND || right_status == STATUS_NOT_FOUND) {
            *out = stored;
            return STATUS_OK;
        }
        hash_node(out, &left, &right);
        if (left_status == STATUS_OK && right_status == STATUS_OK && hash_equal(out, &stored))
            return STATUS_OK;
        TRY(true_mountain(mending, first, level - 1, &left));
        TRY(true_mountain(mending, middle, level - 1, &right));
        hash_node(out, &left, &right);
    }
    status = STATUS_OK;
    if (!hash_equal(out, &stored)) status = add_fix(mending, mountain_position(first, level), out);
out:
    return status;
}

// The tree root over `count` leaves from `first` on; `first` is a multiple of every power of two in
// count, as it is for all right-hand sides of RFC 6962's splits. With a mending: what it should be.
static enum status range_root(const struct history *history, struct mending *mending,
                              uint64_t first, uint64_t count, struct hash *out) {
    struct hash parts[MERKLE_MAX_DEPTH];
    int part_count = 0;
    while (count > 0) {
        unsigned level = 63 - (unsigned)__builtin_clzll(count);
        struct hash *part = &parts[part_count++];
        enum status status = mending ? true_mountain(mending, first, level, part)
                                     : read_mountain(history, first, level, part);
        if (status != STATUS_OK) return status;
        first += (uint64_t)1 << level;
        count -= (uint64_t)1 << level;
    }
    for (; part_count > 1; part_count--)
        hash_node(&parts[part_count - 2], &parts[part_count - 2], &parts[part_count - 1]);
    *out = parts[0];
    return STATUS_OK;
}

static enum status load_peaks(const struct history *history, struct history_peaks *out,
                              uint64_t count) {
    uint64_t first = 0;
    *out = (struct history_peaks){.count = count};
    for (int peak = 0; count > 0; peak++) {
        unsigned level = 63 - (unsigned)__builtin_clzll(count);
        enum status status = read_mountain(history, first, level, &out->peaks[peak]);
        if (status != STATUS_OK) return status;
        first += (uint64_t)1 << level;
        count -= (uint64_t)1 << level;
    }
    return STATUS_OK;
}

enum status history_peaks_at(const struct history *history, struct history_peaks *out,
                             uint64_t count, const struct hash *root) {
    struct hash sum;
    enum status status = load_peaks(history, out, count);
    if (status == STATUS_IO) return status;
    history_peaks_root(&sum, out);
    return status == STATUS_OK && hash_equal(&sum, root) ? STATUS_OK : STATUS_CORRUPT;
}

enum status history_open(struct history **out, const struct history_config *config) {
    struct history_peaks peaks;
    struct history *history = mem_alloc(sizeof *history);
    history->fd = open(config->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    history->path = mem_copy_string(config->path);
    history->first = config->first;
    history->read_id = config->read_id;
    history->context = config->context;
    if (history->fd < 0) {
        history_close(history);
        return STATUS_IO;
    }
    if (history_peaks_at(history, &peaks, config->count, &config->root) == STATUS_OK) {
        history->count = config->count;
        memcpy(history->peaks, peaks.peaks, sizeof history->peaks);
    }
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
    if (history->is_spoilt) unlink(history->path);
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

enum status history_fill(struct history *history, struct history_peaks *peaks,
                         const struct hash *header_id) {
    struct hash nodes[MERKLE_MAX_DEPTH];
    int peak_count = __builtin_popcountll(peaks->count), added = 1;
    nodes[0] = *header_id;
    for (uint64_t rest = peaks->count; rest & 1; rest >>= 1, added++)
        hash_node(&nodes[added], &peaks->peaks[--peak_count], &nodes[added - 1]);
    size_t len = (size_t)added * sizeof *nodes;
    off_t offset = (off_t)(leaf_position(peaks->count) * sizeof *nodes);
    if (pwrite(history->fd, nodes, len, offset) != (ssize_t)len) return STATUS_IO;
    peaks->peaks[peak_count] = nodes[added - 1];
    peaks->count++;
    return STATUS_OK;
}

enum status history_end_fill(struct history *history) {
    if (fdatasync(history->fd) != 0) return STATUS_IO;
    history->first = 0;
    return STATUS_OK;
}

void history_peaks(const struct history *history, struct history_peaks *out) {
    *out = (struct history_peaks){.count = history->count};
    memcpy(out->peaks, history->peaks,
           (size_t)__builtin_popcountll(out->count) * sizeof *out->peaks);
}

void history_peaks_append(struct history_peaks *peaks, const struct hash *header_id) {
    int peak_count = __builtin_popcountll(peaks->count);
    struct hash node = *header_id;
    for (uint64_t rest = peaks->count; rest & 1; rest >>= 1)
        hash_node(&node, &peaks->peaks[--peak_count], &node);
    peaks->peaks[peak_count] = node;
    peaks->count++;
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

// With its leaf.
static enum status read_branch(const struct history *history, struct mending *mending,
                               struct merkle_branch *out, struct hash *leaf) {
    uint64_t first = 0, size = out->count, index = out->index;
    out->depth = merkle_branch_depth(out->index, out->count);
    for (unsigned level = out->depth; level > 0; level--) {
        uint64_t left = (uint64_t)1 << (63 - __builtin_clzll(size - 1));
        bool is_right = index >= left;
        struct hash *sibling = &out->siblings[level - 1];
        enum status status = is_right
                                 ? range_root(history, mending, first, left, sibling)
                                 : range_root(history, mending, first + left, size - left, sibling);
        if (status != STATUS_OK) return status;
        if (is_right) {
            first += left;
            index -= left;
            size -= left;
        } else {
            size = left;
        }
    }
    return range_root(history, mending, out->index, 1, leaf);
}

static enum status mend(struct history *history, struct merkle_branch *branch,
                        const struct hash *root) {
    struct hash leaf;
    struct mending *mending = mem_alloc(sizeof *mending);
    mending->history = history;
    enum status status = read_branch(history, mending, branch, &leaf);
    if (status == STATUS_OK) status = merkle_branch_check(branch, &leaf, root);
    for (size_t i = 0; status == STATUS_OK && i < mending->count; i++) {
        const struct fix *fix = &mending->fixes[i];
        off_t offset = (off_t)(fix->position * sizeof fix->node);
        // Others may write the same at the same time.
        if (pwrite(history->fd, &fix->node, sizeof fix->node, offset) != sizeof fix->node)
            status = STATUS_IO;
    }
    mem_free(mending);
    return status;
}

enum status history_branch(struct history *history, struct merkle_branch *out, uint64_t height,
                           uint64_t count, const struct hash *root) {
    struct hash leaf;
    if (height >= count || count > history->count) return STATUS_NOT_FOUND;
    *out = (struct merkle_branch){.index = height, .count = count};
    enum status status = read_branch(history, NULL, out, &leaf);
    if (status == STATUS_OK) status = merkle_branch_check(out, &leaf, root);
    if (status == STATUS_OK || status == STATUS_IO || status == STATUS_NOT_FOUND) return status;
    bool can_mend = history->read_id && !history->is_spoilt;
    status = can_mend ? mend(history, out, root) : STATUS_CORRUPT;
    bool is_mended = status == STATUS_OK;
    log_at(is_mended ? LOG_WARNING : LOG_ERROR, "ledger",
           is_mended ? "stored data was damaged, and is mended" : "stored data is damaged",
           log_text("file", history->path), log_number("height", (int64_t)height),
           log_text("status", status_name(status)));
    if (is_mended || status == STATUS_IO) return status;
    history->is_spoilt = true;
    return STATUS_CORRUPT;
}
