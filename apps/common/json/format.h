// SPDX-License-Identifier: Apache-2.0
// The formats of JSON Schema that are asserted: date-time, date and time (RFC 3339), uri and
// uri-reference (RFC 3986), email, hostname, ipv4, ipv6, uuid, json-pointer and
// relative-json-pointer (RFC 6901), regex. A format that is not here is an annotation.
//
// Dates and times give the verdicts of the reference validator that GS1's schema is run with
// (ajv-formats 3): any ASCII white space may stand for the T, and an offset may lack its colon or
// its minutes ("2020-01-31 10:00:00+01").
#ifndef LMM_JSON_FORMAT_H
#define LMM_JSON_FORMAT_H

#include "chaincore/base/bytes.h"

struct format {
    const char *name;
    bool (*is_valid)(struct bytes text);
};

// Static; NULL when unknown.
const struct format *format_find(const char *name);

bool date_time_is_valid(struct bytes text);

#endif
