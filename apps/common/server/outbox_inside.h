// SPDX-License-Identifier: Apache-2.0
// The outbox from the inside: outbox.c puts, sends and settles, outbox_find.c looks up.
#ifndef LMM_SERVER_OUTBOX_INSIDE_H
#define LMM_SERVER_OUTBOX_INSIDE_H

#include <pthread.h>

#include "apps/common/db/db.h"
#include "apps/common/server/outbox.h"

struct item;

struct outbox_queue {
    struct outbox_queue *next;
    struct outbox *outbox;
    struct account_id account;
    struct item *first; // under the outbox' lock, and what follows
    struct item *last;
    uint64_t due; // cleanups
};

struct outbox {
    struct node *node;
    struct outbox_queue *queues;
    pthread_mutex_t lock; // of what follows
    struct db *db;
    uint64_t purged_ms;
};

// Under the lock: the ids of a job's transactions, in the arena.
enum status outbox_find_ids(struct outbox *outbox, const uint8_t *job, struct arena *arena,
                            struct outbox_job *out) MUST_CHECK;

#endif
