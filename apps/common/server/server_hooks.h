// SPDX-License-Identifier: Apache-2.0
// A market's webhooks: its rows are what they tell.
#ifndef LMM_SERVER_HOOKS_H
#define LMM_SERVER_HOOKS_H

#include "apps/common/server/server.h"

enum { HOOK_READERS = 1 }; // connections to the index

// Sets server->hooks.
enum status server_hooks_open(struct server *server, const struct server_market *market,
                              const struct hook_rules *rules) MUST_CHECK;

#endif
