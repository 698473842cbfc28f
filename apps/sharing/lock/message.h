// SPDX-License-Identifier: Apache-2.0
// What a phone and a lock say to each other (docs/lock.md): Borsh behind a byte for the kind. An
// answer's kind is the question's with the highest bit set; a refusal has a kind of its own.
// Written and read here for both sides. Reading borrows from the input; writing appends.
#ifndef LMM_SHARING_LOCK_MESSAGE_H
#define LMM_SHARING_LOCK_MESSAGE_H

#include "apps/sharing/contract/challenge.h"
#include "apps/sharing/lock/code.h"
#include "apps/sharing/lock/limits.h"
#include "chaincore/chain/header.h"
#include "chaincore/crypto/sign.h"

enum lock_kind {
    LOCK_ASK_CHALLENGE = 1, // -> lock_greeting
    LOCK_ASK_HEADER = 2,    // lock_news -> lock_belief
    LOCK_ASK_POLICY = 3,    // lock_shown_policy -> struct policy
    LOCK_ASK_START = 4,     // lock_use -> lock_used
    LOCK_ASK_TRUST = 5,     // lock_vouching -> lock_belief
    LOCK_ASK_STATUS = 6,    // -> lock_report
    LOCK_ASK_LOG = 7,       // lock_wish -> lock_log_part
    LOCK_ASK_BINDING = 8,   // lock_wish -> signature over lock_binding, whose counter is the wish's
    LOCK_ASK_RECEIPT = 9,   // lock_receipt_wish -> lock_receipt
    LOCK_ASK_GO_ON = 10,    // lock_wish, to open or return what is in use -> lock_used
    LOCK_ASK_EXTEND = 11,   // lock_shown_grant, of what is in use -> until when, u64
    LOCK_ASK_CLEAR = 12,    // lock_wish -> the access log's entry, u64
    LOCK_ASK_UNBOUND = 13,  // the branch that shows that no policy stands -> policy epoch, u64
    LOCK_ANSWER = 0x80,
    LOCK_REFUSAL = 0xff, // the kind of what is refused u8, code u16
};

// What an owner signs a challenge for; the renter's commands stand in challenge.h.
enum lock_owner_command {
    LOCK_READ_LOG = 4, // `booking` is the first entry wanted; what is before it may go
    LOCK_BIND = 5,     // `booking` is the asset that the lock is to belong to
    LOCK_CLEAR = 6,    // `booking` is in use, and is to be so no more
};

enum lock_flag {
    LOCK_FLAG_CLOCK = 1,  // it knows the time
    LOCK_FLAG_BOUND = 2,  // it knows what it belongs to
    LOCK_FLAG_IN_USE = 4, // started, and not returned
    LOCK_FLAG_OPEN = 8,
};

// A nonce for one challenge, and what the lock believes: with that the phone knows what to show.
struct lock_greeting {
    struct hash chain_id;
    struct public_key lock;
    struct hash nonce;
    uint64_t counter;
    uint64_t header_height;
    uint64_t header_time_ms;
    struct hash header_id;
    uint64_t epoch;
    uint64_t clock_ms; // for the challenge; never before the header's time
    uint8_t flags;     // of enum lock_flag
};
void lock_greeting_encode(struct buf *out, const struct lock_greeting *greeting);
void lock_greeting_decode_from(struct decoder *in, struct lock_greeting *out);

// The header that this phone's proofs hang below. Newer than what the lock knows, it is believed
// from now on: struct trust_step of chaincore/light. Older, it counts for this visit alone.
struct lock_news {
    struct header header;
    struct bytes certificate; // empty with the header that is known, for its `next`
    struct bytes set;  // keys; empty: the set that is believed. Of an older header, the set before
    struct bytes next; // likewise
};
void lock_news_encode(struct buf *out, const struct lock_news *news);
void lock_news_decode_from(struct decoder *in, struct lock_news *out);

struct lock_belief {
    uint64_t height;
    uint64_t time_ms; // of the header
    struct hash header_id;
};
void lock_belief_encode(struct buf *out, const struct lock_belief *belief);
void lock_belief_decode_from(struct decoder *in, struct lock_belief *out);

// Below the header that was shown last in this visit, else the newest that the lock knows.
struct lock_shown_policy {
    struct policy policy;
    struct bytes branch;
};
void lock_shown_policy_encode(struct buf *out, const struct lock_shown_policy *shown);
void lock_shown_policy_decode_from(struct decoder *in, struct lock_shown_policy *out);

// Likewise: that the lock belongs to nothing there is proven by the branch alone, which goes as
// bytes.

struct lock_shown_grant {
    struct grant grant;
    struct bytes branch;
};
void lock_shown_grant_encode(struct buf *out, const struct lock_shown_grant *shown);
void lock_shown_grant_decode_from(struct decoder *in, struct lock_shown_grant *out);

struct lock_use {
    struct challenge challenge; // of CHALLENGE_START
    struct public_key signer;
    struct signature signature;
    struct grant grant;
    struct bytes branch;
};
void lock_use_encode(struct buf *out, const struct lock_use *use);
void lock_use_decode_from(struct decoder *in, struct lock_use *out);

struct lock_used {
    struct signature signature; // the lock's; zeros after CHALLENGE_OPEN
    uint64_t time_ms;           // the lock's clock
    uint64_t entry;             // of the access log
    bool is_open;
};
void lock_used_encode(struct buf *out, const struct lock_used *used);
void lock_used_decode_from(struct decoder *in, struct lock_used *out);

// The owner's word for a header, and for the time: struct trust_statement of chaincore/light, whose
// device is the lock's key and whose nonce is that of the greeting.
struct lock_vouching {
    struct hash nonce;
    uint64_t time_ms;
    struct header header;
    struct bytes set;
    struct signature signature;
};
void lock_vouching_encode(struct buf *out, const struct lock_vouching *vouching);
void lock_vouching_decode_from(struct decoder *in, struct lock_vouching *out);

struct lock_report {
    struct public_key lock;
    uint8_t owner[32]; // an account
    uint8_t flags;     // of enum lock_flag
    uint8_t battery;   // per cent
    uint64_t asset;    // when bound
    uint64_t booking;  // in use
    uint64_t policy_epoch;
    uint64_t header_height;
    uint64_t header_time_ms;
    uint64_t clock_ms; // as far as it knows
    uint64_t counter;
    uint64_t log_first; // entries that are there: from this one
    uint64_t log_next;  // to before this one
    uint64_t log_lost;  // that nobody has carried away before they had to go
};
void lock_report_encode(struct buf *out, const struct lock_report *report);
void lock_report_decode_from(struct decoder *in, struct lock_report *out);

struct lock_wish {
    struct challenge challenge;
    struct signature signature; // the owner's; to go on, the renter's
};
void lock_wish_encode(struct buf *out, const struct lock_wish *wish);
void lock_wish_decode_from(struct decoder *in, struct lock_wish *out);

struct lock_log_part {
    uint64_t first;             // index of the first entry
    struct hash before;         // the link that it goes on from
    struct bytes entries;       // struct lock_entry, one after the other (access_log.h)
    struct signature signature; // over the last link, under `lock-log`
};
void lock_log_part_encode(struct buf *out, const struct lock_log_part *part);
void lock_log_part_decode_from(struct decoder *in, struct lock_log_part *out);

// A start or a return of one of the last bookings, for the phone that did not hear the answer.
// Whoever has it may bring it to the chain.
struct lock_receipt_wish {
    uint8_t command;  // CHALLENGE_START or CHALLENGE_RETURN; 0: the last of either
    uint64_t booking; // 0: whichever was last
};
void lock_receipt_wish_encode(struct buf *out, const struct lock_receipt_wish *wish);
void lock_receipt_wish_decode_from(struct decoder *in, struct lock_receipt_wish *out);
struct lock_receipt {
    struct challenge challenge;
    struct public_key signer;
    struct signature signature;
    struct signature lock_signature;
};
void lock_receipt_encode(struct buf *out, const struct lock_receipt *receipt);
void lock_receipt_decode_from(struct decoder *in, struct lock_receipt *out);

void lock_refusal_encode(struct buf *out, uint8_t kind, enum lock_code code);

// As they are signed and stored (challenge.h).
void lock_challenge_encode(struct buf *out, const struct challenge *challenge);
void lock_grant_encode(struct buf *out, const struct grant *grant);
void lock_policy_encode(struct buf *out, const struct policy *policy);
void lock_challenge_decode_from(struct decoder *in, struct challenge *out);
void lock_policy_decode_from(struct decoder *in, struct policy *out);
void lock_grant_decode_from(struct decoder *in, struct grant *out);
// What renter and lock sign, and what a lock signs that is bound.
void lock_challenge_hash(struct hash *out, const struct challenge *challenge);
void lock_binding_hash(struct hash *out, const struct lock_binding *binding);

#endif
