// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

static void note_offset(struct segment *segment, uint64_t offset) {
    if (segment->count == segment->capacity) {
        segment->capacity = segment->capacity ? 2 * segment->capacity : 64;
        segment->offsets =
            mem_resize(segment->offsets, segment->capacity * sizeof *segment->offsets);
    }
    segment->offsets[segment->count++] = offset;
}

static enum status damaged(const struct segment *segment, uint64_t offset) {
    log_error("ledger", "stored data is damaged", log_text("file", segment->path),
              log_number("offset", (int64_t)offset));
    return STATUS_CORRUPT;
}

// Is there any whole record that begins after `offset`? Then what stands at `offset` was whole
// once.
static bool whole_record_behind(int fd, uint64_t offset, uint64_t file_size) {
    struct buf tail = {0}, payload = {0};
    struct record record;
    bool found = false;
    size_t len = (size_t)(file_size - offset);
    if (file_read_at(fd, buf_reserve(&tail, len), len, offset) != STATUS_OK) len = 0;
    for (size_t at = 1; !found && at + RECORD_HEADER_BYTES <= len; at++)
        if (record_has_magic(tail.data + at))
            found = record_read(fd, offset + at, &record, &payload) == STATUS_OK;
    buf_clear(&tail);
    buf_clear(&payload);
    return found;
}

static enum status cut_tail(struct segment *segment, uint64_t file_size) {
    log_warning("ledger", "a torn record at the end was cut", log_text("file", segment->path),
                log_number("offset", (int64_t)segment->size),
                log_number("bytes", (int64_t)(file_size - segment->size)));
    if (ftruncate(segment->fd, (off_t)segment->size) != 0 || fdatasync(segment->fd) != 0)
        return STATUS_IO;
    return STATUS_OK;
}

static enum status scan_records(struct segment *segment, const struct segment_scan *scan,
                                uint64_t file_size) {
    enum status status = STATUS_OK;
    struct buf payload = {0};
    struct record record;
    while (segment->size < file_size) {
        uint64_t height = segment->first_height + segment->count;
        status = record_read(segment->fd, segment->size, &record, &payload);
        if (status == STATUS_OK && record.height != height) status = STATUS_CORRUPT;
        if (status != STATUS_OK) break;
        if (scan->visit) TRY(scan->visit(scan->context, height, buf_bytes(&payload)));
        note_offset(segment, segment->size);
        segment->size += RECORD_HEADER_BYTES + record.payload_len;
    }
    if (status == STATUS_IO) goto out;
    uint64_t next = segment->first_height + segment->count;
    if (status != STATUS_OK) {
        bool is_torn = next > scan->durable_height &&
                       !whole_record_behind(segment->fd, segment->size, file_size);
        status = is_torn ? cut_tail(segment, file_size) : damaged(segment, segment->size);
    }
out:
    buf_clear(&payload);
    return status;
}

enum status segment_open(struct segment *out, const char *path, uint64_t first_height,
                         const struct segment_scan *scan) {
    struct stat info;
    *out = (struct segment){.first_height = first_height, .path = mem_copy_string(path)};
    out->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    enum status status = STATUS_IO;
    if (out->fd >= 0 && fstat(out->fd, &info) == 0)
        status = scan_records(out, scan, (uint64_t)info.st_size);
    if (status != STATUS_OK) segment_close(out);
    return status;
}

void segment_close(struct segment *segment) {
    if (segment->fd >= 0) close(segment->fd);
    mem_free(segment->path);
    mem_free(segment->offsets);
    *segment = (struct segment){.fd = -1};
}

enum status segment_append(struct segment *segment, struct bytes payload) {
    uint8_t header[RECORD_HEADER_BYTES];
    record_header_write(header, segment->first_height + segment->count, payload);
    if (lseek(segment->fd, (off_t)segment->size, SEEK_SET) < 0) return STATUS_IO;
    enum status status = file_write_all(segment->fd, BYTES_OF(header));
    if (status == STATUS_OK) status = file_write_all(segment->fd, payload);
    if (status != STATUS_OK) return status;
    note_offset(segment, segment->size);
    segment->size += sizeof header + payload.len;
    return STATUS_OK;
}

enum status segment_sync(const struct segment *segment) {
    return fdatasync(segment->fd) == 0 ? STATUS_OK : STATUS_IO;
}

enum status segment_read(const struct segment *segment, uint64_t offset, uint64_t height,
                         struct buf *out) {
    struct record record;
    enum status status = record_read(segment->fd, offset, &record, out);
    bool is_whole = status == STATUS_OK && record.height == height;
    if (is_whole || status == STATUS_IO) return status;
    return damaged(segment, offset);
}
