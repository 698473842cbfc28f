// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/ledger/certificate_log.h"
#include "chaincore/ledger/tx_table.h"
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

struct reader {
    struct block_log *log;
    _Atomic bool must_stop;
    _Atomic uint64_t found;
    _Atomic uint64_t gone;
};

// Reads what may be pruned at any moment: a block is there, whole, or it is not.
static void *read_for_ever(void *argument) {
    struct reader *reader = argument;
    struct buf block = {0}, expected = {0};
    struct hash ids[TXS];
    uint64_t seed = 4;
    while (!reader->must_stop) {
        uint64_t height = next_random(&seed) % 100 + 1;
        struct block_log_place place;
        enum status status = block_log_read(reader->log, height, &block);
        log_make_block(&expected, ids, height);
        if (status == STATUS_OK) ENSURE(bytes_equal(buf_bytes(&block), buf_bytes(&expected)));
        ENSURE(status == STATUS_OK || status == STATUS_NOT_FOUND);
        if (status == STATUS_OK)
            reader->found++;
        else
            reader->gone++;
        status = block_log_find_tx(reader->log, &ids[1], &place);
        if (status == STATUS_OK) ENSURE(place.height == height && place.index == 1);
        ENSURE(status == STATUS_OK || status == STATUS_NOT_FOUND);
    }
    buf_clear(&block);
    buf_clear(&expected);
    return NULL;
}

START_TEST(what_is_pruned_is_gone_and_the_rest_stays_for_readers_too) {
    char folder[64];
    struct reader reader = {0};
    struct buf block = {0};
    struct hash ids[TXS];
    struct block_log_place place;
    pthread_t thread;
    uint64_t oldest = 1;
    make_folder(folder);
    log_fill(folder, (struct log_range){1, 100}, SMALL_SEGMENT);
    assert_ok(log_open(&reader.log, folder, 100, SMALL_SEGMENT));
    ck_assert_int_eq(pthread_create(&thread, NULL, read_for_ever, &reader), 0);
    // A block is kept until its height, in the fixture's time.
    for (uint64_t height = 1; height <= 80; height++) {
        struct block_log_bound early = {.height = height, .now_ms = oldest - 1};
        assert_ok(block_log_prune(reader.log, &early));
        ck_assert_uint_eq(block_log_oldest(reader.log), oldest);
        struct block_log_bound bound = {.height = height, .now_ms = UINT64_MAX};
        assert_ok(block_log_prune(reader.log, &bound));
        ck_assert_uint_ge(block_log_oldest(reader.log), oldest);
        oldest = block_log_oldest(reader.log);
        ck_assert_uint_le(oldest, height);
    }
    ck_assert_uint_gt(oldest, 40);
    while (reader.found == 0 || reader.gone == 0) sched_yield(); // it meets both
    reader.must_stop = true;
    pthread_join(thread, NULL);
    for (int again = 0; again < 2; again++) {
        assert_status(block_log_read(reader.log, oldest - 1, &block), STATUS_NOT_FOUND);
        assert_ok(block_log_read(reader.log, oldest, &block));
        log_make_tx_id(&ids[0], oldest - 1, 0);
        assert_status(block_log_find_tx(reader.log, &ids[0], &place), STATUS_NOT_FOUND);
        block_log_close(reader.log);
        struct block_log_config config = {.directory = folder,
                                          .durable_height = 100,
                                          .segment_bytes = SMALL_SEGMENT,
                                          .needed_from = oldest};
        assert_ok(block_log_open(&reader.log, &config));
    }
    block_log_close(reader.log);
    assert_status(log_open(&reader.log, folder, 100, SMALL_SEGMENT), STATUS_CORRUPT);
    buf_clear(&block);
    remove_folder(folder);
}
END_TEST

START_TEST(ids_that_were_tried_until_they_suit_do_not_crowd_a_table) {
    enum { ENTRIES = 4000, LONGEST = 200 };
    struct tx_table table = {0};
    struct block_log_place place;
    struct tx_entry entry = {0};
    for (entry.index = 0; entry.index < ENTRIES; entry.index++) {
        memcpy(entry.id.bytes + 16, &entry.index, sizeof entry.index);
        tx_table_add(&table, &entry);
    }
    ck_assert_uint_eq(table.count, ENTRIES);
    ck_assert_uint_le(tx_table_longest_run(&table), LONGEST);
    ck_assert(tx_table_find(&table, &entry.id, &place));
    ck_assert_uint_eq(place.index, ENTRIES - 1);
    tx_table_clear(&table);
}
END_TEST

Suite *block_log_suite(void) {
    Suite *suite = suite_create("block_log");
    TCase *cases = tcase_create("block_log");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, blocks_and_transactions_are_found_across_segments_and_restarts);
    tcase_add_test(cases, a_tail_torn_at_any_byte_is_cut_and_the_rest_stays);
    tcase_add_test(cases, a_final_block_that_is_short_or_gone_is_refused);
    tcase_add_test(cases, what_is_pruned_is_gone_and_the_rest_stays_for_readers_too);
    tcase_add_test(cases, ids_that_were_tried_until_they_suit_do_not_crowd_a_table);
    suite_add_tcase(suite, cases);
    return suite;
}
