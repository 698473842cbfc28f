// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/mempool.h"

#include "chaincore/node/drops.h"
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
    mempool_advance(pool, &entry.lane, 1, &entry.id); // one is done: there is room for one again
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
    mempool_advance(pool, &entry.lane, 5, &entry.id);
    ck_assert_uint_eq(mempool_count(pool), 55);
    mempool_drop_from(pool, &entry.lane, 6, TX_CODE_CANNOT_PAY_GAS);
    ck_assert_uint_eq(mempool_count(pool), 41);
    mempool_expire(pool, 10);
    ck_assert_uint_eq(mempool_count(pool), 41);
    mempool_expire(pool, 11);
    ck_assert_uint_eq(mempool_count(pool), 0);
    mempool_free(pool);
}
END_TEST

// Of two with one number one alone comes into a block; whoever sent the other is told.
START_TEST(what_another_has_taken_the_number_of_is_dropped) {
    struct mempool *pool = mempool_create();
    struct mempool_entry entry = {.valid_until = 10, .encoded = bytes_of_string("abc")};
    enum tx_code code = TX_CODE_OK;
    struct hash other = {{9}}, last = {{2}};
    for (; entry.seq < 3; entry.seq++) {
        entry.id.bytes[0] = (uint8_t)entry.seq;
        ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(0)), TX_CODE_OK);
    }
    struct hash first = {{0}}, second = {{1}};
    mempool_advance(pool, &entry.lane, 1, &first);
    ck_assert_uint_eq(drops_total(mempool_drops(pool)), 0);
    mempool_advance(pool, &entry.lane, 2, &other);
    ck_assert_uint_eq(drops_total(mempool_drops(pool)), 1);
    ck_assert(drops_find(mempool_drops(pool), &second, &code));
    ck_assert_int_eq(code, TX_CODE_WRONG_NONCE);
    ck_assert(mempool_has(pool, &last)); // its own number is free still
    mempool_free(pool);
}
END_TEST

// An entry of a lane, under an id that nothing else has. What an attacker can choose of both, by
// naming lanes and by grinding, is the same in all: of the eight bytes that an id is found by,
// four.
static struct mempool_entry chosen_entry(uint8_t sender, uint32_t number) {
    struct mempool_entry entry = {.valid_until = 10, .encoded = bytes_of_string("abc")};
    uint32_t place = (uint32_t)sender << 24 | number;
    entry.lane.account.bytes[31] = sender;
    entry.lane.number = number << 17;
    entry.payer.bytes[31] = sender;
    memcpy(entry.id.bytes + 4, &place, sizeof place);
    return entry;
}

START_TEST(one_is_found_by_how_its_id_begins) {
    struct mempool *pool = mempool_create();
    struct mempool_entry entry = chosen_entry(1, 7), other = chosen_entry(2, 7);
    ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(0)), TX_CODE_OK);
    entry.id.bytes[31] = 1; // of another id, which begins alike
    const struct mempool_entry *found = mempool_find_start(pool, tx_start(&entry.id));
    ck_assert_ptr_nonnull(found);
    ck_assert(!hash_equal(&found->id, &entry.id));
    ck_assert_ptr_null(mempool_find(pool, &entry.id));
    ck_assert_ptr_null(mempool_find_start(pool, tx_start(&other.id)));
    mempool_free(pool);
}
END_TEST

START_TEST(nobody_can_crowd_one_place_of_its_tables) {
    enum { SENDERS = 4, LANES = 5000, LONGEST = 16 };
    struct mempool *pool = mempool_create();
    for (uint32_t number = 0; number < LANES; number++)
        for (uint8_t sender = 0; sender < SENDERS; sender++) {
            struct mempool_entry entry = chosen_entry(sender, number);
            ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(0)), TX_CODE_OK);
        }
    ck_assert_uint_eq(mempool_count(pool), SENDERS * LANES);
    ck_assert_uint_le(mempool_longest_bucket(pool), LONGEST);
    mempool_free(pool);
}
END_TEST

static enum tx_code add_next(struct mempool *pool, uint8_t sender, uint32_t *number) {
    struct mempool_entry entry = chosen_entry(sender, (*number)++);
    return mempool_add(pool, &entry, 0, amount_of_units(0));
}

START_TEST(a_sender_has_one_share_for_all_of_its_lanes) {
    struct mempool *pool = mempool_create();
    uint32_t first = 0, second = 0;
    for (int i = 0; i < LIMIT_MEMPOOL_TXS_PER_SENDER; i++)
        ck_assert_int_eq(add_next(pool, 0, &first), TX_CODE_OK);
    ck_assert_int_eq(add_next(pool, 0, &first), TX_CODE_MEMPOOL_FULL);
    ck_assert_int_eq(add_next(pool, 1, &second), TX_CODE_OK);
    struct mempool_entry used = chosen_entry(0, 7);
    mempool_advance(pool, &used.lane, 1, &used.id);
    ck_assert_int_eq(add_next(pool, 0, &first), TX_CODE_OK);
    ck_assert_int_eq(add_next(pool, 0, &first), TX_CODE_MEMPOOL_FULL);
    mempool_expire(pool, 11);
    ck_assert_int_eq(add_next(pool, 0, &first), TX_CODE_OK);
    mempool_free(pool);
}
END_TEST

START_TEST(a_lane_has_a_share_of_its_own) {
    struct mempool *pool = mempool_create();
    struct mempool_entry entry = {.valid_until = 10, .encoded = bytes_of_string("abc")};
    for (entry.seq = 0; entry.seq < LIMIT_MEMPOOL_TXS_PER_LANE; entry.seq++) {
        memcpy(entry.id.bytes, &entry.seq, sizeof entry.seq);
        ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(0)), TX_CODE_OK);
    }
    entry.id.bytes[31] = 1;
    ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(0)), TX_CODE_MEMPOOL_FULL);
    entry.lane.number = 1;
    entry.seq = 0;
    ck_assert_int_eq(mempool_add(pool, &entry, 0, amount_of_units(0)), TX_CODE_OK);
    mempool_free(pool);
}
END_TEST

START_TEST(a_sender_cannot_take_all_bytes) {
    struct mempool *pool = mempool_create();
    struct buf large = {0};
    buf_reserve(&large, LIMIT_DEPLOY_TX_BYTES);
    memset(large.data, 0, LIMIT_DEPLOY_TX_BYTES);
    size_t taken = 0;
    for (uint32_t number = 0;; number++) {
        struct mempool_entry entry = chosen_entry(0, number);
        entry.encoded = bytes_of(large.data, LIMIT_DEPLOY_TX_BYTES);
        enum tx_code code = mempool_add(pool, &entry, 0, amount_of_units(0));
        if (code == TX_CODE_MEMPOOL_FULL) break;
        ck_assert_int_eq(code, TX_CODE_OK);
        taken += LIMIT_DEPLOY_TX_BYTES;
    }
    ck_assert_uint_le(taken, LIMIT_MEMPOOL_BYTES_PER_SENDER);
    ck_assert_uint_gt(taken + LIMIT_DEPLOY_TX_BYTES, LIMIT_MEMPOOL_BYTES_PER_SENDER);
    uint32_t other = 0;
    ck_assert_int_eq(add_next(pool, 1, &other), TX_CODE_OK);
    buf_clear(&large);
    mempool_free(pool);
}
END_TEST

Suite *mempool_suite(void) {
    Suite *suite = suite_create("mempool");
    TCase *cases = tcase_create("mempool");
    tcase_add_test(cases, a_payer_backs_no_more_than_it_holds);
    tcase_add_test(cases, the_mempool_keeps_its_bounds_and_its_order);
    tcase_add_test(cases, what_another_has_taken_the_number_of_is_dropped);
    tcase_add_test(cases, one_is_found_by_how_its_id_begins);
    tcase_add_test(cases, nobody_can_crowd_one_place_of_its_tables);
    tcase_add_test(cases, a_sender_has_one_share_for_all_of_its_lanes);
    tcase_add_test(cases, a_lane_has_a_share_of_its_own);
    tcase_add_test(cases, a_sender_cannot_take_all_bytes);
    suite_add_tcase(suite, cases);
    return suite;
}
