// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/buf.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/clock_shared.h"
#include "chaincore/base/file.h"
#include "tests/support/unit.h"

Suite *codec_suite(void);
Suite *file_suite(void);
Suite *utf8_suite(void);

START_TEST(an_arena_hands_out_zeroed_aligned_memory_after_a_reset) {
    struct arena arena = {0};
    uint8_t *first = arena_alloc(&arena, 100);
    memset(first, 0xff, 100);
    arena_reset(&arena);
    uint8_t *second = arena_alloc(&arena, 100);
    ck_assert_ptr_eq(first, second);
    for (int i = 0; i < 100; i++) ck_assert_uint_eq(second[i], 0);
    ck_assert_uint_eq((uintptr_t)arena_alloc(&arena, 1) % 16, 0);
    arena_clear(&arena);
}
END_TEST

START_TEST(an_arena_goes_back_to_a_mark) {
    struct arena arena = {0};
    struct arena_mark empty = arena_mark(&arena);
    uint8_t *kept = arena_alloc(&arena, 100);
    memset(kept, 7, 100);
    struct arena_mark mark = arena_mark(&arena);
    uint8_t *near = arena_alloc(&arena, 16);
    memset(near, 9, 16);
    for (int i = 0; i < 100; i++) memset(arena_alloc(&arena, 100000), 9, 100000);
    arena_rewind(&arena, mark);
    ck_assert_ptr_eq(arena_alloc(&arena, 16), near);
    for (int i = 0; i < 16; i++) ck_assert_uint_eq(near[i], 0);
    for (int i = 0; i < 100; i++) ck_assert_uint_eq(kept[i], 7);
    arena_rewind(&arena, empty);
    ck_assert_ptr_null(arena.newest);
}
END_TEST

START_TEST(an_arena_grows_past_its_largest_chunk) {
    struct arena arena = {0};
    uint8_t *large = arena_alloc(&arena, 3u << 20);
    large[(3u << 20) - 1] = 7;
    struct bytes copy = arena_copy(&arena, bytes_of_string("hello"));
    assert_bytes_equal(copy, bytes_of_string("hello"));
    ck_assert_str_eq(arena_format(&arena, "%d-%s", 5, "x"), "5-x");
    arena_clear(&arena);
    ck_assert_ptr_null(arena.newest);
}
END_TEST

START_TEST(a_buf_keeps_what_was_appended) {
    struct buf buf = {0};
    for (int i = 0; i < 1000; i++) buf_append_format(&buf, "%d,", i);
    ck_assert_uint_eq(buf.len, 3890);
    ck_assert_str_eq(buf_as_string(&buf) + 3886, "999,");
    buf_clear(&buf);
}
END_TEST

START_TEST(a_buf_over_an_array_takes_what_fits_and_then_halts) {
    uint8_t storage[4];
    struct buf buf = BUF_OVER(storage);
    buf_append(&buf, bytes_of_string("four"));
    ck_assert_mem_eq(storage, "four", 4);
    buf_append_byte(&buf, '.');
}
END_TEST

START_TEST(bytes_order_puts_a_prefix_first) {
    ck_assert_int_lt(bytes_compare(bytes_of_string("ab"), bytes_of_string("abc")), 0);
    ck_assert_int_gt(bytes_compare(bytes_of_string("b"), bytes_of_string("abc")), 0);
    ck_assert_int_eq(bytes_compare(bytes_of_string(""), bytes_of(NULL, 0)), 0);
    ck_assert(bytes_start_with(bytes_of_string("abc"), bytes_of_string("ab")));
    ck_assert(!bytes_start_with(bytes_of_string("a"), bytes_of_string("ab")));
}
END_TEST

START_TEST(hex_is_read_back_and_bad_hex_refused) {
    uint8_t bytes[4] = {0x00, 0xff, 0x1a, 0xe0};
    char text[9];
    hex_encode(text, BYTES_OF(bytes));
    ck_assert_str_eq(text, "00ff1ae0");
    uint8_t back[4];
    assert_ok(hex_decode(back, sizeof back, "00FF1ae0"));
    ck_assert_mem_eq(back, bytes, sizeof bytes);
    assert_status(hex_decode(back, sizeof back, "00ff1ae"), STATUS_MALFORMED);
    assert_status(hex_decode(back, sizeof back, "00ff1aeg"), STATUS_MALFORMED);
}
END_TEST

START_TEST(a_time_is_written_in_utc) {
    char text[25];
    static const struct {
        int64_t time_ms;
        const char *text;
    } cases[] = {{0, "1970-01-01T00:00:00.000Z"},
                 {-1, "1969-12-31T23:59:59.999Z"},
                 {-152582400000, "1965-03-02T00:00:00.000Z"},
                 {-62167219200000, "0000-01-01T00:00:00.000Z"},
                 {INT64_MIN, "0000-01-01T00:00:00.000Z"},
                 {253402300799999, "9999-12-31T23:59:59.999Z"},
                 {INT64_MAX, "9999-12-31T23:59:59.999Z"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clock_format_utc(text, cases[i].time_ms);
        ck_assert_str_eq(text, cases[i].text);
    }
    clock_format_utc(text, 1767225599007);
    ck_assert_str_eq(text, "2025-12-31T23:59:59.007Z");
}
END_TEST

// In a process of its own, as another program would.
static void move_shared_clock(const char *path, uint64_t ms) {
    int ended;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        bool is_there = clock_wall_share(path) == STATUS_OK && clock_wall_is_shared();
        clock_wall_advance(ms);
        _exit(is_there ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_int_eq(ended, 0);
}

START_TEST(a_shared_clock_is_moved_for_all_and_found_again) {
    enum { HOUR_MS = 3600 * 1000 };
    char folder[] = "/tmp/lmm-clock-XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/clock", folder);
    ck_assert(!clock_wall_is_shared());
    move_shared_clock(path, HOUR_MS);
    uint64_t before_ms = clock_wall_ms();
    assert_ok(clock_wall_share(path));
    ck_assert_uint_ge(clock_wall_ms(), before_ms + HOUR_MS);
    move_shared_clock(path, HOUR_MS);
    ck_assert_uint_eq(clock_wall_shift_ms(), 2 * HOUR_MS);
    clock_wall_set_back(3 * HOUR_MS);
    ck_assert_uint_lt(clock_wall_ms(), before_ms);
    move_shared_clock(path, HOUR_MS);
    ck_assert_uint_eq(clock_wall_shift_ms(), 0);
    assert_ok(file_remove_tree(folder));
}
END_TEST

START_TEST(what_is_no_shared_clock_is_refused) {
    char folder[] = "/tmp/lmm-clock-XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/clock", folder);
    assert_ok(file_replace(path, bytes_of_string("now"), 0600));
    assert_status(clock_wall_share(path), STATUS_CORRUPT);
    assert_status(clock_wall_share(folder), STATUS_IO);
    ck_assert(!clock_wall_is_shared());
    assert_ok(file_remove_tree(folder));
}
END_TEST

static Suite *base_suite(void) {
    Suite *suite = suite_create("base");
    TCase *cases = tcase_create("base");
    tcase_add_test(cases, an_arena_hands_out_zeroed_aligned_memory_after_a_reset);
    tcase_add_test(cases, an_arena_goes_back_to_a_mark);
    tcase_add_test(cases, an_arena_grows_past_its_largest_chunk);
    tcase_add_test(cases, a_buf_keeps_what_was_appended);
    tcase_add_test_raise_signal(cases, a_buf_over_an_array_takes_what_fits_and_then_halts, SIGABRT);
    tcase_add_test(cases, bytes_order_puts_a_prefix_first);
    tcase_add_test(cases, hex_is_read_back_and_bad_hex_refused);
    tcase_add_test(cases, a_time_is_written_in_utc);
    tcase_add_test(cases, a_shared_clock_is_moved_for_all_and_found_again);
    tcase_add_test(cases, what_is_no_shared_clock_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, base_suite());
    srunner_add_suite(runner, codec_suite());
    srunner_add_suite(runner, file_suite());
    srunner_add_suite(runner, utf8_suite());
}
