// SPDX-License-Identifier: Apache-2.0
// What a process answers by HTTP while its node is not there yet: it fetches a snapshot of a chain
// that others have (chaincore/node/node_arrive.h), which may take long. /livez is 200, /readyz 503
// with the reason and how far it is, /metrics has the process' own and lmm_arrival_…; all else is
// what the server answers that comes after it on the same address, and not there yet.
//
// Opened, told and closed by one thread; its routes are answered by threads of its own.
#ifndef LMM_MONITOR_ARRIVING_H
#define LMM_MONITOR_ARRIVING_H

#include "apps/common/http/server.h"
#include "chaincore/node/node_arrive.h"

struct arriving;

// Borrowed until close. Of `http` address, port, TLS, proxies and limits are taken.
struct arriving_config {
    const struct http_config *http;
    const char *market; // NULL: none
    uint64_t started_ms;
};
// BUSY and the like as http_server_start.
enum status arriving_open(struct arriving **out, const struct arriving_config *config) MUST_CHECK;
void arriving_tell(struct arriving *arriving, const struct node_arrival_progress *progress);
uint16_t arriving_port(const struct arriving *arriving);
void arriving_close(struct arriving *arriving); // NULL is allowed

#endif
