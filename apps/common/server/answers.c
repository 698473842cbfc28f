// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/answers.h"

#include <pthread.h>
#include <stdio.h>

#include "apps/common/db/db.h"
#include "chaincore/chaincore.h"

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS answer (id BLOB NOT NULL PRIMARY KEY, request BLOB NOT NULL,"
    " answer BLOB NOT NULL, is_open BIGINT NOT NULL, kept_ms BIGINT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS answer_by_time ON answer (is_open, kept_ms);";

enum { PAGE_BYTES = 4096, DROPPED_AT_ONCE = 2000 };

struct answers {
    pthread_mutex_t lock; // of all that follows
    struct db *db;
    uint64_t open_count; // of clients without an API key
};

// --- opening ---

static enum status run(struct db *db, const char *sql) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, sql);
    if (status != STATUS_OK) return status;
    status = db_run(statement);
    db_release(statement);
    return status;
}

static enum status bound_file(struct db *db, uint64_t bytes) {
    char sql[64];
    if (bytes == 0) bytes = LIMIT_HTTP_KEPT_FILE_BYTES;
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %llu",
             (unsigned long long)(bytes / PAGE_BYTES));
    return run(db, sql);
}

static enum status count_open(struct answers *answers) {
    struct db_statement *statement;
    bool has_row;
    enum status status =
        db_prepare(&statement, answers->db, "SELECT count(*) AS n FROM answer WHERE is_open = 1");
    if (status != STATUS_OK) return status;
    status = db_step(statement, &has_row);
    if (status == STATUS_OK) answers->open_count = db_column_u64(statement, "n");
    db_release(statement);
    return status;
}

enum status answers_open(struct answers **out, const struct answers_config *config) {
    char url[4096 + 64];
    enum status status = STATUS_OK;
    struct answers *answers = mem_alloc(sizeof *answers);
    pthread_mutex_init(&answers->lock, NULL);
    *out = NULL;
    int len = snprintf(url, sizeof url, "sqlite:%s", config->path);
    if (len < 0 || (size_t)len >= sizeof url) TRY(STATUS_TOO_LARGE);
    TRY(db_open(&answers->db, url));
    TRY(bound_file(answers->db, config->file_bytes));
    TRY(db_exec_script(answers->db, SCHEMA));
    TRY(count_open(answers));
    *out = answers;
out:
    if (status != STATUS_OK) answers_close(answers);
    return status;
}

void answers_close(struct answers *answers) {
    if (!answers) return;
    db_close(answers->db);
    pthread_mutex_destroy(&answers->lock);
    mem_free(answers);
}

// --- under the lock ---

static uint64_t oldest_good_ms(void) {
    uint64_t now_ms = clock_wall_ms();
    return now_ms > LIMIT_HTTP_IDEMPOTENCY_MS ? now_ms - LIMIT_HTTP_IDEMPOTENCY_MS : 0;
}

// The oldest of one kind that were kept before a moment, up to `most`.
static enum status drop_oldest(struct answers *answers, bool is_open, uint64_t before_ms,
                               uint64_t most) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, answers->db,
                   "DELETE FROM answer WHERE id IN (SELECT id FROM answer WHERE is_open = $1"
                   " AND kept_ms < $2 ORDER BY kept_ms LIMIT $3)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, is_open ? 1 : 0);
    db_bind_u64(statement, 2, before_ms);
    db_bind_u64(statement, 3, most);
    status = db_run(statement);
    if (status == STATUS_OK && is_open) answers->open_count -= db_changes(statement);
    db_release(statement);
    return status;
}

// One whose time is over may stand there still.
static enum status drop_old(struct answers *answers, const uint8_t *id, bool is_open) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, answers->db, "DELETE FROM answer WHERE id = $1 AND is_open = $2");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(id, IDEMPOTENCY_HASH));
    db_bind_u64(statement, 2, is_open ? 1 : 0);
    status = db_run(statement);
    if (status == STATUS_OK && is_open) answers->open_count -= db_changes(statement);
    db_release(statement);
    return status;
}

static enum status insert(struct answers *answers, const uint8_t *id,
                          const struct http_kept *kept) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, answers->db,
                                    "INSERT INTO answer (id, request, answer, is_open, kept_ms)"
                                    " VALUES ($1, $2, $3, $4, $5)");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(id, IDEMPOTENCY_HASH));
    db_bind_bytes(statement, 2, BYTES_OF(kept->request));
    db_bind_bytes(statement, 3, kept->answer);
    db_bind_u64(statement, 4, kept->is_open ? 1 : 0);
    db_bind_u64(statement, 5, clock_wall_ms());
    status = db_run(statement);
    if (status == STATUS_OK && kept->is_open) answers->open_count++;
    db_release(statement);
    return status;
}

static enum status read_row(struct db_statement *row, struct arena *arena, struct http_kept *out) {
    struct bytes request = db_column_bytes(row, "request");
    if (request.len != sizeof out->request) return STATUS_CORRUPT;
    memcpy(out->request, request.data, request.len);
    out->answer = arena_copy(arena, db_column_bytes(row, "answer"));
    out->is_open = db_column_i64(row, "is_open") != 0;
    return STATUS_OK;
}

// --- for http ---

enum status answers_find(void *context, const uint8_t id[IDEMPOTENCY_HASH], struct arena *arena,
                         struct http_kept *out) {
    struct answers *answers = context;
    struct db_statement *row = NULL;
    bool has_row;
    enum status status;
    pthread_mutex_lock(&answers->lock);
    TRY(db_prepare(&row, answers->db, "SELECT * FROM answer WHERE id = $1 AND kept_ms >= $2"));
    db_bind_bytes(row, 1, bytes_of(id, IDEMPOTENCY_HASH));
    db_bind_u64(row, 2, oldest_good_ms());
    TRY(db_step(row, &has_row));
    TRY(has_row ? read_row(row, arena, out) : STATUS_NOT_FOUND);
out:
    db_release(row);
    pthread_mutex_unlock(&answers->lock);
    return status;
}

enum status answers_keep(void *context, const uint8_t id[IDEMPOTENCY_HASH],
                         const struct http_kept *kept) {
    struct answers *answers = context;
    uint64_t count;
    enum status status;
    pthread_mutex_lock(&answers->lock);
    count = answers->open_count;
    TRY(db_begin(answers->db));
    TRY(drop_old(answers, id, kept->is_open));
    if (kept->is_open && answers->open_count >= LIMIT_HTTP_KEPT_OPEN)
        TRY(drop_oldest(answers, true, INT64_MAX, 1));
    TRY(insert(answers, id, kept));
    TRY(db_commit(answers->db));
out:
    db_rollback(answers->db);
    if (status != STATUS_OK) answers->open_count = count;
    pthread_mutex_unlock(&answers->lock);
    return status;
}

void answers_settle(struct answers *answers) {
    uint64_t before_ms = oldest_good_ms();
    pthread_mutex_lock(&answers->lock);
    enum status status = drop_oldest(answers, false, before_ms, DROPPED_AT_ONCE);
    if (status == STATUS_OK) status = drop_oldest(answers, true, before_ms, DROPPED_AT_ONCE);
    pthread_mutex_unlock(&answers->lock);
    if (status != STATUS_OK)
        log_warning("server", "old answers cannot be dropped",
                    log_text("status", status_name(status)));
}
