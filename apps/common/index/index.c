// SPDX-License-Identifier: Apache-2.0
#include "apps/common/index/index.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "apps/common/db/shadow.h"
#include "apps/common/index/maker.h"
#include "apps/common/index/progress.h"
#include "apps/common/index/rebuild.h"
#include "chaincore/chaincore.h"

enum { WAIT_MS = 1000, LONGEST_BACK_OFF_MS = 10000, FIRST_BACK_OFF_MS = 100 };

struct index {
    struct maker maker;
    struct db *db; // NULL until the database has come
    char *url;
    bool must_rebuild; // as soon as the database is there
    pthread_t follower;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t height;
    bool is_healthy;
    bool is_rebuilding;
    enum status failure;  // what the database held that came late
    uint32_t back_off_ms; // this and the next are the follower's own
    uint64_t told_height; // up to where rows have been told of, or said to be skipped
    uint32_t alone;       // so many blocks have a transaction of their own, however far behind
    bool is_hurrying;     // many blocks share a transaction
    struct progress progress;
    struct rebuild rebuild;
    bool is_running;
};

static void set_height(struct index *index, uint64_t height) {
    pthread_mutex_lock(&index->lock);
    index->height = height;
    pthread_mutex_unlock(&index->lock);
}

static void set_rebuilding(struct index *index, bool is_rebuilding) {
    pthread_mutex_lock(&index->lock);
    index->is_rebuilding = index->rebuild.is_wanted = is_rebuilding;
    pthread_mutex_unlock(&index->lock);
}

// Rows that cannot be read as they are: of another chain, by leave, or of another version.
static enum status start_afresh(struct index *index) {
    enum status status;
    TRY(db_exec_script(index->db, "DROP TABLE IF EXISTS index_state"));
    TRY(db_exec_script(index->db, index->maker.projection.drop));
    TRY(maker_make_tables(&index->maker, index->db));
out:
    return status;
}

// Rows that are asked for anew and could be read: they are, until the new ones are there.
static enum status prepare_schema(struct index *index) {
    enum status status;
    struct cursor cursor = {0};
    TRY(db_shadow_clear(index->db));
    TRY(maker_make_cursor(index->db));
    TRY(maker_read_cursor(&cursor, index->db));
    enum status check = cursor.is_there ? maker_check_cursor(&index->maker, &cursor) : STATUS_OK;
    if (check != STATUS_OK && !(index->must_rebuild && check == STATUS_CONFLICT)) return check;
    bool is_ours = check == STATUS_OK && hash_equal(&cursor.version, &index->maker.version);
    if (cursor.is_there && is_ours) {
        set_height(index, cursor.height);
        set_rebuilding(index, index->must_rebuild);
        return STATUS_OK;
    }
    if (cursor.is_there)
        log_info("index", check == STATUS_OK ? "rows of another version are made again"
                                             : "rows of another chain are dropped");
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

// By the clock that nobody sets.
static void init_wait(struct index *index) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&index->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

enum status index_open(struct index **out, const struct index_config *config) {
    struct index *index = mem_alloc(sizeof *index);
    maker_init(&index->maker, config->node, config->projection);
    index->url = mem_copy_string(config->url);
    index->must_rebuild = config->rebuild;
    index->is_healthy = true;
    index->back_off_ms = FIRST_BACK_OFF_MS;
    pthread_mutex_init(&index->lock, NULL);
    init_wait(index);
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

static bool must_stop(struct index *index) { return index->maker.must_stop; }

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
    status = maker_advance_cursor(&index->maker, index->db, &block->block->header);
    if (status == STATUS_CONFLICT) *attempt = ATTEMPT_MOVED;
    if (status == STATUS_OK)
        status = index->maker.projection.apply(index->maker.projection.context, index->db, block);
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
    uint64_t until_ms = clock_monotonic_ms() + index->back_off_ms;
    const struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                                   .tv_nsec = (long)(until_ms % 1000) * 1000000};
    if (index->back_off_ms < LONGEST_BACK_OFF_MS) index->back_off_ms *= 2;
    pthread_mutex_lock(&index->lock);
    if (!must_stop(index)) pthread_cond_timedwait(&index->changed, &index->lock, &until);
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
    enum status status = maker_read_cursor(&cursor, index->db);
    if (status != STATUS_OK) return status;
    *height = cursor.height;
    return cursor.is_there ? maker_check_cursor(&index->maker, &cursor) : STATUS_NOT_FOUND;
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
    if (index->maker.projection.committed)
        index->maker.projection.committed(index->maker.projection.context, given);
    index->told_height = given->block->header.height;
}

// Rows that nobody here has written, so that nobody can tell of them.
static void tell_skipped(struct index *index) {
    uint64_t height = index_height(index);
    if (height <= index->told_height) return;
    if (index->maker.projection.skipped)
        index->maker.projection.skipped(index->maker.projection.context);
    index->told_height = height;
}

static void read_block(struct index *index, uint64_t height, struct reading *reading) {
    reading_fill(reading, index->maker.node, height);
    if (reading->status != STATUS_OK)
        give_up(index, height, reading->status, "a final block cannot be read");
}

// Far behind nobody waits for a certain block, and transactions cost more than rows: many share
// one. Should it fail, its blocks go one by one, which tells whose fault it is. False: the index is
// to stop.
static bool follow_batch(struct index *index, uint64_t head) {
    uint64_t height = index_height(index);
    enum status status = db_begin(index->db);
    if (status == STATUS_OK) status = maker_write_blocks(&index->maker, index->db, &height, head);
    if (status == STATUS_OK) status = db_commit(index->db);
    if (status == STATUS_OK) {
        index->back_off_ms = FIRST_BACK_OFF_MS;
        set_height(index, height);
        set_health(index, true);
        progress_tell(&index->progress, "catching up", height, head);
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
    if (node_wait(index->maker.node, height, WAIT_MS)) return true;
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

static bool rebuild(struct index *index) {
    if (!index->rebuild.is_wanted) return false;
    const struct rebuild_order order = {
        .maker = &index->maker, .url = index->url, .db = index->db, .height = index_height(index)};
    bool has_worked = rebuild_step(&index->rebuild, &order);
    set_rebuilding(index, index->rebuild.is_wanted);
    return has_worked;
}

// Once far behind, until it is nearly there: whoever follows the news has to look again anyway.
static bool must_hurry(struct index *index, uint64_t behind) {
    uint64_t near = index->is_hurrying ? LIMIT_INDEX_NEAR : LIMIT_INDEX_BATCH;
    index->is_hurrying = behind > near && index->alone == 0;
    return index->is_hurrying;
}

// Of a node that has joined by a snapshot: until the blocks of before are there, rows stay where
// they are.
static bool await_past(struct index *index, uint64_t height, uint64_t head) {
    struct node_past past;
    node_past(index->maker.node, &past);
    if (past.oldest <= height + 1) return false;
    (void)node_wait(index->maker.node, head, WAIT_MS);
    return true;
}

// What comes is written first; a rebuild has the time between. False: the index is to stop.
static bool go_on(struct index *index, struct reading *reading) {
    struct node_head head;
    uint64_t height = index_height(index);
    node_head(index->maker.node, &head);
    if (await_past(index, index->rebuild.is_wanted ? 0 : height, head.header.height)) return true;
    if (head.header.height <= height) return rebuild(index) || await_block_or_place(index, height);
    if (must_hurry(index, head.header.height - height))
        return follow_batch(index, head.header.height);
    progress_end(&index->progress);
    if (!index->rebuild.is_wanted) ahead_stop(&index->maker.ahead);
    if (!follow_block(index, height + 1, reading)) return false;
    rebuild(index);
    return true;
}

static void *follow(void *argument) {
    struct index *index = argument;
    struct reading reading = {0};
    bool goes_on = await_database(index);
    index->told_height = index_height(index);
    while (goes_on && !must_stop(index)) goes_on = go_on(index, &reading);
    progress_end(&index->progress);
    rebuild_clear(&index->rebuild);
    ahead_stop(&index->maker.ahead);
    reading_clear(&reading);
    return NULL;
}

enum status index_start(struct index *index) {
    if (pthread_create(&index->follower, NULL, follow, index) != 0) return STATUS_NO_MEMORY;
    index->is_running = true;
    return STATUS_OK;
}

void index_stop(struct index *index) {
    pthread_mutex_lock(&index->lock);
    index->maker.must_stop = true;
    pthread_cond_broadcast(&index->changed);
    pthread_mutex_unlock(&index->lock);
    if (index->is_running) pthread_join(index->follower, NULL);
    index->is_running = false;
}

void index_close(struct index *index) {
    if (!index) return;
    index_stop(index);
    db_close(index->db);
    maker_clear(&index->maker);
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

bool index_is_rebuilding(struct index *index) {
    pthread_mutex_lock(&index->lock);
    bool is_rebuilding = index->is_rebuilding;
    pthread_mutex_unlock(&index->lock);
    return is_rebuilding;
}
