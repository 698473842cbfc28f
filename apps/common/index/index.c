// SPDX-License-Identifier: Apache-2.0
#include "apps/common/index/index.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "chaincore/chaincore.h"

enum { WAIT_MS = 1000, LONGEST_BACK_OFF_MS = 10000, FIRST_BACK_OFF_MS = 100, PROGRESS_MS = 5000 };

// Where the rows stand: of which chain, up to which block, and written by what.
static const char CURSOR_SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS index_state (one BIGINT NOT NULL PRIMARY KEY,"
    " chain_id BLOB NOT NULL, height BIGINT NOT NULL, block_id BLOB NOT NULL,"
    " version BLOB NOT NULL);";

struct cursor {
    bool is_there;
    struct hash chain_id;
    uint64_t height;
    struct hash block_id; // zero at height 0
    struct hash version;
};

struct index {
    struct node *node;
    struct db *db; // NULL until the database has come
    char *url;
    bool rebuild;
    struct index_projection projection;
    struct hash version;
    pthread_t follower;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t height;
    bool is_healthy;
    enum status failure;  // what the database held that came late
    uint32_t back_off_ms; // this and the next are the follower's own
    uint64_t told_height; // up to where rows have been told of, or said to be skipped
    uint32_t alone;       // so many blocks have a transaction of their own, however far behind
    uint64_t progress_ms; // when progress was logged last
    bool must_stop;
    bool is_running;
};

// What must be the same for rows to be taken over: the tables, and what fills them.
static void projection_version(struct hash *out, const struct index_projection *projection) {
    struct hasher hasher;
    struct hash rules;
    uint8_t version[4];
    store_u32_le(version, projection->version);
    hash_bytes(&rules, HASH_USER, projection->rules);
    hasher_init(&hasher, HASH_USER);
    hasher_add(&hasher, BYTES_OF(version));
    hasher_add(&hasher, BYTES_OF(rules.bytes));
    hasher_add(&hasher, bytes_of_string(projection->schema));
    hasher_finish(&hasher, out);
}

static enum status take_hash(struct hash *out, struct db_statement *statement, const char *column) {
    struct bytes value = db_column_bytes(statement, column);
    if (value.len != sizeof *out) return STATUS_CORRUPT;
    memcpy(out, value.data, sizeof *out);
    return STATUS_OK;
}

static enum status read_cursor(const struct index *index, struct cursor *out) {
    struct db_statement *statement;
    *out = (struct cursor){0};
    enum status status = db_prepare(&statement, index->db,
                                    "SELECT chain_id, height, block_id, version FROM index_state");
    if (status != STATUS_OK) return status;
    TRY(db_step(statement, &out->is_there));
    if (!out->is_there) goto out;
    out->height = db_column_u64(statement, "height");
    TRY(take_hash(&out->chain_id, statement, "chain_id"));
    TRY(take_hash(&out->block_id, statement, "block_id"));
    TRY(take_hash(&out->version, statement, "version"));
out:
    db_release(statement);
    return status;
}

// Before the first block.
static enum status reset_cursor(struct index *index) {
    static const struct hash none;
    struct db_statement *statement;
    enum status status = db_prepare(
        &statement, index->db,
        "INSERT INTO index_state (one, chain_id, height, block_id, version)"
        " VALUES (1, $1, 0, $2, $3) ON CONFLICT (one) DO UPDATE SET"
        " height = excluded.height, block_id = excluded.block_id, version = excluded.version");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(node_chain_id(index->node)->bytes));
    db_bind_bytes(statement, 2, BYTES_OF(none.bytes));
    db_bind_bytes(statement, 3, BYTES_OF(index->version.bytes));
    status = db_run(statement);
    db_release(statement);
    return status;
}

// From the parent to this block. CONFLICT when the rows are not the parent's: the database has lost
// commits with its machine, or another server writes there too.
static enum status advance_cursor(struct index *index, const struct header *header) {
    struct db_statement *statement;
    struct hash id, parent = header->parent;
    header_id(&id, header);
    if (header->height == 1) parent = (struct hash){0};
    enum status status = db_prepare(&statement, index->db,
                                    "UPDATE index_state SET height = $1, block_id = $2"
                                    " WHERE height = $3 AND block_id = $4 AND version = $5");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, header->height);
    db_bind_bytes(statement, 2, BYTES_OF(id.bytes));
    db_bind_u64(statement, 3, header->height - 1);
    db_bind_bytes(statement, 4, BYTES_OF(parent.bytes));
    db_bind_bytes(statement, 5, BYTES_OF(index->version.bytes));
    status = db_run(statement);
    if (status == STATUS_OK && db_changes(statement) != 1) status = STATUS_CONFLICT;
    db_release(statement);
    return status;
}

// Are the rows those of the node's own chain? A chain made afresh has the same id when its genesis
// is the same, as every devnet's is: so the block itself must be on it.
static enum status check_chain(struct index *index, const struct cursor *cursor) {
    struct buf encoded = {0};
    struct header header;
    struct hash id;
    enum status status = STATUS_OK;
    if (!hash_equal(&cursor->chain_id, node_chain_id(index->node))) return STATUS_CONFLICT;
    if (cursor->height == 0) return STATUS_OK;
    status = node_read_block(index->node, cursor->height, &encoded);
    if (status == STATUS_NOT_FOUND) status = STATUS_CONFLICT; // the chain is not that long
    if (status == STATUS_OK) status = block_decode_header(&header, buf_bytes(&encoded));
    buf_clear(&encoded);
    if (status != STATUS_OK) return status;
    header_id(&id, &header);
    return hash_equal(&id, &cursor->block_id) ? STATUS_OK : STATUS_CONFLICT;
}

static void set_height(struct index *index, uint64_t height) {
    pthread_mutex_lock(&index->lock);
    index->height = height;
    pthread_mutex_unlock(&index->lock);
}

static enum status start_afresh(struct index *index) {
    enum status status;
    TRY(db_exec_script(index->db, index->projection.drop));
    TRY(db_exec_script(index->db, index->projection.schema));
    TRY(reset_cursor(index));
out:
    return status;
}

static enum status prepare_schema(struct index *index) {
    enum status status = STATUS_OK;
    struct cursor cursor = {0};
    if (index->rebuild) TRY(db_exec_script(index->db, "DROP TABLE IF EXISTS index_state"));
    TRY(db_exec_script(index->db, CURSOR_SCHEMA));
    TRY(read_cursor(index, &cursor));
    if (cursor.is_there) TRY(check_chain(index, &cursor));
    if (cursor.is_there && hash_equal(&cursor.version, &index->version)) {
        set_height(index, cursor.height);
        return STATUS_OK;
    }
    if (cursor.is_there) log_info("index", "rows of another version are made again");
    TRY(start_afresh(index));
out:
    return status;
}

// One attempt, all of it: what was lost on the way is tried again from the front.
static enum status open_rows(struct index *index) {
    enum status status = db_open(&index->db, index->url);
    if (status == STATUS_OK) status = prepare_schema(index);
    if (status == STATUS_OK) return status;
    db_close(index->db);
    index->db = NULL;
    return status;
}

enum status index_open(struct index **out, const struct index_config *config) {
    struct index *index = mem_alloc(sizeof *index);
    index->node = config->node;
    index->projection = *config->projection;
    projection_version(&index->version, config->projection);
    index->url = mem_copy_string(config->url);
    index->rebuild = config->rebuild;
    index->is_healthy = true;
    index->back_off_ms = FIRST_BACK_OFF_MS;
    pthread_mutex_init(&index->lock, NULL);
    pthread_cond_init(&index->changed, NULL);
    enum status status = open_rows(index);
    if (status == STATUS_UNAVAILABLE) {
        log_warning("index", "the database is away: the index waits for it");
        index->is_healthy = false;
    } else if (status != STATUS_OK) {
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

// The block at hand.
struct reading {
    struct buf encoded;
    struct arena arena;
    struct block block; // slices of both
};

// What became of a block's rows.
enum attempt {
    ATTEMPT_HELD,
    ATTEMPT_FAILED,
    ATTEMPT_IN_DOUBT, // they may be there: nobody heard how the commit ended
    ATTEMPT_MOVED,    // the rows are not those of the block before
};

static enum status apply_block(struct index *index, const struct index_block *block,
                               enum attempt *attempt) {
    *attempt = ATTEMPT_FAILED;
    enum status status = db_begin(index->db);
    if (status != STATUS_OK) return status;
    status = advance_cursor(index, &block->block->header);
    if (status == STATUS_CONFLICT) *attempt = ATTEMPT_MOVED;
    if (status == STATUS_OK)
        status = index->projection.apply(index->projection.context, index->db, block);
    if (status == STATUS_OK) {
        status = db_commit(index->db);
        if (status == STATUS_UNAVAILABLE) *attempt = ATTEMPT_IN_DOUBT;
    }
    if (status == STATUS_OK)
        *attempt = ATTEMPT_HELD;
    else
        db_rollback(index->db);
    return status;
}

static void set_health(struct index *index, bool is_healthy) {
    pthread_mutex_lock(&index->lock);
    index->is_healthy = is_healthy;
    pthread_mutex_unlock(&index->lock);
}

// Pauses before another attempt; longer each time.
static void back_off(struct index *index) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + (uint64_t)index->back_off_ms * 1000000;
    if (index->back_off_ms < LONGEST_BACK_OFF_MS) index->back_off_ms *= 2;
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

static void give_up(struct index *index, uint64_t height, enum status status, const char *what)
    __attribute__((noreturn));
static void give_up(struct index *index, uint64_t height, enum status status, const char *what) {
    log_error("index", what, log_number("height", (int64_t)height),
              log_text("status", status_name(status)),
              log_text("reason", db_last_error(index->db)));
    abort();
}

static enum status read_place(struct index *index, uint64_t *height) {
    struct cursor cursor;
    enum status status = read_cursor(index, &cursor);
    if (status != STATUS_OK) return status;
    *height = cursor.height;
    return cursor.is_there ? check_chain(index, &cursor) : STATUS_NOT_FOUND;
}

// Where the rows are, from the database itself, as soon as it answers: an attempt that failed may
// have held, and what was committed may be gone with the database's machine. False: the index is to
// stop.
static bool find_place(struct index *index) {
    while (!must_stop(index)) {
        uint64_t height;
        enum status status = read_place(index, &height);
        if (status == STATUS_OK) {
            set_height(index, height);
            return true;
        }
        if (!may_pass(status))
            give_up(index, 0, status, "the database no longer tells where its rows are");
        set_health(index, false);
        back_off(index);
    }
    return false;
}

static enum attempt project(struct index *index, const struct index_block *block) {
    uint64_t height = block->block->header.height;
    enum attempt attempt;
    enum status status = apply_block(index, block, &attempt);
    if (attempt == ATTEMPT_HELD) {
        index->back_off_ms = FIRST_BACK_OFF_MS;
        set_height(index, height);
        set_health(index, true);
    } else if (attempt == ATTEMPT_MOVED) {
        log_warning("index", "the rows are not those of the block before",
                    log_number("height", (int64_t)height));
    } else {
        if (!may_pass(status)) give_up(index, height, status, "a final block cannot be indexed");
        log_warning("index", "a block waits for the database",
                    log_number("height", (int64_t)height), log_text("status", status_name(status)),
                    log_text("reason", db_last_error(index->db)));
        set_health(index, false);
        back_off(index);
    }
    return attempt;
}

static void tell(struct index *index, const struct index_block *given) {
    if (index->projection.committed) index->projection.committed(index->projection.context, given);
    index->told_height = given->block->header.height;
}

// Rows that nobody here has written, so that nobody can tell of them.
static void tell_skipped(struct index *index) {
    uint64_t height = index_height(index);
    if (height <= index->told_height) return;
    if (index->projection.skipped) index->projection.skipped(index->projection.context);
    index->told_height = height;
}

static void read_block(struct index *index, uint64_t height, struct reading *reading) {
    arena_reset(&reading->arena);
    enum status status = node_read_block(index->node, height, &reading->encoded);
    if (status == STATUS_OK)
        status = block_decode(&reading->block, &reading->arena, buf_bytes(&reading->encoded));
    if (status != STATUS_OK) give_up(index, height, status, "a final block cannot be read");
}

// As many blocks as a transaction takes; `height` is the last one's.
static enum status write_blocks(struct index *index, uint64_t *height, struct reading *reading) {
    struct index_block given = {.block = &reading->block, .arena = &reading->arena};
    size_t size = 0;
    enum status status = STATUS_OK;
    for (int i = 0; i < LIMIT_INDEX_BATCH && size < LIMIT_INDEX_BATCH_BYTES; i++) {
        if (must_stop(index)) break;
        read_block(index, ++*height, reading);
        size += reading->encoded.len;
        TRY(advance_cursor(index, &reading->block.header));
        TRY(index->projection.apply(index->projection.context, index->db, &given));
    }
out:
    return status;
}

static void log_progress(struct index *index, uint64_t height, uint64_t head) {
    uint64_t now = clock_monotonic_ms();
    if (now - index->progress_ms < PROGRESS_MS) return;
    index->progress_ms = now;
    log_info("index", "catching up", log_number("height", (int64_t)height),
             log_number("head", (int64_t)head));
}

// Far behind nobody waits for a certain block, and transactions cost more than rows: many share
// one. Should it fail, its blocks go one by one, which tells whose fault it is. False: the index is
// to stop.
static bool follow_batch(struct index *index, uint64_t head, struct reading *reading) {
    uint64_t height = index_height(index);
    enum status status = db_begin(index->db);
    if (status == STATUS_OK) status = write_blocks(index, &height, reading);
    if (status == STATUS_OK) status = db_commit(index->db);
    if (status == STATUS_OK) {
        index->back_off_ms = FIRST_BACK_OFF_MS;
        set_height(index, height);
        set_health(index, true);
        log_progress(index, height, head);
    } else {
        log_warning("index", "blocks are tried one by one", log_text("status", status_name(status)),
                    log_text("reason", db_last_error(index->db)));
        db_rollback(index->db);
        index->alone = LIMIT_INDEX_BATCH;
        if (!find_place(index)) return false;
    }
    tell_skipped(index);
    return true;
}

// One attempt, and the news of it. False: the index is to stop.
static bool follow_block(struct index *index, uint64_t height, struct reading *reading) {
    struct index_block given = {.block = &reading->block, .arena = &reading->arena};
    read_block(index, height, reading);
    if (index->alone > 0) index->alone--;
    enum attempt attempt = project(index, &given);
    if (attempt != ATTEMPT_HELD && !find_place(index)) return false;
    bool is_there = attempt == ATTEMPT_IN_DOUBT && index_height(index) == height;
    if (attempt == ATTEMPT_HELD || is_there) tell(index, &given);
    tell_skipped(index);
    return true;
}

// While nothing happens a database that has gone away would not be noticed.
static bool await_block(struct index *index, uint64_t height) {
    uint64_t found;
    if (node_wait(index->node, height, WAIT_MS)) return true;
    bool is_in_step = read_place(index, &found) == STATUS_OK && found == height;
    if (is_in_step) set_health(index, true);
    return is_in_step;
}

// The database that was away at the start. False: the index is to stop, or cannot go on.
static bool await_database(struct index *index) {
    while (!index->db && !must_stop(index)) {
        enum status status = open_rows(index);
        if (status == STATUS_OK) {
            log_info("index", "the database has come");
            index->back_off_ms = FIRST_BACK_OFF_MS;
            set_health(index, true);
        } else if (status == STATUS_UNAVAILABLE) {
            back_off(index);
        } else {
            pthread_mutex_lock(&index->lock);
            index->failure = status;
            pthread_mutex_unlock(&index->lock);
            return false;
        }
    }
    return index->db != NULL;
}

static bool await_block_or_place(struct index *index, uint64_t height) {
    if (await_block(index, height)) return true;
    if (!find_place(index)) return false;
    tell_skipped(index);
    return true;
}

// False: the index is to stop.
static bool go_on(struct index *index, struct reading *reading) {
    struct node_head head;
    uint64_t height = index_height(index);
    node_head(index->node, &head);
    if (head.header.height <= height) return await_block_or_place(index, height);
    bool is_far = head.header.height - height > LIMIT_INDEX_BATCH && index->alone == 0;
    return is_far ? follow_batch(index, head.header.height, reading)
                  : follow_block(index, height + 1, reading);
}

static void *follow(void *argument) {
    struct index *index = argument;
    struct reading reading = {0};
    bool goes_on = await_database(index);
    index->told_height = index_height(index);
    while (goes_on && !must_stop(index)) goes_on = go_on(index, &reading);
    buf_clear(&reading.encoded);
    arena_clear(&reading.arena);
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
    mem_free(index->url);
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

enum status index_failure(struct index *index) {
    pthread_mutex_lock(&index->lock);
    enum status failure = index->failure;
    pthread_mutex_unlock(&index->lock);
    return failure;
}
