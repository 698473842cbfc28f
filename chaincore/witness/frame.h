// SPDX-License-Identifier: Apache-2.0
// A log's file as bytes: a head, then frames, each with its checksum. Internal to witness/.
//
//   head:  "lmmvotes" | salt, 16 bytes | checksum of both, 8 bytes
//   frame: marker, 8 bytes | payload length u32 | durable u64 | checksum, 32 bytes | payload
//
// The salt is drawn for each file, and its first half is the marker: nothing that somebody else
// puts into a payload looks like a frame. A checksum covers the salt, where the frame lies, and
// all of the frame. `durable` is how much of the file was durable when the frame was written. So a
// frame that is damaged is a torn end, unless a later one says that it had been durable.
#ifndef LMM_WITNESS_FRAME_H
#define LMM_WITNESS_FRAME_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/hash.h"

enum { FRAME_FILE_HEAD_BYTES = 8 + 16 + 8, FRAME_HEAD_BYTES = 8 + 4 + 8 + 32 };

struct frame_salt {
    uint8_t bytes[16];
};

void frame_file_head(struct buf *out, const struct frame_salt *salt);
// CORRUPT when it is not one.
enum status frame_file_open(struct frame_salt *out, struct bytes content) MUST_CHECK;

// Where a frame lies in its file, and how much before it is durable.
struct frame_place {
    uint64_t offset;
    uint64_t durable;
};
void frame_append(struct buf *out, const struct frame_salt *salt, const struct frame_place *place,
                  struct bytes payload);
// The frame at *offset, which moves behind it. TRUNCATED at the end of the content; CORRUPT.
enum status frame_next(struct bytes *payload, const struct frame_salt *salt, struct bytes content,
                       uint64_t *offset) MUST_CHECK;
// Of a frame at the offset that is not whole: was it durable, as one behind it says?
bool frame_was_durable(const struct frame_salt *salt, struct bytes content, uint64_t offset);

#endif
