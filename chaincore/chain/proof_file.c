// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/proof.h"

static const char BEFORE_FORM[] = "{\"format\":\"lmm-proof-";
static const char BEFORE_CHAIN_ID[] = "\",\"chain_id\":\"";
static const char BEFORE_PROOF[] = "\",\"proof\":\"";
static const char AFTER_PROOF[] = "\"}\n";

static void append_hex(struct buf *out, struct bytes bytes) {
    // hex_encode writes a NUL behind the digits, which does not count.
    char *digits = (char *)buf_reserve(out, 2 * bytes.len + 1);
    hex_encode(digits, bytes);
    out->len += 2 * bytes.len;
}

void proof_file_write(struct buf *out, const struct hash *chain_id, struct bytes proof) {
    enum proof_form form;
    ENSURE(proof_form_of(&form, proof) == STATUS_OK && form < 10); // one digit
    buf_append_string(out, BEFORE_FORM);
    buf_append_byte(out, (uint8_t)('0' + form));
    buf_append_string(out, BEFORE_CHAIN_ID);
    append_hex(out, BYTES_OF(chain_id->bytes));
    buf_append_string(out, BEFORE_PROOF);
    append_hex(out, proof);
    buf_append_string(out, AFTER_PROOF);
}

static int lower_hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static bool read_hex(uint8_t *out, struct bytes digits) {
    for (size_t i = 0; i < digits.len; i += 2) {
        int high = lower_hex_digit(digits.data[i]);
        int low = lower_hex_digit(digits.data[i + 1]);
        if (high < 0 || low < 0) return false;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool skip(struct bytes *in, const char *text) {
    struct bytes expected = bytes_of_string(text);
    if (!bytes_start_with(*in, expected)) return false;
    *in = bytes_of(in->data + expected.len, in->len - expected.len);
    return true;
}

enum status proof_file_read(struct hash *chain_id, struct buf *proof, struct bytes file) {
    enum { ID_DIGITS = 2 * sizeof chain_id->bytes };
    size_t tail = strlen(AFTER_PROOF), before = proof->len;
    enum proof_form form;
    if (file.len > 2 * PROOF_MAX_BYTES + 256) return STATUS_TOO_LARGE;
    if (!skip(&file, BEFORE_FORM) || file.len == 0) return STATUS_MALFORMED;
    uint8_t digit = file.data[0];
    file = bytes_of(file.data + 1, file.len - 1);
    if (!skip(&file, BEFORE_CHAIN_ID) || file.len < ID_DIGITS) return STATUS_MALFORMED;
    if (!read_hex(chain_id->bytes, bytes_of(file.data, ID_DIGITS))) return STATUS_MALFORMED;
    file = bytes_of(file.data + ID_DIGITS, file.len - ID_DIGITS);
    if (!skip(&file, BEFORE_PROOF) || file.len < tail) return STATUS_MALFORMED;
    struct bytes digits = bytes_of(file.data, file.len - tail);
    struct bytes end = bytes_of(file.data + digits.len, tail);
    if (!bytes_equal(end, bytes_of_string(AFTER_PROOF)) || digits.len % 2) return STATUS_MALFORMED;
    if (!read_hex(buf_reserve(proof, digits.len / 2), digits)) return STATUS_MALFORMED;
    struct bytes read = bytes_of(proof->data + before, digits.len / 2);
    if (proof_form_of(&form, read) != STATUS_OK || digit != '0' + form) return STATUS_MALFORMED;
    proof->len += read.len;
    return STATUS_OK;
}
