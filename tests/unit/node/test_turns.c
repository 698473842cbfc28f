// SPDX-License-Identifier: Apache-2.0
// Who leaves for being absent, and the guards around that.
#include "chaincore/contract/turns.h"
#include "tests/support/unit.h"
#include "tests/unit/node/epochs.h"
#include "tests/unit/node/suites.h"

// Each of twenty has ten turns in an epoch.
enum { WITNESSES = 20, TURNS = 10, BLOCKS = WITNESSES * TURNS };

static struct epochs epochs;
static struct turns_seen seen;
static uint8_t voters[3];

static void set_up(void) {
    epochs_init_long(&epochs, 2, BLOCKS);
    for (uint32_t i = 0; i < WITNESSES; i++) epochs_register(&epochs, i + 1, 1, 0);
    epochs_next_epoch(&epochs);
}
static void tear_down(void) { epochs_clear(&epochs); }

// Of one witness: so many turns are missed, and so many blocks name it not.
struct lapse {
    uint16_t witness;
    uint32_t missed;
    uint32_t silent;
};

// An epoch in which everybody takes its turns but for the lapses.
static void run_epoch(const struct lapse *lapses, size_t count) {
    for (uint32_t i = 0; i < BLOCKS; i++) {
        seen = (struct turns_seen){.leader = (uint16_t)(i % WITNESSES)};
        memset(voters, 0xff, sizeof voters);
        for (size_t k = 0; k < count; k++) {
            uint16_t witness = lapses[k].witness;
            // It misses its first turns, whose blocks the one after it makes.
            if (seen.leader == witness && i / WITNESSES < lapses[k].missed) {
                seen.missed[witness] = 1;
                seen.leader = (uint16_t)((witness + 1) % WITNESSES);
            }
            if (i > 0 && i <= lapses[k].silent)
                voters[witness / 8] &= (uint8_t) ~(1U << witness % 8);
        }
        seen.voters = i > 0 ? BYTES_OF(voters) : bytes_of("", 0);
        epochs.block.turns = &seen;
        epochs_next(&epochs);
    }
    ck_assert_uint_eq(epochs.height % BLOCKS, 0);
}

static bool serves(uint16_t witness) {
    struct witnesses serving;
    struct account_id id = epochs_id(witness + 1U);
    epochs_load(&epochs, &serving);
    return witnesses_find(&serving, &id) < serving.count;
}
static uint16_t served(void) {
    struct witnesses serving;
    epochs_load(&epochs, &serving);
    return serving.count;
}

START_TEST(who_misses_most_turns_and_is_not_heard_leaves_at_the_boundary) {
    struct lapse lapse = {.witness = 7, .missed = 6, .silent = BLOCKS / 2};
    struct account_id id = epochs_id(8);
    struct secret_key secret;
    struct public_key key;
    run_epoch(&lapse, 1);
    ck_assert(!serves(7));
    ck_assert_uint_eq(served(), WITNESSES - 1);
    // It may come back at once.
    epochs_key(&secret, &key, 8);
    ck_assert_int_eq(stake_register(&epochs.run, &id, &key, 0), TX_CODE_OK);
    epochs_next_epoch(&epochs);
    ck_assert(serves(7));
}
END_TEST

START_TEST(half_of_the_turns_or_half_of_the_votes_are_enough_to_stay) {
    static const struct lapse lapses[] = {
        {.witness = 7, .missed = 5, .silent = BLOCKS},
        {.witness = 9, .missed = 10, .silent = BLOCKS / 2 - 1}, // of the 199 that name any
    };
    run_epoch(lapses, 2);
    ck_assert_uint_eq(served(), WITNESSES);
}
END_TEST

START_TEST(nine_turns_are_too_few_to_judge_by) {
    for (uint32_t i = 0; i < BLOCKS; i++) {
        memset(voters, 0xff, sizeof voters);
        voters[0] &= (uint8_t)~0x80;
        seen = (struct turns_seen){.leader = (uint16_t)(i % 7), .voters = BYTES_OF(voters)};
        seen.missed[7] = i < 9;
        epochs.block.turns = &seen;
        epochs_next(&epochs);
    }
    ck_assert(serves(7));
}
END_TEST

START_TEST(at_most_a_tenth_leaves_and_first_who_missed_most) {
    static const struct lapse lapses[] = {
        {.witness = 2, .missed = 7, .silent = BLOCKS},
        {.witness = 5, .missed = 8, .silent = BLOCKS},
        {.witness = 11, .missed = 7, .silent = BLOCKS},
    };
    run_epoch(lapses, 3);
    ck_assert(!serves(5) && !serves(2) && serves(11));
    ck_assert_uint_eq(served(), WITNESSES - 2);
}
END_TEST

// Ten witnesses miss everything: that is what a parted network looks like.
START_TEST(nobody_leaves_when_more_than_a_third_of_the_views_brought_nothing) {
    for (uint32_t i = 0; i < BLOCKS; i++) {
        memset(voters, 0, sizeof voters);
        seen = (struct turns_seen){.leader = 0, .voters = BYTES_OF(voters)};
        // 100 of 300 views are a third, one more is more.
        if (i < 100) seen.missed[1 + i % 10] = 1;
        if (i == 0) seen.missed[1] += (uint32_t)_i;
        epochs.block.turns = &seen;
        epochs_next(&epochs);
    }
    ck_assert_uint_eq(served(), _i == 0 ? WITNESSES - 2 : WITNESSES);
}
END_TEST

START_TEST(each_epoch_is_counted_afresh) {
    struct lapse lapse = {.witness = 7, .missed = 5, .silent = BLOCKS};
    for (int i = 0; i < 3; i++) run_epoch(&lapse, 1);
    ck_assert(serves(7));
}
END_TEST

Suite *turns_suite(void) {
    Suite *suite = suite_create("turns");
    TCase *cases = tcase_create("turns");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, who_misses_most_turns_and_is_not_heard_leaves_at_the_boundary);
    tcase_add_test(cases, half_of_the_turns_or_half_of_the_votes_are_enough_to_stay);
    tcase_add_test(cases, nine_turns_are_too_few_to_judge_by);
    tcase_add_test(cases, at_most_a_tenth_leaves_and_first_who_missed_most);
    tcase_add_loop_test(cases, nobody_leaves_when_more_than_a_third_of_the_views_brought_nothing, 0,
                        2);
    tcase_add_test(cases, each_epoch_is_counted_afresh);
    suite_add_tcase(suite, cases);
    return suite;
}
