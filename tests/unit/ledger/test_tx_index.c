// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/tx_index.h"

#include <unistd.h>

#include "chaincore/base/memory.h"
#include "tests/unit/ledger/log_fixture.h"

enum { FIRST = 7, BLOCKS = 600, ALIKE = 200 }; // so many ids share their first eight bytes

static char folder[64], path[128];
static struct segment segment;
static struct tx_table table;
static struct tx_index index_front;
static _Atomic uint64_t pages_read;

static void make_id(struct hash *out, uint32_t number) {
    log_make_tx_id(out, FIRST, number);
    if (number < ALIKE) memset(out->bytes, 0x55, 8);
}

static enum status open_front(void) {
    struct segment_front front = {.salt = segment.file.salt, .size = segment.size};
    struct tx_index_place place = {
        .path = path, .front = &front, .first_height = FIRST, .pages_read = &pages_read};
    return tx_index_open(&index_front, &place);
}

// The index of a segment with so many transactions.
static void make_index(uint32_t count) {
    char log_path[128];
    struct segment_scan scan = {0};
    make_folder(folder);
    snprintf(log_path, sizeof log_path, "%s/segment", folder);
    snprintf(path, sizeof path, "%s/index", folder);
    assert_ok(segment_open(&segment, log_path, FIRST, &scan));
    for (uint32_t i = 0; i < BLOCKS; i++) {
        assert_ok(segment_write(&segment, BYTES_OF(i)));
        segment_note(&segment, sizeof i);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct tx_entry entry = {.height = FIRST + i % BLOCKS, .index = i};
        make_id(&entry.id, i);
        tx_table_add(&table, &entry);
    }
    tx_table_keep(&table, 99);
    assert_ok(tx_index_write(path, &segment, &table));
    assert_ok(open_front());
}

static void clear_index(void) {
    segment_close(&segment);
    tx_table_clear(&table);
    remove_folder(folder);
}

static struct tx_index_file index_file(void) {
    return (struct tx_index_file){.index = &index_front, .path = path, .pages_read = &pages_read};
}

// What the index says, with a filter in memory and without; the first status that is not OK.
static enum status check_all(uint32_t count) {
    struct tx_index_file file = index_file();
    struct tx_filter *filter = NULL;
    struct block_log_place place;
    struct hash id;
    uint64_t offset;
    enum status status;
    TRY(tx_filter_load(&filter, &file));
    for (uint32_t i = 0; i < 2 * count; i++) {
        make_id(&id, i);
        status = tx_index_find(&file, i % 2 ? filter : NULL, &id, &place);
        if (i < count) TRY(status);
        if (i >= count && status != STATUS_NOT_FOUND) TRY(status);
        if (i < count) ck_assert(place.index == i && place.height == FIRST + i % BLOCKS);
    }
    for (uint32_t i = 0; i < BLOCKS; i++) {
        TRY(tx_index_offset(&file, FIRST + i, &offset));
        ck_assert_uint_eq(offset, segment.offsets[i]);
    }
out:
    tx_filter_free(filter);
    return status;
}

// Every page once, of a table of two pages.
static enum status read_all_pages(void) {
    struct tx_index_file file = index_file();
    struct tx_filter *filter = NULL;
    struct block_log_place place;
    uint64_t offset;
    struct tx_entry *sorted = tx_table_sorted(&table);
    enum status status;
    TRY(tx_filter_load(&filter, &file));
    TRY(tx_index_find(&file, filter, &sorted[0].id, &place));
    TRY(tx_index_find(&file, filter, &sorted[table.count - 1].id, &place));
    TRY(tx_index_offset(&file, FIRST, &offset));
    TRY(tx_index_offset(&file, FIRST + BLOCKS - 1, &offset));
out:
    mem_free(sorted);
    tx_filter_free(filter);
    return status;
}

START_TEST(every_transaction_and_every_block_is_found) {
    static const uint32_t counts[] = {0, 1, ALIKE, 4000};
    uint32_t count = counts[_i];
    make_index(count);
    ck_assert_uint_eq(index_front.block_count, BLOCKS);
    ck_assert_uint_eq(index_front.entry_count, count);
    ck_assert_uint_eq(index_front.kept_until_ms, 99);
    assert_ok(check_all(count));
    clear_index();
}
END_TEST

START_TEST(an_opened_index_costs_a_page_and_a_miss_costs_none) {
    enum { COUNT = 20000, MISSES = 20000 };
    struct tx_filter *filter;
    struct block_log_place place;
    struct hash id;
    make_index(COUNT);
    ck_assert_uint_eq(pages_read, 1);
    struct tx_index_file file = index_file();
    assert_ok(tx_filter_load(&filter, &file));
    ck_assert_uint_le(tx_filter_bytes(&index_front), 2 * COUNT);
    pages_read = 0;
    for (uint32_t i = COUNT; i < COUNT + MISSES; i++) {
        make_id(&id, i);
        assert_status(tx_index_find(&file, filter, &id, &place), STATUS_NOT_FOUND);
    }
    ck_assert_uint_le(pages_read, MISSES / 50); // the false positives
    pages_read = 0;
    make_id(&id, COUNT - 1);
    assert_ok(tx_index_find(&file, filter, &id, &place));
    ck_assert_uint_le(pages_read, 2);
    tx_filter_free(filter);
    clear_index();
}
END_TEST

START_TEST(every_flipped_byte_of_an_index_is_found) {
    enum { COUNT = 150, PAGES = 1 + 2 + 1 + 1 + 2 };
    struct buf whole = {0};
    make_index(COUNT);
    read_whole(&whole, path);
    assert_ok(read_all_pages());
    ck_assert_uint_ge(pages_read, PAGES);
    ck_assert_uint_eq(whole.len, PAGES * 4096);
    for (size_t at = 0; at < whole.len; at++) {
        flip_byte(path, at, at % 2 ? 0x80 : 0x01);
        enum status status = open_front();
        if (status == STATUS_OK) status = read_all_pages();
        assert_status(status, STATUS_CORRUPT);
        flip_byte(path, at, at % 2 ? 0x80 : 0x01);
    }
    assert_ok(open_front());
    assert_ok(check_all(COUNT));
    buf_clear(&whole);
    clear_index();
}
END_TEST

START_TEST(an_index_that_is_short_or_of_another_segment_is_not_opened) {
    struct buf whole = {0};
    make_index(250);
    read_whole(&whole, path);
    for (size_t len = 0; len < whole.len; len += 509) {
        write_whole(path, bytes_of(whole.data, len));
        assert_status(open_front(), STATUS_CORRUPT);
    }
    write_whole(path, buf_bytes(&whole));
    segment.size++;
    assert_status(open_front(), STATUS_CORRUPT);
    segment.size--;
    segment.file.salt.bytes[15] ^= 1;
    assert_status(open_front(), STATUS_CORRUPT);
    segment.file.salt.bytes[15] ^= 1;
    assert_ok(open_front());
    ck_assert_int_eq(unlink(path), 0);
    assert_status(open_front(), STATUS_NOT_FOUND);
    buf_clear(&whole);
    clear_index();
}
END_TEST

START_TEST(pages_do_not_pass_for_one_another) {
    enum { PAGE = 4096 };
    struct buf whole = {0}, page = {0};
    make_index(250);
    read_whole(&whole, path);
    buf_append(&page, bytes_of(whole.data + whole.len - PAGE, PAGE));
    memcpy(whole.data + whole.len - PAGE, whole.data + whole.len - 2 * PAGE, PAGE);
    memcpy(whole.data + whole.len - 2 * PAGE, page.data, PAGE);
    write_whole(path, buf_bytes(&whole));
    assert_ok(open_front());
    assert_status(check_all(250), STATUS_CORRUPT);
    buf_clear(&whole);
    buf_clear(&page);
    clear_index();
}
END_TEST

Suite *tx_index_suite(void) {
    Suite *suite = suite_create("tx_index");
    TCase *cases = tcase_create("tx_index");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, every_transaction_and_every_block_is_found, 0, 4);
    tcase_add_test(cases, an_opened_index_costs_a_page_and_a_miss_costs_none);
    tcase_add_test(cases, every_flipped_byte_of_an_index_is_found);
    tcase_add_test(cases, an_index_that_is_short_or_of_another_segment_is_not_opened);
    tcase_add_test(cases, pages_do_not_pass_for_one_another);
    suite_add_tcase(suite, cases);
    return suite;
}
