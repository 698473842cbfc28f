// SPDX-License-Identifier: Apache-2.0
// Log, certificates and checkpoint must be of one chain, each as far along as the others need.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/ledger/checkpoint.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

enum { CHECKPOINTED = 100 };

static struct fixture fixture;
static char checkpoint_path[96];

static void start_chain(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
    snprintf(checkpoint_path, sizeof checkpoint_path, "%s/state.sqlite", fixture.folder);
}
static void clear_chain(void) { fixture_clear(&fixture); }

static void run_blocks(uint64_t height) {
    struct node_head head;
    for (;;) {
        struct tx tx;
        node_head(fixture.node, &head);
        if (head.header.height >= height) return;
        fixture_begin(&fixture, &tx, 0);
        tx.actions[tx.action_count++] = (struct tx_action){
            .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[1], .amount = amount_of_units(1)}};
        fixture_run(&fixture, &tx, 0);
    }
}

static void change_block_of_checkpoint(void) {
    struct state *state = state_create();
    struct checkpoint *checkpoint;
    struct state_version *version;
    struct cut cut;
    assert_ok(checkpoint_open(&checkpoint,
                              &(struct checkpoint_config){.path = checkpoint_path, .state = state},
                              &version, &cut));
    ck_assert_uint_ge(state_version_height(version), CHECKPOINTED);
    cut.header.time_ms ^= 1;
    checkpoint_start(checkpoint, version, &cut);
    assert_ok(checkpoint_wait(checkpoint));
    checkpoint_close(checkpoint);
    state_version_unref(version);
    state_free(state);
}

START_TEST(a_checkpoint_of_another_block_is_refused) {
    run_blocks(CHECKPOINTED);
    fixture_close(&fixture);
    change_block_of_checkpoint();
    assert_status(fixture_open(&fixture), STATUS_CORRUPT);
    change_block_of_checkpoint(); // and back
    assert_ok(fixture_open(&fixture));
}
END_TEST

START_TEST(certificates_that_end_before_the_checkpoint_are_refused) {
    char path[128];
    run_blocks(CHECKPOINTED);
    fixture_close(&fixture);
    snprintf(path, sizeof path, "%s/certificates/new-000000000001.log", fixture.folder);
    ck_assert_int_eq(unlink(path), 0);
    assert_status(fixture_open(&fixture), STATUS_CORRUPT);
}
END_TEST

START_TEST(without_its_checkpoint_the_chain_is_executed_again) {
    struct node_head before, after;
    run_blocks(CHECKPOINTED);
    node_head(fixture.node, &before);
    fixture_close(&fixture);
    ck_assert_int_eq(unlink(checkpoint_path), 0);
    assert_ok(fixture_open(&fixture));
    node_head(fixture.node, &after);
    ck_assert(hash_equal(&before.id, &after.id));
}
END_TEST

// Branches lead over it while the chain goes on, and after a restart.
START_TEST(a_history_that_is_damaged_under_a_running_node_is_mended) {
    char path[128];
    struct tx tx;
    struct hash id;
    struct buf proof = {0};
    fixture_begin(&fixture, &tx, 0);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[1], .amount = amount_of_units(1)}};
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_OK);
    fixture_await(&fixture, &id);
    run_blocks(40);
    snprintf(path, sizeof path, "%s/history", fixture.folder);
    // The leaves of the first eight headers and the nodes over them.
    for (long node = 0; node < 15; node++) {
        FILE *file = fopen(path, "r+");
        ck_assert_ptr_nonnull(file);
        ck_assert_int_eq(fseek(file, node * 32 + node, SEEK_SET), 0);
        fputs("damage", file);
        fclose(file);
        assert_ok(node_prove_tx(fixture.node, &id, &(struct node_believed){0}, &proof));
        buf_reset(&proof);
        run_blocks(41 + (uint64_t)node);
        assert_ok(node_prove_tx(fixture.node, &id, &(struct node_believed){0}, &proof));
        buf_reset(&proof);
    }
    fixture_close(&fixture);
    assert_ok(fixture_open(&fixture));
    assert_ok(node_prove_tx(fixture.node, &id, &(struct node_believed){0}, &proof));
    buf_clear(&proof);
}
END_TEST

Suite *recovery_suite(void) {
    Suite *suite = suite_create("recovery");
    TCase *cases = tcase_create("recovery");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start_chain, clear_chain);
    tcase_add_test(cases, a_checkpoint_of_another_block_is_refused);
    tcase_add_test(cases, certificates_that_end_before_the_checkpoint_are_refused);
    tcase_add_test(cases, without_its_checkpoint_the_chain_is_executed_again);
    tcase_add_test(cases, a_history_that_is_damaged_under_a_running_node_is_mended);
    suite_add_tcase(suite, cases);
    return suite;
}
