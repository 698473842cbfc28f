// SPDX-License-Identifier: Apache-2.0
// What a lock remembers of what was done at it: a ring of entries, each of which goes on from the
// link before it. link(n) = HASH_JOURNAL(link(n - 1) ‖ entry n), from zeros; the lock signs the
// last one when the log is read, so whoever has read it once sees whether anything of it was
// changed, left out or put in since. No allocation.
#ifndef LMM_SHARING_LOCK_ACCESS_LOG_H
#define LMM_SHARING_LOCK_ACCESS_LOG_H

#include "apps/sharing/lock/limits.h"
#include "chaincore/base/codec.h"
#include "chaincore/crypto/hash.h"

enum lock_event {
    LOCK_EVENT_OPENED = 1,
    LOCK_EVENT_STARTED = 2,
    LOCK_EVENT_RETURNED = 3,
    LOCK_EVENT_TRUSTED = 4,  // the owner vouched for a header and the time
    LOCK_EVENT_POLICY = 5,   // another policy was shown
    LOCK_EVENT_POWER_ON = 6, // after this the clock may be unknown
    LOCK_EVENT_CLEARED = 7,  // the owner ended a use
    LOCK_EVENT_UNBOUND = 8,  // it was shown that it belongs to nothing any more
};

struct lock_entry {
    uint64_t index;   // from 0
    uint64_t time_ms; // the lock's clock; after POWER_ON that which it had last
    uint8_t event;
    uint64_t booking; // of the first three and CLEARED; of POLICY and UNBOUND the epoch; else 0
    uint8_t who[32];  // the key that signed; else zeros
    uint8_t what[32]; // hash of the challenge, id of the header vouched for; else zeros
} __attribute__((packed));
_Static_assert(sizeof(struct lock_entry) == 89, "as it is hashed");

struct lock_log {
    uint64_t first;     // index of the oldest entry
    uint64_t carried;   // the owner has all before this one
    struct hash before; // the link that the oldest goes on from
    uint32_t count;
    struct lock_entry entries[LIMIT_LOCK_LOG_ENTRIES]; // the oldest first
};

// Gives it the next index. When there is no room the oldest goes, carried away or not.
void lock_log_append(struct lock_log *log, const struct lock_entry *entry);
static inline uint64_t lock_log_next(const struct lock_log *log) { return log->first + log->count; }
// Entries that went although the owner did not have them.
static inline uint64_t lock_log_lost(const struct lock_log *log) {
    return log->first > log->carried ? log->first - log->carried : 0;
}
// The link that entry `index` goes on from; with lock_log_next the last one. The entry before it,
// if any, is the oldest or a later one.
void lock_log_link(struct hash *out, const struct lock_log *log, uint64_t index);
// One link further; out may be `before`.
void lock_entry_link(struct hash *out, const struct hash *before, const struct lock_entry *entry);

enum { LOCK_LOG_MAX_BYTES = 8 + 8 + 32 + 4 + LIMIT_LOCK_LOG_ENTRIES * sizeof(struct lock_entry) };
void lock_log_encode(struct buf *out, const struct lock_log *log);
void lock_log_decode_from(struct decoder *in, struct lock_log *out);

#endif
