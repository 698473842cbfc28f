// SPDX-License-Identifier: Apache-2.0
// Proofs on chains whose witnesses change: from genesis over the hand-overs to those who signed,
// and for those who believe something newer already.
#include "chaincore/light/light.h"
#include "tests/support/light_chain.h"
#include "tests/support/unit.h"
#include "tests/unit/light/suites.h"

static struct light_chain chain;
static struct light_chain_proof made;
static struct light_fact fact;
static enum light_step step;

// Epochs of three blocks.
static void make_chain(uint64_t epochs, uint16_t witnesses, uint16_t change) {
    struct light_chain_plan plan = {.epochs = epochs,
                                    .epoch_blocks = 3,
                                    .interval_ms = 60000,
                                    .witnesses = witnesses,
                                    .change = change};
    light_chain_make(&chain, &plan);
}
static void begin(void) {
    ENSURE(crypto_init() == STATUS_OK);
    made = (struct light_chain_proof){0};
}
static void clear(void) {
    light_chain_proof_clear(&made);
    light_chain_clear(&chain);
}

// The event of block 1 under the last block of the chain.
static void prove(void) {
    light_chain_proof_clear(&made);
    assert_ok(light_chain_prove(&made, &chain, 1, chain.count - 1));
}
static enum status check(void) {
    return light_check_event(&fact, &step, &made.proof, &chain.chain_id);
}
static void fails_at(enum light_step expected) {
    ck_assert_int_ne(check(), STATUS_OK);
    ck_assert_str_eq(light_step_text(step), light_step_text(expected));
}

START_TEST(a_proof_leads_over_every_set_when_they_share_nobody) {
    make_chain(5, 4, 4);
    prove();
    ck_assert_uint_eq(made.path.count, 4);
    ck_assert_uint_eq(made.path.set.len, 0);
    assert_ok(check());
    ck_assert_uint_eq(fact.height, 1);
    ck_assert_uint_eq(fact.anchor_height, 14);
    ck_assert_uint_eq(fact.hand_overs, 4);
    ck_assert_uint_eq(fact.trusted_ms, LIGHT_CHAIN_BEGIN_MS);
    ck_assert_uint_eq(fact.signers, 3);
    made.proof.ground.backing.hand_over_count = 0;
    fails_at(LIGHT_CERTIFICATE);
}
END_TEST

START_TEST(sets_that_change_slowly_are_skipped_over) {
    // 7 witnesses, one leaves with each epoch. Enough of a set sign up to four epochs later, where
    // they hand over to the fifth.
    make_chain(40, 7, 1);
    prove();
    assert_ok(check());
    ck_assert_uint_ge(made.path.count, 39 / 5);
    ck_assert_uint_le(made.path.count, 2 * 39 / 5);
    // And straight to the anchor where that suffices.
    light_chain_clear(&chain);
    make_chain(4, 7, 1);
    prove();
    ck_assert_uint_eq(made.path.count, 0);
    ck_assert_uint_eq(made.path.set.len, 7 * 32);
    assert_ok(check());
}
END_TEST

START_TEST(a_set_that_stays_needs_no_hand_over_however_old_the_chain) {
    make_chain(100, 4, 0);
    prove();
    ck_assert_uint_eq(made.path.count, 0);
    ck_assert_uint_eq(made.path.set.len, 0);
    assert_ok(check());
}
END_TEST

// The signers of the last block, as they stand in the set of the first.
START_TEST(a_set_is_not_skipped_to_by_too_few_that_are_believed) {
    struct light_chain_vote vote;
    make_chain(5, 7, 4); // a set shares three with the next one
    assert_ok(light_chain_prove(&made, &chain, 1, 5));
    ck_assert_uint_eq(made.path.count, 0);
    assert_ok(check());
    vote = light_chain_vote(&chain, &made.proof.ground.anchor);
    vote.signers = 0x7c; // one of the three, and four that are new
    light_chain_certify(&chain, &made.certificate, &made.proof.ground.anchor, &vote);
    made.proof.ground.backing.certificate = buf_bytes(&made.certificate);
    fails_at(LIGHT_CERTIFICATE);
}
END_TEST

START_TEST(no_bit_of_a_proof_with_hand_overs_may_change) {
    static struct event_proof proof;
    struct buf encoded = {0};
    make_chain(3, 4, 4);
    prove();
    event_proof_encode(&encoded, &made.proof);
    assert_ok(event_proof_decode(&proof, buf_bytes(&encoded)));
    assert_ok(light_check_event(&fact, &step, &proof, &chain.chain_id));
    ck_assert_uint_eq(fact.hand_overs, 2);
    for (size_t bit = 0; bit < encoded.len * 8; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum status status = event_proof_decode(&proof, buf_bytes(&encoded));
        if (status == STATUS_OK) status = light_check_event(&fact, &step, &proof, &chain.chain_id);
        ck_assert_msg(status != STATUS_OK, "bit %zu", bit);
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t len = 0; len < encoded.len; len++)
        ck_assert_int_ne(event_proof_decode(&proof, bytes_of(encoded.data, len)), STATUS_OK);
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_proof_comes_back_as_it_was_encoded) {
    static struct event_proof back;
    struct buf first = {0}, second = {0};
    make_chain(40, 7, 1);
    prove();
    for (int has_backing = 0; has_backing < 2; has_backing++) {
        made.proof.ground.has_backing = has_backing;
        event_proof_encode(&first, &made.proof);
        assert_ok(event_proof_decode(&back, buf_bytes(&first)));
        event_proof_encode(&second, &back);
        assert_bytes_equal(buf_bytes(&first), buf_bytes(&second));
        buf_reset(&first);
        buf_reset(&second);
    }
    buf_clear(&first);
    buf_clear(&second);
}
END_TEST

static enum status decode_again(void) {
    static struct event_proof back;
    struct buf encoded = {0};
    event_proof_encode(&encoded, &made.proof);
    enum status status = event_proof_decode(&back, buf_bytes(&encoded));
    buf_clear(&encoded);
    return status;
}

START_TEST(hand_overs_are_bounded_in_number) {
    make_chain(PROOF_MAX_HAND_OVERS + 2, 1, 1);
    assert_ok(light_chain_prove(&made, &chain, 1, 3 * PROOF_MAX_HAND_OVERS));
    ck_assert_uint_eq(made.path.count, PROOF_MAX_HAND_OVERS);
    assert_ok(check());
    assert_ok(decode_again());
    light_chain_proof_clear(&made);
    assert_status(light_chain_prove(&made, &chain, 1, chain.count - 1), STATUS_TOO_LARGE);
    assert_status(decode_again(), STATUS_TOO_LARGE);
}
END_TEST

START_TEST(hand_overs_ascend_and_each_leads_somewhere) {
    struct proof_hand_over one;
    struct buf encoded = {0};
    make_chain(3, 4, 4);
    prove();
    struct decoder in = decoder_of(made.proof.ground.backing.hand_overs);
    proof_hand_over_decode_from(&in, &one);
    ck_assert_uint_eq(one.header.height, 2);
    for (int wrong = 0; wrong < 4; wrong++) {
        struct proof_hand_over bad = one;
        buf_reset(&encoded);
        if (wrong == 0) bad.next.len = 0;
        if (wrong == 1) bad.header.height = 0;
        if (wrong == 2) bad.header.height = made.proof.ground.anchor.height;
        if (wrong == 3) proof_hand_over_encode(&encoded, &bad); // the same twice
        proof_hand_over_encode(&encoded, &bad);
        made.proof.ground.backing.hand_overs = buf_bytes(&encoded);
        made.proof.ground.backing.hand_over_count = wrong == 3 ? 2 : 1;
        assert_status(decode_again(), STATUS_MALFORMED);
    }
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_hand_over_names_the_set_that_its_header_does) {
    struct proof_hand_over hand_over;
    struct buf encoded = {0};
    struct witness_set other, doubled;
    make_chain(2, 4, 4);
    prove();
    struct decoder in = decoder_of(made.proof.ground.backing.hand_overs);
    proof_hand_over_decode_from(&in, &hand_over);
    other = chain.sets[2];
    doubled = chain.sets[1];
    doubled.keys[3] = doubled.keys[2];
    const struct bytes wrong[] = {witness_set_keys(&other), witness_set_keys(&doubled)};
    for (size_t i = 0; i < 4; i++) {
        struct proof_hand_over bad = hand_over;
        *(i < 2 ? &bad.next : &bad.set) = wrong[i % 2];
        buf_reset(&encoded);
        proof_hand_over_encode(&encoded, &bad);
        made.proof.ground.backing.hand_overs = buf_bytes(&encoded);
        fails_at(LIGHT_HAND_OVER);
    }
    made.proof.ground.backing.hand_overs.len--; // as no decoder hands it out
    fails_at(LIGHT_HAND_OVER);
    buf_clear(&encoded);
}
END_TEST

START_TEST(what_the_node_cannot_read_is_not_proven) {
    make_chain(3, 4, 4);
    chain.fails_at = 1;
    assert_status(light_chain_prove(&made, &chain, 1, chain.count - 1), STATUS_IO);
    chain.fails_at = 0;
    prove();
    struct proof_source source = light_chain_source(&chain);
    struct bytes certificate = made.proof.ground.backing.certificate;
    struct proof_path path;
    made.proof.ground.anchor.epoch = 9; // of which no set is known
    assert_status(proof_path_make(&path, &source, &made.proof.ground.anchor, certificate),
                  STATUS_NOT_FOUND);
    proof_path_clear(&path);
    made.proof.ground.anchor.epoch = 2;
    certificate.len--;
    assert_status(proof_path_make(&path, &source, &made.proof.ground.anchor, certificate),
                  STATUS_CORRUPT);
    proof_path_clear(&path);
}
END_TEST

static struct light_trust trust_at_genesis(void) {
    struct light_trust trust;
    assert_ok(light_trust_begin(&trust, buf_bytes(&chain.genesis_head), &chain.chain_id));
    return trust;
}
static enum status follow(struct light_trust *trust, uint64_t now_ms) {
    return light_trust_follow(trust, &step, &made.proof.ground, now_ms);
}
static enum status check_trusted(const struct light_trust *trust,
                                 const struct merkle_branch *history) {
    return light_check_event_trusted(&fact, &step, &made.proof, trust, history);
}

START_TEST(one_who_follows_the_chain_goes_by_the_backing_as_far_as_it_is_new) {
    make_chain(6, 4, 4);
    struct light_trust trust = trust_at_genesis();
    assert_ok(light_chain_prove(&made, &chain, 1, 7));
    uint64_t now_ms = made.proof.ground.anchor.time_ms;
    assert_ok(follow(&trust, now_ms));
    ck_assert_int_eq(step, LIGHT_DONE);
    ck_assert_uint_eq(trust.height, 7);
    assert_ok(check_trusted(&trust, NULL));
    ck_assert_uint_eq(fact.anchor_height, 7);
    ck_assert_uint_eq(fact.trusted_ms, trust.time_ms);
    // Another proof, made for one who knows genesis: what is below is passed over.
    prove();
    assert_ok(follow(&trust, made.proof.ground.anchor.time_ms));
    ck_assert_uint_eq(trust.height, chain.count - 1);
    assert_ok(check_trusted(&trust, NULL));
    assert_ok(follow(&trust, made.proof.ground.anchor.time_ms)); // nothing new
    // And an older one again, which moves nothing.
    struct light_trust before = trust;
    light_chain_proof_clear(&made);
    assert_ok(light_chain_prove(&made, &chain, 1, 7));
    assert_ok(follow(&trust, now_ms));
    ck_assert(memcmp(&before, &trust, sizeof trust) == 0);
    assert_status(check_trusted(&trust, NULL), STATUS_INVALID);
    ck_assert_int_eq(step, LIGHT_CERTIFICATE);
}
END_TEST

START_TEST(an_anchor_older_than_what_is_believed_is_proven_by_the_history) {
    struct merkle_branch branch;
    make_chain(3, 4, 4);
    struct light_trust trust = trust_at_genesis();
    prove();
    assert_ok(follow(&trust, made.proof.ground.anchor.time_ms));
    light_chain_proof_clear(&made);
    assert_ok(light_chain_prove(&made, &chain, 1, 4));
    merkle_branch_make(&branch, chain.ids, (size_t)trust.height, 4);
    assert_ok(check_trusted(&trust, &branch));
    ck_assert_uint_eq(fact.anchor_height, 4);
    made.proof.ground.has_backing = false; // it needs none
    assert_ok(check_trusted(&trust, &branch));
    branch.siblings[0].bytes[0] ^= 1;
    assert_status(check_trusted(&trust, &branch), STATUS_INVALID);
    ck_assert_int_eq(step, LIGHT_CERTIFICATE);
    branch.siblings[0].bytes[0] ^= 1;
    made.proof.receipt.gas_used ^= 1;
    assert_status(check_trusted(&trust, &branch), STATUS_INVALID);
    ck_assert_int_eq(step, LIGHT_RECEIPT);
}
END_TEST

START_TEST(following_keeps_to_the_trusting_period_and_the_clock) {
    make_chain(3, 4, 4);
    struct light_trust trust = trust_at_genesis();
    prove();
    assert_status(follow(&trust, trust.time_ms + TRUST_PERIOD_MS + 1), STATUS_TIMEOUT);
    ck_assert_int_eq(step, LIGHT_HAND_OVER);
    assert_status(follow(&trust, trust.time_ms), STATUS_INVALID); // from the future
    struct light_trust other = trust;
    other.chain_id.bytes[0] ^= 1;
    assert_status(follow(&other, made.proof.ground.anchor.time_ms), STATUS_INVALID);
    ck_assert_int_eq(step, LIGHT_CHAIN);
    made.proof.ground.has_backing = false;
    assert_status(follow(&trust, made.proof.ground.anchor.time_ms), STATUS_INVALID);
    ck_assert_int_eq(step, LIGHT_BACKING);
    ck_assert(!light_is_period_over(5, 5 + TRUST_PERIOD_MS));
    ck_assert(light_is_period_over(5, 6 + TRUST_PERIOD_MS));
    ck_assert(!light_is_period_over(5, 4));
}
END_TEST

// What light.h says of checks without a clock: the first witnesses are gone, and still sign.
START_TEST(keys_that_left_can_sign_another_past_but_not_for_one_who_followed) {
    struct header forged;
    make_chain(4, 4, 4);
    struct light_trust trust = trust_at_genesis();
    prove();
    assert_ok(follow(&trust, made.proof.ground.anchor.time_ms));
    forged = *light_chain_header(&chain, 2);
    forged.height = forged.view = trust.height + 1;
    forged.time_ms = trust.time_ms + 1;
    struct light_chain_vote vote = light_chain_vote(&chain, &forged);
    light_chain_certify(&chain, &made.certificate, &forged, &vote);
    made.proof.ground.anchor = made.proof.ground.header = forged;
    made.proof.ground.is_anchor_block = true;
    made.proof.ground.backing.certificate = buf_bytes(&made.certificate);
    made.proof.ground.backing.hand_over_count = 0;
    made.proof.ground.backing.hand_overs.len = 0;
    assert_ok(check());
    ck_assert(light_is_period_over(fact.trusted_ms, fact.trusted_ms + TRUST_PERIOD_MS + 1));
    assert_status(follow(&trust, forged.time_ms), STATUS_INVALID);
    assert_status(check_trusted(&trust, NULL), STATUS_INVALID);
}
END_TEST

START_TEST(two_blocks_that_are_final_at_one_height_are_a_conflict) {
    make_chain(2, 4, 0);
    struct light_trust trust = trust_at_genesis();
    prove();
    assert_ok(follow(&trust, made.proof.ground.anchor.time_ms));
    made.proof.ground.anchor.gas_used = 1;
    struct light_chain_vote vote = light_chain_vote(&chain, &made.proof.ground.anchor);
    light_chain_certify(&chain, &made.certificate, &made.proof.ground.anchor, &vote);
    made.proof.ground.backing.certificate = buf_bytes(&made.certificate);
    assert_status(follow(&trust, made.proof.ground.anchor.time_ms), STATUS_CONFLICT);
}
END_TEST

Suite *path_suite(void) {
    Suite *suite = suite_create("path");
    TCase *cases = tcase_create("path");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin, clear);
    tcase_add_test(cases, a_proof_leads_over_every_set_when_they_share_nobody);
    tcase_add_test(cases, sets_that_change_slowly_are_skipped_over);
    tcase_add_test(cases, a_set_that_stays_needs_no_hand_over_however_old_the_chain);
    tcase_add_test(cases, a_set_is_not_skipped_to_by_too_few_that_are_believed);
    tcase_add_test(cases, no_bit_of_a_proof_with_hand_overs_may_change);
    tcase_add_test(cases, a_proof_comes_back_as_it_was_encoded);
    tcase_add_test(cases, hand_overs_are_bounded_in_number);
    tcase_add_test(cases, hand_overs_ascend_and_each_leads_somewhere);
    tcase_add_test(cases, a_hand_over_names_the_set_that_its_header_does);
    tcase_add_test(cases, what_the_node_cannot_read_is_not_proven);
    tcase_add_test(cases, one_who_follows_the_chain_goes_by_the_backing_as_far_as_it_is_new);
    tcase_add_test(cases, an_anchor_older_than_what_is_believed_is_proven_by_the_history);
    tcase_add_test(cases, following_keeps_to_the_trusting_period_and_the_clock);
    tcase_add_test(cases, keys_that_left_can_sign_another_past_but_not_for_one_who_followed);
    tcase_add_test(cases, two_blocks_that_are_final_at_one_height_are_a_conflict);
    suite_add_tcase(suite, cases);
    return suite;
}
