// SPDX-License-Identifier: Apache-2.0
// The routes of API keys: to make, list, rotate and revoke them, with the scope "admin". Nobody
// gives away what they may not do, nor takes it from others: a key is made, told anew, limited or
// revoked only by a caller who has all of its scopes.
#ifndef LMM_SERVER_API_KEY_ROUTES_H
#define LMM_SERVER_API_KEY_ROUTES_H

#include "apps/common/http/http.h"

// Their context is the server.
extern const struct http_route api_key_routes[];
extern const size_t api_key_route_count;

#endif
