// SPDX-License-Identifier: Apache-2.0
// index_delay_sqlite, index_delay_postgres: milliseconds from a block's being final to the moment
// when a reader finds its rows, p99 of captures that come one after the other. The baseline is a
// bare transaction that writes copies of the same event and epc rows, from inside the database,
// into tables without indexes. Turns alternate.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "apps/common/db/pool.h"
#include "apps/common/index/index.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "tests/bench/index_chain.h"

enum { DOCUMENTS = 300, EVENTS = 10, QUICK_DOCUMENTS = 3 };

static int documents = DOCUMENTS;
static int captured; // over both engines: each has an id of its own

static double ms_since(uint64_t began_ns) {
    return (double)(clock_monotonic_ns() - began_ns) / 1e6;
}

static uint64_t count_rows(struct db *db, uint64_t height) {
    struct db_statement *statement;
    bool has_row;
    ENSURE(db_prepare(&statement, db, "SELECT count(*) AS n FROM event WHERE height = $1") ==
           STATUS_OK);
    db_bind_u64(statement, 1, height);
    ENSURE(db_step(statement, &has_row) == STATUS_OK && has_row);
    uint64_t count = db_column_u64(statement, "n");
    db_release(statement);
    return count;
}

// Watches for the next block while another thread captures.
struct watch {
    struct db *reader;
    uint64_t height; // the one before
    double delay_ms;
};

static void *await_rows(void *argument) {
    struct watch *watch = argument;
    static const struct timespec step = {.tv_nsec = 100 * 1000};
    while (!node_wait(index_chain.server.node, watch->height, 1000)) {}
    uint64_t final_ns = clock_monotonic_ns();
    while (count_rows(watch->reader, watch->height + 1) == 0) nanosleep(&step, NULL);
    watch->delay_ms = ms_since(final_ns);
    return NULL;
}

static double run_capture(struct db *reader) {
    struct node_head head;
    pthread_t thread;
    node_head(index_chain.server.node, &head);
    struct watch watch = {.reader = reader, .height = head.header.height};
    ENSURE(pthread_create(&thread, NULL, await_rows, &watch) == 0);
    index_chain_capture(captured++, EVENTS);
    pthread_join(thread, NULL);
    ENSURE(count_rows(reader, watch.height + 1) == EVENTS);
    return watch.delay_ms;
}

static void run_sql(struct db *db, const char *sql, uint64_t height) {
    struct db_statement *statement;
    ENSURE(db_prepare(&statement, db, sql) == STATUS_OK);
    db_bind_u64(statement, 1, height);
    ENSURE(db_run(statement) == STATUS_OK);
    db_release(statement);
}

static double run_bare(struct db *db) {
    struct node_head head;
    node_head(index_chain.server.node, &head);
    uint64_t began_ns = clock_monotonic_ns();
    ENSURE(db_begin(db) == STATUS_OK);
    run_sql(db, "INSERT INTO bare_event SELECT * FROM event WHERE height = $1", head.header.height);
    run_sql(db, "INSERT INTO bare_epc SELECT * FROM epc WHERE height = $1", head.header.height);
    ENSURE(db_commit(db) == STATUS_OK);
    return ms_since(began_ns);
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void tell(const char *name, double *delays_ms, double *bare_ms) {
    int p99 = documents * 99 / 100, p50 = documents / 2;
    qsort(delays_ms, (size_t)documents, sizeof *delays_ms, compare);
    qsort(bare_ms, (size_t)documents, sizeof *bare_ms, compare);
    printf("{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"ms p99\",\"p50\":%.2f,"
           "\"baseline\":\"a bare transaction with copies of the rows\","
           "\"baseline_value\":%.2f,\"baseline_p50\":%.2f,\"ratio\":%.3f}\n",
           name, delays_ms[p99], delays_ms[p50], bare_ms[p99], bare_ms[p50],
           delays_ms[p99] / bare_ms[p99]);
    fflush(stdout);
}

static void measure(const char *name, const char *url) {
    static double delays_ms[DOCUMENTS], bare_ms[DOCUMENTS];
    struct index *index;
    struct db_pool *readers;
    struct db *reader, *writer;
    struct node_head head;
    static const struct timespec step = {.tv_nsec = 1000 * 1000};
    // Rows of another run's chain may be there.
    struct index_config config = {.node = index_chain.server.node,
                                  .url = url,
                                  .projection = index_chain_projection(),
                                  .rebuild = true};
    ENSURE(index_open(&index, &config) == STATUS_OK && index_start(index) == STATUS_OK);
    ENSURE(db_open(&writer, url) == STATUS_OK);
    ENSURE(db_exec_script(writer,
                          "DROP TABLE IF EXISTS bare_event; DROP TABLE IF EXISTS bare_epc;"
                          "CREATE TABLE bare_event AS SELECT * FROM event WHERE 1 = 0;"
                          "CREATE TABLE bare_epc AS SELECT * FROM epc WHERE 1 = 0") == STATUS_OK);
    ENSURE(db_pool_open(&readers, url, 1) == STATUS_OK);
    ENSURE(db_pool_take(&reader, readers, 0) == STATUS_OK);
    node_head(index_chain.server.node, &head);
    while (index_height(index) < head.header.height) nanosleep(&step, NULL);
    for (int i = 0; i < documents; i++) {
        delays_ms[i] = run_capture(reader);
        bare_ms[i] = run_bare(writer);
    }
    tell(name, delays_ms, bare_ms);
    db_pool_give(readers, reader);
    db_pool_close(readers);
    db_close(writer);
    index_close(index);
}

// --quick: so little that it only shows that the program works.
int main(int count, char **arguments) {
    char url[96];
    const char *postgres = getenv("LMM_TEST_POSTGRES");
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) documents = QUICK_DOCUMENTS;
    log_set_level(LOG_ERROR);
    index_chain_open();
    snprintf(url, sizeof url, "sqlite:%s/index.db", index_chain.folder);
    measure("index_delay_sqlite", url);
    if (postgres && *postgres) measure("index_delay_postgres", postgres);
    index_chain_stop();
    index_chain_close();
    return 0;
}
