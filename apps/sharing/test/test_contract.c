// SPDX-License-Identifier: Apache-2.0
// The contract natively, each rule by itself: assets, bookings, money and locks.
#include "apps/sharing/test/usual.h"
#include "chaincore/contract/account.h"
#include "tests/support/unit.h"

// ---- assets

START_TEST(an_asset_has_terms_within_bounds) {
    static char long_text[SHARING_TEXT_MAX + 2];
    memset(long_text, 'x', SHARING_TEXT_MAX + 1);
    const struct {
        struct terms terms;
        uint32_t refusal;
    } cases[] = {
#define WITH(refused, ...) \
    {{"t", "", "p", "c", 1, 1, 1, 0, 0, 0, 0, 0}, 0}, {{__VA_ARGS__}, refused}
        WITH(SHARING_BAD_TEXT, "", "", "p", "c", 1, 1, 1, 0, 0, 0, 0, 0),
        WITH(SHARING_BAD_TEXT, "t", long_text, "p", "c", 1, 1, 1, 0, 0, 0, 0, 0),
        WITH(SHARING_BAD_TEXT, "t", "", "", "c", 1, 1, 1, 0, 0, 0, 0, 0),
        WITH(SHARING_BAD_TEXT, "t", "", "p", "", 1, 1, 1, 0, 0, 0, 0, 0),
        WITH(SHARING_BAD_PLACE, "t", "", "p", "c", 900000001, 1, 1, 0, 0, 0, 0, 0),
        WITH(SHARING_BAD_PLACE, "t", "", "p", "c", 1, -1800000001, 1, 0, 0, 0, 0, 0),
        WITH(SHARING_BAD_PRICE, "t", "", "p", "c", 1, 1, 0, 0, 0, 0, 0, 0),
        WITH(SHARING_BAD_PRICE, "t", "", "p", "c", 1, 1, SHARING_PRICE_MAX + 1, 0, 0, 0, 0, 0),
        WITH(SHARING_BAD_PRICE, "t", "", "p", "c", 1, 1, 1, SHARING_UNITS, 0, 0, 0, 0),
        WITH(SHARING_BAD_DEPOSIT, "t", "", "p", "c", 1, 1, 1, 0, SHARING_DEPOSIT_MAX + 1, 0, 0, 0),
        WITH(SHARING_BAD_LATE_CAP, "t", "", "p", "c", 1, 1, 1, 0, 0, SHARING_LATE_CAP_MAX + 1, 0,
             0),
        WITH(SHARING_BAD_CANCEL, "t", "", "p", "c", 1, 1, 1, 0, 0, 0, SHARING_CANCEL_FREE_MAX + 1,
             0),
        WITH(SHARING_BAD_CANCEL, "t", "", "p", "c", 1, 1, 1, 0, 0, 0, 0,
             SHARING_CANCEL_PART_MAX + 1),
        {{"t", "", "p", "c", -900000000, 1800000000, SHARING_PRICE_MAX, SHARING_PER_HOUR,
          SHARING_DEPOSIT_MAX, SHARING_LATE_CAP_MAX, SHARING_CANCEL_FREE_MAX,
          SHARING_CANCEL_PART_MAX},
         0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(renting_list(&cases[i].terms) == cases[i].refusal, "case %zu", i);
    struct buf arguments = {0};
    encode_terms(&arguments, &usual_terms);
    encode_u8(&arguments, 0);
    ck_assert_uint_eq(renting_call("list", &arguments, 0), SHARING_BAD_ARGUMENTS);
    buf_clear(&arguments);
}
END_TEST

START_TEST(only_its_owner_changes_an_asset_and_bookings_keep_their_terms) {
    struct terms dearer = usual_terms;
    struct buf arguments = {0};
    dearer.price = 99;
    encode_u64(&arguments, 1);
    encode_terms(&arguments, &dearer);
    ck_assert_uint_eq(renting_call("change", &arguments, 0), SHARING_NOT_THE_OWNER);
    ck_assert_uint_eq(renting_number("withdraw", 1), SHARING_NOT_THE_OWNER);
    ck_assert_uint_eq(renting_number("withdraw", 99), SHARING_UNKNOWN_ASSET);
    usual_book_and_start();
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_call("change", &arguments, 0), 0);
    buf_clear(&arguments);
    ck_assert_uint_eq(usual_give_back_at(BEGIN + 30), 0);
    usual_expect_settled(SHARING_RETURNED, 30 * PRICE);
}
END_TEST

START_TEST(what_is_withdrawn_is_booked_no_more_and_its_bookings_go_on) {
    usual_book_and_start();
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("withdraw", 1), 0);
    ck_assert_uint_eq(renting_number("withdraw", 1), SHARING_ASSET_WITHDRAWN);
    renting_act_as(BEN);
    ck_assert_uint_eq(usual_try(1300, 1310), SHARING_ASSET_WITHDRAWN);
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 10) * MINUTE, 10 * PRICE),
                      SHARING_ASSET_WITHDRAWN);
    ck_assert_uint_eq(usual_give_back_at(BEGIN + 30), 0);
    usual_expect_settled(SHARING_RETURNED, 30 * PRICE);
}
END_TEST

// ---- the calendar

START_TEST(what_overlaps_is_refused_and_what_touches_is_not) {
    usual_book();
    renting_act_as(CLARA);
    ck_assert_uint_eq(usual_try(BEGIN, END), SHARING_TAKEN);
    ck_assert_uint_eq(usual_try(BEGIN - 50, BEGIN + 1), SHARING_TAKEN);
    ck_assert_uint_eq(usual_try(END - 1, END + 50), SHARING_TAKEN);
    ck_assert_uint_eq(usual_try(BEGIN + 10, BEGIN + 20), SHARING_TAKEN);
    ck_assert_uint_eq(usual_try(BEGIN - 50, END + 50), SHARING_TAKEN);
    ck_assert_uint_eq(usual_try(BEGIN - 50, BEGIN), 0);
    ck_assert_uint_eq(usual_try(END, END + 50), 0);
    ck_assert_uint_eq(usual_try(BEGIN - 50, END + 50), SHARING_TAKEN);
}
END_TEST

START_TEST(an_owner_keeps_times_for_itself) {
    struct rental_range range = usual_range(BEGIN, END);
    ck_assert_uint_eq(renting_range("block", &range), SHARING_NOT_THE_OWNER);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_range("block", &range), 0);
    ck_assert_uint_eq(renting_range("block", &range), SHARING_TAKEN);
    range.until_ms = range.from_ms;
    ck_assert_uint_eq(renting_range("block", &range), SHARING_BAD_RANGE);
    renting_act_as(BEN);
    ck_assert_uint_eq(usual_try(BEGIN + 1, BEGIN + 2), SHARING_TAKEN);
    ck_assert_uint_eq(renting_pair("unblock", 1, END * MINUTE, 0), SHARING_NOT_THE_OWNER);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_pair("unblock", 1, (END + 1) * MINUTE, 0), SHARING_NOT_BLOCKED);
    ck_assert_uint_eq(renting_pair("unblock", 1, END * MINUTE, 0), 0);
    renting_act_as(BEN);
    usual_book();
    renting_act_as(ANNA); // a booking is not the owner's to free
    ck_assert_uint_eq(renting_pair("unblock", 1, END * MINUTE, 0), SHARING_NOT_BLOCKED);
    for (uint64_t i = 0; i < SHARING_BLOCKED_MAX; i++) {
        range = usual_range(2000 + i, 2001 + i);
        ck_assert_uint_eq(renting_range("block", &range), 0);
    }
    range = usual_range(3000, 3001);
    ck_assert_uint_eq(renting_range("block", &range), SHARING_TOO_MANY_BLOCKED);
}
END_TEST

START_TEST(a_booking_lies_ahead_and_is_neither_too_long_nor_too_far) {
    uint64_t day = 24 * 60;
    ck_assert_uint_eq(usual_try(BEFORE - 6, BEFORE + 10), SHARING_IN_THE_PAST);
    ck_assert_uint_eq(usual_try(BEFORE - 3, BEFORE), SHARING_IN_THE_PAST);
    ck_assert_uint_eq(usual_try(BEFORE + 10, BEFORE + 10), SHARING_BAD_RANGE);
    ck_assert_uint_eq(usual_try(BEFORE, BEFORE + 31 * day + 1), SHARING_TOO_LONG);
    ck_assert_uint_eq(usual_try(BEFORE + 366 * day - 10, BEFORE + 366 * day + 1),
                      SHARING_TOO_FAR_AHEAD);
    ck_assert_uint_eq(usual_try(UINT64_MAX / MINUTE - 10, UINT64_MAX / MINUTE),
                      SHARING_TOO_FAR_AHEAD);
    ck_assert_uint_eq(usual_try(BEFORE - 5, BEFORE + 10), 0); // the block came a little later
    ck_assert_uint_eq(usual_try(BEFORE + 366 * day - 31 * day, BEFORE + 366 * day), 0);
}
END_TEST

// ---- money

START_TEST(a_booking_takes_what_it_costs_to_the_unit) {
    uint64_t total = (END - BEGIN) * PRICE + DEPOSIT + TIMER_UNITS;
    struct rental_range range = usual_range(BEGIN, END);
    ck_assert_uint_eq(renting_book(&range, 0), SHARING_WRONG_PAYMENT);
    ck_assert_uint_eq(renting_book(&range, total - 1), SHARING_WRONG_PAYMENT);
    ck_assert_uint_eq(renting_book(&range, total + 1), SHARING_WRONG_PAYMENT);
    ck_assert_uint_eq(renting.mock->balance, 0);
    range.until_ms -= MINUTE - 1; // one started minute less a bit is still that minute
    ck_assert_uint_eq(renting_book(&range, total), 0);
    ck_assert_uint_eq(renting.mock->balance, total - TIMER_UNITS);
}
END_TEST

START_TEST(nobody_rents_from_themselves_or_what_is_not_there) {
    struct rental_range range = {.asset = 99, .from_ms = BEGIN * MINUTE, .until_ms = END * MINUTE};
    struct buf arguments = {0};
    struct key_pair nobody = {0};
    ck_assert_uint_eq(renting_book(&range, 1), SHARING_UNKNOWN_ASSET);
    range.asset = 1;
    encode_book(&arguments, &range, &nobody);
    ck_assert_uint_eq(renting_call("book", &arguments, 1), SHARING_BAD_KEY);
    buf_clear(&arguments);
    renting_act_as(ANNA);
    ck_assert_uint_eq(usual_try(BEGIN, END), SHARING_OWN_ASSET);
}
END_TEST

START_TEST(either_side_cancels_before_it_begins_and_all_goes_back) {
    for (enum person person = ANNA; person <= BEN; person++) {
        renting_act_as(BEN);
        ck_assert_uint_eq(usual_try(BEGIN, END), 0);
        uint64_t number = renting_result(), before = renting_paid(BEN);
        renting_act_as(CLARA);
        ck_assert_uint_eq(renting_number("cancel", number), SHARING_NOT_A_PARTY);
        renting_act_as(person);
        ck_assert_uint_eq(renting_number("cancel", number), 0);
        ck_assert_uint_eq(renting_settled().outcome, SHARING_CANCELLED);
        ck_assert_uint_eq(renting_paid(BEN) - before,
                          (END - BEGIN) * PRICE + DEPOSIT + TIMER_UNITS);
        ck_assert_uint_eq(renting.mock->timer_count, 0);
        ck_assert_uint_eq(renting_number("cancel", number), SHARING_BOOKING_SETTLED);
    }
    ck_assert_uint_eq(renting_number("cancel", 99), SHARING_UNKNOWN_BOOKING);
    ck_assert_uint_eq(usual_try(BEGIN, END), 0); // the time is free again
    usual_at(BEGIN);
    uint64_t number = renting_result();
    ck_assert_uint_eq(renting_number("cancel", number), SHARING_TOO_LATE_TO_CANCEL);
    renting_act_as(ANNA); // the lock may have started it
    ck_assert_uint_eq(renting_number("cancel", number), SHARING_TOO_LATE_TO_CANCEL);
    struct challenge challenge = renting_challenge(CHALLENGE_START, number, BEGIN * MINUTE);
    ck_assert_uint_eq(renting_start(&challenge), 0);
}
END_TEST

START_TEST(who_cancels_later_than_agreed_owes_the_agreed_part) {
    const uint64_t rent = (END - BEGIN) * PRICE, part = rent * 30 / 100; // of an hour before
    const struct {
        uint64_t minute;
        enum person who;
        uint64_t bill;
    } cases[] = {{BEGIN - 60, BEN, 0}, {BEGIN - 59, ANNA, 0}, {BEGIN - 59, BEN, part}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        renting_act_as(BEN);
        usual_at(BEFORE);
        ck_assert_uint_eq(usual_try(BEGIN, END), 0);
        uint64_t number = renting_result(), paid = renting_paid(ANNA);
        usual_at(cases[i].minute);
        renting_act_as(cases[i].who);
        ck_assert_uint_eq(renting_number("cancel", number), 0);
        struct settled settled = renting_settled();
        ck_assert_uint_eq(settled.outcome, SHARING_CANCELLED);
        ck_assert_uint_eq(settled.bill, cases[i].bill);
        ck_assert_uint_eq(settled.refund, rent + DEPOSIT - cases[i].bill);
        ck_assert_uint_eq(renting_paid(ANNA) - paid, cases[i].bill);
        ck_assert_uint_eq(renting.mock->balance, 0);
    }
}
END_TEST

// However the terms change, those of the booking count; and who revokes gets nothing.
START_TEST(what_cancelling_costs_is_agreed_when_it_is_booked) {
    struct terms dearer = usual_terms;
    struct buf arguments = {0};
    usual_book();
    ck_assert_uint_eq(usual_try(END, END + 60), 0);
    dearer.cancel_part = 100;
    encode_u64(&arguments, 1);
    encode_terms(&arguments, &dearer);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_call("change", &arguments, 0), 0);
    buf_clear(&arguments);
    usual_at(BEGIN - 1);
    renting_act_as(BEN);
    ck_assert_uint_eq(renting_number("cancel", 1), 0);
    ck_assert_uint_eq(renting_settled().bill, (END - BEGIN) * PRICE * 30 / 100);
    usual_at(END - 1);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("revoke", 1), 0);
    renting_act_as(BEN);
    ck_assert_uint_eq(renting_number("cancel", 2), 0);
    ck_assert_uint_eq(renting_settled().bill, 0);
}
END_TEST

START_TEST(without_a_lock_the_owner_cancels_until_its_use_has_started) {
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("unbind", 1), 0);
    renting_act_as(BEN);
    usual_book();
    usual_at(BEGIN + 1);
    ck_assert_uint_eq(renting_number("cancel", 1), SHARING_TOO_LATE_TO_CANCEL);
    renting_act_as(ANNA); // who may forgo what is owed
    ck_assert_uint_eq(renting_number("cancel", 1), 0);
    usual_expect_settled(SHARING_CANCELLED, 0);
}
END_TEST

START_TEST(what_started_is_not_cancelled) {
    usual_book_and_start();
    ck_assert_uint_eq(renting_number("cancel", 1), SHARING_ALREADY_STARTED);
}
END_TEST

// A timer's run pays for accounts that it has to make again out of the contract's balance, and gets
// back what it frees.
START_TEST(what_settling_frees_is_more_than_two_accounts_take) {
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("unbind", 1), 0); // without a grant it is the least
    renting_act_as(BEN);
    usual_book();
    uint8_t slot[17] = {'c'};
    struct bytes value;
    store_u64_be(slot + 1, 1);
    store_u64_be(slot + 9, END * MINUTE);
    ck_assert(mock_stored(renting.mock, BYTES_OF(slot), &value));
    size_t freed = DEPOSIT_ENTRY_BYTES + sizeof slot + value.len;
    uint8_t booking[9] = {'b'};
    store_u64_be(booking + 1, 1);
    ck_assert(mock_stored(renting.mock, BYTES_OF(booking), &value));
    freed += DEPOSIT_ENTRY_BYTES + sizeof booking + value.len;
    ck_assert_uint_gt(freed, 2 * ACCOUNT_BYTES);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert(!mock_stored(renting.mock, BYTES_OF(slot), &value));
    ck_assert(!mock_stored(renting.mock, BYTES_OF(booking), &value));
}
END_TEST

// ---- locks

START_TEST(a_grant_stands_while_its_booking_does) {
    usual_book();
    const uint8_t *bytes = usual_stored('g', 1, GRANT_BYTES);
    struct grant grant;
    ck_assert_ptr_nonnull(bytes);
    grant_decode(&grant, bytes);
    ck_assert_uint_eq(grant.version, GRANT_VERSION);
    ck_assert_uint_eq(grant.booking, 1);
    ck_assert_uint_eq(grant.asset, 1);
    ck_assert_mem_eq(grant.lock, renting.lock.public.bytes, 32);
    ck_assert_mem_eq(grant.renter_key, renting.phone.public.bytes, 32);
    ck_assert_uint_eq(grant.from_ms, BEGIN * MINUTE);
    ck_assert_uint_eq(grant.until_ms, END * MINUTE);
    ck_assert_uint_eq(grant.policy_epoch, 0);
    usual_at(BEGIN);
    usual_start(1);
    usual_at(BEGIN + 30);
    ck_assert_uint_eq(renting_number("end", 1), 0); // who says that it is over opens no more
    bytes = usual_stored('g', 1, GRANT_BYTES);
    ck_assert_uint_eq(load_u64_le(bytes + GRANT_BYTES - 16), (BEGIN + 30) * MINUTE);
    ck_assert_uint_eq(usual_give_back_at(BEGIN + 31), 0);
    ck_assert_ptr_null(usual_stored('g', 1, GRANT_BYTES));
    ck_assert_ptr_null(usual_stored('b', 1, 0));
}
END_TEST

START_TEST(a_lock_belongs_to_one_asset_and_says_so_itself) {
    struct buf arguments = {0};
    struct key_pair other = key_pair_of(9);
    struct lock_binding binding = {.asset = 1, .counter = 5};
    ck_assert_uint_eq(renting_bind(1, &other, 1), SHARING_NOT_THE_OWNER);
    ck_assert_uint_eq(renting_number("unbind", 1), SHARING_NOT_THE_OWNER);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_bind(1, &other, 1), SHARING_HAS_A_LOCK);
    ck_assert_uint_eq(renting_list(&usual_terms), 0);
    ck_assert_uint_eq(renting_bind(2, &renting.lock, 2), SHARING_LOCK_TAKEN);
    ck_assert_uint_eq(renting_number("unbind", 1), 0);
    ck_assert_uint_eq(renting_number("unbind", 1), SHARING_NO_LOCK);
    ck_assert_uint_eq(renting_number("revoke", 1), SHARING_NO_LOCK);
    ck_assert_uint_eq(renting_bind(1, &renting.lock, 1), SHARING_OLD_CHALLENGE); // replayed
    memcpy(binding.lock, other.public.bytes, 32);                                // of another owner
    encode_bind(&arguments, &binding, &other, &renting.mock->chain_id);
    ck_assert_uint_eq(renting_call("bind_lock", &arguments, 0), SHARING_BAD_LOCK_SIGNATURE);
    buf_reset(&arguments);
    memset(binding.lock, 0, 32);
    encode_bind(&arguments, &binding, &other, &renting.mock->chain_id);
    ck_assert_uint_eq(renting_call("bind_lock", &arguments, 0), SHARING_BAD_KEY);
    buf_clear(&arguments);
    ck_assert_uint_eq(renting_bind(1, &renting.lock, 2), 0);
}
END_TEST

// The epoch of the usual lock's policy.
static uint64_t policy_epoch(void) {
    uint8_t key[POLICY_KEY_BYTES];
    struct bytes value;
    struct policy policy;
    policy_key(key, renting.lock.public.bytes);
    ck_assert(mock_stored(renting.mock, BYTES_OF(key), &value));
    ck_assert_uint_eq(value.len, POLICY_BYTES);
    policy_decode(&policy, value.data);
    ck_assert_uint_eq(policy.version, POLICY_VERSION);
    ck_assert_uint_eq(policy.asset, 1);
    ck_assert_mem_eq(policy.owner, renting_account(ANNA).bytes, 32);
    return policy.epoch;
}

START_TEST(who_revokes_a_grant_earns_nothing_by_it) {
    ck_assert_uint_eq(policy_epoch(), 0);
    usual_book();
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("revoke", 1), 0);
    ck_assert_uint_eq(policy_epoch(), 1);
    ck_assert_uint_eq(usual_stored('g', 1, GRANT_BYTES)[GRANT_BYTES - 8],
                      0); // it stands, and is void
    renting_act_as(BEN);
    ck_assert_uint_eq(renting_pair("extend", 1, (END + 30) * MINUTE, 30 * PRICE),
                      SHARING_GRANT_REVOKED);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting_paid(ANNA), 0);
    ck_assert_uint_eq(renting_paid(BEN), (END - BEGIN) * PRICE + DEPOSIT);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

START_TEST(what_was_revoked_goes_back_by_itself_and_is_not_contested) {
    usual_book();
    ck_assert_uint_eq(usual_try(END, END + 60), 0);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("unbind", 1), 0);
    ck_assert_uint_eq(renting_bind(1, &renting.lock, 2), 0); // as good as a revocation
    usual_at(BEGIN);
    renting_act_as(BEN);
    ck_assert_uint_eq(renting_number("cancel", 1), SHARING_TOO_LATE_TO_CANCEL);
    usual_run_timers_until(END + LATE_CAP - 1);
    ck_assert_uint_eq(renting_paid(BEN), 0);
    // Until then whoever has the lock's word brings it, and what was used is owed.
    struct challenge challenge = renting_challenge(CHALLENGE_START, 2, END * MINUTE);
    ck_assert_uint_eq(renting_start(&challenge), 0);
    ck_assert_uint_eq(renting_number("end", 2), 0);
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("contest", 2), SHARING_GRANT_REVOKED);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting_paid(BEN), (END - BEGIN) * PRICE + DEPOSIT);
}
END_TEST

START_TEST(what_has_no_lock_starts_and_ends_by_its_renter) {
    renting_act_as(ANNA);
    ck_assert_uint_eq(renting_number("unbind", 1), 0);
    renting_act_as(BEN);
    usual_book();
    ck_assert_ptr_null(usual_stored('g', 1, GRANT_BYTES));
    usual_at(END);
    struct challenge challenge = renting_challenge(CHALLENGE_START, 1, END * MINUTE - 1);
    ck_assert_uint_eq(renting_start(&challenge), SHARING_OTHER_LOCK);
    memset(challenge.lock, 0, sizeof challenge.lock);
    ck_assert_uint_eq(renting_start(&challenge), 0); // whatever the time that the renter says
    challenge.command = CHALLENGE_RETURN;
    challenge.counter++;
    ck_assert_uint_eq(renting_give_back(&challenge), SHARING_NO_LOCK);
    usual_at(END + 1);
    ck_assert_uint_eq(renting_number("end", 1), 0);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting_paid(ANNA), (END - BEGIN + 1) * PRICE);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

// ---- arguments

static uint64_t random_state = 1;

// splitmix64
static uint64_t pick(uint64_t below) {
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

// Lengths that lie, ends that are missing: refused or taken whole, and no byte outside is touched.
START_TEST(arguments_of_any_bytes_are_refused_or_taken_whole) {
    static const char *const methods[] = {
        "list", "change", "withdraw", "block", "unblock", "unbind",  "bind_lock", "revoke",
        "book", "extend", "cancel",   "start", "end",     "contest", "settle",    "give_back"};
    struct buf arguments = {0};
    usual_book();
    for (int i = 0; i < 4000; i++) {
        const char *method = methods[pick(sizeof methods / sizeof *methods)];
        buf_reset(&arguments);
        encode_u64(&arguments, 1);
        if (pick(2)) encode_terms(&arguments, &usual_terms);
        for (uint64_t more = pick(60); more > 0; more--) encode_u8(&arguments, (uint8_t)pick(256));
        for (uint64_t flips = pick(4); flips > 0; flips--)
            arguments.data[pick(arguments.len)] = (uint8_t)pick(256);
        arguments.len -= pick(4) == 0 ? pick(arguments.len) : 0;
        // Exactly as long as it is, so that reading past the end is seen.
        struct buf exact = {0};
        buf_append(&exact, buf_bytes(&arguments));
        renting_act_as((enum person)pick(PERSONS));
        renting_call(method, &exact, 0);
        buf_clear(&exact);
    }
    buf_clear(&arguments);
    usual_run_timers_until(END + LATE_CAP);
    ck_assert_uint_eq(renting.mock->balance, 0);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("sharing contract");
    TCase *cases = tcase_create("rules");
    tcase_add_checked_fixture(cases, usual_open, usual_close);
    tcase_add_test(cases, an_asset_has_terms_within_bounds);
    tcase_add_test(cases, only_its_owner_changes_an_asset_and_bookings_keep_their_terms);
    tcase_add_test(cases, what_is_withdrawn_is_booked_no_more_and_its_bookings_go_on);
    tcase_add_test(cases, what_overlaps_is_refused_and_what_touches_is_not);
    tcase_add_test(cases, an_owner_keeps_times_for_itself);
    tcase_add_test(cases, a_booking_lies_ahead_and_is_neither_too_long_nor_too_far);
    tcase_add_test(cases, a_booking_takes_what_it_costs_to_the_unit);
    tcase_add_test(cases, nobody_rents_from_themselves_or_what_is_not_there);
    tcase_add_test(cases, either_side_cancels_before_it_begins_and_all_goes_back);
    tcase_add_test(cases, who_cancels_later_than_agreed_owes_the_agreed_part);
    tcase_add_test(cases, what_cancelling_costs_is_agreed_when_it_is_booked);
    tcase_add_test(cases, without_a_lock_the_owner_cancels_until_its_use_has_started);
    tcase_add_test(cases, what_started_is_not_cancelled);
    tcase_add_test(cases, a_grant_stands_while_its_booking_does);
    tcase_add_test(cases, a_lock_belongs_to_one_asset_and_says_so_itself);
    tcase_add_test(cases, who_revokes_a_grant_earns_nothing_by_it);
    tcase_add_test(cases, what_was_revoked_goes_back_by_itself_and_is_not_contested);
    tcase_add_test(cases, what_has_no_lock_starts_and_ends_by_its_renter);
    tcase_add_test(cases, what_settling_frees_is_more_than_two_accounts_take);
    tcase_add_test(cases, arguments_of_any_bytes_are_refused_or_taken_whole);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
