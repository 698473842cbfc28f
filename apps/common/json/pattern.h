// SPDX-License-Identifier: Apache-2.0
// Regular expressions as JSON Schema writes them (ECMA-262), run by PCRE2 with a bound on effort.
// What the two dialects write differently is refused when compiled instead of meaning something
// else. \d, \w and \s know ASCII only.
//
// Threading: a compiled pattern is immutable; every thread brings a scratch of its own.
#ifndef LMM_JSON_PATTERN_H
#define LMM_JSON_PATTERN_H

#include "chaincore/base/bytes.h"

struct pattern;
struct pattern_scratch;

// MALFORMED when it is no pattern, TOO_LARGE above LIMIT_PATTERN_BYTES. The caller frees.
enum status pattern_compile(struct pattern **out, struct bytes source) MUST_CHECK;
void pattern_free(struct pattern *pattern);

struct pattern_scratch *pattern_scratch_new(void);
void pattern_scratch_free(struct pattern_scratch *scratch);

// Somewhere in the text. False too when the text is not UTF-8 or the effort goes over its bound.
bool pattern_matches(const struct pattern *pattern, struct pattern_scratch *scratch,
                     struct bytes text);

#endif
