// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/certificate.h"
#include "tests/unit/chain/suites.h"

struct committee {
    struct hash chain_id;
    struct witness_set set;
    struct secret_key keys[LIMIT_WITNESSES];
    struct vote vote;
};

static void make_committee(struct committee *out, uint16_t count) {
    memset(out, 0, sizeof *out);
    out->set.count = count;
    memset(out->chain_id.bytes, 9, 32);
    for (uint16_t i = 0; i < count; i++) {
        uint8_t seed[32] = {(uint8_t)i, 1};
        key_from_seed(&out->keys[i], &out->set.keys[i], seed);
    }
    out->vote = (struct vote){.epoch = 3, .kind = VOTE_FINALIZE, .view = 77};
    witness_set_hash(&out->vote.set_hash, &out->set);
    memset(out->vote.block_id.bytes, 5, 32);
}

static void make_certificate(struct certificate *out, const struct committee *committee,
                             uint16_t first, uint16_t signers) {
    struct hash payload;
    memset(out, 0, sizeof *out);
    out->view = committee->vote.view;
    vote_payload(&payload, &committee->vote);
    for (uint16_t i = first; i < first + signers; i++) {
        struct signature signature;
        sign_payload(&signature, &committee->keys[i], SIGN_VOTE, &committee->chain_id, &payload);
        certificate_add(out, i, &signature);
    }
}

START_TEST(a_quorum_is_more_than_two_thirds) {
    static const uint16_t expected[][2] = {{1, 1}, {3, 3}, {4, 3}, {7, 5}, {100, 67}, {101, 68}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_uint_eq(witness_quorum(expected[i][0]), expected[i][1]);
}
END_TEST

START_TEST(a_certificate_of_68_of_101_takes_4373_bytes) {
    static struct committee committee;
    static struct certificate certificate, back;
    make_committee(&committee, 101);
    make_certificate(&certificate, &committee, 33, 68);
    struct buf encoded = {0};
    certificate_encode(&encoded, &certificate, 101);
    ck_assert_uint_eq(encoded.len, 4373);
    struct decoder decoder = decoder_of(buf_bytes(&encoded));
    certificate_decode_from(&decoder, &back, 101);
    assert_ok(decoder_finish(&decoder));
    assert_ok(certificate_check(&back, &committee.set, &committee.vote, &committee.chain_id));
    buf_clear(&encoded);
}
END_TEST

START_TEST(one_signature_short_of_a_quorum_is_refused) {
    static struct committee committee;
    static struct certificate certificate;
    make_committee(&committee, 4);
    make_certificate(&certificate, &committee, 1, 2);
    assert_status(
        certificate_check(&certificate, &committee.set, &committee.vote, &committee.chain_id),
        STATUS_INVALID);
}
END_TEST

START_TEST(a_vote_for_anything_else_does_not_count) {
    static struct committee committee;
    static struct certificate certificate;
    make_committee(&committee, 4);
    make_certificate(&certificate, &committee, 0, 3);
    struct vote others[5];
    for (int i = 0; i < 5; i++) others[i] = committee.vote;
    others[0].epoch++;
    others[1].set_hash.bytes[0] ^= 1;
    others[2].kind = VOTE_NOTARIZE;
    others[3].block_id.bytes[31] ^= 1;
    for (int i = 0; i < 4; i++)
        assert_status(
            certificate_check(&certificate, &committee.set, &others[i], &committee.chain_id),
            STATUS_BAD_SIGNATURE);
    others[4].view++;
    assert_status(certificate_check(&certificate, &committee.set, &others[4], &committee.chain_id),
                  STATUS_INVALID);
    struct hash other_chain = {{1}};
    assert_status(certificate_check(&certificate, &committee.set, &committee.vote, &other_chain),
                  STATUS_BAD_SIGNATURE);
}
END_TEST

START_TEST(every_flipped_bit_of_a_certificate_is_refused) {
    static struct committee committee;
    static struct certificate certificate, back;
    make_committee(&committee, 4);
    make_certificate(&certificate, &committee, 0, 3);
    struct buf encoded = {0};
    certificate_encode(&encoded, &certificate, 4);
    for (size_t bit = 0; bit < encoded.len * 8; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct decoder decoder = decoder_of(buf_bytes(&encoded));
        certificate_decode_from(&decoder, &back, 4);
        enum status status = decoder_finish(&decoder);
        if (status == STATUS_OK)
            status = certificate_check(&back, &committee.set, &committee.vote, &committee.chain_id);
        ck_assert_msg(status != STATUS_OK, "bit %zu", bit);
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_set_of_nobody_or_of_too_many_certifies_nothing) {
    static struct committee committee;
    static struct certificate certificate;
    make_committee(&committee, 4);
    make_certificate(&certificate, &committee, 0, 4);
    committee.set.count = 0;
    assert_status(
        certificate_check(&certificate, &committee.set, &committee.vote, &committee.chain_id),
        STATUS_INVALID);
    committee.set.count = LIMIT_WITNESSES + 1;
    assert_status(
        certificate_check(&certificate, &committee.set, &committee.vote, &committee.chain_id),
        STATUS_INVALID);
    uint8_t bytes[64] = {0};
    struct decoder decoder = decoder_of(BYTES_OF(bytes));
    certificate_decode_from(&decoder, &certificate, LIMIT_WITNESSES + 1);
    assert_status(decoder_finish(&decoder), STATUS_TOO_LARGE);
}
END_TEST

// Made in memory, where nothing has counted the bits.
START_TEST(a_set_is_read_from_its_keys_unless_one_stands_twice) {
    static uint8_t keys[(LIMIT_WITNESSES + 1) * 32];
    struct witness_set set;
    for (uint8_t i = 0; i <= LIMIT_WITNESSES; i++) keys[i * 32] = i;
    assert_ok(witness_set_read(&set, bytes_of(keys, 3 * 32)));
    ck_assert_uint_eq(set.count, 3);
    assert_bytes_equal(witness_set_keys(&set), bytes_of(keys, 3 * 32));
    assert_ok(witness_set_read(&set, bytes_of(keys, LIMIT_WITNESSES * 32)));
    assert_status(witness_set_read(&set, BYTES_OF(keys)), STATUS_INVALID);
    assert_status(witness_set_read(&set, bytes_of(keys, 0)), STATUS_INVALID);
    assert_status(witness_set_read(&set, bytes_of(keys, 33)), STATUS_INVALID);
    keys[32] = 2;
    assert_status(witness_set_read(&set, bytes_of(keys, 3 * 32)), STATUS_INVALID);
}
END_TEST

START_TEST(there_is_a_signature_for_each_bit_and_no_other) {
    static struct committee committee;
    static struct certificate certificate;
    make_committee(&committee, 4);
    make_certificate(&certificate, &committee, 0, 3);
    certificate.bitmap[0] |= 8;
    assert_status(
        certificate_check(&certificate, &committee.set, &committee.vote, &committee.chain_id),
        STATUS_INVALID);
    make_certificate(&certificate, &committee, 0, 3);
    certificate.signature_count = 4;
    assert_status(
        certificate_check(&certificate, &committee.set, &committee.vote, &committee.chain_id),
        STATUS_INVALID);
}
END_TEST

Suite *certificate_suite(void) {
    Suite *suite = suite_create("certificate");
    TCase *cases = tcase_create("certificate");
    tcase_add_test(cases, a_quorum_is_more_than_two_thirds);
    tcase_add_test(cases, a_certificate_of_68_of_101_takes_4373_bytes);
    tcase_add_test(cases, one_signature_short_of_a_quorum_is_refused);
    tcase_add_test(cases, a_vote_for_anything_else_does_not_count);
    tcase_add_test(cases, every_flipped_bit_of_a_certificate_is_refused);
    tcase_add_test(cases, a_set_of_nobody_or_of_too_many_certifies_nothing);
    tcase_add_test(cases, a_set_is_read_from_its_keys_unless_one_stands_twice);
    tcase_add_test(cases, there_is_a_signature_for_each_bit_and_no_other);
    suite_add_tcase(suite, cases);
    return suite;
}
