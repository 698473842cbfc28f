// SPDX-License-Identifier: Apache-2.0
// Node and light meet only in a program: what the one proves, the other checks.
#include "chaincore/chain/state_key.h"
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

// Witnesses of genesis hand over to those who were elected, who sign alone.
START_TEST(a_proof_leads_over_to_those_who_were_elected) {
    static struct event_proof proof;
    struct node_event_wish wish;
    struct buf encoded = {0};
    struct light_fact fact;
    enum light_step step;
    fixture_clear(&fixture);
    fixture_init_counter(&fixture);
    fixture_set_epoch(&fixture, 12);
    fixture_set_balance(&fixture, "20000000");
    fixture.witness_key_count = FIXTURE_KEYS;
    assert_ok(fixture_open(&fixture));
    fixture_stand_for_election(&fixture);
    for (int i = 0; i < 3; i++) {
        buf_reset(&encoded);
        make_proof(&encoded, &wish, false); // six blocks
    }
    ck_assert_uint_gt(wish.place.height, 12);
    assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
    assert_ok(light_check_event(&fact, &step, &proof, node_chain_id(fixture.node)));
    ck_assert_uint_ge(fact.hand_overs, 1);
    ck_assert_uint_eq(fact.witnesses, FIXTURE_ACCOUNTS);
    buf_clear(&encoded);
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
    trust.time_ms = proof.ground.anchor.time_ms - 1; // the fixture's genesis is long ago
    assert_ok(light_trust_follow(&trust, &step, &proof.ground, proof.ground.anchor.time_ms));
    for (int is_own = 0; is_own < 2; is_own++) {
        wish.believed.is_there = true;
        wish.believed.height = is_own ? wish.place.height : trust.height;
        buf_reset(&encoded);
        assert_ok(node_prove_event(fixture.node, &wish, &encoded));
        ck_assert_uint_lt(encoded.len, backed.len);
        assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
        ck_assert(!proof.ground.has_backing);
        ck_assert_int_eq(proof.ground.is_anchor_block, is_own);
        ck_assert_int_eq(light_check_event_trusted(&fact, &step, &proof, &trust, NULL) == STATUS_OK,
                         !is_own);
        ck_assert_int_ne(light_check_event(&fact, &step, &proof, &trust.chain_id), STATUS_OK);
        ck_assert_int_eq(step, LIGHT_BACKING);
    }
    wish.believed.height = wish.place.height - 1;
    assert_status(node_prove_event(fixture.node, &wish, &encoded), STATUS_INVALID);
    wish.believed.height = UINT64_MAX;
    assert_status(node_prove_event(fixture.node, &wish, &encoded), STATUS_NOT_FOUND);
    buf_clear(&backed);
    buf_clear(&encoded);
}
END_TEST

// The file of a proof, with a bit flipped here and there: each seventh, so that each place within a
// byte has its turn.
typedef enum status check_file(struct bytes file, const struct hash *chain_id);
static void no_bit_may_change(struct bytes proof, check_file *check) {
    struct buf file = {0};
    const struct hash *chain_id = node_chain_id(fixture.node);
    proof_file_write(&file, chain_id, proof);
    assert_ok(check(buf_bytes(&file), chain_id));
    for (size_t bit = 0; bit < file.len * 8; bit += 7) {
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_msg(check(buf_bytes(&file), chain_id) != STATUS_OK, "bit %zu", bit);
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t len = 0; len < file.len; len++)
        ck_assert_int_ne(check(bytes_of(file.data, len), chain_id), STATUS_OK);
    buf_clear(&file);
}

// Not OK also for a file that is of another chain by its own word.
static enum status read_file(struct buf *out, struct bytes file, const struct hash *chain_id) {
    struct hash claimed;
    enum status status = proof_file_read(&claimed, out, file);
    return status == STATUS_OK && !hash_equal(&claimed, chain_id) ? STATUS_INVALID : status;
}

static struct tx_proof tx_proof;
static enum status check_tx_file(struct bytes file, const struct hash *chain_id) {
    static struct buf encoded;
    struct light_fact fact;
    enum light_step step;
    buf_reset(&encoded);
    enum status status = read_file(&encoded, file, chain_id);
    if (status == STATUS_OK) status = tx_proof_decode(&tx_proof, buf_bytes(&encoded));
    return status == STATUS_OK ? light_check_tx_proof(&fact, &step, &tx_proof, chain_id) : status;
}

// A proof that nothing stands under one key may be one for another key too, so whoever asks looks
// at the key.
static struct entry_proof entry_proof;
static struct state_key asked;
static enum status check_entry_file(struct bytes file, const struct hash *chain_id) {
    static struct buf encoded;
    struct light_fact fact;
    enum light_step step;
    buf_reset(&encoded);
    enum status status = read_file(&encoded, file, chain_id);
    if (status == STATUS_OK) status = entry_proof_decode(&entry_proof, buf_bytes(&encoded));
    if (status == STATUS_OK) status = light_check_entry(&fact, &step, &entry_proof, chain_id);
    bool is_asked = bytes_equal(entry_proof.key, state_key_bytes(&asked));
    return status == STATUS_OK && !is_asked ? STATUS_INVALID : status;
}

// The oldest of a row of transactions under the newest header, and the newest itself.
START_TEST(a_transaction_is_proven_and_no_other_in_its_place) {
    static const struct node_believed nobody = {0};
    struct tx tx, found;
    struct hash ids[4];
    struct buf proof = {0}, encoded = {0};
    for (uint64_t i = 0; i < 4; i++) {
        fixture_begin(&fixture, &tx, 0);
        fixture_add_call(&fixture, &tx, "add", BYTES_OF(i));
        ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &ids[i]), TX_CODE_OK);
        fixture_await(&fixture, &ids[i]);
    }
    for (int i = 0; i < 4; i += 3) {
        buf_reset(&proof);
        assert_ok(node_prove_tx(fixture.node, &ids[i], &nobody, &proof));
        no_bit_may_change(buf_bytes(&proof), check_tx_file);
        assert_ok(tx_proof_decode(&tx_proof, buf_bytes(&proof)));
        ck_assert(hash_equal(&tx_proof.receipt.tx_id, &ids[i]));
        ck_assert(tx_proof.has_tx);
        buf_reset(&encoded);
        buf_append(&encoded, tx_proof.body);
        buf_append(&encoded, tx_proof.signatures);
        assert_ok(tx_decode(&found, buf_bytes(&encoded)));
        ck_assert_uint_eq(found.seq, (uint64_t)i);
        ck_assert_uint_eq(found.actions[0].call.arguments.len, 8);
        struct node_believed own = {true, tx_proof.ground.header.height};
        struct node_believed older = {true, own.height - 1};
        buf_reset(&proof);
        assert_ok(node_prove_tx(fixture.node, &ids[i], &own, &proof));
        assert_ok(tx_proof_decode(&tx_proof, buf_bytes(&proof)));
        ck_assert(tx_proof.ground.is_anchor_block && !tx_proof.ground.has_backing);
        assert_status(node_prove_tx(fixture.node, &ids[i], &older, &proof), STATUS_INVALID);
    }
    assert_status(node_prove_tx(fixture.node, &(struct hash){{1}}, &nobody, &proof),
                  STATUS_NOT_FOUND);
    buf_clear(&encoded);
    buf_clear(&proof);
}
END_TEST

START_TEST(an_entry_of_the_state_is_proven_and_so_is_its_absence) {
    static const struct account_id nobody = {{9}};
    struct node_believed believed = {0};
    struct buf proof = {0};
    struct tx tx;
    state_key_make(&asked, STATE_ACCOUNT, &fixture.ids[0], bytes_of("", 0));
    fixture_begin(&fixture, &tx, 0);
    fixture_add_call(&fixture, &tx, "add", bytes_of("\1\0\0\0\0\0\0\0", 8));
    fixture_run(&fixture, &tx, 0);
    for (int is_absent = 0; is_absent < 2; is_absent++) {
        buf_reset(&proof);
        if (is_absent) state_key_make(&asked, STATE_ACCOUNT, &nobody, bytes_of("", 0));
        assert_ok(node_prove_entry(fixture.node, state_key_bytes(&asked), &believed, &proof));
        no_bit_may_change(buf_bytes(&proof), check_entry_file);
        assert_ok(entry_proof_decode(&entry_proof, buf_bytes(&proof)));
        ck_assert_int_eq(entry_proof.has_value, !is_absent);
        assert_bytes_equal(entry_proof.key, state_key_bytes(&asked));
    }
    // One who believes that header gets the state after it, without reasons; of a header that
    // nobody has, or that is long ago, nothing.
    believed = (struct node_believed){true, entry_proof.ground.anchor.height};
    buf_reset(&proof);
    assert_ok(node_prove_entry(fixture.node, state_key_bytes(&asked), &believed, &proof));
    assert_ok(entry_proof_decode(&entry_proof, buf_bytes(&proof)));
    ck_assert(!entry_proof.ground.has_backing);
    ck_assert_uint_eq(entry_proof.ground.anchor.height, believed.height);
    believed.height = UINT64_MAX;
    assert_status(node_prove_entry(fixture.node, state_key_bytes(&asked), &believed, &proof),
                  STATUS_NOT_FOUND);
    believed.height = 0;
    assert_status(node_prove_entry(fixture.node, state_key_bytes(&asked), &believed, &proof),
                  STATUS_NOT_FOUND);
    buf_clear(&proof);
}
END_TEST

static struct block_proof block_proof;
static enum status check_block_file(struct bytes file, const struct hash *chain_id) {
    static struct buf encoded;
    struct light_fact fact;
    enum light_step step;
    buf_reset(&encoded);
    enum status status = read_file(&encoded, file, chain_id);
    if (status == STATUS_OK) status = block_proof_decode(&block_proof, buf_bytes(&encoded));
    return status == STATUS_OK ? light_check_block(&fact, &step, &block_proof, chain_id) : status;
}

START_TEST(a_block_is_proven_to_be_the_chains) {
    struct node_believed believed = {0};
    struct buf proof = {0};
    struct node_event_wish wish;
    make_proof(&proof, &wish, false);
    buf_reset(&proof);
    assert_ok(node_prove_block(fixture.node, wish.place.height, &believed, &proof));
    no_bit_may_change(buf_bytes(&proof), check_block_file);
    assert_ok(block_proof_decode(&block_proof, buf_bytes(&proof)));
    ck_assert_uint_eq(block_proof.ground.header.height, wish.place.height);
    believed.height = UINT64_MAX;
    assert_status(node_prove_block(fixture.node, UINT64_MAX, &believed, &proof), STATUS_NOT_FOUND);
    buf_clear(&proof);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("event proof");
    TCase *cases = tcase_create("event proof");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_event_is_proven_and_no_bit_of_the_proof_may_change);
    tcase_add_test(cases, a_proof_leads_over_to_those_who_were_elected);
    tcase_add_test(cases, one_who_believes_a_block_gets_a_proof_below_that_one);
    tcase_add_test(cases, a_transaction_is_proven_and_no_other_in_its_place);
    tcase_add_test(cases, an_entry_of_the_state_is_proven_and_so_is_its_absence);
    tcase_add_test(cases, a_block_is_proven_to_be_the_chains);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
