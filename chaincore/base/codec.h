// SPDX-License-Identifier: Apache-2.0
// Borsh (borsh.io): one value, one encoding. Integers are little-endian, vectors and strings carry
// a u32 length, enums and options a u8. Structures are written by calling these in field order.
//
// The reader is sticky: after the first error every read returns zero and the error stays, so a
// decoder reads all its fields and checks once, with decoder_finish. Slices it hands out borrow
// from the input.
#ifndef LMM_BASE_CODEC_H
#define LMM_BASE_CODEC_H

#include "chaincore/base/buf.h"

void encode_u8(struct buf *out, uint8_t value);
void encode_u16(struct buf *out, uint16_t value);
void encode_u32(struct buf *out, uint32_t value);
void encode_u64(struct buf *out, uint64_t value);
void encode_bool(struct buf *out, bool value);
// As they are, without a length.
void encode_fixed(struct buf *out, const void *data, size_t len);
// With a u32 length in front.
void encode_bytes(struct buf *out, struct bytes bytes);

struct decoder {
    const uint8_t *next;
    const uint8_t *end;
    enum status status; // the first thing that went wrong
};

struct decoder decoder_of(struct bytes in);
uint8_t decode_u8(struct decoder *in);
uint16_t decode_u16(struct decoder *in);
uint32_t decode_u32(struct decoder *in);
uint64_t decode_u64(struct decoder *in);
// 0 or 1; MALFORMED otherwise.
bool decode_bool(struct decoder *in);
// An enum's tag below `count`; MALFORMED otherwise.
uint8_t decode_tag(struct decoder *in, uint8_t count);
void decode_fixed(struct decoder *in, void *out, size_t len);
// Borrowed from the input. TOO_LARGE above max_len.
struct bytes decode_bytes(struct decoder *in, size_t max_len);
struct bytes decode_slice(struct decoder *in, size_t len);
// A vector's length: TOO_LARGE above max_count.
uint32_t decode_count(struct decoder *in, uint32_t max_count);
static inline size_t decoder_left(const struct decoder *in) { return (size_t)(in->end - in->next); }
void decoder_fail(struct decoder *in, enum status status);
// The first error, or TRAILING when bytes are left over.
enum status decoder_finish(const struct decoder *in) MUST_CHECK;

#endif
