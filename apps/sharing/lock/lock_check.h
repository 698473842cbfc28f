// SPDX-License-Identifier: Apache-2.0
// The rules of a lock, one by one: each looks at what was shown and changes nothing but the trust.
#ifndef LMM_SHARING_LOCK_CHECK_H
#define LMM_SHARING_LOCK_CHECK_H

#include "apps/sharing/lock/flash.h"

// A header: the trust moves on when it is newer. OK as well for the one that is known; *hands_over
// says whether the set changed with it. A lock has no better clock than the chain's, so a header of
// its witnesses may be ahead of `now_ms`, but not by more than the trusting period.
enum lock_code lock_check_news(struct light_trust *trust, bool *hands_over,
                               const struct lock_news *news, uint64_t now_ms) MUST_CHECK;
enum lock_code lock_check_policy(const struct lock_state *state, const struct public_key *key,
                                 const struct account_id *owner,
                                 const struct lock_shown_policy *shown) MUST_CHECK;
// The owner's word: the trust becomes that of the header.
enum lock_code lock_check_vouching(struct lock_state *state, const struct public_key *key,
                                   const struct lock_vouching *vouching) MUST_CHECK;

// Does the grant stand in the state, for this lock, booking and renter?
enum lock_code lock_check_grant(const struct lock_state *state, const struct public_key *key,
                                const struct lock_use *use) MUST_CHECK;
// Is it good now? Who brings a thing back need not be in time, nor in the owner's favour.
enum lock_code lock_check_window(const struct lock_state *state, const struct lock_use *use,
                                 uint64_t now_ms) MUST_CHECK;
// Start once, then open as often as wanted, then return.
enum lock_code lock_check_order(const struct lock_state *state,
                                const struct lock_use *use) MUST_CHECK;
// Where to remember a booking that starts now: of the places that are free, the one whose grant has
// ended first. NULL: there is none.
struct lock_started *lock_find_place(struct lock_state *state, uint64_t now_ms);

#endif
