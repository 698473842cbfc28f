// SPDX-License-Identifier: Apache-2.0
#include "apps/common/index/index.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

enum { WAIT_MS = 1000, LONGEST_BACK_OFF_MS = 10000, FIRST_BACK_OFF_MS = 100 };

static const char CURSOR_SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS index_cursor (one BIGINT NOT NULL PRIMARY KEY,"
    " chain_id BLOB NOT NULL, height BIGINT NOT NULL);";

struct index {
    struct node *node;
    struct db *db;
    struct index_projection projection;
    pthread_t follower;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t height;
    bool is_healthy;
    bool must_stop;
    bool is_running;
};

static enum status read_cursor(struct index *index, bool *is_there) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, index->db, "SELECT chain_id, height FROM index_cursor");
    if (status != STATUS_OK) return status;
    TRY(db_step(statement, is_there));
    if (!*is_there) goto out;
    struct bytes chain_id = db_column_bytes(statement, "chain_id");
    index->height = db_column_u64(statement, "height");
    if (!bytes_equal(chain_id, BYTES_OF(node_chain_id(index->node)->bytes)))
        status = STATUS_CONFLICT;
out:
    db_release(statement);
    return status;
}

static enum status write_cursor(struct index *index, uint64_t height) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, index->db,
                   "INSERT INTO index_cursor (one, chain_id, height) VALUES (1, $1, $2)"
                   " ON CONFLICT (one) DO UPDATE SET height = excluded.height");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(node_chain_id(index->node)->bytes));
    db_bind_u64(statement, 2, height);
    status = db_run(statement);
    db_release(statement);
    return status;
}

static enum status prepare_schema(struct index *index, bool rebuild) {
    enum status status = STATUS_OK;
    if (rebuild) {
        TRY(db_exec_script(index->db, index->projection.drop));
        TRY(db_exec_script(index->db, "DROP TABLE IF EXISTS index_cursor"));
    }
    TRY(db_exec_script(index->db, CURSOR_SCHEMA));
    TRY(db_exec_script(index->db, index->projection.schema));
    bool is_there = false;
    TRY(read_cursor(index, &is_there));
    if (!is_there) status = write_cursor(index, 0);
out:
    return status;
}

enum status index_open(struct index **out, const struct index_config *config) {
    struct index *index = mem_alloc(sizeof *index);
    index->node = config->node;
    index->projection = *config->projection;
    index->is_healthy = true;
    pthread_mutex_init(&index->lock, NULL);
    pthread_cond_init(&index->changed, NULL);
    enum status status = db_open(&index->db, config->url);
    if (status == STATUS_OK) status = prepare_schema(index, config->rebuild);
    if (status != STATUS_OK) {
        index_close(index);
        return status;
    }
    *out = index;
    return STATUS_OK;
}

static bool must_stop(struct index *index) {
    pthread_mutex_lock(&index->lock);
    bool stop = index->must_stop;
    pthread_mutex_unlock(&index->lock);
    return stop;
}

static enum status apply_block(struct index *index, const struct index_block *block) {
    enum status status = db_begin(index->db);
    if (status == STATUS_OK)
        status = index->projection.apply(index->projection.context, index->db, block);
    if (status == STATUS_OK) status = write_cursor(index, block->block->header.height);
    if (status == STATUS_OK) status = db_commit(index->db);
    if (status != STATUS_OK) db_rollback(index->db);
    return status;
}

static void set_health(struct index *index, bool is_healthy) {
    pthread_mutex_lock(&index->lock);
    index->is_healthy = is_healthy;
    pthread_mutex_unlock(&index->lock);
}

static void pause_for(struct index *index, uint32_t ms) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + (uint64_t)ms * 1000000;
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&index->lock);
    if (!index->must_stop) pthread_cond_timedwait(&index->changed, &index->lock, &until);
    pthread_mutex_unlock(&index->lock);
}

static bool may_pass(enum status status) {
    return status == STATUS_UNAVAILABLE || status == STATUS_BUSY || status == STATUS_TIMEOUT ||
           status == STATUS_FULL;
}

// Until the rows are committed, or the index is to stop. A commit whose outcome is unknown may have
// held: the cursor tells.
static bool project(struct index *index, const struct index_block *block) {
    uint32_t back_off_ms = FIRST_BACK_OFF_MS;
    for (;;) {
        enum status status = apply_block(index, block);
        if (status == STATUS_OK) break;
        if (!may_pass(status)) {
            log_error("index", "a final block cannot be indexed",
                      log_number("height", (int64_t)block->block->header.height),
                      log_text("status", status_name(status)),
                      log_text("reason", db_last_error(index->db)));
            abort();
        }
        if (must_stop(index)) return false;
        set_health(index, false);
        log_warning("index", "the database is away", log_text("status", status_name(status)));
        pause_for(index, back_off_ms);
        if (back_off_ms < LONGEST_BACK_OFF_MS) back_off_ms *= 2;
        bool is_there;
        if (read_cursor(index, &is_there) == STATUS_OK && is_there &&
            index->height >= block->block->header.height)
            break;
        db_rollback(index->db);
    }
    pthread_mutex_lock(&index->lock);
    index->is_healthy = true;
    index->height = block->block->header.height;
    pthread_mutex_unlock(&index->lock);
    return true;
}

static bool follow_block(struct index *index, uint64_t height, struct buf *encoded,
                         struct arena *arena) {
    struct block block;
    struct index_block given = {.block = &block, .arena = arena};
    arena_reset(arena);
    enum status status = node_read_block(index->node, height, encoded);
    if (status == STATUS_OK) status = block_decode(&block, arena, buf_bytes(encoded));
    if (status != STATUS_OK) {
        log_error("index", "a final block cannot be read", log_number("height", (int64_t)height),
                  log_text("status", status_name(status)));
        abort();
    }
    if (!project(index, &given)) return false;
    if (index->projection.committed) index->projection.committed(index->projection.context, &given);
    return true;
}

static void *follow(void *argument) {
    struct index *index = argument;
    struct buf encoded = {0};
    struct arena arena = {0};
    uint64_t next = index->height + 1;
    while (!must_stop(index)) {
        struct node_head head;
        node_head(index->node, &head);
        if (head.header.height < next) {
            node_wait(index->node, next - 1, WAIT_MS);
            continue;
        }
        if (!follow_block(index, next, &encoded, &arena)) break;
        next++;
    }
    buf_clear(&encoded);
    arena_clear(&arena);
    return NULL;
}

enum status index_start(struct index *index) {
    if (pthread_create(&index->follower, NULL, follow, index) != 0) return STATUS_NO_MEMORY;
    index->is_running = true;
    return STATUS_OK;
}

void index_stop(struct index *index) {
    pthread_mutex_lock(&index->lock);
    index->must_stop = true;
    pthread_cond_broadcast(&index->changed);
    pthread_mutex_unlock(&index->lock);
    if (index->is_running) pthread_join(index->follower, NULL);
    index->is_running = false;
}

void index_close(struct index *index) {
    if (!index) return;
    index_stop(index);
    db_close(index->db);
    pthread_cond_destroy(&index->changed);
    pthread_mutex_destroy(&index->lock);
    mem_free(index);
}

uint64_t index_height(struct index *index) {
    pthread_mutex_lock(&index->lock);
    uint64_t height = index->height;
    pthread_mutex_unlock(&index->lock);
    return height;
}

bool index_is_healthy(struct index *index) {
    pthread_mutex_lock(&index->lock);
    bool is_healthy = index->is_healthy;
    pthread_mutex_unlock(&index->lock);
    return is_healthy;
}
