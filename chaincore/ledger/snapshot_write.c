// SPDX-License-Identifier: Apache-2.0
// The tree knows the hashes and the B+tree the entries, each in its own order: so the entries are
// sorted by their paths first. Sixteen bytes for each, and a walk from the root to each piece.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/ledger/snapshot.h"
#include "chaincore/ledger/state_internal.h"

struct entry {
    uint64_t front; // of the path
    const struct btree_item *item;
};

struct writer {
    const struct state_version *version;
    const char *folder;
    uint32_t piece_bytes;
    uint32_t piece_count;
    uint64_t bytes; // of all entries
    struct entry *entries;
    struct buf manifest;
    struct buf piece;
};

static void path_of(struct hash *out, const struct entry *entry) {
    hash_bytes(out, HASH_KEY, btree_key(entry->item));
}

static int compare_entries(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    struct hash x_path, y_path;
    if (x->front != y->front) return x->front < y->front ? -1 : 1;
    path_of(&x_path, x);
    path_of(&y_path, y);
    return hash_compare(&x_path, &y_path);
}

static unsigned bit_of(const struct entry *entry, unsigned depth) {
    struct hash path;
    if (depth < 64) return entry->front >> (63 - depth) & 1;
    path_of(&path, entry);
    return path.bytes[depth / 8] >> (7 - depth % 8) & 1;
}

static uint64_t front_of(const struct hash *path) {
    uint64_t front = 0;
    for (int i = 0; i < 8; i++) front = front << 8 | path->bytes[i];
    return front;
}

static size_t encoded_size(const struct btree_item *item) {
    return 8 + (size_t)item->key_len + item->value_len;
}

static size_t collect(struct writer *writer) {
    const struct state_view *view = state_version_view(writer->version);
    struct btree_cursor cursor;
    size_t count = 0;
    writer->entries = mem_alloc_array(view->count + 1, sizeof *writer->entries);
    for (btree_cursor_start(&cursor, view->root); cursor.item; btree_cursor_next(&cursor)) {
        struct entry *entry = &writer->entries[count++];
        struct hash path;
        entry->item = cursor.item;
        path_of(&path, entry);
        entry->front = front_of(&path);
        writer->bytes += encoded_size(entry->item);
    }
    ENSURE(count == view->count);
    if (count > 1) qsort(writer->entries, count, sizeof *writer->entries, compare_entries);
    return count;
}

// Whether these entries' encoding is at most `most` bytes long.
static bool fits(const struct entry *entries, size_t count, size_t most) {
    size_t total = 0;
    for (size_t i = 0; i < count && total <= most; i++) total += encoded_size(entries[i].item);
    return total <= most;
}

static void piece_path(char out[PATH_MAX], const char *folder, uint32_t number) {
    int len = snprintf(out, PATH_MAX, "%s/piece-%05u", folder, number);
    ENSURE(len > 0 && len < PATH_MAX);
}

static enum status write_piece(struct writer *writer, const struct entry *entries, size_t count) {
    char path[PATH_MAX];
    if (writer->piece_count == SNAPSHOT_MAX_PIECES) return STATUS_TOO_LARGE;
    buf_reset(&writer->piece);
    for (size_t i = 0; i < count; i++) {
        encode_bytes(&writer->piece, btree_key(entries[i].item));
        encode_bytes(&writer->piece, btree_value(entries[i].item));
    }
    piece_path(path, writer->folder, writer->piece_count++);
    return file_replace(path, buf_bytes(&writer->piece), 0600);
}

static enum status write_subtree(struct writer *writer, const struct entry *entries, size_t count,
                                 unsigned depth) {
    struct hash path, hash;
    if (count == 0) {
        encode_u8(&writer->manifest, SNAPSHOT_EMPTY);
        return STATUS_OK;
    }
    if (count == 1 || fits(entries, count, writer->piece_bytes)) {
        path_of(&path, entries);
        tree_hash_at(writer->version->state->tree, &writer->version->tree, &path, depth, &hash);
        encode_u8(&writer->manifest, count == 1 ? SNAPSHOT_LEAF : SNAPSHOT_SUBTREE);
        encode_fixed(&writer->manifest, &hash, sizeof hash);
        return write_piece(writer, entries, count);
    }
    size_t left = 0, end = count; // the first that goes right
    while (left < end) {
        size_t middle = left + (end - left) / 2;
        if (bit_of(&entries[middle], depth))
            end = middle;
        else
            left = middle + 1;
    }
    encode_u8(&writer->manifest, SNAPSHOT_INNER);
    enum status status = write_subtree(writer, entries, left, depth + 1);
    return status == STATUS_OK ? write_subtree(writer, entries + left, count - left, depth + 1)
                               : status;
}

static enum status write_manifest(const struct writer *writer) {
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/manifest", writer->folder);
    if (len < 0 || (size_t)len >= sizeof path) return STATUS_TOO_LARGE;
    if (writer->manifest.len > SNAPSHOT_MAX_MANIFEST_BYTES) return STATUS_TOO_LARGE;
    return file_replace(path, buf_bytes(&writer->manifest), 0600);
}

static void remove_part(const struct writer *writer) {
    char path[PATH_MAX];
    for (uint32_t i = 0; i < writer->piece_count; i++) {
        piece_path(path, writer->folder, i);
        unlink(path);
    }
    int len = snprintf(path, sizeof path, "%s/manifest", writer->folder);
    if (len > 0 && (size_t)len < sizeof path) unlink(path);
    rmdir(writer->folder);
}

// What stands in front of the tree.
static void write_front(struct buf *out, const struct snapshot_source *source) {
    struct buf cut = {0};
    cut_encode(&cut, source->cut);
    encode_u8(out, SNAPSHOT_VERSION);
    encode_bytes(out, buf_bytes(&cut));
    encode_bytes(out, source->certificate);
    encode_u32(out, (uint32_t)(source->set.len / sizeof(struct public_key)));
    buf_append(out, source->set);
    encode_u32(out, source->hand_over_count);
    buf_append(out, source->hand_overs);
    buf_clear(&cut);
}

static enum status make_folder(const char *part, const char *directory) {
    if (file_exists(directory)) return STATUS_EXISTS;
    if (mkdir(part, 0700) == 0) return STATUS_OK;
    return errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
}

enum status snapshot_write(const struct snapshot_source *source, const char *directory) {
    char part[PATH_MAX];
    int len = snprintf(part, sizeof part, "%s.%d", directory, (int)getpid());
    if (len < 0 || (size_t)len + sizeof "/piece-00000" >= sizeof part) return STATUS_TOO_LARGE;
    struct writer writer = {.version = source->version, .folder = part};
    writer.piece_bytes = source->piece_bytes ? source->piece_bytes : SNAPSHOT_PIECE_BYTES;
    enum status status = make_folder(part, directory);
    if (status != STATUS_OK) return status;
    size_t count = collect(&writer);
    if (source->most_bytes > 0 && writer.bytes > source->most_bytes) TRY(STATUS_TOO_LARGE);
    write_front(&writer.manifest, source);
    TRY(write_subtree(&writer, writer.entries, count, 0));
    TRY(write_manifest(&writer));
    if (rename(part, directory) != 0) TRY(STATUS_IO);
    writer.folder = directory;
    status = file_sync_parent(directory);
out:
    if (status != STATUS_OK) remove_part(&writer);
    mem_free(writer.entries);
    buf_clear(&writer.manifest);
    buf_clear(&writer.piece);
    return status;
}

enum status snapshot_read_manifest(struct buf *out, const char *directory) {
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/manifest", directory);
    if (len < 0 || (size_t)len >= sizeof path) return STATUS_TOO_LARGE;
    return file_read(out, path, SNAPSHOT_MAX_MANIFEST_BYTES);
}

enum status snapshot_read_piece(struct buf *out, const char *directory, uint32_t number) {
    char path[PATH_MAX];
    if (strlen(directory) + sizeof "/piece-0000000000" >= sizeof path) return STATUS_TOO_LARGE;
    piece_path(path, directory, number);
    return file_read(out, path, SNAPSHOT_MAX_PIECE_BYTES);
}
