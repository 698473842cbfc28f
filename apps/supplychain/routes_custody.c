// SPDX-License-Identifier: Apache-2.0
// Custody over HTTP, read from its rows: shipments, their readings, hand-overs, alarms, and the
// proof of whatever the contract told of them.
#include <inttypes.h>
#include <stdlib.h>

#include "apps/common/server/chain_json.h"
#include "apps/common/server/event_proof.h"
#include "apps/supplychain/custody_lists.h"
#include "apps/supplychain/custody_routes.h"
#include "apps/supplychain/custody_rows.h"
#include "chaincore/chaincore.h"

// ---- parts of answers

static void append_u64(struct buf *out, const char *name, uint64_t value) {
    buf_append_format(out, ",\"%s\":%" PRIu64, name, value);
}

static void append_number(struct buf *out, struct db_statement *row, const char *name) {
    if (db_column_is_null(row, name))
        buf_append_format(out, ",\"%s\":null", name);
    else
        buf_append_format(out, ",\"%s\":%" PRId64, name, db_column_i64(row, name));
}

// A column where 0 says that there is none.
static void append_maybe(struct buf *out, struct db_statement *row, const char *name,
                         const char *column) {
    uint64_t value = db_column_u64(row, column);
    if (value == 0)
        buf_append_format(out, ",\"%s\":null", name);
    else
        append_u64(out, name, value);
}

static void append_moment(struct buf *out, struct db_statement *row, const char *name,
                          const char *column) {
    int64_t time_ms = db_column_i64(row, column);
    buf_append_format(out, ",\"%s\":", name);
    if (time_ms == 0)
        buf_append_string(out, "null");
    else
        chain_json_time(out, time_ms);
}

static void append_text(struct buf *out, struct db_statement *row, const char *name) {
    buf_append_format(out, ",\"%s\":", name);
    http_append_json_string(out, db_column_text(row, name));
}

static void append_account(struct buf *out, struct db_statement *row, const char *name,
                           const char *column) {
    struct account_id account;
    struct bytes id = db_column_bytes(row, column);
    ENSURE(id.len == sizeof account.bytes);
    memcpy(account.bytes, id.data, id.len);
    buf_append_format(out, ",\"%s\":", name);
    chain_json_address(out, &account);
}

// Of a journey, which begins with the departure.
static void append_traveller(struct buf *out, struct db_statement *row, const char *name) {
    if (db_column_u64(row, "departed_ms") == 0)
        buf_append_format(out, ",\"%s\":null", name);
    else
        append_account(out, row, name, name);
}

static void append_sensor(struct buf *out, struct db_statement *row) {
    bool is_signed = !db_column_is_null(row, "sensor");
    buf_append_format(out, ",\"signed\":%s,\"sensor\":", is_signed ? "true" : "false");
    if (is_signed)
        chain_json_hex(out, db_column_bytes(row, "sensor"));
    else
        buf_append_string(out, "null");
}

// Where it was told, and the end of the object.
static void append_end(struct buf *out, struct db_statement *row) {
    unsigned long long height = db_column_u64(row, "height");
    buf_append_format(out, ",\"height\":%llu,\"tx\":", height);
    chain_json_hex(out, db_column_bytes(row, "tx_id"));
    buf_append_format(out, ",\"final\":true,\"proof\":\"/v1/custody/%llu-%llu-%llu/proof\"}",
                      height, (unsigned long long)db_column_u64(row, "tx_index"),
                      (unsigned long long)db_column_u64(row, "event_index"));
}

// ---- shipments

#define SHIPMENTS                                                                            \
    "SELECT number, parent, epc, uom, origin, event_hash, custodian, shipper, destination,"  \
    " state, quantity_milli, offered_milli, registered_ms, departed_ms, arrived_ms, alarms," \
    " journey, journey_alarms, height, tx_index, event_index, tx_id FROM shipment"

static void append_shipment_members(struct buf *out, struct db_statement *row) {
    buf_append_format(out, "{\"id\":%" PRIu64, db_column_u64(row, "number"));
    append_text(out, row, "epc");
    append_number(out, row, "quantity_milli");
    append_text(out, row, "uom");
    append_number(out, row, "offered_milli");
    buf_append_format(out, ",\"state\":\"%s\"", shipment_state_name(db_column_u64(row, "state")));
    append_account(out, row, "origin", "origin");
    append_account(out, row, "custodian", "custodian");
    append_traveller(out, row, "shipper");
    append_traveller(out, row, "destination");
    append_moment(out, row, "registered", "registered_ms");
    append_moment(out, row, "departed", "departed_ms");
    append_moment(out, row, "arrived", "arrived_ms");
    append_number(out, row, "alarms");
    append_maybe(out, row, "journey", "journey");
    append_number(out, row, "journey_alarms");
    append_maybe(out, row, "parent", "parent");
}

static void append_shipment(struct buf *out, struct db_statement *row) {
    append_shipment_members(out, row);
    append_end(out, row);
}

enum status get_shipments(void *server, struct http_request *request,
                          struct http_response *response) {
    static const struct custody_list list = {
        .select = SHIPMENTS,
        .table = "",
        .keys = {"number"},
        .filters = {{"epc", "epc", FILTER_EPC, NULL},
                    {"origin", "origin", FILTER_ACCOUNT, NULL},
                    {"custodian", "custodian", FILTER_ACCOUNT, NULL},
                    {"state", "state", FILTER_STATE, shipment_state_name}},
        .append = append_shipment};
    return custody_list_answer(server, request, response, &list);
}

// What of a shipment's row asks for other rows, once that one is released.
struct shipment_row {
    struct buf members, end;
    struct bytes epc, origin, event_hash; // in the arena
    uint64_t journey;
};

static enum status read_shipment(struct db *db, struct arena *arena, uint64_t number,
                                 struct shipment_row *out) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(&row, db, SHIPMENTS " WHERE number = $1");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, number);
    status = db_step(row, &has_row);
    if (status == STATUS_OK && !has_row) status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) {
        append_shipment_members(&out->members, row);
        append_end(&out->end, row);
        out->epc = arena_copy(arena, db_column_text(row, "epc"));
        out->origin = arena_copy(arena, db_column_bytes(row, "origin"));
        out->event_hash = arena_copy(arena, db_column_bytes(row, "event_hash"));
        out->journey = db_column_u64(row, "journey");
    }
    db_release(row);
    return status;
}

// The origin's event of that hash, where it speaks of the identifier.
static enum status append_event(struct buf *out, struct db *db, const struct shipment_row *of) {
    struct db_statement *row;
    bool has_row;
    enum status status =
        db_prepare(&row, db,
                   "SELECT e.height, e.tx_index, e.position FROM epc p JOIN event e"
                   " ON e.height = p.height AND e.tx_index = p.tx_index"
                   " AND e.position = p.position WHERE p.id = $1 AND e.sender = $2 AND e.hash = $3"
                   " ORDER BY e.height, e.tx_index, e.position LIMIT 1");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, of->epc);
    db_bind_bytes(row, 2, of->origin);
    db_bind_bytes(row, 3, of->event_hash);
    status = db_step(row, &has_row);
    buf_append_string(out, ",\"event\":");
    if (status == STATUS_OK && has_row) {
        struct place place = {db_column_u64(row, "height"),
                              (uint32_t)db_column_u64(row, "tx_index"),
                              (uint32_t)db_column_u64(row, "position")};
        buf_append_byte(out, '"');
        append_place(out, &place);
        buf_append_byte(out, '"');
    } else {
        buf_append_string(out, "null");
    }
    db_release(row);
    return status;
}

static void append_extreme(struct buf *out, struct db_statement *row, const char *name,
                           const char *time_column, const char *value_column) {
    buf_append_format(out, ",\"%s\":", name);
    if (db_column_is_null(row, time_column)) {
        buf_append_string(out, "null");
        return;
    }
    buf_append_string(out, "{\"time\":");
    chain_json_time(out, db_column_i64(row, time_column));
    buf_append_format(out, ",\"value_milli\":%" PRId64 "}", db_column_i64(row, value_column));
}

static void append_rule(struct buf *out, struct db_statement *row) {
    enum { KEY_LEN = 32 };
    struct bytes sensors = db_column_bytes(row, "sensors");
    buf_append_format(out, "{\"rule\":%" PRIu64, db_column_u64(row, "rule"));
    append_text(out, row, "property");
    append_text(out, row, "uom");
    append_number(out, row, "min_milli");
    append_number(out, row, "max_milli");
    buf_append_string(out, ",\"sensors\":[");
    for (size_t i = 0; i + KEY_LEN <= sensors.len; i += KEY_LEN) {
        if (i > 0) buf_append_byte(out, ',');
        chain_json_hex(out, bytes_of(sensors.data + i, KEY_LEN));
    }
    buf_append_byte(out, ']');
    append_number(out, row, "readings");
    buf_append_format(out, ",\"is_out\":%s", db_column_u64(row, "is_out") ? "true" : "false");
    append_extreme(out, row, "last", "last_ms", "last_milli");
    append_extreme(out, row, "worst", "worst_ms", "worst_milli");
    buf_append_byte(out, '}');
}

static enum status append_rules(struct buf *out, struct db *db, uint64_t number, uint64_t journey) {
    struct db_statement *row;
    bool has_row;
    size_t count = 0;
    enum status status = db_prepare(
        &row, db,
        "SELECT rule, property, uom, min_milli, max_milli, sensors, readings, is_out, last_ms,"
        " last_milli, worst_ms, worst_milli FROM shipment_rule WHERE shipment = $1 AND journey = $2"
        " ORDER BY rule");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, number);
    db_bind_u64(row, 2, journey);
    buf_append_string(out, ",\"rules\":[");
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        if (count++ > 0) buf_append_byte(out, ',');
        append_rule(out, row);
    }
    db_release(row);
    buf_append_byte(out, ']');
    return status;
}

enum status get_shipment(void *context, struct http_request *request,
                         struct http_response *response) {
    struct server *server = context;
    struct shipment_row row = {0};
    struct buf *out = http_body_buf(response);
    struct db *db;
    uint64_t number;
    if (!custody_read_id(request, &number)) return STATUS_NOT_FOUND;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(read_shipment(db, http_arena(request), number, &row));
    buf_append(out, buf_bytes(&row.members));
    TRY(append_event(out, db, &row));
    TRY(append_rules(out, db, number, row.journey));
    buf_append(out, buf_bytes(&row.end));
    http_set_type(response, "application/json");
out:
    buf_clear(&row.members);
    buf_clear(&row.end);
    db_pool_give(server->readers, db);
    return status;
}

// ---- readings

static void append_reading_members(struct buf *out, struct db_statement *row) {
    append_number(out, row, "journey");
    append_number(out, row, "rule");
    append_number(out, row, "number");
    append_text(out, row, "property");
    append_text(out, row, "uom");
    append_moment(out, row, "time", "reading_ms");
    append_number(out, row, "value_milli");
}

static void append_told_by(struct buf *out, struct db_statement *row) {
    append_sensor(out, row);
    append_account(out, row, "custodian", "custodian");
    append_moment(out, row, "recorded", "time_ms");
    buf_append_format(out, ",\"late\":%s", db_column_u64(row, "is_late") ? "true" : "false");
    append_end(out, row);
}

static void append_reading(struct buf *out, struct db_statement *row) {
    buf_append_format(out, "{\"shipment\":%" PRIu64, db_column_u64(row, "shipment"));
    append_reading_members(out, row);
    append_told_by(out, row);
}

static enum status find_shipment(struct server *server, uint64_t number) {
    struct db_statement *row = NULL;
    struct db *db;
    bool has_row = false;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&row, db, "SELECT number FROM shipment WHERE number = $1"));
    db_bind_u64(row, 1, number);
    TRY(db_step(row, &has_row));
    status = has_row ? STATUS_OK : STATUS_NOT_FOUND;
out:
    db_release(row);
    db_pool_give(server->readers, db);
    return status;
}

enum status get_readings(void *server, struct http_request *request,
                         struct http_response *response) {
    static const struct custody_list list = {
        .select =
            "SELECT shipment, journey, rule, number, is_late, reading_ms, value_milli, sensor,"
            " custodian, property, uom, height, tx_index, event_index, item, tx_id, time_ms FROM "
            "reading",
        .table = "",
        .keys = {"reading_ms", "height", "tx_index", "event_index", "item"},
        .is_ascending = true,
        .scope = "shipment",
        .filters = {{"journey", "journey", FILTER_NUMBER, NULL},
                    {"rule", "rule", FILTER_NUMBER, NULL}},
        .append = append_reading};
    uint64_t number;
    if (!custody_read_id(request, &number)) return STATUS_NOT_FOUND;
    enum status status = find_shipment(server, number);
    if (status != STATUS_OK) return status;
    return custody_list_answer(server, request, response, &list);
}

// ---- journeys

static void append_journey_members(struct buf *out, struct db_statement *row) {
    buf_append_format(out, "{\"shipment\":%" PRIu64, db_column_u64(row, "shipment"));
    append_number(out, row, "journey");
    append_account(out, row, "shipper", "shipper");
    append_account(out, row, "destination", "destination");
    append_moment(out, row, "departed", "departed_ms");
    append_moment(out, row, "arrived", "arrived_ms");
}

static void append_journey(struct buf *out, struct db_statement *row) {
    append_journey_members(out, row);
    append_end(out, row);
}

#define JOURNEYS                                                                       \
    "SELECT shipment, journey, shipper, destination, departed_ms, arrived_ms, height," \
    " tx_index, event_index, tx_id FROM journey"

enum status get_journeys(void *server, struct http_request *request,
                         struct http_response *response) {
    static const struct custody_list list = {.select = JOURNEYS,
                                             .table = "",
                                             .keys = {"journey"},
                                             .scope = "shipment",
                                             .append = append_journey};
    uint64_t number;
    if (!custody_read_id(request, &number)) return STATUS_NOT_FOUND;
    enum status status = find_shipment(server, number);
    if (status != STATUS_OK) return status;
    return custody_list_answer(server, request, response, &list);
}

static enum status append_whole_journey(struct buf *out, struct db *db, uint64_t shipment,
                                        uint64_t journey) {
    struct db_statement *row = NULL;
    struct buf end = {0};
    bool has_row;
    enum status status = db_prepare(&row, db, JOURNEYS " WHERE shipment = $1 AND journey = $2");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, shipment);
    db_bind_u64(row, 2, journey);
    status = db_step(row, &has_row);
    if (status == STATUS_OK && !has_row) status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) {
        append_journey_members(out, row);
        append_end(&end, row);
    }
    db_release(row);
    if (status == STATUS_OK) status = append_rules(out, db, shipment, journey);
    buf_append(out, buf_bytes(&end));
    buf_clear(&end);
    return status;
}

enum status get_journey(void *context, struct http_request *request,
                        struct http_response *response) {
    struct server *server = context;
    struct db *db;
    uint64_t shipment, journey;
    if (!custody_read_id(request, &shipment) ||
        !custody_read_number(http_param(request, "journey"), &journey))
        return STATUS_NOT_FOUND;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    status = append_whole_journey(http_body_buf(response), db, shipment, journey);
    db_pool_give(server->readers, db);
    http_set_type(response, "application/json");
    return status;
}

// ---- alarms

static void append_alarm(struct buf *out, struct db_statement *row) {
    buf_append_format(out, "{\"shipment\":%" PRIu64, db_column_u64(row, "shipment"));
    append_text(out, row, "epc");
    append_number(out, row, "alarm");
    append_reading_members(out, row);
    append_number(out, row, "min_milli");
    append_number(out, row, "max_milli");
    append_told_by(out, row);
}

enum status get_alarms(void *server, struct http_request *request, struct http_response *response) {
    static const struct custody_list list = {
        .select = "SELECT a.shipment, s.epc, a.alarm, a.journey, a.rule, a.number, a.is_late,"
                  " a.reading_ms, a.value_milli, a.sensor, a.custodian, a.property, a.uom,"
                  " a.min_milli, a.max_milli, a.height, a.tx_index, a.event_index, a.tx_id,"
                  " a.time_ms FROM alarm a JOIN shipment s ON s.number = a.shipment",
        .table = "a.",
        .keys = {"height", "tx_index", "event_index"},
        .filters = {{"shipment", "a.shipment", FILTER_NUMBER, NULL},
                    {"custodian", "a.custodian", FILTER_ACCOUNT, NULL}},
        .append = append_alarm};
    return custody_list_answer(server, request, response, &list);
}

// ---- hand-overs

#define HAND_OVERS                                                                              \
    "SELECT h.number, h.shipment, h.part, h.giver, h.receiver, h.quantity_milli, h.offered_ms," \
    " h.closed_ms, h.state, h.alarms, h.conditions, h.reason, h.height, h.tx_index,"            \
    " h.event_index, h.tx_id, s.epc, s.uom, s.journey_alarms AS alarms_now,"                    \
    " s.alarms - s.journey_alarms AS alarms_earlier FROM hand_over h"                           \
    " JOIN shipment s ON s.number = h.shipment"

static void append_hand_over(struct buf *out, struct db_statement *row) {
    uint64_t state = db_column_u64(row, "state");
    buf_append_format(out, "{\"id\":%" PRIu64, db_column_u64(row, "number"));
    append_number(out, row, "shipment");
    append_maybe(out, row, "part", "part");
    append_text(out, row, "epc");
    append_number(out, row, "quantity_milli");
    append_text(out, row, "uom");
    append_account(out, row, "from", "giver");
    append_account(out, row, "to", "receiver");
    buf_append_format(out, ",\"state\":\"%s\"", hand_over_state_name(state));
    append_moment(out, row, "offered", "offered_ms");
    append_moment(out, row, "closed", "closed_ms");
    append_number(out, row, "alarms");
    append_number(out, row, "alarms_now");
    append_number(out, row, "alarms_earlier");
    buf_append_string(out, ",\"conditions\":");
    buf_append(out, db_column_bytes(row, "conditions"));
    buf_append_string(out, ",\"reason\":");
    http_append_json_string(out, db_column_bytes(row, "reason"));
    append_end(out, row);
}

enum status get_hand_overs(void *server, struct http_request *request,
                           struct http_response *response) {
    static const struct custody_list list = {
        .select = HAND_OVERS,
        .table = "h.",
        .keys = {"number"},
        .filters = {{"from", "h.giver", FILTER_ACCOUNT, NULL},
                    {"to", "h.receiver", FILTER_ACCOUNT, NULL},
                    {"shipment", "h.shipment", FILTER_NUMBER, NULL},
                    {"state", "h.state", FILTER_STATE, hand_over_state_name}},
        .append = append_hand_over};
    return custody_list_answer(server, request, response, &list);
}

enum status get_hand_over(void *context, struct http_request *request,
                          struct http_response *response) {
    struct server *server = context;
    struct db_statement *row = NULL;
    struct db *db;
    uint64_t number;
    bool has_row;
    if (!custody_read_id(request, &number)) return STATUS_NOT_FOUND;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&row, db, HAND_OVERS " WHERE h.number = $1"));
    db_bind_u64(row, 1, number);
    TRY(db_step(row, &has_row));
    status = has_row ? STATUS_OK : STATUS_NOT_FOUND;
    if (has_row) append_hand_over(http_body_buf(response), row);
    http_set_type(response, "application/json");
out:
    db_release(row);
    db_pool_give(server->readers, db);
    return status;
}

// ---- proofs

// "HEIGHT-TX-EVENT"
static bool read_place(struct bytes text, struct node_event_wish *out) {
    uint64_t parts[3] = {0};
    size_t part = 0, digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c == '-' && digits > 0 && part < 2) {
            part++;
            digits = 0;
        } else if (c >= '0' && c <= '9' && ++digits <= 15) {
            parts[part] = parts[part] * 10 + (uint64_t)(c - '0');
        } else {
            return false;
        }
    }
    if (part != 2 || digits == 0 || parts[1] > UINT32_MAX || parts[2] > UINT32_MAX) return false;
    out->place.height = parts[0];
    out->place.tx_index = (uint32_t)parts[1];
    out->place.event_index = (uint32_t)parts[2];
    return true;
}

enum status get_custody_proof(void *context, struct http_request *request,
                              struct http_response *response) {
    struct bytes place = http_param(request, "place");
    struct node_event_wish wish = {0};
    if (!read_place(place, &wish)) return STATUS_NOT_FOUND;
    const char *name = arena_format(http_arena(request), "custody-%s", (const char *)place.data);
    return event_proof_answer(context, request, response, &wish, name);
}
