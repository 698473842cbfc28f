// SPDX-License-Identifier: Apache-2.0
// What a server tells of the witnesses' decisions, and of candidates who stand no longer.
#include <string.h>

#include "apps/common/json/json.h"
#include "apps/common/server/chain_json.h"
#include "tests/joint/explorer_fixture.h"

// By a witness of the genesis, whose gas an account pays.
static void approve(int witness, const struct approval *approval) {
    struct buf encoded = {0};
    struct public_key key;
    struct account account;
    struct hash id;
    struct tx tx;
    fixture_begin(&fixture, &tx, 0);
    key_public_of(&key, &fixture.witnesses[witness]);
    account_id_of_key(&tx.sender, &key);
    node_account(fixture.node, &tx.sender, &account, &tx.seq);
    tx.has_payer = true;
    tx.payer = fixture.ids[0];
    tx.actions[tx.action_count++] = (struct tx_action){.kind = TX_APPROVE, .approve = *approval};
    assert_ok(
        tx_sign(&tx, TX_ROLE_SENDER, &fixture.witnesses[witness], node_chain_id(fixture.node)));
    assert_ok(tx_sign(&tx, TX_ROLE_PAYER, &fixture.keys[0], node_chain_id(fixture.node)));
    tx_encode(&encoded, &tx);
    ck_assert_int_eq(node_submit(fixture.node, buf_bytes(&encoded), &id), TX_CODE_OK);
    buf_clear(&encoded);
    ck_assert_int_eq(fixture_await(&fixture, &id).code, TX_CODE_OK);
}

static json_t *ask_ballots(void) { return get("/v1/ballots", "/v1/ballots", 200); }
static const json_t *nth(const json_t *list, const char *name, size_t index) {
    return json_array_get(json_object_get(list, name), index);
}

static struct approval dearer(uint64_t price) {
    struct approval approval = {.kind = APPROVE_PARAMETERS,
                                .params = node_genesis(fixture.node)->params};
    approval.params.min_gas_price = price;
    return approval;
}

static void check_price(const json_t *approval, int64_t then) {
    const json_t *change = nth(approval, "changes", 0);
    ck_assert_uint_eq(json_array_size(json_object_get(approval, "changes")), 1);
    ck_assert_str_eq(text_of(approval, "approves"), "parameters");
    ck_assert_str_eq(text_of(change, "name"), "min_gas_price");
    ck_assert_int_eq(number_of(change, "now"), 1);
    ck_assert_int_eq(number_of(change, "then"), then);
    ck_assert_int_eq(number_of(json_object_get(approval, "takes_effect"), "epoch"), 1);
    ck_assert_int_eq(number_of(json_object_get(approval, "takes_effect"), "height"), 120);
}

START_TEST(what_witnesses_approve_of_is_told_until_it_rules) {
    struct approval three, four, decoded;
    char hex[2 * APPROVAL_MAX_BYTES + 1];
    struct buf encoded = {0};
    if (!begin(_i)) return;
    three = dearer(3);
    four = dearer(4);
    json_t *list = ask_ballots();
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), 0);
    ck_assert_int_eq(number_of(list, "seats"), 4);
    ck_assert_int_eq(number_of(list, "quorum"), 3);
    json_decref(list);
    approve(0, &three);
    approve(1, &four);
    approve(3, &three);
    list = ask_ballots();
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), 2);
    check_price(nth(list, "items", 0), 3);
    check_price(nth(list, "items", 1), 4);
    ck_assert_int_eq(number_of(nth(list, "items", 0), "approvals"), 2);
    ck_assert_int_eq(number_of(nth(list, "items", 1), "approvals"), 1);
    ck_assert_int_eq(number_of(nth(nth(list, "items", 0), "witnesses", 1), "index"), 3);
    // Whoever agrees sends just this.
    approval_encode(&encoded, &three);
    hex_encode(hex, buf_bytes(&encoded));
    ck_assert_str_eq(text_of(nth(list, "items", 0), "content"), hex);
    struct decoder decoder = decoder_of(buf_bytes(&encoded));
    approval_decode_from(&decoder, &decoded);
    assert_ok(decoder_finish(&decoder));
    json_decref(list);
    approve(1, &decoded);
    list = ask_ballots();
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(list, "decided")), 1);
    check_price(nth(list, "decided", 0), 3);
    json_decref(list);
    buf_clear(&encoded);
    get_refused("/v1/ballots", "/v1/ballots?perPage=1", 400, "invalid_query");
    end();
}
END_TEST

START_TEST(an_approved_code_waits_until_somebody_brings_it) {
    struct approval approval = {.kind = APPROVE_UPGRADE,
                                .upgrade = {.code = {{1}}, .arguments = {{2}}}};
    if (!begin(_i)) return;
    approval.upgrade.contract = fixture.contract;
    approve(2, &approval);
    json_t *list = ask_ballots();
    const json_t *item = nth(list, "items", 0);
    ck_assert_str_eq(text_of(item, "approves"), "upgrade");
    ck_assert_str_eq(text_of(item, "contract"), address_of(&fixture.contract));
    ck_assert_str_eq(text_of(item, "code_hash"), hex_of(&approval.upgrade.code));
    ck_assert(json_is_null(json_object_get(item, "takes_effect")));
    json_decref(list);
    approve(0, &approval);
    approve(1, &approval);
    list = ask_ballots();
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), 0);
    item = nth(list, "decided", 0);
    ck_assert_str_eq(text_of(item, "arguments_hash"), hex_of(&approval.upgrade.arguments));
    json_decref(list);
    end();
}
END_TEST

START_TEST(a_candidate_that_stands_no_longer_says_why) {
    static const struct {
        enum candidate_standing standing;
        uint64_t answers_from;
        const char *text;
    } cases[] = {
        {CANDIDATE_STANDS, 0, ",\"is_active\":true,\"left\":null,\"punished_in\":null"},
        {CANDIDATE_STANDS, 8, ",\"is_active\":true,\"left\":null,\"punished_in\":7"},
        {CANDIDATE_RESIGNED, 0, ",\"is_active\":false,\"left\":\"resigned\",\"punished_in\":null"},
        {CANDIDATE_ABSENT, 0, ",\"is_active\":false,\"left\":\"absent\",\"punished_in\":null"},
        {CANDIDATE_EXPELLED, 1, ",\"is_active\":false,\"left\":\"expelled\",\"punished_in\":0"},
    };
    struct buf out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct candidate candidate = {.standing = cases[i].standing,
                                      .answers_from = cases[i].answers_from};
        buf_reset(&out);
        chain_json_standing(&out, &candidate);
        ck_assert_str_eq(buf_as_string(&out), cases[i].text);
    }
    buf_reset(&out);
    chain_json_standing(&out, NULL);
    ck_assert_str_eq(buf_as_string(&out), ",\"is_active\":null,\"left\":null,\"punished_in\":null");
    buf_clear(&out);
}
END_TEST

void explorer_ballot_cases(TCase *cases) {
    tcase_add_loop_test(cases, what_witnesses_approve_of_is_told_until_it_rules, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, an_approved_code_waits_until_somebody_brings_it, 0, TEST_ENGINES);
    tcase_add_test(cases, a_candidate_that_stands_no_longer_says_why);
}
