// SPDX-License-Identifier: Apache-2.0
// Whom a server pays for: first transactions of accounts that hold nothing, within its budget, and
// nobody else; the chain lets nobody use its name without its signature.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/contract/custody_rules.h"
#include "apps/supplychain/test/custody_play.h"
#include "tests/support/signed_calls.h"
#include "tests/support/unit.h"

enum { GAS = 4000000 }; // at the devnet's price of 1: 0.04 LMM

static struct tx tx;
static struct buf encoded, arguments;
static struct account_id payer;

static void set_up(void) {
    raw_open();
    payer = raw.sender; // the server's own account
}

static void tear_down(void) {
    buf_clear(&encoded);
    buf_clear(&arguments);
    raw_close();
    raw.block_time = NULL;
}

// No block comes while what waits is filled up, and what is sent after that.
static void set_up_slow(void) {
    raw.block_time = "8000";
    set_up();
}

static void restart(const char *flag, const char *value) {
    server_stop(&raw.server);
    raw.server.flags[0] = flag;
    raw.server.flags[1] = value;
    // Whose word on the client is taken, below.
    raw.server.flags[2] = "--trusted-proxies";
    raw.server.flags[3] = "127.0.0.1";
    server_start(&raw.server);
}

// Acts as an account that nobody has heard of.
static void become_new(uint8_t seed) {
    struct public_key public;
    uint8_t bytes[32];
    memset(bytes, seed, sizeof bytes);
    key_from_seed(&raw.key, &public, bytes);
    account_id_of_key(&raw.sender, &public);
    address_encode(raw.address, raw.sender.bytes);
}

static void begin_empty(void) {
    json_t *chain = server_get(&raw.server, "/v1/chain");
    tx = (struct tx){.version = TX_VERSION,
                     .sender = raw.sender,
                     .seq = raw_next_seq(),
                     .valid_until =
                         (uint64_t)json_integer_value(json_object_get(chain, "height")) + 1000,
                     .gas_limit = GAS,
                     .gas_price = 1,
                     .has_payer = true,
                     .payer = payer};
    json_decref(chain);
    buf_reset(&arguments);
}

// A capture of its own, not yet signed.
static void begin(void) {
    begin_empty();
    raw_encode_job(&arguments, (uint8_t)(1 + tx.seq));
    encode_bytes(&arguments, bytes_of_string(DOCUMENT));
    raw_encode_entries(&arguments, DOCUMENT);
    raw_add_call(&tx, &raw.market, "capture", &arguments);
}

static void sign(void) { assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &raw.key, &raw.chain_id)); }

// Sends it as it is, from a client at this address; the caller clears the reply.
static void send_from(const char *path, const char *client, struct reply *reply) {
    char header[64];
    buf_reset(&encoded);
    tx_encode(&encoded, &tx);
    snprintf(header, sizeof header, "X-Forwarded-For: %s", client);
    server_ask(&raw.server,
               &(struct ask){.path = path,
                             .body = buf_bytes(&encoded),
                             .content_type = "application/octet-stream",
                             .header = header,
                             .without_key = true},
               reply);
}

static void expect(const char *client, long status, const char *text) {
    struct reply reply;
    send_from("/v1/sponsor", client, &reply);
    ck_assert_msg(reply.status == status && strstr((const char *)reply.body.data, text), "%ld %s",
                  reply.status, (const char *)reply.body.data);
    if (status == 429)
        ck_assert_ptr_nonnull(strstr((const char *)reply.headers.data, "Retry-After"));
    reply_clear(&reply);
}

static json_t *await_final(void) {
    char path[128], id_text[65];
    struct hash id;
    tx_id(&id, &tx);
    hex_encode(id_text, BYTES_OF(id.bytes));
    snprintf(path, sizeof path, "/v1/transactions/%s?wait=final", id_text);
    return server_get(&raw.server, path);
}

static void captures(uint8_t account, const char *client) {
    become_new(account);
    begin();
    sign();
    expect(client, 202, "\"id\":");
}

static uint64_t units_of(const struct account_id *id) {
    char path[128], address[ADDRESS_CHARS + 1];
    address_encode(address, id->bytes);
    snprintf(path, sizeof path, "/v1/accounts/%s", address);
    json_t *account = server_get(&raw.server, path);
    uint64_t units = strtoull(member(account, "units"), NULL, 10);
    json_decref(account);
    return units;
}

START_TEST(a_new_account_captures_and_the_server_pays) {
    uint64_t before = units_of(&payer);
    captures(1, "192.0.2.1");
    json_t *result = await_final();
    ck_assert_str_eq(member(result, "code"), "OK");
    uint64_t gas = (uint64_t)json_integer_value(json_object_get(result, "gas_used"));
    server_await_index(&raw.server,
                       (uint64_t)json_integer_value(json_object_get(result, "height")));
    json_decref(result);
    ck_assert_uint_eq(units_of(&raw.sender), 0);
    ck_assert_uint_ge(before - units_of(&payer), gas); // and deposits
    ck_assert_uint_le(before - units_of(&payer), GAS + 10 * 1000);
    json_t *events = server_get(&raw.server, "/v1/events");
    ck_assert_uint_eq(json_array_size(json_object_get(events, "items")), 1);
    json_decref(events);
}
END_TEST

START_TEST(the_terms_are_told) {
    json_t *terms = server_get(&raw.server, "/v1/sponsor");
    char address[ADDRESS_CHARS + 1];
    address_encode(address, payer.bytes);
    ck_assert_str_eq(member(terms, "payer"), address);
    ck_assert_int_eq(json_integer_value(json_object_get(terms, "transactions")), 10);
    ck_assert_int_ge(json_integer_value(json_object_get(terms, "gas_limit")), GAS);
    address_encode(address, raw.market.bytes);
    ck_assert_str_eq(member(terms, "contract"), address);
    json_t *methods = json_object_get(terms, "methods");
    static const char *const paid[] = {"capture", "accept", "refuse"};
    ck_assert_uint_eq(json_array_size(methods), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(json_string_value(json_array_get(methods, i)), paid[i]);
    json_decref(terms);
}
END_TEST

static void without_a_payer(void) { tx.has_payer = false; }
static void paid_by_its_sender(void) { tx.payer = raw.sender; }
static void in_another_lane(void) { tx.lane = 1; }
static void after_its_first_ones(void) { tx.seq = 10; }
static void at_a_higher_price(void) { tx.gas_price = 2; }
static void with_much_gas(void) { tx.gas_limit = 12000001; }
static void with_value(void) { tx.actions[0].call.value = amount_of_units(1); }
static void of_another_method(void) { tx.actions[0].call.method = bytes_of_string("stage"); }
static void to_another_contract(void) { tx.actions[0].call.contract.bytes[0] ^= 1; }
static void of_two_actions(void) { tx.actions[tx.action_count++] = tx.actions[0]; }
static void of_a_transfer(void) {
    tx.actions[0] = (struct tx_action){.kind = TX_TRANSFER, .transfer = {.to = raw.sender}};
}

static const struct {
    void (*change)(void);
    const char *pointer;
} outside[] = {
    {without_a_payer, "/payer"},       {paid_by_its_sender, "/payer"},
    {in_another_lane, "/lane"},        {after_its_first_ones, "/seq"},
    {at_a_higher_price, "/gas_price"}, {with_much_gas, "/gas_limit"},
    {with_value, "/actions"},          {of_another_method, "/actions"},
    {to_another_contract, "/actions"}, {of_two_actions, "/actions"},
    {of_a_transfer, "/actions"},
};

START_TEST(what_is_outside_the_terms_is_refused_by_its_field) {
    uint64_t before = units_of(&payer);
    become_new(2);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        char text[64];
        begin();
        outside[i].change();
        sign();
        snprintf(text, sizeof text, "\"pointer\":\"%s\"", outside[i].pointer);
        expect("192.0.2.1", 422, text);
    }
    begin();
    expect("192.0.2.1", 422, "\"pointer\":\"/signatures\"");
    ck_assert_uint_eq(units_of(&payer), before);
}
END_TEST

START_TEST(who_holds_enough_pays_for_itself) {
    raw_act_as("alice");
    begin();
    sign();
    expect("192.0.2.1", 422, "\"code\":\"can_pay_itself\"");
}
END_TEST

START_TEST(bytes_that_are_no_transaction_are_told_by_field) {
    struct reply reply;
    become_new(3);
    begin();
    sign();
    buf_reset(&encoded);
    tx_encode(&encoded, &tx);
    for (size_t len = 0; len < encoded.len; len += 7) {
        struct ask ask = {.path = "/v1/sponsor",
                          .method = "POST",
                          .body = bytes_of(encoded.data, len),
                          .content_type = "application/octet-stream"};
        server_ask(&raw.server, &ask, &reply);
        ck_assert_msg(reply.status == 400, "%zu: %ld", len, reply.status);
        reply_clear(&reply);
    }
}
END_TEST

// The chain decides: nobody spends the server's money without its signature.
START_TEST(a_payer_that_has_not_signed_pays_nothing) {
    struct reply reply;
    become_new(4);
    begin();
    sign();
    send_from("/v1/transactions", "192.0.2.1", &reply);
    ck_assert_int_eq(reply.status, 403);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "NOT_AUTHORIZED"));
    reply_clear(&reply);
    // And what it signed for one does not serve for another.
    assert_ok(tx_sign(&tx, TX_ROLE_PAYER, &raw.key, &raw.chain_id));
    send_from("/v1/transactions", "192.0.2.1", &reply);
    ck_assert_int_eq(reply.status, 403);
    reply_clear(&reply);
}
END_TEST

START_TEST(a_clients_budget_ends_and_another_has_its_own) {
    restart("--sponsor-client", "0.1");
    captures(5, "192.0.2.1");
    become_new(6);
    begin();
    sign();
    expect("192.0.2.1", 429, "\"code\":\"sponsor_budget_spent\"");
    expect("192.0.2.2", 202, "\"id\":");
    // A network of IPv6 is one client.
    captures(7, "2001:db8::1");
    become_new(8);
    begin();
    sign();
    expect("2001:db8::2", 429, "\"code\":\"sponsor_budget_spent\"");
}
END_TEST

START_TEST(the_days_budget_ends_for_everybody_and_outlives_a_crash) {
    restart("--sponsor", "0.1");
    captures(9, "192.0.2.1");
    server_kill(&raw.server);
    server_start(&raw.server);
    become_new(10);
    begin();
    sign();
    expect("192.0.2.2", 429, "\"code\":\"sponsor_budget_spent\"");
}
END_TEST

START_TEST(what_the_chain_refuses_or_knows_already_costs_nothing) {
    restart("--sponsor-client", "0.1");
    become_new(11);
    begin();
    sign();
    tx.signatures[0].signature.bytes[0] ^= 1;
    expect("192.0.2.1", 403, "BAD_SIGNATURE");
    tx.signatures[0].signature.bytes[0] ^= 1;
    expect("192.0.2.1", 202, "\"id\":");
    expect("192.0.2.1", 202, "\"id\":"); // its answer may have been lost
    json_decref(await_final());
    expect("192.0.2.1", 202, "\"id\":");
}
END_TEST

START_TEST(so_many_transactions_of_an_account_and_no_more) {
    restart("--sponsor-transactions", "1");
    captures(12, "192.0.2.1");
    json_decref(await_final());
    begin();
    ck_assert_uint_eq(tx.seq, 1);
    sign();
    expect("192.0.2.1", 422, "\"pointer\":\"/seq\"");
}
END_TEST

START_TEST(an_encryption_key_is_paid_for) {
    become_new(13);
    begin();
    tx.actions[0] = (struct tx_action){.kind = TX_SET_ENC_KEY, .set_enc_key = {.key = {9}}};
    sign();
    expect("192.0.2.1", 202, "\"id\":");
    json_t *result = await_final();
    ck_assert_str_eq(member(result, "code"), "OK");
    json_decref(result);
}
END_TEST

START_TEST(what_the_node_refuses_is_told_as_of_any_transaction) {
    enum { ACTION_COUNT_AT = 102 }; // behind the payer
    struct reply reply;
    captures(15, "192.0.2.1");
    json_decref(await_final());
    begin();
    tx.seq = 0; // used
    sign();
    expect("192.0.2.1", 409, "\"code\":\"WRONG_NONCE\"");
    begin();
    sign();
    buf_reset(&encoded);
    tx_encode(&encoded, &tx);
    ck_assert_uint_eq(encoded.data[ACTION_COUNT_AT], 1);
    encoded.data[ACTION_COUNT_AT] = LIMIT_TX_ACTIONS + 1;
    server_ask(&raw.server,
               &(struct ask){.path = "/v1/sponsor",
                             .body = buf_bytes(&encoded),
                             .content_type = "application/octet-stream"},
               &reply);
    ck_assert_int_eq(reply.status, 413);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "\"code\":\"TOO_LARGE\""));
    reply_clear(&reply);
    signed_calls_fill("bob");
    begin();
    sign();
    expect("192.0.2.1", 503, "\"code\":\"MEMPOOL_FULL\"");
}
END_TEST

// An account that the server signs with, by its name.
static struct account_id find_signer(const char *name) {
    struct account_id id = {{0}};
    json_t *list = server_get(&raw.server, "/v1/signers"), *one;
    size_t index;
    json_array_foreach(json_object_get(list, "items"), index, one) {
        struct bytes address = bytes_of_string(member(one, "address"));
        if (strcmp(member(one, "name"), name) == 0) assert_ok(address_decode(id.bytes, address));
    }
    json_decref(list);
    return id;
}

START_TEST(another_account_of_the_server_pays_where_it_is_told_so) {
    char address[ADDRESS_CHARS + 1];
    const struct account_id own = payer, alice = find_signer("alice");
    server_stop(&raw.server);
    raw.server.flags[0] = "--sponsor-account";
    raw.server.flags[1] = "nobody";
    ck_assert_int_eq(server_fail(&raw.server), 2);
    restart("--sponsor-account", "alice");
    json_t *terms = server_get(&raw.server, "/v1/sponsor");
    address_encode(address, alice.bytes);
    ck_assert_str_eq(member(terms, "payer"), address);
    json_decref(terms);
    uint64_t before = units_of(&alice), own_before = units_of(&own);
    become_new(15);
    begin();
    sign();
    expect("192.0.2.1", 422, "\"pointer\":\"/payer\"");
    payer = alice;
    captures(15, "192.0.2.1");
    json_t *result = await_final();
    ck_assert_str_eq(member(result, "code"), "OK");
    json_decref(result);
    ck_assert_uint_lt(units_of(&alice), before);
    ck_assert_uint_eq(units_of(&own), own_before);
}
END_TEST

START_TEST(a_server_that_pays_for_nobody_says_so) {
    struct reply reply;
    restart("--sponsor", "off");
    become_new(14);
    begin();
    sign();
    expect("192.0.2.1", 404, "\"code\":\"no_sponsor\"");
    server_ask(&raw.server, &(struct ask){.path = "/v1/sponsor"}, &reply);
    ck_assert_int_eq(reply.status, 404);
    reply_clear(&reply);
}
END_TEST

// ---- goods

static void set_up_goods(void) {
    play_set_up();
    payer = raw.sender; // the server's own account, which captured an event of the goods
    play(SERVER, "register",
         "{\"epc\":\"" LOT "\",\"quantity_milli\":1000,\"uom\":\"KGM\",\"event_hash\":\"$E\"}", 0);
}

static void tear_down_goods(void) {
    buf_clear(&encoded);
    buf_clear(&arguments);
    play_close();
}

static void offer_to_new(uint8_t account) {
    char text[256];
    become_new(account);
    snprintf(text, sizeof text, "{\"shipment\":1,\"quantity_milli\":400,\"to\":\"%s\"}",
             raw.address);
    play(SERVER, "offer", text, 0);
    become_new(account);
}

static void answer_first(const char *method) {
    begin_empty();
    encode_u64(&arguments, 1);
    if (strcmp(method, "accept") == 0)
        encode_u32(&arguments, 0); // alarms
    else
        encode_bytes(&arguments, bytes_of_string("warm"));
    raw_add_call(&tx, &raw.market, method, &arguments);
    sign();
}

START_TEST(who_is_offered_goods_accepts_or_refuses_without_money) {
    static const struct {
        const char *method, *state;
    } answers[] = {{"accept", "accepted"}, {"refuse", "refused"}};
    offer_to_new(20);
    answer_first(answers[_i].method);
    expect("192.0.2.1", 202, "\"id\":");
    json_t *result = await_final();
    ck_assert_str_eq(member(result, "code"), "OK");
    server_await_index(&raw.server,
                       (uint64_t)json_integer_value(json_object_get(result, "height")));
    json_decref(result);
    json_t *hand_over = server_get(&raw.server, "/v1/hand-overs/1");
    ck_assert_str_eq(member(hand_over, "state"), answers[_i].state);
    ck_assert_str_eq(member(hand_over, "to"), raw.address);
    json_decref(hand_over);
    ck_assert_uint_eq(units_of(&raw.sender), 0);
}
END_TEST

// Nor does a stranger get further by the server's money than by its own.
START_TEST(what_was_not_offered_to_it_a_sponsored_account_does_not_take) {
    offer_to_new(21);
    become_new(22);
    answer_first("accept");
    expect("192.0.2.1", 202, "\"id\":");
    json_t *result = await_final();
    ck_assert_int_eq(json_integer_value(json_object_get(result, "contract_code")),
                     CUSTODY_NOT_THE_RECEIVER);
    json_decref(result);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("sponsor");
    TCase *cases = tcase_create("sponsor");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_new_account_captures_and_the_server_pays);
    tcase_add_test(cases, the_terms_are_told);
    tcase_add_test(cases, what_is_outside_the_terms_is_refused_by_its_field);
    tcase_add_test(cases, who_holds_enough_pays_for_itself);
    tcase_add_test(cases, bytes_that_are_no_transaction_are_told_by_field);
    tcase_add_test(cases, a_payer_that_has_not_signed_pays_nothing);
    tcase_add_test(cases, a_clients_budget_ends_and_another_has_its_own);
    tcase_add_test(cases, the_days_budget_ends_for_everybody_and_outlives_a_crash);
    tcase_add_test(cases, what_the_chain_refuses_or_knows_already_costs_nothing);
    tcase_add_test(cases, so_many_transactions_of_an_account_and_no_more);
    tcase_add_test(cases, an_encryption_key_is_paid_for);
    tcase_add_test(cases, another_account_of_the_server_pays_where_it_is_told_so);
    tcase_add_test(cases, a_server_that_pays_for_nobody_says_so);
    suite_add_tcase(suite, cases);
    cases = tcase_create("slow");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up_slow, tear_down);
    tcase_add_test(cases, what_the_node_refuses_is_told_as_of_any_transaction);
    suite_add_tcase(suite, cases);
    cases = tcase_create("goods");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up_goods, tear_down_goods);
    tcase_add_loop_test(cases, who_is_offered_goods_accepts_or_refuses_without_money, 0, 2);
    tcase_add_test(cases, what_was_not_offered_to_it_a_sponsored_account_does_not_take);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
