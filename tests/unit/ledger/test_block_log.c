// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/chain/block.h"
#include "chaincore/ledger/block_log.h"
#include "chaincore/ledger/certificate_log.h"
#include "tests/unit/ledger/suites.h"

enum { TXS = 3, SMALL_SEGMENT = 3000 };

static void make_tx_id(struct hash *out, uint64_t height, uint32_t index) {
    uint64_t numbers[2] = {height, index};
    hash_bytes(out, HASH_TX, BYTES_OF(numbers));
}

static void make_block(struct buf *out, struct hash ids[TXS], uint64_t height) {
    struct block_tx txs[TXS] = {0};
    struct block block = {
        .header = {.version = HEADER_VERSION, .height = height}, .tx_count = TXS, .txs = txs};
    for (uint32_t i = 0; i < TXS; i++) {
        make_tx_id(&ids[i], height, i);
        txs[i] = (struct block_tx){.encoded = bytes_of_string("a transaction"),
                                   .receipt = {.tx_id = ids[i]}};
    }
    buf_reset(out);
    block_encode(out, &block);
}

static enum status open_log(struct block_log **out, const char *folder, uint64_t durable,
                            uint64_t segment_bytes) {
    struct block_log_config config = {
        .directory = folder, .durable_height = durable, .segment_bytes = segment_bytes};
    return block_log_open(out, &config);
}

static void fill_log(const char *folder, uint64_t from, uint64_t to, uint64_t segment_bytes) {
    struct block_log *log;
    struct buf block = {0};
    struct hash ids[TXS];
    assert_ok(open_log(&log, folder, from - 1, segment_bytes));
    for (uint64_t height = from; height <= to; height++) {
        make_block(&block, ids, height);
        assert_ok(block_log_append(log, height, buf_bytes(&block), ids, TXS));
    }
    assert_ok(block_log_sync(log));
    block_log_close(log);
    buf_clear(&block);
}

static void check_log(const char *folder, uint64_t to, uint64_t segment_bytes) {
    struct block_log *log;
    struct buf block = {0}, expected = {0};
    struct hash ids[TXS];
    struct block_log_place place;
    assert_ok(open_log(&log, folder, to, segment_bytes));
    ck_assert_uint_eq(block_log_newest(log), to);
    for (uint64_t height = 1; height <= to; height++) {
        make_block(&expected, ids, height);
        assert_ok(block_log_read(log, height, &block));
        assert_bytes_equal(buf_bytes(&block), buf_bytes(&expected));
        for (uint32_t i = 0; i < TXS; i++) {
            assert_ok(block_log_find_tx(log, &ids[i], &place));
            ck_assert_uint_eq(place.height, height);
            ck_assert_uint_eq(place.index, i);
        }
    }
    make_tx_id(&ids[0], to + 1, 0);
    assert_status(block_log_find_tx(log, &ids[0], &place), STATUS_NOT_FOUND);
    assert_status(block_log_read(log, to + 1, &block), STATUS_NOT_FOUND);
    assert_status(block_log_read(log, 0, &block), STATUS_NOT_FOUND);
    block_log_close(log);
    buf_clear(&block);
    buf_clear(&expected);
}

START_TEST(blocks_and_transactions_are_found_across_segments_and_restarts) {
    char folder[64], path[128];
    make_folder(folder);
    fill_log(folder, 1, 9, SMALL_SEGMENT);
    fill_log(folder, 10, 20, SMALL_SEGMENT);
    check_log(folder, 20, SMALL_SEGMENT);
    snprintf(path, sizeof path, "%s/000000000001.idx", folder);
    ck_assert_int_eq(unlink(path), 0); // made again
    check_log(folder, 20, SMALL_SEGMENT);
    FILE *file = fopen(path, "r+");
    fseek(file, 100, SEEK_SET);
    fputc(0xee, file); // damaged: made again
    fclose(file);
    check_log(folder, 20, SMALL_SEGMENT);
    remove_folder(folder);
}
END_TEST

START_TEST(a_tail_torn_at_any_byte_is_cut_and_the_rest_stays) {
    char folder[64], path[128];
    struct stat two, three;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    fill_log(folder, 1, 2, 0);
    ck_assert_int_eq(stat(path, &two), 0);
    fill_log(folder, 3, 3, 0);
    ck_assert_int_eq(stat(path, &three), 0);
    for (off_t size = three.st_size - 1; size >= two.st_size; size -= 7) {
        ck_assert_int_eq(truncate(path, size), 0);
        check_log(folder, 2, 0);
        fill_log(folder, 3, 3, 0);
    }
    remove_folder(folder);
}
END_TEST

START_TEST(a_final_block_that_is_short_or_gone_is_refused) {
    char folder[64], path[128];
    struct block_log *log;
    struct stat info;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    fill_log(folder, 1, 3, 0);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(truncate(path, info.st_size - 1), 0);
    assert_status(open_log(&log, folder, 3, 0), STATUS_CORRUPT);
    ck_assert_int_eq(unlink(path), 0);
    assert_status(open_log(&log, folder, 3, 0), STATUS_CORRUPT);
    remove_folder(folder);
}
END_TEST

START_TEST(a_flipped_byte_in_any_older_record_is_refused) {
    char folder[64], path[128];
    struct block_log *log;
    struct stat two;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/000000000001.log", folder);
    fill_log(folder, 1, 2, 0);
    ck_assert_int_eq(stat(path, &two), 0);
    fill_log(folder, 3, 3, 0);
    for (off_t at = 0; at < two.st_size; at++) {
        FILE *file = fopen(path, "r+");
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 0x10, file);
        fclose(file);
        // Even when nothing says that they were final: a whole record stands behind.
        assert_status(open_log(&log, folder, 0, 0), STATUS_CORRUPT);
        file = fopen(path, "r+");
        fseek(file, at, SEEK_SET);
        fputc(byte, file);
        fclose(file);
    }
    check_log(folder, 3, 0);
    remove_folder(folder);
}
END_TEST

START_TEST(certificates_come_back_and_a_torn_one_is_cut) {
    char folder[64], path[128];
    struct certificate_log *log;
    struct buf read = {0};
    struct stat info;
    make_folder(folder);
    snprintf(path, sizeof path, "%s/certificates.log", folder);
    assert_ok(certificate_log_open(&log, path));
    for (uint64_t height = 1; height <= 5; height++)
        assert_ok(certificate_log_append(log, height, BYTES_OF(height)));
    assert_status(certificate_log_append(log, 7, bytes_of_string("x")), STATUS_CONFLICT);
    assert_ok(certificate_log_sync(log));
    certificate_log_close(log);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(truncate(path, info.st_size - 3), 0);
    assert_ok(certificate_log_open(&log, path));
    ck_assert_uint_eq(certificate_log_newest(log), 4);
    assert_ok(certificate_log_read(log, 4, &read));
    ck_assert_uint_eq(load_u64_le(read.data), 4);
    assert_status(certificate_log_read(log, 5, &read), STATUS_NOT_FOUND);
    certificate_log_close(log);
    buf_clear(&read);
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
    tcase_add_test(cases, a_flipped_byte_in_any_older_record_is_refused);
    tcase_add_test(cases, certificates_come_back_and_a_torn_one_is_cut);
    suite_add_tcase(suite, cases);
    return suite;
}
