// SPDX-License-Identifier: Apache-2.0
// What witnesses say to one another, as bytes: a tag, then the fields in Borsh. One message, one
// encoding. Nothing is verified here (witness/verify.h); what is decoded keeps to every bound.
//
//   0 PROPOSE      epoch, view, signature, block
//   1 NOTARIZE     epoch, view, block id, count u8, witness and signature of each
//   2 NULLIFY      epoch, view, count u8, witness and signature of each
//   3 FINALIZE     as NOTARIZE
//   4 CERTIFICATE  epoch, kind (1 to 3), block id (not of NULLIFY), the set's size, certificate
//   5 FETCH        epoch, view, final height, certificates from, option of a block id
//   6 AHEAD        epoch, height
//   7 BLOCK        block
//
// A block travels as its header and its body, which is not looked into: the execution does that. A
// group's votes travel together: 1,700 bytes of 25 witnesses, where 25 messages would be 2,900.
#ifndef LMM_WITNESS_MESSAGE_H
#define LMM_WITNESS_MESSAGE_H

#include "chaincore/consensus/consensus.h"

enum wire_kind {
    WIRE_PROPOSE,
    WIRE_NOTARIZE,
    WIRE_NULLIFY,
    WIRE_FINALIZE,
    WIRE_CERTIFICATE,
    WIRE_FETCH,
    WIRE_AHEAD,
    WIRE_BLOCK,
    WIRE_KINDS
};

enum { WIRE_MAX_BYTES = 1 + 8 + 8 + 64 + HEADER_MAX_BYTES + 4 + LIMIT_BODY_BYTES };

// A decoded message. Points into itself, so it stays where it was decoded, and into the bytes it
// was decoded from.
struct wire_message {
    enum wire_kind kind;
    struct consensus_message message; // not of BLOCK; a proposal's id is computed from its header
    struct header header;             // of PROPOSE and BLOCK
    struct bytes body;                // the same
    uint16_t witness_count;           // of CERTIFICATE: the set's, as the sender has it
    union {
        struct certificate certificate;
        struct vote_signer signers[LIMIT_WITNESSES]; // of votes
    };
};

// What goes with a message: a proposal's body, and a certificate's number of witnesses.
struct wire_company {
    struct bytes body;
    uint16_t witness_count;
};
void wire_encode(struct buf *out, const struct consensus_message *message,
                 const struct wire_company *company);
void wire_encode_block(struct buf *out, const struct header *header, struct bytes body);
enum status wire_decode(struct wire_message *out, struct bytes in) MUST_CHECK;

// The parts of it that stand in the vote log too.
void wire_encode_votes(struct buf *out, const struct signed_votes *votes);
// The signers go to `signers`, to which `out` then points.
void wire_decode_votes(struct decoder *in, struct signed_votes *out,
                       struct vote_signer signers[LIMIT_WITNESSES]);
void wire_encode_sealed(struct buf *out, const struct sealed *sealed, uint16_t witness_count);
// The certificate goes to `certificate`, to which `out` then points; returns the set's size.
uint16_t wire_decode_sealed(struct decoder *in, struct sealed *out,
                            struct certificate *certificate);

#endif
