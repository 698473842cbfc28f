// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sync/past_message.h"

#include "chaincore/base/memory.h"
#include "tests/support/unit.h"
#include "tests/unit/sync/suites.h"

static void check_golden(const struct past_message *message, const char *hex) {
    struct buf out = {0}, again = {0};
    struct past_message decoded;
    char *text = mem_alloc(2 * strlen(hex) + 1);
    past_encode(&out, message);
    ck_assert_uint_eq(2 * out.len, strlen(hex));
    hex_encode(text, buf_bytes(&out));
    ck_assert_str_eq(text, hex);
    assert_ok(past_decode(&decoded, buf_bytes(&out)));
    past_encode(&again, &decoded);
    assert_bytes_equal(buf_bytes(&again), buf_bytes(&out));
    for (size_t len = 0; len < out.len; len++)
        ck_assert(past_decode(&decoded, bytes_of(out.data, len)) != STATUS_OK);
    // Another bit is another message, or none.
    for (size_t bit = 0; bit < 8 * out.len; bit++) {
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (past_decode(&decoded, buf_bytes(&out)) == STATUS_OK) {
            buf_reset(&again);
            past_encode(&again, &decoded);
            assert_bytes_equal(buf_bytes(&again), buf_bytes(&out));
        }
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_append_byte(&out, 0);
    assert_status(past_decode(&decoded, buf_bytes(&out)), STATUS_TRAILING);
    mem_free(text);
    buf_clear(&out);
    buf_clear(&again);
}

START_TEST(messages_have_their_bytes_and_no_other_length) {
    check_golden(&(struct past_message){.kind = PAST_ASK, .number = 1},
                 "00010000000000000000000000000000000000000000");
    check_golden(&(struct past_message){.kind = PAST_ASK,
                                        .number = 0x04030201,
                                        .what = PAST_PIECE,
                                        .height = 5,
                                        .which = 6,
                                        .offset = 7},
                 "00010203040105000000000000000600000007000000");
    check_golden(
        &(struct past_message){
            .kind = PAST_ASK, .number = 8, .what = PAST_BLOCKS, .height = 256, .which = 256},
        "00080000000200010000000000000001000000000000");
    check_golden(&(struct past_message){.kind = PAST_PART,
                                        .number = 9,
                                        .height = 10,
                                        .total = 12,
                                        .offset = 3,
                                        .bytes = bytes_of_string("ab")},
                 "01090000000a000000000000000c00000003000000020000006162");
    check_golden(
        &(struct past_message){.kind = PAST_NOTHING, .number = 11, .oldest = 12, .snapshot = 13},
        "020b0000000c000000000000000d00000000000000");
}
END_TEST

START_TEST(what_is_beyond_a_bound_is_no_message) {
    static const struct past_message wrong[] = {
        {.kind = PAST_ASK, .what = PAST_MANIFEST, .which = 1},
        {.kind = PAST_ASK, .what = PAST_MANIFEST, .offset = 1},
        {.kind = PAST_ASK,
         .what = PAST_MANIFEST,
         .height = 1,
         .offset = SNAPSHOT_MAX_MANIFEST_BYTES},
        {.kind = PAST_ASK, .what = PAST_PIECE},
        {.kind = PAST_ASK, .what = PAST_PIECE, .height = 1, .which = SNAPSHOT_MAX_PIECES},
        {.kind = PAST_ASK, .what = PAST_PIECE, .height = 1, .offset = SNAPSHOT_MAX_PIECE_BYTES},
        {.kind = PAST_ASK, .what = PAST_BLOCKS, .height = 9},
        {.kind = PAST_ASK, .what = PAST_BLOCKS, .height = 9, .which = 10},
        {.kind = PAST_ASK, .what = PAST_BLOCKS, .height = 999, .which = PAST_MAX_BLOCKS + 1},
        {.kind = PAST_ASK,
         .what = PAST_BLOCKS,
         .height = 9,
         .which = 1,
         .offset = PAST_MAX_BLOCK_BYTES},
        {.kind = PAST_PART, .height = 1, .total = 1},
        {.kind = PAST_PART, .total = 1, .bytes = {(const uint8_t *)"a", 1}},
        {.kind = PAST_PART, .height = 1, .total = 1, .bytes = {(const uint8_t *)"ab", 2}},
        {.kind = PAST_PART,
         .height = 1,
         .total = 2,
         .offset = 2,
         .bytes = {(const uint8_t *)"a", 1}},
    };
    struct past_message decoded;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct buf out = {0};
        past_encode(&out, &wrong[i]);
        ck_assert_msg(past_decode(&decoded, buf_bytes(&out)) != STATUS_OK, "message %zu", i);
        buf_clear(&out);
    }
    ck_assert(past_decode(&decoded, bytes_of("\3\0\0\0\0", 5)) != STATUS_OK);
    ck_assert(past_decode(&decoded, bytes_of("", 0)) != STATUS_OK);
}
END_TEST

START_TEST(a_part_is_no_larger_than_an_answer) {
    struct buf large = {0}, out = {0};
    struct past_message decoded;
    memset(buf_reserve(&large, PAST_ANSWER_BYTES + 1), 7, PAST_ANSWER_BYTES + 1);
    struct past_message part = {.kind = PAST_PART, .height = 1, .total = PAST_ANSWER_BYTES + 1};
    part.bytes = bytes_of(large.data, PAST_ANSWER_BYTES);
    past_encode(&out, &part);
    ck_assert_uint_eq(out.len, PAST_MAX_BYTES);
    assert_ok(past_decode(&decoded, buf_bytes(&out)));
    buf_reset(&out);
    part.bytes = bytes_of(large.data, PAST_ANSWER_BYTES + 1);
    past_encode(&out, &part);
    assert_status(past_decode(&decoded, buf_bytes(&out)), STATUS_TOO_LARGE);
    buf_clear(&large);
    buf_clear(&out);
}
END_TEST

Suite *past_message_suite(void) {
    Suite *suite = suite_create("past_message");
    TCase *cases = tcase_create("past_message");
    tcase_add_test(cases, messages_have_their_bytes_and_no_other_length);
    tcase_add_test(cases, what_is_beyond_a_bound_is_no_message);
    tcase_add_test(cases, a_part_is_no_larger_than_an_answer);
    suite_add_tcase(suite, cases);
    return suite;
}
