// SPDX-License-Identifier: Apache-2.0
// The API's document as a server gives it, and answers held against it.
#ifndef LMM_TESTS_API_DOCUMENT_H
#define LMM_TESTS_API_DOCUMENT_H

#include <jansson.h>

#include "chaincore/base/bytes.h"

// NULL when the document has no such operation. Borrowed.
json_t *api_document_operation(const json_t *document, const char *pattern, const char *method);

struct api_answer {
    const char *pattern; // "/v1/blocks/{height}"
    const char *method;  // "get"
    int code;
    const char *type; // its Content-Type
    struct bytes body;
};
// Of a path with its query; NULL: there is none. Borrowed from the document.
const char *api_document_pattern(const json_t *document, const char *path);
// Fails the case unless code, type and body are among those that the document has for the
// operation.
void api_document_check(const json_t *document, const struct api_answer *answer);

#endif
