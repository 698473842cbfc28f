// SPDX-License-Identifier: Apache-2.0
// What the parts of a lock share: lock.c, which answers renters and the owner, and lock_news.c,
// which hears of the chain.
#ifndef LMM_SHARING_LOCK_INNER_H
#define LMM_SHARING_LOCK_INNER_H

#include "apps/sharing/lock/lock.h"

// The state into flash. False: the lock is broken.
bool lock_keep(struct lock *lock);
// An entry of the access log, with the time.
void lock_note(struct lock *lock, const struct lock_entry *entry);

// The header below which what this phone shows stands, and all that a proof is held against.
struct lock_ground lock_ground_now(const struct lock *lock);
struct lock_belief_now lock_belief_about(const struct lock *lock);
void lock_encode_ground(struct buf *out, const struct lock *lock);
// Is what the lock believes worth anything now?
enum lock_code lock_check_time(const struct lock *lock) MUST_CHECK;
// Has this phone shown the policy below that header?
bool lock_has_policy_below(const struct lock *lock, const struct lock_ground *ground);

enum lock_code lock_answer_header(struct lock *lock, struct decoder *in,
                                  struct buf *out) MUST_CHECK;
enum lock_code lock_answer_policy(struct lock *lock, struct decoder *in,
                                  struct buf *out) MUST_CHECK;
enum lock_code lock_answer_unbound(struct lock *lock, struct decoder *in,
                                   struct buf *out) MUST_CHECK;

#endif
