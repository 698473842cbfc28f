// SPDX-License-Identifier: Apache-2.0
// Every way in which a transaction can fail has a code of its own: what is refused says so at once,
// with the HTTP code that fits, and what fails in a block says so at its end.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/test/raw.h"
#include "tests/support/unit.h"

enum { ENTRY = 97 };

static struct tx tx;
static struct buf encoded;

static uint64_t height(void) {
    json_t *chain = server_get(&raw.server, "/v1/chain");
    uint64_t found = (uint64_t)json_integer_value(json_object_get(chain, "height"));
    json_decref(chain);
    return found;
}

// A transfer of nothing to oneself, not yet signed.
static void begin(void) {
    tx = (struct tx){.version = TX_VERSION,
                     .sender = raw.sender,
                     .seq = raw_next_seq(),
                     .valid_until = height() + 1000,
                     .gas_limit = 1000000,
                     .gas_price = 1,
                     .action_count = 1};
    tx.actions[0] = (struct tx_action){.kind = TX_TRANSFER, .transfer = {.to = raw.sender}};
}

static void sign_and_encode(void) {
    if (tx.signature_count == 0) assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &raw.key, &raw.chain_id));
    buf_reset(&encoded);
    tx_encode(&encoded, &tx);
}

static json_t *post(struct bytes body, const char *query, long status) {
    struct reply reply;
    char path[64];
    snprintf(path, sizeof path, "/v1/transactions%s", query);
    struct ask ask = {.path = path, .body = body, .content_type = "application/octet-stream"};
    server_ask(&raw.server, &ask, &reply);
    ck_assert_msg(reply.status == status, "%ld %s", reply.status, (const char *)reply.body.data);
    json_t *answer = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    ck_assert_ptr_nonnull(answer);
    reply_clear(&reply);
    return answer;
}

// --- what never gets into a block ---

static void of_used_number(void) { tx.seq--; }
static void of_later_number(void) { tx.seq += 5; }
static void of_a_past_height(void) { tx.valid_until = height() - 1; }
static void of_a_far_height(void) { tx.valid_until += LIMIT_VALID_UNTIL_BLOCKS + 1000; }
static void for_nothing(void) { tx.gas_price = 0; }
static void with_too_little_gas(void) { tx.gas_limit = 1; }
static void with_too_much_gas(void) { tx.gas_limit = UINT64_MAX; }
static void underfunded(void) { tx.gas_price = 1000000000000000; }

static void badly_signed(void) {
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &raw.key, &raw.chain_id));
    tx.signatures[0].signature.bytes[0] ^= 1;
}

static void signed_for_another_chain(void) {
    const struct hash other = {{1}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &raw.key, &other));
}

static void signed_by_somebody_else(void) {
    struct account_id own = raw.sender;
    raw_act_as("alice");
    tx.sender = own;
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &raw.key, &raw.chain_id));
    raw_act_as("server");
}

static void too_large(void) {
    static uint8_t arguments[LIMIT_TX_BYTES];
    tx.actions[0] = (struct tx_action){.kind = TX_CALL,
                                       .call = {.contract = raw.market,
                                                .method = bytes_of_string("capture"),
                                                .arguments = BYTES_OF(arguments)}};
}

START_TEST(each_refusal_has_its_code) {
    static const struct {
        void (*spoil)(void);
        const char *code;
        long status;
    } cases[] = {
        {of_used_number, "WRONG_NONCE", 409},
        {of_later_number, "NONCE_GAP", 409},
        {of_a_past_height, "EXPIRED", 422},
        {of_a_far_height, "VALID_TOO_LONG", 422},
        {for_nothing, "GAS_PRICE_TOO_LOW", 422},
        {with_too_little_gas, "GAS_LIMIT_TOO_LOW", 422},
        {with_too_much_gas, "GAS_LIMIT_TOO_HIGH", 422},
        {underfunded, "CANNOT_PAY_GAS", 422},
        {badly_signed, "BAD_SIGNATURE", 403},
        {signed_for_another_chain, "BAD_SIGNATURE", 403},
        {signed_by_somebody_else, "NOT_AUTHORIZED", 403},
        {too_large, "TOO_LARGE", 413},
    };
    struct hash id;
    begin();
    raw_run(&tx, &id, "OK"); // so that there are a number and a height that have passed
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        cases[i].spoil();
        sign_and_encode();
        json_t *problem = post(buf_bytes(&encoded), "", cases[i].status);
        ck_assert_str_eq(member(problem, "code"), cases[i].code);
        ck_assert_str_ne(member(problem, "detail"), "");
        ck_assert_int_eq(json_integer_value(json_object_get(problem, "status")), cases[i].status);
        json_decref(problem);
    }
    begin();
    raw_run(&tx, &id, "OK"); // none of them has used the number
}
END_TEST

START_TEST(what_waits_already_is_a_duplicate) {
    struct hash id;
    begin();
    raw_run(&tx, &id, "OK"); // right behind a block, the next one is half a second away
    begin();
    sign_and_encode();
    json_decref(post(buf_bytes(&encoded), "", 202));
    json_t *problem = post(buf_bytes(&encoded), "", 409);
    ck_assert_str_eq(member(problem, "code"), "DUPLICATE");
    json_decref(problem);
}
END_TEST

static void check_fault(struct bytes body, const char *code, const char *pointer,
                        const char *rule) {
    json_t *problem = post(body, "", strcmp(code, "TOO_LARGE") == 0 ? 413 : 400);
    ck_assert_str_eq(member(problem, "code"), code);
    ck_assert_str_eq(member(problem, "pointer"), pointer);
    ck_assert_str_eq(member(problem, "rule"), rule);
    json_decref(problem);
}

START_TEST(bytes_that_are_no_transaction_are_told_by_field_and_rule) {
    begin();
    sign_and_encode();
    struct bytes whole = buf_bytes(&encoded);
    check_fault(bytes_of(whole.data, 60), "MALFORMED", "/gas_limit", "tx/complete");
    check_fault(bytes_of(whole.data, 80), "MALFORMED", "/actions/0", "tx/complete");
    check_fault(bytes_of(whole.data, whole.len - 1), "MALFORMED", "/signatures/0", "tx/complete");
    buf_append_byte(&encoded, 0);
    check_fault(buf_bytes(&encoded), "MALFORMED", "", "tx/nothing-behind");
    encoded.data[0]++;
    check_fault(buf_bytes(&encoded), "MALFORMED", "/version", "tx/version");
    check_fault(bytes_of_string("no transaction"), "MALFORMED", "/version", "tx/version");
    encoded.data[0]--;
    encoded.data[69] = 9; // whether there is a payer
    check_fault(buf_bytes(&encoded), "MALFORMED", "/payer", "tx/form");
    begin();
    too_large();
    sign_and_encode();
    check_fault(buf_bytes(&encoded), "TOO_LARGE", "", "tx/bounds"); // all of it together
    begin();
    sign_and_encode();
    encoded.data[70] = LIMIT_TX_ACTIONS + 1;
    check_fault(buf_bytes(&encoded), "TOO_LARGE", "/action_count", "tx/bounds");
}
END_TEST

// --- what fails in its block, and pays for it ---

static void to_whom_it_has_not(void) {
    assert_ok(amount_parse(&tx.actions[0].transfer.amount, "99000000"));
}

static void call(const char *method) {
    tx.actions[0] = (struct tx_action){
        .kind = TX_CALL, .call = {.contract = raw.market, .method = bytes_of_string(method)}};
}

static void to_no_contract(void) {
    call("capture");
    memset(&tx.actions[0].call.contract, 7, sizeof tx.actions[0].call.contract);
}

static void of_no_method(void) { call("nothing"); }
static void of_a_view(void) { call("place"); }
static void refused(void) { call("capture"); } // without arguments

static void out_of_gas(void) {
    static uint8_t arguments[32 + 4 + 4 + ENTRY]; // an entry of zeros, to be registered
    struct buf out = BUF_OVER(arguments);
    raw_encode_job(&out, 1);
    encode_u32(&out, 0);
    encode_u32(&out, 1);
    memset(buf_reserve(&out, ENTRY), 0, ENTRY);
    out.len += ENTRY;
    call("capture");
    tx.actions[0].call.arguments = buf_bytes(&out);
    tx.gas_limit = 150000;
}

static void paid_for_nothing(void) {
    call("capture");
    tx.actions[0].call.value = amount_of_units(1);
}

static void of_no_module(void) {
    tx.actions[0] = (struct tx_action){.kind = TX_DEPLOY, .deploy = {.code = bytes_of_string("x")}};
}

START_TEST(each_failure_in_a_block_has_its_code) {
    static const struct {
        void (*spoil)(void);
        const char *code;
        int contract_code;
    } cases[] = {
        {to_whom_it_has_not, "INSUFFICIENT_FUNDS", 0},
        {to_no_contract, "UNKNOWN_CONTRACT", 0},
        {of_no_method, "UNKNOWN_METHOD", 0},
        {of_a_view, "UNKNOWN_METHOD", 0},
        {refused, "CONTRACT_REFUSED", 1},
        {out_of_gas, "OUT_OF_GAS", 0},
        {paid_for_nothing, "NOT_PAYABLE", 0},
        {of_no_module, "BAD_MODULE", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        cases[i].spoil();
        sign_and_encode();
        json_t *found = post(buf_bytes(&encoded), "?wait=final", 202);
        ck_assert_str_eq(member(found, "status"), "failed");
        ck_assert_str_eq(member(found, "code"), cases[i].code);
        ck_assert_str_ne(member(found, "message"), "");
        ck_assert_int_eq(json_integer_value(json_object_get(found, "contract_code")),
                         cases[i].contract_code);
        ck_assert_int_gt(json_integer_value(json_object_get(found, "height")), 0);
        char path[96];
        snprintf(path, sizeof path, "/v1/transactions/%s", member(found, "id"));
        json_t *again = server_get(&raw.server, path);
        ck_assert(json_equal(again, found));
        json_decref(again);
        json_decref(found);
    }
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("supplychain codes");
    TCase *cases = tcase_create("codes");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, raw_open, raw_close);
    tcase_add_test(cases, each_refusal_has_its_code);
    tcase_add_test(cases, bytes_that_are_no_transaction_are_told_by_field_and_rule);
    tcase_add_test(cases, what_waits_already_is_a_duplicate);
    tcase_add_test(cases, each_failure_in_a_block_has_its_code);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
