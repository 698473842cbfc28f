// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/frame.h"
#include "apps/sharing/lock/test/suites.h"
#include "tests/support/unit.h"

static struct lock_frames_in in;
static uint8_t message[LIMIT_LOCK_MESSAGE_BYTES + 1];
static uint8_t frame[LIMIT_LOCK_FRAME_BYTES];

static void set_up(void) {
    memset(&in, 0, sizeof in);
    for (size_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)(i * 7 + i / 256);
}

static enum lock_code take(struct bytes bytes) {
    bool is_whole;
    enum lock_code code = lock_frame_take(&in, &is_whole, bytes);
    ck_assert(!is_whole || in.len == in.wanted);
    return code;
}

// In frames of that room, and back; how many it took.
static unsigned carry(size_t len, size_t room) {
    struct lock_frames_out out = {.message = bytes_of(message, len)};
    unsigned frames = 0;
    bool is_whole = false;
    size_t given;
    while ((given = lock_frame_give(&out, frame, room)) > 0) {
        ck_assert_uint_le(given, room);
        ck_assert(!is_whole);
        ck_assert_int_eq(lock_frame_take(&in, &is_whole, bytes_of(frame, given)), LOCK_CODE_OK);
        frames++;
    }
    ck_assert(is_whole);
    assert_bytes_equal(bytes_of(in.message, in.wanted), bytes_of(message, len));
    return frames;
}

START_TEST(any_message_goes_through_frames_of_any_size) {
    for (size_t room = 5; room <= LIMIT_LOCK_FRAME_BYTES; room += 17)
        for (size_t len = 1; len < 700; len += 13) carry(len, room);
    ck_assert_uint_eq(carry(1, LIMIT_LOCK_FRAME_BYTES), 1);
    ck_assert_uint_eq(carry(240, LIMIT_LOCK_FRAME_BYTES), 1);
    ck_assert_uint_eq(carry(241, LIMIT_LOCK_FRAME_BYTES), 2);
    ck_assert_uint_eq(carry(LIMIT_LOCK_MESSAGE_BYTES, LIMIT_LOCK_FRAME_BYTES), 34);
    ck_assert_uint_eq(carry(LIMIT_LOCK_MESSAGE_BYTES, 20), 456);
}
END_TEST

START_TEST(frames_are_of_a_size) {
    memset(frame, 0, sizeof frame);
    for (size_t len = 0; len <= 4; len++)
        ck_assert_int_eq(take(bytes_of(frame, len)), LOCK_CODE_FRAME_SIZE);
    ck_assert_int_eq(take(bytes_of(message, LIMIT_LOCK_FRAME_BYTES + 1)), LOCK_CODE_FRAME_SIZE);
}
END_TEST

START_TEST(messages_are_of_a_size) {
    static const uint8_t large[] = {0, 0, 1, 32, 5}, empty[] = {0, 0, 0, 0, 5},
                         over[] = {0, 0, 1, 0, 5, 6};
    _Static_assert(LIMIT_LOCK_MESSAGE_BYTES == 32 * 256, "one more is too many");
    ck_assert_int_eq(take(BYTES_OF(large)), LOCK_CODE_FRAME_SIZE);
    ck_assert_int_eq(take(BYTES_OF(empty)), LOCK_CODE_FRAME_SIZE);
    ck_assert_int_eq(take(BYTES_OF(over)), LOCK_CODE_FRAME_SIZE);
}
END_TEST

START_TEST(frames_come_in_order_and_once) {
    static const uint8_t first[] = {0, 0, 3, 0, 1}, second[] = {1, 0, 2}, third[] = {2, 0, 3},
                         fourth[] = {3, 0, 4};
    ck_assert_int_eq(take(BYTES_OF(second)), LOCK_CODE_FRAME_ORDER); // nothing has begun
    ck_assert_int_eq(take(BYTES_OF(first)), LOCK_CODE_OK);
    ck_assert_int_eq(take(BYTES_OF(third)), LOCK_CODE_FRAME_ORDER);
    ck_assert_int_eq(take(BYTES_OF(second)), LOCK_CODE_FRAME_ORDER); // it was forgotten
    ck_assert_int_eq(take(BYTES_OF(first)), LOCK_CODE_OK);
    ck_assert_int_eq(take(BYTES_OF(second)), LOCK_CODE_OK);
    ck_assert_int_eq(take(BYTES_OF(second)), LOCK_CODE_FRAME_ORDER);
    ck_assert_int_eq(take(BYTES_OF(first)), LOCK_CODE_OK);
    ck_assert_int_eq(take(BYTES_OF(second)), LOCK_CODE_OK);
    ck_assert_int_eq(take(BYTES_OF(third)), LOCK_CODE_OK);
    ck_assert_uint_eq(in.len, 3);
    ck_assert_int_eq(take(BYTES_OF(fourth)), LOCK_CODE_FRAME_ORDER); // it is whole
}
END_TEST

START_TEST(a_first_frame_begins_anew) {
    static const uint8_t first[] = {0, 0, 3, 0, 1};
    ck_assert_int_eq(take(BYTES_OF(first)), LOCK_CODE_OK);
    carry(500, LIMIT_LOCK_FRAME_BYTES);
}
END_TEST

TCase *frame_cases(void) {
    TCase *cases = tcase_create("frames");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_add_test(cases, any_message_goes_through_frames_of_any_size);
    tcase_add_test(cases, frames_are_of_a_size);
    tcase_add_test(cases, messages_are_of_a_size);
    tcase_add_test(cases, frames_come_in_order_and_once);
    tcase_add_test(cases, a_first_frame_begins_anew);
    return cases;
}
