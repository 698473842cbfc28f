// SPDX-License-Identifier: Apache-2.0
// How often somebody may do something: a bucket of tokens each, which empties by use and fills with
// time. A bucket is one number, the moment at which it is full again (the generic cell rate
// algorithm of ITU-T I.371, A), so whoever has a full bucket needs no place in the table. The table
// is bounded: where a place is missing, the fullest bucket of a few is forgotten, which is the one
// that matters least. Whose it is goes into the table as a keyed hash, so nobody can choose a
// place.
//
// Thread-safe.
#ifndef LMM_HTTP_RATE_H
#define LMM_HTTP_RATE_H

#include "chaincore/base/bytes.h"

// `burst` at once, and from then on `per_minute`. Both above 0.
struct rate_limit {
    uint32_t burst;
    uint32_t per_minute;
};

struct rate_table;

// Never NULL. The caller closes; NULL is allowed there.
struct rate_table *rate_table_open(const struct rate_limit *limit);
void rate_table_close(struct rate_table *table);

struct rate {
    bool is_allowed;    // then a token is gone
    uint32_t remaining; // tokens in the bucket
    uint32_t wait_s;    // until there is one more than remaining, rounded up
};
struct rate rate_take(struct rate_table *table, struct bytes who, uint64_t now_us);

#endif
