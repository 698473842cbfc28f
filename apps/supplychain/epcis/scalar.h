// SPDX-License-Identifier: Apache-2.0
// Numbers and times as the event hash writes them (CBV 2.0 section 8.9): numbers as the shortest
// decimal of their double, times in UTC with milliseconds. The locale plays no part.
#ifndef LMM_EPCIS_SCALAR_H
#define LMM_EPCIS_SCALAR_H

#include "chaincore/base/buf.h"

// A decimal number (sign, digits, point, exponent; "+1.", ".5" and "007" too): appends the integer
// when it is one, else the fewest digits that read back as the same double, with an exponent below
// 0.0001. False, and nothing is appended, for any other text and for what no double can hold.
bool scalar_append_number(struct buf *out, struct bytes text);

// The same texts as a double. False for any other.
bool scalar_read_number(double *out, struct bytes text);
// A number for which "less" means what it means for the doubles: order and equality in a database
// that keeps integers. Not of NaN.
int64_t scalar_sortable(double value);

// A date and time of RFC 3339, in milliseconds since 1970-01-01 UTC, rounded half up. Whatever
// date_time_is_valid (apps/common/json/format.h) lets pass is read: white space for the T, an
// offset without its colon or minutes, second 60. MALFORMED otherwise.
enum status scalar_read_time(int64_t *time_ms, struct bytes text) MUST_CHECK;
// "2026-01-31", in milliseconds since 1970-01-01 UTC at its start there. MALFORMED otherwise.
enum status scalar_read_date(int64_t *time_ms, struct bytes text) MUST_CHECK;
// "2026-01-31T12:00:00.123Z".
void scalar_append_time(struct buf *out, int64_t time_ms);

// Without white space (Unicode's) at either end. The text is UTF-8.
struct bytes scalar_trim(struct bytes text);

#endif
