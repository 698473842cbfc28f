// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/ledger/certificate_log.h"
#include "tests/unit/ledger/log_fixture.h"

START_TEST(blocks_and_transactions_are_found_across_segments_and_restarts) {
    char folder[64], path[128];
    make_folder(folder);
    log_fill(folder, (struct log_range){1, 9}, SMALL_SEGMENT);
    log_fill(folder, (struct log_range){10, 20}, SMALL_SEGMENT);
    log_check(folder, 20, SMALL_SEGMENT);
    snprintf(path, sizeof path, "%s/000000000001.idx", folder);
    ck_assert_int_eq(unlink(path), 0); // made again
    log_check(folder, 20, SMALL_SEGMENT);
    flip_byte(path, 100, 0xee); // damaged: made again
    log_check(folder, 20, SMALL_SEGMENT);
    remove_folder(folder);
}
END_TEST

START_TEST(a_tail_torn_at_any_byte_is_cut_and_the_rest_stays) {
    char folder[64], path[128];
    struct stat two, three;
    struct buf whole = {0};
    make_folder(folder);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    log_fill(folder, (struct log_range){1, 2}, 0);
    ck_assert_int_eq(stat(path, &two), 0);
    log_fill(folder, (struct log_range){3, 3}, 0);
    ck_assert_int_eq(stat(path, &three), 0);
    read_whole(&whole, path);
    for (off_t size = three.st_size - 1; size >= two.st_size; size--) {
        write_whole(path, bytes_of(whole.data, (size_t)size));
        log_check(folder, 2, 0);
    }
    log_fill(folder, (struct log_range){3, 3}, 0); // goes on behind the cut
    log_check(folder, 3, 0);
    buf_clear(&whole);
    remove_folder(folder);
}
END_TEST

START_TEST(a_final_block_that_is_short_or_gone_is_refused) {
    char folder[64], path[128];
    struct block_log *log;
    struct stat info;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    log_fill(folder, (struct log_range){1, 3}, 0);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(truncate(path, info.st_size - 1), 0);
    assert_status(log_open(&log, folder, 3, 0), STATUS_CORRUPT);
    ck_assert_int_eq(unlink(path), 0);
    assert_status(log_open(&log, folder, 3, 0), STATUS_CORRUPT);
    remove_folder(folder);
}
END_TEST

Suite *block_log_suite(void) {
    Suite *suite = suite_create("block_log");
    TCase *cases = tcase_create("block_log");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, blocks_and_transactions_are_found_across_segments_and_restarts);
    tcase_add_test(cases, a_tail_torn_at_any_byte_is_cut_and_the_rest_stays);
    tcase_add_test(cases, a_final_block_that_is_short_or_gone_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
