// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/mempool.h"

#include "tests/support/unit.h"
#include "tests/unit/node/suites.h"

START_TEST(a_payer_backs_no_more_than_it_holds) {
    struct mempool *pool = mempool_create();
    struct mempool_entry entry = {
        .valid_until = 10, .encoded = bytes_of_string("abc"), .most = amount_of_units(40)};
    for (uint8_t i = 0; i < 3; i++) {
        entry.lane.number = i;
        entry.id.bytes[0] = i;
        ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(100)),
                         i < 2 ? TX_CODE_OK : TX_CODE_CANNOT_PAY_GAS);
    }
    entry.lane.number = 0;
    mempool_advance(pool, &entry.lane, 1); // one is done: there is room for one again
    entry.lane.number = 2;
    ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(100)), TX_CODE_OK);
    ck_assert_uint_eq(mempool_count(pool), 2);
    mempool_free(pool);
}
END_TEST

START_TEST(the_mempool_keeps_its_bounds_and_its_order) {
    struct mempool *pool = mempool_create();
    struct mempool_entry entry = {.valid_until = 10, .encoded = bytes_of_string("abc")};
    const struct mempool_entry *picked[64];
    for (uint64_t seq = 0; seq < 20; seq++) {
        for (uint8_t sender = 0; sender < 3; sender++) {
            entry.lane.account = (struct account_id){{sender}};
            entry.seq = seq;
            hash_bytes(&entry.id, HASH_TX, bytes_of(&entry, sizeof entry.lane + 8 + 32));
            ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(0)), TX_CODE_OK);
        }
    }
    ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(0)), TX_CODE_DUPLICATE);
    ck_assert_uint_eq(mempool_select(pool, picked, 7, 1000), 7);
    for (int i = 0; i < 7; i++) {
        ck_assert_uint_eq(picked[i]->lane.account.bytes[0], (unsigned)i % 3);
        ck_assert_uint_eq(picked[i]->seq, (unsigned)i / 3);
    }
    ck_assert_uint_eq(mempool_select(pool, picked, 64, 3 * 4), 4);
    mempool_advance(pool, &entry.lane, 5);
    ck_assert_uint_eq(mempool_count(pool), 55);
    mempool_drop_from(pool, &entry.lane, 6);
    ck_assert_uint_eq(mempool_count(pool), 41);
    mempool_expire(pool, 10);
    ck_assert_uint_eq(mempool_count(pool), 41);
    mempool_expire(pool, 11);
    ck_assert_uint_eq(mempool_count(pool), 0);
    mempool_free(pool);
}
END_TEST

Suite *mempool_suite(void) {
    Suite *suite = suite_create("mempool");
    TCase *cases = tcase_create("mempool");
    tcase_add_test(cases, a_payer_backs_no_more_than_it_holds);
    tcase_add_test(cases, the_mempool_keeps_its_bounds_and_its_order);
    suite_add_tcase(suite, cases);
    return suite;
}
