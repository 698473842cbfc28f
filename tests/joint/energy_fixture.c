// SPDX-License-Identifier: Apache-2.0
#include "tests/joint/energy_fixture.h"

#include <stdio.h>
#include <string.h>

struct energy energy;

void energy_start(void) {
    energy = (struct energy){.mock = mock_open("apps/energy/contract/energy.so")};
    ck_assert_ptr_nonnull(energy.mock);
    energy.mock->time_ms = ENERGY_NOW_MS;
    energy.mock->timer_price = 0;
    memset(&energy.mock->chain_id, 7, sizeof energy.mock->chain_id);
}

const struct energy_zone energy_north = {
    .cap = 100, .lot = 1, .gate_ms = 300000, .wait_ms = 3600000, .name = "North"};

void energy_start_north(void) {
    energy_start();
    ck_assert_uint_eq(energy_make_zone(&energy_north, 0), 0);
}

void energy_stop(void) { mock_close(energy.mock); }

struct account_id energy_id(uint8_t person) {
    return (struct account_id){{person, 0xac}};
}

static void note_transfers(void) {
    const struct mock *mock = energy.mock;
    for (size_t i = 0; i < mock->transfer_count; i++) {
        uint8_t person = mock->transfers[i].to.bytes[0];
        ck_assert_uint_lt(person, ENERGY_PEOPLE);
        energy.got[person] += mock->transfers[i].sent;
    }
}

uint32_t energy_call(uint8_t person, const char *method, const struct buf *arguments,
                     uint64_t value) {
    energy.mock->caller = energy_id(person);
    enum tx_code code = mock_call(energy.mock, method, buf_bytes(arguments), value);
    if (code == TX_CODE_CONTRACT_REFUSED) return energy.mock->refused_with;
    ck_assert_int_eq(code, TX_CODE_OK);
    energy.paid[person] += value;
    note_transfers();
    return 0;
}

// One at a time: the mock keeps only the last run's transfers.
size_t energy_run_timers(uint64_t time_ms) {
    struct mock *mock = energy.mock;
    struct mock_timer timer;
    enum tx_code code;
    size_t count = 0;
    mock->time_ms = time_ms;
    while (mock_run_timer(mock, &timer, &code)) {
        uint8_t payer = timer.rest_to.bytes[0];
        ck_assert_int_eq(code, TX_CODE_OK);
        ck_assert_uint_lt(payer, ENERGY_PEOPLE);
        note_transfers();
        energy.left[payer] = mock_left_by_timers(mock, &timer.rest_to);
        energy.runs[payer]++;
        count++;
        mock->time_ms++; // the next block
    }
    return count;
}

uint32_t energy_make_zone(const struct energy_zone *zone, uint64_t value) {
    struct buf arguments = {0};
    encode_u64(&arguments, zone->cap);
    encode_u64(&arguments, zone->lot);
    encode_u32(&arguments, zone->gate_ms);
    encode_u32(&arguments, zone->wait_ms);
    encode_bytes(&arguments, bytes_of_string(zone->name));
    uint32_t code = energy_call(ENERGY_OPERATOR, "pay.zone", &arguments, value);
    buf_clear(&arguments);
    return code;
}

uint32_t energy_order(uint8_t person, const struct energy_order *order, uint64_t value) {
    struct buf arguments = {0};
    encode_u32(&arguments, order->zone);
    encode_u32(&arguments, order->slot);
    encode_u8(&arguments, order->side);
    encode_u8(&arguments, order->kind);
    encode_u64(&arguments, order->price);
    encode_u64(&arguments, order->wh);
    uint32_t code = energy_call(person, "pay.order", &arguments, value);
    buf_clear(&arguments);
    return code;
}

uint32_t energy_limit(uint8_t person, uint8_t side, uint64_t price, uint64_t wh) {
    struct energy_order order = {
        .zone = 1, .slot = ENERGY_SLOT, .side = side, .kind = LIMIT, .price = price, .wh = wh};
    uint64_t collateral = wh * (side == BUY ? price : 100);
    return energy_order(person, &order, collateral + energy_timer_money());
}

uint64_t energy_timer_money(void) { return energy.mock->timer_price * TIMER_GAS; }

uint32_t energy_cancel(uint8_t person, const struct energy_order *order, uint64_t number) {
    struct buf arguments = {0};
    encode_u32(&arguments, order->zone);
    encode_u32(&arguments, order->slot);
    encode_u8(&arguments, order->side);
    encode_u64(&arguments, order->price);
    encode_u64(&arguments, number);
    uint32_t code = energy_call(person, "call.cancel", &arguments, 0);
    buf_clear(&arguments);
    return code;
}

uint32_t energy_settle(uint32_t zone, uint32_t slot) {
    struct buf arguments = {0};
    encode_u32(&arguments, zone);
    encode_u32(&arguments, slot);
    uint32_t code = energy_call(0, "call.settle", &arguments, 0);
    buf_clear(&arguments);
    return code;
}

// ---- meters

static void make_key(struct secret_key *secret, struct public_key *key, uint8_t person,
                     uint8_t direction) {
    uint8_t seed[32] = {person, direction, 0x3e};
    key_from_seed(secret, key, seed);
}

void energy_meter_key(struct public_key *out, uint8_t person, uint8_t direction) {
    struct secret_key secret;
    make_key(&secret, out, person, direction);
}

static void append_signature(struct buf *out, const struct secret_key *key,
                             const struct buf *text) {
    struct hash payload;
    struct signature signature;
    hash_bytes(&payload, HASH_USER, buf_bytes(text));
    sign_payload(&signature, key, SIGN_JOURNAL, &energy.mock->chain_id, &payload);
    encode_fixed(out, signature.bytes, sizeof signature.bytes);
}

uint32_t energy_sign_in(uint8_t person, uint8_t signer, uint32_t zone, uint8_t direction) {
    struct buf arguments = {0}, text = {0};
    struct secret_key secret;
    struct public_key key;
    struct account_id owner = energy_id(person);
    make_key(&secret, &key, signer, direction);
    buf_append_string(&text, METER_TEXT);
    encode_fixed(&text, &energy.mock->self, 32);
    encode_u32(&text, zone);
    encode_u8(&text, direction);
    encode_fixed(&text, &owner, 32);
    make_key(&secret, &key, person, direction);
    encode_u32(&arguments, zone);
    encode_u8(&arguments, direction);
    encode_fixed(&arguments, key.bytes, 32);
    make_key(&secret, &key, signer, direction);
    append_signature(&arguments, &secret, &text);
    uint32_t code = energy_call(person, "call.meter", &arguments, 0);
    buf_clear(&arguments);
    buf_clear(&text);
    return code;
}

uint32_t energy_approve(uint8_t by, uint8_t person, uint8_t direction, uint64_t most_wh) {
    struct buf arguments = {0};
    struct public_key key;
    energy_meter_key(&key, person, direction);
    encode_fixed(&arguments, key.bytes, sizeof key.bytes);
    encode_u64(&arguments, most_wh);
    uint32_t code = energy_call(by, "call.approve", &arguments, 0);
    buf_clear(&arguments);
    return code;
}

static uint32_t read_signed_for(const struct energy_reading *reading, uint64_t signed_sequence) {
    struct buf arguments = {0}, text = {0};
    struct secret_key secret;
    struct public_key key;
    make_key(&secret, &key, reading->meter, reading->direction);
    buf_append_string(&text, READING_TEXT);
    encode_fixed(&text, &energy.mock->self, 32);
    encode_u32(&text, reading->slot);
    encode_u64(&text, reading->wh);
    encode_u64(&text, signed_sequence);
    encode_fixed(&arguments, key.bytes, 32);
    encode_u32(&arguments, reading->slot);
    encode_u64(&arguments, reading->wh);
    encode_u64(&arguments, reading->sequence);
    append_signature(&arguments, &secret, &text);
    uint32_t code = energy_call(0, "call.reading", &arguments, 0);
    buf_clear(&arguments);
    buf_clear(&text);
    return code;
}

uint32_t energy_read(const struct energy_reading *reading) {
    return read_signed_for(reading, reading->sequence);
}

uint32_t energy_read_forged(const struct energy_reading *reading) {
    return read_signed_for(reading, reading->sequence + 1);
}

struct bytes energy_event(const char *topic, size_t index) {
    for (size_t i = 0; i < energy.mock->event_count; i++) {
        const struct event *event = &energy.mock->events[i];
        if (!bytes_equal(event->topic, bytes_of_string(topic))) continue;
        if (index-- == 0) return event->data;
    }
    return bytes_of("", 0);
}

uint64_t energy_u64_at(struct bytes data, size_t offset) {
    ck_assert_uint_le(offset + 8, data.len);
    return load_u64_le(data.data + offset);
}

struct bytes energy_view(const char *name, const struct buf *arguments) {
    char view[80];
    snprintf(view, sizeof view, "view.%s", name);
    ck_assert_int_eq(mock_call(energy.mock, view, buf_bytes(arguments), 0), TX_CODE_OK);
    return buf_bytes(&energy.mock->result);
}
