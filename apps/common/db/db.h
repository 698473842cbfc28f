// SPDX-License-Identifier: Apache-2.0
// SQL on one of two engines, chosen by URL: `sqlite:PATH` (embedded) or `postgresql://…` (libpq's
// own form). One text serves both; what both take alike is told in apps/common/db/README.md, the
// short of it: $1 … $9 for values, CAST instead of ::, COLLATE "C" for text that is sorted, types
// BIGINT, TEXT and BLOB, booleans as BIGINT 0 and 1.
//
// One connection belongs to one thread at a time: one writer, and readers from a pool (pool.h). A
// lost PostgreSQL connection makes every call answer UNAVAILABLE until the transaction it broke is
// rolled back; from then on each call tries to connect again by itself.
//
// Statuses: EXISTS (unique violation), INVALID (another constraint, or SQL that is wrong), BUSY
// (locked by somebody for too long), TIMEOUT (a reader's query ran too long), UNAVAILABLE, FULL
// (disk), UNAUTHORIZED (a reader tried to write), CORRUPT, IO. After a failure inside a transaction
// only db_rollback helps, on both engines alike.
#ifndef LMM_DB_DB_H
#define LMM_DB_DB_H

#include "chaincore/base/buf.h"

struct db;
struct db_statement;

// The writer's connection. Creates a SQLite file that is not there. UNSUPPORTED: unknown scheme.
// INVALID: a URL that nobody can read. UNAVAILABLE: PostgreSQL is away, which may pass.
// The reason for any failure goes to the log. The caller closes.
enum status db_open(struct db **out, const char *url) MUST_CHECK;
// Whether db_open would know what to do with the URL, without trying: UNSUPPORTED, INVALID.
enum status db_check_url(const char *url) MUST_CHECK;
// Rolls back what is open. NULL is allowed. Statements of the connection die with it.
void db_close(struct db *db);
// "sqlite" or "postgresql".
const char *db_engine(const struct db *db);
// What the engine said about the last failure, for the log, never for a user. Borrowed until the
// next call on db.
const char *db_last_error(const struct db *db);

// From here on a statement that runs longer ends with TIMEOUT. 0: as long as it takes, which is how
// a writer begins; readers of a pool begin with LIMIT_DB_QUERY_MS. Outside of transactions alone.
enum status db_set_timeout(struct db *db, uint32_t timeout_ms) MUST_CHECK;

// From here on what is committed outlives a power failure too, at the price of a sync each. For
// what cannot be made again; PostgreSQL does so unless its own
// settings say otherwise. Outside of transactions alone.
enum status db_make_durable(struct db *db) MUST_CHECK;

// Several statements separated by semicolons, without values: a schema. All or nothing.
enum status db_exec_script(struct db *db, const char *sql) MUST_CHECK;

// A reader sees one snapshot from its first statement to the end. Transactions don't nest.
enum status db_begin(struct db *db) MUST_CHECK;
// On failure nothing of it holds, except UNAVAILABLE: then nobody knows until it is read again.
enum status db_commit(struct db *db) MUST_CHECK;
// Always leaves the connection without a transaction. Harmless when there is none.
void db_rollback(struct db *db);

// A statement of this text, prepared, from the connection's cache; the caller's alone until
// db_release. Preparing the same text while it is in use gives a second one.
enum status db_prepare(struct db_statement **out, struct db *db, const char *sql) MUST_CHECK;
// Back to the cache. NULL is allowed.
void db_release(struct db_statement *statement);

// Values for $1, $2, …; an error (OVERFLOW: above INT64_MAX; MALFORMED: text that is not UTF-8 or
// holds a NUL; INVALID: no such $n) is kept and reported by db_step. Text and bytes are borrowed
// until db_reset or db_release. What isn't bound is NULL.
void db_bind_i64(struct db_statement *statement, int index, int64_t value);
// Stored as BIGINT, so at most INT64_MAX: comparing and sorting stay right on both engines.
void db_bind_u64(struct db_statement *statement, int index, uint64_t value);
void db_bind_text(struct db_statement *statement, int index, struct bytes text);
void db_bind_string(struct db_statement *statement, int index, const char *text);
void db_bind_bytes(struct db_statement *statement, int index, struct bytes bytes);
void db_bind_null(struct db_statement *statement, int index);

// Runs it, or goes on to its next row. After the last row (or a failure) has_row is false.
enum status db_step(struct db_statement *statement, bool *has_row) MUST_CHECK;
// Runs it to its end, dropping rows, and resets it: for INSERT, UPDATE, DELETE.
enum status db_run(struct db_statement *statement) MUST_CHECK;
// As db_run, inside a transaction alone, for many small writes: PostgreSQL gets it without its
// answer being waited for. What is run or prepared later stands behind it, so it sees what was
// written; a failure is told by one of the next calls, at the latest by db_commit, and db_changes
// is 0.
enum status db_run_later(struct db_statement *statement) MUST_CHECK;
// The same, and then db_release.
enum status db_finish(struct db_statement *statement) MUST_CHECK;
enum status db_finish_later(struct db_statement *statement) MUST_CHECK;
// A statement that inserts a row into the table, "epc (id, place)" say, whose columns are BIGINT,
// TEXT or BLOB; for db_run_later. PostgreSQL gets such rows many at a time (COPY), in no promised
// order: what reads them, or refers to them, wants db_flush_rows before. db_commit does it too.
enum status db_prepare_rows(struct db_statement **out, struct db *db, const char *table) MUST_CHECK;
enum status db_flush_rows(struct db *db) MUST_CHECK;
// How many rows the last run inserted, updated or deleted.
uint64_t db_changes(const struct db_statement *statement);
// Ready to be bound and run again; bindings are gone.
void db_reset(struct db_statement *statement);

// The current row, by the column's name, which must be there. NULL reads as 0 and as empty.
int64_t db_column_i64(struct db_statement *statement, const char *name);
// A negative number is a broken invariant.
uint64_t db_column_u64(struct db_statement *statement, const char *name);
// Borrowed until the next step, reset or release. A NUL follows the text, not counted.
struct bytes db_column_text(struct db_statement *statement, const char *name);
struct bytes db_column_bytes(struct db_statement *statement, const char *name);
bool db_column_is_null(struct db_statement *statement, const char *name);
// Whatever its type, as a person reads it; of what is long, the start.
void db_append_column(struct buf *out, struct db_statement *statement, const char *name);

#endif
