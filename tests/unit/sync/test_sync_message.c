// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sync/sync_message.h"

#include "chaincore/base/memory.h"
#include "tests/support/unit.h"
#include "tests/unit/sync/suites.h"

static void check_golden(const struct sync_message *message, const char *hex) {
    struct buf out = {0};
    struct sync_message again;
    char *text = mem_alloc(2 * strlen(hex) + 1);
    sync_encode(&out, message);
    ck_assert_uint_eq(2 * out.len, strlen(hex));
    hex_encode(text, buf_bytes(&out));
    ck_assert_str_eq(text, hex);
    assert_ok(sync_decode(&again, buf_bytes(&out)));
    ck_assert_int_eq(again.kind, message->kind);
    ck_assert_uint_eq(again.number, message->number);
    for (size_t len = 0; len < out.len; len++)
        ck_assert(sync_decode(&again, bytes_of(out.data, len)) != STATUS_OK);
    buf_append_byte(&out, 0);
    assert_status(sync_decode(&again, buf_bytes(&out)), STATUS_TRAILING);
    mem_free(text);
    buf_clear(&out);
}

START_TEST(messages_have_their_bytes_and_no_other_length) {
    check_golden(
        &(struct sync_message){.kind = SYNC_ASK_HEADERS, .number = 1, .from = 2, .count = 3},
        "00010000000200000000000000"
        "0300");
    check_golden(
        &(struct sync_message){
            .kind = SYNC_ASK_BLOCKS, .number = 0x04030201, .from = 5, .count = 6, .most_bytes = 7},
        "02010203040500000000000000"
        "060007000000");
    check_golden(
        &(struct sync_message){
            .kind = SYNC_BLOCK, .number = 8, .from = 9, .body = bytes_of_string("ab")},
        "03080000000900000000000000"
        "020000006162");
    check_golden(
        &(struct sync_message){.kind = SYNC_NOTHING, .number = 10, .oldest = 11, .newest = 12},
        "040a0000000b000000000000000c00000000000000");
}
END_TEST

START_TEST(headers_are_encoded_one_after_the_other_with_their_certificate) {
    struct buf headers = {0}, out = {0}, again = {0};
    struct sync_message decoded;
    for (uint64_t height = 3; height < 6; height++)
        header_encode(&headers, &(struct header){.version = HEADER_VERSION, .height = height});
    struct sync_message message = {.kind = SYNC_HEADERS,
                                   .number = 1,
                                   .newest = 2,
                                   .headers = buf_bytes(&headers),
                                   .header_count = 3,
                                   .certificate = bytes_of_string("signatures")};
    sync_encode(&out, &message);
    ck_assert_uint_eq(out.len, 1 + 4 + 8 + 4 + headers.len + 4 + 10);
    assert_ok(sync_decode(&decoded, buf_bytes(&out)));
    assert_bytes_equal(decoded.headers, buf_bytes(&headers));
    assert_bytes_equal(decoded.certificate, bytes_of_string("signatures"));
    sync_encode(&again, &decoded);
    assert_bytes_equal(buf_bytes(&again), buf_bytes(&out));
    for (size_t len = 0; len < out.len; len++)
        ck_assert(sync_decode(&decoded, bytes_of(out.data, len)) != STATUS_OK);
    buf_clear(&headers);
    buf_clear(&out);
    buf_clear(&again);
}
END_TEST

START_TEST(what_is_beyond_a_bound_is_no_message) {
    static const struct sync_message wrong[] = {
        {.kind = SYNC_ASK_HEADERS, .from = 1, .count = LIMIT_SYNC_HEADERS + 1},
        {.kind = SYNC_ASK_HEADERS, .from = 1, .count = 0},
        {.kind = SYNC_ASK_HEADERS, .from = 0, .count = 1},
        {.kind = SYNC_ASK_BLOCKS, .from = 1, .count = LIMIT_SYNC_BLOCKS + 1, .most_bytes = 1},
        {.kind = SYNC_ASK_BLOCKS, .from = 1, .count = 1, .most_bytes = LIMIT_SYNC_ANSWER_BYTES + 1},
        {.kind = SYNC_ASK_BLOCKS, .from = 1, .count = 1, .most_bytes = 0},
        {.kind = SYNC_ASK_BLOCKS, .from = 1, .count = 0, .most_bytes = 1},
        {.kind = SYNC_HEADERS, .newest = 1, .header_count = 0},
        {.kind = SYNC_HEADERS, .newest = 1, .header_count = LIMIT_SYNC_HEADERS + 1},
    };
    struct sync_message decoded;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct buf out = {0};
        sync_encode(&out, &wrong[i]);
        ck_assert(sync_decode(&decoded, buf_bytes(&out)) != STATUS_OK);
        buf_clear(&out);
    }
    ck_assert(sync_decode(&decoded, bytes_of("\5\0\0\0\0", 5)) != STATUS_OK);
    ck_assert(sync_decode(&decoded, bytes_of("", 0)) != STATUS_OK);
}
END_TEST

Suite *sync_message_suite(void) {
    Suite *suite = suite_create("sync_message");
    TCase *cases = tcase_create("sync_message");
    tcase_add_test(cases, messages_have_their_bytes_and_no_other_length);
    tcase_add_test(cases, headers_are_encoded_one_after_the_other_with_their_certificate);
    tcase_add_test(cases, what_is_beyond_a_bound_is_no_message);
    suite_add_tcase(suite, cases);
    return suite;
}
