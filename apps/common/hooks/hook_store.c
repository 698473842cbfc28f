// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/hooks/hook_inside.h"
#include "chaincore/base/memory.h"

// A delivery's slot is its number modulo what is kept: a new one takes the place of the oldest.
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS webhook (id TEXT NOT NULL PRIMARY KEY, url TEXT NOT NULL,"
    " description TEXT NOT NULL, kinds TEXT NOT NULL, secret BLOB NOT NULL,"
    " old_secret BLOB NOT NULL, old_until_ms BIGINT NOT NULL, created_ms BIGINT NOT NULL,"
    " height BIGINT NOT NULL, position BIGINT NOT NULL, state TEXT NOT NULL,"
    " attempts BIGINT NOT NULL, failures BIGINT NOT NULL, failing_since_ms BIGINT NOT NULL,"
    " next_try_ms BIGINT NOT NULL, delivered_ms BIGINT NOT NULL, outcome TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS webhook_again (hook TEXT NOT NULL, height BIGINT NOT NULL,"
    " position BIGINT NOT NULL, PRIMARY KEY (hook, height, position));"
    "CREATE TABLE IF NOT EXISTS webhook_delivery (hook TEXT NOT NULL, slot BIGINT NOT NULL,"
    " number BIGINT NOT NULL, height BIGINT NOT NULL, position BIGINT NOT NULL,"
    " kind TEXT NOT NULL, attempt BIGINT NOT NULL, started_ms BIGINT NOT NULL,"
    " took_ms BIGINT NOT NULL, code BIGINT NOT NULL, outcome TEXT NOT NULL,"
    " PRIMARY KEY (hook, slot));";

// Columns that files of before lack. An owner of "" is the server's own account.
static const char *const later[] = {"filter", "token", "owner"};

static const char *const outcome_names[HOOK_OUTCOMES] = {
#define X(name, text) [HOOK_##name] = text,
    HOOK_OUTCOME_LIST(X)
#undef X
};
static const char *const state_names[HOOK_STATES] = {"active", "paused", "disabled"};

const char *hook_outcome_name(enum hook_outcome outcome) { return outcome_names[outcome]; }
const char *hook_state_name(enum hook_state state) { return state_names[state]; }

static int find_name(const char *const *names, int count, struct bytes name) {
    for (int i = 0; i < count; i++)
        if (bytes_equal(bytes_of_string(names[i]), name)) return i;
    return -1;
}

// --- reading ---

static bool take_text(char *out, size_t size, struct bytes text) {
    if (text.len >= size) return false;
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

static bool take_owner(const struct hooks *hooks, struct webhook *out, struct bytes owner) {
    return take_text(out->owner, sizeof out->owner,
                     owner.len > 0 ? owner : bytes_of_string(hooks->config.own_account));
}

static bool take_secret(uint8_t out[HOOK_SECRET_BYTES], struct bytes secret) {
    if (secret.len != HOOK_SECRET_BYTES) return false;
    memcpy(out, secret.data, HOOK_SECRET_BYTES);
    return true;
}

// Kinds that the market has no more are left out.
static uint32_t kinds_of(const struct hooks *hooks, struct bytes text) {
    uint32_t kinds = 0;
    while (text.len > 0) {
        const uint8_t *end = memchr(text.data, ' ', text.len);
        size_t len = end ? (size_t)(end - text.data) : text.len;
        for (size_t i = 0; i < hooks->config.source.kind_count; i++) {
            struct bytes name = bytes_of_string(hooks->config.source.kinds[i].name);
            if (bytes_equal(name, bytes_of(text.data, len))) kinds |= 1U << i;
        }
        size_t taken = end ? len + 1 : len;
        text = bytes_of(text.data + taken, text.len - taken);
    }
    return kinds;
}

static bool read_row(const struct hooks *hooks, struct db_statement *row, struct hook *out) {
    struct webhook *shown = &out->shown;
    int state = find_name(state_names, HOOK_STATES, db_column_text(row, "state"));
    int outcome = find_name(outcome_names, HOOK_OUTCOMES, db_column_text(row, "outcome"));
    shown->kinds = kinds_of(hooks, db_column_text(row, "kinds"));
    shown->created_ms = db_column_u64(row, "created_ms");
    shown->cursor =
        (struct hook_place){db_column_u64(row, "height"), db_column_u64(row, "position")};
    shown->attempts = db_column_u64(row, "attempts");
    shown->failures = db_column_u64(row, "failures");
    shown->failing_since_ms = db_column_u64(row, "failing_since_ms");
    shown->next_try_ms = db_column_u64(row, "next_try_ms");
    shown->delivered_ms = db_column_u64(row, "delivered_ms");
    shown->old_until_ms = db_column_u64(row, "old_until_ms");
    if (state < 0 || outcome < 0) return false;
    shown->state = (enum hook_state)state;
    shown->outcome = (enum hook_outcome)outcome;
    return take_text(shown->id, sizeof shown->id, db_column_text(row, "id")) &&
           take_text(shown->url, sizeof shown->url, db_column_text(row, "url")) &&
           take_text(shown->description, sizeof shown->description,
                     db_column_text(row, "description")) &&
           take_text(shown->filter, sizeof shown->filter, db_column_text(row, "filter")) &&
           take_owner(hooks, shown, db_column_text(row, "owner")) &&
           take_text(out->token, sizeof out->token, db_column_text(row, "token")) &&
           take_secret(out->secret, db_column_bytes(row, "secret")) &&
           take_secret(out->old_secret, db_column_bytes(row, "old_secret"));
}

static enum status load_again(struct hooks *hooks, struct hook *hook) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(&row, hooks->db,
                                    "SELECT height, position FROM webhook_again WHERE hook = $1"
                                    " ORDER BY height, position");
    if (status != STATUS_OK) return status;
    db_bind_string(row, 1, hook->shown.id);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        if (hook->again_count == LIMIT_WEBHOOK_AGAIN) {
            status = STATUS_CORRUPT;
            break;
        }
        hook->again[hook->again_count++] =
            (struct hook_place){db_column_u64(row, "height"), db_column_u64(row, "position")};
    }
    db_release(row);
    return status;
}

static enum status load(struct hooks *hooks) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(&row, hooks->db, "SELECT * FROM webhook ORDER BY id");
    if (status != STATUS_OK) return status;
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        if (hooks->count == LIMIT_WEBHOOKS_IN_ALL) TRY(STATUS_CORRUPT);
        struct hook *hook = mem_alloc(sizeof *hook);
        hooks->list[hooks->count++] = hook;
        if (!read_row(hooks, row, hook)) TRY(STATUS_CORRUPT);
        TRY(load_again(hooks, hook));
    }
out:
    db_release(row);
    return status;
}

// The secrets stand in it. What SQLite lays beside it gets the same mode.
static enum status make_file(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return STATUS_IO;
    enum status status = fchmod(fd, 0600) == 0 ? STATUS_OK : STATUS_IO;
    close(fd);
    return status;
}

static enum status add_column(struct db *db, const char *name) {
    struct db_statement *statement;
    char sql[96];
    bool has_row = false, is_there = false;
    enum status status =
        db_prepare(&statement, db,
                   "SELECT count(*) AS columns FROM pragma_table_info('webhook') WHERE name = $1");
    if (status != STATUS_OK) return status;
    db_bind_string(statement, 1, name);
    status = db_step(statement, &has_row);
    if (status == STATUS_OK) is_there = db_column_u64(statement, "columns") > 0;
    db_release(statement);
    if (status != STATUS_OK || is_there) return status;
    snprintf(sql, sizeof sql, "ALTER TABLE webhook ADD COLUMN %s TEXT NOT NULL DEFAULT ''", name);
    return db_exec_script(db, sql);
}

enum status hook_store_open(struct hooks *hooks) {
    char url[4096 + 64];
    enum status status;
    int len = snprintf(url, sizeof url, "sqlite:%s", hooks->config.path);
    if (len < 0 || (size_t)len >= sizeof url) return STATUS_TOO_LARGE;
    TRY(make_file(hooks->config.path));
    TRY(db_open(&hooks->db, url));
    TRY(db_exec_script(hooks->db, SCHEMA));
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) TRY(add_column(hooks->db, later[i]));
    TRY(load(hooks));
out:
    return status;
}

// --- writing ---

enum status hook_store_begin(struct hooks *hooks, bool is_durable) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, hooks->db,
                   is_durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (status == STATUS_OK) status = db_finish(statement);
    return status == STATUS_OK ? db_begin(hooks->db) : status;
}

static void append_kinds(struct buf *out, const struct hooks *hooks, uint32_t kinds) {
    for (size_t i = 0; i < hooks->config.source.kind_count; i++) {
        if (!(kinds & 1U << i)) continue;
        if (out->len > 0) buf_append_byte(out, ' ');
        buf_append_string(out, hooks->config.source.kinds[i].name);
    }
}

static void bind_progress(struct db_statement *row, const struct webhook *shown) {
    db_bind_u64(row, 9, shown->cursor.height);
    db_bind_u64(row, 10, shown->cursor.position);
    db_bind_string(row, 11, hook_state_name(shown->state));
    db_bind_u64(row, 12, shown->attempts);
    db_bind_u64(row, 13, shown->failures);
    db_bind_u64(row, 14, shown->failing_since_ms);
    db_bind_u64(row, 15, shown->next_try_ms);
    db_bind_u64(row, 16, shown->delivered_ms);
    db_bind_string(row, 17, hook_outcome_name(shown->outcome));
}

enum status hook_store_put(struct hooks *hooks, const struct hook *hook) {
    struct db_statement *row;
    struct buf kinds = {0};
    const struct webhook *shown = &hook->shown;
    enum status status = db_prepare(
        &row, hooks->db,
        "INSERT INTO webhook (id, url, description, kinds, secret, old_secret, old_until_ms,"
        " created_ms, height, position, state, attempts, failures, failing_since_ms, next_try_ms,"
        " delivered_ms, outcome, filter, token, owner)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        " $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
        " ON CONFLICT (id) DO UPDATE SET url = excluded.url,"
        " description = excluded.description, kinds = excluded.kinds, secret = excluded.secret,"
        " old_secret = excluded.old_secret, old_until_ms = excluded.old_until_ms,"
        " height = excluded.height, position = excluded.position, state = excluded.state,"
        " attempts = excluded.attempts, failures = excluded.failures,"
        " failing_since_ms = excluded.failing_since_ms, next_try_ms = excluded.next_try_ms,"
        " delivered_ms = excluded.delivered_ms, outcome = excluded.outcome");
    if (status != STATUS_OK) return status;
    append_kinds(&kinds, hooks, shown->kinds);
    db_bind_string(row, 1, shown->id);
    db_bind_string(row, 2, shown->url);
    db_bind_string(row, 3, shown->description);
    db_bind_text(row, 4, buf_bytes(&kinds));
    db_bind_bytes(row, 5, BYTES_OF(hook->secret));
    db_bind_bytes(row, 6, BYTES_OF(hook->old_secret));
    db_bind_u64(row, 7, shown->old_until_ms);
    db_bind_u64(row, 8, shown->created_ms);
    bind_progress(row, shown);
    db_bind_string(row, 18, shown->filter);
    db_bind_string(row, 19, hook->token);
    db_bind_string(row, 20, shown->owner);
    status = db_finish(row);
    buf_clear(&kinds);
    return status;
}

enum status hook_store_remove(struct hooks *hooks, const char *id) {
    static const char *const deletions[] = {"DELETE FROM webhook WHERE id = $1",
                                            "DELETE FROM webhook_again WHERE hook = $1",
                                            "DELETE FROM webhook_delivery WHERE hook = $1"};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof deletions / sizeof *deletions; i++) {
        struct db_statement *statement;
        TRY(db_prepare(&statement, hooks->db, deletions[i]));
        db_bind_string(statement, 1, id);
        TRY(db_finish(statement));
    }
out:
    return status;
}

static enum status change_again(struct hooks *hooks, const char *sql, const char *id,
                                const struct hook_place *place) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, hooks->db, sql);
    if (status != STATUS_OK) return status;
    db_bind_string(statement, 1, id);
    db_bind_u64(statement, 2, place->height);
    db_bind_u64(statement, 3, place->position);
    return db_finish(statement);
}

enum status hook_store_add_again(struct hooks *hooks, const char *id,
                                 const struct hook_place *place) {
    return change_again(
        hooks, "INSERT INTO webhook_again (hook, height, position) VALUES ($1, $2, $3)", id, place);
}

enum status hook_store_drop_again(struct hooks *hooks, const char *id,
                                  const struct hook_place *place) {
    return change_again(
        hooks, "DELETE FROM webhook_again WHERE hook = $1 AND height = $2 AND position = $3", id,
        place);
}

// --- deliveries ---

enum status hook_store_log(struct hooks *hooks, const char *id,
                           const struct hook_delivery *delivery) {
    struct db_statement *row;
    enum status status = db_prepare(
        &row, hooks->db,
        "INSERT INTO webhook_delivery (hook, slot, number, height, position, kind, attempt,"
        " started_ms, took_ms, code, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (hook, slot) DO UPDATE SET number = excluded.number,"
        " height = excluded.height, position = excluded.position, kind = excluded.kind,"
        " attempt = excluded.attempt, started_ms = excluded.started_ms,"
        " took_ms = excluded.took_ms, code = excluded.code, outcome = excluded.outcome");
    if (status != STATUS_OK) return status;
    db_bind_string(row, 1, id);
    db_bind_u64(row, 2, delivery->number % LIMIT_WEBHOOK_DELIVERIES);
    db_bind_u64(row, 3, delivery->number);
    db_bind_u64(row, 4, delivery->place.height);
    db_bind_u64(row, 5, delivery->place.position);
    db_bind_string(row, 6, delivery->kind);
    db_bind_u64(row, 7, delivery->attempt);
    db_bind_u64(row, 8, delivery->started_ms);
    db_bind_u64(row, 9, delivery->took_ms);
    db_bind_i64(row, 10, delivery->code);
    db_bind_string(row, 11, hook_outcome_name(delivery->outcome));
    return db_finish(row);
}

static bool read_delivery(struct db_statement *row, struct arena *arena,
                          struct hook_delivery *out) {
    int outcome = find_name(outcome_names, HOOK_OUTCOMES, db_column_text(row, "outcome"));
    if (outcome < 0) return false;
    *out = (struct hook_delivery){
        .number = db_column_u64(row, "number"),
        .place = {db_column_u64(row, "height"), db_column_u64(row, "position")},
        .kind = arena_copy_string(arena, db_column_text(row, "kind")),
        .attempt = db_column_u64(row, "attempt"),
        .started_ms = db_column_u64(row, "started_ms"),
        .took_ms = db_column_u64(row, "took_ms"),
        .code = (int)db_column_i64(row, "code"),
        .outcome = (enum hook_outcome)outcome};
    return true;
}

enum status hook_store_deliveries(struct hooks *hooks, const char *id, struct arena *arena,
                                  struct hook_deliveries *page) {
    struct db_statement *row;
    bool has_row;
    page->count = 0;
    page->items = arena_alloc_array(arena, page->max, sizeof *page->items);
    enum status status = db_prepare(&row, hooks->db,
                                    "SELECT * FROM webhook_delivery WHERE hook = $1 AND number < $2"
                                    " ORDER BY number DESC LIMIT $3");
    if (status != STATUS_OK) return status;
    db_bind_string(row, 1, id);
    db_bind_u64(row, 2, page->below < INT64_MAX ? page->below : INT64_MAX);
    db_bind_u64(row, 3, page->max);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        if (!read_delivery(row, arena, &page->items[page->count])) {
            status = STATUS_CORRUPT;
            break;
        }
        page->count++;
    }
    db_release(row);
    return status;
}
