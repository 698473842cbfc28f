// SPDX-License-Identifier: Apache-2.0
// Units of measure by their codes of UN/ECE Recommendation 20, as far as GS1's measurement types
// use them: what a value in one unit is in another of the same kind. EPCIS names units so in
// `uom` and in query parameters ("GE_value_CEL").
//
// Pure functions without state; any thread may call them.
#ifndef LMM_EPCIS_UNIT_H
#define LMM_EPCIS_UNIT_H

#include "chaincore/base/bytes.h"

struct unit {
    const char *code;
    const char *kind; // "temperature": units of one kind measure the same
    // (value + shift) * multiplier / divisor is the value in the kind's own unit.
    double shift, multiplier, divisor;
};

// NULL for a code that is not known: it measures nothing but itself.
const struct unit *unit_find(struct bytes code);
// The value in the kind's own unit, to 14 digits, so that values that were written in different
// units and mean the same are equal. Exact where the unit is the kind's own.
double unit_convert(const struct unit *unit, double value);
// The same of the difference of two values, as a deviation is: 5 degrees Celsius are 9 Fahrenheit.
double unit_convert_difference(const struct unit *unit, double difference);

#endif
