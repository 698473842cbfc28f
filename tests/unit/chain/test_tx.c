// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "chaincore/chain/tx.h"
#include "tests/unit/chain/suites.h"

static const struct hash CHAIN_ID = {{7}};

// Threshold 2; three keys of weight 1.
static const uint8_t two_of_three[8 + 3 * 34] = {
    [0] = 2, [4] = 3, [8] = 1, [40] = 1, [42] = 2, [74] = 1, [76] = 3, [108] = 1};

static const uint8_t two_candidates[64] = {[31] = 1, [63] = 2};

static const uint8_t one_recipient[ENVELOPE_RECIPIENT_BYTES] = {[0] = 1, [32] = 1};

static void add_witness_actions(struct tx *tx) {
    tx->actions[14] = (struct tx_action){.kind = TX_APPROVE,
                                         .approve = {.kind = APPROVE_PARAMETERS,
                                                     .params = {.block_interval_ms = 1,
                                                                .epoch_blocks = 2,
                                                                .block_gas_limit = 3,
                                                                .min_witnesses = 4,
                                                                .protocol = 5}}};
    tx->actions[15] = (struct tx_action){.kind = TX_EVIDENCE,
                                         .evidence = {.epoch = 3,
                                                      .view = 9,
                                                      .witness = 2,
                                                      .first = {.block_id = {{1}}},
                                                      .second = {.block_id = {{2}}}}};
}

static void make_sample(struct tx *tx) {
    static const uint8_t sender_seed[32] = {1}, payer_seed[32] = {2};
    struct secret_key sender, payer;
    struct public_key sender_public, payer_public;
    key_from_seed(&sender, &sender_public, sender_seed);
    key_from_seed(&payer, &payer_public, payer_seed);
    *tx = (struct tx){.version = TX_VERSION,
                      .lane = 2,
                      .seq = 3,
                      .valid_until = 4,
                      .gas_limit = 5,
                      .gas_price = 6,
                      .has_payer = true,
                      .action_count = 16};
    account_id_of_key(&tx->sender, &sender_public);
    account_id_of_key(&tx->payer, &payer_public);
    tx->actions[0] =
        (struct tx_action){.kind = TX_TRANSFER, .transfer = {.amount = amount_of_units(1000)}};
    tx->actions[1] = (struct tx_action){
        .kind = TX_CALL,
        .call = {.method = bytes_of_string("do_it"), .arguments = bytes_of_string("xyz")}};
    tx->actions[2] =
        (struct tx_action){.kind = TX_DEPLOY, .deploy = {.code = bytes_of_string("\1\2")}};
    tx->actions[3] = (struct tx_action){.kind = TX_SET_AUTHORITY,
                                        .set_authority = {.authority = BYTES_OF(two_of_three)}};
    tx->actions[4] = (struct tx_action){.kind = TX_SET_ENC_KEY, .set_enc_key = {.key = {9}}};
    tx->actions[5] =
        (struct tx_action){.kind = TX_LOCK_STAKE, .stake = {.amount = amount_of_units(7)}};
    tx->actions[6] =
        (struct tx_action){.kind = TX_UNLOCK_STAKE, .stake = {.amount = amount_of_units(8)}};
    tx->actions[7] = (struct tx_action){.kind = TX_WITHDRAW_STAKE};
    tx->actions[8] = (struct tx_action){
        .kind = TX_REGISTER_CANDIDATE,
        .register_candidate = {.key = sender_public, .commission = LIMIT_COMMISSION}};
    tx->actions[9] = (struct tx_action){.kind = TX_RESIGN_CANDIDATE};
    tx->actions[10] = (struct tx_action){
        .kind = TX_VOTE, .vote = {.count = 2, .candidates = BYTES_OF(two_candidates)}};
    tx->actions[11] = (struct tx_action){.kind = TX_CLOSE_LANE, .close_lane = {.lane = 1}};
    tx->actions[12] = (struct tx_action){.kind = TX_DATA,
                                         .data = {.seq = 1,
                                                  .retention = ENVELOPE_10_YEARS,
                                                  .recipient_count = 1,
                                                  .recipients = BYTES_OF(one_recipient),
                                                  .ciphertext = BYTES_OF(two_of_three)}};
    tx->actions[13] =
        (struct tx_action){.kind = TX_REMOVE_ACCOUNT, .remove_account = {.account = {{5}}}};
    add_witness_actions(tx);
    assert_ok(tx_sign(tx, TX_ROLE_SENDER, &sender, &CHAIN_ID));
    assert_ok(tx_sign(tx, TX_ROLE_PAYER, &payer, &CHAIN_ID));
}

START_TEST(a_transaction_comes_back_as_it_was_encoded) {
    struct tx tx, back;
    make_sample(&tx);
    struct buf first = {0}, second = {0};
    tx_encode(&first, &tx);
    assert_ok(tx_decode(&back, buf_bytes(&first)));
    tx_encode(&second, &back);
    assert_bytes_equal(buf_bytes(&first), buf_bytes(&second));
    ck_assert(back.actions[1].kind == TX_CALL);
    assert_bytes_equal(back.actions[1].call.method, bytes_of_string("do_it"));
    buf_clear(&first);
    buf_clear(&second);
}
END_TEST

START_TEST(every_truncation_and_a_trailing_byte_are_refused) {
    struct tx tx, back;
    make_sample(&tx);
    struct buf encoded = {0};
    tx_encode(&encoded, &tx);
    for (size_t len = 0; len < encoded.len; len++)
        assert_status(tx_decode(&back, bytes_of(encoded.data, len)), STATUS_TRUNCATED);
    encode_u8(&encoded, 0);
    assert_status(tx_decode(&back, buf_bytes(&encoded)), STATUS_TRAILING);
    buf_clear(&encoded);
}
END_TEST

// No flip may leave what was signed and who signed it both intact.
START_TEST(every_flipped_bit_is_refused_or_breaks_a_signature) {
    struct tx tx, back;
    make_sample(&tx);
    struct buf encoded = {0};
    tx_encode(&encoded, &tx);
    for (size_t bit = 0; bit < encoded.len * 8; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (tx_decode(&back, buf_bytes(&encoded)) == STATUS_OK) {
            struct hash id;
            bool is_valid = true;
            tx_id(&id, &back);
            for (uint32_t i = 0; i < back.signature_count; i++) {
                const struct tx_signature *entry = &back.signatures[i];
                const struct account_id *signer =
                    entry->role == TX_ROLE_SENDER ? &back.sender : tx_payer(&back);
                struct account_id owner;
                account_id_of_key(&owner, &entry->key);
                if (!entry->has_key || entry->key_index != 0 || !account_id_equal(&owner, signer) ||
                    !sign_verify(&entry->signature, &entry->key, SIGN_TRANSACTION, &CHAIN_ID, &id))
                    is_valid = false;
            }
            ck_assert_msg(!is_valid, "bit %zu", bit);
        }
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    buf_clear(&encoded);
}
END_TEST

// Cut off at each place, the field that stands there is named.
START_TEST(a_fault_is_told_by_its_field) {
    static const struct {
        const char *name;
        size_t end;
    } fields[] = {{"version", 1},    {"sender", 33},      {"lane", 37},
                  {"seq", 45},       {"valid_until", 53}, {"gas_limit", 61},
                  {"gas_price", 69}, {"payer", 102},      {"action_count", 106}};
    struct tx tx;
    struct buf encoded = {0};
    struct tx_fault fault;
    make_sample(&tx);
    tx_encode(&encoded, &tx);
    tx_find_fault(&fault, buf_bytes(&encoded));
    ck_assert_int_eq(fault.status, STATUS_OK);
    size_t len = 0, body = tx_body(buf_bytes(&encoded), &tx).len;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (; len < fields[i].end; len++) {
            tx_find_fault(&fault, bytes_of(encoded.data, len));
            ck_assert_int_eq(fault.status, STATUS_TRUNCATED);
            ck_assert_str_eq(fault.field, fields[i].name);
        }
    uint32_t action = 0;
    for (; len < body; len++) {
        tx_find_fault(&fault, bytes_of(encoded.data, len));
        ck_assert_str_eq(fault.field, "actions");
        ck_assert(fault.index == action || fault.index == action + 1);
        action = fault.index;
    }
    ck_assert_uint_eq(action + 1, tx.action_count);
    tx_find_fault(&fault, bytes_of(encoded.data, body));
    ck_assert_str_eq(fault.field, "signature_count");
    tx_find_fault(&fault, bytes_of(encoded.data, encoded.len - 1));
    ck_assert_str_eq(fault.field, "signatures");
    ck_assert_uint_eq(fault.index, tx.signature_count - 1);
    encoded.data[0] = TX_VERSION + 1;
    tx_find_fault(&fault, buf_bytes(&encoded));
    ck_assert_int_eq(fault.status, STATUS_UNSUPPORTED);
    ck_assert_str_eq(fault.field, "version");
    encoded.data[0] = TX_VERSION;
    buf_append_byte(&encoded, 0);
    tx_find_fault(&fault, buf_bytes(&encoded));
    ck_assert_int_eq(fault.status, STATUS_TRAILING);
    ck_assert_ptr_null(fault.field);
    buf_clear(&encoded);
}
END_TEST

START_TEST(the_id_does_not_depend_on_signatures_and_the_leaf_does) {
    struct tx tx, after;
    struct hash id, leaf, id_after, leaf_after;
    struct buf encoded = {0};
    make_sample(&tx);
    tx_encode(&encoded, &tx);
    tx_id(&id, &tx);
    tx_leaf(&leaf, buf_bytes(&encoded), &tx);
    encoded.data[encoded.len - 1] ^= 1;
    assert_ok(tx_decode(&after, buf_bytes(&encoded)));
    tx_id(&id_after, &after);
    tx_leaf(&leaf_after, buf_bytes(&encoded), &after);
    ck_assert(hash_equal(&id, &id_after));
    ck_assert(!hash_equal(&leaf, &leaf_after));
    buf_clear(&encoded);
}
END_TEST

START_TEST(only_a_deployment_may_pass_64_kib) {
    struct tx tx, back;
    make_sample(&tx);
    uint8_t *large = calloc(1, LIMIT_TX_BYTES);
    tx.actions[2].deploy.code = bytes_of(large, LIMIT_TX_BYTES);
    struct buf encoded = {0};
    tx_encode(&encoded, &tx);
    assert_ok(tx_decode(&back, buf_bytes(&encoded)));
    buf_reset(&encoded);
    tx.actions[2] = tx.actions[0];
    tx.actions[1].call.arguments = bytes_of(large, LIMIT_TX_BYTES);
    tx_encode(&encoded, &tx);
    assert_status(tx_decode(&back, buf_bytes(&encoded)), STATUS_TOO_LARGE);
    buf_clear(&encoded);
    free(large);
}
END_TEST

START_TEST(no_action_too_many_and_bad_method_names_are_refused) {
    struct tx tx, back;
    struct buf encoded = {0};
    make_sample(&tx);
    tx.action_count = 0;
    tx_encode(&encoded, &tx);
    assert_status(tx_decode(&back, buf_bytes(&encoded)), STATUS_MALFORMED);
    buf_reset(&encoded);
    make_sample(&tx);
    tx.actions[1].call.method = bytes_of_string("Do it");
    tx_encode(&encoded, &tx);
    assert_status(tx_decode(&back, buf_bytes(&encoded)), STATUS_MALFORMED);
    buf_reset(&encoded);
    make_sample(&tx);
    tx.version = 2;
    tx_encode(&encoded, &tx);
    assert_status(tx_decode(&back, buf_bytes(&encoded)), STATUS_UNSUPPORTED);
    buf_clear(&encoded);
}
END_TEST

START_TEST(an_authority_that_nobody_could_meet_is_refused) {
    static const struct {
        size_t at;
        uint8_t byte;
        enum status status;
    } cases[] = {{0, 0, STATUS_INVALID},     // threshold zero
                 {0, 4, STATUS_INVALID},     // above the sum of the weights
                 {40, 0, STATUS_INVALID},    // a weight of zero
                 {42, 1, STATUS_INVALID},    // a key twice
                 {42, 4, STATUS_INVALID},    // out of order
                 {4, 17, STATUS_TOO_LARGE}}; // too many
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct authority authority;
        uint8_t bytes[sizeof two_of_three];
        memcpy(bytes, two_of_three, sizeof bytes);
        bytes[cases[i].at] = cases[i].byte;
        struct decoder decoder = decoder_of(BYTES_OF(bytes));
        authority_decode_from(&decoder, &authority);
        assert_status(decoder.status, cases[i].status);
    }
    uint8_t none[8] = {0};
    struct authority authority;
    struct decoder decoder = decoder_of(BYTES_OF(none));
    authority_decode_from(&decoder, &authority);
    assert_status(decoder.status, STATUS_INVALID);
}
END_TEST

START_TEST(a_commission_above_the_whole_and_votes_out_of_order_are_refused) {
    struct tx tx, back;
    struct buf encoded = {0};
    make_sample(&tx);
    tx.actions[8].register_candidate.commission++;
    tx_encode(&encoded, &tx);
    assert_status(tx_decode(&back, buf_bytes(&encoded)), STATUS_MALFORMED);
    for (int i = 0; i < 2; i++) {
        uint8_t ids[64] = {[31] = 2, [63] = (uint8_t)(i == 0 ? 2 : 1)};
        make_sample(&tx);
        tx.actions[10].vote.candidates = BYTES_OF(ids);
        buf_reset(&encoded);
        tx_encode(&encoded, &tx);
        assert_status(tx_decode(&back, buf_bytes(&encoded)), STATUS_MALFORMED);
    }
    buf_clear(&encoded);
}
END_TEST

START_TEST(only_what_contradicts_itself_is_evidence) {
    static const struct {
        enum vote_kind first, second;
        uint8_t first_block, second_block;
        bool is_evidence;
    } cases[] = {
        {VOTE_PROPOSE, VOTE_PROPOSE, 1, 2, true},
        {VOTE_NOTARIZE, VOTE_NOTARIZE, 1, 2, true},
        {VOTE_FINALIZE, VOTE_FINALIZE, 1, 2, true},
        {VOTE_NULLIFY, VOTE_FINALIZE, 0, 2, true},
        {VOTE_NULLIFY, VOTE_FINALIZE, 1, 2, false},  // of a block
        {VOTE_NOTARIZE, VOTE_NOTARIZE, 2, 1, false}, // the other way round
        {VOTE_NOTARIZE, VOTE_NOTARIZE, 1, 1, false},
        {VOTE_NULLIFY, VOTE_NULLIFY, 0, 1, false},
        {VOTE_FINALIZE, VOTE_NULLIFY, 2, 0, false},
        {VOTE_NOTARIZE, VOTE_NULLIFY, 1, 0, false}, // its view brought nothing
        {VOTE_NOTARIZE, VOTE_FINALIZE, 1, 2, false},
        {VOTE_PROPOSE, VOTE_NOTARIZE, 1, 2, false},
    };
    struct buf encoded = {0};
    struct tx tx, back;
    make_sample(&tx);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct evidence *evidence = &tx.actions[15].evidence;
        evidence->first.kind = cases[i].first;
        evidence->second.kind = cases[i].second;
        evidence->first.block_id.bytes[0] = cases[i].first_block;
        evidence->second.block_id.bytes[0] = cases[i].second_block;
        buf_reset(&encoded);
        tx_encode(&encoded, &tx);
        assert_status(tx_decode(&back, buf_bytes(&encoded)),
                      cases[i].is_evidence ? STATUS_OK : STATUS_MALFORMED);
    }
    buf_clear(&encoded);
}
END_TEST

START_TEST(tags_that_are_kept_for_later_are_refused) {
    struct tx tx, back;
    make_sample(&tx);
    tx.action_count = 1;
    struct buf encoded = {0};
    tx_encode(&encoded, &tx);
    size_t place = 1 + 32 + 4 + 5 * 8 - 8 + 33 + 4;
    ck_assert_uint_eq(encoded.data[place], TX_TRANSFER);
    for (unsigned tag = 0; tag < 256; tag++) {
        if (tag < TX_ACTION_KINDS) continue;
        encoded.data[place] = (uint8_t)tag;
        assert_status(tx_decode(&back, buf_bytes(&encoded)), STATUS_MALFORMED);
    }
    buf_clear(&encoded);
}
END_TEST

Suite *tx_suite(void) {
    Suite *suite = suite_create("tx");
    TCase *cases = tcase_create("tx");
    tcase_set_timeout(cases, 60); // an Ed25519 verification for most bits
    tcase_add_test(cases, a_transaction_comes_back_as_it_was_encoded);
    tcase_add_test(cases, every_truncation_and_a_trailing_byte_are_refused);
    tcase_add_test(cases, every_flipped_bit_is_refused_or_breaks_a_signature);
    tcase_add_test(cases, a_fault_is_told_by_its_field);
    tcase_add_test(cases, the_id_does_not_depend_on_signatures_and_the_leaf_does);
    tcase_add_test(cases, only_a_deployment_may_pass_64_kib);
    tcase_add_test(cases, an_authority_that_nobody_could_meet_is_refused);
    tcase_add_test(cases, a_commission_above_the_whole_and_votes_out_of_order_are_refused);
    tcase_add_test(cases, only_what_contradicts_itself_is_evidence);
    tcase_add_test(cases, tags_that_are_kept_for_later_are_refused);
    tcase_add_test(cases, no_action_too_many_and_bad_method_names_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
