// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/db/numeric.h"
#include "apps/common/db/postgres_driver.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

enum { RECONNECT_PAUSE_MS = 250, DIGITS = 24 };

// Types by their number in PostgreSQL's catalogue (pg_type.dat), which never changes.
enum { TYPE_BOOL = 16, TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23 };
enum { TYPE_TEXT = 25, TYPE_VARCHAR = 1043, TYPE_NUMERIC = 1700 };

struct postgres_prepared {
    char name[24];
    uint64_t generation;
    PGresult *result;
    int row;
    char digits[LIMIT_DB_PARAMS][DIGITS];
};

// SQLSTATE, PostgreSQL's documentation, appendix A.
static enum status status_of_state(const char *state) {
    static const struct {
        const char *prefix;
        enum status status;
    } table[] = {
        {"23505", STATUS_EXISTS},
        {"23", STATUS_INVALID},
        {"22003", STATUS_OVERFLOW},
        {"22", STATUS_MALFORMED},
        {"25006", STATUS_UNAUTHORIZED},
        {"42501", STATUS_UNAUTHORIZED},
        {"28", STATUS_UNAUTHORIZED},
        {"40", STATUS_BUSY},
        {"55P03", STATUS_BUSY},
        {"55006", STATUS_BUSY},
        {"57014", STATUS_TIMEOUT},
        {"57", STATUS_UNAVAILABLE},
        {"08", STATUS_UNAVAILABLE},
        {"53100", STATUS_FULL},
        {"53200", STATUS_NO_MEMORY},
        {"53", STATUS_UNAVAILABLE},
        {"54", STATUS_TOO_LARGE},
        {"58", STATUS_IO},
        {"XX001", STATUS_CORRUPT},
        {"XX002", STATUS_CORRUPT},
        {"XX", STATUS_IO},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) == 0) return table[i].status;
    return STATUS_INVALID;
}

enum status postgres_failure(struct db *db, const PGresult *result) {
    PGconn *handle = postgres_of(db)->handle;
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result ? PQresultErrorMessage(result) : "";
    db_set_error(db, text[0] ? text : PQerrorMessage(handle));
    if (PQstatus(handle) != CONNECTION_OK || !state) return STATUS_UNAVAILABLE;
    return status_of_state(state);
}

enum status postgres_simple(struct db *db, const char *sql) {
    PGresult *result = PQexec(postgres_of(db)->handle, sql);
    ExecStatusType kind = PQresultStatus(result);
    bool is_good = kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK || kind == PGRES_EMPTY_QUERY;
    enum status status = is_good ? STATUS_OK : postgres_failure(db, result);
    PQclear(result);
    return status;
}

static void take_notice(void *unused, const char *text) {
    (void)unused;
    log_debug("db", "notice", log_text("text", text));
}

// Two servers that start at once may both try to create it: then the other one has.
static enum status create_blob(struct db *db) {
    enum status status =
        postgres_simple(db, "DO $$ BEGIN IF to_regtype('blob') IS NULL THEN "
                            "CREATE DOMAIN blob AS bytea; END IF; "
                            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; "
                            "END $$");
    return status;
}

// Several servers may share a database, each with a schema of its own that its URL names
// (options=-csearch_path=NAME): the first writer makes it.
static enum status create_schema(struct db *db) {
    return postgres_simple(db, "DO $$ BEGIN IF current_schema() IS NULL"
                               " AND current_setting('search_path') ~ '^[a-z_][a-z0-9_]*$' THEN"
                               " EXECUTE 'CREATE SCHEMA ' || current_setting('search_path');"
                               " END IF; EXCEPTION WHEN duplicate_schema OR unique_violation"
                               " THEN NULL; END $$");
}

static enum status send_timeout(struct db *db) {
    char sql[64];
    snprintf(sql, sizeof sql, "SET statement_timeout = %u", (unsigned)db->timeout_ms);
    return postgres_simple(db, sql);
}

static enum status set_up(struct db *db) {
    struct postgres *postgres = postgres_of(db);
    enum status status;
    char sql[64];
    postgres->generation++;
    PQsetNoticeProcessor(postgres->handle, take_notice, NULL);
    TRY(postgres_simple(db, "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;"
                            "SET timezone = 'UTC'; SET escape_string_warning = off"));
    snprintf(sql, sizeof sql, "SET lock_timeout = %d", LIMIT_DB_LOCK_WAIT_MS);
    TRY(postgres_simple(db, sql));
    TRY(send_timeout(db));
    if (db->role == DB_READER)
        TRY(postgres_simple(db, "SET default_transaction_read_only = on;"
                                "SET default_transaction_isolation = 'repeatable read'"));
    if (db->role != DB_READER) TRY(create_schema(db));
    if (db->role != DB_READER) TRY(create_blob(db));
    if (db->role == DB_SHADOW) TRY(postgres_shadow_begin(db));
out:
    return status;
}

static enum status postgres_check(const char *url) {
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    if (!options) return STATUS_INVALID;
    PQconninfoFree(options);
    return STATUS_OK;
}

// What no waiting will mend.
static enum status check_url(struct db *db, const char *url) {
    char *reason = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &reason);
    if (!options) db_set_error(db, reason ? reason : "no memory");
    PQfreemem(reason);
    if (!options) return STATUS_INVALID;
    PQconninfoFree(options);
    return STATUS_OK;
}

static enum status postgres_open(struct db *db, const char *url) {
    // What the URL says goes before, since it stands behind.
    static const char *const names[] = {"connect_timeout",  "keepalives_idle", "tcp_user_timeout",
                                        "application_name", "dbname",          NULL};
    const char *values[] = {"5", "30", "15000", "lmm", url, NULL};
    struct postgres *postgres = mem_alloc(sizeof *postgres);
    db->connection = postgres;
    enum status status = check_url(db, url);
    if (status != STATUS_OK) return status;
    postgres->handle = PQconnectdbParams(names, values, 1);
    if (PQstatus(postgres->handle) != CONNECTION_OK) {
        (void)!postgres_failure(db, NULL);
        return STATUS_UNAVAILABLE;
    }
    return set_up(db);
}

static void postgres_close(struct db *db) {
    if (db->role == DB_SHADOW) postgres_shadow_end(db);
    PQfinish(postgres_of(db)->handle);
    mem_free(db->connection);
}

// Reads what is still to be answered, to its end. The first failure counts: the server skips what
// comes behind it.
static enum status settle(struct db *db) {
    struct postgres *postgres = postgres_of(db);
    PGconn *handle = postgres->handle;
    enum status status = STATUS_OK;
    postgres->unanswered = 0;
    if (PQpipelineStatus(handle) == PQ_PIPELINE_OFF) return STATUS_OK;
    bool is_going_on = PQpipelineSync(handle) == 1;
    if (!is_going_on) status = postgres_failure(db, NULL);
    while (is_going_on) {
        PGresult *result = PQgetResult(handle); // NULL stands between two statements
        ExecStatusType kind = result ? PQresultStatus(result) : PGRES_COMMAND_OK;
        bool has_failed = kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK &&
                          kind != PGRES_PIPELINE_SYNC && kind != PGRES_PIPELINE_ABORTED;
        if (has_failed && status == STATUS_OK) status = postgres_failure(db, result);
        is_going_on = kind != PGRES_PIPELINE_SYNC && PQstatus(handle) == CONNECTION_OK;
        PQclear(result);
    }
    if (PQstatus(handle) != CONNECTION_OK || PQexitPipelineMode(handle) != 1)
        return STATUS_UNAVAILABLE;
    return status;
}

// Opens a lost connection again, after a failed attempt not at once, so that callers don't queue up
// behind it. Never inside a transaction: what was written there is gone.
static enum status make_ready(struct db *db) {
    struct postgres *postgres = postgres_of(db);
    if (PQstatus(postgres->handle) == CONNECTION_OK) return settle(db);
    uint64_t now = clock_monotonic_ms();
    if (db->transaction != DB_NO_TRANSACTION || db->role == DB_SHADOW) return STATUS_UNAVAILABLE;
    if (now - postgres->failed_ms < RECONNECT_PAUSE_MS) return STATUS_UNAVAILABLE;
    PQreset(postgres->handle);
    if (PQstatus(postgres->handle) != CONNECTION_OK) {
        postgres->failed_ms = clock_monotonic_ms();
        (void)!postgres_failure(db, NULL);
        return STATUS_UNAVAILABLE;
    }
    log_info("db", "connected again", log_text("engine", "postgresql"));
    return set_up(db);
}

// The server may have closed a connection that looks fine from here. Before anything has happened
// on it, trying once more is safe.
static enum status postgres_begin(struct db *db) {
    enum status status = make_ready(db);
    if (status == STATUS_OK) status = postgres_simple(db, "BEGIN");
    if (status == STATUS_UNAVAILABLE && make_ready(db) == STATUS_OK)
        status = postgres_simple(db, "BEGIN");
    return status;
}

// A lost connection is told of it when it is opened again.
static enum status postgres_set_timeout(struct db *db) {
    bool is_open = PQstatus(postgres_of(db)->handle) == CONNECTION_OK;
    return is_open ? send_timeout(db) : STATUS_OK;
}

static enum status postgres_exec(struct db *db, const char *sql) {
    enum status status = make_ready(db);
    return status == STATUS_OK ? postgres_simple(db, sql) : status;
}

static enum status postgres_commit(struct db *db) {
    if (PQstatus(postgres_of(db)->handle) != CONNECTION_OK) return STATUS_UNAVAILABLE;
    enum status status = settle(db);
    return status == STATUS_OK ? postgres_simple(db, "COMMIT") : status;
}

static void postgres_rollback(struct db *db) {
    PGconn *handle = postgres_of(db)->handle;
    (void)!settle(db); // whatever it says, nothing of it stays
    if (PQstatus(handle) != CONNECTION_OK || PQtransactionStatus(handle) == PQTRANS_IDLE) return;
    PQclear(PQexec(handle, "ROLLBACK"));
}

static enum status prepare_here(struct db_statement *statement) {
    struct postgres *postgres = postgres_of(statement->db);
    struct postgres_prepared *prepared = statement->prepared;
    enum status status = STATUS_OK;
    snprintf(prepared->name, sizeof prepared->name, "s%llu",
             (unsigned long long)++postgres->statements);
    PGresult *result = PQprepare(postgres->handle, prepared->name, statement->sql, 0, NULL);
    if (PQresultStatus(result) == PGRES_COMMAND_OK)
        prepared->generation = postgres->generation;
    else
        status = postgres_failure(statement->db, result);
    PQclear(result);
    return status;
}

static enum status postgres_prepare(struct db_statement *statement) {
    statement->prepared = mem_alloc(sizeof(struct postgres_prepared));
    enum status status = make_ready(statement->db);
    return status == STATUS_OK ? prepare_here(statement) : status;
}

static void postgres_reset(struct db_statement *statement) {
    struct postgres_prepared *prepared = statement->prepared;
    PQclear(prepared->result);
    prepared->result = NULL;
}

static void postgres_finalize(struct db_statement *statement) {
    struct postgres *postgres = postgres_of(statement->db);
    struct postgres_prepared *prepared = statement->prepared;
    postgres_reset(statement);
    if (prepared->generation == postgres->generation &&
        PQstatus(postgres->handle) == CONNECTION_OK) {
        char sql[48];
        snprintf(sql, sizeof sql, "DEALLOCATE %s", prepared->name);
        PQclear(PQexec(postgres->handle, sql));
    }
    mem_free(prepared);
}

// Numbers go as text, so that they fit whatever integer type the place has; text and bytes as they
// are.
static bool send_values(struct db_statement *statement) {
    struct postgres_prepared *prepared = statement->prepared;
    const char *values[LIMIT_DB_PARAMS];
    int lengths[LIMIT_DB_PARAMS], formats[LIMIT_DB_PARAMS];
    for (int i = 0; i < statement->param_count; i++) {
        const struct db_value *value = &statement->params[i];
        values[i] = NULL;
        lengths[i] = formats[i] = 0;
        switch (value->kind) {
        case DB_NULL:
            break;
        case DB_I64:
            snprintf(prepared->digits[i], DIGITS, "%lld", (long long)value->number);
            values[i] = prepared->digits[i];
            break;
        case DB_TEXT:
        case DB_BYTES:
            values[i] = value->bytes.data ? (const char *)value->bytes.data : "";
            lengths[i] = (int)value->bytes.len;
            formats[i] = 1;
            break;
        }
    }
    return PQsendQueryPrepared(postgres_of(statement->db)->handle, prepared->name,
                               statement->param_count, values, lengths, formats, 1) == 1;
}

// One statement has one result.
static PGresult *execute(struct db_statement *statement) {
    PGconn *handle = postgres_of(statement->db)->handle;
    if (!send_values(statement)) return NULL;
    PGresult *result = PQgetResult(handle);
    for (PGresult *rest; (rest = PQgetResult(handle));) PQclear(rest);
    return result;
}

static enum status run(struct db_statement *statement) {
    struct db *db = statement->db;
    struct postgres_prepared *prepared = statement->prepared;
    enum status status;
    TRY(make_ready(db));
    if (prepared->generation != postgres_of(db)->generation) TRY(prepare_here(statement));
    prepared->result = execute(statement);
    prepared->row = -1;
    ExecStatusType kind = PQresultStatus(prepared->result);
    if (kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK) {
        statement->changes = strtoull(PQcmdTuples(prepared->result), NULL, 10);
        goto out;
    }
    status = postgres_failure(db, prepared->result);
    const char *state = PQresultErrorField(prepared->result, PG_DIAG_SQLSTATE);
    // "cached plan must not change result type": the schema was changed under it.
    if (state && strcmp(state, "0A000") == 0) prepared->generation = 0;
    postgres_reset(statement);
out:
    return status;
}

static bool is_too_long(const struct db_statement *statement) {
    for (int i = 0; i < statement->param_count; i++)
        if (statement->params[i].bytes.len > INT32_MAX) return true;
    return false;
}

static enum status postgres_step(struct db_statement *statement, bool *has_row) {
    struct db *db = statement->db;
    struct postgres_prepared *prepared = statement->prepared;
    if (!statement->is_running) {
        if (is_too_long(statement)) return STATUS_TOO_LARGE;
        enum status status = run(statement);
        bool is_repeatable = db->role == DB_READER && db->transaction == DB_NO_TRANSACTION;
        if (status == STATUS_UNAVAILABLE && is_repeatable) status = run(statement);
        if (status != STATUS_OK) return status;
    }
    prepared->row++;
    *has_row = prepared->row < PQntuples(prepared->result);
    return STATUS_OK;
}

static enum status postgres_run_later(struct db_statement *statement) {
    struct db *db = statement->db;
    struct postgres *postgres = postgres_of(db);
    struct postgres_prepared *prepared = statement->prepared;
    PGconn *handle = postgres->handle;
    enum status status = STATUS_OK;
    if (is_too_long(statement)) return STATUS_TOO_LARGE;
    if (PQstatus(handle) != CONNECTION_OK) return STATUS_UNAVAILABLE;
    if (prepared->generation != postgres->generation) {
        TRY(settle(db));
        TRY(prepare_here(statement));
    }
    if (postgres->unanswered == LIMIT_DB_UNANSWERED) TRY(settle(db));
    if (PQenterPipelineMode(handle) != 1 || !send_values(statement))
        return postgres_failure(db, NULL);
    postgres->unanswered++;
out:
    return status;
}

static enum status end_copy(struct db *db) {
    PGconn *handle = postgres_of(db)->handle;
    enum status status = STATUS_OK;
    if (PQputCopyEnd(handle, NULL) != 1) return postgres_failure(db, NULL);
    for (PGresult *result; (result = PQgetResult(handle));) {
        bool has_failed = PQresultStatus(result) != PGRES_COMMAND_OK;
        if (has_failed && status == STATUS_OK) status = postgres_failure(db, result);
        PQclear(result);
        if (PQstatus(handle) != CONNECTION_OK) return STATUS_UNAVAILABLE;
    }
    return status;
}

static enum status postgres_copy(struct db_statement *statement) {
    struct db *db = statement->db;
    struct buf sql = {0};
    enum status status;
    TRY(make_ready(db));
    buf_append_format(&sql, "COPY %.*s FROM STDIN (FORMAT binary)", (int)statement->table.len,
                      (const char *)statement->table.data);
    PGresult *result = PQexec(postgres_of(db)->handle, buf_as_string(&sql));
    if (PQresultStatus(result) != PGRES_COPY_IN) status = postgres_failure(db, result);
    PQclear(result);
    if (status != STATUS_OK) goto out;
    const char *rows = (const char *)statement->rows.data;
    if (PQputCopyData(postgres_of(db)->handle, rows, (int)statement->rows.len) != 1)
        status = postgres_failure(db, NULL);
    if (status == STATUS_OK) status = end_copy(db);
out:
    buf_clear(&sql);
    return status;
}

static int postgres_column_count(struct db_statement *statement) {
    return PQnfields(((struct postgres_prepared *)statement->prepared)->result);
}

static const char *postgres_column_name(struct db_statement *statement, int column) {
    return PQfname(((struct postgres_prepared *)statement->prepared)->result, column);
}

// Big-endian two's complement of 1, 2, 4 or 8 bytes.
static int64_t integer_of(struct bytes in) {
    uint64_t value = in.len > 0 && in.data[0] >= 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < in.len; i++) value = value << 8 | in.data[i];
    return (int64_t)value;
}

static struct db_value postgres_column(struct db_statement *statement, int column) {
    const struct postgres_prepared *prepared = statement->prepared;
    struct db_value value = {.kind = DB_NULL};
    if (PQgetisnull(prepared->result, prepared->row, column)) return value;
    value.bytes = bytes_of(PQgetvalue(prepared->result, prepared->row, column),
                           (size_t)PQgetlength(prepared->result, prepared->row, column));
    switch (PQftype(prepared->result, column)) {
    case TYPE_BOOL:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
        value.kind = DB_I64;
        value.number = integer_of(value.bytes);
        break;
    case TYPE_NUMERIC:
        if (numeric_to_i64(&value.number, value.bytes) == STATUS_OK)
            value.kind = DB_I64;
        else
            value.kind = DB_BYTES; // so that asking for a number is found out
        break;
    case TYPE_TEXT:
    case TYPE_VARCHAR:
        value.kind = DB_TEXT;
        break;
    case TYPE_BYTEA:
    default:
        value.kind = DB_BYTES;
        break;
    }
    return value;
}

const struct db_driver db_postgres = {
    .name = "postgresql",
    .check = postgres_check,
    .open = postgres_open,
    .close = postgres_close,
    .exec = postgres_exec,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .prepare = postgres_prepare,
    .finalize = postgres_finalize,
    .step = postgres_step,
    .reset = postgres_reset,
    .run_later = postgres_run_later,
    .copy = postgres_copy,
    .set_timeout = postgres_set_timeout,
    .shadow_swap = postgres_shadow_swap,
    .shadow_clear = postgres_shadow_clear,
    .shadow_join = postgres_shadow_join,
    .shadow_tables = postgres_shadow_tables,
    .shadow_columns = postgres_shadow_columns,
    .column_count = postgres_column_count,
    .column_name = postgres_column_name,
    .column = postgres_column,
};
