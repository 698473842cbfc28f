// SPDX-License-Identifier: Apache-2.0
// A record of an append-only file: 48 bytes of header, then the payload.
//
//   magic u32 | payload length u32 | height u64 | BLAKE2b-256 over the sixteen bytes before and the
//   payload
//
// A cryptographic checksum, since these files also travel between operators. Internal to ledger/.
#ifndef LMM_LEDGER_RECORD_H
#define LMM_LEDGER_RECORD_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/hash.h"

enum { RECORD_HEADER_BYTES = 48, RECORD_MAX_PAYLOAD = 64 << 20 };

struct record {
    uint64_t height;
    uint32_t payload_len;
    struct hash checksum;
};

// Does a record's header seem to begin here? Four bytes are read.
bool record_has_magic(const uint8_t *bytes);
void record_header_write(uint8_t out[RECORD_HEADER_BYTES], uint64_t height, struct bytes payload);
// Reads the record at the offset into `payload` (reset first). TRUNCATED when the file ends inside
// it (also when it ends exactly at the offset), CORRUPT when it is there but damaged.
enum status record_read(int fd, uint64_t offset, struct record *out,
                        struct buf *payload) MUST_CHECK;

#endif
