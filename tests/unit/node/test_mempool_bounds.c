// SPDX-License-Identifier: Apache-2.0
// The bounds that all senders together meet: in transactions, and in bytes.
#include "chaincore/base/limits.h"
#include "chaincore/node/mempool.h"
#include "tests/support/unit.h"
#include "tests/unit/node/suites.h"

// The number-th transaction, of a sender of its own.
static enum tx_code add(struct mempool *pool, uint32_t number, struct bytes encoded) {
    struct mempool_entry entry = {.valid_until = 10, .encoded = encoded};
    store_u32_le(entry.id.bytes, number);
    store_u32_le(entry.lane.account.bytes, number);
    entry.payer = entry.lane.account;
    return mempool_add(pool, &entry, 0, amount_of_units(0));
}

static void make_room(struct mempool *pool, uint32_t number) {
    struct tx_lane lane = {0};
    struct hash id = {0};
    store_u32_le(lane.account.bytes, number);
    store_u32_le(id.bytes, number);
    mempool_advance(pool, &lane, 1, &id);
}

START_TEST(it_holds_so_many_transactions_and_no_more) {
    struct mempool *pool = mempool_create();
    struct bytes encoded = bytes_of_string("abc");
    uint32_t number = 0;
    for (; number < LIMIT_MEMPOOL_TXS; number++)
        ck_assert_int_eq(add(pool, number, encoded), TX_CODE_OK);
    ck_assert_int_eq(add(pool, number, encoded), TX_CODE_MEMPOOL_FULL);
    ck_assert_uint_eq(mempool_count(pool), LIMIT_MEMPOOL_TXS);
    make_room(pool, 7);
    ck_assert_int_eq(add(pool, number, encoded), TX_CODE_OK);
    ck_assert_int_eq(add(pool, number + 1, encoded), TX_CODE_MEMPOOL_FULL);
    mempool_free(pool);
}
END_TEST

START_TEST(it_holds_so_many_bytes_and_no_more) {
    enum { EACH = 1024 * 1024, FIT = LIMIT_MEMPOOL_BYTES / EACH };
    struct mempool *pool = mempool_create();
    struct buf large = {0};
    memset(buf_reserve(&large, EACH), 0, EACH);
    uint32_t number = 0;
    for (; number < FIT - 1; number++)
        ck_assert_int_eq(add(pool, number, bytes_of(large.data, EACH)), TX_CODE_OK);
    ck_assert_int_eq(add(pool, number++, bytes_of(large.data, EACH - 1)), TX_CODE_OK);
    ck_assert_int_eq(add(pool, number++, bytes_of(large.data, 2)), TX_CODE_MEMPOOL_FULL);
    ck_assert_int_eq(add(pool, number++, bytes_of(large.data, 1)), TX_CODE_OK);
    ck_assert_int_eq(add(pool, number++, bytes_of(large.data, 1)), TX_CODE_MEMPOOL_FULL);
    make_room(pool, 7);
    ck_assert_int_eq(add(pool, number++, bytes_of(large.data, EACH)), TX_CODE_OK);
    ck_assert_int_eq(add(pool, number++, bytes_of(large.data, 1)), TX_CODE_MEMPOOL_FULL);
    buf_clear(&large);
    mempool_free(pool);
}
END_TEST

Suite *mempool_bounds_suite(void) {
    Suite *suite = suite_create("mempool_bounds");
    TCase *cases = tcase_create("bounds");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, it_holds_so_many_transactions_and_no_more);
    tcase_add_test(cases, it_holds_so_many_bytes_and_no_more);
    suite_add_tcase(suite, cases);
    return suite;
}
