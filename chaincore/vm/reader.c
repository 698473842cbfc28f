// SPDX-License-Identifier: Apache-2.0
#include "chaincore/vm/module.h"

void vm_reader_fail(struct vm_reader *in, const char *text) {
    if (!in->why->text) {
        in->why->text = text;
        in->why->offset = (size_t)(in->next - in->start);
    }
    in->next = in->end;
}

// LEB128 of at most `bits` bits: no more bytes than that takes, and the unused bits of the last one
// are zeros, or copies of the sign.
u32 vm_read_long_u32(struct vm_reader *in) {
    const unsigned bits = 32;
    u64 value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = vm_read_u8(in);
        if (vm_reader_failed(in)) return 0;
        unsigned left = bits - shift;
        if (left < 7 && (byte & 0x7f) >> left) {
            vm_reader_fail(in,
                           byte & 0x80 ? "integer representation too long" : "integer too large");
            return 0;
        }
        value |= (u64)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return (u32)value;
        if (left <= 7) {
            vm_reader_fail(in, "integer representation too long");
            return 0;
        }
    }
}

i64 vm_read_long_signed(struct vm_reader *in, unsigned bits) {
    u64 value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = vm_read_u8(in);
        if (vm_reader_failed(in)) return 0;
        unsigned left = bits - shift;
        if (left < 7) {
            // The sign bit and all above it must agree.
            uint8_t high = (uint8_t)((byte & 0x7f) >> (left - 1));
            uint8_t all = (uint8_t)(0x7f >> (left - 1));
            if (high != 0 && high != all) {
                vm_reader_fail(in, byte & 0x80 ? "integer representation too long"
                                               : "integer too large");
                return 0;
            }
        }
        value |= (u64)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            if (shift + 7 < 64 && (byte & 0x40)) value |= ~(u64)0 << (shift + 7);
            return (i64)value;
        }
        if (left <= 7) {
            vm_reader_fail(in, "integer representation too long");
            return 0;
        }
    }
}

struct bytes vm_read_slice(struct vm_reader *in, u32 len) {
    if ((size_t)(in->end - in->next) < len) {
        vm_reader_fail(in, "unexpected end");
        return bytes_of("", 0);
    }
    const uint8_t *slice = in->next;
    in->next += len;
    return bytes_of(slice, len);
}

u32 vm_read_fixed32(struct vm_reader *in) {
    struct bytes slice = vm_read_slice(in, 4);
    return slice.len == 4 ? load_u32_le(slice.data) : 0;
}

u64 vm_read_fixed64(struct vm_reader *in) {
    struct bytes slice = vm_read_slice(in, 8);
    return slice.len == 8 ? load_u64_le(slice.data) : 0;
}

// Well-formed UTF-8 without surrogates or overlong forms (RFC 3629).
static bool is_utf8(struct bytes text) {
    for (size_t i = 0; i < text.len;) {
        uint8_t first = text.data[i++];
        if (first < 0x80) continue;
        unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        if (first < 0xc2 || first > 0xf4 || text.len - i < more) return false;
        u32 point = first & (0x3fu >> more);
        for (unsigned k = 0; k < more; k++, i++) {
            if ((text.data[i] & 0xc0) != 0x80) return false;
            point = point << 6 | (text.data[i] & 0x3fu);
        }
        static const u32 least[] = {0, 0x80, 0x800, 0x10000};
        if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
    }
    return true;
}

struct bytes vm_read_name(struct vm_reader *in) {
    u32 len = vm_read_u32(in);
    struct bytes name = vm_read_slice(in, len);
    if (!is_utf8(name)) vm_reader_fail(in, "malformed UTF-8 encoding");
    return name;
}
