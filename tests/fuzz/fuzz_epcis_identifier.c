// SPDX-License-Identifier: Apache-2.0
// Any bytes as an identifier. What comes out is canonical: a link is its own canonical form.
#include "apps/supplychain/epcis/identifier.h"
#include "apps/supplychain/epcis/scalar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char head[] = "https://id.gs1.org/";

static void check_identifier(struct bytes text) {
    struct buf once = {0}, twice = {0}, prefix = {0};
    bool fits = identifier_canonicalise(&once, text);
    ENSURE(fits || once.len == 0);
    ENSURE(!fits || bytes_start_with(buf_bytes(&once), bytes_of_string(head)));
    if (fits && bytes_start_with(text, bytes_of_string("http"))) {
        ENSURE(identifier_canonicalise(&twice, buf_bytes(&once)));
        ENSURE(bytes_equal(buf_bytes(&once), buf_bytes(&twice)));
    }
    if (identifier_pattern_prefix(&prefix, text)) {
        ENSURE(fits && identifier_is_pattern(text));
        ENSURE(bytes_start_with(buf_bytes(&prefix), buf_bytes(&once)));
    }
    buf_clear(&once);
    buf_clear(&twice);
    buf_clear(&prefix);
}

// A number's text and a time's text read back as themselves.
static void check_scalars(struct bytes text) {
    struct buf once = {0}, twice = {0};
    int64_t time_ms, back_ms;
    if (scalar_append_number(&once, text)) {
        ENSURE(scalar_append_number(&twice, buf_bytes(&once)));
        ENSURE(bytes_equal(buf_bytes(&once), buf_bytes(&twice)));
    }
    buf_reset(&once);
    if (scalar_read_time(&time_ms, text) == STATUS_OK) {
        scalar_append_time(&once, time_ms);
        // One day at either end lies outside the years that have four digits.
        ENSURE(once.len != 24 || once.data[0] == '-' ||
               (scalar_read_time(&back_ms, buf_bytes(&once)) == STATUS_OK && back_ms == time_ms));
    }
    ENSURE(scalar_trim(text).len <= text.len);
    buf_clear(&once);
    buf_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes text = bytes_of(data, size);
    check_identifier(text);
    check_scalars(text);
    return 0;
}
