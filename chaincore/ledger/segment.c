// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/crypto/sign.h"

static const char MAGIC[8] = "lmm-log1";
enum { SUMMED_BYTES = 32 };

static enum status damaged(const char *path, uint64_t offset) {
    log_error("ledger", "stored data is damaged", log_text("file", path),
              log_number("offset", (int64_t)offset));
    return STATUS_CORRUPT;
}

void segment_note(struct segment *segment, size_t payload_len) {
    if (segment->count == segment->capacity) {
        segment->capacity = segment->capacity ? 2 * segment->capacity : 64;
        segment->offsets =
            mem_resize(segment->offsets, segment->capacity * sizeof *segment->offsets);
    }
    segment->offsets[segment->count++] = segment->size;
    segment->size += RECORD_HEADER_BYTES + payload_len;
}

enum status segment_read_front(struct segment_front *out, int fd, uint64_t first_height) {
    uint8_t front[SEGMENT_HEADER_BYTES];
    struct hash sum;
    struct stat info;
    if (fstat(fd, &info) != 0) return STATUS_IO;
    out->size = (uint64_t)info.st_size;
    if (out->size < sizeof front) return STATUS_CORRUPT;
    enum status status = file_read_at(fd, front, sizeof front, 0);
    if (status != STATUS_OK) return status;
    memcpy(out->salt.bytes, front + 16, sizeof out->salt.bytes);
    hash_bytes(&sum, HASH_LOG, bytes_of(front, SUMMED_BYTES));
    bool is_ours = memcmp(front, MAGIC, sizeof MAGIC) == 0 &&
                   load_u64_le(front + 8) == first_height &&
                   memcmp(front + SUMMED_BYTES, sum.bytes, sizeof sum.bytes) == 0;
    return is_ours ? STATUS_OK : STATUS_CORRUPT;
}

// An empty segment, durable with its name before anything is put behind it.
static enum status write_front(struct segment *segment) {
    uint8_t front[SEGMENT_HEADER_BYTES];
    struct hash sum;
    random_bytes(segment->file.salt.bytes, sizeof segment->file.salt.bytes);
    memcpy(front, MAGIC, sizeof MAGIC);
    store_u64_le(front + 8, segment->first_height);
    memcpy(front + 16, segment->file.salt.bytes, sizeof segment->file.salt.bytes);
    hash_bytes(&sum, HASH_LOG, bytes_of(front, SUMMED_BYTES));
    memcpy(front + SUMMED_BYTES, sum.bytes, sizeof sum.bytes);
    if (ftruncate(segment->file.fd, 0) != 0) return STATUS_IO;
    segment->size = sizeof front;
    return file_write_all(segment->file.fd, BYTES_OF(front));
}

static enum status sync_with_name(const struct segment *segment) {
    if (fdatasync(segment->file.fd) != 0) return STATUS_IO;
    return file_sync_parent(segment->path);
}

// Is there any whole record that begins after `offset`? Then what stands at `offset` was whole
// once. What reaches past where the next one begins is not whole, so each byte is read twice.
static enum status find_whole_record(bool *found, const struct record_file *file, uint64_t offset,
                                     uint64_t file_size) {
    struct buf payload = {0};
    struct record record;
    uint64_t at = offset + 1, next;
    enum status status = STATUS_OK;
    *found = false;
    TRY(record_find(file, &at, file_size));
    for (; !*found && at < file_size; at = next) {
        uint8_t header[RECORD_HEADER_BYTES];
        next = at + 1;
        TRY(record_find(file, &next, file_size));
        if (next - at < sizeof header) continue;
        TRY(file_read_at(file->fd, header, sizeof header, at));
        if (load_u32_le(header + RECORD_MARKER_BYTES) > next - at - sizeof header) continue;
        status = record_read(file, at, &record, &payload);
        if (status == STATUS_IO) goto out;
        *found = status == STATUS_OK;
        status = STATUS_OK;
    }
out:
    buf_clear(&payload);
    return status;
}

static enum status cut_tail(struct segment *segment, uint64_t file_size) {
    log_warning("ledger", "a torn record at the end was cut", log_text("file", segment->path),
                log_number("offset", (int64_t)segment->size),
                log_number("bytes", (int64_t)(file_size - segment->size)));
    if (ftruncate(segment->file.fd, (off_t)segment->size) != 0 || fdatasync(segment->file.fd) != 0)
        return STATUS_IO;
    return STATUS_OK;
}

static enum status scan_records(struct segment *segment, const struct segment_scan *scan,
                                uint64_t file_size) {
    enum status status = STATUS_OK;
    struct buf payload = {0};
    struct record record;
    bool is_whole_behind = false;
    while (segment->size < file_size) {
        uint64_t height = segment->first_height + segment->count;
        status = record_read(&segment->file, segment->size, &record, &payload);
        if (status == STATUS_OK && record.height != height) status = STATUS_CORRUPT;
        if (status != STATUS_OK) break;
        if (scan->visit && scan->visit(scan->context, height, buf_bytes(&payload)) != STATUS_OK)
            TRY(damaged(segment->path, segment->size));
        segment_note(segment, record.payload_len);
    }
    if (status == STATUS_OK || status == STATUS_IO) goto out;
    if (!scan->is_synced_in_groups)
        TRY(find_whole_record(&is_whole_behind, &segment->file, segment->size, file_size));
    bool is_torn =
        segment->first_height + segment->count > scan->durable_height && !is_whole_behind;
    status = is_torn ? cut_tail(segment, file_size) : damaged(segment->path, segment->size);
out:
    buf_clear(&payload);
    return status;
}

static enum status open_file(struct segment *out, const struct segment_scan *scan) {
    struct segment_front front = {0};
    bool must_exist = scan->durable_height >= out->first_height;
    out->file.fd = open(out->path, O_RDWR | O_CLOEXEC | (must_exist ? 0 : O_CREAT), 0600);
    if (out->file.fd < 0) return errno == ENOENT ? damaged(out->path, 0) : STATUS_IO;
    enum status status = segment_read_front(&front, out->file.fd, out->first_height);
    out->file.salt = front.salt;
    if (status == STATUS_OK) {
        out->size = SEGMENT_HEADER_BYTES;
        TRY(scan_records(out, scan, front.size));
    } else if (status == STATUS_CORRUPT) {
        // The front is durable before any record: damage in front of records is no torn write.
        if (must_exist || front.size > SEGMENT_HEADER_BYTES) return damaged(out->path, 0);
        if (front.size > 0) TRY(cut_tail(out, front.size));
        TRY(write_front(out));
    }
    // A process may have ended between making the file, or a record, and its sync: what the kernel
    // alone has is not durable, and whoever finds it here takes it for that.
    if (status == STATUS_OK) status = out->count == 0 ? sync_with_name(out) : segment_sync(out);
out:
    return status;
}

enum status segment_open(struct segment *out, const char *path, uint64_t first_height,
                         const struct segment_scan *scan) {
    *out = (struct segment){
        .file.fd = -1, .first_height = first_height, .path = mem_copy_string(path)};
    enum status status = open_file(out, scan);
    if (status != STATUS_OK) segment_close(out);
    return status;
}

void segment_close(struct segment *segment) {
    if (segment->file.fd >= 0) close(segment->file.fd);
    mem_free(segment->path);
    mem_free(segment->offsets);
    *segment = (struct segment){.file.fd = -1};
}

enum status segment_write(struct segment *segment, struct bytes payload) {
    uint8_t header[RECORD_HEADER_BYTES];
    if (segment->is_broken || lseek(segment->file.fd, (off_t)segment->size, SEEK_SET) < 0)
        return STATUS_IO;
    record_header_write(header, &segment->file.salt, segment->first_height + segment->count,
                        payload);
    enum status status = file_write_all(segment->file.fd, BYTES_OF(header));
    if (status == STATUS_OK) status = file_write_all(segment->file.fd, payload);
    if (status != STATUS_OK && ftruncate(segment->file.fd, (off_t)segment->size) != 0)
        segment->is_broken = true;
    return status;
}

enum status segment_sync(struct segment *segment) {
    if (!segment->is_broken && fdatasync(segment->file.fd) != 0) segment->is_broken = true;
    return segment->is_broken ? STATUS_IO : STATUS_OK;
}

enum status segment_read_start(const struct record_file *file, const char *path, uint64_t offset,
                               uint64_t height, size_t most, struct buf *out) {
    struct record record;
    enum status status = most < RECORD_MAX_PAYLOAD
                             ? record_read_front(file, offset, most, &record, out)
                             : record_read(file, offset, &record, out);
    bool is_there = status == STATUS_OK && record.height == height;
    return is_there || status == STATUS_IO ? status : damaged(path, offset);
}

enum status segment_read(const struct record_file *file, const char *path, uint64_t offset,
                         uint64_t height, struct buf *out) {
    return segment_read_start(file, path, offset, height, SIZE_MAX, out);
}
