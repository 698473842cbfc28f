// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/event_search.h"

#include "apps/supplychain/event_plan.h"
#include "chaincore/chaincore.h"

static const char COLUMNS[] =
    "event.height, event.tx_index, event.position, event_id, event.hash, event.type, event.time_ms,"
    " record_ms, is_declaration, sender, tx_id, chain_event, entry, event.body, context.body AS "
    "context_body";

static void read_row(struct db_statement *statement, struct arena *arena, struct event_row *out) {
    *out = (struct event_row){.place = {db_column_u64(statement, "height"),
                                        (uint32_t)db_column_i64(statement, "tx_index"),
                                        (uint32_t)db_column_i64(statement, "position")},
                              .time_ms = db_column_i64(statement, "time_ms"),
                              .record_ms = db_column_i64(statement, "record_ms"),
                              .is_declaration = db_column_i64(statement, "is_declaration") != 0,
                              .chain_event = (uint32_t)db_column_i64(statement, "chain_event"),
                              .entry = (uint32_t)db_column_i64(statement, "entry")};
    out->event_id = arena_copy(arena, db_column_text(statement, "event_id"));
    out->type = arena_copy(arena, db_column_text(statement, "type"));
    out->body = arena_copy(arena, db_column_bytes(statement, "body"));
    out->context = arena_copy(arena, db_column_bytes(statement, "context_body"));
    struct bytes hash = db_column_bytes(statement, "hash"),
                 sender = db_column_bytes(statement, "sender"),
                 tx_id = db_column_bytes(statement, "tx_id");
    ENSURE(hash.len == sizeof out->hash && tx_id.len == sizeof out->tx_id &&
           sender.len == sizeof out->sender);
    memcpy(out->hash, hash.data, hash.len);
    memcpy(out->sender.bytes, sender.data, sender.len);
    memcpy(out->tx_id.bytes, tx_id.data, tx_id.len);
}

// Decimal digits up to `end` or the end of the text; taken off its front, `end` too.
static bool take_number(struct bytes *text, char end, uint64_t most, uint64_t *out) {
    size_t used = 0;
    *out = 0;
    for (; used < text->len && text->data[used] != (uint8_t)end; used++) {
        uint8_t digit = (uint8_t)(text->data[used] - '0');
        if (digit > 9 || *out > (most - digit) / 10) return false;
        *out = *out * 10 + digit;
    }
    bool has_end = used < text->len;
    if (used == 0 || has_end != (end != '\0')) return false;
    used += has_end;
    *text = bytes_of(text->data + used, text->len - used);
    return true;
}

// "HEIGHT-TX-POSITION", as append_place writes it.
bool place_read(struct bytes text, struct place *out) {
    uint64_t height, tx_index, position;
    if (!take_number(&text, '-', INT64_MAX, &height) ||
        !take_number(&text, '-', UINT32_MAX, &tx_index) ||
        !take_number(&text, '\0', UINT32_MAX, &position))
        return false;
    *out = (struct place){height, (uint32_t)tx_index, (uint32_t)position};
    return true;
}

// ---- a page

struct search {
    struct db *db;
    const struct event_wish *wish;
    struct event_conditions conditions;
    struct event_plan plan;
    struct event_sql *sql;
    struct event_rows *out;
    uint32_t length; // of the page at most
    size_t room;     // in out->items
};

// Most pages that might be long are short.
static struct event_row *add_row(struct search *s) {
    enum { FIRST_ROOM = 16 };
    struct event_rows *out = s->out;
    ENSURE(out->count < s->length);
    if (out->count == s->room) {
        const struct event_row *before = out->items;
        s->room = s->room ? s->room * 2 : FIRST_ROOM;
        out->items = arena_alloc_array(&out->arena, s->room, sizeof *out->items);
        if (before) memcpy(out->items, before, out->count * sizeof *before);
    }
    return &out->items[out->count++];
}

static enum status run_page(struct search *s, const struct event_page *page, int64_t *bytes) {
    struct db_statement *statement = NULL;
    uint64_t shown = 0, remaining = 0;
    bool has_row = false;
    event_query_build(s->sql, &s->conditions, &s->plan, page);
    enum status status = event_sql_prepare(&statement, s->db, s->sql);
    while (status == STATUS_OK && (status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        struct event_row *row = add_row(s);
        read_row(statement, &s->out->arena, row);
        remaining = db_column_u64(statement, "remaining");
        *bytes -= (int64_t)(row->body.len + row->context.len);
        shown++;
    }
    s->out->has_more = remaining > shown;
    db_release(statement);
    buf_clear(&s->sql->sql);
    return status;
}

// Is there any of what is left of the order?
static enum status look_on(struct search *s) {
    struct db_statement *statement = NULL;
    bool has_row = false;
    event_query_build_count(s->sql, &s->conditions, &s->plan, 1);
    enum status status = event_sql_prepare(&statement, s->db, s->sql);
    if (status == STATUS_OK) status = db_step(statement, &has_row);
    if (status == STATUS_OK) s->out->has_more = db_column_u64(statement, "events") > 0;
    db_release(statement);
    buf_clear(&s->sql->sql);
    return status;
}

// An order by field has parts, each found by itself.
static enum status fill_page(struct search *s) {
    int64_t bytes = LIMIT_QUERY_PAGE_BYTES;
    enum status status;
    do {
        uint32_t left = s->length - (uint32_t)s->out->count;
        if (left == 0 || bytes <= 0) {
            TRY(look_on(s));
        } else {
            struct event_page page = {COLUMNS, left, bytes};
            TRY(run_page(s, &page, &bytes));
        }
    } while (!s->out->has_more && event_plan_next_part(&s->plan));
out:
    return status;
}

// TOO_LARGE when more are there than the query wants to hear of.
static enum status check_count(struct search *s) {
    struct db_statement *statement = NULL;
    const struct epcis_query *query = &s->wish->query;
    struct event_plan plan = event_plan_for_count(&s->plan, query);
    bool has_row = false;
    if (!query->has_max_event_count) return STATUS_OK;
    event_query_build_count(s->sql, &s->conditions, &plan, query->max_event_count + 1);
    enum status status = event_sql_prepare(&statement, s->db, s->sql);
    if (status == STATUS_OK) status = db_step(statement, &has_row);
    if (status == STATUS_OK && db_column_u64(statement, "events") > query->max_event_count)
        status = STATUS_TOO_LARGE;
    db_release(statement);
    buf_clear(&s->sql->sql);
    return status;
}

// PostgreSQL takes a LIMIT for a promise that what is wanted comes soon, and reads a table from its
// start, past all that isn't wanted.
static enum status prefer_indexes(struct db *db) {
    bool is_postgres = strcmp(db_engine(db), "postgresql") == 0;
    return is_postgres ? db_exec_script(db, "SET LOCAL enable_seqscan = off") : STATUS_OK;
}

// In one transaction: what is planned is what is there.
static enum status search_in(struct search *s) {
    const struct event_wish *wish = s->wish;
    enum status status;
    TRY(prefer_indexes(s->db));
    TRY(event_plan_make(&s->plan, s->db, &s->conditions, wish->has_behind ? &wish->behind : NULL));
    TRY(check_count(s));
    if (s->length > 0) TRY(fill_page(s));
out:
    return status;
}

// What the engine thinks of our own SQL is no fault of whoever asks.
static enum status own_fault(enum status status) {
    return status == STATUS_INVALID ? STATUS_IO : status;
}

// How many events the page may have: of eventCountLimit, what the pages before have left.
static uint32_t length_of(const struct event_wish *wish) {
    uint32_t limit = wish->query.event_count_limit;
    if (limit == 0) return wish->query.per_page;
    uint32_t left = limit > wish->given ? limit - wish->given : 0;
    return left < wish->query.per_page ? left : wish->query.per_page;
}

enum status event_search_by(struct db *db, struct server *server, const struct event_wish *wish,
                            struct arena *arena, struct event_rows *out) {
    struct search s = {.db = db,
                       .wish = wish,
                       .out = out,
                       .length = length_of(wish),
                       .sql = arena_alloc(arena, sizeof *s.sql)};
    *out = (struct event_rows){0};
    const struct account_id *own = wish->own ? wish->own : signer_account(server->signer);
    s.conditions = (struct event_conditions){.query = &wish->query,
                                             .own_account = BYTES_OF(own->bytes),
                                             .arena = arena,
                                             .takes_any_place = wish->takes_any_place,
                                             .heights = wish->heights};
    enum status status = search_in(&s);
    if (status == STATUS_INVALID)
        log_error("query", "a query is wrong", log_text("error", db_last_error(db)));
    bool is_end = wish->query.event_count_limit > 0 &&
                  wish->given + out->count >= wish->query.event_count_limit;
    if (is_end) out->has_more = false;
    return own_fault(status);
}

// Searches may take long, so they have connections and threads of their own.
enum status event_search(struct server *server, const struct event_wish *wish, struct arena *arena,
                         struct event_rows *out) {
    struct db *db;
    *out = (struct event_rows){0};
    enum status status = db_pool_take(&db, server->searchers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    status = db_begin(db);
    if (status == STATUS_OK) status = event_search_by(db, server, wish, arena, out);
    db_rollback(db);
    db_pool_give(server->searchers, db);
    return status;
}

// ---- one event

enum status event_find(struct server *server, const struct event_name *name, struct arena *arena,
                       struct event_row *out) {
    struct db *db;
    struct db_statement *statement = NULL;
    struct place place;
    bool has_row = false, by_place = place_read(name->id, &place);
    struct buf sql = {0};
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    buf_append_format(&sql, "SELECT %s FROM event JOIN context ON context.hash = event.context",
                      COLUMNS);
    buf_append_string(&sql, by_place ? " WHERE event.height = $1 AND event.tx_index = $2"
                                       " AND event.position = $3"
                                     : " WHERE event_id = $1 ORDER BY CASE WHEN sender = $2"
                                       " THEN 0 ELSE 1 END, is_declaration, event.height,"
                                       " event.tx_index, event.position LIMIT 1");
    TRY(db_prepare(&statement, db, buf_as_string(&sql)));
    if (by_place) {
        db_bind_u64(statement, 1, place.height);
        db_bind_u64(statement, 2, place.tx_index);
        db_bind_u64(statement, 3, place.position);
    } else {
        db_bind_text(statement, 1, name->id);
        db_bind_bytes(statement, 2, BYTES_OF(name->own->bytes));
    }
    TRY(db_step(statement, &has_row));
    if (has_row)
        read_row(statement, arena, out);
    else
        status = STATUS_NOT_FOUND;
out:
    db_release(statement);
    db_pool_give(server->readers, db);
    buf_clear(&sql);
    return status;
}
