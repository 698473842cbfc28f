// SPDX-License-Identifier: Apache-2.0
// A record of an append-only file: 52 bytes of header, then the payload.
//
//   marker, 8 bytes | payload length u32 | height u64 | BLAKE2b-256 over the file's salt, the
//   twenty bytes before and the payload
//
// The salt is drawn at random for each file and told to nobody; its first half is the marker. So
// nothing that somebody puts into a payload can look like a record, and where records begin is
// found by one pass over the bytes. A cryptographic checksum, since these files also travel between
// operators. Internal to ledger/.
#ifndef LMM_LEDGER_RECORD_H
#define LMM_LEDGER_RECORD_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/hash.h"

enum { RECORD_HEADER_BYTES = 52, RECORD_MARKER_BYTES = 8, RECORD_MAX_PAYLOAD = 64 << 20 };

struct salt {
    uint8_t bytes[16];
};

struct record_file {
    int fd;
    struct salt salt;
};

struct record {
    uint64_t height;
    uint32_t payload_len;
    struct hash checksum;
};

void record_header_write(uint8_t out[RECORD_HEADER_BYTES], const struct salt *salt, uint64_t height,
                         struct bytes payload);
// Reads the record at the offset into `payload` (reset first). TRUNCATED when the file ends inside
// it (also when it ends exactly at the offset), CORRUPT when it is there but damaged.
enum status record_read(const struct record_file *file, uint64_t offset, struct record *out,
                        struct buf *payload) MUST_CHECK;
// Its first bytes, `most` at most, and all that the header says: the checksum is of the whole, and
// so nothing is held against it. The caller judges what they are.
enum status record_read_front(const struct record_file *file, uint64_t offset, size_t most,
                              struct record *out, struct buf *payload) MUST_CHECK;
// Where a record next seems to begin, at *at or behind; `end` when nowhere before it.
enum status record_find(const struct record_file *file, uint64_t *at, uint64_t end) MUST_CHECK;

#endif
