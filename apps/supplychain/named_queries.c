// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/named_queries.h"

#include <pthread.h>
#include <stdio.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS named_query (name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,"
    " query TEXT NOT NULL, created_ms BIGINT NOT NULL);";

struct named_queries {
    pthread_mutex_t lock; // of the connection
    struct db *db;
};

enum status named_queries_open(struct named_queries **out, const char *path) {
    struct named_queries *queries = mem_alloc(sizeof *queries);
    struct buf url = {0};
    enum status status;
    *queries = (struct named_queries){0};
    pthread_mutex_init(&queries->lock, NULL);
    buf_append_format(&url, "sqlite:%s", path);
    TRY(db_open(&queries->db, buf_as_string(&url)));
    TRY(db_make_durable(queries->db));
    TRY(db_exec_script(queries->db, SCHEMA));
out:
    buf_clear(&url);
    if (status != STATUS_OK) {
        named_queries_close(queries);
        queries = NULL;
    }
    *out = queries;
    return status;
}

void named_queries_close(struct named_queries *queries) {
    if (!queries) return;
    db_close(queries->db);
    pthread_mutex_destroy(&queries->lock);
    mem_free(queries);
}

static enum status count(struct db *db, uint64_t *out) {
    struct db_statement *statement;
    bool has_row = false;
    enum status status = db_prepare(&statement, db, "SELECT count(*) AS n FROM named_query");
    if (status != STATUS_OK) return status;
    status = db_step(statement, &has_row);
    if (status == STATUS_OK) *out = db_column_u64(statement, "n");
    db_release(statement);
    return status;
}

static enum status insert(struct db *db, const struct named_query *query) {
    struct db_statement *statement;
    uint64_t there = 0;
    enum status status = count(db, &there);
    if (status == STATUS_OK && there >= LIMIT_NAMED_QUERIES) status = STATUS_FULL;
    if (status != STATUS_OK) return status;
    status = db_prepare(&statement, db,
                        "INSERT INTO named_query (name, query, created_ms) VALUES ($1, $2, $3)");
    if (status != STATUS_OK) return status;
    db_bind_text(statement, 1, query->name);
    db_bind_text(statement, 2, query->query);
    db_bind_u64(statement, 3, clock_wall_ms());
    status = db_run(statement);
    db_release(statement);
    return status;
}

enum status named_queries_put(struct named_queries *queries, const struct named_query *query) {
    pthread_mutex_lock(&queries->lock);
    enum status status = insert(queries->db, query);
    pthread_mutex_unlock(&queries->lock);
    return status;
}

static void read_row(struct db_statement *row, struct arena *arena, struct named_query *out) {
    out->name = arena_copy(arena, db_column_text(row, "name"));
    out->query = arena_copy(arena, db_column_text(row, "query"));
}

static enum status find(struct db *db, struct bytes name, struct arena *arena,
                        struct named_query *out) {
    struct db_statement *row;
    bool has_row = false;
    enum status status =
        db_prepare(&row, db, "SELECT name, query FROM named_query WHERE name = $1");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, name);
    status = db_step(row, &has_row);
    if (status == STATUS_OK && !has_row) status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) read_row(row, arena, out);
    db_release(row);
    return status;
}

enum status named_queries_get(struct named_queries *queries, struct bytes name, struct arena *arena,
                              struct named_query *out) {
    pthread_mutex_lock(&queries->lock);
    enum status status = find(queries->db, name, arena, out);
    pthread_mutex_unlock(&queries->lock);
    return status;
}

static enum status delete (struct db *db, struct bytes name) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, "DELETE FROM named_query WHERE name = $1");
    if (status != STATUS_OK) return status;
    db_bind_text(statement, 1, name);
    status = db_run(statement);
    if (status == STATUS_OK && db_changes(statement) == 0) status = STATUS_NOT_FOUND;
    db_release(statement);
    return status;
}

enum status named_queries_remove(struct named_queries *queries, struct bytes name) {
    pthread_mutex_lock(&queries->lock);
    enum status status = delete (queries->db, name);
    pthread_mutex_unlock(&queries->lock);
    return status;
}

static enum status read_list(struct db_statement *row, uint32_t most, struct arena *arena,
                             struct named_query_list *out) {
    enum status status;
    bool has_row = false;
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        out->has_more = out->count == most;
        if (out->has_more) break;
        read_row(row, arena, &out->items[out->count++]);
    }
    return status;
}

static enum status list(struct db *db, struct bytes behind, uint32_t most, struct arena *arena,
                        struct named_query_list *out) {
    struct db_statement *row;
    enum status status = db_prepare(
        &row, db,
        "SELECT name, query FROM named_query WHERE name > $1 ORDER BY name COLLATE \"C\" LIMIT $2");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, behind);
    db_bind_u64(row, 2, most + UINT64_C(1));
    status = read_list(row, most, arena, out);
    db_release(row);
    return status;
}

enum status named_queries_list(struct named_queries *queries, struct bytes behind, uint32_t most,
                               struct arena *arena, struct named_query_list *out) {
    *out = (struct named_query_list){.items = arena_alloc_array(arena, most, sizeof *out->items)};
    pthread_mutex_lock(&queries->lock);
    enum status status = list(queries->db, behind, most, arena, out);
    pthread_mutex_unlock(&queries->lock);
    return status;
}
