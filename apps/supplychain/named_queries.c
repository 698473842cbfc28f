// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/named_queries.h"

#include <pthread.h>
#include <stdio.h>

#include "apps/common/server/store.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS named_query (name TEXT COLLATE \"C\" NOT NULL,"
    " query TEXT NOT NULL, created_ms BIGINT NOT NULL,"
    " owner TEXT COLLATE \"C\" NOT NULL, PRIMARY KEY (name, owner));";
// Of a file without owners: all are the server's own account's.
static const char BEFORE[] = "ALTER TABLE named_query RENAME TO query_before;";
static const char AFTER[] = "INSERT INTO named_query (name, query, created_ms, owner)"
                            " SELECT name, query, created_ms, 'server' FROM query_before;"
                            "DROP TABLE query_before;";

struct named_queries {
    pthread_mutex_t lock; // of the connection
    struct db *db;
};

static enum status make_tables(struct db *db) {
    bool is_there, has_owner;
    enum status status;
    TRY(store_has_column(db, "named_query", "name", &is_there));
    TRY(store_has_column(db, "named_query", "owner", &has_owner));
    TRY(db_begin(db));
    if (is_there && !has_owner) TRY(db_exec_script(db, BEFORE));
    TRY(db_exec_script(db, SCHEMA));
    if (is_there && !has_owner) TRY(db_exec_script(db, AFTER));
    TRY(db_commit(db));
out:
    db_rollback(db);
    return status;
}

enum status named_queries_open(struct named_queries **out, const char *path) {
    struct named_queries *queries = mem_alloc(sizeof *queries);
    struct buf url = {0};
    enum status status;
    *queries = (struct named_queries){0};
    pthread_mutex_init(&queries->lock, NULL);
    buf_append_format(&url, "sqlite:%s", path);
    TRY(db_open(&queries->db, buf_as_string(&url)));
    TRY(db_make_durable(queries->db));
    TRY(make_tables(queries->db));
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

static enum status count(struct db *db, const char *owner, uint64_t *out) {
    struct db_statement *statement;
    bool has_row = false;
    enum status status =
        db_prepare(&statement, db, "SELECT count(*) AS n FROM named_query WHERE owner = $1");
    if (status != STATUS_OK) return status;
    db_bind_string(statement, 1, owner);
    status = db_step(statement, &has_row);
    if (status == STATUS_OK) *out = db_column_u64(statement, "n");
    db_release(statement);
    return status;
}

static enum status insert(struct db *db, const struct named_query *query) {
    struct db_statement *statement;
    uint64_t there = 0;
    enum status status = count(db, query->id.owner, &there);
    if (status == STATUS_OK && there >= LIMIT_NAMED_QUERIES) status = STATUS_TOO_LARGE;
    if (status != STATUS_OK) return status;
    status = db_prepare(&statement, db,
                        "INSERT INTO named_query (name, query, created_ms, owner)"
                        " VALUES ($1, $2, $3, $4)");
    if (status != STATUS_OK) return status;
    db_bind_text(statement, 1, query->id.name);
    db_bind_text(statement, 2, query->query);
    db_bind_u64(statement, 3, clock_wall_ms());
    db_bind_string(statement, 4, query->id.owner);
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
    out->id = (struct query_name){arena_copy_string(arena, db_column_text(row, "owner")),
                                  arena_copy(arena, db_column_text(row, "name"))};
    out->query = arena_copy(arena, db_column_text(row, "query"));
}

static enum status find(struct db *db, const struct query_name *id, struct arena *arena,
                        struct named_query *out) {
    struct db_statement *row;
    bool has_row = false;
    enum status status = db_prepare(
        &row, db, "SELECT name, owner, query FROM named_query WHERE name = $1 AND owner = $2");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, id->name);
    db_bind_string(row, 2, id->owner);
    status = db_step(row, &has_row);
    if (status == STATUS_OK && !has_row) status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) read_row(row, arena, out);
    db_release(row);
    return status;
}

enum status named_queries_get(struct named_queries *queries, const struct query_name *id,
                              struct arena *arena, struct named_query *out) {
    pthread_mutex_lock(&queries->lock);
    enum status status = find(queries->db, id, arena, out);
    pthread_mutex_unlock(&queries->lock);
    return status;
}

static enum status delete (struct db *db, const struct query_name *id) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db,
                                    "DELETE FROM named_query WHERE name = $1 AND owner = $2");
    if (status != STATUS_OK) return status;
    db_bind_text(statement, 1, id->name);
    db_bind_string(statement, 2, id->owner);
    status = db_run(statement);
    if (status == STATUS_OK && db_changes(statement) == 0) status = STATUS_NOT_FOUND;
    db_release(statement);
    return status;
}

enum status named_queries_remove(struct named_queries *queries, const struct query_name *id) {
    pthread_mutex_lock(&queries->lock);
    enum status status = delete (queries->db, id);
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

static enum status list(struct db *db, const struct named_query_listing *asked, struct arena *arena,
                        struct named_query_list *out) {
    struct db_statement *row;
    enum status status = db_prepare(&row, db,
                                    "SELECT name, owner, query FROM named_query"
                                    " WHERE (name, owner) > ($1, $2) AND ($3 = '' OR owner = $3)"
                                    " ORDER BY name COLLATE \"C\", owner COLLATE \"C\" LIMIT $4");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, asked->behind.name);
    db_bind_string(row, 2, asked->behind.owner);
    db_bind_string(row, 3, asked->owner ? asked->owner : "");
    db_bind_u64(row, 4, asked->most + UINT64_C(1));
    status = read_list(row, asked->most, arena, out);
    db_release(row);
    return status;
}

enum status named_queries_list(struct named_queries *queries,
                               const struct named_query_listing *asked, struct arena *arena,
                               struct named_query_list *out) {
    *out = (struct named_query_list){.items =
                                         arena_alloc_array(arena, asked->most, sizeof *out->items)};
    pthread_mutex_lock(&queries->lock);
    enum status status = list(queries->db, asked, arena, out);
    pthread_mutex_unlock(&queries->lock);
    return status;
}
