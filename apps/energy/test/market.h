// SPDX-License-Identifier: Apache-2.0
// The market with its real program, or its contract on another market's server, which has none of
// its routes: zones, orders and meters, by the API where there is one, else by raw signed
// transactions of who acts (tests/support/raw.h).
#ifndef LMM_ENERGY_TEST_MARKET_H
#define LMM_ENERGY_TEST_MARKET_H

#include "apps/energy/contract/rules.h"
#include "tests/support/raw.h"
#include "tests/support/unit.h"

// OPENING: what a timer costs on a devnet.
enum {
    CAP = 30000,
    ZONE_MONEY = 100000000,
    OPENING = TIMER_GAS,
    PRICE = 5000,
    GATE_MS_OF_ZONE = 300000
};

extern bool market_has_routes; // the server is this market's own
void market_open(void);
void market_open_on_postgres(void); // where there is one
void market_open_elsewhere(void);
void market_close(void);

// The server's clock: the machine's, and what it was moved on by.
uint64_t market_now_ms(void);
void market_warp_to(uint64_t time_ms);
uint64_t market_next_slot(void);

void market_make_zone(uint32_t refusal);
void market_make_zone_raw(uint64_t lot, uint32_t refusal);
struct wish {
    uint64_t zone, slot;
    uint8_t side, kind;
    uint64_t price, wh;
};
void market_place(const struct wish *wish, uint32_t refusal);
// A value has what opening the slot costs in it, where the order may do so.
void market_place_raw(const struct wish *wish, uint64_t value, uint32_t refusal);
void market_cancel(const struct wish *wish, uint64_t number, uint32_t refusal);
void market_settle(uint64_t slot, uint32_t refusal);
// One meter of who acts.
void market_sign_in(uint8_t direction, uint32_t refusal);
// That meter, by who acts: the operator is who made the zone.
void market_approve(uint64_t most_wh, uint32_t refusal);
void market_report(uint64_t slot, uint64_t wh, uint64_t sequence, uint32_t refusal);

// What the contract holds, in base units.
uint64_t market_held(void);
// A zone, and a slot of it in which the server's account sells 100 Wh to Alice and 50 to Bob, and
// 50 more rest.
uint64_t market_trade(void);

#endif
