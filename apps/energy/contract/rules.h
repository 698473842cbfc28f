// SPDX-License-Identifier: Apache-2.0
// The numbers and names of the rules, for the contract and for whoever builds its calls.
#ifndef LMM_ENERGY_CONTRACT_RULES_H
#define LMM_ENERGY_CONTRACT_RULES_H

enum {
    SLOT_MS = 900000,       // of delivery; slot n starts n * SLOT_MS after the epoch
    SLOTS_AHEAD = 192,      // that may be traded: two days
    GATE_MS_MAX = 21600000, // before the slot, six hours
    WAIT_MS_MIN = 900000,   // for readings, behind the slot
    WAIT_MS_MAX = 604800000,
    ZONE_NAME_MAX = 40,  // bytes
    WH_MAX = 1000000000, // of an order, and of a reading
    LOT_MAX = 1000000,   // Wh
    // Base units a Wh. With WH_MAX every product fits into 63 bits.
    PRICE_MAX = 1000000000,
    ORDER_FILLS = 64,   // of one incoming order
    READING_STEPS = 16, // trades that a reading settles at once
    SETTLE_STEPS = 32,  // orders, trades or positions of one piece of settling
    DEPTH_LEVELS = 50,
    DEPTH_ORDERS = 1024, // looked at for one answer
    LATE_TIMERS = 2,     // that a call sets for slots which have none
};

// What a timer is paid for: more than a run with SETTLE_STEPS steps uses, as tests hold against
// real runs. The rest comes back to who paid.
enum { TIMER_GAS = 8000000 };

enum side { BUY, SELL, SIDES };
// What becomes of what does not trade at once: it rests; it is cancelled; nothing happens at all.
enum kind { LIMIT, IOC, FOK, KINDS };
enum direction { EXPORT, IMPORT, DIRECTIONS };
// What became of an order: it rests; it is filled; the rest was cancelled, and why.
enum outcome { RESTING, FILLED, CANCELLED_IOC, CANCELLED_SELF, CANCELLED_FILLS };
enum cancel_reason { CANCEL_OWNER, CANCEL_CLOSED };

enum refusal { // their sentences stand in abi.json
    BAD_ARGUMENTS = 1,
    UNKNOWN_ZONE = 2,
    BAD_ZONE = 3,
    NOT_OPERATOR = 4,
    BAD_PRICE = 5,
    ABOVE_CAP = 6,
    BAD_QUANTITY = 7,
    BAD_KIND = 8,
    SLOT_CLOSED = 9,
    TOO_FAR_AHEAD = 10,
    WRONG_COLLATERAL = 11,
    UNKNOWN_ORDER = 12,
    NOT_YOURS = 13,
    FOK_NOT_FILLED = 14,
    NOTHING_TO_SETTLE = 15,
    TOO_EARLY = 16,
    ACCOUNT_SHORT = 17,
    NOTHING_GIVEN = 18,
    METER_KNOWN = 19,
    BAD_SIGNATURE = 20,
    STRANGER = 21,
    READING_TWICE = 22,
    READING_BACKWARDS = 23,
    READING_EARLY = 24,
    READING_LATE = 25,
    BAD_READING = 26,
    ONLY_TIMERS = 27,
    NOBODY_THERE = 28,
    NOT_APPROVED = 29,
    ABOVE_CEILING = 30,
    BAD_CEILING = 31,
    OFF_LOT = 32,
};

// What a meter signs under the journal's tag: the hash of one of these texts and what follows it.
// Signing in: contract, zone, direction, owner. A reading: contract, slot, wh, sequence.
#define METER_TEXT "energy/meter/1"
#define READING_TEXT "energy/reading/1"

#endif
