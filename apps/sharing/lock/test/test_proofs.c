// SPDX-License-Identifier: Apache-2.0
// What older proofs, and a use that goes on without any, must not do.
#include "apps/sharing/lock/test/suites.h"
#include "apps/sharing/lock/test/world_fixture.h"
#include "tests/support/unit.h"

START_TEST(an_older_header_that_is_none_of_this_chain) {
    struct lock_news good = {.header = world_header(&world, WORLD_HEIGHT - 1)}, news;
    good.certificate = buf_bytes(&world.certificate);
    news = good;
    news.header.view += 10; // no chain has it both newer and lower
    world_expect_header_refused(&world, &news, LOCK_CODE_HEADER_TIME);
    news = good;
    news.header.set_hash.bytes[0] ^= 1;
    world_expect_header_refused(&world, &news, LOCK_CODE_OLD_HEADER);
    ck_assert(!world.lock.has_ground);
}
END_TEST

// Keys that have been laid down get lost, or are sold.
START_TEST(a_header_that_former_witnesses_sign_after_they_handed_over) {
    ck_assert_int_eq(world_show_header(&world, 12), LOCK_CODE_OK); // of the next epoch's set
    ck_assert_int_eq(world_show_header(&world, 14), LOCK_CODE_OK);
    struct lock_news news = {.header = world_header(&world, WORLD_HEIGHT),
                             .set = witness_set_keys(&world.chain.sets[0])};
    news.header.time_ms = light_chain_header(&world.chain, 13)->time_ms;
    struct light_chain_vote vote = light_chain_vote(&world.chain, &news.header);
    light_chain_certify(&world.chain, &world.certificate, &news.header, &vote);
    news.certificate = buf_bytes(&world.certificate);
    world_expect_header_refused(&world, &news, LOCK_CODE_OLD_HEADER);
}
END_TEST

START_TEST(what_one_phone_has_shown_counts_for_no_other) {
    struct lock_use use;
    world.shown++;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    world.shown--;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    lock_connect(&world.lock);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_OLD_HEADER);
}
END_TEST

// Whoever was revoked may keep what was true before.
START_TEST(a_proof_that_is_older_than_a_day) {
    struct lock_use use;
    world.grant.until_ms += 3 * LIMIT_LOCK_PROOF_AGE_MS;
    world_grant_anew(&world);
    world.moment.uptime_ms += LIMIT_LOCK_PROOF_AGE_MS;
    world_make_use(&world, &use, CHALLENGE_START);
    world.moment.uptime_ms += 1;
    world_expect_use_refused(&world, &use, LOCK_CODE_OLD_PROOF);
    ck_assert_int_eq(world_show_header(&world, world.shown + 1), LOCK_CODE_OK);
    struct lock_news news = {.header = world_header(&world, world.shown)};
    news.certificate = buf_bytes(&world.certificate);
    world_expect_header_refused(&world, &news, LOCK_CODE_OLD_PROOF);
    world.shown++;
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
}
END_TEST

START_TEST(a_grant_from_before_a_revocation_that_the_lock_has_heard_of) {
    struct lock_use use;
    world.policy.epoch++;
    world_grant_anew(&world);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    world.policy.epoch--;
    world_write_state(&world);
    world.shown--;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    unsigned writes = world.flash.writes;
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OLD_POLICY);
    world_expect_untouched(&world, writes);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_REVOKED);
}
END_TEST

// Its renter may leave out what would tell of the revocation.
START_TEST(a_grant_proven_after_a_revocation_that_the_phone_keeps_back) {
    struct lock_use use;
    world.policy.epoch++;
    world_grant_anew(&world); // the grant stands, and the policy is not shown
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_NO_POLICY);
    lock_connect(&world.lock);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_NO_POLICY);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_REVOKED);
}
END_TEST

START_TEST(the_policy_below_another_header_than_the_grant) {
    struct lock_use use;
    world.shown++;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_NO_POLICY);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
}
END_TEST

// ---- a lock that belongs to nothing any more

// The state below the next header has no policy of the lock.
static void unbind(void) {
    world.is_unbound = true;
    world_grant_anew(&world);
}

START_TEST(a_grant_from_before_the_lock_was_unbound) {
    struct lock_use use;
    unbind();
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_NO_POLICY);
    ck_assert_int_eq(world_show_unbound(&world), LOCK_CODE_OK);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_NOT_BOUND);
    // Nor by what was true before.
    world.is_unbound = false;
    world_write_state(&world);
    world.shown--;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OLD_POLICY);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_NOT_BOUND);
}
END_TEST

START_TEST(what_has_started_does_not_open_once_the_lock_is_unbound) {
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    unbind();
    ck_assert_int_eq(world_show_unbound(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_REVOKED);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
}
END_TEST

START_TEST(a_new_binding_takes_over_from_one_that_was_undone) {
    struct lock_use use;
    struct grant old = world.grant;
    unbind();
    ck_assert_int_eq(world_show_unbound(&world), LOCK_CODE_OK);
    assert_ok(world_power_on(&world, true, world.lock.clock_ms));
    world.is_unbound = false;
    world.policy.asset++;
    world.policy.epoch++;
    world.grant.asset++;
    world.grant.policy_epoch++;
    world.grant.booking++;
    world_grant_anew(&world);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
    world.grant = old;
    world_grant_anew(&world);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    world_make_use(&world, &use, CHALLENGE_START);
    ck_assert_int_eq(world_send_use(&world, &use), LOCK_CODE_GRANT_ASSET);
    ck_assert(!world.lock.is_open);
}
END_TEST

// Before it was bound no policy stood there either, and passers-by keep what proves that.
START_TEST(that_it_was_unbound_before_it_was_bound) {
    unsigned writes = world.flash.writes;
    world.is_unbound = true;
    world_write_state(&world);
    world.shown--;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    ck_assert_int_eq(world_show_unbound(&world), LOCK_CODE_OLD_POLICY);
    world_expect_untouched(&world, writes);
    ck_assert(world.lock.state.is_bound);
}
END_TEST

START_TEST(that_it_is_unbound_while_its_policy_stands) {
    unsigned writes = world.flash.writes;
    ck_assert_int_eq(world_show_unbound(&world), LOCK_CODE_BRANCH);
    world.is_unbound = true;
    world_write_state(&world); // below a header that was not shown
    ck_assert_int_eq(world_show_unbound(&world), LOCK_CODE_BRANCH);
    world_expect_untouched(&world, writes);
    ck_assert(world.lock.state.is_bound);
}
END_TEST

START_TEST(that_a_lock_without_a_binding_is_unbound_is_no_news) {
    unbind();
    ck_assert_int_eq(world_show_unbound(&world), LOCK_CODE_OK);
    uint64_t epoch = world.lock.state.policy_epoch;
    unsigned writes = world.flash.writes;
    ck_assert_int_eq(world_show_unbound(&world), LOCK_CODE_OK);
    ck_assert_uint_eq(world.lock.state.policy_epoch, epoch);
    ck_assert_uint_eq(world.flash.writes, writes);
}
END_TEST

// ---- what is in use

static void expect_going_on_refused(const struct lock_use *use, enum lock_code code) {
    unsigned writes = world.flash.writes;
    ck_assert_int_eq(world_send_use(&world, use), code);
    ck_assert_uint_eq(world.flash.writes, writes);
    ck_assert(world.lock.state.is_in_use && !world.lock.is_open);
}

START_TEST(going_on_for_whoever_did_not_start) {
    struct lock_use use;
    struct secret_key thief;
    struct public_key key;
    struct hash hash;
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    world.lock.is_open = false;
    key_from_seed(&thief, &key, (const uint8_t[32]){9});
    for (uint8_t command = CHALLENGE_OPEN; command <= CHALLENGE_RETURN; command += 2) {
        world_make_use(&world, &use, command);
        lock_challenge_hash(&hash, &use.challenge);
        sign_payload(&use.signature, &thief, SIGN_CHALLENGE, &world.chain.chain_id, &hash);
        expect_going_on_refused(&use, LOCK_CODE_SIGNATURE);
        expect_going_on_refused(&use, LOCK_CODE_NONCE_USED);
        world_make_use(&world, &use, command);
        use.challenge.booking++;
        world_sign(&world, &use);
        expect_going_on_refused(&use, LOCK_CODE_NOT_STARTED);
        world_make_use(&world, &use, command);
        use.challenge.command ^= CHALLENGE_OPEN ^ CHALLENGE_RETURN;
        expect_going_on_refused(&use, LOCK_CODE_SIGNATURE);
    }
}
END_TEST

START_TEST(opening_behind_the_end_or_behind_a_revocation) {
    struct lock_use use;
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    world.lock.is_open = false;
    world.moment.uptime_ms += WORLD_RENT_MINUTES * WORLD_MINUTE_MS;
    world_make_use(&world, &use, CHALLENGE_OPEN);
    expect_going_on_refused(&use, LOCK_CODE_EXPIRED);
    world.policy.epoch++;
    world_grant_anew(&world);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    world_make_use(&world, &use, CHALLENGE_OPEN);
    expect_going_on_refused(&use, LOCK_CODE_REVOKED);
}
END_TEST

START_TEST(an_extension_that_does_not_stand_or_is_of_another_use) {
    struct grant good = world.grant;
    ck_assert_int_eq(world_extend(&world), LOCK_CODE_NOT_STARTED);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    uint64_t until_ms = world.lock.state.use.until_ms;
    world.grant.until_ms++;
    ck_assert_int_eq(world_extend(&world), LOCK_CODE_BRANCH);
    world.grant.booking++;
    world_grant_anew(&world);
    ck_assert_int_eq(world_extend(&world), LOCK_CODE_GRANT_BOOKING);
    world.grant = good;
    world.grant.until_ms++;
    world.grant.renter_key[0] ^= 1;
    world_grant_anew(&world);
    ck_assert_int_eq(world_extend(&world), LOCK_CODE_GRANT_RENTER);
    world.grant = good;
    world.grant.lock[0] ^= 1;
    world_grant_anew(&world);
    ck_assert_int_eq(world_extend(&world), LOCK_CODE_GRANT_LOCK);
    ck_assert_uint_eq(world.lock.state.use.until_ms, until_ms);
}
END_TEST

TCase *proof_cases(void) {
    TCase *cases = tcase_create("proofs");
    tcase_add_checked_fixture(cases, world_set_up_introduced, world_tear_down);
    tcase_add_test(cases, an_older_header_that_is_none_of_this_chain);
    tcase_add_test(cases, a_header_that_former_witnesses_sign_after_they_handed_over);
    tcase_add_test(cases, what_one_phone_has_shown_counts_for_no_other);
    tcase_add_test(cases, a_proof_that_is_older_than_a_day);
    tcase_add_test(cases, a_grant_from_before_a_revocation_that_the_lock_has_heard_of);
    tcase_add_test(cases, a_grant_proven_after_a_revocation_that_the_phone_keeps_back);
    tcase_add_test(cases, the_policy_below_another_header_than_the_grant);
    tcase_add_test(cases, a_grant_from_before_the_lock_was_unbound);
    tcase_add_test(cases, what_has_started_does_not_open_once_the_lock_is_unbound);
    tcase_add_test(cases, a_new_binding_takes_over_from_one_that_was_undone);
    tcase_add_test(cases, that_it_was_unbound_before_it_was_bound);
    tcase_add_test(cases, that_it_is_unbound_while_its_policy_stands);
    tcase_add_test(cases, that_a_lock_without_a_binding_is_unbound_is_no_news);
    tcase_add_test(cases, going_on_for_whoever_did_not_start);
    tcase_add_test(cases, opening_behind_the_end_or_behind_a_revocation);
    tcase_add_test(cases, an_extension_that_does_not_stand_or_is_of_another_use);
    return cases;
}
