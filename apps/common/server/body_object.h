// SPDX-License-Identifier: Apache-2.0
// A request's body as a JSON object that has no members but those that are known.
#ifndef LMM_SERVER_BODY_OBJECT_H
#define LMM_SERVER_BODY_OBJECT_H

#include "apps/common/http/http.h"
#include "apps/common/json/json.h"

enum { BODY_OBJECT_BYTES = 4096 };

// The caller releases *out with json_decref. An empty body is an empty object. False: *out is NULL
// or still to be released, and the response is a problem of this code.
bool body_object_read(json_t **out, struct http_request *request, struct http_response *response,
                      const char *const *members, const char *code);
// Answers with a problem of this code about one member. Always false.
bool body_object_refuse(struct http_response *response, const char *code, const char *pointer,
                        const char *rule, const char *detail);
// A text of 1 to size - 1 bytes without control characters. False: it is none.
bool body_object_copy_name(const json_t *value, char *out, size_t size);

#endif
