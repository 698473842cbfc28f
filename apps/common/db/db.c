// SPDX-License-Identifier: Apache-2.0
#include "apps/common/db/db.h"

#include "apps/common/db/driver.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/base/utf8.h"

const struct db_driver *db_driver_of(const char *url, const char **target) {
    static const char sqlite[] = "sqlite:";
    *target = url;
    if (strncmp(url, sqlite, sizeof sqlite - 1) == 0) {
        *target = url + sizeof sqlite - 1;
        return &db_sqlite;
    }
    if (strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0)
        return &db_postgres;
    return NULL;
}

void db_set_error(struct db *db, const char *text) {
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' ')) len--;
    buf_reset(&db->error);
    buf_append(&db->error, bytes_of(text, len));
    buf_as_string(&db->error);
}

const char *db_last_error(const struct db *db) {
    return db->error.data ? (const char *)db->error.data : "";
}

enum status db_open_as(struct db **out, const char *url, enum db_role role) {
    const char *target;
    const struct db_driver *driver = db_driver_of(url, &target);
    *out = NULL;
    if (!driver) return STATUS_UNSUPPORTED;
    struct db *db = mem_alloc(sizeof *db);
    db->driver = driver;
    db->role = role;
    db->timeout_ms = role == DB_READER ? LIMIT_DB_QUERY_MS : 0;
    enum status status = driver->open(db, target);
    if (status != STATUS_OK) {
        log_warning("db", "cannot open the database", log_text("engine", driver->name),
                    log_text("status", status_name(status)), log_text("error", db_last_error(db)));
        db_close(db);
        return status;
    }
    *out = db;
    return STATUS_OK;
}

enum status db_open(struct db **out, const char *url) { return db_open_as(out, url, DB_WRITER); }

enum status db_check_url(const char *url) {
    const char *target;
    const struct db_driver *driver = db_driver_of(url, &target);
    return driver ? driver->check(target) : STATUS_UNSUPPORTED;
}

static void drop_statement(struct db_statement *statement) {
    if (statement->prepared) statement->db->driver->finalize(statement);
    buf_clear(&statement->rows);
    mem_free(statement->sql);
    mem_free(statement);
}

void db_close(struct db *db) {
    if (!db) return;
    db_rollback(db);
    for (int i = 0; i < db->statement_count; i++) drop_statement(db->statements[i]);
    if (db->connection) db->driver->close(db);
    buf_clear(&db->error);
    mem_free(db);
}

const char *db_engine(const struct db *db) { return db->driver->name; }

enum status db_set_timeout(struct db *db, uint32_t timeout_ms) {
    // PostgreSQL would take it back when the transaction is rolled back.
    ENSURE(db->transaction == DB_NO_TRANSACTION);
    if (db->timeout_ms == timeout_ms) return STATUS_OK;
    db->timeout_ms = timeout_ms;
    return db->driver->set_timeout(db);
}

// --- transactions ---

static enum status fail(struct db *db, enum status status) {
    if (status != STATUS_OK && db->transaction == DB_TRANSACTION)
        db->transaction = DB_BROKEN_TRANSACTION;
    return status;
}

static enum status refuse_in_broken(struct db *db) {
    if (db->transaction != DB_BROKEN_TRANSACTION) return STATUS_OK;
    db_set_error(db, "an earlier statement of this transaction failed");
    return STATUS_INVALID;
}

static void end_statements(struct db *db) {
    for (int i = 0; i < db->statement_count; i++) {
        struct db_statement *statement = db->statements[i];
        if (!statement->is_running) continue;
        db->driver->reset(statement);
        statement->is_running = false;
    }
}

enum status db_begin(struct db *db) {
    ENSURE(db->transaction == DB_NO_TRANSACTION);
    enum status status = db->driver->begin(db);
    if (status == STATUS_OK) db->transaction = DB_TRANSACTION;
    return status;
}

enum status db_commit(struct db *db) {
    ENSURE(db->transaction != DB_NO_TRANSACTION);
    enum status status = refuse_in_broken(db);
    end_statements(db);
    if (status == STATUS_OK) status = db_send_rows(db);
    if (status == STATUS_OK) status = db->driver->commit(db);
    if (status != STATUS_OK) db->driver->rollback(db);
    db_drop_rows(db);
    db->transaction = DB_NO_TRANSACTION;
    return status;
}

void db_rollback(struct db *db) {
    if (db->transaction == DB_NO_TRANSACTION) return;
    end_statements(db);
    db->driver->rollback(db);
    db_drop_rows(db);
    db->transaction = DB_NO_TRANSACTION;
}

enum status db_flush_rows(struct db *db) {
    enum status status = refuse_in_broken(db);
    return status == STATUS_OK ? fail(db, db_send_rows(db)) : status;
}

enum status db_exec_script(struct db *db, const char *sql) {
    enum status status;
    bool is_own = db->transaction == DB_NO_TRANSACTION;
    if (is_own) TRY(db_begin(db));
    TRY(refuse_in_broken(db));
    TRY(fail(db, db->driver->exec(db, sql)));
    if (is_own) TRY(db_commit(db));
out:
    if (is_own) db_rollback(db);
    return status;
}

// --- statements ---

// Skips a quoted piece or a comment that starts at `at`; returns where it ends, or `at` itself.
static const char *skip_quoted(const char *at) {
    if (at[0] == '\'' || at[0] == '"') {
        const char *end = strchr(at + 1, at[0]);
        return end ? end + 1 : at + strlen(at);
    }
    if (at[0] == '-' && at[1] == '-') return at + strcspn(at, "\n");
    if (at[0] == '/' && at[1] == '*') {
        const char *end = strstr(at + 2, "*/");
        return end ? end + 2 : at + strlen(at);
    }
    return at;
}

// How many values the text takes. PostgreSQL insists on $1 … $n without a gap; so do we for both.
static enum status count_params(int *out, const char *sql) {
    bool is_used[LIMIT_DB_PARAMS + 1] = {false};
    int highest = 0;
    for (const char *at = sql; *at;) {
        const char *behind = skip_quoted(at);
        if (behind != at) {
            at = behind;
            continue;
        }
        if (*at++ != '$') continue;
        int number = 0;
        while (*at >= '0' && *at <= '9' && number <= LIMIT_DB_PARAMS)
            number = number * 10 + (*at++ - '0');
        if (number < 1 || number > LIMIT_DB_PARAMS) return STATUS_INVALID;
        is_used[number] = true;
        if (number > highest) highest = number;
    }
    for (int i = 1; i <= highest; i++)
        if (!is_used[i]) return STATUS_INVALID;
    *out = highest;
    return STATUS_OK;
}

static struct db_statement *cached(struct db *db, const char *sql) {
    for (int i = 0; i < db->statement_count; i++) {
        struct db_statement *statement = db->statements[i];
        if (!statement->is_taken && strcmp(statement->sql, sql) == 0) return statement;
    }
    return NULL;
}

// A place for one more, at the cost of the one that nobody has used for longest. FULL when all are
// in use: then somebody forgets db_release.
static enum status make_room(struct db *db, int *place) {
    *place = db->statement_count;
    if (db->statement_count < LIMIT_DB_STATEMENTS) {
        db->statement_count++;
        return STATUS_OK;
    }
    int oldest = -1;
    for (int i = 0; i < db->statement_count; i++) {
        const struct db_statement *statement = db->statements[i];
        if (statement->is_taken || statement->rows.len > 0) continue;
        if (oldest < 0 || statement->last_use < db->statements[oldest]->last_use) oldest = i;
    }
    if (oldest < 0) {
        db_set_error(db, "too many statements are in use");
        return STATUS_FULL;
    }
    drop_statement(db->statements[oldest]);
    *place = oldest;
    return STATUS_OK;
}

static enum status prepare_new(struct db_statement **out, struct db *db, const char *sql) {
    enum status status;
    int param_count, place;
    struct db_statement *statement = NULL;
    status = count_params(&param_count, sql);
    if (status != STATUS_OK) {
        db_set_error(db, "the statement's $1, $2 ... have a gap or are too many");
        goto out;
    }
    statement = mem_alloc(sizeof *statement);
    statement->db = db;
    statement->sql = mem_copy_string(sql);
    statement->param_count = param_count;
    TRY(db->driver->prepare(statement));
    TRY(make_room(db, &place));
    db->statements[place] = statement;
    *out = statement;
    statement = NULL;
out:
    if (statement) drop_statement(statement);
    return status;
}

enum status db_prepare(struct db_statement **out, struct db *db, const char *sql) {
    enum status status;
    *out = NULL;
    TRY(refuse_in_broken(db));
    struct db_statement *statement = cached(db, sql);
    if (!statement) TRY(prepare_new(&statement, db, sql));
    statement->is_taken = true;
    statement->keeps_rows = false;
    statement->last_use = ++db->uses;
    *out = statement;
out:
    return fail(db, status);
}

void db_release(struct db_statement *statement) {
    if (!statement) return;
    db_reset(statement);
    statement->is_taken = false;
}

void db_give_back_everything(struct db *db) {
    db_rollback(db);
    for (int i = 0; i < db->statement_count; i++) db_release(db->statements[i]);
    // A connection that is lost right now gets it when it is opened again.
    (void)!db_set_timeout(db, LIMIT_DB_QUERY_MS);
}

enum status db_make_durable(struct db *db) {
    struct db_statement *statement;
    ENSURE(db->transaction == DB_NO_TRANSACTION); // SQLite would refuse
    if (strcmp(db_engine(db), "sqlite") != 0) return STATUS_OK;
    enum status status = db_prepare(&statement, db, "PRAGMA synchronous = FULL");
    if (status != STATUS_OK) return status;
    status = db_run(statement);
    db_release(statement);
    return status;
}

void db_reset(struct db_statement *statement) {
    statement->db->driver->reset(statement);
    statement->is_running = false;
    statement->bind_status = STATUS_OK;
    memset(statement->params, 0, (size_t)statement->param_count * sizeof *statement->params);
}

// --- binding ---

static void bind(struct db_statement *statement, int index, struct db_value value) {
    ENSURE(!statement->is_running);
    if (index >= 1 && index <= statement->param_count)
        statement->params[index - 1] = value;
    else if (statement->bind_status == STATUS_OK)
        statement->bind_status = STATUS_INVALID;
}

static void refuse(struct db_statement *statement, enum status status) {
    if (statement->bind_status == STATUS_OK) statement->bind_status = status;
}

void db_bind_i64(struct db_statement *statement, int index, int64_t value) {
    bind(statement, index, (struct db_value){.kind = DB_I64, .number = value});
}

void db_bind_u64(struct db_statement *statement, int index, uint64_t value) {
    if (value > INT64_MAX)
        refuse(statement, STATUS_OVERFLOW);
    else
        db_bind_i64(statement, index, (int64_t)value);
}

// PostgreSQL refuses what is not UTF-8 and NULs in text; SQLite would take them.
static bool is_text(struct bytes text) {
    return utf8_is_valid(text) && (text.len == 0 || !memchr(text.data, 0, text.len));
}

void db_bind_text(struct db_statement *statement, int index, struct bytes text) {
    if (!is_text(text))
        refuse(statement, STATUS_MALFORMED);
    else
        bind(statement, index, (struct db_value){.kind = DB_TEXT, .bytes = text});
}

void db_bind_string(struct db_statement *statement, int index, const char *text) {
    db_bind_text(statement, index, bytes_of_string(text));
}

void db_bind_bytes(struct db_statement *statement, int index, struct bytes bytes) {
    bind(statement, index, (struct db_value){.kind = DB_BYTES, .bytes = bytes});
}

void db_bind_null(struct db_statement *statement, int index) {
    bind(statement, index, (struct db_value){.kind = DB_NULL});
}

// --- running ---

static enum status check_runnable(struct db_statement *statement) {
    enum status status = refuse_in_broken(statement->db);
    if (status != STATUS_OK) return status;
    if (statement->bind_status != STATUS_OK) db_set_error(statement->db, "a value cannot be bound");
    return statement->bind_status;
}

enum status db_step(struct db_statement *statement, bool *has_row) {
    struct db *db = statement->db;
    enum status status;
    *has_row = false;
    TRY(check_runnable(statement));
    if (!statement->is_running) {
        statement->changes = 0;
        statement->last_column = -1;
    }
    TRY(db->driver->step(statement, has_row));
out:
    if (status != STATUS_OK) *has_row = false;
    // What has ended starts again when stepped; the engine must not hold on to a snapshot.
    if (!*has_row) db->driver->reset(statement);
    statement->is_running = *has_row;
    return fail(db, status);
}

enum status db_run(struct db_statement *statement) {
    enum status status;
    bool has_row = true;
    while (has_row) TRY(db_step(statement, &has_row));
out:
    db_reset(statement);
    return status;
}

enum status db_run_later(struct db_statement *statement) {
    struct db *db = statement->db;
    enum status status;
    ENSURE(db->transaction != DB_NO_TRANSACTION && !statement->is_running);
    if (!db->driver->run_later) return db_run(statement);
    statement->changes = 0;
    TRY(check_runnable(statement));
    status = statement->keeps_rows ? db_keep_row(statement) : db->driver->run_later(statement);
out:
    db_reset(statement);
    return fail(db, status);
}

enum status db_finish(struct db_statement *statement) {
    enum status status = db_run(statement);
    db_release(statement);
    return status;
}

enum status db_finish_later(struct db_statement *statement) {
    enum status status = db_run_later(statement);
    db_release(statement);
    return status;
}

uint64_t db_changes(const struct db_statement *statement) { return statement->changes; }

// --- columns ---

// Columns are mostly read in their order: the one after the last is tried first.
static struct db_value column(struct db_statement *statement, const char *name) {
    const struct db_driver *driver = statement->db->driver;
    ENSURE(statement->is_running);
    int count = driver->column_count(statement);
    for (int i = 0; i < count; i++) {
        int at = (statement->last_column + 1 + i) % count;
        if (strcmp(driver->column_name(statement, at), name) != 0) continue;
        statement->last_column = at;
        return driver->column(statement, at);
    }
    log_error("db", "a column is missing", log_text("column", name),
              log_text("sql", statement->sql));
    status_claim_failed("the column is there", __FILE__, __LINE__, __func__);
}

int64_t db_column_i64(struct db_statement *statement, const char *name) {
    struct db_value value = column(statement, name);
    ENSURE(value.kind == DB_I64 || value.kind == DB_NULL);
    return value.number;
}

uint64_t db_column_u64(struct db_statement *statement, const char *name) {
    int64_t value = db_column_i64(statement, name);
    ENSURE(value >= 0);
    return (uint64_t)value;
}

struct bytes db_column_text(struct db_statement *statement, const char *name) {
    struct db_value value = column(statement, name);
    ENSURE(value.kind == DB_TEXT || value.kind == DB_NULL);
    return value.kind == DB_NULL ? bytes_of("", 0) : value.bytes;
}

struct bytes db_column_bytes(struct db_statement *statement, const char *name) {
    struct db_value value = column(statement, name);
    ENSURE(value.kind == DB_BYTES || value.kind == DB_NULL);
    return value.kind == DB_NULL ? bytes_of("", 0) : value.bytes;
}

bool db_column_is_null(struct db_statement *statement, const char *name) {
    return column(statement, name).kind == DB_NULL;
}

void db_append_column(struct buf *out, struct db_statement *statement, const char *name) {
    struct db_value value = column(statement, name);
    size_t len = value.bytes.len < LIMIT_DB_SHOWN_BYTES ? value.bytes.len : LIMIT_DB_SHOWN_BYTES;
    struct bytes shown = bytes_of(value.bytes.data, len);
    switch (value.kind) {
    case DB_NULL:
        buf_append_string(out, "null");
        return;
    case DB_I64:
        buf_append_format(out, "%lld", (long long)value.number);
        return;
    case DB_TEXT:
        buf_append_byte(out, '"');
        buf_append(out, shown);
        buf_append_byte(out, '"');
        break;
    case DB_BYTES:
        for (size_t i = 0; i < len; i++) buf_append_format(out, "%02x", shown.data[i]);
        break;
    }
    if (len < value.bytes.len) buf_append_string(out, "...");
}
