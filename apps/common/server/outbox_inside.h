// SPDX-License-Identifier: Apache-2.0
// The outbox from the inside: outbox.c puts, sends and settles, outbox_find.c looks up.
#ifndef LMM_SERVER_OUTBOX_INSIDE_H
#define LMM_SERVER_OUTBOX_INSIDE_H

#include <pthread.h>

#include "apps/common/db/db.h"
#include "apps/common/server/outbox.h"

struct item;

struct outbox {
    struct node *node;
    struct account_id account;
    pthread_mutex_t lock; // of what follows
    struct db *db;
    struct item *first;
    struct item *last;
    uint64_t due; // cleanups
    uint64_t purged_ms;
};

// Under the lock: the ids of a job's transactions, in the arena.
enum status outbox_find_ids(struct outbox *outbox, const uint8_t *job, struct arena *arena,
                            struct outbox_job *out) MUST_CHECK;

#endif
