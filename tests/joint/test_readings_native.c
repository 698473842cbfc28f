// SPDX-License-Identifier: Apache-2.0
// Custody's readings, natively, in whatever order they are brought: each counts once, none is lost,
// and what is an alarm in their order is one in any other.
#include <stdlib.h>

#include "chaincore/base/codec.h"
#include "tests/joint/custody_calls.h"

enum { HOUR = 60 * 60 * 1000, COLD = -18000, WARM = 4000 };

// ---- what the contract told

struct told_alarm {
    uint64_t number;
    uint8_t custodian;
    bool is_late;
    struct reading reading;
};

static void read_origin(struct decoder *in, struct told_alarm *out) {
    decode_slice(in, 4 + 1); // journey, rule
    if (decode_bool(in)) decode_slice(in, 32);
    out->custodian = decode_slice(in, 32).data[0];
    out->is_late = decode_bool(in);
    out->number = decode_u64(in);
}

// The last call's event of the topic behind `*at`; false: no further.
static bool next_told(const char *topic, size_t *at, struct decoder *in) {
    for (; *at < mock->event_count; ++*at) {
        if (!bytes_equal(mock->events[*at].topic, bytes_of_string(topic))) continue;
        *in = decoder_of(mock->events[(*at)++].data);
        return true;
    }
    return false;
}

static bool next_alarm(size_t *at, struct told_alarm *out) {
    struct decoder in;
    if (!next_told("alarm", at, &in)) return false;
    decode_slice(&in, 8 + 4);
    read_origin(&in, out);
    out->reading = (struct reading){decode_u64(&in), (int64_t)decode_u64(&in)};
    assert_ok(in.status);
    return true;
}

// The first event of readings that the last call told: how many, from which number on.
static uint32_t told_readings(struct told_alarm *out) {
    struct decoder in;
    size_t at = 0;
    ck_assert(next_told("readings", &at, &in));
    decode_slice(&in, 8);
    read_origin(&in, out);
    return decode_u32(&in);
}

// A rule's condition as the view has it: readings, whether it is out, the last, the worst.
struct condition {
    uint32_t readings;
    bool is_out;
    struct reading last, worst;
};

static struct reading read_maybe(struct decoder *in) {
    if (!decode_bool(in)) return (struct reading){0, 0};
    return (struct reading){decode_u64(in), (int64_t)decode_u64(in)};
}

static struct condition condition_of(uint64_t shipment) {
    struct condition out;
    uint8_t number[8];
    store_u64_le(number, shipment);
    ck_assert_int_eq(mock_call(mock, "view.shipment", BYTES_OF(number), 0), TX_CODE_OK);
    struct decoder in = decoder_of(buf_bytes(&mock->result));
    decode_slice(&in, 1 + 2 * 8 + 5 * 32 + 1 + 5 * 8 + 3 * 4);
    decode_bytes(&in, CUSTODY_UOM_MAX);
    decode_bytes(&in, CUSTODY_EPC_MAX);
    ck_assert_uint_eq(decode_u32(&in), 1);
    decode_bytes(&in, CUSTODY_PROPERTY_MAX);
    decode_bytes(&in, CUSTODY_UOM_MAX);
    for (int i = 0; i < 2; i++)
        if (decode_bool(&in)) decode_u64(&in);
    out.readings = decode_u32(&in);
    out.is_out = decode_bool(&in);
    out.last = read_maybe(&in);
    out.worst = read_maybe(&in);
    assert_ok(decoder_finish(&in));
    return out;
}

static uint32_t measure_from(uint64_t first, const struct reading *readings, uint32_t count) {
    next_number = first;
    return measure_many(1, readings, count);
}

// From the caller to an account that has seen no alarms, an hour later.
static void pass_on(uint64_t shipment, uint64_t hand_over, uint8_t to) {
    ck_assert_uint_eq(offer(shipment, look(shipment).quantity, to), NONE);
    mock->time_ms += HOUR;
    act_as(to);
    ck_assert_uint_eq(accept_seen(hand_over, look(shipment).alarms), NONE);
}

// ---- orders

START_TEST(later_readings_do_not_shut_out_earlier_ones) {
    uint64_t begin = mock->time_ms;
    mock->time_ms += HOUR;
    struct told_alarm told;
    size_t at = 0;
    ck_assert_uint_eq(measure_from(7, &(struct reading){begin + 7, COLD}, 1), NONE);
    ck_assert_uint_eq(told_readings(&told), 1);
    ck_assert(!told.is_late);
    ck_assert_uint_eq(measure_from(2, &(struct reading){begin + 2, WARM}, 1), NONE);
    ck_assert_uint_eq(told_readings(&told), 1);
    ck_assert(told.is_late);
    ck_assert_uint_eq(told.number, 2);
    ck_assert(next_alarm(&at, &told)); // an excursion is one, however late it comes
    ck_assert(told.is_late);
    ck_assert_uint_eq(told.reading.time_ms, begin + 2);
    struct condition now = condition_of(1);
    ck_assert(!now.is_out); // of the newest, which was cold
    ck_assert_uint_eq(now.last.time_ms, begin + 7);
    ck_assert_int_eq(now.worst.value, WARM);
}
END_TEST

START_TEST(what_a_call_repeats_is_passed_over_and_the_rest_is_taken) {
    uint64_t begin = mock->time_ms;
    struct reading log[6];
    struct told_alarm told;
    for (uint64_t i = 0; i < 6; i++) log[i] = (struct reading){begin + i, COLD};
    ck_assert_uint_eq(measure_from(2, &log[2], 2), NONE);
    ck_assert_uint_eq(measure_from(2, &log[2], 2), CUSTODY_READING_TWICE);
    ck_assert_uint_eq(measure_from(0, log, 6), NONE);
    ck_assert_uint_eq(count_told("readings"), 2); // before and behind what was there
    ck_assert_uint_eq(told_readings(&told), 2);
    ck_assert_uint_eq(told.number, 0);
    ck_assert_uint_eq(condition_of(1).readings, 6);
    ck_assert_uint_eq(measure_from(0, log, 6), CUSTODY_READING_TWICE);
    ck_assert_uint_eq(condition_of(1).readings, 6);
}
END_TEST

START_TEST(each_source_has_numbers_of_its_own) {
    uint64_t begin = mock->time_ms;
    ck_assert_uint_eq(measure_from(0, &(struct reading){begin, COLD}, 1), NONE);
    next_number = 0;
    ck_assert_uint_eq(report(1, begin, COLD), NONE);
    pass_on(1, 1, CARRIER);
    next_number = 0;
    ck_assert_uint_eq(report(1, mock->time_ms, COLD), NONE);
    next_number = 0;
    ck_assert_uint_eq(report(1, mock->time_ms + 1, COLD), CUSTODY_READING_TWICE);
    ck_assert_uint_eq(condition_of(1).readings, 3);
}
END_TEST

START_TEST(an_excursion_goes_on_over_the_edge_of_a_page) {
    uint64_t begin = mock->time_ms;
    struct reading log[4];
    for (uint64_t i = 0; i < 4; i++) log[i] = (struct reading){begin + i, WARM};
    ck_assert_uint_eq(measure_from(CUSTODY_NUMBERS_IN_PAGE - 2, log, 4), NONE);
    ck_assert_uint_eq(count_told("alarm"), 1);
    ck_assert_uint_eq(measure_from(CUSTODY_NUMBERS_IN_PAGE - 2, log, 4), CUSTODY_READING_TWICE);
    ck_assert_uint_eq(
        measure_from(CUSTODY_NUMBERS_IN_PAGE + 2, &(struct reading){begin + 9, WARM}, 1), NONE);
    ck_assert_uint_eq(count_told("alarm"), 0);
}
END_TEST

// ---- journeys

START_TEST(a_second_journey_leaves_the_firsts_record_open) {
    uint64_t begin = mock->time_ms;
    struct told_alarm told;
    size_t at = 0;
    ck_assert_uint_eq(measure_from(0, &(struct reading){begin, COLD}, 1), NONE);
    pass_on(1, 1, STORE);
    uint64_t arrived = mock->time_ms;
    put_departure(1, CARRIER, 1); // warm goods are well on this one
    put_rule(true, 2 * WARM, &sensor_key);
    ck_assert_uint_eq(call("depart"), NONE);
    ck_assert_uint_eq(measure_from(1, &(struct reading){begin + 1, WARM}, 1), NONE);
    ck_assert(next_alarm(&at, &told)); // by the rule of the first, of its holder
    ck_assert_uint_eq(told.custodian, FISHER);
    ck_assert_uint_eq(condition_of(1).readings, 0); // of the second
    journey = 2;
    ck_assert_uint_eq(measure_from(1, &(struct reading){begin + 1, WARM}, 1),
                      CUSTODY_READING_EARLY);
    ck_assert_uint_eq(measure_from(1, &(struct reading){arrived + 1, WARM}, 1), NONE);
    ck_assert_uint_eq(count_told("alarm"), 0);
    journey = 1;
    mock->time_ms = arrived + CUSTODY_LATE_MS + 1;
    ck_assert_uint_eq(measure_from(2, &(struct reading){begin + 2, COLD}, 1), CUSTODY_HAS_ARRIVED);
    journey = 3;
    ck_assert_uint_eq(measure_from(2, &(struct reading){begin + 2, COLD}, 1),
                      CUSTODY_UNKNOWN_JOURNEY);
}
END_TEST

// Whoever bound a sensor to it has no say in what becomes of the goods afterwards.
START_TEST(a_late_alarm_of_an_earlier_journey_makes_no_later_acceptance_void) {
    uint64_t begin = mock->time_ms;
    pass_on(1, 1, STORE);
    ck_assert_uint_eq(depart(1, CARRIER), NONE);
    ck_assert_uint_eq(offer(1, LOT, CARRIER), NONE);
    ck_assert_uint_eq(measure_from(0, &(struct reading){begin, WARM}, 1), NONE);
    ck_assert_uint_eq(count_told("alarm"), 1);
    ck_assert_uint_eq(look(1).alarms, 1); // on record for good
    ck_assert_uint_eq(look(1).journey_alarms, 0);
    journey = 2;
    ck_assert_uint_eq(measure_from(0, &(struct reading){mock->time_ms, WARM}, 1), NONE);
    ck_assert_uint_eq(look(1).alarms, 2);
    ck_assert_uint_eq(look(1).journey_alarms, 1);
    act_as(CARRIER);
    ck_assert_uint_eq(accept_seen(2, 0), CUSTODY_CONDITION_CHANGED); // by its own journey's
    ck_assert_uint_eq(accept_seen(2, 1), NONE);
    ck_assert_uint_eq(depart(1, STORE), NONE); // and of a third there is none yet
    ck_assert_uint_eq(look(1).alarms, 2);
    ck_assert_uint_eq(look(1).journey_alarms, 0);
}
END_TEST

START_TEST(what_was_signed_of_one_journey_is_nothing_on_another) {
    struct reading ahead = {mock->time_ms + HOUR / 60, COLD};
    ck_assert_uint_eq(measure_from(0, &ahead, 1), NONE);
    struct buf kept = {0};
    buf_append(&kept, buf_bytes(&arguments));
    ck_assert_uint_eq(with_number("arrive", 1), NONE);
    ck_assert_uint_eq(depart(1, STORE), NONE); // in the same block
    buf_reset(&arguments);
    buf_append(&arguments, buf_bytes(&kept));
    ck_assert_uint_eq(call("measure"), CUSTODY_HAS_ARRIVED);
    store_u32_le(arguments.data + 8, 2); // its journey
    ck_assert_uint_eq(call("measure"), CUSTODY_BAD_SIGNATURE);
    buf_clear(&kept);
}
END_TEST

// ---- any order

// splitmix64
static uint32_t pick(uint64_t *seed, uint32_t below) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

enum { LOG = 300, BATCHES_MAX = 2 * LOG, EVERY_MS = 30 * 1000, FIRST = 100 };

struct history {
    uint64_t begin, seed;
    struct reading log[LOG];
    uint8_t holder[LOG];
    struct batch {
        uint32_t first, count;
    } batches[BATCHES_MAX];
    uint32_t batch_count;
    bool is_alarmed[LOG];
};

// Three hold the goods while they warm and cool at random.
static void make_log(struct history *history) {
    bool is_warm = false;
    history->begin = mock->time_ms;
    pass_on(1, 1, CARRIER);
    pass_on(1, 2, STRANGER);
    for (uint32_t i = 0; i < LOG; i++) {
        uint64_t since = (uint64_t)i * EVERY_MS;
        if (pick(&history->seed, 8) == 0) is_warm = !is_warm;
        history->log[i].time_ms = history->begin + since;
        history->log[i].value = (is_warm ? WARM : COLD) + (int64_t)pick(&history->seed, 100);
        history->holder[i] = since < HOUR ? FISHER : since < 2 * HOUR ? CARRIER : STRANGER;
    }
    mock->time_ms += (uint64_t)LOG * EVERY_MS;
}

static void add_batch(struct history *history, uint32_t first, uint32_t count) {
    ck_assert_uint_lt(history->batch_count, BATCHES_MAX);
    history->batches[history->batch_count++] = (struct batch){first, count};
}

// All of the log, some of it twice, shuffled.
static void make_batches(struct history *history) {
    for (uint32_t i = 0, count; i < LOG; i += count) {
        count = 1 + pick(&history->seed, CUSTODY_READINGS_MAX);
        if (count > LOG - i) count = LOG - i;
        add_batch(history, i, count);
    }
    for (uint32_t extra = pick(&history->seed, 8); extra > 0; extra--) {
        uint32_t first = pick(&history->seed, LOG - 1);
        add_batch(history, first, 1 + pick(&history->seed, LOG - first) % CUSTODY_READINGS_MAX);
    }
    for (uint32_t i = history->batch_count - 1; i > 0; i--) {
        uint32_t other = pick(&history->seed, i + 1);
        struct batch kept = history->batches[i];
        history->batches[i] = history->batches[other];
        history->batches[other] = kept;
    }
}

static void note_alarms(struct history *history) {
    struct told_alarm told;
    for (size_t at = 0; next_alarm(&at, &told);) {
        uint32_t i = (uint32_t)(told.number - FIRST);
        ck_assert_uint_lt(i, LOG);
        ck_assert(!history->is_alarmed[i]);
        ck_assert_int_gt(told.reading.value, 0);
        ck_assert_uint_eq(told.reading.time_ms, history->log[i].time_ms);
        ck_assert_uint_eq(told.custodian, history->holder[i]);
        history->is_alarmed[i] = true;
    }
}

static void bring(struct history *history) {
    bool is_taken[LOG] = {false};
    for (uint32_t b = 0; b < history->batch_count; b++) {
        const struct batch *batch = &history->batches[b];
        bool has_new = false;
        for (uint32_t i = batch->first; i < batch->first + batch->count; i++) {
            has_new = has_new || !is_taken[i];
            is_taken[i] = true;
        }
        uint32_t refusal =
            measure_from(FIRST + batch->first, &history->log[batch->first], batch->count);
        ck_assert_uint_eq(refusal, has_new ? NONE : CUSTODY_READING_TWICE);
        if (has_new) note_alarms(history);
    }
}

static void check_condition(const struct history *history) {
    struct condition now = condition_of(1);
    const struct reading *worst = history->log, *last = &history->log[LOG - 1];
    for (uint32_t i = 1; i < LOG; i++)
        if (history->log[i].value > worst->value) worst = &history->log[i];
    ck_assert_uint_eq(now.readings, LOG);
    ck_assert(now.is_out == (last->value > 0));
    ck_assert_uint_eq(now.last.time_ms, last->time_ms);
    ck_assert_uint_eq(now.worst.time_ms, worst->time_ms);
    ck_assert_int_eq(now.worst.value, worst->value);
}

START_TEST(whatever_order_they_come_in_readings_count_once_and_alarms_stand) {
    static struct history history;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        history = (struct history){.seed = seed};
        custody_stop();
        custody_start_under_way();
        make_log(&history);
        make_batches(&history);
        bring(&history);
        check_condition(&history);
        for (uint32_t i = 0; i < LOG; i++) {
            bool begins = history.log[i].value > 0 && (i == 0 || history.log[i - 1].value <= 0);
            ck_assert_msg(!begins || history.is_alarmed[i], "seed %llu: reading %u is no alarm",
                          (unsigned long long)seed, i);
        }
    }
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("readings native");
    TCase *cases = tcase_create("under way");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, custody_start_under_way, custody_stop);
    tcase_add_test(cases, later_readings_do_not_shut_out_earlier_ones);
    tcase_add_test(cases, what_a_call_repeats_is_passed_over_and_the_rest_is_taken);
    tcase_add_test(cases, each_source_has_numbers_of_its_own);
    tcase_add_test(cases, an_excursion_goes_on_over_the_edge_of_a_page);
    tcase_add_test(cases, a_second_journey_leaves_the_firsts_record_open);
    tcase_add_test(cases, a_late_alarm_of_an_earlier_journey_makes_no_later_acceptance_void);
    tcase_add_test(cases, what_was_signed_of_one_journey_is_nothing_on_another);
    tcase_add_test(cases, whatever_order_they_come_in_readings_count_once_and_alarms_stand);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
