// SPDX-License-Identifier: Apache-2.0
// What prints the golden bytes of docs/protocol.md, block by block: "@@ name", then its lines. What
// is printed comes from the code that the chain runs; scripts/protocol-doc puts it into the text.
#ifndef LMM_TESTS_GOLDEN_H
#define LMM_TESTS_GOLDEN_H

#include "chaincore/base/buf.h"
#include "chaincore/chain/envelope.h"
#include "chaincore/crypto/sign.h"

// Of the seed 00 01 02 …, and a chain's id 80 81 82 ….
extern struct secret_key golden_secret;
extern struct public_key golden_public;
extern struct hash golden_chain_id;
void golden_init(void);

void golden_begin(const char *name);
void golden_hex(const char *label, struct bytes bytes);
void golden_hash(const char *label, const struct hash *hash);
// And empties it.
void golden_buf(const char *label, struct buf *buf);
// Bytes that count up, from a first one that tells which it is.
void golden_fill(void *out, size_t len, uint8_t first);

// For one recipient, with bytes that count up where there would be noise. Borrows from `storage`.
struct envelope golden_envelope_of(struct buf *storage);

// The blocks.
void golden_transactions(void);
void golden_envelope(void);
void golden_codes(void);
void golden_receipts(void);
void golden_certificate(void);
void golden_messages(void);
void golden_params(void);
void golden_proof(void);
void golden_trust(void);
void golden_deposits(void);
void golden_chain(void);
void golden_params_next(void);
void golden_bounds(void);
void golden_host(void);
void golden_snapshot(void);
void golden_frames(void);
void golden_record(void);
void golden_sync(void);
void golden_past(void);

#endif
