// SPDX-License-Identifier: Apache-2.0
// A borrowed slice of bytes: a pointer and a length, never an owner. Hex and comparison beside it.
#ifndef LMM_BASE_BYTES_H
#define LMM_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "chaincore/base/status.h"

struct bytes {
    const uint8_t *data;
    size_t len;
};

static inline struct bytes bytes_of(const void *data, size_t len) {
    return (struct bytes){.data = data, .len = len};
}
static inline struct bytes bytes_of_string(const char *text) {
    return bytes_of(text, strlen(text));
}
// The bytes of a fixed-size value: BYTES_OF(hash).
#define BYTES_OF(object) bytes_of(&(object), sizeof(object))

static inline bool bytes_equal(struct bytes a, struct bytes b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}
// Like memcmp; a prefix comes before what it starts.
int bytes_compare(struct bytes a, struct bytes b);
bool bytes_start_with(struct bytes whole, struct bytes prefix);

// Writes 2 * len lower-case digits and a NUL.
void hex_encode(char *out, struct bytes in);
// Reads exactly out_len bytes from the NUL-terminated text; either case. MALFORMED otherwise.
enum status hex_decode(uint8_t *out, size_t out_len, const char *text) MUST_CHECK;

static inline void store_u16_le(uint8_t *out, uint16_t v) {
    for (int i = 0; i < 2; i++) out[i] = (uint8_t)(v >> (8 * i));
}
static inline void store_u32_le(uint8_t *out, uint32_t v) {
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(v >> (8 * i));
}
static inline void store_u64_le(uint8_t *out, uint64_t v) {
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(v >> (8 * i));
}
static inline uint16_t load_u16_le(const uint8_t *in) { return (uint16_t)(in[0] | (in[1] << 8)); }
static inline uint32_t load_u32_le(const uint8_t *in) {
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}
static inline uint64_t load_u64_le(const uint8_t *in) {
    return (uint64_t)load_u32_le(in) | (uint64_t)load_u32_le(in + 4) << 32;
}
// Big-endian, for keys of ordered storage whose byte order must be the numbers' order.
static inline void store_u32_be(uint8_t *out, uint32_t v) {
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(v >> (24 - 8 * i));
}
static inline void store_u64_be(uint8_t *out, uint64_t v) {
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(v >> (56 - 8 * i));
}
// Without a loop, so that compilers see a single load.
static inline uint32_t load_u32_be(const uint8_t *in) {
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | (uint32_t)in[3];
}
static inline uint64_t load_u64_be(const uint8_t *in) {
    return (uint64_t)in[0] << 56 | (uint64_t)in[1] << 48 | (uint64_t)in[2] << 40 |
           (uint64_t)in[3] << 32 | (uint64_t)in[4] << 24 | (uint64_t)in[5] << 16 |
           (uint64_t)in[6] << 8 | (uint64_t)in[7];
}

#endif
