// SPDX-License-Identifier: Apache-2.0
// Wakes who waits for a transaction (?wait=final) as soon as its block is final: by the node alone,
// since the index may be behind, or its database away. A thread that reads a block only while
// somebody waits.
#ifndef LMM_SERVER_FINALITY_H
#define LMM_SERVER_FINALITY_H

#include "apps/common/http/server.h"
#include "chaincore/chaincore.h"

struct finality;

// Both must outlive it.
enum status finality_open(struct finality **out, struct node *node,
                          struct http_server *http) MUST_CHECK;
// At once after node_stop, else within a second. NULL is allowed.
void finality_close(struct finality *finality);

#endif
