// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/members.h"

#include <pthread.h>
#include <stdio.h>

#include "apps/common/db/db.h"
#include "apps/common/server/keys.h"
#include "apps/common/server/store.h"
#include "chaincore/chaincore.h"

#define OWN_SIGNER "'server'" // server_account_name
#define SIGNER "TEXT NOT NULL DEFAULT " OWN_SIGNER
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS member (account BLOB NOT NULL PRIMARY KEY, name TEXT NOT NULL,"
    " role TEXT NOT NULL, added_ms BIGINT NOT NULL, signer " SIGNER ");"
    "CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at_ms BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,"
    " detail TEXT NOT NULL);";

// Of columns that files of before lack, in place of what those have.
static const char INDEXES[] =
    "CREATE UNIQUE INDEX IF NOT EXISTS audit_by_origin ON audit (origin) WHERE origin IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS session_lines ON audit (signer, number)"
    " WHERE substr(action, 1, 8) = 'session.';"
    "CREATE INDEX IF NOT EXISTS other_lines ON audit (signer, number)"
    " WHERE substr(action, 1, 8) <> 'session.';"
    "DROP INDEX IF EXISTS audit_of_sessions; DROP INDEX IF EXISTS audit_of_others;";

static const char *const role_names[MEMBER_ROLES] = {[MEMBER_OWNER] = "owner",
                                                     [MEMBER_ADMIN] = "admin",
                                                     [MEMBER_OPERATOR] = "operator",
                                                     [MEMBER_AUDITOR] = "auditor"};

struct members {
    pthread_mutex_t lock; // of the connection
    struct db *db;
};

const char *member_role_name(enum member_role role) { return role_names[role]; }

enum member_role member_role_of(const char *name) {
    for (int i = 0; i < MEMBER_ROLES; i++)
        if (strcmp(role_names[i], name) == 0) return (enum member_role)i;
    return MEMBER_ROLES;
}

static enum status add_columns(struct db *db) {
    enum status status;
    TRY(store_add_column(db, "audit", "origin", "TEXT"));
    TRY(store_add_column(db, "member", "signer", SIGNER));
    TRY(store_add_column(db, "audit", "signer", SIGNER));
    TRY(store_add_column(db, "audit", "former_signer", "TEXT NOT NULL DEFAULT ''"));
    TRY(db_exec_script(db, INDEXES));
out:
    return status;
}

enum status members_open(struct members **out, const char *path) {
    char url[4096 + 64];
    enum status status = STATUS_OK;
    struct members *members = mem_alloc(sizeof *members);
    pthread_mutex_init(&members->lock, NULL);
    *out = NULL;
    int len = snprintf(url, sizeof url, "sqlite:%s", path);
    if (len < 0 || (size_t)len >= sizeof url) TRY(STATUS_TOO_LARGE);
    TRY(db_open(&members->db, url));
    TRY(db_make_durable(members->db));
    TRY(db_exec_script(members->db, SCHEMA));
    TRY(add_columns(members->db));
    *out = members;
out:
    if (status != STATUS_OK) members_close(members);
    return status;
}

void members_close(struct members *members) {
    if (!members) return;
    db_close(members->db);
    pthread_mutex_destroy(&members->lock);
    mem_free(members);
}

// --- under the lock ---

static enum status run(struct db_statement *statement) {
    enum status status = db_run(statement);
    db_release(statement);
    return status;
}

// Of UTF-8, so that no character is cut in two.
static struct bytes cut(const char *text) {
    struct bytes all = bytes_of_string(text);
    if (all.len <= LIMIT_AUDIT_TEXT_BYTES) return all;
    all.len = LIMIT_AUDIT_TEXT_BYTES;
    while (all.len > 0 && (all.data[all.len] & 0xC0) == 0x80) all.len--;
    return all;
}

// Each kind has its own bound, and each account: none washes out what is told of another.
static enum status drop_old_lines(struct members *members, bool of_sessions, const char *signer) {
    static const char *const texts[] = {
        "DELETE FROM audit WHERE substr(action, 1, 8) <> 'session.' AND signer = $2"
        " AND number <= (SELECT number FROM audit WHERE substr(action, 1, 8) <> 'session.'"
        " AND signer = $2 ORDER BY number DESC LIMIT 1 OFFSET $1)",
        "DELETE FROM audit WHERE substr(action, 1, 8) = 'session.' AND signer = $2"
        " AND number <= (SELECT number FROM audit WHERE substr(action, 1, 8) = 'session.'"
        " AND signer = $2 ORDER BY number DESC LIMIT 1 OFFSET $1)"};
    struct db_statement *row;
    uint64_t most = of_sessions ? LIMIT_AUDIT_SESSION_LINES : LIMIT_AUDIT_LINES;
    enum status status = db_prepare(&row, members->db, texts[of_sessions]);
    if (status != STATUS_OK) return status;
    if (strcmp(signer, server_account_name) != 0) most /= LIMIT_SIGNER_AUDIT_PART;
    db_bind_u64(row, 1, most);
    db_bind_string(row, 2, signer);
    return run(row);
}

static enum status write_line_of(struct members *members, const char *origin,
                                 const struct audit_line *line) {
    struct db_statement *row;
    const char *signer = line->signer ? line->signer : server_account_name;
    enum status status =
        db_prepare(&row, members->db,
                   "INSERT INTO audit (at_ms, actor, action, subject, detail, origin, signer,"
                   " former_signer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                   " ON CONFLICT DO NOTHING");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, origin ? line->at_ms : clock_wall_ms());
    if (origin) db_bind_string(row, 6, origin);
    db_bind_text(row, 2, cut(line->actor));
    db_bind_text(row, 3, cut(line->action));
    db_bind_text(row, 4, cut(line->subject));
    db_bind_text(row, 5, cut(line->detail));
    db_bind_string(row, 7, signer);
    db_bind_string(row, 8, line->former_signer ? line->former_signer : "");
    status = run(row);
    if (status != STATUS_OK) return status;
    bool of_session = strncmp(line->action, "session.", strlen("session.")) == 0;
    return drop_old_lines(members, of_session, signer);
}

static enum status write_line(struct members *members, const struct audit_line *line) {
    return write_line_of(members, NULL, line);
}

static enum status count_rows(struct members *members, const char *sql, uint64_t *count) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(&row, members->db, sql);
    if (status != STATUS_OK) return status;
    status = db_step(row, &has_row);
    if (status == STATUS_OK) *count = db_column_u64(row, "n");
    db_release(row);
    return status;
}

static enum status count_signer(struct members *members, const char *signer, uint64_t *count) {
    struct db_statement *row;
    bool has_row;
    enum status status =
        db_prepare(&row, members->db, "SELECT count(*) AS n FROM member WHERE signer = $1");
    if (status != STATUS_OK) return status;
    db_bind_string(row, 1, signer);
    status = db_step(row, &has_row);
    if (status == STATUS_OK) *count = db_column_u64(row, "n");
    db_release(row);
    return status;
}

static enum status read_row(struct db_statement *row, struct member *out) {
    struct bytes account = db_column_bytes(row, "account"), name = db_column_text(row, "name");
    char role[16] = "";
    struct bytes word = db_column_text(row, "role"), signer = db_column_text(row, "signer");
    if (account.len != sizeof out->account.bytes || name.len >= sizeof out->name ||
        word.len >= sizeof role || signer.len >= sizeof out->signer)
        return STATUS_CORRUPT;
    *out = (struct member){.added_ms = db_column_u64(row, "added_ms")};
    memcpy(out->account.bytes, account.data, account.len);
    memcpy(out->name, name.data, name.len);
    memcpy(out->signer, signer.data, signer.len);
    memcpy(role, word.data, word.len);
    out->role = member_role_of(role);
    return out->role == MEMBER_ROLES ? STATUS_CORRUPT : STATUS_OK;
}

static enum status find(struct members *members, const struct account_id *account,
                        struct member *out) {
    struct db_statement *row;
    bool has_row;
    enum status status =
        db_prepare(&row, members->db,
                   "SELECT account, name, role, signer, added_ms FROM member WHERE account = $1");
    if (status != STATUS_OK) return status;
    db_bind_bytes(row, 1, BYTES_OF(account->bytes));
    status = db_step(row, &has_row);
    if (status == STATUS_OK) status = has_row ? read_row(row, out) : STATUS_NOT_FOUND;
    db_release(row);
    return status;
}

static enum status write_member(struct members *members, const struct member *member) {
    struct db_statement *row;
    enum status status =
        db_prepare(&row, members->db,
                   "INSERT INTO member (account, name, role, added_ms, signer)"
                   " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account) DO UPDATE SET"
                   " name = excluded.name, role = excluded.role, signer = excluded.signer");
    if (status != STATUS_OK) return status;
    db_bind_bytes(row, 1, BYTES_OF(member->account.bytes));
    db_bind_string(row, 2, member->name);
    db_bind_string(row, 3, role_names[member->role]);
    db_bind_u64(row, 4, member->added_ms);
    db_bind_string(row, 5, member->signer);
    return run(row);
}

// Who owns a further account alone could never make an owner of the business again.
static bool owns_business(const struct member *member) {
    return member->role == MEMBER_OWNER && strcmp(member->signer, server_account_name) == 0;
}

// Of what was changed and not yet committed.
static enum status check_owner(struct members *members) {
    uint64_t owners = 0;
    enum status status = count_rows(members,
                                    "SELECT count(*) AS n FROM member WHERE role = 'owner'"
                                    " AND signer = " OWN_SIGNER,
                                    &owners);
    return status == STATUS_OK && owners == 0 ? STATUS_CONFLICT : status;
}

// --- changes ---

// For one more who acts as the signer. What others have does not count.
static enum status check_room(struct members *members, const char *signer) {
    bool is_own = strcmp(signer, server_account_name) == 0;
    uint64_t most = is_own ? LIMIT_MEMBERS : LIMIT_SIGNER_MEMBERS, count = 0;
    enum status status = count_signer(members, signer, &count);
    return status == STATUS_OK && count >= most ? STATUS_TOO_LARGE : status;
}

static enum status run_prepare(const struct member_prepare *prepare) {
    return prepare ? prepare->run(prepare->context) : STATUS_OK;
}

enum status members_add(struct members *members, struct member *member,
                        const struct member_prepare *prepare, const struct audit_line *line) {
    struct audit_line whole = *line;
    struct member known;
    enum status status;
    whole.signer = member->signer;
    pthread_mutex_lock(&members->lock);
    TRY(db_begin(members->db));
    status = find(members, &member->account, &known);
    if (status == STATUS_OK) status = STATUS_EXISTS;
    if (status != STATUS_NOT_FOUND) goto out;
    TRY(check_room(members, member->signer));
    member->added_ms = clock_wall_ms();
    TRY(write_member(members, member));
    TRY(write_line(members, &whole));
    TRY(run_prepare(prepare));
    TRY(db_commit(members->db));
out:
    db_rollback(members->db);
    pthread_mutex_unlock(&members->lock);
    return status;
}

// Its detail begins with the role, and the former one where that was another.
static enum status write_role_line(struct members *members, const struct audit_line *line,
                                   const struct member *before, const struct member *after) {
    struct audit_line whole = *line;
    struct buf detail = {0};
    buf_append_string(&detail, role_names[after->role]);
    if (after->role != before->role)
        buf_append_format(&detail, ", before %s", role_names[before->role]);
    buf_append_string(&detail, line->detail);
    whole.signer = after->signer;
    if (strcmp(before->signer, after->signer) != 0) whole.former_signer = before->signer;
    whole.detail = buf_as_string(&detail);
    enum status status = write_line(members, &whole);
    buf_clear(&detail);
    return status;
}

static bool is_reached(const struct member_reach *reach, const struct member *member) {
    return !reach->only_signer || strcmp(reach->only_signer, member->signer) == 0;
}

enum status members_change(struct members *members, struct member *out,
                           const struct account_id *account, const struct member_wish *wish,
                           const struct audit_line *line) {
    enum status status;
    pthread_mutex_lock(&members->lock);
    TRY(db_begin(members->db));
    TRY(find(members, account, out));
    const struct member before = *out;
    if (!is_reached(&wish->reach, &before)) TRY(STATUS_NOT_FOUND);
    if (wish->has_role) out->role = wish->role;
    if (wish->has_name) memcpy(out->name, wish->name, sizeof out->name);
    if (wish->has_signer) memcpy(out->signer, wish->signer, sizeof out->signer);
    if (!is_reached(&wish->reach, out)) TRY(STATUS_INVALID);
    if (!wish->reach.may_own && (before.role == MEMBER_OWNER || out->role == MEMBER_OWNER))
        TRY(STATUS_UNAUTHORIZED);
    if (strcmp(before.signer, out->signer) != 0) TRY(check_room(members, out->signer));
    TRY(write_member(members, out));
    if (owns_business(&before)) TRY(check_owner(members));
    TRY(write_role_line(members, line, &before, out));
    TRY(run_prepare(wish->prepare));
    TRY(db_commit(members->db));
out:
    db_rollback(members->db);
    pthread_mutex_unlock(&members->lock);
    return status;
}

enum status members_remove(struct members *members, const struct account_id *account,
                           const struct member_reach *reach, const struct audit_line *line) {
    struct db_statement *row;
    struct member known;
    enum status status;
    pthread_mutex_lock(&members->lock);
    TRY(db_begin(members->db));
    TRY(find(members, account, &known));
    if (!is_reached(reach, &known)) TRY(STATUS_NOT_FOUND);
    if (!reach->may_own && known.role == MEMBER_OWNER) TRY(STATUS_UNAUTHORIZED);
    TRY(db_prepare(&row, members->db, "DELETE FROM member WHERE account = $1"));
    db_bind_bytes(row, 1, BYTES_OF(account->bytes));
    TRY(run(row));
    if (owns_business(&known)) TRY(check_owner(members));
    TRY(write_role_line(members, line, &known, &known));
    TRY(db_commit(members->db));
out:
    db_rollback(members->db);
    pthread_mutex_unlock(&members->lock);
    return status;
}

enum status members_note(struct members *members, const struct audit_line *line) {
    return members_note_once(members, NULL, line);
}

enum status members_note_once(struct members *members, const char *origin,
                              const struct audit_line *line) {
    enum status status;
    pthread_mutex_lock(&members->lock);
    TRY(db_begin(members->db));
    TRY(write_line_of(members, origin, line));
    TRY(db_commit(members->db));
out:
    db_rollback(members->db);
    pthread_mutex_unlock(&members->lock);
    return status;
}

// --- reading ---

enum status members_find(struct members *members, const struct account_id *account,
                         struct member *out) {
    pthread_mutex_lock(&members->lock);
    enum status status = find(members, account, out);
    pthread_mutex_unlock(&members->lock);
    return status;
}

enum status members_list(struct members *members, const struct member_listing *asked,
                         struct member *out, size_t *count) {
    struct db_statement *row = NULL;
    bool has_row = false;
    enum status status;
    *count = 0;
    pthread_mutex_lock(&members->lock);
    TRY(db_prepare(&row, members->db,
                   "SELECT account, name, role, signer, added_ms FROM member WHERE account > $1"
                   " AND ($2 = '' OR signer = $2) ORDER BY account LIMIT $3"));
    db_bind_bytes(row, 1, asked->behind ? BYTES_OF(asked->behind->bytes) : bytes_of("", 0));
    db_bind_string(row, 2, asked->only_signer ? asked->only_signer : "");
    db_bind_u64(row, 3, asked->max);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row)
        TRY(read_row(row, &out[(*count)++]));
out:
    db_release(row);
    pthread_mutex_unlock(&members->lock);
    return status;
}

enum status members_read_log(struct members *members, const struct audit_listing *asked,
                             struct arena *arena, struct audit_line *out, size_t *count) {
    struct db_statement *row = NULL;
    bool has_row = false;
    enum status status;
    *count = 0;
    pthread_mutex_lock(&members->lock);
    TRY(db_prepare(&row, members->db,
                   "SELECT number, at_ms, actor, action, subject, detail FROM audit"
                   " WHERE number < $1 AND ($2 = '' OR signer = $2 OR former_signer = $2)"
                   " ORDER BY number DESC LIMIT $3"));
    db_bind_u64(row, 1, asked->below > INT64_MAX ? INT64_MAX : asked->below);
    db_bind_string(row, 2, asked->only_signer ? asked->only_signer : "");
    db_bind_u64(row, 3, asked->max);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row)
        out[(*count)++] =
            (struct audit_line){.number = db_column_u64(row, "number"),
                                .at_ms = db_column_u64(row, "at_ms"),
                                .actor = arena_copy_string(arena, db_column_text(row, "actor")),
                                .action = arena_copy_string(arena, db_column_text(row, "action")),
                                .subject = arena_copy_string(arena, db_column_text(row, "subject")),
                                .detail = arena_copy_string(arena, db_column_text(row, "detail"))};
out:
    db_release(row);
    pthread_mutex_unlock(&members->lock);
    return status;
}
