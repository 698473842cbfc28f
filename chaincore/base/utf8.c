// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/utf8.h"

size_t utf8_first(struct bytes text) {
    if (text.len == 0) return 0;
    uint8_t first = text.data[0];
    if (first < 0x80) return 1;
    size_t len = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.len < len) return 0;
    for (size_t i = 1; i < len; i++)
        if ((text.data[i] & 0xC0) != 0x80) return 0;
    uint8_t second = text.data[1];
    // Overlong, surrogates, overlong, above the last character.
    if (first == 0xE0 && second < 0xA0) return 0;
    if (first == 0xED && second > 0x9F) return 0;
    if (first == 0xF0 && second < 0x90) return 0;
    if (first == 0xF4 && second > 0x8F) return 0;
    return len;
}

bool utf8_is_valid(struct bytes text) {
    while (text.len > 0) {
        size_t step = utf8_first(text);
        if (step == 0) return false;
        text = bytes_of(text.data + step, text.len - step);
    }
    return true;
}
