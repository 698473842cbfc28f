// SPDX-License-Identifier: Apache-2.0
// The shipment, its journey, the rule and the hand-over that a call of custody is about: how they
// are kept and how they are told. One of each at a time; a call begins with all of them zero.
#ifndef LMM_SUPPLYCHAIN_CONTRACT_AT_HAND_H
#define LMM_SUPPLYCHAIN_CONTRACT_AT_HAND_H

#include "apps/supplychain/contract/custody_rules.h"
#include "chaincore/sdk/lmm.h"

enum { ID_LEN = 32, SIGNATURE_LEN = 64, NUMBER_KEY_LEN = 9 };
enum { JOURNEY_KEY_LEN = NUMBER_KEY_LEN + 4, RULE_KEY_LEN = JOURNEY_KEY_LEN + 1 };
enum { // bytes of a condition, of all that an offer holds, and of the longest thing told
    CONDITION_MAX = 4 + CUSTODY_PROPERTY_MAX + 4 + CUSTODY_UOM_MAX + 2 * 9 + 5 + 2 * 17,
    CONDITIONS_MAX = 4 + CUSTODY_RULES_MAX * CONDITION_MAX,
    TOLD_MAX = 4096,
};

struct reading {
    uint64_t time_ms;
    int64_t value_milli;
} __attribute__((packed));

// Who holds a shipment on its journey, since when; who departed with it is the first.
struct holder {
    uint64_t from_ms;
    uint8_t account[ID_LEN];
} __attribute__((packed));

struct journey {
    uint64_t departed_ms;
    uint64_t arrived_ms; // 0: under way
    uint8_t rule_count;
    struct holder holders[CUSTODY_HOLDERS_MAX]; // kept as many as there are
} __attribute__((packed));

// The first members are told as they stand; what is text follows in an event.
struct shipment {
    uint64_t number;
    uint64_t parent; // that it was a part of; 0: none
    uint8_t origin[ID_LEN];
    uint8_t event_hash[ID_LEN];
    uint8_t custodian[ID_LEN];
    uint8_t shipper[ID_LEN];
    uint8_t destination[ID_LEN];
    uint8_t state;
    uint64_t quantity_milli;
    uint64_t offered_milli;
    uint64_t registered_ms;
    uint64_t departed_ms;
    uint64_t arrived_ms;
    uint32_t alarms;         // of all its journeys
    uint32_t journey;        // its last; 0: none yet
    uint32_t journey_alarms; // of that
    uint8_t rule_count;      // likewise
    uint8_t uom_len;
    char uom[CUSTODY_UOM_MAX];
    uint32_t epc_len;
    char epc[CUSTODY_EPC_MAX]; // kept as long as it is
} __attribute__((packed));

struct source {
    uint64_t last_ms; // of its newest reading; 0: none
    uint8_t is_out;   // that one
    uint8_t key[ID_LEN];
} __attribute__((packed));
enum { CUSTODIAN = 0, SOURCES_MAX = 1 + CUSTODY_SENSORS_MAX }; // the first source has no key

struct rule {
    uint8_t has_min, has_max;
    int64_t min_milli, max_milli;
    uint32_t readings;
    struct reading last, worst; // when there are readings
    uint8_t property_len;
    char property[CUSTODY_PROPERTY_MAX];
    uint8_t uom_len;
    char uom[CUSTODY_UOM_MAX];
    uint8_t source_count;
    struct source sources[SOURCES_MAX]; // kept as many as there are
} __attribute__((packed));

struct hand_over {
    uint64_t number;
    uint64_t shipment;
    uint64_t part; // what the receiver holds of it: a shipment's number; 0 until it is accepted
    uint8_t giver[ID_LEN];
    uint8_t receiver[ID_LEN];
    uint64_t quantity_milli;
    uint64_t offered_ms;
    uint64_t closed_ms;
    uint8_t state;
    uint32_t alarms;                    // of the journey, at the offer
    uint8_t conditions[CONDITIONS_MAX]; // as they are told; kept as long as they are
} __attribute__((packed));
enum {
    SHIPMENT_HEAD = __builtin_offsetof(struct shipment, rule_count),
    HAND_OVER_HEAD = __builtin_offsetof(struct hand_over, conditions),
    JOURNEY_HEAD = __builtin_offsetof(struct journey, holders),
};

extern struct shipment the_shipment;
extern uint32_t the_journey_number; // the shipment's last, unless a call is about another
extern struct journey the_journey;
extern uint32_t the_holder_count; // of the journey
extern struct rule the_rule;      // likewise
extern uint8_t the_rule_index;
extern struct hand_over the_hand_over;
extern uint32_t the_conditions_len; // of the hand-over's

// An event, or an answer, being put together.
extern struct told {
    uint32_t len;
    uint8_t bytes[TOLD_MAX];
} told;
#define TELL(topic) lmm_event(topic, sizeof topic - 1, told.bytes, told.len)

void told_put(const void *data, uint32_t len);
void told_put_u8(uint8_t value);
void told_put_u32(uint32_t value);
void told_put_text(const char *text, uint32_t len);
void told_put_rule(void); // what is measured, and its bounds
void told_put_condition(void);
void told_put_conditions(void); // of the shipment; each rule has then been at hand
void told_put_shipment(void);
void told_put_hand_over(void); // without a reason
void shipment_tell(void);
void hand_over_tell(const char *reason, uint32_t reason_len);

// False: there is none of that number.
bool shipment_load(uint64_t number);
bool hand_over_load(uint64_t number);
void shipment_store(void);
void hand_over_store(void);
// Of the shipment of that number on the journey of the_journey_number; the rule must be there to be
// loaded.
void rule_load(uint64_t number, uint8_t index);
void rule_store(uint64_t number, uint8_t index);
void journey_load(void); // of the shipment; nothing where it has made none
void journey_store(void);
// The custodian is one more from now on; there must be a place for it.
void holders_add(void);
// The last that began no later; the first, of a time before all.
const struct holder *holder_at(uint64_t time_ms);
// From 1 on; 'n' counts shipments, 'm' hand-overs.
uint64_t custody_next_number(char kind);

bool custody_is_caller(const uint8_t *account);
bool custody_is_value(int64_t value); // within the bounds of readings
// These refuse.
void shipment_demand(uint64_t number);
void shipment_demand_under_way(void);

#endif
