// SPDX-License-Identifier: Apache-2.0
// A server and four accounts that call custody's methods, each by the two ways to the contract: the
// API, which signs as the server, and raw transactions.
#ifndef LMM_SUPPLYCHAIN_TEST_CUSTODY_PLAY_H
#define LMM_SUPPLYCHAIN_TEST_CUSTODY_PLAY_H

#include "apps/supplychain/test/raw.h"

#define LOT "urn:epc:class:lgtin:4012345.012345.TUNA"

enum { SERVER, ALICE, BOB, FAUCET, ROLES };
extern char play_addresses[ROLES][ADDRESS_CHARS + 1];
extern struct secret_key play_sensor;
extern char play_sensor_hex[65]; // its public key

// A method, the argument that the path holds instead of the body (or NULL), and the path around it.
enum { PLAY_WAYS = 9, PLAY_PATH_SIZE = 96 };
extern const struct way { const char *method, *of, *path, *behind; } play_ways[PLAY_WAYS];
void play_path(char out[PLAY_PATH_SIZE], const struct way *way, int64_t number);

// On a chain of its own, whose server has captured an event of the lot. `index` is a database's
// URL; NULL: SQLite.
void play_open(const char *market, const char *index);
void play_set_up(void); // of this market
void play_close(void);
void play_capture(int role, uint8_t job); // that event
// The document's only event, which $E then stands for.
void play_capture_event(int role, uint8_t job, const char *text);

// The JSON of a text with $0 to $3 for the roles' addresses, $E for the hash of the event captured
// last, $S for the sensor's key. The caller calls json_decref.
json_t *play_arguments(const char *text);
// Each must end with this refusal, or 0.
void play_raw(int role, const char *method, const json_t *arguments, uint32_t refusal);
void play_api(const char *method, const json_t *arguments, uint32_t refusal);
void play(int role, const char *method, const char *text, uint32_t refusal); // raw
// What the sensor sends of one reading, whoever brings it. The caller calls json_decref.
struct play_reading {
    uint64_t shipment, number, time_ms;
    int64_t value_milli;
    uint32_t journey; // 0 stands for the first
};
json_t *play_measured(const struct play_reading *reading);
// The answer's number; with 202 the transaction must end so.
long play_post(const char *path, const char *body, uint32_t refusal);
uint64_t play_departed_ms(uint64_t shipment);
uint64_t play_accepted_ms(uint64_t hand_over);

#endif
