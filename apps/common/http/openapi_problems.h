// SPDX-License-Identifier: Apache-2.0
// The problems (RFC 9457) of an operation in an API's document: those that its description tells,
// and those that the kit answers with before or instead of its handler. Each has the codes that it
// may have.
#ifndef LMM_HTTP_OPENAPI_PROBLEMS_H
#define LMM_HTTP_OPENAPI_PROBLEMS_H

#include "apps/common/http/openapi.h"

// The members of "responses" of 400 and above, with no comma behind the last; there is one at
// least.
void openapi_append_problems(struct buf *out, const struct http_route *route);
// "responses":{…} of the components, to which the above refers.
void openapi_append_shared_problems(struct buf *out);

#endif
