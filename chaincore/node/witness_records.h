// SPDX-License-Identifier: Apache-2.0
// Where the witnesses of the present set are: of each key the newest record (witness_record.h), and
// when its node is called next. There is one place for each key, so nobody fills it; and what one
// key brings is bounded, so a witness that makes a record a moment costs the others nothing. It has
// no clock and no randomness of its own, and verifies nothing: whoever keeps a record has.
#ifndef LMM_NODE_WITNESS_RECORDS_H
#define LMM_NODE_WITNESS_RECORDS_H

#include "chaincore/chain/certificate.h"
#include "chaincore/node/witness_record.h"
#include "chaincore/witness/driver.h"

struct record_place {
    struct public_key key; // of consensus
    bool is_own;           // this node's: it says itself where it is, and is not called
    bool is_there;         // the record is
    bool is_wrong;         // another node answered at its address: not called before a newer comes
    struct witness_record record;
    uint64_t spent_ms; // of LIMIT_RECORDS_AT_ONCE times LIMIT_RECORD_EVERY_MS
    uint64_t spent_at_ms;
    unsigned failures; // calls since it was connected for a while
    uint64_t call_at_ms;
};

// By the set's order.
struct witness_records {
    uint16_t count;
    struct record_place places[LIMIT_WITNESSES];
};

// What is there of keys that still serve stays.
void witness_records_begin(struct witness_records *records, const struct witness_set *set);
// NULL: it does not serve.
struct record_place *witness_records_find(struct witness_records *records,
                                          const struct public_key *key);
// No older than LIMIT_RECORD_MS, and no more than LIMIT_CLOCK_AHEAD_MS ahead.
bool witness_record_is_timely(const struct witness_record *record, uint64_t wall_ms);
// Whether it would replace what is there, once it is verified: of the set, timely, newer, and not
// too much of that key.
bool witness_records_want(struct witness_records *records, const struct witness_record *record,
                          const struct driver_time *time);
// Counts one as taken.
void record_place_spend(struct record_place *place, uint64_t now_ms);
// A wanted one that has been verified. It is called after `delay_ms` at the earliest, and later
// where calls have failed since it was connected for a while, to whatever address.
void record_place_keep(struct record_place *place, const struct witness_record *record,
                       const struct driver_time *time, uint32_t delay_ms);
// It is called: the next time is later, twice as late each time, up to a minute. `random` is added
// in part, so that not all call it at one moment.
void record_place_note_call(struct record_place *place, uint64_t now_ms, uint32_t random);
// The connection with it is over, which lasted so long.
void record_place_note_end(struct record_place *place, uint64_t now_ms, uint64_t lasted_ms,
                           uint32_t random);
uint16_t witness_records_count(const struct witness_records *records, uint64_t wall_ms);

#endif
