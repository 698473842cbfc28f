// SPDX-License-Identifier: Apache-2.0
// A query as EPCIS 2.0 writes it in JSON: an object whose members are parameters, with lists as
// arrays, and perhaps a @context for the prefixes in them. GS1's schema of queries is for this.
#ifndef LMM_EPCIS_QUERY_JSON_H
#define LMM_EPCIS_QUERY_JSON_H

#include "apps/supplychain/epcis/query.h"

struct query_json {
    const struct query_parameter *parameters;
    size_t count;
    struct epcis_context context;
};

// Lives in the arena and borrows from the value, which lives there too. INVALID, with
// fault->pointer naming the member; TOO_LARGE for more of them than a query may have.
enum status query_json_read(struct query_json *out, struct epcis_fault *fault, struct arena *arena,
                            const struct json_span *query) MUST_CHECK;

#endif
