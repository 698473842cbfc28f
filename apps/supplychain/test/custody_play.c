// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/test/custody_play.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/common/abi/abi_value.h"
#include "tests/support/unit.h"

enum { HASH_SIZE = 64 };

static json_t *description; // the contract's
static char captured_hash[HASH_SIZE + 1];
char play_addresses[ROLES][ADDRESS_CHARS + 1];
struct secret_key play_sensor;
char play_sensor_hex[HASH_SIZE + 1];

static const char *const roles[ROLES] = {"server", "alice", "bob", "faucet"};

// ---- the two ways to the contract

// `arguments` is JSON, as the contract's description has it.
void play_raw(int role, const char *method, const json_t *arguments, uint32_t refusal) {
    static struct tx tx;
    struct buf bytes = {0};
    struct abi_fault fault;
    struct hash id;
    char path[128] = "/v1/transactions/";
    const json_t *entry = json_object_get(json_object_get(description, "methods"), method);
    ck_assert_msg(abi_encode(&bytes, description, json_object_get(entry, "arguments"), arguments,
                             &fault) == STATUS_OK,
                  "%s%s: %s", method, fault.pointer, fault.text);
    tx = (struct tx){0};
    raw_act_as(roles[role]);
    raw_add_call(&tx, &raw.market, method, &bytes);
    raw_run(&tx, &id, refusal ? "CONTRACT_REFUSED" : "OK");
    hex_encode(path + strlen(path), BYTES_OF(id.bytes));
    (void)raw_expect_end(path, RAW_BY_TX, refusal);
    buf_clear(&bytes);
}

const struct way play_ways[PLAY_WAYS] = {
    {"register", NULL, "/v1/shipments", ""},
    {"depart", "shipment", "/v1/shipments/", "/departure"},
    {"arrive", "shipment", "/v1/shipments/", "/arrival"},
    {"measure", "shipment", "/v1/shipments/", "/readings"},
    {"report", "shipment", "/v1/shipments/", "/readings"},
    {"offer", NULL, "/v1/hand-overs", ""},
    {"accept", "hand_over", "/v1/hand-overs/", "/accept"},
    {"refuse", "hand_over", "/v1/hand-overs/", "/refuse"},
    {"withdraw", "hand_over", "/v1/hand-overs/", "/withdraw"},
};

void play_path(char out[PLAY_PATH_SIZE], const struct way *way, int64_t number) {
    if (way->of)
        snprintf(out, PLAY_PATH_SIZE, "%s%lld%s", way->path, (long long)number, way->behind);
    else
        snprintf(out, PLAY_PATH_SIZE, "%s", way->path);
}

long play_post(const char *path, const char *body, uint32_t refusal) {
    struct reply reply;
    server_ask(&raw.server,
               &(struct ask){
                   .path = path, .body = bytes_of_string(body), .content_type = "application/json"},
               &reply);
    long status = reply.status;
    if (status == 202) (void)raw_expect_end(reply.location, RAW_BY_API, refusal);
    reply_clear(&reply);
    return status;
}

// The same by the API, which signs as the server.
void play_api(const char *method, const json_t *arguments, uint32_t refusal) {
    char path[PLAY_PATH_SIZE];
    const struct way *way = play_ways;
    while (strcmp(way->method, method) != 0) way++;
    json_t *body = json_deep_copy(arguments);
    if (way->of) json_object_del(body, way->of);
    play_path(path, way, way->of ? json_integer_value(json_object_get(arguments, way->of)) : 0);
    char *text = json_dumps(body, JSON_COMPACT);
    ck_assert_msg(play_post(path, text, refusal) == 202, "%s %s", path, text);
    free(text);
    json_decref(body);
}

// Writes the arguments with $0 to $3 for the roles' play_addresses, $E for the event's hash, $S for
// the sensor's key.
json_t *play_arguments(const char *text) {
    struct buf out = {0};
    for (; *text; text++) {
        if (*text != '$') {
            buf_append_byte(&out, (uint8_t)*text);
            continue;
        }
        text++;
        buf_append_string(&out, *text == 'E'   ? captured_hash
                                : *text == 'S' ? play_sensor_hex
                                               : play_addresses[*text - '0']);
    }
    json_error_t error;
    json_t *json = json_loadb((const char *)out.data, out.len, 0, &error);
    ck_assert_msg(json != NULL, "%s in %s", error.text, buf_as_string(&out));
    buf_clear(&out);
    return json;
}

void play(int role, const char *method, const char *text, uint32_t refusal) {
    json_t *arguments = play_arguments(text);
    play_raw(role, method, arguments, refusal);
    json_decref(arguments);
}

json_t *play_measured(const struct play_reading *reading) {
    struct buf payload = {0};
    struct hash hash;
    struct signature signature;
    char hex[2 * sizeof signature.bytes + 1];
    uint32_t journey = reading->journey ? reading->journey : 1;
    encode_fixed(&payload, raw.market.bytes, sizeof raw.market.bytes);
    encode_u64(&payload, reading->shipment);
    encode_u32(&payload, journey);
    encode_u8(&payload, 0);
    encode_u64(&payload, reading->number);
    encode_u32(&payload, 1);
    encode_u64(&payload, reading->time_ms);
    encode_u64(&payload, (uint64_t)reading->value_milli);
    hash_bytes(&hash, HASH_USER, buf_bytes(&payload));
    sign_payload(&signature, &play_sensor, SIGN_JOURNAL, &raw.chain_id, &hash);
    hex_encode(hex, BYTES_OF(signature.bytes));
    buf_clear(&payload);
    return json_pack("{s:I,s:I,s:i,s:s,s:I,s:[{s:I,s:I}],s:s}", "shipment",
                     (json_int_t)reading->shipment, "journey", (json_int_t)journey, "rule", 0,
                     "sensor", play_sensor_hex, "first", (json_int_t)reading->number, "readings",
                     "time_ms", (json_int_t)reading->time_ms, "value_milli",
                     (json_int_t)reading->value_milli, "signature", hex);
}

// What the contract's view of that number answers; the caller's.
static json_t *ask_view(const char *view, uint64_t number) {
    struct buf arguments = {0};
    char path[256], address[ADDRESS_CHARS + 1];
    struct reply reply;
    address_encode(address, raw.market.bytes);
    snprintf(path, sizeof path, "/v1/contracts/%s/views/%s", address, view);
    buf_append_format(&arguments, "{\"arguments\":[%llu]}", (unsigned long long)number);
    server_ask(&raw.server,
               &(struct ask){.path = path,
                             .method = "POST",
                             .body = buf_bytes(&arguments),
                             .content_type = "application/json"},
               &reply);
    json_t *answer = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    json_t *result = json_incref(json_object_get(answer, "result"));
    ck_assert_msg(json_is_object(result), "%s", (const char *)reply.body.data);
    json_decref(answer);
    reply_clear(&reply);
    buf_clear(&arguments);
    return result;
}

static uint64_t moment(const json_t *object, const char *name) {
    uint64_t ms = strtoull(member(object, name), NULL, 10);
    ck_assert_uint_gt(ms, 0);
    return ms;
}

uint64_t play_departed_ms(uint64_t shipment) {
    json_t *held = ask_view("shipment", shipment);
    uint64_t ms = moment(json_object_get(held, "shipment"), "departed_ms");
    json_decref(held);
    return ms;
}

uint64_t play_accepted_ms(uint64_t hand_over) {
    json_t *view = ask_view("hand_over", hand_over);
    uint64_t ms = moment(view, "closed_ms");
    json_decref(view);
    return ms;
}

// ---- the stage

void play_capture(int role, uint8_t job) { play_capture_event(role, job, DOCUMENT_OF(LOT, "")); }

void play_capture_event(int role, uint8_t job, const char *text) {
    static struct tx tx;
    struct buf arguments = {0};
    struct epcis_document document;
    struct epcis_fault fault;
    struct hash id;
    raw_act_as(roles[role]);
    raw_encode_job(&arguments, job);
    encode_bytes(&arguments, bytes_of_string(text));
    raw_encode_entries(&arguments, text);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "capture", &arguments);
    raw_run(&tx, &id, "OK");
    assert_ok(epcis_document_split(&document, &fault, bytes_of_string(text)));
    hex_encode(captured_hash, BYTES_OF(document.events[0].hash));
    epcis_document_clear(&document);
    buf_clear(&arguments);
}

void play_open(const char *market, const char *index) {
    struct buf text = {0};
    struct public_key key;
    char path[512];
    const char *source = getenv("srcdir");
    raw.block_time = "50"; // there are many to wait for
    raw_open_market(market, index);
    raw_call_contract("supplychain");
    snprintf(path, sizeof path, "%s/apps/supplychain/contract/abi.json", source ? source : ".");
    assert_ok(file_read(&text, path, ABI_TEXT_MAX_BYTES));
    ck_assert_ptr_nonnull((description = abi_parse(buf_bytes(&text))));
    buf_clear(&text);
    for (int i = 0; i < ROLES; i++) {
        raw_act_as(roles[i]);
        memcpy(play_addresses[i], raw.address, sizeof play_addresses[i]);
    }
    key_from_seed(&play_sensor, &key, (const uint8_t[32]){9});
    hex_encode(play_sensor_hex, BYTES_OF(key.bytes));
    play_capture(SERVER, 1);
}

void play_set_up(void) { play_open("supplychain", NULL); }

void play_close(void) {
    raw_close();
    json_decref(description);
}
