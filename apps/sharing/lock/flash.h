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

// A booking starts once: what was started is remembered until its place is needed, which it is not
// before the grant that it started by has ended.
struct lock_started {
    uint64_t booking; // 0: free
    uint64_t until_ms;
};

struct lock_state {
    struct secret_key secret; // the lock's own
    struct public_key owner_key;
    struct account_id contract;
    uint64_t counter;  // of the last challenge that was accepted
    uint64_t clock_ms; // a time that was reached
    bool is_bound;
    uint64_t asset; // when bound
    uint64_t policy_epoch;
    bool is_in_use;
    uint64_t booking; // in use
    struct lock_started started[LIMIT_LOCK_STARTED];
    bool has_receipt;
    struct lock_receipt receipt;
    struct light_trust trust;
    struct lock_log log;
};

enum {
    LOCK_SLOTS = 2,
    LOCK_SLOT_MAX_BYTES = 4 + 1 + 8 + 3 * 32 + 5 * 8 + 3 + LIMIT_LOCK_STARTED * 2 * 8 +
                          CHALLENGE_BYTES + 32 + 2 * 64 + 4 + TRUST_MAX_BYTES + LOCK_LOG_MAX_BYTES +
                          32,
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
