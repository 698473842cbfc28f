// SPDX-License-Identifier: Apache-2.0
// What keeps a chain awake that leaves out empty blocks, and what does not: real nodes that agree
// over a false network.
#include "chaincore/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"
#include "tests/unit/node/suites_replica.h"

static struct cluster cluster;
static const size_t one_each[] = {1, 1, 1, 1, 0};

static void tear_down(void) { cluster_clear(&cluster); }
static void set_up(void) { log_set_level(LOG_ERROR); }

static struct hash submit(struct tx *tx, int from) {
    struct fixture *fixture = &cluster.members[0].fixture;
    struct buf encoded = {0};
    struct hash id;
    assert_ok(tx_sign(tx, TX_ROLE_SENDER, &fixture->keys[from], node_chain_id(fixture->node)));
    tx_encode(&encoded, tx);
    ck_assert_str_eq(tx_code_name(node_submit(fixture->node, buf_bytes(&encoded), &id)), "OK");
    replica_note_tx(cluster.members[0].replica, buf_bytes(&encoded));
    cluster.members[0].has_news = true;
    buf_clear(&encoded);
    return id;
}

static void begin_transfer(struct tx *tx, int from, struct amount amount) {
    struct fixture *fixture = &cluster.members[0].fixture;
    fixture_begin(fixture, tx, from);
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture->ids[3], .amount = amount}};
}

// All but what two transfers may cost.
static struct amount most_of(int from) {
    struct account account;
    uint64_t next_seq;
    struct amount cost, rest;
    struct tx tx;
    struct fixture *fixture = &cluster.members[0].fixture;
    begin_transfer(&tx, from, amount_of_units(1));
    node_account(fixture->node, &fixture->ids[from], &account, &next_seq);
    ck_assert_int_eq(amount_mul(&cost, amount_of_units(tx.gas_price), tx.gas_limit), STATUS_OK);
    ck_assert_int_eq(amount_sub(&rest, account.balance, cost), STATUS_OK);
    return rest;
}

static enum node_tx_state state_at(uint16_t member, const struct hash *id) {
    struct node_tx found;
    assert_ok(node_find_tx(cluster.members[member].fixture.node, id, &found));
    return found.state;
}

// Both were admitted; the first leaves nothing to pay the second one's gas with. No leader but the
// first one's has to make a block to find that out, and who leads nothing finds it as well.
START_TEST(what_no_block_takes_any_more_keeps_no_chain_awake) {
    struct tx spending, doomed;
    cluster_init(&cluster, one_each, 5);
    cluster_open_all(&cluster);
    struct hash first = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &first));
    cluster_pass(&cluster, 10 * CLUSTER_TIMEOUT_MS);
    uint64_t height = cluster_height(&cluster, 0);
    begin_transfer(&spending, 1, most_of(1));
    begin_transfer(&doomed, 1, amount_of_units(1));
    doomed.seq = spending.seq + 1;
    struct hash spent = submit(&spending, 1), id = submit(&doomed, 1);
    ck_assert(cluster_await(&cluster, &spent));
    cluster_pass(&cluster, 20 * CLUSTER_TIMEOUT_MS);
    for (uint16_t i = 0; i < 5; i++) ck_assert_int_eq(state_at(i, &id), NODE_TX_DROPPED);
    ck_assert_uint_eq(cluster_height(&cluster, 0), height + 1);
    // And what comes later is work as ever.
    struct hash last = cluster_submit(&cluster, 2, 0, 1);
    ck_assert(cluster_await(&cluster, &last));
    ck_assert_uint_eq(cluster_height(&cluster, 0), height + 2);
    cluster_compare(&cluster);
}
END_TEST

Suite *work_suite(void) {
    Suite *suite = suite_create("work");
    TCase *cases = tcase_create("work");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, what_no_block_takes_any_more_keeps_no_chain_awake);
    suite_add_tcase(suite, cases);
    return suite;
}
