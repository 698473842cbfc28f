// SPDX-License-Identifier: Apache-2.0
// Arguments of the contract's calls, and what is signed for them: for tests, natively and of
// servers.
#ifndef LMM_SHARING_TEST_CALLS_H
#define LMM_SHARING_TEST_CALLS_H

#include "apps/sharing/contract/challenge.h"
#include "apps/sharing/contract/rules.h"
#include "chaincore/chaincore.h"

struct key_pair {
    struct secret_key secret;
    struct public_key public;
};
struct key_pair key_pair_of(uint8_t seed);

struct terms {
    const char *title, *text, *place, *category;
    int64_t latitude, longitude; // 1e-7 degrees
    uint64_t price;              // a minute
    uint8_t unit;
    uint64_t deposit;
    uint32_t late_cap, cancel_free; // minutes
    uint8_t cancel_part;            // per cent
};
extern const struct terms usual_terms;
void encode_terms(struct buf *out, const struct terms *terms);

struct rental_range {
    uint64_t asset, from_ms, until_ms;
};
void encode_book(struct buf *out, const struct rental_range *range, const struct key_pair *renter);
// Signed by this lock for this owner.
void encode_bind(struct buf *out, const struct lock_binding *binding, const struct key_pair *lock,
                 const struct hash *chain_id);
// Of start or, with a lock, of give_back.
void encode_challenge(struct buf *out, const struct challenge *challenge,
                      const struct key_pair *renter, const struct key_pair *lock,
                      const struct hash *chain_id);

#endif
