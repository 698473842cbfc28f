// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_SERVER_METRICS_H
#define LMM_SERVER_METRICS_H

#include "apps/common/http/http.h"

// The handler of GET /metrics; its context is the server. docs/operating.md lists what it tells.
enum status get_metrics(void *context, struct http_request *request,
                        struct http_response *response) MUST_CHECK;

#endif
