// SPDX-License-Identifier: Apache-2.0
// Proofs as they travel: everything that a phone or a page needs to see that something is true on
// the chain. There is one of an event, one of a transaction with what came of it, one of an entry
// of the state, or of its absence, and one of a block. They stand on the same ground:
//
//   header --history branch--> anchor header
//
// For one who knows nothing but the chain's id, the anchor's backing says why to believe it:
//
//   anchor --certificate--> witness set --hand-overs--> that of genesis --in--> head of genesis
//   head of genesis --hash--> chain id
//
// Whoever believes the anchor already is sent the proof without. Slices borrow from what was
// decoded.
#ifndef LMM_CHAIN_PROOF_H
#define LMM_CHAIN_PROOF_H

#include "chaincore/chain/block.h"
#include "chaincore/chain/certificate.h"
#include "chaincore/chain/merkle.h"

// The first byte of a proof, and the number in the name of its file's format. Whoever changes a
// form takes the next number for it, so that no number ever means two things.
enum proof_form {
    PROOF_OF_EVENT = 2,
    PROOF_OF_TX = 3,
    PROOF_OF_ENTRY = 4,
    PROOF_OF_BLOCK = 5,
    PROOF_FORMS_END,
};
enum {
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

struct proof_ground {
    struct header anchor;
    bool has_backing;
    struct {
        struct bytes genesis_head; // its hash is the chain's id, and it names the first witnesses
        uint32_t hand_over_count;  // at most PROOF_MAX_HAND_OVERS
        struct bytes hand_overs;   // encoded, one after the other, the oldest first
        struct bytes certificate;  // FINALIZE, by the witness set of the anchor's epoch
        struct bytes set;          // that set; empty: the one that is believed by then
    } backing;
    bool is_anchor_block;         // the header is the anchor: no header and branch follow
    struct header header;         // of the block that the rest hangs below
    struct merkle_branch history; // of header's id under the anchor's history_root
};

//   payload --hash at an offset--> event --branch--> receipt --branch--> header
struct event_proof {
    struct proof_ground ground;
    struct receipt receipt;
    struct merkle_branch receipt_branch;
    struct event event;
    struct merkle_branch event_branch;
    // What the event commits to: HASH_USER of these bytes stands in event.data at payload_offset.
    bool has_payload;
    uint32_t payload_offset;
    struct bytes payload;
};
void event_proof_encode(struct buf *out, const struct event_proof *proof);
enum status event_proof_decode(struct event_proof *out, struct bytes in) MUST_CHECK;

//   transaction --branch--> header, receipt --branch--> header
struct tx_proof {
    struct proof_ground ground;
    // The two parts of its encoding, what was signed and the signatures. Without them the proof
    // shows the receipt alone; so does that of a timer's run, which nobody signed.
    bool has_tx;
    struct bytes body;
    struct bytes signatures;
    struct merkle_branch tx_branch;
    struct receipt receipt;
    struct merkle_branch receipt_branch;
};
void tx_proof_encode(struct buf *out, const struct tx_proof *proof);
enum status tx_proof_decode(struct tx_proof *out, struct bytes in) MUST_CHECK;

//   value under a key, or none --branch--> header
struct entry_proof {
    struct proof_ground ground; // the state is that after the header's block
    struct bytes key;           // chain/state_key.h
    bool has_value;
    struct bytes value;
    struct bytes branch; // chain/state_proof.h
};
void entry_proof_encode(struct buf *out, const struct entry_proof *proof);
enum status entry_proof_decode(struct entry_proof *out, struct bytes in) MUST_CHECK;

// The header, and nothing below it.
struct block_proof {
    struct proof_ground ground;
};
void block_proof_encode(struct buf *out, const struct block_proof *proof);
enum status block_proof_decode(struct block_proof *out, struct bytes in) MUST_CHECK;

// What the first byte says it is. UNSUPPORTED for what is none of them.
enum status proof_form_of(enum proof_form *out, struct bytes proof) MUST_CHECK;

// The file that people pass around is {"format":"lmm-proof-N","chain_id":"…","proof":"…"} and a
// line end, compact, in this order, hex in lower case, N the proof's form: one text per proof, so
// that no bit of it may change.
void proof_file_write(struct buf *out, const struct hash *chain_id, struct bytes proof);
// Appends the encoded proof to `proof`. MALFORMED for any other text than the one that
// proof_file_write makes.
enum status proof_file_read(struct hash *chain_id, struct buf *proof, struct bytes file) MUST_CHECK;

#endif
