// SPDX-License-Identifier: Apache-2.0
// The numbers of the rules, for the contract and for whoever builds its calls. Times are
// milliseconds since 1970, money is base units.
#ifndef LMM_SHARING_CONTRACT_RULES_H
#define LMM_SHARING_CONTRACT_RULES_H

#define SHARING_MINUTE_MS 60000ull
#define SHARING_DAY_MS (24ull * 60 * SHARING_MINUTE_MS)

enum { // bytes
    SHARING_TITLE_MAX = 80,
    SHARING_TEXT_MAX = 2000,
    SHARING_PLACE_MAX = 120,
    SHARING_CATEGORY_MAX = 32,
};
enum { // either way, in units of 1e-7 degrees
    SHARING_LATITUDE_MAX = 900000000,
    SHARING_LONGITUDE_MAX = 1800000000,
};

#define SHARING_PRICE_MAX 100000000000000ull      // a minute
#define SHARING_DEPOSIT_MAX 100000000000000000ull // half of what there is
enum {
    SHARING_LATE_CAP_MAX = 7 * 24 * 60, // minutes
    SHARING_BLOCKED_MAX = 128,          // ranges of one asset at a time
    // Cancelled by its renter: for nothing until so many minutes before the beginning, then for a
    // part of the rent, per cent.
    SHARING_CANCEL_FREE_MAX = 30 * 24 * 60,
    SHARING_CANCEL_PART_MAX = 100,
};
// A booking that begins at once names a time that is over when its block comes.
#define SHARING_PAST_GRACE_MS (5 * SHARING_MINUTE_MS)
#define SHARING_BOOKING_MAX_MS (31 * SHARING_DAY_MS)
#define SHARING_AHEAD_MAX_MS (366 * SHARING_DAY_MS) // its end
// For so long an owner may contest that use has ended.
#define SHARING_CLAIM_WINDOW_MS (12 * 60 * SHARING_MINUTE_MS)

enum { SHARING_SETTLE_GAS = 2000000 }; // several times what settling takes

enum sharing_unit {
    SHARING_PER_MINUTE,
    SHARING_PER_HOUR,
    SHARING_UNITS
}; // that an owner thinks in

enum sharing_state { SHARING_BOOKED, SHARING_RUNNING, SHARING_ENDING, SHARING_SETTLED };

// How a booking was settled.
enum sharing_outcome {
    SHARING_OPEN,      // not yet
    SHARING_CANCELLED, // all of it goes back, or all but the part of the rent that was agreed
    SHARING_RETURNED,  // renter and lock have signed the return
    SHARING_ENDED,     // the renter said so, and nobody contested
    SHARING_CONTESTED, // the booking's end counts, or a later moment; while open: `end` does not
    SHARING_LATE,      // never returned: the end of the late minutes counts
    SHARING_UNUSED,    // never started: what was booked is owed
    SHARING_REVOKED,   // never started, and the owner had taken the grant back: all of it goes back
};

enum sharing_refusal { // their sentences stand in abi.json
    SHARING_BAD_ARGUMENTS = 1,
    SHARING_BAD_TEXT = 2,
    SHARING_BAD_PLACE = 3,
    SHARING_BAD_PRICE = 4,
    SHARING_BAD_DEPOSIT = 5,
    SHARING_BAD_LATE_CAP = 6,
    SHARING_UNKNOWN_ASSET = 7,
    SHARING_NOT_THE_OWNER = 8,
    SHARING_ASSET_WITHDRAWN = 9,
    SHARING_BAD_RANGE = 10,
    SHARING_IN_THE_PAST = 11,
    SHARING_TOO_LONG = 12,
    SHARING_TOO_FAR_AHEAD = 13,
    SHARING_TAKEN = 14,
    SHARING_TOO_MANY_BLOCKED = 15,
    SHARING_NOT_BLOCKED = 16,
    SHARING_OWN_ASSET = 17,
    SHARING_WRONG_PAYMENT = 18,
    SHARING_BAD_KEY = 19,
    SHARING_UNKNOWN_BOOKING = 20,
    SHARING_BOOKING_SETTLED = 21,
    SHARING_NOT_THE_RENTER = 22,
    SHARING_NOT_A_PARTY = 23,
    SHARING_TOO_LATE_TO_CANCEL = 24,
    SHARING_TOO_EARLY = 25,
    SHARING_ALREADY_STARTED = 26,
    SHARING_NOT_STARTED = 27,
    SHARING_BOOKING_OVER = 28,
    SHARING_WRONG_COMMAND = 29,
    SHARING_OTHER_BOOKING = 30,
    SHARING_OTHER_LOCK = 31,
    SHARING_OLD_CHALLENGE = 32,
    SHARING_FROM_THE_FUTURE = 33,
    SHARING_BAD_SIGNATURE = 34,
    SHARING_BAD_LOCK_SIGNATURE = 35,
    SHARING_NO_LOCK = 36,
    SHARING_LOCK_TAKEN = 37,
    SHARING_HAS_A_LOCK = 38,
    SHARING_GRANT_REVOKED = 39,
    SHARING_NOT_ENDING = 40,
    SHARING_CLAIM_WINDOW_OVER = 41,
    SHARING_NOT_DUE = 42,
    SHARING_ALREADY_ENDED = 43,
    SHARING_ALREADY_CONTESTED = 44,
    SHARING_BAD_CANCEL = 45,
};

#endif
