// SPDX-License-Identifier: Apache-2.0
// The proof of an event, made by hand, so that each step of it can be made to fail by itself.
#include "chaincore/light/light.h"
#include "tests/support/light_chain.h"
#include "tests/support/unit.h"
#include "tests/unit/light/suites.h"

enum { HEIGHT = 1, NEWEST = 2 };

static const struct light_chain_plan PLAN = {
    .epochs = 1, .epoch_blocks = 9, .interval_ms = 500, .witnesses = 4};
static struct light_chain chain;
static struct light_chain_proof made;
static struct event_proof proof; // of it, to be made wrong

static void certify(const struct header *header, unsigned signers) {
    struct light_chain_vote vote = light_chain_vote(&chain, header);
    vote.signers = signers;
    light_chain_certify(&chain, &made.certificate, header, &vote);
    proof.ground.backing.certificate = buf_bytes(&made.certificate);
}

// An event with a payload, in block 1, under a certificate of block 1 or of block 2.
static void make_proof(bool is_anchor_block) {
    light_chain_proof_clear(&made);
    assert_ok(light_chain_prove(&made, &chain, HEIGHT, is_anchor_block ? HEIGHT : NEWEST));
    proof = made.proof;
}

static void begin(void) {
    ENSURE(crypto_init() == STATUS_OK);
    light_chain_make(&chain, &PLAN);
    made = (struct light_chain_proof){0};
    make_proof(false);
}
static void clear(void) {
    light_chain_proof_clear(&made);
    light_chain_clear(&chain);
}

static void fails_at(enum light_step expected) {
    struct light_fact fact;
    enum light_step step;
    ck_assert_int_ne(light_check_event(&fact, &step, &proof, &chain.chain_id), STATUS_OK);
    ck_assert_str_eq(light_step_text(step), light_step_text(expected));
}

START_TEST(a_whole_proof_tells_its_fact) {
    struct light_fact fact;
    enum light_step step;
    for (int is_anchor = 0; is_anchor < 2; is_anchor++) {
        make_proof(is_anchor);
        assert_ok(light_check_event(&fact, &step, &proof, &chain.chain_id));
        ck_assert_int_eq(step, LIGHT_DONE);
        ck_assert_uint_eq(fact.height, HEIGHT);
        ck_assert_uint_eq(fact.anchor_height, is_anchor ? HEIGHT : NEWEST);
        ck_assert_uint_eq(fact.signers, 3);
        ck_assert_uint_eq(fact.witnesses, 4);
        ck_assert_uint_eq(fact.hand_overs, 0);
        ck_assert_uint_eq(fact.trusted_ms, LIGHT_CHAIN_BEGIN_MS);
        ck_assert_uint_eq(fact.anchor_time_ms, proof.ground.anchor.time_ms);
        assert_bytes_equal(fact.payload, light_chain_payload());
        proof.has_payload = false;
        assert_ok(light_check_event(&fact, &step, &proof, &chain.chain_id));
        ck_assert_uint_eq(fact.payload.len, 0);
    }
}
END_TEST

START_TEST(each_step_that_fails_is_named) {
    struct hash other = chain.chain_id;
    struct light_fact fact;
    enum light_step step;
    other.bytes[0] ^= 1;
    assert_status(light_check_event(&fact, &step, &proof, &other), STATUS_INVALID);
    ck_assert_int_eq(step, LIGHT_CHAIN);
    proof.ground.anchor.chain_id.bytes[0] ^= 1;
    fails_at(LIGHT_CHAIN);
    make_proof(false);
    proof.ground.backing.genesis_head.len--;
    fails_at(LIGHT_CHAIN);
    make_proof(false);
    proof.ground.has_backing = false;
    fails_at(LIGHT_BACKING);
    // What names the chain, and is no head of a genesis.
    make_proof(false);
    struct hash real = chain.chain_id;
    proof.ground.backing.genesis_head = bytes_of_string("no genesis");
    genesis_head_id(&chain.chain_id, proof.ground.backing.genesis_head);
    proof.ground.anchor.chain_id = chain.chain_id;
    fails_at(LIGHT_WITNESSES);
    chain.chain_id = real;
    make_proof(false);
    proof.ground.backing.certificate.len--;
    fails_at(LIGHT_CERTIFICATE);
    make_proof(false);
    certify(&proof.ground.anchor, 3);
    fails_at(LIGHT_CERTIFICATE);
    make_proof(false);
    proof.ground.anchor.set_hash.bytes[0] ^= 1;
    fails_at(LIGHT_CERTIFICATE);
    make_proof(false);
    proof.ground.anchor.view++; // newer than the certificate's
    fails_at(LIGHT_CERTIFICATE);
    make_proof(false);
    proof.ground.anchor = *light_chain_header(&chain, 0); // which nobody signs
    fails_at(LIGHT_CERTIFICATE);
    make_proof(false);
    proof.receipt.gas_used ^= 1;
    fails_at(LIGHT_RECEIPT);
    make_proof(false);
    proof.event.topic = bytes_of_string("taken");
    fails_at(LIGHT_EVENT);
    make_proof(false);
    assert_ok(light_check_event(&fact, &step, &proof, &chain.chain_id));
}
END_TEST

START_TEST(an_older_block_stands_at_its_height_of_its_chain) {
    proof.ground.header.chain_id.bytes[0] ^= 1;
    fails_at(LIGHT_HISTORY);
    make_proof(false);
    proof.ground.history.index = 0;
    fails_at(LIGHT_HISTORY);
    make_proof(false);
    proof.ground.history.count = NEWEST + 1;
    fails_at(LIGHT_HISTORY);
    make_proof(false);
    proof.ground.history.siblings[0].bytes[0] ^= 1;
    fails_at(LIGHT_HISTORY);
    make_proof(false);
    proof.ground.header.gas_used ^= 1;
    fails_at(LIGHT_HISTORY);
}
END_TEST

START_TEST(a_payload_is_what_the_event_commits_to_where_it_says) {
    proof.payload = bytes_of_string("another document");
    fails_at(LIGHT_PAYLOAD);
    make_proof(false);
    proof.payload_offset = LIGHT_CHAIN_OFFSET - 1;
    fails_at(LIGHT_PAYLOAD);
    make_proof(false);
    proof.payload_offset = LIGHT_CHAIN_OFFSET + 1; // the hash would end behind the data
    fails_at(LIGHT_PAYLOAD);
    make_proof(false);
    proof.payload_offset = UINT32_MAX;
    fails_at(LIGHT_PAYLOAD);
    // An event whose data is too short for any hash, and yet in its receipt.
    make_proof(true);
    struct hash leaf;
    proof.event.data = bytes_of(chain.data, 31);
    proof.payload_offset = 0;
    event_leaf(&leaf, &proof.event);
    merkle_list_root(&proof.receipt.events_root, &leaf, 1);
    receipt_leaf(&leaf, &proof.receipt);
    merkle_list_root(&proof.ground.header.receipts_root, &leaf, 1);
    proof.ground.anchor = proof.ground.header;
    certify(&proof.ground.anchor, 7);
    fails_at(LIGHT_PAYLOAD);
}
END_TEST

START_TEST(a_header_is_final_by_its_certificate) {
    struct bytes certificate = proof.ground.backing.certificate;
    const struct witness_set *set = &chain.sets[0];
    assert_ok(light_check_header(&proof.ground.anchor, certificate, set));
    assert_status(light_check_header(&proof.ground.anchor, bytes_of("", 0), set), STATUS_TRUNCATED);
    assert_status(light_check_header(&proof.ground.header, certificate, set), STATUS_BAD_SIGNATURE);
}
END_TEST

START_TEST(a_transaction_is_in_its_block_as_it_was_signed) {
    struct tx tx = {.version = TX_VERSION, .seq = 5, .action_count = 1}, found;
    struct buf encoded = {0};
    struct merkle_branch branch;
    struct hash leaves[3] = {{{1}}, {{2}}, {{3}}};
    tx.actions[0] =
        (struct tx_action){.kind = TX_TRANSFER, .transfer = {.amount = amount_of_units(7)}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &chain.secrets[0], &chain.chain_id));
    tx_encode(&encoded, &tx);
    tx_leaf(&leaves[1], buf_bytes(&encoded), &tx);
    merkle_list_root(&proof.ground.header.tx_root, leaves, 3);
    merkle_branch_make(&branch, leaves, 3, 1);
    assert_ok(light_check_tx(&found, buf_bytes(&encoded), &branch, &proof.ground.header));
    ck_assert_uint_eq(found.seq, 5);
    ck_assert_uint_eq(amount_units(found.actions[0].transfer.amount), 7);
    for (size_t bit = 0; bit < encoded.len * 8; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_int_ne(light_check_tx(&found, buf_bytes(&encoded), &branch, &proof.ground.header),
                         STATUS_OK);
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    branch.index = 0;
    assert_status(light_check_tx(&found, buf_bytes(&encoded), &branch, &proof.ground.header),
                  STATUS_INVALID);
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_client_can_test_what_it_verifies_with) { assert_ok(light_self_test()); }
END_TEST

START_TEST(what_is_not_of_this_chain_is_not_older) {
    struct light_trust trust = {.chain_id = chain.chain_id, .height = NEWEST};
    trust.history_root = proof.ground.anchor.history_root;
    assert_ok(light_check_older(&trust, &proof.ground.header, &proof.ground.history));
    proof.ground.header.chain_id.bytes[0] ^= 1;
    assert_status(light_check_older(&trust, &proof.ground.header, &proof.ground.history),
                  STATUS_INVALID);
}
END_TEST

// A state of one entry: its leaf is the root.
START_TEST(a_value_of_the_state_is_proven_under_the_believed_root) {
    struct light_trust trust = {.chain_id = chain.chain_id};
    struct bytes key = bytes_of_string("key"), value = bytes_of_string("value");
    struct bytes other = bytes_of_string("other");
    struct state_proof_end end = {.kind = STATE_PROOF_MEMBER};
    struct hash path, value_hash;
    struct buf branch = {0};
    hash_bytes(&path, HASH_KEY, key);
    hash_bytes(&value_hash, HASH_VALUE, value);
    state_leaf_hash(&trust.state_root, &path, &value_hash);
    state_proof_encode(&branch, &end, NULL, 0);
    assert_ok(light_check_state(&trust, key, &value, buf_bytes(&branch)));
    assert_status(light_check_state(&trust, key, &other, buf_bytes(&branch)), STATUS_INVALID);
    assert_status(light_check_state(&trust, key, NULL, buf_bytes(&branch)), STATUS_INVALID);
    buf_clear(&branch);
}
END_TEST

START_TEST(every_step_has_a_sentence_of_its_own) {
    for (int step = 0; step <= LIGHT_STATE; step++)
        for (int other = 0; other < step; other++)
            ck_assert_str_ne(light_step_text((enum light_step)step),
                             light_step_text((enum light_step)other));
    ck_assert_str_eq(light_step_text((enum light_step)(LIGHT_STATE + 1)), "unknown");
}
END_TEST

static struct tx_proof tx;
static void tx_fails_at(enum light_step expected) {
    struct light_fact fact;
    enum light_step step;
    ck_assert_int_ne(light_check_tx_proof(&fact, &step, &tx, &chain.chain_id), STATUS_OK);
    ck_assert_str_eq(light_step_text(step), light_step_text(expected));
    light_chain_prove_tx(&tx, &chain, &proof.ground);
}

START_TEST(a_transactions_proof_shows_what_was_signed_and_what_came_of_it) {
    struct light_fact fact;
    enum light_step step;
    light_chain_prove_tx(&tx, &chain, &proof.ground);
    assert_ok(light_check_tx_proof(&fact, &step, &tx, &chain.chain_id));
    ck_assert(hash_equal(&fact.tx_id, &chain.receipt.tx_id));
    ck_assert_uint_eq(fact.height, HEIGHT);
    ck_assert_ptr_null(fact.event);
    tx.receipt.code ^= 1;
    tx_fails_at(LIGHT_RECEIPT);
    tx.body.len--;
    tx_fails_at(LIGHT_TX);
    tx.signatures.len--;
    tx_fails_at(LIGHT_TX);
    tx.tx_branch.count++;
    tx_fails_at(LIGHT_TX);
    tx.ground.header.gas_used ^= 1;
    tx_fails_at(LIGHT_HISTORY);
    tx.ground.has_backing = false;
    tx_fails_at(LIGHT_BACKING);
    // Of what nobody signed there is the receipt alone.
    tx.has_tx = false;
    assert_ok(light_check_tx_proof(&fact, &step, &tx, &chain.chain_id));
}
END_TEST

// Both stand in the block, and the one did not come of the other.
START_TEST(a_receipt_is_of_the_transaction_beside_it) {
    struct hash leaf;
    make_proof(true);
    light_chain_prove_tx(&tx, &chain, &proof.ground);
    tx.receipt.tx_id.bytes[0] ^= 1;
    receipt_leaf(&leaf, &tx.receipt);
    merkle_list_root(&tx.ground.anchor.receipts_root, &leaf, 1);
    tx.ground.header = tx.ground.anchor;
    certify(&tx.ground.anchor, 7);
    tx.ground.backing.certificate = buf_bytes(&made.certificate);
    tx_fails_at(LIGHT_TX);
}
END_TEST

START_TEST(an_entrys_proof_shows_a_value_or_that_there_is_none) {
    static struct entry_proof entry;
    struct bytes other = bytes_of_string("another value");
    struct buf branch = {0};
    struct light_fact fact;
    enum light_step step;
    for (int is_absent = 0; is_absent < 2; is_absent++) {
        light_chain_prove_entry(&entry, &chain, &proof.ground, &branch, is_absent);
        ck_assert_int_eq(entry.has_value, !is_absent);
        assert_ok(light_check_entry(&fact, &step, &entry, &chain.chain_id));
        ck_assert_uint_eq(fact.height, HEIGHT);
        entry.has_value = !entry.has_value;
        entry.value = other;
        ck_assert_int_ne(light_check_entry(&fact, &step, &entry, &chain.chain_id), STATUS_OK);
        ck_assert_int_eq(step, LIGHT_STATE);
        entry.has_value = true;
        ck_assert_int_ne(light_check_entry(&fact, &step, &entry, &chain.chain_id), STATUS_OK);
        light_chain_prove_entry(&entry, &chain, &proof.ground, &branch, is_absent);
        entry.ground.header.height++;
        ck_assert_int_ne(light_check_entry(&fact, &step, &entry, &chain.chain_id), STATUS_OK);
        ck_assert_int_eq(step, LIGHT_HISTORY);
    }
    buf_clear(&branch);
}
END_TEST

START_TEST(one_who_follows_the_chain_needs_no_backing_for_any_form) {
    static struct entry_proof entry;
    static struct block_proof block;
    struct light_trust trust;
    struct buf branch = {0};
    struct light_fact fact;
    enum light_step step;
    assert_ok(light_trust_begin(&trust, buf_bytes(&chain.genesis_head), &chain.chain_id));
    light_chain_prove_tx(&tx, &chain, &proof.ground);
    light_chain_prove_entry(&entry, &chain, &proof.ground, &branch, false);
    block.ground = proof.ground;
    tx.ground.has_backing = entry.ground.has_backing = block.ground.has_backing = false;
    for (int is_known = 0; is_known < 2; is_known++) {
        if (is_known)
            assert_ok(
                light_trust_follow(&trust, &step, &proof.ground, proof.ground.anchor.time_ms));
        ck_assert_int_eq(light_check_tx_proof_trusted(&fact, &step, &tx, &trust, NULL) == STATUS_OK,
                         is_known);
        ck_assert_int_eq(light_check_entry_trusted(&fact, &step, &entry, &trust, NULL) == STATUS_OK,
                         is_known);
        ck_assert_int_eq(light_check_block_trusted(&fact, &step, &block, &trust, NULL) == STATUS_OK,
                         is_known);
    }
    ck_assert_int_ne(light_check_block(&fact, &step, &block, &chain.chain_id), STATUS_OK);
    ck_assert_int_eq(step, LIGHT_BACKING);
    buf_clear(&branch);
}
END_TEST

Suite *event_suite(void) {
    Suite *suite = suite_create("event");
    TCase *cases = tcase_create("event");
    tcase_add_checked_fixture(cases, begin, clear);
    tcase_add_test(cases, a_whole_proof_tells_its_fact);
    tcase_add_test(cases, each_step_that_fails_is_named);
    tcase_add_test(cases, an_older_block_stands_at_its_height_of_its_chain);
    tcase_add_test(cases, a_payload_is_what_the_event_commits_to_where_it_says);
    tcase_add_test(cases, a_header_is_final_by_its_certificate);
    tcase_add_test(cases, a_transaction_is_in_its_block_as_it_was_signed);
    tcase_add_test(cases, a_client_can_test_what_it_verifies_with);
    tcase_add_test(cases, what_is_not_of_this_chain_is_not_older);
    tcase_add_test(cases, a_value_of_the_state_is_proven_under_the_believed_root);
    tcase_add_test(cases, a_transactions_proof_shows_what_was_signed_and_what_came_of_it);
    tcase_add_test(cases, a_receipt_is_of_the_transaction_beside_it);
    tcase_add_test(cases, an_entrys_proof_shows_a_value_or_that_there_is_none);
    tcase_add_test(cases, one_who_follows_the_chain_needs_no_backing_for_any_form);
    tcase_add_test(cases, every_step_has_a_sentence_of_its_own);
    suite_add_tcase(suite, cases);
    return suite;
}
