// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/frame.h"

enum { MARKER_BYTES = 8 };

static const uint8_t MAGIC[8] = {'l', 'm', 'm', 'v', 'o', 't', 'e', 's'};

static void head_checksum(struct hash *out, const struct frame_salt *salt) {
    struct hasher hasher;
    hasher_init(&hasher, HASH_LOG);
    hasher_add(&hasher, BYTES_OF(MAGIC));
    hasher_add(&hasher, BYTES_OF(salt->bytes));
    hasher_finish(&hasher, out);
}

void frame_file_head(struct buf *out, const struct frame_salt *salt) {
    struct hash checksum;
    head_checksum(&checksum, salt);
    buf_append(out, BYTES_OF(MAGIC));
    buf_append(out, BYTES_OF(salt->bytes));
    buf_append(out, bytes_of(checksum.bytes, 8));
}

enum status frame_file_open(struct frame_salt *out, struct bytes content) {
    struct hash checksum;
    if (content.len < FRAME_FILE_HEAD_BYTES) return STATUS_CORRUPT;
    if (memcmp(content.data, MAGIC, sizeof MAGIC) != 0) return STATUS_CORRUPT;
    memcpy(out->bytes, content.data + sizeof MAGIC, sizeof out->bytes);
    head_checksum(&checksum, out);
    const uint8_t *stored = content.data + sizeof MAGIC + sizeof out->bytes;
    return memcmp(stored, checksum.bytes, 8) == 0 ? STATUS_OK : STATUS_CORRUPT;
}

// `lengths` are the twelve bytes behind the marker.
static void frame_checksum(struct hash *out, const struct frame_salt *salt, uint64_t offset,
                           const uint8_t *lengths, struct bytes payload) {
    struct hasher hasher;
    uint8_t place[8];
    store_u64_le(place, offset);
    hasher_init(&hasher, HASH_LOG);
    hasher_add(&hasher, BYTES_OF(salt->bytes));
    hasher_add(&hasher, BYTES_OF(place));
    hasher_add(&hasher, bytes_of(lengths, 12));
    hasher_add(&hasher, payload);
    hasher_finish(&hasher, out);
}

void frame_append(struct buf *out, const struct frame_salt *salt, const struct frame_place *place,
                  struct bytes payload) {
    uint8_t head[MARKER_BYTES + 12];
    struct hash checksum;
    ENSURE(payload.len <= UINT32_MAX);
    memcpy(head, salt->bytes, MARKER_BYTES);
    store_u32_le(head + MARKER_BYTES, (uint32_t)payload.len);
    store_u64_le(head + MARKER_BYTES + 4, place->durable);
    frame_checksum(&checksum, salt, place->offset, head + MARKER_BYTES, payload);
    buf_append(out, BYTES_OF(head));
    buf_append(out, BYTES_OF(checksum.bytes));
    buf_append(out, payload);
}

enum status frame_next(struct bytes *payload, const struct frame_salt *salt, struct bytes content,
                       uint64_t *offset) {
    struct hash checksum;
    ENSURE(*offset <= content.len);
    if (*offset == content.len) return STATUS_TRUNCATED;
    const uint8_t *at = content.data + *offset;
    uint64_t left = content.len - *offset;
    if (left < FRAME_HEAD_BYTES) return STATUS_CORRUPT;
    uint32_t len = load_u32_le(at + MARKER_BYTES);
    if (memcmp(at, salt->bytes, MARKER_BYTES) != 0 || len > left - FRAME_HEAD_BYTES)
        return STATUS_CORRUPT;
    struct bytes found = bytes_of(at + FRAME_HEAD_BYTES, len);
    frame_checksum(&checksum, salt, *offset, at + MARKER_BYTES, found);
    if (memcmp(at + MARKER_BYTES + 12, checksum.bytes, sizeof checksum.bytes) != 0)
        return STATUS_CORRUPT;
    *payload = found;
    *offset += FRAME_HEAD_BYTES + len;
    return STATUS_OK;
}

bool frame_was_durable(const struct frame_salt *salt, struct bytes content, uint64_t offset) {
    struct bytes payload;
    for (uint64_t at = offset + 1; at + FRAME_HEAD_BYTES <= content.len; at++) {
        uint64_t behind = at;
        if (memcmp(content.data + at, salt->bytes, MARKER_BYTES) != 0) continue;
        if (frame_next(&payload, salt, content, &behind) != STATUS_OK) continue;
        if (load_u64_le(content.data + at + MARKER_BYTES + 4) > offset) return true;
        at = behind - 1;
    }
    return false;
}
