// SPDX-License-Identifier: Apache-2.0
// A market's webhooks: its rows are what they tell, and what the live stream told before.
#ifndef LMM_SERVER_HOOKS_H
#define LMM_SERVER_HOOKS_H

#include "apps/common/server/server.h"

enum { HOOK_READERS = 1 }; // connections to the index

// Sets server->hooks.
enum status server_hooks_open(struct server *server, const struct server_market *market,
                              const struct hook_rules *rules) MUST_CHECK;

// Some of the market's messages, from one snapshot of the rows; none where it has none. TIMEOUT: a
// statement took longer than LIMIT_WEBHOOK_READ_MS.
enum status server_read_rows(struct server *server, struct arena *arena,
                             const struct hook_reading *reading, struct hook_batch *out) MUST_CHECK;

#endif
