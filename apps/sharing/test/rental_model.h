// SPDX-License-Identifier: Apache-2.0
// What renting comes to, told once more from the rules (docs/adr/022) and not from the contract's
// code: plain lists that are searched from front to back, money summed up, and for each call the
// set of rules that it breaks instead of an order in which they are asked.
#ifndef LMM_SHARING_TEST_RENTAL_MODEL_H
#define LMM_SHARING_TEST_RENTAL_MODEL_H

#include "apps/sharing/test/renting.h"

enum { THINGS = 3, RENTALS = 64, KEPT = 16 };

struct thing {
    uint64_t number; // the contract's
    enum person owner;
    uint64_t price, deposit, late_ms, cancel_free_ms, cancel_part;
    bool is_withdrawn, is_locked;
    uint64_t epoch, bind_counter;
    size_t kept_count; // times that the owner keeps
    struct rental_range kept[KEPT];
};

enum phase { PHASE_BOOKED, PHASE_RUNNING, PHASE_ENDING, PHASE_OVER };
struct rental {
    uint64_t number;
    struct thing *thing;
    enum person renter;
    enum phase phase;
    uint64_t from_ms, until_ms, price, late_ms, rent, deposit;
    uint64_t cancel_free_ms, cancel_part;
    bool had_lock, is_contested;
    uint64_t epoch, counter, started_ms, ended_ms;
    uint64_t timer_ms, timer_units;
};

// How often, by what it was before: by a call, by its timer.
extern uint64_t model_settled[PHASE_OVER][2];

struct model {
    uint64_t now_ms, timer_price;
    uint32_t timer_left;    // percent of what a timer was paid with that its run leaves
    uint64_t paid[PERSONS]; // by the contract, since the history began
    uint64_t left[PERSONS]; // by runs of timers
    struct thing things[THINGS];
    size_t rental_count;
    struct rental rentals[RENTALS];
};

// Sets of broken rules: bit n for the code n.
uint64_t model_book_breaks(const struct model *model, const struct thing *thing,
                           const struct rental *wish);
uint64_t model_extend_breaks(const struct model *model, const struct rental *rental,
                             enum person who, uint64_t until_ms);
uint64_t model_cancel_breaks(const struct model *model, const struct rental *rental,
                             enum person who);
// What it then costs.
uint64_t model_cancel_bill(const struct model *model, const struct rental *rental, enum person who);
uint64_t model_end_breaks(const struct rental *rental, enum person who);
uint64_t model_contest_breaks(const struct model *model, const struct rental *rental,
                              enum person who);
uint64_t model_settle_breaks(const struct model *model, const struct rental *rental);
uint64_t model_keep_breaks(const struct model *model, const struct thing *thing,
                           const struct rental_range *range);
static inline uint64_t model_rule(bool is_broken, enum sharing_refusal code) {
    return is_broken ? UINT64_C(1) << code : 0;
}

uint64_t model_rent(const struct rental *rental, uint64_t until_ms);
bool model_is_revoked(const struct rental *rental);
uint64_t model_timer_units(const struct model *model);
uint64_t model_last_ms(const struct rental *rental);
// What the contract has to hold.
uint64_t model_escrow(const struct model *model);

// What happens when no rule is broken. `by_timer`: of its money the renter gets what is left.
void model_settle(struct model *model, struct rental *rental, uint64_t bill, bool by_timer);
void model_settle_use(struct model *model, struct rental *rental, uint64_t ended_ms, bool by_timer);
void model_settle_now(struct model *model, struct rental *rental, bool by_timer);
// By the lock's clock; without a lock nobody is believed, and use begins with the booking.
void model_start(struct rental *rental, uint64_t lock_ms);
// A lock gives back only what was started at it, whatever the chain has heard of that.
void model_give_back(struct model *model, struct rental *rental, uint64_t lock_ms);
void model_extend(struct model *model, struct rental *rental, uint64_t until_ms);
void model_end(struct model *model, struct rental *rental);
void model_contest(struct model *model, struct rental *rental);
// All timers that are due.
void model_move_time(struct model *model, uint64_t now_ms);

#endif
