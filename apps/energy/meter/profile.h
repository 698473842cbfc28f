// SPDX-License-Identifier: Apache-2.0
// The households of the demo, and what their meters would say: how much a roof feeds in and a house
// takes, by the time of day; and what they would order for it. Nothing here is random: the same
// quarter has the same reading, whoever asks and however often, so that a meter that was off goes
// on where it stopped.
//
// A meter's key follows from the household's number and the direction. Everybody knows it: for a
// devnet alone.
#ifndef LMM_ENERGY_METER_PROFILE_H
#define LMM_ENERGY_METER_PROFILE_H

#include "apps/energy/contract/rules.h"
#include "chaincore/chaincore.h"

enum { HOUSEHOLDS = 6 };
struct household {
    const char *role; // among the devnet's accounts
    uint32_t zone;
    uint32_t roof_w; // at noon, without clouds; 0: no roof
    uint32_t base_w; // that is always on
    uint32_t car_w;  // while it charges, at night
};
extern const struct household households[HOUSEHOLDS];

// Wh of this slot; by the clock of UTC.
uint64_t profile_wh(const struct household *household, enum direction direction, uint32_t slot);

// What a household orders for a slot: a surplus to sell; else what is needed, and of much the half
// at a price that it can wait for.
enum { WISHES = 2 };
struct wish_of_slot {
    enum side side;
    uint64_t price, wh;
};
// How many. All are multiples of the lot.
size_t profile_wishes(struct wish_of_slot out[WISHES], const struct household *household,
                      uint32_t slot, uint64_t lot_wh);

struct meter_key {
    struct secret_key secret;
    struct public_key key;
};
void meter_key_of(struct meter_key *out, const struct household *household,
                  enum direction direction);

// Where a signature counts.
struct meter_place {
    const struct hash *chain_id;
    const struct account_id *contract;
};
struct meter_owner {
    uint32_t zone;
    uint8_t direction;
    struct account_id owner;
};
void meter_sign_in(struct signature *out, const struct meter_key *meter,
                   const struct meter_place *place, const struct meter_owner *owner);
struct meter_reading {
    uint32_t slot;
    uint64_t wh, sequence;
};
void meter_sign_reading(struct signature *out, const struct meter_key *meter,
                        const struct meter_place *place, const struct meter_reading *reading);

#endif
