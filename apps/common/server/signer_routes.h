// SPDX-License-Identifier: Apache-2.0
// The accounts that a server signs with: their list by the API, and their names in what others ask.
#ifndef LMM_SERVER_SIGNER_ROUTES_H
#define LMM_SERVER_SIGNER_ROUTES_H

#include <jansson.h>

#include "apps/common/http/http.h"
#include "apps/common/server/server.h"

// GET /v1/signers
enum status get_signers(void *server, struct http_request *request,
                        struct http_response *response) MUST_CHECK;
extern const struct http_description describes_get_signers;

// The name of one of them; that of the caller's own where nothing is told. False: it is none. Who
// acts as a further account may get one that is none: callers_may_sign_as refuses it all the same.
bool signer_read(char out[LIMIT_SIGNER_NAME_BYTES + 1], struct server *server,
                 const struct http_request *request, const json_t *value);
// For whoever told another: a sentence with those that the caller may name, in its arena.
const char *signer_tell_all(struct server *server, struct http_request *request);

#endif
