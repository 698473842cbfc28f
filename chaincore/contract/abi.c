// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/abi.h"

static const uint8_t MAGIC[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
enum { CUSTOM_SECTION = 0 };

// An unsigned LEB128 of 32 bits, from the front of `in`.
static bool take_u32(struct bytes *in, uint32_t *out) {
    uint64_t value = 0;
    for (int shift = 0; shift < 35 && in->len > 0; shift += 7) {
        uint8_t byte = *in->data;
        *in = bytes_of(in->data + 1, in->len - 1);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80) continue;
        *out = (uint32_t)value;
        return value <= UINT32_MAX;
    }
    return false;
}

static bool take_bytes(struct bytes *in, struct bytes *out) {
    uint32_t len;
    if (!take_u32(in, &len) || len > in->len) return false;
    *out = bytes_of(in->data, len);
    *in = bytes_of(in->data + len, in->len - len);
    return true;
}

bool abi_of_code(struct bytes code, struct bytes *abi) {
    if (!bytes_start_with(code, BYTES_OF(MAGIC))) return false;
    code = bytes_of(code.data + sizeof MAGIC, code.len - sizeof MAGIC);
    while (code.len > 0) {
        uint8_t id = *code.data;
        struct bytes section, name;
        code = bytes_of(code.data + 1, code.len - 1);
        if (!take_bytes(&code, &section)) return false;
        if (id != CUSTOM_SECTION || !take_bytes(&section, &name)) continue;
        *abi = section;
        if (bytes_equal(name, bytes_of_string("lmm.abi"))) return true;
    }
    return false;
}
