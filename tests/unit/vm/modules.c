// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/vm/modules.h"

void append_leb(struct buf *out, uint32_t value) {
    do {
        uint8_t byte = value & 0x7f;
        value >>= 7;
        buf_append_byte(out, value ? byte | 0x80 : byte);
    } while (value);
}

void append_section(struct buf *out, uint8_t id, struct bytes content) {
    buf_append_byte(out, id);
    append_leb(out, (uint32_t)content.len);
    buf_append(out, content);
}

static void append_type(struct buf *out, const struct sample *sample) {
    append_leb(out, 1);
    buf_append_byte(out, 0x60);
    append_leb(out, sample->parameters);
    for (uint32_t i = 0; i < sample->parameters; i++) buf_append_byte(out, 0x7f);
    append_leb(out, sample->results);
    for (uint32_t i = 0; i < sample->results; i++) buf_append_byte(out, 0x7f);
}

static void append_code(struct buf *out, const struct sample *sample) {
    struct buf body = {0};
    append_leb(&body, sample->locals ? 1 : 0);
    if (sample->locals) {
        append_leb(&body, sample->locals);
        buf_append_byte(&body, 0x7f);
    }
    buf_append(&body, bytes_of(sample->body, sample->body_len));
    buf_append_byte(&body, 0x0b);
    append_leb(out, 1);
    append_leb(out, (uint32_t)body.len);
    buf_append(out, buf_bytes(&body));
    buf_clear(&body);
}

void sample_build(struct buf *out, const struct sample *sample) {
    sample_build_bounded(out, sample, 0);
}

void sample_build_bounded(struct buf *out, const struct sample *sample, uint8_t most_pages) {
    struct buf section = {0};
    buf_append(out, bytes_of("\0asm\1\0\0\0", 8));
    append_type(&section, sample);
    append_section(out, 1, buf_bytes(&section));
    append_section(out, 3, bytes_of("\1\0", 2));
    const uint8_t memory[] = {1, most_pages > 0, 1, most_pages};
    append_section(out, 5, bytes_of(memory, most_pages > 0 ? 4 : 3));
    append_section(out, 7, bytes_of("\1\3run\0\0", 7));
    buf_reset(&section);
    append_code(&section, sample);
    append_section(out, 10, buf_bytes(&section));
    buf_clear(&section);
}
