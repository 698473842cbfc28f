// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/reward.h"
#include "tests/unit/chain/suites.h"

START_TEST(rewards_fall_with_each_of_the_first_four_years) {
    static const struct {
        uint64_t years, ms;
        const char *reward;
    } cases[] = {{0, 0, "50"}, {1, -1ull, "50"}, {1, 0, "40"}, {2, -1ull, "40"}, {2, 0, "30"},
                 {3, 0, "20"}, {4, -1ull, "20"}, {4, 0, "10"}, {5, 0, "10"},     {1000, 0, "10"}};
    static const uint64_t genesis = 1700000000000;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[AMOUNT_TEXT_MAX];
        uint64_t time = genesis + cases[i].years * REWARD_YEAR_MS + cases[i].ms;
        amount_format(text, reward_of_block(genesis, time));
        ck_assert_str_eq(text, cases[i].reward);
    }
}
END_TEST

Suite *reward_suite(void) {
    Suite *suite = suite_create("reward");
    TCase *cases = tcase_create("reward");
    tcase_add_test(cases, rewards_fall_with_each_of_the_first_four_years);
    suite_add_tcase(suite, cases);
    return suite;
}
