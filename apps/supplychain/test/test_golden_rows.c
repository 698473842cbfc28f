// SPDX-License-Identifier: Apache-2.0
// The rows that known blocks give. Rows of an earlier program are only made again when
// PROJECTION_VERSION was raised (or the tables or the schema of EPCIS are others), so whoever
// changes what is written has to raise it.
#include "apps/supplychain/supplychain.h"
#include "apps/supplychain/test/row_dump.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

// When this differs and that is meant: raise PROJECTION_VERSION, and put both here.
static const struct {
    uint32_t version;
    const char *digest;
} golden = {5, "488ae368a9ba3f3f78810b04c5f749934ccecdae1f8bfd1f55ed3b3bb525b899"};

static struct test_database database;
static struct db *db;
static struct server server;
static struct supplychain market;
static struct arena arena;

#define CONTEXT "\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\""
#define HEAD(more)                                                         \
    "{\"@context\":[" CONTEXT more "],\"type\":\"EPCISDocument\","         \
    "\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-01-02T03:04:05Z\"," \
    "\"epcisBody\":{\"eventList\":["
#define TIME "\"eventTime\":\"2026-01-02T03:04:05.678+02:00\",\"eventTimeZoneOffset\":\"+02:00\","

// Every place of an identifier, both ways to write one, extensions and their namespace.
static const char many[] = HEAD(
    ",{\"ex\":\"https://ex.example/\"}") "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\"," TIME
                                         "\"eventID\":\"urn:uuid:00000000-0000-4000-8000-"
                                         "000000000001\","
                                         "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346.2017\"],"
                                         "\"quantityList\":[{\"epcClass\":\"urn:epc:class:lgtin:"
                                         "4012345.012345.998877\","
                                         "\"quantity\":200.50,\"uom\":\"KGM\"}],\"bizStep\":"
                                         "\"shipping\",\"ex:seal\":\"007\"},"
                                         "{\"type\":\"AggregationEvent\",\"action\":\"ADD\"," TIME
                                         "\"parentID\":\"urn:epc:id:sscc:0614141.1234567890\","
                                         "\"childEPCs\":[\"https://id.gs1.org/01/10614141073464/21/"
                                         "2017\"]},"
                                         "{\"type\":\"TransformationEvent\"," TIME
                                         "\"inputEPCList\":[\"urn:epc:id:sgtin:0614141.107346.1\"],"
                                         "\"outputEPCList\":[\"urn:epc:id:sgtin:0614141.107346.2\"]"
                                         ","
                                         "\"outputQuantityList\":[{\"epcClass\":\"urn:epc:class:"
                                         "lgtin:4012345.012345.1\","
                                         "\"quantity\":1}]}]}}";
static const char declaration[] =
    HEAD("") "{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\"," TIME
             "\"eventID\":\"urn:uuid:00000000-0000-4000-8000-000000000001\","
             "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346.2017\"],"
             "\"errorDeclaration\":{\"declarationTime\":\"2026-01-03T00:00:00Z\","
             "\"reason\":\"incorrect_data\"}}]}}";

static void encode_id(struct buf *out, uint8_t job) {
    uint8_t id[32];
    memset(id, job, sizeof id);
    encode_fixed(out, id, sizeof id);
}

// A block of one transaction: what the contract would tell of it is told.
static void project(uint64_t height, const char *method, const struct buf *arguments,
                    const struct event *event, enum tx_code code) {
    struct buf encoded = {0};
    struct tx tx = {.version = TX_VERSION,
                    .sender = {.bytes = {'s'}},
                    .action_count = 1,
                    .actions = {{.kind = TX_CALL,
                                 .call = {.contract = server.contract,
                                          .method = bytes_of_string(method),
                                          .arguments = buf_bytes(arguments)}}},
                    .signature_count = 1};
    tx_encode(&encoded, &tx);
    struct block_tx block_tx = {.encoded = buf_bytes(&encoded),
                                .receipt = {.code = (uint16_t)code},
                                .events = event,
                                .event_count = event ? 1 : 0};
    store_u64_le(block_tx.receipt.tx_id.bytes, height);
    struct block block = {.header = {.height = height, .time_ms = 1767323045000 + height * 1000},
                          .txs = &block_tx,
                          .tx_count = 1};
    assert_ok(db_begin(db));
    assert_ok(
        projection_apply(&market, db, &(struct index_block){.block = &block, .arena = &arena}));
    assert_ok(db_commit(db));
    buf_clear(&encoded);
}

static void encode_entries(struct buf *out, const char *text) {
    struct epcis_document document;
    struct epcis_fault fault;
    assert_ok(epcis_document_split(&document, &fault, bytes_of_string(text)));
    encode_u32(out, (uint32_t)document.event_count);
    for (size_t i = 0; i < document.event_count; i++) entry_encode(out, &document.events[i]);
    epcis_document_clear(&document);
}

// The chain event of a job's entries.
static struct event told(struct buf *data, uint8_t job, const char *text) {
    buf_reset(data);
    encode_id(data, job);
    encode_u32(data, 0);
    encode_entries(data, text);
    return (struct event){
        .contract = server.contract, .topic = bytes_of_string("captured"), .data = buf_bytes(data)};
}

static void capture(uint64_t height, uint8_t job, const char *text, const char *registered) {
    struct buf arguments = {0}, data = {0};
    struct event event = told(&data, job, registered);
    encode_id(&arguments, job);
    encode_bytes(&arguments, bytes_of_string(text));
    encode_entries(&arguments, registered);
    project(height, "capture", &arguments, &event, TX_CODE_OK);
    buf_clear(&arguments);
    buf_clear(&data);
}

static void stage(uint64_t height, uint8_t job, uint32_t index, struct bytes chunk) {
    struct buf arguments = {0};
    encode_id(&arguments, job);
    encode_u32(&arguments, index);
    encode_bytes(&arguments, chunk);
    encode_u32(&arguments, 0);
    project(height, "stage", &arguments, NULL, TX_CODE_OK);
    buf_clear(&arguments);
}

static void end_job(uint64_t height, uint8_t job, const char *text, enum tx_code code) {
    struct buf arguments = {0}, data = {0};
    struct event event = told(&data, job, text);
    encode_id(&arguments, job);
    encode_u32(&arguments, 2);
    encode_u64(&arguments, strlen(text));
    project(height, "close", &arguments, code == TX_CODE_OK ? &event : NULL, code);
    buf_clear(&arguments);
    buf_clear(&data);
}

static void drop(uint64_t height, uint8_t job) {
    struct buf arguments = {0};
    encode_id(&arguments, job);
    project(height, "drop", &arguments, NULL, TX_CODE_OK);
    buf_clear(&arguments);
}

static void stage_both(uint64_t height, uint8_t job, const char *text) {
    size_t half = strlen(text) / 2;
    stage(height, job, 0, bytes_of(text, half));
    stage(height + 1, job, 1, bytes_of(text + half, strlen(text) - half));
}

// ---- custody, as the contract tells it

static void encode_account(struct buf *out, char name) {
    struct account_id id = {{(uint8_t)name}};
    encode_fixed(out, id.bytes, sizeof id.bytes);
}

static void encode_bounds(struct buf *out) {
    encode_bytes(out, bytes_of_string("Temperature"));
    encode_bytes(out, bytes_of_string("CEL"));
    encode_bool(out, false);
    encode_bool(out, true);
    encode_u64(out, 0);
}

static void encode_reading(struct buf *out, uint64_t time_ms, int64_t value_milli) {
    encode_u64(out, time_ms);
    encode_u64(out, (uint64_t)value_milli);
}

static void encode_condition(struct buf *out, int64_t last) {
    encode_bounds(out);
    encode_u32(out, 2);
    encode_bool(out, last > 0);
    encode_bool(out, true);
    encode_reading(out, 1767323046000, last);
    encode_bool(out, true);
    encode_reading(out, 1767323046000, 2500);
}

// Takes what is told.
static void tell(uint64_t height, const char *topic, struct buf *data) {
    struct buf none = {0};
    struct event event = {
        .contract = server.contract, .topic = bytes_of_string(topic), .data = buf_bytes(data)};
    project(height, "any", &none, &event, TX_CODE_OK);
    buf_clear(data);
}

static void tell_shipment(uint64_t height, uint64_t number, uint64_t parent, uint8_t state) {
    struct buf data = {0};
    encode_u64(&data, number);
    encode_u64(&data, parent);
    encode_account(&data, 'o');
    encode_account(&data, 'h');
    encode_account(&data, 'c');
    encode_account(&data, 's');
    encode_account(&data, 'd');
    encode_u8(&data, state);
    for (uint64_t i = 0; i < 5; i++) encode_u64(&data, 1000 * i);
    encode_u32(&data, state);
    encode_u32(&data, state > 0 ? 1 : 0); // its journey
    encode_u32(&data, state > 1 ? 1 : 0); // and alarms of that
    encode_bytes(&data, bytes_of_string("KGM"));
    encode_bytes(&data, bytes_of_string("urn:epc:class:lgtin:4012345.012345.1"));
    tell(height, "shipment", &data);
}

static void encode_source(struct buf *out, bool is_signed) {
    encode_u32(out, 1);
    encode_u8(out, 0);
    encode_bool(out, is_signed);
    if (is_signed) encode_account(out, 'k');
    encode_account(out, 'c');
    encode_bool(out, !is_signed); // late
    encode_u64(out, 40);
}

static void tell_readings(uint64_t height) {
    struct buf data = {0}, alarm = {0};
    encode_u64(&alarm, 1);
    encode_u32(&alarm, 1);
    encode_source(&alarm, false);
    encode_reading(&alarm, 1767323046000, 2500);
    encode_condition(&alarm, 2500);
    tell(height, "alarm", &alarm);
    encode_u64(&data, 1);
    encode_source(&data, true);
    encode_u32(&data, 2);
    encode_reading(&data, 1767323045000, -18000);
    encode_reading(&data, 1767323046000, 2500);
    encode_condition(&data, 2500);
    tell(height + 1, "readings", &data);
}

static void tell_hand_over(uint64_t height, uint8_t state, const char *reason) {
    struct buf data = {0};
    encode_u64(&data, 1);
    encode_u64(&data, 1);
    encode_u64(&data, 2);
    encode_account(&data, 'c');
    encode_account(&data, 'd');
    for (uint64_t i = 1; i < 4; i++) encode_u64(&data, 100 * i);
    encode_u8(&data, state);
    encode_u32(&data, 1);
    encode_u32(&data, 1);
    encode_condition(&data, -1000);
    encode_bytes(&data, bytes_of_string(reason));
    tell(height, "hand_over", &data);
}

static void project_custody(void) {
    struct buf data = {0};
    tell_shipment(30, 1, 0, 0);
    encode_u64(&data, 1);
    encode_u32(&data, 1);
    encode_u32(&data, 1);
    encode_bounds(&data);
    encode_u32(&data, 1);
    encode_account(&data, 'k');
    tell(31, "departed", &data);
    tell_shipment(32, 1, 0, 1);
    tell_readings(33);
    tell_shipment(35, 2, 1, 2);
    tell_hand_over(36, 0, "");
    tell_hand_over(37, 2, "\xFF no text");
    encode_u8(&data, 1); // of no form that is known
    tell(38, "shipment", &data);
}

// Each end that a job can have.
static void project_all(void) {
    capture(10, 1, many, many);
    capture(11, 2, declaration, declaration);
    capture(12, 3, "no JSON", many);
    capture(13, 4, declaration, many);
    stage_both(14, 5, declaration);
    end_job(16, 5, declaration, TX_CODE_OK);
    stage_both(17, 6, many);
    end_job(19, 6, many, TX_CODE_CONTRACT_REFUSED);
    drop(20, 6);
    stage(21, 7, 0, bytes_of_string("{"));
    drop(22, 7);
    stage(23, 8, 0, bytes_of_string("{")); // and one that stays open
    project_custody();
}

START_TEST(known_blocks_give_the_rows_that_they_gave) {
    struct buf rows = {0};
    struct hash digest;
    char text[65];
    if (!test_database_open(&database, _i)) return;
    assert_ok(db_open(&db, database.url));
    assert_ok(db_exec_script(db, supplychain_schema));
    account_id_of_system_contract(&server.contract, "supplychain");
    market.server = &server;
    assert_ok(epcis_rules_open(&market.rules));
    project_all();
    rows_dump(&rows, db);
    hash_bytes(&digest, HASH_USER, buf_bytes(&rows));
    hex_encode(text, BYTES_OF(digest.bytes));
    ck_assert_msg(strcmp(text, golden.digest) == 0 && golden.version == PROJECTION_VERSION,
                  "version %u: %s", (unsigned)PROJECTION_VERSION, text);
    epcis_rules_close(market.rules);
    buf_clear(&market.news);
    buf_clear(&rows);
    db_close(db);
    arena_clear(&arena);
    test_database_close(&database);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("golden rows");
    TCase *cases = tcase_create("golden rows");
    tcase_add_loop_test(cases, known_blocks_give_the_rows_that_they_gave, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
