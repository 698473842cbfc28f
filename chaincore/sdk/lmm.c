// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sdk/lmm.h"

#ifdef __wasm__
void *memcpy(void *restrict out, const void *restrict in, size_t len) {
    return __builtin_memcpy(out, in, len); // one bulk-memory instruction
}

void *memset(void *out, int value, size_t len) { return __builtin_memset(out, value, len); }

int memcmp(const void *a, const void *b, size_t len) {
    const uint8_t *x = a, *y = b;
    for (size_t i = 0; i < len; i++)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}
#endif

struct lmm_reader lmm_arguments(void) {
    return (struct lmm_reader){.offset = 0, .len = lmm_arguments_len()};
}

void lmm_skip(struct lmm_reader *reader, uint32_t len) {
    if (reader->len - reader->offset < len) lmm_refuse(LMM_BAD_ARGUMENTS);
    reader->offset += len;
}

void lmm_read(struct lmm_reader *reader, void *out, uint32_t len) {
    uint32_t offset = reader->offset;
    lmm_skip(reader, len);
    lmm_arguments_read(out, offset, len);
}

uint8_t lmm_read_u8(struct lmm_reader *reader) {
    uint8_t value;
    lmm_read(reader, &value, sizeof value);
    return value;
}

uint32_t lmm_read_u32(struct lmm_reader *reader) {
    uint32_t value;
    lmm_read(reader, &value, sizeof value);
    return value;
}

uint64_t lmm_read_u64(struct lmm_reader *reader) {
    uint64_t value;
    lmm_read(reader, &value, sizeof value);
    return value;
}

uint32_t lmm_read_count(struct lmm_reader *reader, uint32_t most) {
    uint32_t count = lmm_read_u32(reader);
    if (count > most) lmm_refuse(LMM_BAD_ARGUMENTS);
    return count;
}

void lmm_reader_end(const struct lmm_reader *reader) {
    if (reader->offset != reader->len) lmm_refuse(LMM_BAD_ARGUMENTS);
}

// By halves: __int128 would need a library.
uint64_t lmm_mul_div(uint64_t a, uint64_t b, uint64_t divisor) {
    uint64_t a_low = (uint32_t)a, a_high = a >> 32, b_low = (uint32_t)b, b_high = b >> 32;
    uint64_t low = a_low * b_low, middle = a_high * b_low + (low >> 32);
    uint64_t carry = a_low * b_high + (uint32_t)middle;
    uint64_t high = a_high * b_high + (middle >> 32) + (carry >> 32);
    low = (carry << 32) | (uint32_t)low;
    if (high >= divisor) __builtin_trap();
    for (int i = 0; i < 64; i++) {
        bool is_over = high >> 63;
        high = (high << 1) | (low >> 63);
        low <<= 1;
        if (is_over || high >= divisor) {
            high -= divisor;
            low |= 1;
        }
    }
    return low;
}

bool lmm_verify_tagged(const char *tag, const void *key, const void *signature,
                       const void *payload) {
    enum { TAG = 16, ID = 32 };
    uint8_t message[TAG + ID + 32] = {0};
    for (uint32_t i = 0; i < TAG && tag[i]; i++) message[i] = (uint8_t)tag[i];
    lmm_chain_id(message + TAG);
    memcpy(message + TAG + ID, payload, 32);
    return lmm_verify(key, signature, message, sizeof message) == 1;
}
