// SPDX-License-Identifier: Apache-2.0
// What a phone, a lock or a browser runs: is this fact true on the chain I trust? No I/O, no
// allocation, no clock. Trust begins with the chain's id, the hash of its genesis, which names the
// witnesses; a header is true when a quorum of them signed FINALIZE over its id in a view that is
// at least its own.
#ifndef LMM_LIGHT_LIGHT_H
#define LMM_LIGHT_LIGHT_H

#include "chaincore/chain/certificate.h"
#include "chaincore/chain/proof.h"
#include "chaincore/chain/state_proof.h"
#include "chaincore/chain/tx.h"
#include "chaincore/light/trust.h"

// Where a check stopped: for the sentence that a person reads.
#define LIGHT_STEP_LIST(X)                                                  \
    X(DONE, "every step holds")                                             \
    X(CHAIN, "the proof is of another chain")                               \
    X(BACKING, "the proof is for one who believes its block already")       \
    X(WITNESSES, "the witness set is not the chain's")                      \
    X(HAND_OVER, "the witnesses did not hand over to those who signed")     \
    X(CERTIFICATE, "the witnesses' signatures do not make the block final") \
    X(HISTORY, "the block is not part of the chain's history")              \
    X(RECEIPT, "the receipt is not in the block")                           \
    X(EVENT, "the event is not in the receipt")                             \
    X(PAYLOAD, "the content is not what the event commits to")              \
    X(TX, "the transaction is not in the block, or not the receipt's")      \
    X(STATE, "the state after the block does not say so")
enum light_step {
#define X(name, text) LIGHT_##name,
    LIGHT_STEP_LIST(X)
#undef X
};
const char *light_step_text(enum light_step step);

// Once after sodium_init, before anything is believed. UNSUPPORTED when the library at hand accepts
// another set of signatures than the chain does: then nothing may be verified. (crypto_init does it
// for whoever calls that.)
enum status light_self_test(void) MUST_CHECK;

// Is `header` final under `set`? INVALID or BAD_SIGNATURE when not.
enum status light_check_header(const struct header *header, struct bytes certificate,
                               const struct witness_set *set) MUST_CHECK;

// The same for a certificate that is decoded already. It must hold no more than the set's keys.
enum status light_check_certified(const struct header *header,
                                  const struct certificate *certificate,
                                  const struct witness_set *set) MUST_CHECK;

// What hangs below the newest header that is believed: an older header of the chain, a value of the
// state after it (or, with value NULL, that there is none); and below any believed header the
// receipts of its block. INVALID when it does not.
enum status light_check_older(const struct light_trust *trust, const struct header *header,
                              const struct merkle_branch *history) MUST_CHECK;
enum status light_check_state(const struct light_trust *trust, struct bytes key,
                              const struct bytes *value, struct bytes proof) MUST_CHECK;
// `out` says what the encoded transaction is, and borrows from it.
enum status light_check_tx(struct tx *out, struct bytes encoded, const struct merkle_branch *branch,
                           const struct header *header) MUST_CHECK;
enum status light_check_receipt(const struct receipt *receipt, const struct merkle_branch *branch,
                                const struct header *header) MUST_CHECK;

// What a checked proof says. Slices borrow from the proof.
struct light_fact {
    const struct event *event; // NULL but of an event
    struct bytes payload;      // empty when the proof has none
    uint64_t height;           // of the block; of an entry, after which the state was so
    uint64_t time_ms;
    struct hash tx_id; // of an event or a transaction; else zeros
    uint64_t anchor_height;
    uint64_t anchor_time_ms;
    uint64_t trusted_ms; // the time of the header whose witnesses were believed before the proof
    uint32_t hand_overs; // from these to those who signed
    uint16_t signers;
    uint16_t witnesses;
};

// From the chain's id, without a clock and without anything else. OK, and then *step is LIGHT_DONE;
// otherwise INVALID or BAD_SIGNATURE with the step that failed.
//
// It says that witnesses whom genesis names, and those they handed over to, have signed. It cannot
// say when: a witness that left, and its stake with it, could sign another past, with any times in
// it, whenever it likes. Within the trusting period of fact.trusted_ms nobody can have left
// (light_is_period_over). Later only one who followed the chain knows better:
// light_check_event_trusted. The same goes for the others.
enum status light_check_event(struct light_fact *out, enum light_step *step,
                              const struct event_proof *proof,
                              const struct hash *chain_id) MUST_CHECK;
// What came of a transaction is in proof->receipt. Where the proof has no transaction, that is all
// it shows: so it is with a timer's run, which nobody signed, and nothing proves that it is one.
enum status light_check_tx_proof(struct light_fact *out, enum light_step *step,
                                 const struct tx_proof *proof,
                                 const struct hash *chain_id) MUST_CHECK;
// That the state after the block holds the value under the key, or, without a value, nothing.
enum status light_check_entry(struct light_fact *out, enum light_step *step,
                              const struct entry_proof *proof,
                              const struct hash *chain_id) MUST_CHECK;
// That the block of proof->ground.header is the chain's, and final.
enum status light_check_block(struct light_fact *out, enum light_step *step,
                              const struct block_proof *proof,
                              const struct hash *chain_id) MUST_CHECK;

// Goes by a proof's backing to its anchor, as far as it leads beyond what is believed. As
// light_trust_advance, but OK for what is no newer; *step is where it stopped. The trust is as the
// last good step has left it.
enum status light_trust_follow(struct light_trust *trust, enum light_step *step,
                               const struct proof_ground *ground, uint64_t now_ms) MUST_CHECK;
// For one who follows the chain: the anchor is the newest header that is believed; or, with
// `history`, an older one, whose branch that is. The backing is not looked at, and `signers` stays
// 0.
enum status light_check_event_trusted(struct light_fact *out, enum light_step *step,
                                      const struct event_proof *proof,
                                      const struct light_trust *trust,
                                      const struct merkle_branch *history) MUST_CHECK;
enum status light_check_tx_proof_trusted(struct light_fact *out, enum light_step *step,
                                         const struct tx_proof *proof,
                                         const struct light_trust *trust,
                                         const struct merkle_branch *history) MUST_CHECK;
enum status light_check_entry_trusted(struct light_fact *out, enum light_step *step,
                                      const struct entry_proof *proof,
                                      const struct light_trust *trust,
                                      const struct merkle_branch *history) MUST_CHECK;
enum status light_check_block_trusted(struct light_fact *out, enum light_step *step,
                                      const struct block_proof *proof,
                                      const struct light_trust *trust,
                                      const struct merkle_branch *history) MUST_CHECK;

#endif
