// SPDX-License-Identifier: Apache-2.0
// Events over HTTP: as EPCIS asks (GET /events), as our own pages ask (GET /v1/events), and one
// with its proof.
#include <inttypes.h>

#include "apps/common/server/event_proof.h"
#include "apps/common/server/signing.h"
#include "apps/supplychain/epcis/query_document.h"
#include "apps/supplychain/query_request.h"
#include "chaincore/chaincore.h"

static enum status write_document(struct http_response *response, struct arena *arena,
                                  const struct event_rows *rows, const char *query_name) {
    size_t count = rows->count;
    struct epcis_answer_event *events = arena_alloc_array(arena, count + 1, sizeof *events);
    for (size_t i = 0; i < count; i++)
        events[i] =
            (struct epcis_answer_event){.source = {rows->items[i].body, rows->items[i].context},
                                        .record_time_ms = rows->items[i].record_ms,
                                        .hash = rows->items[i].hash};
    struct epcis_answer answer = {.events = events,
                                  .event_count = count,
                                  .creation_time_ms = (int64_t)clock_wall_ms(),
                                  .query_name = query_name};
    return epcis_query_document_write(http_body_buf(response), &answer);
}

enum status get_events_of(struct server *server, struct http_request *request,
                          struct http_response *response, const struct query_request *wanted) {
    struct event_wish wish;
    struct event_rows rows;
    if (!query_request_read(request, response, wanted, &wish)) return STATUS_OK;
    wish.own = signing_account(server, request);
    enum status status = event_search(server, &wish, http_arena(request), &rows);
    if (status == STATUS_OK) {
        query_request_link(request, response, &wish, &rows);
        status = write_document(response, &rows.arena, &rows, wanted->query_name);
    } else {
        status = query_request_fail(response, &wish, status);
    }
    arena_clear(&rows.arena);
    return status;
}

enum status get_events(void *context, struct http_request *request,
                       struct http_response *response) {
    static const struct query_request wanted = {.takes_own = false};
    return get_events_of(context, request, response, &wanted);
}

static void append_item(struct buf *out, const struct event_row *row, bool with_context) {
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
                       const struct event_wish *wish, const struct event_rows *rows) {
    struct buf *out = http_body_buf(response);
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < rows->count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_item(out, &rows->items[i], false);
    }
    buf_append_string(out, "],\"next\":");
    if (rows->has_more) {
        buf_append_byte(out, '"');
        query_request_append_token(out, wish, rows);
        buf_append_string(out, "\"}");
    } else {
        buf_append_string(out, "null}");
    }
    query_request_link(request, response, wish, rows);
    http_set_type(response, "application/json");
}

enum status get_event_list(void *context, struct http_request *request,
                           struct http_response *response) {
    static const struct query_request wanted = {.takes_own = true};
    struct event_wish wish;
    struct event_rows rows;
    if (!query_request_read(request, response, &wanted, &wish)) return STATUS_OK;
    wish.own = signing_account(context, request);
    enum status status = event_search(context, &wish, http_arena(request), &rows);
    if (status == STATUS_OK)
        write_list(request, response, &wish, &rows);
    else
        status = query_request_fail(response, &wish, status);
    arena_clear(&rows.arena);
    return status;
}

static enum status find(struct server *server, struct http_request *request, struct arena *arena,
                        struct event_row *out) {
    const struct event_name name = {http_param(request, "id"), signing_account(server, request)};
    return event_find(server, &name, arena, out);
}

enum status get_event(void *context, struct http_request *request, struct http_response *response) {
    struct arena arena = {0};
    struct event_row row;
    enum status status = find(context, request, &arena, &row);
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
    struct event_row row;
    enum status status = find(context, request, &arena, &row);
    const struct event_rows rows = {.items = &row, .count = 1};
    if (status == STATUS_OK) status = write_document(response, &arena, &rows, NULL);
    arena_clear(&arena);
    return status;
}

enum status get_event_proof(void *context, struct http_request *request,
                            struct http_response *response) {
    struct arena arena = {0};
    struct event_row row;
    enum status status = find(context, request, &arena, &row);
    if (status == STATUS_OK) {
        struct node_event_wish wish = {
            .place = {row.place.height, row.place.tx_index, row.chain_event},
            .payload = row.body,
            .payload_offset = ENTRIES_AT + row.entry * ENTRY_BYTES + BODY_HASH_AT};
        const char *name = arena_format(&arena, "event-%" PRIu64 "-%" PRIu32 "-%" PRIu32,
                                        row.place.height, row.place.tx_index, row.place.position);
        status = event_proof_answer(context, request, response, &wish, name);
    }
    arena_clear(&arena);
    return status;
}
