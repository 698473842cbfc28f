// SPDX-License-Identifier: Apache-2.0
// Custody's readings: taken, judged and told; the rules stand in custody.c. Which numbers of a
// source were taken, and which of those readings were out of bounds, stands in pages of
// CUSTODY_NUMBERS_IN_PAGE bits each, one of them at hand.
#include "apps/supplychain/contract/at_hand.h"

// What a sensor signs, by its hash.
struct signed_readings {
    uint8_t contract[ID_LEN];
    uint64_t shipment;
    uint32_t journey;
    uint8_t rule;
    uint64_t first; // number
    uint32_t count;
    struct reading items[CUSTODY_READINGS_MAX];
} __attribute__((packed));

enum taking { PASSED_OVER, TAKEN, TAKEN_LATE };

static struct signed_readings brought;
static uint8_t taken_as[CUSTODY_READINGS_MAX]; // enum taking

// ---- numbers

struct page {
    uint8_t taken[CUSTODY_NUMBERS_IN_PAGE / 8];
    uint8_t out[CUSTODY_NUMBERS_IN_PAGE / 8];
};

static struct page page;
static struct page_key {
    uint8_t kind, shipment[8], journey[4], rule, is_sensor, source[ID_LEN], index[8];
} page_key;
static uint64_t page_index;
static bool has_page, is_page_changed;

static void put_big_endian(uint8_t *out, uint64_t value, int len) {
    for (int i = 0; i < len; i++) out[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
}

static void pages_begin(const struct source *source) {
    bool is_sensor = source != &the_rule.sources[CUSTODIAN];
    page_key.kind = 'q';
    put_big_endian(page_key.shipment, the_shipment.number, 8);
    put_big_endian(page_key.journey, the_journey_number, 4);
    page_key.rule = the_rule_index;
    page_key.is_sensor = is_sensor; // whose key may be any bytes, an account's too
    memcpy(page_key.source, is_sensor ? source->key : the_shipment.custodian, ID_LEN);
}

static void page_store(void) {
    if (is_page_changed) lmm_storage_set(&page_key, sizeof page_key, &page, sizeof page);
    is_page_changed = false;
}

// The page that a number stands in is the one at hand; which of its bits.
static uint32_t page_turn_to(uint64_t number) {
    uint64_t index = number / CUSTODY_NUMBERS_IN_PAGE;
    if (!has_page || index != page_index) {
        page_store();
        memset(&page, 0, sizeof page);
        put_big_endian(page_key.index, index, 8);
        lmm_storage_get(&page_key, sizeof page_key, &page, sizeof page);
        page_index = index;
        has_page = true;
    }
    return (uint32_t)(number % CUSTODY_NUMBERS_IN_PAGE);
}

static bool has_bit(const uint8_t *bits, uint32_t bit) { return bits[bit / 8] >> bit % 8 & 1; }
static void set_bit(uint8_t *bits, uint32_t bit) { bits[bit / 8] |= (uint8_t)(1 << bit % 8); }

static bool was_out(uint64_t number) {
    uint32_t bit = page_turn_to(number);
    return has_bit(page.out, bit);
}

// False: the number was taken before.
static bool number_take(uint64_t number, bool is_out) {
    uint32_t bit = page_turn_to(number);
    if (has_bit(page.taken, bit)) return false;
    set_bit(page.taken, bit);
    if (is_out) set_bit(page.out, bit);
    is_page_changed = true;
    return true;
}

// ---- judged

// How far out of bounds a value is; at most 0 within them.
static int64_t excess_of(int64_t value) {
    int64_t above = value - the_rule.max_milli, below = the_rule.min_milli - value;
    if (!the_rule.has_max) return below;
    if (!the_rule.has_min) return above;
    return above > below ? above : below;
}

static void put_origin_of_readings(const struct source *source, uint32_t item) {
    bool is_sensor = source != &the_rule.sources[CUSTODIAN];
    told_put_u32(the_journey_number);
    told_put_u8(the_rule_index);
    told_put_u8(is_sensor);
    if (is_sensor) told_put(source->key, ID_LEN);
    told_put(holder_at(brought.items[item].time_ms)->account, ID_LEN);
    told_put_u8(taken_as[item] == TAKEN_LATE);
    uint64_t number = brought.first + item;
    told_put(&number, sizeof number);
}

static void tell_alarm(const struct source *source, uint32_t item) {
    the_shipment.alarms++;
    if (the_journey_number == the_shipment.journey) the_shipment.journey_alarms++;
    told.len = 0;
    told_put(&the_shipment.number, sizeof the_shipment.number);
    told_put_u32(the_shipment.alarms);
    put_origin_of_readings(source, item);
    told_put(&brought.items[item], sizeof(struct reading));
    told_put_condition();
    TELL("alarm");
}

static void demand_sound(const struct reading *reading) {
    if (reading->time_ms < the_journey.departed_ms) lmm_refuse(CUSTODY_READING_EARLY);
    if (reading->time_ms > lmm_block_time_ms() + CUSTODY_AHEAD_MS)
        lmm_refuse(CUSTODY_READING_AHEAD);
    if (the_journey.arrived_ms > 0 && reading->time_ms > the_journey.arrived_ms)
        lmm_refuse(CUSTODY_HAS_ARRIVED);
    if (!custody_is_value(reading->value_milli)) lmm_refuse(CUSTODY_BAD_READINGS);
}

// Of those as far out the earliest is the worst, whatever order they come in.
static bool is_worse(const struct reading *reading, int64_t excess) {
    int64_t worst = excess_of(the_rule.worst.value_milli);
    return excess > worst || (excess == worst && reading->time_ms < the_rule.worst.time_ms);
}

static void judge(struct source *source, uint32_t item, uint64_t newest_ms) {
    const struct reading *reading = &brought.items[item];
    uint64_t number = brought.first + item;
    int64_t excess = excess_of(reading->value_milli);
    bool goes_on = number > 0 && was_out(number - 1);
    demand_sound(reading);
    if (!number_take(number, excess > 0)) return;
    taken_as[item] = reading->time_ms < newest_ms ? TAKEN_LATE : TAKEN;
    bool is_first = the_rule.readings++ == 0;
    if (reading->time_ms >= source->last_ms) {
        source->last_ms = reading->time_ms;
        source->is_out = excess > 0;
    }
    if (is_first || reading->time_ms >= the_rule.last.time_ms) the_rule.last = *reading;
    if (is_first || is_worse(reading, excess)) the_rule.worst = *reading;
    if (excess > 0 && !goes_on) tell_alarm(source, item);
}

static void read_readings(struct lmm_reader *arguments) {
    brought.first = lmm_read_u64(arguments);
    brought.count = lmm_read_u32(arguments);
    if (brought.count == 0 || brought.count > CUSTODY_READINGS_MAX)
        lmm_refuse(CUSTODY_BAD_READINGS);
    lmm_read(arguments, brought.items, brought.count * (uint32_t)sizeof(struct reading));
    if (brought.first > CUSTODY_NUMBER_MAX - (brought.count - 1)) lmm_refuse(CUSTODY_BAD_NUMBER);
    for (uint32_t i = 1; i < brought.count; i++)
        if (brought.items[i].time_ms <= brought.items[i - 1].time_ms)
            lmm_refuse(CUSTODY_READING_BACKWARDS);
}

// The shipment of that number, whose journey is then to be chosen.
static void read_shipment(struct lmm_reader *arguments) {
    brought.shipment = lmm_read_u64(arguments);
    shipment_demand(brought.shipment);
    if (the_shipment.journey == 0) lmm_refuse(CUSTODY_NOT_DEPARTED);
}

// Of the journey at hand.
static void read_rule(struct lmm_reader *arguments) {
    brought.rule = lmm_read_u8(arguments);
    journey_load();
    if (the_holder_count == 0) lmm_refuse(CUSTODY_UNKNOWN_JOURNEY);
    if (brought.rule >= the_journey.rule_count) lmm_refuse(CUSTODY_UNKNOWN_RULE);
    rule_load(the_shipment.number, brought.rule);
}

static void demand_in_time(void) {
    if (the_journey.arrived_ms > 0 &&
        lmm_block_time_ms() > the_journey.arrived_ms + CUSTODY_LATE_MS)
        lmm_refuse(CUSTODY_HAS_ARRIVED);
}

// Those from `first` on that were taken in the same way while one account held the goods; how many.
static uint32_t tell_readings_alike(const struct source *source, uint32_t first) {
    const struct holder *holder = holder_at(brought.items[first].time_ms);
    uint32_t count = 1;
    while (first + count < brought.count && taken_as[first + count] == taken_as[first] &&
           holder_at(brought.items[first + count].time_ms) == holder)
        count++;
    if (taken_as[first] == PASSED_OVER) return count;
    told.len = 0;
    told_put(&the_shipment.number, sizeof the_shipment.number);
    put_origin_of_readings(source, first);
    told_put_u32(count);
    told_put(&brought.items[first], count * (uint32_t)sizeof(struct reading));
    told_put_condition();
    TELL("readings");
    return count;
}

static void take(struct source *source) {
    uint32_t alarms = the_shipment.alarms, readings = the_rule.readings;
    uint64_t newest_ms = source->last_ms;
    pages_begin(source);
    for (uint32_t i = 0; i < brought.count; i++) judge(source, i, newest_ms);
    if (the_rule.readings == readings) lmm_refuse(CUSTODY_READING_TWICE);
    page_store();
    rule_store(the_shipment.number, brought.rule);
    shipment_store();
    for (uint32_t i = 0; i < brought.count;) i += tell_readings_alike(source, i);
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

// measure(shipment u64, journey u32, rule u8, sensor hash, first u64, readings: vec<reading>,
// signature: bytes)
LMM_METHOD(measure) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t key[ID_LEN], signature[SIGNATURE_LEN];
    read_shipment(&arguments);
    brought.journey = the_journey_number = lmm_read_u32(&arguments);
    read_rule(&arguments);
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

// report(shipment u64, rule u8, first u64, readings: vec<reading>): by the custodian's word, of the
// journey that the shipment is on.
LMM_METHOD(report) {
    struct lmm_reader arguments = lmm_arguments();
    read_shipment(&arguments);
    read_rule(&arguments);
    read_readings(&arguments);
    lmm_reader_end(&arguments);
    shipment_demand_under_way();
    if (!custody_is_caller(the_shipment.custodian)) lmm_refuse(CUSTODY_NOT_THE_CUSTODIAN);
    demand_held_then();
    take(&the_rule.sources[CUSTODIAN]);
}
