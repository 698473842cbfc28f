// SPDX-License-Identifier: Apache-2.0
// What the contract keeps, and where. Numbers within keys are big-endian, so that the storage's
// order is theirs; a bid's price is inverted, so that the first of either side is its best.
//
//   'n'                                        how many zones there have been
//   'z' zone                                   struct zone
//   's' zone slot                              struct slot, until its last money has moved
//   'o' zone slot side price number            struct resting
//   't' zone slot seller number                struct trade, until it is settled
//   'p' zone slot account                      struct position, of who traded in the slot
//   'q' zone slot account                      sellers who have reported and still have trades
//   'c' zone slot                              the last position that was counted
//   'w' zone slot                              a slot without a timer, for want of money
//   'm' key                                    struct meter
//   'd' zone direction account                 the key of the meter at work
#ifndef LMM_ENERGY_CONTRACT_RECORDS_H
#define LMM_ENERGY_CONTRACT_RECORDS_H

#include "apps/energy/contract/rules.h"
#include "chaincore/sdk/lmm.h"

struct zone {
    uint8_t operator_id[32];
    uint64_t cap; // base units a Wh: what a Wh that fails costs its seller, and the highest price
    uint64_t lot; // Wh; orders are multiples of it, so that dust cannot fill up a taker
    uint32_t gate_ms;
    uint32_t wait_ms;
    uint64_t account; // pays for timers; what no slot owes to anybody comes here
    uint32_t name_len;
    uint8_t name[ZONE_NAME_MAX];
} __attribute__((packed));
enum { ZONE_HEAD = 32 + 8 + 8 + 4 + 4 + 8 + 4 };

enum phase { OPEN, CLOSED, COUNTED };

struct slot {
    uint64_t orders; // the last one's number
    uint64_t trades;
    uint64_t unsettled; // trades
    uint64_t short_wh;  // sold and not delivered
    uint64_t pot;       // base units
    uint64_t excess_wh;
    uint64_t shared;   // of the pot, so far
    uint64_t timer_ms; // when the next timer is due; 0: there is none
    uint8_t phase;
} __attribute__((packed));

struct resting {
    uint8_t account[32];
    uint64_t wh;
} __attribute__((packed));

struct trade {
    uint8_t buyer[32];
    uint64_t wh;
    uint64_t price;
} __attribute__((packed));

enum position_flags { HAS_EXPORT = 1, HAS_IMPORT = 2, IS_QUEUED = 4 };
struct position {
    uint64_t bought;
    uint64_t sold;
    uint64_t received; // of what was bought
    uint64_t delivered;
    uint64_t exported; // by the meter
    uint64_t imported;
    uint8_t flags;
} __attribute__((packed));

struct meter {
    uint8_t account[32];
    uint32_t zone;
    uint8_t direction;
    uint8_t is_retired;
    uint64_t sequence; // of the last reading
    uint32_t slot;
    uint64_t most_wh; // of a reading, as the zone's operator approved it; 0: not approved
} __attribute__((packed));

static inline void put_u32(uint8_t *out, uint32_t value) {
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (24 - 8 * i));
}
static inline void put_u64(uint8_t *out, uint64_t value) {
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(value >> (56 - 8 * i));
}
static inline uint32_t take_u32(const uint8_t *in) {
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}
static inline uint64_t take_u64(const uint8_t *in) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | in[i];
    return value;
}

// Keys of one slot begin alike.
struct place {
    uint8_t letter;
    uint8_t zone[4];
    uint8_t slot[4];
};
struct order_key {
    struct place place;
    uint8_t side;
    uint8_t price[8];
    uint8_t number[8];
};
struct trade_key {
    struct place place;
    uint8_t seller[32];
    uint8_t number[8];
};
struct account_key {
    struct place place;
    uint8_t account[32];
};
struct meter_of_key {
    uint8_t letter;
    uint8_t zone[4];
    uint8_t direction;
    uint8_t account[32];
};
enum { KEY_ROOM = 256 };

static inline struct place place_make(char letter, uint32_t zone, uint32_t slot) {
    struct place place = {.letter = (uint8_t)letter};
    put_u32(place.zone, zone);
    put_u32(place.slot, slot);
    return place;
}

// Of a bid inverted, both ways.
static inline uint64_t price_in_order(uint8_t side, uint64_t price) {
    return side == BUY ? ~price : price;
}

static inline bool account_equal(const uint8_t a[32], const uint8_t b[32]) {
    uint64_t x[4], y[4];
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) == 0;
}

#endif
