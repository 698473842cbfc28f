// SPDX-License-Identifier: Apache-2.0
// A parameter being read: shared by query.c and query_values.c alone.
#ifndef LMM_EPCIS_QUERY_READER_H
#define LMM_EPCIS_QUERY_READER_H

#include "apps/supplychain/epcis/query_parameters.h"

struct query_reader {
    struct epcis_query *query;
    struct epcis_fault *fault;
    const struct query_reading *reading;
    const struct query_parameter *parameter;
};

// Tells the rule that was broken and a clause for a person; returns the status.
enum status query_refuse(struct query_reader *in, enum status status, const char *rule,
                         const char *reason) MUST_CHECK;
// The only value; empty when there is none.
enum status query_read_single(struct query_reader *in, struct bytes *out) MUST_CHECK;
// A name of an extension's field or of an attribute with its namespace in place of the prefix.
enum status query_read_name(struct query_reader *in, struct bytes name,
                            struct bytes *out) MUST_CHECK;

// query_values.c: the parameter's values as a condition of the query, for what its name stands for.
enum status query_read_values(struct query_reader *in, const struct query_subject *subject,
                              enum query_operator operation, struct bytes rest) MUST_CHECK;
// Identifiers in any of the places.
enum status query_read_identifiers(struct query_reader *in, unsigned places) MUST_CHECK;

#endif
