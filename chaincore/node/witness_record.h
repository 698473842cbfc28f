// SPDX-License-Identifier: Apache-2.0
// Where a witness's node is to be found, as it says itself: signed, so that anybody may pass it on.
// The key of consensus certifies the node's key, as in REPLICA_KEYS (node/replica_kinds.h), and
// signs nothing else: who holds the node's key alone says where the node is, and no more. It
// replaces what the key's node has said before by its time. Source: docs/adr/048.
#ifndef LMM_NODE_WITNESS_RECORD_H
#define LMM_NODE_WITNESS_RECORD_H

#include "chaincore/crypto/sign.h"
#include "chaincore/net/endpoint.h"

struct witness_record {
    struct public_key key;  // of consensus
    struct public_key node; // of its node
    struct endpoint endpoint;
    uint64_t time_ms;                // when it was made, by the node's wall clock
    struct signature certified;      // the node's key, by the key of consensus
    struct signature signed_by_node; // all of the above
};

enum { WITNESS_RECORD_BYTES = 32 + 32 + ENDPOINT_BYTES + 8 + 64 + 64 };

// What a key of consensus signs of its node, under SIGN_NODE_KEY.
void node_key_hash(struct hash *out, const struct public_key *node);

void witness_record_encode(struct buf *out, const struct witness_record *record);
// MALFORMED: no port.
void witness_record_decode(struct decoder *in, struct witness_record *out);
// Fills in the keys and the signatures; the rest is there.
void witness_record_sign(struct witness_record *record, const struct secret_key *key,
                         const struct secret_key *node, const struct hash *chain_id);
// Whether both signatures of each are good: false where any is not.
bool witness_records_verify(const struct witness_record *records, size_t count,
                            const struct hash *chain_id);

#endif
