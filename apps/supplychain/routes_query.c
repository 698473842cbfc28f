// SPDX-License-Identifier: Apache-2.0
// Finding events: as EPCIS asks (GET /events), as our own pages ask (GET /v1/events), and one with
// its proof. Newest first, by place on the chain; a page goes on behind the last place of the one
// before.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/epcis/query_document.h"
#include "apps/supplychain/event_query.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

enum { MAX_PARAMETERS = 64 };

// An event as a row has it. Slices live in the arena that it was read into.
struct row {
    struct place place;
    struct bytes event_id, type, body, context;
    uint8_t hash[EVENT_HASH_SIZE];
    int64_t time_ms, record_ms;
    bool is_declaration;
    struct account_id sender;
    struct hash tx_id;
    uint32_t chain_event, entry;
};

// A page of them, in an arena of its own: what the request's is given stays with the server.
struct rows {
    struct arena arena;
    struct row *items;
    size_t count;
    bool has_more;
};

static const char COLUMNS[] =
    "event.height, event.tx_index, event.position, event_id, event.hash, type, time_ms,"
    " record_ms, is_declaration, sender, tx_id, chain_event, entry, event.body, context.body AS "
    "context_body";

static void read_row(struct db_statement *statement, struct arena *arena, struct row *out) {
    *out = (struct row){.place = {db_column_u64(statement, "height"),
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
static bool read_place(struct bytes text, struct place *out) {
    uint64_t height, tx_index, position;
    if (!take_number(&text, '-', INT64_MAX, &height) ||
        !take_number(&text, '-', UINT32_MAX, &tx_index) ||
        !take_number(&text, '\0', UINT32_MAX, &position))
        return false;
    *out = (struct place){height, (uint32_t)tx_index, (uint32_t)position};
    return true;
}

// A request's query and where its page begins.
struct asked {
    struct epcis_query query;
    struct place place;
    const struct place *behind; // NULL: from the newest on
};

static enum status parse_query(struct http_request *request, bool takes_own, struct asked *out,
                               struct epcis_fault *fault) {
    struct query_parameter parameters[MAX_PARAMETERS];
    size_t count = http_query_count(request);
    if (count > MAX_PARAMETERS) return STATUS_TOO_LARGE;
    for (size_t i = 0; i < count; i++)
        parameters[i] = (struct query_parameter){http_query_at(request, i)->name,
                                                 http_query_at(request, i)->value};
    return (takes_own ? epcis_query_parse_own : epcis_query_parse)(
        &out->query, fault, http_arena(request), parameters, count);
}

static bool is_about_page(struct http_request *request, struct epcis_fault *fault) {
    for (size_t i = 0; i < http_query_count(request); i++) {
        struct bytes name = http_query_at(request, i)->name;
        if (bytes_equal(name, bytes_of_string("perPage")) ||
            bytes_equal(name, bytes_of_string("nextPageToken")))
            continue;
        fault->reason = "is not a parameter of this list";
        snprintf(fault->pointer, sizeof fault->pointer, "%.64s", (const char *)name.data);
        return false;
    }
    return true;
}

// Reads the page's place, and tells of any fault. False: the response tells why not.
static bool end_query(struct http_request *request, struct http_response *response,
                      enum status status, struct epcis_fault fault, struct asked *out) {
    out->behind = NULL;
    if (status == STATUS_OK && out->query.page_token.len > 0) {
        out->behind = &out->place;
        if (!read_place(out->query.page_token, &out->place)) {
            status = STATUS_INVALID;
            fault.reason = "is not a token that was given out";
            snprintf(fault.pointer, sizeof fault.pointer, "nextPageToken");
        }
    }
    if (status == STATUS_OK) return true;
    const char *reason =
        fault.reason ? arena_format(http_arena(request), "%s %s", fault.pointer, fault.reason)
                     : "there are too many parameters";
    http_problem(response, STATUS_INVALID, "invalid_query", reason);
    http_problem_violation(response, fault.pointer, "epcis/query", reason);
    return false;
}

// The parameters of the request as a query.
static bool read_query(struct http_request *request, struct http_response *response, bool takes_own,
                       struct asked *out) {
    struct epcis_fault fault = {0};
    enum status status = parse_query(request, takes_own, out, &fault);
    return end_query(request, response, status, fault, out);
}

bool read_page(struct http_request *request, struct http_response *response, struct page *out) {
    struct epcis_fault fault = {0};
    struct asked asked;
    enum status status = STATUS_INVALID;
    if (is_about_page(request, &fault)) status = parse_query(request, false, &asked, &fault);
    if (!end_query(request, response, status, fault, &asked)) return false;
    out->length = asked.query.per_page;
    out->has_behind = asked.behind != NULL;
    if (asked.behind) out->behind = *asked.behind;
    return true;
}

// As in a query: what means nothing there stays as it is (RFC 3986, 3.4).
static void append_escaped(struct buf *out, struct bytes value) {
    static const char plain[] = "-._~:/?@!$'()*,;";
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || memchr(plain, c, sizeof plain - 1) != NULL;
        if (is_plain)
            buf_append_byte(out, c);
        else
            buf_append_format(out, "%%%02X", c);
    }
}

static void add_next_link(struct http_request *request, struct http_response *response,
                          const struct place *last) {
    struct buf link = {0};
    buf_append_format(&link, "<%s?", http_path(request));
    for (size_t i = 0; i < http_query_count(request); i++) {
        const struct http_pair *pair = http_query_at(request, i);
        if (bytes_equal(pair->name, bytes_of_string("nextPageToken"))) continue;
        buf_append(&link, pair->name);
        buf_append_byte(&link, '=');
        append_escaped(&link, pair->value);
        buf_append_byte(&link, '&');
    }
    buf_append_format(&link, "nextPageToken=%" PRIu64 "-%" PRIu32 "-%" PRIu32 ">; rel=\"next\"",
                      last->height, last->tx_index, last->position);
    gs1_set_next(response, buf_as_string(&link));
    buf_clear(&link);
}

// What the engine thinks of our own SQL is no fault of whoever asks.
static enum status own_fault(enum status status) {
    return status == STATUS_INVALID ? STATUS_IO : status;
}

static enum status read_rows(struct db_statement *statement, uint32_t per_page, struct rows *out) {
    enum status status;
    bool has_row = false;
    out->items = arena_alloc_array(&out->arena, per_page, sizeof *out->items);
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        ENSURE(out->count < per_page);
        read_row(statement, &out->arena, &out->items[out->count++]);
        out->has_more = db_column_u64(statement, "remaining") > out->count;
    }
    return status;
}

// Searches may take long, so they have connections and threads of their own. The caller clears the
// rows' arena.
static enum status find_rows(struct server *server, struct http_request *request,
                             const struct asked *asked, struct rows *out) {
    struct db *db;
    struct db_statement *statement = NULL;
    struct arena *arena = http_arena(request);
    struct event_query *sql = arena_alloc(arena, sizeof *sql);
    *out = (struct rows){0};
    enum status status = db_pool_take(&db, server->searchers, DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    event_query_build(sql, COLUMNS, &asked->query, asked->behind, arena);
    TRY(event_query_prepare(&statement, db, sql));
    TRY(read_rows(statement, asked->query.per_page, out));
out:
    if (status == STATUS_INVALID)
        log_error("query", "a query is wrong", log_text("error", db_last_error(db)));
    db_release(statement);
    buf_clear(&sql->sql);
    db_pool_give(server->searchers, db);
    return own_fault(status);
}

static enum status write_document(struct http_response *response, struct arena *arena,
                                  const struct row *rows, size_t count) {
    struct epcis_answer_event *events = arena_alloc_array(arena, count + 1, sizeof *events);
    for (size_t i = 0; i < count; i++)
        events[i] = (struct epcis_answer_event){.source = {rows[i].body, rows[i].context},
                                                .record_time_ms = rows[i].record_ms,
                                                .hash = rows[i].hash};
    struct epcis_answer answer = {
        .events = events, .event_count = count, .creation_time_ms = (int64_t)clock_wall_ms()};
    return epcis_query_document_write(http_body_buf(response), &answer);
}

enum status get_events(void *context, struct http_request *request,
                       struct http_response *response) {
    struct asked asked;
    struct rows rows;
    if (!read_query(request, response, false, &asked)) return STATUS_OK;
    enum status status = find_rows(context, request, &asked, &rows);
    if (status == STATUS_OK) {
        if (rows.has_more) add_next_link(request, response, &rows.items[rows.count - 1].place);
        status = write_document(response, &rows.arena, rows.items, rows.count);
    }
    arena_clear(&rows.arena);
    return status;
}

static void append_item(struct buf *out, const struct row *row, bool with_context) {
    char uri[EVENT_HASH_URI_SIZE], sender[ADDRESS_CHARS + 1];
    event_hash_print(uri, row->hash);
    address_encode(sender, row->sender.bytes);
    buf_append_string(out, "{\"id\":\"");
    append_place(out, &row->place);
    buf_append_string(out, "\",\"eventID\":");
    http_append_json_string(out, row->event_id);
    buf_append_format(out, ",\"hash\":\"%s\",\"type\":", uri);
    http_append_json_string(out, row->type);
    buf_append_string(out, ",\"eventTime\":");
    append_time(out, row->time_ms);
    buf_append_string(out, ",\"recordTime\":");
    append_time(out, row->record_ms);
    buf_append_format(
        out, ",\"errorDeclaration\":%s,\"capturedBy\":\"%s\",\"height\":%" PRIu64 ",\"tx\":\"",
        row->is_declaration ? "true" : "false", sender, row->place.height);
    append_hex(out, BYTES_OF(row->tx_id.bytes));
    buf_append_string(out, "\",\"final\":true,\"proof\":\"/v1/events/");
    append_place(out, &row->place);
    buf_append_string(out, "/proof\",\"event\":");
    buf_append(out, row->body);
    if (with_context) {
        buf_append_string(out, ",\"context\":");
        buf_append(out, row->context.len ? row->context : bytes_of_string("null"));
    }
    buf_append_byte(out, '}');
}

static void write_list(struct http_request *request, struct http_response *response,
                       const struct rows *rows) {
    struct buf *out = http_body_buf(response);
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < rows->count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_item(out, &rows->items[i], false);
    }
    buf_append_string(out, "],\"next\":");
    if (rows->has_more) {
        const struct place *last = &rows->items[rows->count - 1].place;
        add_next_link(request, response, last);
        buf_append_byte(out, '"');
        append_place(out, last);
        buf_append_string(out, "\"}");
    } else {
        buf_append_string(out, "null}");
    }
    http_set_type(response, "application/json");
}

enum status get_event_list(void *context, struct http_request *request,
                           struct http_response *response) {
    struct asked asked;
    struct rows rows;
    if (!read_query(request, response, true, &asked)) return STATUS_OK;
    enum status status = find_rows(context, request, &asked, &rows);
    if (status == STATUS_OK) write_list(request, response, &rows);
    arena_clear(&rows.arena);
    return status;
}

// By place, or by eventID: then what the server's own account captured goes before what others did,
// whoever they are, and the first that is no error declaration before the rest.
static enum status find_event(struct server *server, struct http_request *request,
                              struct arena *arena, struct row *out) {
    struct db *db;
    struct db_statement *statement = NULL;
    struct bytes id = http_param(request, "id");
    struct place place;
    bool has_row = false, by_place = read_place(id, &place);
    struct buf sql = {0};
    enum status status = db_pool_take(&db, server->readers, DB_TAKE_MS);
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
        db_bind_text(statement, 1, id);
        db_bind_bytes(statement, 2, BYTES_OF(signer_account(server->signer)->bytes));
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

enum status get_event(void *context, struct http_request *request, struct http_response *response) {
    struct arena arena = {0};
    struct row row;
    enum status status = find_event(context, request, &arena, &row);
    if (status == STATUS_OK) {
        append_item(http_body_buf(response), &row, true);
        http_set_type(response, "application/json");
    }
    arena_clear(&arena);
    return status;
}

enum status get_event_document(void *context, struct http_request *request,
                               struct http_response *response) {
    struct arena arena = {0};
    struct row row;
    enum status status = find_event(context, request, &arena, &row);
    if (status == STATUS_OK) status = write_document(response, &arena, &row, 1);
    arena_clear(&arena);
    return status;
}

// Below the newest block, for whoever knows the chain's id; with ?believed=HEIGHT below that one,
// for those who believe it.
static enum status make_proof(struct server *server, const struct http_request *request,
                              const struct row *row, struct buf *out) {
    struct node_event_wish wish = {
        .place = {row->place.height, row->place.tx_index, row->chain_event},
        .payload = row->body,
        .payload_offset = ENTRIES_AT + row->entry * ENTRY_BYTES + BODY_HASH_AT};
    struct bytes believed;
    wish.has_believed = http_query(request, "believed", &believed) != STATUS_NOT_FOUND;
    enum status status = http_query_u64(request, "believed", 0, &wish.believed);
    return status == STATUS_OK ? node_prove_event(server->node, &wish, out) : status;
}

enum status get_event_proof(void *context, struct http_request *request,
                            struct http_response *response) {
    struct server *server = context;
    struct arena arena = {0};
    struct row row;
    struct buf proof = {0};
    enum status status = find_event(server, request, &arena, &row);
    if (status == STATUS_OK) status = make_proof(server, request, &row, &proof);
    if (status == STATUS_TOO_LARGE) {
        http_problem(response, STATUS_CONFLICT, "too_many_hand_overs",
                     "The chain's witnesses have changed too often since genesis for one proof. "
                     "Follow the chain, and ask with ?believed= and the height of a block that "
                     "you believe.");
        status = STATUS_OK;
    } else if (status == STATUS_OK) {
        proof_file_write(http_body_buf(response), node_chain_id(server->node), buf_bytes(&proof));
        http_set_type(response, "application/json");
        http_set_header(response, "Content-Disposition",
                        arena_format(&arena,
                                     "attachment; filename=\"event-%" PRIu64 "-%" PRIu32 "-%" PRIu32
                                     ".lmm-proof.json\"",
                                     row.place.height, row.place.tx_index, row.place.position));
    }
    buf_clear(&proof);
    arena_clear(&arena);
    return status;
}
