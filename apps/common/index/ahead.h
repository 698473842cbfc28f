// SPDX-License-Identifier: Apache-2.0
// Reads blocks ahead of whoever writes their rows, on a thread of its own: from the log, decoded,
// and prepared by the projection; so that the database has its work meanwhile. Private to this
// folder. Taken by one thread.
#ifndef LMM_INDEX_AHEAD_H
#define LMM_INDEX_AHEAD_H

#include <pthread.h>
#include <stdbool.h>

#include "apps/common/index/index.h"

// The block at hand; the caller zeroes and clears it.
struct reading {
    struct buf encoded;
    struct arena arena;
    struct block block; // slices of both
    enum status status; // how reading it went
    void *prepared;
};

struct ahead {
    struct node *node; // this and the next are set by the owner before anything else
    const struct index_projection *projection;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_running;
    bool must_stop;
    uint64_t next;                              // the height that is taken next
    uint64_t last;                              // as far as it may read
    uint64_t count;                             // readings that wait, from `next` on
    size_t bytes;                               // of their blocks
    bool is_taken;                              // that of `next`
    struct reading readings[LIMIT_INDEX_AHEAD]; // height h at h % LIMIT_INDEX_AHEAD
};

void ahead_init(struct ahead *ahead, struct node *node, const struct index_projection *projection);
// The block at a height, up to `last`; the caller's until ahead_give. Quick when it is the one
// behind that taken before; otherwise what was read ahead is for nothing. It may hold a failure.
struct reading *ahead_take(struct ahead *ahead, uint64_t height, uint64_t last);
void ahead_give(struct ahead *ahead);
// Ends the thread and lets go of what it has read; the next ahead_take begins anew.
void ahead_stop(struct ahead *ahead);
void ahead_clear(struct ahead *ahead);

// Without a thread, and not prepared.
void reading_fill(struct reading *reading, struct node *node, uint64_t height);
void reading_clear(struct reading *reading);

#endif
