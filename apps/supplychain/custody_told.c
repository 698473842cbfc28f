// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/custody_told.h"

#include <inttypes.h>

#include "apps/common/http/http.h"
#include "apps/common/server/chain_json.h"
#include "apps/supplychain/contract/custody_rules.h"

_Static_assert(sizeof((struct told_hand_over *)0)->conditions / sizeof(struct told_condition) ==
                   CUSTODY_RULES_MAX,
               "an offer has a condition for each rule");

static void decode_account(struct account_id *out, struct decoder *in) {
    decode_fixed(in, out->bytes, sizeof out->bytes);
}

static bool decode_bound(int64_t *out, struct decoder *in) {
    bool is_there = decode_bool(in);
    *out = is_there ? (int64_t)decode_u64(in) : 0;
    return is_there;
}

static bool decode_maybe_reading(struct told_reading *out, struct decoder *in) {
    bool is_there = decode_bool(in);
    if (is_there) told_decode_reading(out, in);
    return is_there;
}

void told_decode_reading(struct told_reading *out, struct decoder *in) {
    out->time_ms = decode_u64(in);
    out->value_milli = (int64_t)decode_u64(in);
}

static void decode_bounds(struct told_rule *out, struct decoder *in) {
    out->property = decode_bytes(in, CUSTODY_PROPERTY_MAX);
    out->uom = decode_bytes(in, CUSTODY_UOM_MAX);
    out->has_min = decode_bound(&out->min_milli, in);
    out->has_max = decode_bound(&out->max_milli, in);
}

void told_decode_rule(struct told_rule *out, struct decoder *in) {
    decode_bounds(out, in);
    out->sensors = decode_slice(in, (size_t)decode_count(in, CUSTODY_SENSORS_MAX) * 32);
}

void told_decode_condition(struct told_condition *out, struct decoder *in) {
    *out = (struct told_condition){0};
    decode_bounds(&out->rule, in);
    out->readings = decode_u32(in);
    out->is_out = decode_bool(in);
    out->has_last = decode_maybe_reading(&out->last, in);
    out->has_worst = decode_maybe_reading(&out->worst, in);
}

void told_decode_shipment(struct told_shipment *out, struct decoder *in) {
    out->number = decode_u64(in);
    out->parent = decode_u64(in);
    decode_account(&out->origin, in);
    decode_fixed(in, out->event_hash.bytes, sizeof out->event_hash.bytes);
    decode_account(&out->custodian, in);
    decode_account(&out->shipper, in);
    decode_account(&out->destination, in);
    out->state = decode_u8(in);
    out->quantity_milli = decode_u64(in);
    out->offered_milli = decode_u64(in);
    out->registered_ms = decode_u64(in);
    out->departed_ms = decode_u64(in);
    out->arrived_ms = decode_u64(in);
    out->alarms = decode_u32(in);
    out->journey = decode_u32(in);
    out->journey_alarms = decode_u32(in);
    out->uom = decode_bytes(in, CUSTODY_UOM_MAX);
    out->epc = decode_bytes(in, CUSTODY_EPC_MAX);
}

void told_decode_source(struct told_source *out, struct decoder *in) {
    out->journey = decode_u32(in);
    out->rule = decode_u8(in);
    out->sensor = decode_bool(in) ? decode_slice(in, 32) : bytes_of("", 0);
    decode_account(&out->custodian, in);
    out->is_late = decode_bool(in);
    out->number = decode_u64(in);
}

void told_decode_hand_over(struct told_hand_over *out, struct decoder *in) {
    out->number = decode_u64(in);
    out->shipment = decode_u64(in);
    out->part = decode_u64(in);
    decode_account(&out->giver, in);
    decode_account(&out->receiver, in);
    out->quantity_milli = decode_u64(in);
    out->offered_ms = decode_u64(in);
    out->closed_ms = decode_u64(in);
    out->state = decode_u8(in);
    out->alarms = decode_u32(in);
    out->condition_count = decode_count(in, CUSTODY_RULES_MAX);
    for (uint32_t i = 0; i < out->condition_count; i++)
        told_decode_condition(&out->conditions[i], in);
    out->reason = decode_bytes(in, CUSTODY_REASON_MAX);
}

static void append_bound(struct buf *out, const char *name, bool is_there, int64_t value) {
    if (is_there)
        buf_append_format(out, ",\"%s\":%" PRId64, name, value);
    else
        buf_append_format(out, ",\"%s\":null", name);
}

static void append_reading(struct buf *out, const char *name, bool is_there,
                           const struct told_reading *reading) {
    buf_append_format(out, ",\"%s\":", name);
    if (!is_there) {
        buf_append_string(out, "null");
        return;
    }
    buf_append_string(out, "{\"time\":");
    chain_json_time(out, (int64_t)reading->time_ms);
    buf_append_format(out, ",\"value_milli\":%" PRId64 "}", reading->value_milli);
}

void told_append_condition(struct buf *out, const struct told_condition *condition) {
    const struct told_rule *rule = &condition->rule;
    buf_append_string(out, "{\"property\":");
    http_append_json_string(out, rule->property);
    buf_append_string(out, ",\"uom\":");
    http_append_json_string(out, rule->uom);
    append_bound(out, "min_milli", rule->has_min, rule->min_milli);
    append_bound(out, "max_milli", rule->has_max, rule->max_milli);
    buf_append_format(out, ",\"readings\":%" PRIu32 ",\"is_out\":%s", condition->readings,
                      condition->is_out ? "true" : "false");
    append_reading(out, "last", condition->has_last, &condition->last);
    append_reading(out, "worst", condition->has_worst, &condition->worst);
    buf_append_byte(out, '}');
}
