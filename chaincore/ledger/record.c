// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/record.h"

#include "chaincore/base/file.h"

static const uint32_t MAGIC = 0x676f6c6c; // "llog"

static void checksum(struct hash *out, const uint8_t *front, struct bytes payload) {
    struct hasher hasher;
    hasher_init(&hasher, HASH_LOG);
    hasher_add(&hasher, bytes_of(front, 16));
    hasher_add(&hasher, payload);
    hasher_finish(&hasher, out);
}

bool record_has_magic(const uint8_t *bytes) { return load_u32_le(bytes) == MAGIC; }

void record_header_write(uint8_t out[RECORD_HEADER_BYTES], uint64_t height, struct bytes payload) {
    struct hash sum;
    ENSURE(payload.len <= RECORD_MAX_PAYLOAD);
    store_u32_le(out, MAGIC);
    store_u32_le(out + 4, (uint32_t)payload.len);
    store_u64_le(out + 8, height);
    checksum(&sum, out, payload);
    memcpy(out + 16, sum.bytes, sizeof sum.bytes);
}

enum status record_read(int fd, uint64_t offset, struct record *out, struct buf *payload) {
    uint8_t header[RECORD_HEADER_BYTES];
    struct hash sum;
    enum status status = file_read_at(fd, header, sizeof header, offset);
    if (status != STATUS_OK) return status;
    out->payload_len = load_u32_le(header + 4);
    out->height = load_u64_le(header + 8);
    memcpy(out->checksum.bytes, header + 16, sizeof out->checksum.bytes);
    if (!record_has_magic(header) || out->payload_len > RECORD_MAX_PAYLOAD) return STATUS_CORRUPT;
    buf_reset(payload);
    uint8_t *room = buf_reserve(payload, out->payload_len);
    status = file_read_at(fd, room, out->payload_len, offset + sizeof header);
    if (status != STATUS_OK) return status;
    payload->len = out->payload_len;
    checksum(&sum, header, buf_bytes(payload));
    return hash_equal(&sum, &out->checksum) ? STATUS_OK : STATUS_CORRUPT;
}
