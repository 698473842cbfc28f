// SPDX-License-Identifier: Apache-2.0
// The seam between db.c, which does what both engines share (cache of statements, binding, the
// state of a transaction), and an engine: sqlite.c, postgres.c. Nothing outside this folder
// includes it.
//
// An engine never looks at the transaction's state but where a lost connection may be opened again;
// it reports a status and leaves a sentence in db->error.
#ifndef LMM_DB_DRIVER_H
#define LMM_DB_DRIVER_H

#include "apps/common/db/db.h"
#include "chaincore/base/buf.h"
#include "chaincore/base/limits.h"

enum db_kind { DB_NULL, DB_I64, DB_TEXT, DB_BYTES };

struct db_value {
    enum db_kind kind;
    int64_t number;
    struct bytes bytes; // of a column: a NUL follows text
};

enum db_role { DB_WRITER, DB_READER, DB_SHADOW };

enum db_transaction { DB_NO_TRANSACTION, DB_TRANSACTION, DB_BROKEN_TRANSACTION };

struct db_driver {
    const char *name;
    // `target` is the URL without "sqlite:", or the whole of a postgresql:// one.
    enum status (*check)(const char *target);
    enum status (*open)(struct db *db, const char *target);
    void (*close)(struct db *db);
    enum status (*exec)(struct db *db, const char *sql);
    enum status (*begin)(struct db *db);
    enum status (*commit)(struct db *db);
    // Leaves no transaction, whatever state the engine is in.
    void (*rollback)(struct db *db);
    enum status (*prepare)(struct db_statement *statement);
    void (*finalize)(struct db_statement *statement);
    // The first step of a run binds statement->params.
    enum status (*step)(struct db_statement *statement, bool *has_row);
    void (*reset)(struct db_statement *statement);
    // Whatever the driver is called for next tells how it went. NULL: waiting costs nothing.
    enum status (*run_later)(struct db_statement *statement);
    // statement->rows, in COPY's binary form, into statement->table. NULL: inserts are as quick.
    enum status (*copy)(struct db_statement *statement);
    // Makes db->timeout_ms hold.
    enum status (*set_timeout)(struct db *db);
    // shadow.h. A shadow is made by open, and removed by close.
    enum status (*shadow_swap)(struct db *db, struct db *shadow);
    enum status (*shadow_clear)(struct db *db);
    enum status (*shadow_join)(struct db *db, struct db *shadow, struct buf *own,
                               struct buf *other);
    const char *shadow_tables;  // SQL: its tables as `name`
    const char *shadow_columns; // and the columns of the table $1
    int (*column_count)(struct db_statement *statement);
    const char *(*column_name)(struct db_statement *statement, int column);
    struct db_value (*column)(struct db_statement *statement, int column);
};

extern const struct db_driver db_sqlite;
extern const struct db_driver db_postgres;

struct db {
    const struct db_driver *driver;
    void *connection; // the engine's own struct
    enum db_role role;
    uint32_t timeout_ms;
    enum db_transaction transaction;
    struct buf error; // a sentence
    struct db_statement *statements[LIMIT_DB_STATEMENTS];
    int statement_count;
    uint64_t uses; // a clock for the cache
};

struct db_statement {
    struct db *db;
    char *sql;
    uint64_t last_use;
    bool is_taken;
    bool is_running; // there is a current row
    enum status bind_status;
    int param_count;
    struct db_value params[LIMIT_DB_PARAMS]; // $1 is at 0
    int last_column;
    uint64_t changes;
    bool keeps_rows;    // by db_prepare_rows, on an engine that copies
    struct bytes table; // and its columns; part of sql
    struct buf rows;    // not sent yet
    void *prepared;     // the engine's own struct
};

// What db_open does, for the others too.
enum status db_open_as(struct db **out, const char *url, enum db_role role) MUST_CHECK;
// The driver of a URL, and what of it the driver is given. NULL: unknown scheme.
const struct db_driver *db_driver_of(const char *url, const char **target);
// What a reader owes its pool; it is as good as new then.
void db_give_back_everything(struct db *db);
// The row that is bound, behind those that are not sent yet.
enum status db_keep_row(struct db_statement *statement) MUST_CHECK;
enum status db_send_rows(struct db *db) MUST_CHECK;
void db_drop_rows(struct db *db);
// Keeps the engine's sentence, without the newline at its end.
void db_set_error(struct db *db, const char *text);

#endif
