// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/metrics.h"

#include "apps/common/http/metrics.h"
#include "apps/common/monitor/monitor.h"
#include "apps/common/server/server.h"
#include "apps/common/server/signing.h"
#include "chaincore/chaincore.h"

static void append_index(struct buf *out, struct server *server, uint64_t height, uint64_t head) {
    metric_alone(out, "lmm_index_height", METRIC_GAUGE, "The newest height whose rows are there.",
                 height);
    metric_alone(out, "lmm_index_lag_blocks", METRIC_GAUGE, "Final blocks without rows.",
                 head > height ? head - height : 0);
    metric_alone(out, "lmm_index_healthy", METRIC_GAUGE, "Whether its database is there.",
                 index_is_healthy(server->index) ? 1 : 0);
    metric_alone(out, "lmm_index_rebuilding", METRIC_GAUGE,
                 "Whether rows are being made again beside those that answer.",
                 index_is_rebuilding(server->index) ? 1 : 0);
}

static void append_refusals(struct buf *out, struct server *server) {
    static const char name[] = "lmm_signing_refused_total";
    metric_begin(out, name, METRIC_COUNTER, "Requests to sign that a spending limit refused.");
    for (int i = 0; i < SPENDING_LIMITS; i++) {
        struct buf labels = {0};
        metric_label(&labels, "limit", signing_limit_name((enum spending_limit)i));
        metric_number(out, name, &labels,
                      spending_refused(server->spending, (enum spending_limit)i));
        buf_clear(&labels);
    }
}

// Of all accounts together: whose names these are is not for everybody.
static void append_signers(struct buf *out, struct server *server) {
    struct signer_report report;
    signer_set_report(server->signers, &report);
    metric_alone(out, "lmm_signer_waiting_transactions", METRIC_GAUGE,
                 "Transactions that this server signed and that are not final.", report.waiting);
    metric_ms_alone(
        out, "lmm_signer_unpaid_seconds",
        "For how long the account without money has waited that waits longest; 0: none does.",
        report.unpaid_ms);
    metric_ms_alone(out, "lmm_signer_refused_seconds",
                    "Likewise for what the node refuses for another reason; 0: nothing.",
                    report.refused_ms);
}

enum status get_metrics(void *context, struct http_request *request,
                        struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct node_head head;
    uint64_t indexed = index_height(server->index); // first: the head only grows
    (void)request;
    node_head(server->node, &head);
    monitor_append_build(out, server->market_name);
    monitor_append_process(out, server->started_ms);
    monitor_append_node(out, server->node, &head);
    monitor_append_net(out, server->node);
    monitor_append_agreement(out, server->node);
    monitor_append_past(out, server->node);
    append_index(out, server, indexed, head.header.height);
    if (server->signers) append_signers(out, server);
    if (server->spending) append_refusals(out, server);
    if (server->hooks) hooks_append_metrics(server->hooks, out);
    http_metrics_append(server->http, out);
    http_set_type(response, METRICS_TYPE);
    return STATUS_OK;
}
