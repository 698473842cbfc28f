// SPDX-License-Identifier: Apache-2.0
// The other side of a lock's protocol: what a phone does, over whatever carries its messages. No
// I/O of its own, no clock.
#ifndef LMM_SHARING_LOCK_PHONE_H
#define LMM_SHARING_LOCK_PHONE_H

#include "apps/sharing/lock/access_log.h"
#include "apps/sharing/lock/message.h"

// What a phone carries: grant and policy as they stand in the state below one header, and the
// witnesses' signatures under that. Whoever runs a node gives it (GET /v1/bookings/{id}/grant); the
// lock trusts nobody.
struct phone_change {     // of witnesses
    struct header header; // the last of an epoch
    struct bytes certificate;
    struct bytes next; // the keys of those who serve from then on
};
struct grant_proof {
    struct header header;
    struct bytes certificate;
    struct bytes witnesses; // the keys of those who signed it
    size_t change_count;    // for a lock that slept over them: of the last days, the oldest first
    const struct phone_change *changes;
    struct grant grant;
    struct bytes grant_branch;
    bool has_policy; // none when the lock is bound no more, which the branch then shows
    struct policy policy;
    struct bytes policy_branch;
};

struct phone {
    void *context;
    // Sends a message and waits for the answer, whose content it replaces.
    enum status (*ask)(void *context, struct bytes message, struct buf *answer);
    struct buf message, answer;
    enum lock_code code; // why the lock refused last
};
void phone_clear(struct phone *phone);

// Each: OK; INVALID when the lock refuses, and then phone->code says why; how `ask` failed; or how
// the answer does not decode.
enum status phone_greet(struct phone *phone, struct lock_greeting *out) MUST_CHECK;
enum status phone_report(struct phone *phone, struct lock_report *out) MUST_CHECK;
enum status phone_receipt(struct phone *phone, struct lock_receipt *out,
                          const struct lock_receipt_wish *wish) MUST_CHECK;
// The proof's header, unless it is the one that the lock knows; then the policy, or that there is
// none. Before each start,
// in the same visit. UNAUTHORIZED when it is not the lock, or not the chain, of the grant.
enum status phone_introduce(struct phone *phone, const struct grant_proof *proof) MUST_CHECK;

struct phone_signer {
    struct secret_key key;
    uint64_t now_ms;   // by the phone's own clock
    uint64_t drift_ms; // by how much the lock's may differ; UINT64_MAX: as it likes
};
// A command by the grant, signed with the renter's key. What has started needs no proof: of that
// the lock is only told how long the grant is by now, and whether it believes it makes no
// difference here. Nothing is signed when it is not the lock, or not the chain, of the grant:
// UNAUTHORIZED; nor when the lock's clock is not the phone's: CONFLICT. BAD_SIGNATURE when the lock
// has not co-signed. `receipt` is what the contract wants to see.
enum status phone_use(struct phone *phone, struct lock_used *out, struct lock_receipt *receipt,
                      const struct grant_proof *proof, enum challenge_command command,
                      const struct phone_signer *signer) MUST_CHECK;

// The owner's. The log's entries borrow from the answer; BAD_SIGNATURE when the log is not the
// lock's, or goes not on from `link`, the last that is known of the entries before `from` (all
// zeros when that is 0; without knows_link it is believed): then it was changed. `link` becomes the
// last.
struct phone_log {
    uint64_t from;
    bool knows_link;
    struct hash *link;
};
enum status phone_log(struct phone *phone, struct lock_log_part *out, const struct phone_log *log,
                      const struct phone_signer *signer) MUST_CHECK;
enum status phone_bind(struct phone *phone, struct lock_binding *binding, struct signature *out,
                       const struct phone_signer *signer) MUST_CHECK;
// The booking, which was not returned, is in use no more.
enum status phone_clear_use(struct phone *phone, uint64_t booking,
                            const struct phone_signer *signer) MUST_CHECK;
// The owner's word for the header of a proof and for the time.
enum status phone_vouch(struct phone *phone, const struct grant_proof *proof, struct bytes set,
                        const struct phone_signer *signer) MUST_CHECK;

#endif
