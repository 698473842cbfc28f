// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/api_keys.h"

#include <pthread.h>
#include <stdio.h>

#include "apps/common/db/db.h"
#include "apps/common/server/keys.h"
#include "apps/common/server/store.h"
#include "chaincore/chaincore.h"

#define SIGNER "TEXT NOT NULL DEFAULT 'server'" // server_account_name
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS api_key (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL,"
    " scopes TEXT NOT NULL, hash BLOB NOT NULL, old_hash BLOB NOT NULL,"
    " old_until_ms BIGINT NOT NULL, created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL,"
    " used_ms BIGINT NOT NULL, revoked_ms BIGINT NOT NULL,"
    " signer " SIGNER ");"
    "CREATE TABLE IF NOT EXISTS api_key_note (number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at_ms BIGINT NOT NULL, id TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,"
    " detail TEXT NOT NULL);";

enum { SETTLE_EVERY_MS = 60 * 1000, HASH_BYTES = 32 };

struct item {
    struct api_key shown;
    uint8_t hash[HASH_BYTES];
    uint8_t old_hash[HASH_BYTES];
    bool is_used; // since used_ms was last written
};

struct api_keys {
    pthread_mutex_t lock; // of all that follows
    struct db *db;
    size_t count;
    struct item *items; // LIMIT_API_KEYS_IN_ALL places, by id
    uint64_t settled_ms;
};

// --- rows ---

bool api_key_is_id(const char *text) {
    return strspn(text, "0123456789abcdef") == API_KEY_ID_CHARS && !text[API_KEY_ID_CHARS];
}

static bool take_text(char *out, size_t size, struct bytes text) {
    if (text.len >= size) return false;
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

static bool take_hash(uint8_t out[HASH_BYTES], struct bytes hash) {
    if (hash.len != HASH_BYTES) return false;
    memcpy(out, hash.data, HASH_BYTES);
    return true;
}

static bool read_row(struct db_statement *row, struct item *out) {
    struct api_key *shown = &out->shown;
    *out = (struct item){.shown = {.created_ms = db_column_u64(row, "created_ms"),
                                   .expires_ms = db_column_u64(row, "expires_ms"),
                                   .used_ms = db_column_u64(row, "used_ms"),
                                   .revoked_ms = db_column_u64(row, "revoked_ms"),
                                   .old_until_ms = db_column_u64(row, "old_until_ms")}};
    return take_text(shown->id, sizeof shown->id, db_column_text(row, "id")) &&
           api_key_is_id(shown->id) &&
           take_text(shown->name, sizeof shown->name, db_column_text(row, "name")) &&
           take_text(shown->scopes, sizeof shown->scopes, db_column_text(row, "scopes")) &&
           take_text(shown->signer, sizeof shown->signer, db_column_text(row, "signer")) &&
           take_hash(out->hash, db_column_bytes(row, "hash")) &&
           take_hash(out->old_hash, db_column_bytes(row, "old_hash"));
}

static enum status write_row(struct api_keys *keys, const struct item *item) {
    struct db_statement *row;
    enum status status = db_prepare(
        &row, keys->db,
        "INSERT INTO api_key (id, name, scopes, hash, old_hash, old_until_ms, created_ms,"
        " expires_ms, used_ms, revoked_ms, signer)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, old_hash = excluded.old_hash,"
        " old_until_ms = excluded.old_until_ms, used_ms = excluded.used_ms,"
        " revoked_ms = excluded.revoked_ms");
    if (status != STATUS_OK) return status;
    db_bind_string(row, 1, item->shown.id);
    db_bind_string(row, 2, item->shown.name);
    db_bind_string(row, 3, item->shown.scopes);
    db_bind_bytes(row, 4, BYTES_OF(item->hash));
    db_bind_bytes(row, 5, BYTES_OF(item->old_hash));
    db_bind_u64(row, 6, item->shown.old_until_ms);
    db_bind_u64(row, 7, item->shown.created_ms);
    db_bind_u64(row, 8, item->shown.expires_ms);
    db_bind_u64(row, 9, item->shown.used_ms);
    db_bind_u64(row, 10, item->shown.revoked_ms);
    db_bind_string(row, 11, item->shown.signer);
    status = db_run(row);
    db_release(row);
    return status;
}

// --- opening ---

static enum status load(struct api_keys *keys) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(&row, keys->db, "SELECT * FROM api_key ORDER BY id");
    if (status != STATUS_OK) return status;
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        bool is_good =
            keys->count < LIMIT_API_KEYS_IN_ALL && read_row(row, &keys->items[keys->count]);
        if (!is_good) {
            status = STATUS_CORRUPT;
            break;
        }
        keys->count++;
    }
    db_release(row);
    return status;
}

enum status api_keys_open(struct api_keys **out, const char *path) {
    char url[4096 + 64];
    enum status status = STATUS_OK;
    struct api_keys *keys = mem_alloc(sizeof *keys);
    keys->items = mem_alloc_array(LIMIT_API_KEYS_IN_ALL, sizeof *keys->items);
    pthread_mutex_init(&keys->lock, NULL);
    keys->settled_ms = clock_monotonic_ms();
    *out = NULL;
    int len = snprintf(url, sizeof url, "sqlite:%s", path);
    if (len < 0 || (size_t)len >= sizeof url) TRY(STATUS_TOO_LARGE);
    TRY(db_open(&keys->db, url));
    TRY(db_make_durable(keys->db));
    TRY(db_exec_script(keys->db, SCHEMA));
    TRY(store_add_column(keys->db, "api_key", "signer", SIGNER));
    TRY(load(keys));
    *out = keys;
out:
    if (status != STATUS_OK) api_keys_close(keys);
    return status;
}

// --- under the lock ---

// Where the id stands, or would.
static size_t place_of(const struct api_keys *keys, const char *id) {
    size_t low = 0, high = keys->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(keys->items[middle].shown.id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct item *find(struct api_keys *keys, const char *id) {
    size_t place = place_of(keys, id);
    bool is_there = place < keys->count && strcmp(keys->items[place].shown.id, id) == 0;
    return is_there ? &keys->items[place] : NULL;
}

// When it ended, or will; UINT64_MAX: not by itself.
static uint64_t end_of(const struct api_key *key) {
    uint64_t end_ms = key->revoked_ms ? key->revoked_ms : UINT64_MAX;
    return key->expires_ms && key->expires_ms < end_ms ? key->expires_ms : end_ms;
}

static enum status delete_row(struct api_keys *keys, const char *id) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, keys->db, "DELETE FROM api_key WHERE id = $1");
    if (status != STATUS_OK) return status;
    db_bind_string(statement, 1, id);
    status = db_run(statement);
    db_release(statement);
    return status;
}

static void remove_item(struct api_keys *keys, size_t place) {
    memmove(&keys->items[place], &keys->items[place + 1],
            (keys->count - place - 1) * sizeof *keys->items);
    secret_clear(&keys->items[--keys->count], sizeof *keys->items);
}

static enum status forget_old(struct api_keys *keys, uint64_t now_ms) {
    size_t place = 0;
    while (place < keys->count) {
        uint64_t end_ms = end_of(&keys->items[place].shown);
        if (end_ms > now_ms || now_ms - end_ms < API_KEYS_KEPT_MS) {
            place++;
            continue;
        }
        enum status status = delete_row(keys, keys->items[place].shown.id);
        if (status != STATUS_OK) return status;
        remove_item(keys, place);
    }
    return STATUS_OK;
}

// --- notes ---

static enum status write_note(struct api_keys *keys, const char *id,
                              const struct api_key_note *note) {
    struct db_statement *row;
    if (!note) return STATUS_OK;
    enum status status = db_prepare(&row, keys->db,
                                    "INSERT INTO api_key_note (at_ms, id, actor, action, detail)"
                                    " VALUES ($1, $2, $3, $4, $5)");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, clock_wall_ms());
    db_bind_string(row, 2, id);
    db_bind_string(row, 3, note->actor);
    db_bind_string(row, 4, note->action);
    db_bind_string(row, 5, note->detail);
    status = db_run(row);
    db_release(row);
    return status;
}

// The key's row and the note of what was done to it, or none of them.
static enum status write_both(struct api_keys *keys, const struct item *item,
                              const struct api_key_note *note) {
    enum status status;
    TRY(db_begin(keys->db));
    TRY(write_row(keys, item));
    TRY(write_note(keys, item->shown.id, note));
    TRY(db_commit(keys->db));
out:
    db_rollback(keys->db);
    return status;
}

static enum status forget_notes(struct api_keys *keys, const char *sql, uint64_t number) {
    struct db_statement *row;
    enum status status = db_prepare(&row, keys->db, sql);
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, number);
    status = db_run(row);
    db_release(row);
    return status;
}

static enum status newest_note(struct api_keys *keys, uint64_t *number) {
    struct db_statement *row;
    bool has_row;
    enum status status =
        db_prepare(&row, keys->db, "SELECT coalesce(max(number), 0) AS number FROM api_key_note");
    if (status != STATUS_OK) return status;
    status = db_step(row, &has_row);
    if (status == STATUS_OK) *number = db_column_u64(row, "number");
    db_release(row);
    return status;
}

enum status api_keys_change(struct api_keys *keys, const char *id,
                            const struct api_key_prepare *prepare,
                            const struct api_key_note *note) {
    uint64_t number = 0;
    enum status status;
    pthread_mutex_lock(&keys->lock);
    if (!find(keys, id)) TRY(STATUS_NOT_FOUND);
    TRY(write_note(keys, id, note));
    TRY(newest_note(keys, &number)); // the lock is held: it is that one
    status = prepare->run(prepare->context, id);
    if (status != STATUS_OK && note &&
        forget_notes(keys, "DELETE FROM api_key_note WHERE number = $1", number) != STATUS_OK)
        log_error("keys", "a note of what was not done stays", log_text("id", id));
out:
    pthread_mutex_unlock(&keys->lock);
    return status;
}

// A note is kept for a moment, a key that has ended for days: it is there.
static const char *signer_of(struct api_keys *keys, const char *id) {
    const struct item *item = find(keys, id);
    return item ? item->shown.signer : server_account_name;
}

struct taker {
    api_key_take *take;
    void *context;
};

static enum status hand_on(struct api_keys *keys, struct db_statement *row, struct arena *arena,
                           const struct taker *taker) {
    const char *id = arena_copy_string(arena, db_column_text(row, "id"));
    const struct api_key_line line = {
        .number = db_column_u64(row, "number"),
        .at_ms = db_column_u64(row, "at_ms"),
        .id = id,
        .signer = signer_of(keys, id),
        .note = {.actor = arena_copy_string(arena, db_column_text(row, "actor")),
                 .action = arena_copy_string(arena, db_column_text(row, "action")),
                 .detail = arena_copy_string(arena, db_column_text(row, "detail"))}};
    return taker->take(taker->context, &line);
}

enum status api_keys_take_notes(struct api_keys *keys, api_key_take *take, void *context) {
    const struct taker taker = {take, context};
    struct db_statement *row = NULL;
    struct arena arena = {0};
    uint64_t taken = 0;
    bool has_row;
    enum status status;
    pthread_mutex_lock(&keys->lock);
    TRY(db_prepare(&row, keys->db, "SELECT * FROM api_key_note ORDER BY number"));
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        TRY(hand_on(keys, row, &arena, &taker));
        taken = db_column_u64(row, "number");
    }
out:
    db_release(row);
    if (taken > 0) {
        enum status forgotten =
            forget_notes(keys, "DELETE FROM api_key_note WHERE number <= $1", taken);
        if (status == STATUS_OK) status = forgotten;
    }
    pthread_mutex_unlock(&keys->lock);
    arena_clear(&arena);
    return status;
}

// --- making and ending ---

// By the moment, and at random within it, but always behind the newest one.
static void draw_id(const struct api_keys *keys, uint64_t now_ms, char out[API_KEY_ID_CHARS + 1]) {
    uint8_t bytes[API_KEY_ID_CHARS / 2];
    uint16_t random;
    random_bytes(&random, sizeof random);
    store_u64_be(bytes, now_ms << 16 | random);
    hex_encode(out, BYTES_OF(bytes));
    if (keys->count == 0) return;
    const char *newest = keys->items[keys->count - 1].shown.id;
    if (strcmp(out, newest) > 0) return;
    ENSURE(hex_decode(bytes, sizeof bytes, newest) == STATUS_OK);
    store_u64_be(bytes, load_u64_be(bytes) + 1);
    hex_encode(out, BYTES_OF(bytes));
}

static void draw_secret(const char *id, char text[API_KEY_CHARS + 1], uint8_t hash[HASH_BYTES]) {
    uint8_t secret[32];
    char digits[2 * sizeof secret + 1];
    random_bytes(secret, sizeof secret);
    hex_encode(digits, BYTES_OF(secret));
    snprintf(text, API_KEY_CHARS + 1, "lmm_%s_%s", id, digits);
    http_key_hash(hash, bytes_of(text, API_KEY_CHARS));
    secret_clear(secret, sizeof secret);
    secret_clear(digits, sizeof digits);
}

// For one more of the signer's. What others have does not count, unless there are more signers than
// a server has: those whose keys were taken away.
static enum status check_room(const struct api_keys *keys, const char *signer) {
    bool is_own = strcmp(signer, server_account_name) == 0;
    size_t most = is_own ? LIMIT_API_KEYS : LIMIT_SIGNER_API_KEYS, count = 0;
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->items[i].shown.signer, signer) == 0) count++;
    if (count >= most) return STATUS_TOO_LARGE;
    return keys->count < LIMIT_API_KEYS_IN_ALL ? STATUS_OK : STATUS_FULL;
}

enum status api_keys_make(struct api_keys *keys, struct api_key *key,
                          const struct api_key_prepare *prepare, const struct api_key_note *note,
                          char text[API_KEY_CHARS + 1]) {
    uint64_t now_ms = clock_wall_ms();
    struct item item = {.shown = *key};
    enum status status;
    pthread_mutex_lock(&keys->lock);
    TRY(forget_old(keys, now_ms));
    TRY(check_room(keys, item.shown.signer));
    item.shown.created_ms = now_ms;
    item.shown.used_ms = item.shown.revoked_ms = item.shown.old_until_ms = 0;
    draw_id(keys, now_ms, item.shown.id);
    if (prepare) TRY(prepare->run(prepare->context, item.shown.id));
    draw_secret(item.shown.id, text, item.hash);
    TRY(write_both(keys, &item, note));
    keys->items[keys->count++] = item; // its id is the largest
    *key = item.shown;
out:
    pthread_mutex_unlock(&keys->lock);
    return status;
}

enum status api_keys_rotate(struct api_keys *keys, struct api_key *key, uint64_t overlap_ms,
                            const struct api_key_note *note, char text[API_KEY_CHARS + 1]) {
    uint64_t now_ms = clock_wall_ms();
    enum status status;
    pthread_mutex_lock(&keys->lock);
    struct item *found = find(keys, key->id);
    if (!found) TRY(STATUS_NOT_FOUND);
    if (end_of(&found->shown) <= now_ms) TRY(STATUS_CONFLICT);
    struct item item = *found;
    memcpy(item.old_hash, found->hash, HASH_BYTES);
    item.shown.old_until_ms = now_ms + overlap_ms;
    draw_secret(item.shown.id, text, item.hash);
    TRY(write_both(keys, &item, note));
    *found = item;
    *key = item.shown;
out:
    pthread_mutex_unlock(&keys->lock);
    return status;
}

enum status api_keys_revoke(struct api_keys *keys, const char *id,
                            const struct api_key_note *note) {
    enum status status;
    pthread_mutex_lock(&keys->lock);
    struct item *found = find(keys, id);
    if (!found) TRY(STATUS_NOT_FOUND);
    struct item item = *found;
    if (!item.shown.revoked_ms) item.shown.revoked_ms = clock_wall_ms();
    TRY(write_both(keys, &item, note));
    *found = item;
out:
    pthread_mutex_unlock(&keys->lock);
    return status;
}

// --- looking ---

enum status api_keys_get(struct api_keys *keys, const char *id, struct api_key *out) {
    pthread_mutex_lock(&keys->lock);
    const struct item *found = find(keys, id);
    if (found) *out = found->shown;
    pthread_mutex_unlock(&keys->lock);
    return found ? STATUS_OK : STATUS_NOT_FOUND;
}

size_t api_keys_list(struct api_keys *keys, const struct api_key_listing *asked,
                     struct api_key *out) {
    size_t count = 0;
    pthread_mutex_lock(&keys->lock);
    size_t place = place_of(keys, asked->behind);
    if (place < keys->count && strcmp(keys->items[place].shown.id, asked->behind) == 0) place++;
    for (; count < asked->max && place < keys->count; place++) {
        const struct api_key *shown = &keys->items[place].shown;
        if (!asked->only_signer || strcmp(shown->signer, asked->only_signer) == 0)
            out[count++] = *shown;
    }
    pthread_mutex_unlock(&keys->lock);
    return count;
}

// The id within a key's text; false when the text is none.
static bool read_id(struct bytes text, char out[API_KEY_ID_CHARS + 1]) {
    static const char prefix[] = "lmm_";
    const size_t skip = sizeof prefix - 1;
    if (text.len != API_KEY_CHARS || memcmp(text.data, prefix, skip) != 0) return false;
    memcpy(out, text.data + skip, API_KEY_ID_CHARS);
    out[API_KEY_ID_CHARS] = '\0';
    return text.data[skip + API_KEY_ID_CHARS] == '_' && api_key_is_id(out);
}

bool api_keys_find(void *context, struct arena *arena, struct bytes text, struct http_key *out) {
    struct api_keys *keys = context;
    char id[API_KEY_ID_CHARS + 1];
    uint8_t hash[HASH_BYTES];
    uint64_t now_ms = clock_wall_ms();
    bool is_good = false;
    if (!read_id(text, id)) return false;
    http_key_hash(hash, text);
    pthread_mutex_lock(&keys->lock);
    struct item *item = find(keys, id);
    if (item && end_of(&item->shown) > now_ms) {
        bool is_new = secret_equal(hash, item->hash, HASH_BYTES);
        bool is_old = secret_equal(hash, item->old_hash, HASH_BYTES);
        is_good = is_new || (is_old && now_ms < item->shown.old_until_ms);
    }
    if (is_good) {
        item->shown.used_ms = now_ms;
        item->is_used = true;
        *out = (struct http_key){
            .name = arena_copy_string(arena, bytes_of_string(item->shown.name)),
            .scopes = arena_copy_string(arena, bytes_of_string(item->shown.scopes)),
            .id = arena_copy_string(arena, bytes_of_string(item->shown.id)),
            .as = arena_copy_string(arena, bytes_of_string(item->shown.signer))};
    }
    pthread_mutex_unlock(&keys->lock);
    return is_good;
}

// --- when they were used ---

static void write_uses(struct api_keys *keys) {
    enum status status = db_begin(keys->db);
    if (status != STATUS_OK) goto out;
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].is_used) TRY(write_row(keys, &keys->items[i]));
    TRY(db_commit(keys->db));
    for (size_t i = 0; i < keys->count; i++) keys->items[i].is_used = false;
out:
    db_rollback(keys->db);
    if (status != STATUS_OK)
        log_warning("keys", "when they were used cannot be kept",
                    log_text("status", status_name(status)));
}

static bool has_uses(const struct api_keys *keys) {
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].is_used) return true;
    return false;
}

void api_keys_settle(struct api_keys *keys) {
    uint64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&keys->lock);
    if (now_ms - keys->settled_ms >= SETTLE_EVERY_MS) {
        keys->settled_ms = now_ms;
        if (has_uses(keys)) write_uses(keys);
    }
    pthread_mutex_unlock(&keys->lock);
}

void api_keys_close(struct api_keys *keys) {
    if (!keys) return;
    if (keys->db && has_uses(keys)) write_uses(keys);
    db_close(keys->db);
    pthread_mutex_destroy(&keys->lock);
    secret_clear(keys->items, LIMIT_API_KEYS_IN_ALL * sizeof *keys->items);
    mem_free(keys->items);
    mem_free(keys);
}
