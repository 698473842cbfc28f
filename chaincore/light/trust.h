// SPDX-License-Identifier: Apache-2.0
// What a light client believes, and how it learns more: a witness set and the newest header that it
// has seen final. It begins with the chain's genesis, follows the chain by certificates, and hands
// what it learnt to light.h. No I/O, no allocation, no clock: the caller says what time
// it is, and keeps the encoded trust (at most TRUST_MAX_BYTES) where power cuts cannot tear it.
//
// A set is believed because the one before named it in an epoch's last header (hand-over), or
// because more than a third of the set that is believed signed beside the new one's quorum (skip):
// then at least one of them was honest. Both hold only within the trusting period after the newest
// header's time: later, witnesses of old might sell their keys. Past it nothing is believed until
// the owner's key vouches for a header.
#ifndef LMM_LIGHT_TRUST_H
#define LMM_LIGHT_TRUST_H

#include "chaincore/chain/certificate.h"
#include "chaincore/chain/header.h"

// 7 days; witnesses' stake stays locked for 14 days after they last served.
static const uint64_t TRUST_PERIOD_MS = UINT64_C(7) * 24 * 3600 * 1000;
// A header may be this much ahead of the caller's clock: as far as witnesses let each other be.
static const uint64_t TRUST_CLOCK_DRIFT_MS = 5000;

struct light_trust {
    struct hash chain_id;
    struct witness_set set;
    // The newest header seen final. At genesis: height 0, and the rest of zeros but the time.
    uint64_t height;
    uint64_t epoch;
    uint64_t view;
    uint64_t time_ms;
    struct hash header_id;
    struct hash set_hash; // of `set`: the header's own, or the next when it ended its epoch
    struct hash state_root;
    struct hash receipts_root;
    struct hash history_root;
};

// From the head of the genesis (chain/genesis_head.h). INVALID when its hash is not chain_id; on
// anything but OK the trust is as it was.
enum status light_trust_begin(struct light_trust *trust, struct bytes genesis_head,
                              const struct hash *chain_id) MUST_CHECK;

// From a header that the caller believes for reasons of its own, with the set of its epoch, or the
// one that it names for the next. INVALID when it is of another chain or names another set.
enum status light_trust_begin_at(struct light_trust *trust, const struct hash *chain_id,
                                 const struct header *header,
                                 const struct witness_set *set) MUST_CHECK;

// A header that is newer than the newest. `set` is what signed it, NULL for the set that is
// believed. `next` is the set of the epoch to come when the header is the last of its epoch and the
// set changes; NULL leaves the hand-over for the skip rule to make, or for later: the header that
// is believed, offered again with `next`, hands over, and needs no certificate for it.
struct trust_step {
    const struct header *header;
    struct bytes certificate; // FINALIZE
    const struct witness_set *set;
    const struct witness_set *next;
};
// On anything but OK the trust is as it was.
//   TIMEOUT        the trusting period is over: light_trust_restore
//   CONFLICT       another block is final at the height that is believed: show it to the world
//   EXISTS         not newer than what is believed, and no set that it hands over to
//   INVALID        another chain, a set that does not hash to what the header says, too few
//                  signatures, or a time from the future
//   BAD_SIGNATURE
enum status light_trust_advance(struct light_trust *trust, const struct trust_step *step,
                                uint64_t now_ms) MUST_CHECK;

// The same without a clock: as far as signatures go. It cannot know that the trusting period is
// over, so keys of witnesses that have left are as good as those of witnesses that serve: for
// checks of the past (light.h), never for a trust that is kept.
enum status light_trust_extend(struct light_trust *trust, const struct trust_step *step) MUST_CHECK;

// Is a set, believed by a header of that time, not to be believed any more?
bool light_is_period_over(uint64_t believed_ms, uint64_t now_ms);

// What an owner signs, under the tag `trust`, for a device that believes nothing any more.
struct trust_statement {
    struct hash device;    // the device's id
    struct hash nonce;     // that the device has drawn for this
    struct hash header_id; // of the header to believe
    uint64_t time_ms;      // the owner's clock: the device may set its own by it
};
void trust_statement_payload(struct hash *out, const struct trust_statement *statement);
// What the device itself knows when it asks for trust.
struct trust_owner {
    struct public_key key;
    struct hash device;
    struct hash nonce;
};
// A header with the set of its epoch, vouched for by the owner; the last one of an epoch hands over
// by light_trust_advance. INVALID when something does not fit
// together, is of another device or answers another nonce; BAD_SIGNATURE.
struct trust_renewal {
    const struct header *header;
    const struct witness_set *set;
    const struct trust_statement *statement;
    const struct signature *signature;
};
enum status light_trust_restore(struct light_trust *trust, const struct trust_renewal *renewal,
                                const struct trust_owner *owner) MUST_CHECK;

enum { TRUST_MAX_BYTES = 1 + 32 + 2 + 32 * LIMIT_WITNESSES + 4 * 8 + 5 * 32 };
void light_trust_encode(struct buf *out, const struct light_trust *trust);
enum status light_trust_decode(struct light_trust *out, struct bytes in) MUST_CHECK;

#endif
