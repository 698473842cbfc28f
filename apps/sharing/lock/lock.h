// SPDX-License-Identifier: Apache-2.0
// A lock that opens without a network (docs/lock.md). It believes the witnesses of a chain
// (chaincore/light), and opens for whoever proves that a grant stands in the chain's state and
// signs a nonce of this lock with the key that the grant names. No I/O, no allocation, no clock:
// frames, time, random bytes and flash are the caller's. One phone at a time, one thread.
//
// What a command changes is in flash before the answer is given and before the bolt moves. When
// flash cannot be written the lock does nothing any more until it is powered on again.
#ifndef LMM_SHARING_LOCK_LOCK_H
#define LMM_SHARING_LOCK_LOCK_H

#include "apps/sharing/lock/flash.h"
#include "apps/sharing/lock/frame.h"
#include "apps/sharing/lock/lock_check.h"

struct lock_port {
    void *context;
    // True once the slot's content is there for good, whole.
    bool (*write)(void *context, unsigned slot, struct bytes content);
    void (*draw)(void *context, void *out, size_t len);
};

struct lock {
    struct lock_port port;
    struct lock_state state;
    struct public_key key; // of state.secret
    struct account_id owner;
    uint64_t generation;
    bool is_broken; // flash could not be written
    bool is_open;   // the bolt
    // The clock: state.clock_ms was reached at uptime_ms.
    bool has_clock;
    uint64_t clock_ms, uptime_ms;
    // The nonce that is out, when it was drawn, and the one before.
    bool has_nonce;
    struct hash nonce, used_nonce;
    uint64_t nonce_uptime_ms, nonce_clock_ms;
    // Of this phone: an older header than the trust's, below which its proofs hang.
    bool has_ground;
    struct lock_ground ground;
    // Of this phone as well: below which header it has shown the policy.
    bool has_policy;
    struct hash policy_header;
    struct lock_frames_in in;
    struct lock_frames_out out;
    uint8_t answer[LIMIT_LOCK_MESSAGE_BYTES];
    uint8_t image[LOCK_SLOT_MAX_BYTES]; // of a slot that is being written
};

// A new lock, as whoever mounts it sets it up, who vouches by that for the time, and that the
// witnesses of genesis still serve.
struct lock_setup {
    uint8_t seed[32]; // of its key
    struct public_key owner_key;
    struct account_id contract;
    struct hash chain_id;
    struct bytes genesis_head;
    uint64_t now_ms;
};
// INVALID when the genesis is not that chain's; IO when flash could not be written.
enum status lock_set_up(struct lock *out, const struct lock_port *port,
                        const struct lock_setup *setup, uint64_t uptime_ms) MUST_CHECK;

// After power was away. The lock knows the time only from a clock that went on without power, and
// only when that is not before what it knew and within the trusting period of what it believes.
struct lock_power {
    uint64_t uptime_ms;
    bool has_rtc;
    uint64_t rtc_ms;
};
// NOT_FOUND without a whole slot; CORRUPT, UNSUPPORTED or how it does not decode; IO.
enum status lock_power_on(struct lock *out, const struct lock_port *port,
                          const struct bytes slots[LOCK_SLOTS],
                          const struct lock_power *power) MUST_CHECK;

struct lock_moment {
    uint64_t uptime_ms; // since power on; never goes back
    uint8_t battery;    // per cent
};
// Another phone: what the last one began is forgotten, its nonce and its header too.
void lock_connect(struct lock *lock);
// A frame from the phone. With a message's last one the answer is ready.
void lock_receive(struct lock *lock, struct bytes frame, const struct lock_moment *moment);
// The next frame for the phone; 0: there is none.
size_t lock_give(struct lock *lock, uint8_t frame[LIMIT_LOCK_FRAME_BYTES], size_t room);

#endif
