// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/consensus/suites.h"

static const struct sign_place HERE = {.epoch = 3, .view = 40};

START_TEST(a_key_signs_each_kind_once_in_a_view) {
    struct sign_guard guard = {0};
    assert_ok(guard_admit(&guard, HERE, VOTE_PROPOSE));
    assert_status(guard_admit(&guard, HERE, VOTE_PROPOSE), STATUS_CONFLICT);
    assert_ok(guard_admit(&guard, HERE, VOTE_NOTARIZE));
    assert_status(guard_admit(&guard, HERE, VOTE_NOTARIZE), STATUS_CONFLICT);
    assert_ok(guard_admit(&guard, HERE, VOTE_FINALIZE));
    assert_status(guard_admit(&guard, HERE, VOTE_FINALIZE), STATUS_CONFLICT);
}
END_TEST

START_TEST(nullify_and_finalize_exclude_one_another) {
    struct sign_guard null = {0}, final = {0};
    assert_ok(guard_admit(&null, HERE, VOTE_NULLIFY));
    assert_status(guard_admit(&null, HERE, VOTE_FINALIZE), STATUS_CONFLICT);
    assert_ok(guard_admit(&final, HERE, VOTE_FINALIZE));
    assert_status(guard_admit(&final, HERE, VOTE_NULLIFY), STATUS_CONFLICT);
}
END_TEST

START_TEST(notarize_may_be_followed_by_nullify_and_not_the_other_way_round) {
    struct sign_guard guard = {0}, other = {0};
    assert_ok(guard_admit(&guard, HERE, VOTE_NOTARIZE));
    assert_ok(guard_admit(&guard, HERE, VOTE_NULLIFY));
    assert_ok(guard_admit(&other, HERE, VOTE_NULLIFY));
    assert_status(guard_admit(&other, HERE, VOTE_NOTARIZE), STATUS_CONFLICT);
    assert_status(guard_admit(&other, HERE, VOTE_PROPOSE), STATUS_CONFLICT);
}
END_TEST

START_TEST(a_key_never_signs_backwards) {
    struct sign_guard guard = {0};
    struct sign_place earlier = {.epoch = 3, .view = 39}, last_epoch = {.epoch = 2, .view = 90};
    struct sign_place next_epoch = {.epoch = 4, .view = 20};
    assert_ok(guard_admit(&guard, HERE, VOTE_NOTARIZE));
    assert_status(guard_admit(&guard, earlier, VOTE_FINALIZE), STATUS_CONFLICT);
    assert_status(guard_admit(&guard, last_epoch, VOTE_NOTARIZE), STATUS_CONFLICT);
    // Views go on from the boundary's, so an epoch may begin below views of the one before.
    assert_ok(guard_admit(&guard, next_epoch, VOTE_NOTARIZE));
    assert_status(guard_admit(&guard, HERE, VOTE_FINALIZE), STATUS_CONFLICT);
}
END_TEST

START_TEST(what_a_log_tells_moves_the_guard_forward_only) {
    struct sign_guard guard = {0};
    struct sign_place earlier = {.epoch = 3, .view = 12};
    guard_restore(&guard, HERE, VOTE_NULLIFY);
    guard_restore(&guard, earlier, VOTE_NOTARIZE);
    ck_assert_uint_eq(guard.view, HERE.view);
    ck_assert(guard.has_nullified && !guard.has_notarized);
    ck_assert(!guard_allows(&guard, HERE, VOTE_FINALIZE));
}
END_TEST

Suite *guard_suite(void) {
    Suite *suite = suite_create("guard");
    TCase *tcase = tcase_create("guard");
    tcase_add_test(tcase, a_key_signs_each_kind_once_in_a_view);
    tcase_add_test(tcase, nullify_and_finalize_exclude_one_another);
    tcase_add_test(tcase, notarize_may_be_followed_by_nullify_and_not_the_other_way_round);
    tcase_add_test(tcase, a_key_never_signs_backwards);
    tcase_add_test(tcase, what_a_log_tells_moves_the_guard_forward_only);
    suite_add_tcase(suite, tcase);
    return suite;
}
