// SPDX-License-Identifier: Apache-2.0
// The contract natively, each rule by itself: what its two programs of cases share.
#ifndef LMM_SHARING_TEST_USUAL_H
#define LMM_SHARING_TEST_USUAL_H

#include "apps/sharing/test/renting.h"

// Of the usual asset, ANNA's and the first, with the usual lock; times are minutes.
enum {
    BEFORE = 1000, // when each case begins
    BEGIN = 1100,  // of the usual booking
    END = 1220,
    DEPOSIT = 1000,
    PRICE = 10,
    LATE_CAP = 60
};
#define MINUTE SHARING_MINUTE_MS

void usual_open(void); // BEN acts
void usual_close(void);
void usual_at(uint64_t minute);
struct rental_range usual_range(uint64_t from, uint64_t until);
// Paid for to the unit.
uint32_t usual_try(uint64_t from, uint64_t until);
void usual_book(void); // the first booking
void usual_start(uint64_t booking);
void usual_book_and_start(void);
uint32_t usual_give_back_at(uint64_t minute);
// Of the call before; and nothing is left.
void usual_expect_settled(enum sharing_outcome outcome, uint64_t bill);
void usual_run_timers_until(uint64_t minute);
// NULL when there is none, else of this length.
const uint8_t *usual_stored(uint8_t kind, uint64_t number, size_t len);

#endif
