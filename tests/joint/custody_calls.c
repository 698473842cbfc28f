// SPDX-License-Identifier: Apache-2.0
#include "tests/joint/custody_calls.h"

#include <stdio.h>

#include "chaincore/base/codec.h"

struct mock *mock;
struct buf arguments;
struct secret_key sensor, other_sensor;
struct public_key sensor_key;
uint32_t journey;
uint64_t next_number;

void act_as(uint8_t account) { mock->caller = (struct account_id){{account}}; }

uint32_t call(const char *method) {
    char name[32];
    snprintf(name, sizeof name, "call.%s", method);
    mock->height++;
    enum tx_code code = mock_call(mock, name, buf_bytes(&arguments), 0);
    ck_assert(code == TX_CODE_OK || code == TX_CODE_CONTRACT_REFUSED);
    return code == TX_CODE_OK ? NONE : mock->refused_with;
}

void put_bytes(uint8_t byte, size_t len) {
    memset(buf_reserve(&arguments, len), byte, len);
    arguments.len += len;
}

static void put_account(uint8_t account) {
    struct account_id id = {{account}};
    encode_fixed(&arguments, id.bytes, sizeof id.bytes);
}

void capture(uint8_t event) {
    static uint8_t job;
    buf_reset(&arguments);
    put_bytes(++job, 32);
    encode_bytes(&arguments, bytes_of_string("{}"));
    encode_u32(&arguments, 1);
    encode_u8(&arguments, 0);
    put_bytes(event, 32);
    put_bytes(job, 64);
    ck_assert_uint_eq(call("capture"), NONE);
}

uint32_t enter(const char *epc, uint64_t quantity, const char *uom, uint8_t event) {
    buf_reset(&arguments);
    encode_bytes(&arguments, bytes_of_string(epc));
    encode_u64(&arguments, quantity);
    encode_bytes(&arguments, bytes_of_string(uom));
    put_bytes(event, 32);
    return call("register");
}

void put_rule(bool has_max, int64_t max, const struct public_key *key) {
    encode_bytes(&arguments, bytes_of_string("Temperature"));
    encode_bytes(&arguments, bytes_of_string("CEL"));
    encode_bool(&arguments, false);
    encode_bool(&arguments, has_max);
    if (has_max) encode_u64(&arguments, (uint64_t)max);
    encode_u32(&arguments, key ? 1 : 0);
    if (key) encode_fixed(&arguments, key->bytes, sizeof key->bytes);
}

void put_departure(uint64_t shipment, uint8_t to, uint32_t rules) {
    buf_reset(&arguments);
    encode_u64(&arguments, shipment);
    put_account(to);
    encode_u32(&arguments, rules);
}

uint32_t depart(uint64_t shipment, uint8_t to) {
    put_departure(shipment, to, 1);
    put_rule(true, 0, &sensor_key);
    return call("depart");
}

uint32_t with_number(const char *method, uint64_t number) {
    buf_reset(&arguments);
    encode_u64(&arguments, number);
    return call(method);
}

uint32_t offer(uint64_t shipment, uint64_t quantity, uint8_t to) {
    buf_reset(&arguments);
    encode_u64(&arguments, shipment);
    encode_u64(&arguments, quantity);
    put_account(to);
    return call("offer");
}

uint32_t accept_seen(uint64_t hand_over, uint32_t alarms) {
    buf_reset(&arguments);
    encode_u64(&arguments, hand_over);
    encode_u32(&arguments, alarms);
    return call("accept");
}

uint32_t refuse(uint64_t hand_over, const char *reason) {
    buf_reset(&arguments);
    encode_u64(&arguments, hand_over);
    encode_bytes(&arguments, bytes_of_string(reason));
    return call("refuse");
}

static void put_readings(const struct reading *readings, uint32_t count) {
    encode_u64(&arguments, next_number);
    encode_u32(&arguments, count);
    for (uint32_t i = 0; i < count; i++) {
        encode_u64(&arguments, readings[i].time_ms);
        encode_u64(&arguments, (uint64_t)readings[i].value);
    }
}

static uint32_t send(const char *method, uint32_t count) {
    uint32_t refusal = call(method);
    if (refusal == NONE) next_number += count;
    return refusal;
}

uint32_t report_many(uint64_t shipment, const struct reading *readings, uint32_t count) {
    buf_reset(&arguments);
    encode_u64(&arguments, shipment);
    encode_u8(&arguments, 0);
    put_readings(readings, count);
    return send("report", count);
}

uint32_t report(uint64_t shipment, uint64_t time_ms, int64_t value) {
    return report_many(shipment, &(struct reading){time_ms, value}, 1);
}

static uint32_t measure_all(const struct secret_key *key, const uint64_t meant_and_sent[2],
                            const struct reading *readings, uint32_t count) {
    struct hash payload;
    struct signature signature;
    struct public_key public;
    buf_reset(&arguments);
    encode_fixed(&arguments, mock->self.bytes, sizeof mock->self.bytes);
    encode_u64(&arguments, meant_and_sent[0]);
    encode_u32(&arguments, journey);
    encode_u8(&arguments, 0);
    put_readings(readings, count);
    hash_bytes(&payload, HASH_USER, buf_bytes(&arguments));
    sign_payload(&signature, key, SIGN_JOURNAL, &mock->chain_id, &payload);
    key_public_of(&public, key);
    buf_reset(&arguments);
    encode_u64(&arguments, meant_and_sent[1]);
    encode_u32(&arguments, journey);
    encode_u8(&arguments, 0);
    encode_fixed(&arguments, public.bytes, sizeof public.bytes);
    put_readings(readings, count);
    encode_bytes(&arguments, BYTES_OF(signature.bytes));
    return send("measure", count);
}

uint32_t measure_as(const struct secret_key *key, uint64_t meant, uint64_t shipment,
                    struct reading reading) {
    return measure_all(key, (const uint64_t[]){meant, shipment}, &reading, 1);
}

uint32_t measure_many(uint64_t shipment, const struct reading *readings, uint32_t count) {
    return measure_all(&sensor, (const uint64_t[]){shipment, shipment}, readings, count);
}

uint32_t measure(uint64_t shipment, uint64_t time_ms, int64_t value) {
    return measure_many(shipment, &(struct reading){time_ms, value}, 1);
}

size_t count_told(const char *topic) {
    size_t count = 0;
    for (size_t i = 0; i < mock->event_count; i++)
        count += bytes_equal(mock->events[i].topic, bytes_of_string(topic));
    return count;
}

uint8_t custodian_told(const char *topic) {
    for (size_t i = 0; i < mock->event_count; i++) {
        if (!bytes_equal(mock->events[i].topic, bytes_of_string(topic))) continue;
        struct decoder in = decoder_of(mock->events[i].data);
        decode_slice(&in, strcmp(topic, "alarm") == 0 ? 8 + 4 + 4 + 1 : 8 + 4 + 1);
        if (decode_bool(&in)) decode_slice(&in, 32);
        return decode_slice(&in, 32).data[0];
    }
    ck_abort_msg("no %s was told", topic);
}

struct held look(uint64_t shipment) {
    struct held out;
    uint8_t number[8];
    store_u64_le(number, shipment);
    ck_assert_int_eq(mock_call(mock, "view.shipment", BYTES_OF(number), 0), TX_CODE_OK);
    struct decoder in = decoder_of(buf_bytes(&mock->result));
    ck_assert(decode_bool(&in));
    ck_assert_uint_eq(decode_u64(&in), shipment);
    decode_slice(&in, 8 + 32 + 32);
    out.custodian = decode_slice(&in, 32).data[0];
    decode_slice(&in, 32 + 32);
    out.state = decode_u8(&in);
    out.quantity = decode_u64(&in);
    out.offered = decode_u64(&in);
    decode_slice(&in, 3 * 8);
    out.alarms = decode_u32(&in);
    decode_u32(&in); // journey
    out.journey_alarms = decode_u32(&in);
    assert_ok(in.status);
    return out;
}

void custody_start(void) {
    struct public_key other_key;
    mock = mock_open("apps/supplychain/contract/supplychain.so");
    ck_assert_ptr_nonnull(mock);
    mock->time_ms = 1000000;
    journey = 1;
    next_number = 0;
    mock->self = (struct account_id){{200}};
    mock->chain_id = (struct hash){{201}};
    key_from_seed(&sensor, &sensor_key, (const uint8_t[32]){1});
    key_from_seed(&other_sensor, &other_key, (const uint8_t[32]){2});
    act_as(FISHER);
    capture(FISH);
}

void custody_stop(void) {
    mock_close(mock);
    buf_clear(&arguments);
}

void custody_start_with_shipment(void) {
    custody_start();
    ck_assert_uint_eq(enter(EPC, LOT, "KGM", FISH), NONE);
}

void custody_start_under_way(void) {
    custody_start_with_shipment();
    ck_assert_uint_eq(depart(1, STORE), NONE);
}
