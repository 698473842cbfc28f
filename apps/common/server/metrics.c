// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/metrics.h"

#include <config.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "apps/common/http/metrics.h"
#include "apps/common/server/metrics_inside.h"
#include "apps/common/server/server.h"
#include "apps/common/server/signing.h"
#include "chaincore/chaincore.h"

static void append(struct buf *out, const char *name, enum metric_kind kind, const char *help,
                   uint64_t value) {
    metric_begin(out, name, kind, help);
    metric_number(out, name, NULL, value);
}

static void append_ms(struct buf *out, const char *name, const char *help, uint64_t ms) {
    metric_begin(out, name, METRIC_GAUGE, help);
    metric_seconds(out, name, NULL, ms * 1000);
}

// --- the process, by the names that Prometheus' own libraries have ---

static uint64_t open_files(void) {
    uint64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) return 0;
    while (readdir(folder)) count++;
    closedir(folder);
    return count > 3 ? count - 3 : 0; // ".", "..", and the folder itself
}

static void append_memory(struct buf *out) {
    struct buf text = {0};
    uint64_t whole = 0, resident = 0, page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (file_read(&text, "/proc/self/statm", 4096) == STATUS_OK) {
        char *rest;
        whole = strtoull(buf_as_string(&text), &rest, 10);
        resident = strtoull(rest, NULL, 10);
    }
    append(out, "process_virtual_memory_bytes", METRIC_GAUGE, "Virtual memory.", whole * page);
    append(out, "process_resident_memory_bytes", METRIC_GAUGE, "Resident memory.", resident * page);
    buf_clear(&text);
}

static uint64_t us_of(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void append_process(struct buf *out, const struct server *server) {
    struct rusage usage = {0};
    struct rlimit files = {0};
    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &files);
    metric_begin(out, "process_cpu_seconds_total", METRIC_COUNTER, "User and system time spent.");
    metric_seconds(out, "process_cpu_seconds_total", NULL,
                   us_of(usage.ru_utime) + us_of(usage.ru_stime));
    append_memory(out);
    append(out, "process_open_fds", METRIC_GAUGE, "Open files.", open_files());
    append(out, "process_max_fds", METRIC_GAUGE, "Files that may be open.", files.rlim_cur);
    append_ms(out, "process_start_time_seconds", "When the process started, since 1970.",
              server->started_ms);
}

// --- the chain and its index ---

static void append_node(struct buf *out, struct server *server, const struct node_head *head) {
    struct node_counts counts;
    uint64_t now_ms = clock_wall_ms(), made_ms = head->header.time_ms;
    struct node_health health;
    node_counts(server->node, &counts);
    node_health(server->node, &health);
    append(out, "lmm_node_height", METRIC_GAUGE, "The newest final height.", head->header.height);
    append_ms(out, "lmm_node_head_age_seconds", "Time since the newest final block.",
              now_ms > made_ms ? now_ms - made_ms : 0);
    append_ms(out, "lmm_node_overdue_seconds", "For how long a block has been due; 0: none is.",
              node_overdue_ms(server->node));
    append(out, "lmm_node_blocks_total", METRIC_COUNTER, "Blocks executed and final.",
           counts.blocks);
    append(out, "lmm_node_transactions_total", METRIC_COUNTER, "Transactions in those blocks.",
           counts.txs);
    append(out, "lmm_node_mempool_transactions", METRIC_GAUGE, "Transactions that wait.",
           counts.mempool_txs);
    append(out, "lmm_node_mempool_bytes", METRIC_GAUGE, "Bytes of transactions that wait.",
           counts.mempool_bytes);
    append(out, "lmm_node_checkpoint_height", METRIC_GAUGE, "The height of the state on disk.",
           health.checkpoint_height);
    append(out, "lmm_node_checkpoint_failures", METRIC_GAUGE,
           "How often in a row the state could not be written.", health.failures);
    append(out, "lmm_node_held_up", METRIC_GAUGE,
           "Whether no blocks are made until the state is written.", health.is_held_up ? 1 : 0);
    append(out, "lmm_node_peers", METRIC_GAUGE, "Other nodes that are connected.", health.peers);
    append(out, "lmm_node_halted", METRIC_GAUGE,
           "Whether witnesses contradict one another, and nothing is signed.",
           health.is_halted ? 1 : 0);
}

static void append_index(struct buf *out, struct server *server, uint64_t height, uint64_t head) {
    append(out, "lmm_index_height", METRIC_GAUGE, "The newest height whose rows are there.",
           height);
    append(out, "lmm_index_lag_blocks", METRIC_GAUGE, "Final blocks without rows.",
           head > height ? head - height : 0);
    append(out, "lmm_index_healthy", METRIC_GAUGE, "Whether its database is there.",
           index_is_healthy(server->index) ? 1 : 0);
    append(out, "lmm_index_rebuilding", METRIC_GAUGE,
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
    append(out, "lmm_signer_waiting_transactions", METRIC_GAUGE,
           "Transactions that this server signed and that are not final.", report.waiting);
    append_ms(out, "lmm_signer_unpaid_seconds",
              "For how long the account without money has waited that waits longest; 0: none does.",
              report.unpaid_ms);
    append_ms(out, "lmm_signer_refused_seconds",
              "Likewise for what the node refuses for another reason; 0: nothing.",
              report.refused_ms);
}

enum status get_metrics(void *context, struct http_request *request,
                        struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response), labels = {0};
    struct node_head head;
    uint64_t indexed = index_height(server->index); // first: the head only grows
    (void)request;
    node_head(server->node, &head);
    metric_label(&labels, "version", PACKAGE_VERSION);
    metric_label(&labels, "market", server->market_name);
    metric_begin(out, "lmm_build_info", METRIC_GAUGE, "What runs here; always 1.");
    metric_number(out, "lmm_build_info", &labels, 1);
    buf_clear(&labels);
    append_process(out, server);
    append_node(out, server, &head);
    metrics_append_net(out, server->node);
    append_index(out, server, indexed, head.header.height);
    if (server->signers) append_signers(out, server);
    if (server->spending) append_refusals(out, server);
    if (server->hooks) hooks_append_metrics(server->hooks, out);
    http_metrics_append(server->http, out);
    http_set_type(response, METRICS_TYPE);
    return STATUS_OK;
}
