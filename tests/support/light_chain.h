// SPDX-License-Identifier: Apache-2.0
// A chain of headers whose witnesses change from epoch to epoch, made with keys that the test
// holds; so they can also be made to lie. Every block holds the same transaction with the same
// event, and leaves the same state of two entries.
#ifndef LMM_TESTS_LIGHT_CHAIN_H
#define LMM_TESTS_LIGHT_CHAIN_H

#include "chaincore/chain/genesis.h"
#include "chaincore/chain/proof_path.h"

enum { LIGHT_CHAIN_OFFSET = 3 }; // of the payload's hash in the event's data
static const uint64_t LIGHT_CHAIN_BEGIN_MS = UINT64_C(1700000000000);

struct light_chain_plan {
    uint64_t begin_ms; // 0: LIGHT_CHAIN_BEGIN_MS
    uint64_t epochs;
    uint64_t epoch_blocks;
    uint64_t interval_ms; // from block to block
    uint16_t witnesses;
    uint16_t change; // keys that leave with each epoch, the oldest first; as many come
};

struct light_chain {
    struct light_chain_plan plan;
    struct secret_key *secrets; // of all who ever serve
    struct witness_set *sets;   // of each epoch, and of the one behind the last
    uint64_t count;
    struct header *headers;
    struct hash *ids;
    struct buf genesis, genesis_head;
    struct hash chain_id;
    uint8_t data[LIGHT_CHAIN_OFFSET + 32];
    struct event event;
    struct receipt receipt;
    struct hash receipt_leaf;
    struct buf tx; // encoded
    size_t tx_body_len;
    struct hash tx_leaf;
    uint8_t keys[2][8]; // of the state; the path of the first begins with 0, of the second with 1
    struct hash state_leaves[2];
    uint64_t fails_at; // reading the boundary of this epoch fails; 0: none does
};

void light_chain_make(struct light_chain *out, const struct light_chain_plan *plan);
void light_chain_clear(struct light_chain *chain);
struct bytes light_chain_payload(void);

// A header of its own, whose fields may be changed before it is certified.
const struct header *light_chain_header(const struct light_chain *chain, uint64_t height);
// A vote kind and view of one's own: for certificates that are none.
struct light_chain_vote {
    enum vote_kind kind;
    uint64_t view;
    unsigned signers; // a bit for each witness
};
// FINALIZE by the first quorum of the epoch's set.
struct light_chain_vote light_chain_vote(const struct light_chain *chain,
                                         const struct header *header);
// Replaces the content.
void light_chain_certify(const struct light_chain *chain, struct buf *out,
                         const struct header *header, const struct light_chain_vote *vote);

struct proof_source light_chain_source(struct light_chain *chain);

// A proof, and the memory that it borrows from.
struct light_chain_proof {
    struct event_proof proof;
    struct buf certificate;
    struct proof_path path;
};
// The event of one block under a later one, or under its own. How making the path ended; without it
// the proof has no hand-overs.
enum status light_chain_prove(struct light_chain_proof *out, struct light_chain *chain,
                              uint64_t height, uint64_t anchor) MUST_CHECK;
// The other forms, on the ground of such a proof, from which they borrow. Of the state it is the
// first entry, or that there is none under a third key.
void light_chain_prove_tx(struct tx_proof *out, const struct light_chain *chain,
                          const struct proof_ground *ground);
void light_chain_prove_entry(struct entry_proof *out, const struct light_chain *chain,
                             const struct proof_ground *ground, struct buf *branch, bool is_absent);
void light_chain_proof_clear(struct light_chain_proof *proof);

#endif
