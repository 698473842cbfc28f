// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/message.h"

#include <stdlib.h>

#include "tests/unit/witness/suites.h"

// One of each, with every field set.
enum { SAMPLES = 10 };

static struct hash hash_of_byte(uint8_t byte) {
    struct hash hash;
    memset(hash.bytes, byte, sizeof hash.bytes);
    return hash;
}

static const struct header *sample_header(void) {
    static struct header header;
    header = (struct header){.version = HEADER_VERSION,
                             .chain_id = hash_of_byte(9),
                             .height = 7,
                             .epoch = 3,
                             .view = 40,
                             .parent = hash_of_byte(8),
                             .time_ms = 1234567,
                             .leader = 2,
                             .parent_voters_len = 1,
                             .parent_voters = {7}};
    return &header;
}

static void encode_vote(struct buf *out, enum vote_kind kind) {
    struct vote_signer signers[3] = {{.witness = 98}, {.witness = 99}, {.witness = 100}};
    struct consensus_message message = {
        .kind = MESSAGE_VOTES,
        .votes = {.epoch = 3, .view = 41, .kind = kind, .count = 3, .signers = signers}};
    if (kind != VOTE_NULLIFY) message.votes.block_id = hash_of_byte(5);
    for (size_t i = 0; i < 3; i++) memset(signers[i].signature.bytes, 6, 64);
    wire_encode(out, &message, NULL);
}

static void encode_certificate(struct buf *out, enum vote_kind kind) {
    static struct certificate certificate;
    struct signature signature;
    memset(signature.bytes, 4, 64);
    certificate = (struct certificate){.view = 41};
    for (uint16_t i = 0; i < 3; i++) certificate_add(&certificate, i, &signature);
    struct consensus_message message = {
        .kind = MESSAGE_CERTIFICATE,
        .sealed = {.epoch = 3, .kind = kind, .certificate = &certificate}};
    if (kind != VOTE_NULLIFY) message.sealed.block_id = hash_of_byte(5);
    wire_encode(out, &message, &(struct wire_company){.witness_count = 4});
}

static void encode_sample(struct buf *out, int sample) {
    struct wire_company company = {.body = bytes_of_string("the body")};
    struct consensus_message proposal = {
        .kind = MESSAGE_PROPOSAL, .proposal = {.epoch = 3, .view = 41, .header = sample_header()}};
    memset(proposal.proposal.signature.bytes, 3, 64);
    struct consensus_message fetch = {.kind = MESSAGE_FETCH,
                                      .fetch = {.epoch = 3,
                                                .view = 41,
                                                .final_height = 6,
                                                .certificates_from = 38,
                                                .block_id = hash_of_byte(5)}};
    struct consensus_message ahead = {.kind = MESSAGE_AHEAD, .ahead = {.epoch = 3, .height = 99}};
    buf_reset(out);
    switch (sample) {
    case 0:
        wire_encode(out, &proposal, &company);
        break;
    case 1:
    case 2:
    case 3:
        encode_vote(out, (enum vote_kind)sample);
        break;
    case 4:
    case 5:
    case 6:
        encode_certificate(out, (enum vote_kind)(sample - 3));
        break;
    case 7:
        wire_encode(out, &fetch, NULL);
        break;
    case 8:
        wire_encode(out, &ahead, NULL);
        break;
    default:
        wire_encode_block(out, sample_header(), company.body);
    }
}

static void encode_again(struct buf *out, const struct wire_message *message) {
    buf_reset(out);
    if (message->kind == WIRE_BLOCK) {
        wire_encode_block(out, &message->header, message->body);
        return;
    }
    struct wire_company company = {.body = message->body, .witness_count = message->witness_count};
    wire_encode(out, &message->message, &company);
}

// In memory of just that size, so that a sanitizer sees what is read behind its end.
static enum status decode_copy(struct wire_message *out, struct bytes in) {
    uint8_t *copy = malloc(in.len + (in.len == 0));
    memcpy(copy, in.data, in.len);
    enum status status = wire_decode(out, bytes_of(copy, in.len));
    free(copy);
    return status;
}

START_TEST(what_is_encoded_decodes_to_the_same) {
    static struct wire_message message;
    struct buf encoded = {0}, again = {0};
    encode_sample(&encoded, _i);
    assert_ok(wire_decode(&message, buf_bytes(&encoded)));
    encode_again(&again, &message);
    assert_bytes_equal(buf_bytes(&encoded), buf_bytes(&again));
    buf_clear(&encoded);
    buf_clear(&again);
}
END_TEST

START_TEST(a_message_that_ends_early_or_late_is_refused) {
    static struct wire_message message;
    struct buf encoded = {0};
    encode_sample(&encoded, _i);
    for (size_t len = 0; len < encoded.len; len++)
        assert_status(decode_copy(&message, bytes_of(encoded.data, len)), STATUS_TRUNCATED);
    buf_append_byte(&encoded, 0);
    assert_status(wire_decode(&message, buf_bytes(&encoded)), STATUS_TRAILING);
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_flipped_bit_is_refused_or_means_something_else) {
    static struct wire_message message;
    struct buf encoded = {0}, again = {0};
    encode_sample(&encoded, _i);
    for (size_t bit = 0; bit < 8 * encoded.len; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (wire_decode(&message, buf_bytes(&encoded)) == STATUS_OK) {
            encode_again(&again, &message);
            assert_bytes_equal(buf_bytes(&encoded), buf_bytes(&again));
        }
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_clear(&encoded);
    buf_clear(&again);
}
END_TEST

START_TEST(a_proposal_carries_the_id_of_its_header) {
    static struct wire_message message;
    struct buf encoded = {0};
    struct hash id;
    encode_sample(&encoded, 0);
    assert_ok(wire_decode(&message, buf_bytes(&encoded)));
    header_id(&id, sample_header());
    ck_assert(hash_equal(&message.message.proposal.id, &id));
    ck_assert_ptr_eq(message.message.proposal.header, &message.header);
    assert_bytes_equal(message.body, bytes_of_string("the body"));
    buf_clear(&encoded);
}
END_TEST

static enum status decode_changed(struct buf *encoded, size_t at, struct bytes put) {
    static struct wire_message message;
    memcpy(encoded->data + at, put.data, put.len);
    return decode_copy(&message, buf_bytes(encoded));
}

START_TEST(what_is_out_of_bounds_is_refused) {
    static const uint8_t witness[2] = {101}, zero[32] = {0}, large[4] = {5, 0, 0x40, 0}, kind = 0,
                         set[2] = {102}, stranger = 0x17, tag = WIRE_KINDS, many = 102,
                         same[2] = {98}, before[2] = {97};
    const size_t count_at = 1 + 8 + 8 + 32, signer_at = count_at + 1;
    const size_t body_at = 1 + 8 + 8 + 64 + 337 + 1;
    struct {
        int sample;
        size_t at;
        struct bytes put;
        enum status expected;
    } cases[] = {
        {1, signer_at + 2 * 66, BYTES_OF(witness), STATUS_TOO_LARGE},
        {1, signer_at + 66, BYTES_OF(same), STATUS_MALFORMED},
        {1, signer_at + 66, BYTES_OF(before), STATUS_MALFORMED},
        {1, count_at, BYTES_OF(many), STATUS_TOO_LARGE},
        {1, 17, BYTES_OF(zero), STATUS_MALFORMED},
        {0, body_at, BYTES_OF(large), STATUS_TOO_LARGE},
        {4, 9, BYTES_OF(kind), STATUS_MALFORMED},
        {4, 42, BYTES_OF(set), STATUS_TOO_LARGE},
        {4, 52, BYTES_OF(stranger), STATUS_MALFORMED},
        {7, 34, BYTES_OF(zero), STATUS_MALFORMED},
        {1, 0, BYTES_OF(tag), STATUS_MALFORMED},
    };
    struct buf encoded = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        encode_sample(&encoded, cases[i].sample);
        assert_status(decode_changed(&encoded, cases[i].at, cases[i].put), cases[i].expected);
    }
    buf_clear(&encoded);
}
END_TEST

START_TEST(votes_of_nobody_are_refused) {
    static struct wire_message message;
    struct buf encoded = {0};
    encode_sample(&encoded, 2);
    const size_t count_at = 1 + 8 + 8;
    encoded.data[count_at] = 0;
    assert_status(wire_decode(&message, bytes_of(encoded.data, count_at + 1)), STATUS_MALFORMED);
    buf_clear(&encoded);
}
END_TEST

START_TEST(nothing_larger_than_the_largest_block_is_looked_at) {
    static struct wire_message message;
    uint8_t *long_one = calloc(1, WIRE_MAX_BYTES + 1);
    assert_status(wire_decode(&message, bytes_of(long_one, WIRE_MAX_BYTES + 1)), STATUS_TOO_LARGE);
    free(long_one);
    struct header header = *sample_header();
    header.parent_voters_len = VOTER_BITMAP_BYTES;
    uint8_t *body = calloc(1, LIMIT_BODY_BYTES);
    struct buf encoded = {0};
    struct consensus_message proposal = {.kind = MESSAGE_PROPOSAL, .proposal = {.header = &header}};
    wire_encode(&encoded, &proposal,
                &(struct wire_company){.body = bytes_of(body, LIMIT_BODY_BYTES)});
    ck_assert_uint_eq(encoded.len, WIRE_MAX_BYTES);
    assert_ok(wire_decode(&message, buf_bytes(&encoded)));
    buf_clear(&encoded);
    free(body);
}
END_TEST

Suite *message_suite(void) {
    Suite *suite = suite_create("message");
    TCase *cases = tcase_create("bytes");
    suite_add_tcase(suite, cases);
    tcase_add_loop_test(cases, what_is_encoded_decodes_to_the_same, 0, SAMPLES);
    tcase_add_loop_test(cases, a_message_that_ends_early_or_late_is_refused, 0, SAMPLES);
    tcase_add_loop_test(cases, a_flipped_bit_is_refused_or_means_something_else, 0, SAMPLES);
    tcase_add_test(cases, a_proposal_carries_the_id_of_its_header);
    tcase_add_test(cases, what_is_out_of_bounds_is_refused);
    tcase_add_test(cases, votes_of_nobody_are_refused);
    tcase_add_test(cases, nothing_larger_than_the_largest_block_is_looked_at);
    return suite;
}
