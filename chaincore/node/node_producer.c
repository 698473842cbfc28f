// SPDX-License-Identifier: Apache-2.0
// When blocks are made: no earlier than the interval after the parent, and on a devnet that leaves
// out empty ones only when a transaction waits, a timer is due, a minute has passed or the clock
// was moved on. All of that goes by the monotonic clock, so that a machine's clock that is set back
// or ahead neither stops the chain nor hurries it; the block then says what that clock says, or as
// little more as it may.
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/timer.h"
#include "chaincore/node/node_internal.h"

static const uint64_t LONGEST_PAUSE_MS = 60 * 1000;

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }
static uint64_t most(uint64_t a, uint64_t b) { return a > b ? a : b; }

// Of the block that comes next, which may begin an epoch with parameters of its own.
static uint32_t next_interval_ms(const struct node *node) {
    struct params params;
    uint64_t epoch = seats_epoch(node, node->head.header.height + 1);
    parameters_of_epoch(&params, state_version_view(node->version), epoch);
    return params.block_interval_ms;
}

void producer_begin(struct node *node) {
    uint64_t now = clock_monotonic_ms(), wall = clock_wall_ms();
    uint64_t parent = node->head.header.time_ms;
    uint64_t age = wall > parent ? wall - parent : 0;
    node->parent_ms = now - least(now, least(age, next_interval_ms(node)));
}

// When the next block is due, by the monotonic clock. A timer's moment is part of the chain's time:
// it has come when either clock says so. The lock is held.
static uint64_t block_due(const struct node *node, uint64_t *timer_ms) {
    uint64_t earliest = node->parent_ms + next_interval_ms(node);
    bool has_timer = timer_next_due(state_version_view(node->version), timer_ms);
    if (!has_timer) *timer_ms = UINT64_MAX;
    if (node->has_work || node->has_moved_clock) return earliest;
    if (!node->params.leave_out_empty_blocks) return earliest;
    uint64_t due = node->parent_ms + LONGEST_PAUSE_MS;
    uint64_t parent = node->head.header.time_ms;
    if (has_timer && *timer_ms <= most(clock_wall_ms(), parent)) return earliest;
    if (has_timer) due = least(due, node->parent_ms + least(*timer_ms - parent, LONGEST_PAUSE_MS));
    return most(due, earliest);
}

// The time that a block made now has. The lock is held.
static uint64_t block_time(const struct node *node, uint64_t timer_ms) {
    uint64_t parent = node->head.header.time_ms;
    uint64_t passed = clock_monotonic_ms() - node->parent_ms;
    uint64_t time = most(clock_wall_ms(), parent + next_interval_ms(node));
    return timer_ms <= parent + passed ? most(time, timer_ms) : time;
}

uint64_t node_overdue_ms(struct node *node) {
    uint64_t timer_ms;
    pthread_mutex_lock(&node->lock);
    uint64_t due = block_due(node, &timer_ms);
    pthread_mutex_unlock(&node->lock);
    uint64_t now = clock_monotonic_ms();
    return now > due ? now - due : 0;
}

// Waits on node->changed until the monotonic time, or for ever shorter; the lock is held.
static void wait_until(struct node *node, uint64_t monotonic_ms) {
    struct timespec until = {.tv_sec = (time_t)(monotonic_ms / 1000),
                             .tv_nsec = (long)(monotonic_ms % 1000) * 1000000};
    pthread_cond_timedwait(&node->changed, &node->lock, &until);
}

// A block that cannot be made durable leaves the node with nothing true to say: stop at once, and
// let recovery begin from what the disk holds.
static void make_block(struct node *node, uint64_t time_ms) {
    node->parent_ms = clock_monotonic_ms();
    node->has_moved_clock = false;
    pthread_mutex_unlock(&node->lock);
    enum status status = chain_extend(node, time_ms);
    if (status != STATUS_OK) {
        log_error("node", "a block could not be made durable; stopping",
                  log_text("status", status_name(status)));
        abort();
    }
    work_look(node);
    pthread_mutex_lock(&node->lock);
}

bool producer_is_held_up(struct node *node) {
    struct checkpoint_health health;
    checkpoint_health(node->checkpoint, &health);
    bool was_held_up = node->is_held_up;
    node->is_held_up = node->head.header.height >= health.height + LIMIT_REPLAY_BLOCKS;
    if (node->is_held_up && !was_held_up)
        log_error("node", "no more blocks until a checkpoint is on disk",
                  log_number("newest", (int64_t)health.height),
                  log_number("failures", health.failures));
    if (!node->is_held_up && was_held_up)
        log_info("node", "a checkpoint is on disk; blocks go on",
                 log_number("newest", (int64_t)health.height));
    return node->is_held_up;
}

void *producer_run(void *argument) {
    struct node *node = argument;
    pthread_mutex_lock(&node->lock);
    while (!node->must_stop) {
        uint64_t timer_ms, due = block_due(node, &timer_ms);
        if (producer_is_held_up(node) || !seats_can_sign(node))
            pthread_cond_wait(&node->changed, &node->lock);
        else if (clock_monotonic_ms() < due)
            wait_until(node, due);
        else
            make_block(node, block_time(node, timer_ms));
    }
    pthread_mutex_unlock(&node->lock);
    return NULL;
}
