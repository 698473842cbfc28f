// SPDX-License-Identifier: Apache-2.0
// What a lock keeps when its power is cut, and how it lies in flash: two slots, written in turns,
// each with its generation and a checksum, so that a write that was torn leaves the one before. No
// allocation.
#ifndef LMM_SHARING_LOCK_FLASH_H
#define LMM_SHARING_LOCK_FLASH_H

#include "apps/sharing/lock/access_log.h"
#include "apps/sharing/lock/message.h"
#include "chaincore/chain/account_id.h"
#include "chaincore/light/trust.h"

// A booking starts once. The last that did are remembered, and of those that had to go when the
// last of them began: what begins no later does not start any more. Bookings of one asset never
// overlap, so they start in the order in which they begin, and an extension never leads past one
// that has begun since: nothing that may still start is lost by it.
struct lock_started {
    uint64_t booking; // 0: free
    uint64_t from_ms;
};

// The booking that has started and was not returned. It needs no proof any more.
struct lock_use_now {
    uint64_t booking;
    struct public_key renter_key;
    uint64_t until_ms;
    uint64_t policy_epoch; // of its grant
    uint64_t height;       // of the header below which the grant stood that says `until_ms`
};

struct lock_state {
    struct secret_key secret; // the lock's own
    struct public_key owner_key;
    struct account_id contract;
    uint64_t counter;  // of the last challenge that was accepted
    uint64_t clock_ms; // a time that was reached
    bool is_bound;
    uint64_t asset; // when bound
    // Grants of an older epoch are void, and the header below which a policy of it was seen first.
    uint64_t policy_epoch;
    uint64_t policy_height;
    bool is_in_use;
    struct lock_use_now use; // when in use; else zeros
    struct lock_started started[LIMIT_LOCK_STARTED];
    uint64_t forgotten_ms; // when the last began of those that had to go; 0: none had
    uint8_t receipt_count;
    struct lock_receipt receipts[LIMIT_LOCK_RECEIPTS]; // the newest first
    struct light_trust trust;
    // Of the witnesses before those whom the trust names, for proofs below older headers; they
    // signed none of a later time.
    struct hash set_before;
    uint64_t set_before_ms;
    struct lock_log log;
};

enum {
    LOCK_SLOTS = 2,
    LOCK_USE_NOW_BYTES = 4 * 8 + 32,
    LOCK_RECEIPT_BYTES = CHALLENGE_BYTES + 32 + 2 * 64,
    LOCK_SLOT_MAX_BYTES = 4 + 1 + 8 + 3 * 32 + 5 * 8 + 2 + LOCK_USE_NOW_BYTES +
                          LIMIT_LOCK_STARTED * 2 * 8 + 8 + 1 +
                          LIMIT_LOCK_RECEIPTS * LOCK_RECEIPT_BYTES + 4 + TRUST_MAX_BYTES + 32 + 8 +
                          LOCK_LOG_MAX_BYTES + 32,
};

// Appends a slot's content.
void lock_flash_encode(struct buf *out, const struct lock_state *state, uint64_t generation);
// The newer of the slots that are whole. NOT_FOUND when neither is; UNSUPPORTED for one of another
// version of this.
enum status lock_flash_read(struct lock_state *out, uint64_t *generation,
                            const struct bytes slots[LOCK_SLOTS]) MUST_CHECK;
// Where a generation is written.
static inline unsigned lock_flash_slot(uint64_t generation) {
    return (unsigned)(generation % LOCK_SLOTS);
}

#endif
