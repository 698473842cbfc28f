// SPDX-License-Identifier: Apache-2.0
// As many keys as an account may have, on both sides of a transaction.
#include <stdlib.h>

#include "chaincore/contract/signers.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"

enum { KEYS = LIMIT_ACCOUNT_KEYS };

static struct stage stage;
static struct secret_key secrets[2][KEYS]; // of user and sponsor, in the order of their public keys
static const struct hash chain_id = {{7}};

static int compare_secrets(const void *a, const void *b) {
    const struct secret_key *left = a, *right = b;
    return memcmp(left->bytes + 32, right->bytes + 32, 32);
}

// Each key has the most weight there is, and only all of them together are enough.
static void give_keys(const struct account_id *id, struct secret_key *keys, uint8_t seed_byte) {
    struct account account;
    account_load(&account, state_draft_view(stage.block.draft), id);
    for (uint8_t i = 0; i < KEYS; i++) {
        uint8_t seed[32] = {seed_byte, i};
        struct public_key key;
        key_from_seed(&keys[i], &key, seed);
    }
    qsort(keys, KEYS, sizeof *keys, compare_secrets);
    account.authority = (struct authority){.threshold = KEYS * UINT16_MAX, .key_count = KEYS};
    for (int i = 0; i < KEYS; i++) {
        key_public_of(&account.authority.keys[i].key, &keys[i]);
        account.authority.keys[i].weight = UINT16_MAX;
    }
    account_store(stage.block.draft, id, &account);
}

static void set_up(void) {
    stage_init(&stage);
    give_keys(&stage.user, secrets[0], 1);
    give_keys(&stage.sponsor, secrets[1], 2);
}
static void tear_down(void) { stage_clear(&stage); }

// A transfer that all keys signed but the one of this number, counted through both accounts.
static void sign_without(struct tx *tx, int missing) {
    *tx = *stage_begin(&stage);
    tx->has_payer = true;
    tx->payer = stage.sponsor;
    tx->actions[tx->action_count++] =
        (struct tx_action){.kind = TX_TRANSFER, .transfer = {stage.sponsor, amount_of_units(1)}};
    for (int i = 0; i < 2 * KEYS; i++) {
        enum tx_role role = i < KEYS ? TX_ROLE_SENDER : TX_ROLE_PAYER;
        if (i != missing)
            assert_ok(tx_sign_indexed(tx, role, (uint8_t)(i % KEYS), &secrets[i / KEYS][i % KEYS],
                                      &chain_id));
    }
}

static enum tx_code judge(const struct tx *tx) {
    struct signers signers;
    struct hash id;
    enum tx_code code = signers_find(&signers, state_draft_view(stage.block.draft), tx);
    tx_id(&id, tx);
    return code == TX_CODE_OK ? signers_verify(&signers, tx, &id, &chain_id) : code;
}

START_TEST(sixteen_keys_of_each_sign_and_none_of_them_for_another) {
    struct tx tx, decoded;
    struct buf encoded = {0};
    sign_without(&tx, -1);
    tx_encode(&encoded, &tx);
    ck_assert_uint_le(encoded.len, LIMIT_TX_BYTES);
    assert_ok(tx_decode(&decoded, buf_bytes(&encoded)));
    ck_assert_uint_eq(decoded.signature_count, LIMIT_TX_SIGNATURES);
    ck_assert_int_eq(judge(&decoded), TX_CODE_OK);
    for (uint32_t i = 0; i < 2 * KEYS; i++) {
        struct tx other = decoded;
        other.signatures[i].signature = decoded.signatures[(i + 1) % (2 * KEYS)].signature;
        ck_assert_int_eq(judge(&other), TX_CODE_BAD_SIGNATURE);
    }
    buf_clear(&encoded);
}
END_TEST

START_TEST(fifteen_of_sixteen_are_not_enough_whichever_is_missing) {
    for (int i = 0; i < 2 * KEYS; i++) {
        struct tx tx;
        sign_without(&tx, i);
        ck_assert_int_eq(judge(&tx), TX_CODE_NOT_AUTHORIZED);
    }
}
END_TEST

START_TEST(a_key_that_signs_twice_counts_once) {
    struct tx tx, decoded;
    struct buf encoded = {0};
    sign_without(&tx, 1);
    tx.signatures[tx.signature_count++] = tx.signatures[KEYS * 2 - 2];
    tx_encode(&encoded, &tx);
    ck_assert_int_eq(tx_decode(&decoded, buf_bytes(&encoded)), STATUS_MALFORMED);
    buf_reset(&encoded);
    sign_without(&tx, 1);
    for (uint32_t i = tx.signature_count++; i > 0; i--) tx.signatures[i] = tx.signatures[i - 1];
    tx_encode(&encoded, &tx); // the sender's first, twice
    ck_assert_int_eq(tx_decode(&decoded, buf_bytes(&encoded)), STATUS_MALFORMED);
    buf_clear(&encoded);
}
END_TEST

Suite *signers_suite(void) {
    Suite *suite = suite_create("signers");
    TCase *cases = tcase_create("signers");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, sixteen_keys_of_each_sign_and_none_of_them_for_another);
    tcase_add_test(cases, fifteen_of_sixteen_are_not_enough_whichever_is_missing);
    tcase_add_test(cases, a_key_that_signs_twice_counts_once);
    suite_add_tcase(suite, cases);
    return suite;
}
