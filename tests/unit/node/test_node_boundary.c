// SPDX-License-Identifier: Apache-2.0
// An election in a branch, between a node that makes blocks and one that takes them.
#include "chaincore/node/node_chain.h"
#include "tests/support/unit.h"
#include "tests/unit/node/branch_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture maker, taker;

static void tear_down(void) {
    fixture_clear(&maker);
    fixture_clear(&taker);
}

enum { EPOCH = 24 };

static void start_epochs(void) {
    fixture_init_counter(&maker);
    fixture_set_epoch(&maker, EPOCH);
    fixture_set_balance(&maker, "6000000");
    assert_ok(fixture_open(&maker));
    fixture_stand_for_election(&maker);
    fixture_close(&maker);
    assert_ok(fixture_open_idle(&maker));
    fixture_init_counter(&taker);
    fixture_set_epoch(&taker, EPOCH);
    fixture_set_balance(&taker, "6000000");
    taker.witness_key_count = 0;
    assert_ok(fixture_open_idle(&taker));
}

static struct made read_made(struct fixture *at, uint64_t height) {
    struct made made = {0};
    struct header header;
    struct buf encoded = {0};
    assert_ok(node_read_block(at->node, height, &encoded));
    assert_ok(block_decode_header(&header, buf_bytes(&encoded)));
    header_id(&made.id, &header);
    ck_assert(node_branch_find_block(at->node, &made.id, &made.header, &made.body));
    buf_clear(&encoded);
    return made;
}

// What the lone producer has made, taken one by one.
static struct made follow(struct fixture *from, struct fixture *to) {
    struct made made = made_head(to);
    uint64_t newest = made_head(from).header.height;
    for (uint64_t height = made.header.height + 1; height <= newest; height++) {
        made_clear(&made);
        made = read_made(from, height);
        ck_assert(branch_take_in(to, &made));
        assert_ok(branch_finalize(to, &made));
    }
    return made;
}

// Up to below the epoch's last block, views apart so that views and heights differ.
static struct made run_to_boundary(struct made tip) {
    while (tip.header.height + 2 < EPOCH) {
        struct made next = branch_build(&maker, &tip, 3);
        made_clear(&tip);
        tip = next;
        assert_ok(branch_finalize(&maker, &tip));
        assert_ok(branch_finalize(&taker, &tip));
    }
    return tip;
}

static void check_epoch(struct fixture *at, const struct made *boundary, const struct hash *seed) {
    struct consensus_epoch rules;
    struct witness_set set;
    node_branch_epoch(at->node, 1, &rules, &set);
    ck_assert_uint_eq(rules.epoch, 1);
    ck_assert_uint_eq(rules.first_view, boundary->header.view + 1);
    ck_assert(hash_equal(&rules.leader_id, seed));
    ck_assert(hash_equal(&rules.set_hash, &boundary->header.next_set_hash));
    ck_assert_uint_eq(rules.block_interval_ms, 1);
    ck_assert_uint_eq(rules.witness_count, FIXTURE_ACCOUNTS);
    node_branch_epoch(at->node, 0, &rules, &set);
    ck_assert_uint_eq(rules.first_view, 1);
    ck_assert(hash_equal(&rules.set_hash, &boundary->header.set_hash));
    ck_assert(hash_equal(&rules.leader_id, &at->node->genesis_id));
}

START_TEST(an_election_within_a_branch_hands_over_once_it_is_final) {
    struct made beyond;
    struct made tip = run_to_boundary(follow(&maker, &taker));
    struct made boundary = branch_build(&maker, &tip, 2);
    ck_assert(!hash_is_zero(&boundary.header.next_set_hash));
    ck_assert(!hash_equal(&boundary.header.next_set_hash, &boundary.header.set_hash));
    // Who serves behind it nobody knows yet.
    ck_assert(!branch_try_build(&maker, &boundary, 1, &beyond));
    ck_assert(branch_take_in(&taker, &boundary));
    assert_status(branch_finalize_bare(&taker, &boundary), STATUS_INVALID);
    assert_ok(branch_finalize(&maker, &boundary));
    assert_ok(branch_finalize(&taker, &boundary));
    // n before the boundary, whose set has n.
    struct made seed = read_made(&maker, EPOCH - 1 - FIXTURE_WITNESSES);
    check_epoch(&maker, &boundary, &seed.id);
    check_epoch(&taker, &boundary, &seed.id);
    struct made first = branch_build(&maker, &boundary, 4);
    ck_assert_uint_eq(first.header.epoch, 1);
    ck_assert(branch_take_in(&taker, &first));
    assert_ok(branch_finalize(&taker, &first));
    assert_ok(branch_finalize(&maker, &first));
    struct made second = branch_build(&taker, &first, 1);
    ck_assert(branch_take_in(&maker, &second));
    // The same of a start in the middle of the epoch.
    fixture_close(&taker);
    assert_ok(fixture_open_idle(&taker));
    check_epoch(&taker, &boundary, &seed.id);
    branch_check_head(&taker, &first);
    ck_assert(branch_take_in(&taker, &second));
    made_clear(&tip), made_clear(&boundary), made_clear(&seed), made_clear(&first),
        made_clear(&second);
}
END_TEST

Suite *boundary_suite(void) {
    Suite *suite = suite_create("boundary");
    TCase *cases = tcase_create("boundary");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start_epochs, tear_down);
    tcase_add_test(cases, an_election_within_a_branch_hands_over_once_it_is_final);
    suite_add_tcase(suite, cases);
    return suite;
}
