// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/custody_rows.h"

#include <inttypes.h>

#include "apps/common/server/chain_json.h"
#include "apps/common/server/news.h"
#include "apps/supplychain/contract/custody_rules.h"
#include "apps/supplychain/custody_told.h"
#include "apps/supplychain/epcis/identifier.h"

struct work {
    struct db *db;
    const struct custody_told *told;
};

const char *shipment_state_name(uint64_t state) {
    static const char *const names[] = {[SHIPMENT_AT_REST] = "at_rest",
                                        [SHIPMENT_UNDER_WAY] = "under_way",
                                        [SHIPMENT_ARRIVED] = "arrived"};
    return state < sizeof names / sizeof *names ? names[state] : NULL;
}

const char *hand_over_state_name(uint64_t state) {
    static const char *const names[] = {[HAND_OVER_OFFERED] = "offered",
                                        [HAND_OVER_ACCEPTED] = "accepted",
                                        [HAND_OVER_REFUSED] = "refused",
                                        [HAND_OVER_WITHDRAWN] = "withdrawn"};
    return state < sizeof names / sizeof *names ? names[state] : NULL;
}

// height, tx_index, event_index, tx_id, time_ms: from $first on.
static void bind_place(struct db_statement *statement, int first, const struct custody_told *told) {
    db_bind_u64(statement, first, told->header->height);
    db_bind_u64(statement, first + 1, told->tx_index);
    db_bind_u64(statement, first + 2, told->event_index);
    db_bind_bytes(statement, first + 3, BYTES_OF(told->tx_id->bytes));
    db_bind_u64(statement, first + 4, told->header->time_ms);
}

static void bind_bound(struct db_statement *statement, int index, bool is_there, int64_t value) {
    if (is_there)
        db_bind_i64(statement, index, value);
    else
        db_bind_null(statement, index);
}

// ---- news

// Takes the text.
static enum status put_news(const struct work *work, int kind, struct buf *json) {
    struct db_statement *statement;
    const struct custody_told *told = work->told;
    enum status status = db_prepare_rows(
        &statement, work->db, "custody_news (height, tx_index, event_index, kind, time_ms, body)");
    if (status == STATUS_OK) {
        db_bind_u64(statement, 1, told->header->height);
        db_bind_u64(statement, 2, told->tx_index);
        db_bind_u64(statement, 3, told->event_index);
        db_bind_i64(statement, 4, kind);
        db_bind_u64(statement, 5, told->header->time_ms);
        db_bind_bytes(statement, 6, buf_bytes(json));
        status = db_finish_later(statement);
    }
    if (status == STATUS_OK && told->news)
        news_note(told->news, supplychain_hook_kinds[kind].name, buf_bytes(json));
    buf_clear(json);
    return status;
}

static void append_account(struct buf *out, const char *name, const struct account_id *account) {
    buf_append_format(out, ",\"%s\":", name);
    chain_json_address(out, account);
}

static enum status tell_shipment(const struct work *work, const struct told_shipment *shipment,
                                 struct bytes epc) {
    struct buf json = {0};
    buf_append_format(&json, "{\"shipment\":%" PRIu64 ",\"epc\":", shipment->number);
    http_append_json_string(&json, epc);
    buf_append_format(&json, ",\"state\":\"%s\"", shipment_state_name(shipment->state));
    append_account(&json, "custodian", &shipment->custodian);
    buf_append_format(&json, ",\"quantity_milli\":%" PRIu64 ",\"uom\":", shipment->quantity_milli);
    http_append_json_string(&json, shipment->uom);
    buf_append_format(&json, ",\"alarms\":%" PRIu32 "}", shipment->alarms);
    return put_news(work, HOOK_KIND_SHIPMENT, &json);
}

static enum status tell_hand_over(const struct work *work, const struct told_hand_over *hand_over) {
    struct buf json = {0};
    buf_append_format(&json, "{\"hand_over\":%" PRIu64 ",\"shipment\":%" PRIu64 ",\"state\":\"%s\"",
                      hand_over->number, hand_over->shipment,
                      hand_over_state_name(hand_over->state));
    append_account(&json, "from", &hand_over->giver);
    append_account(&json, "to", &hand_over->receiver);
    buf_append_format(&json, ",\"quantity_milli\":%" PRIu64 ",\"alarms\":%" PRIu32 ",\"reason\":",
                      hand_over->quantity_milli, hand_over->alarms);
    http_append_json_string(&json, hand_over->reason);
    buf_append_byte(&json, '}');
    return put_news(work, HOOK_KIND_HAND_OVER, &json);
}

// ---- shipments

static const char put_shipment_sql[] =
    "INSERT INTO shipment (number, parent, epc, uom, origin, event_hash, custodian, shipper,"
    " destination, state, quantity_milli, offered_milli, registered_ms, departed_ms, arrived_ms,"
    " alarms, height, tx_index, event_index, tx_id, time_ms, journey, journey_alarms) VALUES ($1, "
    "$2,"
    " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,"
    " $23)"
    " ON CONFLICT (number) DO UPDATE SET custodian = excluded.custodian,"
    " shipper = excluded.shipper, destination = excluded.destination, state = excluded.state,"
    " quantity_milli = excluded.quantity_milli, offered_milli = excluded.offered_milli,"
    " departed_ms = excluded.departed_ms, arrived_ms = excluded.arrived_ms,"
    " alarms = excluded.alarms, height = excluded.height, tx_index = excluded.tx_index,"
    " event_index = excluded.event_index, tx_id = excluded.tx_id, time_ms = excluded.time_ms,"
    " journey = excluded.journey, journey_alarms = excluded.journey_alarms";

static enum status put_shipment(const struct work *work, const struct told_shipment *shipment,
                                struct bytes epc) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, work->db, put_shipment_sql);
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, shipment->number);
    db_bind_u64(statement, 2, shipment->parent);
    db_bind_text(statement, 3, epc);
    db_bind_text(statement, 4, shipment->uom);
    db_bind_bytes(statement, 5, BYTES_OF(shipment->origin.bytes));
    db_bind_bytes(statement, 6, BYTES_OF(shipment->event_hash.bytes));
    db_bind_bytes(statement, 7, BYTES_OF(shipment->custodian.bytes));
    db_bind_bytes(statement, 8, BYTES_OF(shipment->shipper.bytes));
    db_bind_bytes(statement, 9, BYTES_OF(shipment->destination.bytes));
    db_bind_u64(statement, 10, shipment->state);
    db_bind_u64(statement, 11, shipment->quantity_milli);
    db_bind_u64(statement, 12, shipment->offered_milli);
    db_bind_u64(statement, 13, shipment->registered_ms);
    db_bind_u64(statement, 14, shipment->departed_ms);
    db_bind_u64(statement, 15, shipment->arrived_ms);
    db_bind_u64(statement, 16, shipment->alarms);
    bind_place(statement, 17, work->told);
    db_bind_u64(statement, 22, shipment->journey);
    db_bind_u64(statement, 23, shipment->journey_alarms);
    return db_finish_later(statement);
}

static const char put_journey_sql[] =
    "INSERT INTO journey (shipment, journey, shipper, destination, departed_ms, arrived_ms, height,"
    " tx_index, event_index, tx_id, time_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT (shipment, journey) DO UPDATE SET arrived_ms = excluded.arrived_ms,"
    " height = excluded.height, tx_index = excluded.tx_index, event_index = excluded.event_index,"
    " tx_id = excluded.tx_id, time_ms = excluded.time_ms WHERE journey.arrived_ms = 0";

// A journey's row is told last by its arrival.
static enum status put_journey(const struct work *work, const struct told_shipment *shipment) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, work->db, put_journey_sql);
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, shipment->number);
    db_bind_u64(statement, 2, shipment->journey);
    db_bind_bytes(statement, 3, BYTES_OF(shipment->shipper.bytes));
    db_bind_bytes(statement, 4, BYTES_OF(shipment->destination.bytes));
    db_bind_u64(statement, 5, shipment->departed_ms);
    db_bind_u64(statement, 6, shipment->arrived_ms);
    bind_place(statement, 7, work->told);
    return db_finish_later(statement);
}

// A part that is new has the rules of the journey that the whole is on, as they stand.
static enum status inherit_rules(const struct work *work, const struct told_shipment *shipment) {
    struct db_statement *statement;
    enum status status = db_prepare(
        &statement, work->db,
        "INSERT INTO shipment_rule (shipment, journey, rule, property, uom, min_milli, max_milli,"
        " sensors, readings, is_out, last_ms, last_milli, worst_ms, worst_milli)"
        " SELECT CAST($1 AS BIGINT), journey, rule, property, uom, min_milli, max_milli, sensors, "
        "readings,"
        " is_out, last_ms, last_milli, worst_ms, worst_milli FROM shipment_rule"
        " WHERE shipment = $2 AND journey = $3"
        " AND NOT EXISTS (SELECT number FROM shipment WHERE number = $4)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, shipment->number);
    db_bind_u64(statement, 2, shipment->parent);
    db_bind_u64(statement, 3, shipment->journey);
    db_bind_u64(statement, 4, shipment->number);
    return db_finish_later(statement);
}

static enum status project_shipment(const struct work *work, struct decoder *in) {
    struct told_shipment shipment;
    struct buf epc = {0};
    enum status status = STATUS_OK;
    told_decode_shipment(&shipment, in);
    if (decoder_finish(in) != STATUS_OK || !shipment_state_name(shipment.state))
        return STATUS_MALFORMED;
    if (!identifier_canonicalise(&epc, shipment.epc)) buf_append(&epc, shipment.epc);
    if (shipment.parent > 0) TRY(inherit_rules(work, &shipment));
    TRY(put_shipment(work, &shipment, buf_bytes(&epc)));
    if (shipment.journey > 0) TRY(put_journey(work, &shipment));
    TRY(tell_shipment(work, &shipment, buf_bytes(&epc)));
out:
    buf_clear(&epc);
    return status;
}

struct rule_key {
    uint64_t shipment, journey, rule;
};

static enum status put_rule(const struct work *work, const struct rule_key *key,
                            const struct told_rule *rule) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, work->db,
                   "INSERT INTO shipment_rule (shipment, rule, property, uom, min_milli, max_milli,"
                   " sensors, readings, is_out, journey)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, key->shipment);
    db_bind_u64(statement, 2, key->rule);
    db_bind_text(statement, 3, rule->property);
    db_bind_text(statement, 4, rule->uom);
    bind_bound(statement, 5, rule->has_min, rule->min_milli);
    bind_bound(statement, 6, rule->has_max, rule->max_milli);
    db_bind_bytes(statement, 7, rule->sensors);
    db_bind_u64(statement, 8, key->journey);
    return db_finish_later(statement);
}

static enum status project_departed(const struct work *work, struct decoder *in) {
    struct told_rule rules[CUSTODY_RULES_MAX];
    struct rule_key key;
    key.shipment = decode_u64(in);
    key.journey = decode_u32(in);
    uint32_t count = decode_count(in, CUSTODY_RULES_MAX);
    for (uint32_t i = 0; i < count; i++) told_decode_rule(&rules[i], in);
    enum status status = decoder_finish(in);
    if (status != STATUS_OK) return STATUS_MALFORMED;
    for (key.rule = 0; key.rule < count; key.rule++) TRY(put_rule(work, &key, &rules[key.rule]));
out:
    return status;
}

// ---- readings

static enum status put_condition(const struct work *work, uint64_t shipment,
                                 const struct told_source *source,
                                 const struct told_condition *condition) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, work->db,
                   "UPDATE shipment_rule SET readings = $1, is_out = $2, last_ms = $3,"
                   " last_milli = $4, worst_ms = $5, worst_milli = $6"
                   " WHERE shipment = $7 AND rule = $8 AND journey = $9");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, condition->readings);
    db_bind_u64(statement, 2, condition->is_out);
    db_bind_u64(statement, 3, condition->last.time_ms);
    db_bind_i64(statement, 4, condition->last.value_milli);
    db_bind_u64(statement, 5, condition->worst.time_ms);
    db_bind_i64(statement, 6, condition->worst.value_milli);
    db_bind_u64(statement, 7, shipment);
    db_bind_u64(statement, 8, source->rule);
    db_bind_u64(statement, 9, source->journey);
    return db_finish_later(statement);
}

// $1 to $10, of readings and of alarms.
static void bind_reading(struct db_statement *statement, uint64_t shipment,
                         const struct told_source *source, const struct told_reading *reading,
                         const struct told_rule *rule) {
    db_bind_u64(statement, 1, shipment);
    db_bind_u64(statement, 2, source->rule);
    db_bind_u64(statement, 3, reading->time_ms);
    db_bind_i64(statement, 4, reading->value_milli);
    if (source->sensor.len > 0)
        db_bind_bytes(statement, 5, source->sensor);
    else
        db_bind_null(statement, 5);
    db_bind_bytes(statement, 6, BYTES_OF(source->custodian.bytes));
    db_bind_text(statement, 7, rule->property);
    db_bind_text(statement, 8, rule->uom);
    db_bind_u64(statement, 9, source->journey);
    db_bind_u64(statement, 10, source->is_late);
}

static enum status put_readings(const struct work *work, uint64_t shipment,
                                const struct told_source *source, struct decoder readings,
                                const struct told_rule *rule) {
    struct db_statement *statement;
    enum status status =
        db_prepare_rows(&statement, work->db,
                        "reading (shipment, rule, reading_ms, value_milli, sensor, custodian, "
                        "property, uom, journey,"
                        " is_late, height, tx_index, event_index, tx_id, time_ms, number, item)");
    for (uint64_t i = 0; decoder_left(&readings) > 0 && status == STATUS_OK; i++) {
        struct told_reading reading;
        told_decode_reading(&reading, &readings);
        bind_reading(statement, shipment, source, &reading, rule);
        bind_place(statement, 11, work->told);
        db_bind_u64(statement, 16, source->number + i);
        db_bind_u64(statement, 17, i);
        status = db_run_later(statement);
    }
    db_release(statement);
    return status;
}

static enum status project_readings(const struct work *work, struct decoder *in) {
    enum { READING_BYTES = 16 };
    struct told_source source;
    struct told_condition condition;
    uint64_t shipment = decode_u64(in);
    told_decode_source(&source, in);
    size_t len = (size_t)decode_count(in, CUSTODY_READINGS_MAX) * READING_BYTES;
    struct decoder readings = decoder_of(decode_slice(in, len));
    told_decode_condition(&condition, in);
    enum status status = decoder_finish(in);
    if (status != STATUS_OK || !condition.has_last || !condition.has_worst) return STATUS_MALFORMED;
    TRY(put_readings(work, shipment, &source, readings, &condition.rule));
    TRY(put_condition(work, shipment, &source, &condition));
out:
    return status;
}

struct alarm {
    uint64_t shipment;
    uint32_t alarm;
    struct told_source source;
    struct told_reading reading;
    struct told_condition condition;
};

static enum status put_alarm(const struct work *work, const struct alarm *alarm) {
    struct db_statement *statement;
    const struct told_rule *rule = &alarm->condition.rule;
    enum status status = db_prepare_rows(
        &statement, work->db,
        "alarm (shipment, rule, reading_ms, value_milli, sensor, custodian, property, uom, journey,"
        " is_late, height, tx_index, event_index, tx_id, time_ms, number, alarm, min_milli,"
        " max_milli)");
    if (status != STATUS_OK) return status;
    bind_reading(statement, alarm->shipment, &alarm->source, &alarm->reading, rule);
    bind_place(statement, 11, work->told);
    db_bind_u64(statement, 16, alarm->source.number);
    db_bind_u64(statement, 17, alarm->alarm);
    bind_bound(statement, 18, rule->has_min, rule->min_milli);
    bind_bound(statement, 19, rule->has_max, rule->max_milli);
    return db_finish_later(statement);
}

static enum status tell_alarm(const struct work *work, const struct alarm *alarm) {
    struct buf json = {0};
    buf_append_format(&json,
                      "{\"shipment\":%" PRIu64 ",\"alarm\":%" PRIu32 ",\"value_milli\":%" PRId64
                      ",\"time\":",
                      alarm->shipment, alarm->alarm, alarm->reading.value_milli);
    chain_json_time(&json, (int64_t)alarm->reading.time_ms);
    append_account(&json, "custodian", &alarm->source.custodian);
    buf_append_format(&json, ",\"signed\":%s,\"late\":%s,\"journey\":%" PRIu32 ",\"rule\":%u",
                      alarm->source.sensor.len > 0 ? "true" : "false",
                      alarm->source.is_late ? "true" : "false", alarm->source.journey,
                      alarm->source.rule);
    buf_append_string(&json, ",\"condition\":");
    told_append_condition(&json, &alarm->condition);
    buf_append_byte(&json, '}');
    return put_news(work, HOOK_KIND_ALARM, &json);
}

static enum status project_alarm(const struct work *work, struct decoder *in) {
    struct alarm alarm;
    alarm.shipment = decode_u64(in);
    alarm.alarm = decode_u32(in);
    told_decode_source(&alarm.source, in);
    told_decode_reading(&alarm.reading, in);
    told_decode_condition(&alarm.condition, in);
    enum status status = decoder_finish(in);
    if (status != STATUS_OK) return STATUS_MALFORMED;
    TRY(put_alarm(work, &alarm));
    TRY(tell_alarm(work, &alarm));
out:
    return status;
}

// ---- hand-overs

static const char put_hand_over_sql[] =
    "INSERT INTO hand_over (number, shipment, part, giver, receiver, quantity_milli, offered_ms,"
    " closed_ms, state, alarms, conditions, reason, height, tx_index, event_index, tx_id, time_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
    " ON CONFLICT (number) DO UPDATE SET part = excluded.part, closed_ms = excluded.closed_ms,"
    " state = excluded.state, reason = excluded.reason, height = excluded.height,"
    " tx_index = excluded.tx_index, event_index = excluded.event_index, tx_id = excluded.tx_id,"
    " time_ms = excluded.time_ms";

static void append_conditions(struct buf *out, const struct told_hand_over *hand_over) {
    buf_append_byte(out, '[');
    for (uint32_t i = 0; i < hand_over->condition_count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        told_append_condition(out, &hand_over->conditions[i]);
    }
    buf_append_byte(out, ']');
}

static enum status put_hand_over(const struct work *work, const struct told_hand_over *hand_over) {
    struct db_statement *statement;
    struct buf conditions = {0};
    enum status status = db_prepare(&statement, work->db, put_hand_over_sql);
    if (status != STATUS_OK) return status;
    append_conditions(&conditions, hand_over);
    db_bind_u64(statement, 1, hand_over->number);
    db_bind_u64(statement, 2, hand_over->shipment);
    db_bind_u64(statement, 3, hand_over->part);
    db_bind_bytes(statement, 4, BYTES_OF(hand_over->giver.bytes));
    db_bind_bytes(statement, 5, BYTES_OF(hand_over->receiver.bytes));
    db_bind_u64(statement, 6, hand_over->quantity_milli);
    db_bind_u64(statement, 7, hand_over->offered_ms);
    db_bind_u64(statement, 8, hand_over->closed_ms);
    db_bind_u64(statement, 9, hand_over->state);
    db_bind_u64(statement, 10, hand_over->alarms);
    db_bind_bytes(statement, 11, buf_bytes(&conditions));
    db_bind_bytes(statement, 12, hand_over->reason);
    bind_place(statement, 13, work->told);
    status = db_finish_later(statement);
    buf_clear(&conditions);
    return status;
}

static enum status project_hand_over(const struct work *work, struct decoder *in) {
    struct told_hand_over hand_over;
    told_decode_hand_over(&hand_over, in);
    if (decoder_finish(in) != STATUS_OK || !hand_over_state_name(hand_over.state))
        return STATUS_MALFORMED;
    enum status status = STATUS_OK;
    TRY(put_hand_over(work, &hand_over));
    TRY(tell_hand_over(work, &hand_over));
out:
    return status;
}

enum status custody_project(struct db *db, const struct custody_told *told,
                            const struct event *event) {
    static const struct {
        const char *topic;
        enum status (*project)(const struct work *work, struct decoder *in);
    } topics[] = {{"shipment", project_shipment},
                  {"departed", project_departed},
                  {"readings", project_readings},
                  {"alarm", project_alarm},
                  {"hand_over", project_hand_over}};
    const struct work work = {db, told};
    struct decoder in = decoder_of(event->data);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        if (!bytes_equal(event->topic, bytes_of_string(topics[i].topic))) continue;
        enum status status = topics[i].project(&work, &in);
        if (status != STATUS_MALFORMED) return status;
        // Of a later contract, which this program does not know.
        log_warning("supplychain", "an event of another form is passed over");
        return STATUS_OK;
    }
    return STATUS_OK;
}
