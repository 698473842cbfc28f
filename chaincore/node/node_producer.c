// SPDX-License-Identifier: Apache-2.0
// When blocks are made: no earlier than the interval after the parent, and on a devnet that leaves
// out empty ones only when a transaction waits or a minute has passed.
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/contract/timer.h"
#include "chaincore/node/node_internal.h"

static const uint64_t LONGEST_PAUSE_MS = 60 * 1000;

// Waits on node->changed until the monotonic time, or for ever shorter; the lock is held.
static void wait_until(struct node *node, uint64_t monotonic_ms) {
    struct timespec until = {.tv_sec = (time_t)(monotonic_ms / 1000),
                             .tv_nsec = (long)(monotonic_ms % 1000) * 1000000};
    pthread_cond_timedwait(&node->changed, &node->lock, &until);
}

// The block time that a block made now would have; with *wait_ms > 0 it is too early for one.
static uint64_t next_block_time(const struct node *node, uint64_t *wait_ms) {
    const struct params *params = &node->params;
    uint64_t now = clock_wall_ms();
    uint64_t parent = node->head.header.time_ms;
    uint64_t earliest = parent + params->block_interval_ms;
    bool has_work = mempool_count(node->mempool) > 0;
    uint64_t due = earliest;
    if (!has_work && params->leave_out_empty_blocks) {
        uint64_t timer_ms;
        due = parent + LONGEST_PAUSE_MS;
        if (timer_next_due(state_version_view(node->version), &timer_ms) && timer_ms < due)
            due = timer_ms > earliest ? timer_ms : earliest;
    }
    // A clock set back must not stop the chain for longer than it was set back by a pause.
    uint64_t wait = due > now ? due - now : 0;
    *wait_ms = wait < LONGEST_PAUSE_MS ? wait : LONGEST_PAUSE_MS;
    return now > earliest ? now : earliest;
}

// A copy of the pointers: the entries stay where they are until this thread removes them.
static struct chain_pick pick_transactions(struct node *node) {
    size_t most = mempool_count(node->mempool);
    const struct mempool_entry **entries = mem_alloc_array(most + 1, sizeof *entries);
    size_t count = mempool_select(node->mempool, entries, most, LIMIT_BLOCK_BYTES);
    return (struct chain_pick){.entries = entries, .count = count};
}

// A block that cannot be made durable leaves the node with nothing true to say: stop at once, and
// let recovery begin from what the disk holds.
static void make_block(struct node *node, uint64_t time_ms) {
    struct chain_pick pick = pick_transactions(node);
    pthread_mutex_unlock(&node->lock);
    enum status status = chain_extend(node, &pick, time_ms);
    mem_free((void *)pick.entries);
    if (status != STATUS_OK) {
        log_error("node", "a block could not be made durable; stopping",
                  log_text("status", status_name(status)));
        abort();
    }
    if (node->on_final) node->on_final(node->context, node->head.header.height);
    pthread_mutex_lock(&node->lock);
}

void *producer_run(void *argument) {
    struct node *node = argument;
    pthread_mutex_lock(&node->lock);
    while (!node->must_stop) {
        uint64_t wait_ms;
        uint64_t time_ms = next_block_time(node, &wait_ms);
        if (wait_ms > 0)
            wait_until(node, clock_monotonic_ms() + wait_ms);
        else
            make_block(node, time_ms);
    }
    pthread_mutex_unlock(&node->lock);
    return NULL;
}
