// SPDX-License-Identifier: Apache-2.0
// The numbers of custody's rules, for the contract and for whoever builds its calls or reads what
// it tells. Quantities and readings are whole thousandths of their unit.
#ifndef LMM_SUPPLYCHAIN_CONTRACT_CUSTODY_RULES_H
#define LMM_SUPPLYCHAIN_CONTRACT_CUSTODY_RULES_H

enum {                                // bounds
    CUSTODY_EPC_MAX = 256,            // bytes of an identifier
    CUSTODY_UOM_MAX = 8,              // of a unit's code
    CUSTODY_PROPERTY_MAX = 32,        // of what is measured: "Temperature"
    CUSTODY_REASON_MAX = 280,         // bytes of why a hand-over is refused
    CUSTODY_RULES_MAX = 4,            // of a shipment
    CUSTODY_SENSORS_MAX = 4,          // of a rule
    CUSTODY_READINGS_MAX = 64,        // in one call
    CUSTODY_NUMBERS_IN_PAGE = 256,    // of readings, kept together
    CUSTODY_HOLDERS_MAX = 32,         // of a journey, the last of them at its end
    CUSTODY_AHEAD_MS = 5 * 60 * 1000, // a sensor's clock may be so far ahead of the block's
    CUSTODY_LATE_MS = 7 * 24 * 60 * 60 * 1000, // after arrival, for what sensors signed before
};
#define CUSTODY_NUMBER_MAX 9007199254740991u // of a reading; what every reader of JSON can hold
#define CUSTODY_QUANTITY_MAX 1000000000000000
#define CUSTODY_VALUE_MAX 1000000000000000 // and as far below zero

enum shipment_state { SHIPMENT_AT_REST, SHIPMENT_UNDER_WAY, SHIPMENT_ARRIVED };
enum hand_over_state {
    HAND_OVER_OFFERED,
    HAND_OVER_ACCEPTED,
    HAND_OVER_REFUSED,
    HAND_OVER_WITHDRAWN
};

enum custody_refusal { // their sentences stand in abi.json
    CUSTODY_UNKNOWN_SHIPMENT = 11,
    CUSTODY_NOT_THE_CUSTODIAN = 12,
    CUSTODY_EVENT_NOT_CAPTURED = 13,
    CUSTODY_ALREADY_REGISTERED = 14,
    CUSTODY_BAD_IDENTIFIER = 15,
    CUSTODY_BAD_QUANTITY = 16,
    CUSTODY_BAD_RULE = 17,
    CUSTODY_ALREADY_UNDER_WAY = 18,
    CUSTODY_NOT_DEPARTED = 19,
    CUSTODY_HAS_ARRIVED = 20,
    CUSTODY_UNKNOWN_SENSOR = 21,
    CUSTODY_BAD_SIGNATURE = 22,
    CUSTODY_READING_TWICE = 23,
    CUSTODY_READING_BACKWARDS = 24,
    CUSTODY_READING_EARLY = 25,
    CUSTODY_READING_AHEAD = 26,
    CUSTODY_BAD_READINGS = 27,
    CUSTODY_UNKNOWN_RULE = 28,
    CUSTODY_UNKNOWN_HAND_OVER = 29,
    CUSTODY_NOT_THE_RECEIVER = 30,
    CUSTODY_NOT_THE_OFFERER = 31,
    CUSTODY_HAND_OVER_CLOSED = 32,
    CUSTODY_BAD_RECEIVER = 33,
    CUSTODY_BAD_REASON = 34,
    CUSTODY_CONDITION_CHANGED = 35,
    CUSTODY_NOT_AT_ITS_END = 36,
    CUSTODY_IS_OFFERED = 37,
    CUSTODY_BAD_UNIT = 38,
    CUSTODY_NOT_HELD_THEN = 39,
    CUSTODY_TOO_MANY_HOLDERS = 40,
    CUSTODY_BAD_NUMBER = 41,
    CUSTODY_UNKNOWN_JOURNEY = 42,
};

#endif
