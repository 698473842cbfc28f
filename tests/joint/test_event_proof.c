// SPDX-License-Identifier: Apache-2.0
// Node and light meet only in a program: what the one proves, the other checks.
#include "chaincore/light/light.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

static struct fixture fixture;

static void set_up(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
}
static void tear_down(void) { fixture_clear(&fixture); }

static void make_proof(struct buf *out, struct node_event_wish *wish, bool is_newest) {
    struct tx tx;
    uint64_t first = 3, second = 4;
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "add", BYTES_OF(first));
    fixture_add_call(&fixture, &tx, "add", BYTES_OF(second));
    struct hash id;
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_OK);
    fixture_await(&fixture, &id);
    struct node_tx found;
    assert_ok(node_find_tx(fixture.node, &id, &found));
    for (int i = 0; i < (is_newest ? 0 : 5); i++) {
        fixture_begin(&fixture, &tx, 1);
        tx.actions[tx.action_count++] = (struct tx_action){
            .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[2], .amount = amount_of_units(1)}};
        fixture_run(&fixture, &tx, 1);
    }
    *wish = (struct node_event_wish){.place = {found.height, found.index, 1}};
    assert_ok(node_prove_event(fixture.node, wish, out));
}

START_TEST(an_event_is_proven_and_no_bit_of_the_proof_may_change) {
    static struct event_proof proof;
    for (int is_newest = 0; is_newest < 2; is_newest++) {
        struct buf encoded = {0}, file = {0}, back = {0};
        struct light_fact fact;
        enum light_step step;
        struct hash chain_id;
        struct node_event_wish wish;
        make_proof(&encoded, &wish, is_newest);
        proof_file_write(&file, node_chain_id(fixture.node), buf_bytes(&encoded));
        assert_ok(proof_file_read(&chain_id, &back, buf_bytes(&file)));
        assert_ok(event_proof_decode(&proof, buf_bytes(&back)));
        assert_ok(light_check_event(&fact, &step, &proof, &chain_id));
        ck_assert_uint_eq(fact.signers, 4);
        assert_bytes_equal(fact.event->topic, bytes_of_string("added"));
        for (size_t bit = 0; bit < file.len * 8; bit++) {
            file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            buf_reset(&back);
            enum status status = proof_file_read(&chain_id, &back, buf_bytes(&file));
            if (status == STATUS_OK) status = event_proof_decode(&proof, buf_bytes(&back));
            if (status == STATUS_OK) status = light_check_event(&fact, &step, &proof, &chain_id);
            bool is_other_chain = !hash_equal(&chain_id, node_chain_id(fixture.node));
            ck_assert_msg(status != STATUS_OK || is_other_chain, "bit %zu", bit);
            file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        buf_clear(&encoded);
        buf_clear(&file);
        buf_clear(&back);
    }
}
END_TEST

START_TEST(one_who_believes_a_block_gets_a_proof_below_that_one) {
    static struct event_proof proof;
    struct node_event_wish wish;
    struct buf backed = {0}, encoded = {0};
    struct light_trust trust;
    struct light_fact fact;
    enum light_step step;
    make_proof(&backed, &wish, false);
    assert_ok(event_proof_decode(&proof, buf_bytes(&backed)));
    assert_ok(
        light_trust_begin(&trust, node_genesis_head(fixture.node), node_chain_id(fixture.node)));
    trust.time_ms = proof.anchor.time_ms - 1; // the fixture's genesis is long ago
    assert_ok(light_trust_follow(&trust, &step, &proof, proof.anchor.time_ms));
    for (int is_own = 0; is_own < 2; is_own++) {
        wish.has_believed = true;
        wish.believed = is_own ? wish.place.height : trust.height;
        buf_reset(&encoded);
        assert_ok(node_prove_event(fixture.node, &wish, &encoded));
        ck_assert_uint_lt(encoded.len, backed.len);
        assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
        ck_assert(!proof.has_backing);
        ck_assert_int_eq(proof.is_anchor_block, is_own);
        ck_assert_int_eq(light_check_event_trusted(&fact, &step, &proof, &trust, NULL) == STATUS_OK,
                         !is_own);
        ck_assert_int_ne(light_check_event(&fact, &step, &proof, &trust.chain_id), STATUS_OK);
        ck_assert_int_eq(step, LIGHT_BACKING);
    }
    wish.believed = wish.place.height - 1;
    assert_status(node_prove_event(fixture.node, &wish, &encoded), STATUS_INVALID);
    wish.believed = UINT64_MAX;
    assert_status(node_prove_event(fixture.node, &wish, &encoded), STATUS_NOT_FOUND);
    buf_clear(&backed);
    buf_clear(&encoded);
}
END_TEST

// The oldest of a row of transactions under the newest header, and the newest itself.
START_TEST(a_transaction_is_proven_and_no_other_in_its_place) {
    struct tx tx;
    struct hash ids[4];
    for (uint64_t i = 0; i < 4; i++) {
        fixture_begin(&fixture, &tx, 0);
        fixture_add_call(&fixture, &tx, "add", BYTES_OF(i));
        ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &ids[i]), TX_CODE_OK);
        fixture_await(&fixture, &ids[i]);
    }
    for (int i = 0; i < 4; i++) {
        struct node_tx_proof proof;
        struct light_trust trust;
        struct tx found;
        assert_ok(light_trust_begin(&trust, node_genesis_head(fixture.node),
                                    node_chain_id(fixture.node)));
        assert_ok(node_prove_tx(fixture.node, &ids[i], &proof));
        struct trust_step step = {.header = &proof.head.header,
                                  .certificate = buf_bytes(&proof.certificate)};
        // The fixture's genesis is long ago.
        trust.time_ms = proof.head.header.time_ms - 1;
        assert_ok(light_trust_advance(&trust, &step, proof.head.header.time_ms));
        bool is_older = proof.header.height < proof.head.header.height;
        if (is_older) assert_ok(light_check_older(&trust, &proof.header, &proof.history));
        assert_ok(light_check_tx(&found, buf_bytes(&proof.tx), &proof.branch, &proof.header));
        ck_assert_uint_eq(found.seq, (uint64_t)i);
        ck_assert_uint_eq(found.actions[0].call.arguments.len, 8);
        // A bit of the body, or of a signature: not what stands in the block.
        for (size_t bit = 0; bit < proof.tx.len * 8; bit++) {
            proof.tx.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            ck_assert_int_ne(
                light_check_tx(&found, buf_bytes(&proof.tx), &proof.branch, &proof.header),
                STATUS_OK);
            proof.tx.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        node_tx_proof_clear(&proof);
    }
    struct node_tx_proof none;
    assert_status(node_prove_tx(fixture.node, &(struct hash){{1}}, &none), STATUS_NOT_FOUND);
    node_tx_proof_clear(&none);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("event proof");
    TCase *cases = tcase_create("event proof");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_event_is_proven_and_no_bit_of_the_proof_may_change);
    tcase_add_test(cases, one_who_believes_a_block_gets_a_proof_below_that_one);
    tcase_add_test(cases, a_transaction_is_proven_and_no_other_in_its_place);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
