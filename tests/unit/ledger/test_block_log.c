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

// Of segments that are closed, and of the open one.
START_TEST(the_start_of_a_block_is_read_alone) {
    enum { START = 10 };
    char folder[64], path[128];
    struct block_log *log;
    struct buf start = {0}, block = {0};
    struct hash ids[TXS];
    make_folder(folder);
    log_fill(folder, (struct log_range){1, 20}, SMALL_SEGMENT);
    assert_ok(log_open(&log, folder, 20, SMALL_SEGMENT));
    for (uint64_t height = 1; height <= 20; height++) {
        log_make_block(&block, ids, height);
        ck_assert_uint_gt(block.len, START);
        assert_ok(block_log_read_start(log, height, START, &start));
        ck_assert(bytes_equal(buf_bytes(&start), bytes_of(block.data, START)));
        assert_ok(block_log_read_start(log, height, block.len + 1, &start));
        ck_assert(bytes_equal(buf_bytes(&start), buf_bytes(&block)));
    }
    assert_status(block_log_read_start(log, 21, START, &start), STATUS_NOT_FOUND);
    // No checksum is of it; but it has to be where it is looked for, and of that height.
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    for (uint64_t at = 0; at < 20; at++) {
        if (at >= 8 && at < 12) continue; // the length of the whole
        flip_byte(path, 64 + at, 1);
        assert_status(block_log_read_start(log, 1, START, &start), STATUS_CORRUPT);
        flip_byte(path, 64 + at, 1);
    }
    assert_ok(block_log_read_start(log, 1, START, &start));
    block_log_close(log);
    buf_clear(&start);
    buf_clear(&block);
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
        status = block_log_find_tx(reader->log, &ids[1], 0, &place);
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
        assert_status(block_log_find_tx(reader.log, &ids[0], 0, &place), STATUS_NOT_FOUND);
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

enum { LONG = 200 }; // heights, in some forty segments

static struct block_log *open_long_log(const char *folder, uint64_t filter_bytes) {
    struct block_log *log;
    struct block_log_config config = {.directory = folder,
                                      .durable_height = LONG,
                                      .segment_bytes = SMALL_SEGMENT,
                                      .filter_bytes = filter_bytes};
    assert_ok(block_log_open(&log, &config));
    return log;
}

static uint64_t count_segments(const char *folder) {
    char path[128];
    uint64_t count = 0;
    for (unsigned height = 1; height <= LONG; height++) {
        snprintf(path, sizeof path, "%s/%012u.idx", folder, height);
        count += access(path, F_OK) == 0;
    }
    return count;
}

// Of so many looks for what is not there.
static uint64_t pages_of_misses(struct block_log *log, uint32_t count) {
    uint64_t before = block_log_pages_read(log);
    for (uint32_t i = 0; i < count; i++) {
        struct block_log_place place;
        struct hash id;
        log_make_tx_id(&id, 1000 * LONG, i);
        assert_status(block_log_find_tx(log, &id, 0, &place), STATUS_NOT_FOUND);
    }
    return block_log_pages_read(log) - before;
}

START_TEST(neither_a_start_nor_a_miss_reads_whole_indexes) {
    enum { MISSES = 100 };
    char folder[64];
    make_folder(folder);
    log_fill(folder, (struct log_range){1, LONG}, SMALL_SEGMENT);
    uint64_t segments = count_segments(folder);
    ck_assert_uint_gt(segments, 30);
    struct block_log *log = open_long_log(folder, 0);
    ck_assert_uint_eq(block_log_pages_read(log), segments);
    ck_assert_uint_eq(pages_of_misses(log, 1), 2 * segments); // fences and filter of each, once
    ck_assert_uint_le(pages_of_misses(log, MISSES), MISSES * segments / 50);
    block_log_close(log);
    remove_folder(folder);
}
END_TEST

START_TEST(a_look_goes_no_further_back_than_it_is_told) {
    char folder[64];
    struct block_log_place place;
    struct hash id;
    make_folder(folder);
    log_fill(folder, (struct log_range){1, LONG}, SMALL_SEGMENT);
    struct block_log *log = open_long_log(folder, 0);
    uint64_t before = block_log_pages_read(log);
    log_make_tx_id(&id, 10, 0);
    assert_status(block_log_find_tx(log, &id, LONG / 2, &place), STATUS_NOT_FOUND);
    ck_assert_uint_le(block_log_pages_read(log) - before, 2 * (count_segments(folder) / 2 + 1));
    for (uint64_t height = LONG / 2; height <= LONG; height++) {
        log_make_tx_id(&id, height, 1);
        assert_ok(block_log_find_tx(log, &id, LONG / 2, &place));
        ck_assert_uint_eq(place.height, height);
    }
    block_log_close(log);
    remove_folder(folder);
}
END_TEST

START_TEST(filters_keep_to_their_bound_and_the_newest_have_them) {
    enum { ROOM_FOR = 10 };
    char folder[64];
    struct buf block = {0};
    struct hash ids[TXS];
    struct block_log_place place;
    make_folder(folder);
    log_fill(folder, (struct log_range){1, LONG}, SMALL_SEGMENT);
    uint64_t segments = count_segments(folder);
    // A filter of these segments takes little more than a page.
    struct block_log *log = open_long_log(folder, ROOM_FOR * 4100);
    uint64_t first = pages_of_misses(log, 1);
    ck_assert_uint_eq(first, 2 * ROOM_FOR + (segments - ROOM_FOR)); // those without: a page each
    for (uint64_t height = LONG + 1; height <= LONG + 20; height++) {
        log_make_block(&block, ids, height);
        assert_ok(log_append(log, height, buf_bytes(&block), ids));
    }
    assert_ok(block_log_sync(log));
    uint64_t closed_since = 0;
    for (uint64_t height = 1; height <= LONG + 20; height++) {
        log_make_tx_id(&ids[0], height, 2);
        assert_ok(block_log_find_tx(log, &ids[0], 0, &place));
        ck_assert_uint_eq(place.height, height);
    }
    for (unsigned height = LONG + 1; height <= LONG + 20; height++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%012u.idx", folder, height);
        closed_since += access(path, F_OK) == 0;
    }
    ck_assert_uint_gt(closed_since, 1);
    uint64_t all = count_segments(folder) + closed_since;
    uint64_t again = pages_of_misses(log, 1);
    ck_assert_uint_ge(again, all - ROOM_FOR);
    ck_assert_uint_le(again, all - ROOM_FOR + 10); // false positives
    buf_clear(&block);
    block_log_close(log);
    remove_folder(folder);
}
END_TEST

START_TEST(an_index_damaged_under_an_open_log_is_made_again) {
    enum { PAGE = 4096, PAGES = 5 };
    char folder[64], path[128];
    struct buf whole = {0}, now = {0}, block = {0};
    struct hash ids[TXS];
    struct block_log_place place;
    struct block_log *log;
    make_folder(folder);
    log_fill(folder, (struct log_range){1, 20}, SMALL_SEGMENT);
    snprintf(path, sizeof path, "%s/000000000001.idx", folder);
    read_whole(&whole, path);
    ck_assert_uint_eq(whole.len, PAGES * PAGE);
    for (uint64_t page = 1; page < PAGES; page++) {
        assert_ok(log_open(&log, folder, 20, SMALL_SEGMENT));
        flip_byte(path, page * PAGE + 5, 1);
        assert_ok(block_log_read(log, 1, &block));
        log_make_tx_id(&ids[0], 1, 0);
        assert_ok(block_log_find_tx(log, &ids[0], 0, &place));
        read_whole(&now, path);
        // Behind the front, which has times of the fixture's own.
        assert_bytes_equal(bytes_of(now.data + PAGE, now.len - PAGE),
                           bytes_of(whole.data + PAGE, whole.len - PAGE));
        block_log_close(log);
    }
    // Not from a segment that is damaged too.
    assert_ok(log_open(&log, folder, 20, SMALL_SEGMENT));
    flip_byte(path, PAGE + 5, 1);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    flip_byte(path, 100, 1);
    assert_status(block_log_read(log, 2, &block), STATUS_CORRUPT);
    block_log_close(log);
    buf_clear(&whole);
    buf_clear(&now);
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

static enum status prepend(struct block_log *log, uint64_t from, uint64_t to) {
    struct buf blocks[16] = {0};
    struct bytes ascending[16];
    struct hash ids[TXS];
    size_t count = to - from + 1;
    ck_assert_uint_le(count, 16);
    for (size_t i = 0; i < count; i++) {
        log_make_block(&blocks[i], ids, from + i);
        ascending[i] = buf_bytes(&blocks[i]);
    }
    enum status status = block_log_prepend(log, from, ascending, count);
    for (size_t i = 0; i < count; i++) buf_clear(&blocks[i]);
    return status;
}

START_TEST(blocks_of_before_are_put_in_front) {
    enum { JOINED = 41 };
    char folder[64], path[128];
    struct block_log *log;
    struct buf block = {0};
    struct hash ids[TXS];
    make_folder(folder);
    struct block_log_config config = {.directory = folder,
                                      .segment_bytes = SMALL_SEGMENT,
                                      .first_height = JOINED,
                                      .filter_bytes = 12000}; // for some of them
    assert_ok(block_log_open(&log, &config));
    assert_status(prepend(log, 30, 39), STATUS_CONFLICT);
    assert_ok(prepend(log, 31, 40));
    ck_assert_uint_eq(block_log_oldest(log), 31);
    ck_assert_uint_eq(block_log_newest(log), 40);
    for (uint64_t height = JOINED; height <= 60; height++) {
        log_make_block(&block, ids, height);
        assert_ok(log_append(log, height, buf_bytes(&block), ids));
    }
    assert_ok(block_log_sync(log));
    assert_ok(prepend(log, 20, 30));
    assert_status(prepend(log, 20, 30), STATUS_CONFLICT);
    block_log_close(log);
    // A process that ended before a segment had its name.
    snprintf(path, sizeof path, "%s/000000000005.part", folder);
    write_whole(path, bytes_of_string("the beginning of it"));
    assert_ok(block_log_open(&log, &config));
    ck_assert_uint_eq(block_log_oldest(log), 20);
    assert_status(block_log_read(log, 19, &block), STATUS_NOT_FOUND);
    assert_ok(prepend(log, 5, 19));
    assert_ok(prepend(log, 1, 4));
    ck_assert_uint_eq(block_log_oldest(log), 1);
    for (uint64_t height = 1; height <= 60; height++) {
        struct block_log_place place;
        log_make_tx_id(&ids[1], height, 1);
        assert_ok(block_log_find_tx(log, &ids[1], 0, &place));
        ck_assert_uint_eq(place.height, height);
    }
    block_log_close(log);
    log_check(folder, 60, SMALL_SEGMENT);
    buf_clear(&block);
    remove_folder(folder);
}
END_TEST

START_TEST(what_is_no_block_is_not_put_in_front) {
    char folder[64];
    struct block_log *log;
    struct bytes none = bytes_of_string("no block");
    make_folder(folder);
    struct block_log_config config = {.directory = folder, .first_height = 9};
    assert_ok(block_log_open(&log, &config));
    ck_assert(block_log_prepend(log, 8, &none, 1) != STATUS_OK);
    ck_assert_uint_eq(block_log_oldest(log), 9);
    assert_ok(prepend(log, 8, 8));
    block_log_close(log);
    remove_folder(folder);
}
END_TEST

Suite *block_log_suite(void) {
    Suite *suite = suite_create("block_log");
    TCase *cases = tcase_create("block_log");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, blocks_and_transactions_are_found_across_segments_and_restarts);
    tcase_add_test(cases, the_start_of_a_block_is_read_alone);
    tcase_add_test(cases, a_tail_torn_at_any_byte_is_cut_and_the_rest_stays);
    tcase_add_test(cases, a_final_block_that_is_short_or_gone_is_refused);
    tcase_add_test(cases, what_is_pruned_is_gone_and_the_rest_stays_for_readers_too);
    tcase_add_test(cases, neither_a_start_nor_a_miss_reads_whole_indexes);
    tcase_add_test(cases, a_look_goes_no_further_back_than_it_is_told);
    tcase_add_test(cases, filters_keep_to_their_bound_and_the_newest_have_them);
    tcase_add_test(cases, an_index_damaged_under_an_open_log_is_made_again);
    tcase_add_test(cases, blocks_of_before_are_put_in_front);
    tcase_add_test(cases, what_is_no_block_is_not_put_in_front);
    tcase_add_test(cases, ids_that_were_tried_until_they_suit_do_not_crowd_a_table);
    suite_add_tcase(suite, cases);
    return suite;
}
