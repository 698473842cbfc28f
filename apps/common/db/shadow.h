// SPDX-License-Identifier: Apache-2.0
// A second set of tables beside a database's own, to be filled while those are read, and then put
// in their place in one step. A kill at any moment leaves the old tables or the new ones, whole.
//
// SQLite: a file of its own, PATH-shadow, whose pages take the place of PATH's in one transaction;
// so everything in PATH is replaced. PostgreSQL: a schema of its own, NAME_shadow, whose tables
// move into NAME in one transaction, each in the place of the one of its name; what else is in NAME
// stays. Readers go on through it, with the statements that they have prepared: what they began
// before sees the old rows to its end. docs/adr/018 has the reasons.
//
// A shadow is of one writer. On PostgreSQL it dies with its connection: from then on every call
// answers UNAVAILABLE, and nothing is opened again.
#ifndef LMM_DB_SHADOW_H
#define LMM_DB_SHADOW_H

#include "apps/common/db/db.h"
#include "chaincore/base/buf.h"

// An empty one; what another has left behind is gone. BUSY: somebody is at work on one right now
// (PostgreSQL). UNAUTHORIZED: the user may make no schema. Else as db_open. db_close removes it.
enum status db_shadow_open(struct db **out, const char *url) MUST_CHECK;
// Its tables in the place of those of `db`, which is a writer on the same database; neither is
// inside a transaction. BUSY: readers were in the way; it may be tried again, and readers have not
// waited for long. Whatever fails, the old tables are there, but for UNAVAILABLE: then nobody
// knows. Once it has held, the shadow is only good for db_close.
enum status db_shadow_swap(struct db *db, struct db *shadow) MUST_CHECK;
// Removes what a writer has left that was killed, unless another is at work on it.
enum status db_shadow_clear(struct db *db) MUST_CHECK;

// From here on statements of `db` reach tables of both: `own` and `other` are what stands before a
// table's name, with the dot.
enum status db_shadow_join(struct db *db, struct db *shadow, struct buf *own,
                           struct buf *other) MUST_CHECK;
// A statement with the tables' names as `name`; and one with the columns of the table $1 as `name`,
// in their order. Of the shadow, on a connection that has joined it.
enum status db_shadow_prepare_tables(struct db_statement **out, struct db *db) MUST_CHECK;
enum status db_shadow_prepare_columns(struct db_statement **out, struct db *db) MUST_CHECK;

#endif
