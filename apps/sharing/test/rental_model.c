// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/test/rental_model.h"

uint64_t model_settled[PHASE_OVER][2];

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }
static uint64_t greater(uint64_t a, uint64_t b) { return a > b ? a : b; }

// Counted, not computed.
static uint64_t started_minutes(uint64_t from_ms, uint64_t until_ms) {
    uint64_t whole = (until_ms - from_ms) / 60000;
    return from_ms + whole * 60000 < until_ms ? whole + 1 : whole;
}

uint64_t model_rent(const struct rental *rental, uint64_t until_ms) {
    return started_minutes(rental->from_ms, until_ms) * rental->price;
}

uint64_t model_timer_units(const struct model *model) {
    return model->timer_price * SHARING_SETTLE_GAS;
}

uint64_t model_last_ms(const struct rental *rental) { return rental->until_ms + rental->late_ms; }

static uint64_t claim_end_ms(const struct rental *rental) {
    return smaller(rental->ended_ms + UINT64_C(12) * 3600 * 1000, model_last_ms(rental));
}

bool model_is_revoked(const struct rental *rental) {
    return rental->had_lock && (!rental->thing->is_locked || rental->thing->epoch != rental->epoch);
}

uint64_t model_escrow(const struct model *model) {
    uint64_t sum = 0;
    for (size_t i = 0; i < model->rental_count; i++)
        if (model->rentals[i].phase != PHASE_OVER)
            sum += model->rentals[i].rent + model->rentals[i].deposit;
    return sum;
}

static bool overlap(uint64_t a_from, uint64_t a_until, uint64_t b_from, uint64_t b_until) {
    return a_from < b_until && b_from < a_until;
}

static bool is_taken(const struct model *model, const struct thing *thing,
                     const struct rental_range *range, const struct rental *but_for) {
    for (size_t i = 0; i < model->rental_count; i++) {
        const struct rental *other = &model->rentals[i];
        if (other != but_for && other->thing == thing && other->phase != PHASE_OVER &&
            overlap(range->from_ms, range->until_ms, other->from_ms, other->until_ms))
            return true;
    }
    for (size_t i = 0; i < thing->kept_count; i++)
        if (overlap(range->from_ms, range->until_ms, thing->kept[i].from_ms,
                    thing->kept[i].until_ms))
            return true;
    return false;
}

static uint64_t range_breaks(const struct model *model, uint64_t from_ms, uint64_t until_ms) {
    const uint64_t year = UINT64_C(366) * 24 * 3600 * 1000;
    return model_rule(until_ms <= from_ms, SHARING_BAD_RANGE) |
           model_rule(until_ms <= model->now_ms, SHARING_IN_THE_PAST) |
           model_rule(until_ms > model->now_ms + year, SHARING_TOO_FAR_AHEAD);
}

static uint64_t length_breaks(uint64_t from_ms, uint64_t until_ms) {
    const uint64_t month = UINT64_C(31) * 24 * 3600 * 1000;
    return model_rule(until_ms > from_ms + month, SHARING_TOO_LONG);
}

uint64_t model_book_breaks(const struct model *model, const struct thing *thing,
                           const struct rental *wish) {
    struct rental_range range = {0, wish->from_ms, wish->until_ms};
    return range_breaks(model, wish->from_ms, wish->until_ms) |
           length_breaks(wish->from_ms, wish->until_ms) |
           model_rule(wish->from_ms + UINT64_C(5) * 60000 < model->now_ms, SHARING_IN_THE_PAST) |
           model_rule(thing->is_withdrawn, SHARING_ASSET_WITHDRAWN) |
           model_rule(thing->owner == wish->renter, SHARING_OWN_ASSET) |
           model_rule(is_taken(model, thing, &range, NULL), SHARING_TAKEN);
}

uint64_t model_extend_breaks(const struct model *model, const struct rental *rental,
                             enum person who, uint64_t until_ms) {
    struct rental_range range = {0, rental->from_ms, until_ms};
    return range_breaks(model, rental->from_ms, until_ms) |
           length_breaks(rental->from_ms, until_ms) |
           model_rule(until_ms <= rental->until_ms, SHARING_BAD_RANGE) |
           model_rule(rental->phase == PHASE_OVER, SHARING_BOOKING_SETTLED) |
           model_rule(rental->phase == PHASE_ENDING, SHARING_ALREADY_ENDED) |
           model_rule(who != rental->renter, SHARING_NOT_THE_RENTER) |
           model_rule(model->now_ms >= rental->until_ms, SHARING_BOOKING_OVER) |
           model_rule(rental->thing->is_withdrawn, SHARING_ASSET_WITHDRAWN) |
           model_rule(model_is_revoked(rental), SHARING_GRANT_REVOKED) |
           model_rule(is_taken(model, rental->thing, &range, rental), SHARING_TAKEN);
}

uint64_t model_cancel_breaks(const struct model *model, const struct rental *rental,
                             enum person who) {
    bool has_begun = model->now_ms >= rental->from_ms;
    bool is_late = has_begun && (rental->had_lock || who == rental->renter);
    return model_rule(rental->phase == PHASE_OVER, SHARING_BOOKING_SETTLED) |
           model_rule(who != rental->renter && who != rental->thing->owner, SHARING_NOT_A_PARTY) |
           model_rule(rental->phase != PHASE_BOOKED, SHARING_ALREADY_STARTED) |
           model_rule(is_late, SHARING_TOO_LATE_TO_CANCEL);
}

uint64_t model_cancel_bill(const struct model *model, const struct rental *rental,
                           enum person who) {
    bool is_late =
        model->now_ms > rental->from_ms || rental->from_ms - model->now_ms < rental->cancel_free_ms;
    if (who != rental->renter || model_is_revoked(rental) || !is_late) return 0;
    return rental->rent * rental->cancel_part / 100;
}

uint64_t model_end_breaks(const struct rental *rental, enum person who) {
    return model_rule(rental->phase == PHASE_OVER, SHARING_BOOKING_SETTLED) |
           model_rule(who != rental->renter, SHARING_NOT_THE_RENTER) |
           model_rule(rental->phase == PHASE_BOOKED, SHARING_NOT_STARTED) |
           model_rule(rental->is_contested, SHARING_ALREADY_CONTESTED) |
           model_rule(rental->phase == PHASE_ENDING, SHARING_ALREADY_ENDED);
}

uint64_t model_contest_breaks(const struct model *model, const struct rental *rental,
                              enum person who) {
    bool is_ending = rental->phase == PHASE_ENDING;
    return model_rule(rental->phase == PHASE_OVER, SHARING_BOOKING_SETTLED) |
           model_rule(who != rental->thing->owner, SHARING_NOT_THE_OWNER) |
           model_rule(!is_ending, SHARING_NOT_ENDING) |
           model_rule(is_ending && model->now_ms >= claim_end_ms(rental),
                      SHARING_CLAIM_WINDOW_OVER) |
           model_rule(model_is_revoked(rental), SHARING_GRANT_REVOKED);
}

uint64_t model_settle_breaks(const struct model *model, const struct rental *rental) {
    uint64_t due_ms = rental->phase == PHASE_ENDING ? claim_end_ms(rental) : model_last_ms(rental);
    return model_rule(rental->phase == PHASE_OVER, SHARING_BOOKING_SETTLED) |
           model_rule(model->now_ms < due_ms, SHARING_NOT_DUE);
}

uint64_t model_keep_breaks(const struct model *model, const struct thing *thing,
                           const struct rental_range *range) {
    return range_breaks(model, range->from_ms, range->until_ms) |
           model_rule(thing->is_withdrawn, SHARING_ASSET_WITHDRAWN) |
           model_rule(is_taken(model, thing, range, NULL), SHARING_TAKEN);
}

// ---- what happens

void model_settle(struct model *model, struct rental *rental, uint64_t bill, bool by_timer) {
    uint64_t escrow = rental->rent + rental->deposit;
    model_settled[rental->phase][by_timer]++;
    rental->phase = PHASE_OVER;
    model->paid[rental->thing->owner] += smaller(bill, escrow);
    model->paid[rental->renter] += escrow - smaller(bill, escrow);
    if (by_timer)
        model->left[rental->renter] += rental->timer_units / 100 * model->timer_left;
    else
        model->paid[rental->renter] += rental->timer_units;
}

void model_settle_use(struct model *model, struct rental *rental, uint64_t ended_ms,
                      bool by_timer) {
    uint64_t minutes = greater(started_minutes(rental->started_ms, ended_ms), 1);
    model_settle(model, rental, minutes * rental->price, by_timer);
}

void model_settle_now(struct model *model, struct rental *rental, bool by_timer) {
    if (rental->phase == PHASE_BOOKED)
        model_settle(model, rental, model_is_revoked(rental) ? 0 : rental->rent, by_timer);
    else if (rental->phase == PHASE_RUNNING)
        model_settle_use(model, rental, model_last_ms(rental), by_timer);
    else
        model_settle_use(model, rental, rental->ended_ms, by_timer);
}

static void set_timer(struct model *model, struct rental *rental, uint64_t due_ms) {
    uint64_t before = rental->timer_units, after = model_timer_units(model);
    if (before > after) model->paid[rental->renter] += before - after;
    rental->timer_units = after;
    rental->timer_ms = due_ms;
}

void model_extend(struct model *model, struct rental *rental, uint64_t until_ms) {
    rental->rent = model_rent(rental, until_ms);
    rental->until_ms = until_ms;
    set_timer(model, rental, model_last_ms(rental));
}

void model_start(struct rental *rental, uint64_t lock_ms) {
    rental->phase = PHASE_RUNNING;
    rental->started_ms = rental->had_lock ? greater(lock_ms, rental->from_ms) : rental->from_ms;
}

void model_give_back(struct model *model, struct rental *rental, uint64_t lock_ms) {
    uint64_t began_ms = rental->phase == PHASE_BOOKED ? rental->from_ms : rental->started_ms;
    uint64_t ended_ms = smaller(lock_ms, model_last_ms(rental));
    rental->started_ms = began_ms;
    model_settle_use(model, rental, greater(ended_ms, began_ms), false);
}

void model_end(struct model *model, struct rental *rental) {
    if (model->now_ms >= model_last_ms(rental)) {
        model_settle_use(model, rental, model_last_ms(rental), false);
        return;
    }
    rental->phase = PHASE_ENDING;
    rental->ended_ms = greater(model->now_ms, rental->started_ms);
    uint64_t due_ms = claim_end_ms(rental);
    if (!rental->had_lock && due_ms < rental->timer_ms &&
        model_timer_units(model) <= rental->timer_units)
        set_timer(model, rental, due_ms);
}

// As if the renter of a thing with a lock had said nothing; one without is believed no longer.
void model_contest(struct model *model, struct rental *rental) {
    if (rental->had_lock) {
        rental->phase = PHASE_RUNNING;
        rental->is_contested = true;
    } else if (rental->ended_ms < rental->until_ms) {
        model_settle_use(model, rental, rental->until_ms, false);
    } else {
        model_settle_use(model, rental, model->now_ms, false);
    }
}

void model_move_time(struct model *model, uint64_t now_ms) {
    model->now_ms = now_ms;
    for (size_t i = 0; i < model->rental_count; i++) {
        struct rental *rental = &model->rentals[i];
        if (rental->phase != PHASE_OVER && rental->timer_ms <= now_ms)
            model_settle_now(model, rental, true);
    }
}
