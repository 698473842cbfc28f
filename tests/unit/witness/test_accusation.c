// SPDX-License-Identifier: Apache-2.0
// Which pairs of votes make evidence; that a driver's do is in stage.c.
#include "chaincore/witness/accusation.h"

#include "tests/unit/witness/suites.h"

static struct signed_vote vote_of(enum vote_kind kind, uint8_t block) {
    return (struct signed_vote){.epoch = 3,
                                .view = 7,
                                .kind = kind,
                                .witness = 2,
                                .block_id = {{block}},
                                .signature = {{(uint8_t)(1 + kind), block}}};
}

// What comes of it has one encoding, which a transaction may hold.
static void check_accepted(const struct evidence *evidence) {
    struct buf encoded = {0};
    struct evidence decoded;
    evidence_encode(&encoded, evidence);
    ck_assert_uint_eq(encoded.len, EVIDENCE_BYTES);
    struct decoder decoder = decoder_of(buf_bytes(&encoded));
    evidence_decode_from(&decoder, &decoded);
    assert_ok(decoder_finish(&decoder));
    buf_clear(&encoded);
}

START_TEST(contradictions_make_evidence_in_either_order) {
    static const struct {
        enum vote_kind kinds[2];
        uint8_t blocks[2];
    } pairs[] = {{{VOTE_PROPOSE, VOTE_PROPOSE}, {1, 2}},
                 {{VOTE_NOTARIZE, VOTE_NOTARIZE}, {1, 2}},
                 {{VOTE_FINALIZE, VOTE_FINALIZE}, {1, 2}},
                 {{VOTE_NULLIFY, VOTE_FINALIZE}, {0, 1}}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct signed_vote first = vote_of(pairs[i].kinds[0], pairs[i].blocks[0]);
        struct signed_vote second = vote_of(pairs[i].kinds[1], pairs[i].blocks[1]);
        struct evidence evidence, turned;
        ck_assert(evidence_of_votes(&evidence, &first, &second));
        ck_assert(evidence_of_votes(&turned, &second, &first));
        check_accepted(&evidence);
        check_accepted(&turned);
        ck_assert_uint_eq(evidence.epoch, 3);
        ck_assert_uint_eq(evidence.view, 7);
        ck_assert_uint_eq(evidence.witness, 2);
        ck_assert_int_eq(turned.first.kind, first.kind);
        ck_assert_mem_eq(&evidence.first.block_id, &first.block_id, sizeof first.block_id);
        ck_assert_mem_eq(&turned.first.block_id, &first.block_id, sizeof first.block_id);
        ck_assert_mem_eq(&turned.second.signature, &second.signature, sizeof second.signature);
    }
}
END_TEST

START_TEST(what_the_rules_allow_makes_none) {
    struct signed_vote notarize = vote_of(VOTE_NOTARIZE, 1), nullify = vote_of(VOTE_NULLIFY, 0);
    struct signed_vote finalize = vote_of(VOTE_FINALIZE, 1), propose = vote_of(VOTE_PROPOSE, 2);
    struct evidence evidence;
    ck_assert(!evidence_of_votes(&evidence, &notarize, &nullify));
    ck_assert(!evidence_of_votes(&evidence, &notarize, &finalize));
    ck_assert(!evidence_of_votes(&evidence, &propose, &notarize));
    ck_assert(!evidence_of_votes(&evidence, &finalize, &finalize));
    ck_assert(!evidence_of_votes(&evidence, &nullify, &nullify));
}
END_TEST

START_TEST(votes_of_different_places_make_none) {
    struct signed_vote one = vote_of(VOTE_FINALIZE, 1), others[3];
    struct evidence evidence;
    for (int i = 0; i < 3; i++) others[i] = vote_of(VOTE_FINALIZE, 2);
    ck_assert(evidence_of_votes(&evidence, &one, &others[0]));
    others[0].epoch++;
    others[1].view++;
    others[2].witness++;
    for (int i = 0; i < 3; i++) ck_assert(!evidence_of_votes(&evidence, &one, &others[i]));
}
END_TEST

Suite *accusation_suite(void) {
    Suite *suite = suite_create("accusation");
    TCase *cases = tcase_create("accusation");
    tcase_add_test(cases, contradictions_make_evidence_in_either_order);
    tcase_add_test(cases, what_the_rules_allow_makes_none);
    tcase_add_test(cases, votes_of_different_places_make_none);
    suite_add_tcase(suite, cases);
    return suite;
}
