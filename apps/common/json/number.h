// SPDX-License-Identifier: Apache-2.0
// JSON numbers by their value. jansson keeps an int64 or a double and forgets the digits as
// written; these give back the shortest digits that read as the same double, and compare integers
// with doubles exactly. Nothing here depends on the locale.
#ifndef LMM_JSON_NUMBER_H
#define LMM_JSON_NUMBER_H

#include <jansson.h>

#include "chaincore/base/bytes.h"

enum { NUMBER_TEXT_SIZE = 32 };

// value = digits * 10^exponent, without trailing zeros in digits (zero is 0 * 10^0).
struct decimal {
    uint64_t digits;
    int exponent;
    bool is_negative;
};

// The fewest digits that read back as the finite `value`; of several, the nearest to it.
struct decimal number_shortest(double value);
// A finite double as ECMAScript (and RFC 8785) prints it, except that integers within an int64 keep
// all their digits. Minus zero is 0. NUL-terminated; returns the length.
size_t number_print(char out[NUMBER_TEXT_SIZE], double value);
// Either kind of JSON number.
size_t json_number_print(char out[NUMBER_TEXT_SIZE], const json_t *number);

// Exact, across kinds: negative, zero, positive.
int json_number_compare(const json_t *a, const json_t *b);
// 1.0 and 1e300 are integers.
bool json_number_is_integer(const json_t *number);
// Decimal, so 0.3 is a multiple of 0.1. `divisor` is above zero.
bool json_number_is_multiple(const json_t *number, const json_t *divisor);

#endif
