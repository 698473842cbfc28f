// SPDX-License-Identifier: Apache-2.0
#include <config.h> // memmem

#include "chaincore/ledger/record.h"

#include "chaincore/base/file.h"
#include "chaincore/base/limits.h"
#include "chaincore/chain/header.h"

enum { FRONT_BYTES = 20, WINDOW_BYTES = 64 << 10 };

_Static_assert(HEADER_MAX_BYTES + 4 + LIMIT_BLOCK_BYTES + LIMIT_BLOCK_RESULT_BYTES <=
                   RECORD_MAX_PAYLOAD,
               "a record holds any block");

static void checksum(struct hash *out, const struct salt *salt, const uint8_t *front,
                     struct bytes payload) {
    struct hasher hasher;
    hasher_init(&hasher, HASH_LOG);
    hasher_add(&hasher, BYTES_OF(salt->bytes));
    hasher_add(&hasher, bytes_of(front, FRONT_BYTES));
    hasher_add(&hasher, payload);
    hasher_finish(&hasher, out);
}

void record_header_write(uint8_t out[RECORD_HEADER_BYTES], const struct salt *salt, uint64_t height,
                         struct bytes payload) {
    struct hash sum;
    ENSURE(payload.len <= RECORD_MAX_PAYLOAD);
    memcpy(out, salt->bytes, RECORD_MARKER_BYTES);
    store_u32_le(out + 8, (uint32_t)payload.len);
    store_u64_le(out + 12, height);
    checksum(&sum, salt, out, payload);
    memcpy(out + FRONT_BYTES, sum.bytes, sizeof sum.bytes);
}

static enum status read_some(const struct record_file *file, uint64_t offset, size_t most,
                             uint8_t header[RECORD_HEADER_BYTES], struct record *out,
                             struct buf *payload) {
    enum status status = file_read_at(file->fd, header, RECORD_HEADER_BYTES, offset);
    if (status != STATUS_OK) return status;
    out->payload_len = load_u32_le(header + 8);
    out->height = load_u64_le(header + 12);
    memcpy(out->checksum.bytes, header + FRONT_BYTES, sizeof out->checksum.bytes);
    if (memcmp(header, file->salt.bytes, RECORD_MARKER_BYTES) != 0 ||
        out->payload_len > RECORD_MAX_PAYLOAD)
        return STATUS_CORRUPT;
    size_t len = out->payload_len < most ? out->payload_len : most;
    buf_reset(payload);
    status = file_read_at(file->fd, buf_reserve(payload, len), len, offset + RECORD_HEADER_BYTES);
    if (status == STATUS_OK) payload->len = len;
    return status;
}

enum status record_read_front(const struct record_file *file, uint64_t offset, size_t most,
                              struct record *out, struct buf *payload) {
    uint8_t header[RECORD_HEADER_BYTES];
    return read_some(file, offset, most, header, out, payload);
}

enum status record_read(const struct record_file *file, uint64_t offset, struct record *out,
                        struct buf *payload) {
    uint8_t header[RECORD_HEADER_BYTES];
    struct hash sum;
    enum status status = read_some(file, offset, RECORD_MAX_PAYLOAD, header, out, payload);
    if (status != STATUS_OK) return status;
    checksum(&sum, &file->salt, header, buf_bytes(payload));
    return hash_equal(&sum, &out->checksum) ? STATUS_OK : STATUS_CORRUPT;
}

enum status record_find(const struct record_file *file, uint64_t *at, uint64_t end) {
    struct buf window = {0};
    enum status status = STATUS_OK;
    while (end - *at >= RECORD_MARKER_BYTES) {
        size_t len = end - *at < WINDOW_BYTES ? (size_t)(end - *at) : WINDOW_BYTES;
        uint8_t *bytes = buf_reserve(&window, len);
        TRY(file_read_at(file->fd, bytes, len, *at));
        const uint8_t *found = memmem(bytes, len, file->salt.bytes, RECORD_MARKER_BYTES);
        if (found) {
            *at += (uint64_t)(found - bytes);
            goto out;
        }
        *at += len - RECORD_MARKER_BYTES + 1; // one may begin in the last bytes
    }
    *at = end;
out:
    buf_clear(&window);
    return status;
}
