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

// The header below which what is shown stands: the newest one, or an older one that this visit
// brought.
struct lock_ground {
    uint64_t height;
    uint64_t time_ms;
    struct hash header_id;
    struct hash state_root;
};
struct lock_ground lock_ground_of(const struct light_trust *trust);
// An older header than the trust's, of the last day: signed by the set that is believed, or by the
// one before it, of a time when that had not handed over.
enum lock_code lock_check_older(struct lock_ground *out, const struct lock_state *state,
                                const struct lock_news *news, uint64_t now_ms) MUST_CHECK;

// What a lock holds a proof against.
struct lock_belief_now {
    const struct lock_state *state;
    const struct public_key *key; // its own
    struct lock_ground ground;
    uint64_t clock_ms;
};
enum lock_code lock_check_policy(const struct lock_belief_now *now, const struct account_id *owner,
                                 const struct lock_shown_policy *shown) MUST_CHECK;
// That no policy of the lock stands there, since later than it was bound.
enum lock_code lock_check_unbound(const struct lock_belief_now *now,
                                  struct bytes branch) MUST_CHECK;
// The owner's word: the trust becomes that of the header.
enum lock_code lock_check_vouching(struct lock_state *state, const struct public_key *key,
                                   const struct lock_vouching *vouching) MUST_CHECK;

// Does the grant stand in the state, for this lock, booking and renter?
struct lock_granted {
    uint64_t booking;
    const struct public_key *renter_key;
};
enum lock_code lock_check_grant(const struct lock_belief_now *now,
                                const struct lock_shown_grant *shown,
                                const struct lock_granted *to) MUST_CHECK;
// Does a use start by it now? Once, within the booked time, by a proof of that time and of the last
// day.
enum lock_code lock_check_start(const struct lock_belief_now *now,
                                const struct grant *grant) MUST_CHECK;
void lock_note_start(struct lock_state *state, const struct grant *grant);
// May what is in use be opened, or returned? Who brings a thing back need not be in time, nor in
// the owner's favour.
enum lock_code lock_check_go_on(const struct lock_state *state, const struct challenge *challenge,
                                uint64_t now_ms) MUST_CHECK;

#endif
