// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/checkpoint.h"

#include <pthread.h>
#include <sqlite3.h>
#include <time.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS state (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS cut (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " cut BLOB NOT NULL, sum BLOB NOT NULL);";

// Until an attempt is made again by itself: doubled each time.
static const uint64_t FIRST_RETRY_MS = 1000, LONGEST_RETRY_MS = 64 * 1000;

struct checkpoint {
    void (*on_attempt)(void *context);
    void *context;
    sqlite3 *db;
    sqlite3_stmt *put;
    sqlite3_stmt *remove;
    sqlite3_stmt *set_cut;
    pthread_t writer;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct state_version *written; // what the file holds; the writer's while it is writing
    struct cut written_cut;
    struct state_version *due; // the newest that is not there, nor being written
    struct cut due_cut;
    bool is_writing;
    uint64_t retry_ms; // when `due` is tried again, by the monotonic clock; 0: it is new
    uint32_t retries;  // of `due`
    enum status last;  // how the last write went
    uint32_t failures; // in a row
    bool must_stop;
    bool has_writer;
    bool writes_at_once;
};

static enum status failed(struct checkpoint *checkpoint, const char *what) {
    int code = sqlite3_errcode(checkpoint->db);
    log_error("ledger", what, log_text("reason", sqlite3_errmsg(checkpoint->db)));
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? STATUS_CORRUPT : STATUS_IO;
}

static enum status exec(struct checkpoint *checkpoint, const char *sql) {
    if (sqlite3_exec(checkpoint->db, sql, NULL, NULL, NULL) == SQLITE_OK) return STATUS_OK;
    return failed(checkpoint, "a checkpoint statement failed");
}

static enum status run(struct checkpoint *checkpoint, sqlite3_stmt *statement) {
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result == SQLITE_DONE ? STATUS_OK : failed(checkpoint, "a checkpoint row failed");
}

static enum status write_change(void *context, struct bytes key, const struct bytes *value) {
    struct checkpoint *checkpoint = context;
    sqlite3_stmt *statement = value ? checkpoint->put : checkpoint->remove;
    sqlite3_bind_blob(statement, 1, key.data, (int)key.len, SQLITE_STATIC);
    if (value) sqlite3_bind_blob(statement, 2, value->data, (int)value->len, SQLITE_STATIC);
    return run(checkpoint, statement);
}

static enum status write_cut(struct checkpoint *checkpoint, const struct cut *cut) {
    struct buf encoded = {0};
    struct hash sum;
    sqlite3_stmt *statement = checkpoint->set_cut;
    cut_encode(&encoded, cut);
    // SQLite has no checksums, and the root covers the rows only.
    hash_bytes(&sum, HASH_LOG, buf_bytes(&encoded));
    sqlite3_bind_blob(statement, 1, encoded.data, (int)encoded.len, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 2, sum.bytes, sizeof sum.bytes, SQLITE_STATIC);
    enum status status = run(checkpoint, statement);
    buf_clear(&encoded);
    return status;
}

static enum status write_version(struct checkpoint *checkpoint, const struct state_version *version,
                                 const struct cut *cut) {
    enum status status = exec(checkpoint, "BEGIN IMMEDIATE");
    if (status != STATUS_OK) return status;
    TRY(state_diff(checkpoint->written, version, write_change, checkpoint));
    TRY(write_cut(checkpoint, cut));
    TRY(exec(checkpoint, "COMMIT"));
    return STATUS_OK;
out:
    sqlite3_exec(checkpoint->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

// Until there is something to write, or must_stop; the lock is held.
static void wait_for_due(struct checkpoint *checkpoint) {
    while (!checkpoint->must_stop) {
        if (!checkpoint->due) {
            pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
        } else if (checkpoint->retry_ms > clock_monotonic_ms()) {
            uint64_t ms = checkpoint->retry_ms;
            struct timespec until = {.tv_sec = (time_t)(ms / 1000),
                                     .tv_nsec = (long)(ms % 1000) * 1000000};
            pthread_cond_timedwait(&checkpoint->changed, &checkpoint->lock, &until);
        } else {
            return;
        }
    }
}

// The lock is held. Returns the version that is no longer needed.
static struct state_version *note_attempt(struct checkpoint *checkpoint, enum status status,
                                          struct state_version *version, const struct cut *cut) {
    struct state_version *dropped = version;
    checkpoint->last = status;
    if (status == STATUS_OK) {
        dropped = checkpoint->written;
        checkpoint->written = version;
        checkpoint->written_cut = *cut;
        checkpoint->failures = 0;
        return dropped;
    }
    checkpoint->failures++;
    if (!checkpoint->due) {
        uint64_t pause = FIRST_RETRY_MS;
        for (uint32_t i = 0; i < checkpoint->retries && pause < LONGEST_RETRY_MS; i++) pause *= 2;
        checkpoint->retries++;
        checkpoint->due = version;
        checkpoint->due_cut = *cut;
        checkpoint->retry_ms = clock_monotonic_ms() + pause;
        dropped = NULL;
    }
    return dropped;
}

static void write_due(struct checkpoint *checkpoint) {
    struct state_version *version = checkpoint->due;
    struct cut cut = checkpoint->due_cut;
    checkpoint->due = NULL;
    checkpoint->is_writing = true;
    pthread_mutex_unlock(&checkpoint->lock);
    enum status status = write_version(checkpoint, version, &cut);
    pthread_mutex_lock(&checkpoint->lock);
    version = note_attempt(checkpoint, status, version, &cut);
    checkpoint->is_writing = false;
    pthread_cond_broadcast(&checkpoint->changed);
    pthread_mutex_unlock(&checkpoint->lock);
    state_version_unref(version);
    if (checkpoint->on_attempt) checkpoint->on_attempt(checkpoint->context);
    pthread_mutex_lock(&checkpoint->lock);
}

static void *write_when_due(void *argument) {
    struct checkpoint *checkpoint = argument;
    pthread_mutex_lock(&checkpoint->lock);
    for (;;) {
        wait_for_due(checkpoint);
        bool is_new = checkpoint->due && checkpoint->retry_ms == 0;
        if (checkpoint->must_stop && !is_new) break;
        write_due(checkpoint);
    }
    pthread_mutex_unlock(&checkpoint->lock);
    return NULL;
}

static enum status prepare(struct checkpoint *checkpoint) {
    static const char put[] = "INSERT INTO state VALUES (?1, ?2)"
                              " ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    static const char remove[] = "DELETE FROM state WHERE key = ?1";
    static const char set_cut[] =
        "INSERT INTO cut (one, cut, sum) VALUES (1, ?1, ?2)"
        " ON CONFLICT (one) DO UPDATE SET cut = excluded.cut, sum = excluded.sum";
    sqlite3 *db = checkpoint->db;
    if (sqlite3_prepare_v2(db, put, -1, &checkpoint->put, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, remove, -1, &checkpoint->remove, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, set_cut, -1, &checkpoint->set_cut, NULL) != SQLITE_OK)
        return failed(checkpoint, "a checkpoint statement cannot be prepared");
    return STATUS_OK;
}

static struct bytes column(sqlite3_stmt *statement, int index) {
    const void *data = sqlite3_column_blob(statement, index);
    return bytes_of(data ? data : "", (size_t)sqlite3_column_bytes(statement, index));
}

static enum status damaged(const char *what) {
    log_error("ledger", "the checkpoint is damaged", log_text("part", what));
    return STATUS_CORRUPT;
}

static enum status read_cut(struct checkpoint *checkpoint, struct cut *out) {
    sqlite3_stmt *statement = NULL;
    struct hash sum;
    enum status status = STATUS_OK;
    *out = (struct cut){0};
    if (sqlite3_prepare_v2(checkpoint->db, "SELECT cut, sum FROM cut", -1, &statement, NULL) !=
        SQLITE_OK)
        return failed(checkpoint, "the checkpoint cannot be read");
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        struct bytes encoded = column(statement, 0);
        hash_bytes(&sum, HASH_LOG, encoded);
        if (!bytes_equal(BYTES_OF(sum.bytes), column(statement, 1)) ||
            cut_decode(out, encoded) != STATUS_OK)
            status = damaged("cut");
    } else if (result != SQLITE_DONE) {
        status = failed(checkpoint, "the checkpoint cannot be read");
    }
    sqlite3_finalize(statement);
    return status;
}

static enum status load_rows(struct checkpoint *checkpoint, struct state_draft *draft) {
    enum { LOAD_ROWS = 65536, LOAD_PART = 8 };
    sqlite3_stmt *statement = NULL;
    enum status status = STATUS_OK;
    size_t rows = 0, settled = 0;
    int result;
    if (sqlite3_prepare_v2(checkpoint->db, "SELECT key, value FROM state ORDER BY key", -1,
                           &statement, NULL) != SQLITE_OK)
        return failed(checkpoint, "the checkpoint cannot be read");
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        struct bytes key = column(statement, 0), value = column(statement, 1);
        bool is_sane = key.len > 0 && key.len <= STATE_MAX_KEY && value.len <= STATE_MAX_VALUE;
        if (!is_sane) TRY(damaged("row"));
        state_put(draft, key, value);
        // Each node is hashed again by what comes later: fewer and fewer times do the most of them.
        if (++rows - settled > LOAD_ROWS && rows - settled > settled / LOAD_PART) {
            state_draft_settle(draft);
            settled = rows;
        }
    }
    if (result != SQLITE_DONE) status = failed(checkpoint, "the checkpoint cannot be read");
out:
    sqlite3_finalize(statement);
    return status;
}

static enum status load(struct checkpoint *checkpoint, struct state *state, struct cut *cut) {
    struct state_version *empty = state_version_empty();
    enum status status = read_cut(checkpoint, cut);
    struct state_draft *draft = state_draft_begin(state, empty);
    state_version_unref(empty);
    if (status == STATUS_OK) status = load_rows(checkpoint, draft);
    if (status != STATUS_OK) {
        state_draft_drop(draft);
        return status;
    }
    checkpoint->written = state_commit(draft, cut->header.height);
    checkpoint->written_cut = *cut;
    return hash_equal(state_root(checkpoint->written), &cut->header.state_root) ? STATUS_OK
                                                                                : damaged("state");
}

static void init_locks(struct checkpoint *checkpoint) {
    pthread_condattr_t attributes;
    pthread_mutex_init(&checkpoint->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&checkpoint->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

enum status checkpoint_open(struct checkpoint **out, const struct checkpoint_config *config,
                            struct state_version **version, struct cut *cut) {
    enum status status = STATUS_OK;
    struct checkpoint *checkpoint = mem_alloc(sizeof *checkpoint);
    init_locks(checkpoint);
    checkpoint->on_attempt = config->on_attempt;
    checkpoint->context = config->context;
    checkpoint->writes_at_once = config->writes_at_once;
    if (sqlite3_open(config->path, &checkpoint->db) != SQLITE_OK)
        TRY(failed(checkpoint, "the checkpoint cannot be opened"));
    TRY(exec(checkpoint, "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL;"
                         "PRAGMA synchronous = FULL;"));
    TRY(exec(checkpoint, SCHEMA));
    TRY(prepare(checkpoint));
    TRY(load(checkpoint, config->state, cut));
    if (!config->writes_at_once &&
        pthread_create(&checkpoint->writer, NULL, write_when_due, checkpoint) != 0)
        TRY(STATUS_NO_MEMORY);
    checkpoint->has_writer = !config->writes_at_once;
    *version = state_version_ref(checkpoint->written);
    *out = checkpoint;
out:
    if (status != STATUS_OK) checkpoint_close(checkpoint);
    return status;
}

void checkpoint_close(struct checkpoint *checkpoint) {
    if (!checkpoint) return;
    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->must_stop = true;
    pthread_cond_broadcast(&checkpoint->changed);
    pthread_mutex_unlock(&checkpoint->lock);
    if (checkpoint->has_writer) pthread_join(checkpoint->writer, NULL);
    sqlite3_finalize(checkpoint->put);
    sqlite3_finalize(checkpoint->remove);
    sqlite3_finalize(checkpoint->set_cut);
    sqlite3_close(checkpoint->db);
    state_version_unref(checkpoint->written);
    state_version_unref(checkpoint->due);
    pthread_cond_destroy(&checkpoint->changed);
    pthread_mutex_destroy(&checkpoint->lock);
    mem_free(checkpoint);
}

void checkpoint_start(struct checkpoint *checkpoint, struct state_version *version,
                      const struct cut *cut) {
    pthread_mutex_lock(&checkpoint->lock);
    struct state_version *left_out = checkpoint->due;
    checkpoint->due = state_version_ref(version);
    checkpoint->due_cut = *cut;
    checkpoint->retry_ms = 0;
    checkpoint->retries = 0;
    if (checkpoint->writes_at_once) write_due(checkpoint);
    pthread_cond_broadcast(&checkpoint->changed);
    pthread_mutex_unlock(&checkpoint->lock);
    state_version_unref(left_out);
}

enum status checkpoint_wait(struct checkpoint *checkpoint) {
    pthread_mutex_lock(&checkpoint->lock);
    while (checkpoint->is_writing || (checkpoint->due && checkpoint->retry_ms == 0))
        pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
    enum status status = checkpoint->last;
    pthread_mutex_unlock(&checkpoint->lock);
    return status;
}

void checkpoint_health(struct checkpoint *checkpoint, struct checkpoint_health *out) {
    pthread_mutex_lock(&checkpoint->lock);
    *out = (struct checkpoint_health){.height = state_version_height(checkpoint->written),
                                      .last = checkpoint->last,
                                      .failures = checkpoint->failures};
    pthread_mutex_unlock(&checkpoint->lock);
}

bool checkpoint_newest(struct checkpoint *checkpoint, struct state_version **version,
                       struct cut *cut) {
    pthread_mutex_lock(&checkpoint->lock);
    bool is_there = state_version_height(checkpoint->written) > 0;
    if (is_there) {
        *version = state_version_ref(checkpoint->written);
        *cut = checkpoint->written_cut;
    }
    pthread_mutex_unlock(&checkpoint->lock);
    return is_there;
}
