// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/trace.h"

#include <stdlib.h>

#include "apps/common/json/json.h"
#include "apps/supplychain/epcis/identifier.h"
#include "apps/supplychain/trace_walk.h"
#include "chaincore/chaincore.h"

enum { BODY_BYTES = CAPTURE_MAX_BYTES };

const char *trace_direction_name(enum trace_direction direction) {
    return direction == TRACE_FORWARD ? "forward" : "backward";
}

const char *trace_cut_name(unsigned i) {
    static const char *const names[TRACE_CUTS] = {"steps",  "identifiers", "strangers", "accounts",
                                                  "events", "edges",       "shipments"};
    return i < TRACE_CUTS ? names[i] : NULL;
}

static int compare_identifiers(const void *left, const void *right) {
    const struct trace_identifier *a = left, *b = right;
    if (a->is_of_stranger != b->is_of_stranger) return a->is_of_stranger ? 1 : -1;
    if (a->direction != b->direction) return a->direction < b->direction ? -1 : 1;
    if (a->steps != b->steps) return a->steps < b->steps ? -1 : 1;
    return bytes_compare(a->id, b->id);
}

// ---- edges

static bool is_same_place(const struct place *a, const struct place *b) {
    return a->height == b->height && a->tx_index == b->tx_index && a->position == b->position;
}

// Of an event that was followed, the places of what was reached.
static enum status find_edges(struct trace *out, struct db *db, const struct trace_names *names,
                              const struct place *event, uint64_t *rows_left) {
    struct db_statement *row;
    bool has_row;
    enum status status =
        db_prepare(&row, db,
                   "SELECT id, place FROM epc WHERE height = $1 AND tx_index = $2 AND position = $3"
                   " AND place IN (1, 2, 3, 4, 6, 7, 8)"
                   " ORDER BY place, id LIMIT $4");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, event->height);
    db_bind_u64(row, 2, event->tx_index);
    db_bind_u64(row, 3, event->position);
    db_bind_u64(row, 4, *rows_left);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        if (--*rows_left == 0) out->cut |= TRACE_CUT_EDGES;
        size_t index = trace_names_find(names, out, db_column_text(row, "id"));
        if (index == SIZE_MAX) continue;
        if (out->edge_count == TRACE_EDGES) {
            out->cut |= TRACE_CUT_EDGES;
            break;
        }
        out->edges[out->edge_count++] =
            (struct trace_edge){.id = out->identifiers[index].id,
                                .place = (uint32_t)db_column_u64(row, "place"),
                                .event = *event};
    }
    db_release(row);
    return status;
}

static int compare_edges(const void *left, const void *right) {
    const struct trace_edge *a = left, *b = right;
    if (a->event.height != b->event.height) return a->event.height < b->event.height ? -1 : 1;
    if (a->event.tx_index != b->event.tx_index)
        return a->event.tx_index < b->event.tx_index ? -1 : 1;
    if (a->event.position != b->event.position)
        return a->event.position < b->event.position ? -1 : 1;
    if (a->place != b->place) return a->place < b->place ? -1 : 1;
    return bytes_compare(a->id, b->id);
}

static bool is_source(uint32_t place) {
    return place == EPC_IN_INPUT || place == CLASS_IN_INPUT || place == EPC_IN_CHILDREN ||
           place == CLASS_IN_CHILDREN;
}

// ---- events

// An event joins when identifiers of both of its sides are there; of a transformation in several
// events, each may have one side.
static bool is_joining(const struct trace *trace, size_t first, size_t count, bool has_parts) {
    bool has_source = false, has_target = false;
    for (size_t i = first; i < first + count; i++)
        if (is_source(trace->edges[i].place))
            has_source = true;
        else
            has_target = true;
    return has_parts || (has_source && has_target);
}

static enum status read_event(struct db *db, struct arena *arena, struct trace_event *out,
                              bool *has_parts) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(
        &row, db,
        "SELECT e.event_id, e.type, e.biz_step, e.time_ms, e.sender, e.body, v.text FROM event e"
        " LEFT JOIN event_value v ON v.height = e.height AND v.tx_index = e.tx_index"
        " AND v.position = e.position AND v.field = 1"
        " WHERE e.height = $1 AND e.tx_index = $2 AND e.position = $3 LIMIT 1");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, out->place.height);
    db_bind_u64(row, 2, out->place.tx_index);
    db_bind_u64(row, 3, out->place.position);
    status = db_step(row, &has_row);
    if (status == STATUS_OK && has_row) {
        struct bytes sender = db_column_bytes(row, "sender");
        ENSURE(sender.len == sizeof out->captured_by.bytes);
        memcpy(out->captured_by.bytes, sender.data, sender.len);
        out->event_id = arena_copy(arena, db_column_text(row, "event_id"));
        out->type = arena_copy(arena, db_column_text(row, "type"));
        out->biz_step = arena_copy(arena, db_column_text(row, "biz_step"));
        out->time_ms = db_column_i64(row, "time_ms");
        out->body = arena_copy(arena, db_column_bytes(row, "body"));
        *has_parts = !db_column_is_null(row, "text");
    }
    db_release(row);
    return status == STATUS_OK && !has_row ? STATUS_NOT_FOUND : status;
}

static bool names(const json_t *class, struct bytes id) {
    struct buf canonical = {0};
    if (!json_is_string(class)) return false;
    if (!identifier_canonicalise(&canonical, json_string_bytes(class)))
        buf_append(&canonical, json_string_bytes(class));
    bool is_same = bytes_equal(buf_bytes(&canonical), id);
    buf_clear(&canonical);
    return is_same;
}

static void take_quantity(struct trace_edge *edge, struct arena *arena, const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *element = json_array_get(list, i);
        const json_t *uom = json_object_get(element, "uom");
        const json_t *quantity = json_object_get(element, "quantity");
        struct buf text = {0};
        if (!names(json_object_get(element, "epcClass"), edge->id)) continue;
        if (json_is_number(quantity)) json_write(&text, quantity, JSON_AS_READ);
        edge->quantity = arena_copy(arena, buf_bytes(&text));
        if (json_is_string(uom)) edge->uom = arena_copy(arena, json_string_bytes(uom));
        buf_clear(&text);
        return;
    }
}

// Of classes, as the event's document writes them.
static void read_quantities(struct trace *trace, struct arena *arena, size_t first, size_t count,
                            struct bytes body) {
    const struct json_source source = {body, BODY_BYTES, true};
    struct violations unused = {0};
    json_t *event = NULL;
    if (json_parse_reporting(&event, &unused, &source) != STATUS_OK) return;
    for (size_t i = first; i < first + count; i++) {
        uint32_t place = trace->edges[i].place;
        if (place >= CLASS_IN_LIST)
            take_quantity(&trace->edges[i], arena,
                          json_object_get(event, epc_place_name((enum epc_place)place)));
    }
    json_decref(event);
}

// Drops the edges of events that join nothing.
static enum status find_events(struct trace *out, struct db *db, struct arena *arena) {
    size_t kept = 0, bytes_left = TRACE_BODY_BYTES;
    out->events = arena_alloc_array(arena, out->edge_count + 1, sizeof *out->events);
    for (size_t i = 0, count; i < out->edge_count; i += count) {
        struct trace_event event = {.place = out->edges[i].event};
        bool has_parts = false;
        for (count = 1; i + count < out->edge_count &&
                        is_same_place(&out->edges[i + count].event, &event.place);)
            count++;
        enum status status = read_event(db, arena, &event, &has_parts);
        if (status != STATUS_OK) return status;
        if (!is_joining(out, i, count, has_parts)) continue;
        if (event.body.len <= bytes_left) {
            read_quantities(out, arena, i, count, event.body);
            bytes_left -= event.body.len;
        } else {
            out->cut |= TRACE_CUT_EDGES; // they are without their quantities
        }
        for (size_t k = 0; k < count; k++) out->edges[kept++] = out->edges[i + k];
        out->events[out->event_count++] = event;
    }
    out->edge_count = kept;
    return STATUS_OK;
}

enum status trace_find(struct trace *out, struct db *db, struct arena *arena, struct bytes id,
                       unsigned directions) {
    enum status status = STATUS_OK;
    *out = (struct trace){.identifiers =
                              arena_alloc_array(arena, TRACE_IDENTIFIERS, sizeof *out->identifiers),
                          .edges = arena_alloc_array(arena, TRACE_EDGES, sizeof *out->edges)};
    out->identifiers[out->identifier_count++] = (struct trace_identifier){.id = id};
    struct trace_walk walk = {.out = out, .db = db, .arena = arena};
    struct trace_names names;
    uint64_t rows_left = TRACE_ROWS;
    TRY(trace_walk(&walk, directions));
    qsort(out->identifiers + 1, out->identifier_count - 1, sizeof *out->identifiers,
          compare_identifiers);
    trace_names_make(&names, arena, out);
    for (size_t i = 0; i < walk.event_count; i++)
        TRY(find_edges(out, db, &names, &walk.events[i], &rows_left));
    qsort(out->edges, out->edge_count, sizeof *out->edges, compare_edges);
    TRY(find_events(out, db, arena));
out:
    return status;
}
