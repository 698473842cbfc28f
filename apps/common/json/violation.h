// SPDX-License-Identifier: Apache-2.0
// What is wrong with a document that came from outside, in the form a problem+json answer wants:
// where (JSON pointer, RFC 6901), which rule, and a sentence. Schema validation and the documents'
// own checks all report through this one list.
//
// Zero-initialised is empty and valid. The texts live in the list's arena until violations_clear.
// All texts are UTF-8 without control characters, whatever the document held.
#ifndef LMM_JSON_VIOLATION_H
#define LMM_JSON_VIOLATION_H

#include "chaincore/base/arena.h"
#include "chaincore/base/buf.h"
#include "chaincore/base/limits.h"

struct violation {
    const char *pointer; // "" is the whole document
    const char *rule;    // the schema's keyword ("#/definitions/event/required") or "json/syntax"
    const char *detail;  // for a person
};

struct violations {
    struct violation items[LIMIT_VIOLATIONS];
    size_t count;
    size_t wanted; // stop after so many; 0 for all that fit
    struct arena arena;
};

void violations_clear(struct violations *violations);
bool violations_are_full(const struct violations *violations);
// Copies its arguments; does nothing when the list is full.
void violations_add(struct violations *violations, struct bytes pointer, const char *rule,
                    const char *detail);

// The text in quotes, cut to a few dozen bytes at a character's edge, control characters replaced.
void excerpt_append(struct buf *out, struct bytes text);

#endif
