// SPDX-License-Identifier: Apache-2.0
// Traces over HTTP: the graph of what goods came from and went into, and the recall list, which
// says who holds each of them.
#include <inttypes.h>

#include "apps/common/server/chain_json.h"
#include "apps/supplychain/custody_routes.h"
#include "apps/supplychain/custody_rows.h"
#include "apps/supplychain/epcis/identifier.h"
#include "apps/supplychain/trace.h"
#include "chaincore/chaincore.h"

static bool refuse(struct http_response *response, const char *parameter, const char *why) {
    http_problem(response, STATUS_INVALID, "invalid_query", why);
    http_problem_violation(response, parameter, "form", why);
    return false;
}

// In the one canonical form, in the request's arena.
static bool read_epc(struct http_request *request, struct http_response *response,
                     struct bytes *out) {
    struct buf id = {0};
    if (http_query(request, "epc", out) != STATUS_OK || out->len == 0)
        return refuse(response, "epc", "epc is the identifier to trace, once.");
    if (!identifier_canonicalise(&id, *out)) buf_append(&id, *out);
    *out = arena_copy(http_arena(request), buf_bytes(&id));
    buf_clear(&id);
    return true;
}

static bool read_directions(struct http_request *request, struct http_response *response,
                            unsigned *out) {
    struct bytes text;
    enum status status = http_query(request, "direction", &text);
    *out = 1U << TRACE_FORWARD | 1U << TRACE_BACKWARD;
    if (status == STATUS_NOT_FOUND ||
        (status == STATUS_OK && bytes_equal(text, bytes_of_string("both"))))
        return true;
    for (unsigned way = 0; way < TRACE_DIRECTIONS && status == STATUS_OK; way++) {
        *out = 1U << way;
        if (bytes_equal(text, bytes_of_string(trace_direction_name((enum trace_direction)way))))
            return true;
    }
    return refuse(response, "direction", "direction is forward, backward or both.");
}

// ---- who holds it

struct holding {
    bool is_custody; // of a shipment; else who spoke of it last
    uint64_t shipment;
    struct account_id account;
    uint64_t quantity_milli;
    struct bytes uom;
    const char *state;
    uint64_t alarms;
};

typedef void take_holding(struct buf *out, const struct trace_identifier *identifier,
                          const struct holding *holding);

static void read_account(struct account_id *out, struct db_statement *row, const char *column) {
    struct bytes id = db_column_bytes(row, column);
    ENSURE(id.len == sizeof out->bytes);
    memcpy(out->bytes, id.data, id.len);
}

// Items of a list of objects.
static void separate(struct buf *out) {
    if (out->len > 0 && out->data[out->len - 1] == '}') buf_append_byte(out, ',');
}

struct holdings {
    struct db *db;
    struct buf *out;
    take_holding *take;
    struct trace *trace;
    size_t count;      // that were taken, of all identifiers
    bool is_last_held; // the last of these has any, if there was room or not
};

// The shipments of an identifier, each with its custodian; those beyond a bound are said to be cut.
static enum status each_shipment(struct holdings *all, const struct trace_identifier *identifier) {
    struct db_statement *row;
    bool has_row;
    size_t room = TRACE_SHIPMENTS - all->count, taken = 0;
    if (room > TRACE_SHIPMENTS_OF_ONE) room = TRACE_SHIPMENTS_OF_ONE;
    enum status status = db_prepare(&row, all->db,
                                    "SELECT number, custodian, quantity_milli, uom, state, alarms"
                                    " FROM shipment WHERE epc = $1 ORDER BY number LIMIT $2");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, identifier->id);
    db_bind_u64(row, 2, room + 1);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        if (taken == room) {
            all->trace->cut |= TRACE_CUT_SHIPMENTS;
            break;
        }
        struct holding holding = {.is_custody = true,
                                  .shipment = db_column_u64(row, "number"),
                                  .quantity_milli = db_column_u64(row, "quantity_milli"),
                                  .uom = db_column_text(row, "uom"),
                                  .state = shipment_state_name(db_column_u64(row, "state")),
                                  .alarms = db_column_u64(row, "alarms")};
        read_account(&holding.account, row, "custodian");
        separate(all->out);
        all->take(all->out, identifier, &holding);
        taken++;
    }
    all->count += taken;
    all->is_last_held = taken > 0 || has_row;
    db_release(row);
    return status;
}

// ---- the graph

static void take_custodian(struct buf *out, const struct trace_identifier *identifier,
                           const struct holding *holding) {
    (void)identifier;
    buf_append_format(out, "{\"shipment\":%" PRIu64 ",\"custodian\":", holding->shipment);
    chain_json_address(out, &holding->account);
    buf_append_format(out, ",\"quantity_milli\":%" PRIu64 ",\"uom\":", holding->quantity_milli);
    http_append_json_string(out, holding->uom);
    buf_append_format(out, ",\"state\":\"%s\",\"alarms\":%" PRIu64 "}", holding->state,
                      holding->alarms);
}

// The stranger whose branch it is of.
static void append_branch(struct buf *out, const struct trace_identifier *identifier) {
    buf_append_string(out, ",\"captured_by\":");
    if (identifier->is_of_stranger)
        chain_json_address(out, &identifier->captured_by);
    else
        buf_append_string(out, "null");
}

static void append_cut(struct buf *out, unsigned cut) {
    buf_append_format(out, ",\"is_cut\":%s,\"cut\":[", cut ? "true" : "false");
    for (unsigned i = 0, count = 0; i < TRACE_CUTS; i++)
        if (cut & 1U << i)
            buf_append_format(out, "%s\"%s\"", count++ ? "," : "", trace_cut_name(i));
    buf_append_string(out, "]}");
}

// In a header too: rows of CSV have no place for it.
static void set_cut(struct http_request *request, struct http_response *response, unsigned cut) {
    const char *names = "";
    for (unsigned i = 0; i < TRACE_CUTS; i++)
        if (cut & 1U << i)
            names = arena_format(http_arena(request), "%s%s%s", names, *names ? ", " : "",
                                 trace_cut_name(i));
    if (cut) http_set_header(response, "Recall-Cut", names);
}

static enum status append_identifiers(struct buf *out, struct db *db, struct trace *trace) {
    struct holdings holdings = {.db = db, .out = out, .take = take_custodian, .trace = trace};
    enum status status = STATUS_OK;
    buf_append_string(out, "\"identifiers\":[");
    for (size_t i = 0; i < trace->identifier_count; i++) {
        const struct trace_identifier *identifier = &trace->identifiers[i];
        buf_append_string(out, i ? ",{\"epc\":" : "{\"epc\":");
        http_append_json_string(out, identifier->id);
        buf_append_format(out, ",\"steps\":%" PRIu32 ",\"direction\":", identifier->steps);
        if (identifier->steps == 0)
            buf_append_string(out, "null");
        else
            buf_append_format(out, "\"%s\"", trace_direction_name(identifier->direction));
        append_branch(out, identifier);
        buf_append_string(out, ",\"shipments\":[");
        TRY(each_shipment(&holdings, identifier));
        buf_append_string(out, "]}");
    }
    buf_append_byte(out, ']');
out:
    return status;
}

static void append_event(struct buf *out, const struct trace_event *event) {
    buf_append_string(out, "{\"id\":\"");
    append_place(out, &event->place);
    buf_append_string(out, "\",\"eventID\":");
    http_append_json_string(out, event->event_id);
    buf_append_string(out, ",\"type\":");
    http_append_json_string(out, event->type);
    buf_append_string(out, ",\"eventTime\":");
    append_time(out, event->time_ms);
    buf_append_string(out, ",\"bizStep\":");
    if (event->biz_step.len > 0)
        http_append_json_string(out, event->biz_step);
    else
        buf_append_string(out, "null");
    buf_append_string(out, ",\"capturedBy\":");
    chain_json_address(out, &event->captured_by);
    buf_append_string(out, ",\"proof\":\"/v1/events/");
    append_place(out, &event->place);
    buf_append_string(out, "/proof\"}");
}

static void append_edge(struct buf *out, const struct trace_edge *edge) {
    buf_append_string(out, "{\"epc\":");
    http_append_json_string(out, edge->id);
    buf_append_string(out, ",\"event\":\"");
    append_place(out, &edge->event);
    buf_append_format(
        out, "\",\"place\":\"%s\",\"quantity\":", epc_place_name((enum epc_place)edge->place));
    buf_append(out, edge->quantity.len > 0 ? edge->quantity : bytes_of_string("null"));
    buf_append_string(out, ",\"uom\":");
    if (edge->uom.len > 0)
        http_append_json_string(out, edge->uom);
    else
        buf_append_string(out, "null");
    buf_append_byte(out, '}');
}

static void append_joins(struct buf *out, const struct trace *trace) {
    buf_append_string(out, ",\"events\":[");
    for (size_t i = 0; i < trace->event_count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_event(out, &trace->events[i]);
    }
    buf_append_string(out, "],\"edges\":[");
    for (size_t i = 0; i < trace->edge_count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_edge(out, &trace->edges[i]);
    }
    buf_append_byte(out, ']');
    append_cut(out, trace->cut);
}

enum status get_trace(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct arena arena = {0};
    struct trace trace;
    struct bytes epc;
    unsigned directions;
    struct db *db;
    if (!read_epc(request, response, &epc) || !read_directions(request, response, &directions))
        return STATUS_OK;
    enum status status = db_pool_take(&db, server->searchers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(trace_find(&trace, db, &arena, epc, directions));
    buf_append_byte(out, '{');
    TRY(append_identifiers(out, db, &trace));
    append_joins(out, &trace);
    http_set_type(response, "application/json");
out:
    db_pool_give(server->searchers, db);
    arena_clear(&arena);
    return status;
}

// ---- the recall list

static void take_recalled(struct buf *out, const struct trace_identifier *identifier,
                          const struct holding *holding) {
    buf_append_string(out, "{\"epc\":");
    http_append_json_string(out, identifier->id);
    buf_append_format(out, ",\"steps\":%" PRIu32, identifier->steps);
    if (!holding->is_custody) {
        buf_append_string(out, ",\"shipment\":null,\"custodian\":null,\"quantity_milli\":null,"
                               "\"uom\":null,\"state\":null,\"alarms\":null,\"last_captured_by\":");
        chain_json_address(out, &holding->account);
        append_branch(out, identifier);
        buf_append_byte(out, '}');
        return;
    }
    buf_append_format(out, ",\"shipment\":%" PRIu64 ",\"custodian\":", holding->shipment);
    chain_json_address(out, &holding->account);
    buf_append_format(out, ",\"quantity_milli\":%" PRIu64 ",\"uom\":", holding->quantity_milli);
    http_append_json_string(out, holding->uom);
    buf_append_format(out, ",\"state\":\"%s\",\"alarms\":%" PRIu64 ",\"last_captured_by\":null",
                      holding->state, holding->alarms);
    append_branch(out, identifier);
    buf_append_byte(out, '}');
}

// Of what no shipment holds: who spoke of it last.
static enum status take_captor(struct db *db, const struct trace_identifier *identifier,
                               struct buf *out) {
    struct db_statement *row;
    bool has_row;
    enum status status =
        db_prepare(&row, db,
                   "SELECT e.sender FROM epc p JOIN event e ON e.height = p.height"
                   " AND e.tx_index = p.tx_index AND e.position = p.position WHERE p.id = $1"
                   " ORDER BY p.height DESC, p.tx_index DESC, p.position DESC LIMIT 1");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, identifier->id);
    status = db_step(row, &has_row);
    if (status == STATUS_OK && has_row) {
        struct holding holding = {.is_custody = false};
        read_account(&holding.account, row, "sender");
        separate(out);
        take_recalled(out, identifier, &holding);
    }
    db_release(row);
    return status;
}

enum status get_recall(void *context, struct http_request *request,
                       struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct arena arena = {0};
    struct trace trace;
    struct bytes epc;
    struct holdings holdings = {.out = out, .take = take_recalled, .trace = &trace};
    if (!read_epc(request, response, &epc)) return STATUS_OK;
    enum status status = db_pool_take(&holdings.db, server->searchers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(trace_find(&trace, holdings.db, &arena, epc, 1U << TRACE_FORWARD));
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < trace.identifier_count; i++) {
        TRY(each_shipment(&holdings, &trace.identifiers[i]));
        if (!holdings.is_last_held) TRY(take_captor(holdings.db, &trace.identifiers[i], out));
    }
    buf_append_byte(out, ']');
    append_cut(out, trace.cut);
    set_cut(request, response, trace.cut);
    http_set_type(response, "application/json");
out:
    db_pool_give(server->searchers, holdings.db);
    arena_clear(&arena);
    return status;
}
