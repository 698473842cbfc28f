// SPDX-License-Identifier: Apache-2.0
// A node among others: what node/node_run.c does around a replica, without its thread and sockets.
#include <stdio.h>

#include "chaincore/base/file.h"
#include "tests/sim/nodes/nodes.h"

enum { LONGEST_SLEEP_MS = 60 * 1000, HURRY = 5000 };

static void path_in(char out[128], const struct sim_node *node, const char *name) {
    int len = snprintf(out, 128, "%s/%s", node->folder, name);
    ENSURE(len > 0 && len < 128);
}

// From then on what the keys sign goes by the log of votes, and never without it.
static enum status mark_agreed(const struct sim_node *node) {
    char path[128];
    path_in(path, node, "agreed");
    return file_exists(path) ? STATUS_OK : file_replace(path, bytes_of(NULL, 0), 0600);
}

// As nodes have it, where a log has the time to grow.
static uint64_t slack_of(const struct sim_node *node) {
    return node->sim->is_large && node->index % 2 ? 0 : 2000 + node->segment_bytes;
}

static enum status open_replica(struct sim_node *node) {
    struct replica_calls calls = links_calls(node);
    struct disk disk = disk_folder_calls(node->votes);
    struct replica_config config = {.calls = &calls,
                                    .disk = &disk,
                                    .node_key = node->node_key,
                                    .is_first_start = !node->has_lost_votes,
                                    .timeout_ms = node->sim->timeout_ms,
                                    .slack_bytes = slack_of(node)};
    return replica_open(&node->replica, node->node, &config);
}

enum status agreeing_open(struct sim_node *node) {
    char path[128];
    enum status status;
    path_in(path, node, "votes");
    TRY(mark_agreed(node));
    TRY(disk_folder_open(&node->votes, path));
    TRY(open_replica(node));
out:
    if (status != STATUS_OK) agreeing_close(node);
    return status;
}

void agreeing_close(struct sim_node *node) {
    replica_close(node->replica);
    disk_folder_close(node->votes);
    node->replica = NULL;
    node->votes = NULL;
}

static void judge_halt(struct sim_node *node) {
    struct node_health health;
    node_health(node->node, &health);
    if (health.is_halted && !node->is_hostile)
        judge_fail(node->sim, "node %u is halted", node->index);
}

enum status agreeing_run(struct sim_node *node) {
    uint64_t now = node->sim->now_ms;
    struct driver_time time = {.now_ms = now,
                               .wall_ms = (uint64_t)((int64_t)now + node->wall_offset_ms)};
    enum status status = replica_run(node->replica, &time);
    if (status == STATUS_OK) judge_halt(node);
    if (status == STATUS_OK) judge_twin(node);
    if (status == STATUS_OK) judge_charges(node);
    return status;
}

uint64_t agreeing_wake_ms(struct sim_node *node) {
    uint64_t wake = replica_wake_ms(node->replica), now = node->sim->now_ms;
    node->hurry = wake <= now ? node->hurry + 1 : 0;
    if (node->hurry > HURRY) judge_fail(node->sim, "node %u wakes for nothing", node->index);
    return wake < now + LONGEST_SLEEP_MS ? wake : now + LONGEST_SLEEP_MS;
}
