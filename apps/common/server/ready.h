// SPDX-License-Identifier: Apache-2.0
// DIR/ready.json, by which a server tells those on its machine where it is: docs/devnet.md.
#ifndef LMM_SERVER_READY_H
#define LMM_SERVER_READY_H

#include "apps/common/server/options.h"
#include "apps/common/server/server.h"

enum status ready_write(struct server *server, const struct server_options *options) MUST_CHECK;
void ready_remove(const struct server *server);

#endif
