// SPDX-License-Identifier: Apache-2.0
// The energy contract on a mock of the chain: calls by people who are numbers, with meters of their
// own. Money: what each has paid in and got back.
#ifndef LMM_TESTS_ENERGY_FIXTURE_H
#define LMM_TESTS_ENERGY_FIXTURE_H

#include "apps/energy/contract/rules.h"
#include "chaincore/base/codec.h"
#include "tests/support/mock_host.h"
#include "tests/support/unit.h"

enum { ENERGY_PEOPLE = 64, ENERGY_OPERATOR = 63 };

struct energy {
    struct mock *mock;
    uint64_t paid[ENERGY_PEOPLE], got[ENERGY_PEOPLE]; // base units
    uint64_t left[ENERGY_PEOPLE];                     // to them, by runs of timers that they paid
    uint64_t runs[ENERGY_PEOPLE];                     // of such timers
};
extern struct energy energy;

// A devnet's first day: slot 1,000 is some way ahead.
enum { ENERGY_NOW_MS = 900 * SLOT_MS, ENERGY_SLOT = 910 };

void energy_start(void);       // with nothing in it, and timers that cost nothing
void energy_start_north(void); // with that zone
void energy_stop(void);
struct account_id energy_id(uint8_t person);

// As this person; what is paid and got is noted. 0, or what it was refused with.
uint32_t energy_call(uint8_t person, const char *method, const struct buf *arguments,
                     uint64_t value);
// Moves time on and runs what is due, one timer after the other. How many.
size_t energy_run_timers(uint64_t time_ms);

struct energy_zone {
    uint64_t cap, lot;
    uint32_t gate_ms, wait_ms;
    const char *name;
};
extern const struct energy_zone energy_north; // prices up to 100, a gate of five minutes
uint32_t energy_make_zone(const struct energy_zone *zone, uint64_t value);

struct energy_order {
    uint32_t zone, slot;
    uint8_t side, kind;
    uint64_t price, wh;
};
uint32_t energy_order(uint8_t person, const struct energy_order *order, uint64_t value);
// A limit order with its collateral and what opening the slot costs, should it do so.
uint32_t energy_limit(uint8_t person, uint8_t side, uint64_t price, uint64_t wh);
uint64_t energy_timer_money(void); // what a timer costs now
uint32_t energy_cancel(uint8_t person, const struct energy_order *order, uint64_t number);
uint32_t energy_settle(uint32_t zone, uint32_t slot);

// Each person has a meter for either direction, with a key of its own.
struct energy_reading {
    uint8_t meter; // whose
    uint8_t direction;
    uint32_t slot;
    uint64_t wh, sequence;
};
uint32_t energy_sign_in(uint8_t person, uint8_t signer, uint32_t zone, uint8_t direction);
// By this person, who may be the operator.
uint32_t energy_approve(uint8_t by, uint8_t person, uint8_t direction, uint64_t most_wh);
uint32_t energy_read(const struct energy_reading *reading);
void energy_meter_key(struct public_key *out, uint8_t person, uint8_t direction);
// The same, but signed for another sequence.
uint32_t energy_read_forged(const struct energy_reading *reading);

// Is the data of the last call's i-th event with this topic; empty when there are fewer.
struct bytes energy_event(const char *topic, size_t index);
// Of an event or an answer.
uint64_t energy_u64_at(struct bytes data, size_t offset);
// The answer of a view.
struct bytes energy_view(const char *name, const struct buf *arguments);

#endif
