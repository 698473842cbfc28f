// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/bech32m.h"

enum { CHECKSUM_CHARS = 6, CHECKSUM_CONSTANT = 0x2bc830a3 };

static const char characters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

// One step of the BCH code over GF(32): the checksum's six values, five bits each, move up by one.
static uint32_t step(uint32_t checksum, uint8_t value) {
    static const uint32_t generator[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                          0x2a1462b3};
    uint32_t top = checksum >> 25;
    checksum = (checksum & 0x1ffffff) << 5 ^ value;
    for (int i = 0; i < 5; i++)
        if (top >> i & 1) checksum ^= generator[i];
    return checksum;
}

static uint32_t checksum_of(const struct bech32m *in) {
    uint32_t checksum = 1;
    for (const char *c = in->prefix; *c; c++) checksum = step(checksum, (uint8_t)(*c >> 5));
    checksum = step(checksum, 0);
    for (const char *c = in->prefix; *c; c++) checksum = step(checksum, *c & 31);
    for (size_t i = 0; i < in->value_count; i++) checksum = step(checksum, in->values[i]);
    return checksum;
}

// What the six values must be so that the whole comes out as the constant.
static void make_checksum(uint8_t out[CHECKSUM_CHARS], const struct bech32m *in) {
    uint32_t checksum = checksum_of(in);
    for (int i = 0; i < CHECKSUM_CHARS; i++) checksum = step(checksum, 0);
    checksum ^= CHECKSUM_CONSTANT;
    for (int i = 0; i < CHECKSUM_CHARS; i++) out[i] = checksum >> (25 - 5 * i) & 31;
}

enum status bech32m_encode(char out[BECH32M_TEXT_MAX + 1], const struct bech32m *in) {
    size_t prefix_len = strnlen(in->prefix, sizeof in->prefix);
    if (prefix_len == 0 || prefix_len > BECH32M_PREFIX_MAX) return STATUS_MALFORMED;
    if (in->value_count > BECH32M_VALUES_MAX ||
        prefix_len + 1 + in->value_count + CHECKSUM_CHARS > BECH32M_TEXT_MAX)
        return STATUS_TOO_LARGE;
    for (size_t i = 0; i < prefix_len; i++) {
        char c = in->prefix[i];
        if (c < 33 || c > 126 || (c >= 'A' && c <= 'Z')) return STATUS_MALFORMED;
    }
    for (size_t i = 0; i < in->value_count; i++)
        if (in->values[i] > 31) return STATUS_MALFORMED;
    uint8_t checksum[CHECKSUM_CHARS];
    make_checksum(checksum, in);
    memcpy(out, in->prefix, prefix_len);
    out += prefix_len;
    *out++ = '1';
    for (size_t i = 0; i < in->value_count; i++) *out++ = characters[in->values[i]];
    for (size_t i = 0; i < CHECKSUM_CHARS; i++) *out++ = characters[checksum[i]];
    *out = '\0';
    return STATUS_OK;
}

// All printable and of one case; copied in lower case.
static enum status read_text(char out[BECH32M_TEXT_MAX], struct bytes text) {
    bool has_lower = false, has_upper = false;
    if (text.len > BECH32M_TEXT_MAX) return STATUS_TOO_LARGE;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c < 33 || c > 126) return STATUS_MALFORMED;
        if (c >= 'a' && c <= 'z') has_lower = true;
        if (c >= 'A' && c <= 'Z') {
            has_upper = true;
            c = (uint8_t)(c + ('a' - 'A'));
        }
        out[i] = (char)c;
    }
    return has_lower && has_upper ? STATUS_MALFORMED : STATUS_OK;
}

enum status bech32m_decode(struct bech32m *out, struct bytes text) {
    char lower[BECH32M_TEXT_MAX];
    enum status status = read_text(lower, text);
    if (status != STATUS_OK) return status;
    // A prefix may hold a "1" itself: the last one separates.
    size_t separator = text.len;
    while (separator > 0 && lower[separator - 1] != '1') separator--;
    if (separator < 2 || text.len - separator < CHECKSUM_CHARS) return STATUS_MALFORMED;
    struct bech32m whole = {.value_count = text.len - separator};
    memcpy(whole.prefix, lower, separator - 1);
    uint8_t values[BECH32M_TEXT_MAX];
    for (size_t i = 0; i < whole.value_count; i++) {
        const char *place = strchr(characters, lower[separator + i]); // never a NUL: see read_text
        if (!place) return STATUS_MALFORMED;
        values[i] = (uint8_t)(place - characters);
    }
    whole.value_count -= CHECKSUM_CHARS;
    memcpy(whole.values, values, whole.value_count);
    uint32_t checksum = checksum_of(&whole);
    for (size_t i = 0; i < CHECKSUM_CHARS; i++)
        checksum = step(checksum, values[whole.value_count + i]);
    if (checksum != CHECKSUM_CONSTANT) return STATUS_INVALID;
    *out = whole;
    return STATUS_OK;
}

enum status bech32m_put_bytes(struct bech32m *out, struct bytes in) {
    uint32_t pending = 0;
    int pending_bits = 0;
    if (in.len > BECH32M_VALUES_MAX || out->value_count > BECH32M_VALUES_MAX ||
        (in.len * 8 + 4) / 5 > BECH32M_VALUES_MAX - out->value_count)
        return STATUS_TOO_LARGE;
    for (size_t i = 0; i < in.len; i++) {
        pending = (pending << 8 | in.data[i]) & 0xfff;
        for (pending_bits += 8; pending_bits >= 5; pending_bits -= 5)
            out->values[out->value_count++] = pending >> (pending_bits - 5) & 31;
    }
    if (pending_bits > 0)
        out->values[out->value_count++] = (uint8_t)(pending << (5 - pending_bits) & 31);
    return STATUS_OK;
}

enum status bech32m_take_bytes(uint8_t *out, size_t *out_len, size_t max_len,
                               const struct bech32m *in, size_t first) {
    uint32_t pending = 0;
    int pending_bits = 0;
    size_t len = 0;
    for (size_t i = first; i < in->value_count; i++) {
        pending = (pending << 5 | in->values[i]) & 0xfff;
        pending_bits += 5;
        if (pending_bits < 8) continue;
        pending_bits -= 8;
        if (len == max_len) return STATUS_TOO_LARGE;
        out[len++] = (uint8_t)(pending >> pending_bits);
    }
    if (pending_bits >= 5 || (pending & ((1u << pending_bits) - 1)) != 0) return STATUS_MALFORMED;
    *out_len = len;
    return STATUS_OK;
}
