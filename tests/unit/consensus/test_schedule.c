// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/consensus/suites.h"

START_TEST(each_witness_leads_once_in_as_many_views) {
    static const uint16_t counts[] = {1, 4, 7, 101};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        struct schedule schedule;
        uint64_t count = counts[k];
        schedule_init(&schedule, &(struct schedule_seed){.id = {{3}}}, 50, counts[k]);
        for (uint64_t from = 50; from < 50 + count; from++) {
            bool has_led[LIMIT_WITNESSES] = {false};
            for (uint64_t view = from; view < from + count; view++) {
                uint16_t leader = schedule_leader(&schedule, view);
                ck_assert_uint_lt(leader, count);
                ck_assert(!has_led[leader]);
                has_led[leader] = true;
            }
        }
    }
}
END_TEST

START_TEST(the_order_is_that_of_the_seed) {
    struct schedule schedule, other;
    struct schedule_seed seed = {.seed = {{1, 2, 3}}, .id = {{4, 5, 6}}};
    schedule_init(&schedule, &seed, 1, 7);
    static const uint16_t golden[7] = {3, 4, 5, 6, 2, 1, 0};
    ck_assert_mem_eq(schedule.order, golden, sizeof golden);
    seed.id.bytes[31] ^= 1;
    schedule_init(&other, &seed, 1, 101);
    seed.id.bytes[31] ^= 1;
    schedule_init(&schedule, &seed, 1, 101);
    ck_assert_mem_ne(schedule.order, other.order, sizeof other.order);
}
END_TEST

// 24 orders of four witnesses, 24,000 seeds: each near 1,000 times, within seven deviations.
START_TEST(every_order_is_as_likely) {
    uint32_t counts[256] = {0};
    for (uint32_t i = 0; i < 24000; i++) {
        struct schedule schedule;
        struct schedule_seed seed = {0};
        store_u32_le(seed.id.bytes, i);
        schedule_init(&schedule, &seed, 1, 4);
        const uint16_t *order = schedule.order;
        counts[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
    }
    size_t orders = 0;
    for (size_t i = 0; i < 256; i++) {
        if (counts[i] == 0) continue;
        orders++;
        ck_assert_uint_gt(counts[i], 1000 - 220);
        ck_assert_uint_lt(counts[i], 1000 + 220);
    }
    ck_assert_uint_eq(orders, 24);
}
END_TEST

START_TEST(the_views_that_brought_nothing_show_in_the_headers) {
    struct schedule schedule;
    schedule_init(&schedule, &(struct schedule_seed){{{0}}, {{0}}}, 31, 4);
    struct header parent = {.epoch = 2, .view = 40}, header = {.epoch = 2, .view = 43};
    struct missed_views missed = schedule_missed(&schedule, &parent, &header);
    ck_assert_uint_eq(missed.first, 41);
    ck_assert_uint_eq(missed.count, 2);
    header.view = 41;
    ck_assert_uint_eq(schedule_missed(&schedule, &parent, &header).count, 0);
    // The boundary was repeated in its own epoch's views 31 and later: none of that counts.
    parent = (struct header){.epoch = 1, .view = 30};
    header.view = 33;
    missed = schedule_missed(&schedule, &parent, &header);
    ck_assert_uint_eq(missed.first, 31);
    ck_assert_uint_eq(missed.count, 2);
}
END_TEST

Suite *schedule_suite(void) {
    Suite *suite = suite_create("schedule");
    TCase *tcase = tcase_create("schedule");
    tcase_add_test(tcase, each_witness_leads_once_in_as_many_views);
    tcase_add_test(tcase, the_order_is_that_of_the_seed);
    tcase_add_test(tcase, every_order_is_as_likely);
    tcase_add_test(tcase, the_views_that_brought_nothing_show_in_the_headers);
    suite_add_tcase(suite, tcase);
    return suite;
}
