// SPDX-License-Identifier: Apache-2.0
// The proof of an event, as it travels: everything that a phone or a page needs to see that a
// contract said something in a final block.
//
//   payload --hash at an offset--> event --branch--> receipt --branch--> header
//   header --history branch--> anchor header
//
// For one who knows nothing but the chain's id, the anchor's backing says why to believe it:
//
//   anchor --certificate--> witness set --hand-overs--> that of genesis --in--> head of genesis
//   head of genesis --hash--> chain id
//
// Whoever believes the anchor already is sent the proof without.
//
// The file that people pass around is {"format":"lmm-proof-2","chain_id":"…","proof":"…"} and a
// line end, compact, in this order, hex in lower case: one text per proof, so that no bit of it may
// change.
#ifndef LMM_CHAIN_PROOF_H
#define LMM_CHAIN_PROOF_H

#include "chaincore/chain/block.h"
#include "chaincore/chain/certificate.h"
#include "chaincore/chain/merkle.h"

enum {
    PROOF_VERSION = 2,
    PROOF_MAX_PAYLOAD = 1 << 20,
    PROOF_MAX_BYTES = 2 << 20,
    PROOF_MAX_HAND_OVERS = 64,
};

// A header by which one who believes a witness set comes to believe another. Sets are the keys, one
// after the other.
struct proof_hand_over {
    struct header header;
    struct bytes certificate; // FINALIZE, by the header's own set
    struct bytes set;         // that set; empty: the one that is believed
    struct bytes next;        // the set of the epoch to come, when it is another; else empty
};
void proof_hand_over_encode(struct buf *out, const struct proof_hand_over *hand_over);
// Slices borrow from the input. MALFORMED for one that leads nowhere.
void proof_hand_over_decode_from(struct decoder *in, struct proof_hand_over *out);

struct event_proof {
    struct header anchor;
    bool has_backing;
    struct {
        struct bytes genesis_head; // its hash is the chain's id, and it names the first witnesses
        uint32_t hand_over_count;  // at most PROOF_MAX_HAND_OVERS
        struct bytes hand_overs;   // encoded, one after the other, the oldest first
        struct bytes certificate;  // FINALIZE, by the witness set of the anchor's epoch
        struct bytes set;          // that set; empty: the one that is believed by then
    } backing;
    bool is_anchor_block; // the event's own header is the anchor: no header and branch follow
    struct header header;
    struct merkle_branch history; // of header's id under the anchor's history_root
    struct receipt receipt;
    struct merkle_branch receipt_branch;
    struct event event; // slices borrow from what was decoded
    struct merkle_branch event_branch;
    // What the event commits to: HASH_USER of these bytes stands in event.data at payload_offset.
    bool has_payload;
    uint32_t payload_offset;
    struct bytes payload;
};

void event_proof_encode(struct buf *out, const struct event_proof *proof);
enum status event_proof_decode(struct event_proof *out, struct bytes in) MUST_CHECK;

// The file around an encoded proof, and back: appends the encoded proof to `proof`. MALFORMED for
// any other text than the one that proof_file_write makes.
void proof_file_write(struct buf *out, const struct hash *chain_id, struct bytes proof);
enum status proof_file_read(struct hash *chain_id, struct buf *proof, struct bytes file) MUST_CHECK;

#endif
