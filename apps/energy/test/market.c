// SPDX-License-Identifier: Apache-2.0
#include "apps/energy/test/market.h"

#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/clock.h"
#include "tests/support/database.h"

bool market_has_routes;
static uint64_t warped_ms;
static struct test_database database;  // where the rows are, when that is PostgreSQL
static const char BLOCK_TIME[] = "50"; // there are many to wait for

static void open_with_index(const char *index) {
    raw.block_time = BLOCK_TIME;
    raw_open_market("energy", index);
    market_has_routes = true;
    warped_ms = 0;
}

void market_open(void) { open_with_index(NULL); }
void market_open_on_postgres(void) {
    ck_assert(test_database_open(&database, TEST_POSTGRES));
    open_with_index(database.url);
}
// Carries the contract, and has none of its routes.
void market_open_elsewhere(void) {
    raw.block_time = BLOCK_TIME;
    raw_open_market("supplychain", NULL);
    raw_call_contract("energy");
    market_has_routes = false;
    warped_ms = 0;
}
void market_close(void) {
    raw_close();
    if (database.is_postgres) test_database_close(&database);
}

// The server's clock: the machine's, and what it was moved on by.
uint64_t market_now_ms(void) { return clock_wall_ms() + warped_ms; }

void market_warp_to(uint64_t time_ms) {
    char body[64];
    uint64_t seconds = (time_ms - market_now_ms()) / 1000 + 1;
    snprintf(body, sizeof body, "{\"seconds\":%llu}", (unsigned long long)seconds);
    ck_assert_int_eq(raw_ask("POST", "/v1/devnet/warp", body, 0), 200);
    warped_ms += 1000 * seconds;
}

// ---- zones and orders, either way

void market_make_zone_raw(uint64_t lot, uint32_t refusal) {
    struct buf arguments = {0};
    encode_u64(&arguments, CAP);
    encode_u64(&arguments, lot);
    encode_u32(&arguments, GATE_MS_OF_ZONE);
    encode_u32(&arguments, WAIT_MS_MIN);
    encode_bytes(&arguments, bytes_of_string(refusal ? "" : "North"));
    raw_send("zone", &arguments, ZONE_MONEY, refusal);
    buf_clear(&arguments);
}

void market_make_zone(uint32_t refusal) {
    if (market_has_routes) {
        char body[256];
        snprintf(body, sizeof body,
                 "{\"name\":\"%s\",\"cap\":%d,\"lot\":1,\"gate_ms\":%d,\"wait_ms\":%d,\"account\":"
                 "\"1\"}",
                 refusal ? "" : "North", CAP, GATE_MS_OF_ZONE, WAIT_MS_MIN);
        ck_assert_int_eq(raw_ask("POST", "/v1/zones", body, refusal), 202);
        return;
    }
    market_make_zone_raw(1, refusal);
}

static const char *const sides[] = {"buy", "sell"}, *const kinds[] = {"limit", "ioc", "fok"};

// By a raw transaction.
void market_place_raw(const struct wish *wish, uint64_t value, uint32_t refusal) {
    struct buf arguments = {0};
    encode_u32(&arguments, (uint32_t)wish->zone);
    encode_u32(&arguments, (uint32_t)wish->slot);
    encode_u8(&arguments, wish->side);
    encode_u8(&arguments, wish->kind);
    encode_u64(&arguments, wish->price);
    encode_u64(&arguments, wish->wh);
    raw_send("order", &arguments, value, refusal);
    buf_clear(&arguments);
}

void market_place(const struct wish *wish, uint32_t refusal) {
    char body[256];
    uint64_t value = wish->wh * (wish->side == BUY ? wish->price : CAP);
    if (!market_has_routes) {
        // What money cannot pay for is refused without it.
        market_place_raw(wish, value > UINT64_C(100000000000) ? 0 : value + OPENING, refusal);
        return;
    }
    snprintf(body, sizeof body,
             "{\"zone\":%llu,\"slot\":%llu,\"side\":\"%s\",\"kind\":\"%s\",\"price\":%llu,"
             "\"wh\":%llu}",
             (unsigned long long)wish->zone, (unsigned long long)wish->slot, sides[wish->side],
             kinds[wish->kind], (unsigned long long)wish->price, (unsigned long long)wish->wh);
    ck_assert_int_eq(raw_ask("POST", "/v1/orders", body, refusal), 202);
}

void market_cancel(const struct wish *wish, uint64_t number, uint32_t refusal) {
    char path[128];
    struct buf arguments = {0};
    if (market_has_routes) {
        snprintf(path, sizeof path, "/v1/orders/%llu-%llu-%llu", (unsigned long long)wish->zone,
                 (unsigned long long)wish->slot, (unsigned long long)number);
        ck_assert_int_eq(raw_ask("DELETE", path, NULL, refusal), 202);
        return;
    }
    encode_u32(&arguments, (uint32_t)wish->zone);
    encode_u32(&arguments, (uint32_t)wish->slot);
    encode_u8(&arguments, wish->side);
    encode_u64(&arguments, wish->price);
    encode_u64(&arguments, number);
    raw_send("cancel", &arguments, 0, refusal);
    buf_clear(&arguments);
}

uint64_t market_next_slot(void) { return market_now_ms() / SLOT_MS + 2; }

static uint64_t units_of(const char *address) {
    char path[128];
    snprintf(path, sizeof path, "/v1/accounts/%s", address);
    json_t *account = server_get(&raw.server, path);
    uint64_t units = strtoull(member(account, "units"), NULL, 10);
    json_decref(account);
    return units;
}

uint64_t market_held(void) {
    char address[ADDRESS_CHARS + 1];
    address_encode(address, raw.market.bytes);
    return units_of(address);
}

// ---- meters, either way

static const uint8_t meter_seed[32] = {0x3e, 1};

static void sign_meter(struct signature *out, const struct secret_key *key,
                       const struct buf *text) {
    struct hash payload;
    hash_bytes(&payload, HASH_USER, buf_bytes(text));
    sign_payload(out, key, SIGN_JOURNAL, &raw.chain_id, &payload);
}

void market_sign_in(uint8_t direction, uint32_t refusal) {
    struct buf text = {0}, arguments = {0};
    struct secret_key secret;
    struct public_key key;
    struct signature signature;
    char body[512], hex_key[65], hex_signature[129];
    key_from_seed(&secret, &key, meter_seed);
    buf_append_string(&text, METER_TEXT);
    encode_fixed(&text, &raw.market, 32);
    encode_u32(&text, 1);
    encode_u8(&text, refusal == BAD_SIGNATURE ? DIRECTIONS : direction);
    encode_fixed(&text, &raw.sender, 32);
    sign_meter(&signature, &secret, &text);
    hex_encode(hex_key, BYTES_OF(key.bytes));
    hex_encode(hex_signature, BYTES_OF(signature.bytes));
    snprintf(body, sizeof body,
             "{\"zone\":1,\"direction\":\"%s\",\"key\":\"%s\",\"signature\":\"%s\"}",
             direction == EXPORT ? "export" : "import", hex_key, hex_signature);
    encode_u32(&arguments, 1);
    encode_u8(&arguments, direction);
    encode_fixed(&arguments, &key, sizeof key);
    encode_fixed(&arguments, &signature, sizeof signature);
    if (market_has_routes)
        ck_assert_int_eq(raw_ask("POST", "/v1/meters", body, refusal), 202);
    else
        raw_send("meter", &arguments, 0, refusal);
    buf_clear(&text);
    buf_clear(&arguments);
}

void market_approve(uint64_t most_wh, uint32_t refusal) {
    struct buf arguments = {0};
    struct secret_key secret;
    struct public_key key;
    char path[128], body[64], hex_key[65];
    key_from_seed(&secret, &key, meter_seed);
    hex_encode(hex_key, BYTES_OF(key.bytes));
    snprintf(path, sizeof path, "/v1/meters/%s/approval", hex_key);
    snprintf(body, sizeof body, "{\"most_wh\":%llu}", (unsigned long long)most_wh);
    encode_fixed(&arguments, &key, sizeof key);
    encode_u64(&arguments, most_wh);
    if (market_has_routes)
        ck_assert_int_eq(raw_ask("POST", path, body, refusal), 202);
    else
        raw_send("approve", &arguments, 0, refusal);
    buf_clear(&arguments);
}

void market_report(uint64_t slot, uint64_t wh, uint64_t sequence, uint32_t refusal) {
    struct buf text = {0}, arguments = {0};
    struct secret_key secret;
    struct public_key key;
    struct signature signature;
    char body[512], hex_key[65], hex_signature[129];
    key_from_seed(&secret, &key, meter_seed);
    buf_append_string(&text, READING_TEXT);
    encode_fixed(&text, &raw.market, 32);
    encode_u32(&text, (uint32_t)slot);
    encode_u64(&text, wh);
    encode_u64(&text, refusal == BAD_SIGNATURE ? sequence + 1 : sequence);
    sign_meter(&signature, &secret, &text);
    hex_encode(hex_key, BYTES_OF(key.bytes));
    hex_encode(hex_signature, BYTES_OF(signature.bytes));
    snprintf(body, sizeof body,
             "{\"key\":\"%s\",\"slot\":%llu,\"wh\":%llu,\"sequence\":%llu,\"signature\":\"%s\"}",
             hex_key, (unsigned long long)slot, (unsigned long long)wh,
             (unsigned long long)sequence, hex_signature);
    encode_fixed(&arguments, &key, sizeof key);
    encode_u32(&arguments, (uint32_t)slot);
    encode_u64(&arguments, wh);
    encode_u64(&arguments, sequence);
    encode_fixed(&arguments, &signature, sizeof signature);
    if (market_has_routes)
        ck_assert_int_eq(raw_ask("POST", "/v1/readings", body, refusal), 202);
    else
        raw_send("reading", &arguments, 0, refusal);
    buf_clear(&text);
    buf_clear(&arguments);
}

void market_settle(uint64_t slot, uint32_t refusal) {
    char body[64];
    struct buf arguments = {0};
    snprintf(body, sizeof body, "{\"zone\":1,\"slot\":%llu}", (unsigned long long)slot);
    encode_u32(&arguments, 1);
    encode_u32(&arguments, (uint32_t)slot);
    if (market_has_routes)
        ck_assert_int_eq(raw_ask("POST", "/v1/settlements", body, refusal), 202);
    else
        raw_send("settle", &arguments, 0, refusal);
    buf_clear(&arguments);
}

// The server's account sells 100 Wh to Alice and 50 to Bob; its meter says 120.
uint64_t market_trade(void) {
    struct wish wish = {1, market_next_slot(), SELL, LIMIT, PRICE, 200};
    market_make_zone(0);
    market_sign_in(EXPORT, 0);
    market_approve(1000, 0);
    market_place(&wish, 0);
    wish.side = BUY;
    wish.price = PRICE + 1000;
    raw_act_as("alice");
    wish.wh = 100;
    market_place_raw(&wish, 100 * (PRICE + 1000), 0);
    raw_act_as("bob");
    wish.wh = 50;
    market_place_raw(&wish, 50 * (PRICE + 1000), 0);
    ck_assert_uint_ge(market_held(), 200 * CAP + 150 * PRICE);
    raw_act_as("server");
    return wish.slot;
}
