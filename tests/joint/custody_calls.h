// SPDX-License-Identifier: Apache-2.0
// Calls of custody's methods on the supply-chain contract, compiled natively. Each returns what it
// is refused with, or NONE.
#ifndef LMM_TESTS_CUSTODY_CALLS_H
#define LMM_TESTS_CUSTODY_CALLS_H

#include "apps/supplychain/contract/custody_rules.h"
#include "chaincore/crypto/sign.h"
#include "tests/support/mock_host.h"
#include "tests/support/unit.h"

enum { FISHER = 1, CARRIER, STORE, STRANGER, ACCOUNTS };
enum { NONE = 0, LOT = 1000, FISH = 7 /* an event's hash, 32 times */ };
#define EPC "https://id.gs1.org/01/10614141073464/10/TUNA"

struct reading {
    uint64_t time_ms;
    int64_t value;
};
struct held { // of a shipment
    uint8_t custodian, state;
    uint64_t quantity, offered;
    uint32_t alarms, journey_alarms;
};

extern struct mock *mock;
extern struct buf arguments; // of the last call
extern struct secret_key sensor, other_sensor;
extern struct public_key sensor_key;
extern uint32_t journey;     // that readings are sent of; the first unless a test says otherwise
extern uint64_t next_number; // of the next reading that is sent; it goes on with what is taken

void act_as(uint8_t account);
// With the arguments as they stand.
uint32_t call(const char *method);
void put_bytes(uint8_t byte, size_t len);
void capture(uint8_t event);
// `register`.
uint32_t enter(const char *epc, uint64_t quantity, const char *uom, uint8_t event);
void put_rule(bool has_max, int64_t max, const struct public_key *key);
void put_departure(uint64_t shipment, uint8_t to, uint32_t rules);
// Frozen: never above zero, by the sensor.
uint32_t depart(uint64_t shipment, uint8_t to);
// A method of one number.
uint32_t with_number(const char *method, uint64_t number);
uint32_t offer(uint64_t shipment, uint64_t quantity, uint8_t to);
uint32_t accept_seen(uint64_t hand_over, uint32_t alarms);
uint32_t refuse(uint64_t hand_over, const char *reason);
uint32_t report_many(uint64_t shipment, const struct reading *readings, uint32_t count);
uint32_t report(uint64_t shipment, uint64_t time_ms, int64_t value);
// Signed for shipment `meant`, sent for `shipment`.
uint32_t measure_as(const struct secret_key *key, uint64_t meant, uint64_t shipment,
                    struct reading reading);
uint32_t measure_many(uint64_t shipment, const struct reading *readings, uint32_t count);
uint32_t measure(uint64_t shipment, uint64_t time_ms, int64_t value);
// How many events of the topic the last call told.
size_t count_told(const char *topic);
// Whom the last call's first event of the topic, "alarm" or "readings", names as custodian.
uint8_t custodian_told(const char *topic);
struct held look(uint64_t shipment);
// The fisher acts, who has captured the fish; then its shipment 1 is there; then it is under way to
// the store.
void custody_start(void);
void custody_stop(void);
void custody_start_with_shipment(void);
void custody_start_under_way(void);

#endif
