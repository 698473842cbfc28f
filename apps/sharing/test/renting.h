// SPDX-License-Identifier: Apache-2.0
// The contract natively, on a mock of the chain, and a short way to each of its methods: the code
// it refuses with, 0 when it does not.
#ifndef LMM_SHARING_TEST_RENTING_H
#define LMM_SHARING_TEST_RENTING_H

#include "apps/sharing/test/calls.h"
#include "tests/support/mock_host.h"

enum person { ANNA, BEN, CLARA, PERSONS };
enum { TIMER_UNITS = SHARING_SETTLE_GAS }; // at the mock's price of 1

struct renting {
    struct mock *mock;
    struct key_pair lock, phone; // the usual ones
};
extern struct renting renting;

void renting_open(void);
void renting_close(void);
void renting_act_as(enum person person);
struct account_id renting_account(enum person person);
uint64_t renting_paid(enum person person); // by the contract, so far
uint64_t renting_left(enum person person); // by runs of its timers, so far

uint32_t renting_call(const char *method, const struct buf *arguments, uint64_t units);
uint32_t renting_list(const struct terms *terms);             // by who acts
uint32_t renting_number(const char *method, uint64_t number); // methods of one number
uint32_t renting_range(const char *method, const struct rental_range *range); // of three
uint32_t renting_pair(const char *method, uint64_t number, uint64_t more, uint64_t units);
uint32_t renting_bind(uint64_t asset, const struct key_pair *lock, uint64_t counter);
uint32_t renting_book(const struct rental_range *range, uint64_t units);
// What the last call returned.
uint64_t renting_result(void);

// A challenge of the usual keys; `booking` is also the one that is called for.
struct challenge renting_challenge(enum challenge_command command, uint64_t booking,
                                   uint64_t time_ms);
uint32_t renting_start(const struct challenge *challenge);
uint32_t renting_give_back(const struct challenge *challenge);

// What a settled booking came to: of the last call's event "settled".
struct settled {
    uint8_t outcome;
    uint64_t minutes, bill, refund;
};
struct settled renting_settled(void);

#endif
