// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/firm.h"

#include <limits.h>
#include <stdio.h>

#include "apps/common/http/rate.h"
#include "apps/common/server/login.h"
#include "apps/common/server/members.h"
#include "apps/common/server/sessions.h"
#include "chaincore/chaincore.h"

// Of one client, behind whose address may be an office; a log-in asks twice.
static const struct rate_limit logins = {.burst = 60, .per_minute = 60};

enum status firm_open(struct server *server) {
    char path[PATH_MAX + 32];
    enum status status;
    snprintf(path, sizeof path, "%s/members.db", server->data_dir);
    TRY(members_open(&server->members, path));
    snprintf(path, sizeof path, "%s/sessions.db", server->data_dir);
    TRY(sessions_open(&server->sessions, path));
    server->login = login_open(node_chain_id(server->node));
    server->login_rate = rate_table_open(&logins);
out:
    return status;
}

void firm_close(struct server *server) {
    rate_table_close(server->login_rate);
    login_close(server->login);
    sessions_close(server->sessions);
    members_close(server->members);
}
