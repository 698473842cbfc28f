// SPDX-License-Identifier: Apache-2.0
// Every parameter of SimpleEventQuery, with values that the events of asked.json have and values
// that they have not: what each finds is written as the last letters of the eventIDs found.
#ifndef LMM_SUPPLYCHAIN_TEST_ASKED_H
#define LMM_SUPPLYCHAIN_TEST_ASKED_H

#include <stdbool.h>
#include <stddef.h>

struct asked_case {
    const char *name;
    const char *value; // in a query string; "$" stands for the time of the second capture
    const char *found;
};
extern const struct asked_case asked_cases[];
extern const size_t asked_case_count;

// Fields that have one number in the events found: by EQ_, GT_, GE_, LT_ and LE_ at that number and
// beside it, and by EXISTS_ where there is one.
struct asked_number {
    const char *subject; // behind the operator
    int number;
    const char *found;
    bool has_exists;
};
extern const struct asked_number asked_numbers[];
extern const size_t asked_number_count;

// Values that a parameter cannot have, and the rule that each breaks.
struct refused_case {
    const char *name;
    const char *value;
    const char *rule;
};
extern const struct refused_case refused_cases[];
extern const size_t refused_case_count;

#endif
