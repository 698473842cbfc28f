// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/server_hooks.h"

#include <limits.h>
#include <stdio.h>

#include "chaincore/chaincore.h"

enum { WAIT_MS = 1000 };

_Static_assert((int)HOOK_LANE == (int)SERVER_LANE_HOOKS,
               "routes of webhooks run where waiting is allowed");

enum status server_read_rows(struct server *server, struct arena *arena,
                             const struct hook_reading *reading, struct hook_batch *out) {
    struct db *db;
    if (!server->market_reads_hooks) return STATUS_OK;
    enum status status = db_pool_take(&db, server->readers, WAIT_MS);
    if (status != STATUS_OK) return status;
    status = db_set_timeout(db, LIMIT_WEBHOOK_READ_MS);
    // One snapshot: the rows of a block are there whole, or none of them.
    if (status == STATUS_OK) status = db_begin(db);
    if (status == STATUS_OK)
        status = server->market_reads_hooks(server->market, db, arena, reading, out);
    db_pool_give(server->readers, db);
    return status;
}

// Its context is the server, which outlives it.
static enum status read_rows(void *context, struct arena *arena, const struct hook_reading *reading,
                             struct hook_batch *out) {
    return server_read_rows(context, arena, reading, out);
}

static uint64_t height_of_rows(void *context) {
    const struct server *server = context;
    return index_height(server->index);
}

enum status server_hooks_open(struct server *server, const struct server_market *market,
                              const struct hook_rules *rules) {
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/webhooks.db", server->data_dir);
    server->market_reads_hooks = market->read_hooks;
    struct hooks_config config = {
        .path = path,
        .source = {.kinds = market->hook_kinds,
                   .kind_count = market->read_hooks ? market->hook_kind_count : 0,
                   .filtered = market->hook_filtered,
                   .read = read_rows,
                   .height = height_of_rows,
                   .context = server},
        .rules = *rules,
        .own_account = server_account_name,
        .token_header = market->hook_token_header};
    return hooks_open(&server->hooks, &config);
}
