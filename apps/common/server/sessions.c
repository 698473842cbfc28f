// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/sessions.h"

#include <pthread.h>
#include <stdio.h>

#include "apps/common/db/db.h"
#include "apps/common/http/server.h"
#include "chaincore/chaincore.h"

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS session (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
    " account BLOB NOT NULL, key BLOB NOT NULL, began_ms BIGINT NOT NULL,"
    " expires_ms BIGINT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS session_by_account ON session (account, number);";

static const char prefix[] = "lms_";

struct sessions {
    pthread_mutex_t lock; // of the connection
    struct db *db;
};

enum status sessions_open(struct sessions **out, const char *path) {
    char url[4096 + 64];
    enum status status = STATUS_OK;
    struct sessions *sessions = mem_alloc(sizeof *sessions);
    pthread_mutex_init(&sessions->lock, NULL);
    *out = NULL;
    int len = snprintf(url, sizeof url, "sqlite:%s", path);
    if (len < 0 || (size_t)len >= sizeof url) TRY(STATUS_TOO_LARGE);
    TRY(db_open(&sessions->db, url));
    TRY(db_make_durable(sessions->db));
    TRY(db_exec_script(sessions->db, SCHEMA));
    *out = sessions;
out:
    if (status != STATUS_OK) sessions_close(sessions);
    return status;
}

void sessions_close(struct sessions *sessions) {
    if (!sessions) return;
    db_close(sessions->db);
    pthread_mutex_destroy(&sessions->lock);
    mem_free(sessions);
}

bool session_is_token(struct bytes text) {
    return text.len == SESSION_TOKEN_CHARS && memcmp(text.data, prefix, sizeof prefix - 1) == 0;
}

static void draw_token(char token[SESSION_TOKEN_CHARS + 1], uint8_t hash[32]) {
    uint8_t secret[32];
    char digits[2 * sizeof secret + 1];
    random_bytes(secret, sizeof secret);
    hex_encode(digits, BYTES_OF(secret));
    snprintf(token, SESSION_TOKEN_CHARS + 1, "%s%s", prefix, digits);
    http_key_hash(hash, bytes_of(token, SESSION_TOKEN_CHARS));
    secret_clear(secret, sizeof secret);
    secret_clear(digits, sizeof digits);
}

// Under the lock: what has ended, and of the account all but those that may go on beside a new one.
static enum status make_room(struct sessions *sessions, const struct account_id *account,
                             uint64_t now_ms) {
    struct db_statement *row = NULL;
    enum status status;
    TRY(db_prepare(&row, sessions->db, "DELETE FROM session WHERE expires_ms <= $1"));
    db_bind_u64(row, 1, now_ms);
    TRY(db_run(row));
    db_release(row);
    row = NULL;
    TRY(db_prepare(&row, sessions->db,
                   "DELETE FROM session WHERE account = $1 AND number NOT IN (SELECT number"
                   " FROM session WHERE account = $1 ORDER BY number DESC LIMIT $2)"));
    db_bind_bytes(row, 1, BYTES_OF(account->bytes));
    db_bind_u64(row, 2, LIMIT_SESSIONS_PER_ACCOUNT - 1);
    TRY(db_run(row));
out:
    db_release(row);
    return status;
}

static enum status insert(struct sessions *sessions, const struct session *session,
                          const uint8_t hash[32], uint64_t now_ms) {
    struct db_statement *row;
    enum status status = db_prepare(&row, sessions->db,
                                    "INSERT INTO session (hash, account, key, began_ms, expires_ms)"
                                    " VALUES ($1, $2, $3, $4, $5)");
    if (status != STATUS_OK) return status;
    db_bind_bytes(row, 1, bytes_of(hash, 32));
    db_bind_bytes(row, 2, BYTES_OF(session->account.bytes));
    db_bind_bytes(row, 3, BYTES_OF(session->key.bytes));
    db_bind_u64(row, 4, now_ms);
    db_bind_u64(row, 5, session->expires_ms);
    status = db_run(row);
    db_release(row);
    return status;
}

enum status sessions_begin(struct sessions *sessions, struct session *session,
                           char token[SESSION_TOKEN_CHARS + 1]) {
    uint64_t now_ms = clock_wall_ms();
    uint8_t hash[32];
    enum status status;
    session->expires_ms = now_ms + SESSION_LIFE_MS;
    draw_token(token, hash);
    pthread_mutex_lock(&sessions->lock);
    TRY(db_begin(sessions->db));
    TRY(make_room(sessions, &session->account, now_ms));
    TRY(insert(sessions, session, hash, now_ms));
    TRY(db_commit(sessions->db));
out:
    db_rollback(sessions->db);
    pthread_mutex_unlock(&sessions->lock);
    return status;
}

// One that a clock set back has not begun yet is none: its end would be too far.
enum status sessions_find(struct sessions *sessions, struct bytes token, struct session *out) {
    struct db_statement *row = NULL;
    uint8_t hash[32];
    bool has_row;
    enum status status;
    if (!session_is_token(token)) return STATUS_NOT_FOUND;
    http_key_hash(hash, token);
    pthread_mutex_lock(&sessions->lock);
    TRY(db_prepare(&row, sessions->db,
                   "SELECT account, key, expires_ms FROM session WHERE hash = $1"
                   " AND expires_ms > $2 AND began_ms <= $2"));
    db_bind_bytes(row, 1, BYTES_OF(hash));
    db_bind_u64(row, 2, clock_wall_ms());
    TRY(db_step(row, &has_row));
    if (!has_row) TRY(STATUS_NOT_FOUND);
    struct bytes account = db_column_bytes(row, "account"), key = db_column_bytes(row, "key");
    if (account.len != sizeof out->account.bytes || key.len != sizeof out->key.bytes)
        TRY(STATUS_CORRUPT);
    memcpy(out->account.bytes, account.data, account.len);
    memcpy(out->key.bytes, key.data, key.len);
    out->expires_ms = db_column_u64(row, "expires_ms");
out:
    db_release(row);
    pthread_mutex_unlock(&sessions->lock);
    return status;
}

static enum status delete_where(struct sessions *sessions, const char *sql, struct bytes value) {
    struct db_statement *row = NULL;
    enum status status;
    pthread_mutex_lock(&sessions->lock);
    TRY(db_prepare(&row, sessions->db, sql));
    db_bind_bytes(row, 1, value);
    TRY(db_run(row));
out:
    db_release(row);
    pthread_mutex_unlock(&sessions->lock);
    return status;
}

enum status sessions_end(struct sessions *sessions, struct bytes token) {
    uint8_t hash[32];
    http_key_hash(hash, token);
    return delete_where(sessions, "DELETE FROM session WHERE hash = $1", BYTES_OF(hash));
}

enum status sessions_end_all(struct sessions *sessions, const struct account_id *account) {
    return delete_where(sessions, "DELETE FROM session WHERE account = $1",
                        BYTES_OF(account->bytes));
}
