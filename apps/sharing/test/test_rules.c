// SPDX-License-Identifier: Apache-2.0
// Each rule broken by the API, and by raw transactions to the server of another market, which
// carries the contract and not the routes: the same code. `_i` is the way.
#include "apps/sharing/test/renter.h"
#include "tests/support/unit.h"

#define MINUTE SHARING_MINUTE_MS
static const uint64_t DAY = SHARING_DAY_MS;

static const char *const markets[WAYS] = {[BY_ROUTES] = "sharing", [BY_RAW] = "supplychain"};
static enum way way;
static struct key_pair lock, phone;
static uint64_t now;

static void set_up(enum way chosen) {
    way = chosen;
    renter_open(markets[way]);
    lock = key_pair_of(1);
    phone = key_pair_of(2);
    renter_act_as("alice"); // whose the first asset is
    renter_list(&usual_terms, 0);
    now = renter_block_ms();
}

// From here on it is the account "server" that breaks rules.
static void break_rules(void) {
    if (way == BY_ROUTES)
        renter_use_routes();
    else
        renter_act_as("server");
}

static struct rental_range ahead(uint64_t asset, uint64_t minutes, uint64_t count) {
    uint64_t from_ms = now / MINUTE * MINUTE + minutes * MINUTE;
    return (struct rental_range){asset, from_ms, from_ms + count * MINUTE};
}

static struct challenge challenge_of(enum challenge_command command, uint64_t booking) {
    struct challenge challenge = {.command = (uint8_t)command,
                                  .counter = 10,
                                  .booking = booking,
                                  .height = 1,
                                  .time_ms = now};
    memcpy(challenge.lock, lock.public.bytes, sizeof challenge.lock);
    return challenge;
}

START_TEST(assets_and_calendars_are_held_to_their_rules) {
    struct terms bad = usual_terms;
    struct rental_range range;
    set_up((enum way)_i);
    break_rules();
    bad.title = "";
    renter_list(&bad, SHARING_BAD_TEXT);
    bad = usual_terms, bad.latitude = SHARING_LATITUDE_MAX + 1;
    if (way == BY_RAW) renter_list(&bad, SHARING_BAD_PLACE); // routes know what degrees are
    bad = usual_terms, bad.price = 0;
    renter_list(&bad, SHARING_BAD_PRICE);
    bad = usual_terms, bad.deposit = SHARING_DEPOSIT_MAX + 1;
    renter_list(&bad, SHARING_BAD_DEPOSIT);
    bad = usual_terms, bad.cancel_free = SHARING_CANCEL_FREE_MAX + 1;
    renter_list(&bad, SHARING_BAD_CANCEL);
    bad = usual_terms, bad.cancel_part = SHARING_CANCEL_PART_MAX + 1;
    renter_list(&bad, SHARING_BAD_CANCEL);
    bad = usual_terms, bad.late_cap = SHARING_LATE_CAP_MAX + 1;
    renter_list(&bad, SHARING_BAD_LATE_CAP);
    renter_change(1, &usual_terms, SHARING_NOT_THE_OWNER);
    renter_change(9, &usual_terms, SHARING_UNKNOWN_ASSET);
    renter_number("withdraw", 1, SHARING_NOT_THE_OWNER);
    renter_number("revoke", 1, SHARING_NOT_THE_OWNER);
    renter_list(&usual_terms, 0); // the second: its own
    range = ahead(2, 100, 10);
    renter_block(&range, 0);
    renter_block(&range, SHARING_TAKEN);
    range.until_ms = range.from_ms;
    renter_block(&range, SHARING_BAD_RANGE);
    range = ahead(2, 0, 0);
    range.from_ms -= DAY, range.until_ms -= DAY / 2;
    renter_block(&range, SHARING_IN_THE_PAST);
    renter_unblock(2, now + DAY, SHARING_NOT_BLOCKED);
    renter_block_many(2, ahead(2, 200, 0).from_ms, SHARING_BLOCKED_MAX - 1);
    range = ahead(2, 5, 1);
    renter_block(&range, SHARING_TOO_MANY_BLOCKED);
    renter_number("unbind", 2, SHARING_NO_LOCK);
    renter_bind(2, &lock, 1, &phone, SHARING_BAD_LOCK_SIGNATURE);
    renter_bind(2, &lock, 0, &lock, SHARING_OLD_CHALLENGE);
    renter_bind(2, &lock, 1, &lock, 0);
    renter_bind(2, &phone, 1, &phone, SHARING_HAS_A_LOCK);
    renter_list(&usual_terms, 0);
    renter_bind(3, &lock, 2, &lock, SHARING_LOCK_TAKEN);
    renter_number("withdraw", 3, 0);
    renter_number("withdraw", 3, SHARING_ASSET_WITHDRAWN);
    raw_close();
}
END_TEST

START_TEST(bookings_are_held_to_their_rules) {
    struct rental_range range;
    struct key_pair nobody = {0};
    set_up((enum way)_i);
    break_rules();
    renter_list(&usual_terms, 0);
    range = ahead(2, 100, 10);
    renter_book(&range, &phone, 0, SHARING_OWN_ASSET);
    range.asset = 9;
    renter_book(&range, &phone, 0, SHARING_UNKNOWN_ASSET);
    range.asset = 1;
    renter_book(&range, &nobody, 0, SHARING_BAD_KEY);
    if (way == BY_RAW) renter_book(&range, &phone, 1, SHARING_WRONG_PAYMENT); // routes pay it all
    range = ahead(1, 100, 0);
    renter_book(&range, &phone, 0, SHARING_BAD_RANGE);
    range = ahead(1, 100, 32 * 24 * 60);
    renter_book(&range, &phone, 0, SHARING_TOO_LONG);
    range = ahead(1, 366 * 24 * 60, 60);
    renter_book(&range, &phone, 0, SHARING_TOO_FAR_AHEAD);
    range = ahead(1, 0, 60);
    range.from_ms -= 20 * MINUTE;
    renter_book(&range, &phone, 0, SHARING_IN_THE_PAST);
    range = ahead(1, 100, 10);
    renter_book(&range, &phone, 0, 0); // the first booking
    range = ahead(1, 105, 10);
    renter_book(&range, &phone, 0, SHARING_TAKEN);
    renter_extend(9, now + DAY, SHARING_UNKNOWN_BOOKING);
    renter_extend(1, now + 100 * MINUTE, SHARING_BAD_RANGE);
    renter_extend(1, now + 40 * DAY, SHARING_TOO_LONG);
    renter_number("settle", 1, SHARING_NOT_DUE);
    renter_number("end", 1, SHARING_NOT_STARTED);
    renter_number("contest", 1, SHARING_NOT_THE_OWNER);
    renter_number("cancel", 1, 0);
    renter_number("cancel", 1, SHARING_BOOKING_SETTLED);
    renter_act_as("bob");
    range = ahead(1, 100, 10);
    renter_book(&range, &phone, 0, 0); // the second
    break_rules();
    renter_number("cancel", 2, SHARING_NOT_A_PARTY);
    renter_number("end", 2, SHARING_NOT_THE_RENTER);
    range = ahead(1, 0, 60);
    renter_book(&range, &phone, 0, 0); // the third
    renter_warp(61 * 60);
    renter_extend(3, now + DAY, SHARING_BOOKING_OVER);
    raw_close();
}
END_TEST

START_TEST(use_is_held_to_its_rules) {
    struct rental_range range;
    set_up((enum way)_i);
    renter_bind(1, &lock, 1, &lock, 0);
    break_rules();
    range = ahead(1, 100, 10);
    renter_book(&range, &phone, 0, 0);
    struct challenge challenge = challenge_of(CHALLENGE_START, 1);
    renter_start(1, &challenge, &phone, &lock, SHARING_TOO_EARLY);
    range = ahead(1, 0, 60);
    renter_book(&range, &phone, 0, 0); // the second, which has begun
    renter_number("cancel", 2, SHARING_TOO_LATE_TO_CANCEL);
    renter_number("end", 2, SHARING_NOT_STARTED);
    renter_start(2, &challenge, &phone, &lock, SHARING_OTHER_BOOKING);
    challenge = challenge_of(CHALLENGE_RETURN, 2);
    renter_start(2, &challenge, &phone, &lock, SHARING_WRONG_COMMAND);
    challenge = challenge_of(CHALLENGE_START, 2);
    challenge.lock[0] ^= 1;
    renter_start(2, &challenge, &phone, &lock, SHARING_OTHER_LOCK);
    challenge = challenge_of(CHALLENGE_START, 2);
    challenge.height = UINT32_MAX;
    renter_start(2, &challenge, &phone, &lock, SHARING_FROM_THE_FUTURE);
    challenge = challenge_of(CHALLENGE_START, 2);
    renter_start(2, &challenge, &lock, &lock, SHARING_BAD_SIGNATURE);
    renter_start(2, &challenge, &phone, NULL, SHARING_BAD_LOCK_SIGNATURE);
    renter_start(2, &challenge, &phone, &phone, SHARING_BAD_LOCK_SIGNATURE);
    renter_start(2, &challenge, &phone, &lock, 0);
    renter_start(2, &challenge, &phone, &lock, SHARING_OLD_CHALLENGE);
    challenge.counter++;
    renter_start(2, &challenge, &phone, &lock, SHARING_ALREADY_STARTED);
    renter_number("cancel", 2, SHARING_ALREADY_STARTED);
    challenge = challenge_of(CHALLENGE_RETURN, 2);
    challenge.counter = 20;
    renter_give_back(2, &challenge, &phone, &phone, SHARING_BAD_LOCK_SIGNATURE);
    renter_number("end", 2, 0);
    renter_number("end", 2, SHARING_ALREADY_ENDED);
    renter_extend(2, now + DAY, SHARING_ALREADY_ENDED);
    renter_give_back(2, &challenge, &phone, &lock, 0);
    renter_give_back(2, &challenge, &phone, &lock, SHARING_BOOKING_SETTLED);
    renter_act_as("alice");
    renter_number("revoke", 1, 0);
    break_rules();
    renter_extend(1, now + DAY, SHARING_GRANT_REVOKED);
    renter_number("contest", 1, SHARING_NOT_THE_OWNER);
    raw_close();
}
END_TEST

START_TEST(what_only_an_owner_may_is_held_to_its_rules) {
    set_up((enum way)_i);
    break_rules();
    renter_list(&usual_terms, 0); // the second, without a lock
    renter_act_as("bob");
    struct rental_range range = ahead(2, 0, 60);
    renter_book(&range, &phone, 0, 0);
    struct challenge challenge = challenge_of(CHALLENGE_START, 1);
    memset(challenge.lock, 0, sizeof challenge.lock);
    renter_start(1, &challenge, &phone, &lock, SHARING_NO_LOCK);
    renter_start(1, &challenge, &phone, NULL, 0);
    challenge.command = CHALLENGE_RETURN;
    challenge.counter++;
    break_rules();
    renter_give_back(1, &challenge, &phone, &lock, SHARING_NO_LOCK);
    renter_number("contest", 1, SHARING_NOT_ENDING);
    renter_act_as("bob");
    renter_number("end", 1, 0);
    break_rules();
    renter_number("contest", 1, 0);
    renter_number("contest", 1, SHARING_BOOKING_SETTLED);
    raw_close();
}
END_TEST

// Of what has a lock the timer waits for the return.
START_TEST(a_contest_is_held_to_its_rules) {
    set_up((enum way)_i);
    renter_bind(1, &lock, 1, &lock, 0);
    break_rules();
    renter_list(&usual_terms, 0); // the second
    renter_bind(2, &phone, 1, &phone, 0);
    struct rental_range range = ahead(1, 0, 60);
    renter_book(&range, &phone, 0, 0);
    struct challenge challenge = challenge_of(CHALLENGE_START, 1);
    renter_start(1, &challenge, &phone, &lock, 0);
    renter_number("end", 1, 0);
    renter_act_as("alice");
    renter_number("contest", 1, 0);
    break_rules();
    renter_number("end", 1, SHARING_ALREADY_CONTESTED);
    renter_act_as("bob");
    range = ahead(2, 0, 2 * 24 * 60);
    renter_book(&range, &phone, 0, 0);
    challenge = challenge_of(CHALLENGE_START, 2);
    memcpy(challenge.lock, phone.public.bytes, sizeof challenge.lock);
    renter_start(2, &challenge, &phone, &phone, 0);
    renter_number("end", 2, 0);
    renter_warp(SHARING_CLAIM_WINDOW_MS / 1000 + 60);
    break_rules();
    renter_number("contest", 2, SHARING_CLAIM_WINDOW_OVER);
    raw_close();
}
END_TEST

// What the routes never send.
START_TEST(what_is_cut_off_is_refused) {
    struct buf arguments = {0};
    renter_open(markets[BY_RAW]);
    encode_u32(&arguments, 1);
    raw_send("withdraw", &arguments, 0, SHARING_BAD_ARGUMENTS);
    buf_clear(&arguments);
    raw_close();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("sharing rules");
    TCase *cases = tcase_create("servers");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, assets_and_calendars_are_held_to_their_rules, 0, WAYS);
    tcase_add_loop_test(cases, bookings_are_held_to_their_rules, 0, WAYS);
    tcase_add_loop_test(cases, use_is_held_to_its_rules, 0, WAYS);
    tcase_add_loop_test(cases, what_only_an_owner_may_is_held_to_its_rules, 0, WAYS);
    tcase_add_loop_test(cases, a_contest_is_held_to_its_rules, 0, WAYS);
    tcase_add_test(cases, what_is_cut_off_is_refused);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
