// SPDX-License-Identifier: Apache-2.0
// The routes of a firm's members (members.h), with the scope "members" to change and "audit" to
// read, and of its log. Owners are made, changed and taken away only by who may do everything; nor
// does anybody who has spending limits change those of others.
#ifndef LMM_SERVER_MEMBER_ROUTES_H
#define LMM_SERVER_MEMBER_ROUTES_H

#include "apps/common/http/http.h"

// Their context is the server.
extern const struct http_route member_routes[];
extern const size_t member_route_count;

#endif
