// SPDX-License-Identifier: Apache-2.0
// What the two files of the PostgreSQL driver share: postgres.c, and postgres_shadow.c for
// shadow.h.
#ifndef LMM_DB_POSTGRES_DRIVER_H
#define LMM_DB_POSTGRES_DRIVER_H

#include <libpq-fe.h>

#include "apps/common/db/driver.h"

struct postgres {
    PGconn *handle;
    uint64_t generation; // grows with every new connection; statements die with the old one
    uint64_t failed_ms;  // when connecting failed last
    uint64_t statements; // for their names
    int unanswered;      // sent in pipeline mode (PostgreSQL's documentation, 34.5)
};

static inline struct postgres *postgres_of(struct db *db) { return db->connection; }

enum status postgres_failure(struct db *db, const PGresult *result) MUST_CHECK;
// Statements without values or rows, on an open connection.
enum status postgres_simple(struct db *db, const char *sql) MUST_CHECK;

// Makes this connection one to an empty shadow; and removes what is left of that.
enum status postgres_shadow_begin(struct db *db) MUST_CHECK;
void postgres_shadow_end(struct db *db);
enum status postgres_shadow_swap(struct db *db, struct db *shadow) MUST_CHECK;
enum status postgres_shadow_clear(struct db *db) MUST_CHECK;
enum status postgres_shadow_join(struct db *db, struct db *shadow, struct buf *own,
                                 struct buf *other) MUST_CHECK;
extern const char postgres_shadow_tables[];
extern const char postgres_shadow_columns[];

#endif
