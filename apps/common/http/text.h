// SPDX-License-Identifier: Apache-2.0
// Small readers of what HTTP puts into headers: lists, tokens, media types. Names compare without
// regard to case, and by ASCII alone.
#ifndef LMM_HTTP_TEXT_H
#define LMM_HTTP_TEXT_H

#include "chaincore/base/bytes.h"

bool text_equal(struct bytes a, struct bytes b);
static inline bool text_is(struct bytes a, const char *b) {
    return text_equal(a, bytes_of_string(b));
}
struct bytes text_trim(struct bytes text);
// The next item of a list, trimmed; `list` moves behind it. False at its end. Quoted separators
// don't separate.
bool text_next(struct bytes *list, char separator, struct bytes *item);
// Digits only. MALFORMED, OVERFLOW.
enum status text_u64(struct bytes text, uint64_t *out) MUST_CHECK;

// "application/json; charset=utf-8" -> "application/json"; false: some other character set.
bool media_type_of(const char *header, struct bytes *out);
// Which of the comma-separated types is the wanted one; empty: none.
struct bytes media_type_find(const char *types, struct bytes wanted);
// Which of the comma-separated types an Accept header likes best; the first of several; empty:
// none (RFC 9110, 12.5.1).
struct bytes media_type_negotiate(const char *types, const char *accept);
// Whether an Accept-Encoding header takes gzip.
bool accepts_gzip(const char *header);
// Whether an If-None-Match header names the tag (without quotes), by weak comparison.
bool etag_matches(const char *header, const char *etag);

#endif
