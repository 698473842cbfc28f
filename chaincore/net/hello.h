// SPDX-License-Identifier: Apache-2.0
// What each side says first inside the sealed channel: who it is, proven by its node's key over all
// that this handshake said. Source: design, Network.
#ifndef LMM_NET_HELLO_H
#define LMM_NET_HELLO_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/noise.h"
#include "chaincore/crypto/sign.h"

enum {
    NET_VERSION = 1, // of what peers say to each other; a node talks to equals alone
    HELLO_BYTES = 2 + 8 + 8 + 2 + 32 + 64,
};

// What a peer has and gives.
enum hello_feature {
    HELLO_HAS_ALL_BODIES = 1 << 0, // blocks from the first on
    HELLO_GIVES_SNAPSHOTS = 1 << 1,
    HELLO_SIGNS = 1 << 2,         // it holds a witness's key, or guards one that does
    HELLO_TAKES_NEWS = 1 << 3,    // frames of news.h
    HELLO_TAKES_RECORDS = 1 << 4, // where witnesses are (node/witness_record.h)
    HELLO_TAKES_IDS = 1 << 5,     // of transactions (node/replica_kinds.h); else they come whole
};

struct hello {
    uint16_t version;
    uint64_t features;     // unknown ones are passed over
    uint64_t final_height; // as of now; unproven
    uint16_t listen_port;  // where the same host takes connections; 0: it does not
    struct public_key node;
};

// The handshake that it is bound to, as the sender sees it.
struct hello_binding {
    const struct hash *chain_id;
    const uint8_t *handshake_hash; // NOISE_HASH_BYTES
    enum noise_role sender;
};

void hello_write(struct buf *out, const struct hello *hello, const struct hello_binding *binding,
                 const struct secret_key *node_key);
// TRUNCATED, TRAILING; UNSUPPORTED: another version; BAD_SIGNATURE: not this node, or another
// handshake.
enum status hello_read(struct hello *out, struct bytes in,
                       const struct hello_binding *binding) MUST_CHECK;

#endif
