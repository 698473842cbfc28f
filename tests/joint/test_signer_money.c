// SPDX-License-Identifier: Apache-2.0
// An account that cannot pay for what it has accepted: it waits, is seen to, and goes on.
#include <stdio.h>

#include "apps/common/server/signer.h"
#include "tests/joint/signer_suites.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

enum { OTHER = 1, RECEIVER = 3 };
enum { GAS_LIMIT = 2000000, MOVED = 1 };

static struct fixture fixture;
static struct signer_set *signers;
static struct signer_key *signer;
static struct arena arena;

// With an account that nobody has heard of.
static void set_up(void) {
    const uint8_t seed[32] = {9};
    char path[96];
    struct public_key public;
    struct secret_key poor;
    fixture_init_counter(&fixture);
    assert_ok(fixture_open_idle(&fixture));
    key_from_seed(&poor, &public, seed);
    snprintf(path, sizeof path, "%s/outbox.db", fixture.folder);
    assert_ok(signer_set_open(
        &signers, &(struct signer_set_config){.node = fixture.node, .path = path, .own = &poor}));
    signer = signer_set_own(signers);
    assert_ok(signer_set_start(signers));
    assert_ok(node_start(fixture.node));
}

static void tear_down(void) {
    node_stop(fixture.node);
    signer_set_close(signers);
    fixture_clear(&fixture);
    arena_clear(&arena);
}

static void give(uint64_t units) {
    struct tx tx;
    fixture_begin(&fixture, &tx, OTHER);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER,
        .transfer = {.to = *signer_account(signer), .amount = amount_of_units(units)}};
    fixture_run(&fixture, &tx, OTHER);
}

static enum tx_code submit(uint8_t name, size_t count) {
    struct signer_order *orders = arena_alloc_array(&arena, count, sizeof *orders);
    enum tx_code code;
    for (size_t i = 0; i < count; i++)
        orders[i] = (struct signer_order){
            .action = {.kind = TX_TRANSFER,
                       .transfer = {.to = fixture.ids[RECEIVER], .amount = amount_of_units(MOVED)}},
            .gas_limit = GAS_LIMIT};
    struct signer_job job = {.id = {name}, .orders = orders, .count = count};
    assert_ok(signer_submit(signer, &job, &code));
    return code;
}

// Until the follower, which looks after each block or after a second, has seen this.
static void await_held_up(enum tx_code code) {
    while (signer_held_up(signer) != code) {
        struct node_head head;
        node_head(fixture.node, &head);
        node_wait(fixture.node, head.header.height, 20);
    }
}

START_TEST(an_account_without_money_says_so_and_goes_on_once_it_has_some) {
    const uint8_t name[OUTBOX_JOB_BYTES] = {'a'};
    struct signer_report report;
    struct outbox_job job;
    give(GAS_LIMIT + MOVED); // for one, and not for another when that has cost something
    ck_assert_int_eq(submit('a', 2), TX_CODE_OK);
    await_held_up(TX_CODE_CANNOT_PAY_GAS);
    signer_set_report(signers, &report);
    ck_assert_uint_gt(report.unpaid_ms, 0);
    ck_assert_uint_eq(report.refused_ms, 0);
    ck_assert_uint_gt(report.waiting, 0);
    give(2 * GAS_LIMIT);
    await_held_up(TX_CODE_OK);
    while (signer_waiting(signer) > 0) node_wait(fixture.node, UINT64_MAX, 20);
    assert_ok(signer_set_find_job(signers, name, &arena, &job));
    ck_assert_int_eq(job.code, TX_CODE_OK);
    ck_assert_uint_gt(job.finished_ms, 0);
    signer_set_report(signers, &report);
    ck_assert_uint_eq(report.unpaid_ms, 0);
    ck_assert_uint_eq(report.waiting, 0);
}
END_TEST

TCase *money_cases(void) {
    TCase *cases = tcase_create("money");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_account_without_money_says_so_and_goes_on_once_it_has_some);
    return cases;
}
