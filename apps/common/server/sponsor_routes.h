// SPDX-License-Identifier: Apache-2.0
// /v1/sponsor: the server pays for the first transactions of accounts that cannot, under its terms
// (sponsor.h). GET tells the terms; POST takes a transaction that names the server as its payer and
// that its sender has signed, adds the payer's signature, and sends it.
#ifndef LMM_SERVER_SPONSOR_ROUTES_H
#define LMM_SERVER_SPONSOR_ROUTES_H

#include "apps/common/http/http.h"

extern const struct http_route sponsor_routes[];
extern const size_t sponsor_route_count;

#endif
