// SPDX-License-Identifier: Apache-2.0
// Random histories of renting against a model of the rules. At every step the contract holds what
// is owed, to the unit, and has paid whom the model says; a call is refused exactly when it breaks
// a rule, for one that it breaks; and at the end timers alone have settled everything.
//
// HISTORIES in the environment says how many there are.
#include <stdlib.h>

#include "apps/sharing/test/rental_model.h"
#include "tests/support/unit.h"

enum { USUAL_HISTORIES = 2000, HISTORIES_A_MOCK = 500, STEPS = 40, LOCKS = THINGS };
#define MINUTE SHARING_MINUTE_MS

static struct model model;
static struct key_pair locks[LOCKS];
static uint64_t random_state, history;
static uint64_t paid_before[PERSONS], left_before[PERSONS];
static uint64_t bind_counters[LOCKS], epochs[LOCKS]; // of locks, which outlive histories
static uint64_t refusals[64];                        // by code; 0: what was done

// splitmix64
static uint64_t pick(uint64_t below) {
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

// Cheaper than an assertion of the framework, of which there would be millions.
static void must(bool holds, const char *what) {
    if (!holds) ck_abort_msg("%s, in history %llu", what, (unsigned long long)history);
}

// Was it done? Refused must be what breaks a rule, by the code of one of them.
static bool went(uint32_t refusal, uint64_t broken) {
    must(refusal == 0 || (broken >> refusal & 1), "refused for a rule that is not broken");
    must(refusal != 0 || broken == 0, "a broken rule is not refused");
    refusals[refusal]++;
    return refusal == 0;
}

static void check_money(void) {
    must(renting.mock->balance == model_escrow(&model), "the escrow is not what is owed");
    for (enum person person = ANNA; person < PERSONS; person++) {
        must(renting_paid(person) - paid_before[person] == model.paid[person],
             "somebody was paid something else");
        must(renting_left(person) - left_before[person] == model.left[person],
             "a timer has left something else to somebody");
    }
}

// ---- what people do

static uint64_t near_now(uint64_t minutes_back, uint64_t minutes_ahead) {
    uint64_t ms = pick((minutes_back + minutes_ahead) * MINUTE);
    uint64_t at = model.now_ms + ms;
    return at > minutes_back * MINUTE ? at - minutes_back * MINUTE : 0;
}

// Mostly one that is open.
static struct rental *any_rental(void) {
    struct rental *rental = NULL;
    for (int tries = 0; tries < 4 && model.rental_count > 0; tries++) {
        rental = &model.rentals[pick(model.rental_count)];
        if (rental->phase != PHASE_OVER) break;
    }
    return rental;
}

// Mostly the one whose turn it is.
static enum person mostly(enum person person) {
    return pick(6) == 0 ? (enum person)pick(PERSONS) : person;
}

static void do_book(void) {
    struct thing *thing = &model.things[pick(THINGS)];
    struct rental wish = {.thing = thing,
                          .renter = (enum person)pick(PERSONS),
                          .from_ms = near_now(pick(8) == 0 ? 30 : 3, 600),
                          .price = thing->price,
                          .late_ms = thing->late_ms,
                          .cancel_free_ms = thing->cancel_free_ms,
                          .cancel_part = thing->cancel_part,
                          .deposit = thing->deposit,
                          .had_lock = thing->is_locked,
                          .epoch = thing->epoch};
    uint64_t error = pick(12) == 0 ? 1 : 0;
    if (model.rental_count == RENTALS) return;
    wish.until_ms = wish.from_ms + pick(pick(20) == 0 ? 50000 * MINUTE : 300 * MINUTE);
    if (pick(40) == 0) wish.until_ms = wish.from_ms;
    if (pick(60) == 0) wish.until_ms += 366 * SHARING_DAY_MS;
    wish.rent = wish.until_ms > wish.from_ms ? model_rent(&wish, wish.until_ms) : 0;
    wish.timer_ms = model_last_ms(&wish);
    wish.timer_units = model_timer_units(&model);
    renting_act_as(wish.renter);
    uint64_t broken =
        model_book_breaks(&model, thing, &wish) | model_rule(error, SHARING_WRONG_PAYMENT);
    struct rental_range range = {thing->number, wish.from_ms, wish.until_ms};
    if (!went(renting_book(&range, wish.rent + wish.deposit + wish.timer_units + error), broken))
        return;
    wish.number = renting_result();
    model.rentals[model.rental_count++] = wish;
}

static void do_extend(struct rental *rental) {
    enum person who = mostly(rental->renter);
    uint64_t until_ms = rental->until_ms + pick(120 * MINUTE), error = pick(12) == 0 ? 1 : 0;
    uint64_t timer = model_timer_units(&model);
    uint64_t units = model_rent(rental, until_ms) - rental->rent;
    if (timer > rental->timer_units) units += timer - rental->timer_units;
    renting_act_as(who);
    uint64_t broken = model_extend_breaks(&model, rental, who, until_ms) |
                      model_rule(error, SHARING_WRONG_PAYMENT);
    if (went(renting_pair("extend", rental->number, until_ms, units + error), broken))
        model_extend(&model, rental, until_ms);
}

static void do_cancel(struct rental *rental) {
    enum person who = mostly(pick(2) ? rental->renter : rental->thing->owner);
    renting_act_as(who);
    if (went(renting_number("cancel", rental->number), model_cancel_breaks(&model, rental, who)))
        model_settle(&model, rental, model_cancel_bill(&model, rental, who), false);
}

static const struct key_pair *lock_of(const struct rental *rental) {
    return &locks[rental->thing - model.things];
}

// With a mistake now and then; *broken says which.
static struct challenge challenge_of(const struct rental *rental, enum challenge_command command,
                                     uint64_t *broken) {
    struct challenge challenge = {.command = (uint8_t)command,
                                  .counter = rental->counter + pick(4),
                                  .booking = rental->number,
                                  .height = renting.mock->height,
                                  .time_ms = near_now(90, 5)};
    if (rental->had_lock) memcpy(challenge.lock, lock_of(rental)->public.bytes, 32);
    if (pick(15) == 0) challenge.command = (uint8_t)pick(5);
    if (pick(15) == 0) challenge.height++;
    if (pick(15) == 0) challenge.lock[31] ^= 1;
    *broken = model_rule(challenge.command != command, SHARING_WRONG_COMMAND) |
              model_rule(challenge.height > renting.mock->height, SHARING_FROM_THE_FUTURE) |
              model_rule(challenge.counter <= rental->counter, SHARING_OLD_CHALLENGE) |
              model_rule(rental->phase == PHASE_OVER, SHARING_BOOKING_SETTLED);
    uint8_t lock[32] = {0};
    if (rental->had_lock) memcpy(lock, lock_of(rental)->public.bytes, 32);
    *broken |= model_rule(memcmp(lock, challenge.lock, 32) != 0, SHARING_OTHER_LOCK);
    return challenge;
}

// With a wrong or a missing signature now and then.
struct signers {
    const struct key_pair *renter, *lock; // NULL: it does not sign
};
static struct signers signers_of(const struct rental *rental, uint64_t *broken) {
    struct signers signers = {&renting.phone, rental->had_lock ? lock_of(rental) : NULL};
    uint64_t what = pick(30);
    if (what == 0) signers.renter = &locks[0];
    if (what == 1) signers.lock = &renting.phone;
    if (what == 2) signers.lock = NULL;
    bool is_co_signed = signers.lock == lock_of(rental);
    *broken |= model_rule(signers.renter != &renting.phone, SHARING_BAD_SIGNATURE) |
               model_rule(rental->had_lock && !is_co_signed, SHARING_BAD_LOCK_SIGNATURE) |
               model_rule(!rental->had_lock && signers.lock != NULL, SHARING_NO_LOCK);
    return signers;
}

static uint32_t send_challenge(const char *method, const struct challenge *challenge,
                               const struct signers *signers) {
    struct buf arguments = {0};
    encode_challenge(&arguments, challenge, signers->renter, signers->lock,
                     &renting.mock->chain_id);
    uint32_t refusal = renting_call(method, &arguments, 0);
    buf_clear(&arguments);
    return refusal;
}

static uint64_t no_later(uint64_t ms) { return ms < model.now_ms ? ms : model.now_ms; }

static void do_start(struct rental *rental) {
    uint64_t broken;
    struct challenge challenge = challenge_of(rental, CHALLENGE_START, &broken);
    struct signers signers = signers_of(rental, &broken);
    uint64_t shown_ms = no_later(challenge.time_ms);
    broken |= model_rule(rental->phase != PHASE_BOOKED, SHARING_ALREADY_STARTED) |
              model_rule(model.now_ms < rental->from_ms, SHARING_TOO_EARLY) |
              model_rule(shown_ms >= rental->until_ms, SHARING_BOOKING_OVER);
    if (!went(send_challenge("start", &challenge, &signers), broken)) return;
    rental->counter = challenge.counter;
    model_start(rental, shown_ms);
}

static void do_give_back(struct rental *rental) {
    uint64_t broken;
    struct challenge challenge = challenge_of(rental, CHALLENGE_RETURN, &broken);
    struct signers signers = signers_of(rental, &broken);
    broken |= model_rule(!rental->had_lock, SHARING_NO_LOCK) |
              model_rule(model.now_ms < rental->from_ms, SHARING_TOO_EARLY);
    if (went(send_challenge("give_back", &challenge, &signers), broken))
        model_give_back(&model, rental, no_later(challenge.time_ms));
}

static void do_end(struct rental *rental) {
    enum person who = mostly(rental->renter);
    renting_act_as(who);
    if (went(renting_number("end", rental->number), model_end_breaks(rental, who)))
        model_end(&model, rental);
}

static void do_contest(struct rental *rental) {
    enum person who = mostly(rental->thing->owner);
    renting_act_as(who);
    if (!went(renting_number("contest", rental->number), model_contest_breaks(&model, rental, who)))
        return;
    model_contest(&model, rental);
    check_money();
    if (pick(2)) do_end(rental); // a renter who insists
}

static void do_settle(struct rental *rental) {
    renting_act_as((enum person)pick(PERSONS));
    if (went(renting_number("settle", rental->number), model_settle_breaks(&model, rental)))
        model_settle_now(&model, rental, false);
}

// ---- what owners do

static void do_keep(struct thing *thing, enum person who) {
    struct rental_range range = {.asset = thing->number, .from_ms = near_now(60, 600)};
    range.until_ms = range.from_ms + pick(120 * MINUTE);
    if (thing->kept_count == KEPT) return;
    uint64_t broken = model_keep_breaks(&model, thing, &range) |
                      model_rule(who != thing->owner, SHARING_NOT_THE_OWNER);
    if (went(renting_range("block", &range), broken)) thing->kept[thing->kept_count++] = range;
}

static void do_give_free(struct thing *thing, enum person who) {
    size_t i = pick(KEPT);
    bool is_there = i < thing->kept_count;
    uint64_t until_ms = is_there ? thing->kept[i].until_ms : model.now_ms + 1;
    uint64_t broken = model_rule(!is_there, SHARING_NOT_BLOCKED) |
                      model_rule(thing->is_withdrawn, SHARING_ASSET_WITHDRAWN) |
                      model_rule(who != thing->owner, SHARING_NOT_THE_OWNER);
    if (went(renting_pair("unblock", thing->number, until_ms, 0), broken))
        thing->kept[i] = thing->kept[--thing->kept_count];
}

static void do_bind(struct thing *thing, enum person who) {
    size_t i = (size_t)(thing - model.things);
    uint64_t counter = bind_counters[i] + pick(3);
    uint64_t broken = model_rule(who != thing->owner, SHARING_NOT_THE_OWNER) |
                      model_rule(thing->is_withdrawn, SHARING_ASSET_WITHDRAWN) |
                      model_rule(thing->is_locked, SHARING_HAS_A_LOCK) |
                      model_rule(thing->is_locked, SHARING_LOCK_TAKEN) |
                      model_rule(counter <= bind_counters[i], SHARING_OLD_CHALLENGE);
    if (!went(renting_bind(thing->number, &locks[i], counter), broken)) return;
    bind_counters[i] = counter;
    thing->is_locked = true;
    thing->epoch = epochs[i];
}

static void do_unbind(struct thing *thing, enum person who, bool is_revocation) {
    size_t i = (size_t)(thing - model.things);
    uint64_t broken = model_rule(who != thing->owner, SHARING_NOT_THE_OWNER) |
                      model_rule(!thing->is_locked, SHARING_NO_LOCK);
    if (!went(renting_number(is_revocation ? "revoke" : "unbind", thing->number), broken)) return;
    thing->epoch = ++epochs[i];
    thing->is_locked = is_revocation;
}

static void do_withdraw(struct thing *thing, enum person who) {
    uint64_t broken = model_rule(who != thing->owner, SHARING_NOT_THE_OWNER) |
                      model_rule(thing->is_withdrawn, SHARING_ASSET_WITHDRAWN);
    if (went(renting_number("withdraw", thing->number), broken)) thing->is_withdrawn = true;
}

static struct terms terms_of(struct thing *thing) {
    struct terms terms = usual_terms;
    terms.text = "";
    terms.price = 1 + pick(100);
    terms.deposit = pick(4) == 0 ? pick(50) : pick(5000);
    terms.late_cap = (uint32_t)(pick(4) == 0 ? 0 : pick(240));
    thing->price = terms.price;
    thing->deposit = terms.deposit;
    terms.cancel_free = (uint32_t)(pick(2) == 0 ? 0 : pick(300));
    terms.cancel_part = (uint8_t)(pick(3) == 0 ? 0 : pick(101));
    thing->cancel_free_ms = terms.cancel_free * MINUTE;
    thing->cancel_part = terms.cancel_part;
    thing->late_ms = terms.late_cap * MINUTE;
    return terms;
}

static void do_change(struct thing *thing, enum person who) {
    struct thing after = *thing;
    struct terms terms = terms_of(&after);
    struct buf arguments = {0};
    uint64_t broken = model_rule(who != thing->owner, SHARING_NOT_THE_OWNER) |
                      model_rule(thing->is_withdrawn, SHARING_ASSET_WITHDRAWN);
    encode_u64(&arguments, thing->number);
    encode_terms(&arguments, &terms);
    if (went(renting_call("change", &arguments, 0), broken)) *thing = after;
    buf_clear(&arguments);
}

static void do_as_an_owner(void) {
    struct thing *thing = &model.things[pick(THINGS)];
    enum person who = mostly(thing->owner);
    renting_act_as(who);
    switch (pick(12)) {
    case 0:
    case 1:
    case 2:
        do_keep(thing, who);
        break;
    case 3:
    case 4:
        do_give_free(thing, who);
        break;
    case 5:
    case 6:
        do_bind(thing, who);
        break;
    case 7:
        do_unbind(thing, who, false);
        break;
    case 8:
        do_unbind(thing, who, true);
        break;
    case 9:
        if (pick(8) == 0) do_withdraw(thing, who);
        break;
    default:
        do_change(thing, who);
    }
}

static void do_with(struct rental *rental) {
    static void (*const acts[])(struct rental * rental) = {
        do_extend, do_cancel, do_start,     do_start,  do_start,   do_give_back,
        do_end,    do_end,    do_give_back, do_settle, do_contest, do_contest};
    acts[pick(sizeof acts / sizeof *acts)](rental);
}

// ---- time

static void move_time(uint64_t now_ms) {
    size_t failed;
    model_move_time(&model, now_ms);
    mock_run_timers(renting.mock, now_ms, &failed);
    must(failed == 0, "a timer failed, and nothing settles its booking");
}

// Time goes by; gas becomes dearer or cheaper.
static void wait_a_while(void) {
    uint64_t most = pick(5) == 0 ? 1500 : 60;
    if (pick(4) == 0) model.timer_price = 1 + pick(3);
    renting.mock->timer_price = model.timer_price;
    renting.mock->timer_left = model.timer_left = (uint32_t)pick(101);
    move_time(model.now_ms + 1 + pick(most * MINUTE));
}

// Behind every timer that there may be.
static void wait_for_all_timers(void) {
    move_time(model.now_ms + 40 * SHARING_DAY_MS + 366 * SHARING_DAY_MS);
    check_money();
    must(renting.mock->balance == 0, "money is stuck");
    must(renting.mock->timer_count == 0, "a timer is left");
    for (size_t i = 0; i < model.rental_count; i++) {
        uint8_t keys[2][9] = {{'b'}, {'g'}};
        struct bytes value;
        must(model.rentals[i].phase == PHASE_OVER, "a booking is never settled");
        for (size_t k = 0; k < 2; k++) {
            store_u64_be(keys[k] + 1, model.rentals[i].number);
            must(!mock_stored(renting.mock, BYTES_OF(keys[k]), &value),
                 "something of a settled booking is left in the state");
        }
    }
}

// ---- histories

static void begin(void) {
    model = (struct model){.now_ms = renting.mock->time_ms, .timer_price = 1};
    renting.mock->timer_price = 1;
    renting.mock->timer_left = 0;
    for (enum person person = ANNA; person < PERSONS; person++)
        paid_before[person] = renting_paid(person), left_before[person] = renting_left(person);
    for (size_t i = 0; i < THINGS; i++) {
        struct thing *thing = &model.things[i];
        struct terms terms = terms_of(thing);
        thing->owner = i == 2 ? BEN : ANNA;
        renting_act_as(thing->owner);
        must(renting_list(&terms) == 0, "an asset is not listed");
        thing->number = renting_result();
        if (pick(3) > 0) do_bind(thing, thing->owner);
    }
}

// So that the next history may bind the locks again.
static void unbind_all(void) {
    for (size_t i = 0; i < THINGS; i++) {
        if (!model.things[i].is_locked) continue;
        renting_act_as(model.things[i].owner);
        do_unbind(&model.things[i], model.things[i].owner, false);
    }
}

static void live_one_history(void) {
    random_state = history;
    begin();
    for (int step = 0; step < STEPS; step++) {
        struct rental *rental = any_rental();
        uint64_t what = pick(16);
        renting.mock->height++;
        if (what < 4 || !rental)
            do_book();
        else if (what < 10)
            do_with(rental);
        else if (what < 12)
            do_as_an_owner();
        else
            wait_a_while();
        check_money();
    }
    wait_for_all_timers();
    unbind_all();
}

static uint64_t histories(void) {
    const char *text = getenv("HISTORIES");
    uint64_t count = text ? strtoull(text, NULL, 10) : 0;
    return count > 0 ? count : USUAL_HISTORIES;
}

// Have they been everywhere? LOCK_TAKEN cannot be met here: each lock has its own asset.
static void check_paths(void) {
    static const uint8_t met[] = {SHARING_NOT_THE_OWNER,
                                  SHARING_ASSET_WITHDRAWN,
                                  SHARING_BAD_RANGE,
                                  SHARING_IN_THE_PAST,
                                  SHARING_TOO_LONG,
                                  SHARING_TOO_FAR_AHEAD,
                                  SHARING_TAKEN,
                                  SHARING_NOT_BLOCKED,
                                  SHARING_OWN_ASSET,
                                  SHARING_WRONG_PAYMENT,
                                  SHARING_BOOKING_SETTLED,
                                  SHARING_NOT_THE_RENTER,
                                  SHARING_NOT_A_PARTY,
                                  SHARING_TOO_LATE_TO_CANCEL,
                                  SHARING_TOO_EARLY,
                                  SHARING_ALREADY_STARTED,
                                  SHARING_NOT_STARTED,
                                  SHARING_BOOKING_OVER,
                                  SHARING_WRONG_COMMAND,
                                  SHARING_OTHER_LOCK,
                                  SHARING_OLD_CHALLENGE,
                                  SHARING_FROM_THE_FUTURE,
                                  SHARING_BAD_SIGNATURE,
                                  SHARING_BAD_LOCK_SIGNATURE,
                                  SHARING_NO_LOCK,
                                  SHARING_HAS_A_LOCK,
                                  SHARING_GRANT_REVOKED,
                                  SHARING_NOT_ENDING,
                                  SHARING_NOT_DUE,
                                  SHARING_ALREADY_ENDED,
                                  SHARING_ALREADY_CONTESTED,
                                  SHARING_CLAIM_WINDOW_OVER};
    if (histories() < USUAL_HISTORIES) return;
    for (size_t i = 0; i < sizeof met; i++)
        ck_assert_msg(refusals[met[i]] > 0, "no history was refused with %u", met[i]);
    for (enum phase phase = PHASE_BOOKED; phase < PHASE_OVER; phase++)
        for (int by_timer = 0; by_timer < 2; by_timer++)
            ck_assert_msg(model_settled[phase][by_timer] > 0, "nothing was settled so: %d, %d",
                          phase, by_timer);
}

START_TEST(whatever_people_do_the_escrow_is_what_is_owed_and_nothing_is_stuck) {
    for (size_t i = 0; i < LOCKS; i++) locks[i] = key_pair_of((uint8_t)(10 + i));
    for (history = 0; history < histories(); history++) {
        if (history % HISTORIES_A_MOCK == 0) {
            if (history > 0) renting_close();
            renting_open();
            memset(bind_counters, 0, sizeof bind_counters);
            memset(epochs, 0, sizeof epochs);
        }
        live_one_history();
    }
    renting_close();
    check_paths();
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("sharing histories");
    TCase *cases = tcase_create("histories");
    tcase_set_timeout(cases, 0);
    tcase_add_test(cases, whatever_people_do_the_escrow_is_what_is_owed_and_nothing_is_stuck);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
