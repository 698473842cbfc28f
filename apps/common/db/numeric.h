// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's numeric as it is sent in binary form, which sum() over BIGINT makes: u16 digits, i16
// weight, u16 sign, u16 scale, then digits of base 10000 (numeric_send in utils/adt/numeric.c).
#ifndef LMM_DB_NUMERIC_H
#define LMM_DB_NUMERIC_H

#include "chaincore/base/bytes.h"

// MALFORMED when it is no whole number (or no numeric), OVERFLOW when it doesn't fit.
enum status numeric_to_i64(int64_t *out, struct bytes in) MUST_CHECK;

#endif
