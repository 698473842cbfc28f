// SPDX-License-Identifier: Apache-2.0
// How many of the set's keys a node needs to make blocks alone: a quorum, and no key counts twice.
#include "chaincore/chain/certificate.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture fixture;

static void set_up(void) { fixture_init_counter(&fixture); }
static void tear_down(void) { fixture_clear(&fixture); }

static void submit(struct hash *id) {
    struct tx tx;
    fixture_begin(&fixture, &tx, 0);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[3], .amount = amount_of_units(1)}};
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, id), TX_CODE_OK);
}

// The head's, whose signatures must verify.
static struct certificate head_certificate(void) {
    struct node_head head;
    struct buf encoded = {0};
    struct certificate certificate;
    struct witnesses witnesses;
    struct witness_set set;
    node_head(fixture.node, &head);
    assert_ok(node_read_certificate(fixture.node, head.header.height, &encoded));
    struct decoder in = decoder_of(buf_bytes(&encoded));
    certificate_decode_from(&in, &certificate, FIXTURE_WITNESSES);
    assert_ok(decoder_finish(&in));
    struct vote vote = {.epoch = head.header.epoch,
                        .set_hash = head.header.set_hash,
                        .kind = VOTE_FINALIZE,
                        .view = head.header.view,
                        .block_id = head.id};
    ck_assert(node_witnesses(fixture.node, head.header.epoch, &witnesses));
    witnesses_set(&set, &witnesses);
    assert_ok(certificate_check(&certificate, &set, &vote, node_chain_id(fixture.node)));
    buf_clear(&encoded);
    return certificate;
}

START_TEST(three_of_four_keys_make_blocks_whichever_is_missing) {
    struct hash id;
    struct secret_key missing = fixture.witnesses[_i];
    fixture.witnesses[_i] = fixture.witnesses[FIXTURE_WITNESSES - 1];
    fixture.witness_key_count = FIXTURE_WITNESSES - 1;
    assert_ok(fixture_open(&fixture));
    submit(&id);
    ck_assert_uint_eq(fixture_await(&fixture, &id).code, TX_CODE_OK);
    struct certificate certificate = head_certificate();
    ck_assert_uint_eq(certificate.signature_count, FIXTURE_WITNESSES - 1);
    ck_assert_uint_eq(certificate.bitmap[0], 0xf & ~(1U << _i));
    fixture_close(&fixture);
    // Another of them fails after that: the others still are a quorum of the same chain.
    fixture.witnesses[_i] = missing;
    assert_ok(fixture_open(&fixture));
    submit(&id);
    ck_assert_uint_eq(fixture_await(&fixture, &id).code, TX_CODE_OK);
    ck_assert_uint_eq(head_certificate().bitmap[0], 0x7);
}
END_TEST

// It opens, for whoever reads there, and takes transactions; but no block can be made.
static void check_too_few(void) {
    struct hash id;
    struct node_head head;
    struct node_tx found;
    assert_ok(fixture_open_idle(&fixture));
    submit(&id);
    ck_assert_int_eq(node_start(fixture.node), STATUS_UNSUPPORTED);
    ck_assert(!node_wait(fixture.node, 0, 100));
    node_head(fixture.node, &head);
    ck_assert_uint_eq(head.header.height, 0);
    assert_ok(node_find_tx(fixture.node, &id, &found));
    ck_assert_int_eq(found.state, NODE_TX_PENDING);
}

START_TEST(two_of_four_keys_make_none) {
    fixture.witness_key_count = 2;
    check_too_few();
}
END_TEST

START_TEST(the_same_key_again_counts_once) {
    fixture.witnesses[2] = fixture.witnesses[0];
    fixture.witnesses[3] = fixture.witnesses[1];
    check_too_few();
}
END_TEST

START_TEST(keys_of_nobody_in_the_set_count_for_nothing) {
    for (uint8_t i = 2; i < FIXTURE_WITNESSES; i++) {
        uint8_t seed[32] = {9, i};
        struct public_key key;
        key_from_seed(&fixture.witnesses[i], &key, seed);
    }
    check_too_few();
}
END_TEST

Suite *quorum_suite(void) {
    Suite *suite = suite_create("quorum");
    TCase *cases = tcase_create("quorum");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, three_of_four_keys_make_blocks_whichever_is_missing, 0,
                        FIXTURE_WITNESSES);
    tcase_add_test(cases, two_of_four_keys_make_none);
    tcase_add_test(cases, the_same_key_again_counts_once);
    tcase_add_test(cases, keys_of_nobody_in_the_set_count_for_nothing);
    suite_add_tcase(suite, cases);
    return suite;
}
