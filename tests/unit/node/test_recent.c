// SPDX-License-Identifier: Apache-2.0
// What a node keeps, and for how long: the state of the last final heights, certificates, bodies.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/chain/state_proof.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture fixture;

static void begin_chain(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
}
static void clear_chain(void) { fixture_clear(&fixture); }

static uint64_t height_now(void) {
    struct node_head head;
    node_head(fixture.node, &head);
    return head.header.height;
}

// One transfer of `units` a block, to account 1.
static void run_blocks(uint64_t height, uint64_t units) {
    while (height_now() < height) {
        struct tx tx;
        fixture_begin(&fixture, &tx, 0);
        tx.actions[tx.action_count++] = (struct tx_action){
            .kind = TX_TRANSFER,
            .transfer = {.to = fixture.ids[1], .amount = amount_of_units(units)}};
        fixture_run(&fixture, &tx, 0);
    }
}

static bool is_proven(const struct node_state_proof *proof, struct bytes key) {
    struct bytes value = buf_bytes(&proof->value);
    return state_proof_check(buf_bytes(&proof->branch), &proof->head.header.state_root, key,
                             proof->has_value ? &value : NULL) == STATUS_OK;
}

START_TEST(the_state_is_proven_at_each_of_the_last_eight_heights) {
    struct state_key key, absent;
    struct account_id nobody = {{9}};
    struct node_state_proof proof;
    state_key_make(&key, STATE_ACCOUNT, &fixture.ids[1], bytes_of("", 0));
    state_key_make(&absent, STATE_ACCOUNT, &nobody, bytes_of("", 0));
    run_blocks(20, 1);
    uint64_t newest = height_now();
    struct amount balance = {0};
    for (uint64_t height = newest - LIMIT_FINAL_VERSIONS + 1; height <= newest; height++) {
        struct account account;
        struct node_head head;
        assert_ok(node_prove_state(fixture.node, height, state_key_bytes(&key), &proof));
        ck_assert_uint_eq(proof.head.header.height, height);
        ck_assert(proof.has_value && proof.certificate.len > 0);
        ck_assert(is_proven(&proof, state_key_bytes(&key)));
        proof.value.data[0] ^= 1;
        ck_assert(!is_proven(&proof, state_key_bytes(&key)));
        node_state_proof_clear(&proof);
        // Each height has its own balance.
        struct state_version *version = node_state_at(fixture.node, height, &head);
        account_load(&account, state_version_view(version), &fixture.ids[1]);
        ck_assert_int_gt(amount_compare(account.balance, balance), 0);
        balance = account.balance;
        node_state_release(version);
        assert_ok(node_prove_state(fixture.node, height, state_key_bytes(&absent), &proof));
        ck_assert(!proof.has_value && is_proven(&proof, state_key_bytes(&absent)));
        node_state_proof_clear(&proof);
    }
    uint64_t outside[] = {newest - LIMIT_FINAL_VERSIONS, newest + 1, 0};
    for (size_t i = 0; i < 3; i++) {
        assert_status(node_prove_state(fixture.node, outside[i], state_key_bytes(&key), &proof),
                      STATUS_NOT_FOUND);
        node_state_proof_clear(&proof);
    }
}
END_TEST

START_TEST(boundaries_and_hundredths_keep_their_certificates) {
    struct buf certificate = {0};
    run_blocks(1300, 1);
    for (uint64_t height = 1; height < 200; height++) {
        bool is_kept = height == 100 || height == 119; // an epoch has 120 blocks
        buf_reset(&certificate);
        assert_status(node_read_certificate(fixture.node, height, &certificate),
                      is_kept ? STATUS_OK : STATUS_NOT_FOUND);
    }
    buf_reset(&certificate);
    assert_ok(node_read_certificate(fixture.node, height_now(), &certificate));
    buf_clear(&certificate);
}
END_TEST

START_TEST(a_folder_of_another_layout_is_refused) {
    char path[128];
    struct buf layout = {0};
    fixture_close(&fixture);
    snprintf(path, sizeof path, "%s/layout", fixture.folder);
    assert_ok(file_read(&layout, path, 16));
    assert_ok(file_replace(path, bytes_of_string("1\n"), 0600));
    assert_status(fixture_open(&fixture), STATUS_UNSUPPORTED);
    ck_assert_int_eq(unlink(path), 0); // as the first versions had none
    assert_status(fixture_open(&fixture), STATUS_UNSUPPORTED);
    assert_ok(file_replace(path, buf_bytes(&layout), 0600));
    assert_ok(fixture_open(&fixture));
    buf_clear(&layout);
}
END_TEST

Suite *recent_suite(void) {
    Suite *suite = suite_create("recent");
    TCase *cases = tcase_create("recent");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin_chain, clear_chain);
    tcase_add_test(cases, the_state_is_proven_at_each_of_the_last_eight_heights);
    tcase_add_test(cases, boundaries_and_hundredths_keep_their_certificates);
    tcase_add_test(cases, a_folder_of_another_layout_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
