// SPDX-License-Identifier: Apache-2.0
// index_sqlite, index_postgres: events a second when the supply chain's index catches up with a
// chain that is there already: blocks from the log, decoded, documents validated, taken apart and
// hashed again, rows written. The baseline puts the same rows into the same tables, in one
// transaction, by the engine's own library alone: SQLite by prepared inserts, PostgreSQL by COPY of
// the binary form that COPY gave out. Turns alternate; medians count.
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "apps/common/server/signer.h"
#include "apps/supplychain/contract/code.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

enum { DOCUMENTS = 150, EVENTS = 60, TURNS = 5 };

// --- a chain with captures ---

static char folder[64];
static struct supplychain market;
static struct server server;

static void make_document(struct buf *out, int number) {
    buf_append_string(out, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
                           "epcis-context.jsonld\"],\"type\":\"EPCISDocument\","
                           "\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-01-02T03:04:05Z\","
                           "\"epcisBody\":{\"eventList\":[");
    for (int i = 0; i < EVENTS; i++)
        buf_append_format(out,
                          "%s{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventTime\":"
                          "\"2026-01-02T%02d:%02d:05Z\",\"eventTimeZoneOffset\":\"+00:00\","
                          "\"bizStep\":\"shipping\",\"epcList\":["
                          "\"urn:epc:id:sgtin:0614141.107346.%d\","
                          "\"urn:epc:id:sgtin:0614141.107347.%d\"]}",
                          i ? "," : "", number % 24, i % 60, number * EVENTS + i, i);
    buf_append_string(out, "]}}");
}

static void encode_capture(struct buf *out, int number) {
    struct epcis_document document;
    struct epcis_fault fault;
    struct buf body = {0};
    const uint8_t job[32] = {(uint8_t)number, 1};
    make_document(&body, number);
    ENSURE(epcis_document_split(&document, &fault, buf_bytes(&body)) == STATUS_OK);
    encode_fixed(out, job, sizeof job);
    encode_bytes(out, buf_bytes(&body));
    encode_u32(out, (uint32_t)document.event_count);
    for (size_t i = 0; i < document.event_count; i++) entry_encode(out, &document.events[i]);
    epcis_document_clear(&document);
    buf_clear(&body);
}

// Until it is final.
static void await_final(int number) {
    const uint8_t id[OUTBOX_JOB_BYTES] = {(uint8_t)number};
    struct arena arena = {0};
    struct outbox_job job = {0};
    while (job.finished_ms == 0) {
        struct node_head head;
        node_head(server.node, &head);
        ENSURE(signer_find_job(server.signer, id, &arena, &job) == STATUS_OK);
        if (job.finished_ms == 0) node_wait(server.node, head.header.height, 5);
    }
    ENSURE(job.code == TX_CODE_OK);
    arena_clear(&arena);
}

// Each in a block of its own, as over a long time: so many that the index is far behind them.
static void submit_captures(void) {
    for (int i = 0; i < DOCUMENTS; i++) {
        struct buf arguments = {0};
        enum tx_code code;
        encode_capture(&arguments, i);
        struct signer_order order = {.action = {.kind = TX_CALL,
                                                .call = {.contract = server.contract,
                                                         .method = bytes_of_string("capture"),
                                                         .arguments = buf_bytes(&arguments)}},
                                     .gas_limit = 100 * 1000 * 1000};
        struct signer_job job = {.id = {(uint8_t)i}, .orders = &order, .count = 1};
        ENSURE(signer_submit(server.signer, &job, &code) == STATUS_OK && code == TX_CODE_OK);
        buf_clear(&arguments);
        await_final(i);
    }
}

// The devnet's, but for blocks that come as soon as there is something for them.
static void make_genesis(struct buf *out, struct bytes code) {
    struct devnet_contract contract = {"supplychain", code};
    struct buf devnet = {0};
    struct arena arena = {0};
    struct genesis genesis;
    devnet_genesis(&devnet, &server.devnet, &contract, 1);
    ENSURE(genesis_decode(&genesis, &arena, buf_bytes(&devnet)) == STATUS_OK);
    genesis.params.block_interval_ms = 1;
    genesis_encode(out, &genesis);
    buf_clear(&devnet);
    arena_clear(&arena);
}

static void make_chain(void) {
    static const char name[] = "supplychain";
    char path[96];
    struct buf genesis = {0};
    struct bytes code = supplychain_contract_code();
    devnet_derive(&server.devnet);
    make_genesis(&genesis, code);
    struct node_config config = {.data_dir = folder,
                                 .genesis = buf_bytes(&genesis),
                                 .codes = &code,
                                 .code_count = 1,
                                 .witness_keys = server.devnet.witness_keys,
                                 .witness_key_count = DEVNET_WITNESSES};
    ENSURE(node_open(&server.node, &config) == STATUS_OK);
    buf_clear(&genesis);
    account_id_of_system_contract(&server.contract, name);
    snprintf(path, sizeof path, "%s/outbox.db", folder);
    const struct secret_key *key = &devnet_find(&server.devnet, "server")->key;
    ENSURE(signer_open(&server.signer, server.node, key, path) == STATUS_OK);
    ENSURE(signer_start(server.signer) == STATUS_OK && node_start(server.node) == STATUS_OK);
    submit_captures();
    node_stop(server.node); // nothing happens beside from here on
    signer_close(server.signer);
    market.server = &server;
    server.market = &market;
    ENSURE(epcis_rules_open(&market.rules) == STATUS_OK);
}

// --- the two ways to rows ---

static enum status apply(void *context, struct db *db, const struct index_block *block) {
    return projection_apply(context, db, block);
}

static const struct index_projection *projection(void) {
    static struct index_projection out;
    out = (struct index_projection){.version = 1,
                                    .schema = supplychain_schema,
                                    .drop = supplychain_drop,
                                    .apply = apply,
                                    .prepare = projection_prepare,
                                    .discard = projection_discard,
                                    .context = &market};
    return &out;
}

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
    struct index_config config = {.node = server.node, .url = url, .projection = projection()};
    drop_cursor(url);
    node_head(server.node, &head);
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

struct engine {
    const char *name;
    double (*run_baseline)(const char *url); // with the rows that are there
    const char *baseline;
};

static void measure(const struct engine *engine, const char *url) {
    double index_s[TURNS], baseline_s[TURNS];
    const double events = (double)DOCUMENTS * EVENTS;
    run_index(url);
    for (int i = 0; i < TURNS; i++) {
        baseline_s[i] = engine->run_baseline(url);
        ENSURE(count_events(url) == DOCUMENTS * EVENTS);
        index_s[i] = run_index(url);
        ENSURE(count_events(url) == DOCUMENTS * EVENTS);
    }
    qsort(index_s, TURNS, sizeof *index_s, compare);
    qsort(baseline_s, TURNS, sizeof *baseline_s, compare);
    double rate = events / index_s[TURNS / 2], baseline = events / baseline_s[TURNS / 2];
    printf("{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"events/s\",\"baseline\":\"%s\","
           "\"baseline_value\":%.0f,\"ratio\":%.3f}\n",
           engine->name, rate, engine->baseline, baseline, rate / baseline);
    fflush(stdout);
}

int main(void) {
    static const struct engine sqlite = {"index_sqlite", run_sqlite,
                                         "the same rows by SQLite's prepared inserts"};
    static const struct engine postgresql = {"index_postgres", run_postgres,
                                             "the same rows by COPY, binary"};
    char url[96], command[96];
    const char *postgres = getenv("LMM_TEST_POSTGRES");
    log_set_level(LOG_ERROR);
    ENSURE(crypto_init() == STATUS_OK);
    snprintf(folder, sizeof folder, "/tmp/lmm-bench-XXXXXX");
    ENSURE(mkdtemp(folder) != NULL);
    make_chain();
    snprintf(url, sizeof url, "sqlite:%s/index.db", folder);
    measure(&sqlite, url);
    if (postgres && *postgres) measure(&postgresql, postgres);
    epcis_rules_close(market.rules);
    node_close(server.node);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) == 0 ? 0 : 1;
}
