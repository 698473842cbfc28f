// SPDX-License-Identifier: Apache-2.0
// Accounts whose keys are not the one they began with.
#include <stdlib.h>

#include "chaincore/chain/state_key.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture fixture;
static struct secret_key secrets[3]; // in the order of their public keys

static int compare_secrets(const void *a, const void *b) {
    const struct secret_key *left = a, *right = b;
    return memcmp(left->bytes + 32, right->bytes + 32, 32);
}

static void set_up(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
    for (uint8_t i = 0; i < 3; i++) {
        uint8_t seed[32] = {9, i};
        struct public_key key;
        key_from_seed(&secrets[i], &key, seed);
    }
    qsort(secrets, 3, sizeof *secrets, compare_secrets);
}
static void tear_down(void) { fixture_clear(&fixture); }

// Weights 1, 1 and 2.
static void add_authority(struct tx *tx, struct buf *encoded, uint32_t threshold) {
    struct authority authority = {.threshold = threshold, .key_count = 3};
    for (int i = 0; i < 3; i++) {
        key_public_of(&authority.keys[i].key, &secrets[i]);
        authority.keys[i].weight = i == 2 ? 2 : 1;
    }
    buf_reset(encoded);
    authority_encode(encoded, &authority);
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_SET_AUTHORITY, .set_authority = {.authority = buf_bytes(encoded)}};
}

static void add_transfer(struct tx *tx, int to) {
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[to], .amount = amount_of_units(1)}};
}

static void sign_by(struct tx *tx, enum tx_role role, unsigned keys) {
    for (uint8_t i = 0; i < 3; i++)
        if (keys >> i & 1)
            assert_ok(tx_sign_indexed(tx, role, i, &secrets[i], node_chain_id(fixture.node)));
}

static enum tx_code submit(const struct tx *tx, struct hash *id) {
    struct buf encoded = {0};
    tx_encode(&encoded, tx);
    enum tx_code code = node_submit(fixture.node, buf_bytes(&encoded), id);
    buf_clear(&encoded);
    return code;
}

static void set_authority(int account, uint32_t threshold) {
    struct tx tx;
    struct buf encoded = {0};
    fixture_begin(&fixture, &tx, account);
    add_authority(&tx, &encoded, threshold);
    ck_assert_uint_eq(fixture_run(&fixture, &tx, account).code, TX_CODE_OK);
    buf_clear(&encoded);
}

START_TEST(weights_that_reach_the_threshold_sign_for_an_account) {
    static const struct {
        unsigned keys;
        bool enough;
    } cases[] = {{0, false}, {1, false}, {2, false}, {3, false},
                 {4, false}, {5, true},  {6, true},  {7, true}};
    set_authority(0, 3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tx tx;
        struct hash id;
        fixture_begin(&fixture, &tx, 0);
        add_transfer(&tx, 1);
        sign_by(&tx, TX_ROLE_SENDER, cases[i].keys);
        enum tx_code code = submit(&tx, &id);
        ck_assert_int_eq(code, cases[i].enough ? TX_CODE_OK : TX_CODE_NOT_AUTHORIZED);
        if (cases[i].enough) ck_assert_uint_eq(fixture_await(&fixture, &id).code, TX_CODE_OK);
    }
}
END_TEST

START_TEST(the_key_that_was_replaced_signs_nothing_more) {
    struct tx tx;
    struct hash id;
    set_authority(0, 1);
    fixture_begin(&fixture, &tx, 0);
    add_transfer(&tx, 1);
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_NOT_AUTHORIZED);
    // Nor does it help to sign beside a key that may.
    tx.signature_count = 0;
    sign_by(&tx, TX_ROLE_SENDER, 1);
    tx.signatures[1] = tx.signatures[0];
    tx.signatures[1].key_index = 1;
    tx.signature_count = 2;
    ck_assert_int_eq(submit(&tx, &id), TX_CODE_BAD_SIGNATURE);
    tx.signatures[1].key_index = 3; // there is no such key
    ck_assert_int_eq(submit(&tx, &id), TX_CODE_NOT_AUTHORIZED);
}
END_TEST

START_TEST(what_waits_is_judged_by_the_keys_of_its_own_block) {
    struct tx rotation, late, after;
    struct hash ids[3];
    struct buf encoded = {0};
    fixture_begin(&fixture, &rotation, 0);
    add_authority(&rotation, &encoded, 1);
    late = rotation;
    late.seq++;
    late.action_count = 0;
    add_transfer(&late, 1);
    // Both wait at once: when the second is admitted, the old key still rules.
    ck_assert_int_eq(fixture_submit(&fixture, &rotation, 0, &ids[0]), TX_CODE_OK);
    enum tx_code code = fixture_submit(&fixture, &late, 0, &ids[1]);
    ck_assert(code == TX_CODE_OK || code == TX_CODE_NOT_AUTHORIZED);
    ck_assert_uint_eq(fixture_await(&fixture, &ids[0]).code, TX_CODE_OK);
    fixture_begin(&fixture, &after, 1);
    add_transfer(&after, 2);
    ck_assert_uint_eq(fixture_run(&fixture, &after, 1).code, TX_CODE_OK);
    struct node_tx found;
    assert_ok(node_find_tx(fixture.node, &ids[1], &found));
    ck_assert_int_eq(found.state, code == TX_CODE_OK ? NODE_TX_DROPPED : NODE_TX_UNKNOWN);
    if (code == TX_CODE_OK) ck_assert_int_eq(found.code, TX_CODE_NOT_AUTHORIZED);
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_payer_signs_by_its_own_authority) {
    struct tx tx;
    struct hash id;
    set_authority(1, 2);
    for (unsigned keys = 1; keys <= 4; keys *= 2) {
        fixture_begin(&fixture, &tx, 0);
        add_transfer(&tx, 2);
        tx.has_payer = true;
        tx.payer = fixture.ids[1];
        assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture.keys[0], node_chain_id(fixture.node)));
        sign_by(&tx, TX_ROLE_PAYER, keys);
        ck_assert_int_eq(submit(&tx, &id), keys == 4 ? TX_CODE_OK : TX_CODE_NOT_AUTHORIZED);
    }
    ck_assert_uint_eq(fixture_await(&fixture, &id).code, TX_CODE_OK);
}
END_TEST

START_TEST(an_authority_is_there_after_a_restart) {
    struct tx tx;
    struct hash id;
    set_authority(0, 2);
    fixture_close(&fixture);
    assert_ok(fixture_open(&fixture));
    fixture_begin(&fixture, &tx, 0);
    add_transfer(&tx, 1);
    struct tx old = tx;
    ck_assert_int_eq(fixture_submit(&fixture, &old, 0, &id), TX_CODE_NOT_AUTHORIZED);
    sign_by(&tx, TX_ROLE_SENDER, 4);
    ck_assert_int_eq(submit(&tx, &id), TX_CODE_OK);
    ck_assert_uint_eq(fixture_await(&fixture, &id).code, TX_CODE_OK);
}
END_TEST

static void publish_enc_key(uint8_t first_byte) {
    struct tx tx;
    fixture_begin(&fixture, &tx, 0);
    tx.actions[tx.action_count++] =
        (struct tx_action){.kind = TX_SET_ENC_KEY, .set_enc_key = {.key = {first_byte}}};
    ck_assert_uint_eq(fixture_run(&fixture, &tx, 0).code, TX_CODE_OK);
}

START_TEST(older_encryption_keys_stay_readable) {
    struct account account;
    uint64_t seq;
    for (uint8_t i = 1; i <= 3; i++) publish_enc_key(i);
    node_account(fixture.node, &fixture.ids[0], &account, &seq);
    ck_assert_uint_eq(account.enc_key.version, 3);
    ck_assert_uint_eq(account.enc_key.bytes[0], 3);
    struct state_version *version = node_state(fixture.node);
    for (uint32_t i = 1; i <= 3; i++) {
        struct state_key key;
        struct bytes value;
        uint8_t number[4];
        store_u32_be(number, i);
        state_key_make(&key, STATE_ENC_KEY, &fixture.ids[0], BYTES_OF(number));
        bool found = state_get(state_version_view(version), state_key_bytes(&key), &value);
        ck_assert_int_eq(found, i < 3);
        if (found) ck_assert_uint_eq(value.data[0], i);
    }
    node_state_release(version);
}
END_TEST

Suite *authority_suite(void) {
    Suite *suite = suite_create("authority");
    TCase *cases = tcase_create("authority");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, weights_that_reach_the_threshold_sign_for_an_account);
    tcase_add_test(cases, the_key_that_was_replaced_signs_nothing_more);
    tcase_add_test(cases, what_waits_is_judged_by_the_keys_of_its_own_block);
    tcase_add_test(cases, a_payer_signs_by_its_own_authority);
    tcase_add_test(cases, an_authority_is_there_after_a_restart);
    tcase_add_test(cases, older_encryption_keys_stay_readable);
    suite_add_tcase(suite, cases);
    return suite;
}
