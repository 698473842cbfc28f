// SPDX-License-Identifier: Apache-2.0
// What the contract tells of custody, out of its bytes: the shapes of `events` in
// contract/abi.json.
#ifndef LMM_SUPPLYCHAIN_CUSTODY_TOLD_H
#define LMM_SUPPLYCHAIN_CUSTODY_TOLD_H

#include "chaincore/chaincore.h"

struct told_reading {
    uint64_t time_ms;
    int64_t value_milli;
};
struct told_rule { // texts are borrowed
    struct bytes property, uom;
    bool has_min, has_max;
    int64_t min_milli, max_milli;
    struct bytes sensors; // keys, one behind the other
};
struct told_condition {
    struct told_rule rule; // without sensors
    uint32_t readings;
    bool is_out;
    bool has_last, has_worst;
    struct told_reading last, worst;
};
struct told_shipment {
    uint64_t number, parent;
    struct account_id origin, custodian, shipper, destination;
    struct hash event_hash;
    uint8_t state;
    uint64_t quantity_milli, offered_milli;
    uint64_t registered_ms, departed_ms, arrived_ms;
    uint32_t alarms;         // of all its journeys
    uint32_t journey;        // its last; 0: none yet
    uint32_t journey_alarms; // of that
    struct bytes uom, epc;
};
struct told_source { // of readings
    uint32_t journey;
    uint8_t rule;
    struct bytes sensor; // its key; empty: the custodian's word
    struct account_id custodian;
    bool is_late;    // brought after a later one of the same source
    uint64_t number; // of the first
};
struct told_hand_over {
    uint64_t number, shipment, part;
    struct account_id giver, receiver;
    uint64_t quantity_milli, offered_ms, closed_ms;
    uint8_t state;
    uint32_t alarms;
    uint32_t condition_count;
    struct told_condition conditions[4];
    struct bytes reason;
};

// Failures are the decoder's.
void told_decode_reading(struct told_reading *out, struct decoder *in);
void told_decode_rule(struct told_rule *out, struct decoder *in);
void told_decode_condition(struct told_condition *out, struct decoder *in);
void told_decode_shipment(struct told_shipment *out, struct decoder *in);
void told_decode_source(struct told_source *out, struct decoder *in);
void told_decode_hand_over(struct told_hand_over *out, struct decoder *in);

// {"property":…,"uom":…,"min_milli":…,"max_milli":…,"readings":…,"is_out":…,"last":…,"worst":…}
void told_append_condition(struct buf *out, const struct told_condition *condition);

#endif
