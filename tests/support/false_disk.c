// SPDX-License-Identifier: Apache-2.0
#include "tests/support/false_disk.h"

uint64_t false_disk_random(struct false_disk *disk, uint64_t bound) {
    uint64_t z = (disk->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return bound == 0 ? z : z % bound;
}

void false_disk_draw(void *context, void *out, size_t len) {
    uint8_t *bytes = out;
    for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)false_disk_random(context, 256);
}

void false_disk_init(struct false_disk *disk, uint64_t seed) {
    *disk = (struct false_disk){.random = seed * 0x2545f4914f6cdd1du + 1};
}

void false_disk_clear(struct false_disk *disk) {
    for (size_t i = 0; i < FALSE_DISK_FILES; i++) {
        buf_clear(&disk->files[i].content);
        buf_clear(&disk->files[i].durable);
    }
    memset(disk->files, 0, sizeof disk->files);
}

struct false_file *false_disk_file(struct false_disk *disk, uint64_t number) {
    for (size_t i = 0; i < FALSE_DISK_FILES; i++)
        if (disk->files[i].is_named && disk->files[i].number == number) return &disk->files[i];
    return NULL;
}

static bool fails(struct false_disk *disk) {
    disk->calls++;
    return disk->fails_at > 0 && disk->calls >= disk->fails_at;
}

static enum status list(void *context, struct disk_list *out) {
    struct false_disk *disk = context;
    out->count = 0;
    for (size_t i = 0; i < FALSE_DISK_FILES; i++) {
        if (!disk->files[i].is_named) continue;
        if (out->count == DISK_FILES) return STATUS_FULL;
        size_t at = out->count++;
        for (; at > 0 && out->files[at - 1] > disk->files[i].number; at--)
            out->files[at] = out->files[at - 1];
        out->files[at] = disk->files[i].number;
    }
    return STATUS_OK;
}

static enum status read_whole(void *context, uint64_t number, size_t max_len, struct buf *out) {
    const struct false_file *file = false_disk_file(context, number);
    if (!file) return STATUS_NOT_FOUND;
    if (file->content.len > max_len) return STATUS_TOO_LARGE;
    buf_append(out, buf_bytes(&file->content));
    return STATUS_OK;
}

static enum status create(void *context, uint64_t number) {
    struct false_disk *disk = context;
    if (fails(disk)) return STATUS_IO;
    if (false_disk_file(disk, number)) return STATUS_EXISTS;
    for (size_t i = 0; i < FALSE_DISK_FILES; i++) {
        struct false_file *file = &disk->files[i];
        if (file->is_named || file->was_named) continue;
        file->number = number;
        file->is_named = true;
        buf_reset(&file->content);
        buf_reset(&file->durable);
        return STATUS_OK;
    }
    return STATUS_FULL;
}

// One that fails has written a part.
static enum status append(void *context, uint64_t number, struct bytes bytes) {
    struct false_disk *disk = context;
    struct false_file *file = false_disk_file(disk, number);
    bool failed = fails(disk);
    if (!file) return STATUS_NOT_FOUND;
    if (failed) bytes.len = (size_t)false_disk_random(disk, bytes.len + 1);
    buf_append(&file->content, bytes);
    return failed ? STATUS_IO : STATUS_OK;
}

static enum status cut(void *context, uint64_t number, uint64_t len) {
    struct false_disk *disk = context;
    struct false_file *file = false_disk_file(disk, number);
    if (!file) return STATUS_NOT_FOUND;
    if (fails(disk)) return STATUS_IO;
    if (len < file->content.len) file->content.len = len;
    return STATUS_OK;
}

static enum status sync_file(void *context, uint64_t number) {
    struct false_disk *disk = context;
    struct false_file *file = false_disk_file(disk, number);
    if (!file) return STATUS_NOT_FOUND;
    if (fails(disk)) return STATUS_IO;
    disk->syncs++;
    if (disk->forgets_to_sync) return STATUS_OK;
    buf_reset(&file->durable);
    buf_append(&file->durable, buf_bytes(&file->content));
    for (size_t i = 0; i < FALSE_DISK_FILES; i++)
        disk->files[i].was_named = disk->files[i].is_named;
    return STATUS_OK;
}

static enum status remove_file(void *context, uint64_t number) {
    struct false_disk *disk = context;
    struct false_file *file = false_disk_file(disk, number);
    if (!file) return STATUS_NOT_FOUND;
    if (fails(disk)) return STATUS_IO;
    file->is_named = false;
    return STATUS_OK;
}

struct disk false_disk_calls(struct false_disk *disk) {
    return (struct disk){.context = disk,
                         .list = list,
                         .read = read_whole,
                         .create = create,
                         .append = append,
                         .cut = cut,
                         .sync = sync_file,
                         .remove = remove_file};
}

// Of what was written since the last sync, each sector got there or is zero, up to a random length.
static void tear(struct false_disk *disk, struct false_file *file) {
    struct buf *content = &file->content, *durable = &file->durable;
    if (content->len <= durable->len) {
        // A cut got there, or did not.
        if (disk->loses_all || false_disk_random(disk, 2) == 0) {
            buf_reset(content);
            buf_append(content, buf_bytes(durable));
        }
        return;
    }
    size_t unsynced = content->len - durable->len;
    size_t kept = disk->loses_all ? 0 : (size_t)false_disk_random(disk, unsynced + 1);
    content->len = durable->len + kept;
    disk->torn++;
    for (size_t at = durable->len; at < content->len;) {
        size_t end = (at / FALSE_DISK_SECTOR + 1) * FALSE_DISK_SECTOR;
        if (end > content->len) end = content->len;
        if (false_disk_random(disk, 4) == 0) memset(content->data + at, 0, end - at);
        at = end;
    }
}

void false_disk_crash(struct false_disk *disk) {
    for (size_t i = 0; i < FALSE_DISK_FILES; i++) {
        struct false_file *file = &disk->files[i];
        if (file->is_named != file->was_named)
            file->is_named = disk->loses_all ? file->was_named : false_disk_random(disk, 2) == 0;
        if (file->is_named) tear(disk, file);
        buf_reset(&file->durable);
        buf_append(&file->durable, buf_bytes(&file->content));
        file->was_named = file->is_named;
    }
}
