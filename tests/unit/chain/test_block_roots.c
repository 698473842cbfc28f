// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/block_roots.h"
#include "chaincore/chain/merkle.h"
#include "chaincore/chain/tx.h"
#include "chaincore/crypto/lanes.h"
#include "tests/unit/chain/suites.h"

enum { MOST = 150 };

static void tear_down(void) { lanes_switch(true); }

START_TEST(a_list_s_root_is_that_of_merkle) {
    struct hash leaves[MOST], used[MOST], expected, root;
    lanes_switch(_i);
    for (size_t i = 0; i < MOST; i++) hash_bytes(&leaves[i], HASH_EVENT, BYTES_OF(i));
    for (size_t count = 0; count <= MOST; count++) {
        memcpy(used, leaves, sizeof leaves);
        merkle_list_root(&expected, leaves, count);
        block_list_root(&root, used, count);
        ck_assert(hash_equal(&expected, &root));
    }
}
END_TEST

// Of one to three signatures, with keys and without.
static void make_tx(struct tx *out, size_t number) {
    struct secret_key key;
    struct public_key public;
    struct hash chain_id = {{1}}, seed;
    hash_bytes(&seed, HASH_USER, BYTES_OF(number));
    key_from_seed(&key, &public, seed.bytes);
    *out = (struct tx){.version = TX_VERSION, .seq = number, .action_count = 1};
    out->actions[0].kind = TX_TRANSFER;
    out->has_payer = number % 4 == 0;
    if (number % 2)
        assert_ok(tx_sign(out, TX_ROLE_SENDER, &key, &chain_id));
    else
        for (uint8_t i = 0; i < 2; i++)
            assert_ok(tx_sign_indexed(out, TX_ROLE_SENDER, i, &key, &chain_id));
    if (out->has_payer) assert_ok(tx_sign(out, TX_ROLE_PAYER, &key, &chain_id));
}

START_TEST(roots_of_transactions_are_those_of_their_leaves) {
    static struct buf encoded[MOST];
    struct hash ids[MOST], leaves[MOST], expected, root;
    struct bytes signatures[MOST];
    lanes_switch(_i);
    for (size_t i = 0; i < MOST; i++) {
        struct tx tx, decoded;
        make_tx(&tx, i);
        tx_encode(&encoded[i], &tx);
        assert_ok(tx_decode(&decoded, buf_bytes(&encoded[i])));
        tx_id(&ids[i], &tx);
        tx_leaf(&leaves[i], buf_bytes(&encoded[i]), &decoded);
        struct hash id;
        struct bytes body = tx_body(buf_bytes(&encoded[i]), &decoded);
        hash_bytes(&id, HASH_TX, body);
        ck_assert(hash_equal(&id, &ids[i]));
        signatures[i] = bytes_of(encoded[i].data + body.len, encoded[i].len - body.len);
    }
    for (size_t count = 0; count <= MOST; count++) {
        merkle_list_root(&expected, leaves, count);
        block_tx_root(&root, ids, signatures, count);
        ck_assert(hash_equal(&expected, &root));
    }
    for (size_t i = 0; i < MOST; i++) buf_clear(&encoded[i]);
}
END_TEST

START_TEST(roots_of_receipts_are_those_of_their_leaves) {
    static struct block_tx txs[MOST];
    struct hash leaves[MOST], expected, root;
    lanes_switch(_i);
    for (size_t i = 0; i < MOST; i++) {
        hash_bytes(&txs[i].receipt.tx_id, HASH_TX, BYTES_OF(i));
        txs[i].receipt.gas_used = i * 1000;
        receipt_leaf(&leaves[i], &txs[i].receipt);
    }
    for (size_t count = 0; count <= MOST; count++) {
        merkle_list_root(&expected, leaves, count);
        block_receipts_root(&root, txs, count);
        ck_assert(hash_equal(&expected, &root));
    }
}
END_TEST

Suite *block_roots_suite(void) {
    Suite *suite = suite_create("block_roots");
    TCase *cases = tcase_create("block_roots");
    tcase_add_checked_fixture(cases, NULL, tear_down);
    tcase_add_loop_test(cases, a_list_s_root_is_that_of_merkle, 0, 2);
    tcase_add_loop_test(cases, roots_of_transactions_are_those_of_their_leaves, 0, 2);
    tcase_add_loop_test(cases, roots_of_receipts_are_those_of_their_leaves, 0, 2);
    suite_add_tcase(suite, cases);
    return suite;
}
