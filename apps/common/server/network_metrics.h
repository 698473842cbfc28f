// SPDX-License-Identifier: Apache-2.0
// Agreement and what is shared with peers, for Prometheus; docs/operating.md lists them. A node
// that makes blocks alone has none of these.
#ifndef LMM_SERVER_NETWORK_METRICS_H
#define LMM_SERVER_NETWORK_METRICS_H

#include "chaincore/base/buf.h"

struct node;

void network_metrics_append(struct buf *out, struct node *node);

#endif
