// SPDX-License-Identifier: Apache-2.0
// What an event of the contract says, and how it is told: to the live stream, to webhooks.
#ifndef LMM_ENERGY_HAPPENING_H
#define LMM_ENERGY_HAPPENING_H

#include "apps/energy/contract/rules.h"
#include "chaincore/chaincore.h"

enum topic {
    TOPIC_ZONE,
    TOPIC_ACCOUNT,
    TOPIC_ORDER,
    TOPIC_TRADE,
    TOPIC_CANCELLED,
    TOPIC_METER,
    TOPIC_APPROVED,
    TOPIC_READING,
    TOPIC_SETTLED,
    TOPIC_SHARED,
    TOPIC_FINAL,
    TOPICS
};

// Those members that the topic has, under the names of abi.json; bytes are borrowed.
struct happening {
    enum topic topic;
    uint32_t zone, slot;
    uint64_t number, price, wh;
    uint64_t left, returned; // of an order
    uint8_t side, kind, outcome, reason, direction;
    struct account_id account; // whose it is; an operator
    struct account_id buyer, seller;
    uint64_t incoming, resting, resting_left; // of a trade
    uint64_t delivered, failed, to_buyer, to_seller, to_pot;
    uint64_t cap, lot, money, pot, shared, rest, short_wh, excess_wh, sequence, most_wh;
    uint32_t gate_ms, wait_ms;
    struct hash key; // of a meter
    struct bytes name;
};

// False when it is none that this program knows.
bool happening_decode(struct happening *out, const struct event *event);
const char *happening_name(enum topic topic);
void happening_append_json(struct buf *out, const struct happening *happening);

const char *side_name(uint8_t side);
const char *kind_name(uint8_t kind);
const char *direction_name(uint8_t direction);
// "resting", "filled" or "cancelled", and of the last the reason ("" of others).
const char *outcome_status(uint8_t outcome);
const char *outcome_reason(uint8_t outcome);
const char *cancel_reason_name(uint8_t reason);

static inline int64_t slot_start_ms(uint64_t slot) { return (int64_t)(slot * SLOT_MS); }

#endif
