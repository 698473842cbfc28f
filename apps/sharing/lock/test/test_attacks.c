// SPDX-License-Identifier: Apache-2.0
// What must not open a lock: each attack with its code; the bolt stays shut and flash as it was.
#include "apps/sharing/lock/test/suites.h"
#include "apps/sharing/lock/test/world_fixture.h"
#include "tests/support/unit.h"

START_TEST(a_grant_that_is_not_valid_yet) {
    struct lock_use use;
    world.grant.from_ms = world.lock.clock_ms + 2 * WORLD_MINUTE_MS;
    world_grant_anew(&world);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_TOO_EARLY);
    world.moment.uptime_ms += WORLD_MINUTE_MS;
    world.shown++;
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
}
END_TEST

START_TEST(a_grant_that_has_expired) {
    struct lock_use use;
    world.moment.uptime_ms += WORLD_RENT_MINUTES * WORLD_MINUTE_MS;
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_EXPIRED);
}
END_TEST

START_TEST(the_millisecond_before_it_expires_opens) {
    world.moment.uptime_ms += WORLD_RENT_MINUTES * WORLD_MINUTE_MS - 1;
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
}
END_TEST

START_TEST(a_grant_for_another_lock) {
    struct lock_use use;
    world.grant.lock[0] ^= 1;
    world_grant_anew(&world);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_GRANT_LOCK);
}
END_TEST

START_TEST(a_grant_for_another_asset_of_whoever_bound_the_lock_too) {
    struct lock_use use;
    world.grant.asset++;
    world_grant_anew(&world);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_GRANT_ASSET);
}
END_TEST

START_TEST(the_grant_of_another_renter) {
    struct lock_use use;
    struct secret_key thief;
    struct hash hash;
    world_make_use(&world, &use, CHALLENGE_START);
    key_from_seed(&thief, &use.signer, (const uint8_t[32]){9});
    lock_challenge_hash(&hash, &use.challenge);
    sign_payload(&use.signature, &thief, SIGN_CHALLENGE, &world.chain.chain_id, &hash);
    world_expect_use_refused(&world, &use, LOCK_CODE_GRANT_RENTER);
    // Who names the renter cannot sign for him.
    world_make_use(&world, &use, CHALLENGE_START);
    lock_challenge_hash(&hash, &use.challenge);
    sign_payload(&use.signature, &thief, SIGN_CHALLENGE, &world.chain.chain_id, &hash);
    world_expect_use_refused(&world, &use, LOCK_CODE_SIGNATURE);
}
END_TEST

START_TEST(the_grant_of_another_booking_than_the_one_that_is_signed) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    use.challenge.booking++;
    world_sign(&world, &use);
    world_expect_use_refused(&world, &use, LOCK_CODE_GRANT_BOOKING);
}
END_TEST

START_TEST(a_grant_of_a_policy_that_was_revoked) {
    struct lock_use use;
    world.policy.epoch++;
    world_grant_anew(&world);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_REVOKED);
}
END_TEST

START_TEST(a_revocation_that_came_with_another_renters_grant) {
    struct grant old = world.grant;
    struct lock_use use;
    world.policy.epoch++;
    world.grant.policy_epoch++;
    world.grant.booking++;
    world_grant_anew(&world);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
    world.grant = old;
    world_grant_anew(&world);
    world_make_use(&world, &use, CHALLENGE_START);
    ck_assert_int_eq(world_send_use(&world, &use), LOCK_CODE_REVOKED);
    ck_assert(!world.lock.is_open);
}
END_TEST

START_TEST(a_policy_from_before_the_revocation) {
    struct buf content = {0};
    unsigned writes;
    world.policy.epoch++;
    world_grant_anew(&world);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    world.policy.epoch--;
    world_grant_anew(&world);
    writes = world.flash.writes;
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OLD_POLICY);
    world_expect_untouched(&world, writes);
    buf_clear(&content);
}
END_TEST

START_TEST(the_policy_of_another_owner) {
    unsigned writes;
    world.policy.owner[5] ^= 1;
    world_grant_anew(&world);
    writes = world.flash.writes;
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OTHER_OWNER);
    world_expect_untouched(&world, writes);
}
END_TEST

START_TEST(a_policy_that_does_not_stand_in_the_state) {
    unsigned writes = world.flash.writes;
    world.policy.asset++;
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_BRANCH);
    world.policy.version++;
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_RECORD_VERSION);
    world_expect_untouched(&world, writes);
}
END_TEST

START_TEST(a_grant_that_does_not_stand_in_the_state) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    use.grant.until_ms += 1;
    world_expect_use_refused(&world, &use, LOCK_CODE_BRANCH);
    // Below a header of before the booking.
    world.grant.booking++;
    world_write_state(&world);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_BRANCH);
    world_make_use(&world, &use, CHALLENGE_START);
    use.grant.version++;
    world_expect_use_refused(&world, &use, LOCK_CODE_RECORD_VERSION);
}
END_TEST

START_TEST(the_branch_of_another_entry) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    use.branch = buf_bytes(&world.policy_branch);
    world_expect_use_refused(&world, &use, LOCK_CODE_BRANCH);
}
END_TEST

START_TEST(a_nonce_that_was_used_before) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_OPEN);
    world_expect_use_refused(&world, &use, LOCK_CODE_NOT_STARTED);
    world_expect_use_refused(&world, &use, LOCK_CODE_NONCE_USED);
    world_make_use(&world, &use, CHALLENGE_START);
    ck_assert_int_eq(world_send_use(&world, &use), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
    unsigned writes = world.flash.writes;
    ck_assert_int_eq(world_send_use(&world, &use), LOCK_CODE_NO_NONCE);
    ck_assert_uint_eq(world.flash.writes, writes);
    ck_assert(!world.lock.is_open);
}
END_TEST

START_TEST(a_nonce_that_the_lock_has_not_drawn) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    use.challenge.nonce[0] ^= 1;
    world_sign(&world, &use);
    world_expect_use_refused(&world, &use, LOCK_CODE_NO_NONCE);
    // All zeros are no nonce that was used.
    memset(use.challenge.nonce, 0, 32);
    world_sign(&world, &use);
    world_expect_use_refused(&world, &use, LOCK_CODE_NO_NONCE);
}
END_TEST

START_TEST(a_nonce_that_is_older_than_thirty_seconds) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    world.moment.uptime_ms += LIMIT_LOCK_NONCE_MS + 1;
    world_expect_use_refused(&world, &use, LOCK_CODE_NONCE_EXPIRED);
    world_make_use(&world, &use, CHALLENGE_START);
    world.moment.uptime_ms += LIMIT_LOCK_NONCE_MS;
    ck_assert_int_eq(world_send_use(&world, &use), LOCK_CODE_OK);
}
END_TEST

START_TEST(the_nonce_of_another_phones_visit) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    lock_connect(&world.lock);
    world_expect_use_refused(&world, &use, LOCK_CODE_NO_NONCE);
}
END_TEST

START_TEST(a_counter_from_before) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    use.challenge.counter--;
    world_sign(&world, &use);
    world_expect_use_refused(&world, &use, LOCK_CODE_COUNTER);
}
END_TEST

START_TEST(the_challenge_of_another_lock) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    use.challenge.lock[31] ^= 0x80;
    world_sign(&world, &use);
    world_expect_use_refused(&world, &use, LOCK_CODE_OTHER_LOCK);
}
END_TEST

START_TEST(a_command_that_there_is_not) {
    static const uint8_t commands[] = {0, LOCK_READ_LOG, LOCK_BIND, LOCK_CLEAR, 255};
    struct lock_use use;
    for (size_t i = 0; i < sizeof commands; i++) {
        world_make_use(&world, &use, CHALLENGE_START);
        use.challenge.command = commands[i];
        world_sign(&world, &use);
        world_expect_use_refused(&world, &use, LOCK_CODE_COMMAND);
    }
}
END_TEST

START_TEST(a_signature_for_another_command_purpose_or_chain) {
    static const enum sign_tag tags[] = {SIGN_LOCK_LOG, SIGN_TRUST, SIGN_TRANSACTION, SIGN_LOG_IN,
                                         SIGN_GRANT};
    struct hash hash, chain = {{8}};
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_RETURN);
    use.challenge.command = CHALLENGE_START;
    world_expect_use_refused(&world, &use, LOCK_CODE_SIGNATURE);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        world_make_use(&world, &use, CHALLENGE_START);
        lock_challenge_hash(&hash, &use.challenge);
        sign_payload(&use.signature, &world.renter, tags[i], &world.chain.chain_id, &hash);
        world_expect_use_refused(&world, &use, LOCK_CODE_SIGNATURE);
    }
    world_make_use(&world, &use, CHALLENGE_START);
    lock_challenge_hash(&hash, &use.challenge);
    sign_payload(&use.signature, &world.renter, SIGN_CHALLENGE, &chain, &hash);
    world_expect_use_refused(&world, &use, LOCK_CODE_SIGNATURE);
}
END_TEST

START_TEST(a_challenge_for_another_header_or_time_than_was_shown) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    use.challenge.height--;
    world_sign(&world, &use);
    world_expect_use_refused(&world, &use, LOCK_CODE_OLD_HEADER);
    world_make_use(&world, &use, CHALLENGE_START);
    use.challenge.height++;
    world_sign(&world, &use);
    world_expect_use_refused(&world, &use, LOCK_CODE_UNKNOWN_HEADER);
    world_make_use(&world, &use, CHALLENGE_START);
    use.challenge.time_ms++;
    world_sign(&world, &use);
    world_expect_use_refused(&world, &use, LOCK_CODE_TIME);
}
END_TEST

START_TEST(a_header_that_is_forged_or_of_others) {
    world_expect_forgeries_refused(&world, WORLD_HEIGHT + 1);
    world_expect_forgeries_refused(&world, WORLD_HEIGHT - 1);
    ck_assert(!world.lock.has_ground);
}
END_TEST

START_TEST(witnesses_of_the_thiefs_own) {
    struct light_chain strangers;
    struct buf certificate = {0};
    struct lock_news news;
    light_chain_make(&strangers, &(struct light_chain_plan){.epochs = 1,
                                                            .epoch_blocks = 10,
                                                            .interval_ms = WORLD_MINUTE_MS,
                                                            .witnesses = 7});
    news = (struct lock_news){.header = *light_chain_header(&strangers, 7)};
    news.header.chain_id = world.chain.chain_id;
    struct light_chain_vote vote = light_chain_vote(&strangers, &news.header);
    strangers.chain_id = world.chain.chain_id;
    light_chain_certify(&strangers, &certificate, &news.header, &vote);
    news.certificate = buf_bytes(&certificate);
    world_expect_header_refused(&world, &news, LOCK_CODE_WITNESSES);
    news.set = witness_set_keys(&strangers.sets[0]);
    world_expect_header_refused(&world, &news, LOCK_CODE_WITNESSES);
    news.set = bytes_of("", 0);
    news.next = bytes_of(strangers.sets[0].keys, 33);
    world_expect_header_refused(&world, &news, LOCK_CODE_WITNESSES);
    buf_clear(&certificate);
    light_chain_clear(&strangers);
}
END_TEST

START_TEST(another_header_of_the_same_height) {
    struct lock_news news = {.header = world_header(&world, WORLD_HEIGHT)};
    news.header.gas_used++;
    struct light_chain_vote vote = light_chain_vote(&world.chain, &news.header);
    light_chain_certify(&world.chain, &world.certificate, &news.header, &vote);
    news.certificate = buf_bytes(&world.certificate);
    world_expect_header_refused(&world, &news, LOCK_CODE_OTHER_HEADER);
}
END_TEST

START_TEST(a_newer_header_whose_time_goes_back) {
    struct lock_news news = {.header = world_header(&world, WORLD_HEIGHT + 1)};
    news.header.time_ms -= 2 * WORLD_MINUTE_MS;
    struct light_chain_vote vote = light_chain_vote(&world.chain, &news.header);
    light_chain_certify(&world.chain, &world.certificate, &news.header, &vote);
    news.certificate = buf_bytes(&world.certificate);
    world_expect_header_refused(&world, &news, LOCK_CODE_HEADER_TIME);
}
END_TEST

START_TEST(anything_after_seven_days_without_news) {
    struct lock_use use;
    world.moment.uptime_ms += TRUST_PERIOD_MS + 1;
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_TRUST_OVER);
    struct lock_news news = {.header = world_header(&world, WORLD_HEIGHT + 1)};
    news.certificate = buf_bytes(&world.certificate);
    world_expect_header_refused(&world, &news, LOCK_CODE_TRUST_OVER);
    unsigned writes = world.flash.writes;
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_TRUST_OVER);
    world_expect_untouched(&world, writes);
}
END_TEST

START_TEST(a_lock_that_does_not_know_what_it_belongs_to) {
    struct lock_use use;
    world_close(&world);
    world_open(&world, 4, 100);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_BRANCH); // no header is known yet
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_NOT_BOUND);
}
END_TEST

// ---- a clock that stopped

static void stop_the_clock(void) { assert_ok(world_power_on(&world, false, 0)); }

START_TEST(a_lock_whose_clock_has_stopped) {
    struct lock_use use;
    stop_the_clock();
    world_make_use(&world, &use, CHALLENGE_START);
    world_expect_use_refused(&world, &use, LOCK_CODE_CLOCK_STOPPED);
    struct lock_news news = {.header = world_header(&world, WORLD_HEIGHT + 1)};
    news.certificate = buf_bytes(&world.certificate);
    world_expect_header_refused(&world, &news, LOCK_CODE_CLOCK_STOPPED);
    unsigned writes = world.flash.writes;
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_CLOCK_STOPPED);
    world_expect_untouched(&world, writes);
}
END_TEST

START_TEST(a_clock_without_power_that_is_behind_or_too_far_ahead) {
    uint64_t known_ms = world.lock.state.clock_ms;
    struct {
        uint64_t rtc_ms;
        bool is_good;
    } const cases[] = {{known_ms - 1, false},
                       {world.lock.state.trust.time_ms + TRUST_PERIOD_MS + 1, false},
                       {known_ms, true},
                       {world.lock.state.trust.time_ms + TRUST_PERIOD_MS, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(world_power_on(&world, true, cases[i].rtc_ms));
        ck_assert_int_eq(world.lock.has_clock, cases[i].is_good);
    }
}
END_TEST

START_TEST(uptime_that_goes_back_is_a_clock_that_stopped) {
    struct lock_use use;
    world.moment.uptime_ms = 5000;
    world_make_use(&world, &use, CHALLENGE_START);
    world.moment.uptime_ms = 4999;
    world_expect_use_refused(&world, &use, LOCK_CODE_CLOCK_STOPPED);
}
END_TEST

static void expect_vouching_refused(const struct lock_vouching *vouching, enum lock_code code) {
    unsigned writes = world.flash.writes;
    ck_assert_int_eq(world_send_vouching(&world, vouching), code);
    ck_assert(!world.lock.has_clock);
    world_expect_untouched(&world, writes);
}

START_TEST(a_word_that_is_not_the_owners_or_not_for_this) {
    struct header header = world_header(&world, WORLD_HEIGHT + 1);
    uint64_t now_ms = header.time_ms + WORLD_MINUTE_MS;
    struct lock_vouching vouching;
    stop_the_clock();
    world_make_vouching(&world, &vouching, &header, now_ms);
    world_sign_vouching(&world, &vouching, &world.renter);
    expect_vouching_refused(&vouching, LOCK_CODE_SIGNATURE);
    expect_vouching_refused(&vouching, LOCK_CODE_NONCE_USED);
    world_make_vouching(&world, &vouching, &header, now_ms);
    vouching.nonce.bytes[0] ^= 1;
    world_sign_vouching(&world, &vouching, &world.owner);
    expect_vouching_refused(&vouching, LOCK_CODE_NO_NONCE);
    world_make_vouching(&world, &vouching, &header, world.lock.state.clock_ms - 1);
    expect_vouching_refused(&vouching, LOCK_CODE_CLOCK_BACK);
    world_make_vouching(&world, &vouching, &header, header.time_ms - TRUST_CLOCK_DRIFT_MS - 1);
    expect_vouching_refused(&vouching, LOCK_CODE_VOUCHING);
    world_make_vouching(&world, &vouching, &header, now_ms);
    vouching.set = witness_set_keys(&world.chain.sets[1]);
    expect_vouching_refused(&vouching, LOCK_CODE_VOUCHING);
    vouching.set = bytes_of(vouching.set.data, 31);
    vouching.nonce.bytes[0] ^= 0;
    struct lock_greeting greeting;
    world_greet(&world, &greeting);
    vouching.nonce = greeting.nonce;
    expect_vouching_refused(&vouching, LOCK_CODE_WITNESSES);
    header = world_header(&world, WORLD_HEIGHT - 1);
    world_make_vouching(&world, &vouching, &header, now_ms);
    expect_vouching_refused(&vouching, LOCK_CODE_OLD_HEADER);
    header.chain_id.bytes[1] ^= 1;
    world_make_vouching(&world, &vouching, &header, now_ms);
    expect_vouching_refused(&vouching, LOCK_CODE_OTHER_CHAIN);
}
END_TEST

START_TEST(log_and_clearing_for_somebody_else_than_the_owner) {
    struct lock_wish wish;
    struct lock_use use;
    struct buf content = {0};
    unsigned writes = world.flash.writes;
    world_make_use(&world, &use, LOCK_READ_LOG);
    wish = (struct lock_wish){.challenge = use.challenge, .signature = use.signature};
    lock_wish_encode(&content, &wish);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_LOG, &content), LOCK_CODE_SIGNATURE);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_LOG, &content), LOCK_CODE_NONCE_USED);
    wish.challenge.command = CHALLENGE_OPEN;
    buf_reset(&content);
    lock_wish_encode(&content, &wish);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_LOG, &content), LOCK_CODE_COMMAND);
    world_make_use(&world, &use, LOCK_CLEAR);
    wish = (struct lock_wish){.challenge = use.challenge, .signature = use.signature};
    buf_reset(&content);
    lock_wish_encode(&content, &wish);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_CLEAR, &content), LOCK_CODE_SIGNATURE);
    world_expect_untouched(&world, writes);
    buf_clear(&content);
}
END_TEST

START_TEST(messages_that_are_none) {
    static const uint8_t kinds[] = {0, 14, 0x7f, 0x80, 0x81, 0xfe, 0xff};
    unsigned writes = world.flash.writes;
    struct buf content = {0};
    for (size_t i = 0; i < sizeof kinds; i++)
        ck_assert_int_eq(world_ask(&world, (enum lock_kind)kinds[i], NULL), LOCK_CODE_UNKNOWN_KIND);
    buf_append_byte(&content, 0);
    for (enum lock_kind kind = LOCK_ASK_CHALLENGE; kind <= LOCK_ASK_UNBOUND; kind++)
        ck_assert_int_eq(world_ask(&world, kind, &content), LOCK_CODE_MALFORMED);
    buf_clear(&content);
    struct lock_receipt receipt;
    ck_assert_int_eq(world_receipt(&world, &receipt, (struct lock_receipt_wish){0}),
                     LOCK_CODE_NO_RECEIPT);
    world_expect_untouched(&world, writes);
}
END_TEST

static void add_uses(TCase *cases) {
    tcase_add_test(cases, a_grant_that_is_not_valid_yet);
    tcase_add_test(cases, a_grant_that_has_expired);
    tcase_add_test(cases, the_millisecond_before_it_expires_opens);
    tcase_add_test(cases, a_grant_for_another_lock);
    tcase_add_test(cases, a_grant_for_another_asset_of_whoever_bound_the_lock_too);
    tcase_add_test(cases, the_grant_of_another_renter);
    tcase_add_test(cases, the_grant_of_another_booking_than_the_one_that_is_signed);
    tcase_add_test(cases, a_grant_of_a_policy_that_was_revoked);
    tcase_add_test(cases, a_revocation_that_came_with_another_renters_grant);
    tcase_add_test(cases, a_policy_from_before_the_revocation);
    tcase_add_test(cases, the_policy_of_another_owner);
    tcase_add_test(cases, a_policy_that_does_not_stand_in_the_state);
    tcase_add_test(cases, a_grant_that_does_not_stand_in_the_state);
    tcase_add_test(cases, the_branch_of_another_entry);
    tcase_add_test(cases, a_nonce_that_was_used_before);
    tcase_add_test(cases, a_nonce_that_the_lock_has_not_drawn);
    tcase_add_test(cases, a_nonce_that_is_older_than_thirty_seconds);
    tcase_add_test(cases, the_nonce_of_another_phones_visit);
    tcase_add_test(cases, a_counter_from_before);
    tcase_add_test(cases, the_challenge_of_another_lock);
    tcase_add_test(cases, a_command_that_there_is_not);
    tcase_add_test(cases, a_signature_for_another_command_purpose_or_chain);
}

TCase *attack_cases(void) {
    TCase *cases = tcase_create("attacks");
    tcase_add_checked_fixture(cases, world_set_up_introduced, world_tear_down);
    add_uses(cases);
    tcase_add_test(cases, a_challenge_for_another_header_or_time_than_was_shown);
    tcase_add_test(cases, a_header_that_is_forged_or_of_others);
    tcase_add_test(cases, witnesses_of_the_thiefs_own);
    tcase_add_test(cases, another_header_of_the_same_height);
    tcase_add_test(cases, a_newer_header_whose_time_goes_back);
    tcase_add_test(cases, anything_after_seven_days_without_news);
    tcase_add_test(cases, a_lock_that_does_not_know_what_it_belongs_to);
    tcase_add_test(cases, a_lock_whose_clock_has_stopped);
    tcase_add_test(cases, a_clock_without_power_that_is_behind_or_too_far_ahead);
    tcase_add_test(cases, uptime_that_goes_back_is_a_clock_that_stopped);
    tcase_add_test(cases, a_word_that_is_not_the_owners_or_not_for_this);
    tcase_add_test(cases, log_and_clearing_for_somebody_else_than_the_owner);
    tcase_add_test(cases, messages_that_are_none);
    return cases;
}
