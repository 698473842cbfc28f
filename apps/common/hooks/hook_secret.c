// SPDX-License-Identifier: Apache-2.0
#include "apps/common/hooks/hook_secret.h"

#include "chaincore/crypto/sha256.h"

static void append_base64(struct buf *out, struct bytes in) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < in.len; i += 3) {
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++) group = group << 8 | (i + k < in.len ? in.data[i + k] : 0U);
        for (size_t k = 0; k < 4; k++) {
            bool is_there = i + k <= in.len;
            buf_append_byte(out, is_there ? (uint8_t)digits[group >> (18 - 6 * k) & 63] : '=');
        }
    }
}

void hook_secret_print(char out[HOOK_SECRET_CHARS + 1], const uint8_t secret[HOOK_SECRET_BYTES]) {
    uint8_t room[HOOK_SECRET_CHARS];
    struct buf text = BUF_OVER(room);
    buf_append_string(&text, "whsec_");
    append_base64(&text, bytes_of(secret, HOOK_SECRET_BYTES));
    ENSURE(text.len == HOOK_SECRET_CHARS);
    memcpy(out, room, HOOK_SECRET_CHARS);
    out[HOOK_SECRET_CHARS] = '\0';
}

void hook_sign(struct buf *out, const struct hook_signed *message, struct bytes secret) {
    uint8_t code[SHA256_SIZE];
    struct buf text = {0};
    buf_append_format(&text, "%s.%llu.", message->id, (unsigned long long)message->time_s);
    buf_append(&text, message->body);
    sha256_hmac(code, secret, buf_bytes(&text));
    buf_append_string(out, "v1,");
    append_base64(out, bytes_of(code, sizeof code));
    buf_clear(&text);
}
