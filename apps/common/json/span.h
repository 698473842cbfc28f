// SPDX-License-Identifier: Apache-2.0
// JSON as spans of its own text: a tree in which every value knows the exact bytes it was written
// with. json.h (over jansson) is for values; this is for documents that must come back as they were
// written, number lexemes and all, and for slicing one value out of a large text.
//
// The same texts are refused as by json.h: bytes that are not UTF-8, U+0000, lone surrogates, and,
// unless the caller wants the last to win as in most readers, names that stand twice in one object.
// Depth and number of values are bounded.
//
// A tree lives in the arena it was parsed into and borrows from the text. It never changes, so many
// threads may read it.
#ifndef LMM_JSON_SPAN_H
#define LMM_JSON_SPAN_H

#include "chaincore/base/arena.h"
#include "chaincore/base/buf.h"

enum span_kind {
    SPAN_NULL,
    SPAN_FALSE,
    SPAN_TRUE,
    SPAN_NUMBER,
    SPAN_STRING,
    SPAN_ARRAY,
    SPAN_OBJECT
};

struct json_span {
    struct bytes name;             // of a member, decoded; empty elsewhere
    struct bytes raw;              // the value as written, without space around it
    struct bytes text;             // of a string, decoded; of another scalar, the same as raw
    const struct json_span *items; // members or items, in the order of the text
    uint32_t count;
    enum span_kind kind;
};

struct span_fault {
    const char *reason; // static
    size_t offset;      // of the byte where it shows
};

enum span_twice { SPAN_REFUSE_TWICE, SPAN_LAST_WINS };

// The whole text is one value. MALFORMED, TOO_LARGE (depth or number of values); the fault says
// where and may be NULL.
enum status span_parse(const struct json_span **out, struct span_fault *fault, struct arena *arena,
                       struct bytes text, enum span_twice twice) MUST_CHECK;

// The object's member of that name; NULL when there is none or when it is no object.
const struct json_span *span_member(const struct json_span *object, const char *name);
const struct json_span *span_member_of(const struct json_span *object, struct bytes name);
static inline bool span_is_scalar(const struct json_span *span) { return span->kind < SPAN_ARRAY; }

// Appends the value without space, its scalars as they were written.
void span_write(struct buf *out, const struct json_span *value);
// Appends the text as a JSON string, quotes included. The text is UTF-8.
void span_write_string(struct buf *out, struct bytes text);

#endif
