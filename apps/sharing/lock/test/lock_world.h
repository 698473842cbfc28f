// SPDX-License-Identifier: Apache-2.0
// A lock, a chain whose witnesses the test plays, a state with a grant in it, and a phone.
#ifndef LMM_SHARING_LOCK_TEST_WORLD_H
#define LMM_SHARING_LOCK_TEST_WORLD_H

#include "apps/sharing/lock/lock.h"
#include "chaincore/ledger/state.h"
#include "tests/support/light_chain.h"

enum {
    WORLD_BOOKING = 77,
    WORLD_ASSET = 12,
    WORLD_HEIGHT = 5, // of the header that is shown
    WORLD_MINUTE_MS = 60 * 1000,
    WORLD_RENT_MINUTES = 60,
};

// Flash that can be cut off in the middle of a write.
struct world_flash {
    uint8_t slots[LOCK_SLOTS][LOCK_SLOT_MAX_BYTES];
    size_t lens[LOCK_SLOTS];
    unsigned writes; // that were begun
    bool is_cut;     // the next write ends after cut_after bytes
    size_t cut_after;
};

struct lock_world {
    struct light_chain chain;
    struct state *state;
    struct state_version *version;
    struct account_id contract;
    struct secret_key owner, renter;
    struct public_key owner_key, renter_key;
    struct world_flash flash;
    struct lock lock;
    struct lock_moment moment;
    uint8_t random;   // what the lock draws next
    struct buf reply; // the last answer, without its kind
    uint64_t shown;   // height of the header that the phone's proofs hang below
    struct grant grant;
    struct policy policy;
    bool is_unbound; // no policy stands in the state
    struct buf grant_branch, policy_branch, certificate;
};

// The lock is set up at genesis; nothing was shown to it. `fillers` more entries in the state.
void world_open(struct lock_world *out, uint16_t witnesses, unsigned fillers);
// Of another chain.
void world_open_on(struct lock_world *out, const struct light_chain_plan *plan, unsigned fillers);
void world_close(struct lock_world *world);
// The state with the grant and the policy as they now are in `world`.
void world_write_state(struct lock_world *world);
// A header of the chain over that state; its set signs. The content of `certificate` is replaced.
struct header world_header(struct lock_world *world, uint64_t height);

// Sends a message of that content in frames of the largest size, and keeps the answer.
enum lock_code world_ask(struct lock_world *world, enum lock_kind kind, const struct buf *content);
enum lock_code world_send(struct lock_world *world, struct bytes message);
void world_greet(struct lock_world *world, struct lock_greeting *out);

enum lock_code world_show_header(struct lock_world *world, uint64_t height);
enum lock_code world_show_policy(struct lock_world *world);
enum lock_code world_show_unbound(struct lock_world *world);
// Header and policy, as an honest phone begins.
void world_introduce(struct lock_world *world);
// What an honest phone sends, with a fresh nonce.
void world_make_use(struct lock_world *world, struct lock_use *out, uint8_t command);
void world_sign(const struct lock_world *world, struct lock_use *use);
enum lock_code world_send_use(struct lock_world *world, const struct lock_use *use);
enum lock_code world_use(struct lock_world *world, uint8_t command);
// The grant as it now stands, for what is in use.
enum lock_code world_extend(struct lock_world *world);
enum lock_code world_receipt(struct lock_world *world, struct lock_receipt *out,
                             struct lock_receipt_wish wish);
// Nothing has come of what was sent since `writes`: the bolt is shut, and flash is as it was.
void world_expect_untouched(const struct lock_world *world, unsigned writes);
void world_expect_use_refused(struct lock_world *world, const struct lock_use *use,
                              enum lock_code code);
void world_expect_header_refused(struct lock_world *world, const struct lock_news *news,
                                 enum lock_code code);
// A header of that height, newer or older than the lock's, is refused when it is another chain's,
// when nobody or too few have signed it, or when they signed something else.
void world_expect_forgeries_refused(struct lock_world *world, uint64_t height);
// The grant as it is to be now, standing in the state below the next header.
void world_grant_anew(struct lock_world *world);
// The owner's word for a header, signed by `key`.
void world_make_vouching(struct lock_world *world, struct lock_vouching *out,
                         const struct header *header, uint64_t time_ms);
void world_sign_vouching(const struct lock_world *world, struct lock_vouching *vouching,
                         const struct secret_key *key);
enum lock_code world_send_vouching(struct lock_world *world, const struct lock_vouching *vouching);

// Power away and back.
enum status world_power_on(struct lock_world *world, bool has_rtc, uint64_t rtc_ms);

#endif
