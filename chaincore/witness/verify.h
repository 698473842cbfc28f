// SPDX-License-Identifier: Apache-2.0
// Stands before the state machine, which takes what it is fed for true: whether a message carries
// the signatures that it has to. Many messages are verified in one go, eight signatures at a time
// where the processor can (crypto/sign.h).
//
// What has been verified is remembered: a certificate is made of votes that mostly have come
// before, and then costs comparisons only. What is remembered is compared whole, so that it is
// nothing but faster.
#ifndef LMM_WITNESS_VERIFY_H
#define LMM_WITNESS_VERIFY_H

#include "chaincore/consensus/schedule.h"
#include "chaincore/witness/message.h"

// Who agrees in an epoch, and whose turn it is.
struct committee {
    uint64_t epoch;
    struct hash set_hash;
    struct witness_set set;
    struct schedule schedule;
};
// By the epoch's rules; INVALID when the set is not the one that they name, or not sound.
enum status committee_init(struct committee *out, const struct consensus_epoch *epoch,
                           const struct witness_set *set) MUST_CHECK;

struct verifier;
size_t verifier_bytes(void);
// In zeroed memory of that size, aligned for anything: it is large, and little of it touched by few
// witnesses. The chain's id is copied.
struct verifier *verifier_init(void *memory, const struct hash *chain_id);

struct verify_item {
    const struct wire_message *message;
    bool is_valid;  // set
    bool is_forged; // set: a signature of it does not verify, or there are too few, or of nobody:
                    // whoever passed it on could know
};
// FETCH, AHEAD and BLOCK prove themselves or nothing: they are valid as they are. Of another epoch
// than the committee's, whatever has to be signed is not.
void verify_messages(struct verifier *verifier, const struct committee *committee,
                     struct verify_item *items, size_t count);
// Signatures that were computed, and that were remembered, since the start.
struct verify_counts {
    uint64_t computed;
    uint64_t remembered;
    uint64_t useless; // messages that could change nothing, so that none of theirs was looked at
};
void verify_count(const struct verifier *verifier, struct verify_counts *out);

#endif
