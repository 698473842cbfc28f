// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/codec.h"

void encode_u8(struct buf *out, uint8_t value) { buf_append_byte(out, value); }

void encode_u16(struct buf *out, uint16_t value) {
    store_u16_le(buf_reserve(out, 2), value);
    out->len += 2;
}

void encode_u32(struct buf *out, uint32_t value) {
    store_u32_le(buf_reserve(out, 4), value);
    out->len += 4;
}

void encode_u64(struct buf *out, uint64_t value) {
    store_u64_le(buf_reserve(out, 8), value);
    out->len += 8;
}

void encode_bool(struct buf *out, bool value) { buf_append_byte(out, value ? 1 : 0); }

void encode_fixed(struct buf *out, const void *data, size_t len) {
    buf_append(out, bytes_of(data, len));
}

void encode_bytes(struct buf *out, struct bytes bytes) {
    ENSURE(bytes.len <= UINT32_MAX);
    encode_u32(out, (uint32_t)bytes.len);
    buf_append(out, bytes);
}

struct decoder decoder_of(struct bytes in) {
    static const uint8_t nothing[1];
    const uint8_t *start = in.data ? in.data : nothing;
    return (struct decoder){.next = start, .end = start + in.len, .status = STATUS_OK};
}

void decoder_fail(struct decoder *in, enum status status) {
    if (in->status == STATUS_OK) in->status = status;
    in->next = in->end;
}

static const uint8_t *take(struct decoder *in, size_t len) {
    if (in->status != STATUS_OK) return NULL;
    if (decoder_left(in) < len) {
        decoder_fail(in, STATUS_TRUNCATED);
        return NULL;
    }
    const uint8_t *taken = in->next;
    in->next += len;
    return taken;
}

uint8_t decode_u8(struct decoder *in) {
    const uint8_t *p = take(in, 1);
    return p ? *p : 0;
}

uint16_t decode_u16(struct decoder *in) {
    const uint8_t *p = take(in, 2);
    return p ? load_u16_le(p) : 0;
}

uint32_t decode_u32(struct decoder *in) {
    const uint8_t *p = take(in, 4);
    return p ? load_u32_le(p) : 0;
}

uint64_t decode_u64(struct decoder *in) {
    const uint8_t *p = take(in, 8);
    return p ? load_u64_le(p) : 0;
}

bool decode_bool(struct decoder *in) { return decode_tag(in, 2) == 1; }

uint8_t decode_tag(struct decoder *in, uint8_t count) {
    uint8_t tag = decode_u8(in);
    if (in->status == STATUS_OK && tag >= count) {
        decoder_fail(in, STATUS_MALFORMED);
        return 0;
    }
    return tag;
}

void decode_fixed(struct decoder *in, void *out, size_t len) {
    const uint8_t *p = take(in, len);
    if (p)
        memcpy(out, p, len);
    else
        memset(out, 0, len);
}

struct bytes decode_slice(struct decoder *in, size_t len) {
    const uint8_t *p = take(in, len);
    return p ? bytes_of(p, len) : bytes_of("", 0);
}

struct bytes decode_bytes(struct decoder *in, size_t max_len) {
    uint32_t len = decode_u32(in);
    if (in->status == STATUS_OK && len > max_len) {
        decoder_fail(in, STATUS_TOO_LARGE);
        return bytes_of("", 0);
    }
    return decode_slice(in, len);
}

uint32_t decode_count(struct decoder *in, uint32_t max_count) {
    uint32_t count = decode_u32(in);
    if (in->status == STATUS_OK && count > max_count) {
        decoder_fail(in, STATUS_TOO_LARGE);
        return 0;
    }
    return count;
}

enum status decoder_finish(const struct decoder *in) {
    if (in->status != STATUS_OK) return in->status;
    return in->next == in->end ? STATUS_OK : STATUS_TRAILING;
}
