// SPDX-License-Identifier: Apache-2.0
// JSON Schema, draft-07 (json-schema.org/draft-07): a schema is compiled once into an immutable
// program, which then judges values and says where each breaks which rule.
//
// $ref leads within the document, to a nested $id, to one of the documents handed over, or to the
// draft-07 metaschema, which is built in; nothing is ever fetched. What stands beside a $ref is
// ignored, as draft-07 says. Formats (format.h) are asserted when asked for. contentEncoding and
// contentMediaType are annotations. Numbers are compared by value (number.h).
//
// A violation's sentence ends in the `title` of the schema it comes from, where that has one:
// titles are written as what is expected there ("a URI").
//
// Threading: many threads may validate with one program at a time.
#ifndef LMM_JSON_SCHEMA_H
#define LMM_JSON_SCHEMA_H

#include "apps/common/json/json.h"

struct schema;

struct schema_document {
    const char *uri; // absolute, without a fragment
    const json_t *json;
};

struct schema_options {
    const struct schema_document *documents; // what $ref may lead to beside the schema itself
    size_t document_count;
    bool asserts_formats;
};

struct schema_fault {
    char text[300]; // a sentence with the place in the schema
};

// Keeps a reference to each document; they must not change while the program lives. `options` NULL
// is all zero; `fault` may be NULL. MALFORMED when it is no draft-07 schema or a $ref leads nowhere
// or in a circle, TOO_LARGE above LIMIT_SCHEMA_NODES. The caller closes.
enum status schema_compile(struct schema **out, struct schema_fault *fault, const json_t *json,
                           const struct schema_options *options) MUST_CHECK;
void schema_close(struct schema *schema);

// OK, or INVALID with what was found appended to the list (NULL when only the verdict matters).
// TOO_LARGE when schema and value nest beyond LIMIT_SCHEMA_NESTING.
enum status schema_validate(const struct schema *schema, struct violations *violations,
                            const json_t *value) MUST_CHECK;

#endif
