// SPDX-License-Identifier: Apache-2.0
// What other nodes cost, and why they were let go.
#include "apps/common/http/metrics.h"
#include "apps/common/monitor/monitor.h"
#include "chaincore/node/network.h"

static void append_labelled(struct buf *out, const char *name, const char *label, const char *value,
                            uint64_t number) {
    struct buf labels = {0};
    metric_label(&labels, label, value);
    metric_number(out, name, &labels, number);
    buf_clear(&labels);
}

static void append_causes(struct buf *out, const struct network_look *look) {
    static const char ended[] = "lmm_net_ended_total", faults[] = "lmm_net_faults_total";
    metric_begin(out, ended, METRIC_COUNTER, "Connections let go or turned away, by cause.");
    for (int i = 0; i < NET_CAUSES; i++)
        append_labelled(out, ended, "cause", cause_name((enum net_cause)i), look->host.causes[i]);
    metric_begin(out, faults, METRIC_COUNTER, "What peers did that honest nodes do not.");
    for (int i = 0; i < REPLICA_FAULTS; i++)
        append_labelled(out, faults, "cause", replica_fault_name((enum replica_fault)i),
                        look->replica.counts.faults[i]);
}

static void append_bytes(struct buf *out, const char *name, const char *help,
                         const uint64_t bytes[CHANNEL_CLASSES_MAX]) {
    metric_begin(out, name, METRIC_COUNTER, help);
    for (size_t i = 0; i < REPLICA_CLASSES; i++)
        append_labelled(out, name, "class", replica_class_name(i), bytes[i]);
}

void monitor_append_net(struct buf *out, struct node *node) {
    struct network_look look;
    if (!node_network_look(node, &look)) return;
    const struct host_counts *host = &look.host;
    metric_alone(out, "lmm_net_connections", METRIC_GAUGE, "With other nodes, hands shaken or not.",
                 host->connections);
    metric_alone(out, "lmm_net_taken_total", METRIC_COUNTER, "Connections that others made.",
                 host->taken);
    metric_alone(out, "lmm_net_called_total", METRIC_COUNTER, "Connections that this node made.",
                 host->called);
    metric_alone(out, "lmm_net_unanswered_total", METRIC_COUNTER, "Of these, that nobody took.",
                 host->failed);
    append_causes(out, &look);
    metric_begin(out, "lmm_net_paused_seconds_total", METRIC_COUNTER,
                 "For which peers that had sent too much were not read.");
    metric_seconds(out, "lmm_net_paused_seconds_total", NULL, host->paused_ms * 1000);
    append_bytes(out, "lmm_net_received_bytes_total", "Of frames, by class.", host->bytes_in);
    append_bytes(out, "lmm_net_sent_bytes_total", "Of frames, by class.", host->bytes_out);
    metric_alone(out, "lmm_net_queued_bytes", METRIC_GAUGE, "Of frames that wait to be sent.",
                 host->queued);
    metric_alone(out, "lmm_net_dropped_frames_total", METRIC_COUNTER,
                 "Frames that came when too much waited.", look.replica.counts.busy);
    metric_alone(out, "lmm_net_unanswered_fetches_total", METRIC_COUNTER,
                 "Answers to peers that have had more than anybody needs.",
                 look.replica.votes.unanswered);
    metric_alone(out, "lmm_net_useless_messages_total", METRIC_COUNTER,
                 "Messages of agreement that could change nothing.", look.replica.verified.useless);
    metric_alone(out, "lmm_net_verified_signatures_total", METRIC_COUNTER,
                 "Of messages of agreement.", look.replica.verified.computed);
    metric_alone(out, "lmm_net_passed_on_total", METRIC_COUNTER,
                 "Messages that this node has passed on as a sentry.",
                 look.replica.counts.passed_on);
}
