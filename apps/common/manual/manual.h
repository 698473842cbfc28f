// SPDX-License-Identifier: Apache-2.0
// Writes a manual page out of a program's own tables: as roff for `man`, or as Markdown. What it is
// given is plain text; whatever would be markup in one of the two comes out as text.
#ifndef LMM_MANUAL_MANUAL_H
#define LMM_MANUAL_MANUAL_H

#include "chaincore/base/buf.h"

enum manual_format { MANUAL_ROFF, MANUAL_MARKDOWN };

struct manual {
    struct buf *out; // borrowed
    enum manual_format format;
};

// A page of section 1: `summary` says in a few words what the program is for.
void manual_begin(struct manual *manual, const char *program, const char *version,
                  const char *summary);
void manual_section(struct manual *manual, const char *title);
void manual_paragraph(struct manual *manual, const char *text);
// What is typed or read as it stands.
void manual_literal(struct manual *manual, const char *text);
// A term, as it is typed, and what it means.
void manual_item(struct manual *manual, const char *term, const char *text);
// Behind the last item of a row.
void manual_end_items(struct manual *manual);

#endif
