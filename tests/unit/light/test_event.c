// SPDX-License-Identifier: Apache-2.0
// The proof of an event, made by hand, so that each step of it can be made to fail by itself.
#include "chaincore/chain/genesis.h"
#include "chaincore/light/light.h"
#include "tests/support/unit.h"
#include "tests/unit/light/suites.h"

enum { WITNESSES = 4, HEIGHT = 1, NEWEST = 2, OFFSET = 3 };

static struct secret_key secrets[WITNESSES];
static struct witness_set set;
static struct hash chain_id;
static struct buf genesis_head, certificate;
static uint8_t data[OFFSET + 32];
static struct event_proof proof;

static struct bytes payload(void) { return bytes_of_string("the document"); }

static void make_genesis(void) {
    struct genesis_witness witnesses[WITNESSES] = {0};
    set.count = WITNESSES;
    for (uint8_t i = 0; i < WITNESSES; i++) {
        uint8_t seed[32] = {6, i};
        key_from_seed(&secrets[i], &set.keys[i], seed);
        witnesses[i].key = set.keys[i];
    }
    struct genesis content = {
        .name = bytes_of_string("test"),
        .params = {.block_interval_ms = 1, .epoch_blocks = 9, .block_gas_limit = 1},
        .witness_count = WITNESSES,
        .witnesses = witnesses};
    genesis_head_encode(&genesis_head, &content);
    genesis_chain_id(&chain_id, &content);
}

static struct header make_header(uint64_t height) {
    struct header out = {
        .version = HEADER_VERSION, .chain_id = chain_id, .height = height, .view = height};
    witness_set_hash(&out.set_hash, &set);
    return out;
}

static void certify(const struct header *header, uint16_t signers) {
    struct certificate made = {.view = header->view};
    struct vote vote = {.epoch = header->epoch,
                        .set_hash = header->set_hash,
                        .kind = VOTE_FINALIZE,
                        .view = header->view};
    struct hash hash;
    header_id(&vote.block_id, header);
    vote_payload(&hash, &vote);
    for (uint16_t i = 0; i < signers; i++) {
        struct signature signature;
        sign_payload(&signature, &secrets[i], SIGN_VOTE, &chain_id, &hash);
        certificate_add(&made, i, &signature);
    }
    buf_reset(&certificate);
    certificate_encode(&certificate, &made, WITNESSES);
    proof.certificate = buf_bytes(&certificate);
}

// An event with a payload, in block 1, under a certificate of block 1 or of block 2.
static void make_proof(bool is_anchor_block) {
    struct hash leaf, ids[NEWEST], hash;
    struct header first = make_header(0);
    proof = (struct event_proof){.genesis_head = buf_bytes(&genesis_head),
                                 .is_anchor_block = is_anchor_block,
                                 .has_payload = true,
                                 .payload_offset = OFFSET,
                                 .payload = payload()};
    hash_bytes(&hash, HASH_USER, payload());
    memcpy(data + OFFSET, hash.bytes, sizeof hash.bytes);
    proof.event = (struct event){.topic = bytes_of_string("added"), .data = BYTES_OF(data)};
    event_leaf(&leaf, &proof.event);
    merkle_list_root(&proof.receipt.events_root, &leaf, 1);
    merkle_branch_make(&proof.event_branch, &leaf, 1, 0);
    receipt_leaf(&leaf, &proof.receipt);
    proof.header = make_header(HEIGHT);
    merkle_list_root(&proof.header.receipts_root, &leaf, 1);
    merkle_branch_make(&proof.receipt_branch, &leaf, 1, 0);
    header_id(&ids[0], &first);
    header_id(&ids[1], &proof.header);
    proof.anchor = is_anchor_block ? proof.header : make_header(NEWEST);
    if (!is_anchor_block) {
        merkle_list_root(&proof.anchor.history_root, ids, NEWEST);
        merkle_branch_make(&proof.history, ids, NEWEST, HEIGHT);
    }
    certify(&proof.anchor, 3);
}

static void begin(void) {
    ENSURE(crypto_init() == STATUS_OK);
    genesis_head = certificate = (struct buf){0};
    make_genesis();
    make_proof(false);
}
static void clear(void) {
    buf_clear(&genesis_head);
    buf_clear(&certificate);
}

static void fails_at(enum light_step expected) {
    struct light_fact fact;
    enum light_step step;
    ck_assert_int_ne(light_check_event(&fact, &step, &proof, &chain_id), STATUS_OK);
    ck_assert_str_eq(light_step_text(step), light_step_text(expected));
}

START_TEST(a_whole_proof_tells_its_fact) {
    struct light_fact fact;
    enum light_step step;
    for (int is_anchor = 0; is_anchor < 2; is_anchor++) {
        make_proof(is_anchor);
        assert_ok(light_check_event(&fact, &step, &proof, &chain_id));
        ck_assert_int_eq(step, LIGHT_DONE);
        ck_assert_uint_eq(fact.height, HEIGHT);
        ck_assert_uint_eq(fact.anchor_height, is_anchor ? HEIGHT : NEWEST);
        ck_assert_uint_eq(fact.signers, 3);
        ck_assert_uint_eq(fact.witnesses, WITNESSES);
        assert_bytes_equal(fact.payload, payload());
        proof.has_payload = false;
        assert_ok(light_check_event(&fact, &step, &proof, &chain_id));
        ck_assert_uint_eq(fact.payload.len, 0);
    }
}
END_TEST

START_TEST(each_step_that_fails_is_named) {
    struct hash other = chain_id;
    struct light_fact fact;
    enum light_step step;
    other.bytes[0] ^= 1;
    assert_status(light_check_event(&fact, &step, &proof, &other), STATUS_INVALID);
    ck_assert_int_eq(step, LIGHT_CHAIN);
    proof.anchor.chain_id.bytes[0] ^= 1;
    fails_at(LIGHT_CHAIN);
    // What names the chain, and is no head of a genesis.
    make_proof(false);
    struct hash real = chain_id;
    proof.genesis_head = bytes_of_string("no genesis");
    genesis_head_id(&chain_id, proof.genesis_head);
    proof.anchor.chain_id = chain_id;
    fails_at(LIGHT_WITNESSES);
    chain_id = real;
    make_proof(false);
    proof.certificate.len--;
    fails_at(LIGHT_CERTIFICATE);
    make_proof(false);
    certify(&proof.anchor, 2);
    fails_at(LIGHT_CERTIFICATE);
    make_proof(false);
    proof.anchor.set_hash.bytes[0] ^= 1;
    fails_at(LIGHT_CERTIFICATE);
    make_proof(false);
    proof.anchor.view++; // newer than the certificate's
    fails_at(LIGHT_CERTIFICATE);
    make_proof(false);
    proof.receipt.gas_used ^= 1;
    fails_at(LIGHT_RECEIPT);
    make_proof(false);
    proof.event.topic = bytes_of_string("taken");
    fails_at(LIGHT_EVENT);
    make_proof(false);
    assert_ok(light_check_event(&fact, &step, &proof, &chain_id));
}
END_TEST

START_TEST(an_older_block_stands_at_its_height_of_its_chain) {
    proof.header.chain_id.bytes[0] ^= 1;
    fails_at(LIGHT_HISTORY);
    make_proof(false);
    proof.history.index = 0;
    fails_at(LIGHT_HISTORY);
    make_proof(false);
    proof.history.count = NEWEST + 1;
    fails_at(LIGHT_HISTORY);
    make_proof(false);
    proof.history.siblings[0].bytes[0] ^= 1;
    fails_at(LIGHT_HISTORY);
    make_proof(false);
    proof.header.gas_used ^= 1;
    fails_at(LIGHT_HISTORY);
}
END_TEST

START_TEST(a_payload_is_what_the_event_commits_to_where_it_says) {
    proof.payload = bytes_of_string("another document");
    fails_at(LIGHT_PAYLOAD);
    make_proof(false);
    proof.payload_offset = OFFSET - 1;
    fails_at(LIGHT_PAYLOAD);
    make_proof(false);
    proof.payload_offset = OFFSET + 1; // the hash would end behind the data
    fails_at(LIGHT_PAYLOAD);
    make_proof(false);
    proof.payload_offset = UINT32_MAX;
    fails_at(LIGHT_PAYLOAD);
    // An event whose data is too short for any hash, and yet in its receipt.
    make_proof(true);
    struct hash leaf;
    proof.event.data = bytes_of(data, 31);
    proof.payload_offset = 0;
    event_leaf(&leaf, &proof.event);
    merkle_list_root(&proof.receipt.events_root, &leaf, 1);
    receipt_leaf(&leaf, &proof.receipt);
    merkle_list_root(&proof.header.receipts_root, &leaf, 1);
    proof.anchor = proof.header;
    certify(&proof.anchor, 3);
    fails_at(LIGHT_PAYLOAD);
}
END_TEST

START_TEST(under_a_header_that_is_believed_the_certificate_is_not_needed) {
    struct light_trust trust;
    struct light_fact fact;
    enum light_step step;
    struct trust_step ahead = {.header = &proof.anchor, .certificate = proof.certificate};
    assert_ok(light_trust_begin(&trust, buf_bytes(&genesis_head), &chain_id));
    assert_status(light_check_event_trusted(&fact, &step, &proof, &trust), STATUS_INVALID);
    proof.anchor.time_ms = 1;
    certify(&proof.anchor, 3);
    ahead.certificate = proof.certificate;
    assert_ok(light_trust_advance(&trust, &ahead, 1));
    proof.certificate.len = 0;
    assert_ok(light_check_event_trusted(&fact, &step, &proof, &trust));
    ck_assert_uint_eq(fact.signers, 0);
    ck_assert_uint_eq(fact.anchor_height, NEWEST);
    proof.anchor.gas_used ^= 1;
    assert_status(light_check_event_trusted(&fact, &step, &proof, &trust), STATUS_INVALID);
    ck_assert_int_eq(step, LIGHT_CERTIFICATE);
    proof.anchor.gas_used ^= 1;
    proof.receipt.gas_used ^= 1;
    assert_status(light_check_event_trusted(&fact, &step, &proof, &trust), STATUS_INVALID);
    ck_assert_int_eq(step, LIGHT_RECEIPT);
}
END_TEST

START_TEST(a_header_is_final_by_its_certificate) {
    assert_ok(light_check_header(&proof.anchor, proof.certificate, &set));
    assert_status(light_check_header(&proof.anchor, bytes_of("", 0), &set), STATUS_TRUNCATED);
    assert_status(light_check_header(&proof.header, proof.certificate, &set), STATUS_BAD_SIGNATURE);
}
END_TEST

START_TEST(a_transaction_is_in_its_block_as_it_was_signed) {
    struct tx tx = {.version = TX_VERSION, .seq = 5, .action_count = 1}, found;
    struct buf encoded = {0};
    struct merkle_branch branch;
    struct hash leaves[3] = {{{1}}, {{2}}, {{3}}};
    tx.actions[0] =
        (struct tx_action){.kind = TX_TRANSFER, .transfer = {.amount = amount_of_units(7)}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &secrets[0], &chain_id));
    tx_encode(&encoded, &tx);
    tx_leaf(&leaves[1], buf_bytes(&encoded), &tx);
    merkle_list_root(&proof.header.tx_root, leaves, 3);
    merkle_branch_make(&branch, leaves, 3, 1);
    assert_ok(light_check_tx(&found, buf_bytes(&encoded), &branch, &proof.header));
    ck_assert_uint_eq(found.seq, 5);
    ck_assert_uint_eq(amount_units(found.actions[0].transfer.amount), 7);
    for (size_t bit = 0; bit < encoded.len * 8; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_int_ne(light_check_tx(&found, buf_bytes(&encoded), &branch, &proof.header),
                         STATUS_OK);
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    branch.index = 0;
    assert_status(light_check_tx(&found, buf_bytes(&encoded), &branch, &proof.header),
                  STATUS_INVALID);
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_client_can_test_what_it_verifies_with) { assert_ok(light_self_test()); }
END_TEST

START_TEST(what_is_not_of_this_chain_is_not_older) {
    struct light_trust trust = {.chain_id = chain_id, .height = NEWEST};
    trust.history_root = proof.anchor.history_root;
    assert_ok(light_check_older(&trust, &proof.header, &proof.history));
    proof.header.chain_id.bytes[0] ^= 1;
    assert_status(light_check_older(&trust, &proof.header, &proof.history), STATUS_INVALID);
}
END_TEST

// A state of one entry: its leaf is the root.
START_TEST(a_value_of_the_state_is_proven_under_the_believed_root) {
    struct light_trust trust = {.chain_id = chain_id};
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
    for (int step = 0; step <= LIGHT_PAYLOAD; step++)
        for (int other = 0; other < step; other++)
            ck_assert_str_ne(light_step_text((enum light_step)step),
                             light_step_text((enum light_step)other));
    ck_assert_str_eq(light_step_text((enum light_step)(LIGHT_PAYLOAD + 1)), "unknown");
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
    tcase_add_test(cases, under_a_header_that_is_believed_the_certificate_is_not_needed);
    tcase_add_test(cases, a_header_is_final_by_its_certificate);
    tcase_add_test(cases, a_transaction_is_in_its_block_as_it_was_signed);
    tcase_add_test(cases, a_client_can_test_what_it_verifies_with);
    tcase_add_test(cases, what_is_not_of_this_chain_is_not_older);
    tcase_add_test(cases, a_value_of_the_state_is_proven_under_the_believed_root);
    tcase_add_test(cases, every_step_has_a_sentence_of_its_own);
    suite_add_tcase(suite, cases);
    return suite;
}
