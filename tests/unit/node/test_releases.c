// SPDX-License-Identifier: Apache-2.0
// A protocol that the witnesses have decided on and that a node's release does not know: it stops
// behind the last block that it can execute, and a release that knows it goes on from there.
#include "chaincore/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"
#include "tests/unit/node/suites_replica.h"

enum { EPOCH = 8, NEW = PROTOCOL_NEWEST + 1 };

static struct cluster cluster;
static const size_t one_each[] = {1, 1, 1, 1};

static void set_up(void) {
    log_set_level((enum log_level)(LOG_ERROR + 1));
    cluster_init(&cluster, one_each, 4);
    for (uint16_t i = 0; i < 4; i++) fixture_set_epoch(&cluster.members[i].fixture, EPOCH);
}
static void tear_down(void) { cluster_clear(&cluster); }

static struct fixture *fixture_of(uint16_t member) { return &cluster.members[member].fixture; }

// The first so many are of the release before.
static void open_with_old(uint16_t old) {
    for (uint16_t i = old; i < 4; i++) fixture_of(i)->newest_protocol = NEW;
    cluster_open_all(&cluster);
}

static struct node_health health_of(uint16_t member) {
    struct node_health health;
    node_health(fixture_of(member)->node, &health);
    return health;
}

static uint64_t signed_by(uint16_t member) {
    struct driver_counts votes = cluster_look(&cluster, member).votes;
    uint64_t sum = 0;
    for (size_t kind = 0; kind < DRIVER_VOTE_KINDS; kind++) sum += votes.signed_by_own[kind];
    return sum;
}

static void approve(uint16_t index) {
    struct member *member = &cluster.members[index];
    struct fixture *fixture = &member->fixture;
    struct approval approval = {.kind = APPROVE_PARAMETERS,
                                .params = node_genesis(fixture->node)->params};
    struct buf encoded = {0};
    struct public_key key;
    struct account account;
    struct hash id;
    struct tx tx;
    approval.params.protocol = NEW;
    fixture_begin(fixture, &tx, 0);
    key_public_of(&key, &fixture->witnesses[0]);
    account_id_of_key(&tx.sender, &key);
    node_account(fixture->node, &tx.sender, &account, &tx.seq);
    tx.has_payer = true;
    tx.payer = fixture->ids[0];
    tx.actions[tx.action_count++] = (struct tx_action){.kind = TX_APPROVE, .approve = approval};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture->witnesses[0], node_chain_id(fixture->node)));
    assert_ok(tx_sign(&tx, TX_ROLE_PAYER, &fixture->keys[0], node_chain_id(fixture->node)));
    tx_encode(&encoded, &tx);
    ck_assert_str_eq(tx_code_name(node_submit(fixture->node, buf_bytes(&encoded), &id)), "OK");
    replica_note_tx(member->replica, buf_bytes(&encoded));
    member->has_news = true;
    buf_clear(&encoded);
    ck_assert(cluster_await(&cluster, &id));
}

// Three of four decide on the new protocol, and the epoch comes to its end.
static void pass_to_the_boundary(void) {
    for (uint16_t i = 0; i < 3; i++) approve(i);
    for (uint64_t units = 1; cluster_height(&cluster, 0) < EPOCH - 1; units++) {
        struct hash id = cluster_submit(&cluster, 3, 3, units);
        ck_assert(cluster_await(&cluster, &id));
    }
}

static bool is_final_at_the_others(struct cluster *all, const void *id) {
    for (uint16_t i = 1; i < all->count; i++) {
        struct node_tx found;
        if (node_find_tx(all->members[i].fixture.node, id, &found) != STATUS_OK) return false;
        if (found.state != NODE_TX_FINAL) return false;
    }
    return true;
}

// The others make blocks without member 0, which neither signs nor executes.
static void check_that_it_waits(uint64_t units) {
    uint64_t count = signed_by(0);
    struct hash id = cluster_submit(&cluster, 1, 1, units);
    ck_assert(cluster_run(&cluster, is_final_at_the_others, &id, 60 * 1000));
    cluster_pass(&cluster, 5000);
    ck_assert_uint_eq(signed_by(0), count);
    ck_assert_uint_eq(cluster_height(&cluster, 0), EPOCH - 1);
    ck_assert_uint_eq(health_of(0).lacked_protocol, NEW);
    ck_assert(!health_of(0).is_halted);
}

static void start_release(uint16_t member, uint16_t newest_protocol) {
    cluster_close(&cluster, member);
    fixture_of(member)->newest_protocol = newest_protocol;
    cluster_open(&cluster, member);
}

START_TEST(who_lacks_a_protocol_waits_and_goes_on_with_a_release_that_knows_it) {
    open_with_old(1);
    ck_assert_uint_eq(health_of(0).lacked_protocol, 0);
    pass_to_the_boundary();
    check_that_it_waits(1);
    start_release(0, PROTOCOL_NEWEST); // which helps nothing
    check_that_it_waits(2);
    start_release(0, NEW);
    struct hash id = cluster_submit(&cluster, 1, 1, 3);
    ck_assert(cluster_await(&cluster, &id));
    ck_assert_uint_eq(health_of(0).lacked_protocol, 0);
    ck_assert_uint_gt(signed_by(0), 0);
    cluster_compare(&cluster);
}
END_TEST

// With it the others were a quorum, and the chain would go on by what nobody can execute.
START_TEST(who_lacks_a_protocol_signs_nothing_in_its_epoch) {
    open_with_old(2);
    pass_to_the_boundary();
    uint64_t counts[] = {signed_by(0), signed_by(1)};
    struct hash id = cluster_submit(&cluster, 2, 1, 1);
    cluster_pass(&cluster, 20 * 1000);
    ck_assert_uint_eq(signed_by(0), counts[0]);
    ck_assert_uint_eq(signed_by(1), counts[1]);
    for (uint16_t i = 0; i < 4; i++) ck_assert_uint_eq(cluster_height(&cluster, i), EPOCH - 1);
    start_release(0, NEW);
    ck_assert(cluster_run(&cluster, is_final_at_the_others, &id, 0) == false);
    start_release(1, NEW);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
}
END_TEST

static bool is_final_at_the_first_three(struct cluster *all, const void *id) {
    for (uint16_t i = 0; i < 3; i++) {
        struct node_tx found;
        if (node_find_tx(all->members[i].fixture.node, id, &found) != STATUS_OK) return false;
        if (found.state != NODE_TX_FINAL) return false;
    }
    return true;
}

// It verifies what it passes on, which it cannot without the protocol: so sentries come first.
START_TEST(a_sentry_that_lacks_a_protocol_cuts_off_its_witness) {
    enum { HIDDEN = 3, SENTRY = 4, ALL = 5 };
    static const size_t keys[ALL] = {1, 1, 1, 1, 0};
    cluster_clear(&cluster);
    cluster_init(&cluster, keys, ALL);
    for (uint16_t i = 0; i < (uint16_t)ALL; i++) fixture_set_epoch(fixture_of(i), EPOCH);
    for (uint16_t i = 0; i < (uint16_t)SENTRY; i++) fixture_of(i)->newest_protocol = NEW;
    cluster.members[HIDDEN].is_hidden = true;
    cluster.members[SENTRY].guards[HIDDEN] = true;
    for (uint16_t i = 0; i < (uint16_t)HIDDEN; i++)
        cluster.is_apart[i][HIDDEN] = cluster.is_apart[HIDDEN][i] = true;
    cluster_open_all(&cluster);
    pass_to_the_boundary();
    struct hash id = cluster_submit(&cluster, 1, 1, 1);
    ck_assert(cluster_run(&cluster, is_final_at_the_first_three, &id, 60 * 1000));
    cluster_pass(&cluster, 5000);
    ck_assert_uint_eq(health_of(SENTRY).lacked_protocol, NEW);
    ck_assert_uint_eq(health_of(HIDDEN).lacked_protocol, 0);
    ck_assert_uint_eq(cluster_height(&cluster, HIDDEN), EPOCH - 1);
    start_release(SENTRY, NEW);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
}
END_TEST

// Away while it was decided, and long beyond: what it catches up with ends at the boundary.
START_TEST(who_comes_back_without_a_protocol_catches_up_to_where_it_began) {
    open_with_old(1);
    struct hash id = cluster_submit(&cluster, 1, 1, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_close(&cluster, 0);
    for (uint16_t i = 1; i < 4; i++) approve(i);
    for (uint64_t units = 2; cluster_height(&cluster, 1) < 4 * EPOCH; units++) {
        id = cluster_submit(&cluster, 1, 1, units);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_open(&cluster, 0);
    cluster_pass(&cluster, 20 * 1000);
    check_that_it_waits(1000);
    start_release(0, NEW);
    id = cluster_submit(&cluster, 1, 1, 1001);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
}
END_TEST

// One is put back to the release before, though the chain has gone on.
START_TEST(an_older_release_goes_on_with_nothing_that_a_newer_one_began) {
    open_with_old(0);
    pass_to_the_boundary();
    for (uint64_t units = 1; cluster_height(&cluster, 0) < EPOCH + 2; units++) {
        struct hash id = cluster_submit(&cluster, 1, 1, units);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_close(&cluster, 0);
    fixture_of(0)->newest_protocol = PROTOCOL_NEWEST;
    ck_assert_int_eq(fixture_open_idle(fixture_of(0)), STATUS_UNSUPPORTED);
    fixture_of(0)->newest_protocol = NEW;
    cluster_open(&cluster, 0);
    struct hash id = cluster_submit(&cluster, 1, 1, 100);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
}
END_TEST

Suite *releases_suite(void) {
    Suite *suite = suite_create("releases");
    TCase *cases = tcase_create("releases");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, who_lacks_a_protocol_waits_and_goes_on_with_a_release_that_knows_it);
    tcase_add_test(cases, who_lacks_a_protocol_signs_nothing_in_its_epoch);
    tcase_add_test(cases, a_sentry_that_lacks_a_protocol_cuts_off_its_witness);
    tcase_add_test(cases, who_comes_back_without_a_protocol_catches_up_to_where_it_began);
    tcase_add_test(cases, an_older_release_goes_on_with_nothing_that_a_newer_one_began);
    suite_add_tcase(suite, cases);
    return suite;
}
