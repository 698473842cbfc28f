// SPDX-License-Identifier: Apache-2.0
// index_sqlite, index_postgres: events a second when the supply chain's index catches up with a
// chain that is there already: blocks from the log, decoded, documents validated, taken apart and
// hashed again, rows written. The baseline puts the same rows into the same tables, in one
// transaction, by the engine's own library alone: SQLite by prepared inserts, PostgreSQL by COPY of
// the binary form that COPY gave out. Turns alternate; medians count, and that of the ratios within
// a turn, since what else a machine does comes and goes.
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "tests/bench/index_chain.h"

enum { DOCUMENTS = 150, EVENTS = 60, TURNS = 9, QUICK_DOCUMENTS = 70, QUICK_EVENTS = 2 };

static struct { int documents, events, turns; } size = {DOCUMENTS, EVENTS, TURNS};

// --- the two ways to rows ---

static double seconds_since(uint64_t began_ns) {
    return (double)(clock_monotonic_ns() - began_ns) / 1e9;
}

// Rows without a cursor are nobody's: the index makes them all.
static void drop_cursor(const char *url) {
    struct db *db;
    ENSURE(db_open(&db, url) == STATUS_OK);
    ENSURE(db_exec_script(db, "DROP TABLE IF EXISTS index_state") == STATUS_OK);
    db_close(db);
}

static double run_index(const char *url) {
    struct index *index;
    struct node_head head;
    static const struct timespec step = {.tv_nsec = 1000 * 1000};
    struct index_config config = {
        .node = index_chain.server.node, .url = url, .projection = index_chain_projection()};
    drop_cursor(url);
    node_head(index_chain.server.node, &head);
    ENSURE(index_open(&index, &config) == STATUS_OK);
    uint64_t began_ns = clock_monotonic_ns();
    ENSURE(index_start(index) == STATUS_OK);
    while (index_height(index) < head.header.height) nanosleep(&step, NULL);
    double took_s = seconds_since(began_ns);
    index_close(index);
    return took_s;
}

// Those that have rows.
static const char *const tables[] = {"context", "event", "epc", "event_value", "job", "job_event"};
enum { TABLES = sizeof tables / sizeof *tables };

static void make_tables(const char *url) {
    struct db *db;
    ENSURE(db_open(&db, url) == STATUS_OK);
    ENSURE(db_exec_script(db, supplychain_drop) == STATUS_OK);
    ENSURE(db_exec_script(db, supplychain_schema) == STATUS_OK);
    db_close(db);
}

// --- SQLite alone ---

struct sqlite_rows {
    int column_count;
    size_t row_count, capacity;
    sqlite3_value **cells; // one row behind the other
};

static int compare_bytes(void *unused, int a_len, const void *a, int b_len, const void *b) {
    (void)unused;
    return bytes_compare(bytes_of(a, (size_t)a_len), bytes_of(b, (size_t)b_len));
}

static sqlite3 *open_sqlite(const char *url) {
    sqlite3 *handle;
    ENSURE(sqlite3_open(url + strlen("sqlite:"), &handle) == SQLITE_OK);
    ENSURE(sqlite3_create_collation(handle, "C", SQLITE_UTF8, NULL, compare_bytes) == SQLITE_OK);
    ENSURE(sqlite3_exec(
               handle,
               "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384",
               NULL, NULL, NULL) == SQLITE_OK);
    return handle;
}

static void read_sqlite(struct sqlite_rows *rows, sqlite3 *handle, const char *table) {
    char sql[64];
    sqlite3_stmt *select;
    snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    ENSURE(sqlite3_prepare_v2(handle, sql, -1, &select, NULL) == SQLITE_OK);
    rows->column_count = sqlite3_column_count(select);
    while (sqlite3_step(select) == SQLITE_ROW) {
        size_t at = rows->row_count++ * (size_t)rows->column_count;
        if (rows->row_count > rows->capacity) {
            rows->capacity = 2 * rows->row_count + 16;
            rows->cells = mem_resize(rows->cells, rows->capacity * (size_t)rows->column_count *
                                                      sizeof(sqlite3_value *));
        }
        for (int i = 0; i < rows->column_count; i++)
            rows->cells[at + (size_t)i] = sqlite3_value_dup(sqlite3_column_value(select, i));
    }
    sqlite3_finalize(select);
}

static void write_sqlite(sqlite3 *handle, const struct sqlite_rows *rows, const char *table) {
    sqlite3_stmt *insert;
    struct buf sql = {0};
    buf_append_format(&sql, "INSERT INTO %s VALUES (?", table);
    for (int i = 1; i < rows->column_count; i++) buf_append_string(&sql, ", ?");
    buf_append_byte(&sql, ')');
    ENSURE(sqlite3_prepare_v2(handle, buf_as_string(&sql), -1, &insert, NULL) == SQLITE_OK);
    for (size_t row = 0; row < rows->row_count; row++) {
        for (int i = 0; i < rows->column_count; i++)
            sqlite3_bind_value(insert, i + 1,
                               rows->cells[row * (size_t)rows->column_count + (size_t)i]);
        ENSURE(sqlite3_step(insert) == SQLITE_DONE);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    buf_clear(&sql);
}

static void clear_sqlite(struct sqlite_rows *rows) {
    for (size_t i = 0; i < rows->row_count * (size_t)rows->column_count; i++)
        sqlite3_value_free(rows->cells[i]);
    mem_free(rows->cells);
}

static double run_sqlite(const char *url) {
    struct sqlite_rows rows[TABLES] = {0};
    sqlite3 *handle = open_sqlite(url);
    for (int i = 0; i < TABLES; i++) read_sqlite(&rows[i], handle, tables[i]);
    make_tables(url);
    uint64_t began_ns = clock_monotonic_ns();
    ENSURE(sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK);
    for (int i = 0; i < TABLES; i++) write_sqlite(handle, &rows[i], tables[i]);
    ENSURE(sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
    double took_s = seconds_since(began_ns);
    for (int i = 0; i < TABLES; i++) clear_sqlite(&rows[i]);
    sqlite3_close(handle);
    return took_s;
}

// --- PostgreSQL alone ---

static void execute(PGconn *handle, ExecStatusType expected, const char *sql) {
    PGresult *result = PQexec(handle, sql);
    ENSURE(PQresultStatus(result) == expected);
    PQclear(result);
}

static void copy_out(struct buf *out, PGconn *handle, const char *table) {
    char sql[64], *piece;
    int len;
    snprintf(sql, sizeof sql, "COPY %s TO STDOUT (FORMAT binary)", table);
    execute(handle, PGRES_COPY_OUT, sql);
    while ((len = PQgetCopyData(handle, &piece, 0)) > 0) {
        buf_append(out, bytes_of(piece, (size_t)len));
        PQfreemem(piece);
    }
    for (PGresult *result; (result = PQgetResult(handle));) PQclear(result);
}

static void copy_in(PGconn *handle, struct bytes rows, const char *table) {
    char sql[64];
    snprintf(sql, sizeof sql, "COPY %s FROM STDIN (FORMAT binary)", table);
    execute(handle, PGRES_COPY_IN, sql);
    ENSURE(PQputCopyData(handle, (const char *)rows.data, (int)rows.len) == 1);
    ENSURE(PQputCopyEnd(handle, NULL) == 1);
    for (PGresult *result; (result = PQgetResult(handle));) {
        ENSURE(PQresultStatus(result) == PGRES_COMMAND_OK);
        PQclear(result);
    }
}

static double run_postgres(const char *url) {
    struct buf rows[TABLES] = {0};
    PGconn *handle = PQconnectdb(url);
    ENSURE(PQstatus(handle) == CONNECTION_OK);
    for (int i = 0; i < TABLES; i++) copy_out(&rows[i], handle, tables[i]);
    make_tables(url);
    uint64_t began_ns = clock_monotonic_ns();
    execute(handle, PGRES_COMMAND_OK, "BEGIN");
    for (int i = 0; i < TABLES; i++) copy_in(handle, buf_bytes(&rows[i]), tables[i]);
    execute(handle, PGRES_COMMAND_OK, "COMMIT");
    double took_s = seconds_since(began_ns);
    for (int i = 0; i < TABLES; i++) buf_clear(&rows[i]);
    PQfinish(handle);
    return took_s;
}

static uint64_t count_events(const char *url) {
    struct db *db;
    struct db_statement *statement;
    bool has_row;
    ENSURE(db_open(&db, url) == STATUS_OK);
    ENSURE(db_prepare(&statement, db, "SELECT count(*) AS n FROM event") == STATUS_OK);
    ENSURE(db_step(statement, &has_row) == STATUS_OK && has_row);
    uint64_t count = db_column_u64(statement, "n");
    db_release(statement);
    db_close(db);
    return count;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double median(double *values) {
    qsort(values, (size_t)size.turns, sizeof *values, compare);
    return values[size.turns / 2];
}

struct engine {
    const char *name;
    double (*run_baseline)(const char *url); // with the rows that are there
    const char *baseline;
};

static void measure(const struct engine *engine, const char *url) {
    double index_s[TURNS], baseline_s[TURNS], ratios[TURNS];
    const double events = (double)size.documents * size.events;
    run_index(url);
    for (int i = 0; i < size.turns; i++) {
        baseline_s[i] = engine->run_baseline(url);
        ENSURE(count_events(url) == (uint64_t)size.documents * (uint64_t)size.events);
        index_s[i] = run_index(url);
        ratios[i] = baseline_s[i] / index_s[i];
        ENSURE(count_events(url) == (uint64_t)size.documents * (uint64_t)size.events);
    }
    double rate = events / median(index_s), baseline = events / median(baseline_s);
    printf("{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"events/s\",\"baseline\":\"%s\","
           "\"baseline_value\":%.0f,\"ratio\":%.3f}\n",
           engine->name, rate, engine->baseline, baseline, median(ratios));
    fflush(stdout);
}

// --quick: so little that it only shows that the program works.
int main(int count, char **arguments) {
    static const struct engine sqlite = {"index_sqlite", run_sqlite,
                                         "the same rows by SQLite's prepared inserts"};
    static const struct engine postgresql = {"index_postgres", run_postgres,
                                             "the same rows by COPY, binary"};
    char url[96];
    const char *postgres = getenv("LMM_TEST_POSTGRES");
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) {
        size.documents = QUICK_DOCUMENTS;
        size.events = QUICK_EVENTS;
        size.turns = 1;
    }
    log_set_level(LOG_ERROR);
    index_chain_open();
    // Each in a block of its own, as over a long time: so many that the index is far behind them.
    for (int i = 0; i < size.documents; i++) index_chain_capture(i, size.events);
    index_chain_stop(); // nothing happens beside from here on
    snprintf(url, sizeof url, "sqlite:%s/index.db", index_chain.folder);
    measure(&sqlite, url);
    if (postgres && *postgres) measure(&postgresql, postgres);
    index_chain_close();
    return 0;
}
