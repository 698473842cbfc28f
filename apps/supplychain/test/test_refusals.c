// SPDX-License-Identifier: Apache-2.0
// What the contract refuses of whoever sends it raw transactions, on the server of another market;
// and what takes a long way to come to, by the API as well.
#include "apps/supplychain/contract/custody_rules.h"
#include "apps/supplychain/test/custody_play.h"
#include "tests/support/puppet.h"
#include "tests/support/unit.h"

// As contract/supplychain.c has them.
enum {
    BAD_ARGUMENTS = 1,
    EVENT_ID_CONFLICT = 2,
    JOB_EXISTS = 3,
    JOB_UNKNOWN = 4,
    CHUNK_OUT_OF_ORDER = 5,
    JOB_INCOMPLETE = 6,
    NO_EVENTS = 7,
    TOO_MANY_EVENTS = 8,
    BAD_FLAGS = 9,
    NOT_IN_A_TRANSACTION = 10,
    ENTRY_BYTES = 97,
    MAX_ENTRIES_PER_CALL = 640,
    MAX_JOB_ENTRIES = 16384,
};

static const char *const hosts[] = {"supplychain", "sharing"};
enum { AT_HOME, ELSEWHERE, HOSTS };

static void send_and_clear(const char *method, struct buf *arguments, uint32_t refusal) {
    raw_send(method, arguments, 0, refusal);
    buf_clear(arguments);
}

static void encode_capture(struct buf *out, uint8_t job, const char *document) {
    raw_encode_job(out, job);
    encode_bytes(out, bytes_of_string(document));
    raw_encode_entries(out, document);
}

static void stage(uint8_t job, uint32_t index, uint32_t entries, uint32_t refusal) {
    struct buf arguments = {0};
    raw_encode_job(&arguments, job);
    encode_u32(&arguments, index);
    encode_bytes(&arguments, bytes_of("", 0));
    encode_u32(&arguments, entries);
    memset(buf_reserve(&arguments, (size_t)entries * ENTRY_BYTES), 0,
           (size_t)entries * ENTRY_BYTES);
    arguments.len += (size_t)entries * ENTRY_BYTES;
    send_and_clear("stage", &arguments, refusal);
}

static void close_job(uint8_t job, uint32_t chunks, uint32_t refusal) {
    struct buf arguments = {0};
    raw_encode_job(&arguments, job);
    encode_u32(&arguments, chunks);
    encode_u64(&arguments, 0);
    send_and_clear("close", &arguments, refusal);
}

START_TEST(captures_are_held_to_their_rules_on_a_server_of_another_market) {
    struct buf arguments = {0};
    play_open(hosts[ELSEWHERE], NULL);
    raw_act_as("server");
    encode_capture(&arguments, 1, DOCUMENT);
    send_and_clear("capture", &arguments, JOB_EXISTS);
    encode_capture(&arguments, 2, OTHER);
    send_and_clear("capture", &arguments, EVENT_ID_CONFLICT);
    raw_encode_job(&arguments, 2);
    send_and_clear("capture", &arguments, BAD_ARGUMENTS);
    raw_encode_job(&arguments, 2);
    encode_bytes(&arguments, bytes_of_string("{}"));
    encode_u32(&arguments, 0);
    send_and_clear("capture", &arguments, NO_EVENTS);
    encode_capture(&arguments, 2, OTHER);
    arguments.data[arguments.len - ENTRY_BYTES] |= 128;
    send_and_clear("capture", &arguments, BAD_FLAGS);
    close_job(2, 1, JOB_UNKNOWN);
    stage(2, 1, 0, CHUNK_OUT_OF_ORDER);
    stage(2, 0, 0, 0);
    close_job(2, 2, JOB_INCOMPLETE);
    close_job(2, 1, NO_EVENTS);
    play_close();
}
END_TEST

START_TEST(a_job_of_too_many_events_is_refused_on_a_server_of_another_market) {
    const uint32_t full = MAX_JOB_ENTRIES / MAX_ENTRIES_PER_CALL;
    play_open(hosts[ELSEWHERE], NULL);
    raw_act_as("server");
    for (uint32_t index = 0; index < full; index++) stage(2, index, MAX_ENTRIES_PER_CALL, 0);
    stage(2, full, MAX_JOB_ENTRIES % MAX_ENTRIES_PER_CALL + 1, TOO_MANY_EVENTS);
    stage(2, full, MAX_JOB_ENTRIES % MAX_ENTRIES_PER_CALL, 0);
    play_close();
}
END_TEST

START_TEST(another_contract_captures_nothing_on_a_server_of_another_market) {
    static struct tx tx;
    struct account_id puppet;
    struct buf code = {0}, inner = {0}, script = {0};
    struct hash id;
    char path[96] = "/v1/transactions/";
    play_open(hosts[ELSEWHERE], NULL);
    raw_act_as("server");
    assert_ok(file_read(&code, "tests/support/puppet.wasm", 1 << 20));
    tx = (struct tx){.action_count = 1};
    tx.actions[0].kind = TX_DEPLOY;
    tx.actions[0].deploy.code = buf_bytes(&code);
    raw_run(&tx, &id, "OK");
    account_id_of_deployed(&puppet, &id, 0);
    encode_capture(&inner, 2, DOCUMENT);
    encode_u8(&script, PUPPET_RELAY);
    encode_fixed(&script, &raw.market, sizeof raw.market);
    encode_bytes(&script, bytes_of_string("capture"));
    encode_bytes(&script, buf_bytes(&inner));
    encode_u64(&script, 0);
    encode_u64(&script, UINT64_MAX);
    tx = (struct tx){0};
    raw_add_call(&tx, &puppet, "act", &script);
    raw_run(&tx, &id, "CONTRACT_REFUSED");
    hex_encode(path + strlen(path), BYTES_OF(id.bytes));
    json_t *found =
        server_get(&raw.server, path); // whose sentence is the puppet's, and it has none
    ck_assert_int_eq(json_integer_value(json_object_get(found, "contract_code")),
                     NOT_IN_A_TRANSACTION);
    raw_note_refusal(RAW_BY_TX, NOT_IN_A_TRANSACTION);
    json_decref(found);
    buf_clear(&code);
    buf_clear(&inner);
    buf_clear(&script);
    play_close();
}
END_TEST

// ---- custody

// Bob's and the server's, by turns.
static int holder(uint64_t hand_over) { return hand_over % 2 ? SERVER : BOB; }

// Who has it by that hand-over takes it over, and offers it on.
static void pass_on(uint64_t hand_over) {
    static struct tx tx;
    struct buf accept = {0}, offer = {0};
    struct account_id next;
    struct hash id;
    raw_act_as(holder(hand_over) == SERVER ? "server" : "bob");
    assert_ok(address_decode(next.bytes, bytes_of_string(play_addresses[holder(hand_over + 1)])));
    encode_u64(&accept, hand_over);
    encode_u32(&accept, 0); // alarms
    encode_u64(&offer, 1);
    encode_u64(&offer, 1000);
    encode_fixed(&offer, next.bytes, sizeof next.bytes);
    tx = (struct tx){0};
    raw_add_call(&tx, &raw.market, "accept", &accept);
    raw_add_call(&tx, &raw.market, "offer", &offer);
    raw_run(&tx, &id, "OK");
    buf_clear(&accept);
    buf_clear(&offer);
}

static void set_out(void) {
    play_capture(ALICE, 1);
    play(ALICE, "register",
         "{\"epc\":\"a\",\"quantity_milli\":1000,\"uom\":\"KGM\",\"event_hash\":\"$E\"}", 0);
    play(ALICE, "depart",
         "{\"shipment\":1,\"to\":\"$3\",\"rules\":[{\"property\":\"Temperature\",\"uom\":\"CEL\","
         "\"min_milli\":null,\"max_milli\":0,\"sensors\":[\"$S\"]}]}",
         0);
    json_t *early =
        json_pack("{s:i,s:i,s:i,s:[{s:I,s:i}]}", "shipment", 1, "rule", 0, "first", 0, "readings",
                  "time_ms", (json_int_t)play_departed_ms(1) - 1, "value_milli", -1);
    play_raw(ALICE, "report", early, CUSTODY_READING_EARLY);
    json_decref(early);
    play(ALICE, "offer", "{\"shipment\":1,\"quantity_milli\":1000,\"to\":\"$0\"}", 0);
}

// Alice's goods are on their way to the faucet.
START_TEST(only_a_journeys_ends_take_over_behind_so_many_holders) {
    const uint64_t last = CUSTODY_HOLDERS_MAX - 1;
    play_open(hosts[_i], NULL);
    set_out();
    for (uint64_t hand_over = 1; hand_over < last; hand_over++) pass_on(hand_over);
    json_t *accept = json_pack("{s:I,s:i}", "hand_over", (json_int_t)last, "alarms", 0);
    play_raw(holder(last), "accept", accept, CUSTODY_TOO_MANY_HOLDERS);
    if (_i == AT_HOME) play_api("accept", accept, CUSTODY_TOO_MANY_HOLDERS);
    json_decref(accept);
    play_close();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("refusals");
    TCase *cases = tcase_create("servers");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, captures_are_held_to_their_rules_on_a_server_of_another_market);
    tcase_add_test(cases, a_job_of_too_many_events_is_refused_on_a_server_of_another_market);
    tcase_add_test(cases, another_contract_captures_nothing_on_a_server_of_another_market);
    tcase_add_loop_test(cases, only_a_journeys_ends_take_over_behind_so_many_holders, 0, HOSTS);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
