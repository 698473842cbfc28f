// SPDX-License-Identifier: Apache-2.0
// What the projection keeps of a document that comes in parts, block by block as a chain would give
// them, on either engine.
#include "apps/supplychain/supplychain.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

static struct test_database database;
static struct db *db;
static struct server server;
static struct supplychain market;
static struct arena arena;
static const uint8_t job[32] = {'j'};

// False: the engine isn't there.
static bool begin(int engine) {
    if (!test_database_open(&database, engine)) return false;
    assert_ok(db_open(&db, database.url));
    assert_ok(db_exec_script(db, supplychain_schema));
    account_id_of_system_contract(&server.contract, "supplychain");
    market.server = &server;
    assert_ok(epcis_rules_open(&market.rules));
    return true;
}

static void end(void) {
    epcis_rules_close(market.rules);
    db_close(db);
    arena_clear(&arena);
    test_database_close(&database);
}

static struct bytes encode_call(const char *method, const struct buf *arguments) {
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
    struct bytes kept = arena_copy(&arena, buf_bytes(&encoded));
    buf_clear(&encoded);
    return kept;
}

// A block of one transaction, or of none.
static void project_as(uint64_t height, struct bytes encoded, const struct event *event,
                       enum tx_code code) {
    struct block_tx tx = {.encoded = encoded,
                          .receipt = {.code = (uint16_t)code},
                          .events = event,
                          .event_count = event ? 1 : 0};
    struct block block = {.header = {.height = height, .time_ms = height},
                          .txs = &tx,
                          .tx_count = encoded.len > 0 ? 1 : 0};
    struct index_block given = {.block = &block, .arena = &arena};
    assert_ok(db_begin(db));
    assert_ok(projection_apply(&market, db, &given));
    assert_ok(db_commit(db));
}

static void project(uint64_t height, struct bytes encoded, const struct event *event) {
    project_as(height, encoded, event, TX_CODE_OK);
}

static void stage(uint64_t height, uint32_t position, const char *body) {
    struct buf arguments = {0};
    encode_fixed(&arguments, job, sizeof job);
    encode_u32(&arguments, position);
    encode_bytes(&arguments, bytes_of_string(body));
    encode_u32(&arguments, 0);
    project(height, encode_call("stage", &arguments), NULL);
    buf_clear(&arguments);
}

static struct bytes encode_close(uint32_t count) {
    struct buf arguments = {0};
    encode_fixed(&arguments, job, sizeof job);
    encode_u32(&arguments, count);
    encode_u64(&arguments, 1);
    struct bytes encoded = encode_call("close", &arguments);
    buf_clear(&arguments);
    return encoded;
}

// With the contract's event of one entry, of whatever content.
static void close_job(uint64_t height, uint32_t count) {
    struct buf data = {0};
    static const uint8_t entry[ENTRY_BYTES];
    encode_fixed(&data, job, sizeof job);
    encode_u32(&data, 0);
    encode_u32(&data, 1);
    encode_fixed(&data, entry, sizeof entry);
    struct event event = {.contract = server.contract,
                          .topic = bytes_of_string("captured"),
                          .data = buf_bytes(&data)};
    project(height, encode_close(count), &event);
    buf_clear(&data);
}

static uint64_t count(const char *sql) {
    struct db_statement *statement;
    bool has_row;
    assert_ok(db_prepare(&statement, db, sql));
    assert_ok(db_step(statement, &has_row));
    uint64_t found = db_column_u64(statement, "n");
    db_release(statement);
    return found;
}
static uint64_t count_chunks(void) { return count("SELECT count(*) AS n FROM chunk"); }
static uint64_t count_txs(void) { return count("SELECT count(*) AS n FROM job_tx"); }

static void check_reason(const char *expected) {
    struct db_statement *statement;
    bool has_row;
    assert_ok(db_prepare(&statement, db, "SELECT reason FROM job"));
    assert_ok(db_step(statement, &has_row));
    ck_assert(has_row);
    struct bytes reason = db_column_text(statement, "reason");
    ck_assert_msg(bytes_equal(reason, bytes_of_string(expected)), "%.*s", (int)reason.len,
                  (const char *)reason.data);
    db_release(statement);
}

START_TEST(a_job_that_closes_leaves_no_chunks) {
    if (!begin(_i)) return;
    stage(10, 0, "{");
    stage(11, 1, "}");
    ck_assert_uint_eq(count_chunks(), 2);
    close_job(12, 2);
    ck_assert_uint_eq(count_chunks(), 0);
    project(100 * CHUNK_KEPT_BLOCKS, bytes_of("", 0), NULL);
    ck_assert_uint_eq(count_txs(), 2); // what a job did is told for ever
    check_reason("INVALID_DOCUMENT");  // it was read, all of it
    end();
}
END_TEST

START_TEST(a_job_that_never_closes_is_forgotten) {
    if (!begin(_i)) return;
    uint64_t due = 10 + CHUNK_KEPT_BLOCKS;
    stage(10, 0, "{");
    stage(due - 1, 1, "}");
    for (uint64_t height = due; height % 100 != 99; height++)
        project(height, bytes_of("", 0), NULL);
    ck_assert_uint_eq(count_chunks(), 2);
    project(due - due % 100 + 100, bytes_of("", 0), NULL);
    ck_assert_uint_eq(count_chunks(), 1);
    ck_assert_uint_eq(count_txs(), 0);
    close_job(due + 200, 2);
    ck_assert_uint_eq(count_chunks(), 0);
    check_reason("STAGED_TOO_LONG_AGO");
    end();
}
END_TEST

static void drop(uint64_t height, enum tx_code code) {
    struct buf arguments = {0};
    encode_fixed(&arguments, job, sizeof job);
    project_as(height, encode_call("drop", &arguments), NULL, code);
    buf_clear(&arguments);
}

START_TEST(a_dropped_job_leaves_no_chunks_and_may_come_again) {
    if (!begin(_i)) return;
    stage(10, 0, "{");
    stage(11, 1, "}");
    drop(12, TX_CODE_CONTRACT_REFUSED); // did nothing
    ck_assert_uint_eq(count_chunks(), 2);
    ck_assert_uint_eq(count("SELECT count(*) AS n FROM job"), 0);
    drop(13, TX_CODE_OK);
    ck_assert_uint_eq(count_chunks(), 0);
    ck_assert_uint_eq(count_txs(), 2);
    check_reason("DROPPED");
    stage(14, 0, "{}");
    ck_assert_uint_eq(count_chunks(), 1);
    close_job(15, 1);
    check_reason("INVALID_DOCUMENT");
    end();
}
END_TEST

static uint64_t code_of_job(void) { return count("SELECT code AS n FROM job"); }

START_TEST(a_drop_does_not_hide_why_the_job_failed) {
    if (!begin(_i)) return;
    stage(10, 0, "{}");
    project_as(11, encode_close(1), NULL, TX_CODE_CONTRACT_REFUSED);
    ck_assert_uint_eq(code_of_job(), TX_CODE_CONTRACT_REFUSED);
    drop(12, TX_CODE_OK);
    ck_assert_uint_eq(count_chunks(), 0);
    ck_assert_uint_eq(code_of_job(), TX_CODE_CONTRACT_REFUSED);
    check_reason("");
    stage(13, 0, "{}"); // it may come again, and what ends it then is told
    close_job(14, 1);
    ck_assert_uint_eq(code_of_job(), TX_CODE_OK);
    check_reason("INVALID_DOCUMENT");
    project_as(15, encode_close(1), NULL, TX_CODE_CONTRACT_REFUSED); // there is no such job
    ck_assert_uint_eq(code_of_job(), TX_CODE_OK);
    check_reason("INVALID_DOCUMENT");
    end();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("chunks");
    TCase *cases = tcase_create("chunks");
    tcase_add_loop_test(cases, a_job_that_closes_leaves_no_chunks, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_dropped_job_leaves_no_chunks_and_may_come_again, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_drop_does_not_hide_why_the_job_failed, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, a_job_that_never_closes_is_forgotten, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
