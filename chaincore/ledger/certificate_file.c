// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/certificate_file.h"

#include "chaincore/base/codec.h"
#include "chaincore/base/log.h"

enum { NOTE_BYTES = 8 + 8 + 1 };

static void encode_note(struct buf *out, const struct certificate_note *note) {
    encode_u64(out, note->height);
    encode_u64(out, note->kept_before);
    encode_bool(out, note->is_kept);
}

static enum status visit_record(void *context, uint64_t number, struct bytes payload) {
    struct certificate_file *file = context;
    struct decoder in = decoder_of(payload);
    uint64_t count = number - file->segment.first_height;
    if (count >= CERTIFICATES_IN_FILE) return STATUS_CORRUPT;
    struct certificate_note *note = &file->notes[count];
    *note = (struct certificate_note){.height = decode_u64(&in), .kept_before = decode_u64(&in)};
    note->is_kept = decode_bool(&in);
    bool is_first = count == 0;
    bool is_in_order =
        is_first ? note->height == file->segment.first_height : note->height > note[-1].height;
    return in.status == STATUS_OK && is_in_order ? STATUS_OK : STATUS_CORRUPT;
}

enum status certificate_file_open(struct certificate_file *out, const char *path, uint64_t first,
                                  uint32_t expected) {
    *out = (struct certificate_file){.segment.first_height = first};
    struct segment_scan scan = {.visit = visit_record, .context = out};
    if (expected > 0) scan.durable_height = first + expected - 1;
    enum status status = segment_open(&out->segment, path, first, &scan);
    if (status != STATUS_OK) return status;
    if (expected == 0 || out->segment.count == expected) return STATUS_OK;
    log_error("ledger", "certificates are missing", log_text("file", path),
              log_number("count", (int64_t)out->segment.count));
    certificate_file_close(out);
    return STATUS_CORRUPT;
}

void certificate_file_close(struct certificate_file *file) { segment_close(&file->segment); }

enum status certificate_file_write(struct certificate_file *file,
                                   const struct certificate_note *note, struct bytes certificate) {
    struct buf payload = {0};
    encode_note(&payload, note);
    buf_append(&payload, certificate);
    enum status status = segment_write(&file->segment, buf_bytes(&payload));
    buf_clear(&payload);
    return status;
}

void certificate_file_note(struct certificate_file *file, const struct certificate_note *note,
                           size_t certificate_len) {
    ENSURE(file->segment.count < CERTIFICATES_IN_FILE);
    file->notes[file->segment.count] = *note;
    segment_note(&file->segment, NOTE_BYTES + certificate_len);
}

int certificate_file_find(const struct certificate_file *file, uint64_t height) {
    for (uint64_t i = 0; i < file->segment.count; i++)
        if (file->notes[i].height == height) return (int)i;
    return -1;
}

enum status certificate_file_read(const struct segment *segment, const char *path, uint64_t offset,
                                  uint64_t number, struct buf *out) {
    enum status status = segment_read(&segment->file, path, offset, number, out);
    if (status != STATUS_OK) return status;
    if (out->len < NOTE_BYTES) return STATUS_CORRUPT;
    out->len -= NOTE_BYTES;
    memmove(out->data, out->data + NOTE_BYTES, out->len);
    return STATUS_OK;
}
