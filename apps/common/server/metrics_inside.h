// SPDX-License-Identifier: Apache-2.0
// Parts of what GET /metrics tells.
#ifndef LMM_SERVER_METRICS_INSIDE_H
#define LMM_SERVER_METRICS_INSIDE_H

#include "chaincore/base/buf.h"

struct node;

// Nothing where the node is alone.
void metrics_append_net(struct buf *out, struct node *node);

#endif
