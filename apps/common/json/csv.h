// SPDX-License-Identifier: Apache-2.0
// A list as CSV (RFC 4180): a header row, lines that end with CR LF, text in quotes where it has to
// be. The columns are those of the list's schema in its order, so they are the same whatever the
// list holds. What is no text, number, truth or null stands as JSON in its cell; null is empty.
//
// A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV
// Injection").
#ifndef LMM_JSON_CSV_H
#define LMM_JSON_CSV_H

#include "chaincore/base/buf.h"

// `json` is an object with a list of objects, `items`; `schema` says what these have. False when
// either is of another form.
bool csv_write(struct buf *out, struct bytes json, const char *schema);

#endif
