// SPDX-License-Identifier: Apache-2.0
// How agreement goes with other nodes, what is exchanged with them, and what of the past is here.
#include "apps/common/http/metrics.h"
#include "apps/common/monitor/monitor.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/network.h"
#include "chaincore/node/node_watch.h"

struct labelled {
    const char *label;
    uint64_t value;
};
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

// A family whose rows have one label each, of this name.
struct family {
    const char *name, *help, *label;
};

static void append_family(struct buf *out, const struct family *family, const struct labelled *rows,
                          size_t count) {
    metric_begin(out, family->name, METRIC_COUNTER, family->help);
    for (size_t i = 0; i < count; i++) {
        struct buf labels = {0};
        metric_label(&labels, family->label, rows[i].label);
        metric_number(out, family->name, &labels, rows[i].value);
        buf_clear(&labels);
    }
}

// What kinds of votes have in common.
static void append_kinds(struct buf *out, const char *name, const char *help,
                         const uint64_t counts[DRIVER_VOTE_KINDS]) {
    const struct labelled rows[] = {{"propose", counts[VOTE_PROPOSE]},
                                    {"notarize", counts[VOTE_NOTARIZE]},
                                    {"nullify", counts[VOTE_NULLIFY]},
                                    {"finalize", counts[VOTE_FINALIZE]}};
    append_family(out, &(struct family){name, help, "kind"}, rows, COUNT_OF(rows));
}

static void append_certificates(struct buf *out, const uint64_t counts[DRIVER_VOTE_KINDS]) {
    const struct labelled rows[] = {{"notarize", counts[VOTE_NOTARIZE]},
                                    {"nullify", counts[VOTE_NULLIFY]},
                                    {"finalize", counts[VOTE_FINALIZE]}};
    append_family(out,
                  &(struct family){"lmm_consensus_certificates_total",
                                   "Certificates that ended views; nullify: without a block.",
                                   "kind"},
                  rows, COUNT_OF(rows));
}

static void append_agreement(struct buf *out, const struct replica_look *look) {
    const struct consensus_state *state = &look->agreement;
    metric_alone(out, "lmm_consensus_epoch", METRIC_GAUGE, "The epoch that is agreed in.",
                 state->epoch);
    metric_alone(out, "lmm_consensus_view", METRIC_GAUGE, "The view that is agreed in.",
                 state->view);
    metric_alone(out, "lmm_consensus_failed_views", METRIC_GAUGE,
                 "Views since the newest final block that brought none.", state->failures);
    metric_alone(out, "lmm_consensus_witnesses", METRIC_GAUGE, "Keys of the present witnesses.",
                 look->witnesses);
    metric_alone(out, "lmm_consensus_keys", METRIC_GAUGE,
                 "Keys of the present witnesses that this node signs with.", look->keys);
    metric_alone(out, "lmm_consensus_keys_connected", METRIC_GAUGE,
                 "Keys of the present witnesses whose nodes are peers.", look->keys_known);
    metric_alone(out, "lmm_consensus_keys_located", METRIC_GAUGE,
                 "Keys of the present witnesses of which it is known where their nodes are.",
                 look->records);
    append_certificates(out, look->votes.certificates);
    append_kinds(out, "lmm_consensus_votes_signed_total", "Signed by this node's keys.",
                 look->votes.signed_by_own);
    append_kinds(out, "lmm_consensus_votes_received_total",
                 "Of other witnesses, verified and of use.", look->votes.taken);
    metric_alone(out, "lmm_consensus_waiting_messages", METRIC_GAUGE,
                 "Messages of peers that wait to be verified.", look->votes.waiting);
    metric_alone(out, "lmm_consensus_forged_messages_total", METRIC_COUNTER,
                 "Messages that no witness had signed.", look->counts.blamed);
    metric_alone(out, "lmm_consensus_evidence_waiting", METRIC_GAUGE,
                 "Evidence against witnesses that the chain does not know yet.", look->charges);
}

// Where witnesses are.
static void append_records(struct buf *out, const struct replica_counts *counts) {
    const struct labelled records[] = {{"received", counts->records_in},
                                       {"taken", counts->records_taken},
                                       {"unread", counts->records_unread},
                                       {"forged", counts->records_forged}};
    const struct labelled calls[] = {{"made", counts->records_called},
                                     {"wrong", counts->records_wrong}};
    append_family(out,
                  &(struct family){"lmm_witness_records_total",
                                   "What peers told of where witnesses are, by what became of it.",
                                   "outcome"},
                  records, COUNT_OF(records));
    append_family(out,
                  &(struct family){"lmm_witness_calls_total",
                                   "Calls to witnesses where they say they are, and of these "
                                   "those that another node answered.",
                                   "outcome"},
                  calls, COUNT_OF(calls));
}

static void append_gossip(struct buf *out, const struct replica_look *look) {
    const struct replica_counts *counts = &look->counts;
    const struct labelled txs[] = {{"received", counts->txs_in},    {"known", counts->txs_known},
                                   {"admitted", counts->txs_taken}, {"early", counts->txs_early},
                                   {"sent", counts->txs_out},       {"unsent", counts->txs_unsent}};
    append_family(out,
                  &(struct family){"lmm_gossip_transactions_total",
                                   "Transactions shared with peers, by what became of them.",
                                   "outcome"},
                  txs, COUNT_OF(txs));
    const struct labelled ids[] = {
        {"received", counts->ids_in},       {"asked", counts->ids_asked},
        {"lacked", counts->ids_lacked},     {"undelivered", counts->ids_undelivered},
        {"unnoted", counts->ids_unnoted},   {"told", counts->ids_out},
        {"answered", counts->ids_answered}, {"refused", counts->ids_refused}};
    append_family(out,
                  &(struct family){"lmm_gossip_ids_total",
                                   "Transactions that peers told or asked for by their ids.",
                                   "outcome"},
                  ids, COUNT_OF(ids));
    metric_alone(out, "lmm_gossip_ids_open", METRIC_GAUGE,
                 "Ids that peers told of transactions that have not come yet.", look->ids_open);
    metric_alone(out, "lmm_gossip_waiting_bytes", METRIC_GAUGE,
                 "Bytes of peers' transactions that wait to be admitted.", look->tx_bytes);
}

static void append_sync(struct buf *out, const struct replica_look *look) {
    metric_alone(out, "lmm_sync_running", METRIC_GAUGE, "Whether final blocks are fetched in bulk.",
                 look->sync.is_running ? 1 : 0);
    metric_alone(out, "lmm_sync_goal_height", METRIC_GAUGE, "The highest that a peer has told of.",
                 look->sync.goal);
    const struct labelled blocks[] = {{"taken", look->sync.blocks},
                                      {"served", look->sync.served_blocks}};
    append_family(out,
                  &(struct family){"lmm_sync_blocks_total", "Final blocks in bulk.", "direction"},
                  blocks, COUNT_OF(blocks));
    const struct labelled faults[] = {{"lie", look->sync.lies}, {"timeout", look->sync.timeouts}};
    append_family(out,
                  &(struct family){"lmm_sync_faults_total",
                                   "Peers that were asked for final blocks and failed.", "why"},
                  faults, COUNT_OF(faults));
}

static void append_peers(struct buf *out, struct node *node) {
    size_t most = node_peers(node, NULL, 0);
    struct node_peer *peers = mem_alloc_array(most + 1, sizeof *peers);
    size_t count = node_peers(node, peers, most);
    uint64_t slowest_us = 0;
    for (size_t i = 0; i < count && i < most; i++)
        if (peers[i].state.latency_us > slowest_us) slowest_us = peers[i].state.latency_us;
    mem_free(peers);
    metric_begin(out, "lmm_net_latency_seconds", METRIC_GAUGE,
                 "There and back, of the peer that is the farthest away.");
    metric_seconds(out, "lmm_net_latency_seconds", NULL, slowest_us);
}

void monitor_append_agreement(struct buf *out, struct node *node) {
    struct network_look look;
    if (!node_network_look(node, &look)) return;
    append_agreement(out, &look.replica);
    append_records(out, &look.replica.counts);
    append_gossip(out, &look.replica);
    append_sync(out, &look.replica);
    append_peers(out, node);
}

void monitor_append_past(struct buf *out, struct node *node) {
    struct node_past past;
    struct node_exchange exchange;
    node_past(node, &past);
    node_exchange(node, &exchange);
    metric_alone(out, "lmm_sync_oldest_height", METRIC_GAUGE, "The lowest block that is here.",
                 past.oldest);
    metric_alone(out, "lmm_sync_filling", METRIC_GAUGE,
                 "Whether blocks of before this node joined are still to come.",
                 past.is_filling ? 1 : 0);
    metric_alone(out, "lmm_sync_snapshot_height", METRIC_GAUGE,
                 "The newest snapshot that others may join by; 0: none.", past.snapshot);
    metric_alone(out, "lmm_sync_filled_blocks_total", METRIC_COUNTER,
                 "Blocks taken of before this node joined.", exchange.filled_blocks);
    metric_alone(out, "lmm_sync_filled_bytes_total", METRIC_COUNTER, "Bytes of these.",
                 exchange.filled_bytes);
    metric_alone(out, "lmm_sync_served_past_bytes_total", METRIC_COUNTER,
                 "Bytes of snapshots and old blocks that others were given.", exchange.past_bytes);
}
