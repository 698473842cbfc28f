// SPDX-License-Identifier: Apache-2.0
// The market with its real program: each rule by the API and by raw signed transactions, what is
// told of it, and the same rows on every engine and after a rebuild.
#include <stdio.h>
#include <stdlib.h>

#include "apps/sample/contract/rules.h"
#include "chaincore/chain/proof.h"
#include "tests/support/live_stream.h"
#include "tests/support/raw.h"
#include "tests/support/receiver.h"
#include "tests/support/same_rows.h"
#include "tests/support/unit.h"

enum { BAD_ARGUMENTS = 1, BAD_TEXT, WRONG_DEPOSIT, UNKNOWN_ENTRY, NOT_THE_AUTHOR };

static void set_up(void) {
    raw.block_time = "50"; // there are many to wait for
    raw_open_market("sample", NULL);
}
static void tear_down(void) { raw_close(); }

// ---- the two ways to the contract

// number 0: the method takes none; text NULL: likewise.
static void call_raw(const char *method, uint64_t number, const char *text, uint32_t refusal) {
    struct buf arguments = {0};
    if (number) encode_u64(&arguments, number);
    if (text) encode_bytes(&arguments, bytes_of_string(text));
    raw_send(method, &arguments, strcmp(method, "sign") == 0 ? ENTRY_DEPOSIT_UNITS : 0, refusal);
    buf_clear(&arguments);
}

static void expect_text(uint64_t number, const char *text) {
    char path[64];
    snprintf(path, sizeof path, "/v1/entries/%llu", (unsigned long long)number);
    json_t *entry = server_get(&raw.server, path);
    ck_assert_str_eq(member(entry, "text"), text);
    json_decref(entry);
}

static uint64_t units_of(const char *address) {
    char path[128];
    snprintf(path, sizeof path, "/v1/accounts/%s", address);
    json_t *account = server_get(&raw.server, path);
    uint64_t units = strtoull(member(account, "units"), NULL, 10);
    json_decref(account);
    return units;
}

static uint64_t deposits(void) {
    char address[ADDRESS_CHARS + 1];
    address_encode(address, raw.market.bytes);
    return units_of(address);
}

// ---- the rules

START_TEST(an_entry_is_signed_amended_and_withdrawn_by_the_api) {
    ck_assert_int_eq(raw_ask("POST", "/v1/entries", "{\"text\":\"Hello\"}", 0), 202);
    expect_text(1, "Hello");
    ck_assert_uint_eq(deposits(), ENTRY_DEPOSIT_UNITS);
    ck_assert_int_eq(raw_ask("PUT", "/v1/entries/1", "{\"text\":\"你好\"}", 0), 202);
    expect_text(1, "你好");
    ck_assert_int_eq(raw_ask("DELETE", "/v1/entries/1", NULL, 0), 202);
    ck_assert_int_eq(raw_ask("GET", "/v1/entries/1", NULL, 0), 404);
    ck_assert_uint_eq(deposits(), 0);
}
END_TEST

START_TEST(the_same_by_raw_transactions) {
    raw_act_as("alice");
    call_raw("sign", 0, "Hello", 0);
    expect_text(1, "Hello");
    call_raw("amend", 1, "Good day", 0);
    expect_text(1, "Good day");
    call_raw("sign", 0, "And again", 0);
    call_raw("withdraw", 1, NULL, 0);
    ck_assert_int_eq(raw_ask("GET", "/v1/entries/1", NULL, 0), 404);
    expect_text(2, "And again");
    ck_assert_uint_eq(deposits(), ENTRY_DEPOSIT_UNITS);
}
END_TEST

START_TEST(the_deposit_goes_back_to_the_author) {
    raw_act_as("alice");
    uint64_t at_first = units_of(raw.address);
    call_raw("sign", 0, "Hello", 0);
    uint64_t signed_units = units_of(raw.address);
    call_raw("withdraw", 1, NULL, 0);
    uint64_t withdrawn = units_of(raw.address);
    ck_assert_uint_lt(signed_units, at_first - ENTRY_DEPOSIT_UNITS);
    ck_assert_uint_gt(withdrawn, signed_units); // but for the gas
    ck_assert_uint_lt(withdrawn, at_first);
}
END_TEST

static char *long_text(size_t len) {
    static char text[ENTRY_TEXT_MAX + 64];
    memset(text, 'x', len);
    text[len] = '\0';
    return text;
}

START_TEST(a_text_has_one_to_so_many_bytes) {
    char body[ENTRY_TEXT_MAX + 128];
    call_raw("sign", 0, "", BAD_TEXT);
    call_raw("sign", 0, long_text(ENTRY_TEXT_MAX + 1), BAD_TEXT);
    call_raw("sign", 0, long_text(ENTRY_TEXT_MAX), 0);
    call_raw("amend", 1, "", BAD_TEXT);
    ck_assert_int_eq(raw_ask("POST", "/v1/entries", "{\"text\":\"\"}", BAD_TEXT), 202);
    snprintf(body, sizeof body, "{\"text\":\"%s\"}", long_text(ENTRY_TEXT_MAX + 1));
    ck_assert_int_eq(raw_ask("PUT", "/v1/entries/1", body, BAD_TEXT), 202);
    expect_text(1, long_text(ENTRY_TEXT_MAX));
}
END_TEST

START_TEST(signing_takes_the_deposit_no_more_and_no_less) {
    static const uint64_t wrong[] = {0, ENTRY_DEPOSIT_UNITS - 1, ENTRY_DEPOSIT_UNITS + 1};
    struct buf arguments = {0};
    encode_bytes(&arguments, bytes_of_string("Hello"));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        raw_send("sign", &arguments, wrong[i], WRONG_DEPOSIT);
    buf_clear(&arguments);
    ck_assert_uint_eq(deposits(), 0);
}
END_TEST

START_TEST(nobody_changes_the_entry_of_another) {
    raw_act_as("alice");
    call_raw("sign", 0, "Alice was here", 0);
    raw_act_as("bob");
    call_raw("amend", 1, "Bob was here", NOT_THE_AUTHOR);
    call_raw("withdraw", 1, NULL, NOT_THE_AUTHOR);
    ck_assert_int_eq(raw_ask("PUT", "/v1/entries/1", "{\"text\":\"x\"}", NOT_THE_AUTHOR), 202);
    ck_assert_int_eq(raw_ask("DELETE", "/v1/entries/1", NULL, NOT_THE_AUTHOR), 202);
    expect_text(1, "Alice was here");
}
END_TEST

START_TEST(what_is_not_there_is_not_changed) {
    call_raw("amend", 1, "x", UNKNOWN_ENTRY);
    ck_assert_int_eq(raw_ask("DELETE", "/v1/entries/1", NULL, UNKNOWN_ENTRY), 202);
    call_raw("sign", 0, "Hello", 0);
    call_raw("withdraw", 1, NULL, 0);
    call_raw("withdraw", 1, NULL, UNKNOWN_ENTRY); // its deposit is paid once
    call_raw("sign", 0, "Hello", 0);
    ck_assert_int_eq(raw_ask("GET", "/v1/entries/1", NULL, 0), 404); // no number comes twice
    expect_text(2, "Hello");
}
END_TEST

START_TEST(arguments_have_the_methods_form) {
    struct buf arguments = {0};
    raw_send("withdraw", &arguments, 0, BAD_ARGUMENTS);
    encode_bytes(&arguments, bytes_of_string("Hello"));
    encode_u8(&arguments, 0); // one byte too many
    raw_send("sign", &arguments, ENTRY_DEPOSIT_UNITS, BAD_ARGUMENTS);
    buf_clear(&arguments);
    static const char *const bodies[] = {
        "", "x", "[]", "{}", "{\"text\":1}", "{\"text\":\"a\",\"more\":1}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        long status = raw_ask("POST", "/v1/entries", bodies[i], 0);
        ck_assert_msg(status == 400, "%s: %ld", bodies[i], status);
    }
    ck_assert_int_eq(raw_ask("PUT", "/v1/entries/x", "{\"text\":\"a\"}", 0), 404);
    ck_assert_int_eq(raw_ask("GET", "/v1/entries/99999999999999999999", NULL, 0), 404);
}
END_TEST

START_TEST(signing_for_the_server_takes_its_key) {
    static const char *const methods[] = {"POST", "PUT", "DELETE"};
    for (int i = 0; i < 3; i++) {
        struct reply reply;
        struct ask ask = {
            .path = i ? "/v1/entries/1" : "/v1/entries", .method = methods[i], .without_key = true};
        if (i < 2) ask.body = bytes_of_string("{\"text\":\"a\"}");
        if (i < 2) ask.content_type = "application/json";
        server_ask(&raw.server, &ask, &reply);
        ck_assert_msg(reply.status == 401, "%s: %ld", methods[i], reply.status);
        reply_clear(&reply);
    }
}
END_TEST

// ---- what is read

START_TEST(the_view_says_what_its_description_says) {
    char path[192], address[ADDRESS_CHARS + 1];
    call_raw("sign", 0, "Hello", 0);
    address_encode(address, raw.market.bytes);
    snprintf(path, sizeof path, "/v1/contracts/%s/views/entry", address);
    for (int number = 1; number <= 2; number++) {
        struct reply reply;
        const char *body = number == 1 ? "{\"arguments\":[1]}" : "{\"arguments\":[2]}";
        struct ask ask = {
            .path = path, .body = bytes_of_string(body), .content_type = "application/json"};
        server_ask(&raw.server, &ask, &reply);
        ck_assert_int_eq(reply.status, 200);
        json_t *answer = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
        const json_t *result = json_object_get(answer, "result");
        if (number == 1)
            ck_assert_str_eq(member(result, "text"), "Hello");
        else
            ck_assert(json_is_null(result));
        json_decref(answer);
        reply_clear(&reply);
    }
}
END_TEST

START_TEST(a_devnet_carries_the_contracts_of_other_markets_too) {
    json_t *answer = server_get(&raw.server, "/v1/contracts"), *contract;
    size_t index, own = 0, others = 0;
    json_array_foreach(json_object_get(answer, "items"), index, contract) {
        if (strcmp(member(contract, "name"), "sample") == 0)
            own++;
        else
            others++;
    }
    ck_assert_uint_eq(own, 1);
    ck_assert_uint_ge(others, 1);
    json_decref(answer);
}
END_TEST

START_TEST(a_devnet_may_begin_with_something_to_look_at) {
    struct server_process server;
    server_init(&server, raw.program);
    server.flags[0] = "--demo";
    for (int starts = 1; starts <= 2; starts++) {
        server_start(&server);
        json_t *answer = server_get(&server, "/v1/entries");
        ck_assert_uint_eq(json_array_size(json_object_get(answer, "items")), 2);
        json_decref(answer);
        server_stop(&server);
    }
    server_clear(&server);
}
END_TEST

START_TEST(the_list_comes_by_pages_newest_first) {
    char path[256] = "/v1/entries?perPage=2";
    int expected = 5;
    for (int i = 0; i < 5; i++) call_raw("sign", 0, "Hello", 0);
    while (expected > 0) {
        struct reply reply;
        server_ask(&raw.server, &(struct ask){.path = path}, &reply);
        json_t *page = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
        const json_t *items = json_object_get(page, "items");
        ck_assert_uint_eq(json_array_size(items), expected > 1 ? 2 : 1);
        for (size_t i = 0; i < json_array_size(items); i++, expected--)
            ck_assert_int_eq(
                json_integer_value(json_object_get(json_array_get(items, i), "number")), expected);
        ck_assert(!*reply.link == (expected == 0));
        if (*reply.link) ck_assert_int_eq(sscanf(reply.link, " <%255[^>]>", path), 1);
        json_decref(page);
        reply_clear(&reply);
    }
    ck_assert_int_eq(raw_ask("GET", "/v1/entries?nextPageToken=ffffffffffffffff", NULL, 0), 400);
}
END_TEST

// In one transaction, whose second event the second entry is.
static void sign_twice(const char *text) {
    static struct tx tx;
    struct buf arguments = {0};
    struct hash id;
    encode_bytes(&arguments, bytes_of_string(text));
    tx = (struct tx){0};
    for (int i = 0; i < 2; i++) {
        raw_add_call(&tx, &raw.market, "sign", &arguments);
        tx.actions[i].call.value = amount_of_units(ENTRY_DEPOSIT_UNITS);
    }
    raw_run(&tx, &id, "OK");
    buf_clear(&arguments);
}

START_TEST(an_entry_comes_with_a_proof_of_its_text) {
    static struct event_proof proof;
    struct reply file;
    struct buf encoded = {0};
    struct hash chain_id;
    struct light_fact fact;
    enum light_step step;
    sign_twice("Hello");
    call_raw("amend", 2, "Good day", 0); // its event stands elsewhere in its transaction
    server_ask(&raw.server, &(struct ask){.path = "/v1/entries/2/proof"}, &file);
    ck_assert_int_eq(file.status, 200);
    assert_ok(proof_file_read(&chain_id, &encoded, buf_bytes(&file.body)));
    assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
    assert_ok(light_check_event(&fact, &step, &proof, &raw.chain_id));
    ck_assert(account_id_equal(&fact.event->contract, &raw.market));
    ck_assert(bytes_equal(fact.event->topic, bytes_of_string("amended")));
    static const char text[] = "Good day"; // the last member
    struct bytes data = fact.event->data;
    ck_assert_uint_gt(data.len, strlen(text));
    ck_assert_mem_eq(data.data + data.len - strlen(text), text, strlen(text));
    reply_clear(&file);
    buf_clear(&encoded);
}
END_TEST

// ---- what is told

static struct live_stream stream;

static void expect_news(const char *what, uint64_t number, const char *text, char id[24]) {
    struct live_event event;
    live_next(&stream, &event);
    ck_assert_str_eq(event.type, "entry");
    ck_assert_str_eq(member(event.data, "what"), what);
    ck_assert_str_eq(member(event.data, "text"), text);
    ck_assert_str_eq(member(event.data, "author"), raw.address);
    ck_assert_int_eq(json_integer_value(json_object_get(event.data, "number")), (json_int_t)number);
    if (id) memcpy(id, event.id, sizeof event.id);
    live_event_clear(&event);
}

START_TEST(each_change_is_told_live_and_again_to_who_was_away) {
    char first[24];
    live_open(&stream, &raw.server, NULL);
    call_raw("sign", 0, "Hello", 0);
    call_raw("amend", 1, "Good day", 0);
    call_raw("withdraw", 1, NULL, 0);
    expect_news("signed", 1, "Hello", first);
    expect_news("amended", 1, "Good day", NULL);
    expect_news("withdrawn", 1, "", NULL);
    live_close(&stream);
    server_stop(&raw.server); // so that it is read from the rows, as for webhooks
    server_start(&raw.server);
    live_open(&stream, &raw.server, first);
    expect_news("amended", 1, "Good day", NULL);
    expect_news("withdrawn", 1, "", NULL);
    live_close(&stream);
}
END_TEST

START_TEST(a_webhook_hears_each_change_once_and_in_order) {
    static const char *const expected[] = {"signed", "signed", "amended", "withdrawn"};
    struct receiver *receiver = receiver_open(0);
    char body[128];
    server_stop(&raw.server);
    raw.server.flags[2] = "--webhook-http";
    raw.server.flags[3] = "--webhook-private-targets";
    server_start(&raw.server);
    snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/\",\"kinds\":[\"entry\"]}",
             receiver_port(receiver));
    ck_assert_int_eq(raw_ask("POST", "/v1/webhooks", body, 0), 201);
    sign_twice("Hello");
    call_raw("amend", 1, "Good day", 0);
    call_raw("withdraw", 2, NULL, 0);
    ck_assert_uint_ge(receiver_await(receiver, 4), 4);
    for (size_t i = 0; i < 4; i++) {
        json_t *post = json_loads(receiver_at(receiver, i)->body, 0, NULL);
        ck_assert_str_eq(member(post, "type"), "entry");
        ck_assert_str_eq(member(json_object_get(post, "data"), "what"), expected[i]);
        json_decref(post);
    }
    server_stop(&raw.server); // what is sent twice has been sent by now
    ck_assert_uint_eq(receiver_count(receiver), 4);
    receiver_close(receiver);
}
END_TEST

// ---- the rows

static void dump_rows(struct buf *out, struct db *db) {
    same_rows_select(out, db, "SELECT * FROM entry ORDER BY number",
                     "number author text signed_ms height tx_index event_index tx_id time_ms");
    same_rows_select(out, db, "SELECT * FROM happening ORDER BY height, tx_index, event_index",
                     "height tx_index event_index what number author text time_ms");
}

// `_i`: dropped and made again, or made on the other engine.
START_TEST(the_same_chain_gives_the_same_rows) {
    struct test_database database;
    struct buf arguments = {0};
    if (!same_rows_open(&database, _i)) return;
    call_raw("sign", 0, "Hello", 0);
    call_raw("sign", 0, "Good day", 0);
    encode_bytes(&arguments, bytes_of("\xFF\0", 2)); // anybody's bytes
    raw_send("sign", &arguments, ENTRY_DEPOSIT_UNITS, 0);
    call_raw("amend", 1, "Hello again", 0);
    call_raw("withdraw", 2, NULL, 0);
    call_raw("withdraw", 2, NULL, UNKNOWN_ENTRY);
    same_rows_expect(&database, dump_rows, 500);
    expect_text(1, "Hello again");
    same_rows_close(&database);
    buf_clear(&arguments);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("sample");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_entry_is_signed_amended_and_withdrawn_by_the_api);
    tcase_add_test(cases, the_same_by_raw_transactions);
    tcase_add_test(cases, the_deposit_goes_back_to_the_author);
    tcase_add_test(cases, a_text_has_one_to_so_many_bytes);
    tcase_add_test(cases, signing_takes_the_deposit_no_more_and_no_less);
    tcase_add_test(cases, nobody_changes_the_entry_of_another);
    tcase_add_test(cases, what_is_not_there_is_not_changed);
    tcase_add_test(cases, arguments_have_the_methods_form);
    tcase_add_test(cases, signing_for_the_server_takes_its_key);
    tcase_add_test(cases, the_view_says_what_its_description_says);
    tcase_add_test(cases, a_devnet_carries_the_contracts_of_other_markets_too);
    tcase_add_test(cases, a_devnet_may_begin_with_something_to_look_at);
    tcase_add_test(cases, the_list_comes_by_pages_newest_first);
    tcase_add_test(cases, an_entry_comes_with_a_proof_of_its_text);
    tcase_add_test(cases, each_change_is_told_live_and_again_to_who_was_away);
    tcase_add_test(cases, a_webhook_hears_each_change_once_and_in_order);
    tcase_add_loop_test(cases, the_same_chain_gives_the_same_rows, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
