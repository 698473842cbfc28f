// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/contract/at_hand.h"

struct shipment the_shipment;
uint32_t the_journey_number;
struct journey the_journey;
uint32_t the_holder_count;
struct rule the_rule;
uint8_t the_rule_index;
struct hand_over the_hand_over;
uint32_t the_conditions_len;
struct told told;

// ---- what is told

void told_put(const void *data, uint32_t len) {
    if (len > TOLD_MAX - told.len) __builtin_trap();
    memcpy(told.bytes + told.len, data, len);
    told.len += len;
}

void told_put_u8(uint8_t value) { told_put(&value, 1); }
void told_put_u32(uint32_t value) { told_put(&value, 4); }

void told_put_text(const char *text, uint32_t len) {
    told_put_u32(len);
    told_put(text, len);
}

static void put_bound(bool is_there, int64_t value) {
    told_put_u8(is_there);
    if (is_there) told_put(&value, sizeof value);
}

static void put_reading(bool is_there, const struct reading *reading) {
    told_put_u8(is_there);
    if (is_there) told_put(reading, sizeof *reading);
}

void told_put_rule(void) {
    told_put_text(the_rule.property, the_rule.property_len);
    told_put_text(the_rule.uom, the_rule.uom_len);
    put_bound(the_rule.has_min, the_rule.min_milli);
    put_bound(the_rule.has_max, the_rule.max_milli);
}

static bool rule_is_out(void) {
    for (uint8_t i = 0; i < the_rule.source_count; i++)
        if (the_rule.sources[i].is_out) return true;
    return false;
}

void told_put_condition(void) {
    told_put_rule();
    told_put_u32(the_rule.readings);
    told_put_u8(rule_is_out());
    put_reading(the_rule.readings > 0, &the_rule.last);
    put_reading(the_rule.readings > 0, &the_rule.worst);
}

void told_put_shipment(void) {
    told_put(&the_shipment, SHIPMENT_HEAD);
    told_put_text(the_shipment.uom, the_shipment.uom_len);
    told_put_text(the_shipment.epc, the_shipment.epc_len);
}

void shipment_tell(void) {
    told.len = 0;
    told_put_shipment();
    TELL("shipment");
}

void told_put_hand_over(void) {
    told_put(&the_hand_over, HAND_OVER_HEAD);
    told_put(the_hand_over.conditions, the_conditions_len);
}

void hand_over_tell(const char *reason, uint32_t reason_len) {
    told.len = 0;
    told_put_hand_over();
    told_put_text(reason, reason_len);
    TELL("hand_over");
}

void told_put_conditions(void) {
    told_put_u32(the_shipment.rule_count);
    for (uint8_t i = 0; i < the_shipment.rule_count; i++) {
        rule_load(the_shipment.number, i);
        told_put_condition();
    }
}

// ---- what is kept

static void make_key(uint8_t key[RULE_KEY_LEN], uint8_t kind, uint64_t number) {
    key[0] = kind;
    for (int i = 0; i < 8; i++) key[1 + i] = (uint8_t)(number >> (56 - 8 * i));
    for (int i = 0; i < 4; i++)
        key[NUMBER_KEY_LEN + i] = (uint8_t)(the_journey_number >> (24 - 8 * i));
    key[JOURNEY_KEY_LEN] = the_rule_index;
}

uint64_t custody_next_number(char kind) {
    uint64_t count = 0;
    lmm_storage_get(&kind, 1, &count, sizeof count);
    count++;
    lmm_storage_set(&kind, 1, &count, sizeof count);
    return count;
}

bool shipment_load(uint64_t number) {
    uint8_t key[RULE_KEY_LEN];
    make_key(key, 's', number);
    if (lmm_storage_get(key, NUMBER_KEY_LEN, &the_shipment, sizeof the_shipment) < 0) return false;
    the_journey_number = the_shipment.journey;
    return true;
}

void shipment_store(void) {
    uint8_t key[RULE_KEY_LEN];
    make_key(key, 's', the_shipment.number);
    lmm_storage_set(key, NUMBER_KEY_LEN, &the_shipment,
                    sizeof the_shipment - CUSTODY_EPC_MAX + the_shipment.epc_len);
}

void rule_load(uint64_t number, uint8_t index) {
    uint8_t key[RULE_KEY_LEN];
    the_rule_index = index;
    make_key(key, 'r', number);
    lmm_storage_get(key, RULE_KEY_LEN, &the_rule, sizeof the_rule);
}

void rule_store(uint64_t number, uint8_t index) {
    uint8_t key[RULE_KEY_LEN];
    the_rule_index = index;
    make_key(key, 'r', number);
    lmm_storage_set(key, RULE_KEY_LEN, &the_rule,
                    sizeof the_rule - sizeof the_rule.sources +
                        the_rule.source_count * sizeof(struct source));
}

bool hand_over_load(uint64_t number) {
    uint8_t key[RULE_KEY_LEN];
    make_key(key, 'o', number);
    int32_t len = lmm_storage_get(key, NUMBER_KEY_LEN, &the_hand_over, sizeof the_hand_over);
    the_conditions_len = len < 0 ? 0 : (uint32_t)len - HAND_OVER_HEAD;
    return len >= 0;
}

void hand_over_store(void) {
    uint8_t key[RULE_KEY_LEN];
    make_key(key, 'o', the_hand_over.number);
    lmm_storage_set(key, NUMBER_KEY_LEN, &the_hand_over, HAND_OVER_HEAD + the_conditions_len);
}

void journey_load(void) {
    uint8_t key[RULE_KEY_LEN];
    make_key(key, 'h', the_shipment.number);
    int32_t len = lmm_storage_get(key, JOURNEY_KEY_LEN, &the_journey, sizeof the_journey);
    the_holder_count =
        len < 0 ? 0 : ((uint32_t)len - JOURNEY_HEAD) / (uint32_t)sizeof(struct holder);
}

void journey_store(void) {
    uint8_t key[RULE_KEY_LEN];
    make_key(key, 'h', the_shipment.number);
    lmm_storage_set(key, JOURNEY_KEY_LEN, &the_journey,
                    JOURNEY_HEAD + the_holder_count * (uint32_t)sizeof(struct holder));
}

void holders_add(void) {
    if (the_holder_count >= CUSTODY_HOLDERS_MAX) __builtin_trap();
    struct holder *last = &the_journey.holders[the_holder_count++];
    last->from_ms = lmm_block_time_ms();
    memcpy(last->account, the_shipment.custodian, ID_LEN);
}

const struct holder *holder_at(uint64_t time_ms) {
    uint32_t i = the_holder_count - 1;
    while (i > 0 && the_journey.holders[i].from_ms > time_ms) i--;
    return &the_journey.holders[i];
}

// ---- who and what

bool custody_is_caller(const uint8_t *account) {
    uint8_t caller[ID_LEN];
    lmm_caller(caller);
    return memcmp(caller, account, ID_LEN) == 0;
}

void shipment_demand(uint64_t number) {
    if (!shipment_load(number)) lmm_refuse(CUSTODY_UNKNOWN_SHIPMENT);
}

void shipment_demand_under_way(void) {
    if (the_shipment.state == SHIPMENT_AT_REST) lmm_refuse(CUSTODY_NOT_DEPARTED);
    if (the_shipment.state == SHIPMENT_ARRIVED) lmm_refuse(CUSTODY_HAS_ARRIVED);
}

bool custody_is_value(int64_t value) {
    return value >= -CUSTODY_VALUE_MAX && value <= CUSTODY_VALUE_MAX;
}
