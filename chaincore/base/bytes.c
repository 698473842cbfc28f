// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/bytes.h"

int bytes_compare(struct bytes a, struct bytes b) {
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    if (order != 0) return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool bytes_start_with(struct bytes whole, struct bytes prefix) {
    return whole.len >= prefix.len &&
           (prefix.len == 0 || memcmp(whole.data, prefix.data, prefix.len) == 0);
}

void hex_encode(char *out, struct bytes in) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < in.len; i++) {
        *out++ = digits[in.data[i] >> 4];
        *out++ = digits[in.data[i] & 15];
    }
    *out = '\0';
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

enum status hex_decode(uint8_t *out, size_t out_len, const char *text) {
    if (strlen(text) != 2 * out_len) return STATUS_MALFORMED;
    for (size_t i = 0; i < out_len; i++) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return STATUS_MALFORMED;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return STATUS_OK;
}
