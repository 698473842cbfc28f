// SPDX-License-Identifier: Apache-2.0
// The part of a server that knows the firm it works for: members, their sessions and how they log
// in. It fills server->members, sessions, login and login_rate.
#ifndef LMM_SERVER_FIRM_H
#define LMM_SERVER_FIRM_H

#include "apps/common/server/server.h"

// With files in server->data_dir; the node is open. On failure what was opened is firm_close's.
enum status firm_open(struct server *server) MUST_CHECK;
void firm_close(struct server *server);

#endif
