// SPDX-License-Identifier: Apache-2.0
// Custody: who holds which goods, who hands them to whom, and how they fared on the way.
//
// A shipment is a quantity of one identifier that one account holds. It begins with the account
// that captured an event of the goods: by that account's own event alone, so that nobody registers
// what another brought in, and once for each account and identifier (docs/adr/021). What one
// account registers bears on no other's; a shipment names its origin for good.
//
// Its custodian offers it, or a part of it, to an account; only that account accepts or refuses,
// only who offered withdraws. What is offered cannot be offered twice. An accepted part becomes a
// shipment of its own with the rules and the condition of the whole. An offer holds the condition
// as it stood then, and is accepted with the number of alarms that the receiver has seen of the
// journey: one that came between the two makes the acceptance void.
//
// `depart` fixes rules: bounds of what is measured, and whose sensors count. They stay until the
// shipment arrives: when its destination, or the account that sent it, holds it again. Then it can
// depart anew: each journey has its number, its rules and its record, and no later one ends what
// may still be brought of an earlier. An alarm of an earlier one is on the shipment's record for
// good, and makes no acceptance void: its sensors are an earlier holder's.
//
// Each reading is judged as it comes, in whatever order readings come. A source (a sensor's key, or
// the account of a custodian who reports) numbers its readings; each number of a source is taken
// once for a rule of a journey, and what a call repeats is passed over. So nothing is lost by what
// came before it, and nothing counts twice. A reading that is out of bounds is an alarm, unless the
// one numbered before it has been taken and was out too. Which readings are alarms in their order
// are so in any other. One that is brought after a later one of its source is told as late. A
// sensor signs the hash of {contract, shipment, journey, rule, first number, readings} under the
// journal's tag, whoever brings it. A part has its own number, so its sensor signs for it anew.
//
// A reading is on the account of who held the goods at its time, not of who holds them when it is
// brought: a journey's holders are kept with their times. There are at most CUSTODY_HOLDERS_MAX;
// the last place is for who ends the journey, so that every journey can end. What a sensor signed
// of a journey is taken, and judged, for CUSTODY_LATE_MS after its arrival as well.
//
// What is kept:
//   'n' -> how many shipments there have been
//   'm' -> how many hand-overs
//   's' ‖ number -> struct shipment
//   'h' ‖ number ‖ journey's -> struct journey
//   'r' ‖ number ‖ journey's ‖ rule's -> struct rule
//   'q' ‖ number ‖ journey's ‖ rule's ‖ source ‖ page's -> which numbers were taken: readings.c
//   'o' ‖ number -> struct hand_over
//   'w' ‖ account ‖ hash of the identifier -> 1
// Numbers are big-endian in keys, begin with 1, and are never given twice.
#include "apps/supplychain/contract/at_hand.h"
#include "apps/supplychain/contract/captures.h"

// ---- who and what

static void demand_own(uint64_t number) {
    shipment_demand(number);
    if (!custody_is_caller(the_shipment.custodian)) lmm_refuse(CUSTODY_NOT_THE_CUSTODIAN);
}

// An identifier or a word has no characters but visible ones of ASCII.
static uint32_t read_word(struct lmm_reader *arguments, char *out, uint32_t most,
                          uint32_t refusal) {
    uint32_t len = lmm_read_u32(arguments);
    if (len == 0 || len > most) lmm_refuse(refusal);
    lmm_read(arguments, out, len);
    for (uint32_t i = 0; i < len; i++)
        if (out[i] < 0x21 || out[i] > 0x7E) lmm_refuse(refusal);
    return len;
}

static bool read_flag(struct lmm_reader *arguments) {
    uint8_t flag = lmm_read_u8(arguments);
    if (flag > 1) lmm_refuse(LMM_BAD_ARGUMENTS);
    return flag;
}

// ---- shipments

static void claim_identifier(void) {
    struct {
        uint8_t kind, account[ID_LEN], hash[ID_LEN];
    } key = {.kind = 'w'};
    uint8_t taken = 1;
    memcpy(key.account, the_shipment.origin, ID_LEN);
    lmm_hash(the_shipment.epc, the_shipment.epc_len, key.hash);
    if (lmm_storage_get(&key, sizeof key, &taken, 1) >= 0) lmm_refuse(CUSTODY_ALREADY_REGISTERED);
    lmm_storage_set(&key, sizeof key, &taken, 1);
}

// register(epc: string, quantity_milli u64, uom: string, event_hash): a unit may be empty, of
// things that are counted.
LMM_METHOD(register) {
    struct lmm_reader arguments = lmm_arguments();
    the_shipment.epc_len =
        read_word(&arguments, the_shipment.epc, CUSTODY_EPC_MAX, CUSTODY_BAD_IDENTIFIER);
    the_shipment.quantity_milli = lmm_read_u64(&arguments);
    struct lmm_reader ahead = arguments;
    if (lmm_read_u32(&ahead) > 0)
        the_shipment.uom_len =
            (uint8_t)read_word(&arguments, the_shipment.uom, CUSTODY_UOM_MAX, CUSTODY_BAD_UNIT);
    else
        arguments = ahead;
    lmm_read(&arguments, the_shipment.event_hash, ID_LEN);
    lmm_reader_end(&arguments);
    if (the_shipment.quantity_milli == 0 || the_shipment.quantity_milli > CUSTODY_QUANTITY_MAX)
        lmm_refuse(CUSTODY_BAD_QUANTITY);
    if (!captures_has_event(the_shipment.event_hash)) lmm_refuse(CUSTODY_EVENT_NOT_CAPTURED);
    lmm_caller(the_shipment.origin);
    lmm_caller(the_shipment.custodian);
    claim_identifier();
    the_shipment.number = custody_next_number('n');
    the_shipment.registered_ms = lmm_block_time_ms();
    shipment_store();
    shipment_tell();
}

static void read_sensors(struct lmm_reader *arguments) {
    uint32_t count = lmm_read_u32(arguments);
    if (count > CUSTODY_SENSORS_MAX) lmm_refuse(CUSTODY_BAD_RULE);
    the_rule.source_count = (uint8_t)(1 + count);
    told_put_u32(count);
    for (uint32_t i = 1; i <= count; i++) {
        lmm_read(arguments, the_rule.sources[i].key, ID_LEN);
        told_put(the_rule.sources[i].key, ID_LEN);
    }
}

// Reads a rule and puts it among what is told.
static void read_rule(struct lmm_reader *arguments) {
    memset(&the_rule, 0, sizeof the_rule);
    the_rule.property_len =
        (uint8_t)read_word(arguments, the_rule.property, CUSTODY_PROPERTY_MAX, CUSTODY_BAD_RULE);
    the_rule.uom_len =
        (uint8_t)read_word(arguments, the_rule.uom, CUSTODY_UOM_MAX, CUSTODY_BAD_RULE);
    the_rule.has_min = read_flag(arguments);
    if (the_rule.has_min) the_rule.min_milli = (int64_t)lmm_read_u64(arguments);
    the_rule.has_max = read_flag(arguments);
    if (the_rule.has_max) the_rule.max_milli = (int64_t)lmm_read_u64(arguments);
    bool is_bound = the_rule.has_min || the_rule.has_max;
    bool is_empty = the_rule.has_min && the_rule.has_max && the_rule.min_milli > the_rule.max_milli;
    if (!is_bound || is_empty || !custody_is_value(the_rule.min_milli) ||
        !custody_is_value(the_rule.max_milli))
        lmm_refuse(CUSTODY_BAD_RULE);
    told_put_rule();
    read_sensors(arguments);
}

// depart(shipment u64, to account, rules: vec<rule>)
LMM_METHOD(depart) {
    struct lmm_reader arguments = lmm_arguments();
    demand_own(lmm_read_u64(&arguments));
    if (the_shipment.state == SHIPMENT_UNDER_WAY) lmm_refuse(CUSTODY_ALREADY_UNDER_WAY);
    if (the_shipment.offered_milli > 0) lmm_refuse(CUSTODY_IS_OFFERED);
    lmm_read(&arguments, the_shipment.destination, ID_LEN);
    uint32_t count = lmm_read_u32(&arguments);
    if (count > CUSTODY_RULES_MAX) lmm_refuse(CUSTODY_BAD_RULE);
    the_journey_number = ++the_shipment.journey;
    the_shipment.journey_alarms = 0;
    told.len = 0;
    told_put(&the_shipment.number, sizeof the_shipment.number);
    told_put_u32(the_journey_number);
    told_put_u32(count);
    for (uint8_t i = 0; i < count; i++) {
        read_rule(&arguments);
        rule_store(the_shipment.number, i);
    }
    lmm_reader_end(&arguments);
    TELL("departed");
    the_shipment.rule_count = (uint8_t)count;
    the_shipment.state = SHIPMENT_UNDER_WAY;
    the_shipment.departed_ms = lmm_block_time_ms();
    the_shipment.arrived_ms = 0;
    lmm_caller(the_shipment.shipper);
    the_journey.departed_ms = the_shipment.departed_ms;
    the_journey.rule_count = (uint8_t)count;
    holders_add();
    journey_store();
    shipment_store();
    shipment_tell();
}

// The shipment at hand, held by whom it was sent to or by who sent it, is there.
static void end_journey(void) {
    the_shipment.state = SHIPMENT_ARRIVED;
    the_shipment.arrived_ms = lmm_block_time_ms();
    the_journey.arrived_ms = the_shipment.arrived_ms;
}

static bool is_at_its_end(void) {
    return memcmp(the_shipment.custodian, the_shipment.destination, ID_LEN) == 0 ||
           memcmp(the_shipment.custodian, the_shipment.shipper, ID_LEN) == 0;
}

// arrive(shipment u64): for who sent it to itself, or has it still. Others' acceptance does it.
LMM_METHOD(arrive) {
    struct lmm_reader arguments = lmm_arguments();
    demand_own(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    shipment_demand_under_way();
    if (!is_at_its_end()) lmm_refuse(CUSTODY_NOT_AT_ITS_END);
    journey_load();
    end_journey();
    journey_store();
    shipment_store();
    shipment_tell();
}

// ---- hand-overs

// offer(shipment u64, quantity_milli u64, to account)
LMM_METHOD(offer) {
    struct lmm_reader arguments = lmm_arguments();
    demand_own(lmm_read_u64(&arguments));
    the_hand_over.quantity_milli = lmm_read_u64(&arguments);
    lmm_read(&arguments, the_hand_over.receiver, ID_LEN);
    lmm_reader_end(&arguments);
    if (custody_is_caller(the_hand_over.receiver)) lmm_refuse(CUSTODY_BAD_RECEIVER);
    uint64_t left = the_shipment.quantity_milli - the_shipment.offered_milli;
    if (the_hand_over.quantity_milli == 0 || the_hand_over.quantity_milli > left)
        lmm_refuse(CUSTODY_BAD_QUANTITY);
    the_hand_over.number = custody_next_number('m');
    the_hand_over.shipment = the_shipment.number;
    lmm_caller(the_hand_over.giver);
    the_hand_over.offered_ms = lmm_block_time_ms();
    the_hand_over.alarms = the_shipment.journey_alarms;
    told.len = 0;
    told_put_conditions();
    the_conditions_len = told.len;
    memcpy(the_hand_over.conditions, told.bytes, told.len);
    hand_over_store();
    the_shipment.offered_milli += the_hand_over.quantity_milli;
    shipment_store();
    shipment_tell();
    hand_over_tell("", 0);
}

static void demand_open(uint64_t number) {
    if (!hand_over_load(number)) lmm_refuse(CUSTODY_UNKNOWN_HAND_OVER);
    shipment_demand(the_hand_over.shipment);
}

static void close_hand_over(uint8_t state) {
    if (the_hand_over.state != HAND_OVER_OFFERED) lmm_refuse(CUSTODY_HAND_OVER_CLOSED);
    the_hand_over.state = state;
    the_hand_over.closed_ms = lmm_block_time_ms();
    the_shipment.offered_milli -= the_hand_over.quantity_milli;
}

// What remains of a shipment stays what it was; the shipment at hand is then the part.
static void split_off(void) {
    uint64_t whole = the_shipment.number, number = custody_next_number('n');
    for (uint8_t i = 0; i < the_shipment.rule_count; i++) {
        rule_load(whole, i);
        rule_store(number, i);
    }
    the_shipment.quantity_milli -= the_hand_over.quantity_milli;
    shipment_store();
    shipment_tell();
    the_shipment.number = number;
    the_shipment.parent = whole;
    the_shipment.quantity_milli = the_hand_over.quantity_milli;
    the_shipment.offered_milli = 0;
}

// The receiver is the custodian, of what is under way as its next holder.
static void take_over(void) {
    memcpy(the_shipment.custodian, the_hand_over.receiver, ID_LEN);
    if (the_shipment.state != SHIPMENT_UNDER_WAY) return;
    bool is_end = is_at_its_end();
    if (the_holder_count >= CUSTODY_HOLDERS_MAX - (is_end ? 0 : 1))
        lmm_refuse(CUSTODY_TOO_MANY_HOLDERS);
    holders_add();
    if (is_end) end_journey();
}

// accept(hand_over u64, alarms u32): alarms are those of the shipment's last journey, as the
// receiver has seen it.
LMM_METHOD(accept) {
    struct lmm_reader arguments = lmm_arguments();
    demand_open(lmm_read_u64(&arguments));
    uint32_t alarms = lmm_read_u32(&arguments);
    lmm_reader_end(&arguments);
    if (!custody_is_caller(the_hand_over.receiver)) lmm_refuse(CUSTODY_NOT_THE_RECEIVER);
    close_hand_over(HAND_OVER_ACCEPTED);
    if (alarms != the_shipment.journey_alarms) lmm_refuse(CUSTODY_CONDITION_CHANGED);
    journey_load();
    if (the_hand_over.quantity_milli < the_shipment.quantity_milli) split_off();
    take_over();
    if (the_shipment.state != SHIPMENT_AT_REST) journey_store();
    the_hand_over.part = the_shipment.number;
    shipment_store();
    hand_over_store();
    shipment_tell();
    hand_over_tell("", 0);
}

// refuse(hand_over u64, reason: string)
LMM_METHOD(refuse) {
    static char reason[CUSTODY_REASON_MAX];
    struct lmm_reader arguments = lmm_arguments();
    demand_open(lmm_read_u64(&arguments));
    uint32_t len = lmm_read_u32(&arguments);
    if (len == 0 || len > CUSTODY_REASON_MAX) lmm_refuse(CUSTODY_BAD_REASON);
    lmm_read(&arguments, reason, len);
    lmm_reader_end(&arguments);
    if (!custody_is_caller(the_hand_over.receiver)) lmm_refuse(CUSTODY_NOT_THE_RECEIVER);
    close_hand_over(HAND_OVER_REFUSED);
    shipment_store();
    hand_over_store();
    shipment_tell();
    hand_over_tell(reason, len);
}

// withdraw(hand_over u64)
LMM_METHOD(withdraw) {
    struct lmm_reader arguments = lmm_arguments();
    demand_open(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    if (!custody_is_caller(the_hand_over.giver)) lmm_refuse(CUSTODY_NOT_THE_OFFERER);
    close_hand_over(HAND_OVER_WITHDRAWN);
    shipment_store();
    hand_over_store();
    shipment_tell();
    hand_over_tell("", 0);
}

// ---- views

// shipment(number u64) -> option<{the shipment, its condition by rule}>
LMM_VIEW(shipment) {
    struct lmm_reader arguments = lmm_arguments();
    bool is_there = shipment_load(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    told_put_u8(is_there);
    if (is_there) {
        told_put_shipment();
        told_put_conditions();
    }
    lmm_return(told.bytes, told.len);
}

// hand_over(number u64) -> option<hand_over>
LMM_VIEW(hand_over) {
    struct lmm_reader arguments = lmm_arguments();
    bool is_there = hand_over_load(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    told_put_u8(is_there);
    if (is_there) told_put_hand_over();
    lmm_return(told.bytes, told.len);
}
