// SPDX-License-Identifier: Apache-2.0
// Custody's readings: taken, judged and told; the rules stand in custody.c.
#include "apps/supplychain/contract/at_hand.h"

// What a sensor signs, by its hash.
struct signed_readings {
    uint8_t contract[ID_LEN];
    uint64_t shipment;
    uint8_t rule;
    uint32_t count;
    struct reading items[CUSTODY_READINGS_MAX];
} __attribute__((packed));

static struct signed_readings brought;

// How far out of bounds a value is; at most 0 within them.
static int64_t excess_of(int64_t value) {
    int64_t above = value - the_rule.max_milli, below = the_rule.min_milli - value;
    if (!the_rule.has_max) return below;
    if (!the_rule.has_min) return above;
    return above > below ? above : below;
}

static void put_origin_of_readings(const struct source *source, const struct holder *holder) {
    bool is_sensor = source != &the_rule.sources[CUSTODIAN];
    told_put_u8(the_rule_index);
    told_put_u8(is_sensor);
    if (is_sensor) told_put(source->key, ID_LEN);
    told_put(holder->account, ID_LEN);
}

static void tell_alarm(const struct source *source, const struct reading *reading) {
    the_shipment.alarms++;
    told.len = 0;
    told_put(&the_shipment.number, sizeof the_shipment.number);
    told_put_u32(the_shipment.alarms);
    put_origin_of_readings(source, holder_at(reading->time_ms));
    told_put(reading, sizeof *reading);
    told_put_condition();
    TELL("alarm");
}

static void demand_time(const struct source *source, uint64_t time_ms) {
    if (time_ms == source->last_ms) lmm_refuse(CUSTODY_READING_TWICE);
    if (time_ms < source->last_ms) lmm_refuse(CUSTODY_READING_BACKWARDS);
    if (time_ms < the_shipment.departed_ms) lmm_refuse(CUSTODY_READING_EARLY);
    if (time_ms > lmm_block_time_ms() + CUSTODY_AHEAD_MS) lmm_refuse(CUSTODY_READING_AHEAD);
    if (the_shipment.state == SHIPMENT_ARRIVED && time_ms > the_shipment.arrived_ms)
        lmm_refuse(CUSTODY_HAS_ARRIVED);
}

static void judge(struct source *source, const struct reading *reading) {
    demand_time(source, reading->time_ms);
    if (!custody_is_value(reading->value_milli)) lmm_refuse(CUSTODY_BAD_READINGS);
    int64_t excess = excess_of(reading->value_milli);
    bool was_out = source->is_out, is_first = the_rule.readings++ == 0;
    source->last_ms = reading->time_ms;
    source->is_out = excess > 0;
    if (is_first || reading->time_ms >= the_rule.last.time_ms) the_rule.last = *reading;
    if (is_first || excess > excess_of(the_rule.worst.value_milli)) the_rule.worst = *reading;
    if (source->is_out && !was_out) tell_alarm(source, reading);
}

static void read_readings(struct lmm_reader *arguments) {
    brought.count = lmm_read_u32(arguments);
    if (brought.count == 0 || brought.count > CUSTODY_READINGS_MAX)
        lmm_refuse(CUSTODY_BAD_READINGS);
    lmm_read(arguments, brought.items, brought.count * (uint32_t)sizeof(struct reading));
}

// The shipment and the rule that readings are of, both loaded.
static void read_subject(struct lmm_reader *arguments) {
    brought.shipment = lmm_read_u64(arguments);
    brought.rule = lmm_read_u8(arguments);
    shipment_demand(brought.shipment);
    if (the_shipment.state == SHIPMENT_AT_REST) lmm_refuse(CUSTODY_NOT_DEPARTED);
    if (brought.rule >= the_shipment.rule_count) lmm_refuse(CUSTODY_UNKNOWN_RULE);
    rule_load(the_shipment.number, brought.rule);
    holders_load();
}

static void demand_in_time(void) {
    if (the_shipment.state == SHIPMENT_ARRIVED &&
        lmm_block_time_ms() > the_shipment.arrived_ms + CUSTODY_LATE_MS)
        lmm_refuse(CUSTODY_HAS_ARRIVED);
}

// Those from the first on that were measured while one account held the goods; returns how many.
static uint32_t tell_readings_of_holder(const struct source *source, uint32_t first) {
    const struct holder *holder = holder_at(brought.items[first].time_ms);
    uint32_t count = 1;
    while (first + count < brought.count &&
           holder_at(brought.items[first + count].time_ms) == holder)
        count++;
    told.len = 0;
    told_put(&the_shipment.number, sizeof the_shipment.number);
    put_origin_of_readings(source, holder);
    told_put_u32(count);
    told_put(&brought.items[first], count * (uint32_t)sizeof(struct reading));
    told_put_condition();
    TELL("readings");
    return count;
}

static void take(struct source *source) {
    uint32_t alarms = the_shipment.alarms;
    for (uint32_t i = 0; i < brought.count; i++) judge(source, &brought.items[i]);
    rule_store(the_shipment.number, brought.rule);
    shipment_store();
    for (uint32_t i = 0; i < brought.count;) i += tell_readings_of_holder(source, i);
    if (the_shipment.alarms != alarms) shipment_tell();
}

static struct source *find_sensor(const uint8_t key[ID_LEN]) {
    for (uint8_t i = 1; i < the_rule.source_count; i++)
        if (memcmp(the_rule.sources[i].key, key, ID_LEN) == 0) return &the_rule.sources[i];
    lmm_refuse(CUSTODY_UNKNOWN_SENSOR);
}

static void demand_signature(const uint8_t *key, const uint8_t *signature) {
    uint8_t payload[ID_LEN];
    uint32_t len = (uint32_t) __builtin_offsetof(struct signed_readings, items) +
                   brought.count * (uint32_t)sizeof(struct reading);
    lmm_self(brought.contract);
    lmm_hash(&brought, len, payload);
    if (!lmm_verify_tagged("lmm:journal", key, signature, payload))
        lmm_refuse(CUSTODY_BAD_SIGNATURE);
}

// Else whoever holds the goods could lay an excursion at the door of who held them before.
static void demand_held_then(void) {
    for (uint32_t i = 0; i < brought.count; i++) {
        const struct holder *holder = holder_at(brought.items[i].time_ms);
        if (!custody_is_caller(holder->account)) lmm_refuse(CUSTODY_NOT_HELD_THEN);
    }
}

// measure(shipment u64, rule u8, sensor hash, readings: vec<reading>, signature: bytes)
LMM_METHOD(measure) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t key[ID_LEN], signature[SIGNATURE_LEN];
    read_subject(&arguments);
    lmm_read(&arguments, key, ID_LEN);
    read_readings(&arguments);
    if (lmm_read_u32(&arguments) != SIGNATURE_LEN) lmm_refuse(CUSTODY_BAD_SIGNATURE);
    lmm_read(&arguments, signature, SIGNATURE_LEN);
    lmm_reader_end(&arguments);
    demand_in_time();
    struct source *sensor = find_sensor(key);
    demand_signature(key, signature);
    take(sensor);
}

// report(shipment u64, rule u8, readings: vec<reading>): by the custodian's word.
LMM_METHOD(report) {
    struct lmm_reader arguments = lmm_arguments();
    read_subject(&arguments);
    read_readings(&arguments);
    lmm_reader_end(&arguments);
    shipment_demand_under_way();
    if (!custody_is_caller(the_shipment.custodian)) lmm_refuse(CUSTODY_NOT_THE_CUSTODIAN);
    demand_held_then();
    take(&the_rule.sources[CUSTODIAN]);
}
