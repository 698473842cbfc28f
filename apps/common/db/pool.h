// SPDX-License-Identifier: Apache-2.0
// Readers' connections, shared by threads: take one, read, give it back. They are opened when first
// needed, so a pool can be made while the database is out of reach. They cannot write, and their
// time-out (db_set_timeout) is LIMIT_DB_QUERY_MS each time they are taken.
#ifndef LMM_DB_POOL_H
#define LMM_DB_POOL_H

#include "apps/common/db/db.h"

struct db_pool;

// `size` connections at most, at least 1. UNSUPPORTED: unknown scheme. The caller closes.
enum status db_pool_open(struct db_pool **out, const char *url, unsigned size) MUST_CHECK;
// Every connection must have been given back. NULL is allowed.
void db_pool_close(struct db_pool *pool);
// Waits up to timeout_ms for a free one: BUSY after that; UNAVAILABLE when it cannot be opened.
// The caller's alone until db_pool_give.
enum status db_pool_take(struct db **out, struct db_pool *pool, uint32_t timeout_ms) MUST_CHECK;
// Rolls back a transaction that is open and takes back its statements. NULL is allowed.
void db_pool_give(struct db_pool *pool, struct db *db);

#endif
