// SPDX-License-Identifier: Apache-2.0
// What a process and its node tell whoever watches over them, with a market or without one:
// families of Prometheus' text format, and what keeps a node from being ready. docs/operating.md
// explains each.
//
// Any thread.
#ifndef LMM_MONITOR_MONITOR_H
#define LMM_MONITOR_MONITOR_H

#include "apps/common/http/http.h"
#include "chaincore/node/node.h"

// The process', by the names that Prometheus' own libraries have; `started_ms` of the wall clock.
void monitor_append_process(struct buf *out, uint64_t started_ms);
// lmm_build_info and lmm_node_…; `market` may be NULL.
void monitor_append_build(struct buf *out, const char *market);
void monitor_append_node(struct buf *out, struct node *node, const struct node_head *head);
// lmm_net_…: what other nodes cost. Nothing where the node is alone.
void monitor_append_net(struct buf *out, struct node *node);
// lmm_consensus_…, lmm_gossip_… and lmm_sync_…: how it agrees with other nodes, and what is fetched
// from them. Nothing where the node is alone.
void monitor_append_agreement(struct buf *out, struct node *node);
// The rest of lmm_sync_…: what of the chain's past is here.
void monitor_append_past(struct buf *out, struct node *node);

// Short reasons why nobody should rely on the node now, for http_answer_ready: borrowed from what
// `out` stands in.
enum { MONITOR_PROBLEMS = 6 };
struct monitor_problems {
    const char *list[MONITOR_PROBLEMS];
    size_t count;
    char lacked[128], behind[128];
};
void monitor_node_problems(struct node *node, struct monitor_problems *out);

#endif
