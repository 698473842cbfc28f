// SPDX-License-Identifier: Apache-2.0
#include "apps/common/monitor/monitor.h"

#include <config.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "apps/common/http/metrics.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"

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
    metric_alone(out, "process_virtual_memory_bytes", METRIC_GAUGE, "Virtual memory.",
                 whole * page);
    metric_alone(out, "process_resident_memory_bytes", METRIC_GAUGE, "Resident memory.",
                 resident * page);
    buf_clear(&text);
}

static uint64_t us_of(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

void monitor_append_process(struct buf *out, uint64_t started_ms) {
    struct rusage usage = {0};
    struct rlimit files = {0};
    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &files);
    metric_begin(out, "process_cpu_seconds_total", METRIC_COUNTER, "User and system time spent.");
    metric_seconds(out, "process_cpu_seconds_total", NULL,
                   us_of(usage.ru_utime) + us_of(usage.ru_stime));
    append_memory(out);
    metric_alone(out, "process_open_fds", METRIC_GAUGE, "Open files.", open_files());
    metric_alone(out, "process_max_fds", METRIC_GAUGE, "Files that may be open.", files.rlim_cur);
    metric_ms_alone(out, "process_start_time_seconds", "When the process started, since 1970.",
                    started_ms);
}

// --- the chain ---

void monitor_append_node(struct buf *out, struct node *node, const struct node_head *head) {
    struct node_counts counts;
    uint64_t now_ms = clock_wall_ms(), made_ms = head->header.time_ms;
    struct node_health health;
    node_counts(node, &counts);
    node_health(node, &health);
    metric_alone(out, "lmm_node_height", METRIC_GAUGE, "The newest final height.",
                 head->header.height);
    metric_ms_alone(out, "lmm_node_head_age_seconds", "Time since the newest final block.",
                    now_ms > made_ms ? now_ms - made_ms : 0);
    metric_ms_alone(out, "lmm_node_overdue_seconds",
                    "For how long a block has been due; 0: none is.", node_overdue_ms(node));
    metric_alone(out, "lmm_node_blocks_total", METRIC_COUNTER, "Blocks executed and final.",
                 counts.blocks);
    metric_alone(out, "lmm_node_transactions_total", METRIC_COUNTER,
                 "Transactions in those blocks.", counts.txs);
    metric_alone(out, "lmm_node_mempool_transactions", METRIC_GAUGE, "Transactions that wait.",
                 counts.mempool_txs);
    metric_alone(out, "lmm_node_mempool_bytes", METRIC_GAUGE, "Bytes of transactions that wait.",
                 counts.mempool_bytes);
    metric_alone(out, "lmm_node_checkpoint_height", METRIC_GAUGE,
                 "The height of the state on disk.", health.checkpoint_height);
    metric_alone(out, "lmm_node_checkpoint_failures", METRIC_GAUGE,
                 "How often in a row the state could not be written.", health.failures);
    metric_alone(out, "lmm_node_held_up", METRIC_GAUGE,
                 "Whether no blocks are made until the state is written.",
                 health.is_held_up ? 1 : 0);
    metric_alone(out, "lmm_node_peers", METRIC_GAUGE, "Other nodes that are connected.",
                 health.peers);
    metric_alone(out, "lmm_node_halted", METRIC_GAUGE,
                 "Whether witnesses contradict one another, and nothing is signed.",
                 health.is_halted ? 1 : 0);
    metric_alone(out, "lmm_node_twin", METRIC_GAUGE,
                 "Whether somebody else signs with a key of this node.", health.has_twin ? 1 : 0);
    metric_alone(out, "lmm_node_lacked_protocol", METRIC_GAUGE,
                 "The protocol that the next block is of and this release lacks; 0: it has it.",
                 health.lacked_protocol);
}

void monitor_append_build(struct buf *out, const char *market) {
    struct buf labels = {0};
    metric_label(&labels, "version", PACKAGE_VERSION);
    if (market) metric_label(&labels, "market", market);
    metric_begin(out, "lmm_build_info", METRIC_GAUGE, "What runs here; always 1.");
    metric_number(out, "lmm_build_info", &labels, 1);
    buf_clear(&labels);
}

// --- readiness ---

enum { MAX_OVERDUE_MS = 10000 }; // for longer, nobody knows whether the block will come

static void add_problem(struct monitor_problems *problems, const char *text) {
    problems->list[problems->count++] = text;
}

// Without the protocol the chain may make blocks that only this node does not see.
void monitor_node_problems(struct node *node, struct monitor_problems *out) {
    struct node_health health;
    out->count = 0;
    node_health(node, &health);
    if (health.lacked_protocol > 0) {
        snprintf(out->lacked, sizeof out->lacked,
                 "the chain goes by protocol %u: install a release that knows it, and start that",
                 (unsigned)health.lacked_protocol);
        add_problem(out, out->lacked);
    } else if (node_overdue_ms(node) > MAX_OVERDUE_MS) {
        add_problem(out, "the chain makes no blocks");
    }
    struct node_exchange exchange;
    node_exchange(node, &exchange);
    if (exchange.behind > 0) {
        snprintf(out->behind, sizeof out->behind,
                 "this node catches up: it is %llu blocks behind what its peers have",
                 (unsigned long long)exchange.behind);
        add_problem(out, out->behind);
    }
    if (health.failures > 0) add_problem(out, "the state cannot be written to disk");
    if (health.is_halted)
        add_problem(out, "agreement is broken, and nothing is signed: see docs/witness.md");
    if (health.has_twin)
        add_problem(out, "somebody else signs with a key of this node: see docs/witness.md");
    if (health.is_held_up) add_problem(out, "the chain waits until the state is on disk");
}
