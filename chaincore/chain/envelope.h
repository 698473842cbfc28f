// SPDX-License-Identifier: Apache-2.0
// What a transaction's `data` action carries: content that its recipients alone can read, in a row
// of its sender's own. Each envelope names the hash of the one before, so that a row has no gap and
// no second end. Of all this the state keeps {seq, head} of each sender; that an envelope was there
// is proven by its block's tx_root.
//
// The content is encrypted under a random key (XChaCha20-Poly1305), which lies in a sealed box for
// each recipient, beside the version of that account's enc_key it was closed for. The tag covers
// the chain's id, the sender and the envelope's id, so that nobody can pass it off as another's.
#ifndef LMM_CHAIN_ENVELOPE_H
#define LMM_CHAIN_ENVELOPE_H

#include "chaincore/base/codec.h"
#include "chaincore/base/limits.h"
#include "chaincore/chain/account_id.h"
#include "chaincore/crypto/hash.h"
#include "chaincore/crypto/seal.h"

// How long every node keeps the body, in block time; archives keep it for good.
enum envelope_retention {
    ENVELOPE_30_DAYS = 0,
    ENVELOPE_1_YEAR = 1,
    ENVELOPE_10_YEARS = 2,
    ENVELOPE_FOR_EVER = 3,
    ENVELOPE_RETENTIONS
};

enum {
    ENVELOPE_WRAPPED_BYTES = 32 + SEAL_BOX_EXTRA_BYTES,
    ENVELOPE_RECIPIENT_BYTES = 32 + 4 + ENVELOPE_WRAPPED_BYTES,
};

struct envelope {
    uint64_t seq;         // from 1 on
    struct hash previous; // envelope_hash of the one before; zero in the first
    enum envelope_retention retention;
    uint32_t recipient_count; // 1 to LIMIT_ENVELOPE_RECIPIENTS
    struct bytes recipients;  // {account id, key version u32, wrapped key} each, ids ascending
    struct seal_nonce nonce;
    struct bytes ciphertext; // with its tag
};

struct envelope_recipient {
    struct account_id id;
    uint32_t key_version; // from 1 on
    struct bytes wrapped;
};
// Borrowed from the envelope. `index` is below recipient_count.
void envelope_recipient(struct envelope_recipient *out, const struct envelope *envelope,
                        uint32_t index);

void envelope_encode(struct buf *out, const struct envelope *envelope);
// Slices borrow from the input. MALFORMED for recipients that do not ascend, none, a key version or
// seq of 0, or a ciphertext without room for its tag.
void envelope_decode_from(struct decoder *in, struct envelope *out);
// What the next one names as `previous`.
void envelope_hash(struct hash *out, const struct envelope *envelope);

uint64_t envelope_kept_until_ms(enum envelope_retention retention, uint64_t block_time_ms);

// Who sends on which chain, and where in the sender's row.
struct envelope_place {
    struct hash chain_id;
    struct account_id sender;
    uint64_t seq;
    struct hash previous;
};
// Follows from chain, sender, seq and previous: what the tag covers.
void envelope_id(struct hash *out, const struct envelope_place *place);

struct envelope_key {
    struct account_id id;
    uint32_t version;
    struct enc_public_key key;
};
struct envelope_plain {
    enum envelope_retention retention;
    uint32_t recipient_count;
    const struct envelope_key *recipients; // ids ascending
    struct bytes content;
};
// `out` borrows from `storage`, which the caller clears. INVALID for recipients that do not ascend
// or a key of small order; TOO_LARGE.
enum status envelope_seal(struct envelope *out, struct buf *storage,
                          const struct envelope_place *place,
                          const struct envelope_plain *plain) MUST_CHECK;
// Appends the content. NOT_FOUND when the account is no recipient; UNAUTHORIZED when the key is
// another one, or something was changed. Which key version it needs is said by
// envelope_recipient.
struct envelope_reader {
    struct account_id id;
    struct enc_secret_key key;
};
enum status envelope_open(struct buf *out, const struct envelope *envelope,
                          const struct envelope_place *place,
                          const struct envelope_reader *reader) MUST_CHECK;

#endif
