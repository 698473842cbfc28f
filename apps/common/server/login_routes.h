// SPDX-License-Identifier: Apache-2.0
// The routes by which a member of the firm logs in with the key of its account (login.h), and out.
// Asking for a text tells nothing about an account, whether it is a member or not: that hears only
// who signs with its key.
#ifndef LMM_SERVER_LOGIN_ROUTES_H
#define LMM_SERVER_LOGIN_ROUTES_H

#include "apps/common/http/http.h"

// Their context is the server.
extern const struct http_route login_routes[];
extern const size_t login_route_count;

#endif
