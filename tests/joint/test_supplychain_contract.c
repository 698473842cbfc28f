// SPDX-License-Identifier: Apache-2.0
// The rules of the supply chain, by raw signed transactions to a node that knows no market's
// routes.
#include "chaincore/base/arena.h"
#include "chaincore/chain/block.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

enum { // the contract's own codes, as its ABI lists them
    BAD_ARGUMENTS = 1,
    EVENT_ID_CONFLICT = 2,
    JOB_EXISTS = 3,
    JOB_UNKNOWN = 4,
    CHUNK_OUT_OF_ORDER = 5,
    JOB_INCOMPLETE = 6,
    NO_EVENTS = 7,
    TOO_MANY_EVENTS = 8,
    BAD_FLAGS = 9,
};
enum { CALL_ENTRIES = 640, JOB_ENTRIES = 16384, JOB_CHUNKS = 1024 }; // at most
enum { IS_ERROR_DECLARATION = 1, IS_KNOWN = 128, ENTRY_LEN = 97, ENTRIES_AT = 40 };

static struct fixture fixture;

static void set_up(void) {
    static const struct fixture_contract contract = {
        .name = "supplychain", .path = "apps/supplychain/contract/supplychain.wasm"};
    fixture_init(&fixture, &contract);
    assert_ok(fixture_open(&fixture));
}
static void tear_down(void) { fixture_clear(&fixture); }

struct entry {
    uint8_t flags, event, id, body; // the hashes are 32 times these bytes
};

static void encode_entries(struct buf *out, const struct entry *entries, uint32_t count) {
    encode_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        encode_u8(out, entries[i].flags);
        memset(buf_reserve(out, 96), entries[i].event, 32);
        memset(buf_reserve(out, 96) + 32, entries[i].id, 32);
        memset(buf_reserve(out, 96) + 64, entries[i].body, 32);
        out->len += 96;
    }
}

static void encode_job(struct buf *out, uint8_t job) {
    memset(buf_reserve(out, 32), job, 32);
    out->len += 32;
}

static struct receipt call(const char *method, const struct buf *arguments, int from,
                           struct hash *id) {
    struct tx tx;
    fixture_begin(&fixture, &tx, from);
    tx.gas_limit = 900000000;
    fixture_add_call(&fixture, &tx, method, buf_bytes(arguments));
    ck_assert_str_eq(tx_code_name(fixture_submit(&fixture, &tx, from, id)), "OK");
    return fixture_await(&fixture, id);
}

static void check(struct receipt receipt, uint32_t contract_code) {
    ck_assert_str_eq(tx_code_name((enum tx_code)receipt.code),
                     contract_code ? "CONTRACT_REFUSED" : "OK");
    ck_assert_uint_eq(receipt.contract_code, contract_code);
}

static struct receipt capture_from(int from, uint8_t job, const struct entry *entries,
                                   uint32_t count, struct hash *id) {
    struct buf arguments = {0};
    struct hash unused;
    encode_job(&arguments, job);
    encode_bytes(&arguments, bytes_of_string("{}"));
    encode_entries(&arguments, entries, count);
    struct receipt receipt = call("capture", &arguments, from, id ? id : &unused);
    buf_clear(&arguments);
    return receipt;
}

static struct receipt capture(uint8_t job, const struct entry *entries, uint32_t count,
                              struct hash *id) {
    return capture_from(0, job, entries, count, id);
}

static struct receipt stage(uint8_t job, uint32_t index, const struct entry *entries,
                            uint32_t count) {
    struct buf arguments = {0};
    struct hash id;
    encode_job(&arguments, job);
    encode_u32(&arguments, index);
    encode_bytes(&arguments, bytes_of_string("chunk"));
    encode_entries(&arguments, entries, count);
    struct receipt receipt = call("stage", &arguments, 0, &id);
    buf_clear(&arguments);
    return receipt;
}

static struct receipt close_job(uint8_t job, uint32_t chunks, uint64_t bytes, int from,
                                struct hash *id) {
    struct buf arguments = {0};
    encode_job(&arguments, job);
    encode_u32(&arguments, chunks);
    encode_u64(&arguments, bytes);
    struct receipt receipt = call("close", &arguments, from, id);
    buf_clear(&arguments);
    return receipt;
}

static struct receipt drop(uint8_t job, int from) {
    struct buf arguments = {0};
    struct hash id;
    encode_job(&arguments, job);
    struct receipt receipt = call("drop", &arguments, from, &id);
    buf_clear(&arguments);
    return receipt;
}

// The flags of all entries that a transaction's events tell of.
static uint32_t read_flags(const struct hash *id, uint8_t *flags, uint32_t most) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct block block;
    struct node_tx found;
    uint32_t count = 0;
    assert_ok(node_find_tx(fixture.node, id, &found));
    assert_ok(node_read_block(fixture.node, found.height, &encoded));
    assert_ok(block_decode(&block, &arena, buf_bytes(&encoded)));
    const struct block_tx *tx = &block.txs[found.index];
    for (uint32_t i = 0; i < tx->event_count; i++) {
        struct bytes data = tx->events[i].data;
        assert_bytes_equal(tx->events[i].topic, bytes_of_string("captured"));
        ck_assert_uint_eq(load_u32_le(data.data + 32), count);
        uint32_t here = load_u32_le(data.data + 36);
        ck_assert_uint_eq(data.len, ENTRIES_AT + (size_t)here * ENTRY_LEN);
        for (uint32_t k = 0; k < here && count < most; k++)
            flags[count++] = data.data[ENTRIES_AT + k * ENTRY_LEN];
    }
    arena_clear(&arena);
    buf_clear(&encoded);
    return count;
}

static bool has_place_of(uint8_t event, int account) {
    struct buf out = {0};
    uint8_t arguments[64];
    uint32_t code;
    memset(arguments, event, 32);
    memcpy(arguments + 32, fixture.ids[account].bytes, 32);
    ck_assert_int_eq(
        node_query(fixture.node, &fixture.contract, "place", BYTES_OF(arguments), &out, &code),
        TX_CODE_OK);
    // option<place>, as the description says.
    ck_assert_uint_gt(out.len, 0);
    bool is_there = out.data[0] == 1;
    ck_assert_uint_eq(out.len, is_there ? 1 + 8 + 32 + 4 : 1);
    buf_clear(&out);
    return is_there;
}

static bool has_place(uint8_t event) { return has_place_of(event, 0); }

START_TEST(an_event_id_keeps_its_content_for_ever) {
    static const struct entry first = {0, 1, 1, 1}, other = {0, 2, 1, 2}, next = {0, 3, 3, 3};
    struct hash id;
    uint8_t flags[4];
    check(capture(1, &first, 1, NULL), 0);
    ck_assert(has_place(1));
    check(capture(2, &first, 1, &id), 0);
    ck_assert_uint_eq(read_flags(&id, flags, 4), 1);
    ck_assert_uint_eq(flags[0], IS_KNOWN);
    const struct entry mixed[] = {next, other};
    check(capture(3, mixed, 2, NULL), EVENT_ID_CONFLICT);
    ck_assert(!has_place(3)); // nothing of the refused capture remains
    check(capture(3, &next, 1, NULL), 0);
}
END_TEST

START_TEST(no_account_squats_on_the_event_ids_of_another) {
    static const struct entry squatted = {0, 2, 1, 2}, copied = {0, 3, 3, 9};
    static const struct entry declared = {IS_ERROR_DECLARATION, 1, 1, 7};
    static const struct entry first = {0, 1, 1, 1}, second = {0, 3, 3, 3};
    struct hash id;
    uint8_t flags[4];
    check(capture_from(1, 1, &squatted, 1, NULL), 0); // the eventID with other content
    check(capture_from(1, 2, &copied, 1, NULL), 0);   // the event itself, under another document
    check(capture_from(1, 3, &declared, 1, NULL), 0);
    const struct entry own[] = {first, second, declared};
    check(capture(1, own, 3, &id), 0);
    ck_assert_uint_eq(read_flags(&id, flags, 4), 3);
    ck_assert_uint_eq(flags[0], 0); // new to this account
    ck_assert_uint_eq(flags[1], 0);
    ck_assert_uint_eq(flags[2], IS_ERROR_DECLARATION);
    ck_assert(has_place(1) && has_place(3));
    ck_assert(has_place_of(2, 1) && has_place_of(3, 1) && !has_place(2));
    check(capture(2, &squatted, 1, NULL), EVENT_ID_CONFLICT); // its own rule holds
    check(capture_from(1, 4, &first, 1, NULL), EVENT_ID_CONFLICT);
}
END_TEST

START_TEST(two_contents_under_one_id_within_a_document_are_refused) {
    static const struct entry both[] = {{0, 1, 1, 1}, {0, 2, 1, 2}};
    check(capture(1, both, 2, NULL), EVENT_ID_CONFLICT);
    static const struct entry same[] = {{0, 1, 1, 1}, {0, 1, 1, 1}};
    struct hash id;
    uint8_t flags[4];
    check(capture(1, same, 2, &id), 0);
    ck_assert_uint_eq(read_flags(&id, flags, 4), 2);
    ck_assert_uint_eq(flags[0], 0);
    ck_assert_uint_eq(flags[1], IS_KNOWN);
}
END_TEST

START_TEST(an_error_declaration_stands_beside_what_it_corrects) {
    static const struct entry first = {0, 1, 1, 1};
    static const struct entry declaration = {IS_ERROR_DECLARATION, 1, 1, 9};
    static const struct entry another = {IS_ERROR_DECLARATION, 5, 1, 8};
    struct hash id;
    uint8_t flags[4];
    check(capture(1, &first, 1, NULL), 0);
    check(capture(2, &declaration, 1, &id), 0);
    ck_assert_uint_eq(read_flags(&id, flags, 4), 1);
    ck_assert_uint_eq(flags[0], IS_ERROR_DECLARATION);
    check(capture(3, &declaration, 1, &id), 0);
    ck_assert_uint_eq(read_flags(&id, flags, 4), 1);
    ck_assert_uint_eq(flags[0], IS_ERROR_DECLARATION | IS_KNOWN);
    check(capture(4, &another, 1, NULL), 0);
}
END_TEST

START_TEST(a_staged_job_appears_when_it_is_closed_all_or_none) {
    static const struct entry a = {0, 1, 1, 1}, b = {0, 2, 2, 2}, conflict = {0, 3, 1, 3};
    struct hash id;
    uint8_t flags[4];
    check(stage(1, 0, &a, 1), 0);
    check(stage(1, 1, NULL, 0), 0);
    check(stage(1, 2, &b, 1), 0);
    ck_assert(!has_place(1));
    check(close_job(1, 2, 10, 0, &id), JOB_INCOMPLETE);
    check(close_job(1, 3, 14, 0, &id), JOB_INCOMPLETE);
    check(close_job(1, 3, 15, 1, &id), JOB_UNKNOWN); // another sender's job is not this one
    check(close_job(1, 3, 15, 0, &id), 0);
    ck_assert_uint_eq(read_flags(&id, flags, 4), 2);
    ck_assert(has_place(1) && has_place(2));
    check(close_job(1, 3, 15, 0, &id), JOB_EXISTS);
    check(stage(1, 3, NULL, 0), JOB_EXISTS);
    check(stage(2, 0, &(struct entry){0, 4, 4, 4}, 1), 0);
    check(stage(2, 1, &conflict, 1), 0);
    check(close_job(2, 2, 10, 0, &id), EVENT_ID_CONFLICT);
    ck_assert(!has_place(4));
}
END_TEST

static struct amount balance(int account) {
    struct account found;
    uint64_t next_seq;
    node_account(fixture.node, &fixture.ids[account], &found, &next_seq);
    return found.balance;
}

START_TEST(a_dropped_job_leaves_nothing_and_its_deposit_comes_back) {
    static const struct entry a = {0, 1, 1, 1}, b = {0, 2, 2, 2};
    struct hash id;
    uint64_t before = amount_units(balance(0)), gas = 0;
    gas += stage(1, 0, &a, 1).gas_used;
    gas += stage(1, 1, NULL, 0).gas_used;
    gas += stage(1, 2, &b, 1).gas_used;
    ck_assert_uint_lt(amount_units(balance(0)), before - gas); // a deposit is locked
    struct receipt receipt = drop(1, 0);
    check(receipt, 0);
    gas += receipt.gas_used;
    ck_assert_uint_eq(amount_units(balance(0)), before - gas);
    ck_assert(!has_place(1) && !has_place(2));
    check(close_job(1, 3, 15, 0, &id), JOB_UNKNOWN);
    check(drop(1, 0), JOB_UNKNOWN);
    // The id is free again, from its first chunk on.
    check(stage(1, 3, &a, 1), CHUNK_OUT_OF_ORDER);
    check(stage(1, 0, &b, 1), 0);
    check(close_job(1, 1, 5, 0, &id), 0);
    ck_assert(!has_place(1) && has_place(2));
}
END_TEST

START_TEST(only_its_sender_drops_a_job_and_only_while_it_is_open) {
    static const struct entry a = {0, 1, 1, 1};
    struct buf arguments = {0};
    struct hash id;
    check(stage(1, 0, &a, 1), 0);
    check(drop(1, 1), JOB_UNKNOWN); // its own one of this id, which is not there
    check(drop(2, 0), JOB_UNKNOWN);
    check(close_job(1, 1, 5, 0, &id), 0);
    check(drop(1, 0), JOB_EXISTS);
    check(capture(3, &(struct entry){0, 3, 3, 3}, 1, NULL), 0);
    check(drop(3, 0), JOB_EXISTS);
    ck_assert(has_place(1) && has_place(3));
    encode_job(&arguments, 4);
    arguments.len--;
    check(call("drop", &arguments, 0, &id), BAD_ARGUMENTS);
    arguments.len += 2;
    check(call("drop", &arguments, 0, &id), BAD_ARGUMENTS);
    buf_clear(&arguments);
}
END_TEST

START_TEST(many_events_are_told_in_several_chain_events) {
    static struct entry entries[400];
    static uint8_t flags[500];
    struct hash id;
    for (int i = 0; i < 400; i++)
        entries[i] = (struct entry){0, (uint8_t)(i % 250), (uint8_t)(i % 250), (uint8_t)i};
    check(capture(1, entries, 400, &id), 0);
    ck_assert_uint_eq(read_flags(&id, flags, 500), 400);
}
END_TEST

START_TEST(each_misuse_has_its_own_code) {
    static const struct entry first = {0, 1, 1, 1}, flagged = {IS_KNOWN, 2, 2, 2};
    struct hash id;
    struct buf arguments = {0};
    check(capture(1, NULL, 0, NULL), NO_EVENTS);
    check(capture(1, &flagged, 1, NULL), BAD_FLAGS);
    check(capture(1, &first, 1, NULL), 0);
    check(capture(1, &first, 1, NULL), JOB_EXISTS);
    check(stage(1, 0, NULL, 0), JOB_EXISTS);
    check(stage(2, 1, NULL, 0), CHUNK_OUT_OF_ORDER);
    check(close_job(2, 0, 0, 0, &id), JOB_UNKNOWN);
    check(stage(2, 0, NULL, 0), 0);
    check(stage(2, 0, NULL, 0), CHUNK_OUT_OF_ORDER);
    check(close_job(2, 1, 5, 0, &id), NO_EVENTS);
    encode_job(&arguments, 3);
    check(call("capture", &arguments, 0, &id), BAD_ARGUMENTS);
    encode_bytes(&arguments, bytes_of_string("{}"));
    encode_entries(&arguments, &(struct entry){0, 7, 7, 7}, 1);
    encode_u8(&arguments, 0);
    check(call("capture", &arguments, 0, &id), BAD_ARGUMENTS);
    arguments.data[32] = 0xff; // a document far longer than the arguments
    check(call("capture", &arguments, 0, &id), BAD_ARGUMENTS);
    buf_clear(&arguments);
}
END_TEST

START_TEST(a_job_has_so_many_events_and_no_more) {
    static struct entry entries[CALL_ENTRIES];
    uint32_t index = 0;
    for (uint32_t i = 0; i < CALL_ENTRIES; i++) // declarations may say the same again
        entries[i] = (struct entry){IS_ERROR_DECLARATION, 1, 1, (uint8_t)i};
    for (; (index + 1) * CALL_ENTRIES <= JOB_ENTRIES; index++)
        check(stage(1, index, entries, CALL_ENTRIES), 0);
    uint32_t left = JOB_ENTRIES - index * CALL_ENTRIES;
    check(stage(1, index, entries, left + 1), TOO_MANY_EVENTS);
    check(stage(1, index, entries, left), 0);
    check(stage(1, index + 1, entries, 1), TOO_MANY_EVENTS);
}
END_TEST

// As many in a transaction as it takes.
START_TEST(a_job_has_so_many_chunks_and_no_more) {
    struct hash id;
    struct buf arguments[LIMIT_TX_ACTIONS] = {0};
    for (uint32_t index = 0; index < JOB_CHUNKS; index += LIMIT_TX_ACTIONS) {
        struct tx tx;
        fixture_begin(&fixture, &tx, 0);
        tx.gas_limit = 900000000;
        for (uint32_t i = 0; i < LIMIT_TX_ACTIONS; i++) {
            buf_reset(&arguments[i]);
            encode_job(&arguments[i], 1);
            encode_u32(&arguments[i], index + i);
            encode_bytes(&arguments[i], bytes_of("", 0));
            encode_u32(&arguments[i], 0);
            fixture_add_call(&fixture, &tx, "stage", buf_bytes(&arguments[i]));
        }
        check(fixture_run(&fixture, &tx, 0), 0);
    }
    check(stage(1, JOB_CHUNKS, NULL, 0), CHUNK_OUT_OF_ORDER);
    check(close_job(1, JOB_CHUNKS, 0, 0, &id), NO_EVENTS); // all of them are there
    for (size_t i = 0; i < LIMIT_TX_ACTIONS; i++) buf_clear(&arguments[i]);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("supplychain contract");
    TCase *cases = tcase_create("supplychain contract");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_event_id_keeps_its_content_for_ever);
    tcase_add_test(cases, no_account_squats_on_the_event_ids_of_another);
    tcase_add_test(cases, two_contents_under_one_id_within_a_document_are_refused);
    tcase_add_test(cases, an_error_declaration_stands_beside_what_it_corrects);
    tcase_add_test(cases, a_staged_job_appears_when_it_is_closed_all_or_none);
    tcase_add_test(cases, a_dropped_job_leaves_nothing_and_its_deposit_comes_back);
    tcase_add_test(cases, only_its_sender_drops_a_job_and_only_while_it_is_open);
    tcase_add_test(cases, many_events_are_told_in_several_chain_events);
    tcase_add_test(cases, a_job_has_so_many_events_and_no_more);
    tcase_add_test(cases, a_job_has_so_many_chunks_and_no_more);
    tcase_add_test(cases, each_misuse_has_its_own_code);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
