// SPDX-License-Identifier: Apache-2.0
// JSON from outside, over jansson: strict and bounded parsing, comparison by value, printing.
//
// Parsing refuses what RFC 8259 leaves open and what would later bite: a key that stands twice in
// one object (unless the last is asked to win), bytes that are not UTF-8, U+0000 in a string (C
// strings and PostgreSQL end there), numbers beyond a double. Integers beyond 64 bits become
// doubles, as in JavaScript. Size, depth and the number of objects and arrays are bounded before
// anything is allocated.
//
// Threading: a parsed value may be read by many threads as long as none changes or releases it.
#ifndef LMM_JSON_JSON_H
#define LMM_JSON_JSON_H

#include <jansson.h>

#include "apps/common/json/violation.h"

struct json_fault {
    const char *rule; // "json/syntax", "json/size", …; static
    size_t line;      // from 1
    size_t column;    // from 1, in characters
    char text[200];   // the whole sentence, with line and column
};

// The whole text is one value, of any type. The caller releases *out with json_decref; on failure
// *out is NULL. MALFORMED, TOO_LARGE (above max_bytes, LIMIT_JSON_DEPTH or LIMIT_JSON_CONTAINERS),
// NO_MEMORY. `fault` is filled on failure; NULL when nobody asks.
enum status json_parse(json_t **out, struct json_fault *fault, struct bytes text,
                       size_t max_bytes) MUST_CHECK;

struct json_source {
    struct bytes text;
    size_t max_bytes;
    // As in ECMAScript: of two members of one name the last is taken. For formats whose own
    // documents hold such.
    bool last_duplicate_wins;
};
// The same, reporting a fault as one violation at the whole document.
enum status json_parse_reporting(json_t **out, struct violations *violations,
                                 const struct json_source *source) MUST_CHECK;

// Two items of the array that are the same, into `twins`. By sorting, so that no input makes it
// quadratic. NO_MEMORY.
enum status json_find_twins(bool *is_found, size_t twins[2], const json_t *array) MUST_CHECK;

// Equal as JSON values: members in any order, 1 equals 1.0, true does not equal 1.
bool json_same(const json_t *a, const json_t *b);

enum json_order { JSON_AS_READ, JSON_SORTED };
// Appends the value without white space. Numbers as number_print tells: 0.1 stays 0.1. With
// JSON_SORTED members stand in byte order of their names, so two values have the same text exactly
// when json_same holds for them.
void json_write(struct buf *out, const json_t *value, enum json_order order);

// JSON pointers (RFC 6901): one more token, with ~ and / escaped.
void json_pointer_append_key(struct buf *pointer, struct bytes key);
// False when the object has a member that is none of these, a list with a NULL at its end:
// `pointer` is led on to it.
bool json_has_only(const json_t *object, const char *const *names, struct buf *pointer);
void json_pointer_append_index(struct buf *pointer, size_t index);
// Takes the next token off *pointer (which starts with '/') and unescapes it into token. False when
// an escape is broken.
bool json_pointer_next(struct buf *token, struct bytes *pointer);
// The value the pointer leads to, borrowed from root; NULL when there is none.
const json_t *json_pointer_find(const json_t *root, struct bytes pointer);
// One step: the member or the item that the unescaped token names; NULL when there is none.
const json_t *json_step(const json_t *value, struct bytes token);

static inline struct bytes json_string_bytes(const json_t *string) {
    return bytes_of(json_string_value(string), json_string_length(string));
}

#endif
