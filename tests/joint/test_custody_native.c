// SPDX-License-Identifier: Apache-2.0
// Custody in the supply-chain contract, natively: each rule and each refusal by its own code, and
// quantities over random histories.
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/codec.h"
#include "tests/joint/custody_calls.h"

// ---- goods

START_TEST(goods_begin_with_who_captured_them) {
    ck_assert_uint_eq(enter(EPC, LOT, "KGM", FISH), NONE);
    ck_assert_uint_eq(look(1).custodian, FISHER);
    ck_assert_uint_eq(look(1).quantity, LOT);
    act_as(STRANGER); // whose capture the event is not
    ck_assert_uint_eq(enter(EPC, LOT, "KGM", FISH), CUSTODY_EVENT_NOT_CAPTURED);
    capture(FISH); // now it is; and still it is another shipment, of another origin
    ck_assert_uint_eq(enter(EPC, LOT, "KGM", FISH), NONE);
    ck_assert_uint_eq(look(1).custodian, FISHER);
    ck_assert_uint_eq(look(2).custodian, STRANGER);
}
END_TEST

START_TEST(goods_are_registered_once_and_as_they_are) {
    char text[CUSTODY_EPC_MAX + 2];
    memset(text, 'x', sizeof text);
    text[CUSTODY_EPC_MAX + 1] = '\0';
    ck_assert_uint_eq(enter(text, 1, "", FISH), CUSTODY_BAD_IDENTIFIER);
    text[CUSTODY_EPC_MAX] = '\0';
    ck_assert_uint_eq(enter(text, 1, "", FISH), NONE);
    ck_assert_uint_eq(enter("", 1, "", FISH), CUSTODY_BAD_IDENTIFIER);
    ck_assert_uint_eq(enter("a b", 1, "", FISH), CUSTODY_BAD_IDENTIFIER);
    ck_assert_uint_eq(enter("\xC3\xA9", 1, "", FISH), CUSTODY_BAD_IDENTIFIER);
    ck_assert_uint_eq(enter(EPC, 1, "NINECHARS", FISH), CUSTODY_BAD_UNIT);
    ck_assert_uint_eq(enter(EPC, 0, "", FISH), CUSTODY_BAD_QUANTITY);
    ck_assert_uint_eq(enter(EPC, CUSTODY_QUANTITY_MAX + 1, "", FISH), CUSTODY_BAD_QUANTITY);
    ck_assert_uint_eq(enter(EPC, CUSTODY_QUANTITY_MAX, "", FISH), NONE);
    ck_assert_uint_eq(enter(EPC, 1, "", FISH), CUSTODY_ALREADY_REGISTERED);
    ck_assert_uint_eq(enter(EPC "2", 1, "", FISH + 1), CUSTODY_EVENT_NOT_CAPTURED);
}
END_TEST

// ---- hand-overs

START_TEST(what_is_accepted_changes_hands) {
    ck_assert_uint_eq(offer(1, LOT, CARRIER), NONE);
    ck_assert_uint_eq(look(1).custodian, FISHER);
    act_as(CARRIER);
    ck_assert_uint_eq(accept_seen(1, 0), NONE);
    ck_assert_uint_eq(look(1).custodian, CARRIER);
    ck_assert_uint_eq(look(1).quantity, LOT);
    ck_assert_uint_eq(look(1).offered, 0);
    act_as(FISHER);
    ck_assert_uint_eq(offer(1, LOT, STORE), CUSTODY_NOT_THE_CUSTODIAN);
}
END_TEST

START_TEST(what_is_refused_or_withdrawn_stays) {
    act_as(FISHER);
    ck_assert_uint_eq(offer(1, LOT, CARRIER), NONE);
    act_as(CARRIER);
    ck_assert_uint_eq(refuse(1, "warm"), NONE);
    ck_assert_uint_eq(look(1).custodian, FISHER);
    ck_assert_uint_eq(look(1).offered, 0);
    act_as(FISHER);
    ck_assert_uint_eq(offer(1, LOT, CARRIER), NONE);
    ck_assert_uint_eq(with_number("withdraw", 2), NONE);
    ck_assert_uint_eq(look(1).offered, 0);
    act_as(CARRIER);
    ck_assert_uint_eq(accept_seen(2, 0), CUSTODY_HAND_OVER_CLOSED);
    ck_assert_uint_eq(refuse(2, "late"), CUSTODY_HAND_OVER_CLOSED);
    act_as(FISHER);
    ck_assert_uint_eq(with_number("withdraw", 1), CUSTODY_HAND_OVER_CLOSED);
}
END_TEST

START_TEST(only_those_it_concerns_hand_over) {
    ck_assert_uint_eq(offer(2, 1, CARRIER), CUSTODY_UNKNOWN_SHIPMENT);
    ck_assert_uint_eq(offer(1, 1, FISHER), CUSTODY_BAD_RECEIVER);
    ck_assert_uint_eq(offer(1, 1, CARRIER), NONE);
    ck_assert_uint_eq(accept_seen(1, 0), CUSTODY_NOT_THE_RECEIVER);
    act_as(STRANGER);
    ck_assert_uint_eq(offer(1, 1, CARRIER), CUSTODY_NOT_THE_CUSTODIAN);
    ck_assert_uint_eq(accept_seen(1, 0), CUSTODY_NOT_THE_RECEIVER);
    ck_assert_uint_eq(refuse(1, "mine"), CUSTODY_NOT_THE_RECEIVER);
    ck_assert_uint_eq(with_number("withdraw", 1), CUSTODY_NOT_THE_OFFERER);
    act_as(CARRIER);
    ck_assert_uint_eq(with_number("withdraw", 1), CUSTODY_NOT_THE_OFFERER);
    ck_assert_uint_eq(accept_seen(2, 0), CUSTODY_UNKNOWN_HAND_OVER);
    ck_assert_uint_eq(refuse(2, "none"), CUSTODY_UNKNOWN_HAND_OVER);
    ck_assert_uint_eq(with_number("withdraw", 2), CUSTODY_UNKNOWN_HAND_OVER);
    ck_assert_uint_eq(refuse(1, ""), CUSTODY_BAD_REASON);
}
END_TEST

START_TEST(nothing_is_offered_twice_and_a_part_splits_off) {
    ck_assert_uint_eq(offer(1, 0, CARRIER), CUSTODY_BAD_QUANTITY);
    ck_assert_uint_eq(offer(1, LOT + 1, CARRIER), CUSTODY_BAD_QUANTITY);
    ck_assert_uint_eq(offer(1, LOT - 1, CARRIER), NONE);
    ck_assert_uint_eq(offer(1, 2, STORE), CUSTODY_BAD_QUANTITY);
    ck_assert_uint_eq(offer(1, 1, STORE), NONE);
    act_as(CARRIER);
    ck_assert_uint_eq(accept_seen(1, 0), NONE);
    ck_assert_uint_eq(count_told("shipment"), 2); // what remains, and the part
    ck_assert_uint_eq(look(1).quantity, 1);
    ck_assert_uint_eq(look(1).offered, 1);
    ck_assert_uint_eq(look(2).quantity, LOT - 1);
    ck_assert_uint_eq(look(2).custodian, CARRIER);
    act_as(STORE);
    ck_assert_uint_eq(accept_seen(2, 0), NONE);
    ck_assert_uint_eq(look(1).custodian, STORE); // all that remained
}
END_TEST

START_TEST(an_alarm_since_makes_an_acceptance_void) {
    ck_assert_uint_eq(offer(1, LOT, CARRIER), NONE);
    ck_assert_uint_eq(report(1, mock->time_ms, 1), NONE);
    act_as(CARRIER);
    ck_assert_uint_eq(accept_seen(1, 0), CUSTODY_CONDITION_CHANGED);
    ck_assert_uint_eq(accept_seen(1, 1), NONE);
}
END_TEST

// ---- journeys

START_TEST(a_departure_is_the_custodians_and_fixes_the_rules) {
    act_as(STRANGER);
    ck_assert_uint_eq(depart(1, STRANGER), CUSTODY_NOT_THE_CUSTODIAN);
    ck_assert_uint_eq(depart(9, STORE), CUSTODY_UNKNOWN_SHIPMENT);
    act_as(FISHER);
    ck_assert_uint_eq(offer(1, 1, CARRIER), NONE);
    ck_assert_uint_eq(depart(1, STORE), CUSTODY_IS_OFFERED);
    ck_assert_uint_eq(with_number("withdraw", 1), NONE);
    ck_assert_uint_eq(depart(1, STORE), NONE);
    ck_assert_uint_eq(count_told("departed"), 1);
    ck_assert_uint_eq(look(1).state, SHIPMENT_UNDER_WAY);
    ck_assert_uint_eq(depart(1, STORE), CUSTODY_ALREADY_UNDER_WAY);
}
END_TEST

START_TEST(a_rule_has_a_bound_and_a_name) {
    put_departure(1, STORE, 1);
    put_rule(false, 0, NULL);
    ck_assert_uint_eq(call("depart"), CUSTODY_BAD_RULE);
    put_departure(1, STORE, 1);
    put_rule(true, CUSTODY_VALUE_MAX + 1, NULL);
    ck_assert_uint_eq(call("depart"), CUSTODY_BAD_RULE);
    put_departure(1, STORE, CUSTODY_RULES_MAX + 1);
    for (int i = 0; i <= CUSTODY_RULES_MAX; i++) put_rule(true, 0, NULL);
    ck_assert_uint_eq(call("depart"), CUSTODY_BAD_RULE);
    put_departure(1, STORE, 1);
    encode_bytes(&arguments, bytes_of_string(""));
    ck_assert_uint_eq(call("depart"), CUSTODY_BAD_RULE);
    put_departure(1, STORE, 1); // a minimum above the maximum
    encode_bytes(&arguments, bytes_of_string("Temperature"));
    encode_bytes(&arguments, bytes_of_string("CEL"));
    encode_bool(&arguments, true);
    encode_u64(&arguments, 2);
    encode_bool(&arguments, true);
    encode_u64(&arguments, 1);
    encode_u32(&arguments, 0);
    ck_assert_uint_eq(call("depart"), CUSTODY_BAD_RULE);
    put_departure(1, STORE, 1);
    put_rule(true, 0, NULL);
    store_u32_le(arguments.data + arguments.len - 4, CUSTODY_SENSORS_MAX + 1);
    put_bytes(0, (CUSTODY_SENSORS_MAX + 1) * 32);
    ck_assert_uint_eq(call("depart"), CUSTODY_BAD_RULE);
    put_departure(1, STORE, CUSTODY_RULES_MAX);
    for (int i = 0; i < CUSTODY_RULES_MAX; i++) put_rule(true, 0, &sensor_key);
    ck_assert_uint_eq(call("depart"), NONE);
}
END_TEST

START_TEST(a_journey_ends_where_it_was_sent_or_where_it_came_from) {
    ck_assert_uint_eq(offer(1, LOT, CARRIER), NONE);
    act_as(CARRIER);
    ck_assert_uint_eq(accept_seen(1, 0), NONE);
    ck_assert_uint_eq(look(1).state, SHIPMENT_UNDER_WAY);
    ck_assert_uint_eq(with_number("arrive", 1), CUSTODY_NOT_AT_ITS_END);
    ck_assert_uint_eq(depart(1, CARRIER), CUSTODY_ALREADY_UNDER_WAY); // the rules stand
    ck_assert_uint_eq(offer(1, LOT, STORE), NONE);
    act_as(STORE);
    ck_assert_uint_eq(accept_seen(2, 0), NONE);
    ck_assert_uint_eq(look(1).state, SHIPMENT_ARRIVED);
    ck_assert_uint_eq(with_number("arrive", 1), CUSTODY_HAS_ARRIVED);
    ck_assert_uint_eq(depart(1, STORE), NONE); // to a place of its own
    ck_assert_uint_eq(with_number("arrive", 1), NONE);
    act_as(CARRIER);
    ck_assert_uint_eq(with_number("arrive", 1), CUSTODY_NOT_THE_CUSTODIAN);
    ck_assert_uint_eq(with_number("arrive", 5), CUSTODY_UNKNOWN_SHIPMENT);
}
END_TEST

// ---- readings

START_TEST(a_reading_out_of_bounds_is_an_alarm_in_the_same_call) {
    uint64_t now = mock->time_ms;
    ck_assert_uint_eq(measure(1, now, 0), NONE); // on the bound is within it
    ck_assert_uint_eq(count_told("alarm"), 0);
    ck_assert_uint_eq(measure(1, now + 1, 1), NONE);
    ck_assert_uint_eq(count_told("alarm"), 1);
    ck_assert_uint_eq(count_told("readings"), 1);
    ck_assert_uint_eq(measure(1, now + 2, 9000), NONE); // still the same excursion
    ck_assert_uint_eq(count_told("alarm"), 0);
    const struct reading two[] = {{now + 3, -1000}, {now + 4, 10}};
    ck_assert_uint_eq(report_many(1, two, 2), NONE); // another source
    ck_assert_uint_eq(count_told("alarm"), 1);
    ck_assert_uint_eq(measure(1, now + 5, -1), NONE);
    ck_assert_uint_eq(measure(1, now + 6, 1), NONE);
    ck_assert_uint_eq(count_told("alarm"), 1);
    ck_assert_uint_eq(look(1).alarms, 3);
}
END_TEST

START_TEST(an_offer_holds_the_condition_as_it_stood) {
    uint64_t now = mock->time_ms;
    ck_assert_uint_eq(measure(1, now, 4500), NONE);
    ck_assert_uint_eq(measure(1, now + 1, -2000), NONE);
    ck_assert_uint_eq(offer(1, LOT, CARRIER), NONE);
    struct bytes data = mock->events[mock->event_count - 1].data;
    struct decoder in = decoder_of(data);
    decode_slice(&in, 3 * 8 + 2 * 32 + 3 * 8 + 1);
    ck_assert_uint_eq(decode_u32(&in), 1); // alarms
    ck_assert_uint_eq(decode_u32(&in), 1); // conditions
    assert_bytes_equal(decode_bytes(&in, 32), bytes_of_string("Temperature"));
    assert_bytes_equal(decode_bytes(&in, 8), bytes_of_string("CEL"));
    ck_assert(!decode_bool(&in));
    ck_assert(decode_bool(&in));
    ck_assert_uint_eq(decode_u64(&in), 0);
    ck_assert_uint_eq(decode_u32(&in), 2);
    ck_assert(!decode_bool(&in)); // in bounds again
    ck_assert(decode_bool(&in));
    ck_assert_uint_eq(decode_u64(&in), now + 1);
    ck_assert_int_eq((int64_t)decode_u64(&in), -2000);
    ck_assert(decode_bool(&in));
    ck_assert_uint_eq(decode_u64(&in), now);
    ck_assert_int_eq((int64_t)decode_u64(&in), 4500);
    ck_assert_uint_eq(decode_u32(&in), 0); // no reason
    assert_ok(decoder_finish(&in));
}
END_TEST

START_TEST(a_reading_has_its_sensor_and_its_time) {
    uint64_t now = mock->time_ms;
    struct reading reading = {now + 10, -5};
    ck_assert_uint_eq(measure_as(&other_sensor, 1, 1, reading), CUSTODY_UNKNOWN_SENSOR);
    ck_assert_uint_eq(measure_as(&sensor, 2, 1, reading), CUSTODY_BAD_SIGNATURE);
    ck_assert_uint_eq(measure(1, now + 10, -5), NONE);
    next_number--;
    ck_assert_uint_eq(measure(1, now + 10, -5), CUSTODY_READING_TWICE);
    ck_assert_uint_eq(measure(1, now + 11, -6), CUSTODY_READING_TWICE);
    next_number++;
    const struct reading back[] = {{now + 12, -5}, {now + 12, -5}};
    ck_assert_uint_eq(measure_many(1, back, 2), CUSTODY_READING_BACKWARDS);
    next_number = CUSTODY_NUMBER_MAX;
    const struct reading two[] = {{now + 12, -5}, {now + 13, -5}};
    ck_assert_uint_eq(measure_many(1, two, 2), CUSTODY_BAD_NUMBER);
    ck_assert_uint_eq(measure_many(1, two, 1), NONE);
    next_number = 1;
    ck_assert_uint_eq(measure(1, now + CUSTODY_AHEAD_MS + 1, -5), CUSTODY_READING_AHEAD);
    ck_assert_uint_eq(measure(1, now + CUSTODY_AHEAD_MS, -5), NONE);
    ck_assert_uint_eq(report(1, now - 1, -5), CUSTODY_READING_EARLY);
    ck_assert_uint_eq(report(1, now, CUSTODY_VALUE_MAX + 1), CUSTODY_BAD_READINGS);
    ck_assert_uint_eq(report_many(1, NULL, 0), CUSTODY_BAD_READINGS);
    act_as(STRANGER);
    ck_assert_uint_eq(report(1, now, -5), CUSTODY_NOT_THE_CUSTODIAN);
    ck_assert_uint_eq(report(7, now, -5), CUSTODY_UNKNOWN_SHIPMENT);
    arguments.data[8] = 1;
    store_u64_le(arguments.data, 1);
    ck_assert_uint_eq(call("report"), CUSTODY_UNKNOWN_RULE);
    journey = 2;
    ck_assert_uint_eq(measure(1, now, -5), CUSTODY_UNKNOWN_JOURNEY);
    journey = 0;
    ck_assert_uint_eq(measure(1, now, -5), CUSTODY_UNKNOWN_JOURNEY);
}
END_TEST

START_TEST(a_signature_of_another_chain_is_none) {
    struct hash here = mock->chain_id;
    struct buf kept = {0};
    mock->chain_id.bytes[0] ^= 1;
    ck_assert_uint_eq(measure(1, mock->time_ms, -5), NONE);
    buf_append(&kept, buf_bytes(&arguments));
    custody_stop();
    custody_start_under_way();
    buf_reset(&arguments);
    buf_append(&arguments, buf_bytes(&kept));
    ck_assert(hash_equal(&here, &mock->chain_id));
    ck_assert_uint_eq(call("measure"), CUSTODY_BAD_SIGNATURE);
    buf_clear(&kept);
}
END_TEST

START_TEST(there_are_no_readings_before_and_after_the_journey) {
    uint64_t now = mock->time_ms;
    ck_assert_uint_eq(report(1, now, 0), CUSTODY_NOT_DEPARTED);
    ck_assert_uint_eq(measure(1, now, 0), CUSTODY_NOT_DEPARTED);
    ck_assert_uint_eq(depart(1, STORE), NONE);
    ck_assert_uint_eq(measure(1, now, 0), NONE);
    ck_assert_uint_eq(offer(1, LOT, STORE), NONE);
    act_as(STORE);
    ck_assert_uint_eq(accept_seen(1, 0), NONE);
    ck_assert_uint_eq(report(1, now, 0), CUSTODY_HAS_ARRIVED);
    ck_assert_uint_eq(report(1, now + 1, 0), CUSTODY_HAS_ARRIVED);
    ck_assert_uint_eq(measure(1, now + 1, 0), CUSTODY_HAS_ARRIVED);
}
END_TEST

enum { HOUR = 60 * 60 * 1000 };

// From the caller to an account that has seen these alarms, an hour later.
static uint32_t pass_on(uint8_t to, uint32_t alarms) {
    ck_assert_uint_eq(offer(1, LOT, to), NONE);
    struct decoder in = decoder_of(mock->events[mock->event_count - 1].data);
    uint64_t number = decode_u64(&in);
    mock->time_ms += HOUR;
    act_as(to);
    return accept_seen(number, alarms);
}

START_TEST(an_excursion_is_on_the_account_of_who_held_the_goods_then) {
    uint64_t fishers = mock->time_ms + 1, carriers;
    ck_assert_uint_eq(pass_on(CARRIER, 0), NONE);
    carriers = mock->time_ms;
    mock->time_ms += HOUR;
    ck_assert_uint_eq(measure(1, fishers, 9000), NONE); // withheld until now
    ck_assert_uint_eq(custodian_told("alarm"), FISHER);
    ck_assert_uint_eq(custodian_told("readings"), FISHER);
    ck_assert_uint_eq(measure(1, carriers - 1, -1), NONE);
    ck_assert_uint_eq(custodian_told("readings"), FISHER);
    ck_assert_uint_eq(measure(1, carriers, 9000), NONE);
    ck_assert_uint_eq(custodian_told("alarm"), CARRIER);
    ck_assert_uint_eq(pass_on(STORE, 1), CUSTODY_CONDITION_CHANGED);
    ck_assert_uint_eq(accept_seen(2, 2), NONE);
}
END_TEST

START_TEST(readings_brought_at_once_are_told_by_who_held_the_goods) {
    uint64_t begin = mock->time_ms;
    ck_assert_uint_eq(offer(1, LOT, CARRIER), NONE);
    mock->time_ms += HOUR;
    act_as(CARRIER);
    ck_assert_uint_eq(accept_seen(1, 0), NONE);
    const struct reading both[] = {{begin + HOUR - 1, 5}, {begin + HOUR, 5}};
    ck_assert_uint_eq(measure_many(1, both, 2), NONE);
    ck_assert_uint_eq(count_told("readings"), 2);
    ck_assert_uint_eq(count_told("alarm"), 1);
    ck_assert_uint_eq(custodian_told("alarm"), FISHER);
}
END_TEST

START_TEST(a_custodian_reports_nothing_of_the_time_before_it_was_one) {
    uint64_t begin = mock->time_ms;
    ck_assert_uint_eq(pass_on(CARRIER, 0), NONE);
    ck_assert_uint_eq(report(1, begin, 9000), CUSTODY_NOT_HELD_THEN);
    ck_assert_uint_eq(report(1, begin + HOUR - 1, 9000), CUSTODY_NOT_HELD_THEN);
    ck_assert_uint_eq(report(1, begin + HOUR, 9000), NONE);
    ck_assert_uint_eq(custodian_told("alarm"), CARRIER);
}
END_TEST

START_TEST(what_sensors_signed_of_the_journey_is_taken_for_a_week_after_it) {
    uint64_t begin = mock->time_ms, arrived;
    ck_assert_uint_eq(pass_on(STORE, 0), NONE);
    arrived = mock->time_ms;
    mock->time_ms += HOUR;
    ck_assert_uint_eq(measure(1, begin + 1, 20000), NONE);
    ck_assert_uint_eq(custodian_told("alarm"), FISHER);
    ck_assert_uint_eq(look(1).alarms, 1);
    ck_assert_uint_eq(look(1).state, SHIPMENT_ARRIVED);
    ck_assert_uint_eq(pass_on(CARRIER, 0), CUSTODY_CONDITION_CHANGED); // it is seen, too
    ck_assert_uint_eq(accept_seen(2, 1), NONE);
    ck_assert_uint_eq(measure(1, arrived + 1, 0), CUSTODY_HAS_ARRIVED);
    mock->time_ms = arrived + CUSTODY_LATE_MS;
    ck_assert_uint_eq(measure(1, begin + 2, 0), NONE);
    ck_assert_uint_eq(custodian_told("readings"), FISHER);
    mock->time_ms++;
    ck_assert_uint_eq(measure(1, begin + 3, 0), CUSTODY_HAS_ARRIVED);
}
END_TEST

START_TEST(a_part_remembers_who_held_the_whole) {
    uint64_t begin = mock->time_ms;
    ck_assert_uint_eq(offer(1, 400, CARRIER), NONE);
    mock->time_ms += HOUR;
    act_as(CARRIER);
    ck_assert_uint_eq(accept_seen(1, 0), NONE);
    ck_assert_uint_eq(measure(2, begin + 1, 5), NONE);
    ck_assert_uint_eq(custodian_told("alarm"), FISHER);
    ck_assert_uint_eq(measure(2, begin + HOUR, -5), NONE);
    ck_assert_uint_eq(custodian_told("readings"), CARRIER);
    ck_assert_uint_eq(measure(1, begin + HOUR, 5), NONE);
    ck_assert_uint_eq(custodian_told("alarm"), FISHER); // what remains changed no hands
}
END_TEST

START_TEST(a_journey_has_so_many_holders_and_can_still_end) {
    uint64_t begin = mock->time_ms;
    for (uint32_t held = 1; held < CUSTODY_HOLDERS_MAX - 1; held++)
        ck_assert_uint_eq(pass_on(held % 2 ? CARRIER : STRANGER, 0), NONE);
    ck_assert_uint_eq(pass_on(look(1).custodian == CARRIER ? STRANGER : CARRIER, 0),
                      CUSTODY_TOO_MANY_HOLDERS);
    ck_assert_uint_eq(with_number("withdraw", CUSTODY_HOLDERS_MAX - 1), CUSTODY_NOT_THE_OFFERER);
    ck_assert_uint_eq(refuse(CUSTODY_HOLDERS_MAX - 1, "no place"), NONE);
    act_as(look(1).custodian);
    ck_assert_uint_eq(pass_on(STORE, 0), NONE);
    ck_assert_uint_eq(look(1).state, SHIPMENT_ARRIVED);
    ck_assert_uint_eq(measure(1, begin, 5), NONE);
    ck_assert_uint_eq(custodian_told("alarm"), FISHER);
    ck_assert_uint_eq(depart(1, CARRIER), NONE); // another journey
    journey = 2;
    ck_assert_uint_eq(measure(1, begin + 1, 5), CUSTODY_READING_EARLY);
    ck_assert_uint_eq(pass_on(CARRIER, 0), NONE);
}
END_TEST

START_TEST(so_many_readings_come_at_once_and_no_more) {
    struct reading many[CUSTODY_READINGS_MAX + 1];
    for (uint32_t i = 0; i <= CUSTODY_READINGS_MAX; i++)
        many[i] = (struct reading){mock->time_ms + i, i % 2 ? 1000 : -1000};
    ck_assert_uint_eq(report_many(1, many, CUSTODY_READINGS_MAX + 1), CUSTODY_BAD_READINGS);
    ck_assert_uint_eq(report_many(1, many, CUSTODY_READINGS_MAX), NONE);
    ck_assert_uint_eq(count_told("alarm"), CUSTODY_READINGS_MAX / 2);
}
END_TEST

START_TEST(a_part_has_the_rules_and_alarms_of_the_whole) {
    uint64_t now = mock->time_ms;
    ck_assert_uint_eq(measure(1, now, 5), NONE);
    ck_assert_uint_eq(offer(1, 400, CARRIER), NONE);
    act_as(CARRIER);
    ck_assert_uint_eq(accept_seen(1, 1), NONE);
    ck_assert_uint_eq(look(2).alarms, 1);
    ck_assert_uint_eq(look(2).state, SHIPMENT_UNDER_WAY);
    ck_assert_uint_eq(measure(2, now + 1, -5), NONE);
    ck_assert_uint_eq(measure(2, now + 2, 5), NONE);
    ck_assert_uint_eq(look(2).alarms, 2);
    ck_assert_uint_eq(look(1).alarms, 1);
}
END_TEST

// ---- histories

// splitmix64
static uint32_t pick(uint64_t *seed, uint32_t below) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

static void step(uint64_t *seed, uint32_t *shipments, uint32_t *hand_overs) {
    uint64_t shipment = 1 + pick(seed, *shipments);
    uint64_t of = *hand_overs ? 1 + pick(seed, *hand_overs) : 1;
    uint32_t refusal;
    act_as((uint8_t)(1 + pick(seed, ACCOUNTS - 1)));
    switch (pick(seed, 6)) {
    case 0:
        depart(shipment, (uint8_t)(1 + pick(seed, ACCOUNTS - 1)));
        break;
    case 1:
        measure(shipment, mock->time_ms += 10, (int64_t)pick(seed, 3) - 1);
        break;
    case 2:
        refusal = offer(shipment, 1 + pick(seed, LOT), (uint8_t)(1 + pick(seed, ACCOUNTS - 1)));
        if (refusal == NONE) ++*hand_overs;
        break;
    case 3:
        if (accept_seen(of, pick(seed, 2)) == NONE && count_told("shipment") == 2) ++*shipments;
        break;
    case 4:
        refuse(of, "no");
        break;
    default:
        with_number("withdraw", of);
    }
}

// Whatever is tried, the parts are the whole, and no part offers more than it is.
START_TEST(quantities_are_kept_over_random_histories) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t random = seed;
        uint32_t shipments = 1, hand_overs = 0;
        custody_stop();
        custody_start_with_shipment();
        for (int i = 0; i < 300; i++) {
            uint64_t sum = 0;
            step(&random, &shipments, &hand_overs);
            for (uint32_t k = 1; k <= shipments; k++) {
                struct held held = look(k);
                sum += held.quantity;
                ck_assert_msg(held.quantity > 0 && held.offered <= held.quantity, "seed %llu",
                              (unsigned long long)seed);
            }
            ck_assert_msg(sum == LOT, "seed %llu", (unsigned long long)seed);
        }
        ck_assert_uint_gt(hand_overs, 0);
    }
}
END_TEST

START_TEST(arguments_of_any_bytes_are_refused_or_taken_whole) {
    static const char *const methods[] = {"register", "depart", "measure", "report",
                                          "offer",    "accept", "refuse",  "withdraw"};
    uint64_t seed = 1;
    for (int i = 0; i < 4000; i++) {
        put_departure(1, STORE, 1);
        put_rule(true, 0, &sensor_key);
        for (uint32_t flips = pick(&seed, 4); flips > 0; flips--)
            arguments.data[pick(&seed, (uint32_t)arguments.len)] = (uint8_t)pick(&seed, 256);
        arguments.len -= pick(&seed, (uint32_t)arguments.len + 1);
        // Exactly as long as it is, so that reading past the end is seen.
        size_t len = arguments.len;
        uint8_t *exact = malloc(len + 1);
        char name[32];
        memcpy(exact, arguments.data, len);
        snprintf(name, sizeof name, "call.%s", methods[pick(&seed, 8)]);
        enum tx_code code = mock_call(mock, name, bytes_of(exact, len), 0);
        ck_assert(code == TX_CODE_OK || code == TX_CODE_CONTRACT_REFUSED);
        free(exact);
    }
}
END_TEST

static TCase *add_case(Suite *suite, const char *name, void (*set_up)(void)) {
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, custody_stop);
    suite_add_tcase(suite, cases);
    return cases;
}

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("custody native");
    TCase *bare = add_case(suite, "bare", custody_start);
    tcase_add_test(bare, goods_begin_with_who_captured_them);
    tcase_add_test(bare, goods_are_registered_once_and_as_they_are);
    TCase *at_rest = add_case(suite, "at rest", custody_start_with_shipment);
    tcase_add_test(at_rest, what_is_accepted_changes_hands);
    tcase_add_test(at_rest, what_is_refused_or_withdrawn_stays);
    tcase_add_test(at_rest, only_those_it_concerns_hand_over);
    tcase_add_test(at_rest, nothing_is_offered_twice_and_a_part_splits_off);
    tcase_add_test(at_rest, a_departure_is_the_custodians_and_fixes_the_rules);
    tcase_add_test(at_rest, a_rule_has_a_bound_and_a_name);
    tcase_add_test(at_rest, there_are_no_readings_before_and_after_the_journey);
    tcase_add_test(at_rest, quantities_are_kept_over_random_histories);
    tcase_add_test(at_rest, arguments_of_any_bytes_are_refused_or_taken_whole);
    TCase *under_way = add_case(suite, "under way", custody_start_under_way);
    tcase_add_test(under_way, an_alarm_since_makes_an_acceptance_void);
    tcase_add_test(under_way, a_journey_ends_where_it_was_sent_or_where_it_came_from);
    tcase_add_test(under_way, a_reading_out_of_bounds_is_an_alarm_in_the_same_call);
    tcase_add_test(under_way, an_excursion_is_on_the_account_of_who_held_the_goods_then);
    tcase_add_test(under_way, readings_brought_at_once_are_told_by_who_held_the_goods);
    tcase_add_test(under_way, a_custodian_reports_nothing_of_the_time_before_it_was_one);
    tcase_add_test(under_way, what_sensors_signed_of_the_journey_is_taken_for_a_week_after_it);
    tcase_add_test(under_way, a_part_remembers_who_held_the_whole);
    tcase_add_test(under_way, a_journey_has_so_many_holders_and_can_still_end);
    tcase_add_test(under_way, an_offer_holds_the_condition_as_it_stood);
    tcase_add_test(under_way, a_reading_has_its_sensor_and_its_time);
    tcase_add_test(under_way, a_signature_of_another_chain_is_none);
    tcase_add_test(under_way, so_many_readings_come_at_once_and_no_more);
    tcase_add_test(under_way, a_part_has_the_rules_and_alarms_of_the_whole);
    srunner_add_suite(runner, suite);
}
