// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "apps/common/db/sqlite_driver.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/memory.h"

// How many of SQLite's steps between two looks at the clock: about a tenth of a millisecond.
enum { STEPS_BETWEEN_LOOKS = 10000 };

// The writer puts rows into many indexes at places far apart: with SQLite's own 2 MB it would read
// pages again that it had just written. Taken as pages are touched.
#define WRITER_CACHE_KB "16384"

struct sqlite_prepared {
    sqlite3_stmt *handle;
    int param_index[LIMIT_DB_PARAMS]; // SQLite numbers $N by first appearance
};

static sqlite3 *handle_of(struct db *db) { return ((struct sqlite *)db->connection)->handle; }

static sqlite3_stmt *statement_of(struct db_statement *statement) {
    return ((struct sqlite_prepared *)statement->prepared)->handle;
}

static enum status constraint_status(int extended) {
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return STATUS_EXISTS;
    default:
        return STATUS_INVALID;
    }
}

enum status sqlite_failure(struct db *db, int code) {
    db_set_error(db, handle_of(db) ? sqlite3_errmsg(handle_of(db)) : sqlite3_errstr(code));
    switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
        return constraint_status(code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return STATUS_BUSY;
    case SQLITE_INTERRUPT:
        return STATUS_TIMEOUT;
    case SQLITE_FULL:
        return STATUS_FULL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return STATUS_CORRUPT;
    case SQLITE_NOMEM:
        return STATUS_NO_MEMORY;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return STATUS_UNAUTHORIZED;
    case SQLITE_CANTOPEN:
        return STATUS_UNAVAILABLE;
    case SQLITE_TOOBIG:
        return STATUS_TOO_LARGE;
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
        return STATUS_INVALID;
    default:
        return STATUS_IO;
    }
}

static void start_clock(struct db *db) {
    struct sqlite *sqlite = db->connection;
    sqlite->deadline_ms = db->timeout_ms ? clock_monotonic_ms() + db->timeout_ms : UINT64_MAX;
}

// The clock is started by each run.
static enum status sqlite_set_timeout(struct db *db) {
    (void)db;
    return STATUS_OK;
}

enum status sqlite_exec(struct db *db, const char *sql) {
    start_clock(db);
    int code = sqlite3_exec(handle_of(db), sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : sqlite_failure(db, code);
}

static int compare_bytes(void *unused, int a_len, const void *a, int b_len, const void *b) {
    (void)unused;
    return bytes_compare(bytes_of(a, (size_t)a_len), bytes_of(b, (size_t)b_len));
}

static int is_over_deadline(void *context) {
    const struct sqlite *sqlite = context;
    return clock_monotonic_ms() > sqlite->deadline_ms;
}

// What SQLite does unlike PostgreSQL by default, and what a derived index needs: after a power
// failure the last transactions may be missing, never half there; the index follows them again.
static enum status set_up(struct db *db) {
    struct sqlite *sqlite = db->connection;
    sqlite3_extended_result_codes(sqlite->handle, 1);
    sqlite3_busy_timeout(sqlite->handle, LIMIT_DB_LOCK_WAIT_MS);
    sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    int code = sqlite3_create_collation(sqlite->handle, "C", SQLITE_UTF8, NULL, compare_bytes);
    if (code != SQLITE_OK) return sqlite_failure(db, code);
    sqlite3_progress_handler(sqlite->handle, STEPS_BETWEEN_LOOKS, is_over_deadline, sqlite);
    if (db->role != DB_READER)
        return sqlite_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                               "PRAGMA cache_size = -" WRITER_CACHE_KB ";"
                               "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;");
    return sqlite_exec(db, "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;");
}

static enum status sqlite_check(const char *path) { return *path ? STATUS_OK : STATUS_INVALID; }

static enum status sqlite_open(struct db *db, const char *path) {
    struct sqlite *sqlite = mem_alloc(sizeof *sqlite);
    db->connection = sqlite;
    // A reader of a WAL needs to write its shared-memory file, so readers open read-write too.
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (db->role != DB_READER) flags |= SQLITE_OPEN_CREATE;
    if (db->role == DB_SHADOW) path = sqlite_shadow_begin(sqlite, path);
    int code = sqlite3_open_v2(path, &sqlite->handle, flags, NULL);
    enum status status = code == SQLITE_OK ? set_up(db) : sqlite_failure(db, code);
    // A file that its writer cannot make will not come by waiting.
    return status == STATUS_UNAVAILABLE && db->role != DB_READER ? STATUS_IO : status;
}

static void sqlite_close(struct db *db) {
    // The statements are gone already, so this cannot fail.
    struct sqlite *sqlite = db->connection;
    sqlite3_close(sqlite->handle);
    sqlite_shadow_end(sqlite);
    mem_free(sqlite);
}

static enum status sqlite_begin(struct db *db) {
    return sqlite_exec(db, db->role == DB_READER ? "BEGIN" : "BEGIN IMMEDIATE");
}

static enum status sqlite_commit(struct db *db) { return sqlite_exec(db, "COMMIT"); }

static void sqlite_rollback(struct db *db) {
    // After some failures SQLite has rolled back by itself.
    if (sqlite3_get_autocommit(handle_of(db))) return;
    struct buf error = db->error;
    db->error = (struct buf){0};
    (void)!sqlite_exec(db, "ROLLBACK");
    buf_clear(&db->error);
    db->error = error;
}

static enum status sqlite_prepare(struct db_statement *statement) {
    struct db *db = statement->db;
    struct sqlite_prepared *prepared = mem_alloc(sizeof *prepared);
    statement->prepared = prepared;
    const char *rest = "";
    int code = sqlite3_prepare_v3(handle_of(db), statement->sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  &prepared->handle, &rest);
    if (code != SQLITE_OK) return sqlite_failure(db, code);
    if (!prepared->handle || rest[strspn(rest, "; \t\r\n")] != '\0') {
        db_set_error(db, "a prepared text must be one statement");
        return STATUS_INVALID;
    }
    for (int i = 0; i < statement->param_count; i++) {
        char name[16];
        snprintf(name, sizeof name, "$%d", i + 1);
        prepared->param_index[i] = sqlite3_bind_parameter_index(prepared->handle, name);
    }
    return STATUS_OK;
}

static void sqlite_finalize(struct db_statement *statement) {
    sqlite3_finalize(statement_of(statement));
    mem_free(statement->prepared);
}

static int bind_value(sqlite3_stmt *handle, int index, const struct db_value *value) {
    const void *data = value->bytes.data ? value->bytes.data : (const uint8_t *)"";
    switch (value->kind) {
    case DB_NULL:
        return sqlite3_bind_null(handle, index);
    case DB_I64:
        return sqlite3_bind_int64(handle, index, value->number);
    case DB_TEXT:
        return sqlite3_bind_text64(handle, index, data, value->bytes.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case DB_BYTES:
        return sqlite3_bind_blob64(handle, index, data, value->bytes.len, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static enum status sqlite_step(struct db_statement *statement, bool *has_row) {
    struct db *db = statement->db;
    struct sqlite_prepared *prepared = statement->prepared;
    struct sqlite *sqlite = db->connection;
    if (!statement->is_running) {
        for (int i = 0; i < statement->param_count; i++) {
            int code =
                bind_value(prepared->handle, prepared->param_index[i], &statement->params[i]);
            if (code != SQLITE_OK) return sqlite_failure(db, code);
        }
        start_clock(db);
    }
    int before = sqlite3_total_changes(sqlite->handle);
    int code = sqlite3_step(prepared->handle);
    *has_row = code == SQLITE_ROW;
    if (code != SQLITE_ROW && code != SQLITE_DONE) return sqlite_failure(db, code);
    // total_changes counts what triggers and cascades did too; changes says what this one did, but
    // keeps an older figure when this one changed nothing.
    if (sqlite3_total_changes(sqlite->handle) != before)
        statement->changes = (uint64_t)sqlite3_changes(sqlite->handle);
    return STATUS_OK;
}

static void sqlite_reset(struct db_statement *statement) {
    sqlite3_reset(statement_of(statement));
    sqlite3_clear_bindings(statement_of(statement));
}

static int sqlite_column_count(struct db_statement *statement) {
    return sqlite3_column_count(statement_of(statement));
}

static const char *sqlite_column_name(struct db_statement *statement, int column) {
    const char *name = sqlite3_column_name(statement_of(statement), column);
    return name ? name : "";
}

static struct db_value sqlite_column(struct db_statement *statement, int column) {
    sqlite3_stmt *handle = statement_of(statement);
    struct db_value value = {.kind = DB_NULL};
    switch (sqlite3_column_type(handle, column)) {
    case SQLITE_INTEGER:
        value.kind = DB_I64;
        value.number = sqlite3_column_int64(handle, column);
        break;
    case SQLITE_TEXT:
    case SQLITE_FLOAT: // as a text, so that asking for a number is found out
        value.kind = DB_TEXT;
        value.bytes.data = sqlite3_column_text(handle, column);
        value.bytes.len = (size_t)sqlite3_column_bytes(handle, column);
        break;
    case SQLITE_BLOB:
        value.kind = DB_BYTES;
        value.bytes.data = sqlite3_column_blob(handle, column);
        value.bytes.len = (size_t)sqlite3_column_bytes(handle, column);
        break;
    default:
        break;
    }
    return value;
}

const struct db_driver db_sqlite = {
    .name = "sqlite",
    .check = sqlite_check,
    .open = sqlite_open,
    .close = sqlite_close,
    .exec = sqlite_exec,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .prepare = sqlite_prepare,
    .finalize = sqlite_finalize,
    .step = sqlite_step,
    .reset = sqlite_reset,
    .set_timeout = sqlite_set_timeout,
    .shadow_swap = sqlite_shadow_swap,
    .shadow_clear = sqlite_shadow_clear,
    .shadow_join = sqlite_shadow_join,
    .shadow_tables = sqlite_shadow_tables,
    .shadow_columns = sqlite_shadow_columns,
    .column_count = sqlite_column_count,
    .column_name = sqlite_column_name,
    .column = sqlite_column,
};
